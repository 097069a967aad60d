//! Signing in and out.

pub mod api;
pub mod page;
pub(crate) mod web;
