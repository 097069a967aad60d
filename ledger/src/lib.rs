//! The write side of Hourbook.

pub mod actor;
pub mod audit;
pub mod backup;
pub mod checkpoint;
pub mod clock;
pub mod code;
pub mod commitment;
pub mod disk;
pub mod domain;
pub mod dsse;
pub mod engine;
pub mod envelope;
pub mod erasure;
pub mod follower;
mod format;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod keys;
pub mod ledger;
pub mod merkle;
pub mod note;
pub mod openings;
pub mod phrases;
pub mod possession;
pub mod proof;
mod recent_ids;
pub mod replay;
pub mod sequencer;
pub mod snapshot;
pub mod store;
pub mod streams;
pub mod strict;
pub mod tile_dir;
pub mod tiles;
pub mod vault;
pub mod wire;
