//! A year of days as small month sheets, each with its own total.

use hourbook_ledger::domain::time::Date;
use maud::{Markup, html};

use super::drawing::{Frame, Words, drawing, label, level, numbers, path};
use crate::ui::i18n;

/// Cell and pitch of a day, and the height of a month's heading, in units.
const CELL: u32 = 12;
const PITCH: u32 = 14;
const HEAD: u32 = 40;
const SHEET_WIDTH: u32 = 7 * PITCH;
const SHEET_HEIGHT: u32 = HEAD + 6 * PITCH;

/// Month sheets for `months` (year, month), oldest first; weeks begin on Monday. Darker days have more minutes.
pub fn calendar(frame: Frame, months: &[(i32, u32)], days: &[(Date, u64)]) -> Markup {
    if months.is_empty() {
        return html! {};
    }
    let lang = frame.lang;
    let across = frame.width() / (SHEET_WIDTH + 14);
    let gap = (frame.width() - across * SHEET_WIDTH) / (across - 1).max(1);
    let greatest = days.iter().map(|(_, minutes)| *minutes).max().unwrap_or(0);
    let mut active: Vec<_> = days.iter().filter(|(_, minutes)| *minutes > 0).collect();
    active.sort_unstable();
    let title = lang.t("服务日历", "Service calendar");
    let desc = match lang {
        i18n::Lang::Zh => format!("{} 个月里有 {} 天参加服务", months.len(), active.len()),
        i18n::Lang::En => format!("{} days of service in {} months", active.len(), months.len()),
    };
    let lines = u32::try_from(months.len()).unwrap_or(0).div_ceil(across);
    let body = html! {
        @for (i, &(year, month)) in (0u32..).zip(months) {
            @let (x, y) = (i % across * (SHEET_WIDTH + gap), i / across * (SHEET_HEIGHT + 8));
            (sheet(frame, (x, y), (year, month), days, greatest))
        }
    };
    let row = |(date, minutes): &&(Date, u64)| {
        vec![i18n::date(lang, &date.to_string()), i18n::hours_minutes(lang, *minutes)]
    };
    let rows: Vec<Vec<String>> = active.iter().map(row).collect();
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

fn sheet(
    frame: Frame,
    (x, y): (u32, u32),
    (year, month): (i32, u32),
    days: &[(Date, u64)],
    greatest: u64,
) -> Markup {
    let Some(first) = Date::from_ymd(year, month, 1) else { return html! {} };
    let dates = (0..31).map(|day| first.plus(day)).take_while(|date| date.ymd().1 == month);
    let mut total = 0;
    let mut paths: [String; 5] = Default::default();
    for (slot, date) in (first.weekday()..).zip(dates) {
        let minutes = days.iter().find(|(day, _)| *day == date).map_or(0, |(_, minutes)| *minutes);
        total += minutes;
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
