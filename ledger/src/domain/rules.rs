//! Versions of the rules. A ledger begins under the first; a founder adopts a later one by an event, and from the next
//! entry on that one decides and derives. What was derived before stays as it was: old versions are kept here for old
//! positions, and a mistake of the past is mended forward.
//!
//! There is one version. Tests plant a second, under which a vetted wish waits a day longer: it proves that a ledger goes from
//! one version to the next and that each derives its own part of the log.

use super::rejection::{Verdict, fits};
use crate::store::table::{Table, tables};

/// The version that every ledger begins under.
pub const FIRST: u32 = 1;
/// The newest version that this program knows.
pub const NEWEST: u32 = if cfg!(any(test, feature = "planted-bugs")) { 2 } else { FIRST };

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

    /// Days for which a vetted wish waits longer than its policy says: one under the planted second version.
    pub(super) fn longer_open(&self) -> u16 {
        u16::from(self.version() > FIRST)
    }

    pub(super) fn adopt(&mut self, version: u32) {
        self.adopted.insert((), version);
    }
}

/// Versions are adopted in order, and only those that this program has.
pub(super) fn decide(rules: &Rules, version: u32) -> Verdict {
    let next = rules.version() + 1;
    fits(next <= version && version <= NEWEST, format_args!("version: {next} to {NEWEST}"))
}

#[cfg(test)]
mod tests {
    use super::super::event::{Body, WishEvent};
    use super::super::ids::{Commitment, WishId};
    use super::super::testing::*;
    use super::*;
    use crate::domain::{Code, LedgerEvent};

    #[test]
    fn rules_go_forward_to_what_is_known_by_a_founders_hand() {
        let mut town = Town::new();
        let mut adopt = |who, version| {
            town.attempt(who, Body::Ledger(LedgerEvent::RulesAdopted { version }))
                .map(drop)
                .map_err(|r| r.code)
        };
        for wrong in [0, FIRST, NEWEST + 1, u32::MAX] {
            assert_eq!(adopt(FOUNDER, wrong), Err(Code::OutOfRange), "{wrong}");
        }
        assert_eq!(adopt(STEWARD, NEWEST), Err(Code::NotAuthorised));
        assert_eq!(adopt(FOUNDER, NEWEST), Ok(()));
        assert_eq!(adopt(FOUNDER, NEWEST), Err(Code::OutOfRange), "in force already");
        assert_eq!(town.state.rules.version(), NEWEST);
    }

    #[test]
    fn each_version_derives_its_own_part_of_the_log() {
        let mut town = Town::new();
        let before = vetted(&mut town, 1);
        town.must(FOUNDER, Body::Ledger(LedgerEvent::RulesAdopted { version: NEWEST }));
        let after = vetted(&mut town, 2);
        let waits =
            |wish| town.state.wishes.get(wish).and_then(|wish| wish.open_until).expect("it is vetted");
        assert_eq!(waits(after).0 - waits(before).0, 86_400_000);
    }

    fn vetted(town: &mut Town, n: u8) -> WishId {
        let (wish, text) = (WishId([0xe0 + n; 16]), Commitment([n; 32]));
        let category = "care".to_owned();
        let posted =
            WishEvent::Posted { wish, org: COMMUNITY, resident: RESIDENT, category, text, minutes: 60 };
        town.must(WORKER, Body::Wish(posted));
        town.must(SECOND_WORKER, Body::Wish(WishEvent::Vetted { wish, sentence: text }));
        wish
    }
}
