//! The write side of Hourbook.

pub mod domain;
pub mod dsse;
pub mod keys;
pub mod merkle;
