//! Hourbook.

pub mod cli;
pub mod demo;
pub mod import;
pub mod policies;
pub mod sheet;
pub mod web;
