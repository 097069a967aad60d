//! Name, phone and volunteer number of a row: whether they can be such, as they are written. Two spellings of one are
//! compared in [`hourbook_ledger::commitment::matching_form`] alone, as the register does.

use hourbook_ledger::commitment::{Field, canonical};

use super::faults::Fault;
use super::text;

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}' | '\u{e000}'..='\u{f8ff}' | '〇')
}

/// One person's name. Two-character names are padded with a space to line up with longer ones.
pub(super) fn name(raw: &str) -> Result<String, Fault> {
    let only_han = raw.chars().all(|c| is_han(c) || c == ' ');
    if raw.chars().any(char::is_numeric) && !only_han {
        return Err(Fault::NameHasDigits);
    }
    let several = |c: char| "、;；/|+&，".contains(c) || c == ',' && raw.chars().any(is_han);
    let never = |c: char| r"*=@#%$^~<>\?!？！:：".contains(c);
    if raw.chars().any(|c| several(c) || never(c)) || !raw.chars().any(|c| c.is_alphabetic() || is_han(c)) {
        return Err(Fault::BadName);
    }
    let shown = if only_han { raw.replace(' ', "") } else { raw.to_owned() };
    canonical(Field::Name, &shown).map_err(|_| Fault::BadName)
}

/// Digits; numbers outside the mainland keep `+` and their country code.
pub(super) fn phone(raw: &str) -> Result<String, Fault> {
    if is_scientific(raw) {
        return Err(Fault::NumberLostDigits);
    }
    canonical(Field::Phone, raw).map_err(|_| Fault::BadPhone)
}

/// Capitals, digits and the signs that people group them by.
pub(super) fn number(raw: &str) -> Result<String, Fault> {
    if is_scientific(raw) {
        return Err(Fault::NumberLostDigits);
    }
    let number = canonical(Field::VolunteerNumber, raw).map_err(|_| Fault::BadNumber)?;
    let enough = number.bytes().filter(u8::is_ascii_alphanumeric).count() >= 4;
    if enough && number.bytes().any(|b| b.is_ascii_digit()) { Ok(number) } else { Err(Fault::BadNumber) }
}

/// `1.99E+10`: what is left of a number once a spreadsheet program took it for an amount.
fn is_scientific(raw: &str) -> bool {
    let shown = text::plain(raw);
    let Some((digits, power)) = shown.split_once("e+") else { return false };
    let amount = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == '.') && !text.is_empty();
    amount(digits) && amount(power)
}

/// A mobile number, a landline with its area code or a number with a country code, rather than a volunteer number.
pub(super) fn is_surely_phone(raw: &str) -> bool {
    let Ok(phone) = canonical(Field::Phone, raw) else { return false };
    phone.starts_with(['+', '0', '1']) || phone.contains('转')
}
