//! Canonical bytes of what the rules know of organisations, persons, keys, policies and sessions.

use hourbook_ledger::domain::State;
use hourbook_ledger::domain::key::{Key, Lent};
use hourbook_ledger::domain::org::{Edge, Org};
use hourbook_ledger::domain::person::{Affiliation, Erasure, Office, Person};
use hourbook_ledger::domain::policy::{
    Adopted, CalendarPolicy, CreditPolicy, Excess, PointsPolicy, Policy, RecordPolicy, WaitingPolicy,
    WishPolicy,
};
use hourbook_ledger::domain::session::Grant;

use crate::canonical::{Canonical, Sink, fields, write_sorted};

fields!(
    Edge { parent, kind, span }
    Org { kind, edges }
    Affiliation { org, kind, span }
    Person { home, affiliations, public_name, erasure }
    Office { role, scope, keys, by }
    Lent { by, until }
    Key { person, public, from, until, lent, parent }
    Grant { person, by, gives, until, session_until, opened, closed }
    Adopted { event, from, policy }
    CreditPolicy { earn_num, earn_den, daily_cap, account_cap, excess, overdraft }
    RecordPolicy { due_working_days, longest }
    WaitingPolicy { days }
    WishPolicy { open_claims, fulfil_days, open_days }
    PointsPolicy { base, minutes_num, minutes_den, wish, absence, floor, ceiling, red_from, yellow_to }
    CalendarPolicy { year, holidays, workdays }
);

impl Canonical for Erasure {
    fn write(&self, out: &mut dyn Sink) {
        let number: u8 = match self {
            Self::None => 0,
            Self::Requested => 1,
            Self::Done => 2,
        };
        number.write(out);
    }
}

impl Canonical for Excess {
    fn write(&self, out: &mut dyn Sink) {
        match self {
            Self::RecordOnly => 0u8.write(out),
            Self::Fund(org) => (1u8, *org).write(out),
        }
    }
}

impl Canonical for Policy {
    fn write(&self, out: &mut dyn Sink) {
        self.kind().write(out);
        match self {
            Self::Credit(policy) => policy.write(out),
            Self::Records(policy) => policy.write(out),
            Self::Wishes(policy) => policy.write(out),
            Self::Points(policy) => policy.write(out),
            Self::Calendar(policy) => policy.write(out),
            Self::Waiting(policy) => policy.write(out),
        }
    }
}

pub(crate) fn write(state: &State, out: &mut dyn Sink) {
    state.offset().0.write(out);
    write_sorted(state.orgs.iter(), out);
    write_sorted(state.people.iter(), out);
    write_sorted(state.people.role_holders(), out);
    write_sorted(state.keys.iter(), out);
    write_sorted(state.policies.iter(), out);
    write_sorted(state.sessions.iter(), out);
}
