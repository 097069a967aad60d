//! Events in their usual form, read in one pass and without a message in between.
//!
//! The usual form is what [`super::encode_event`] writes: fields in the order of their numbers. Whatever is otherwise, of a
//! rare kind, or faulty is `None` here and for the other reader to judge, which also names the fault. So this reader may
//! refuse what the other accepts, never the other way round, and what both accept is the same: tests and a fuzz target
//! hold them against each other.

use hourbook_proto::v1;

use crate::domain::event::{
    Account, Attended, Attendee, Body, Claimer, Event, Expected, Lead, Looked, RecordClass, Row, Rows, Scope,
    Span, Stream,
};
use crate::domain::ids::{
    ActivityId, BatchId, Commitment, EventId, HoldId, KeyId, OrgId, PersonId, Possession, PublicKey, RowKey,
    ShiftId, WishId,
};
use crate::domain::person::MAX_KEYS;
use crate::domain::time::{Date, Interval, Millis, Period};

use super::activity::MAX_CATEGORY;
use super::entry::EntryView;
use super::event::{MAX_ORIGIN, assurance, stream_kind};
use super::{MAX_ROWS, credit, list, person, read, session, wish};

const VARINT: u32 = 0;
const DELIMITED: u32 = 2;

/// What of a message has not been read yet. Fields are asked for in the order of their numbers; one that is asked for and
/// not next is absent, and one that nobody asks for stays, so that the message is not [`whole`].
#[derive(Clone, Copy)]
struct Fields<'a>(&'a [u8]);

/// Everything that `read` makes of a message, if nothing of it is left over.
fn whole<'a, T>(bytes: &'a [u8], read: impl FnOnce(&mut Fields<'a>) -> Option<T>) -> Option<T> {
    let mut fields = Fields(bytes);
    let value = read(&mut fields)?;
    fields.0.is_empty().then_some(value)
}

impl<'a> Fields<'a> {
    /// Whether the next field has this number and wire type; its tag is behind then.
    #[inline]
    fn is_next(&mut self, number: u32, wire_type: u32) -> bool {
        let tag = number << 3 | wire_type;
        let found = match self.0 {
            [first, rest @ ..] if tag < 0x80 && u32::from(*first) == tag => Some(rest),
            [first, second, rest @ ..]
                if tag >= 0x80
                    && u32::from(*first) == (tag & 0x7f | 0x80)
                    && u32::from(*second) == tag >> 7 =>
            {
                Some(rest)
            }
            _ => None,
        };
        self.0 = found.unwrap_or(self.0);
        found.is_some()
    }

    #[inline]
    fn varint(&mut self) -> Option<u64> {
        match self.0 {
            [byte @ ..0x80, rest @ ..] => {
                self.0 = rest;
                Some(u64::from(*byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for (at, &byte) in self.0.iter().enumerate().take(10) {
            number |= u64::from(byte & 0x7f) << (7 * at);
            if byte < 0x80 {
                self.0 = &self.0[at + 1..];
                // A last byte of 0 adds nothing, and the tenth has room for one bit.
                return (byte != 0 && (at < 9 || byte == 1)).then_some(number);
            }
        }
        None
    }

    #[inline]
    fn delimited(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.varint()?).ok()?;
        let (value, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(value)
    }

    /// A number; 0 if absent.
    #[inline]
    fn number(&mut self, number: u32) -> Option<u64> {
        if self.is_next(number, VARINT) { self.varint() } else { Some(0) }
    }

    fn uint32(&mut self, number: u32) -> Option<u32> {
        u32::try_from(self.number(number)?).ok()
    }

    fn short(&mut self, number: u32) -> Option<u16> {
        u16::try_from(self.number(number)?).ok()
    }

    fn choice(&mut self, number: u32) -> Option<i32> {
        i32::try_from(self.number(number)?).ok()
    }

    fn bool(&mut self, number: u32) -> Option<bool> {
        match self.number(number)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn millis(&mut self, number: u32) -> Option<Millis> {
        read::millis("", self.number(number)?.cast_signed()).ok()
    }

    /// Zigzag.
    fn date(&mut self, number: u32) -> Option<Date> {
        let bits = self.uint32(number)?;
        read::date("", (bits >> 1).cast_signed() ^ -(bits & 1).cast_signed()).ok()
    }

    /// The value of a field with a length, if it is there.
    #[inline]
    fn bytes(&mut self, number: u32) -> Option<Option<&'a [u8]>> {
        if self.is_next(number, DELIMITED) { self.delimited().map(Some) } else { Some(None) }
    }

    /// A value of fixed length that must be there.
    #[inline]
    fn fixed<const N: usize, T>(&mut self, number: u32, make: impl Fn([u8; N]) -> T) -> Option<T> {
        self.bytes(number)??.try_into().ok().map(make)
    }

    /// A value of fixed length that may be absent.
    fn optional<const N: usize, T>(&mut self, number: u32, make: impl Fn([u8; N]) -> T) -> Option<Option<T>> {
        match self.bytes(number)? {
            Some(bytes) => bytes.try_into().ok().map(make).map(Some),
            None => Some(None),
        }
    }

    fn text(&mut self, number: u32, max: usize) -> Option<String> {
        let text = std::str::from_utf8(self.bytes(number)??).ok()?;
        let fits = (1..=max).contains(&text.len()) && !text.chars().any(char::is_control);
        fits.then(|| text.to_owned())
    }

    /// A message that must be there.
    #[inline]
    fn message<T>(&mut self, number: u32, read: impl FnOnce(&mut Fields<'a>) -> Option<T>) -> Option<T> {
        whole(self.bytes(number)??, read)
    }

    /// A message without fields: whether it is there.
    fn mark(&mut self, number: u32) -> Option<bool> {
        match self.bytes(number)? {
            Some(bytes) => bytes.is_empty().then_some(true),
            None => Some(false),
        }
    }

    /// As many messages as there are, within the bound of rows.
    fn rows<T>(&mut self, number: u32, read: impl Fn(&mut Fields<'a>) -> Option<T>) -> Option<Vec<T>> {
        let mut rows = Vec::new();
        while let Some(bytes) = self.bytes(number)? {
            if rows.len() == MAX_ROWS {
                return None;
            }
            if rows.is_empty() {
                // All are about as long, so one allocation is mostly enough.
                rows.reserve((self.0.len() / (bytes.len() + 2) + 1).min(MAX_ROWS));
            }
            rows.push(whole(bytes, &read)?);
        }
        Some(rows)
    }

    /// As many ids as there are, within a bound.
    fn ids<T>(&mut self, number: u32, most: usize, make: impl Fn([u8; 16]) -> T) -> Option<Vec<T>> {
        let mut ids = Vec::new();
        while let Some(id) = self.optional(number, &make)? {
            ids.push(id);
        }
        (ids.len() <= most).then_some(ids)
    }

    fn interval(&mut self, number: u32) -> Option<Interval> {
        self.message(number, interval)
    }

    fn span(&mut self, number: u32) -> Option<Span> {
        self.message(number, |m| {
            let from = m.date(1)?;
            // Zero is written too where absence means something.
            let to = if m.0.is_empty() { None } else { Some(m.date(2)?) };
            Some(Span { from, to })
        })
    }

    fn scope(&mut self, number: u32) -> Option<Scope> {
        self.message(number, |m| {
            if m.mark(1)? { Some(Scope::Ledger) } else { m.fixed(2, |id| Scope::Org(OrgId(id))) }
        })
    }

    fn account(&mut self, number: u32) -> Option<Account> {
        self.message(number, |m| {
            if m.mark(1)? {
                return Some(Account::Issuance);
            }
            let person = m.optional(2, |id| Account::Person(PersonId(id)))?;
            let fund = m.optional(3, |id| Account::Fund(OrgId(id)))?;
            let hold = m.optional(4, |id| Account::Hold(HoldId(id)))?;
            match (person, fund, hold) {
                (Some(account), None, None) | (None, Some(account), None) | (None, None, Some(account)) => {
                    Some(account)
                }
                _ => None,
            }
        })
    }

    fn activity(&mut self) -> Option<ActivityId> {
        self.fixed(1, ActivityId)
    }

    fn person(&mut self) -> Option<PersonId> {
        self.fixed(1, PersonId)
    }

    fn wish(&mut self) -> Option<WishId> {
        self.fixed(1, WishId)
    }

    fn hold(&mut self) -> Option<HoldId> {
        self.fixed(1, HoldId)
    }

    fn reason(&mut self, number: u32) -> Option<Commitment> {
        self.fixed(number, Commitment)
    }
}

/// An entry in its usual form.
pub(super) fn entry(bytes: &[u8]) -> Option<EntryView<'_>> {
    whole(bytes, |m| {
        let (position, recorded_at) = (m.number(1)?, m.millis(2)?);
        let payload = m.bytes(3)??;
        let (key_id, signature) = (m.fixed(4, KeyId)?, m.fixed(5, |bytes| bytes)?);
        let revision = m.number(6)?;
        (!payload.is_empty()).then(|| EntryView {
            position,
            recorded_at,
            revision,
            payload: payload.into(),
            key_id,
            signature,
        })
    })
}

/// An event in its usual form.
pub(super) fn event(bytes: &[u8]) -> Option<Event> {
    whole(bytes, |m| {
        Some(Event {
            id: m.fixed(1, EventId)?,
            ledger: m.text(2, MAX_ORIGIN)?,
            stream: m.message(3, stream)?,
            expected: m.message(4, expected)?,
            occurred_at: m.millis(5)?,
            actor: m.fixed(6, PersonId)?,
            acting_for: m.optional(7, PersonId)?,
            assurance: assurance("", m.choice(8)?).ok()?,
            grant: m.optional(9, EventId)?,
            body: m.message(10, body)?,
        })
    })
}

fn stream(m: &mut Fields<'_>) -> Option<Stream> {
    Some(Stream { kind: stream_kind("", m.choice(1)?).ok()?, id: m.fixed(2, |id| id)? })
}

fn expected(m: &mut Fields<'_>) -> Option<Expected> {
    if m.is_next(1, VARINT) {
        return m.varint().map(Expected::Exact);
    }
    if m.mark(2)? {
        return Some(Expected::NoneYet);
    }
    m.mark(3)?.then_some(Expected::Any)
}

fn interval(m: &mut Fields<'_>) -> Option<Interval> {
    let start = read::minute("", m.number(1)?.cast_signed()).ok()?;
    Some(Interval { start, end: read::minute("", m.number(2)?.cast_signed()).ok()? })
}

fn body(m: &mut Fields<'_>) -> Option<Body> {
    let tag = m.varint()?;
    let bytes = m.delimited()?;
    if tag & 7 != u64::from(DELIMITED) {
        return None;
    }
    whole(bytes, |m| match tag >> 3 {
        7..=20 => of_person(m, tag >> 3),
        40..=47 => of_activity(m, tag >> 3),
        60..=62 => of_hours(m, tag >> 3),
        80..=83 => of_credit(m, tag >> 3),
        100..=107 => of_wish(m, tag >> 3),
        130..=133 => of_session(m, tag >> 3),
        160..=162 => of_act(m, tag >> 3),
        _ => None,
    })
}

fn of_person(m: &mut Fields<'_>, number: u64) -> Option<Body> {
    let person = m.person()?;
    Some(match number {
        7 => Body::KeyEnrolled { person, key: m.fixed(2, PublicKey)?, proof: m.fixed(3, Possession)? },
        8 => {
            let (old, new) = (m.fixed(2, KeyId)?, m.fixed(3, PublicKey)?);
            Body::KeyRotated { person, old, new, proof: m.fixed(4, Possession)? }
        }
        9 => {
            let key = m.fixed(2, KeyId)?;
            Body::KeyRevoked { person, key, reason: person::revocation_reason("", m.choice(3)?).ok()? }
        }
        10 => {
            let (role, scope) = (person::role("", m.choice(2)?).ok()?, m.scope(3)?);
            Body::RoleGranted { person, role, scope, keys: m.ids(4, MAX_KEYS, KeyId)? }
        }
        11 => Body::RoleRevoked { person, role: person::role("", m.choice(2)?).ok()?, scope: m.scope(3)? },
        12 => Body::MemberRegistered {
            person,
            home: m.fixed(2, OrgId)?,
            name: m.fixed(3, Commitment)?,
            phone: m.optional(4, Commitment)?,
            id_number: m.optional(5, Commitment)?,
            volunteer_number: m.optional(6, Commitment)?,
        },
        13 => {
            let (org, kind) = (m.fixed(2, OrgId)?, person::affiliation_kind("", m.choice(3)?).ok()?);
            Body::MemberAffiliated { person, org, kind, span: m.span(4)? }
        }
        14 => {
            let (org, span) = (m.fixed(2, OrgId)?, m.span(3)?);
            Body::MemberExempted { person, org, span, reason: m.reason(4)? }
        }
        15 => Body::ReportInFiled { person, community: m.fixed(2, OrgId)? },
        16 => Body::ReportInAnswered { person, community: m.fixed(2, OrgId)?, accepted: m.bool(3)? },
        17 => Body::ReportInEnded { person, community: m.fixed(2, OrgId)?, on: m.date(3)? },
        18 => {
            let kind = person::consent_kind("", m.choice(2)?).ok()?;
            Body::ConsentGiven { person, kind, agreed: m.bool(3)? }
        }
        19 => Body::ErasureRequested { person },
        20 => Body::PersonalDataErased { person },
        _ => return None,
    })
}

fn of_activity(m: &mut Fields<'_>, number: u64) -> Option<Body> {
    let activity = m.activity()?;
    Some(match number {
        40 => {
            let (org, category) = (m.fixed(2, OrgId)?, m.text(3, MAX_CATEGORY)?);
            let title = m.fixed(4, Commitment)?;
            let (place, content) = (m.optional(5, Commitment)?, m.optional(6, Commitment)?);
            let (by_id, by_name) = (m.optional(7, PersonId)?, m.optional(8, Commitment)?);
            let lead = match (by_id, by_name) {
                (Some(person), None) => Lead::Person(person),
                (None, Some(name)) => Lead::Named(name),
                _ => return None,
            };
            Body::ActivityPlanned { activity, org, category, title, place, content, lead }
        }
        41 => Body::ActivityPublished { activity },
        42 => Body::ActivityClosed { activity },
        43 => Body::ActivityCancelled { activity, reason: m.reason(2)? },
        44 => {
            let (shift, interval) = (m.fixed(2, ShiftId)?, m.interval(3)?);
            Body::ShiftOpened { activity, shift, interval, capacity: m.short(4)? }
        }
        45 => Body::SignedUp { activity, shift: m.fixed(2, ShiftId)?, person: m.fixed(3, PersonId)? },
        46 => Body::SignUpWithdrawn { activity, shift: m.fixed(2, ShiftId)?, person: m.fixed(3, PersonId)? },
        47 => Body::AttendanceTaken { activity, shift: m.fixed(2, ShiftId)?, rows: m.rows(3, attendee)? },
        _ => return None,
    })
}

fn attendee(m: &mut Fields<'_>) -> Option<Attendee> {
    let person = m.person()?;
    let present = match m.bytes(2)? {
        Some(bytes) => Some(whole(bytes, interval)?),
        None => None,
    };
    let attended = match (present, m.mark(3)?) {
        (Some(interval), false) => Attended::Present(interval),
        (None, true) => Attended::NoShow,
        _ => return None,
    };
    Some(Attendee { person, attended })
}

fn of_hours(m: &mut Fields<'_>, number: u64) -> Option<Body> {
    Some(match number {
        60 => Body::HoursRecorded {
            batch: m.fixed(1, BatchId)?,
            part: m.short(2)?,
            total: m.short(3)?,
            org: m.fixed(4, OrgId)?,
            activity: m.fixed(5, ActivityId)?,
            class: m.optional(6, Commitment)?.map_or(RecordClass::Normal, RecordClass::Late),
            rows: m.rows(7, row)?,
        },
        61 => {
            let recorded = m.fixed(1, EventId)?;
            let rows = if m.mark(2)? { Rows::All } else { Rows::Some(m.message(3, indexes)?) };
            Body::HoursConfirmed { recorded, rows }
        }
        62 => {
            let (recorded, row) = (m.fixed(1, EventId)?, m.short(2)?);
            let replacement = match m.bytes(3)? {
                Some(bytes) => Some(whole(bytes, interval)?),
                None => None,
            };
            Body::HoursCorrected { recorded, row, replacement, reason: m.reason(4)? }
        }
        _ => return None,
    })
}

fn row(m: &mut Fields<'_>) -> Option<Row> {
    Some(Row { key: m.fixed(1, RowKey)?, person: m.fixed(2, PersonId)?, interval: m.interval(3)? })
}

fn indexes(m: &mut Fields<'_>) -> Option<Vec<u16>> {
    let (mut packed, mut indexes) = (Fields(m.bytes(1)?.unwrap_or_default()), Vec::new());
    while !packed.0.is_empty() {
        let index = u16::try_from(packed.varint()?).ok()?;
        if indexes.len() == MAX_ROWS || indexes.last().is_some_and(|last| *last >= index) {
            return None;
        }
        indexes.push(index);
    }
    Some(indexes)
}

fn of_credit(m: &mut Fields<'_>, number: u64) -> Option<Body> {
    Some(match number {
        80 => {
            let (from, to, minutes) = (m.account(1)?, m.account(2)?, m.uint32(3)?);
            Body::CreditTransferred { from, to, minutes, kind: credit::transfer_kind("", m.choice(4)?).ok()? }
        }
        81 => Body::CreditHeld {
            hold: m.hold()?,
            from: m.fixed(2, PersonId)?,
            to: m.fixed(3, PersonId)?,
            minutes: m.uint32(4)?,
            until: m.millis(5)?,
        },
        82 => Body::CreditSettled { hold: m.hold()?, minutes: m.uint32(2)? },
        83 => Body::CreditVoided { hold: m.hold()? },
        _ => return None,
    })
}

fn of_wish(m: &mut Fields<'_>, number: u64) -> Option<Body> {
    let wish = m.wish()?;
    Some(match number {
        100 => Body::WishPosted {
            wish,
            org: m.fixed(2, OrgId)?,
            resident: m.fixed(3, PersonId)?,
            category: m.text(4, MAX_CATEGORY)?,
            text: m.fixed(5, Commitment)?,
            minutes: m.uint32(6)?,
        },
        101 => Body::WishVetted { wish, sentence: m.fixed(2, Commitment)? },
        102 => {
            let (person, org) = (m.optional(2, PersonId)?, m.optional(3, OrgId)?);
            let claimer = match (person, org) {
                (Some(person), None) => Claimer::Person(person),
                (None, Some(org)) => Claimer::Org(org),
                _ => return None,
            };
            Body::WishClaimed { wish, claimer, participants: m.ids(4, MAX_ROWS, PersonId)? }
        }
        103 => Body::WishReleased { wish },
        104 => Body::WishFulfilled { wish, minutes: m.uint32(2)?, evidence: m.optional(3, |digest| digest)? },
        105 => Body::WishConfirmed { wish, rating: u8::try_from(m.number(2)?).ok()? },
        106 => Body::WishLapsed { wish, what: wish::lapse("", m.choice(2)?).ok()? },
        107 => Body::WishWithdrawn { wish, reason: m.reason(2)? },
        _ => return None,
    })
}

fn of_session(m: &mut Fields<'_>, number: u64) -> Option<Body> {
    // Whose session, or who looked.
    let person = m.person()?;
    Some(match number {
        130 => Body::SessionGranted { person, code: m.fixed(2, Commitment)?, until: m.millis(3)? },
        131 => Body::SessionOpened { person, grant: m.fixed(2, EventId)?, until: m.millis(3)? },
        132 => Body::SessionClosed { person, grant: m.fixed(2, EventId)? },
        133 => {
            let role = if m.is_next(2, VARINT) {
                Some(person::role("", i32::try_from(m.varint()?).ok()?).ok()?)
            } else {
                None
            };
            let purpose = session::access_purpose("", m.choice(3)?).ok()?;
            let what = looked(m)?;
            Body::RecordAccessed { by: person, role, purpose, what, persons: ascending_people(m, 10)? }
        }
        _ => return None,
    })
}

fn looked(m: &mut Fields<'_>) -> Option<Looked> {
    if m.mark(4)? {
        return Some(Looked::Record);
    }
    if let Some(bytes) = m.bytes(5)? {
        let list = |m: &mut Fields<'_>| {
            Some(Looked::List { scope: m.fixed(1, OrgId)?, period: m.message(2, period)? })
        };
        return whole(bytes, list);
    }
    if let Some(bytes) = m.bytes(6)? {
        let board = whole(bytes, |m| {
            if m.mark(1)? { Some(Scope::Ledger) } else { m.fixed(2, |id| Scope::Org(OrgId(id))) }
        });
        return board.map(Looked::Board);
    }
    let (wish, register) = (m.optional(7, WishId)?, m.optional(8, OrgId)?);
    match (wish, register, m.mark(9)?) {
        (Some(wish), None, false) => Some(Looked::Wish(wish)),
        (None, Some(org), false) => Some(Looked::Register(org)),
        (None, None, true) => Some(Looked::Entries),
        _ => None,
    }
}

fn period(m: &mut Fields<'_>) -> Option<Period> {
    let year = m.uint32(1)?;
    let part = |m: &mut Fields<'_>, number| {
        if m.is_next(number, VARINT) { Some(Some(u32::try_from(m.varint()?).ok()?)) } else { Some(None) }
    };
    let part = match (part(m, 2)?, part(m, 3)?) {
        (quarter, None) => quarter.map(v1::period::Part::Quarter),
        (None, month) => month.map(v1::period::Part::Month),
        (Some(_), Some(_)) => return None,
    };
    list::period(v1::Period { year, part }).ok()
}

fn ascending_people(m: &mut Fields<'_>, number: u32) -> Option<Vec<PersonId>> {
    let mut people: Vec<PersonId> = Vec::new();
    while let Some(person) = m.optional(number, PersonId)? {
        if people.len() == MAX_ROWS || people.last().is_some_and(|last| *last >= person) {
            return None;
        }
        people.push(person);
    }
    Some(people)
}

fn of_act(m: &mut Fields<'_>, number: u64) -> Option<Body> {
    let act = m.fixed(1, EventId)?;
    Some(match number {
        160 => Body::ActApproved { act },
        161 => Body::ActStopped { act },
        162 => Body::ActTookEffect { act },
        _ => return None,
    })
}
