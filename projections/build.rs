//! Gives the code of the read models an identity, so that a build which might derive otherwise is noticed.

use std::io;

#[path = "../ledger/build/identity.rs"]
mod identity;

fn main() -> io::Result<()> {
    // What the read models and their bytes depend on, beside the ledger's rules.
    identity::announce("HOURBOOK_MODELS_BUILD", &["src"])
}
