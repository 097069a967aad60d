//! The HTTP face, over a real server with a real ledger.

#[path = "http/acts.rs"]
mod acts;
#[path = "http/changed_value.rs"]
mod changed_value;
#[path = "http/codes.rs"]
mod codes;
#[path = "http/drafts.rs"]
mod drafts;
#[path = "http/events.rs"]
mod events;
#[path = "http/headers.rs"]
mod headers;
#[path = "http/helpers.rs"]
mod helpers;
#[path = "http/looks.rs"]
mod looks;
#[path = "http/office.rs"]
mod office;
#[path = "http/paging.rs"]
mod paging;
#[path = "http/people.rs"]
mod people;
#[path = "http/reads.rs"]
mod reads;
#[path = "http/refusals.rs"]
mod refusals;
#[path = "http/registering.rs"]
mod registering;
#[path = "http/rights.rs"]
mod rights;
#[path = "http/sessions.rs"]
mod sessions;
#[path = "http/strict.rs"]
mod strict;
#[path = "http/transparency.rs"]
mod transparency;
