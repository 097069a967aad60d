//! A person's hours.

pub mod page;
pub(crate) mod web;
