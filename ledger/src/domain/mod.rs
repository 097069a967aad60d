//! The rules of Hourbook: pure functions over plain data.
//!
//! Nothing here knows of storage, networks, clocks or randomness. [`decide`] says whether an event may be appended to
//! the log as it stands; [`evolve`] applies an appended event and returns what follows from it.

pub mod event;
pub mod ids;
pub mod policy;
pub mod time;
