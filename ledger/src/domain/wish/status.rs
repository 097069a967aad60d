//! How far a wish has come, and what is known of it there.

use crate::domain::ids::{OrgId, PersonId};
use crate::domain::time::Millis;
use crate::domain::vocabulary::{Claimer, Lapse};
use hourbook_derive::All;

/// A claim on a wish.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Claim {
    /// Who has taken it on.
    pub claimer: Claimer,
    /// Who takes part; for a person's claim the helpers, which may be nobody.
    pub participants: Vec<PersonId>,
    /// Who asserted the claim, and then its fulfilment: for an organisation, or for a person without a device.
    pub asserted_by: Vec<PersonId>,
    /// When it lapses.
    pub until: Millis,
}

impl Claim {
    /// Everyone who does the work: the participants and the claiming person, each once, ascending.
    #[must_use]
    pub fn people(&self) -> Vec<PersonId> {
        let claimer = match self.claimer {
            Claimer::Person(person) => Some(person),
            Claimer::Org(_) => None,
        };
        let mut people: Vec<_> = self.participants.iter().copied().chain(claimer).collect();
        people.sort_unstable();
        people.dedup();
        people
    }

    pub(super) fn has_hand_in(&self, person: PersonId) -> bool {
        self.asserted_by.contains(&person) || self.people().contains(&person)
    }
}

/// What has been done, as the claimer says.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Fulfilment {
    /// Whose claim it was.
    pub claim: Claim,
    /// Effort of each who took part, in minutes.
    pub minutes: u32,
}

/// How far a wish has come.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum Status {
    /// Posted, not yet seen by the public.
    Draft,
    /// Waits for a claim.
    Open,
    /// Someone has taken it on.
    Claimed(Claim),
    /// The claimer says that it is done.
    Fulfilled(Fulfilment),
    /// The resident says so too.
    Confirmed {
        /// What was confirmed.
        fulfilment: Fulfilment,
        /// 1 to 5.
        rating: u8,
    },
    /// Nobody claimed it in time.
    Lapsed,
    /// No longer wanted.
    Withdrawn,
    /// Somebody says that it was not as told.
    Disputed {
        /// What is disputed.
        fulfilment: Fulfilment,
        /// Who says so, for whom, and whose hand it could be.
        by: Vec<PersonId>,
    },
}

/// Where a wish stands, without what is known of it there: what readers are told.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Default,
    serde::Serialize,
    serde::Deserialize,
    All,
)]
#[repr(u8)]
pub enum WishState {
    /// Posted, not yet seen by the public.
    Draft = 0,
    /// Waits for a claim.
    #[default]
    Open = 1,
    /// Someone has taken it on.
    Claimed = 2,
    /// The claimer says that it is done.
    Fulfilled = 3,
    /// The resident says so too.
    Confirmed = 4,
    /// Nobody claimed it in time.
    Lapsed = 5,
    /// No longer wanted.
    Withdrawn = 6,
    /// Somebody says that it was not as told.
    Disputed = 7,
}

impl WishState {
    /// The stable name, used in queries and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.facts().0
    }

    /// The words for it in Chinese and in English.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        self.facts().1
    }

    /// How many of the steps from the posting to the confirmation lie behind a wish here: vetted, claimed, done, confirmed.
    #[must_use]
    pub fn steps_behind(self) -> u8 {
        self.facts().2
    }

    fn facts(self) -> (&'static str, (&'static str, &'static str), u8) {
        match self {
            Self::Draft => ("draft", ("待审核", "To be vetted"), 0),
            Self::Open => ("open", ("待认领", "Open"), 1),
            Self::Claimed => ("claimed", ("办理中", "Claimed"), 2),
            Self::Fulfilled => ("fulfilled", ("待回访", "To be confirmed"), 3),
            Self::Confirmed => ("confirmed", ("已圆梦", "Granted"), 4),
            Self::Lapsed => ("lapsed", ("已过期", "Lapsed"), 1),
            Self::Withdrawn => ("withdrawn", ("已撤回", "Withdrawn"), 0),
            Self::Disputed => ("disputed", ("有异议", "Disputed"), 2),
        }
    }
}

impl Status {
    /// Where it is, without what is known of it.
    #[must_use]
    pub fn state(&self) -> WishState {
        match self {
            Self::Draft => WishState::Draft,
            Self::Open => WishState::Open,
            Self::Claimed(_) => WishState::Claimed,
            Self::Fulfilled(_) => WishState::Fulfilled,
            Self::Confirmed { .. } => WishState::Confirmed,
            Self::Lapsed => WishState::Lapsed,
            Self::Withdrawn => WishState::Withdrawn,
            Self::Disputed { .. } => WishState::Disputed,
        }
    }
}

/// A wish.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Wish {
    /// The community that posted it.
    pub org: OrgId,
    /// Whose wish it is.
    pub resident: PersonId,
    /// The staff member who posted it.
    pub poster: PersonId,
    /// Until when it waits for a claim; none before it is vetted.
    pub open_until: Option<Millis>,
    /// How far it has come.
    pub status: Status,
}

impl Wish {
    /// The claim on it, in force or fulfilled.
    #[must_use]
    pub fn claim(&self) -> Option<&Claim> {
        match &self.status {
            Status::Claimed(claim) => Some(claim),
            Status::Fulfilled(done)
            | Status::Confirmed { fulfilment: done, .. }
            | Status::Disputed { fulfilment: done, .. } => Some(&done.claim),
            Status::Draft | Status::Open | Status::Lapsed | Status::Withdrawn => None,
        }
    }

    /// When the ledger has to act on it, and how.
    pub(super) fn deadline(&self) -> Option<(Millis, Lapse)> {
        match &self.status {
            Status::Open => self.open_until.map(|until| (until, Lapse::Wish)),
            Status::Claimed(claim) => Some((claim.until, Lapse::Claim)),
            _ => None,
        }
    }
}
