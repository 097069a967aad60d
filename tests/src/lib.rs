//! What the whole-system tests share.

pub mod need;
pub mod server;
pub mod town;
