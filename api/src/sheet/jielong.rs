//! A list of names that was copied from a chat group (群接龙): one line of what it is about, and one line for each person.

use std::sync::Arc;

use super::given::Given;
use super::grid::{Cell, Grid, GridRow};
use super::words::Field;
use super::{moment, occasion, person, text};

/// Lines that are looked for the first name.
const HEADING: usize = 8;

/// A list as a sheet of names and phones; None if a text is no such list.
pub(super) fn grid(shown: &str, given: &mut Given, today: i32) -> Option<Grid> {
    let shown = shown.trim_start_matches('\u{feff}');
    let lines = || (1u32..).zip(shown.lines()).filter(|(_, line)| !line.trim().is_empty());
    let marked = lines()
        .next()
        .is_some_and(|(_, line)| line.trim_start_matches(['#', '＃']).trim().starts_with("接龙"));
    let first = lines().position(|(_, line)| numbered(line).is_some())?;
    if !marked || first > HEADING {
        return None;
    }
    for (_, line) in lines().take(first).skip(1) {
        headline(line, given, today);
    }
    let head = ["姓名", "电话"].map(|title| Cell::Text(Arc::from(title)));
    let mut rows = vec![GridRow { line: 1, cells: head.to_vec(), ..GridRow::default() }];
    rows.extend(lines().filter_map(|(line, shown)| {
        let (name, phone) = parted(numbered(shown)?);
        let cells = [name, phone].map(|part| Cell::Text(Arc::from(part)));
        Some(GridRow { line, cells: cells.to_vec(), ..GridRow::default() })
    }));
    Some(Grid { rows, ..Grid::default() })
}

/// What stands behind the number of a line: `1. 王芳`, `2、李伟`.
fn numbered(line: &str) -> Option<&str> {
    let line = line.trim();
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = rest.strip_prefix(['.', '、', '．', ')', '）']).filter(|_| rest.len() < line.len())?;
    // 11.21 is a day.
    let is_entry = !rest.trim().is_empty() && !rest.starts_with(|c: char| c.is_ascii_digit());
    is_entry.then(|| rest.trim())
}

/// A name, and the phone behind it.
fn parted(entry: &str) -> (&str, &str) {
    let at = entry.char_indices().find(|(at, _)| person::is_surely_phone(&entry[*at..])).map(|(at, _)| at);
    let (name, phone) = entry.split_at(at.unwrap_or(entry.len()));
    (name.trim_end_matches([' ', ',', '，', ':', '：', '\t']), phone)
}

/// `11.21 红色星期六 清洁家园 8:30 东门集合`: a day, a name, a start and a place, in any order.
fn headline(line: &str, given: &mut Given, today: i32) {
    let mut title: Vec<&str> = Vec::new();
    for word in line.split_whitespace() {
        let plain = text::plain(word);
        if let Some((day, _)) = occasion::leading_day(&plain, today).filter(|(_, rest)| rest.is_empty()) {
            given.put_when(occasion::When { day: Some(day), ..occasion::When::default() });
        } else if let Some(when) = occasion::when(&plain, today) {
            given.put_when(when);
        } else if let Some(place) = word.strip_suffix("集合") {
            given.add(Field::Place, place);
        } else if moment::clock(&plain).is_err() {
            title.push(word);
        }
    }
    given.add(Field::Activity, &title.join(" "));
}
