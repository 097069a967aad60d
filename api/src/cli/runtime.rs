//! What a command takes from the machine: random numbers, and threads that wait.

use std::path::Path;

use chacha20::ChaCha20Rng;
use getrandom::SysRng;
use rand_core::SeedableRng as _;
use tokio::runtime::Runtime;

use super::failure::Failure;

/// Random numbers from the system, expanded.
pub(super) fn system_rng() -> ChaCha20Rng {
    ChaCha20Rng::try_from_rng(&mut SysRng).expect("the system has random numbers")
}

/// A runtime for a server or for a question to one.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    Runtime::new().map_err(|error| Failure::file(Path::new("tokio"), &error))
}
