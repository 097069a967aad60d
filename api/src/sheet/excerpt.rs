//! What of a cell may stand in a message: a short beginning, nothing invisible, no ID number.

use super::id_number;
use super::text::{is_deceptive, is_filler};

const LENGTH: usize = 24;

/// The beginning of a cell, safe to print; every digit of an ID number is hidden.
pub(super) fn excerpt(raw: &str) -> String {
    let shown = beginning(raw);
    let looked_at: String = raw.chars().take(20 * LENGTH).collect();
    if id_number::is_within(&looked_at) { masked(raw) } else { shown }
}

/// An excerpt with every digit hidden.
pub(super) fn masked(raw: &str) -> String {
    beginning(raw).chars().map(|c| if c.is_numeric() { '*' } else { c }).collect()
}

fn beginning(raw: &str) -> String {
    let hidden = |c: char| c.is_control() || is_deceptive(c) || is_filler(c);
    let mut out: String = raw.chars().take(LENGTH).map(|c| if hidden(c) { '\u{fffd}' } else { c }).collect();
    if raw.chars().nth(LENGTH).is_some() {
        out.push('…');
    }
    out
}
