//! Open wishes that a team or unit takes on, many together.

pub mod page;
pub(crate) mod web;
