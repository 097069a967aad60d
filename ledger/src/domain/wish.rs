//! Wishes.

use super::effect::Effect;
use super::event::Event;
use super::rejection::Rejection;
use super::state::{Context, State};
use super::table::trial;

/// Wishes.
#[derive(Default, Debug, Clone)]
pub struct Wishes {}

trial!(Wishes {});

pub(super) fn decide(_state: &State, _cx: &Context, _event: &Event) -> Result<(), Rejection> {
    Ok(())
}

pub(super) fn evolve(_state: &mut State, _cx: &Context, _event: &Event, _effects: &mut Vec<Effect>) {}

impl Wishes {
    /// The community that posted the wish.
    #[must_use]
    pub fn org(&self, _wish: super::ids::WishId) -> Option<super::ids::OrgId> {
        None
    }

    /// The resident whose wish it is.
    #[must_use]
    pub fn resident(&self, _wish: super::ids::WishId) -> Option<super::ids::PersonId> {
        None
    }

    /// Who has claimed it at present.
    #[must_use]
    pub fn claimer(&self, _wish: super::ids::WishId) -> Option<super::event::Claimer> {
        None
    }
}
