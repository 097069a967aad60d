//! Resident ID numbers, which must never be in a sheet: as they are, in groups, and the older ones of 15 digits.
//!
//! A number of 18 digits in a row is taken for one whatever its check digit, since a mistyped one is personal data too.
//! Grouped ones and those of 15 digits are taken for one when they begin with a province and hold a date of birth.

/// Provinces of GB/T 2260, by the first two digits.
pub(crate) const PROVINCES: [u32; 34] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54,
    61, 62, 63, 64, 65, 71, 81, 82,
];

/// Whether a text holds what looks like an ID number: digits that stand together, with single signs between groups. A date
/// beside it is not part of it.
pub(super) fn is_within(text: &str) -> bool {
    let mut groups: Vec<Vec<u8>> = Vec::new();
    let mut between = usize::MAX;
    for c in text.chars().map(plain) {
        if c.is_ascii_digit() || c == 'X' && !groups.is_empty() {
            match groups.last_mut() {
                Some(group) if between == 0 => group.push(c as u8),
                _ => groups.push(vec![c as u8]),
            }
            between = 0;
        } else if is_separator(c) && between < 3 {
            between += 1;
        } else {
            between = usize::MAX;
        }
        if c == 'X' || between == usize::MAX {
            if makes_one(&groups) {
                return true;
            }
            groups.clear();
            between = usize::MAX;
        }
    }
    makes_one(&groups)
}

/// Whether neighbouring groups together look like an ID number.
fn makes_one(groups: &[Vec<u8>]) -> bool {
    const MOST_GROUPS: usize = 18;
    (0..groups.len()).any(|from| {
        let mut digits = Vec::new();
        groups[from..].iter().take(MOST_GROUPS).any(|group| {
            let grouped = !digits.is_empty();
            digits.extend(group);
            match digits.len() {
                18 => !grouped || holds_birth(&digits),
                15 => holds_birth(&digits),
                _ => false,
            }
        })
    })
}

/// An 18-character ID number by its birth date and check digit (GB 11643-1999): stricter, because a volunteer number may
/// have 18 digits too.
pub(super) fn is_exactly(number: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let compact: String = number.chars().filter(|&c| !is_separator(c)).map(plain).collect();
    let bytes = compact.as_bytes();
    if bytes.len() != 18 || !bytes[..17].iter().all(u8::is_ascii_digit) || !holds_birth(bytes) {
        return false;
    }
    let sum: u32 =
        bytes[..17].iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    bytes[17] == b"10X98765432"[(sum % 11) as usize]
}

/// Full-width digits and the letters that are typed for the last character.
fn plain(c: char) -> char {
    match c {
        '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
        'x' | 'ｘ' | 'Ｘ' | '×' | 'Х' | 'х' => 'X',
        c => c,
    }
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '_' | '.' | '·' | '/' | '*' | '－' | '＿' | '\u{2010}'
                ..='\u{2015}' | '\u{2212}' | '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}'
        )
}

/// Whether a number of 15 or 18 characters begins with a province and then holds a date of birth.
fn holds_birth(digits: &[u8]) -> bool {
    let value = |range: std::ops::Range<usize>| {
        digits[range].iter().fold(0, |sum, d| sum * 10 + u32::from(d.wrapping_sub(b'0')))
    };
    let (year, at) = if digits.len() == 15 { (1900 + value(6..8), 8) } else { (value(6..10), 10) };
    PROVINCES.contains(&value(0..2))
        && (1900..=2099).contains(&year)
        && (1..=12).contains(&value(at..at + 2))
        && (1..=31).contains(&value(at + 2..at + 4))
        && digits[..digits.len() - 1].iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    fn an_id_number_is_seen_however_it_is_written(
        #[values(
            "代办 110105 19491231 002X",
            "代办 110105-19491231-002X",
            "代办 130503670401001",
            "代办 11010519491231002 X",
            "110105194912310021",
            "证11010519491231002x号",
            "\u{ff11}10105194912\u{ff13}1002\u{ff38}",
            "1101 0519 4912 3100 2X",
            "130503 670401 001",
            "110105 - 19491231 - 002X",
            "2026-03-07 110105194912310029",
            "13050367040100 1",
            "110105_19491231_002×"
        )]
        text: &str,
    ) {
        assert!(is_within(text), "{text}");
    }

    #[rstest]
    fn other_numbers_are_none(
        #[values(
            "13912340001",
            "34188290000196",
            "2026-11-25 9:00",
            "2026.11.25-2026.11.27",
            "0563-6022222 13912340001",
            "2026-03-07 2026-03-08 1",
            "1990027695319900",
            "123456789012345",
            "X",
            "共120人，3小时",
            "00000000000000000000"
        )]
        text: &str,
    ) {
        assert!(!is_within(text), "{text}");
    }
}
