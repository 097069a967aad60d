//! Credit.

use super::effect::Effect;
use super::event::Event;
use super::rejection::Rejection;
use super::state::{Context, State};
use super::table::trial;

/// Credit.
#[derive(Default, Debug, Clone)]
pub struct Credit {}

trial!(Credit {});

pub(super) fn decide(_state: &State, _cx: &Context, _event: &Event) -> Result<(), Rejection> {
    Ok(())
}

pub(super) fn evolve(_state: &mut State, _cx: &Context, _event: &Event, _effects: &mut Vec<Effect>) {}

impl Credit {
    /// Who set the credit aside.
    #[must_use]
    pub fn holder(&self, _hold: super::ids::HoldId) -> Option<super::ids::PersonId> {
        None
    }
}
