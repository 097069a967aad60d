//! Report-in (报到): an in-service Party member reports to the community or grid of residence, which answers.
//!
//! A member is reported in at one place at a time: acceptance elsewhere ends the earlier one on that day. The
//! affiliation by date follows from it, so that service is attributed by where the member belonged on the day.

use super::concern::{Concern, Reach};
use super::context::{Context, Header};
use super::hands::Behind;
use super::ids::{OrgId, PersonId};
use super::person::{Affiliation, People, clashes};
use super::register::Register;
use super::rejection::{Code, Verdict, ensure, fits};
use super::time::Date;
use super::vocabulary::{AffiliationKind, OrgKind, Span};
use crate::store::table::{Table, tables};
use hourbook_derive::Aggregate;

/// What can be asserted of the report-in of an in-service member (报到).
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Aggregate)]
#[aggregate(stream(Person, person))]
#[allow(missing_docs)] // fields are named after their types
pub enum ReportInEvent {
    /// An in-service member reports to a community or grid (报到).
    #[event(1, by(Subject, steward, worker))]
    #[safe = "The person or the home files. From the receiving community it is an invitation that waits for them."]
    Filed { person: PersonId, community: OrgId },
    /// The community answers; accepting affiliates the member from that day.
    #[event(2, by(steward, worker))]
    #[safe = "Answers what the other side filed; nobody accepts themselves."]
    Answered { person: PersonId, community: OrgId, accepted: bool },
    /// The report-in ends on a date.
    #[event(3, by(Subject, steward, worker))]
    #[safe = "Takes rights away and gives none; filed anew it begins again."]
    Ended { person: PersonId, community: OrgId, on: Date },
}

/// How far a report-in has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
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
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct ReportIn {
    /// Where the member reported.
    pub community: OrgId,
    /// How far it has come.
    pub standing: Standing,
}

/// All report-ins.
#[derive(Default, Debug, Clone)]
pub struct ReportIns {
    by_person: Table<25, PersonId, Vec<ReportIn>>,
}

tables!(ReportIns { by_person });

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

/// Whom and what each concerns.
pub(super) fn concern(people: &People, today: Date, body: &ReportInEvent) -> Concern {
    match body {
        ReportInEvent::Filed { person, community } => {
            Concern::of(*person, people.either_side(*person, *community, today))
        }
        ReportInEvent::Answered { person, community, .. }
        | ReportInEvent::Ended { person, community, .. } => {
            Concern::of(*person, Reach::Orgs(vec![*community]))
        }
    }
}

pub(super) fn decide(
    report_ins: &ReportIns,
    facts: &Register<'_>,
    (cx, header): (&Context, &Header),
    body: &ReportInEvent,
) -> Verdict {
    let standing = |person: &PersonId, community: &OrgId| {
        report_ins.at(*person, *community).map(|report| report.standing)
    };
    match body {
        ReportInEvent::Filed { person, community } => {
            let kind = facts.orgs.get(*community).map(|org| org.kind);
            let takes = matches!(kind, None | Some(OrgKind::Community | OrgKind::Grid));
            fits(takes, format_args!("community: a community or grid"))?;
            ensure(kind.is_some(), Code::UnknownOrg)?;
            ensure(facts.knows(*person), Code::UnknownPerson)?;
            let blocks = |r: &ReportIn| match r.standing {
                Standing::Filed => true,
                Standing::Accepted(_) => r.community == *community,
                Standing::Refused | Standing::Ended(_) => false,
            };
            ensure(!report_ins.of(*person).iter().any(blocks), Code::ReportInState)
        }
        ReportInEvent::Answered { person, community, accepted } => {
            ensure(facts.orgs.contains(*community), Code::UnknownOrg)?;
            ensure(facts.knows(*person), Code::UnknownPerson)?;
            let member = facts.people.get(*person).ok_or(Code::UnknownPerson)?;
            let clash = *accepted && clashes(member, &affiliation(*community, facts.today(cx)));
            ensure(!clash, Code::SpanOverlaps)?;
            Behind::of(facts.keys, cx, header).check_concerns_another(*person)?;
            ensure(standing(person, community) == Some(Standing::Filed), Code::ReportInState)
        }
        ReportInEvent::Ended { person, community, on } => {
            ensure(facts.orgs.contains(*community), Code::UnknownOrg)?;
            ensure(facts.people.get(*person).is_some(), Code::UnknownPerson)?;
            match standing(person, community) {
                Some(Standing::Filed) => Ok(()),
                Some(Standing::Accepted(from)) if from <= *on => Ok(()),
                Some(Standing::Accepted(from)) => {
                    Err(Code::ReportInState.because(format_args!("accepted from {from}")))
                }
                Some(Standing::Refused | Standing::Ended(_)) | None => Err(Code::ReportInState.into()),
            }
        }
    }
}

fn affiliation(community: OrgId, from: Date) -> Affiliation {
    Affiliation { org: community, kind: AffiliationKind::ReportedIn, span: Span { from, to: None } }
}

pub(super) fn evolve(report_ins: &mut ReportIns, people: &mut People, today: Date, body: &ReportInEvent) {
    match body {
        ReportInEvent::Filed { person, community } => {
            let new = ReportIn { community: *community, standing: Standing::Filed };
            let all = report_ins.by_person.or_default(*person);
            // Most people report in once in their lives.
            all.reserve_exact(1);
            all.push(new);
        }
        ReportInEvent::Answered { person, community, accepted: true } => {
            accept(report_ins, people, today, *person, *community);
        }
        ReportInEvent::Answered { person, community, accepted: false } => {
            report_ins.set(*person, *community, Standing::Refused);
        }
        ReportInEvent::Ended { person, community, on } => {
            let was = report_ins.at(*person, *community).map(|report| report.standing);
            report_ins.set(*person, *community, Standing::Ended(*on));
            if matches!(was, Some(Standing::Accepted(_))) {
                people.part(*person, *community, AffiliationKind::ReportedIn, *on);
            }
        }
    }
}

fn accept(report_ins: &mut ReportIns, people: &mut People, today: Date, person: PersonId, community: OrgId) {
    let accepted = |r: &&ReportIn| matches!(r.standing, Standing::Accepted(_));
    let before = report_ins.of(person).iter().find(accepted).map(|r| r.community);
    if let Some(elsewhere) = before {
        report_ins.set(person, elsewhere, Standing::Ended(today));
    }
    report_ins.set(person, community, Standing::Accepted(today));
    people.affiliate(person, affiliation(community, today));
}

#[cfg(test)]
mod tests {
    use super::super::event::Role;
    use super::super::testing::*;
    use super::*;
    use crate::domain::Body;
    use crate::domain::person::MemberEvent;
    use crate::store::table::Transaction;

    fn file(community: OrgId) -> Body {
        Body::ReportIn(ReportInEvent::Filed { person: ANN, community })
    }

    fn answer(community: OrgId, accepted: bool) -> Body {
        Body::ReportIn(ReportInEvent::Answered { person: ANN, community, accepted })
    }

    fn end(community: OrgId, on: Date) -> Body {
        Body::ReportIn(ReportInEvent::Ended { person: ANN, community, on })
    }

    fn standing(town: &Town) -> Option<(OrgId, Standing)> {
        town.state.report_ins.current(ANN).map(|r| (r.community, r.standing))
    }

    fn homes(town: &Town, date: Date) -> Vec<OrgId> {
        town.state.people.homes(ANN, date).into_vec()
    }

    #[test]
    fn acceptance_affiliates_from_that_local_day() {
        let mut town = Town::new();
        assert_eq!(standing(&town), None);
        town.must(ANN, file(OTHER_COMMUNITY));
        assert_eq!(standing(&town), Some((OTHER_COMMUNITY, Standing::Filed)));
        town.wait_days(1);
        let today = town.today();
        town.must(FAR_WORKER, answer(OTHER_COMMUNITY, true));
        assert_eq!(standing(&town), Some((OTHER_COMMUNITY, Standing::Accepted(today))));
        assert_eq!(homes(&town, today.plus(-1)), [GRID]);
        assert_eq!(homes(&town, today), [OTHER_COMMUNITY, GRID]);
    }

    #[test]
    fn a_refusal_affiliates_nowhere_and_the_member_may_report_again() {
        let mut town = Town::new();
        town.must(ANN, file(OTHER_COMMUNITY));
        town.must(FAR_WORKER, answer(OTHER_COMMUNITY, false));
        assert_eq!(standing(&town), Some((OTHER_COMMUNITY, Standing::Refused)));
        assert_eq!(homes(&town, town.today()), [GRID]);
        assert_eq!(code(&mut town, FAR_WORKER, answer(OTHER_COMMUNITY, true)), Err(Code::ReportInState));
        assert_eq!(code(&mut town, ANN, file(OTHER_COMMUNITY)), Ok(()));
        assert_eq!(town.state.report_ins.of(ANN).len(), 2);
    }

    #[test]
    fn reporting_elsewhere_ends_the_earlier_one_on_that_day() {
        let mut town = Town::new();
        let first = town.today();
        town.must(ANN, file(COMMUNITY));
        town.must(WORKER, answer(COMMUNITY, true));
        assert_eq!(code(&mut town, ANN, file(COMMUNITY)), Err(Code::ReportInState), "is reported in there");
        town.must(ANN, file(OTHER_COMMUNITY));
        let both_today = code(&mut town, FAR_WORKER, answer(OTHER_COMMUNITY, true));
        assert_eq!(both_today, Err(Code::SpanOverlaps), "two places on one day");
        town.wait_days(7);
        town.must(FAR_WORKER, answer(OTHER_COMMUNITY, true));
        let second = town.today();
        assert_eq!(standing(&town), Some((OTHER_COMMUNITY, Standing::Accepted(second))));
        let before = town.state.report_ins.at(ANN, COMMUNITY).map(|r| r.standing);
        assert_eq!(before, Some(Standing::Ended(second)));
        assert_eq!(homes(&town, first), [COMMUNITY, GRID]);
        assert_eq!(homes(&town, second.plus(-1)), [COMMUNITY, GRID]);
        assert_eq!(homes(&town, second), [OTHER_COMMUNITY, GRID]);
    }

    #[test]
    fn one_that_was_refused_elsewhere_leaves_the_accepted_one_in_force() {
        let mut town = Town::new();
        town.must(ANN, file(COMMUNITY));
        town.must(WORKER, answer(COMMUNITY, true));
        town.must(ANN, file(OTHER_COMMUNITY));
        town.must(FAR_WORKER, answer(OTHER_COMMUNITY, false));
        assert_eq!(standing(&town), Some((COMMUNITY, Standing::Accepted(town.today()))));
    }

    #[test]
    fn it_ends_on_a_date_and_may_begin_anew_on_that_date() {
        let mut town = Town::new();
        let today = town.today();
        town.must(ANN, file(COMMUNITY));
        town.must(WORKER, answer(COMMUNITY, true));
        assert_eq!(code(&mut town, ANN, end(COMMUNITY, today.plus(-1))), Err(Code::ReportInState));
        town.wait_days(10);
        town.must(ANN, end(COMMUNITY, today.plus(5)));
        assert_eq!(standing(&town), Some((COMMUNITY, Standing::Ended(today.plus(5)))));
        assert_eq!(homes(&town, today.plus(4)), [COMMUNITY, GRID]);
        assert_eq!(homes(&town, today.plus(5)), [GRID]);
        assert_eq!(code(&mut town, ANN, end(COMMUNITY, today.plus(6))), Err(Code::ReportInState), "over");
        town.must(ANN, file(COMMUNITY));
        town.must(WORKER, answer(COMMUNITY, true));
        assert_eq!(homes(&town, town.today()), [COMMUNITY, GRID]);
    }

    #[test]
    fn one_taken_back_unanswered_affiliated_nowhere() {
        let mut town = Town::new();
        town.must(ANN, file(COMMUNITY));
        assert_eq!(code(&mut town, ANN, file(OTHER_COMMUNITY)), Err(Code::ReportInState), "one at a time");
        town.must(ANN, end(COMMUNITY, town.today()));
        assert_eq!(homes(&town, town.today()), [GRID]);
        assert_eq!(code(&mut town, WORKER, answer(COMMUNITY, true)), Err(Code::ReportInState));
        assert_eq!(code(&mut town, ANN, file(OTHER_COMMUNITY)), Ok(()));
    }

    #[test]
    fn nobody_reports_to_a_city_or_nowhere_and_nobody_who_is_not_there_reports() {
        let mut town = Town::new();
        assert_eq!(code(&mut town, ANN, file(CITY)), Err(Code::OutOfRange));
        assert_eq!(code(&mut town, ANN, file(OrgId([88; 16]))), Err(Code::UnknownOrg));
        let stranger =
            Body::ReportIn(ReportInEvent::Filed { person: PersonId([88; 16]), community: COMMUNITY });
        assert_eq!(code(&mut town, WORKER, stranger), Err(Code::UnknownPerson));
        assert_eq!(code(&mut town, WORKER, answer(COMMUNITY, true)), Err(Code::ReportInState));
        assert_eq!(code(&mut town, WORKER, end(COMMUNITY, Date(0))), Err(Code::ReportInState));
        town.must(ANN, file(COMMUNITY));
        assert_eq!(code(&mut town, FAR_WORKER, answer(COMMUNITY, true)), Err(Code::NotAuthorised));
        town.must(ANN, Body::Member(MemberEvent::ErasureRequested { person: ANN }));
        assert_eq!(code(&mut town, WORKER, answer(COMMUNITY, true)), Err(Code::UnknownPerson));
        let over = end(COMMUNITY, town.today());
        assert_eq!(code(&mut town, WORKER, over), Ok(()));
    }

    #[test]
    fn staff_do_not_accept_themselves() {
        let mut town = Town::new();
        let role = Role::Worker;
        town.must(STEWARD, grants(ANN, role, COMMUNITY));
        town.must(ANN, file(COMMUNITY));
        assert_eq!(code(&mut town, ANN, answer(COMMUNITY, true)), Err(Code::FourEyes));
        assert_eq!(code(&mut town, WORKER, answer(COMMUNITY, true)), Ok(()));
    }

    #[test]
    fn a_trial_is_taken_back_with_the_affiliation() {
        let mut town = Town::new();
        town.must(ANN, file(COMMUNITY));
        town.state.begin();
        town.must(WORKER, answer(COMMUNITY, true));
        town.state.rollback();
        assert_eq!(standing(&town), Some((COMMUNITY, Standing::Filed)));
        assert_eq!(homes(&town, town.today()), [GRID]);
    }

    /// A town under a version of the rules where ANN is affiliated from a date on, without a report-in, and has filed one.
    fn with_one_pending(mut town: Town, from: i32) -> (Town, Date) {
        let from = town.today().plus(from);
        let (kind, span) = (AffiliationKind::ReportedIn, Span::since(from));
        town.must(STEWARD, Body::affiliated(ANN, COMMUNITY, kind, span));
        town.must(ANN, file(COMMUNITY));
        (town, from)
    }

    #[test]
    fn taking_back_what_was_not_answered_ends_nothing() {
        let town = Town::new();
        let back = town.today().plus(-3);
        let (mut town, from) = with_one_pending(town, 1);
        town.must(ANN, end(COMMUNITY, back));
        assert!(homes(&town, from.plus(1)).contains(&COMMUNITY));
    }

    #[test]
    fn the_end_of_one_in_force_leaves_alone_what_begins_later() {
        let mut town = Town::new();
        let today = town.today();
        town.must(ANN, file(COMMUNITY));
        town.must(WORKER, answer(COMMUNITY, true));
        let kind = AffiliationKind::ReportedIn;
        let closed = Span { from: today, to: Some(today.plus(5)) };
        town.must(STEWARD, Body::affiliated(ANN, COMMUNITY, kind, closed));
        town.must(STEWARD, Body::affiliated(ANN, COMMUNITY, kind, Span::since(today.plus(10))));
        town.must(ANN, end(COMMUNITY, today.plus(3)));
        assert!(homes(&town, today.plus(12)).contains(&COMMUNITY));
    }
}
