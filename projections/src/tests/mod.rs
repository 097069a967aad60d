//! Tests of the read side as a whole, on logs whose effects the real rules derived.

mod flow;
mod list;
mod rebuild;
pub(crate) mod town;
