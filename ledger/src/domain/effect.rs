//! What follows from an event: derived by the rules, never asserted, and handed to the projections with it.

use super::ids::{ActivityId, EventId, PersonId, ShiftId};
use super::person::Homes;
use super::time::{Date, Millis};
use super::vocabulary::Account;

/// What follows from events, in order.
pub type Effects<E> = Vec<Effect<E>>;

/// One consequence of an event, of type `E`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect<E> {
    /// Credit moves: `minutes` (at least 1) out of `from`, into `to`.
    Posted {
        /// The account that loses.
        from: Account,
        /// The account that gains.
        to: Account,
        /// How much, in minutes.
        minutes: u32,
    },
    /// The certified minutes of one row on one local day have changed. A minute that two rows of a person claim counts
    /// once, for the row that comes first by (start, end, recording, index).
    Counted {
        /// The event that recorded the row.
        recorded: EventId,
        /// The row's index in it.
        row: u16,
        /// Who served.
        person: PersonId,
        /// The activity.
        activity: ActivityId,
        /// The local day.
        date: Date,
        /// Minutes counted before.
        was: u16,
        /// Minutes counted now.
        now: u16,
        /// The organisations that the person belonged to on that day; totals climb from here, each ancestor once.
        homes: Homes,
    },
    /// The event has no effect yet: it waits for a second person or the other side, for a moment, or for both.
    Held {
        /// Whom it concerns: they see it and may call it off.
        subject: Option<PersonId>,
        /// Somebody else has to stand for it first.
        needs_approval: bool,
        /// Not before this moment.
        due: Option<Millis>,
    },
    /// An act that waited takes effect now: what follows from it stands behind this.
    TookEffect(Box<E>),
    /// An act that waited was called off by what happened.
    Dropped(EventId),
    /// A row was recorded later than the policy's due date.
    Overdue {
        /// The event that recorded the row.
        recorded: EventId,
        /// The row's index in it.
        row: u16,
        /// No calendar was adopted for that year: the working days are Monday to Friday.
        provisional: bool,
    },
    /// A place became free and the first of the waiting list has it now.
    Promoted {
        /// The activity.
        activity: ActivityId,
        /// The shift.
        shift: ShiftId,
        /// Who moves up.
        person: PersonId,
    },
}
