//! Who holds a role, by which keys.

pub mod page;
pub mod web;
