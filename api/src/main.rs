//! The `hourbook` binary.
fn main() {}
