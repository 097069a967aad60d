//! How columns are named.

/// Column number (0-based) as letters: 0 is A, 26 is AA.
pub(super) fn letters(column: usize) -> String {
    let mut rest = column;
    let mut name = Vec::new();
    loop {
        name.push(char::from(b'A' + (rest % 26) as u8));
        if rest < 26 {
            return name.iter().rev().collect();
        }
        rest = rest / 26 - 1;
    }
}
