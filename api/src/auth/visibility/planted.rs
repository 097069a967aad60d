//! Faults that can be built into what is shown, to show that the matrix of rights finds each. Without the feature
//! `planted-bugs` there are none.

/// A fault that shows somebody what is not theirs, or leaves no trace of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// A role shows something to whoever comes in by any key of its person.
    RoleByAnyKey = 1,
    /// An affiliation shows something before it begins and after it has ended.
    TiesWithoutTerm = 2,
    /// A look at others is not recorded.
    LookLeftOut = 3,
}

impl Planted {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::RoleByAnyKey, Self::TiesWithoutTerm, Self::LookLeftOut];
}

#[cfg(feature = "planted-bugs")]
static CHOSEN: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(0);

/// Builds a fault into every server of this process, or takes it out again.
#[cfg(feature = "planted-bugs")]
pub fn plant(bug: Option<Planted>) {
    CHOSEN.store(bug.map_or(0, |bug| bug as u8), std::sync::atomic::Ordering::Relaxed);
}

#[cfg(feature = "planted-bugs")]
pub(super) fn has(bug: Planted) -> bool {
    CHOSEN.load(std::sync::atomic::Ordering::Relaxed) == bug as u8
}

#[cfg(not(feature = "planted-bugs"))]
pub(super) const fn has(_: Planted) -> bool {
    false
}
