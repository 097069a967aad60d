//! Hours.

use super::effect::Effect;
use super::event::Event;
use super::rejection::Rejection;
use super::state::{Context, State};
use super::table::trial;

/// Hours.
#[derive(Default, Debug, Clone)]
pub struct Hours {}

trial!(Hours {});

pub(super) fn decide(_state: &State, _cx: &Context, _event: &Event) -> Result<(), Rejection> {
    Ok(())
}

pub(super) fn evolve(_state: &mut State, _cx: &Context, _event: &Event, _effects: &mut Vec<Effect>) {}

impl Hours {
    /// The organisation that recorded.
    #[must_use]
    pub fn org(&self, _recorded: super::ids::EventId) -> Option<super::ids::OrgId> {
        None
    }
}
