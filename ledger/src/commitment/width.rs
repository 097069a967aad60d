//! The signs of other keyboards, and their ASCII twins.

/// Full-width forms (U+FF01..U+FF5E), common in spreadsheets, to their ASCII twins.
pub(super) fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        other => other,
    }
}

/// A volunteer number or code as it is kept: ASCII, the signs of other keyboards as their twins.
pub(super) fn keyboard(c: char) -> char {
    match narrow(c) {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        '·' | '•' | '・' | '‧' | '∙' | '。' => '.',
        '’' | '‘' => '\'',
        c => c,
    }
}
