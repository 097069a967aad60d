//! Given/when/then for what waits: for whom, for how long, and what ends it.

mod closing;
mod helping;
mod office;
mod second;
mod sides;
mod term;

use super::super::event::{
    ActEvent, AffiliationKind, CreditEvent, KeyEvent, MemberEvent, RevocationReason, Role, Scope, Span,
    TransferKind,
};
use super::super::ids::{Commitment, HoldId, PublicKey};
use super::super::testing::*;
use super::super::timer;
use super::*;
use crate::domain::ids::KeyId;
use crate::store::table::Transaction;

/// A key that comes by a code.
const NEW: PublicKey = PublicKey([42; 32]);

fn approve(act: EventId) -> Body {
    Body::Act(ActEvent::Approved { act })
}

fn stop(act: EventId) -> Body {
    Body::Act(ActEvent::Stopped { act })
}

fn erase(person: PersonId) -> Body {
    Body::Member(MemberEvent::ErasureRequested { person })
}

fn joins(org: OrgId, kind: AffiliationKind, from: i32, town: &Town) -> Body {
    Body::affiliated(ANN, org, kind, Span::since(town.today().plus(from)))
}

fn revoke(person: PersonId, key: PublicKey, reason: RevocationReason) -> Body {
    Body::key_revoked(person, KeyId::of(&key), reason)
}

fn consent(agreed: bool) -> Body {
    Body::public_name(ANN, agreed)
}

fn gift(minutes: u32) -> Body {
    let (from, to) = (Account::Person(ANN), Account::Person(BO));
    Body::Credit(CreditEvent::Transferred { from, to, minutes, kind: TransferKind::Gift })
}

fn homes(town: &Town) -> Vec<OrgId> {
    town.state.people.homes(ANN, town.today()).into_vec()
}

fn waits(town: &Town, act: EventId) -> bool {
    town.state.acts.get(act).is_some()
}

fn is_erased(town: &Town, person: PersonId) -> bool {
    town.state.people.is_erased(person)
}

/// Whether the key signs what comes next.
fn is_in_force(town: &Town, key: PublicKey) -> bool {
    town.state.keys.is_valid_at(KeyId::of(&key), town.position)
}

fn rich(town: &mut Town) {
    let mut effects = Effects::new();
    for account in [Account::Person(ANN), Account::Fund(COMMUNITY)] {
        super::super::credit::post(&mut town.state.credit, &mut effects, Account::Issuance, account, 100);
    }
}

fn balance(town: &Town, account: Account) -> i64 {
    town.state.credit.balance(account)
}

/// A person asserts in a session what must wait. Gives the act.
fn typed(town: &mut Town, session: EventId, person: PersonId, body: Body) -> EventId {
    let act = town.event(person, body.clone()).id;
    let effects = town.witnessed(person, session, body).expect("it is accepted");
    assert!(matches!(effects[..], [Effect::Held { .. }]), "it waits: {effects:?}");
    act
}

/// The same by a key of the person.
fn keyed(town: &mut Town, key: PublicKey, person: PersonId, body: Body) -> EventId {
    let act = town.event(person, body.clone()).id;
    let effects = town.by_key(&key, person, body).expect("it is accepted");
    assert!(matches!(effects[..], [Effect::Held { .. }]), "it waits: {effects:?}");
    act
}

/// The ledger asserts all that is due. Gives what it asserted.
fn tick(town: &mut Town) -> Vec<Body> {
    let mut said = Vec::new();
    loop {
        let due = timer::due(&town.state, town.now, 9);
        if due.is_empty() {
            return said;
        }
        due.iter().for_each(|body| drop(town.must(LEDGER, body.clone())));
        said.extend(due);
    }
}

/// Whether the term runs exactly so many days: the ledger says nothing a moment before.
fn takes_effect_after(town: &mut Town, act: EventId, days: u32) -> bool {
    let due = town.now.plus_days(days);
    town.now = Millis(due.0 - 1);
    let early = tick(town).is_empty()
        && code(town, LEDGER, Body::Act(ActEvent::TookEffect { act })) == Err(Code::NotDue);
    town.now = due;
    early && tick(town) == [Body::Act(ActEvent::TookEffect { act })]
}

fn official(town: &mut Town, granter: PersonId, person: PersonId, role: Role, org: OrgId) {
    let (scope, keys) = (Scope::Org(org), keys_of(person));
    town.must(granter, Body::appointed(person, role, scope, keys));
}

#[test]
fn an_act_that_is_not_there_is_named_so_whoever_asks() {
    let mut town = Town::new();
    let act = EventId([9; 16]);
    assert_eq!(code(&mut town, ANN, approve(act)), Err(Code::UnknownAct));
    assert_eq!(code(&mut town, ANN, stop(act)), Err(Code::UnknownAct));
    assert_eq!(code(&mut town, LEDGER, Body::Act(ActEvent::TookEffect { act })), Err(Code::UnknownAct));
}

#[test]
fn what_waits_is_told_with_whom_it_concerns_and_for_what() {
    let mut town = Town::new();
    let due = Some(town.now.plus_days(7));
    let held = |needs_approval, due| vec![Effect::Held { subject: Some(ANN), needs_approval, due }];
    let joining = joins(OTHER_COMMUNITY, AffiliationKind::Team, 0, &town);
    assert_eq!(town.must(FAR_WORKER, joining), held(true, None));
    assert_eq!(town.must(WORKER, erase(ANN)), held(true, due));
    let session = town.session(WORKER, ANN);
    assert_eq!(town.witnessed(ANN, session, erase(ANN)), Ok(held(false, due)));
}

#[test]
fn what_is_called_off_or_has_taken_effect_waits_no_more() {
    let mut town = Town::new();
    let act = town.held(WORKER, lost());
    town.must(WORKER, stop(act));
    for body in [approve(act), stop(act)] {
        assert_eq!(code(&mut town, SECOND_WORKER, body), Err(Code::UnknownAct));
    }
    assert!(is_in_force(&town, key_of(ANN)));
    let act = town.held(WORKER, lost());
    town.must(SECOND_WORKER, approve(act));
    assert_eq!(code(&mut town, SECOND_WORKER, approve(act)), Err(Code::UnknownAct), "once");
    assert!(!is_in_force(&town, key_of(ANN)));
}

fn lost() -> Body {
    revoke(ANN, key_of(ANN), RevocationReason::Lost)
}

#[test]
fn a_trial_that_is_undone_takes_back_what_began_to_wait_and_what_ended() {
    let mut town = Town::new();
    let session = town.session(WORKER, ANN);
    let act = typed(&mut town, session, ANN, erase(ANN));
    let (before, position) = (town.state.settle_digest(), town.position);
    town.state.begin();
    let tried = town.held(FAR_WORKER, joins(OTHER_COMMUNITY, AffiliationKind::Team, 0, &town));
    town.must(ANN, stop(act));
    assert!(!waits(&town, act) && waits(&town, tried));
    assert_eq!(town.state.acts.next_due(), None);
    town.state.rollback();
    town.position = position;
    assert!(waits(&town, act) && !waits(&town, tried));
    assert_eq!(town.state.settle_digest(), before);
    assert!(takes_effect_after(&mut town, act, 7), "and its term runs as before");
}

#[test]
fn erasure_calls_off_what_waits_about_the_person_and_by_the_person() {
    let mut town = Town::new();
    let about = town.held(FAR_WORKER, joins(OTHER_COMMUNITY, AffiliationKind::Team, 0, &town));
    let session = town.session(WORKER, ANN);
    let by = typed(&mut town, session, ANN, consent(true));
    let other = town.held(WORKER, erase(BO));
    let mut dropped = [about, by];
    dropped.sort_unstable();
    assert_eq!(town.must(ANN, erase(ANN)), dropped.map(Effect::Dropped));
    assert!(!waits(&town, about) && !waits(&town, by) && waits(&town, other));
}

#[test]
fn a_key_reported_stolen_takes_along_what_it_asserted_and_the_keys_that_stem_from_it() {
    let mut town = Town::new();
    let (rotated, enrolled, apart) = (PublicKey([50; 32]), PublicKey([51; 32]), PublicKey([52; 32]));
    town.enrol(WORKER, ANN, apart);
    let act = town.held(ANN, joins(OTHER_COMMUNITY, AffiliationKind::Team, 0, &town));
    let old = KeyId::of(&key_of(ANN));
    town.must(ANN, Body::Key(KeyEvent::Rotated { person: ANN, old, new: rotated, proof: PROOF }));
    let enrol = Body::Key(KeyEvent::Enrolled { person: ANN, key: enrolled, proof: PROOF });
    town.by_key(&rotated, ANN, enrol).expect("she brings a tablet");
    let body = joins(OTHER_COMMUNITY, AffiliationKind::Organisational, 0, &town);
    let later = keyed(&mut town, enrolled, ANN, body);
    town.wait_days(7);
    let effects = town.by_key(&apart, ANN, revoke(ANN, key_of(ANN), RevocationReason::Stolen));
    let mut dropped = [act, later];
    dropped.sort_unstable();
    assert_eq!(effects, Ok(dropped.map(Effect::Dropped).into()));
    assert!(![rotated, enrolled].iter().any(|key| is_in_force(&town, *key)));
    assert!(is_in_force(&town, apart), "the phone at home has nothing to do with it");
    let again = town.by_key(&apart, ANN, revoke(ANN, key_of(ANN), RevocationReason::Stolen));
    assert_eq!(again.map_err(|r| r.code), Err(Code::KeyState), "nothing is left of it");
}

#[test]
fn a_key_that_is_only_lost_ends_alone() {
    let mut town = Town::new();
    let child = PublicKey([51; 32]);
    town.must(ANN, Body::Key(KeyEvent::Enrolled { person: ANN, key: child, proof: PROOF }));
    let act = town.held(ANN, joins(OTHER_COMMUNITY, AffiliationKind::Team, 0, &town));
    town.by_key(&child, ANN, revoke(ANN, key_of(ANN), RevocationReason::Lost)).expect("by her own other key");
    assert!(is_in_force(&town, child) && waits(&town, act));
}
