//! Finding a person by name, phone or number.

pub mod api;
pub mod page;
mod sealed;
pub(crate) mod search;
mod wanted;
pub mod web;
