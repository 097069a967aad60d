//! What a test needs beyond Rust. Without it the test says so and passes; where everything must run, it fails.

use std::process::Command;

/// Set to `1` where a skipped test is a failure.
pub const REQUIRE_ALL: &str = "HOURBOOK_REQUIRE_ALL";

/// Whether all needs are met. Otherwise prints which are not and how to meet them.
///
/// # Panics
/// If something is missing and [`REQUIRE_ALL`] is set.
#[must_use]
pub fn all(test: &str, needs: &[(bool, &str)]) -> bool {
    let missing: Vec<&str> = needs.iter().filter(|(met, _)| !met).map(|(_, what)| *what).collect();
    if missing.is_empty() {
        return true;
    }
    let said = format!("SKIPPED {test}: needs {}", missing.join("; "));
    assert!(std::env::var(REQUIRE_ALL).is_err(), "{said} ({REQUIRE_ALL} is set)");
    println!("{said}");
    false
}

/// Whether a program can be started.
#[must_use]
pub fn program(name: &str) -> bool {
    Command::new("sh").args(["-c", &format!("command -v {name}")]).output().is_ok_and(|o| o.status.success())
}

/// Whether the tests run as root.
#[must_use]
pub fn root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout == b"0\n")
}
