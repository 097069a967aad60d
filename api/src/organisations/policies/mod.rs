//! What holds for an organisation or the whole ledger: as data, in plain words, and as a draft of the next with what it would
//! have changed.

pub(crate) mod actions;
pub mod api;
pub mod draft;
pub mod page;
pub(crate) mod web;
