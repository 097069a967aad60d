//! Published lists, exemptions from points, and digests of the derived state.
//!
//! A list is not on the log line by line: the event pins the cut-off position and the policy, from which anyone who may
//! see the entries recomputes it, and the digest that the result must have.

use super::event::{Body, Event, Span};
use super::ids::{EventId, OrgId, PersonId};
use super::rejection::{Code, Rejection, ensure};
use super::state::{Context, State};
use super::table::{Table, trial};
use super::time::{Date, Period};

/// A list as published.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Published {
    /// The publishing event.
    pub event: EventId,
    /// Its position.
    pub position: u64,
    /// The list counts the entries up to and with this position.
    pub cutoff: u64,
    /// The event that adopted the points policy.
    pub policy: EventId,
    /// SHA-256 of the list's canonical form.
    pub digest: [u8; 32],
}

/// A branch's decision that no points are expected of a member for a while. The reason stays in the vault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exemption {
    /// The organisation that decided.
    pub org: OrgId,
    /// For which days.
    pub span: Span,
}

/// The last digest of the derived state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Digest {
    /// It holds after the entry with this position.
    pub position: u64,
    /// The version of the rules that derived it.
    pub rules: u32,
    /// The digest.
    pub digest: [u8; 32],
}

/// All lists, exemptions and the last digest.
#[derive(Default, Debug, Clone)]
pub struct Lists {
    published: Table<(OrgId, Period), Published>,
    exempted: Table<PersonId, Vec<Exemption>>,
    digest: Table<(), Digest>,
}

trial!(Lists { published, exempted, digest });

impl Lists {
    /// The list of an organisation for a period: of several, the one published last.
    #[must_use]
    pub fn published(&self, scope: OrgId, period: Period) -> Option<&Published> {
        self.published.get(&(scope, period))
    }

    /// A person's exemptions, in order of recording.
    #[must_use]
    pub fn exemptions(&self, person: PersonId) -> &[Exemption] {
        self.exempted.get(&person).map_or(&[], Vec::as_slice)
    }

    /// Whether a person is exempt on a date.
    #[must_use]
    pub fn is_exempt(&self, person: PersonId, date: Date) -> bool {
        self.exemptions(person).iter().any(|e| e.span.contains(date))
    }

    /// The last digest of the derived state.
    #[must_use]
    pub fn last_digest(&self) -> Option<&Digest> {
        self.digest.get(&())
    }
}

pub(super) fn decide(state: &State, cx: &Context, event: &Event) -> Result<(), Rejection> {
    match &event.body {
        Body::ListPublished { scope, period, cutoff, policy, .. } => {
            ensure(is_period(*period), Code::OutOfRange)?;
            ensure(state.orgs.contains(*scope), Code::UnknownOrg)?;
            let over = period.range().1 <= state.today(cx);
            let pinned =
                state.policies.points(&state.orgs, *scope, *period).map(|(adopted, _)| adopted.event);
            ensure(*cutoff < cx.position && over && pinned == Some(*policy), Code::BadList)
        }
        Body::MemberExempted { person, org, span, .. } => {
            ensure(span.is_valid(), Code::OutOfRange)?;
            ensure(state.orgs.contains(*org), Code::UnknownOrg)?;
            ensure(state.people.is_known(state, *person), Code::UnknownPerson)?;
            ensure(event.actor != *person, Code::FourEyes)?;
            let belongs = |date: Date| belongs(state, *person, *org, date);
            ensure(belongs(span.from) || belongs(state.today(cx)), Code::NotAffiliated)
        }
        Body::StateDigest { position, .. } => {
            let last = state.lists.last_digest().map(|d| d.position);
            let fits = *position < cx.position && last.is_none_or(|last| last <= *position);
            ensure(fits, Code::OutOfRange)?;
            ensure(last != Some(*position), Code::AlreadyExists)
        }
        _ => unreachable!("not a list's event"),
    }
}

/// Whether there is such a period, within the years that dates are shown in.
fn is_period(period: Period) -> bool {
    let year = |y: i32| (1..=9998).contains(&y);
    match period {
        Period::Year(y) => year(y),
        Period::Quarter(y, q) => year(y) && (1..=4).contains(&q),
        Period::Month(y, m) => year(y) && (1..=12).contains(&m),
    }
}

/// Whether the person belongs on a date to the organisation or to one below it.
fn belongs(state: &State, person: PersonId, org: OrgId, date: Date) -> bool {
    let homes = state.people.homes(person, date);
    homes.iter().any(|home| state.orgs.ancestors(*home, date).contains(&org))
}

pub(super) fn evolve(state: &mut State, cx: &Context, event: &Event) {
    match &event.body {
        Body::ListPublished { scope, period, cutoff, policy, digest } => {
            let published = Published {
                event: event.id,
                position: cx.position,
                cutoff: *cutoff,
                policy: *policy,
                digest: *digest,
            };
            state.lists.published.insert((*scope, *period), published);
        }
        Body::MemberExempted { person, org, span, .. } => {
            state.lists.exempted.or_default(*person).push(Exemption { org: *org, span: *span });
        }
        Body::StateDigest { position, rules, digest } => {
            let new = Digest { position: *position, rules: *rules, digest: *digest };
            state.lists.digest.insert((), new);
        }
        _ => unreachable!("not a list's event"),
    }
}
