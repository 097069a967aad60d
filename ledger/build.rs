//! Gives the code that derives state from the log an identity, so that a build which might derive otherwise is noticed.

use std::io;

#[path = "build/identity.rs"]
pub(crate) mod identity;

/// What the derived state, its bytes and the reading of the log depend on: rather all of it than a list with a gap.
pub(crate) const SOURCES: [&str; 4] = ["src", "derive/src", "../proto/hourbook", "../proto/src"];

fn main() -> io::Result<()> {
    identity::announce("HOURBOOK_BUILD", &SOURCES)
}
