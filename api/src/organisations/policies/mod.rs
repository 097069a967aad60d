//! What holds for an organisation or the whole ledger, as data.

pub(crate) mod actions;
pub mod api;
