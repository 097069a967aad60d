//! Charts as pure functions from numbers to SVG. Every chart prints its numbers, says in `<title>` and `<desc>` what
//! it shows, and is followed by a table of the same numbers, so that nothing depends on seeing shapes or colours.
//!
//! A chart is drawn for a nominal width in units; one unit is about one CSS pixel on a phone. A reader who chose a
//! larger text size gets a narrower nominal width, so the same 15 units of lettering come out larger.

mod bars;
mod bump;
mod calendar;
mod drawing;
mod funnel;
mod hexmap;

pub use super::charts::bars::{Month, months};
pub use super::charts::bump::{Bump, Mover, bump};
pub use super::charts::calendar::calendar;
pub use super::charts::drawing::Frame;
pub use super::charts::funnel::{Stage, funnel};
pub use super::charts::hexmap::{Hex, hex_map};

#[cfg(test)]
mod tests {
    use hourbook_ledger::domain::time::Date;

    use super::*;
    use crate::ui::i18n::Lang;
    use crate::ui::preferences::Size;

    #[test]
    fn every_chart_prints_its_numbers_names_itself_and_has_a_table() {
        let frame = Frame { lang: Lang::Zh, size: Size::XLarge };
        let hex = Hex { name: "雨燕社区".into(), minutes: Some(7710) };
        let mover = Mover { name: "甲".into(), ranks: vec![Some(2), Some(1)], own: true };
        let charts = [
            months(frame, &[Month { year: 2026, month: 3, minutes: Some(7710) }]),
            calendar(frame, &[(2026, 3)], &[(Date::from_ymd(2026, 3, 9).unwrap(), 7710)]),
            funnel(frame, &[Stage { name: "已发布".into(), count: 1234 }]),
            hex_map(frame, &[hex]),
            bump(frame, &Bump { periods: vec!["一季".into(), "二季".into()], movers: vec![mover] }),
        ];
        for (chart, number) in charts.iter().zip([">129<", ">128.5<", "1,234", ">129<", ">2<"]) {
            let text = &chart.0;
            assert!(text.contains("<title") && text.contains("<desc") && text.contains("<details"), "{text}");
            assert!(text.contains(number), "{number} in {text}");
            assert!(!text.contains("style="), "{text}");
        }
    }

    #[test]
    fn charts_of_nothing_are_empty() {
        let frame = Frame::default();
        assert_eq!(months(frame, &[]).0 + &funnel(frame, &[]).0 + &hex_map(frame, &[]).0, "");
        assert_eq!(calendar(frame, &[], &[]).0 + &bump(frame, &Bump::default()).0, "");
    }
}
