//! The sign-in sheet of a shift, to be printed.

pub mod page;
pub(crate) mod web;
