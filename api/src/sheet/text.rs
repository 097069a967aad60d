//! Cleaning and inspecting the text of cells.

use hourbook_ledger::domain::text::is_deceptive as is_forbidden;

use super::faults::Fault;

/// Excel's error values; in a CSV file they arrive as text.
const ERRORS: &[&str] =
    &["#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#DATA!"];

/// Characters that carry no meaning and slip in from web pages; dropped so that equal names compare equal.
pub(super) fn is_filler(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{feff}' | '\u{2060}' | '\u{ad}')
}

/// Characters that reorder or hide what a person sees: those that the ledger takes in no value, joiners, tags and
/// non-characters. Private ones are none of them: names from older systems hold them.
pub(super) fn is_deceptive(c: char) -> bool {
    let harmless = c.is_control() || c.is_whitespace() || is_filler(c);
    let unseen = matches!(c, '\u{2061}'..='\u{206f}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{effff}');
    is_forbidden(c) && !harmless || is_joiner(c) || unseen
}

/// What joins letters in some scripts and chooses a variant of a character: part of a name, and nothing elsewhere.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{e0100}'..='\u{e01ef}')
}

/// Full-width digits as ASCII, exotic spaces and line breaks as one space, no space at either end.
pub(super) fn clean(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars().filter(|&c| !is_filler(c)) {
        match c {
            '０'..='９' => out.push(char::from(b'0' + (c as u32 - '０' as u32) as u8)),
            c if c.is_whitespace() => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The beginning of a text that may be very long: enough to tell what it is.
pub(super) fn beginning(text: &str) -> &str {
    const BYTES: usize = 400;
    &text[..text.floor_char_boundary(BYTES)]
}

/// Whether text is `cleaned` once it is cleaned, without the work where the first letter already differs.
pub(super) fn clean_equals(raw: &str, cleaned: &str) -> bool {
    let close = raw.len() <= 4 * cleaned.len() + 64;
    raw == cleaned
        || close && raw.trim_start().chars().next() == cleaned.chars().next() && clean(raw) == cleaned
}

/// Full-width ASCII as plain ASCII, lower case: for headers, dates, times and numbers, not for prose.
pub(super) fn plain(raw: &str) -> String {
    clean(raw)
        .chars()
        .map(|c| match c {
            '！'..='～' => char::from((c as u32 - '！' as u32) as u8 + b'!'),
            c => c,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

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

/// Ways to write "nothing" in a cell that may stay empty.
pub(super) fn means_nothing(raw: &str) -> bool {
    matches!(
        plain(beginning(raw)).as_str(),
        "/" | "\\" | "-" | "--" | "—" | "——" | "无" | "没有" | "none" | "n/a" | "na"
    )
}
