//! The rules: whatever can be decoded is decided in a village with a history, and the oracle looks on.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use hourbook_ledger::domain::event::{Assurance, Body, Event, LedgerEvent};
use hourbook_ledger::domain::ids::{EventId, KeyId, PersonId};
use hourbook_ledger::domain::time::Millis;
use hourbook_ledger::domain::{Context, State, decide, evolve};
use hourbook_ledger::follower::{LoggedEvent, Snapshots as _};
use hourbook_ledger::fuzzing::sample_events;
use hourbook_ledger::snapshot::WriteContent;
use hourbook_ledger::store::lazy::{self, Save as _};
use hourbook_ledger::store::table::Transaction as _;
use hourbook_ledger::wire::{decode_event, encode_event};
use hourbook_projections::{Models, ReadSide};
use hourbook_tests::compare;
use hourbook_tests::model::Model;
use hourbook_tests::model::outcome::At;
use hourbook_tests::run::{Disturbance, Run, entries};
use hourbook_tests::village::Setting;

use super::Target;
use super::feed::Feed;

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target { name: "rules", run: rules, seeds: plays, longest: 1_024 },
        Target { name: "snapshot", run: snapshot, seeds: snapshots, longest: 1_024 },
    ]
}

/// A village as it once was.
struct Moment {
    state: State,
    model: Model,
    size: u64,
    now: Millis,
}

struct Past {
    moments: Vec<Moment>,
    /// Everything that was ever accepted, and one event of every kind.
    events: Vec<Event>,
    ids: Vec<[u8; 16]>,
    keys: Vec<(PersonId, KeyId)>,
}

fn past() -> &'static Past {
    static PAST: OnceLock<Past> = OnceLock::new();
    PAST.get_or_init(|| {
        let mut run = Run::new(Setting::small(5), Disturbance::None);
        run.act(5, 60, 1_000);
        let history = entries(&run.village, 0);
        let (mut state, mut model, mut moments) = (State::default(), Model::default(), Vec::new());
        let mut keys = BTreeSet::new();
        for (number, (at, event)) in history.iter().enumerate() {
            let cx = Context { position: at.position, recorded_at: at.recorded_at, signer: at.signer };
            evolve(&mut state, &cx, event);
            model.take(*at, event).expect("it was accepted");
            keys.insert((event.actor, at.signer));
            if (number + 1).is_multiple_of(history.len() / 4) {
                let (size, now) = (at.position + 1, at.recorded_at);
                moments.push(Moment { state: state.clone(), model: model.clone(), size, now });
            }
        }
        let mut events: Vec<Event> = history.into_iter().map(|(_, event)| event).collect();
        let ids = events
            .iter()
            .flat_map(|event| [event.id.0, event.actor.0, event.stream.id])
            .collect::<BTreeSet<_>>();
        events.extend(sample_events());
        Past { moments, events, ids: ids.into_iter().collect(), keys: keys.into_iter().collect() }
    })
}

/// Some events one after the other. A verdict changes nothing and is always the same; what is applied can be taken back;
/// what is accepted is accepted by the oracle, which derives the same from it.
fn rules(bytes: &[u8]) {
    let mut feed = Feed::new(bytes);
    let moment = feed.pick(&past().moments);
    let (mut state, mut model) = (moment.state.clone(), moment.model.clone());
    let (mut size, mut now) = (moment.size, moment.now);
    let mut accepted = 0;
    for number in 0..8 {
        if feed.is_empty() {
            break;
        }
        now = Millis(now.0 + feed.short() as i64 * [1, 60_000, 3_600_000][feed.below(3)]);
        let Some(event) = something(&mut feed, number, now) else { continue };
        let cx = Context { position: size, recorded_at: now, signer: signer(&mut feed, &event) };
        // What is checked before the rules: a key that is enrolled and has not ended.
        if state.keys.get(cx.signer).is_none_or(|key| key.until.is_some()) {
            continue;
        }
        let verdict = decide(&state, &cx, &event);
        assert_eq!(decide(&state, &cx, &event), verdict, "decided again");
        if verdict.is_err() {
            continue;
        }
        let revision = state.revision(&event.stream).map_or(0, |last| last + 1);
        if feed.byte().is_multiple_of(4) {
            taken_back(&mut state, &cx, &event);
        }
        let effects = evolve(&mut state, &cx, &event);
        let at = At { position: size, recorded_at: now, revision, signer: cx.signer };
        let outcome = model.take(at, &event);
        let outcome = outcome.unwrap_or_else(|fault| panic!("the oracle objects: {fault}: {event:#?}"));
        let told =
            LoggedEvent { position: size, recorded_at: now, revision, signer: cx.signer, event, effects };
        compare::effects(&outcome, &told);
        size += 1;
        accepted += 1;
    }
    if accepted > 0 {
        compare::state(&model, &state);
    }
}

/// An event of the past or of any kind, with other persons and things in it, or other bytes; always new and well-formed.
fn something(feed: &mut Feed<'_>, number: u8, now: Millis) -> Option<Event> {
    let events = &past().events;
    let event = &events[feed.short() % events.len()];
    let mut bytes = encode_event(event);
    for _ in 0..feed.below(4) {
        let known: Vec<usize> = (0..bytes.len().saturating_sub(15))
            .filter(|at| past().ids.binary_search_by(|id| id[..].cmp(&bytes[*at..at + 16])).is_ok())
            .collect();
        if !known.is_empty() {
            let at = known[feed.below(known.len())];
            bytes[at..at + 16].copy_from_slice(feed.pick::<[u8; 16]>(&past().ids));
        }
    }
    feed.damage(&mut bytes, 2);
    let mut event = decode_event(&bytes).ok()?;
    let mut id = [0x80 | number; 16];
    id[..6].copy_from_slice(&now.0.to_be_bytes()[2..]);
    id[6] = 0x70;
    event.id = EventId(id);
    event.ledger.clone_from(&events[0].ledger);
    event.stream = event.body.stream(event.id);
    match feed.byte() % 8 {
        0 => (event.assurance, event.acting_for) = (Assurance::DeviceKey, None),
        1 => {
            event.acting_for = Some(event.actor);
            event.actor = feed.pick(&past().keys).0;
            event.assurance = Assurance::StaffProxy;
        }
        2 => event.actor = feed.pick(&past().keys).0,
        _ => {}
    }
    let founds = matches!(event.body, Body::Ledger(LedgerEvent::Founded(_)));
    (!founds).then_some(event)
}

fn signer(feed: &mut Feed<'_>, event: &Event) -> KeyId {
    let keys = &past().keys;
    let own = keys.iter().find(|(person, _)| *person == event.actor).map(|(_, key)| *key);
    match own {
        Some(key) if !feed.byte().is_multiple_of(8) => key,
        _ => feed.pick(keys).1,
    }
}

fn taken_back(state: &mut State, cx: &Context, event: &Event) {
    let before = fingerprint(state);
    state.begin();
    evolve(state, cx, event);
    state.rollback();
    assert_eq!(fingerprint(state), before, "not all of it was taken back: {event:#?}");
}

/// Everything in the state, without the order of hash tables; in short and at length.
fn fingerprint(state: &State) -> ([u8; 32], Vec<String>) {
    let mut lines: Vec<String> = format!("{state:#?}").lines().map(|line| line.trim().to_owned()).collect();
    lines.sort_unstable();
    (state.digest(), lines)
}

/// The moment; then time (2) and its unit, event (2), swaps of ids, damage, form, signer, whether to take back.
fn plays() -> Vec<Vec<u8>> {
    let play = |moment: u8, event: usize| {
        let [high, low] = (event as u16).to_be_bytes();
        let one = [0, 9, 1, high, low, 0, 0, 3, 1, 0];
        let other = [0, 1, 2, high, low, 1, 0, 9, 0, 0, 1, 1, 0];
        [&[moment][..], &one, &other].concat()
    };
    (0..past().events.len()).step_by(3).map(|event| play((event % 4) as u8, event)).collect()
}

/// The state and the read models of a village, as a snapshot keeps them.
fn kept() -> &'static (Vec<u8>, Vec<u8>) {
    static KEPT: OnceLock<(Vec<u8>, Vec<u8>)> = OnceLock::new();
    KEPT.get_or_init(|| {
        let mut run = Run::new(Setting::small(6), Disturbance::None);
        run.act(6, 40, 600);
        let (mut state, read) = (State::default(), ReadSide::new());
        for (at, event) in entries(&run.village, 0) {
            let cx = Context { position: at.position, recorded_at: at.recorded_at, signer: at.signer };
            let effects = evolve(&mut state, &cx, &event);
            let At { position, recorded_at, revision, signer } = at;
            read.take(&[LoggedEvent { position, recorded_at, revision, signer, event, effects }]);
        }
        (written(&mut |to| state.write(to)), written(&mut |to| read.save(to)))
    })
}

fn written(content: WriteContent<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    content(&mut bytes).expect("a list takes everything");
    bytes
}

/// A snapshot whose checksum is right and whose content is not: it is refused, or found unsound, or all of it can be
/// decoded, kept and read again.
fn snapshot(bytes: &[u8]) {
    let mut feed = Feed::new(bytes);
    let (mut state, mut models) = kept().clone();
    if feed.byte().is_multiple_of(2) {
        feed.damage(&mut state, 6);
    } else {
        feed.damage(&mut models, 6);
    }
    if let Some(mut read) = lazy::load(state.into()).filter(State::validate) {
        let again: State = lazy::load(written(&mut |to| read.write(to)).into()).expect("it was written");
        assert_eq!(again.digest(), read.digest());
    }
    if let Some(read) = lazy::load(models.into()).filter(Models::validate) {
        let again: Models =
            lazy::load(written(&mut |to| lazy::save(&read, to)).into()).expect("it was written");
        assert!(again.validate());
    }
}

fn snapshots() -> Vec<Vec<u8>> {
    vec![vec![0], vec![1], (0..=255).collect(), (0..=255).rev().collect()]
}
