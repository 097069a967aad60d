//! Resident identity numbers (GB 11643-1999), and the older ones of 15 digits.

use super::field::FieldError;
use super::width::narrow;
use crate::domain::time::Date;

/// Its canonical form: full-width becomes ASCII, `x` becomes `X`; the check character and the date are checked.
pub(super) fn canonical(raw: &str) -> Result<String, FieldError> {
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
            if char::from(new[17]) != check_character(&new[..17]) {
                return Err(FieldError::IdChecksum);
            }
        }
        _ => return Err(FieldError::IdNumber),
    }
    Ok(id)
}

/// ISO 7064 MOD 11-2 over the first 17 digits, as GB 11643-1999 prescribes.
pub(super) fn check_character(digits: &[u8]) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    char::from(b"10X98765432"[(sum % 11) as usize])
}

/// Whether eight digits name a day of the Gregorian calendar from 1800 to 2199.
fn is_date(yyyymmdd: &str) -> bool {
    let Ok(number) = yyyymmdd.parse::<u32>() else { return false };
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    (1800..2200).contains(&year) && Date::from_ymd(year.cast_signed(), month, day).is_some()
}
