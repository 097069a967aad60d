//! The write side of Hourbook.

pub mod checkpoint;
pub mod commitment;
pub mod committed;
pub mod domain;
pub mod dsse;
pub mod engine;
pub mod keys;
pub mod merkle;
pub mod note;
pub mod proof;
pub mod tiles;
pub mod vault;
pub mod wire;
