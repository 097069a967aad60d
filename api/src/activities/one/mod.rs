//! One activity, for whoever runs it.

pub mod page;
pub(crate) mod web;
