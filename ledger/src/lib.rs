//! The write side of Hourbook.

pub mod domain;
pub mod merkle;
