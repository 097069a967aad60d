//! The roll of a shift, and the hours that follow from it.

pub mod page;
pub(crate) mod web;
