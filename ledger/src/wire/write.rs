//! Bodies to the schema's types: one arm for each, so that a new body will not compile until it is here.

use hourbook_proto::v1;
use hourbook_proto::v1::body::Kind;

use crate::domain::event::{
    Attended, Attendee, Body, Claimer, FounderKey, Founding, Lead, RecordClass, Row, Rows,
};
use crate::domain::ids::Commitment;
use crate::domain::policy::{CreditPolicy, Excess, PointsPolicy, Policy};

use super::common::{write_interval, write_scope, write_span};
use super::credit::{write_account, write_transfer_kind};
use super::list::write_period;
use super::organisation::{write_edge_kind, write_org_kind};
use super::person::{write_affiliation_kind, write_consent_kind, write_revocation_reason, write_role};
use super::session::{write_access_purpose, write_looked};
use super::wish::write_lapse;

macro_rules! body {
    ($kind:ident { $($field:ident: $value:expr),* $(,)? }) => { Kind::$kind(v1::$kind { $($field: $value),* }) };
}

pub(super) fn write_body(body: &Body) -> Kind {
    match body {
        Body::LedgerFounded(founding) => Kind::LedgerFounded(write_founding(founding)),
        Body::StateDigest { position, rules, digest } => {
            body!(StateDigest { position: *position, rules: *rules, digest: digest.to_vec() })
        }
        Body::RulesAdopted { version } => body!(RulesAdopted { version: *version }),
        Body::ClockCorrected { from, to } => body!(ClockCorrected { from_ms: from.0, to_ms: to.0 }),
        Body::PolicyAdopted { scope, from, policy } => body!(PolicyAdopted {
            scope: Some(write_scope(*scope)),
            from_day: from.0,
            policy: Some(write_policy(policy)),
        }),
        Body::OrganisationRegistered { org, kind, name, code, parent } => body!(OrganisationRegistered {
            org: org.0.to_vec(),
            kind: write_org_kind(*kind),
            name: name.clone(),
            code: code.clone(),
            parent: parent.map(|id| id.0.to_vec()),
        }),
        Body::OrganisationLinked { org, parent, kind, span } => body!(OrganisationLinked {
            org: org.0.to_vec(),
            parent: parent.0.to_vec(),
            kind: write_edge_kind(*kind),
            span: Some(write_span(*span)),
        }),
        Body::KeyEnrolled { person, key, proof } => {
            body!(KeyEnrolled { person: person.0.to_vec(), key: key.0.to_vec(), proof: proof.0.to_vec() })
        }
        Body::KeyRotated { person, old, new, proof } => body!(KeyRotated {
            person: person.0.to_vec(),
            old_key_id: old.0.to_vec(),
            new_key: new.0.to_vec(),
            proof: proof.0.to_vec(),
        }),
        Body::KeyRevoked { person, key, reason } => body!(KeyRevoked {
            person: person.0.to_vec(),
            key_id: key.0.to_vec(),
            reason: write_revocation_reason(*reason),
        }),
        Body::RoleGranted { person, role, scope, keys } => body!(RoleGranted {
            person: person.0.to_vec(),
            role: write_role(*role),
            scope: Some(write_scope(*scope)),
            keys: keys.iter().map(|id| id.0.to_vec()).collect(),
        }),
        Body::RoleRevoked { person, role, scope } => body!(RoleRevoked {
            person: person.0.to_vec(),
            role: write_role(*role),
            scope: Some(write_scope(*scope)),
        }),
        Body::MemberRegistered { person, home, name, phone, id_number, volunteer_number } => {
            body!(MemberRegistered {
                person: person.0.to_vec(),
                home: home.0.to_vec(),
                name: name.0.to_vec(),
                phone: commitment(phone),
                id_number: commitment(id_number),
                volunteer_number: commitment(volunteer_number),
            })
        }
        Body::MemberAffiliated { person, org, kind, span } => body!(MemberAffiliated {
            person: person.0.to_vec(),
            org: org.0.to_vec(),
            kind: write_affiliation_kind(*kind),
            span: Some(write_span(*span)),
        }),
        Body::MemberExempted { person, org, span, reason } => body!(MemberExempted {
            person: person.0.to_vec(),
            org: org.0.to_vec(),
            span: Some(write_span(*span)),
            reason: reason.0.to_vec(),
        }),
        Body::ReportInFiled { person, community } => {
            body!(ReportInFiled { person: person.0.to_vec(), community: community.0.to_vec() })
        }
        Body::ReportInAnswered { person, community, accepted } => body!(ReportInAnswered {
            person: person.0.to_vec(),
            community: community.0.to_vec(),
            accepted: *accepted,
        }),
        Body::ReportInEnded { person, community, on } => {
            body!(ReportInEnded { person: person.0.to_vec(), community: community.0.to_vec(), on_day: on.0 })
        }
        Body::ConsentGiven { person, kind, agreed } => body!(ConsentGiven {
            person: person.0.to_vec(),
            kind: write_consent_kind(*kind),
            agreed: *agreed,
        }),
        Body::ErasureRequested { person } => body!(ErasureRequested { person: person.0.to_vec() }),
        Body::PersonalDataErased { person } => body!(PersonalDataErased { person: person.0.to_vec() }),
        Body::ActivityPlanned { activity, org, category, title, place, content, lead } => {
            body!(ActivityPlanned {
                activity: activity.0.to_vec(),
                org: org.0.to_vec(),
                category: category.clone(),
                title: title.0.to_vec(),
                place: commitment(place),
                content: commitment(content),
                lead: Some(write_lead(*lead)),
            })
        }
        Body::ActivityPublished { activity } => body!(ActivityPublished { activity: activity.0.to_vec() }),
        Body::ActivityClosed { activity } => body!(ActivityClosed { activity: activity.0.to_vec() }),
        Body::ActivityCancelled { activity, reason } => {
            body!(ActivityCancelled { activity: activity.0.to_vec(), reason: reason.0.to_vec() })
        }
        Body::ShiftOpened { activity, shift, interval, capacity } => body!(ShiftOpened {
            activity: activity.0.to_vec(),
            shift: shift.0.to_vec(),
            interval: Some(write_interval(*interval)),
            capacity: u32::from(*capacity),
        }),
        Body::SignedUp { activity, shift, person } => body!(SignedUp {
            activity: activity.0.to_vec(),
            shift: shift.0.to_vec(),
            person: person.0.to_vec(),
        }),
        Body::SignUpWithdrawn { activity, shift, person } => body!(SignUpWithdrawn {
            activity: activity.0.to_vec(),
            shift: shift.0.to_vec(),
            person: person.0.to_vec(),
        }),
        Body::AttendanceTaken { activity, shift, rows } => body!(AttendanceTaken {
            activity: activity.0.to_vec(),
            shift: shift.0.to_vec(),
            rows: rows.iter().map(write_attendee).collect(),
        }),
        Body::HoursRecorded { batch, part, total, org, activity, class, rows } => body!(HoursRecorded {
            batch: batch.0.to_vec(),
            part: u32::from(*part),
            total: u32::from(*total),
            org: org.0.to_vec(),
            activity: activity.0.to_vec(),
            late_reason: late_reason(*class),
            rows: rows.iter().map(write_row).collect(),
        }),
        Body::HoursConfirmed { recorded, rows } => {
            body!(HoursConfirmed { recorded: recorded.0.to_vec(), rows: Some(write_rows(rows)) })
        }
        Body::HoursCorrected { recorded, row, replacement, reason } => body!(HoursCorrected {
            recorded: recorded.0.to_vec(),
            row: u32::from(*row),
            replacement: replacement.map(write_interval),
            reason: reason.0.to_vec(),
        }),
        Body::CreditTransferred { from, to, minutes, kind } => body!(CreditTransferred {
            from: Some(write_account(*from)),
            to: Some(write_account(*to)),
            minutes: *minutes,
            kind: write_transfer_kind(*kind),
        }),
        Body::CreditHeld { hold, from, to, minutes, until } => body!(CreditHeld {
            hold: hold.0.to_vec(),
            from: from.0.to_vec(),
            to: to.0.to_vec(),
            minutes: *minutes,
            until_ms: until.0,
        }),
        Body::CreditSettled { hold, minutes } => {
            body!(CreditSettled { hold: hold.0.to_vec(), minutes: *minutes })
        }
        Body::CreditVoided { hold } => body!(CreditVoided { hold: hold.0.to_vec() }),
        Body::WishPosted { wish, org, resident, category, text, minutes } => body!(WishPosted {
            wish: wish.0.to_vec(),
            org: org.0.to_vec(),
            resident: resident.0.to_vec(),
            category: category.clone(),
            text: text.0.to_vec(),
            minutes: *minutes,
        }),
        Body::WishVetted { wish, sentence } => {
            body!(WishVetted { wish: wish.0.to_vec(), sentence: sentence.0.to_vec() })
        }
        Body::WishClaimed { wish, claimer, participants } => body!(WishClaimed {
            wish: wish.0.to_vec(),
            claimer: Some(write_claimer(*claimer)),
            participants: participants.iter().map(|id| id.0.to_vec()).collect(),
        }),
        Body::WishReleased { wish } => body!(WishReleased { wish: wish.0.to_vec() }),
        Body::WishFulfilled { wish, minutes, evidence } => body!(WishFulfilled {
            wish: wish.0.to_vec(),
            minutes: *minutes,
            evidence: evidence.map(|digest| digest.to_vec()),
        }),
        Body::WishConfirmed { wish, rating } => {
            body!(WishConfirmed { wish: wish.0.to_vec(), rating: u32::from(*rating) })
        }
        Body::WishLapsed { wish, what } => {
            body!(WishLapsed { wish: wish.0.to_vec(), what: write_lapse(*what) })
        }
        Body::WishWithdrawn { wish, reason } => {
            body!(WishWithdrawn { wish: wish.0.to_vec(), reason: reason.0.to_vec() })
        }
        Body::ListPublished { scope, period, cutoff, policy, digest } => body!(ListPublished {
            scope: scope.0.to_vec(),
            period: Some(write_period(*period)),
            cutoff: *cutoff,
            policy: policy.0.to_vec(),
            digest: digest.to_vec(),
        }),
        Body::SessionGranted { person, code, until } => {
            body!(SessionGranted { person: person.0.to_vec(), code: code.0.to_vec(), until_ms: until.0 })
        }
        Body::SessionOpened { person, grant, until } => {
            body!(SessionOpened { person: person.0.to_vec(), grant: grant.0.to_vec(), until_ms: until.0 })
        }
        Body::SessionClosed { person, grant } => {
            body!(SessionClosed { person: person.0.to_vec(), grant: grant.0.to_vec() })
        }
        Body::RecordAccessed { by, role, purpose, what, persons } => body!(RecordAccessed {
            by: by.0.to_vec(),
            role: role.map(write_role),
            purpose: write_access_purpose(*purpose),
            what: Some(write_looked(*what)),
            persons: persons.iter().map(|id| id.0.to_vec()).collect(),
        }),
        Body::ActApproved { act } => body!(ActApproved { act: act.0.to_vec() }),
        Body::ActStopped { act } => body!(ActStopped { act: act.0.to_vec() }),
        Body::ActTookEffect { act } => body!(ActTookEffect { act: act.0.to_vec() }),
    }
}

fn commitment(commitment: &Option<Commitment>) -> Option<Vec<u8>> {
    commitment.map(|commitment| commitment.0.to_vec())
}

fn write_founding(founding: &Founding) -> v1::LedgerFounded {
    let founder = |f: &FounderKey| v1::FounderKey { person: f.person.0.to_vec(), key: f.key.0.to_vec() };
    v1::LedgerFounded {
        utc_offset_minutes: founding.offset.0,
        founders: founding.founders.iter().map(founder).collect(),
        log_key: founding.log_key.0.to_vec(),
        ledger_person: founding.ledger_person.0.to_vec(),
        ledger_key: founding.ledger_key.0.to_vec(),
    }
}

fn write_lead(lead: Lead) -> v1::activity_planned::Lead {
    match lead {
        Lead::Person(id) => v1::activity_planned::Lead::LeadPerson(id.0.to_vec()),
        Lead::Named(name) => v1::activity_planned::Lead::LeadName(name.0.to_vec()),
    }
}

fn write_attendee(attendee: &Attendee) -> v1::Attendee {
    let attended = match attendee.attended {
        Attended::Present(interval) => v1::attendee::Attended::Present(write_interval(interval)),
        Attended::NoShow => v1::attendee::Attended::NoShow(v1::attendee::NoShow {}),
    };
    v1::Attendee { person: attendee.person.0.to_vec(), attended: Some(attended) }
}

fn late_reason(class: RecordClass) -> Option<Vec<u8>> {
    match class {
        RecordClass::Normal => None,
        RecordClass::Late(reason) => Some(reason.0.to_vec()),
    }
}

fn write_row(row: &Row) -> v1::HoursRow {
    v1::HoursRow {
        key: row.key.0.to_vec(),
        person: row.person.0.to_vec(),
        interval: Some(write_interval(row.interval)),
    }
}

fn write_rows(rows: &Rows) -> v1::hours_confirmed::Rows {
    match rows {
        Rows::All => v1::hours_confirmed::Rows::All(v1::hours_confirmed::AllRows {}),
        Rows::Some(rows) => {
            let indexes = rows.iter().copied().map(u32::from).collect();
            v1::hours_confirmed::Rows::Some(v1::RowIndexes { indexes })
        }
    }
}

fn write_claimer(claimer: Claimer) -> v1::wish_claimed::Claimer {
    match claimer {
        Claimer::Person(id) => v1::wish_claimed::Claimer::Person(id.0.to_vec()),
        Claimer::Org(id) => v1::wish_claimed::Claimer::Org(id.0.to_vec()),
    }
}

fn write_policy(policy: &Policy) -> v1::policy_adopted::Policy {
    use v1::policy_adopted::Policy as P;
    match policy {
        Policy::Credit(p) => P::Credit(write_credit(p)),
        Policy::Records(p) => P::Records(v1::RecordPolicy {
            due_working_days: u32::from(p.due_working_days),
            longest: p.longest,
        }),
        Policy::Wishes(p) => P::Wishes(v1::WishPolicy {
            open_claims: u32::from(p.open_claims),
            fulfil_days: u32::from(p.fulfil_days),
            open_days: u32::from(p.open_days),
        }),
        Policy::Points(p) => P::Points(write_points(p)),
        Policy::Waiting(p) => P::Waiting(v1::WaitingPolicy { days: u32::from(p.days) }),
        Policy::Calendar(p) => P::Calendar(v1::CalendarPolicy {
            year: p.year.cast_unsigned(),
            holidays: p.holidays.iter().map(|day| day.0).collect(),
            workdays: p.workdays.iter().map(|day| day.0).collect(),
        }),
    }
}

fn write_credit(policy: &CreditPolicy) -> v1::CreditPolicy {
    use v1::credit_policy::{Excess as E, RecordOnly};
    v1::CreditPolicy {
        earn_num: policy.earn_num,
        earn_den: policy.earn_den,
        daily_cap: policy.daily_cap,
        account_cap: policy.account_cap,
        excess: Some(match policy.excess {
            Excess::RecordOnly => E::RecordOnly(RecordOnly {}),
            Excess::Fund(org) => E::Fund(org.0.to_vec()),
        }),
        overdraft: policy.overdraft,
    }
}

fn write_points(policy: &PointsPolicy) -> v1::PointsPolicy {
    v1::PointsPolicy {
        base: policy.base,
        minutes_num: policy.minutes_num,
        minutes_den: policy.minutes_den,
        wish: policy.wish,
        absence: policy.absence,
        floor: policy.floor,
        ceiling: policy.ceiling,
        red_from: policy.red_from,
        yellow_to: policy.yellow_to,
    }
}
