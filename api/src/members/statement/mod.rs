//! A person's credit, line by line.

pub mod page;
pub(crate) mod web;
