//! A wish that staff post for a resident.

pub mod page;
pub(crate) mod web;
