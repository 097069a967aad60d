//! Hourbook.

pub mod merkle;
