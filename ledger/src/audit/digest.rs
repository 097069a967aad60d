//! The digests of the derived state that the ledger put on its log, held against the state derived here.

use crate::domain::{State, rules as versions};

/// What became of a digest.
pub(super) enum Verdict {
    /// The events give the same.
    Same,
    /// They give another.
    Differs([u8; 32]),
    /// It was made under rules that are not known here.
    RulesUnknown,
    /// It is of an earlier state, which is gone.
    CannotTell,
}

/// Judges a digest at `position` of the state after the entry `of`, given the state right before it.
pub(super) fn check(state: &mut State, position: u64, of: u64, rules: u32, digest: &[u8; 32]) -> Verdict {
    if rules > versions::NEWEST {
        return Verdict::RulesUnknown;
    }
    if of.checked_add(1) != Some(position) {
        return Verdict::CannotTell;
    }
    let found = state.settle_digest();
    if found == *digest && rules == state.rules.version() { Verdict::Same } else { Verdict::Differs(found) }
}
