//! What a command takes from the machine: random numbers, and threads that wait.

use std::path::Path;

use tokio::runtime::Runtime;

use super::failure::Failure;

/// A runtime for a server or for a question to one.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    Runtime::new().map_err(|error| Failure::file(Path::new("tokio"), &error))
}
