//! For whoever runs the server, and whoever writes a client.

pub mod clock;
pub mod health;
pub mod metrics;
pub mod problems;
pub mod rules;
