//! Red and yellow lists.

pub(crate) mod actions;
pub mod api;
pub mod page;
pub(crate) mod web;
