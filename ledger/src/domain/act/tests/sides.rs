//! What ties a person to an organisation takes both sides.

use super::super::super::event::{KeyEvent, ReportInEvent, RoleEvent, SessionEvent};
use super::*;
use crate::domain::ids::KeyId;

const TEAM: AffiliationKind = AffiliationKind::Team;
const LIVES: AffiliationKind = AffiliationKind::Resident;

fn report(community: OrgId) -> Body {
    Body::ReportIn(ReportInEvent::Filed { person: ANN, community })
}

/// What staff of a home may do to a person at once or begin to.
fn rights_of(town: &Town, staff: PersonId) -> Vec<Body> {
    let until = town.now.plus_days(1);
    let all = [
        Body::Session(SessionEvent::Granted { person: ANN, code: Commitment([1; 32]), until }),
        erase(ANN),
        revoke(ANN, key_of(ANN), RevocationReason::Lost),
    ];
    let may = |body: &Body| {
        crate::domain::authority::authorise(
            &town.state,
            &town.context(staff),
            &town.event(staff, body.clone()),
        )
    };
    all.into_iter().filter(|body| may(body).is_ok()).collect()
}

#[test]
fn the_side_that_gains_only_proposes_an_affiliation_of_whatever_kind() {
    for kind in [TEAM, AffiliationKind::Organisational, AffiliationKind::ReportedIn, LIVES] {
        let mut town = Town::new();
        let act = town.held(FAR_WORKER, joins(OTHER_COMMUNITY, kind, 0, &town));
        let consents = town.proxy(FAR_WORKER, ANN, consent(true)).map_err(|r| r.code);
        assert_eq!(consents, Err(Code::NotAuthorised));
        assert_eq!((homes(&town), rights_of(&town, FAR_WORKER)), (vec![GRID], vec![]), "{kind:?}");
        for body in [approve(act), report(OTHER_COMMUNITY)] {
            // Neither accepts it nor gets anywhere by another way.
            let _ = code(&mut town, FAR_WORKER, body);
        }
        town.wait_days(90);
        assert_eq!(tick(&mut town), [], "it does not come about by itself");
        assert_eq!((homes(&town), rights_of(&town, FAR_WORKER)), (vec![GRID], vec![]), "{kind:?}");
    }
}

#[test]
fn a_proposal_is_accepted_by_the_person_or_by_staff_of_the_home() {
    let by_key = |town: &mut Town, act| town.attempt(ANN, approve(act)).map(drop);
    let by_staff = |town: &mut Town, act| town.attempt(WORKER, approve(act)).map(drop);
    let by_proxy = |town: &mut Town, act| town.proxy(WORKER, ANN, approve(act)).map(drop);
    let by_code = |town: &mut Town, act| {
        let session = town.session(WORKER, ANN);
        town.witnessed(ANN, session, approve(act)).map(drop)
    };
    type Way<'a> = &'a dyn Fn(&mut Town, EventId) -> Verdict;
    let ways: [Way<'_>; 4] = [&by_key, &by_staff, &by_proxy, &by_code];
    for accept in ways {
        let mut town = Town::new();
        let act = town.held(FAR_WORKER, joins(OTHER_COMMUNITY, TEAM, 0, &town));
        for other in [BO, FAR_WORKER, LEDGER] {
            assert_eq!(code(&mut town, other, approve(act)), Err(Code::NotAuthorised), "{other}");
        }
        assert_eq!(accept(&mut town, act), Ok(()));
        assert_eq!(homes(&town), [OTHER_COMMUNITY, GRID]);
        assert!(!waits(&town, act));
    }
}

#[test]
fn what_the_person_or_the_home_proposes_the_other_side_accepts() {
    for by in [ANN, WORKER] {
        let mut town = Town::new();
        let act = town.held(by, joins(OTHER_COMMUNITY, LIVES, 0, &town));
        assert_eq!(homes(&town), [GRID]);
        for same_side in [ANN, WORKER, SECOND_WORKER] {
            assert_eq!(code(&mut town, same_side, approve(act)), Err(Code::NotAuthorised));
        }
        town.must(FAR_WORKER, approve(act));
        assert_eq!(homes(&town), [OTHER_COMMUNITY]);
    }
}

#[test]
fn whoever_stands_above_both_sides_affiliates_at_once() {
    let mut town = Town::new();
    town.must(STEWARD, joins(OTHER_COMMUNITY, TEAM, 0, &town));
    town.must(WORKER, joins(COMMUNITY, TEAM, 0, &town));
    assert_eq!(homes(&town), [COMMUNITY, OTHER_COMMUNITY, GRID]);
}

#[test]
fn whoever_is_on_neither_side_proposes_nothing() {
    let mut town = Town::new();
    for by in [BO, RESIDENT, LEDGER, FOUNDER] {
        let body = joins(OTHER_COMMUNITY, TEAM, 0, &town);
        assert_eq!(code(&mut town, by, body), Err(Code::NotAuthorised));
        assert_eq!(code(&mut town, by, report(OTHER_COMMUNITY)), Err(Code::NotAuthorised));
    }
    let unit_officer_of_the_home = PersonId([60; 16]);
    town.register(unit_officer_of_the_home, COMMUNITY);
    official(&mut town, FOUNDER, unit_officer_of_the_home, Role::UnitOfficer, COMMUNITY);
    let body = joins(OTHER_COMMUNITY, TEAM, 0, &town);
    assert_eq!(code(&mut town, unit_officer_of_the_home, body), Err(Code::NotAuthorised));
}

#[test]
fn nobody_is_both_sides_of_their_own_affiliation() {
    let mut town = Town::new();
    official(&mut town, FOUNDER, ANN, Role::Worker, OTHER_COMMUNITY);
    let act = town.held(ANN, joins(OTHER_COMMUNITY, TEAM, 0, &town));
    assert_eq!(code(&mut town, ANN, approve(act)), Err(Code::NotAuthorised));
    town.must(FAR_WORKER, approve(act));
}

#[test]
fn either_side_refuses_and_whoever_proposed_takes_back() {
    for by in [ANN, WORKER, FAR_WORKER] {
        let mut town = Town::new();
        let act = town.held(FAR_WORKER, joins(OTHER_COMMUNITY, TEAM, 0, &town));
        assert_eq!(code(&mut town, BO, stop(act)), Err(Code::NotAuthorised));
        assert_eq!(code(&mut town, LEDGER, stop(act)), Err(Code::NotAuthorised), "it is not due");
        town.must(by, stop(act));
        assert_eq!(code(&mut town, ANN, approve(act)), Err(Code::UnknownAct));
        assert_eq!(homes(&town), [GRID]);
    }
}

#[test]
fn staff_do_not_take_back_in_a_persons_name_what_that_person_asked_for() {
    let mut town = Town::new();
    let act = town.held(ANN, joins(OTHER_COMMUNITY, TEAM, 0, &town));
    let by_staff = town.proxy(WORKER, ANN, stop(act)).map_err(|r| r.code);
    assert_eq!(by_staff, Err(Code::NotAuthorised));
    let session = town.session(WORKER, ANN);
    let by_code = town.witnessed(ANN, session, stop(act)).map_err(|r| r.code);
    assert_eq!(by_code, Err(Code::NotAuthorised), "a code handed out since is a younger hand");
    town.must(ANN, stop(act));
}

/// Whoever handed out the code of somebody who works at the other side could be both sides.
#[test]
fn staff_do_not_answer_by_the_hand_of_staff_of_the_other_side() {
    let mut town = Town::new();
    let both = PersonId([67; 16]);
    town.register(both, OTHER_COMMUNITY);
    town.enrol(FAR_WORKER, both, NEW);
    let (role, scope) = (Role::Worker, Scope::Org(COMMUNITY));
    for key in [key_of(both), NEW] {
        let keys = vec![KeyId::of(&key)];
        town.must(FOUNDER, Body::appointed(both, role, scope, keys));
    }
    let act = town.held(FAR_WORKER, joins(OTHER_COMMUNITY, TEAM, 0, &town));
    let by_it = town.by_key(&NEW, both, approve(act)).map_err(|r| r.code);
    assert_eq!(by_it, Err(Code::FourEyes));
    town.must(both, approve(act));
}

#[test]
fn a_proposal_falls_with_the_standing_of_whoever_made_it() {
    let mut town = Town::new();
    let act = town.held(WORKER, joins(OTHER_COMMUNITY, TEAM, 0, &town));
    let third = OrgId([61; 16]);
    let (kind, name) = (super::super::super::event::OrgKind::Community, "third".to_owned());
    town.must(FOUNDER, Body::org_registered(third, kind, name, Some(CITY)));
    town.must(STEWARD, joins(third, LIVES, 0, &town));
    assert_eq!(code(&mut town, FAR_WORKER, approve(act)), Err(Code::NotAuthorised), "no longer the home");
    let mut town = Town::new();
    let act = town.held(FAR_WORKER, joins(OTHER_COMMUNITY, TEAM, 0, &town));
    let (role, scope) = (Role::Worker, Scope::Org(OTHER_COMMUNITY));
    town.must(FOUNDER, Body::Role(RoleEvent::Revoked { person: FAR_WORKER, role, scope }));
    assert_eq!(code(&mut town, ANN, approve(act)), Err(Code::NotAuthorised), "speaks for nobody");
    let mut town = Town::new();
    let act = town.held(FAR_WORKER, joins(OTHER_COMMUNITY, TEAM, 0, &town));
    let old = KeyId::of(&key_of(FAR_WORKER));
    town.must(FAR_WORKER, Body::Key(KeyEvent::Rotated { person: FAR_WORKER, old, new: NEW, proof: PROOF }));
    assert_eq!(code(&mut town, ANN, approve(act)), Ok(()), "a new phone changes nothing");
}

#[test]
fn a_code_of_the_side_that_gains_makes_its_acceptance_wait() {
    let mut town = Town::new();
    // Staff of the home who speak for a unit as well: the code could be typed by who proposes.
    official(&mut town, FOUNDER, SECOND_WORKER, Role::UnitOfficer, OTHER_COMMUNITY);
    let act = town.held(FAR_WORKER, joins(OTHER_COMMUNITY, TEAM, 0, &town));
    let session = town.session(SECOND_WORKER, ANN);
    town.witnessed(ANN, session, approve(act)).expect("she accepts, or somebody does");
    assert_eq!(homes(&town), [GRID]);
    assert!(takes_effect_after(&mut town, act, 7));
    assert_eq!(homes(&town), [OTHER_COMMUNITY, GRID]);
    let body = joins(OTHER_COMMUNITY, AffiliationKind::Organisational, 0, &town);
    let act = typed(&mut town, session, ANN, body);
    town.must(FAR_WORKER, approve(act));
    assert_eq!(homes(&town), [OTHER_COMMUNITY, GRID]);
    assert!(waits(&town, act), "the other side alone does not cut the term short");
    town.must(ANN, stop(act));
}

fn leaves(town: &Town, kind: AffiliationKind, from: i32) -> Body {
    let span = Span { from: town.today().plus(from), to: Some(town.today()) };
    Body::affiliated(ANN, OTHER_COMMUNITY, kind, span)
}

#[test]
fn either_side_ends_an_affiliation_alone() {
    for (by, at_once) in [(ANN, true), (FAR_WORKER, true), (STEWARD, true), (WORKER, false)] {
        let mut town = Town::new();
        town.must(STEWARD, joins(OTHER_COMMUNITY, TEAM, 0, &town));
        town.wait_days(3);
        let effects = town.must(by, leaves(&town, TEAM, -3));
        assert_eq!(effects.is_empty(), at_once, "{by}");
        assert_eq!(homes(&town) == [GRID], at_once, "{by}");
    }
}

/// Whoever moves away does not come back by a code that the old home handed out before.
#[test]
fn a_code_of_the_old_home_does_not_bring_back_who_moved_away() {
    let mut town = Town::new();
    let session = town.session(WORKER, ANN);
    town.must(STEWARD, joins(OTHER_COMMUNITY, LIVES, 0, &town));
    town.wait_days(1);
    let body = leaves(&town, LIVES, -1);
    let act = typed(&mut town, session, ANN, body);
    assert_eq!((homes(&town), rights_of(&town, WORKER)), (vec![OTHER_COMMUNITY], vec![]));
    assert!(takes_effect_after(&mut town, act, 7), "it is shown to her meanwhile");
    assert_eq!(homes(&town), [GRID]);
    let mut town = Town::new();
    town.must(STEWARD, joins(OTHER_COMMUNITY, LIVES, 0, &town));
    town.wait_days(1);
    town.must(ANN, leaves(&town, LIVES, -1));
    assert_eq!(homes(&town), [GRID], "by her own key at once");
}

#[test]
fn neither_a_span_in_the_past_nor_a_successor_gets_round_the_other_side() {
    let mut town = Town::new();
    town.must(STEWARD, joins(COMMUNITY, LIVES, 0, &town));
    town.wait_days(5);
    for from in [-4, -1, 0, 1] {
        let act = town.held(FAR_WORKER, joins(OTHER_COMMUNITY, LIVES, from, &town));
        assert_eq!((homes(&town), rights_of(&town, FAR_WORKER)), (vec![COMMUNITY], vec![]), "{from}");
        town.must(FAR_WORKER, stop(act));
    }
    let span = Span { from: town.today().plus(-5), to: Some(town.today().plus(9)) };
    let closes = Body::affiliated(ANN, COMMUNITY, LIVES, span);
    assert_eq!(code(&mut town, FAR_WORKER, closes), Err(Code::NotAuthorised), "nor ends what is another's");
}

#[test]
fn a_report_in_filed_by_who_receives_it_is_an_invitation() {
    let mut town = Town::new();
    let act = town.held(FAR_WORKER, report(OTHER_COMMUNITY));
    let answer =
        Body::ReportIn(ReportInEvent::Answered { person: ANN, community: OTHER_COMMUNITY, accepted: true });
    assert_eq!(code(&mut town, FAR_WORKER, answer.clone()), Err(Code::ReportInState), "nothing is filed");
    assert_eq!(town.state.report_ins.of(ANN), []);
    town.must(ANN, approve(act));
    assert_eq!(homes(&town), [GRID], "filed, not answered");
    town.must(FAR_WORKER, answer);
    assert_eq!(homes(&town), [OTHER_COMMUNITY, GRID]);
}

#[test]
fn a_report_in_by_the_person_or_the_home_is_filed_at_once() {
    for by in [ANN, WORKER, STEWARD] {
        let mut town = Town::new();
        assert_eq!(town.must(by, report(OTHER_COMMUNITY)), []);
        assert_eq!(town.state.report_ins.of(ANN).len(), 1);
        assert_eq!(homes(&town), [GRID]);
    }
    let mut town = Town::new();
    official(&mut town, FOUNDER, SECOND_WORKER, Role::Worker, OTHER_COMMUNITY);
    let session = town.session(SECOND_WORKER, ANN);
    let act = typed(&mut town, session, ANN, report(OTHER_COMMUNITY));
    assert!(takes_effect_after(&mut town, act, 7), "by a code of who receives it");
}

#[test]
fn nobody_moves_an_organisation_away_from_those_above_it() {
    use super::super::super::event::EdgeKind;
    let mut town = Town::new();
    let both = PersonId([62; 16]);
    town.register(both, OTHER_COMMUNITY);
    official(&mut town, FOUNDER, both, Role::Steward, OTHER_COMMUNITY);
    official(&mut town, FOUNDER, both, Role::Steward, GRID);
    let span = Span::since(town.today());
    let moves = |kind| Body::org_linked(GRID, OTHER_COMMUNITY, kind, span);
    assert_eq!(code(&mut town, both, moves(EdgeKind::PartOf)), Err(Code::NotAuthorised));
    assert_eq!(code(&mut town, both, moves(EdgeKind::ReportsTo)), Ok(()), "which gives nobody a right");
    assert_eq!(rights_of(&town, FAR_WORKER), []);
    assert_eq!(code(&mut town, STEWARD, moves(EdgeKind::PartOf)), Ok(()));
    assert_eq!(rights_of(&town, FAR_WORKER).len(), 3);
}
