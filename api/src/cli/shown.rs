//! Answers as people read them: an outline, and rows as a table.

use serde_json::Value;

use super::table::table_of;
use super::terms::{self, Terms};
use crate::sheet::write::Cell;

/// The columns of a table.
pub(super) type Columns = &'static [Column];

/// One column: its head, what of a row it shows, and how.
pub(super) struct Column {
    head: &'static str,
    pointer: &'static str,
    how: How,
}

#[derive(Clone, Copy)]
enum How {
    Text,
    /// A moment to the minute, in the ledger's time.
    Time,
    /// Hundredths of a point as points.
    Hundredths,
    /// From when to when each of them is, with the places taken.
    Shifts,
    /// A stable name, with its word.
    Term(Terms),
}

impl Column {
    pub(super) const fn text(head: &'static str, pointer: &'static str) -> Self {
        Self { head, pointer, how: How::Text }
    }

    pub(super) const fn time(head: &'static str, pointer: &'static str) -> Self {
        Self { head, pointer, how: How::Time }
    }

    pub(super) const fn times(head: &'static str, pointer: &'static str) -> Self {
        Self { head, pointer, how: How::Shifts }
    }

    pub(super) const fn term(head: &'static str, pointer: &'static str, terms: Terms) -> Self {
        Self { head, pointer, how: How::Term(terms) }
    }

    pub(super) const fn points(head: &'static str, pointer: &'static str) -> Self {
        Self { head, pointer, how: How::Hundredths }
    }

    /// What stands in a sheet: figures as such.
    pub(super) fn sheet_cell(&self, row: &Value) -> Cell {
        match (self.how, row.pointer(self.pointer)) {
            // Programs compare what stands there.
            (How::Term(_), Some(name)) if !name.is_null() => Cell::Text(text(name)),
            (How::Text, Some(Value::Number(number))) => Cell::Number(number.as_f64().unwrap_or_default()),
            (_, None | Some(Value::Null)) => Cell::Text(String::new()),
            _ => Cell::Text(self.cell(row)),
        }
    }

    pub(super) fn head(&self) -> String {
        self.head.to_owned()
    }

    fn cell(&self, row: &Value) -> String {
        let value = row.pointer(self.pointer).unwrap_or(&Value::Null);
        match (self.how, value) {
            (_, Value::Null) => "-".to_owned(),
            (_, Value::Bool(yes)) => if *yes { "是 yes" } else { "否 no" }.to_owned(),
            (How::Time, value) => to_the_minute(value),
            (How::Term(terms), value) => {
                let name = text(value);
                terms(&name).map_or_else(|| name.clone(), |zh| format!("{zh} {name}"))
            }
            (How::Hundredths, value) => points(value.as_i64().unwrap_or_default()),
            (How::Shifts, Value::Array(shifts)) => shifts.iter().map(shift).collect::<Vec<_>>().join("; "),
            (_, Value::Object(fields)) => {
                let each = fields.iter().map(|(name, value)| format!("{name}={}", text(value)));
                each.collect::<Vec<_>>().join(" ")
            }
            (_, value) => text(value),
        }
    }
}

/// Rows of hours as their confirmers read them.
pub(super) const HOURS: Columns = &[
    Column::text("登记 recorded", "/recorded"),
    Column::text("行 row", "/row"),
    Column::text("姓名 name", "/name"),
    Column::text("活动 activity", "/title"),
    Column::time("开始 start", "/start"),
    Column::time("结束 end", "/end"),
    Column::term("状态 state", "/state", terms::hours),
    Column::text("分钟 minutes", "/minutes"),
    Column::text("登记人 recorder", "/recorder/by"),
];
/// Rows of a person's own record.
pub(super) const RECORD: Columns = &[
    Column::time("开始 start", "/start"),
    Column::time("结束 end", "/end"),
    Column::text("活动 activity", "/title"),
    Column::text("组织 org", "/org/name"),
    Column::term("状态 state", "/state", terms::hours),
    Column::text("分钟 minutes", "/minutes"),
    Column::text("时间币 credit", "/credit_minutes"),
    Column::text("登记人 recorder", "/recorder/by"),
    Column::text("审核人 confirmer", "/confirmer/by"),
    Column::text("更正原因 correction", "/correction_reason"),
];
/// The same for a sheet: with what tells rows apart.
pub(super) const RECORD_SHEET: Columns = &[
    Column::text("登记 recorded", "/recorded"),
    Column::text("行 row", "/row"),
    Column::time("开始 start", "/start"),
    Column::time("结束 end", "/end"),
    Column::text("活动 activity", "/title"),
    Column::text("地点 place", "/place"),
    Column::text("组织 org", "/org/name"),
    Column::term("状态 state", "/state", terms::hours),
    Column::text("分钟 minutes", "/minutes"),
    Column::text("时间币 credit", "/credit_minutes"),
    Column::text("登记人 recorder", "/recorder/by"),
    Column::text("审核人 confirmer", "/confirmer/by"),
    Column::text("补录原因 late", "/late_reason"),
    Column::text("更正原因 correction", "/correction_reason"),
];
/// Rows of an organisation for a sheet.
pub(super) const HOURS_SHEET: Columns = &[
    Column::text("登记 recorded", "/recorded"),
    Column::text("行 row", "/row"),
    Column::text("人员编号 person", "/member"),
    Column::text("姓名 name", "/name"),
    Column::text("活动 activity", "/title"),
    Column::time("开始 start", "/start"),
    Column::time("结束 end", "/end"),
    Column::text("组织 org", "/org/name"),
    Column::term("状态 state", "/state", terms::hours),
    Column::text("分钟 minutes", "/minutes"),
    Column::text("补录 late", "/late"),
    Column::text("登记人 recorder", "/recorder/by"),
    Column::text("审核人 confirmer", "/confirmer/by"),
];
/// Postings of an account.
pub(super) const POSTINGS: Columns = &[
    Column::time("时间 at", "/at"),
    Column::text("分钟 minutes", "/minutes"),
    Column::term("来由 cause", "/cause", terms::cause),
    Column::text("余额 balance", "/balance_minutes"),
    Column::text("位置 position", "/position"),
];
/// Wishes of a board.
pub(super) const WISHES: Columns = &[
    Column::text("编号 id", "/id"),
    Column::text("心愿 sentence", "/sentence"),
    Column::term("状态 state", "/state", terms::wish),
    Column::term("类别 category", "/category", terms::category),
    Column::text("分钟 minutes", "/expected_minutes"),
    Column::text("社区 org", "/org/name"),
];
/// Lines of a red and yellow list.
pub(super) const LIST: Columns = &[
    Column::text("姓名 name", "/name"),
    Column::points("积分 points", "/total"),
    Column::term("榜 colour", "/colour", terms::colour),
    Column::term("情况 standing", "/standing", terms::standing),
];
/// What waits.
pub(super) const ACTS: Columns = &[
    Column::text("编号 act", "/act"),
    Column::term("事项 kind", "/kind", terms::waiting),
    Column::term("等待 standing", "/standing", terms::act),
    Column::text("提出人 by", "/by"),
    Column::time("时间 at", "/at"),
    Column::time("期满 due", "/due"),
];
/// Organisations.
pub(super) const ORGS: Columns = &[
    Column::text("编号 id", "/id"),
    Column::text("名称 name", "/name"),
    Column::term("类别 kind", "/kind", terms::org_kind),
    Column::text("代码 code", "/code"),
    Column::text("隶属 within", "/parent"),
];
/// Places of a leaderboard.
pub(super) const BOARD: Columns = &[
    Column::text("名次 rank", "/rank"),
    Column::text("姓名 name", "/name"),
    Column::text("分钟 minutes", "/minutes"),
];

/// A table of rows.
pub(super) fn rows_table(columns: Columns, rows: &[Value]) -> String {
    let heads = columns.iter().map(|column| column.head.to_owned()).collect();
    table_of(heads, rows.iter().map(|row| columns.iter().map(|column| column.cell(row)).collect()))
}

fn to_the_minute(value: &Value) -> String {
    text(value).chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect()
}

fn points(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let all = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", all / 100, all % 100)
}

fn shift(shift: &Value) -> String {
    let [start, end] = ["start", "end"].map(|name| to_the_minute(&shift[name]));
    let end = end.rsplit(' ').next().unwrap_or_default().to_owned();
    format!("{start}–{end} ({}/{})", shift["taken"], shift["places"])
}

/// JSON as an outline: one value a line, indented by depth.
pub(super) fn outline(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, 0);
    out
}

fn write(out: &mut String, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                match value {
                    Value::Object(_) | Value::Array(_) => {
                        out.push_str(&format!("{indent}{name}:\n"));
                        write(out, value, depth + 1);
                    }
                    plain => out.push_str(&format!("{indent}{name}: {}\n", text(plain))),
                }
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                if at > 0 && item.is_object() {
                    out.push_str(&format!("{indent}—\n"));
                }
                write(out, item, depth);
            }
        }
        plain => out.push_str(&format!("{indent}{}\n", text(plain))),
    }
}

/// A value on one line; control characters, which could trick a terminal, are left out.
fn text(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outline_leaves_out_nothing_but_nulls_and_control_characters() {
        let value = serde_json::json!({ "a": 1, "b": [{ "c": "x\u{1b}[2J" }, { "c": "y" }], "n": null });
        assert_eq!(outline(&value), "a: 1\nb:\n  c: x[2J\n  —\n  c: y\n");
    }

    #[test]
    fn a_table_shows_times_points_and_what_is_not_there() {
        let row = serde_json::json!({ "name": "王芳", "total": -5, "at": "2026-12-05T09:00:00+08:00", "own": null });
        const COLUMNS: Columns = &[
            Column::text("姓名", "/name"),
            Column::points("积分", "/total"),
            Column::time("时间", "/at"),
            Column::text("其他", "/own"),
        ];
        let shown = rows_table(COLUMNS, &[row]);
        assert_eq!(shown, "姓名  积分   时间              其他\n王芳  -0.05  2026-12-05 09:00  -\n");
    }
}
