use super::super::event::{
    AffiliationKind, MemberEvent, OrgKind, OrganisationEvent, PolicyEvent, Role, RoleEvent, Scope, Span,
    WishEvent,
};
use super::super::ids::Commitment;
use super::super::policy::{Policy, WishPolicy};
use super::super::testing::*;
use super::*;
use crate::domain::Body;
use crate::store::table::Transaction;

const WISH: WishId = WishId([30; 16]);
const TEAM: OrgId = OrgId([31; 16]);
const LEAD: PersonId = PersonId([32; 16]);
/// A third worker of the community, who has no part in anything yet.
const THIRD_WORKER: PersonId = PersonId([33; 16]);
const TEXT: Commitment = Commitment([5; 32]);

fn nth(n: u8) -> WishId {
    WishId([100 + n; 16])
}

fn post(wish: WishId) -> Body {
    let category = "home-repair".to_owned();
    Body::Wish(WishEvent::Posted { wish, org: GRID, resident: RESIDENT, category, text: TEXT, minutes: 60 })
}

fn vet(wish: WishId) -> Body {
    Body::Wish(WishEvent::Vetted { wish, sentence: TEXT })
}

fn claim_as(wish: WishId, claimer: Claimer, participants: &[PersonId]) -> Body {
    Body::Wish(WishEvent::Claimed { wish, claimer, participants: participants.to_vec() })
}

fn claim_by(wish: WishId, person: PersonId) -> Body {
    claim_as(wish, Claimer::Person(person), &[])
}

fn fulfil_in(wish: WishId, minutes: u32) -> Body {
    Body::Wish(WishEvent::Fulfilled { wish, minutes, evidence: Some([1; 32]) })
}

fn rate(wish: WishId, rating: u8) -> Body {
    Body::Wish(WishEvent::Confirmed { wish, rating })
}

fn withdraw(wish: WishId) -> Body {
    Body::Wish(WishEvent::Withdrawn { wish, reason: TEXT })
}

fn dispute() -> Body {
    Body::Wish(WishEvent::Disputed { wish: WISH, reason: TEXT })
}

fn uphold() -> Body {
    Body::Wish(WishEvent::DisputeUpheld { wish: WISH, reason: TEXT })
}

fn reject() -> Body {
    Body::Wish(WishEvent::DisputeRejected { wish: WISH, reason: TEXT })
}

fn lapse(wish: WishId, what: Lapse) -> Body {
    Body::Wish(WishEvent::Lapsed { wish, what })
}

/// What comes of it: the code of the refusal.
fn code(town: &mut Town, actor: PersonId, body: Body) -> Result<(), Code> {
    town.attempt(actor, body).map(drop).map_err(|r| r.code)
}

/// A town with a team, its lead and a third worker, in which `steps` of the ordinary way have been gone.
fn town_with_wish(steps: usize) -> Town {
    let mut town = Town::new();
    let name = "team".to_owned();
    let team = Body::Organisation(OrganisationEvent::Registered {
        org: TEAM,
        kind: OrgKind::Team,
        name,
        code: None,
        parent: Some(COMMUNITY),
    });
    town.must(FOUNDER, team);
    for (person, role, org) in [(LEAD, Role::Lead, TEAM), (THIRD_WORKER, Role::Worker, COMMUNITY)] {
        town.register(person, GRID);
        town.must(
            STEWARD,
            Body::Role(RoleEvent::Granted { person, role, scope: Scope::Org(org), keys: keys_of(person) }),
        );
    }
    let way = [
        (WORKER, post(WISH)),
        (SECOND_WORKER, vet(WISH)),
        (ANN, claim_by(WISH, ANN)),
        (ANN, fulfil_in(WISH, 45)),
        (RESIDENT, rate(WISH, 5)),
    ];
    way.into_iter().take(steps).for_each(|(actor, body)| drop(town.must(actor, body)));
    town
}

fn status(town: &Town, wish: WishId) -> &Status {
    &town.state.wishes.get(wish).expect("the wish is there").status
}

#[test]
fn the_ordinary_way_ends_confirmed() {
    let town = town_with_wish(5);
    let Status::Confirmed { fulfilment, rating } = status(&town, WISH) else { panic!("not confirmed") };
    assert_eq!((*rating, fulfilment.minutes, fulfilment.claim.people()), (5, 45, vec![ANN]));
    assert_eq!(town.state.wishes.open_claims(Claimer::Person(ANN)), 0);
    assert_eq!(town.state.wishes.next_due(), None);
}

#[test]
fn every_state_allows_only_its_own_next_steps() {
    // Rows: how far the wish is. Columns: vet, claim, release, fulfil, confirm, withdraw, dispute, uphold.
    let allowed = [
        [true, false, false, false, false, true, false, false],
        [false, true, false, false, false, true, false, false],
        [false, false, true, true, false, true, false, false],
        [false, false, false, false, true, false, true, false],
        [false, false, false, false, false, false, false, false],
    ];
    for (steps, row) in (1..).zip(allowed) {
        let moves = [
            (SECOND_WORKER, vet(WISH)),
            (BO, claim_by(WISH, BO)),
            (ANN, Body::Wish(WishEvent::Released { wish: WISH })),
            (ANN, fulfil_in(WISH, 45)),
            (RESIDENT, rate(WISH, 4)),
            (RESIDENT, withdraw(WISH)),
            (RESIDENT, dispute()),
            (THIRD_WORKER, uphold()),
        ];
        for ((actor, body), fits) in moves.into_iter().zip(row) {
            let expected = if fits { Ok(()) } else { Err(Code::WishState) };
            assert_eq!(code(&mut town_with_wish(steps), actor, body.clone()), expected, "{steps} {body:?}");
        }
    }
}

#[test]
fn an_end_is_an_end() {
    let mut withdrawn = town_with_wish(2);
    withdrawn.must(WORKER, withdraw(WISH));
    let mut lapsed = town_with_wish(2);
    lapsed.wait_days(60);
    lapsed.must(LEDGER, lapse(WISH, Lapse::Wish));
    for mut town in [withdrawn, lapsed] {
        for (actor, body) in
            [(SECOND_WORKER, vet(WISH)), (ANN, claim_by(WISH, ANN)), (WORKER, withdraw(WISH))]
        {
            assert_eq!(code(&mut town, actor, body), Err(Code::WishState));
        }
        assert_eq!(town.state.wishes.next_due(), None);
    }
}

/// A posting with one thing changed.
fn posting(change: impl FnOnce(&mut OrgId, &mut PersonId, &mut String, &mut u32)) -> Body {
    let mut body = post(nth(1));
    if let Body::Wish(WishEvent::Posted { org, resident, category, minutes, .. }) = &mut body {
        change(org, resident, category, minutes);
    }
    body
}

#[test]
fn a_posting_names_a_place_a_resident_a_category_and_an_effort() {
    let mut town = town_with_wish(1);
    assert_eq!(code(&mut town, WORKER, post(WISH)), Err(Code::AlreadyExists));
    for bad in ["", "Home", "home repair", "家", &"a".repeat(33)] {
        let body = posting(|_, _, category, _| *category = bad.to_owned());
        assert_eq!(code(&mut town, WORKER, body), Err(Code::OutOfRange), "{bad}");
    }
    for bad in [0, MINUTES_LIMIT + 1] {
        let body = posting(|_, _, _, minutes| *minutes = bad);
        assert_eq!(code(&mut town, WORKER, body), Err(Code::OutOfRange), "{bad}");
    }
    let stranger = posting(|_, resident, _, _| *resident = PersonId([77; 16]));
    assert_eq!(code(&mut town, WORKER, stranger), Err(Code::UnknownPerson));
    let team = posting(|org, _, _, _| *org = TEAM);
    assert_eq!(code(&mut town, WORKER, team), Err(Code::OutOfRange));
    let own = posting(|_, resident, _, _| *resident = WORKER);
    assert_eq!(code(&mut town, WORKER, own), Err(Code::FourEyes));
    let longest = posting(|_, _, category, minutes| {
        *category = "a".repeat(32);
        *minutes = MINUTES_LIMIT;
    });
    assert_eq!(code(&mut town, WORKER, longest), Ok(()));
}

#[test]
fn a_wish_that_is_not_there_is_named_so_whoever_asks() {
    let mut town = town_with_wish(0);
    let moves = [
        (WORKER, vet(WISH)),
        (ANN, claim_by(WISH, ANN)),
        (ANN, Body::Wish(WishEvent::Released { wish: WISH })),
        (ANN, fulfil_in(WISH, 1)),
        (ANN, rate(WISH, 1)),
        (ANN, withdraw(WISH)),
        (LEDGER, lapse(WISH, Lapse::Claim)),
        (ANN, dispute()),
        (WORKER, uphold()),
        (WORKER, reject()),
    ];
    for (actor, body) in moves {
        assert_eq!(code(&mut town, actor, body.clone()), Err(Code::UnknownWish), "{body:?}");
    }
}

#[test]
fn another_than_the_poster_vets() {
    let mut town = town_with_wish(1);
    assert_eq!(code(&mut town, WORKER, vet(WISH)), Err(Code::FourEyes));
    assert_eq!(code(&mut town, FAR_WORKER, vet(WISH)), Err(Code::NotAuthorised));
    assert_eq!(code(&mut town, SECOND_WORKER, vet(WISH)), Ok(()));
}

#[test]
fn neither_poster_nor_vetter_has_a_key_by_the_others_code() {
    use super::super::ids::{KeyId, PublicKey};
    let mut town = town_with_wish(0);
    let key = PublicKey([88; 32]);
    town.enrol(WORKER, SECOND_WORKER, key);
    let (person, role, scope) = (SECOND_WORKER, Role::Worker, Scope::Org(COMMUNITY));
    town.must(FOUNDER, Body::Role(RoleEvent::Granted { person, role, scope, keys: vec![KeyId::of(&key)] }));
    town.wait_days(30);
    town.must(WORKER, post(WISH));
    let by_it = town.by_key(&key, SECOND_WORKER, vet(WISH)).map(drop).map_err(|r| r.code);
    assert_eq!(by_it, Err(Code::FourEyes), "by a key in the poster's hand");
    assert_eq!(code(&mut town, SECOND_WORKER, vet(WISH)), Ok(()));
}

#[test]
fn neither_poster_nor_resident_has_a_hand_in_the_fulfilling() {
    let mut town = town_with_wish(2);
    for person in [WORKER, RESIDENT] {
        assert_eq!(code(&mut town, person, claim_by(WISH, person)), Err(Code::FourEyes));
        let with_helper = claim_as(WISH, Claimer::Person(ANN), &[person]);
        assert_eq!(code(&mut town, ANN, with_helper), Err(Code::FourEyes));
        let team = claim_as(WISH, Claimer::Org(TEAM), &[ANN, person]);
        assert_eq!(code(&mut town, LEAD, team), Err(Code::FourEyes));
    }
    let entered_by_poster = town.proxy(WORKER, ANN, claim_by(WISH, ANN)).map(drop).map_err(|r| r.code);
    assert_eq!(entered_by_poster, Err(Code::FourEyes));
    let team = claim_as(WISH, Claimer::Org(TEAM), &[ANN]);
    assert_eq!(code(&mut town, WORKER, team.clone()), Err(Code::FourEyes), "in the team's name");
    assert_eq!(code(&mut town, LEAD, team), Ok(()));
    assert_eq!(code(&mut town, WORKER, fulfil_in(WISH, 30)), Err(Code::FourEyes), "in the team's name");
}

#[test]
fn a_person_claims_alone_and_an_organisation_through_who_speaks_for_it() {
    let mut town = town_with_wish(2);
    town.must(
        FOUNDER,
        Body::Role(RoleEvent::Granted {
            person: STEWARD,
            role: Role::Steward,
            scope: Scope::Ledger,
            keys: keys_of(STEWARD),
        }),
    );
    assert_eq!(code(&mut town, BO, claim_by(WISH, ANN)), Err(Code::NotAuthorised));
    assert_eq!(
        code(&mut town, STEWARD, claim_by(WISH, ANN)),
        Err(Code::NotAuthorised),
        "no role is a person"
    );
    let team = claim_as(WISH, Claimer::Org(TEAM), &[ANN, BO]);
    assert_eq!(code(&mut town, ANN, team.clone()), Err(Code::NotAuthorised));
    assert_eq!(code(&mut town, LEAD, team), Ok(()));
    assert_eq!(
        code(&mut town, ANN, fulfil_in(WISH, 30)),
        Err(Code::NotAuthorised),
        "a participant is not the team"
    );
    assert_eq!(code(&mut town, LEAD, fulfil_in(WISH, 30)), Ok(()));
    let claim = town.state.wishes.get(WISH).and_then(Wish::claim).expect("there is a claim");
    assert_eq!(claim.people(), [ANN, BO]);
}

#[test]
fn participants_are_known_once_each_and_not_too_many() {
    let mut town = town_with_wish(2);
    let stranger = PersonId([77; 16]);
    let crowd: Vec<_> = (100..=150).map(|n| PersonId([n; 16])).collect();
    let cases: [(&[PersonId], Code); 3] = [
        (&[ANN, ANN], Code::OutOfRange),
        (&crowd, Code::OutOfRange),
        (&[ANN, stranger], Code::UnknownPerson),
    ];
    for (participants, expected) in cases {
        let body = claim_as(WISH, Claimer::Org(TEAM), participants);
        assert_eq!(code(&mut town, LEAD, body), Err(expected), "{participants:?}");
    }
    crowd[..50].iter().for_each(|person| town.register(*person, GRID));
    assert_eq!(code(&mut town, LEAD, claim_as(WISH, Claimer::Org(TEAM), &crowd[..50])), Ok(()));
}

#[test]
fn a_claimer_has_only_so_many_wishes_open() {
    let mut town = town_with_wish(0);
    for n in 0..5 {
        town.must(WORKER, post(nth(n)));
        town.must(SECOND_WORKER, vet(nth(n)));
    }
    (0..3).for_each(|n| drop(town.must(ANN, claim_by(nth(n), ANN))));
    let refused = town.attempt(ANN, claim_by(nth(3), ANN)).expect_err("the fourth is one too many");
    assert_eq!(refused.to_string(), "too-many-claims: at most 3 at a time");
    assert_eq!(code(&mut town, BO, claim_by(nth(3), BO)), Ok(()), "others are not concerned");
    town.must(ANN, fulfil_in(nth(0), 10));
    assert_eq!(code(&mut town, ANN, claim_by(nth(4), ANN)), Ok(()), "a fulfilled one no longer counts");
    town.must(ANN, Body::Wish(WishEvent::Released { wish: nth(1) }));
    assert_eq!(town.state.wishes.open_claims(Claimer::Person(ANN)), 2);
    town.must(RESIDENT, withdraw(nth(2)));
    assert_eq!(town.state.wishes.open_claims(Claimer::Person(ANN)), 1);
}

#[test]
fn a_team_takes_on_as_many_as_it_will_and_says_later_who_did_them() {
    let mut town = town_with_wish(0);
    for n in 0..5 {
        town.must(WORKER, post(nth(n)));
        town.must(SECOND_WORKER, vet(nth(n)));
        assert_eq!(code(&mut town, LEAD, claim_as(nth(n), Claimer::Org(TEAM), &[])), Ok(()), "{n}");
    }
    assert_eq!(town.state.wishes.open_claims(Claimer::Org(TEAM)), 5);
    town.must(LEAD, fulfil_in(nth(0), 30));
    assert_eq!(town.state.wishes.open_claims(Claimer::Org(TEAM)), 4);
}

#[test]
fn the_nearest_policy_on_the_day_of_recording_counts() {
    let mut town = town_with_wish(1);
    let from = town.today().plus(1);
    let policy = Policy::Wishes(WishPolicy { open_claims: 1, fulfil_days: 2, open_days: 3 });
    town.must(STEWARD, Body::Policy(PolicyEvent::Adopted { scope: Scope::Org(COMMUNITY), from, policy }));
    town.wait_days(1);
    town.must(SECOND_WORKER, vet(WISH));
    let open_until = town.state.wishes.get(WISH).and_then(|w| w.open_until);
    assert_eq!(open_until, Some(town.now.plus_days(3)));
    town.must(ANN, claim_by(WISH, ANN));
    let until = town.state.wishes.get(WISH).and_then(Wish::claim).map(|c| c.until);
    assert_eq!(until, Some(town.now.plus_days(2)));
    town.must(WORKER, post(nth(1)));
    town.must(SECOND_WORKER, vet(nth(1)));
    assert_eq!(code(&mut town, ANN, claim_by(nth(1), ANN)), Err(Code::TooManyClaims));
}

#[test]
fn without_a_policy_nothing_opens() {
    let mut town = town_with_wish(1);
    town.state.policies = Default::default();
    assert_eq!(code(&mut town, SECOND_WORKER, vet(WISH)), Err(Code::NoPolicy));
}

#[test]
fn a_claim_that_ran_out_reopens_the_wish_and_not_a_moment_before() {
    let mut town = town_with_wish(3);
    town.now = Millis(town.now.plus_days(15).0 - 1);
    assert!(due(&town, town.now, 9).is_empty());
    assert_eq!(code(&mut town, LEDGER, lapse(WISH, Lapse::Claim)), Err(Code::NotDue));
    town.now.0 += 1;
    assert_eq!(code(&mut town, ANN, fulfil_in(WISH, 45)), Err(Code::WishState), "too late");
    assert_eq!(code(&mut town, LEDGER, lapse(WISH, Lapse::Wish)), Err(Code::NotDue), "it is claimed");
    assert_eq!(code(&mut town, WORKER, lapse(WISH, Lapse::Claim)), Err(Code::NotAuthorised));
    assert_eq!(due(&town, town.now, 9), [lapse(WISH, Lapse::Claim)]);
    assert_eq!(code(&mut town, LEDGER, lapse(WISH, Lapse::Claim)), Ok(()));
    assert_eq!(status(&town, WISH), &Status::Open);
    assert_eq!(code(&mut town, LEDGER, lapse(WISH, Lapse::Claim)), Err(Code::NotDue), "once only");
    assert_eq!(code(&mut town, BO, claim_by(WISH, BO)), Ok(()));
}

#[test]
fn the_wishes_own_term_is_set_once_and_does_not_cut_off_a_claim() {
    let mut town = town_with_wish(2);
    let end = town.now.plus_days(60);
    town.wait_days(59);
    town.must(ANN, claim_by(WISH, ANN));
    town.wait_days(2);
    assert!(due(&town, town.now, 9).is_empty(), "the claim is in force");
    town.must(ANN, Body::Wish(WishEvent::Released { wish: WISH }));
    assert_eq!(town.state.wishes.next_due(), Some(end));
    assert_eq!(code(&mut town, BO, claim_by(WISH, BO)), Err(Code::WishState), "its term is over");
    assert_eq!(due(&town, town.now, 9), [lapse(WISH, Lapse::Wish)]);
    town.must(LEDGER, lapse(WISH, Lapse::Wish));
    assert_eq!(status(&town, WISH), &Status::Lapsed);
}

#[test]
fn everything_due_is_accepted_in_the_order_in_which_it_is_named() {
    let mut town = town_with_wish(2);
    for n in 0..4 {
        town.must(WORKER, post(nth(n)));
        town.must(SECOND_WORKER, vet(nth(n)));
        town.now.0 += 1;
    }
    town.wait_days(50);
    town.must(ANN, claim_by(nth(1), ANN));
    town.wait_days(15);
    let all = due(&town, town.now, 99);
    let expected = [WISH, nth(0), nth(2), nth(3)].map(|wish| lapse(wish, Lapse::Wish));
    let both = [lapse(nth(1), Lapse::Claim), lapse(nth(1), Lapse::Wish)];
    assert_eq!(all, [expected.as_slice(), &both].concat());
    assert_eq!(due(&town, town.now, 5), all[..5]);
    all.into_iter().for_each(|body| drop(town.must(LEDGER, body)));
    assert_eq!(due(&town, town.now, 99), []);
    assert_eq!(town.state.wishes.next_due(), None);
}

#[test]
fn the_resident_confirms_or_staff_with_no_hand_in_it() {
    let mut town = town_with_wish(2);
    let claimed = town.proxy(SECOND_WORKER, ANN, claim_by(WISH, ANN));
    assert!(claimed.is_ok(), "for a volunteer without a phone");
    town.must(ANN, fulfil_in(WISH, 45));
    for (staff, expected) in [
        (WORKER, Err(Code::FourEyes)),
        (SECOND_WORKER, Err(Code::FourEyes)),
        (FAR_WORKER, Err(Code::NotAuthorised)),
        (THIRD_WORKER, Ok(())),
    ] {
        let answer = town.proxy(staff, RESIDENT, rate(WISH, 4)).map(drop).map_err(|r| r.code);
        assert_eq!(answer, expected, "{staff:?}");
    }
}

#[test]
fn the_claimer_or_the_resident_disputes_and_nobody_else() {
    for person in [ANN, RESIDENT] {
        let mut town = town_with_wish(4);
        assert_eq!(code(&mut town, person, dispute()), Ok(()));
        assert_eq!(code(&mut town, person, dispute()), Err(Code::WishState), "it is disputed already");
        assert_eq!(code(&mut town, RESIDENT, rate(WISH, 5)), Err(Code::WishState), "staff decide first");
        assert_eq!(town.state.wishes.next_due(), None);
    }
    let mut town = town_with_wish(4);
    for person in [BO, WORKER, STEWARD, LEAD] {
        assert_eq!(code(&mut town, person, dispute()), Err(Code::NotAuthorised), "{person:?}");
    }
    assert!(town.proxy(SECOND_WORKER, RESIDENT, dispute()).is_ok(), "at the door");
    let mut town = town_with_wish(2);
    town.must(LEAD, claim_as(WISH, Claimer::Org(TEAM), &[ANN]));
    town.must(LEAD, fulfil_in(WISH, 30));
    assert_eq!(code(&mut town, ANN, dispute()), Err(Code::NotAuthorised), "a participant is not the team");
    assert_eq!(code(&mut town, LEAD, dispute()), Ok(()));
}

#[test]
fn a_dispute_that_is_upheld_starts_the_term_of_the_claim_anew() {
    let mut town = town_with_wish(4);
    town.wait_days(80);
    town.must(RESIDENT, dispute());
    assert_eq!(town.state.wishes.open_claims(Claimer::Person(ANN)), 0);
    town.must(THIRD_WORKER, uphold());
    let claim = town.state.wishes.get(WISH).and_then(Wish::claim).expect("there is a claim");
    assert_eq!((claim.people(), claim.until), (vec![ANN], town.now.plus_days(15)));
    assert_eq!(town.state.wishes.open_claims(Claimer::Person(ANN)), 1);
    assert_eq!(town.state.wishes.next_due(), Some(town.now.plus_days(15)));
    town.must(ANN, fulfil_in(WISH, 50));
    town.must(RESIDENT, rate(WISH, 4));
    let Status::Confirmed { fulfilment, .. } = status(&town, WISH) else { panic!("not confirmed") };
    assert_eq!(fulfilment.minutes, 50);
}

#[test]
fn a_confirmation_that_waits_does_not_outlive_a_dispute() {
    let mut town = town_with_wish(2);
    town.must(SECOND_WORKER, claim_as(WISH, Claimer::Org(COMMUNITY), &[ANN]));
    town.must(SECOND_WORKER, fulfil_in(WISH, 45));
    let session = town.session(SECOND_WORKER, RESIDENT);
    assert!(town.witnessed(RESIDENT, session, rate(WISH, 5)).is_ok());
    assert_eq!(town.state.acts.iter().count(), 1, "by a code of who fulfilled it, it waits");
    town.must(RESIDENT, dispute());
    assert_eq!(town.state.acts.iter().count(), 0);
}

#[test]
fn neither_poster_nor_decider_has_a_key_by_the_others_code() {
    use super::super::ids::{KeyId, PublicKey};
    let mut town = town_with_wish(0);
    let key = PublicKey([88; 32]);
    town.enrol(WORKER, THIRD_WORKER, key);
    town.must(FOUNDER, Body::appointed(THIRD_WORKER, Role::Worker, COMMUNITY, vec![KeyId::of(&key)]));
    town.wait_days(30);
    for (actor, body) in [
        (WORKER, post(WISH)),
        (SECOND_WORKER, vet(WISH)),
        (ANN, claim_by(WISH, ANN)),
        (ANN, fulfil_in(WISH, 45)),
        (RESIDENT, dispute()),
    ] {
        town.must(actor, body);
    }
    let by_it = town.by_key(&key, THIRD_WORKER, uphold()).map(drop).map_err(|r| r.code);
    assert_eq!(by_it, Err(Code::FourEyes), "by a key in the poster's hand");
    assert_eq!(code(&mut town, SECOND_WORKER, uphold()), Ok(()), "who vetted it has no part in it");
}

#[test]
fn a_dispute_that_is_rejected_leaves_it_as_told() {
    let mut town = town_with_wish(4);
    let told = status(&town, WISH).clone();
    town.must(ANN, dispute());
    town.must(THIRD_WORKER, reject());
    assert_eq!(status(&town, WISH), &told);
    let alone = town.proxy(THIRD_WORKER, RESIDENT, rate(WISH, 5)).map(drop).map_err(|r| r.code);
    assert_eq!(alone, Err(Code::FourEyes), "who rejected it does not confirm it for the resident");
    assert_eq!(code(&mut town, THIRD_WORKER, reject()), Err(Code::WishState));
    assert_eq!(code(&mut town, RESIDENT, dispute()), Ok(()), "the other side may still say so");
}

#[test]
fn staff_with_no_part_in_it_decide_a_dispute() {
    let disputed = || {
        let mut town = town_with_wish(2);
        town.must(SECOND_WORKER, claim_as(WISH, Claimer::Org(COMMUNITY), &[ANN]));
        town.must(SECOND_WORKER, fulfil_in(WISH, 45));
        town
    };
    for decide in [uphold, reject] {
        let mut town = disputed();
        town.must(RESIDENT, dispute());
        for (staff, expected) in [
            (WORKER, Err(Code::FourEyes)),
            (SECOND_WORKER, Err(Code::FourEyes)),
            (FAR_WORKER, Err(Code::NotAuthorised)),
            (RESIDENT, Err(Code::NotAuthorised)),
            (THIRD_WORKER, Ok(())),
        ] {
            assert_eq!(code(&mut town, staff, decide()), expected, "{staff:?}");
        }
        let mut town = disputed();
        let session = town.session(THIRD_WORKER, RESIDENT);
        assert!(town.witnessed(RESIDENT, session, dispute()).is_ok());
        assert_eq!(code(&mut town, THIRD_WORKER, decide()), Err(Code::FourEyes), "who handed out the code");
        assert_eq!(code(&mut town, STEWARD, decide()), Ok(()));
        let mut town = disputed();
        assert!(town.proxy(THIRD_WORKER, RESIDENT, dispute()).is_ok());
        assert_eq!(code(&mut town, THIRD_WORKER, decide()), Err(Code::FourEyes), "who said so at the door");
    }
}

#[test]
fn only_the_recipient_rates_and_only_once() {
    for rating in [0, 6] {
        assert_eq!(code(&mut town_with_wish(4), RESIDENT, rate(WISH, rating)), Err(Code::OutOfRange));
    }
    let mut town = town_with_wish(4);
    assert_eq!(code(&mut town, ANN, rate(WISH, 5)), Err(Code::NotAuthorised));
    assert_eq!(
        code(&mut town, WORKER, rate(WISH, 5)),
        Err(Code::NotAuthorised),
        "a role is not the resident"
    );
    assert_eq!(code(&mut town, RESIDENT, rate(WISH, 1)), Ok(()));
    assert_eq!(code(&mut town, RESIDENT, rate(WISH, 5)), Err(Code::WishState));
}

#[test]
fn a_staff_member_who_took_part_does_not_confirm() {
    let mut town = town_with_wish(2);
    town.must(LEAD, claim_as(WISH, Claimer::Org(TEAM), &[ANN, THIRD_WORKER]));
    town.must(LEAD, fulfil_in(WISH, 45));
    let answer = town.proxy(THIRD_WORKER, RESIDENT, rate(WISH, 4)).map(drop).map_err(|r| r.code);
    assert_eq!(answer, Err(Code::FourEyes));
}

#[test]
fn a_trial_leaves_no_trace_in_any_index() {
    let mut town = town_with_wish(3);
    let shown = |town: &Town| {
        let w = &town.state.wishes;
        let terms: Vec<_> = w.terms.iter().map(|(k, v)| (*k, *v)).collect();
        (w.get(WISH).cloned(), terms, w.open_claims(Claimer::Person(ANN)), w.len())
    };
    let before = shown(&town);
    town.state.begin();
    town.must(ANN, Body::Wish(WishEvent::Released { wish: WISH }));
    town.must(BO, claim_by(WISH, BO));
    town.must(WORKER, post(nth(1)));
    town.must(BO, fulfil_in(WISH, 45));
    assert_ne!(shown(&town), before);
    town.state.rollback();
    assert_eq!(shown(&town), before);
    assert_eq!(town.state.wishes.open_claims(Claimer::Person(BO)), 0);
}

#[test]
fn an_erased_resident_posts_no_wish_and_an_affiliation_does_not_change_whose_it_is() {
    let mut town = town_with_wish(4);
    let span = Span { from: town.today(), to: None };
    let kind = AffiliationKind::Resident;
    town.must(
        STEWARD,
        Body::Member(MemberEvent::Affiliated { person: RESIDENT, org: OTHER_COMMUNITY, kind, span }),
    );
    let answer = town.proxy(FAR_WORKER, RESIDENT, rate(WISH, 4)).map(drop);
    assert_eq!(answer, Ok(()), "staff of where the resident lives now");
    town.must(RESIDENT, Body::Member(MemberEvent::ErasureRequested { person: RESIDENT }));
    assert_eq!(code(&mut town, WORKER, post(nth(1))), Err(Code::UnknownPerson));
}

fn due(town: &Town, now: Millis, limit: usize) -> Vec<Body> {
    super::due(&town.state.wishes, now, limit).into_iter().map(Body::Wish).collect()
}
