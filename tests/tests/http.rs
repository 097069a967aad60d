//! The HTTP face, over a real server with a real ledger.

#[path = "http/acts.rs"]
mod acts;
#[path = "http/events.rs"]
mod events;
#[path = "http/reads.rs"]
mod reads;
#[path = "http/refusals.rs"]
mod refusals;
#[path = "http/sessions.rs"]
mod sessions;
#[path = "http/transparency.rs"]
mod transparency;
