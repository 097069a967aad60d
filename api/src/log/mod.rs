//! The log as it is: events in, entries and proofs out.

pub mod events;
pub mod feed;
pub mod ledger;
pub mod page;
pub mod proofs;
pub mod proving;
pub mod streams;
pub mod subscribe;
pub mod tiles;
pub(crate) mod web;
