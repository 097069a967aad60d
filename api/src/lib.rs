//! Hourbook.

pub mod sheet;
pub mod web;
