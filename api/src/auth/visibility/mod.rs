//! Who may see what, and what trace a look leaves.

mod acts;
pub mod planted;
pub mod routes;
mod rules;
mod trace;

#[cfg(test)]
mod tests;

pub use acts::Part;
pub(crate) use rules::{CALLERS, RECORDERS, STAFF, may_see_entries};
pub use rules::{Ground, Naming, Viewer, Visibility, masked, masked_number};
pub(crate) use trace::found_offline;
pub use trace::{Footing, Seen, look_at_record, note_entries};
