//! The pages: each a plain view struct and a `render`.

pub mod access;
pub mod activities;
pub mod acts;
pub mod error;
pub mod home;
pub mod hours;
pub mod how;
pub mod leaderboard;
pub mod lists;
pub mod log;
pub mod signin;
pub mod statement;
pub mod wish;
pub mod wishes;

mod parts;

pub use parts::{Change, PersonName, RankRow, Refusal, WishCard, WishState};

#[cfg(test)]
mod tests;
