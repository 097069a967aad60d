//! One row: every cell is checked, and each wrong cell is told once.

use super::{
    Limits, Row,
    columns::{Columns, Field},
    faults::{Fault, RowError},
    grid::{Cell, GridRow},
    moment::{self, Moment, TimeFlaw},
    text,
};

/// Whoever types 22:00 to 6:00 means the next morning; 9:00 to 8:00 is a mistake.
pub(super) const LONGEST_NIGHT: i32 = 12 * 60;
pub(super) const DAY: i32 = 24 * 60;

/// Longest text per field in characters: what fits on a certificate's line.
fn longest(field: Field) -> usize {
    match field {
        Field::Content => 300,
        Field::Place => 100,
        Field::Activity => 80,
        _ => 40,
    }
}

fn missing(field: Field) -> Fault {
    match field {
        Field::Name | Field::Number => Fault::MissingNameAndNumber,
        Field::Phone => Fault::MissingContact,
        Field::Activity => Fault::MissingActivity,
        Field::Date => Fault::MissingDate,
        Field::Start => Fault::MissingStart,
        Field::End => Fault::MissingEnd,
        Field::Place => Fault::MissingPlace,
        Field::Content => Fault::MissingContent,
        Field::Lead => Fault::MissingLead,
    }
}

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

struct Check<'a> {
    row: &'a GridRow,
    columns: &'a Columns,
    limits: &'a Limits,
    errors: Vec<RowError>,
}

/// The row's record, or everything that is wrong with it.
pub(super) fn check(row: &GridRow, columns: &Columns, limits: &Limits) -> Result<Row, Vec<RowError>> {
    let mut check = Check { row, columns, limits, errors: Vec::new() };
    if check.shape_is_wrong() {
        return Err(check.errors);
    }
    let record = check.record();
    match record {
        Some(record) if check.errors.is_empty() => Ok(record),
        _ => Err(check.errors),
    }
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
        let place = self.columns.place(&[field]);
        let raw = match self.columns.get(field) {
            Some(place) => self.row.cell(place.index).shown().into_owned(),
            None => String::new(),
        };
        self.errors.push(RowError::new(self.row.line, &place, fault, &raw, detail));
    }

    /// Whether the row as text does not fit the header; its cells then mean nothing.
    fn shape_is_wrong(&mut self) -> bool {
        if let Some((fault, column)) = self.row.flaw {
            let place = self.columns.place_at(column);
            let raw = self.row.cell(column).shown().into_owned();
            self.errors.push(RowError::new(self.row.line, &place, fault, &raw, ""));
            return true;
        }
        let Some(width) = self.row.width else { return false };
        let beyond = (self.columns.width..self.row.cells.len()).find(|&at| !self.row.cell(at).is_blank());
        let at = match beyond {
            Some(at) => at,
            None if width < self.columns.width => width,
            None => return false,
        };
        let (fault, detail) = match self.other_separator() {
            Some(separator) => (Fault::MixedDelimiters, separator.to_owned()),
            None => (Fault::RaggedRow, format!("{width} ≠ {}", self.columns.width)),
        };
        let raw = self.row.cell(at).shown().into_owned();
        self.errors.push(RowError::new(self.row.line, &self.columns.place_at(at), fault, &raw, &detail));
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

    /// The text of a cell, inspected and cleaned; `may_be_phone` lets it begin with `+`.
    fn text(&mut self, field: Field, may_be_phone: bool) -> Taken<String> {
        let Some(place) = self.columns.get(field) else { return Taken::Blank };
        let cell = self.row.cell(place.index);
        let fault = match cell {
            Cell::Empty => return Taken::Blank,
            Cell::Text(raw) => match text::inspect(raw, may_be_phone) {
                Ok(()) => return self.fitting(field, text::clean(raw)),
                Err(fault) => fault,
            },
            Cell::Number { value, .. } if value.abs() >= 1e15 => Fault::NumberLostDigits,
            Cell::Number { value, .. } if *value < 0.0 => Fault::FormulaText,
            Cell::Number { value, .. } => return self.fitting(field, value.to_string()),
            other => unfit(other),
        };
        self.tell(field, fault, "");
        Taken::Wrong
    }

    fn fitting(&mut self, field: Field, shown: String) -> Taken<String> {
        let fault = if shown.is_empty() {
            return Taken::Blank;
        } else if field != Field::Number && text::holds_id_number(&shown) || text::is_id_number(&shown) {
            Fault::IdNumber
        } else if shown.chars().count() > longest(field) {
            Fault::CellTooLong
        } else {
            return Taken::Is(shown);
        };
        self.tell(field, fault, &longest(field).to_string());
        Taken::Wrong
    }

    fn required(&mut self, field: Field) -> Option<String> {
        let taken = self.text(field, false);
        if matches!(taken, Taken::Blank) {
            self.tell(field, missing(field), "");
        }
        taken.value()
    }

    /// Name, phone and volunteer number: enough to look somebody up, never a name alone.
    fn person(&mut self) -> (Option<String>, Option<String>, Option<String>) {
        if self.swapped() {
            self.tell(Field::Name, Fault::SwappedColumns, "");
            return (None, None, None);
        }
        let name = self.optional(Field::Name, false);
        let phone = self.optional(Field::Phone, true);
        let number = self.optional(Field::Number, false);
        let blank = |taken: &Taken<String>| matches!(taken, Taken::Blank);
        if blank(&number) && blank(&name) {
            let field = if self.columns.get(Field::Name).is_some() { Field::Name } else { Field::Number };
            self.tell(field, Fault::MissingNameAndNumber, "");
        } else if blank(&number) && blank(&phone) {
            let field = if self.columns.get(Field::Phone).is_some() { Field::Phone } else { Field::Number };
            self.tell(field, Fault::MissingContact, "");
        }
        let name = name.value().and_then(|name| self.converted(Field::Name, &name, proper_name));
        let phone = phone.value().and_then(|phone| self.converted(Field::Phone, &phone, proper_phone));
        let number = number.value().and_then(|number| self.converted(Field::Number, &number, proper_number));
        (name, phone, number)
    }

    fn optional(&mut self, field: Field, may_be_phone: bool) -> Taken<String> {
        if let Some(place) = self.columns.get(field)
            && let Cell::Text(raw) = self.row.cell(place.index)
            && text::means_nothing(raw)
        {
            return Taken::Blank;
        }
        self.text(field, may_be_phone)
    }

    fn converted(
        &mut self,
        field: Field,
        raw: &str,
        convert: fn(&str) -> Result<String, Fault>,
    ) -> Option<String> {
        convert(raw).map_err(|fault| self.tell(field, fault, "")).ok()
    }

    fn swapped(&self) -> bool {
        let shown = |field: Field| match self.columns.get(field) {
            Some(place) => text::clean(&self.row.cell(place.index).shown()),
            None => String::new(),
        };
        let (name, phone) = (shown(Field::Name), shown(Field::Phone));
        proper_phone(&name).is_ok() && proper_name(&phone).is_ok()
    }

    /// [Order 67 of the Ministry of Civil Affairs, art. 19] Which words mark such work is policy.
    fn voluntary(&mut self, activity: &str) {
        let shown = text::plain(activity);
        // A talk about wages is a service, although it names them.
        if ["普法", "宣传", "宣讲", "维权"].iter().any(|word| shown.contains(word)) {
            return;
        }
        let ascii_word =
            |word: &str| shown.split(|c: char| !c.is_ascii_alphabetic()).any(|part| part == word);
        let hit = self
            .limits
            .not_voluntary
            .iter()
            .find(|word| if word.is_ascii() { ascii_word(word) } else { shown.contains(word.as_str()) });
        if let Some(word) = hit {
            self.tell(Field::Activity, Fault::NotVoluntary, word);
        }
    }

    /// A date or time cell that is neither blank nor unfit.
    fn temporal(&mut self, field: Field) -> Option<Cell> {
        let cell =
            self.columns.get(field).map(|place| self.row.cell(place.index)).cloned().unwrap_or_default();
        let fault = match &cell {
            cell if cell.is_blank() => missing(field),
            Cell::Text(raw) => match text::inspect(raw, false) {
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
        let checked = moment::date(&cell).and_then(|day| match day {
            day if day > self.limits.today => Err(Fault::FutureDate),
            day if day < self.limits.earliest => Err(Fault::DateTooOld),
            day => Ok(day),
        });
        checked.map_err(|fault| self.tell(Field::Date, fault, &moment::iso(self.limits.earliest))).ok()
    }

    fn moment(&mut self, field: Field) -> Option<Moment> {
        let cell = self.temporal(field)?;
        let unreadable = if field == Field::Start { Fault::BadStart } else { Fault::BadEnd };
        let fault = match moment::time(&cell) {
            // 24:00 ends a day and starts none.
            Ok(moment) if field == Field::Start && moment.minute == DAY => unreadable,
            Ok(moment) => return Some(moment),
            Err(TimeFlaw::Unreadable) => unreadable,
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
        let limit = format!("{}:{:02}", self.limits.max_span / 60, self.limits.max_span % 60);
        self.tell(Field::End, fault, &limit);
        None
    }
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

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}' | '〇')
}

/// Two-character names are padded with a space to line up with longer ones; dots in names come in many shapes.
fn proper_name(raw: &str) -> Result<String, Fault> {
    let shown: String =
        raw.chars().map(|c| if matches!(c, '•' | '・' | '‧' | '．' | '●') { '·' } else { c }).collect();
    if shown.chars().any(char::is_numeric) && !shown.chars().all(|c| is_han(c) || c == ' ') {
        return Err(Fault::NameHasDigits);
    }
    let fits = |c: char| {
        c.is_alphabetic() || matches!(c, ' ' | '·' | '-' | '\'' | '’' | '.' | '(' | ')' | '（' | '）')
    };
    if !shown.chars().all(fits) || !shown.chars().any(char::is_alphabetic) {
        return Err(Fault::BadName);
    }
    if shown.chars().all(|c| is_han(c) || c == ' ') {
        return Ok(shown.replace(' ', ""));
    }
    Ok(shown)
}

/// Digits only; numbers outside the mainland keep `+` and their country code.
fn proper_phone(raw: &str) -> Result<String, Fault> {
    let shown = text::plain(raw);
    let signs = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '+' | '(' | ')' | '–' | '—');
    if !shown.chars().all(signs) || shown.rfind('+').is_some_and(|at| at > 0) {
        return Err(Fault::BadPhone);
    }
    let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
    let (abroad, digits) =
        match digits.strip_prefix("0086").or(digits.strip_prefix("86").filter(|_| shown.starts_with('+'))) {
            Some(rest) => (false, rest),
            None => (shown.starts_with('+'), digits.as_str()),
        };
    let bytes = digits.as_bytes();
    let mobile = bytes.len() == 11 && bytes[0] == b'1' && (b'3'..=b'9').contains(&bytes[1]);
    let landline = (10..=12).contains(&bytes.len()) && bytes[0] == b'0' && bytes[1] != b'0';
    match abroad {
        true if (8..=15).contains(&bytes.len()) && bytes[0] != b'0' => Ok(format!("+{digits}")),
        false if mobile || landline => Ok(digits.to_owned()),
        _ => Err(Fault::BadPhone),
    }
}

/// Letters and digits in upper case, without the spaces and hyphens that people group them by.
fn proper_number(raw: &str) -> Result<String, Fault> {
    let shown = text::plain(raw).to_uppercase();
    let scientific = shown.contains("E+") && shown.starts_with(|c: char| c.is_ascii_digit());
    if scientific {
        return Err(Fault::NumberLostDigits);
    }
    let number: String = shown.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let fits = (4..=24).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_alphanumeric())
        && number.bytes().any(|b| b.is_ascii_digit());
    if fits { Ok(number) } else { Err(Fault::BadNumber) }
}
