//! Language of a page: both texts stand side by side where they are used, numbers and dates are formatted here.

use hourbook_ledger::domain::time::Date;

/// The language a page is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// Simplified Chinese, the default.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Chooses between the two texts.
    pub fn t<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// The value of the `lang` attribute (BCP 47).
    pub fn tag(self) -> &'static str {
        self.t("zh-CN", "en")
    }

    /// The value used in `?lang=` and in the cookie.
    pub fn code(self) -> &'static str {
        self.t("zh", "en")
    }

    /// Reads `?lang=` or the cookie.
    pub fn from_code(code: &str) -> Option<Lang> {
        match code {
            "zh" => Some(Lang::Zh),
            "en" => Some(Lang::En),
            _ => None,
        }
    }
}

/// A count with thousands separators: `12,840`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Minutes as hours with at most one decimal, without a unit: `128.5`, `12,840`. Rounds half up, once.
pub fn hours_number(minutes: u64) -> String {
    let tenths = (minutes * 10 + 30) / 60;
    match tenths % 10 {
        0 => count(tenths / 10),
        rest => format!("{}.{rest}", count(tenths / 10)),
    }
}

/// Like [`hours_number`], but whole hours from a hundred on, where a decimal only distracts: `98.5`, `1,284`.
pub fn hours_short(minutes: u64) -> String {
    if minutes < 6_000 { hours_number(minutes) } else { count((minutes + 30) / 60) }
}

/// The unit that goes with [`hours_number`].
pub fn hours_unit(lang: Lang) -> &'static str {
    lang.t("小时", "hours")
}

/// Minutes as decimal hours with their unit: `128.5 小时`, `128.5 hours`.
pub fn hours(lang: Lang, minutes: u64) -> String {
    let number = hours_number(minutes);
    let unit = if number == "1" { lang.t("小时", "hour") } else { hours_unit(lang) };
    format!("{number} {unit}")
}

/// Minutes exactly, as hours and minutes: `128 小时 30 分`, `128 h 30 min`.
pub fn hours_minutes(lang: Lang, minutes: u64) -> String {
    let (h, m) = (count(minutes / 60), minutes % 60);
    match (minutes / 60, m) {
        (0, _) => format!("{m} {}", lang.t("分", "min")),
        (_, 0) => format!("{h} {}", lang.t("小时", "h")),
        _ => format!("{h} {} {m} {}", lang.t("小时", "h"), lang.t("分", "min")),
    }
}

/// What stands in a small place for a figure that is not public.
pub fn withheld(lang: Lang) -> &'static str {
    lang.t("不公布", "not shown")
}

/// Why a figure is not public.
pub fn why_withheld(lang: Lang) -> &'static str {
    lang.t(
        "不公布的：少于5人，或会让人推算出少于5人的数字。",
        "Not shown: figures of fewer than 5 people, and those from which such a figure could be worked out.",
    )
}

/// As [`hours_minutes`], of a figure that may not be public.
pub fn hours_minutes_if(lang: Lang, minutes: Option<u64>) -> String {
    minutes.map_or_else(|| withheld(lang).to_owned(), |minutes| hours_minutes(lang, minutes))
}

/// As [`hours_short`], of a figure that may not be public.
pub fn hours_short_if(minutes: Option<u64>) -> String {
    minutes.map_or_else(|| "·".to_owned(), hours_short)
}

/// As [`count`], of a figure that may not be public.
pub fn count_if(lang: Lang, n: Option<u64>) -> String {
    n.map_or_else(|| withheld(lang).to_owned(), count)
}

/// Signed minutes as hours with at most one decimal, with a true minus sign: `−1.5`.
pub fn signed_hours_number(minutes: i64) -> String {
    let sign = if minutes < 0 { "−" } else { "" };
    format!("{sign}{}", hours_number(minutes.unsigned_abs()))
}

/// Signed minutes exactly; a true minus sign, and a plus when asked for.
pub fn signed_hours_minutes(lang: Lang, minutes: i64, plus: bool) -> String {
    let text = hours_minutes(lang, minutes.unsigned_abs());
    match minutes {
        m if m < 0 => format!("−{text}"),
        m if m > 0 && plus => format!("+{text}"),
        _ => text,
    }
}

/// Hundredths of a point: `60`, `61.5`, `−2.25`; with `plus`, gains carry their sign.
pub fn points(centi: i64, plus: bool) -> String {
    let magnitude = centi.unsigned_abs();
    let sign = match centi {
        c if c < 0 => "−",
        c if c > 0 && plus => "+",
        _ => "",
    };
    let whole = count(magnitude / 100);
    match magnitude % 100 {
        0 => format!("{sign}{whole}"),
        rest if rest.is_multiple_of(10) => format!("{sign}{whole}.{}", rest / 10),
        rest => format!("{sign}{whole}.{rest:02}"),
    }
}

const MONTHS_EN: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A month's short name: `3月`, `Mar`. `month` is 1 to 12.
pub fn month_name(lang: Lang, month: u32) -> String {
    match lang {
        Lang::Zh => format!("{month}月"),
        Lang::En => MONTHS_EN.get((month as usize).wrapping_sub(1)).copied().unwrap_or("?").to_owned(),
    }
}

/// A month of a year: `2026年3月`, `Mar 2026`.
pub fn year_month(lang: Lang, year: i32, month: u32) -> String {
    match lang {
        Lang::Zh => format!("{year}年{month}月"),
        Lang::En => format!("{} {year}", month_name(lang, month)),
    }
}

/// An ISO date (`2026-11-20`, or the date part of a timestamp) as people write it: `2026年11月20日`, `20 Nov 2026`.
/// Text that is no ISO date is returned as it came.
pub fn date(lang: Lang, iso: &str) -> String {
    let date = iso.get(..10).and_then(|date| date.parse::<Date>().ok());
    let Some((year, month, day)) = date.map(Date::ymd) else { return iso.to_owned() };
    match lang {
        Lang::Zh => format!("{year}年{month}月{day}日"),
        Lang::En => format!("{day} {} {year}", month_name(lang, month)),
    }
}

/// An ISO timestamp in ledger time (`2026-11-20T14:03:09+08:00`) to the minute: `2026年11月20日 14:03`.
pub fn date_time(lang: Lang, iso: &str) -> String {
    match iso.get(11..16) {
        Some(clock) => format!("{} {clock}", date(lang, iso)),
        None => date(lang, iso),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_three() {
        assert_eq!(
            [0, 7, 999, 1000, 12_840, 1_000_000].map(count),
            ["0", "7", "999", "1,000", "12,840", "1,000,000"]
        );
    }

    #[test]
    fn hours_round_half_up_once() {
        assert_eq!([0, 2, 3, 60, 7710, 770_400].map(hours_number), ["0", "0", "0.1", "1", "128.5", "12,840"]);
        assert_eq!(hours(Lang::Zh, 7710), "128.5 小时");
        assert_eq!([5910, 5999, 7710, 77_040].map(hours_short), ["98.5", "100", "129", "1,284"]);
        assert_eq!(hours(Lang::En, 60), "1 hour");
    }

    #[test]
    fn exact_durations_leave_out_what_is_zero() {
        assert_eq!(hours_minutes(Lang::Zh, 7710), "128 小时 30 分");
        assert_eq!(hours_minutes(Lang::En, 7710), "128 h 30 min");
        assert_eq!(hours_minutes(Lang::En, 45), "45 min");
        assert_eq!(hours_minutes(Lang::Zh, 120), "2 小时");
        assert_eq!(signed_hours_minutes(Lang::En, -90, true), "−1 h 30 min");
        assert_eq!(signed_hours_minutes(Lang::En, 90, true), "+1 h 30 min");
    }

    #[test]
    fn points_show_only_the_decimals_they_have() {
        assert_eq!([6000, 6150, -225, 5, 0].map(|c| points(c, false)), ["60", "61.5", "−2.25", "0.05", "0"]);
        assert_eq!(points(120, true), "+1.2");
    }

    #[test]
    fn dates_follow_the_language_and_foreign_text_passes_through() {
        assert_eq!(date(Lang::Zh, "2026-03-09"), "2026年3月9日");
        assert_eq!(date_time(Lang::En, "2026-11-20T14:03:09+08:00"), "20 Nov 2026 14:03");
        assert_eq!(date(Lang::En, "soon"), "soon");
        assert_eq!(date(Lang::En, "2026-13-09"), "2026-13-09");
    }
}
