//! Hours per month.

use maud::{Markup, html};

use super::drawing::{Frame, Words, drawing, label, numbers, scaled, text_width};
use crate::ui::i18n;

/// Certified minutes of one month.
#[derive(Clone, Copy, Debug, Default)]
pub struct Month {
    /// Calendar year.
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
    /// Certified minutes; none if they are not public.
    pub minutes: Option<u64>,
}

/// Bars for up to twelve months, oldest first. They lie, so that six-digit numbers fit at any text size.
pub fn months(frame: Frame, months: &[Month]) -> Markup {
    if months.is_empty() {
        return html! {};
    }
    let lang = frame.lang;
    let greatest = months.iter().filter_map(|m| m.minutes).max().unwrap_or(0);
    let total: u64 = months.iter().filter_map(|m| m.minutes).sum();
    let title = lang.t("每月服务时长", "Service hours per month");
    let desc = format!(
        "{} {}, {} {}",
        lang.t("合计", "Total"),
        i18n::hours(lang, total),
        lang.t("最多的一个月", "highest month"),
        i18n::hours(lang, greatest),
    );
    let words = Words { id: "months", title, desc: &desc };
    let rows: Vec<Vec<String>> = months
        .iter()
        .map(|m| vec![i18n::year_month(lang, m.year, m.month), i18n::hours_minutes_if(lang, m.minutes)])
        .collect();
    html! {
        (lying(frame, &words, months, greatest))
        p.legend { (span(frame, months)) }
        @if months.iter().any(|m| m.minutes.is_none()) { p.legend { (i18n::why_withheld(lang)) } }
        (numbers(lang, title, &[lang.t("月份", "Month"), lang.t("时长", "Hours")], &rows))
    }
}

const ROW: u32 = 29;

fn lying(frame: Frame, words: &Words, months: &[Month], greatest: u64) -> Markup {
    let name = |m: &Month| i18n::month_name(frame.lang, m.month);
    let left = months.iter().map(|m| text_width(&name(m))).max().unwrap_or(0) + 8;
    let right = months.iter().map(|m| text_width(&i18n::hours_short_if(m.minutes))).max().unwrap_or(0) + 8;
    let space = frame.width().saturating_sub(left + right).max(20);
    let body = html! {
        @for (i, month) in (0u32..).zip(months) {
            @let y = i * ROW;
            @let length = scaled(month.minutes.unwrap_or(0), greatest, space);
            (label(left - 8, y + 20, "end", &name(month)))
            rect class=(bar_class(i, months)) x=(left) y=(y + 6) width=(length) height="18" rx="2" {}
            (label(left + length + 6, y + 20, "strong", &i18n::hours_short_if(month.minutes)))
        }
        path.rule d={ "M" (left) " 0v" (ROW * u32::try_from(months.len()).unwrap_or(0)) } {}
    };
    drawing(words, frame.width(), ROW * u32::try_from(months.len()).unwrap_or(0) + 2, &body)
}

/// Which months, and why the last bar looks different.
fn span(frame: Frame, months: &[Month]) -> String {
    let name = |m: &Month| i18n::year_month(frame.lang, m.year, m.month);
    let ends = [months.first().map(name), months.last().map(name)].map(Option::unwrap_or_default);
    let running = frame.lang.t("虚线是还没过完的月份", "the dashed month is still running");
    format!("{} – {} · {running}", ends[0], ends[1])
}

/// The last month is still running: dashed, so that nobody reads it as a drop.
fn bar_class(index: u32, months: &[Month]) -> &'static str {
    if usize::try_from(index).is_ok_and(|i| i + 1 == months.len()) { "bar now" } else { "bar" }
}
