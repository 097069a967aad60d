//! A year of days as small month sheets, each with its own total.

use maud::{Markup, html};

use super::drawing::{Frame, Words, drawing, label, level, numbers, path};
use crate::ui::i18n;

/// Certified minutes of one day.
#[derive(Clone, Copy, Debug, Default)]
pub struct Day {
    /// Calendar year.
    pub year: i16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// Certified minutes.
    pub minutes: u64,
}

/// Cell and pitch of a day, and the height of a month's heading, in units.
const CELL: u32 = 12;
const PITCH: u32 = 14;
const HEAD: u32 = 40;
const SHEET_WIDTH: u32 = 7 * PITCH;
const SHEET_HEIGHT: u32 = HEAD + 6 * PITCH;

/// Month sheets for `months` (year, month), oldest first; weeks begin on Monday. Darker days have more minutes.
pub fn calendar(frame: Frame, months: &[(i16, u8)], days: &[Day]) -> Markup {
    if months.is_empty() {
        return html! {};
    }
    let lang = frame.lang;
    let across = frame.width() / (SHEET_WIDTH + 14);
    let gap = (frame.width() - across * SHEET_WIDTH) / (across - 1).max(1);
    let greatest = days.iter().map(|d| d.minutes).max().unwrap_or(0);
    let active = days.iter().filter(|d| d.minutes > 0).count();
    let title = lang.t("服务日历", "Service calendar");
    let desc = match lang {
        i18n::Lang::Zh => format!("{} 个月里有 {active} 天参加服务", months.len()),
        i18n::Lang::En => format!("{active} days of service in {} months", months.len()),
    };
    let lines = u32::try_from(months.len()).unwrap_or(0).div_ceil(across);
    let body = html! {
        @for (i, &(year, month)) in (0u32..).zip(months) {
            @let (x, y) = (i % across * (SHEET_WIDTH + gap), i / across * (SHEET_HEIGHT + 8));
            (sheet(frame, (x, y), (year, month), days, greatest))
        }
    };
    let mut dates: Vec<&Day> = days.iter().filter(|d| d.minutes > 0).collect();
    dates.sort_by_key(|d| (d.year, d.month, d.day));
    let rows: Vec<Vec<String>> = dates
        .iter()
        .map(|d| {
            let iso = format!("{:04}-{:02}-{:02}", d.year, d.month, d.day);
            vec![i18n::date(lang, &iso), i18n::hours_minutes(lang, d.minutes)]
        })
        .collect();
    html! {
        (drawing(&Words { id: "calendar", title, desc: &desc }, frame.width(), lines * (SHEET_HEIGHT + 8), &body))
        p.legend { (desc) (scale(frame)) }
        (numbers(lang, title, &[lang.t("日期", "Date"), lang.t("时长", "Hours")], &rows))
    }
}

/// What darker means, in words at both ends.
fn scale(frame: Frame) -> Markup {
    html! {
        span.scale {
            (frame.lang.t("少", "less"))
            svg viewBox="0 0 72 14" width="72" height="14" aria-hidden="true" {
                @for step in 0u32..5 { rect class={ "day l" (step) } x=(step * 15) width="12" height="12" y="1" {} }
            }
            (frame.lang.t("多", "more"))
        }
    }
}

fn sheet(frame: Frame, (x, y): (u32, u32), (year, month): (i16, u8), days: &[Day], greatest: u64) -> Markup {
    let own = |d: &&Day| d.year == year && d.month == month;
    let total: u64 = days.iter().filter(own).map(|d| d.minutes).sum();
    let first = weekday(year, month);
    let mut paths: [String; 5] = Default::default();
    for number in 1..=days_in_month(year, month) {
        let minutes = days.iter().filter(own).find(|d| d.day == number).map_or(0, |d| d.minutes);
        let slot = first + u32::from(number) - 1;
        let cell =
            format!("M{} {}h{CELL}v{CELL}h-{CELL}z", x + slot % 7 * PITCH, y + HEAD + slot / 7 * PITCH);
        paths[usize::from(level(minutes, greatest))].push_str(&cell);
    }
    let name = match month {
        1 => i18n::year_month(frame.lang, year, month),
        _ => i18n::month_name(frame.lang, month),
    };
    let sum = if total == 0 { "–".to_owned() } else { i18n::hours_number(total) };
    html! {
        (label(x, y + 15, "soft", &name))
        (label(x, y + 33, "strong", &sum))
        @for (step, d) in paths.iter().enumerate() { (path(&format!("day l{step}"), d)) }
    }
}

/// Weekday of the first of a month, Monday = 0 (Sakamoto's rule for the Gregorian calendar).
fn weekday(year: i16, month: u8) -> u32 {
    const SHIFT: [i32; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
    let y = i32::from(year) - i32::from(month < 3);
    let shift = SHIFT[usize::from(month.clamp(1, 12)) - 1];
    let sunday_based =
        (y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + shift + 1).rem_euclid(7);
    u32::try_from((sunday_based + 6) % 7).unwrap_or(0)
}

fn days_in_month(year: i16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_on_their_true_weekday() {
        let (monday, thursday, saturday, sunday) = (0, 3, 5, 6);
        assert_eq!(weekday(2024, 1), monday);
        assert_eq!(weekday(2024, 2), thursday);
        assert_eq!(weekday(2000, 1), saturday);
        assert_eq!(weekday(2026, 11), sunday);
    }

    #[test]
    fn leap_years_follow_the_gregorian_rule() {
        assert_eq!([2023, 2024, 1900, 2000].map(|year| days_in_month(year, 2)), [28, 29, 28, 29]);
    }
}
