//! The pages: each a plain view struct and a `render`.

pub mod error;
pub mod home;
pub mod hours;
pub mod leaderboard;
pub mod lists;
pub mod signin;
pub mod statement;
pub mod wish;
pub mod wishes;

mod parts;

pub use parts::{PersonName, RankRow, WishCard, WishState};

#[cfg(test)]
mod tests;
