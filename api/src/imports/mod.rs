//! From a sheet to events: who is meant by each row, which activities and recordings it makes, and what is there already.
//!
//! - A person is found by volunteer number, or by phone, and the name in the row must agree with the one in the vault; a
//!   name alone identifies nobody: where it may stand alone, whoever imports chooses the person by hand. Only persons whom the recorder may see are found: whoever imports learns nothing of
//!   others, not even that they exist.
//! - Ids of activities, rows and the batch are keyed digests of the content. So a second import finds everything there,
//!   and the order of rows makes no difference.
//! - Nothing is recorded unless every row is right. The events of a usual sheet are one batch, accepted whole or refused
//!   whole. A larger one makes several, handed in one after the other, each with its own activities; when one of them
//!   fails a second import of the same sheet goes on from there.

pub mod api;
mod category;
mod fault;
pub mod page;
mod people;
mod plan;
mod prepare;
mod trial;
mod types;
pub(crate) mod web;

#[cfg(test)]
pub(crate) mod tests;

pub use category::category;
pub use fault::{Candidate, Faults, MOST_TOLD, RowFault};
pub use prepare::{allowed, prepare, prepare_and_tell};
pub use types::{ImportContext, ImportError, Matched, Prepared, Recording, Summary};
