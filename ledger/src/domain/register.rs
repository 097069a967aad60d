//! What the rules of all aggregates read: how the ledger began, who is who, and which policies and rules hold.

use super::context::{Context, Founded};
use super::ids::PersonId;
use super::key::Keys;
use super::org::Orgs;
use super::person::People;
use super::policy::Policies;
use super::rules::Rules;
use super::time::{Date, Offset};

/// The lower part of the state. An aggregate reads this and its own tables, and changes only these.
#[derive(Clone, Copy)]
pub(super) struct Register<'s> {
    pub(super) founded: Option<&'s Founded>,
    pub(super) orgs: &'s Orgs,
    pub(super) keys: &'s Keys,
    pub(super) people: &'s People,
    pub(super) policies: &'s Policies,
    pub(super) rules: &'s Rules,
}

/// The register of a state of which other parts are being changed.
macro_rules! register {
    ($state:expr) => {
        $crate::domain::register::Register {
            founded: $state.founded.as_ref(),
            orgs: &$state.orgs,
            keys: &$state.keys,
            people: &$state.people,
            policies: &$state.policies,
            rules: &$state.rules,
        }
    };
}
pub(super) use register;

impl Register<'_> {
    /// The ledger's offset from UTC; zero before the founding event.
    pub(super) fn offset(&self) -> Offset {
        self.founded.map_or(Offset(0), |founded| founded.founding.offset)
    }

    /// The local date of a recording moment.
    pub(super) fn today(&self, cx: &Context) -> Date {
        cx.recorded_at.date(self.offset())
    }

    /// Whether a person can be named: registered and not erased, or a founder.
    pub(super) fn knows(&self, person: PersonId) -> bool {
        self.people.is_known(self.founded, person)
    }
}
