//! What a street or district reads of its communities: a quarter's figures added up, and who is behind with what.

mod figures;
pub mod page;
pub(crate) mod web;
