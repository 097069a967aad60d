//! The town at a glance, and how the ledger works.

pub mod how;
pub mod page;
pub(crate) mod web;
