//! A draft of the next policy: its figures are typed, what they would have changed in the last quarter is worked out, and
//! whoever may adopt it signs it there.

mod effects;
mod fields;
pub mod page;
pub(crate) mod web;

use hourbook_ledger::domain::policy::PolicyArea;

/// Areas that are drafted on the page. A calendar is copied from an announcement, day by day.
const DRAFTED: [(PolicyArea, &str); 6] = [
    (PolicyArea::Credit, "credit"),
    (PolicyArea::Records, "records"),
    (PolicyArea::Wishes, "wishes"),
    (PolicyArea::Points, "points"),
    (PolicyArea::Waiting, "waiting"),
    (PolicyArea::Rankings, "rankings"),
];

/// Whether there is a draft of an area.
pub(super) fn is_drafted(area: PolicyArea) -> bool {
    DRAFTED.iter().any(|(one, _)| *one == area)
}

/// An area in an address.
pub(super) fn slug(area: PolicyArea) -> &'static str {
    DRAFTED.iter().find(|(one, _)| *one == area).map_or("", |(_, slug)| slug)
}

/// The area that an address names.
fn area_of(slug: &str) -> Option<PolicyArea> {
    DRAFTED.iter().find(|(_, one)| *one == slug).map(|(area, _)| *area)
}
