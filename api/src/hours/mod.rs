//! Hours as staff record, confirm and correct them.

pub(crate) mod actions;
pub mod api;
pub mod page;
pub mod warning;
pub(crate) mod web;
