//! Registering people, and the one-time codes that they are given.

pub mod page;
pub mod web;
