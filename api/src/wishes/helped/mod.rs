//! The hours of those who granted a wish: one activity of a community and month, each person once a wish.

pub mod page;
pub(crate) mod web;
