//! The form that plans an activity.

pub mod page;
pub(crate) mod web;
