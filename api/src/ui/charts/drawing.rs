//! What all charts are drawn with: the frame, the lettering, the scales, and the table behind each.

use maud::{Markup, PreEscaped, html};

use crate::ui::i18n::Lang;
use crate::ui::preferences::{Preferences, Size};

/// Language and text size: all a chart needs to know of the page.
#[derive(Clone, Copy, Debug, Default)]
pub struct Frame {
    /// Language of labels.
    pub lang: Lang,
    /// Text size, which sets the nominal width.
    pub size: Size,
}

impl From<&Preferences> for Frame {
    fn from(preferences: &Preferences) -> Frame {
        Frame { lang: preferences.lang, size: preferences.size }
    }
}

impl Frame {
    /// Nominal width in units.
    pub(super) fn width(self) -> u32 {
        match self.size {
            Size::Standard => 360,
            Size::Large => 280,
            Size::XLarge => 220,
        }
    }
}

/// What a chart is called and says; `id` must be unique on its page.
pub(super) struct Words<'a> {
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) desc: &'a str,
}

/// The SVG around a drawing.
pub(super) fn drawing(words: &Words, width: u32, height: u32, body: &Markup) -> Markup {
    let (title, desc) = (format!("{}-t", words.id), format!("{}-d", words.id));
    html! {
        svg.chart.(words.id) viewBox={ "0 0 " (width) " " (height) } role="img" aria-labelledby={ (title) " " (desc) } {
            title id=(title) { (words.title) }
            desc id=(desc) { (words.desc) }
            (body)
        }
    }
}

/// The table behind a chart.
pub(super) fn numbers(lang: Lang, caption: &str, columns: &[&str], rows: &[Vec<String>]) -> Markup {
    html! {
        details.numbers {
            summary { (lang.t("看数字表", "Show as a table")) }
            table {
                caption { (caption) }
                thead { tr { @for column in columns { th scope="col" { (column) } } } }
                tbody { @for row in rows { tr {
                    @for (i, cell) in row.iter().enumerate() {
                        @if i == 0 { th scope="row" { (cell) } } @else { td { (cell) } }
                    }
                } } }
            }
        }
    }
}

/// SVG `text`; `class` names anchor and weight (`end`, `mid`, `strong`).
pub(super) fn label(x: u32, y: u32, class: &str, text: &str) -> Markup {
    html! { text x=(x) y=(y) class=[(!class.is_empty()).then_some(class)] { (text) } }
}

/// Width of a text in units at 15 units of height: a CJK character is as wide as high, a Latin one about 0.56.
pub(super) fn text_width(text: &str) -> u32 {
    let tenths: u32 = text.chars().map(|c| if c.is_ascii() { 85 } else { 150 }).sum();
    tenths / 10
}

/// `part` of `whole` scaled to `units`, rounded down; a part that is not zero stays visible.
pub(super) fn scaled(part: u64, whole: u64, units: u32) -> u32 {
    if part == 0 || whole == 0 {
        return 0;
    }
    let length = u128::from(part) * u128::from(units) / u128::from(whole);
    u32::try_from(length).unwrap_or(units).clamp(2, units)
}

/// The step of a five-step scale: 0 for nothing, 1 to 4 by quarters of the greatest.
pub(super) fn level(part: u64, greatest: u64) -> u8 {
    match (part, greatest) {
        (0, _) | (_, 0) => 0,
        _ => u8::try_from((u128::from(part) * 4).div_ceil(u128::from(greatest))).unwrap_or(4).min(4),
    }
}

/// A path of many subpaths costs far fewer bytes than as many elements.
pub(super) fn path(class: &str, d: &str) -> Markup {
    html! { @if !d.is_empty() { path class=(class) d=(PreEscaped(d)) {} } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_keeps_small_parts_visible_and_zero_empty() {
        assert_eq!([0, 1, 50, 100].map(|part| scaled(part, 100, 200)), [0, 2, 100, 200]);
        assert_eq!(scaled(u64::MAX, u64::MAX, 200), 200);
        assert_eq!(scaled(5, 0, 200), 0);
    }

    #[test]
    fn levels_go_from_nothing_to_the_greatest() {
        assert_eq!([0, 1, 25, 26, 75, 76, 100].map(|part| level(part, 100)), [0, 1, 1, 2, 3, 4, 4]);
    }
}
