//! What an audit of a whole ledger says: nothing about an honest one, and the name of each dishonesty that somebody with
//! all the keys could build.
#![allow(clippy::unwrap_used, reason = "all of it is a test")]

use std::sync::OnceLock;

use hourbook_ledger::actor::Actor;
use hourbook_ledger::audit::{EngineSource, Group, Kind, Options, Report, Saved, audit, audit_from};
use hourbook_ledger::clock::SystemClock;
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::domain::event::{
    Account, Body, CreditEvent, KeyEvent, LedgerEvent, MemberEvent, OrgKind, RevocationReason, Role,
    RoleEvent, Scope, TransferKind,
};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::domain::time::Millis;
use hourbook_ledger::domain::{Context, State};
use hourbook_ledger::engine::{self, OpenOptions};
use hourbook_ledger::snapshot::KeptState;
use hourbook_ledger::vault::{MasterKey, Vault};
use hourbook_ledger::wire::Entry;
use hourbook_tests::forger::{Forger, audit_log};
use hourbook_tests::run::{Disturbance, Run};
use hourbook_tests::seeded::SeededRng;
use hourbook_tests::village::{self, Cast, OFFSET, Setting};
use tempfile::TempDir;

const DAY: i64 = 86_400_000;

/// A village with a crowd in it, closed.
struct Honest {
    dir: TempDir,
    cast: Cast,
    forger: Forger,
}

fn honest() -> &'static Honest {
    static HONEST: OnceLock<Honest> = OnceLock::new();
    HONEST.get_or_init(|| acted(320))
}

fn acted(steps: usize) -> Honest {
    let setting = Setting { journal_bytes: 1 << 15, ..Setting::digested(4_711) };
    let mut run = Run::new(setting, Disturbance::Restarts);
    run.act(4_711, steps, steps);
    run.village.close();
    let forger = Forger::of(run.village.path());
    let cast = run.village.cast.clone();
    let dir = std::mem::replace(&mut run.village.dir, TempDir::new().unwrap());
    Honest { dir, cast, forger }
}

fn forger() -> Forger {
    honest().forger.clone()
}

/// Everything found, as (position, code).
fn found(report: &Report) -> Vec<(Option<u64>, Kind)> {
    report.findings.sorted().iter().map(|finding| (finding.position, finding.kind)).collect()
}

fn at(position: u64, kind: Kind) -> (Option<u64>, Kind) {
    (Some(position), kind)
}

fn found_in(forger: &Forger) -> Vec<(Option<u64>, Kind)> {
    found(&forger.audit(&Options::default()))
}

fn consent() -> Body {
    let person = honest().cast.volunteers[0].id();
    Body::public_name(person, true)
}

/// A volunteer whose first key is still in force: what it may sign is up to the rules.
fn volunteer(forger: &Forger) -> Actor {
    let ended = |key| {
        let ends = forger.find(|event| match &event.body {
            Body::Key(KeyEvent::Revoked { key: ended, .. })
            | Body::Key(KeyEvent::Rotated { old: ended, .. }) => *ended == key,
            _ => false,
        });
        !ends.is_empty()
    };
    let erased = |person| {
        let asked =
            forger.find(|event| matches!(&event.body, Body::Member(MemberEvent::ErasureRequested { person: p }) if *p == person));
        !asked.is_empty()
    };
    let mut all = honest().cast.volunteers.iter();
    let fit = all.find(|who| !ended(who.actor.key_id()) && !erased(who.id()));
    fit.expect("somebody kept the key").actor.clone()
}

#[test]
fn an_honest_ledger_is_in_order_and_every_part_of_it_was_checked() {
    let honest = honest();
    let dir = honest.dir.path();
    let vault = Vault::open(dir, MasterKey::load(dir).unwrap(), hourbook::state::system_rng()).unwrap();
    let size = honest.forger.len();
    let saved = [1, 2, 255, 256, 257, size - 1, size]
        .map(|size| Saved { name: size.to_string(), note: honest.forger.checkpoint(size) });
    let log_key = audit_log(&dir.join("log"), &Options::default()).log_key;
    for quick in [false, true] {
        let (saved, vault, log_key) = (saved.to_vec(), Some(&vault), log_key.clone());
        let options = Options { quick, saved, vault, log_key, ..Options::default() };
        let report = audit_log(&dir.join("log"), &options);
        assert_eq!(found(&report), [], "quick: {quick}, {:?}", report.findings.sorted());
        assert_eq!((report.size, report.root), (size, Some(honest.forger.root(size))));
        assert!(report.saved.iter().all(|saved| saved.is_prefix == Some(true)));
        let counts = report.counts;
        println!("{counts:?}");
        assert_eq!([counts.entries, counts.signatures, counts.decided, counts.ids], [size; 4]);
        assert_eq!(counts.commitments, counts.openings);
        assert_eq!(counts.digests, counts.reproduced);
        let parts = [
            counts.own,
            counts.postings,
            counts.rows,
            counts.minutes,
            counts.tiles,
            counts.openings,
            counts.digests,
        ];
        assert!(parts.iter().all(|part| *part > 0), "{counts:?}");
    }
}

/// `HOURBOOK_DEMO_PEOPLE` and `HOURBOOK_DEMO_WEEKS` set its size.
#[test]
fn the_demo_is_in_order() {
    let number =
        |name: &str, default: usize| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let root = TempDir::new().unwrap();
    let (data, sheets) = (root.path().join("data"), root.path().join("sheets"));
    std::fs::create_dir(&sheets).unwrap();
    let options = hourbook::demo::Options {
        seed: 6,
        people: number("HOURBOOK_DEMO_PEOPLE", 80),
        weeks: number("HOURBOOK_DEMO_WEEKS", 4),
        until: "2026-10-31".parse().unwrap(),
        data: &data,
        sheets: &sheets,
        watch: &SystemClock,
        progress: &|_| {},
    };
    hourbook::demo::build(&options).unwrap();
    let vault = Vault::open(&data, MasterKey::load(&data).unwrap(), hourbook::state::system_rng()).unwrap();
    let report = audit_log(&data.join("log"), &Options { vault: Some(&vault), ..Options::default() });
    println!("{:?}", report.counts);
    assert_eq!(found(&report), []);
    assert_eq!(report.counts.openings, report.counts.commitments);
    assert!(report.counts.entries > 500 && report.counts.minutes > 0);
}

#[test]
fn one_thread_finds_what_many_find() {
    let mut forger = forger();
    forger.change(300, |entry| entry.signed.signature[3] ^= 1);
    let expected = [at(300, Kind::BadSignature)];
    for threads in [1, 2, 7] {
        let report = forger.audit(&Options { threads, ..Options::default() });
        assert_eq!(found(&report), expected);
    }
}

#[test]
fn a_removed_tail_is_named_by_a_saved_checkpoint() {
    let mut forger = forger();
    let note = forger.checkpoint(forger.len());
    let left = forger.len() - 5;
    forger.entries.truncate(left as usize);
    assert_eq!(found_in(&forger), [], "without a saved checkpoint nobody can know");
    let saved = vec![Saved { name: "kept".into(), note }];
    let report = forger.audit(&Options { saved, ..Options::default() });
    assert_eq!(found(&report), [at(left, Kind::TailRemoved)]);
    assert_eq!(report.findings.group(), Some(Group::History));
}

#[test]
fn another_history_is_named_by_a_saved_checkpoint() {
    let mut forger = forger();
    let size = forger.len();
    let saved = |size: u64| Saved { name: size.to_string(), note: honest().forger.checkpoint(size) };
    forger.entries.truncate(size as usize - 3);
    let actor = volunteer(&forger);
    let person = actor.person;
    for agreed in [true, false, true, false] {
        forger.assert(&actor, Body::public_name(person, agreed));
    }
    assert_eq!(found_in(&forger), [], "it is in order in itself");
    let options = Options { saved: vec![saved(size - 3), saved(size)], ..Options::default() };
    let report = forger.audit(&options);
    assert_eq!(found(&report), [(None, Kind::Forked)]);
    assert_eq!(report.saved.iter().map(|s| s.is_prefix).collect::<Vec<_>>(), [Some(true), Some(false)]);
}

#[test]
fn a_saved_checkpoint_by_another_key_or_of_no_form_is_named() {
    let forger = forger();
    let stranger = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let size = forger.len();
    let notes = [forger.sign_with(&stranger, size, forger.root(size)), b"nothing".to_vec()];
    for note in notes {
        let saved = vec![Saved { name: "kept".into(), note }];
        let report = forger.audit(&Options { saved, ..Options::default() });
        assert_eq!(found(&report), [(None, Kind::SavedCheckpoint)]);
    }
}

#[test]
fn swapped_entries_are_named() {
    let mut swapped = forger();
    swapped.entries.swap(200, 201);
    let found = found_in(&swapped);
    let misplaced = found.iter().filter(|(_, kind)| *kind == Kind::WrongPosition);
    assert_eq!(misplaced.map(|(at, _)| *at).collect::<Vec<_>>(), [Some(200), Some(201)]);
    // Two consents of one person with their positions made to fit: only the stream tells.
    let mut forger = forger();
    let actor = volunteer(&forger);
    let person = actor.person;
    let [first, second] =
        [true, false].map(|agreed| forger.assert(&actor, Body::public_name(person, agreed)));
    forger.entries.swap(first as usize, second as usize);
    forger.change(first, |entry| entry.position = first);
    forger.change(second, |entry| entry.position = second);
    assert_eq!(found_in(&forger), [at(first, Kind::WrongRevision), at(second, Kind::WrongRevision)]);
}

#[test]
fn forged_signatures_are_named_each_and_the_audit_goes_on() {
    let mut forger = forger();
    forger.change(20, |entry| entry.signed.signature[40] ^= 4);
    forger.change(400, |entry| entry.signed.signature = [0; 64]);
    let expected = [at(20, Kind::BadSignature), at(400, Kind::BadSignature)];
    for quick in [false, true] {
        let report = forger.audit(&Options { quick, ..Options::default() });
        assert_eq!(found(&report), expected, "quick: {quick}");
        assert_eq!((report.counts.decided, report.rules_stopped), (forger.len(), None));
        assert_eq!(report.findings.group(), Some(Group::Signatures));
    }
}

#[test]
fn changed_words_under_an_old_signature_are_named() {
    let mut forger = forger();
    let position = *forger
        .find(|event| matches!(event.body, Body::Member(MemberEvent::ConsentGiven { .. })))
        .last()
        .unwrap();
    let mut event = forger.event(position);
    let Body::Member(MemberEvent::ConsentGiven { agreed, .. }) = &mut event.body else { unreachable!() };
    *agreed = !*agreed;
    forger.change(position, |entry| entry.signed.payload = hourbook_ledger::wire::encode_event(&event));
    let mut found = found_in(&forger);
    // The digests that the ledger signed behind it are of what was there before.
    found.retain(|(_, kind)| *kind != Kind::DigestDiffers);
    assert_eq!(found, [at(position, Kind::BadSignature)]);
}

#[test]
fn an_event_by_a_key_without_the_authority_is_named() {
    let mut forger = forger();
    let (org, parent) = (OrgId([77; 16]), honest().cast.city);
    let body = Body::org_registered(org, OrgKind::Community, "新社区", Some(parent));
    let actor = volunteer(&forger);
    let position = forger.assert(&actor, body);
    let report = forger.audit(&Options::default());
    assert_eq!(found(&report), [at(position, Kind::NotAuthorised)]);
    assert_eq!(report.findings.group(), Some(Group::Rules));
}

#[test]
fn an_event_by_a_key_that_was_never_enrolled_or_has_ended_is_named() {
    let mut forger = forger();
    let stranger = forger.stranger();
    let unknown = forger.assert(&stranger, consent());
    assert_eq!(found_in(&forger), [at(unknown, Kind::KeyUnknown)]);
    let mut forger = self::forger();
    let actor = volunteer(&forger);
    let (person, key, reason) = (actor.person, actor.key_id(), RevocationReason::Lost);
    forger.assert(&actor, Body::key_revoked(person, key, reason));
    let ended = forger.assert(&actor, Body::public_name(person, true));
    assert_eq!(found_in(&forger), [at(ended, Kind::KeyEnded)]);
}

#[test]
fn an_event_that_breaks_a_rule_is_named_with_the_rule() {
    let mut forger = forger();
    let actor = volunteer(&forger);
    let to = honest().cast.volunteers.iter().find(|who| who.id() != actor.person).unwrap().id();
    let transfer = Body::Credit(CreditEvent::Transferred {
        from: Account::Person(actor.person),
        to: Account::Person(to),
        minutes: 1_000_000,
        kind: TransferKind::Gift,
    });
    let position = forger.assert(&actor, transfer);
    let report = forger.audit(&Options::default());
    assert_eq!(found(&report), [at(position, Kind::RuleBroken)]);
    let detail = &report.findings.sorted()[0].detail;
    assert!(detail.contains("above-transfer-limit") && detail.contains("credit-transferred"), "{detail}");
}

#[test]
fn a_doubled_id_is_named_wherever_the_first_is() {
    let mut forger = forger();
    let actor = volunteer(&forger);
    let now = forger.now();
    let body = Body::public_name(actor.person, true);
    let event = forger.event_by(&actor, now, body);
    let signed = actor.sign(&event);
    forger.append_at(now, &signed);
    for _ in 0..600 {
        forger.assert(&actor, event.body.clone());
    }
    let again = forger.append_at(now, &signed);
    let report = forger.audit(&Options::default());
    assert_eq!(found(&report), [at(again, Kind::DoubledId)]);
    assert!(report.findings.sorted()[0].detail.ends_with(&format!("position {}", again - 601)));
}

#[test]
fn a_backdated_moment_is_named() {
    let mut forger = forger();
    let position = forger.len() - 1;
    forger.change(position, |entry| entry.recorded_at = Millis(entry.recorded_at.0 - 30 * DAY));
    let found = found_in(&forger);
    assert!(found.contains(&at(position, Kind::TimeWentBack)), "{found:?}");
}

#[test]
fn a_wrong_revision_is_named() {
    let mut forger = forger();
    forger.change(250, |entry| entry.revision += 1);
    assert_eq!(found_in(&forger), [at(250, Kind::WrongRevision)]);
}

#[test]
fn an_event_of_another_ledger_or_another_time_is_named() {
    let mut forger = forger();
    let actor = volunteer(&forger);
    let now = forger.now();
    let body = Body::public_name(actor.person, true);
    let mut event = forger.event_by(&actor, now, body.clone());
    event.ledger = "ledger.example/elsewhere".into();
    let elsewhere = forger.append_at(now, &actor.sign(&event));
    let event = forger.event_by(&actor, Millis(now.0 - 36 * DAY), body);
    let old = forger.append_at(now, &actor.sign(&event));
    assert_eq!(found_in(&forger), [at(elsewhere, Kind::WrongLedger), at(old, Kind::IdOutOfWindow)]);
}

#[test]
fn an_edited_digest_is_named() {
    let mut forger = forger();
    let before =
        forger.find(|event| matches!(event.body, Body::Ledger(LedgerEvent::StateDigest { .. }))).len() as u64;
    let ledger = forger.ledger.clone();
    let state = kept(&forger, forger.len()).state;
    let rules = state.rules.version();
    let right =
        Body::Ledger(LedgerEvent::StateDigest { position: forger.len() - 1, rules, digest: state.digest() });
    let first = forger.assert(&ledger, right);
    let edited = forger
        .assert(&ledger, Body::Ledger(LedgerEvent::StateDigest { position: first, rules, digest: [4; 32] }));
    let newer = forger.assert(
        &ledger,
        Body::Ledger(LedgerEvent::StateDigest { position: edited, rules: 9, digest: [4; 32] }),
    );
    let report = forger.audit(&Options::default());
    assert_eq!(found(&report), [at(edited, Kind::DigestDiffers), at(newer, Kind::RulesUnknown)]);
    assert_eq!((report.counts.digests, report.counts.reproduced), (before + 3, before + 1));
    assert_eq!(report.findings.group(), Some(Group::State));
}

/// The state after the first entries, as a snapshot has it.
fn kept(forger: &Forger, position: u64) -> KeptState {
    let mut state = State::default();
    for position in 0..position {
        let Entry { recorded_at, signed, .. } = forger.entry(position);
        let cx = Context { position, recorded_at, signer: signed.key_id };
        hourbook_ledger::domain::evolve(&mut state, &cx, &forger.event(position));
    }
    state.keep_digest();
    let last_recorded = forger.entry(position - 1).recorded_at;
    KeptState { position, origin: forger.origin.clone(), root: forger.root(position), last_recorded, state }
}

#[test]
fn from_a_snapshot_on_everything_is_checked_and_before_it_the_root_alone() {
    let mut forger = forger();
    let actor = volunteer(&forger);
    while forger.len() < 1_300 {
        forger.assert(&actor, Body::public_name(actor.person, true));
    }
    forger.change(200, |entry| entry.signed.signature[0] ^= 1);
    forger.change(forger.len() - 9, |entry| entry.signed.signature[0] ^= 1);
    let expected = [at(forger.len() - 9, Kind::BadSignature)];
    let log = forger.write();
    let (_writer, reader, _) = engine::open(log.path(), OpenOptions::default()).unwrap();
    let source = EngineSource(reader);
    for position in [255, 256, 257, 400, 768, 1_024, forger.len() - 10] {
        let saved = [100, position, forger.len()];
        let saved = saved.map(|size| Saved { name: size.to_string(), note: forger.checkpoint(size) });
        let options = Options { saved: saved.to_vec(), ..Options::default() };
        let report = audit_from(&source, &options, Some(kept(&forger, position))).unwrap();
        assert_eq!(found(&report), expected, "from {position}");
        assert_eq!((report.trusted, report.counts.entries), (position, forger.len() - position));
        assert_eq!(report.root, Some(forger.root(forger.len())));
        let compared: Vec<_> = report.saved.iter().map(|saved| saved.is_prefix).collect();
        assert_eq!(compared, [None, Some(true), Some(true)], "from {position}");
    }
    let mut other = kept(&forger, 400);
    other.root[0] ^= 1;
    let report = audit_from(&source, &Options::default(), Some(other)).unwrap();
    let expected = [(None, Kind::SnapshotUnusable), at(200, Kind::BadSignature), expected[0]];
    assert_eq!((found(&report), report.trusted), (expected.to_vec(), 0));
    let mut drifted = kept(&forger, 400);
    drifted.state = kept(&forger, 399).state;
    let report = audit_from(&source, &Options::default(), Some(drifted)).unwrap();
    assert!(report.findings.total() > 1, "a state that is not that of its position does not pass");
}

#[test]
fn a_timer_that_was_held_back_is_named_once() {
    // So early that nobody has laid down or lost anything.
    let Honest { mut forger, cast, dir: _dir } = acted(0);
    let actor = cast.volunteers[0].actor.clone();
    // Whatever else runs out, this does: one founder deposes the other after the term.
    let Cast { founder, second_founder, .. } = &cast;
    let person = second_founder.person;
    forger.assert(
        founder,
        Body::Role(RoleEvent::Revoked { person, role: Role::Founder, scope: Scope::Ledger }),
    );
    let later = Millis(forger.now().0 + 200 * DAY);
    let body = Body::public_name(actor.person, true);
    // A digest may fall between two timers that are due at once, so it holds none back.
    let ledger = forger.ledger.clone();
    let state = kept(&forger, forger.len()).state;
    let (position, rules, digest) = (forger.len() - 1, state.rules.version(), state.digest());
    let digest = Body::Ledger(LedgerEvent::StateDigest { position, rules, digest });
    let digest = forger.event_by(&ledger, later, digest);
    forger.append_at(later, &ledger.sign(&digest));
    assert_eq!(found_in(&forger), []);
    let [first, _] = [0, 1].map(|ms| {
        let event = forger.event_by(&actor, Millis(later.0 + ms), body.clone());
        forger.append_at(Millis(later.0 + ms), &actor.sign(&event))
    });
    assert_eq!(found_in(&forger), [at(first, Kind::TimerSkipped)]);
}

#[test]
fn a_look_that_stays_sealed_beyond_its_day_is_named_until_it_is_opened() {
    let Honest { mut forger, cast, dir: _dir } = acted(0);
    let (ledger, now) = (forger.ledger.clone(), forger.now());
    let until = now.date(OFFSET).plus(1);
    let look = village::look(cast.workers[0].id(), cast.volunteers[0].id());
    let mut event = forger.event_by(&ledger, now, look.clone());
    let [sealed, opening] = village::under_seal(&forger.origin, event.id, [7; 32], until, look);
    event.body = sealed;
    let position = forger.append_at(now, &ledger.sign(&event));
    let actor = &cast.volunteers[0].actor;
    let mut later = |days, by: &Actor, body: Body| {
        let at = Millis(now.0 + days * DAY);
        let event = forger.event_by(by, at, body);
        forger.append_at(at, &by.sign(&event));
        found_in(&forger)
    };
    let consent = |agreed| Body::public_name(actor.person, agreed);
    assert_eq!(later(1, actor, consent(true)), [], "it may be sealed on its last day");
    assert_eq!(later(2, actor, consent(false)), [at(position, Kind::LookOverdue)]);
    assert_eq!(later(3, &ledger, opening), [], "late is better than never");
}

#[test]
fn a_root_signed_over_other_leaves_is_named() {
    let forger = forger();
    let size = forger.len();
    let dir = forger.write_with(forger.sign(size, [7; 32]));
    let report = audit_log(dir.path(), &Options::default());
    assert_eq!(found(&report), [(None, Kind::RootMismatch)]);
    assert_eq!(report.findings.group(), Some(Group::Tree));
}

#[test]
fn a_checkpoint_that_is_behind_ahead_none_or_by_another_key_is_named() {
    let forger = forger();
    let size = forger.len();
    let stranger = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let cases = [
        (forger.checkpoint(size - 4), vec![at(size - 4, Kind::UnsignedTail)]),
        (forger.sign(size + 1, [1; 32]), vec![at(size, Kind::EntriesMissing)]),
        (b"no note".to_vec(), vec![(None, Kind::CheckpointUnreadable)]),
        (Vec::new(), vec![(None, Kind::CheckpointUnreadable)]),
        (forger.sign_with(&stranger, size, forger.root(size)), vec![(None, Kind::CheckpointSignature)]),
    ];
    for (note, expected) in cases {
        let dir = forger.write_with(note);
        assert_eq!(found(&audit_log(dir.path(), &Options::default())), expected);
    }
}

#[test]
fn a_key_that_the_founding_event_does_not_name_is_named() {
    let forger = forger();
    let stranger = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let note = forger.sign_with(&stranger, forger.len(), forger.root(forger.len()));
    let signer = hourbook_ledger::note::NoteSigner::new(forger.origin.as_str(), stranger).unwrap();
    let dir = forger.write_with(note);
    let log_key = Some(signer.verifier().clone());
    let report = audit_log(dir.path(), &Options { log_key, ..Options::default() });
    assert_eq!(found(&report), [(None, Kind::LogKey)]);
}

#[test]
fn behind_an_entry_that_cannot_be_read_signatures_are_still_checked() {
    let mut forger = forger();
    forger.entries[100] = b"no entry".to_vec();
    forger.change(500, |entry| entry.signed.signature[0] ^= 1);
    let report = forger.audit(&Options::default());
    let expected = [at(100, Kind::EntryMalformed), at(100, Kind::RulesStopped), at(500, Kind::BadSignature)];
    assert_eq!(found(&report), expected);
    assert_eq!((report.rules_stopped, report.counts.decided), (Some(100), 100));
    assert_eq!(report.root, Some(forger.root(forger.len())));
}

#[test]
fn a_value_that_is_not_in_the_vault_is_named() {
    let honest = honest();
    let dir = TempDir::new().unwrap();
    Vault::init(dir.path(), &mut *hourbook::state::system_rng()).unwrap();
    let master = MasterKey::load(dir.path()).unwrap();
    let vault = Vault::open(dir.path(), master, hourbook::state::system_rng()).unwrap();
    let registered =
        honest.forger.find(|event| matches!(event.body, Body::Member(MemberEvent::Registered { .. })));
    let report =
        honest.forger.audit(&Options { vault: Some(&vault), most_findings: 9_999, ..Options::default() });
    let found = found(&report);
    assert!(found.iter().all(|(_, kind)| *kind == Kind::OpeningMissing), "{found:?}");
    assert!(found.contains(&at(registered[0], Kind::OpeningMissing)));
    assert_eq!((report.counts.openings, report.counts.commitments), (0, report.findings.total()));
}

/// The tiles of a log as files.
fn exported(forger: &Forger) -> TempDir {
    use hourbook_ledger::audit::Source;
    use hourbook_ledger::tiles::{Tile, TileKind};
    let (log, out) = (forger.write(), TempDir::new().unwrap());
    let (_writer, reader, _) = engine::open(log.path(), OpenOptions::default()).unwrap();
    let source = EngineSource(reader);
    std::fs::write(out.path().join("checkpoint"), source.checkpoint().unwrap().unwrap()).unwrap();
    let kinds = [TileKind::Entries, TileKind::Hashes(0), TileKind::Hashes(1)];
    for kind in kinds {
        for index in 0.. {
            let Some(tile) = Tile::at(kind, index, forger.len()) else { break };
            let path = out.path().join(tile.to_string());
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, source.tile(&tile).unwrap().unwrap()).unwrap();
        }
    }
    out
}

#[test]
fn a_directory_of_tiles_is_audited_like_a_log_and_what_is_wrong_in_it_is_named() {
    use hourbook_ledger::audit::DirectorySource;
    let mut forger = forger();
    let actor = volunteer(&forger);
    while forger.len() < 1_100 {
        forger.assert(&actor, Body::public_name(actor.person, true));
    }
    let dir = exported(&forger);
    let look = || audit(&DirectorySource(dir.path().to_owned()), &Options::default()).unwrap();
    let clean = look();
    assert_eq!((found(&clean), clean.counts.decided), (vec![], forger.len()));
    let change = |path: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let path = dir.path().join(path);
        let old = std::fs::read(&path).unwrap();
        let mut bytes = old.clone();
        change(&mut bytes);
        std::fs::write(&path, bytes).unwrap();
        let found = found(&look());
        std::fs::write(&path, old).unwrap();
        found
    };
    let flipped = |at: usize| move |bytes: &mut Vec<u8>| bytes[at] ^= 1;
    assert_eq!(change("tile/0/001", &flipped(40)), [at(257, Kind::TileMismatch)]);
    assert_eq!(change("tile/1/000.p/4", &flipped(0)), [(None, Kind::TileMismatch)]);
    let cut = change("tile/entries/001", &|bytes| bytes.truncate(bytes.len() - 1));
    assert_eq!(cut, [at(256, Kind::EntriesMissing), at(511, Kind::RulesStopped)]);
    let entry = change("tile/entries/002", &flipped(30));
    assert!(entry.contains(&(None, Kind::RootMismatch)), "{entry:?}");
    std::fs::remove_file(dir.path().join("tile/entries/000")).unwrap();
    let missing = found(&look());
    assert!(missing.contains(&at(0, Kind::EntriesMissing)), "{missing:?}");
    std::fs::remove_dir_all(dir.path().join("tile")).unwrap();
    std::fs::create_dir(dir.path().join("tile")).unwrap();
    let nothing = found(&look());
    assert!(nothing.contains(&at(0, Kind::EntriesMissing)), "{nothing:?}");
}

/// A name in the vault under a commitment of another subject is not an opening of it.
#[test]
fn a_value_of_somebody_else_is_named() {
    let mut forger = forger();
    let cast = &honest().cast;
    let mut dice = SeededRng::new(5, "openings");
    let opening = Opening::new([1; 16], Field::Name, dice.bytes(), "某人").unwrap();
    let dir = TempDir::new().unwrap();
    Vault::init(dir.path(), &mut *hourbook::state::system_rng()).unwrap();
    let vault =
        Vault::open(dir.path(), MasterKey::load(dir.path()).unwrap(), hourbook::state::system_rng()).unwrap();
    vault.put(std::slice::from_ref(&opening)).unwrap();
    let newcomer = forger.stranger();
    let body = Body::registered(newcomer.person, cast.grids[0], opening.commitment(), None);
    let founder = cast.founder.clone();
    let position = forger.assert(&founder, body);
    let options = Options { vault: Some(&vault), most_findings: 9_999, ..Options::default() };
    let found = found(&forger.audit(&options));
    assert!(found.contains(&at(position, Kind::OpeningDiffers)), "{found:?}");
}
