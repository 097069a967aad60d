//! What a check found.

/// A schedule that showed something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which check.
    pub check: &'static str,
    /// What it saw.
    pub what: String,
}

/// Answers the finding of a check unless the condition holds.
pub(crate) fn must(check: &'static str, holds: bool, what: impl FnOnce() -> String) -> Result<(), Finding> {
    if holds { Ok(()) } else { Err(Finding { check, what: what() }) }
}
