//! The one form in which a value is committed to, stored and compared.
//!
//! All fields: outer white space is trimmed; empty values, control characters, characters that turn
//! the writing direction (they can make a name read as another) and invisible characters are refused;
//! the length in bytes is bounded by [`Field::max_bytes`]. Unicode is NOT normalised: a value keeps
//! the code points it came with, so that no table of Unicode's is part of what was signed.

use super::field::{CODE_DIGITS, Field, FieldError};
use super::width::{keyboard, narrow};
use super::{id_number, phone};
use crate::domain::text::is_deceptive;

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
        Field::IdNumber => id_number::canonical(raw)?,
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
    if canonical(field, value)? == value { Ok(()) } else { Err(FieldError::NotCanonical) }
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

fn ascii(raw: &str) -> Result<String, FieldError> {
    let value: String = raw.trim().chars().map(keyboard).collect();
    if value.chars().all(|c| c.is_ascii_graphic()) { Ok(value) } else { Err(FieldError::NotAscii) }
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
            let field = Field::of_tag(tag).unwrap();
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
