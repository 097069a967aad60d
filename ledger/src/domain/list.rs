//! Lists.

use super::event::Event;
use super::rejection::Rejection;
use super::state::{Context, State};
use super::table::trial;

/// Lists.
#[derive(Default, Debug, Clone)]
pub struct Lists {}

trial!(Lists {});

pub(super) fn decide(_state: &State, _cx: &Context, _event: &Event) -> Result<(), Rejection> {
    Ok(())
}

pub(super) fn evolve(_state: &mut State, _cx: &Context, _event: &Event) {}
