//! Telephone numbers as people write them: mobile numbers and landlines of the mainland, numbers of Hong Kong, Macau,
//! Taiwan and other countries, extensions.

use super::field::FieldError;
use super::width::narrow;

/// Stands before an extension in the canonical form, as it is said: 0563-6022222 转 801.
const EXTENSION: char = '转';
/// Ways to announce an extension, in small letters; longer ones first.
const ANNOUNCED: [&str; 10] = ["分机号", "分機號", "分机", "分機", "转", "轉", "ext", "内线", "#", "x"];

/// A number taken apart.
struct Number {
    /// With a country code that is not China's.
    abroad: bool,
    digits: String,
    extension: String,
}

/// Digits; `+` before a country code other than China's; `转` before an extension.
pub(super) fn canonical(raw: &str) -> Result<String, FieldError> {
    if raw.trim().is_empty() {
        return Err(FieldError::Empty);
    }
    let number = parse(raw).ok_or(FieldError::Phone)?;
    Ok(written(&number, number.abroad))
}

/// As the canonical form, with the `+` that many leave out before 852, 853 or 886. What is no number stays.
pub(super) fn matching_form(raw: &str) -> String {
    let Some(number) = parse(raw) else { return raw.to_owned() };
    let unmarked = number.digits.len() > 8 && number.digits.starts_with(|c| ('2'..='9').contains(&c));
    written(&number, number.abroad || unmarked)
}

fn written(number: &Number, plus: bool) -> String {
    let Number { digits, extension, .. } = number;
    let sign = if plus { "+" } else { "" };
    if extension.is_empty() {
        format!("{sign}{digits}")
    } else {
        format!("{sign}{digits}{EXTENSION}{extension}")
    }
}

fn parse(raw: &str) -> Option<Number> {
    let text: String = raw.trim().chars().map(narrow).flat_map(char::to_lowercase).collect();
    let (main, mut extension) = announced_extension(&text)?;
    let plus = main.trim_start_matches(is_sign).starts_with('+');
    if main.matches('+').count() > usize::from(plus)
        || !main.chars().all(|c| c.is_ascii_digit() || c == '+' || is_sign(c))
    {
        return None;
    }
    // +44 (0)20: the zero is dialled at home only.
    let main = if plus { main.replace("(0)", " ") } else { main.to_owned() };
    let mut groups: Vec<&str> =
        main.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    if extension.is_empty()
        && let Some(last) = hyphenated_extension(&groups)
    {
        groups.pop();
        extension = last.to_owned();
    }
    let digits = groups.concat();
    let (abroad, digits) = without_country(&digits, plus);
    let fits = if abroad {
        (8..=15).contains(&digits.len()) && !digits.starts_with('0')
    } else {
        is_domestic(&digits)
    };
    fits.then_some(Number { abroad, digits, extension })
}

/// Spaces, brackets and what people group digits by.
fn is_sign(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '(' | ')' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}')
}

/// The number and an extension that words or signs announce; None if it has no digits or too many.
fn announced_extension(text: &str) -> Option<(&str, String)> {
    let Some((at, word)) =
        ANNOUNCED.iter().filter_map(|word| Some((text.find(word)?, word))).min_by_key(|(at, _)| *at)
    else {
        return Some((text, String::new()));
    };
    let rest = text[at + word.len()..].trim_matches(|c: char| is_sign(c) || c == ':');
    let fits = (1..=6).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| (&text[..at], rest.to_owned()))
}

/// The last group of 0563-6022222-801, 05636022222-801 or 6022222-801.
fn hyphenated_extension<'a>(groups: &[&'a str]) -> Option<&'a str> {
    let groups = match groups {
        ["86" | "0086", rest @ ..] => rest,
        all => all,
    };
    let whole = |group: &str| {
        let landline = group.starts_with('0') && !group.starts_with("00") && (10..=12).contains(&group.len());
        let local = (7..=8).contains(&group.len()) && !group.starts_with(['0', '1']);
        landline || local || is_mobile(group)
    };
    let last = match groups {
        [area, local, last] if (2..=4).contains(&area.len()) && (7..=8).contains(&local.len()) => last,
        [number, last] if whole(number) => last,
        _ => return None,
    };
    (1..=6).contains(&last.len()).then_some(*last)
}

/// Whether a number is of another country, and its digits; China's code goes, and comes back as the zero of a landline.
fn without_country(digits: &str, plus: bool) -> (bool, String) {
    let international = if plus { Some(digits) } else { digits.strip_prefix("00") };
    let Some(rest) = international else {
        let home = digits.strip_prefix("86").filter(|home| is_mobile(home) || is_landline(home));
        return (false, home.unwrap_or(digits).to_owned());
    };
    match rest.strip_prefix("86") {
        Some(home) if home.starts_with('0') || is_mobile(home) || home.len() < 9 => (false, home.to_owned()),
        Some(home) => (false, format!("0{home}")),
        None => (true, rest.to_owned()),
    }
}

fn is_mobile(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1') && matches!(digits.as_bytes()[1], b'3'..=b'9')
}

fn is_landline(digits: &str) -> bool {
    (10..=12).contains(&digits.len()) && digits.starts_with('0') && !digits.starts_with("00")
}

/// Mobile, landline with area code, or what is dialled in one place: a landline or a short number without area code,
/// and the numbers of Hong Kong, Macau and Taiwan without `+`.
fn is_domestic(digits: &str) -> bool {
    let local = (5..=12).contains(&digits.len()) && digits.starts_with(|c| ('2'..='9').contains(&c));
    is_mobile(digits) || is_landline(digits) || local
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("13912340001", &["139 1234 0001", "139-1234-0001", "+86 139 1234 0001", "(+86)13912340001", "（+86）13912340001",
        "86 13912340001", "86-139-1234-0001", "0086 139.1234.0001", "１３９１２３４０００１", "＋86 (139) 1234 0001"])]
    #[case("05636022222", &["0563-6022222", "(0563) 6022222", "（0563）602-2222", "+86 563 6022222", "86-0563-6022222", "0563—6022222"])]
    #[case("01065512345", &["010-65512345", "+86 10 6551 2345", "010 6551 2345"])]
    #[case("05636022222转801", &["0563-6022222-801", "0563-6022222转801", "0563-6022222 分机：801", "05636022222-801",
        "(0563)6022222 ext. 801", "0563-6022222#801", "0563-6022222x801", "+86-0563-6022222-801", "0563-6022222 轉 801"])]
    #[case("6022222转801", &["6022222-801", "602 2222转801"])]
    #[case("+85223456789", &["+852 2345 6789", "00852-23456789", "852 2345 6789", "(852)23456789", "+852-2345-6789"])]
    #[case("+85366123456", &["+853 6612 3456", "85366123456"])]
    #[case("+886912345678", &["+886 912 345 678", "886-912-345678", "+886 (0)912 345 678", "00886912345678"])]
    #[case("+442079460958", &["+44 (0)20 7946 0958", "0044 20 7946 0958"])]
    #[case("+12025550100", &["+1 202 555 0100", "+1 (202) 555-0100", "001 202 555 0100"])]
    #[case("23456789", &["2345 6789", "2345-6789"])]
    fn spellings_of_a_number_meet(#[case] form: &str, #[case] spellings: &[&str]) {
        for raw in spellings {
            assert_eq!(matching_form(raw), form, "{raw}");
            let kept = canonical(raw).unwrap_or_else(|error| panic!("{raw}: {error}"));
            assert_eq!(
                (canonical(&kept).as_deref(), matching_form(&kept).as_str()),
                (Ok(&*kept), form),
                "{raw}"
            );
        }
    }

    /// A number of the United States must not pass for a mobile number of eleven digits.
    #[test]
    fn a_country_code_keeps_numbers_apart() {
        assert_ne!(matching_form("+1 390 123 4567"), matching_form("139 0123 4567"));
        assert_ne!(matching_form("0563-6022222"), matching_form("0563-6022222-801"));
    }

    #[rstest]
    fn what_is_no_number_is_refused(
        #[values(
            "1234",
            "12345",
            "1391234000",
            "139123400011",
            "12912340001",
            "1234567890123456",
            "138001380OO",
            "008600861380013",
            "13912340001/13912340009",
            "1.99E+10",
            "0563-6022222-8010000",
            "+",
            "13912340001+",
            "00",
            "99018190000196",
            "++85223456789",
            "0563-6022222转",
            "+852 234"
        )]
        raw: &str,
    ) {
        assert_eq!(canonical(raw), Err(FieldError::Phone), "{raw}");
    }
}
