//! The write side of Hourbook.

pub mod commitment;
pub mod domain;
pub mod dsse;
pub mod keys;
pub mod merkle;
pub mod vault;
