//! What all answers to machines have in common.

pub mod as_of;
pub mod client;
pub mod extract;
pub(crate) mod fixed;
pub mod metrics;
pub mod names;
pub mod openapi;
pub mod receipt;
pub mod sheets;
pub mod subscriptions;
