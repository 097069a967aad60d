//! Text that stands on the log in the clear and is shown to everybody: what may be in it.

use super::rejection::{Code, Verdict, fits};

/// Why a text may not stand on the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unfit {
    /// Empty, or longer than so many bytes.
    #[error("1 to {0} bytes (a Chinese character takes 3)")]
    Length(usize),
    /// Blank at its beginning or end.
    #[error("no blank at the beginning or end")]
    Blank,
    /// A character that cannot be seen, turns the direction of writing, or means nothing to anybody else.
    #[error("U+{:04X} is not allowed (control, invisible, text direction or private use)", u32::from(*.0))]
    Character(char),
}

/// Whether a text reads for everybody as it is written.
///
/// # Errors
/// The first thing that is wrong with it, but for its length.
pub fn check_public(text: &str) -> Result<(), Unfit> {
    let misleads = |c: &char| is_deceptive(*c) || is_unseen(*c) || is_nobodys(*c) || is_odd_blank(*c);
    if let Some(c) = text.chars().find(misleads) {
        return Err(Unfit::Character(c));
    }
    if text.trim() == text { Ok(()) } else { Err(Unfit::Blank) }
}

/// Refuses a text of a field that is empty, longer than so many bytes, or does not read for everybody as it is written.
pub(super) fn ensure_public(field: &str, text: &str, most: usize) -> Verdict {
    let fits = (1..=most).contains(&text.len());
    let checked = if fits { check_public(text) } else { Err(Unfit::Length(most)) };
    checked.map_err(|unfit| Code::OutOfRange.because(format_args!("{field}: {unfit}")))
}

/// Refuses what cannot stand for a kind of wish or activity in the catalogue and in addresses.
pub(super) fn ensure_category(text: &str, most: usize) -> Verdict {
    let slug = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let holds = (1..=most).contains(&text.len()) && text.bytes().all(slug);
    fits(holds, format_args!("category: 1 to {most} of a-z, 0-9 and hyphen"))
}

/// Control characters, text direction (Unicode TR 36, "Trojan Source"), invisible ones and tags.
#[must_use]
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
            | '\u{00AD}' | '\u{200B}' | '\u{2028}' | '\u{2029}' | '\u{2060}' | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// The rest of what Unicode lets a program leave out (`Default_Ignorable_Code_Point`), and the blank Braille pattern: two
/// texts that differ only in these look alike.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200C}' | '\u{200D}' | '\u{2061}'..='\u{2065}' | '\u{206A}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0080}'..='\u{E0FFF}')
}

/// Private use, which each font shows as it likes, what stands for an unreadable character, and what is no character at all.
fn is_nobodys(c: char) -> bool {
    let code = u32::from(c);
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}' | '\u{FFFC}' | '\u{FFFD}' | '\u{F0000}'..)
        || code & 0xFFFE == 0xFFFE
        || (0x4_0000..0xE_0000).contains(&code)
}

/// A blank that looks like another one. Between words there is a space, or the one as wide as a Chinese character.
fn is_odd_blank(c: char) -> bool {
    c.is_whitespace() && !matches!(c, ' ' | '\u{3000}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_text_reads_as_it_is_written() {
        for good in [
            "枕溪街道",
            "A-1 (北)",
            "第三党支部·一组",
            "ئۇيغۇر",
            "Team é",
            "𠮷田社区",
            "万 里",
            "万　里",
            "91990181MA2RXXXX0X",
        ] {
            assert_eq!(check_public(good), Ok(()), "{good}");
        }
        for bad in "\u{0}\u{7}\n\t\r\u{7F}\u{85}\u{A0}\u{AD}\u{34F}\u{61C}\u{115F}\u{180E}\u{1680}\u{2003}\u{200B}\u{200C}\u{200D}\u{200E}\
                    \u{200F}\u{2028}\u{2029}\u{202A}\u{202E}\u{202F}\u{205F}\u{2060}\u{2064}\u{2066}\u{2069}\u{206F}\u{2800}\u{3164}\
                    \u{E000}\u{F8FF}\u{FDD0}\u{FE0F}\u{FEFF}\u{FFA0}\u{FFF9}\u{FFFD}\u{FFFF}\u{1FFFE}\u{50000}\u{E0041}\u{E0100}\u{F0000}\u{10FFFF}"
            .chars()
        {
            assert_eq!(check_public(&format!("一{bad}二")), Err(Unfit::Character(bad)), "{bad:?}");
        }
        for blank in [" 一", "一 ", "\u{3000}一", " "] {
            assert_eq!(check_public(blank), Err(Unfit::Blank));
        }
    }
}
