//! Whom somebody looks for, in words of a name, its initials, a phone or a number; and whether a person fits.

use std::collections::BTreeSet;

use hourbook_ledger::commitment::{Field, matching_form};
use pinyin::ToPinyinMulti as _;

/// Most characters that are read.
pub(super) const LONGEST: usize = 64;
/// Letters of a name in Latin script, or initials: one alone fits half of a register.
const LETTERS: usize = 2;
/// Digits of a phone or number, as in 尾号.
const DIGITS: usize = 4;

/// Whom somebody looks for: a person fits whom every word fits.
#[derive(Debug)]
pub(super) struct Wanted {
    words: Vec<Word>,
    /// All of it as it was typed, to be found as a whole.
    pub(super) whole: String,
}

/// Why nobody is looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unfit {
    /// A word would fit too many.
    TooShort,
    /// It is longer than a name or number.
    TooLong,
}

/// By what a person was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum By {
    Name,
    Pinyin,
    Phone,
    Number,
}

#[derive(Debug)]
enum Word {
    /// Part of a name in the form in which names are compared.
    OfName(String),
    /// Digits of a phone, and the same as part of a volunteer number.
    OfNumber { digits: String, number: String },
}

/// What is known of a person, as far as the words ask for it.
#[derive(Default, Debug)]
pub(super) struct Known<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) phone: Option<&'a str>,
    pub(super) number: Option<&'a str>,
}

impl Wanted {
    /// What was typed; `None` if nothing was.
    pub(super) fn read(typed: &str) -> Result<Option<Self>, Unfit> {
        let whole = typed.trim();
        if whole.is_empty() {
            return Ok(None);
        }
        if whole.chars().count() > LONGEST {
            return Err(Unfit::TooLong);
        }
        // 138 0013 8000 is one number.
        let is_number = !whole.chars().any(char::is_alphabetic);
        let words: Vec<&str> = if is_number { vec![whole] } else { whole.split_whitespace().collect() };
        let words = words.into_iter().map(Word::read).collect::<Option<_>>().ok_or(Unfit::TooShort)?;
        Ok(Some(Self { words, whole: whole.to_owned() }))
    }

    /// Whether the name has to be known.
    pub(super) fn asks_name(&self) -> bool {
        self.words.iter().any(|word| matches!(word, Word::OfName(_)))
    }

    /// Whether it is a phone or number and nothing else.
    pub(super) fn is_one_number(&self) -> bool {
        matches!(self.words.as_slice(), [Word::OfNumber { .. }])
    }

    /// Whether phone and number have to be known.
    pub(super) fn asks_number(&self) -> bool {
        self.words.iter().any(|word| matches!(word, Word::OfNumber { .. }))
    }

    /// Whether the whole name, phone or number of a person was typed, perhaps with a word beside it.
    pub(super) fn is_whole(&self, known: &Known<'_>) -> bool {
        let name = known.name.map(|name| matching_form(Field::Name, name));
        let typed = matching_form(Field::Name, &self.whole);
        name.as_ref() == Some(&typed) || self.words.iter().any(|word| word.is_whole(name.as_deref(), known))
    }

    /// By what a person fits, in the order of the words; nothing if a word does not fit.
    pub(super) fn fits(&self, known: &Known<'_>) -> Option<Vec<By>> {
        let mut by: Vec<By> = self.words.iter().map(|word| word.fits(known)).collect::<Option<_>>()?;
        by.sort_unstable();
        by.dedup();
        Some(by)
    }
}

impl Word {
    fn read(word: &str) -> Option<Self> {
        let number = matching_form(Field::VolunteerNumber, word);
        let is_number =
            number.bytes().all(|b| b.is_ascii_alphanumeric()) && number.bytes().any(|b| b.is_ascii_digit());
        if is_number {
            let digits = digits(&matching_form(Field::Phone, word));
            return (number.len() >= DIGITS).then_some(Self::OfNumber { digits, number });
        }
        let part = matching_form(Field::Name, word);
        let letters = part.chars().filter(|c| c.is_alphanumeric()).count();
        let least = if part.is_ascii() { LETTERS } else { 1 };
        (letters >= least).then_some(Self::OfName(part))
    }

    fn fits(&self, known: &Known<'_>) -> Option<By> {
        match self {
            Self::OfName(part) => {
                let name = matching_form(Field::Name, known.name?);
                if name.contains(part.as_str()) {
                    return Some(By::Name);
                }
                (part.is_ascii() && spells(&name, part)).then_some(By::Pinyin)
            }
            Self::OfNumber { digits: wanted, number } => {
                // No more than a masked number shows: whoever may ask for any part reads the rest digit by digit.
                let ends = |text: &str, wanted: &str| {
                    text == wanted || (wanted.len() == DIGITS && text.ends_with(wanted))
                };
                let phone = known.phone.map(|phone| digits(&matching_form(Field::Phone, phone)));
                if phone.is_some_and(|phone| ends(&phone, wanted)) {
                    return Some(By::Phone);
                }
                let own = matching_form(Field::VolunteerNumber, known.number?);
                ends(&own, number).then_some(By::Number)
            }
        }
    }
}

impl Word {
    fn is_whole(&self, name: Option<&str>, known: &Known<'_>) -> bool {
        match self {
            Self::OfName(part) => name == Some(part.as_str()),
            Self::OfNumber { digits: typed, number } => {
                let phone = known.phone.map(|phone| digits(&matching_form(Field::Phone, phone)));
                let own = known.number.map(|own| matching_form(Field::VolunteerNumber, own));
                phone.as_ref() == Some(typed) || own.as_ref() == Some(number)
            }
        }
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Whether letters spell characters of a name that stand beside each other: each by its first letter or its whole reading,
/// the last one as far as it was typed.
fn spells(name: &str, letters: &str) -> bool {
    let readings: Vec<Vec<&str>> = name.chars().map(read_aloud).collect();
    (0..readings.len()).any(|from| goes_on(&readings[from..], letters))
}

/// Character by character: after how many of the letters one can stand. Names of one sound have very many ways.
fn goes_on(readings: &[Vec<&str>], letters: &str) -> bool {
    let mut stands = BTreeSet::from([0]);
    for here in readings {
        let mut next = BTreeSet::new();
        for at in stands {
            let rest = &letters[at..];
            for reading in here {
                if reading.starts_with(rest) {
                    return true;
                }
                if rest.starts_with(reading) {
                    next.insert(at + reading.len());
                }
                if reading.as_bytes().first() == rest.as_bytes().first() {
                    next.insert(at + 1);
                }
            }
        }
        stands = next;
    }
    stands.contains(&letters.len())
}

/// The readings of a character, without tones: surnames have some of their own (单, 曾). 吕 is typed lv or lu.
fn read_aloud(c: char) -> Vec<&'static str> {
    let all = c.to_pinyin_multi().into_iter().flatten().map(pinyin::Pinyin::plain);
    let typed = all.flat_map(|reading| match reading {
        "lü" => vec!["lv", "lu"],
        "nü" => vec!["nv", "nu"],
        "lüe" => vec!["lve", "lue"],
        "nüe" => vec!["nve", "nue"],
        other => vec![other],
    });
    typed.collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const WANG: Known<'_> =
        Known { name: Some("王秀芳"), phone: Some("19955554567"), number: Some("341822A0000201") };

    fn by(typed: &str, known: &Known<'_>) -> Option<Vec<By>> {
        Wanted::read(typed).expect("fit to be looked for").expect("something").fits(known)
    }

    #[rstest]
    #[case("王秀芳", By::Name)]
    #[case(" 王 ", By::Name)]
    #[case("秀芳", By::Name)]
    #[case("wxf", By::Pinyin)]
    #[case("WXF", By::Pinyin)]
    #[case("xf", By::Pinyin)]
    #[case("wangxiufang", By::Pinyin)]
    #[case("wangx", By::Pinyin)]
    #[case("xiufa", By::Pinyin)]
    #[case("19955554567", By::Phone)]
    #[case("199 5555 4567", By::Phone)]
    #[case("+86 199-5555-4567", By::Phone)]
    #[case("１９９５５５５４５６７", By::Phone)]
    #[case("4567", By::Phone)]
    #[case("341822a0000201", By::Number)]
    #[case("341822-A-0000201", By::Number)]
    #[case("0201", By::Number)]
    fn somebody_is_found_by(#[case] typed: &str, #[case] how: By) {
        assert_eq!(by(typed, &WANG), Some(vec![how]), "{typed}");
    }

    #[rstest]
    #[case("王芳")]
    #[case("芳秀")]
    #[case("wf")]
    #[case("xw")]
    #[case("wanf")]
    #[case("5555")]
    #[case("1995555")]
    #[case("54567")]
    #[case("1995")]
    #[case("19955554568")]
    #[case("王秀芳 4568")]
    #[case("李 4567")]
    fn somebody_is_not_found_by(#[case] typed: &str) {
        assert_eq!(by(typed, &WANG), None, "{typed}");
    }

    #[test]
    fn each_word_has_to_fit_and_says_how() {
        assert_eq!(by("王 4567", &WANG), Some(vec![By::Name, By::Phone]));
        assert_eq!(by("wxf 0201", &WANG), Some(vec![By::Pinyin, By::Number]));
        let jose = Known { name: Some("José da Silva"), ..Known::default() };
        assert_eq!(by("silva JOSÉ", &jose), Some(vec![By::Name]));
        assert_eq!(by("js", &jose), None, "initials are for characters");
    }

    #[rstest]
    // Each way to read it would be tried for each character, were the ways not gone through together.
    #[case("啊啊啊啊啊啊啊啊啊啊啊啊啊啊啊啊啊啊啊啊啊啊啊啊", "aaaaaaaaaaaaaaaaaaaaaaaa")]
    #[case("曾国强", "zgq")]
    #[case("曾国强", "zeng")]
    #[case("单雄信", "shan")]
    #[case("吕布", "lvb")]
    #[case("吕布", "lubu")]
    #[case("阿依古丽·买买提", "aygl")]
    fn surnames_are_read_as_they_are_said(#[case] name: &str, #[case] typed: &str) {
        let known = Known { name: Some(name), ..Known::default() };
        assert_eq!(by(typed, &known), Some(vec![By::Pinyin]), "{typed}");
    }

    #[test]
    fn what_would_fit_everybody_is_too_short_and_what_fits_nobody_too_long() {
        for short in ["w", "1", "456", "-", "王 1", "W 王"] {
            assert_eq!(Wanted::read(short).err(), Some(Unfit::TooShort), "{short}");
        }
        assert_eq!(Wanted::read(&"王".repeat(65)).err(), Some(Unfit::TooLong));
        assert!(Wanted::read(" \u{3000} ").expect("nothing wrong").is_none());
    }

    #[test]
    fn a_whole_name_or_number_is_told_from_a_part() {
        let is_whole = |typed| Wanted::read(typed).expect("fit").expect("something").is_whole(&WANG);
        for typed in ["王秀芳", "王 秀芳", "王秀芳 4567", "199-5555-4567", "341822-a-0000201"] {
            assert!(is_whole(typed), "{typed}");
        }
        for typed in ["王秀", "wxf", "4567", "王 4567"] {
            assert!(!is_whole(typed), "{typed}");
        }
    }

    #[test]
    fn whoever_has_no_phone_is_found_by_none() {
        let known = Known { name: Some("王秀芳"), ..Known::default() };
        assert_eq!(by("19955554567", &known), None);
        assert_eq!(by("王", &Known::default()), None);
    }
}
