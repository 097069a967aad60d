//! Micro-wishes.

pub mod api;
pub mod board;
pub mod page;
pub(crate) mod web;
