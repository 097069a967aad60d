//! What holds for every row that does not say it: what stands in the heading of a paper sheet, or was typed once beside it.

use std::sync::Arc;

use super::faults::{FileFault, SheetError, parts};
use super::grid::{Cell, GridRow};
use super::occasion::{self, When};
use super::text;
use super::words::Field;

/// The fields that a whole sheet may have in common; never who was there.
pub(super) const COMMON: [Field; 7] =
    [Field::Activity, Field::Date, Field::Start, Field::End, Field::Place, Field::Content, Field::Lead];

/// More of a heading is not looked at.
const LONGEST: usize = 2_000;

/// Values for fields that rows lack, and whether a name may stand alone.
#[derive(Clone, Debug, Default)]
pub struct Given {
    cells: [Option<Cell>; Field::ALL.len()],
    pub(super) names_alone: bool,
    pub(super) shows: bool,
}

impl Given {
    /// Values that somebody typed once for the whole sheet; blank ones are none.
    ///
    /// # Errors
    /// [`SheetError`] for a date or a time that cannot be read.
    pub fn typed<'a>(values: impl IntoIterator<Item = (Field, &'a str)>) -> Result<Given, SheetError> {
        let mut given = Given::default();
        for (field, value) in values.into_iter().filter(|(_, value)| !value.trim().is_empty()) {
            if !given.put(field, value.trim()) {
                let (zh, en) = field.title();
                return Err(SheetError::new(FileFault::BadGiven, &parts(&[zh, en])));
            }
        }
        Ok(given)
    }

    /// A row may have a name without a number, and a list of names from a chat group is read, too: whoever imports then says
    /// who is meant.
    #[must_use]
    pub fn with_names_alone(self) -> Given {
        Given { names_alone: true, ..self }
    }

    /// What is read is told as it stands in the file, too, for whoever looks at it there.
    #[must_use]
    pub fn with_cells_shown(self) -> Given {
        Given { shows: true, ..self }
    }

    pub(super) fn get(&self, field: Field) -> Option<&Cell> {
        self.cells[field as usize].as_ref()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cells.iter().all(Option::is_none)
    }

    /// Keeps a value unless there is one; false if it is a date or a time that cannot be read.
    fn put(&mut self, field: Field, value: &str) -> bool {
        let cell = Cell::Text(Arc::from(value));
        let reads = match field {
            Field::Date => super::moment::date(&cell).is_ok(),
            Field::Start | Field::End => super::moment::time(&cell).is_ok(),
            _ => true,
        };
        if reads {
            self.cells[field as usize].get_or_insert(cell);
        }
        reads
    }

    pub(super) fn put_when(&mut self, when: When) {
        for (field, cell) in when.cells() {
            self.cells[field as usize].get_or_insert(cell);
        }
    }

    /// Adds what the rows above the head say, where nothing was typed. Gives what was found, for a note.
    pub(super) fn add_heading(&mut self, rows: &[GridRow], today: i32) -> Vec<String> {
        let mut found = Vec::new();
        for (label, value) in labelled(&heading(rows)) {
            let missed = match meaning(label) {
                Some(Means::When) => match occasion::when(value, today) {
                    Some(when) => {
                        self.put_when(when);
                        false
                    }
                    None => true,
                },
                Some(Means::Of(field)) => !self.put(field, value),
                None => true,
            };
            if !missed {
                found.push(format!("{label} {value}"));
            }
        }
        found
    }

    /// For a list of names under one line of what it is about.
    pub(super) fn add(&mut self, field: Field, value: &str) {
        if !value.is_empty() {
            self.put(field, value);
        }
    }
}

enum Means {
    Of(Field),
    When,
}

fn meaning(label: &str) -> Option<Means> {
    Some(match label {
        "活动名称" | "活动主题" | "活动项目" | "项目名称" | "服务项目" => {
            Means::Of(Field::Activity)
        }
        "活动时间" | "服务时间" | "志愿服务时间" | "时间" => Means::When,
        "活动日期" | "服务日期" | "日期" => Means::Of(Field::Date),
        "开始时间" => Means::Of(Field::Start),
        "结束时间" => Means::Of(Field::End),
        "活动地点" | "服务地点" | "集合地点" | "地点" => Means::Of(Field::Place),
        "服务内容" | "活动内容" | "内容" => Means::Of(Field::Content),
        "负责人" | "活动负责人" | "现场负责人" | "领队" | "带队人" => {
            Means::Of(Field::Lead)
        }
        _ => return None,
    })
}

/// The rows above the head as one text; a label in a cell of its own is joined to what stands beside it.
fn heading(rows: &[GridRow]) -> String {
    let mut all = String::new();
    for cell in rows.iter().flat_map(|row| &row.cells).filter(|cell| matches!(cell, Cell::Text(_))) {
        let shown = text::clean(text::beginning(&cell.shown())).replace('：', ":");
        let bare = shown.trim();
        all.push_str(bare);
        all.push_str(if meaning(bare).is_some() { ":" } else { "  " });
        if all.len() > LONGEST {
            break;
        }
    }
    all
}

/// Labels and what stands behind each, up to the next one.
fn labelled<'a>(heading: &'a str) -> Vec<(&'a str, &'a str)> {
    let is_word = |c: char| c.is_alphabetic();
    // Where a label begins, where its value begins, and the label.
    let mut labels: Vec<(usize, usize, &'a str)> = Vec::new();
    for (at, sign) in heading.match_indices(':') {
        let before = &heading[..at];
        let trimmed = before.trim_end();
        let begin = trimmed
            .rfind(|c: char| !is_word(c))
            .map_or(0, |at| at + trimmed[at..].chars().next().map_or(1, char::len_utf8));
        let word = &trimmed[begin..];
        if word.is_empty() {
            continue;
        }
        // A label may follow a value without a blank: the longest that is known.
        let known = word.char_indices().map(|(from, _)| from).find(|from| meaning(&word[*from..]).is_some());
        let from = known.unwrap_or(0);
        labels.push((begin + from, at + sign.len(), &word[from..]));
    }
    let ends = labels.iter().skip(1).map(|(from, ..)| *from).chain([heading.len()]);
    let value = |((_, from, label), to): (&(usize, usize, &'a str), usize)| {
        let shown = heading.get(*from..to)?;
        let cut = ["应到", "实到"].iter().filter_map(|word| shown.find(word)).min().unwrap_or(shown.len());
        let shown = shown[..cut].trim_matches(|c: char| c.is_whitespace() || "_＿,，;；。".contains(c));
        (!shown.is_empty()).then_some((*label, shown))
    };
    labels.iter().zip(ends).filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_is_taken_apart_by_its_labels() {
        let heading = "活动名称:清洁家园 活动时间:2026年11月21日8:30—11:30 活动地点:东门 组织单位:东湖社区 负责人:李红 应到__人 实到__人";
        assert_eq!(
            labelled(heading),
            [
                ("活动名称", "清洁家园"),
                ("活动时间", "2026年11月21日8:30—11:30"),
                ("活动地点", "东门"),
                ("组织单位", "东湖社区"),
                ("负责人", "李红"),
            ]
        );
        assert_eq!(labelled("活动名称:__ 负责人:__"), []);
        assert_eq!(labelled("活动名称:清洁家园负责人:李红"), [("活动名称", "清洁家园"), ("负责人", "李红")]);
    }
}
