//! Who looked at what is shown of a person, and who did what to one.

pub mod api;
pub mod page;
pub(crate) mod web;
