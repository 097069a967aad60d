//! One person as whoever works with that person sees it.

pub mod page;
pub mod web;
