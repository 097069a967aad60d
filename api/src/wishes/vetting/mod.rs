//! Wishes that wait to be vetted, many together.

pub mod page;
pub(crate) mod web;
