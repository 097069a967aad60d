//! Activities.

use super::effect::Effect;
use super::event::Event;
use super::rejection::Rejection;
use super::state::{Context, State};
use super::table::trial;

/// Activities.
#[derive(Default, Debug, Clone)]
pub struct Activities {}

trial!(Activities {});

pub(super) fn decide(_state: &State, _cx: &Context, _event: &Event) -> Result<(), Rejection> {
    Ok(())
}

pub(super) fn evolve(_state: &mut State, _cx: &Context, _event: &Event, _effects: &mut Vec<Effect>) {}

impl Activities {
    /// The organisation that runs the activity.
    #[must_use]
    pub fn org(&self, _activity: super::ids::ActivityId) -> Option<super::ids::OrgId> {
        None
    }
}
