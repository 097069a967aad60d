//! Everything that deciding needs to remember. One writer owns it; it is a pure function of the log.

pub use super::context::{Context, Founded};

use super::access::SealedLooks;
use super::act::held::Acts;
use super::activity::Activities;
use super::credit::Credit;
use super::event::Stream;
use super::hours::{Hours, due as hours_due, would_be_late};
use super::ids::{ActivityId, EventId, HoldId, OrgId, PersonId, ShiftId, WishId};
use super::key::Keys;
use super::list::Lists;
use super::notice::Notices;
use super::org::Orgs;
use super::person::People;
use super::policy::Policies;
use super::register::{Register, register};
use super::report_in::ReportIns;
use super::rules::Rules;
use super::session::Sessions;
use super::time::{Date, Interval, Millis, Offset};
use super::unique::Names;
use super::wish::Wishes;
use crate::store::digest::{Sum, record_hash};
use crate::store::lazy::{self, save_fields, save_plain};
use crate::store::table::{Records, Table, Transaction, records};
use std::io::{self, Write};

/// The rule state.
#[derive(Default, Debug, Clone)]
#[allow(missing_docs)] // each field is documented by its type
pub struct State {
    pub founded: Option<Founded>,
    streams: Table<1, Stream, u64>,
    pub orgs: Orgs,
    pub keys: Keys,
    pub people: People,
    pub sessions: Sessions,
    pub policies: Policies,
    pub activities: Activities,
    pub hours: Hours,
    pub credit: Credit,
    pub wishes: Wishes,
    pub report_ins: ReportIns,
    pub lists: Lists,
    pub notices: Notices,
    pub looks: SealedLooks,
    pub acts: Acts,
    pub rules: Rules,
    /// The digest as of the last settling, if it is kept up, and whether the founding is in it.
    kept: Option<Kept>,
}

/// The digest as of the last settling.
#[derive(Clone, Copy, Debug, Default, serde::Serialize, serde::Deserialize)]
struct Kept {
    sum: Sum,
    founded: bool,
}

/// The number of the founding among the tables; its record has no key.
const FOUNDED: u8 = 0;

impl Transaction for Option<Founded> {
    // The founding event is decided alone, so there is never a transaction in which it changes.
    fn begin(&mut self) {}
    fn commit(&mut self) {}
    fn rollback(&mut self) {}
}

records!({} State {
    founded,
    streams,
    orgs,
    keys,
    people,
    sessions,
    policies,
    activities,
    hours,
    credit,
    wishes,
    report_ins,
    lists,
    notices,
    looks,
    acts,
    rules
});

save_plain!(Option<Founded>, Option<Kept>);
save_fields!(State {
    founded,
    streams,
    orgs,
    keys,
    people,
    sessions,
    policies,
    activities,
    hours,
    credit,
    wishes,
    report_ins,
    lists,
    notices,
    looks,
    acts,
    rules,
    kept,
});

impl Records for Option<Founded> {
    // It changes once; the state sees to it.
    fn watch(&mut self, _on: bool) {}
    fn settle(&mut self, _sum: &mut Sum) {}

    fn sum(&self, sum: &mut Sum) {
        self.iter().for_each(|founded| sum.add(&record_hash(FOUNDED, &(), founded)));
    }

    fn count(&self, tell: &mut dyn FnMut(u8, usize)) {
        tell(FOUNDED, usize::from(self.is_some()));
    }
}

impl State {
    /// The digest of all records, computed from scratch; see [`crate::store::digest`]. It is the same for whoever applied the
    /// same events, and takes some 0.2 µs a record.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut sum = Sum::default();
        self.sum(&mut sum);
        sum.to_bytes()
    }

    /// Keeps the digest up from here on, so that [`Self::settle`] costs only what changed in between. A state that was
    /// read from its bytes and had kept it goes on from there; any other counts all its records once.
    pub fn keep_digest(&mut self) {
        if self.kept.is_none() {
            let mut kept = Kept { sum: Sum::default(), founded: self.founded.is_some() };
            self.sum(&mut kept.sum);
            self.kept = Some(kept);
        }
        self.watch(true);
    }

    /// Writes the state, to start from again; read by [`lazy::load`] of the same build. Records are then decoded when they
    /// are first asked for; if somebody else may have made the bytes, ask [`lazy::Save::validate`] before anything else.
    ///
    /// # Errors
    /// Those of `to`.
    pub fn write(&mut self, to: &mut dyn Write) -> io::Result<()> {
        // What changed since the last settling is not among what is written.
        if self.kept.is_some() {
            self.settle_digest();
        }
        lazy::save(self, to)
    }

    /// The digest, by what changed since the last settling if it is kept up, else from scratch.
    pub fn settle_digest(&mut self) -> [u8; 32] {
        let Some(mut kept) = self.kept.take() else { return self.digest() };
        if !kept.founded && self.founded.is_some() {
            kept.founded = true;
            self.founded.sum(&mut kept.sum);
        }
        self.settle(&mut kept.sum);
        self.kept = Some(kept);
        kept.sum.to_bytes()
    }

    /// The revision of the stream's last event, if it has any.
    #[must_use]
    pub fn revision(&self, stream: &Stream) -> Option<u64> {
        self.streams.get(stream).copied()
    }

    pub(super) fn advance(&mut self, stream: Stream) {
        // The first event's revision is zero: before it comes, by wrapping, the greatest number.
        let revision = self.streams.or_insert_with(stream, || u64::MAX);
        *revision = revision.wrapping_add(1);
    }

    /// What the rules of all aggregates read.
    pub(super) fn register(&self) -> Register<'_> {
        register!(self)
    }

    /// The ledger's offset from UTC; zero before the founding event.
    #[must_use]
    pub fn offset(&self) -> Offset {
        self.register().offset()
    }

    /// The local date of a recording moment.
    #[must_use]
    pub fn today(&self, cx: &Context) -> Date {
        self.register().today(cx)
    }

    /// The last day on which an organisation's hours of an interval are in time; none where no policy holds.
    #[must_use]
    pub fn hours_due(&self, org: OrgId, interval: &Interval) -> Option<Date> {
        hours_due(&self.register(), org, interval)
    }

    /// Whether hours that were recorded on a day would be late if so many working days were given.
    #[must_use]
    pub fn would_be_late(&self, days: u16, interval: &Interval, filed: Date) -> bool {
        would_be_late(&self.register(), days, interval, filed)
    }

    /// When a claim is over that was made at a moment on a wish of an organisation; none where no policy holds.
    #[must_use]
    pub fn claim_ends(&self, org: OrgId, claimed: Millis) -> Option<Millis> {
        let policy = self.policies.wishes(&self.orgs, org, claimed.date(self.offset()))?;
        Some(claimed.plus_days(u32::from(policy.fulfil_days)))
    }

    /// The ledger's own acting person.
    #[must_use]
    pub fn ledger_person(&self) -> Option<PersonId> {
        self.founded.as_ref().map(|founded| founded.founding.ledger_person)
    }
}

impl Names for State {
    fn named(&self, id: [u8; 16]) -> Option<&'static str> {
        let event = EventId(id);
        let person = PersonId(id);
        let founded = self.founded.as_ref();
        let is_founder = founded.is_some_and(|founded| founded.is_founder(person));
        let is_person =
            self.people.get(person).is_some() || is_founder || self.ledger_person() == Some(person);
        let known = [
            (is_person, "a person"),
            (self.orgs.contains(OrgId(id)), "an organisation"),
            (self.activities.get(ActivityId(id)).is_some(), "an activity"),
            (self.activities.shift(ShiftId(id)).is_some(), "a shift"),
            (self.wishes.get(WishId(id)).is_some(), "a wish"),
            (self.credit.hold(HoldId(id)).is_some(), "a hold"),
            (self.hours.recording(event).is_some(), "a recording"),
            (self.sessions.get(event).is_some(), "a session grant"),
        ];
        known.into_iter().find(|(is_it, _)| *is_it).map(|(_, what)| what)
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::Body;
    use super::super::testing::*;
    use super::*;
    use crate::domain::person::MemberEvent;
    use crate::store::lazy::{Bytes, Save as _};

    #[test]
    fn every_table_has_a_number_of_its_own() {
        let mut numbers = Vec::new();
        State::default().count(&mut |number, _| numbers.push(number));
        let expected: Vec<u8> = (0..numbers.len() as u8).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, expected, "without gap or repetition");
    }

    #[test]
    fn the_digest_tells_states_apart_and_forgets_what_was_taken_back() {
        let mut town = Town::new();
        let (before, position) = (town.state.settle_digest(), town.position);
        town.state.begin();
        town.must(ANN, Body::Member(MemberEvent::ErasureRequested { person: ANN }));
        let during = town.state.settle_digest();
        assert_ne!(during, before);
        assert_eq!(during, town.state.digest());
        town.state.rollback();
        town.position = position;
        assert_eq!(town.state.settle_digest(), before, "settled in the middle of a transaction");
        town.must(ANN, Body::Member(MemberEvent::ErasureRequested { person: ANN }));
        assert_eq!(town.state.settle_digest(), during);
    }

    #[test]
    fn a_state_read_from_its_bytes_goes_on_with_its_digest() {
        let mut town = Town::new();
        let bytes = Bytes::from(town.bytes());
        let mut read: State = lazy::load(bytes.clone()).expect("it is read");
        assert!(read.validate());
        read.keep_digest();
        let event = town.event(ANN, Body::Member(MemberEvent::ErasureRequested { person: ANN }));
        let cx = town.context(ANN);
        super::super::evolve(&mut read, &cx, &event);
        super::super::evolve(&mut town.state, &cx, &event);
        assert_eq!(read.settle_digest(), town.state.digest());
        let other = |bytes: Bytes| lazy::load::<State>(bytes).is_none_or(|state| !state.validate());
        assert!(other(bytes.slice(1..)) && other(bytes.slice(..bytes.len() - 1)));
        assert!(other([&bytes[..], &[0]].concat().into()), "something follows");
    }
}
