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
pub(super) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    table_of(header.map(str::to_owned).into(), rows.into_iter().map(Vec::from))
}

/// The same of any number of columns: each row has as many cells as the header.
pub(super) fn table_of(header: Vec<String>, rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let columns = header.len();
    let rows: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
    let widest = |at: usize| rows.iter().map(|row| width(&row[at])).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let line = |row: &Vec<String>| {
        let padded =
            row.iter().zip(&widths).map(|(cell, most)| cell.clone() + &" ".repeat(most + 2 - width(cell)));
        padded.collect::<String>().trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
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
        let shown = table(["社区", "h"], [["听蝉社区".into(), "1".into()], ["abc".into(), "22".into()]]);
        assert_eq!(shown, "社区      h\n听蝉社区  1\nabc       22\n");
    }

    #[test]
    fn numbers_for_people() {
        assert_eq!((hours(90), hours(59), hours(0)), ("1.5".into(), "0.9".into(), "0.0".into()));
    }
}
