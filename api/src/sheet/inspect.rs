//! Refusing the text of cells that is not what it seems.

use super::faults::Fault;
use super::text::{clean, is_deceptive, is_filler, is_joiner};

/// Excel's error values; in a CSV file they arrive as text.
const ERRORS: &[&str] =
    &["#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#DATA!"];

/// What kind of text a cell is to hold.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Prose,
    /// May hold joiners.
    Name,
    /// May begin with `+` when only digits and what groups them follow.
    Phone,
}

/// Refuses what could harm whoever opens an export later, and what a person cannot see.
pub(super) fn inspect(raw: &str, kind: Kind) -> Result<(), Fault> {
    if raw.contains('\0') {
        return Err(Fault::NulByte);
    }
    if raw.chars().any(|c| is_deceptive(c) && !(kind == Kind::Name && is_joiner(c))) {
        return Err(Fault::InvisibleCharacter);
    }
    if starts_formula(raw, kind == Kind::Phone) {
        return Err(Fault::FormulaText);
    }
    if raw.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(Fault::ControlCharacter);
    }
    let shown = raw.trim();
    if ERRORS.iter().any(|error| shown.eq_ignore_ascii_case(error)) {
        return Err(Fault::ExcelError);
    }
    if shown.eq_ignore_ascii_case("true") || shown.eq_ignore_ascii_case("false") {
        return Err(Fault::BooleanCell);
    }
    Ok(())
}

fn starts_formula(raw: &str, may_be_phone: bool) -> bool {
    let blank = raw.chars().all(char::is_whitespace);
    if !blank && raw.starts_with(['\t', '\r']) {
        return true;
    }
    let mut shown = raw.chars().filter(|&c| !is_filler(c)).skip_while(|c| c.is_whitespace());
    match shown.next() {
        Some('+' | '＋') if may_be_phone => !clean(&shown.collect::<String>()).chars().all(|c| {
            c.is_ascii_digit()
                || matches!(c, ' ' | '-' | '(' | ')' | '.' | '转' | '轉' | '#' | 'x' | '（' | '）')
        }),
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') => true,
        _ => false,
    }
}
