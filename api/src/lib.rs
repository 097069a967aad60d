//! Hourbook.

pub mod web;
