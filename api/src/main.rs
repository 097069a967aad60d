//! The `hourbook` binary.

/// A request allocates on one thread what another may free; the system's allocator takes several times as long for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    hourbook::cli::run()
}
