//! Cleaning the text of cells.

use hourbook_ledger::domain::text::is_deceptive as is_forbidden;

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
pub(super) fn is_joiner(c: char) -> bool {
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

/// Ways to write that a cell says what the one above says.
pub(super) fn is_ditto(raw: &str) -> bool {
    matches!(plain(beginning(raw)).as_str(), "同上" | "〃" | "″" | "\"" | "\"\"" | "ditto")
}

/// Ways to write "nothing" in a cell that may stay empty.
pub(super) fn means_nothing(raw: &str) -> bool {
    matches!(
        plain(beginning(raw)).as_str(),
        "/" | "\\" | "-" | "--" | "—" | "——" | "无" | "没有" | "none" | "n/a" | "na"
    )
}
