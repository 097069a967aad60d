//! The wall of wishes: open ones as cards to print, cut out and hang up. Nothing on them is not public.

pub mod page;
pub(crate) mod web;
