//! How the ledger works.

pub mod page;
pub(crate) mod web;
