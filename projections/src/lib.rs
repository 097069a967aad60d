//! The read side of Hourbook: pure folds over the log, each with a cursor.
//!
//! [`models::Models`] takes the events of the log one by one and answers questions; [`follower::ReadSide`] is the same
//! behind a lock, fed by the log. Two builds from the same log have the same digest. No names or other
//! personal data are here, only ids and commitments; whoever shows an answer joins them from the vault.

pub mod account;
pub mod activities;
pub mod attribution;
pub mod canonical;
pub mod counts;
pub mod deeds;
pub mod directory;
pub mod few;
pub mod follower;
mod histogram;
mod intern;
pub mod leaderboard;
pub mod lists;
pub mod looks;
pub mod models;
pub mod notices;
pub mod points;
pub mod provenance;
pub mod record;
mod room;
mod smallvec_serde;
pub mod stats;
#[cfg(test)]
mod tests;
pub mod waiting;
pub mod window;
pub mod wishes;

pub use follower::{Reached, ReadSide};
pub use models::Models;
