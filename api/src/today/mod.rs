//! What waits for staff today: one list, by kind, the nearest deadline first.

pub mod communities;
pub mod next;
pub mod page;
pub(crate) mod web;
mod work;
