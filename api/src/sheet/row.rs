//! One row: every cell is checked, and each wrong cell is told once.

use hourbook_ledger::domain::time::Date;

use super::columns::{Columns, Field};
use super::faults::{Fault, Place, RowError, parts};
use super::grid::{Cell, GridRow};
use super::inspect::{Kind, inspect};
use super::moment::{self, Moment, TimeFlaw};
use super::text;
use super::{Given, Limits, Row, id_number, names, occasion, person};

/// Whoever types 22:00 to 6:00 means the next morning; 9:00 to 8:00 is a mistake.
pub(super) const LONGEST_NIGHT: i32 = 12 * 60;
pub(super) const DAY: i32 = 24 * 60;
/// A date or time is not looked for in a longer text, in bytes: one text may stand in very many cells.
const LONGEST_TIME: usize = 400;

/// What a cell gave: nothing, something wrong that has been told, or a value.
enum Taken<T> {
    Blank,
    Wrong,
    Is(T),
}

impl<T> Taken<T> {
    fn value(self) -> Option<T> {
        if let Taken::Is(value) = self { Some(value) } else { None }
    }
}

/// What is worth a note about one row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Doubts {
    pub(super) weekday: bool,
    pub(super) activity: bool,
}

struct Check<'a> {
    row: &'a GridRow,
    columns: &'a Columns,
    limits: &'a Limits,
    /// Whether a name may stand without a number.
    names_alone: bool,
    errors: Vec<RowError>,
    doubts: Doubts,
}

/// The row's record, or everything that is wrong with it; and what is doubtful.
pub(super) fn check(
    row: &GridRow,
    columns: &Columns,
    (limits, given): (&Limits, &Given),
) -> (Result<Row, Vec<RowError>>, Doubts) {
    let mut check = Check {
        row,
        columns,
        limits,
        names_alone: given.names_alone,
        errors: Vec::new(),
        doubts: Doubts::default(),
    };
    let record = if check.shape_is_wrong() { None } else { check.record() };
    (record.filter(|_| check.errors.is_empty()).ok_or(check.errors), check.doubts)
}

impl Check<'_> {
    fn record(&mut self) -> Option<Row> {
        let (name, phone, volunteer_number) = self.person();
        let activity = self.required(Field::Activity);
        if let Some(activity) = &activity {
            self.voluntary(activity);
        }
        let date = self.date();
        let start = self.moment(Field::Start);
        let end = self.moment(Field::End);
        let times = date.zip(start.zip(end)).and_then(|(date, (start, end))| self.interval(date, start, end));
        let place = self.required(Field::Place);
        let content = self.required(Field::Content);
        let lead = self.required(Field::Lead);
        let (start_minute, end_minute) = times?;
        Some(Row {
            line: self.row.line,
            name,
            phone,
            volunteer_number,
            activity: activity?,
            date: date?,
            start_minute,
            end_minute,
            place: place?,
            content: content?,
            lead: lead?,
        })
    }

    fn tell(&mut self, field: Field, fault: Fault, detail: &str) {
        self.tell_at(&self.columns.place(&[field]), fault, detail);
    }

    fn tell_at(&mut self, place: &Place, fault: Fault, detail: &str) {
        let raw = self.row.cell(place.index).shown();
        self.errors.push(RowError::new(self.row.line, place, fault, &raw, detail));
    }

    /// Whether the row as text does not fit the header; its cells then mean nothing.
    fn shape_is_wrong(&mut self) -> bool {
        if let Some((fault, column)) = self.row.flaw {
            self.tell_at(&self.columns.place_at(column), fault, "");
            return true;
        }
        let Some(width) = self.row.width else { return false };
        let beyond = (self.columns.width..self.row.cells.len().min(self.limits.max_columns))
            .find(|&at| !self.row.cell(at).is_blank());
        let at = match beyond {
            Some(at) => at,
            None if width < self.columns.width => width,
            None => return false,
        };
        let (fault, detail) = match self.other_separator() {
            Some(separator) => (Fault::MixedDelimiters, separator.to_owned()),
            None => (Fault::RaggedRow, format!("{width} ≠ {}", self.columns.width)),
        };
        self.tell_at(&self.columns.place_at(at), fault, &detail);
        true
    }

    fn other_separator(&self) -> Option<&'static str> {
        let most = |sign: char| {
            let shown = self.row.cells.iter().map(|cell| cell.shown().matches(sign).count()).sum::<usize>();
            shown + 2 >= self.columns.width
        };
        [(',', ","), (';', ";"), ('\t', "Tab"), ('，', "，"), ('；', "；"), ('|', "|")]
            .into_iter()
            .find(|&(sign, _)| most(sign))
            .map(|(_, name)| name)
    }

    /// The text of a field's cell, inspected and cleaned.
    fn text(&mut self, field: Field) -> Taken<String> {
        let columns = self.columns;
        columns.get(field).map_or(Taken::Blank, |place| self.text_at(place, field))
    }

    fn text_at(&mut self, place: &Place, field: Field) -> Taken<String> {
        let cell = self.row.cell(place.index);
        let fault = match shown(cell, field) {
            Ok(shown) if shown.is_empty() => return Taken::Blank,
            Ok(shown) if is_id_number(&shown, field) => Fault::IdNumber,
            Ok(shown) => return Taken::Is(shown),
            Err(Fault::CellTooLong) => {
                self.tell_at(place, Fault::CellTooLong, &length(cell, field));
                return Taken::Wrong;
            }
            Err(fault) => fault,
        };
        self.tell_at(place, fault, "");
        Taken::Wrong
    }

    fn required(&mut self, field: Field) -> Option<String> {
        let taken = self.text(field);
        if matches!(taken, Taken::Blank) {
            self.tell(field, field.missing(), "");
        }
        taken.value()
    }

    /// Name, phone and volunteer number: enough to look somebody up, never a name alone.
    fn person(&mut self) -> (Option<String>, Option<String>, Option<String>) {
        if self.swapped() {
            self.tell(Field::Name, Fault::SwappedColumns, "");
            return (None, None, None);
        }
        let name = self.optional(Field::Name);
        let mut phone = self.optional(Field::Phone);
        let mut number = self.optional(Field::Number);
        self.either(&mut phone, &mut number);
        let blank = |taken: &Taken<String>| matches!(taken, Taken::Blank);
        let lacking =
            [(Field::Name, &name), (Field::Phone, &phone)].into_iter().find(|(_, taken)| blank(taken));
        let lacking = lacking.filter(|(field, _)| *field == Field::Name || !self.names_alone);
        let is_alone = blank(&number) && blank(&phone);
        if let Some((field, _)) = lacking.filter(|_| blank(&number)) {
            self.tell_at(&self.columns.place(&[field, Field::Number]), field.missing(), "");
        }
        let convert = if is_alone && self.names_alone { names::name_alone } else { names::name };
        let name = self.converted(Field::Name, name, convert);
        let phone = self.converted(Field::Phone, phone, person::phone);
        let number = self.converted(Field::Number, number, person::number);
        (name, phone, number)
    }

    /// What stands in a column for phones and volunteer numbers alike, where it belongs.
    fn either(&mut self, phone: &mut Taken<String>, number: &mut Taken<String>) {
        let Some(place) = self.columns.either.clone() else { return };
        if self.means_nothing(&place) {
            return;
        }
        match self.text_at(&place, Field::Phone) {
            Taken::Blank => {}
            Taken::Is(shown) if person::is_surely_phone(&shown) => *phone = Taken::Is(shown),
            Taken::Is(shown) => *number = Taken::Is(shown),
            Taken::Wrong => *number = Taken::Wrong,
        }
    }

    fn means_nothing(&self, place: &Place) -> bool {
        matches!(self.row.cell(place.index), Cell::Text(raw) if text::means_nothing(raw))
    }

    fn optional(&mut self, field: Field) -> Taken<String> {
        match self.columns.get(field) {
            Some(place) if self.means_nothing(place) => Taken::Blank,
            _ => self.text(field),
        }
    }

    fn converted(
        &mut self,
        field: Field,
        taken: Taken<String>,
        convert: fn(&str) -> Result<String, Fault>,
    ) -> Option<String> {
        convert(&taken.value()?).map_err(|fault| self.tell(field, fault, "")).ok()
    }

    fn swapped(&self) -> bool {
        let shown = |field: Field| match self.columns.get(field) {
            Some(place) => text::clean(text::beginning(&self.row.cell(place.index).shown())),
            None => String::new(),
        };
        let (name, phone) = (shown(Field::Name), shown(Field::Phone));
        person::phone(&name).is_ok() && person::name(&phone).is_ok()
    }

    /// [Order 67 of the Ministry of Civil Affairs, art. 19] Which words mark such work is policy. A word of pay is refused;
    /// one of meetings or duty stands in the names of services, too, so a person looks at it.
    fn voluntary(&mut self, activity: &str) {
        let shown = text::plain(activity);
        // A talk about wages is a service, although it names them.
        if ["普法", "宣传", "宣讲", "维权", "讨薪", "法律", "援助"].iter().any(|word| shown.contains(word))
        {
            return;
        }
        let ascii_word =
            |word: &str| shown.split(|c: char| !c.is_ascii_alphabetic()).any(|part| part == word);
        let found =
            |word: &&String| if word.is_ascii() { ascii_word(word) } else { shown.contains(word.as_str()) };
        if let Some(word) = self.limits.not_voluntary.iter().find(found) {
            self.tell(Field::Activity, Fault::NotVoluntary, word);
        }
        self.doubts.activity = self.limits.doubtful.iter().any(|word| found(&word));
    }

    /// A date or time cell that is neither blank nor unfit.
    fn temporal(&mut self, field: Field) -> Option<Cell> {
        let cell =
            self.columns.get(field).map(|place| self.row.cell(place.index)).cloned().unwrap_or_default();
        let fault = match &cell {
            cell if cell.is_blank() => field.missing(),
            Cell::Text(raw) if raw.len() > LONGEST_TIME => unreadable(field),
            Cell::Text(raw) => match inspect(raw, Kind::Prose) {
                Ok(()) if id_number::is_within(raw) => Fault::IdNumber,
                Ok(()) => return Some(cell),
                Err(fault) => fault,
            },
            Cell::Number { .. } | Cell::Serial { .. } | Cell::Iso(_) => return Some(cell),
            other => unfit(other),
        };
        self.tell(field, fault, "");
        None
    }

    fn date(&mut self) -> Option<i32> {
        let cell = self.temporal(Field::Date)?;
        let read = moment::date(&cell);
        self.doubts.weekday = read.is_ok_and(|read| read.weekday_differs);
        let checked = read.and_then(|read| match read.day {
            day if day > self.limits.today => Err(Fault::FutureDate),
            day if day < self.limits.earliest => Err(Fault::DateTooOld),
            day => Ok(day),
        });
        let checked = checked.map_err(|fault| match fault {
            Fault::BadDate if occasion::is_period(&cell.shown()) => Fault::PeriodNotDay,
            other => other,
        });
        checked.map_err(|fault| self.tell(Field::Date, fault, &Date(self.limits.earliest).to_string())).ok()
    }

    fn moment(&mut self, field: Field) -> Option<Moment> {
        let cell = self.temporal(field)?;
        let fault = match moment::time(&cell) {
            // 24:00 ends a day and starts none.
            Ok(moment) if field == Field::Start && moment.minute == DAY => unreadable(field),
            Ok(moment) => return Some(moment),
            Err(TimeFlaw::Unreadable) => unreadable(field),
            Err(TimeFlaw::Seconds) => Fault::FractionMinutes,
            Err(TimeFlaw::Over24) => Fault::Over24Hours,
        };
        self.tell(field, fault, "");
        None
    }

    /// Start and end in minutes from the midnight that begins the date.
    fn interval(&mut self, date: i32, start: Moment, end: Moment) -> Option<(i32, i32)> {
        if start.day.is_some_and(|day| day != date) {
            self.tell(Field::Start, Fault::DateMismatch, "");
            return None;
        }
        // The midnight that an end means is the one after the start.
        let midnight = end.day.is_none() && end.minute == 0 && start.minute > 0;
        let end = if midnight { Moment { minute: DAY, ..end } } else { end };
        let span = match end.day {
            Some(day) => i64::from(day - date) * i64::from(DAY) + i64::from(end.minute - start.minute),
            None if end.minute < start.minute => i64::from(end.minute + DAY - start.minute),
            None => i64::from(end.minute - start.minute),
        };
        let over_night = end.day.is_none() && end.minute < start.minute;
        let fault = match span {
            0 => Fault::ZeroLength,
            ..0 => Fault::EndBeforeStart,
            _ if over_night && span > i64::from(LONGEST_NIGHT) => Fault::EndBeforeStart,
            _ if span > i64::from(DAY) => Fault::Over24Hours,
            _ if span > i64::from(self.limits.max_span) => Fault::SpanOverLimit,
            _ => return Some((start.minute, start.minute + span as i32)),
        };
        let clock = |minutes: i64| format!("{}:{:02}", minutes / 60, minutes % 60);
        let detail = parts(&[&clock(i64::from(self.limits.max_span)), &clock(span.max(0))]);
        self.tell(Field::End, fault, &detail);
        None
    }
}

/// The text of a cell, inspected and cleaned; empty if it is blank.
pub(super) fn shown(cell: &Cell, field: Field) -> Result<String, Fault> {
    let kind = match field {
        Field::Name => Kind::Name,
        Field::Phone => Kind::Phone,
        _ => Kind::Prose,
    };
    let shown = match cell {
        Cell::Empty => return Ok(String::new()),
        // Not even cleaned: one text may stand in very many cells.
        Cell::Text(raw) if raw.len() > 4 * field.value().max_bytes() => return Err(Fault::CellTooLong),
        Cell::Text(raw) => inspect(raw, kind).map(|()| text::clean(raw))?,
        Cell::Number { value, .. } if value.abs() >= 1e15 => return Err(Fault::NumberLostDigits),
        Cell::Number { value, .. } if *value < 0.0 => return Err(Fault::FormulaText),
        Cell::Number { value, .. } => value.to_string(),
        other => return Err(unfit(other)),
    };
    let is_long = shown.len() > field.value().max_bytes() && !matches!(field, Field::Phone | Field::Number);
    // An ID number is told as such, however long the rest.
    if is_long && !is_id_number(&shown, field) { Err(Fault::CellTooLong) } else { Ok(shown) }
}

/// Whether a text is an ID number or holds one.
pub(super) fn is_id_number(shown: &str, field: Field) -> bool {
    match field {
        Field::Number => id_number::is_exactly(shown),
        _ => id_number::is_within(shown),
    }
}

/// How long a cell is, and how long it may be: the detail of [`Fault::CellTooLong`].
pub(super) fn length(cell: &Cell, field: Field) -> String {
    let (shown, most) = (cell.shown(), field.value().max_bytes());
    let [length, bytes, characters] = [shown.len(), most, most / 3].map(|number| number.to_string());
    let count =
        if shown.len() > 8 * most { format!(">{characters}") } else { shown.chars().count().to_string() };
    parts(&[&count, &length, &bytes, &characters])
}

/// Why a cell of this kind is never a value.
fn unfit(cell: &Cell) -> Fault {
    match cell {
        Cell::Formula(_) => Fault::FormulaCell,
        Cell::Error(_) => Fault::ExcelError,
        Cell::Bool(_) => Fault::BooleanCell,
        _ => Fault::DateInText,
    }
}

fn unreadable(field: Field) -> Fault {
    match field {
        Field::Start => Fault::BadStart,
        Field::End => Fault::BadEnd,
        _ => Fault::BadDate,
    }
}
