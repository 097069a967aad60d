//! The one form in which a value is committed to, stored and compared.
//!
//! All fields: outer white space is trimmed; empty values, control characters, characters that turn
//! the writing direction (they can make a name read as another) and invisible characters are refused;
//! the length in bytes is bounded by [`Field::max_bytes`]. Unicode is NOT normalised: a value keeps
//! the code points it came with, so that no table of Unicode's is part of what was signed.

use std::ops::RangeInclusive;

use super::matching::keyboard;
use super::{Field, phone};
use crate::domain::text::is_deceptive;

/// How many digits a one-time code may have. How many it must have follows from how many are open.
pub const CODE_DIGITS: RangeInclusive<usize> = 8..=20;

/// Why a value has no canonical form. `Display` is English, [`FieldError::zh`] Chinese; neither
/// repeats the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// Nothing is left after trimming.
    #[error("the value is empty")]
    Empty,
    /// The canonical value is longer than [`Field::max_bytes`].
    #[error("the value is too long: at most {max} bytes (a Chinese character takes 3)")]
    TooLong {
        /// The bound, in bytes.
        max: usize,
    },
    /// A control, invisible or direction-turning character.
    #[error("the value contains the forbidden character U+{0:04X} (control, invisible or text direction)")]
    ForbiddenCharacter(u32),
    /// Not a telephone number.
    #[error(
        "not a telephone number: 11 digits of a mobile, a landline with its area code, or + and a country code; an extension after ext."
    )]
    Phone,
    /// Not 18 characters with a possible date of birth, nor 15 digits.
    #[error(
        "an ID number has 18 characters (17 digits, then a digit or X) or 15 digits, with a real date of birth"
    )]
    IdNumber,
    /// The last character of an 18-character ID number does not fit the others.
    #[error("the check character of the ID number is wrong: at least one digit is mistyped")]
    IdChecksum,
    /// Not a one-time code of 8 to 20 digits.
    #[error("a one-time code has 8 to 20 digits, with or without spaces and hyphens")]
    Code,
    /// A number with characters outside printable ASCII.
    #[error("only ASCII letters, digits and punctuation, without spaces")]
    NotAscii,
    /// The value is valid but not in canonical form.
    #[error("the value is not in canonical form")]
    NotCanonical,
}

impl FieldError {
    /// The same sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            FieldError::Empty => "内容为空".into(),
            FieldError::TooLong { max } => format!("内容过长:最多 {} 个汉字({max} 字节)", max / 3),
            FieldError::ForbiddenCharacter(code) => {
                format!("含有不允许的字符 U+{code:04X}(控制、不可见或改变文字方向的字符)")
            }
            FieldError::Phone => {
                "不是有效的电话号码:应为 11 位手机号、带区号的固定电话,或 + 加国家/地区代码;分机号写在“转”后"
                    .into()
            }
            FieldError::IdNumber => {
                "身份证号应为 18 位(前 17 位数字,末位数字或 X)或旧式 15 位数字,出生日期须真实存在".into()
            }
            FieldError::IdChecksum => "身份证号校验位不符:至少有一位录入有误".into(),
            FieldError::Code => "验证码应为 8 至 20 位数字,可带空格或横线".into(),
            FieldError::NotAscii => "只能使用英文字母、数字和半角符号,不含空格".into(),
            FieldError::NotCanonical => "内容不是规范写法".into(),
        }
    }
}

/// The canonical form of `raw` for `field`. Applying it twice changes nothing.
///
/// - Phone: full-width digits become ASCII; spaces, dashes, brackets and China's country code go; other countries' codes
///   stand after `+`, an extension after `转`.
/// - ID number: full-width becomes ASCII, `x` becomes `X`; the check character and the date are checked.
///   15 digits stay 15 digits: what was shown at the counter is what is committed to.
/// - Volunteer number: full-width becomes ASCII, letters become capitals, spaces go.
/// - Code: full-width digits become ASCII; spaces, dashes, brackets and what came along unseen from a chat go.
/// - Content, wish text, reason, note: CR LF and CR become LF.
///
/// # Errors
/// The first [`FieldError`] that applies.
pub fn canonical(field: Field, raw: &str) -> Result<String, FieldError> {
    let value = match field {
        Field::Phone => phone::canonical(raw)?,
        Field::IdNumber => id_number(raw)?,
        Field::VolunteerNumber => {
            let grouped: String = raw.split_whitespace().collect();
            ascii(&grouped)?.to_ascii_uppercase()
        }
        Field::Code => code(raw)?,
        _ if field.is_multiline() => raw.trim().replace("\r\n", "\n").replace('\r', "\n"),
        _ => raw.trim().to_owned(),
    };
    check(field, &value)?;
    Ok(value)
}

/// Checks that `value` is its own canonical form.
///
/// # Errors
/// [`FieldError::NotCanonical`] if it only needs rewriting, otherwise why it has no canonical form.
pub fn is_canonical(field: Field, value: &str) -> Result<(), FieldError> {
    match canonical(field, value)? == value {
        true => Ok(()),
        false => Err(FieldError::NotCanonical),
    }
}

fn check(field: Field, value: &str) -> Result<(), FieldError> {
    if value.is_empty() {
        return Err(FieldError::Empty);
    }
    if let Some(bad) = value.chars().find(|c| is_deceptive(*c) && !(*c == '\n' && field.is_multiline())) {
        return Err(FieldError::ForbiddenCharacter(bad.into()));
    }
    if value.len() > field.max_bytes() {
        return Err(FieldError::TooLong { max: field.max_bytes() });
    }
    Ok(())
}

/// Full-width forms (U+FF01..U+FF5E), common in spreadsheets, to their ASCII twins.
pub(super) fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        other => other,
    }
}

/// What people put between digits.
fn is_filler(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '(' | ')' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn code(raw: &str) -> Result<String, FieldError> {
    let dense: String = raw.chars().map(narrow).filter(|c| !is_filler(*c) && !is_deceptive(*c)).collect();
    if dense.is_empty() {
        return Err(FieldError::Empty);
    }
    let fits = CODE_DIGITS.contains(&dense.len()) && dense.bytes().all(|b| b.is_ascii_digit());
    if fits { Ok(dense) } else { Err(FieldError::Code) }
}

fn id_number(raw: &str) -> Result<String, FieldError> {
    let id: String =
        raw.chars().map(narrow).filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    if id.is_empty() {
        return Err(FieldError::Empty);
    }
    let all_digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    match id.as_bytes() {
        old if old.len() == 15 && all_digits(old) => {
            if !is_date(&format!("19{}", &id[6..12])) {
                return Err(FieldError::IdNumber);
            }
        }
        new if new.len() == 18 && all_digits(&new[..17]) => {
            if !is_date(&id[6..14]) {
                return Err(FieldError::IdNumber);
            }
            if char::from(new[17]) != id_check(&new[..17]) {
                return Err(FieldError::IdChecksum);
            }
        }
        _ => return Err(FieldError::IdNumber),
    }
    Ok(id)
}

/// ISO 7064 MOD 11-2 over the first 17 digits, as GB 11643-1999 prescribes.
pub(super) fn id_check(digits: &[u8]) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    char::from(b"10X98765432"[(sum % 11) as usize])
}

/// Whether eight digits name a day of the Gregorian calendar from 1800 to 2199.
fn is_date(yyyymmdd: &str) -> bool {
    let Ok(number) = yyyymmdd.parse::<u32>() else { return false };
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1800..2200).contains(&year) && (1..=days).contains(&day)
}

fn ascii(raw: &str) -> Result<String, FieldError> {
    let value: String = raw.trim().chars().map(keyboard).collect();
    match value.chars().all(|c| c.is_ascii_graphic()) {
        true => Ok(value),
        false => Err(FieldError::NotAscii),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn phones_meet_in_one_form() {
        for raw in ["13800138000", " +86 138-0013-8000 ", "0086 138 0013 8000", "138 0013 8000"] {
            assert_eq!(canonical(Field::Phone, raw).as_deref(), Ok("13800138000"), "{raw}");
        }
        assert_eq!(canonical(Field::Phone, "(0563)602-1234").as_deref(), Ok("05636021234"));
    }

    /// 11010519491231002X is the worked example of GB 11643-1999; 130503670401001 its 15-digit one.
    #[test]
    fn id_numbers_are_checked_and_the_old_ones_match_the_new() {
        assert_eq!(canonical(Field::IdNumber, "11010519491231002x").as_deref(), Ok("11010519491231002X"));
        assert_eq!(canonical(Field::IdNumber, "110105194912310021"), Err(FieldError::IdChecksum));
        assert_eq!(canonical(Field::IdNumber, "110105194913310021"), Err(FieldError::IdNumber));
        assert_eq!(canonical(Field::IdNumber, "11010519490229002X"), Err(FieldError::IdNumber));
        assert_eq!(canonical(Field::IdNumber, "1101051949123100"), Err(FieldError::IdNumber));
        assert_eq!(canonical(Field::IdNumber, "130503670401001").as_deref(), Ok("130503670401001"));
        assert_eq!(super::super::matching_form(Field::IdNumber, "130503670401001"), "130503196704010016");
        assert_eq!(canonical(Field::IdNumber, "130503196704010016").as_deref(), Ok("130503196704010016"));
    }

    #[test]
    fn text_is_trimmed_and_hidden_characters_are_refused() {
        assert_eq!(canonical(Field::Name, "\u{3000}欧阳 娜娜 ").as_deref(), Ok("欧阳 娜娜"));
        assert_eq!(canonical(Field::Name, "  "), Err(FieldError::Empty));
        for bad in ['\u{202E}', '\u{2066}', '\u{200F}', '\u{7}', '\u{85}', '\u{200B}', '\n', '\u{E0041}'] {
            let raw = format!("张{bad}三");
            assert_eq!(canonical(Field::Name, &raw), Err(FieldError::ForbiddenCharacter(bad.into())));
        }
        assert_eq!(canonical(Field::Note, "一\r\n二\r三").as_deref(), Ok("一\n二\n三"));
    }

    #[test]
    fn length_bounds_are_exact() {
        for field in [Field::Name, Field::Title, Field::WishText] {
            assert!(canonical(field, &"字".repeat(field.max_bytes() / 3)).is_ok());
            let long = "字".repeat(field.max_bytes() / 3 + 1);
            assert_eq!(canonical(field, &long), Err(FieldError::TooLong { max: field.max_bytes() }));
        }
    }

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        for typed in [
            "61000001",
            "6100 0001",
            "6100-0001",
            " ６１００　０００１ ",
            "６１００－０００１",
            "6100–0001",
            "\u{202A}61000001\u{202C}",
        ] {
            assert_eq!(canonical(Field::Code, typed).as_deref(), Ok("61000001"), "{typed}");
        }
        for bad in ["1", "a", "6100001", "6100000a", "x6100 0001", "610000010000000000000", "٦١٠٠٠٠٠١"]
        {
            assert_eq!(canonical(Field::Code, bad), Err(FieldError::Code), "{bad}");
        }
        assert_eq!(canonical(Field::Code, " - "), Err(FieldError::Empty));
    }

    #[test]
    fn numbers_are_ascii() {
        assert_eq!(canonical(Field::VolunteerNumber, " 341822a001 ").as_deref(), Ok("341822A001"));
        assert_eq!(canonical(Field::VolunteerNumber, "ah 2026 1").as_deref(), Ok("AH20261"));
        assert_eq!(canonical(Field::VolunteerNumber, "红"), Err(FieldError::NotAscii));
    }

    proptest! {
        #[test]
        fn canonical_is_idempotent_and_bounded(tag in 1u8..=14, raw in "\\PC{0,40}|[0-9+() -]{0,24}|(.|\r\n){0,30}") {
            let field = Field::try_from(tag).unwrap();
            if let Ok(value) = canonical(field, &raw) {
                prop_assert!(value.len() <= field.max_bytes());
                prop_assert_eq!(is_canonical(field, &value), Ok(()));
                prop_assert!(!value.chars().any(|c| is_deceptive(c) && c != '\n'));
            }
        }

        #[test]
        fn every_single_digit_error_in_an_id_is_caught(place in 0usize..17, add in 1u8..10) {
            let mut id = *b"11010519491231002X";
            id[place] = b'0' + (id[place] - b'0' + add) % 10;
            prop_assert!(canonical(Field::IdNumber, std::str::from_utf8(&id).unwrap()).is_err());
        }
    }
}
