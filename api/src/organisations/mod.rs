//! The tree of organisations.

pub mod api;
