//! Communities as a honeycomb: one cell each, whatever its area, named in full.

use maud::{Markup, html};

use super::drawing::{Frame, Words, drawing, level, numbers};
use crate::ui::i18n;
use crate::ui::preferences::Size;

/// One community.
#[derive(Clone, Debug, Default)]
pub struct Hex {
    /// Name in the page's language; a trailing 社区 is left out in the cell, where every cell is one.
    pub name: String,
    /// Certified minutes in the period shown; none if they are not public.
    pub minutes: Option<u64>,
}

/// Half of a cell's width, its side (a regular hexagon pointing up), and the distance of rows.
const HALF: u32 = 46;
const SIDE: u32 = 53;
const STEP: u32 = 81;

/// Cells in rows of alternately `n` and `n - 1`, in the order given. Darker means more, and the number is printed.
pub fn hex_map(frame: Frame, cells: &[Hex]) -> Markup {
    if cells.is_empty() {
        return html! {};
    }
    let lang = frame.lang;
    let across: u32 = match frame.size {
        Size::Standard => 4,
        Size::Large | Size::XLarge => 3,
    };
    let greatest = cells.iter().filter_map(|c| c.minutes).max().unwrap_or(0);
    let title = lang.t("各社区服务时长", "Service hours by community");
    let most = cells.iter().max_by_key(|c| c.minutes).map_or("", |c| c.name.as_str());
    let desc = format!("{} {}, {}", lang.t("最多：", "Most:"), most, i18n::hours(lang, greatest));
    let places: Vec<(u32, u32)> = honeycomb(across).take(cells.len()).collect();
    let height = places.last().map_or(0, |place| place.1) + SIDE + 3;
    let body =
        html! { @for (cell, place) in cells.iter().zip(&places) { (hexagon(cell, *place, greatest)) } };
    let mut rows: Vec<Vec<String>> =
        cells.iter().map(|c| vec![c.name.clone(), i18n::hours_minutes_if(lang, c.minutes)]).collect();
    rows.sort_by_key(|row| row[0].clone());
    html! {
        (drawing(&Words { id: "hexes", title, desc: &desc }, across * HALF * 2 + 2, height, &body))
        @if cells.iter().any(|c| c.minutes.is_none()) { p.legend { (i18n::why_withheld(lang)) } }
        (numbers(lang, title, &[lang.t("社区", "Community"), lang.t("时长", "Hours")], &rows))
    }
}

/// Centres of the cells, row by row.
fn honeycomb(across: u32) -> impl Iterator<Item = (u32, u32)> {
    (0u32..).flat_map(move |row| {
        let short = row % 2;
        let y = SIDE + 1 + row * STEP;
        (0..across - short).map(move |i| (HALF * (1 + short) + 1 + i * HALF * 2, y))
    })
}

fn hexagon(cell: &Hex, (x, y): (u32, u32), greatest: u64) -> Markup {
    let half = SIDE / 2;
    let outline = format!("M{x} {}l{HALF} {half}v{SIDE}l-{HALF} {half}l-{HALF}-{half}v-{SIDE}z", y - SIDE);
    let short = cell.name.strip_suffix("社区").unwrap_or(&cell.name);
    let (name, tight) = (short, short.chars().count() > 4);
    html! {
        g.hex.{ "l" (level(cell.minutes.unwrap_or(0), greatest)) } {
            path d=(outline) {}
            text.mid.tight[tight] x=(x) y=(y - 3) { (name) }
            text.mid.strong x=(x) y=(y + 20) { (i18n::hours_short_if(cell.minutes)) }
        }
    }
}
