use hourbook_ledger::domain::event::{
    AffiliationKind, Body, Claimer, Event, MemberEvent, OrgKind, Role, Scope, Span, WishEvent,
};
use hourbook_ledger::domain::ids::{Commitment, EventId, KeyId, OrgId, PersonId, PublicKey, WishId};
use hourbook_ledger::domain::time::{Millis, Offset};
use hourbook_ledger::follower::LoggedEvent;

use hourbook_ledger::domain::time::Date;
use hourbook_projections::Models;

use super::*;
use crate::auth::token::Proof;

const CITY: OrgId = OrgId([1; 16]);
const COMMUNITY: OrgId = OrgId([2; 16]);
const GRID: OrgId = OrgId([3; 16]);
const ELSEWHERE: OrgId = OrgId([4; 16]);
const UNIT: OrgId = OrgId([5; 16]);
const TEAM: OrgId = OrgId([6; 16]);

const fn who(n: u8) -> PersonId {
    PersonId([n; 16])
}
const STEWARD: PersonId = who(10);
const WORKER: PersonId = who(11);
const FAR_WORKER: PersonId = who(12);
const OFFICER: PersonId = who(13);
const SECRETARY: PersonId = who(14);
const AUDITOR: PersonId = who(15);
const PART_AUDITOR: PersonId = who(16);
const LEAD: PersonId = who(17);
/// Of the grid, in service at the unit.
const ANN: PersonId = who(20);
/// Of the grid, not in service.
const BEN: PersonId = who(21);
/// Of the other community; agreed to be named.
const CAT: PersonId = who(22);
/// Of the grid, erased.
const GONE: PersonId = who(23);
/// Of the unit until yesterday.
const LEFT: PersonId = who(24);
const NOBODY: PersonId = who(99);
/// The key that every role is named for.
const KEY: KeyId = KeyId([7; 16]);

const MORNING: Millis = Millis(1_795_140_000_000);

fn today() -> Date {
    MORNING.date(Offset(480))
}

fn log() -> Vec<Body> {
    let org = |org, kind, parent: Option<OrgId>| Body::org_registered(org, kind, "组织", parent);
    let key = |n| PublicKey([n; 32]);
    let mut bodies = vec![
        Body::founded([1, 2].map(|n| (who(n), key(n))), key(3), (who(4), key(4))),
        org(CITY, OrgKind::City, None),
        org(COMMUNITY, OrgKind::Community, Some(CITY)),
        org(GRID, OrgKind::Grid, Some(COMMUNITY)),
        org(ELSEWHERE, OrgKind::Community, Some(CITY)),
        org(UNIT, OrgKind::WorkUnit, Some(CITY)),
        org(TEAM, OrgKind::Team, Some(COMMUNITY)),
    ];
    let staff = [STEWARD, WORKER, FAR_WORKER, OFFICER, SECRETARY, AUDITOR, PART_AUDITOR, LEAD];
    let homes = [(ANN, GRID), (BEN, GRID), (CAT, ELSEWHERE), (GONE, GRID), (LEFT, ELSEWHERE)];
    let all = staff.map(|person| (person, CITY)).into_iter().chain(homes);
    bodies.extend(all.map(|(person, home)| Body::registered(person, home, Commitment([0; 32]), None)));
    let roles = [
        (STEWARD, Role::Steward, Scope::Org(CITY)),
        (WORKER, Role::Worker, Scope::Org(COMMUNITY)),
        (FAR_WORKER, Role::Worker, Scope::Org(ELSEWHERE)),
        (OFFICER, Role::UnitOfficer, Scope::Org(UNIT)),
        (SECRETARY, Role::Secretary, Scope::Org(UNIT)),
        (AUDITOR, Role::Auditor, Scope::Ledger),
        (PART_AUDITOR, Role::Auditor, Scope::Org(ELSEWHERE)),
        (LEAD, Role::Lead, Scope::Org(TEAM)),
    ];
    let grant = |(person, role, scope)| Body::appointed(person, role, scope, vec![KEY]);
    bodies.extend(roles.map(grant));
    let member = |person, from: i32, to: Option<i32>| {
        let span = Span { from: today().plus(from), to: to.map(|days| today().plus(days)) };
        Body::affiliated(person, UNIT, AffiliationKind::Organisational, span)
    };
    bodies.extend([member(ANN, -30, None), member(LEFT, -30, Some(0))]);
    bodies.push(Body::public_name(CAT, true));
    bodies.push(Body::Member(MemberEvent::ErasureRequested { person: GONE }));
    bodies.push(Body::posted(WishId([1; 16]), COMMUNITY, BEN, "goods", Commitment([0; 32]), 60));
    bodies
}

fn models() -> Models {
    let mut models = Models::default();
    log().into_iter().for_each(|body| add(&mut models, body));
    models
}

fn add(models: &mut Models, body: Body) {
    let position = models.as_of();
    let id = EventId([position as u8; 16]);
    let event = Event::plain(id, "hourbook.test/town", who(1), MORNING, body);
    let signer = KeyId([0; 16]);
    models.fold(&LoggedEvent { position, recorded_at: MORNING, revision: 0, signer, event, effects: vec![] });
}

fn visibility(models: &Models, viewer: Option<PersonId>) -> Visibility<'_> {
    let viewer = viewer.map_or(Viewer::Public, |person| Viewer::Person(person, Proof::Key(KEY)));
    Visibility::new(viewer, &models.directory, today())
}

/// Every kind of viewer.
const VIEWERS: [Option<PersonId>; 13] = [
    None,
    Some(NOBODY),
    Some(STEWARD),
    Some(WORKER),
    Some(FAR_WORKER),
    Some(OFFICER),
    Some(SECRETARY),
    Some(AUDITOR),
    Some(PART_AUDITOR),
    Some(LEAD),
    Some(ANN),
    Some(BEN),
    Some(CAT),
];

#[test]
fn a_record_is_for_the_person_staff_the_unit_and_auditors() {
    use Ground::{Audit, Own, Staff, Unit};
    let models = models();
    let of_grid = [(STEWARD, Staff), (WORKER, Staff), (AUDITOR, Audit)];
    let of_elsewhere = [(STEWARD, Staff), (FAR_WORKER, Staff), (AUDITOR, Audit), (PART_AUDITOR, Audit)];
    // Everybody who sees it, and why.
    let table = [
        (ANN, [&of_grid[..], &[(OFFICER, Unit), (SECRETARY, Unit), (ANN, Own)]].concat()),
        (BEN, [&of_grid[..], &[(BEN, Own)]].concat()),
        (CAT, [&of_elsewhere[..], &[(CAT, Own)]].concat()),
        (GONE, of_grid.to_vec()),
        (LEFT, of_elsewhere.to_vec()),
        (NOBODY, vec![(NOBODY, Own)]),
    ];
    for (person, grounds) in table {
        let ground_of =
            |viewer| grounds.iter().find(|(who, _)| Some(*who) == viewer).map(|(_, ground)| *ground);
        let expected = VIEWERS.map(ground_of);
        assert_eq!(VIEWERS.map(|viewer| visibility(&models, viewer).record_of(person)), expected, "{person}");
        let ids = VIEWERS.map(|viewer| visibility(&models, viewer).id_of(person));
        assert_eq!(ids, expected.map(|ground| ground.is_some()), "ids of {person}");
    }
}

#[test]
fn a_name_is_full_masked_or_hidden() {
    use Naming::{Full, Hidden, Masked};
    let models = models();
    let table: [(PersonId, [Naming; 13]); 5] = [
        (ANN, [Hidden, Hidden, Full, Full, Hidden, Full, Full, Masked, Hidden, Hidden, Full, Masked, Hidden]),
        (
            BEN,
            [
                Hidden, Hidden, Full, Full, Hidden, Hidden, Hidden, Masked, Hidden, Hidden, Masked, Full,
                Hidden,
            ],
        ),
        (CAT, [Full; 13]),
        (GONE, [Hidden; 13]),
        (NOBODY, [Hidden; 13]),
    ];
    for (person, expected) in table {
        assert_eq!(VIEWERS.map(|viewer| visibility(&models, viewer).name_of(person)), expected, "{person}");
    }
}

#[test]
fn a_volunteer_number_is_for_those_who_work_with_the_person_and_not_for_an_audit() {
    let models = models();
    let told = |person| VIEWERS.map(|viewer| visibility(&models, viewer).number_of(person));
    let those = |who: &[PersonId]| VIEWERS.map(|viewer| viewer.is_some_and(|v| who.contains(&v)));
    assert_eq!(told(ANN), those(&[STEWARD, WORKER, OFFICER, SECRETARY, ANN]));
    assert_eq!(told(BEN), those(&[STEWARD, WORKER, BEN]));
    assert_eq!(
        told(CAT),
        those(&[STEWARD, FAR_WORKER, CAT]),
        "whoever agreed to be named agreed to the name"
    );
}

#[test]
fn whoever_acts_in_office_is_named_on_the_record() {
    let models = models();
    let ann = visibility(&models, Some(ANN));
    let named = [WORKER, OFFICER, BEN, LEFT, GONE, NOBODY].map(|actor| ann.name_of_actor(actor));
    use Naming::{Full, Hidden, Masked};
    assert_eq!(named, [Full, Full, Masked, Masked, Hidden, Hidden]);
}

#[test]
fn a_yellow_line_is_for_the_member_the_unit_and_the_community() {
    let models = models();
    let yes = |who: &[PersonId]| VIEWERS.map(|viewer| viewer.is_some_and(|v| who.contains(&v)));
    let table = [
        (COMMUNITY, ANN, yes(&[STEWARD, WORKER, OFFICER, SECRETARY, ANN])),
        (COMMUNITY, BEN, yes(&[STEWARD, WORKER, BEN])),
        (UNIT, ANN, yes(&[STEWARD, OFFICER, SECRETARY, ANN])),
        (UNIT, CAT, yes(&[STEWARD, OFFICER, SECRETARY, CAT])),
        (ELSEWHERE, ANN, yes(&[STEWARD, FAR_WORKER, OFFICER, SECRETARY, ANN])),
    ];
    for (scope, person, expected) in table {
        let yellow = VIEWERS.map(|viewer| visibility(&models, viewer).yellow_line(scope, person));
        assert_eq!(yellow, expected, "{person} at {scope}");
        let red = VIEWERS.map(|viewer| visibility(&models, viewer).red_line(scope, person));
        let agreed = person == CAT;
        assert_eq!(red, expected.map(|may| may || agreed), "{person} at {scope}, red");
    }
}

#[test]
fn entries_are_for_auditors_of_the_whole_ledger() {
    let models = models();
    let may = VIEWERS.map(|viewer| visibility(&models, viewer).entries());
    assert_eq!(may, VIEWERS.map(|viewer| viewer == Some(AUDITOR)));
}

#[test]
fn a_wish_is_public_once_vetted_and_its_words_never() {
    let mut models = models();
    let wish = WishId([1; 16]);
    let see = |models: &Models| {
        let wish = models.wishes.get(wish).unwrap();
        VIEWERS.map(|viewer| {
            (visibility(models, viewer).wish(wish), visibility(models, viewer).wish_words(wish))
        })
    };
    let staff = |viewer| [Some(STEWARD), Some(WORKER), Some(BEN)].contains(&viewer);
    assert_eq!(see(&models), VIEWERS.map(|viewer| (staff(viewer), staff(viewer))), "a draft");
    add(&mut models, Body::Wish(WishEvent::Vetted { wish, sentence: Commitment([0; 32]) }));
    assert_eq!(see(&models), VIEWERS.map(|viewer| (true, staff(viewer))), "vetted");
    let claimed = |claimer, participants: &[PersonId]| {
        Body::Wish(WishEvent::Claimed { wish, claimer, participants: participants.to_vec() })
    };
    add(&mut models, claimed(Claimer::Person(CAT), &[ANN]));
    let helpers = |viewer| staff(viewer) || [Some(CAT), Some(ANN)].contains(&viewer);
    assert_eq!(see(&models), VIEWERS.map(|viewer| (true, helpers(viewer))), "claimed by a person");
    add(&mut models, Body::Wish(WishEvent::Released { wish }));
    add(&mut models, claimed(Claimer::Org(TEAM), &[]));
    let team = |viewer| staff(viewer) || viewer == Some(LEAD);
    assert_eq!(see(&models), VIEWERS.map(|viewer| (true, team(viewer))), "claimed by a team");
}

#[test]
fn only_the_ends_of_a_masked_name_are_shown() {
    for (name, shown) in [
        ("张三", "张*"),
        ("张小三", "张*三"),
        ("欧阳娜娜", "欧**娜"),
        ("迪丽热巴·迪力木拉提", "迪***·****提"),
        ("Li Wei", "L* **i"),
        ("王", "*"),
        ("", "*"),
    ] {
        assert_eq!(masked(name), shown);
    }
}

#[test]
fn enough_of_a_number_is_shown_to_tell_two_apart_and_its_middle_never() {
    for (number, shown) in [
        ("19955554567", "199****4567"),
        ("3418225577001", "341******7001"),
        ("05636021234", "056****1234"),
        ("60212345", "****2345"),
        ("6021234", "*****34"),
        ("110", "**0"),
        ("1", "*"),
        ("", ""),
    ] {
        assert_eq!(masked_number(number), shown);
    }
}
