//! Everything that deciding needs to remember. One writer owns it; it is a pure function of the log.

use super::activity::Activities;
use super::credit::Credit;
use super::event::{Founding, Stream};
use super::hours::Hours;
use super::ids::KeyId;
use super::key::Keys;
use super::list::Lists;
use super::org::Orgs;
use super::person::People;
use super::policy::Policies;
use super::report_in::ReportIns;
use super::session::Sessions;
use super::table::{Table, Trial, trial};
use super::time::{Date, Millis, Offset};
use super::wish::Wishes;

/// Where and when an event meets the log. All of it is recorded; none of it is claimed by the signer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Context {
    /// Position that the event has or would have.
    pub position: u64,
    /// Moment of recording; never goes back along the log.
    pub recorded_at: Millis,
    /// The key whose signature was verified.
    pub signer: KeyId,
}

/// The founding event as remembered.
#[derive(Clone, Debug)]
pub struct Founded {
    /// The ledger's origin.
    pub origin: String,
    /// What the founding event says.
    pub founding: Founding,
}

/// The rule state.
#[derive(Default, Debug, Clone)]
#[allow(missing_docs)] // each field is documented by its type
pub struct State {
    pub founded: Option<Founded>,
    streams: Table<Stream, u64>,
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
}

impl Trial for Option<Founded> {
    // The founding event is decided alone, so there is never a trial in which it changes.
    fn begin(&mut self) {}
    fn keep(&mut self) {}
    fn undo(&mut self) {}
}

trial!(State {
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
    lists
});

impl State {
    /// The revision of the stream's last event, if it has any.
    #[must_use]
    pub fn revision(&self, stream: &Stream) -> Option<u64> {
        self.streams.get(stream).copied()
    }

    pub(super) fn advance(&mut self, stream: Stream) {
        let next = self.revision(&stream).map_or(0, |revision| revision + 1);
        self.streams.insert(stream, next);
    }

    /// The ledger's offset from UTC; zero before the founding event.
    #[must_use]
    pub fn offset(&self) -> Offset {
        self.founded.as_ref().map_or(Offset(0), |f| f.founding.offset)
    }

    /// The local date of a recording moment.
    #[must_use]
    pub fn today(&self, cx: &Context) -> Date {
        cx.recorded_at.date(self.offset())
    }
}
