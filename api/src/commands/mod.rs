//! From what somebody wants to the event that says so.

mod assertion;

pub use assertion::{Assertion, Bytes, RoleName};
