//! What is asserted most often, in few words: everything that may be left out is left out. Whoever needs the rest of an
//! event writes its variant.

use rand_core::CryptoRng;

use crate::actor::Actor;
use crate::commitment::Opening;
use crate::domain::event::{
    ActivityEvent, AffiliationKind, Assurance, Body, ConsentKind, EdgeKind, Event, Expected, FounderKey,
    Founding, HoursEvent, KeyEvent, Lead, LedgerEvent, MemberEvent, OrgKind, OrganisationEvent, PolicyEvent,
    RecordClass, RevocationReason, Role, RoleEvent, Row, Rows, Scope, SessionEvent, Span, WishEvent,
};
use crate::domain::ids::{
    ActivityId, BatchId, Commitment, EventId, KeyId, OrgId, PersonId, PublicKey, ShiftId, WishId,
};
use crate::domain::policy::{CreditPolicy, Excess, PointsPolicy, Policy};
use crate::domain::time::{Date, Interval, Millis, Offset};
use crate::wire::Submission;

impl Event {
    /// What somebody asserts in person by a device key, whatever the stream's revision.
    #[must_use]
    pub fn plain(id: EventId, ledger: impl Into<String>, actor: PersonId, at: Millis, body: Body) -> Self {
        Self {
            id,
            ledger: ledger.into(),
            stream: body.stream(id),
            expected: Expected::Any,
            occurred_at: at,
            actor,
            acting_for: None,
            assurance: Assurance::DeviceKey,
            grant: None,
            body,
        }
    }
}

impl EventId {
    /// The UUIDv7 of a moment that has a number in place of chance.
    #[must_use]
    pub fn numbered(at: Millis, number: u64) -> Self {
        let mut id = [0; 16];
        id[..6].copy_from_slice(&at.0.to_be_bytes()[2..]);
        id[6] = 0x70;
        id[8..].copy_from_slice(&(number | 1 << 63).to_be_bytes());
        Self(id)
    }
}

impl Span {
    /// From a day on.
    #[must_use]
    pub const fn since(from: Date) -> Self {
        Self { from, to: None }
    }
}

impl From<OrgId> for Scope {
    fn from(org: OrgId) -> Self {
        Self::Org(org)
    }
}

impl Actor {
    /// What enrols this actor's key: `giver` hands out a code, and the key shows itself in the session that the code opens
    /// and `ledger` witnesses. The session is closed at the end.
    #[must_use]
    pub fn enrolled_by(
        &self,
        giver: &Self,
        ledger: &Self,
        now: Millis,
        rng: &mut dyn CryptoRng,
        code: Opening,
    ) -> [Submission; 4] {
        let (person, until) = (self.person, now.plus_days(1));
        let granted = Body::Session(SessionEvent::Granted { person, code: code.commitment(), until });
        let granted = giver.event(now, rng, granted);
        let grant = granted.id;
        let opened = ledger.assert(now, rng, Body::Session(SessionEvent::Opened { person, grant, until }));
        let enrolled = ledger.witnessed(now, rng, (person, grant), self.enrolment());
        let closed = ledger.assert(now, rng, Body::Session(SessionEvent::Closed { person, grant }));
        let plain = |signed| Submission { signed, openings: Vec::new() };
        [
            Submission { signed: giver.sign(&granted), openings: vec![code] },
            plain(opened),
            plain(ledger.sign(&enrolled)),
            plain(closed),
        ]
    }
}

impl Body {
    /// A ledger is founded at +08:00 by two founders; then its log's key, and its own person and key.
    #[must_use]
    pub fn founded(
        founders: [(PersonId, PublicKey); 2],
        log_key: PublicKey,
        (ledger_person, ledger_key): (PersonId, PublicKey),
    ) -> Self {
        let founders = founders.map(|(person, key)| FounderKey { person, key });
        let founding = Founding { offset: Offset(480), founders, log_key, ledger_person, ledger_key };
        Self::Ledger(LedgerEvent::Founded(founding))
    }

    /// An organisation is registered, without a code.
    #[must_use]
    pub fn org_registered(org: OrgId, kind: OrgKind, name: impl Into<String>, parent: Option<OrgId>) -> Self {
        let name = name.into();
        Self::Organisation(OrganisationEvent::Registered { org, kind, name, code: None, parent })
    }

    /// An organisation is below another for a span.
    #[must_use]
    pub fn org_linked(org: OrgId, parent: OrgId, kind: EdgeKind, span: Span) -> Self {
        Self::Organisation(OrganisationEvent::Linked { org, parent, kind, span })
    }

    /// A policy holds for the whole ledger.
    #[must_use]
    pub fn policy_adopted(from: Date, policy: Policy) -> Self {
        Self::Policy(PolicyEvent::Adopted { scope: Scope::Ledger, from, policy })
    }

    /// A person is registered, without numbers.
    #[must_use]
    pub fn registered(person: PersonId, home: OrgId, name: Commitment, phone: Option<Commitment>) -> Self {
        let (id_number, volunteer_number) = (None, None);
        Self::Member(MemberEvent::Registered { person, home, name, phone, id_number, volunteer_number })
    }

    /// A person belongs to an organisation for a span.
    #[must_use]
    pub fn affiliated(person: PersonId, org: OrgId, kind: AffiliationKind, span: Span) -> Self {
        Self::Member(MemberEvent::Affiliated { person, org, kind, span })
    }

    /// A person wants to be named in public, or no longer.
    #[must_use]
    pub fn public_name(person: PersonId, agreed: bool) -> Self {
        Self::Member(MemberEvent::ConsentGiven { person, kind: ConsentKind::PublicName, agreed })
    }

    /// A person holds a role for an organisation or the whole ledger, by these keys.
    #[must_use]
    pub fn appointed(person: PersonId, role: Role, scope: impl Into<Scope>, keys: Vec<KeyId>) -> Self {
        Self::Role(RoleEvent::Granted { person, role, scope: scope.into(), keys })
    }

    /// A key of a person's is in force no longer.
    #[must_use]
    pub fn key_revoked(person: PersonId, key: KeyId, reason: RevocationReason) -> Self {
        Self::Key(KeyEvent::Revoked { person, key, reason })
    }

    /// An activity is planned of which no more than the title is said.
    #[must_use]
    pub fn planned(activity: ActivityId, org: OrgId, category: &str, title: Commitment, lead: Lead) -> Self {
        let (category, place, content) = (category.to_owned(), None, None);
        Self::Activity(ActivityEvent::Planned { activity, org, category, title, place, content, lead })
    }

    /// A shift of an activity is opened.
    #[must_use]
    pub fn shift_opened(activity: ActivityId, shift: ShiftId, interval: Interval, capacity: u16) -> Self {
        Self::Activity(ActivityEvent::ShiftOpened { activity, shift, interval, capacity })
    }

    /// Hours are recorded in time and in one part.
    #[must_use]
    pub fn recorded(batch: BatchId, org: OrgId, activity: ActivityId, rows: Vec<Row>) -> Self {
        let (part, total, class, photos) = (0, 1, RecordClass::Normal, Vec::new());
        Self::Hours(HoursEvent::Recorded { batch, part, total, org, activity, class, rows, photos })
    }

    /// All rows of a recording are confirmed.
    #[must_use]
    pub fn all_confirmed(recorded: EventId) -> Self {
        Self::Hours(HoursEvent::Confirmed { recorded, rows: Rows::All })
    }

    /// A wish of a resident is posted.
    #[must_use]
    pub fn posted(
        wish: WishId,
        org: OrgId,
        resident: PersonId,
        category: &str,
        text: Commitment,
        minutes: u32,
    ) -> Self {
        let category = category.to_owned();
        Self::Wish(WishEvent::Posted { wish, org, resident, category, text, minutes })
    }
}

impl CreditPolicy {
    /// A minute for a minute, eight hours a day at the most, and nothing on credit.
    pub const PLAIN: Self = Self {
        earn_num: 1,
        earn_den: 1,
        daily_cap: 480,
        account_cap: 90_000,
        excess: Excess::RecordOnly,
        overdraft: 0,
        transfer_limit: None,
    };
}

impl PointsPolicy {
    /// Sixty points to begin with, which are the end of the yellow list as well, and two hundredths for a minute.
    pub const PLAIN: Self = Self {
        base: 6_000,
        minutes_num: 2,
        minutes_den: 1,
        wish: 500,
        absence: -300,
        floor: 0,
        ceiling: None,
        red_from: 7_000,
        yellow_to: 6_000,
        basis: None,
        covers: None,
        no_service: None,
    };
}
