//! The form in which two spellings of one value meet, on the side of the register, of a sheet and of a search alike.
//!
//! It is computed whenever it is needed and stands nowhere: not on the log, not in the vault, on no page. So Unicode's
//! tables may be used here, and a later table changes nothing that was signed.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;

use super::field::Field;
use super::{id_number, phone};

/// The form in which two values of `field` count as the same when looking somebody up. Applying it twice changes nothing.
///
/// - Name: case, width, dots, hyphens, brackets, apostrophes, spaces and the way of encoding a character do not matter.
/// - Phone: as [`super::canonical`], and numbers of other countries with `+`, whether or not it was written.
/// - Volunteer number: capitals and digits, whatever groups them.
/// - ID number: 15 digits become the 18 characters that the same person has today (GB 11643-1999: century 19, then the
///   check character).
///
/// Everything else stays.
#[must_use]
pub fn matching_form(field: Field, value: &str) -> String {
    match field {
        Field::IdNumber if value.len() == 15 && value.bytes().all(|b| b.is_ascii_digit()) => {
            let mut long = format!("{}19{}", &value[..6], &value[6..]);
            let check = id_number::check_character(long.as_bytes());
            long.push(check);
            long
        }
        Field::Name => or_itself(value, folded(value)),
        Field::Phone => phone::matching_form(value),
        Field::VolunteerNumber => {
            or_itself(value, folded(value).chars().flat_map(char::to_uppercase).collect())
        }
        _ => value.to_owned(),
    }
}

/// What consists of signs alone is told apart by them.
fn or_itself(value: &str, form: String) -> String {
    if form.is_empty() { value.split_whitespace().collect() } else { form }
}

/// Letters, digits and their marks, in one case and one encoding.
fn folded(value: &str) -> String {
    let composed = ComposingNormalizerBorrowed::new_nfkc();
    // Before normalising, since it takes a spacing accent apart into a space and an accent for the letter before it.
    let letters: String = value.chars().filter(|c| tells_apart(*c)).map(unified).collect();
    let capitals = composed.normalize(&letters).chars().flat_map(char::to_uppercase).collect::<String>();
    let small: String = capitals.chars().flat_map(char::to_lowercase).collect();
    composed.normalize(&small).chars().filter(|c| tells_apart(*c)).map(unified).collect()
}

/// Whether a character is part of a name rather than a sign in or around it.
fn tells_apart(c: char) -> bool {
    // Letters by category, but apostrophes or nothing at all to the eye.
    let sign = matches!(c, '\u{2b9}'..='\u{2bf}' | '\u{2c8}'..='\u{2cb}' | '\u{2ee}' | '\u{a78b}' | '\u{a78c}'
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
    let private = matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}');
    let radical = matches!(c, '\u{2e80}'..='\u{2fdf}');
    !sign && (c.is_alphanumeric() || private || radical || is_mark(c))
}

fn is_mark(c: char) -> bool {
    // The joiner of graphemes is a mark that shows nothing.
    c != '\u{34f}' && CanonicalCombiningClassMapBorrowed::new().get_u8(c) != 0
}

/// GBK's characters that Unicode did not have at first, as they stand in the private area from U+E815 on: GB 18030 gave
/// them their own places later. Names written by older systems hold the private ones.
const OF_GBK: &str = "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱\
     䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻";

/// The forms of radicals (CJK Radicals Supplement) that files copied from a PDF hold, each before the character
/// that it stands for (Unicode's EquivalentUnifiedIdeograph).
const RADICALS: &str = "⺁厂⺂乛⺃乚⺄乙⺅亻⺆冂⺈刀⺉刂⺊卜⺌小⺍小⺎兀⺏尣⺐尢⺒巳⺓幺⺔彑⺖忄⺗㣺⺘扌⺙攵⺛旡⺜日⺝月⺠民⺡氵⺢氺⺣灬⺤爫⺥爫⺦丬⺧牛⺨犭⺩王⺬示⺭礻⺮竹⺯糹⺰纟⺶羊\
     ⺹耂⺺肀⺻聿⺼月⺽臼⺾艹⺿艹⻀艹⻁虎⻂衤⻃覀⻄西⻅见⻆角⻈讠⻉贝⻊足⻋车⻌辶⻍辶⻎辶⻏邑⻐钅⻑長⻒镸⻓长⻔门⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻟飠⻠饣⻢马⻣骨⻤鬼\
     ⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龜⻲亀⻳龟";

fn unified(c: char) -> char {
    let c = match u32::from(c) {
        0xe7c7 => 'ḿ',
        0xe7c8 => 'ǹ',
        private @ 0xe815..=0xe864 => OF_GBK.chars().nth((private - 0xe815) as usize).unwrap_or(c),
        _ => c,
    };
    if !matches!(c, '\u{2e80}'..='\u{2eff}') {
        return c;
    }
    RADICALS.chars().skip_while(|radical| *radical != c).nth(1).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::commitment::canonical;

    #[rstest]
    #[case::dots(&["阿依古丽·买买提", "阿依古丽•买买提", "阿依古丽・买买提", "阿依古丽‧买买提", "阿依古丽∙买买提",
        "阿依古丽．买买提", "阿依古丽.买买提", "阿依古丽●买买提", "阿依古丽･买买提", "阿依古丽 买买提", "阿依古丽᛫买买提"])]
    #[case::hyphens(&["Anne-Marie", "Anne‐Marie", "Anne‑Marie", "Anne–Marie", "Anne—Marie", "Anne−Marie", "Anne－Marie", "anne marie"])]
    #[case::apostrophes(&["Mary O'Neil", "Mary O’Neil", "Mary O‘Neil", "Mary OʼNeil", "Mary O`Neil", "Mary O´Neil", "MARY O＇NEIL"])]
    #[case::brackets(&["张秀英（大）", "张秀英(大)", "张秀英【大】", "张秀英〔大〕", "张秀英﹙大﹚", "张秀英［大］", "张秀英 大"])]
    #[case::width_and_case(&["Jose Silva", "ＪＯＳＥ　ＳＩＬＶＡ", "jose silva"])]
    #[case::composed(&["José", "Jose\u{301}", "JOSÉ", "JOSE\u{301}"])]
    #[case::sharp_s(&["Straße", "STRASSE", "strasse"])]
    #[case::private_use(&["王䶮", "王\u{e863}"])]
    #[case::radicals(&["龙木民", "⻰⽊⺠"])]
    #[case::compatibility_ideographs(&["樂", "\u{f95c}"])]
    #[case::variants(&["葛城", "葛\u{e0100}城", "葛\u{fe00}城"])]
    #[case::padding(&["张英", "张　英", " 张 英 ", "张\u{200d}英"])]
    fn spellings_of_a_name_meet(#[case] spellings: &[&str]) {
        for spelling in spellings {
            assert_eq!(
                matching_form(Field::Name, spelling),
                matching_form(Field::Name, spellings[0]),
                "{spelling}"
            );
        }
    }

    #[test]
    fn different_names_do_not_meet() {
        for (one, other) in
            [("张秀英", "张秀英（大）"), ("José", "Jose"), ("王䶮", "王龑"), ("王芳", "王方"), ("-", "·")]
        {
            assert_ne!(matching_form(Field::Name, one), matching_form(Field::Name, other));
        }
    }

    #[test]
    fn volunteer_numbers_meet_however_they_are_grouped() {
        for raw in ["ah-2026/0002", "AH_2026.0002", "ＡＨ２０２６＃０００２", "AH 2026 0002", "ah–2026·0002"]
        {
            let kept = canonical(Field::VolunteerNumber, raw).unwrap();
            assert_eq!(matching_form(Field::VolunteerNumber, &kept), "AH20260002", "{raw}");
            assert_eq!(matching_form(Field::VolunteerNumber, raw), "AH20260002", "{raw}");
        }
        assert_ne!(matching_form(Field::VolunteerNumber, "#"), matching_form(Field::VolunteerNumber, "-"));
    }

    #[test]
    fn the_private_characters_of_gbk_are_eighty() {
        assert_eq!(OF_GBK.chars().count(), 80);
        assert_eq!((unified('\u{e815}'), unified('\u{e864}'), unified('\u{e81a}')), ('厂', '\u{9fbb}', '㑳'));
        assert!(RADICALS.chars().step_by(2).all(|c| matches!(c, '\u{2e80}'..='\u{2eff}')));
    }

    proptest! {
        #[test]
        fn the_form_is_its_own_form(tag in 1u8..=14, raw in "\\PC{0,24}|[\u{e800}-\u{e870}\u{2e80}-\u{2fdf}]{0,6}|[0-9+() -]{0,20}") {
            let field = Field::of_tag(tag).unwrap();
            let form = matching_form(field, &raw);
            prop_assert_eq!(matching_form(field, &form), form);
        }

        #[test]
        fn a_value_is_found_by_what_was_typed(tag in 1u8..=14, raw in "\\PC{1,24}|[0-9+() -]{5,20}") {
            let field = Field::of_tag(tag).unwrap();
            if let Ok(kept) = canonical(field, &raw) && matches!(field, Field::Name | Field::Phone | Field::VolunteerNumber) {
                prop_assert_eq!(matching_form(field, &raw), matching_form(field, &kept));
            }
        }
    }
}
