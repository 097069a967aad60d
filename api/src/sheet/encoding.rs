//! In which encoding a text file is written, and whether all of it is.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030, UTF_8};

use super::faults::{FileFault, Note, Remark, SheetError};

/// UTF-8 and UTF-16 (what "Unicode text" saves) by their marks, else UTF-8, else GB18030 if every byte fits.
pub(super) fn decode<'a>(bytes: &'a [u8], notes: &mut Vec<Note>) -> Result<Cow<'a, str>, SheetError> {
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) if encoding != UTF_8 => {
            notes.push(Note::new(Remark::Decoded, encoding.name()));
            strictly(encoding, &bytes[mark..])?
        }
        Some((_, mark)) => eight_bits(&bytes[mark..], true, notes)?,
        None => eight_bits(bytes, false, notes)?,
    };
    Ok(without_end_mark(text))
}

fn strictly<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Result<Cow<'a, str>, SheetError> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    text.ok_or_else(|| SheetError::new(FileFault::Encoding, ""))
}

fn eight_bits<'a>(bytes: &'a [u8], marked: bool, notes: &mut Vec<Note>) -> Result<Cow<'a, str>, SheetError> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    }
    if let Some(line) = second_encoding(bytes, marked) {
        return Err(SheetError::new(FileFault::TwoEncodings, &line.to_string()));
    }
    let text = strictly(GB18030, bytes)?;
    notes.push(Note::new(Remark::Decoded, "GB18030"));
    Ok(text)
}

/// The line from which bytes are written in another encoding than those before. Files are joined by whole lines, cells
/// are pasted: each cell is in one encoding.
fn second_encoding(bytes: &[u8], marked: bool) -> Option<usize> {
    let mut first = marked.then_some(Written::Utf8);
    for (line, at) in bytes.split(|byte| *byte == b'\n').zip(1..) {
        // No byte of a character in GB18030 is one of these.
        for cell in line.split(|byte| matches!(byte, b',' | b';' | b'\t' | b'"' | b'\r')) {
            match (written(cell), first) {
                (None, _) => {}
                (found, None) => first = found,
                (Some(found), Some(first)) if found != first => return Some(at),
                (Some(_), Some(_)) => {}
            }
        }
    }
    None
}

#[derive(Clone, Copy, PartialEq)]
enum Written {
    Utf8,
    Gb18030,
}

/// In which encoding a cell must be; None where it tells nothing. Two bytes of GB18030 are often valid UTF-8, as a letter
/// of another script; a row of three-byte characters is not found by chance.
fn written(cell: &[u8]) -> Option<Written> {
    if cell.is_ascii() {
        return None;
    }
    let Ok(text) = std::str::from_utf8(cell) else { return Some(Written::Gb18030) };
    let foreign = |c: char| !c.is_ascii() && c < '\u{2000}';
    if text.chars().any(foreign) { None } else { Some(Written::Utf8) }
}

/// Old programs end a text with Ctrl-Z.
fn without_end_mark(text: Cow<'_, str>) -> Cow<'_, str> {
    const MARK: char = '\u{1a}';
    if !text.trim_end().ends_with(MARK) {
        return text;
    }
    let kept = text.trim_end_matches(|c: char| c == MARK || c.is_whitespace()).len();
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..kept]),
        Cow::Owned(mut text) => {
            text.truncate(kept);
            Cow::Owned(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(bytes: &[u8]) -> Result<String, (&'static str, String)> {
        decode(bytes, &mut Vec::new()).map(Cow::into_owned).map_err(|error| (error.code, error.en))
    }

    #[test]
    fn two_encodings_in_one_file_are_told_by_line() {
        let chinese = |text: &str| GB18030.encode(text).0.into_owned();
        let (gbk, utf8) = (chinese("姓名,电话\r\n盐木,1\r\n"), "垃圾分类,慰问老人\r\n".as_bytes().to_vec());
        let cases = [
            ([gbk.clone(), utf8.clone()].concat(), 3),
            ([utf8.clone(), utf8.clone(), gbk.clone()].concat(), 3),
            ([b"\xef\xbb\xbf".to_vec(), gbk.clone()].concat(), 1),
            ([b"a,b\n".to_vec(), chinese("一条河,"), "社区".as_bytes().to_vec()].concat(), 2),
            ([chinese("姓名\n"), b"x\n".to_vec(), "王".as_bytes().to_vec()].concat(), 3),
        ];
        for (bytes, line) in cases {
            let (code, en) = code(&bytes).unwrap_err();
            assert_eq!(code, "two-encodings");
            assert!(en.contains(&format!("line {line}")), "{en}, not {line}");
        }
        assert_eq!(code(&gbk).unwrap(), "姓名,电话\r\n盐木,1\r\n");
        assert_eq!(code(&chinese("一,联通,社区")).unwrap(), "一,联通,社区");
    }

    #[test]
    fn a_mark_at_the_end_is_no_text() {
        assert_eq!(code(b"a,b\r\n1,2\r\n\x1a").unwrap(), "a,b\r\n1,2");
        assert_eq!(code("王\n\u{1a}\r\n".as_bytes()).unwrap(), "王");
    }
}
