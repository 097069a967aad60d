//! What the points of in-service Party members rest on: facts with their positions, so that a list can be drawn up as
//! of any cut-off.
//!
//! Certified minutes stay in the service record. Here are confirmed wishes, absences, exemptions, and whatever the
//! register of organisations, affiliations and policies was told about in-service members; the register as of an
//! earlier position is built anew from that by the rules' own code.

use hourbook_ledger::domain::event::{
    ActivityEvent, AffiliationKind, Attended, Body, Event, LedgerEvent, ListEvent, MemberEvent,
    ReportInEvent, Span, StreamKind, WishEvent,
};
use hourbook_ledger::domain::ids::{Commitment, EventId, KeyId, OrgId, PersonId, ShiftId};
use hourbook_ledger::domain::time::{Date, Millis};
use hourbook_ledger::domain::{Context, State, evolve_register};
use hourbook_ledger::follower::LoggedEvent;
use hourbook_ledger::save_fields;
use hourbook_ledger::store::lazy::{LazyMap, LazyVec, Record};

use crate::directory::Directory;
use crate::intern::Interned;
use crate::wishes::Wishes;

/// A wish that a member fulfilled and the recipient confirmed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct WishFact {
    /// Position of the confirmation.
    pub position: u64,
    /// Local date of the confirmation.
    pub date: Date,
}

/// What a roll call says of a member.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct RollFact {
    /// Position of the roll call; the last one for a shift counts.
    pub position: u64,
    /// Local date on which the shift began.
    pub date: Date,
    /// The shift.
    pub shift: ShiftId,
    /// Had signed up and did not come.
    pub absent: bool,
}

/// A branch's decision that no points are expected of a member for a while.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Exemption {
    /// Position of the decision.
    pub position: u64,
    /// For which days.
    pub span: Span,
}

/// The facts behind points.
#[derive(Default, Debug)]
pub struct Points {
    wishes: LazyMap<PersonId, Vec<WishFact>>,
    rolls: LazyMap<PersonId, Vec<RollFact>>,
    exemptions: LazyMap<PersonId, Vec<Exemption>>,
    /// Everyone who ever had an in-service affiliation.
    members: Interned<PersonId>,
    /// Where they had it.
    orgs: Interned<OrgId>,
    /// By position, what shaped the register of organisations, in-service members and policies.
    history: LazyVec<(u64, Past)>,
}

save_fields!(Points { wishes, rolls, exemptions, members, orgs, history });

/// As much of an event as is needed to apply it to the register again.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
enum Past {
    /// Of an in-service member, of which there are several for each: the rules look at nothing but the body and the moment.
    /// Person and organisation are their numbers.
    Member { person: u32, org: u32, at: Millis, what: Step },
    /// Any other; there are few.
    Whole(Box<(Context, Event)>),
}

/// What became of a member's affiliation.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
enum Step {
    Affiliated(AffiliationKind, Span),
    Filed,
    Answered(bool),
    Ended(Date),
}

impl Points {
    /// Takes one more event, after the directory and the wishes have taken it.
    pub fn fold(&mut self, directory: &Directory, wishes: &Wishes, c: &LoggedEvent) {
        let date = || c.recorded_at.date(directory.offset());
        match &c.event.body {
            Body::Wish(WishEvent::Confirmed { wish, .. }) => {
                let fact = WishFact { position: c.position, date: date() };
                let people = wishes.get(*wish).map(|w| w.people()).unwrap_or_default();
                people.into_iter().for_each(|p| self.wishes.or_insert_with(p, Vec::new).push(fact));
            }
            Body::Activity(ActivityEvent::AttendanceTaken { activity, shift, rows }) => {
                let known = directory.activity(*activity).and_then(|a| a.shift(*shift));
                let date = known.map_or_else(date, |s| s.interval.start.date(directory.offset()));
                for row in rows {
                    let absent = row.attended == Attended::NoShow;
                    let fact = RollFact { position: c.position, date, shift: *shift, absent };
                    self.rolls.or_insert_with(row.person, Vec::new).push(fact);
                }
            }
            Body::List(ListEvent::MemberExempted { person, span, .. }) => {
                let fact = Exemption { position: c.position, span: *span };
                self.exemptions.or_insert_with(*person, Vec::new).push(fact);
            }
            _ => {}
        }
        if concerns_lists(&c.event) {
            let past = self.past(c);
            self.history.push((c.position, past));
        }
    }

    fn past(&mut self, c: &LoggedEvent) -> Past {
        let (person, org, what) = match c.event.body {
            Body::Member(MemberEvent::Affiliated { person, org, kind, span }) => {
                (person, org, Step::Affiliated(kind, span))
            }
            Body::ReportIn(ReportInEvent::Filed { person, community }) => (person, community, Step::Filed),
            Body::ReportIn(ReportInEvent::Answered { person, community, accepted }) => {
                (person, community, Step::Answered(accepted))
            }
            Body::ReportIn(ReportInEvent::Ended { person, community, on }) => {
                (person, community, Step::Ended(on))
            }
            _ => {
                let cx = Context { position: c.position, recorded_at: c.recorded_at, signer: c.signer };
                return Past::Whole(Box::new((cx, c.event.clone())));
            }
        };
        let (person, org) = (self.members.number(person), self.orgs.number(org));
        Past::Member { person, org, at: c.recorded_at, what }
    }

    /// The event as far as the register needs it.
    fn event(&self, position: u64, past: &Past) -> (Context, Event) {
        let (person, org, at, what) = match past {
            Past::Whole(whole) => return (**whole).clone(),
            Past::Member { person, org, at, what } => {
                (self.members.id(*person), self.orgs.id(*org), *at, *what)
            }
        };
        let body = match what {
            Step::Affiliated(kind, span) => Body::Member(MemberEvent::Affiliated { person, org, kind, span }),
            Step::Filed => Body::ReportIn(ReportInEvent::Filed { person, community: org }),
            Step::Answered(accepted) => {
                Body::ReportIn(ReportInEvent::Answered { person, community: org, accepted })
            }
            Step::Ended(on) => Body::ReportIn(ReportInEvent::Ended { person, community: org, on }),
        };
        let id = EventId([0; 16]);
        let event = Event::plain(id, String::new(), person, at, body);
        (Context { position, recorded_at: at, signer: KeyId([0; 16]) }, event)
    }

    /// Everyone who ever had an in-service affiliation, ascending.
    #[must_use]
    pub fn in_service(&self) -> Vec<PersonId> {
        let mut members = self.members.ids().copied().collect::<Vec<_>>();
        members.sort_unstable();
        members
    }

    /// A member's confirmed wishes before a position.
    pub fn wishes(&self, person: PersonId, end: u64) -> impl Iterator<Item = &WishFact> {
        before(&self.wishes, person, end, |fact| fact.position)
    }

    /// A member's absences before a position: shifts whose last roll call before it says so.
    #[must_use]
    pub fn absences(&self, person: PersonId, end: u64) -> Vec<RollFact> {
        let mut last: Vec<RollFact> = Vec::new();
        for fact in before(&self.rolls, person, end, |fact| fact.position) {
            last.retain(|known| known.shift != fact.shift);
            last.push(*fact);
        }
        last.retain(|fact| fact.absent);
        last
    }

    /// A member's exemptions before a position.
    pub fn exemptions(&self, person: PersonId, end: u64) -> impl Iterator<Item = &Exemption> {
        before(&self.exemptions, person, end, |fact| fact.position)
    }

    /// Whether the register still says of in-service members what it said before a position.
    pub(crate) fn is_current(&self, end: u64) -> bool {
        self.history.iter().next_back().is_none_or(|(position, _)| *position < end)
    }

    /// The register of organisations, in-service affiliations and policies as it was before a position.
    pub(crate) fn register_before(&self, now: &State, end: u64) -> State {
        let mut state = State::default();
        for (position, past) in self.history.iter().take_while(|(position, _)| *position < end) {
            let (cx, event) = self.event(*position, past);
            register_first(&mut state, now, &cx, &event);
            evolve_register(&mut state, &cx, &event);
        }
        state
    }
}

fn before<'a, F: Record + 'a>(
    facts: &'a LazyMap<PersonId, Vec<F>>,
    person: PersonId,
    end: u64,
    position: impl Fn(&F) -> u64 + 'a,
) -> impl Iterator<Item = &'a F> {
    let facts = facts.get(&person).map_or(&[][..], Vec::as_slice);
    facts.iter().take_while(move |fact| position(fact) < end)
}

/// Affiliations are kept with a registered person, and registrations are not part of the history: most are of people
/// who are never on a list.
fn register_first(state: &mut State, now: &State, cx: &Context, event: &Event) {
    let Some(person) = member(&event.body).filter(|p| state.people.get(*p).is_none()) else { return };
    let Some(registered) = now.people.get(person) else { return };
    let body = Body::Member(MemberEvent::Registered {
        person,
        home: registered.home,
        name: Commitment([0; 32]),
        phone: None,
        id_number: None,
        volunteer_number: None,
    });
    evolve_register(state, cx, &Event { body, ..event.clone() });
}

/// The person whose in-service affiliation an event is about.
fn member(body: &Body) -> Option<PersonId> {
    use AffiliationKind::{Organisational, ReportedIn};
    match body {
        Body::Member(MemberEvent::Affiliated { person, kind: Organisational | ReportedIn, .. })
        | Body::ReportIn(ReportInEvent::Filed { person, .. })
        | Body::ReportIn(ReportInEvent::Answered { person, .. })
        | Body::ReportIn(ReportInEvent::Ended { person, .. }) => Some(*person),
        _ => None,
    }
}

fn concerns_lists(event: &Event) -> bool {
    let shapes = matches!(event.stream.kind, StreamKind::Org | StreamKind::Policy)
        || matches!(
            event.body,
            Body::Ledger(LedgerEvent::Founded(_)) | Body::Ledger(LedgerEvent::RulesAdopted { .. })
        );
    shapes || member(&event.body).is_some()
}
