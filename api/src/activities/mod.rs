//! What is to come, and signing up for it.

pub mod page;
pub(crate) mod web;
