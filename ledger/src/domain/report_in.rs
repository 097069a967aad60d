//! Report-in (报到): an in-service Party member reports to the community or grid of residence, which answers.
//!
//! A member is reported in at one place at a time: acceptance elsewhere ends the earlier one on that day. The
//! affiliation by date follows from it, so that service is attributed by where the member belonged on the day.

use super::event::{AffiliationKind, Body, Event, OrgKind, Span};
use super::ids::{OrgId, PersonId};
use super::person::{Affiliation, clashes};
use super::rejection::{Code, Rejection, ensure};
use super::state::{Context, State};
use super::table::{Table, trial};
use super::time::Date;

/// How far a report-in has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Waits for the community's answer.
    Filed,
    /// Accepted, in force from this local day.
    Accepted(Date),
    /// Refused.
    Refused,
    /// Taken back before it was answered, or over from this local day.
    Ended(Date),
}

/// One report-in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReportIn {
    /// Where the member reported.
    pub community: OrgId,
    /// How far it has come.
    pub standing: Standing,
}

/// All report-ins.
#[derive(Default, Debug, Clone)]
pub struct ReportIns {
    by_person: Table<PersonId, Vec<ReportIn>>,
}

trial!(ReportIns { by_person });

impl ReportIns {
    /// Every report-in of a person, in the order of filing.
    #[must_use]
    pub fn of(&self, person: PersonId) -> &[ReportIn] {
        self.by_person.get(&person).map_or(&[], Vec::as_slice)
    }

    /// The report-in that says where the person stands: the accepted one, else the one filed last.
    #[must_use]
    pub fn current(&self, person: PersonId) -> Option<&ReportIn> {
        let all = self.of(person);
        let accepted = all.iter().rev().find(|r| matches!(r.standing, Standing::Accepted(_)));
        accepted.or(all.last())
    }

    /// Where the person stands with one community: the report-in filed there last.
    #[must_use]
    pub fn at(&self, person: PersonId, community: OrgId) -> Option<&ReportIn> {
        self.of(person).iter().rev().find(|r| r.community == community)
    }

    fn set(&mut self, person: PersonId, community: OrgId, standing: Standing) {
        let Some(all) = self.by_person.get_mut(&person) else { return };
        if let Some(last) = all.iter_mut().rev().find(|r| r.community == community) {
            last.standing = standing;
        }
    }
}

pub(super) fn decide(state: &State, cx: &Context, event: &Event) -> Result<(), Rejection> {
    let standing = |person: &PersonId, community: &OrgId| {
        state.report_ins.at(*person, *community).map(|report| report.standing)
    };
    match &event.body {
        Body::ReportInFiled { person, community } => {
            let kind = state.orgs.get(*community).map(|org| org.kind);
            let fits = matches!(kind, None | Some(OrgKind::Community | OrgKind::Grid));
            ensure(fits, Code::OutOfRange)?;
            ensure(kind.is_some(), Code::UnknownOrg)?;
            ensure(state.people.is_known(state, *person), Code::UnknownPerson)?;
            let blocks = |r: &ReportIn| match r.standing {
                Standing::Filed => true,
                Standing::Accepted(_) => r.community == *community,
                Standing::Refused | Standing::Ended(_) => false,
            };
            ensure(!state.report_ins.of(*person).iter().any(blocks), Code::ReportInState)
        }
        Body::ReportInAnswered { person, community, accepted } => {
            ensure(state.orgs.contains(*community), Code::UnknownOrg)?;
            ensure(state.people.is_known(state, *person), Code::UnknownPerson)?;
            let member = state.people.get(*person).ok_or(Code::UnknownPerson)?;
            let span = from(state.today(cx));
            let clash = *accepted && clashes(member, *community, AffiliationKind::ReportedIn, &span);
            ensure(!clash, Code::SpanOverlaps)?;
            ensure(event.actor != *person, Code::FourEyes)?;
            ensure(standing(person, community) == Some(Standing::Filed), Code::ReportInState)
        }
        Body::ReportInEnded { person, community, on } => {
            ensure(state.orgs.contains(*community), Code::UnknownOrg)?;
            ensure(state.people.get(*person).is_some(), Code::UnknownPerson)?;
            match standing(person, community) {
                Some(Standing::Filed) => Ok(()),
                Some(Standing::Accepted(from)) if from <= *on => Ok(()),
                Some(Standing::Accepted(from)) => {
                    Err(Code::ReportInState.because(format_args!("accepted from {from}")))
                }
                Some(Standing::Refused | Standing::Ended(_)) | None => Err(Code::ReportInState.into()),
            }
        }
        _ => unreachable!("not a report-in's event"),
    }
}

fn from(date: Date) -> Span {
    Span { from: date, to: None }
}

pub(super) fn evolve(state: &mut State, cx: &Context, event: &Event) {
    match &event.body {
        Body::ReportInFiled { person, community } => {
            let new = ReportIn { community: *community, standing: Standing::Filed };
            state.report_ins.by_person.or_default(*person).push(new);
        }
        Body::ReportInAnswered { person, community, accepted: true } => {
            accept(state, state.today(cx), *person, *community);
        }
        Body::ReportInAnswered { person, community, accepted: false } => {
            state.report_ins.set(*person, *community, Standing::Refused);
        }
        Body::ReportInEnded { person, community, on } => {
            state.report_ins.set(*person, *community, Standing::Ended(*on));
            state.people.part(*person, *community, AffiliationKind::ReportedIn, *on);
        }
        _ => unreachable!("not a report-in's event"),
    }
}

fn accept(state: &mut State, today: Date, person: PersonId, community: OrgId) {
    let accepted = |r: &&ReportIn| matches!(r.standing, Standing::Accepted(_));
    let before = state.report_ins.of(person).iter().find(accepted).map(|r| r.community);
    if let Some(elsewhere) = before {
        state.report_ins.set(person, elsewhere, Standing::Ended(today));
    }
    state.report_ins.set(person, community, Standing::Accepted(today));
    let affiliation = Affiliation { org: community, kind: AffiliationKind::ReportedIn, span: from(today) };
    state.people.affiliate(person, affiliation);
}
