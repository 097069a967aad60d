//! The board of micro-wishes.

pub mod page;
pub(crate) mod web;
