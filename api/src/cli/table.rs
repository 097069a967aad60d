//! Tables for a terminal, in which a Chinese character is two columns wide.

/// How many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

fn is_wide(c: char) -> bool {
    matches!(u32::from(c), 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f
        | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x2_0000..=0x3_fffd)
}

/// Rows under a header, columns padded to the widest cell; the last one is not padded.
pub(super) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = header.iter().map(|cell| width(cell)).collect();
    for row in rows {
        for (most, cell) in widths.iter_mut().zip(row) {
            *most = (*most).max(width(cell));
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut line = String::new();
        for (cell, most) in cells.zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', most + 2 - width(cell).min(*most)));
        }
        line.trim_end().to_owned() + "\n"
    };
    let mut out = line(&mut header.iter().copied());
    for row in rows {
        out.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    out
}

/// Minutes as hours, rounded down here and nowhere else.
pub(super) fn hours(minutes: u64) -> String {
    format!("{}.{}", minutes / 60, minutes % 60 * 10 / 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_and_latin_columns_line_up() {
        let shown =
            table(&["社区", "h"], &[vec!["景贤社区".into(), "1".into()], vec!["abc".into(), "22".into()]]);
        assert_eq!(shown, "社区      h\n景贤社区  1\nabc       22\n");
    }

    #[test]
    fn numbers_for_people() {
        assert_eq!((hours(90), hours(59), hours(0)), ("1.5".into(), "0.9".into(), "0.0".into()));
    }
}
