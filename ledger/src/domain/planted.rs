//! Faults that can be built into the rules about rights, to show that their test finds each. Without the feature
//! `planted-bugs` there are none.

/// A fault that gives somebody a right, or lets one person do what cannot be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, hourbook_derive::All)]
pub enum Planted {
    /// An affiliation takes effect on the word of the side that gains.
    AffiliatedByGainer,
    /// A report-in is filed by whoever answers it.
    FiledByReceiver,
    /// A role is exercised by any key of its person.
    RoleByAnyKey,
    /// A session carries all roles of its person.
    SessionCarriesAll,
    /// Staff enrol keys for others.
    KeyByStaff,
    /// Staff of any organisation that a person belongs to act for the person.
    ProxyOfAnyAffiliation,
    /// What staff ask for is erased at once.
    ErasedAtOnce,
    /// Whoever uses a code is taken for the person.
    CodeIsOwnHand,
    /// A key that came by a code is taken for the person's own.
    LentKeyIsOwn,
    /// Confirmed hours are corrected on one person's word.
    CorrectedByOne,
    /// A list is published on one person's word.
    PublishedByOne,
    /// A member is exempted on one person's word.
    ExemptedByOne,
    /// A fund pays on one person's word.
    PaidByOne,
    /// The keys of someone erased go on signing.
    ErasedSigns,
    /// The second person may be the first.
    SecondIsFirst,
    /// The second person may hold a key by the first's code.
    SecondByCodeOfFirst,
    /// Two keys that one issuer handed out may stand for each other.
    TwoByOneIssuer,
    /// Four eyes compares persons by name, whoever has their keys.
    FourEyesByName,
    /// Whoever grants roles grants them to themselves.
    GrantedToOneself,
    /// Whoever types in a code lays down its person's role.
    LaidDownAtOnce,
    /// Whoever may close a session closes it at once.
    SessionClosedAtOnce,
    /// A younger session calls off what an older one asked for.
    YoungerStops,
    /// A helper does for the person whatever the person or staff could.
    HelperBySubject,
}

#[cfg(feature = "planted-bugs")]
std::thread_local! {
    static CHOSEN: std::cell::Cell<Option<Planted>> = const { std::cell::Cell::new(None) };
}

/// Builds a fault into the rules as this thread applies them, or takes it out again.
#[cfg(feature = "planted-bugs")]
pub fn plant(bug: Option<Planted>) {
    CHOSEN.set(bug);
}

/// The fault of every thread: its place among all of them, from one on.
#[cfg(feature = "planted-bugs")]
static EVERYWHERE: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

/// Builds a fault into the rules as every ledger of this process applies them, or takes it out again.
#[cfg(feature = "planted-bugs")]
pub fn plant_everywhere(bug: Option<Planted>) {
    let place = Planted::ALL.iter().position(|of| Some(*of) == bug).map_or(0, |place| place + 1);
    EVERYWHERE.store(place, std::sync::atomic::Ordering::Relaxed);
}

#[cfg(feature = "planted-bugs")]
pub(super) fn has(bug: Planted) -> bool {
    let everywhere = EVERYWHERE.load(std::sync::atomic::Ordering::Relaxed);
    CHOSEN.get() == Some(bug) || Planted::ALL.get(everywhere.wrapping_sub(1)) == Some(&bug)
}

#[cfg(not(feature = "planted-bugs"))]
pub(super) const fn has(_: Planted) -> bool {
    false
}
