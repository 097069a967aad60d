//! The person's own keys.

pub mod page;
pub mod web;
