//! Versions of the rules. A ledger begins under the first; a founder adopts a later one by an event, and from the next
//! entry on that one decides and derives. What was derived before stays as it was: old versions are kept here for old
//! positions, and a mistake of the past is mended forward.
//!
//! | version | what is otherwise than before |
//! |--:|---|
//! | 1 | |
//! | 2 | Taking back a report-in that was not answered ends no affiliation, and the end of one in force ends only what had begun by then. The first credit policy holds from the day of its adoption only as long as no hours have counted, since these would not earn by it. Credit above the account cap goes to the fund that the policy of its own day names: a later policy moves nothing of the past to its own fund. |

use super::rejection::{Code, Rejection, ensure};
use super::table::{Table, tables};

/// The version that every ledger begins under.
pub const FIRST: u32 = 1;
/// The newest version that this program knows.
pub const NEWEST: u32 = 2;

/// Which version is in force.
#[derive(Default, Debug, Clone)]
pub struct Rules {
    adopted: Table<29, (), u32>,
}

tables!(Rules { adopted });

impl Rules {
    /// The version that decides about the next entry, and derives what follows from it.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.adopted.get(&()).copied().unwrap_or(FIRST)
    }

    /// An unanswered report-in is not in force, and what had not begun is not ended.
    pub(super) fn end_only_what_runs(&self) -> bool {
        self.version() >= 2
    }

    /// A first credit policy is not adopted for a day that has counted already.
    pub(super) fn first_credit_before_service(&self) -> bool {
        self.version() >= 2
    }

    /// What exceeds the cap belongs to the fund of its own day.
    pub(super) fn excess_by_day(&self) -> bool {
        self.version() >= 2
    }

    pub(super) fn adopt(&mut self, version: u32) {
        self.adopted.insert((), version);
    }
}

/// Versions are adopted in order, and only those that this program has.
pub(super) fn decide(rules: &Rules, version: u32) -> Result<(), Rejection> {
    let next = rules.version() + 1;
    ensure(next <= version && version <= NEWEST, Code::OutOfRange)
}

#[cfg(test)]
mod tests {
    use super::super::event::Body;
    use super::super::testing::*;
    use super::*;

    #[test]
    fn rules_go_forward_to_what_is_known_by_a_founders_hand() {
        let mut town = Town::under_first_rules();
        let mut adopt =
            |who, version| town.attempt(who, Body::RulesAdopted { version }).map(drop).map_err(|r| r.code);
        for wrong in [0, FIRST, NEWEST + 1, u32::MAX] {
            assert_eq!(adopt(FOUNDER, wrong), Err(Code::OutOfRange), "{wrong}");
        }
        assert_eq!(adopt(STEWARD, NEWEST), Err(Code::NotAuthorised));
        assert_eq!(adopt(FOUNDER, NEWEST), Ok(()));
        assert_eq!(adopt(FOUNDER, NEWEST), Err(Code::OutOfRange), "in force already");
        assert_eq!(town.state.rules.version(), NEWEST);
    }
}
