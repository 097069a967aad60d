//! The digests of the derived state that the ledger put on its log, held against the state derived here.

use crate::domain::State;

/// What became of a digest.
#[allow(dead_code)] // all are told once the state can be digested
pub(super) enum Verdict {
    /// The events give the same.
    Same,
    /// They give another.
    Differs([u8; 32]),
    /// It was made under rules that are not known here.
    RulesUnknown,
    /// This program does not derive digests.
    CannotTell,
}

/// What is remembered for digests to come.
#[derive(Default)]
pub(super) struct Digests;

impl Digests {
    /// The state after the entry at `position`.
    pub(super) fn follow(&mut self, _position: u64, _state: &State) {}

    /// Judges a digest at `position` of the state after the entry `of`.
    pub(super) fn check(
        &self,
        _state: &State,
        _position: u64,
        _of: u64,
        _rules: u32,
        _digest: &[u8; 32],
    ) -> Verdict {
        Verdict::CannotTell
    }
}
