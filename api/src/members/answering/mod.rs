//! Members who reported to a community (报到), for whoever answers.

pub mod page;
pub(crate) mod web;
