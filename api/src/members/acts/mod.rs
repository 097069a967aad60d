//! What waits and concerns a person.

pub mod api;
pub mod page;
pub(crate) mod web;
