//! The event itself: who, what, when; the body is dispatched to its aggregate's file.

use hourbook_proto::v1::body::Kind;
use hourbook_proto::{schema, v1};
use prost::Message as _;

use crate::domain::event::{Assurance, Body, Event, Expected, Stream, StreamKind};
use crate::domain::ids::{EventId, PersonId};

use super::entry::undecodable;
use super::error::{WireError, Within};
use super::read::{Read, enumeration, fixed, millis, optional, required, text};
use super::scan::scan;
use super::write::write_body;
use super::{act, activity, credit, hours, ledger, list, organisation, person, policy, quick, session, wish};

pub(super) const MAX_ORIGIN: usize = 255;

enumeration!(assurance, write_assurance, Assurance, DeviceKey, StaffProxy, ServerWitnessed);
enumeration!(
    stream_kind,
    write_stream_kind,
    StreamKind,
    Ledger,
    Org,
    Person,
    Policy,
    Activity,
    Hours,
    Account,
    Hold,
    Wish,
    List,
    Session,
    Access,
    Act,
);

/// Reads the bytes of an event, strictly.
///
/// # Errors
/// The first fault found: of the encoding in the order of the bytes, then of the values in the order of the schema.
pub fn decode_event(bytes: &[u8]) -> Result<Event, WireError> {
    quick::event(bytes).map_or_else(|| decode_any_event(bytes), Ok)
}

/// As [`decode_event`], in two passes: whatever the schema allows, in any order of fields, with the name of each fault.
///
/// # Errors
/// As of [`decode_event`].
pub fn decode_any_event(bytes: &[u8]) -> Result<Event, WireError> {
    scan(bytes, &schema::EVENT)?;
    let event = v1::Event::decode(bytes).map_err(undecodable)?;
    Ok(Event {
        id: fixed("id", &event.id, EventId)?,
        ledger: text("ledger", event.ledger, MAX_ORIGIN)?,
        stream: stream(required("stream", event.stream)?).within("stream")?,
        expected: expected(required("expected", event.expected)?)?,
        occurred_at: millis("occurred_at_ms", event.occurred_at_ms)?,
        actor: fixed("actor", &event.actor, PersonId)?,
        acting_for: optional("acting_for", event.acting_for.as_deref(), PersonId)?,
        assurance: assurance("assurance", event.assurance)?,
        grant: optional("grant", event.grant.as_deref(), EventId)?,
        body: body(required("body", required("body", event.body)?.kind)?).within("body")?,
    })
}

/// The bytes of an event, always the same for the same event. Values that [`decode_event`] would refuse are written
/// as they are.
#[must_use]
pub fn encode_event(event: &Event) -> Vec<u8> {
    let message = v1::Event {
        id: event.id.0.to_vec(),
        ledger: event.ledger.clone(),
        stream: Some(v1::Stream { kind: write_stream_kind(event.stream.kind), id: event.stream.id.to_vec() }),
        expected: Some(write_expected(event.expected)),
        occurred_at_ms: event.occurred_at.0,
        actor: event.actor.0.to_vec(),
        acting_for: event.acting_for.map(|id| id.0.to_vec()),
        assurance: write_assurance(event.assurance),
        grant: event.grant.map(|id| id.0.to_vec()),
        body: Some(v1::Body { kind: Some(write_body(&event.body)) }),
    };
    message.encode_to_vec()
}

/// A stream that a request names.
///
/// # Errors
/// The first fault found.
pub fn read_stream(message: v1::Stream) -> Result<Stream, WireError> {
    stream(message)
}

fn stream(message: v1::Stream) -> Read<Stream> {
    Ok(Stream { kind: stream_kind("kind", message.kind)?, id: fixed("id", &message.id, |id| id)? })
}

fn expected(message: v1::Expected) -> Read<Expected> {
    use v1::expected::{AnyRevision, NoneYet, Revision};
    Ok(match required("expected", message.revision)? {
        Revision::Exact(revision) => Expected::Exact(revision),
        Revision::NoneYet(NoneYet {}) => Expected::NoneYet,
        Revision::Any(AnyRevision {}) => Expected::Any,
    })
}

fn write_expected(expected: Expected) -> v1::Expected {
    use v1::expected::{AnyRevision, NoneYet, Revision};
    let revision = match expected {
        Expected::Exact(revision) => Revision::Exact(revision),
        Expected::NoneYet => Revision::NoneYet(NoneYet {}),
        Expected::Any => Revision::Any(AnyRevision {}),
    };
    v1::Expected { revision: Some(revision) }
}

fn body(kind: Kind) -> Read<Body> {
    let (field, body) = match kind {
        Kind::LedgerFounded(m) => ("ledger_founded", ledger::ledger_founded(m)),
        Kind::StateDigest(m) => ("state_digest", ledger::state_digest(m)),
        Kind::RulesAdopted(m) => ("rules_adopted", ledger::rules_adopted(m)),
        Kind::ClockCorrected(m) => ("clock_corrected", ledger::clock_corrected(m)),
        Kind::PolicyAdopted(m) => ("policy_adopted", policy::policy_adopted(m)),
        Kind::OrganisationRegistered(m) => {
            ("organisation_registered", organisation::organisation_registered(m))
        }
        Kind::OrganisationLinked(m) => ("organisation_linked", organisation::organisation_linked(m)),
        Kind::KeyEnrolled(m) => ("key_enrolled", person::key_enrolled(m)),
        Kind::KeyRotated(m) => ("key_rotated", person::key_rotated(m)),
        Kind::KeyRevoked(m) => ("key_revoked", person::key_revoked(m)),
        Kind::RoleGranted(m) => ("role_granted", person::role_granted(m)),
        Kind::RoleRevoked(m) => ("role_revoked", person::role_revoked(m)),
        Kind::MemberRegistered(m) => ("member_registered", person::member_registered(m)),
        Kind::MemberAffiliated(m) => ("member_affiliated", person::member_affiliated(m)),
        Kind::MemberExempted(m) => ("member_exempted", person::member_exempted(m)),
        Kind::ReportInFiled(m) => ("report_in_filed", person::report_in_filed(m)),
        Kind::ReportInAnswered(m) => ("report_in_answered", person::report_in_answered(m)),
        Kind::ReportInEnded(m) => ("report_in_ended", person::report_in_ended(m)),
        Kind::ConsentGiven(m) => ("consent_given", person::consent_given(m)),
        Kind::ErasureRequested(m) => ("erasure_requested", person::erasure_requested(m)),
        Kind::PersonalDataErased(m) => ("personal_data_erased", person::personal_data_erased(m)),
        Kind::ActivityPlanned(m) => ("activity_planned", activity::activity_planned(m)),
        Kind::ActivityPublished(m) => ("activity_published", activity::activity_published(m)),
        Kind::ActivityClosed(m) => ("activity_closed", activity::activity_closed(m)),
        Kind::ActivityCancelled(m) => ("activity_cancelled", activity::activity_cancelled(m)),
        Kind::ShiftOpened(m) => ("shift_opened", activity::shift_opened(m)),
        Kind::SignedUp(m) => ("signed_up", activity::signed_up(m)),
        Kind::SignUpWithdrawn(m) => ("sign_up_withdrawn", activity::sign_up_withdrawn(m)),
        Kind::AttendanceTaken(m) => ("attendance_taken", activity::attendance_taken(m)),
        Kind::HoursRecorded(m) => ("hours_recorded", hours::hours_recorded(m)),
        Kind::HoursConfirmed(m) => ("hours_confirmed", hours::hours_confirmed(m)),
        Kind::HoursCorrected(m) => ("hours_corrected", hours::hours_corrected(m)),
        Kind::CreditTransferred(m) => ("credit_transferred", credit::credit_transferred(m)),
        Kind::CreditHeld(m) => ("credit_held", credit::credit_held(m)),
        Kind::CreditSettled(m) => ("credit_settled", credit::credit_settled(m)),
        Kind::CreditVoided(m) => ("credit_voided", credit::credit_voided(m)),
        Kind::WishPosted(m) => ("wish_posted", wish::wish_posted(m)),
        Kind::WishVetted(m) => ("wish_vetted", wish::wish_vetted(m)),
        Kind::WishClaimed(m) => ("wish_claimed", wish::wish_claimed(m)),
        Kind::WishReleased(m) => ("wish_released", wish::wish_released(m)),
        Kind::WishFulfilled(m) => ("wish_fulfilled", wish::wish_fulfilled(m)),
        Kind::WishConfirmed(m) => ("wish_confirmed", wish::wish_confirmed(m)),
        Kind::WishLapsed(m) => ("wish_lapsed", wish::wish_lapsed(m)),
        Kind::WishWithdrawn(m) => ("wish_withdrawn", wish::wish_withdrawn(m)),
        Kind::ListPublished(m) => ("list_published", list::list_published(m)),
        Kind::SessionGranted(m) => ("session_granted", session::session_granted(m)),
        Kind::SessionOpened(m) => ("session_opened", session::session_opened(m)),
        Kind::SessionClosed(m) => ("session_closed", session::session_closed(m)),
        Kind::RecordAccessed(m) => ("record_accessed", session::record_accessed(m)),
        Kind::ActApproved(m) => ("act_approved", act::act_approved(m)),
        Kind::ActStopped(m) => ("act_stopped", act::act_stopped(m)),
        Kind::ActTookEffect(m) => ("act_took_effect", act::act_took_effect(m)),
    };
    body.within(field)
}
