//! Dates and times of day in the many ways that people and spreadsheet programs write them.

use std::ops::RangeInclusive;

use hourbook_ledger::domain::time::Date;

use super::faults::Fault;
use super::grid::{Cell, Shown};
use super::{text, weekday};

/// Days from 1899-12-30 (Excel's day 0 in its 1900 system) to 1970-01-01.
const EXCEL_1900: f64 = 25_569.0;
/// The same for workbooks made on old Macs, whose day 0 is 1904-01-01.
const EXCEL_1904: f64 = 24_107.0;
/// Serials below this are no dates of our time (it is a day in 1954).
const FIRST_SERIAL: f64 = 20_000.0;
/// 9999-12-31, the last day a spreadsheet program knows.
const LAST_SERIAL: f64 = 2_958_465.0;
/// Calendar dates written as a bare number, such as 20260307.
const COMPACT: RangeInclusive<f64> = 19_000_000.0..=99_999_999.0;

/// The day (days since 1970-01-01) in a date cell, and whether a weekday in it says another.
pub(super) fn date(cell: &Cell) -> Result<Day, Fault> {
    let day = match cell {
        Cell::Number { value, .. } if COMPACT.contains(value) && value.fract() == 0.0 => {
            compact(*value as u32)
        }
        Cell::Number { value, is_1904 } | Cell::Serial { value, is_1904, .. } => {
            from_serial(*value, *is_1904)
        }
        Cell::Text(text) | Cell::Iso(text) => return from_text(&text::plain(text)),
        _ => Err(Fault::BadDate),
    };
    day.map(|day| Day { day, weekday_differs: false })
}

/// A date as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) day: i32,
    pub(super) weekday_differs: bool,
}

fn from_serial(value: f64, is_1904: bool) -> Result<i32, Fault> {
    let earliest = if is_1904 { FIRST_SERIAL - 1_462.0 } else { FIRST_SERIAL };
    if !(earliest..=LAST_SERIAL).contains(&value) {
        return Err(Fault::BadDate);
    }
    if value.fract() != 0.0 {
        return Err(Fault::DateHasTime);
    }
    Ok((value - if is_1904 { EXCEL_1904 } else { EXCEL_1900 }) as i32)
}

fn compact(number: u32) -> Result<i32, Fault> {
    day_of(number / 10_000, number / 100 % 100, number % 100)
}

fn day_of(year: u32, month: u32, day: u32) -> Result<i32, Fault> {
    Date::from_ymd(year as i32, month, day).map(|date| date.0).ok_or(Fault::ImpossibleDate)
}

/// The number that a text of so many digits writes.
fn digits(text: &str, count: RangeInclusive<usize>) -> Option<u32> {
    let fits = count.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| fits)
}

/// Exactly one weekday with its brackets goes; whatever else is left beside the date is told.
fn from_text(shown: &str) -> Result<Day, Fault> {
    let (rest, weekday) = weekday::taken_out(shown);
    let rest = rest.trim();
    let (date, time) = match rest.split_once([' ', 't']) {
        Some((date, time)) if date.len() >= 8 && !time.starts_with(|c: char| "年月日号號".contains(c)) => {
            (date, Some(time))
        }
        _ => (rest, None),
    };
    let time = time.filter(|_| calendar(rest).is_err());
    let unreadable = if holds_time(rest) { Fault::DateHasTime } else { Fault::BadDate };
    let day = calendar(if time.is_some() { date } else { rest });
    let day = day.map_err(|fault| if fault == Fault::BadDate { unreadable } else { fault })?;
    match time.map(|time| clock(time.trim_end_matches('z').trim())) {
        None | Some(Ok(0)) => Ok(Day { day, weekday_differs: weekday.is_some_and(|on| !on.is_of(day)) }),
        Some(Ok(_)) => Err(Fault::DateHasTime),
        Some(Err(_)) => Err(unreadable),
    }
}

/// Whether a text that is no date says a time of day beside one.
fn holds_time(shown: &str) -> bool {
    let begins = shown.starts_with(|c: char| c.is_ascii_digit()) && shown.len() > 8;
    let names = ["点", "點", "时", "時", "上午", "下午", "中午", "早", "晚", "凌晨", "am", "pm"];
    begins && (shown.contains(':') || names.iter().any(|name| shown.contains(name)))
}

pub(super) fn calendar(shown: &str) -> Result<i32, Fault> {
    if let Some(number) = digits(shown, 8..=8) {
        return compact(number);
    }
    let even: String = shown
        .chars()
        .filter(|&c| c != ' ')
        .map(|c| if matches!(c, '/' | '.' | '年' | '月' | '–' | '—' | '。') { '-' } else { c })
        .collect();
    let even = even.strip_suffix(['日', '号', '號']).unwrap_or(&even);
    let parts: Vec<&str> = even.split('-').collect();
    let &[year, month, day] = parts.as_slice() else { return Err(Fault::BadDate) };
    let number = |part, count| digits(part, count).ok_or(Fault::BadDate);
    day_of(number(year, 4..=4)?, number(month, 1..=2)?, number(day, 1..=2)?)
}

/// A time of day, and the day when the cell names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) day: Option<i32>,
    /// 0..=1440 (24:00 ends a day).
    pub(super) minute: i32,
}

/// Why a time cannot be taken; the caller knows whether it is a start or an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeFlaw {
    Unreadable,
    Seconds,
    Over24,
}

/// The time in a start or end cell. A number is one only where the cell shows it as such.
pub(super) fn time(cell: &Cell) -> Result<Moment, TimeFlaw> {
    match cell {
        Cell::Serial { value, is_1904, shown } => time_serial(*value, *is_1904, *shown),
        Cell::Text(text) | Cell::Iso(text) => time_text(&text::plain(text)),
        _ => Err(TimeFlaw::Unreadable),
    }
}

fn time_serial(value: f64, is_1904: bool, shown: Shown) -> Result<Moment, TimeFlaw> {
    if !(0.0..=LAST_SERIAL).contains(&value) || matches!(shown, Shown::Day | Shown::Amount) {
        return Err(TimeFlaw::Unreadable);
    }
    let day = value.floor();
    let seconds = ((value - day) * 86_400.0).round();
    // A binary fraction of a day misses the second by far less than this.
    if ((value - day) * 86_400.0 - seconds).abs() > 0.05 || seconds % 60.0 != 0.0 {
        return Err(TimeFlaw::Seconds);
    }
    let minute = (seconds / 60.0) as i32;
    if day == 1.0 && minute == 0 {
        return Ok(Moment { day: None, minute: 1_440 });
    }
    // Day 1 is 1899-12-31 to some programs and 1900-01-01 to others: a time of day without a day.
    let epoch = day == 0.0 || day == 1.0 && shown != Shown::Length;
    if epoch {
        return Ok(Moment { day: None, minute });
    }
    if day < FIRST_SERIAL - 1_462.0 {
        return Err(TimeFlaw::Over24);
    }
    let first = if is_1904 { EXCEL_1904 } else { EXCEL_1900 };
    Ok(Moment { day: Some((day - first) as i32), minute })
}

fn time_text(shown: &str) -> Result<Moment, TimeFlaw> {
    let Some((before, after)) = shown.split_once([' ', 't']) else {
        return Ok(Moment { day: None, minute: clock(shown)? });
    };
    if is_epoch(before) {
        return Ok(Moment { day: None, minute: clock(after)? });
    }
    let Ok(day) = calendar(before) else { return Ok(Moment { day: None, minute: clock(shown)? }) };
    let (after, weekday) = weekday::taken_out(after);
    if weekday.is_some_and(|weekday| !weekday.is_of(day)) {
        return Err(TimeFlaw::Unreadable);
    }
    Ok(Moment { day: Some(day), minute: clock(&after)? })
}

/// The days from which spreadsheet programs count: before a time of day they mean no day. Excel calls its own 1900-01-00.
fn is_epoch(shown: &str) -> bool {
    let parts: Vec<&str> = shown.split(['-', '/', '.', '年', '月']).collect();
    let &[year, month, day] = parts.as_slice() else { return false };
    let number = |part: &str| part.trim_end_matches('日').parse::<u32>().ok();
    let found = (number(year), number(month), number(day));
    [(1899, 12, 30), (1899, 12, 31), (1900, 1, 0), (1900, 1, 1), (1904, 1, 1)]
        .iter()
        .any(|&(y, m, d)| found == (Some(y), Some(m), Some(d)))
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Whole,
    /// After midnight: its twelve is zero.
    Small,
    Morning,
    Noon,
    Afternoon,
    Evening,
}

const PARTS: &[(Part, &[&str])] = &[
    (Part::Morning, &["上午", "早上", "早晨", "清晨", "a.m.", "am"]),
    (Part::Small, &["凌晨"]),
    (Part::Noon, &["中午"]),
    (Part::Afternoon, &["下午", "午后", "傍晚", "p.m.", "pm"]),
    (Part::Evening, &["晚上", "夜里", "夜间", "晚"]),
];

pub(super) fn clock(shown: &str) -> Result<i32, TimeFlaw> {
    let mut body: String = shown.chars().filter(|&c| c != ' ').collect();
    let mut part = Part::Whole;
    let words = PARTS.iter().flat_map(|(part, words)| words.iter().map(move |word| (*part, *word)));
    for (which, word) in words {
        let after = body.strip_suffix(word).filter(|_| body.is_ascii());
        if let Some(rest) = body.strip_prefix(word).or(after) {
            (part, body) = (which, rest.to_owned());
            break;
        }
    }
    let english = matches!(part, Part::Morning | Part::Afternoon) && shown.contains('m');
    let (hour, minute) = hour_and_minute(&body)?;
    let hour = place_hour(hour, part, english)?;
    if hour > 24 || hour == 24 && minute > 0 {
        return Err(TimeFlaw::Over24);
    }
    Ok(hour * 60 + minute)
}

/// `9:00`, `9:00:00`, `9点`, `9点半`, `9时30分`, `0900`.
fn hour_and_minute(body: &str) -> Result<(i32, i32), TimeFlaw> {
    let chinese = body.contains(['点', '點', '时', '時']);
    let mut even = body
        .replace(['点', '點', '时', '時'], ":")
        .replace("一刻", "15")
        .replace("三刻", "45")
        .replace('半', "30")
        .replace('零', "0")
        .replace(['整', '钟'], "");
    if chinese {
        even = even.replace(['分', '秒'], ":").trim_end_matches(':').to_owned();
    } else if even.len() == 4 && even.bytes().all(|b| b.is_ascii_digit()) {
        even.insert(2, ':');
    }
    let parts: Vec<&str> = even.split(':').collect();
    let number = |part, least| match digits(part, least..=2) {
        Some(number) => Ok(number as i32),
        None => Err(TimeFlaw::Unreadable),
    };
    let (hour, minute, second) = match parts.as_slice() {
        [hour] if chinese => (number(hour, 1)?, 0, 0),
        [hour, minute] => (number(hour, 1)?, number(minute, if chinese { 1 } else { 2 })?, 0),
        [hour, minute, second] => {
            let whole = second.split_once('.').filter(|(_, rest)| rest.bytes().all(|b| b == b'0'));
            (number(hour, 1)?, number(minute, 1)?, number(whole.map_or(second, |(whole, _)| whole), 1)?)
        }
        _ => return Err(TimeFlaw::Unreadable),
    };
    if minute > 59 || second > 59 {
        return Err(TimeFlaw::Unreadable);
    }
    if second != 0 { Err(TimeFlaw::Seconds) } else { Ok((hour, minute)) }
}

/// The hour of a 24-hour clock; contradictions such as 上午15点 are not guessed away.
fn place_hour(hour: i32, part: Part, english: bool) -> Result<i32, TimeFlaw> {
    match (part, hour) {
        (Part::Whole, _) => Ok(hour),
        (Part::Small, 12) => Ok(0),
        (Part::Small, 0..=6) => Ok(hour),
        (Part::Morning, 12) if english => Ok(0),
        (Part::Morning, 0..=12) => Ok(hour),
        (Part::Noon, 11 | 12) => Ok(hour),
        (Part::Noon, 1..=2) => Ok(hour + 12),
        (Part::Noon, 13..=14) => Ok(hour),
        (Part::Afternoon, 12) => Ok(12),
        (Part::Afternoon, 1..=11) => Ok(hour + 12),
        (Part::Afternoon, 13..=23) if !english => Ok(hour),
        (Part::Evening, 5..=11) => Ok(hour + 12),
        (Part::Evening, 12) => Ok(24),
        (Part::Evening, 17..=24) => Ok(hour),
        _ => Err(TimeFlaw::Unreadable),
    }
}
