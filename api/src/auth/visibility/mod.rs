//! Who may see what, and what trace a look leaves.

mod acts;
pub mod planted;
pub mod routes;
mod sight;
mod trace;

#[cfg(test)]
mod tests;

pub use acts::Part;
pub use sight::{Ground, Naming, Sight, Viewer, masked};
pub(crate) use sight::{RECORDERS, may_see_entries};
pub(crate) use trace::found_offline;
pub use trace::{Footing, Seen, look_at_record, note_entries};
