//! Who gave most.

pub mod api;
mod cursor;
pub mod page;
pub(crate) mod web;
