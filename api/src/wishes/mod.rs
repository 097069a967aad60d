//! Micro-wishes.

pub(crate) mod actions;
pub mod api;
pub mod board;
pub(crate) mod desk;
pub mod helped;
pub mod importing;
pub(crate) mod page;
pub mod posting;
pub(crate) mod sentence;
pub mod together;
pub mod vetting;
pub mod wall;
pub(crate) mod web;
