//! Who moved up and down: ranks over a few periods.

use maud::{Markup, html};

use super::drawing::{Frame, Words, drawing, label, numbers, text_width};
use crate::ui::preferences::Size;

/// Ranks over periods.
#[derive(Clone, Debug, Default)]
pub struct Bump {
    /// Names of the periods, oldest first, in the page's language and short.
    pub periods: Vec<String>,
    /// One line each, at most six are drawn.
    pub movers: Vec<Mover>,
}

/// One line of a [`Bump`].
#[derive(Clone, Debug, Default)]
pub struct Mover {
    /// Name in the page's language.
    pub name: String,
    /// Rank in each period, from 1; `None` where it was not ranked.
    pub ranks: Vec<Option<u32>>,
    /// The reader's own: drawn heavier.
    pub own: bool,
}

const DRAWN: usize = 6;
const ROW: u32 = 40;
const RADIUS: u32 = 13;

/// Lines differ by dash and name as well as by colour; each knot prints its rank.
pub fn bump(frame: Frame, bump: &Bump) -> Markup {
    if bump.periods.is_empty() || bump.movers.is_empty() {
        return html! {};
    }
    let lang = frame.lang;
    let keep = match frame.size {
        Size::Standard => 5,
        Size::Large => 4,
        Size::XLarge => 3,
    };
    let skip = bump.periods.len().saturating_sub(keep);
    let movers = &bump.movers[..bump.movers.len().min(DRAWN)];
    let title = lang.t("名次变化", "Rank movement");
    let desc = format!("{} – {}", bump.periods[skip], bump.periods[bump.periods.len() - 1]);
    let lowest = movers.iter().flat_map(|m| m.ranks.iter().skip(skip).flatten()).max().copied().unwrap_or(1);
    let names = movers.iter().map(|m| text_width(&m.name)).max().unwrap_or(0).min(frame.width() / 2);
    let columns = u32::try_from(bump.periods.len() - skip).unwrap_or(1);
    let pitch = (frame.width() - names - RADIUS * 3) / (columns - 1).max(1);
    let grid = Grid { pitch, skip };
    let height = 30 + lowest.min(12) * ROW;
    let body = html! {
        @for (i, period) in (0u32..).zip(&bump.periods[skip..]) {
            (label(grid.x(i), 15, "mid soft", period))
        }
        @for (i, mover) in movers.iter().enumerate() { (line(grid, i, mover)) }
    };
    let mut heads = vec![lang.t("名称", "Name")];
    heads.extend(bump.periods.iter().map(String::as_str));
    let rows: Vec<Vec<String>> = bump.movers.iter().map(table_row).collect();
    html! {
        (drawing(&Words { id: "bump", title, desc: &desc }, frame.width(), height, &body))
        (numbers(lang, title, &heads, &rows))
    }
}

#[derive(Clone, Copy)]
struct Grid {
    pitch: u32,
    skip: usize,
}

impl Grid {
    fn x(self, column: u32) -> u32 {
        RADIUS + 1 + column * self.pitch
    }

    fn y(rank: u32) -> u32 {
        30 + (rank.clamp(1, 12) - 1) * ROW + ROW / 2
    }
}

fn line(grid: Grid, index: usize, mover: &Mover) -> Markup {
    let knots: Vec<(u32, u32)> = (0u32..)
        .zip(mover.ranks.iter().skip(grid.skip))
        .filter_map(|(column, rank)| rank.map(|rank| (column, rank)))
        .collect();
    let mut d = String::new();
    for (i, &(column, rank)) in knots.iter().enumerate() {
        let (x, y) = (grid.x(column), Grid::y(rank));
        if i == 0 {
            d = format!("M{x} {y}");
        } else {
            let bend = x - grid.pitch / 2;
            let before = Grid::y(knots[i - 1].1);
            d.push_str(&format!("C{bend} {before} {bend} {y} {x} {y}"));
        }
    }
    html! {
        g.mover.{ "m" (index) }.own[mover.own] {
            path d=(d) {}
            @for &(column, rank) in &knots {
                circle cx=(grid.x(column)) cy=(Grid::y(rank)) r=(RADIUS) {}
                text.mid.knot x=(grid.x(column)) y=(Grid::y(rank) + 5) { (rank) }
            }
            @if let Some(&(column, rank)) = knots.last() {
                text.strong[mover.own] x=(grid.x(column) + RADIUS + 6) y=(Grid::y(rank) + 5) { (mover.name) }
            }
        }
    }
}

fn table_row(mover: &Mover) -> Vec<String> {
    let rank = |rank: &Option<u32>| rank.map_or("–".to_owned(), |rank| rank.to_string());
    std::iter::once(mover.name.clone()).chain(mover.ranks.iter().map(rank)).collect()
}
