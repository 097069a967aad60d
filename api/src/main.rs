//! The `hourbook` binary.

fn main() -> std::process::ExitCode {
    hourbook::cli::run()
}
