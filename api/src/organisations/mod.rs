//! The tree of organisations.

pub(crate) mod actions;
pub mod api;
pub mod page;
pub mod policies;
pub mod web;
