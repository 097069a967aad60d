//! The register of micro-wishes that a community keeps (微心愿征集认领台账): of some twenty columns seven are read.
//!
//! Who is meant, what is wished for, and what has become of it. What kind of person it is (人员类别), the address, numbers of
//! documents and amounts are neither kept nor told on: a column that is not read is told by its head. Of the remarks only a
//! size of clothes or shoes is read, which belongs to what is wished for.

use std::collections::BTreeMap;

use super::assemble::{begins_like_a_footer, in_one};
use super::errors::Errors;
use super::faults::{Fault, FileFault, Note, Place, RowError, SheetError, parts};
use super::grid::{Cell, Grid, GridRow};
use super::job::{Form, Job};
use super::letters::letters;
use super::words::bare;
use super::{id_number, person, text};

/// A register of wishes.
pub(super) const REGISTER: Form = Form { recognised, head };

/// The head stands in one of so many rows that are not blank.
const HEAD_ROWS: usize = 4;
/// More wishes than these are not read from one file.
pub const MOST_WISHES: usize = 2_000;
/// Bytes of a resident's words, as the ledger takes them.
const LONGEST: usize = 2_000;
/// Whoever is younger has a guardian.
const OF_AGE: u32 = 18;

/// A wish in a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// 1-based row, as the user's spreadsheet program shows it.
    pub line: u32,
    /// Whose it is.
    pub name: String,
    /// In canonical form.
    pub phone: String,
    /// What is wished for, with a size from the remarks.
    pub words: String,
    /// What stands in the column of the category.
    pub category: String,
    /// The unit that has taken it on, in whichever column it stands.
    pub unit: Option<String>,
    /// A child for whom no guardian is named.
    pub is_child: bool,
}

/// What a register says.
#[derive(Clone, Debug, Default)]
pub struct Register {
    /// In the order of the rows, without those that are wrong.
    pub wishes: Vec<Told>,
    /// Line and name of those that were granted already.
    pub done: Vec<(u32, String)>,
    /// The first mistakes by line and column.
    pub errors: Vec<RowError>,
    /// How many mistakes there are of each code.
    pub counts: BTreeMap<&'static str, usize>,
    /// What the sender should know of the file.
    pub notes: Vec<Note>,
    /// The heads of the columns that were not read.
    pub unread: Vec<String>,
}

/// What a column says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Name,
    Phone,
    Words,
    Category,
    Unit,
    Claimer,
    DoneAt,
    Done,
    Age,
    Guardian,
    Remarks,
    /// A column that numbers the rows.
    Counter,
}

fn column(head: &str) -> Option<Column> {
    Some(match bare(head).as_str() {
        "心愿人姓名" | "心愿人" | "许愿人" | "许愿人姓名" | "姓名" | "居民姓名" | "申请人" => {
            Column::Name
        }
        "联系电话" | "电话" | "手机" | "手机号" | "手机号码" | "联系方式" | "心愿人电话" => {
            Column::Phone
        }
        "心愿内容" | "微心愿内容" | "心愿" | "微心愿" => Column::Words,
        "心愿类别" | "心愿类型" | "微心愿类别" | "类别" => Column::Category,
        "认领单位" | "认领组织" => Column::Unit,
        "认领人" | "认领人姓名" => Column::Claimer,
        "完成时间" | "完成日期" => Column::DoneAt,
        "完成情况" | "是否完成" => Column::Done,
        "年龄" => Column::Age,
        "监护人" | "监护人姓名" => Column::Guardian,
        "备注" => Column::Remarks,
        "序号" | "no" | "#" => Column::Counter,
        _ => return None,
    })
}

fn heads_of(row: &GridRow) -> impl Iterator<Item = (usize, String, Option<Column>)> {
    row.cells.iter().enumerate().filter(|(_, cell)| !cell.is_blank()).map(|(at, cell)| {
        let shown = text::clean(text::beginning(&cell.shown()));
        let column = column(&shown);
        (at, shown, column)
    })
}

fn recognised(row: &GridRow) -> usize {
    heads_of(row).filter(|(.., column)| column.is_some()).count()
}

/// The row that names most columns, what is wished for among them.
fn head(rows: &[GridRow]) -> Option<usize> {
    let has_words = |row: &GridRow| heads_of(row).any(|(.., column)| column == Some(Column::Words));
    let heads = rows.iter().take(HEAD_ROWS).enumerate().filter(|(_, row)| has_words(row));
    heads.rev().max_by_key(|(_, row)| recognised(row)).map(|(at, _)| at)
}

/// Where each column stands that is read, by the first head that means it.
type Heads = BTreeMap<Column, Place>;

fn read_heads(row: &GridRow) -> (Heads, Vec<String>) {
    let (mut heads, mut unread) = (Heads::new(), Vec::new());
    for (index, header, column) in heads_of(row) {
        match column {
            Some(column) if !heads.contains_key(&column) => {
                heads.insert(column, Place { index, header, letter: letters(index) });
            }
            _ => unread.push(header),
        }
    }
    (heads, unread)
}

pub(super) fn assemble(grid: Grid, job: &mut Job<'_>) -> Result<Register, SheetError> {
    let mut rows = grid.rows;
    let at = head(&rows).ok_or_else(|| SheetError::new(FileFault::NoWishHeader, ""))?;
    let (heads, unread) = read_heads(&rows[at]);
    if ![Column::Name, Column::Phone].iter().all(|needed| heads.contains_key(needed)) {
        return Err(SheetError::new(FileFault::NoWishHeader, ""));
    }
    rows.drain(..=at);
    let mut errors = Errors::new(job.limits.max_errors);
    let mut register = Register { unread, ..Register::default() };
    for row in rows.into_iter().filter(|row| !is_nothing(row, &heads)) {
        match (Reading { row: &row, heads: &heads, errors: Vec::new() }).wish() {
            Ok(Read::Open(wish)) => register.wishes.push(wish),
            Ok(Read::Done(name)) => register.done.push((row.line, name)),
            Err(found) => found.into_iter().for_each(|error| errors.push(error)),
        }
        if register.wishes.len() > job.limits.max_rows {
            return Err(SheetError::new(FileFault::TooManyRows, &job.limits.max_rows.to_string()));
        }
    }
    (register.errors, register.counts) = errors.finish();
    if register.wishes.is_empty() && register.done.is_empty() && register.errors.is_empty() {
        return Err(SheetError::new(FileFault::NoRows, ""));
    }
    register.notes = std::mem::take(&mut job.notes);
    Ok(register)
}

/// A row that nobody filled in, or a line for sums and signatures.
fn is_nothing(row: &GridRow, heads: &Heads) -> bool {
    let first = row.cells.iter().find(|cell| !cell.is_blank());
    if row.flaw.is_none() && first.is_some_and(|cell| begins_like_a_footer(&in_one(cell))) {
        return true;
    }
    let says =
        |column: &Column| heads.get(column).is_some_and(|place| !said(row.cell(place.index)).is_empty());
    row.flaw.is_none() && ![Column::Name, Column::Phone, Column::Words].iter().any(says)
}

/// What a cell says; nothing where people write that there is nothing.
fn said(cell: &Cell) -> String {
    let shown = text::clean(&cell.shown());
    if text::means_nothing(&shown) { String::new() } else { shown }
}

enum Read {
    Open(Told),
    Done(String),
}

struct Reading<'a> {
    row: &'a GridRow,
    heads: &'a Heads,
    errors: Vec<RowError>,
}

impl Reading<'_> {
    fn wish(mut self) -> Result<Read, Vec<RowError>> {
        if let Some((fault, column)) = self.row.flaw {
            let place = Place { index: column, header: String::new(), letter: letters(column) };
            return Err(vec![RowError::new(self.row.line, &place, fault, "", "")]);
        }
        let name = self.take(Column::Name, Fault::MissingName, person::name);
        if self.is_done() {
            return Ok(Read::Done(name.unwrap_or_default()));
        }
        let phone = self.take(Column::Phone, Fault::MissingContact, person::phone);
        let words = self.take(Column::Words, Fault::MissingContent, words);
        let (Some(name), Some(phone), Some(mut words)) = (name, phone, words) else {
            return Err(self.errors);
        };
        if let Some(size) = size(&self.text(Column::Remarks)) {
            words.push_str(&format!("（{size}）"));
        }
        Ok(Read::Open(Told {
            line: self.row.line,
            name,
            phone,
            words,
            category: self.text(Column::Category),
            unit: self.unit(),
            is_child: self.is_child(),
        }))
    }

    fn text(&self, column: Column) -> String {
        self.heads.get(&column).map(|place| said(self.row.cell(place.index))).unwrap_or_default()
    }

    /// What must be there; if it is not, or is none, that is told.
    fn take(
        &mut self,
        column: Column,
        missing: Fault,
        convert: fn(&str) -> Result<String, Fault>,
    ) -> Option<String> {
        let place = self.heads.get(&column)?;
        let cell = self.row.cell(place.index);
        let shown = said(cell);
        let value = match cell {
            Cell::Formula(_) => Err(Fault::FormulaCell),
            Cell::Error(_) => Err(Fault::ExcelError),
            _ if shown.is_empty() => Err(missing),
            _ if shown.chars().any(text::is_deceptive) => Err(Fault::InvisibleCharacter),
            _ => convert(&shown),
        };
        // What is wrong with the words is told without them: they may say of somebody what nobody has to know.
        let length = match value {
            Err(Fault::CellTooLong) => too_long(&shown),
            _ => String::new(),
        };
        let excerpt = if column == Column::Words { String::new() } else { shown };
        value
            .map_err(|fault| self.errors.push(RowError::new(self.row.line, place, fault, &excerpt, &length)))
            .ok()
    }

    fn is_done(&self) -> bool {
        let is = |column| {
            let shown = self.text(column);
            !shown.is_empty() && !["未", "否", "办理中", "进行中", "×"].iter().any(|no| shown.contains(no))
        };
        is(Column::DoneAt) || is(Column::Done)
    }

    /// A unit stands in its column, or in that of the person who has taken it on.
    fn unit(&self) -> Option<String> {
        let claimer = Some(self.text(Column::Claimer)).filter(|claimer| is_unit(claimer));
        Some(self.text(Column::Unit)).filter(|unit| !unit.is_empty()).or(claimer)
    }

    fn is_child(&self) -> bool {
        let age = self.text(Column::Age);
        let years = age.trim_end_matches(['岁', '周']).trim().parse::<u32>();
        years.is_ok_and(|years| years < OF_AGE) && self.text(Column::Guardian).is_empty()
    }
}

fn words(shown: &str) -> Result<String, Fault> {
    if id_number::is_within(shown) {
        return Err(Fault::IdNumber);
    }
    match shown.len() > LONGEST {
        true => Err(Fault::CellTooLong),
        false => Ok(shown.to_owned()),
    }
}

/// How long the words are, and how long they may be.
fn too_long(shown: &str) -> String {
    let figures = [shown.chars().count(), shown.len(), LONGEST, LONGEST / "字".len()].map(|n| n.to_string());
    parts(&figures.each_ref().map(String::as_str))
}

/// Whether what stands for a person is the name of an organisation: 住建局第二党支部.
fn is_unit(claimer: &str) -> bool {
    const PARTS: [&str; 16] = [
        "局",
        "支部",
        "党委",
        "党组",
        "公司",
        "学校",
        "小学",
        "中学",
        "大学",
        "医院",
        "银行",
        "中心",
        "协会",
        "服务队",
        "委员会",
        "研究所",
    ];
    PARTS.iter().any(|part| claimer.contains(part))
}

/// The size of clothes or shoes in a remark: `鞋码38`, `38码`, `身高120cm`, `XL`.
fn size(remark: &str) -> Option<&str> {
    const SIGNS: [&str; 6] = ["鞋码", "码", "尺寸", "身高", "cm", "尺码"];
    const LETTERS: [&str; 6] = ["S", "M", "L", "XL", "XXL", "XXXL"];
    const MOST_LETTERS: usize = 24;
    let has_digit = remark.chars().any(|c| c.is_ascii_digit());
    let is_size = has_digit && SIGNS.iter().any(|sign| remark.to_lowercase().contains(sign));
    let is_short = remark.chars().count() <= MOST_LETTERS;
    (is_short && (is_size || LETTERS.contains(&remark))).then_some(remark)
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, read_wishes};
    use super::*;

    const HEAD: &str = "序号,心愿编号,心愿人姓名,性别,年龄,家庭住址,联系电话,人员类别(独居老人/残疾/低保),心愿内容,心愿类别(物品/服务),\
                        预计金额(元),征集人,征集时间,认领单位,认领人,认领人电话,认领时间,完成时间,完成情况,满意度,照片,备注";

    fn read(rows: &[&str]) -> Register {
        let text = format!("东湖社区微心愿征集认领台账\n{HEAD}\n{}\n", rows.join("\n"));
        read_wishes(text.as_bytes(), "a.csv", &Limits::new(20_000)).expect("it is read")
    }

    #[test]
    fn a_register_is_read_as_people_keep_it() {
        let register = read(&[
            "1,X1,王秀芳,女,78,3栋2单元501,138 0563 1234,独居老人,想要一双棉鞋,物品,80,李,2026-11-02,,住建局第二党支部,,,,,,,鞋码38",
            "2,X2,张小明,男,9,4栋,13905630002,困境儿童,孙子有自闭症，想要画笔,物品,,,,,王芳,,,/,未完成,,,",
            "3,X3,李强,男,60,,13905630003,其他,想理发,服务,,,,,,,,已完成,,满意,,",
            "合计,,,,,,,,,,,,,,,,,,,,,",
        ]);
        assert!(register.errors.is_empty(), "{:?}", register.errors);
        let [shoes, child] = &register.wishes[..] else { panic!("{:?}", register.wishes) };
        assert_eq!((shoes.line, shoes.name.as_str(), shoes.phone.as_str()), (3, "王秀芳", "13805631234"));
        assert_eq!(shoes.words, "想要一双棉鞋（鞋码38）");
        assert_eq!((shoes.category.as_str(), shoes.unit.as_deref()), ("物品", Some("住建局第二党支部")));
        assert!(child.is_child && child.unit.is_none() && !shoes.is_child, "a person is no unit");
        assert_eq!(register.done, [(5, "李强".to_owned())]);
        for unread in ["家庭住址", "人员类别(独居老人/残疾/低保)", "性别", "满意度"] {
            assert!(register.unread.iter().any(|head| head == unread), "{unread}: {:?}", register.unread);
        }
        let all = format!("{register:?}");
        assert!(!all.contains("3栋") && !all.contains("困境儿童"), "what is not read is not kept: {all}");
    }

    #[test]
    fn what_is_missing_or_wrong_is_told_by_row_and_column() {
        let register = read(&[
            "1,,王秀芳,,,,,,想要一双棉鞋,物品,,,,,,,,,,,,",
            "2,,王秀芳,,,,13805631234,,,物品,,,,,,,,,,,,",
            "3,,李强,,,,13905630003,,证号 11010519491231002X 想理发,服务,,,,,,,,,,,,",
        ]);
        let codes: Vec<_> = register.errors.iter().map(|error| error.code).collect();
        assert_eq!(codes, ["missing-contact", "missing-content", "id-number"]);
        assert!(register.wishes.is_empty());
        let other = read_wishes("姓名,电话\n王芳,13805631234\n".as_bytes(), "a.csv", &Limits::new(20_000));
        assert_eq!(other.expect_err("it is none").code, "no-header");
    }
}
