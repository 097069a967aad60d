//! How the site is reached safely, and the certificate of its own authority.

pub mod page;
pub(crate) mod web;
