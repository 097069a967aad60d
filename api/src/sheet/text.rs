//! Cleaning and inspecting the text of cells.

use super::faults::Fault;

const EXCERPT: usize = 24;

/// Excel's error values; in a CSV file they arrive as text.
const ERRORS: &[&str] =
    &["#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#DATA!"];

/// Characters that carry no meaning and slip in from web pages; dropped so that equal names compare equal.
fn is_filler(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{feff}' | '\u{2060}' | '\u{ad}')
}

/// Characters that reorder or hide what a person sees (Unicode TR 36), as well as private and non-characters.
fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2061}'..='\u{206f}'
        | '\u{fff0}'..='\u{ffff}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
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

/// Whether text is `cleaned` once it is cleaned, without the work where the first letter already differs.
pub(super) fn clean_equals(raw: &str, cleaned: &str) -> bool {
    raw == cleaned || raw.trim_start().chars().next() == cleaned.chars().next() && clean(raw) == cleaned
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

/// Refuses what could harm whoever opens an export later, and what a person cannot see.
/// A phone may begin with `+` when only digits, spaces and hyphens follow.
pub(super) fn inspect(raw: &str, may_be_phone: bool) -> Result<(), Fault> {
    if raw.contains('\0') {
        return Err(Fault::NulByte);
    }
    if raw.chars().any(is_deceptive) {
        return Err(Fault::InvisibleCharacter);
    }
    if starts_formula(raw, may_be_phone) {
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
        Some('+' | '＋') if may_be_phone => !clean(&shown.collect::<String>())
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')')),
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') => true,
        _ => false,
    }
}

/// Ways to write "nothing" in a cell that may stay empty.
pub(super) fn means_nothing(raw: &str) -> bool {
    matches!(
        plain(raw).as_str(),
        "/" | "\\" | "-" | "--" | "—" | "——" | "无" | "没有" | "none" | "n/a" | "na"
    )
}

/// A run of exactly 18 characters shaped like a Chinese resident ID number, in cleaned text.
pub(super) fn holds_id_number(shown: &str) -> bool {
    let mut digits = 0;
    let mut chars = shown.chars().peekable();
    while let Some(c) = chars.next() {
        if !c.is_ascii_digit() {
            digits = 0;
            continue;
        }
        digits += 1;
        let next = chars.peek();
        let ends = !next.is_some_and(char::is_ascii_digit);
        if digits == 18 && ends || digits == 17 && matches!(next, Some('x' | 'X' | 'ｘ' | 'Ｘ')) {
            return true;
        }
    }
    false
}

/// An 18-character ID number by its birth date and check digit (GB 11643-1999): stricter than the shape, because a
/// volunteer number may have 18 digits too.
pub(super) fn is_id_number(number: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let bytes = number.as_bytes();
    if bytes.len() != 18 || !bytes[..17].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let value = |range: std::ops::Range<usize>| {
        bytes[range].iter().fold(0u32, |sum, digit| sum * 10 + u32::from(digit - b'0'))
    };
    let born = (1900..=2099).contains(&value(6..10))
        && (1..=12).contains(&value(10..12))
        && (1..=31).contains(&value(12..14));
    let sum: u32 =
        bytes[..17].iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    born && bytes[17].to_ascii_uppercase() == b"10X98765432"[(sum % 11) as usize]
}

/// The beginning of a cell, safe to print.
pub(super) fn excerpt(raw: &str) -> String {
    let mut out: String = raw
        .chars()
        .take(EXCERPT)
        .map(|c| if c.is_control() || is_deceptive(c) || is_filler(c) { '\u{fffd}' } else { c })
        .collect();
    if raw.chars().nth(EXCERPT).is_some() {
        out.push('…');
    }
    out
}

/// An excerpt with every digit hidden.
pub(super) fn masked(raw: &str) -> String {
    excerpt(raw).chars().map(|c| if c.is_numeric() { '*' } else { c }).collect()
}
