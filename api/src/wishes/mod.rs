//! Micro-wishes.

pub(crate) mod actions;
pub mod api;
pub mod board;
pub(crate) mod desk;
pub(crate) mod page;
pub(crate) mod sentence;
pub(crate) mod web;
