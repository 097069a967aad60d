//! `hourbook demo`: the invented city of Zhichuan 栀川 with two years behind it, built through the same doors as a real one.
//!
//! Every event is signed by the key of whoever asserts it and goes through the sequencer; hours come from sheets that are
//! written, read and imported as a community would. A seed decides everything, so two builds have the same root.

mod build;
mod chronicle;
mod codes;
mod divisions;
mod error;
mod founding;
mod history;
pub mod links;
mod lists;
mod names;
mod options;
mod rolls;
mod seeded;
mod service;
mod sheets;
mod submitter;
#[cfg(test)]
mod tests;
mod town;
mod week;
mod wish;
mod wishes;

pub use build::{Built, build};
pub use codes::{Code, KEYS, again};
pub use error::DemoError;
pub use options::{LEAST, ORIGIN, Options};
pub use week::Figures;

/// In-service members of the whole town.
pub const MEMBERS: usize = town::MEMBERS;
/// Weeks that are told: two years.
pub const WEEKS: usize = 104;
/// The seed of the town that everybody sees.
pub const SEED: u64 = 990_181;
