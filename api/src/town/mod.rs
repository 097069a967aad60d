//! The town at a glance, how the ledger works, and how the site is reached safely.

pub mod how;
pub mod https;
pub mod page;
pub(crate) mod web;
