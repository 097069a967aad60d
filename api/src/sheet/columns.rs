//! Which column holds what: headers in any order, in the words that communities use.

use super::{
    faults::{FileFault, Note, Place, Remark, SheetError},
    grid::{Cell, GridRow, letters},
    text,
};

/// What a column can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Name,
    Phone,
    Number,
    Activity,
    Date,
    Start,
    End,
    Place,
    Content,
    Lead,
}

impl Field {
    pub(super) const ALL: [Field; 10] = [
        Field::Name,
        Field::Phone,
        Field::Number,
        Field::Activity,
        Field::Date,
        Field::Start,
        Field::End,
        Field::Place,
        Field::Content,
        Field::Lead,
    ];

    /// The header that the template and the writers use: Chinese, English.
    pub(super) fn title(self) -> (&'static str, &'static str) {
        match self {
            Field::Name => ("姓名", "Name"),
            Field::Phone => ("电话", "Phone"),
            Field::Number => ("志愿者编号", "Volunteer number"),
            Field::Activity => ("活动名称", "Activity"),
            Field::Date => ("日期", "Date"),
            Field::Start => ("开始时间", "Start"),
            Field::End => ("结束时间", "End"),
            Field::Place => ("地点", "Place"),
            Field::Content => ("服务内容", "Content"),
            Field::Lead => ("负责人", "Lead"),
        }
    }

    /// Headers taken for this field, after [`bare`].
    fn aliases(self) -> &'static [&'static str] {
        match self {
            Field::Name => &[
                "姓名",
                "志愿者姓名",
                "名字",
                "志愿者",
                "参与人",
                "参加人",
                "参加人员",
                "参与人员",
                "人员姓名",
                "服务人员",
                "name",
                "fullname",
                "volunteer",
                "volunteername",
            ],
            Field::Phone => &[
                "电话",
                "手机",
                "手机号",
                "手机号码",
                "联系电话",
                "联系方式",
                "电话号码",
                "移动电话",
                "本人电话",
                "志愿者电话",
                "电话/手机",
                "手机/电话",
                "phone",
                "phonenumber",
                "phoneno",
                "mobile",
                "mobilenumber",
                "tel",
                "telephone",
                "cellphone",
            ],
            Field::Number => &[
                "志愿者编号",
                "志愿者号",
                "志愿者号码",
                "志愿编号",
                "志愿者证号",
                "志愿者证编号",
                "志愿者注册号",
                "注册号",
                "注册编号",
                "志愿服务编号",
                "志愿者id",
                "volunteernumber",
                "volunteerno",
                "volunteerid",
            ],
            Field::Activity => &[
                "活动名称",
                "活动",
                "活动名",
                "活动项目",
                "活动主题",
                "志愿活动",
                "志愿服务活动",
                "志愿活动名称",
                "项目名称",
                "项目",
                "服务项目",
                "志愿服务项目",
                "志愿服务名称",
                "activity",
                "activityname",
                "event",
                "project",
            ],
            Field::Date => &[
                "日期",
                "活动日期",
                "服务日期",
                "志愿服务日期",
                "开展日期",
                "参加日期",
                "date",
                "servicedate",
                "activitydate",
            ],
            Field::Start => &[
                "开始时间",
                "开始",
                "起始时间",
                "服务开始时间",
                "活动开始时间",
                "上岗时间",
                "签到时间",
                "到岗时间",
                "start",
                "starttime",
                "from",
                "begin",
                "checkin",
            ],
            Field::End => &[
                "结束时间",
                "结束",
                "终止时间",
                "截止时间",
                "服务结束时间",
                "活动结束时间",
                "下岗时间",
                "签退时间",
                "离岗时间",
                "end",
                "endtime",
                "to",
                "finish",
                "checkout",
            ],
            Field::Place => &[
                "地点",
                "活动地点",
                "服务地点",
                "志愿服务地点",
                "服务地址",
                "活动地址",
                "地址",
                "场所",
                "place",
                "location",
                "venue",
                "address",
            ],
            Field::Content => &[
                "服务内容",
                "内容",
                "活动内容",
                "志愿服务内容",
                "工作内容",
                "服务事项",
                "content",
                "service",
                "servicecontent",
                "description",
                "task",
                "work",
            ],
            Field::Lead => &[
                "负责人",
                "活动负责人",
                "项目负责人",
                "现场负责人",
                "带队人",
                "领队",
                "组织者",
                "队长",
                "lead",
                "leader",
                "personincharge",
                "organizer",
                "organiser",
            ],
        }
    }
}

/// A header without what people add to it: `姓名 *（必填）：` is 姓名.
fn bare(header: &str) -> String {
    let shown = text::plain(header);
    let shown = shown.split(['(', '[', '【']).next().unwrap_or_default();
    shown.chars().filter(|&c| !matches!(c, ' ' | '*' | ':' | '-' | '_' | '.' | '※')).collect()
}

fn field_of(header: &str) -> Option<Field> {
    let bare = bare(header);
    Field::ALL.into_iter().find(|field| field.aliases().contains(&bare.as_str()))
}

/// How many cells of a row are headers; used to find the header row and the separator.
pub(super) fn recognised(row: &GridRow) -> usize {
    row.cells.iter().filter(|cell| matches!(cell, Cell::Text(header) if field_of(header).is_some())).count()
}

/// The columns of one sheet.
#[derive(Debug)]
pub(super) struct Columns {
    by_field: [Option<Place>; Field::ALL.len()],
    headers: Vec<String>,
    /// Columns up to the last one with a header.
    pub(super) width: usize,
}

impl Columns {
    /// The header is the row with most known headers among the first rows: titles and instructions stand above it.
    pub(super) fn find(rows: &[GridRow]) -> Result<usize, SheetError> {
        const SEARCHED: usize = 30;
        const FEWEST: usize = 3;
        let (at, count) = rows
            .iter()
            .take(SEARCHED)
            .map(recognised)
            .enumerate()
            .fold((0, 0), |best, (at, count)| if count > best.1 { (at, count) } else { best });
        if count < FEWEST { Err(SheetError::new(FileFault::NoHeader, "")) } else { Ok(at) }
    }

    pub(super) fn read(header: &GridRow, notes: &mut Vec<Note>) -> Result<Columns, SheetError> {
        let headers: Vec<String> = header.cells.iter().map(|cell| text::clean(&cell.shown())).collect();
        let mut by_field: [Option<Place>; Field::ALL.len()] = Default::default();
        let mut unknown = Vec::new();
        for (index, header) in headers.iter().enumerate().filter(|(_, header)| !header.is_empty()) {
            let Some(field) = field_of(header) else {
                unknown.push(header);
                continue;
            };
            if by_field[field as usize].is_some() {
                return Err(SheetError::new(FileFault::DuplicateColumn, field.title().0));
            }
            by_field[field as usize] =
                Some(Place { index, header: text::excerpt(header), letter: letters(index) });
        }
        let width = headers.iter().rposition(|header| !header.is_empty()).map_or(0, |last| last + 1);
        note_unknown(&unknown, notes);
        let columns = Columns { by_field, headers, width };
        columns.check_complete()?;
        Ok(columns)
    }

    fn check_complete(&self) -> Result<(), SheetError> {
        let has = |field: Field| self.by_field[field as usize].is_some();
        let mut missing: Vec<Field> = Field::ALL[3..].iter().copied().filter(|&field| !has(field)).collect();
        if !has(Field::Number) {
            missing.extend([Field::Name, Field::Phone].into_iter().filter(|&field| !has(field)));
        }
        if missing.is_empty() {
            return Ok(());
        }
        missing.sort();
        let names: Vec<String> =
            missing.into_iter().map(|field| format!("{} {}", field.title().0, field.title().1)).collect();
        Err(SheetError::new(FileFault::MissingColumn, &names.join("、")))
    }

    pub(super) fn get(&self, field: Field) -> Option<&Place> {
        self.by_field[field as usize].as_ref()
    }

    /// Where to point for a field: its column, or the first column when the sheet has none for it.
    pub(super) fn place(&self, fields: &[Field]) -> Place {
        fields.iter().find_map(|&field| self.get(field)).cloned().unwrap_or_else(|| self.place_at(0))
    }

    pub(super) fn place_at(&self, index: usize) -> Place {
        let header = self.headers.get(index).map(|header| text::excerpt(header)).unwrap_or_default();
        Place { index, header, letter: letters(index) }
    }

    /// A second header row in the middle of the data, as long sheets repeat it for printing.
    pub(super) fn is_repeated(&self, row: &GridRow) -> bool {
        let filled = row.cells.iter().filter(|cell| !cell.is_blank()).count();
        let same = |(cell, header): &(&Cell, &String)| {
            !header.is_empty() && matches!(cell, Cell::Text(shown) if text::clean_equals(shown, header))
        };
        let known = row.cells.iter().zip(&self.headers).filter(same).count();
        known >= 3 && known * 2 > filled
    }
}

fn note_unknown(unknown: &[&String], notes: &mut Vec<Note>) {
    let is_id = |header: &str| bare(header).contains("身份证") || bare(header).contains("idcard");
    let (ids, others): (Vec<&String>, Vec<&String>) =
        unknown.iter().copied().partition(|header| is_id(header));
    for (headers, remark) in [(ids, Remark::IdColumn), (others, Remark::UnknownColumn)] {
        let names: Vec<String> = headers.iter().map(|header| text::excerpt(header)).collect();
        if !names.is_empty() {
            notes.push(Note::new(remark, &names.join("、")));
        }
    }
}
