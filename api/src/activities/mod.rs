//! What is to come, and signing up for it.

pub(crate) mod actions;
pub mod api;
pub mod page;
pub(crate) mod web;
