//! What the rules would say, without any trace.

use super::messages::Refused;
use crate::domain::event::Event;
use crate::domain::ids::KeyId;
use crate::domain::time::Millis;
use crate::domain::{self, Context, State};
use crate::store::table::Transaction;

/// Decides a sequence of events on trial and takes everything back.
pub(crate) fn try_out(state: &mut State, now: Millis, events: &[(Event, KeyId)]) -> Result<(), Refused> {
    state.begin();
    let mut decide = |(index, (event, signer)): (usize, &(Event, KeyId))| {
        let cx = Context { position: u64::MAX, recorded_at: now, signer: *signer };
        domain::decide(state, &cx, event).map_err(|rejection| Refused { index, rejection })?;
        domain::evolve(state, &cx, event);
        Ok(())
    };
    let tried = events.iter().enumerate().try_for_each(&mut decide);
    state.rollback();
    tried
}
