//! Red and yellow lists.

pub mod api;
pub mod page;
pub(crate) mod web;
