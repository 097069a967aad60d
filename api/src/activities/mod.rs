//! What is to come, and signing up for it; what staff do with it.

pub(crate) mod actions;
pub mod api;
pub mod desk;
pub mod one;
pub mod page;
pub mod planning;
pub mod roll;
pub mod sheet;
pub(crate) mod web;
