//! Day, start and end in one text, `2026年11月21日8:30—11:30`, and how long something took, `2.5`, `3小时`.

use std::sync::Arc;

use hourbook_ledger::domain::time::Date;

use super::grid::{Cell, Shown};
use super::words::Field;
use super::{moment, text, weekday};

/// Longer texts hold no time.
const LONGEST: usize = 120;

/// What a text says of when something was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct When {
    pub(super) day: Option<i32>,
    pub(super) start: Option<i32>,
    pub(super) end: Option<i32>,
}

impl When {
    pub(super) fn cells(self) -> impl Iterator<Item = (Field, Cell)> {
        let day = self.day.map(|day| (Field::Date, Cell::Text(Arc::from(Date(day).to_string()))));
        let time = |field, at: Option<i32>| at.map(|at| (field, clock(at)));
        [day, time(Field::Start, self.start), time(Field::End, self.end)].into_iter().flatten()
    }
}

/// A time of day as a cell has it.
pub(super) fn clock(minute: i32) -> Cell {
    let minute = if minute > 1_440 { minute - 1_440 } else { minute };
    Cell::Text(Arc::from(format!("{}:{:02}", minute / 60, minute % 60)))
}

/// A day, a time of day or a span of them, all in one text; None if anything in it is neither. A day without a year is the
/// last one that is not after `today`.
pub(super) fn when(shown: &str, today: i32) -> Option<When> {
    if shown.len() > LONGEST {
        return None;
    }
    let even = text::plain(shown).replace(['—', '–', '－', '~', '～', '至', '到'], "-").replace("--", "-");
    let (day, rest) =
        leading_day(&even, today).map_or((None, even.as_str()), |(day, rest)| (Some(day), rest));
    let (rest, _) = weekday::taken_out(rest);
    let rest = rest.trim().trim_start_matches([',', '，']).trim();
    if rest.is_empty() {
        return day.map(|day| When { day: Some(day), ..When::default() });
    }
    let time = |shown: &str| moment::clock(shown.trim()).ok();
    let Some((from, to)) = rest.split_once('-') else {
        return Some(When { day, start: Some(time(rest)?), end: None });
    };
    let (start, end) = (time(from)?, time(to)?);
    // 下午2:00-4:00: the afternoon holds for both.
    let late = ["下午", "晚"].iter().any(|word| from.trim_start().starts_with(word));
    let end = if late && end < start && end + 720 > start { end + 720 } else { end };
    Some(When { day, start: Some(start), end: Some(end) })
}

/// A day at the beginning of a text, and what stands behind it.
pub(super) fn leading_day(shown: &str, today: i32) -> Option<(i32, &str)> {
    let shown = shown.trim_start();
    let ends = shown.char_indices().map(|(at, c)| at + c.len_utf8()).take(16).collect::<Vec<_>>();
    ends.into_iter().rev().find_map(|end| {
        let (front, rest) = shown.split_at(end);
        // 11.2 in 11.21 is no day.
        let cut = front.ends_with(|c: char| c.is_ascii_digit())
            && rest.starts_with(|c: char| c.is_ascii_digit() || c == ':');
        let day = if cut {
            None
        } else {
            moment::calendar(front.trim()).ok().or_else(|| without_year(front.trim(), today))
        };
        day.map(|day| (day, rest))
    })
}

/// `11月21日`, `11.21`: the last such day up to today.
fn without_year(shown: &str, today: i32) -> Option<i32> {
    let bare = shown.strip_suffix(['日', '号']).unwrap_or(shown);
    let (month, day) = bare.split_once(['月', '.', '/'])?;
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    let (month, day) = (number(month)?, number(day)?);
    let year: i32 = Date(today).to_string().get(..4)?.parse().ok()?;
    [year, year - 1]
        .into_iter()
        .filter_map(|year| Date::from_ymd(year, month, day))
        .map(|date| date.0)
        .find(|day| *day <= today)
}

/// Minutes that a length of service says: `3`, `2.5`, `3小时`, `3h`, `90分钟`, `1小时30分`. `半天` says none.
pub(super) fn length(cell: &Cell) -> Option<i32> {
    let minutes = match cell {
        Cell::Number { value, .. } => value * 60.0,
        Cell::Serial { value, shown: Shown::Time | Shown::Length, .. } if *value < 1.0 => value * 1_440.0,
        Cell::Text(raw) if raw.len() <= LONGEST => of_text(&text::plain(raw).replace(' ', ""))?,
        _ => return None,
    };
    let whole = minutes.round();
    let fits = (minutes - whole).abs() < 0.01 && (1.0..=1_440.0).contains(&whole);
    fits.then_some(whole as i32)
}

fn of_text(shown: &str) -> Option<f64> {
    let number = |text: &str| {
        text.parse::<f64>().ok().filter(|_| text.chars().all(|c| c.is_ascii_digit() || c == '.'))
    };
    let even = shown
        .replace("小时", "h")
        .replace("个h", "h")
        .replace("时", "h")
        .replace("hours", "h")
        .replace("hour", "h");
    let even = even.replace("分钟", "m").replace('分', "m");
    if let Some(hours) = even.strip_suffix('h').map_or_else(|| number(&even), number) {
        return Some(hours * 60.0);
    }
    let (hours, minutes) = even.split_once('h').unwrap_or(("0", &even));
    if minutes == "半" || hours.is_empty() {
        return None;
    }
    Some(number(hours)? * 60.0 + number(minutes.strip_suffix('m')?)?)
}

/// Whether a text that is no day speaks of months, quarters or years: a sum, and no service.
pub(super) fn is_period(shown: &str) -> bool {
    let plain = text::plain(shown).replace(' ', "");
    let open = ["月", "年", "年度", "季度", "全年", "上半年", "下半年", "本年"]
        .iter()
        .any(|end| plain.ends_with(end));
    open && plain.len() <= LONGEST && !plain.contains('日')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn day(year: i32, month: u32, day: u32) -> i32 {
        Date::from_ymd(year, month, day).unwrap().0
    }

    #[rstest]
    #[case("2026年11月21日8:30—11:30", Some((2026, 11, 21)), Some(510), Some(690))]
    #[case("2026.11.21 8:30-11:30", Some((2026, 11, 21)), Some(510), Some(690))]
    #[case("2026-11-21 8:30至11:30", Some((2026, 11, 21)), Some(510), Some(690))]
    #[case("2026年11月21日（周六）上午8:30-11:30", Some((2026, 11, 21)), Some(510), Some(690))]
    #[case("11月21日下午2点—4点半", Some((2026, 11, 21)), Some(840), Some(990))]
    #[case("12.21", Some((2025, 12, 21)), None, None)]
    #[case("8:30-11:30", None, Some(510), Some(690))]
    #[case("2026年11月21日 8:30", Some((2026, 11, 21)), Some(510), None)]
    fn day_and_times_stand_in_one_text(
        #[case] shown: &str,
        #[case] on: Option<(i32, u32, u32)>,
        #[case] start: Option<i32>,
        #[case] end: Option<i32>,
    ) {
        let on = on.map(|(y, m, d)| day(y, m, d));
        assert_eq!(when(shown, day(2026, 12, 1)), Some(When { day: on, start, end }), "{shown}");
    }

    #[rstest]
    fn what_is_no_time_is_none(
        #[values("半天", "周六上午", "2026年1-11月", "8:30左右", "")] shown: &str
    ) {
        assert_eq!(when(shown, day(2026, 12, 1)), None, "{shown}");
    }

    #[rstest]
    #[case("3", Some(180))]
    #[case("3小时", Some(180))]
    #[case("3h", Some(180))]
    #[case("2.5", Some(150))]
    #[case("３个小时", Some(180))]
    #[case("90分钟", Some(90))]
    #[case("1小时30分", Some(90))]
    #[case("半天", None)]
    #[case("0", None)]
    #[case("25", None)]
    #[case("3-4", None)]
    fn lengths_are_read_in_many_forms(#[case] shown: &str, #[case] minutes: Option<i32>) {
        assert_eq!(length(&Cell::Text(Arc::from(shown))), minutes, "{shown}");
    }

    #[test]
    fn a_sum_of_months_is_told_from_a_day() {
        assert!(["2026年1-11月", "2026年", "2026年第三季度", "全年"].iter().all(|text| is_period(text)));
        assert!(!["2026年3月7日", "3月7号", "周六"].iter().any(|text| is_period(text)));
    }
}
