//! Timers: what the ledger itself must assert once a moment has come.

use super::event::Body;
use super::state::State;
use super::time::Millis;

/// What is due at `now`, in a stable order; at most `limit` bodies, each of which [`super::decide`] accepts when asserted
/// by the ledger in this order.
#[must_use]
pub fn due(state: &State, now: Millis, limit: usize) -> Vec<Body> {
    let acts = super::act::due(state, now, limit);
    if !acts.is_empty() {
        // Alone: what takes effect may decide about anything else that is due.
        return acts;
    }
    let mut bodies: Vec<Body> =
        super::credit::due(&state.credit, now, limit).into_iter().map(Body::Credit).collect();
    bodies.extend(super::wish::due(&state.wishes, now, limit - bodies.len()).into_iter().map(Body::Wish));
    bodies
}
