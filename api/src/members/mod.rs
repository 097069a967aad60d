//! What is known of a person.

pub mod access;
pub(crate) mod actions;
pub mod acts;
pub mod answering;
pub mod api;
pub mod balance;
pub mod colleagues;
pub(crate) mod credit;
mod duties;
pub mod hours;
pub mod keys;
pub mod me;
pub mod offices;
pub mod people;
pub mod person;
pub mod records;
pub mod registering;
pub mod report_ins;
pub mod statement;
