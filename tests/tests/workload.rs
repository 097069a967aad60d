//! A crowd on a real ledger, an oracle beside it, and everything that must hold at the end.
//!
//! `HOURBOOK_SEEDS` sets the number of seeds (default 2), `HOURBOOK_FIRST_SEED` the first (default 1).
#![allow(clippy::unwrap_used, reason = "all of it is a test")]

use hourbook_ledger::domain::event::{
    AccessEvent, AccessKind, Account, ActEvent, ActKind, ActivityEvent, Assurance, Body, BodyKind,
    CreditEvent, Event, HoursEvent, HoursKind, KeyEvent, KeyKind, LedgerEvent, MemberKind, ReportInKind,
    Role, WishEvent, WishKind,
};
use std::collections::BTreeMap;

use ed25519_dalek::{Signature, VerifyingKey};
use hourbook_ledger::domain::ids::{EventId, KeyId, OrgId, PersonId};
use hourbook_ledger::domain::time::Date;
use hourbook_ledger::domain::{self, Context, State};
use hourbook_ledger::sequencer::{MAX_BATCH, Receipt};
use hourbook_ledger::wire;
use hourbook_projections::ReadSide;
use hourbook_tests::compare;
use hourbook_tests::model::Model;
use hourbook_tests::model::act::Wanting;
use hourbook_tests::model::outcome::At;
use hourbook_tests::model::register::Key;
use hourbook_tests::run::{Disturbance, Run, entries};
use hourbook_tests::village::{Setting, Village};
use sha2::{Digest as _, Sha256};

const STEPS: usize = 400;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

fn seeds() -> impl Iterator<Item = u64> {
    let first = number("HOURBOOK_FIRST_SEED", 1);
    first..first + number("HOURBOOK_SEEDS", 2)
}

fn acted(seed: u64, disturbance: Disturbance) -> Run {
    let mut run = Run::new(Setting::digested(seed), disturbance);
    run.act(seed, STEPS, 10);
    report(seed, &run);
    run
}

fn report(seed: u64, run: &Run) {
    let refused: u64 = run.refused.values().sum();
    println!(
        "seed {seed}: {} events, {} accepted answers, {refused} batches refused, opened again {} times, {} cut off",
        run.model.size,
        run.accepted.len(),
        run.reopened,
        run.cut_off
    );
    let kinds: Vec<String> = run.kinds.iter().map(|(kind, n)| format!("{} {n}", kind.name())).collect();
    let codes: Vec<String> = run.refused.iter().map(|(code, n)| format!("{} {n}", code.name())).collect();
    println!("  on the log: {}", kinds.join(", "));
    println!("  refused: {}", codes.join(", "));
    let named = |kinds: &BTreeMap<BodyKind, u64>| -> Vec<String> {
        kinds.iter().map(|(kind, n)| format!("{} {n}", kind.name())).collect()
    };
    let (waited, began) = (named(&run.waited).join(", "), named(&run.took_effect).join(", "));
    println!("  waited: {waited}; took effect: {began}; fell with something else: {}", run.dropped);
}

/// Read models of the log as it stands, made in one pass.
fn rebuilt(village: &Village) -> [u8; 32] {
    let read = ReadSide::new();
    read.take(&village.told.lock().unwrap());
    read.digest()
}

/// RFC 6962, section 2.1, word for word.
fn root(leaves: &[Vec<u8>]) -> [u8; 32] {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => Sha256::new().chain_update([0]).chain_update(leaf).finalize().into(),
        _ => {
            let mut split = 1;
            while split * 2 < leaves.len() {
                split *= 2;
            }
            let (left, right) = leaves.split_at(split);
            Sha256::new()
                .chain_update([1])
                .chain_update(root(left))
                .chain_update(root(right))
                .finalize()
                .into()
        }
    }
}

#[test]
fn a_run_with_restarts_is_one_without() {
    let mut runs = Vec::new();
    for seed in seeds() {
        let mut run = acted(seed, Disturbance::Restarts);
        assert!(run.reopened > 0);
        let incremental = run.village.read.digest();
        assert_eq!(incremental, rebuilt(&run.village), "followed, and in one pass");
        run.village.reopen();
        assert_eq!(incremental, run.village.read.digest(), "followed, and replayed at an opening");
        let mut smooth = Run::new(Setting::digested(seed), Disturbance::None);
        run.script.iter().for_each(|step| smooth.play(step));
        smooth.check();
        assert_eq!(
            run.village.ledger().reader.head().root,
            smooth.village.ledger().reader.head().root,
            "the same log"
        );
        assert_eq!(incremental, smooth.village.read.digest(), "with restarts, and without");
        log_is_sound(&run.village);
        every_decision_stands(&run.village);
        receipts_are_for_ever(&run);
        books_were_kept(&run);
        runs.push(run);
    }
    // One seed alone need not meet every reason.
    if runs.len() >= 2 {
        acts_waited(&runs);
    }
}

#[test]
fn a_run_that_is_cut_off_again_and_again_loses_and_doubles_nothing() {
    for seed in seeds().map(|seed| seed + 1_000) {
        let mut run = acted(seed, Disturbance::Cuts);
        let incremental = run.village.read.digest();
        assert_eq!(incremental, rebuilt(&run.village));
        run.village.reopen();
        assert_eq!(incremental, run.village.read.digest());
        run.check();
        assert!(run.cut_off > 0, "nothing was cut off");
        log_is_sound(&run.village);
        every_decision_stands(&run.village);
        receipts_are_for_ever(&run);
    }
}

/// The root is that of the entries, and each is signed by the key it names, which was enrolled before it.
fn log_is_sound(village: &Village) {
    let head = village.ledger().reader.head();
    let leaves: Vec<Vec<u8>> = village
        .ledger()
        .reader
        .read(0, usize::MAX >> 1)
        .unwrap()
        .into_iter()
        .map(|(_, bytes)| bytes.to_vec())
        .collect();
    assert_eq!(leaves.len() as u64, head.size);
    assert_eq!(root(&leaves), head.root);
    let mut keys: BTreeMap<KeyId, VerifyingKey> = BTreeMap::new();
    for leaf in &leaves {
        let entry = wire::decode_entry(leaf).unwrap();
        let signed = &entry.signed;
        let event = wire::decode_event(&signed.payload).unwrap();
        let mut enrol = |key: [u8; 32]| {
            let id =
                KeyId(Sha256::digest([b"hourbook/key/v1\0", &key[..]].concat())[..16].try_into().unwrap());
            keys.insert(id, VerifyingKey::from_bytes(&key).unwrap());
        };
        match &event.body {
            Body::Ledger(LedgerEvent::Founded(founding)) => {
                founding.founders.iter().for_each(|founder| enrol(founder.key.0));
                enrol(founding.ledger_key.0);
            }
            Body::Key(KeyEvent::Enrolled { key, .. }) | Body::Key(KeyEvent::Rotated { new: key, .. }) => {
                enrol(key.0)
            }
            _ => {}
        }
        let kind = "application/vnd.hourbook.event.v1+protobuf";
        let mut pae = format!("DSSEv1 {} {kind} {} ", kind.len(), signed.payload.len()).into_bytes();
        pae.extend_from_slice(&signed.payload);
        let signature = Signature::from_bytes(&signed.signature);
        keys[&signed.key_id].verify_strict(&pae, &signature).unwrap();
    }
}

/// An auditor who decides everything again, from nothing, comes to the same answers and the same state.
fn every_decision_stands(village: &Village) {
    let mut state = State::default();
    for (at, event) in entries(village, 0) {
        let cx = Context { position: at.position, recorded_at: at.recorded_at, signer: at.signer };
        let decision = domain::decide(&state, &cx, &event);
        assert_eq!(decision, Ok(()), "position {}: {event:?}", at.position);
        domain::evolve(&mut state, &cx, &event);
        assert_eq!(state.revision(&event.stream), Some(at.revision), "position {}", at.position);
        let sum: i64 = state.credit.balances().map(|(_, balance)| balance).sum();
        assert_eq!(sum, 0, "position {}", at.position);
    }
    let theirs = village.state();
    assert_eq!(state.hours, theirs.hours);
    assert_eq!(state.activities, theirs.activities);
    let balances = |state: &State| state.credit.balances().collect::<BTreeMap<Account, i64>>();
    assert_eq!(balances(&state), balances(&theirs));
}

/// Whatever was accepted is answered with its receipt, now too, and nothing is recorded again.
fn receipts_are_for_ever(run: &Run) {
    let size = run.village.size();
    let mut first: BTreeMap<EventId, Receipt> = BTreeMap::new();
    for (_, receipt) in &run.accepted {
        let known = *first.entry(receipt.event).or_insert(*receipt);
        assert_eq!(known, *receipt, "two receipts for one event");
    }
    for chunk in run.accepted.chunks(MAX_BATCH) {
        let batch = chunk.iter().map(|(submission, _)| submission.clone()).collect();
        let receipts: Vec<Receipt> = run.village.submit(batch).unwrap();
        let expected: Vec<Receipt> = chunk.iter().map(|(_, receipt)| *receipt).collect();
        assert_eq!(receipts, expected);
    }
    assert_eq!(run.village.size(), size);
    for (at, event) in entries(&run.village, 0) {
        if let Some(receipt) = first.get(&event.id) {
            let (position, revision) = (receipt.position, receipt.revision);
            assert_eq!((position, revision, receipt.recorded_at), (at.position, at.revision, at.recorded_at));
        }
    }
}

/// The run was worth the while: credit moved, terms ran out, much was refused for many reasons.
fn books_were_kept(run: &Run) {
    assert!(run.model.books.volume > 1_000, "{} minutes moved", run.model.books.volume);
    assert_eq!(run.model.books.sum(), 0);
    assert!(run.refused.len() >= 20, "only {} kinds of refusal", run.refused.len());
    assert!(run.kinds.len() >= 35, "only {} kinds of event", run.kinds.len());
    assert!(run.kinds.contains_key(&BodyKind::Wish(WishKind::Lapsed)), "no term ran out");
    assert!(run.kinds.contains_key(&BodyKind::Access(AccessKind::LookOpened)), "no look was opened");
    compare::models(&run.model, &run.village.read.read());
}

/// Acts waited for every reason, and ended in every way.
fn acts_waited(runs: &[Run]) {
    use BodyKind as K;
    let sum = |of: &dyn Fn(&Run) -> u64| runs.iter().map(of).sum::<u64>();
    let count = |kinds: &BTreeMap<K, u64>, kind| kinds.get(&kind).copied().unwrap_or(0);
    for kind in [
        K::Member(MemberKind::Affiliated),
        K::ReportIn(ReportInKind::Filed),
        K::Hours(HoursKind::Corrected),
        K::Member(MemberKind::ConsentGiven),
        K::Member(MemberKind::HelperNamed),
        K::Key(KeyKind::Revoked),
    ] {
        assert!(sum(&|run| count(&run.waited, kind)) > 0, "no {} had to wait", kind.name());
    }
    for way in [K::Act(ActKind::Approved), K::Act(ActKind::TookEffect)] {
        assert!(sum(&|run| count(&run.took_effect, way)) > 0, "nothing took effect by {}", way.name());
    }
    assert!(sum(&|run| count(&run.kinds, K::Act(ActKind::Stopped))) > 0, "nothing was called off");
    let by_helpers = |run: &Run| {
        entries(&run.village, 0).iter().filter(|(_, event)| event.helped().is_some()).count() as u64
    };
    assert!(sum(&by_helpers) > 0, "nobody did anything for whom they help");
    let lent = |run: &Run| run.model.register.keys.values().filter(|key| key.lent.is_some()).count() as u64;
    assert!(sum(&lent) > 0, "no key came by a code");
}

/// What keeps the oracle from nodding everything through: sound logs with one thing changed.
#[test]
fn the_oracle_objects_to_what_should_not_be_on_the_log() {
    let mut objections: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in 7..10 {
        let mut run = Run::new(Setting::digested(seed), Disturbance::None);
        run.act(seed, 300, 300);
        let mut model = Model::default();
        for (at, event) in entries(&run.village, 0) {
            for (why, at, event) in doctored(&model, at, &event) {
                let fault = model.clone().take(at, &event).expect_err(why);
                assert!(fault.contains(why), "{fault:?} and not {why:?} at position {}", at.position);
                *objections.entry(why).or_default() += 1;
            }
            model.take(at, &event).unwrap();
        }
    }
    println!("{objections:?}");
    assert_eq!(objections.len(), 13, "{objections:?}");
}

fn own_key(model: &Model, person: PersonId) -> Option<KeyId> {
    let own = |(id, key): (&KeyId, &Key)| (key.person == person && key.until.is_none()).then_some(*id);
    model.register.keys.iter().find_map(own)
}

fn exercises(model: &Model, person: PersonId, roles: &[Role], org: OrgId, today: Date) -> bool {
    own_key(model, person).is_some_and(|key| model.register.exercises(person, key, roles, org, today))
}

/// The same event as it must never stand there, and what is wrong with it.
fn doctored(model: &Model, at: At, event: &Event) -> Vec<(&'static str, At, Event)> {
    let mut all = Vec::new();
    if at.position == 0 {
        return all;
    }
    let with = |change: &dyn Fn(&mut At, &mut Event)| {
        let (mut at, mut event) = (at, event.clone());
        change(&mut at, &mut event);
        (at, event)
    };
    let mut add = |why, (at, event)| all.push((why, at, event));
    add("not the next", with(&|at, _| at.position += 1));
    add("went back", with(&|at, _| at.recorded_at.0 = model.last_at.0 - 1));
    add("revision", with(&|at, _| at.revision += 1));
    add("key is unknown", with(&|at, _| at.signer = KeyId([1; 16])));
    let by = |person| {
        own_key(model, person).map(|key| {
            with(&|at, event| {
                (at.signer, event.actor) = (key, person);
                (event.acting_for, event.assurance) = (None, Assurance::DeviceKey);
            })
        })
    };
    match &event.body {
        Body::Hours(HoursEvent::Confirmed { recorded, .. }) => {
            let recorder = model.service.rows[&(*recorded, 0)].recorder;
            // Whoever has lost the role since is refused for that.
            let org = model.service.rows[&(*recorded, 0)].org;
            let roles = [Role::Steward, Role::Worker, Role::Lead];
            let may = exercises(model, recorder, &roles, org, model.register.day(at.recorded_at));
            by(recorder).filter(|_| may).into_iter().for_each(|d| add("confirmed what one recorded", d));
        }
        Body::Wish(WishEvent::Vetted { wish, .. }) => {
            let (poster, org) = (model.wishes.all[wish].poster, model.wishes.all[wish].org);
            let roles = [Role::Steward, Role::Worker];
            let may = exercises(model, poster, &roles, org, model.register.day(at.recorded_at));
            by(poster).filter(|_| may).into_iter().for_each(|d| add("vetted one's own", d));
        }
        Body::Credit(CreditEvent::Transferred { from: from @ Account::Person(_), .. }) => {
            let moving = |so_much: u32| {
                with(&|_, event| {
                    if let Body::Credit(CreditEvent::Transferred { minutes, .. }) = &mut event.body {
                        *minutes = so_much;
                    }
                })
            };
            add("more than a person may move at once", moving(1_000_000));
            let policy = model.register.credit(model.register.day(at.recorded_at));
            let (overdraft, most) =
                policy.map_or((0, None), |policy| (policy.overdraft, policy.transfer_limit));
            let too_much = u32::try_from(model.books.balance(*from)).unwrap_or(0) + overdraft + 1;
            if most.is_some_and(|most| too_much <= most) {
                add("spent more", moving(too_much));
            }
        }
        Body::Wish(WishEvent::Lapsed { .. }) => {
            // Asserted at the moment of the event before.
            let early = with(&|at, event| {
                at.recorded_at = model.last_at;
                event.id.0[..6].copy_from_slice(&model.last_at.0.to_be_bytes()[2..]);
            });
            if early.0.recorded_at.0 + 60_000 < at.recorded_at.0 {
                add("has not run out", early);
            }
        }
        Body::Act(ActEvent::Approved { act }) => {
            let (act, today) = (&model.acts[act], model.register.day(at.recorded_at));
            let (asserted, key) = (act.event.actor, act.signer);
            let place = match &act.event.body {
                Body::Hours(HoursEvent::Corrected { recorded, .. }) => {
                    Some(model.service.rows[&(*recorded, 0)].org)
                }
                Body::Credit(CreditEvent::Transferred { from: Account::Fund(org), .. }) => Some(*org),
                _ => act.subject.and_then(|person| model.register.residence(person, today)),
            };
            // Whoever has lost the role or the key since is refused for that.
            let roles = [Role::Steward, Role::Worker];
            let may = act.wanting == Some(Wanting::Colleague)
                && place.is_some_and(|org| model.register.exercises(asserted, key, &roles, org, today))
                && model.register.keys[&key].until.is_none();
            let own = with(&|at, event| {
                (at.signer, event.actor) = (key, asserted);
                (event.acting_for, event.assurance, event.grant) = (None, Assurance::DeviceKey, None);
            });
            Some(own).filter(|_| may).into_iter().for_each(|d| add("approved one's own act", d));
        }
        Body::Access(AccessEvent::LookOpened { .. }) => {
            let salted = with(&|_, event| {
                if let Body::Access(AccessEvent::LookOpened { salt, .. }) = &mut event.body {
                    salt[0] ^= 1;
                }
            });
            add("the seal is another", salted);
        }
        Body::Act(ActEvent::TookEffect { act }) => {
            let due = model.acts[act].due.expect("a term");
            let early = with(&|at, event| {
                at.recorded_at = model.last_at;
                event.id.0[..6].copy_from_slice(&model.last_at.0.to_be_bytes()[2..]);
            });
            if early.0.recorded_at < due {
                add("before its time", early);
            }
        }
        Body::Activity(ActivityEvent::SignedUp { person, .. }) => {
            let other = model.register.people.keys().find(|other| *other != person).copied();
            let other = other.filter(|_| event.assurance == Assurance::DeviceKey);
            other.and_then(by).into_iter().for_each(|d| add("may not assert", d));
        }
        _ => {}
    }
    all
}
