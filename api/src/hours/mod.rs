//! Hours as staff record, confirm and correct them.

pub(crate) mod actions;
pub mod api;
