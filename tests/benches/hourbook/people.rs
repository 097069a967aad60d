//! A whole city's people: what one takes of memory, and how fast a rank among all of them is found.

use std::time::Instant;

use hourbook_ledger::domain::event::{Body, MemberEvent, Scope};
use hourbook_ledger::domain::ids::{KeyId, PersonId};
use hourbook_ledger::domain::{Context, State, evolve};
use hourbook_ledger::follower::LoggedEvent;
use hourbook_ledger::store::lazy;
use hourbook_projections::Models;
use hourbook_projections::window::Window;
use hourbook_tests::seeded::SeededRng;
use serde_json::json;

use crate::Size;
use crate::crowd::{Crowd, Draft};
use crate::report::{Figure, percentile, rate};

/// Members of Wuhan's volunteers.
const WUHAN: usize = 2_444_600;
/// Entries between two digests.
const DIGEST_EVERY: u64 = 4_096;

/// Bytes of this process that are in memory.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * 4_096
}

fn people(size: &Size) -> usize {
    if size.log < 100_000 { 2_000 } else { WUHAN }
}

/// Applies drafts as if they had been recorded, and shows each to `tell`.
fn apply(state: &mut State, position: &mut u64, drafts: Vec<Draft>, mut tell: impl FnMut(LoggedEvent)) {
    for Draft { event, .. } in drafts {
        let signer = KeyId([0; 16]);
        let (recorded_at, at) = (event.occurred_at, *position);
        let effects = evolve(state, &Context { position: at, recorded_at, signer }, &event);
        let revision = state.revision(&event.stream).unwrap_or(0);
        tell(LoggedEvent { position: at, recorded_at, revision, signer, event, effects });
        *position += 1;
    }
}

fn is_newcomer(told: &LoggedEvent) -> Option<PersonId> {
    match &told.event.body {
        Body::Member(MemberEvent::Registered { person, .. }) => Some(*person),
        _ => None,
    }
}

/// `rank`: among all people of the city, with rows of service for each.
pub(crate) fn rank(size: &Size) {
    let (mut state, mut models, mut position) = (State::default(), Models::default(), 0);
    let mut persons = Vec::new();
    let mut crowd = Crowd::new(size.keyed);
    let mut tell = |told: LoggedEvent| {
        persons.extend(is_newcomer(&told));
        models.fold(&told);
    };
    let begun = crowd.begin();
    apply(&mut state, &mut position, begun, &mut tell);
    for community in 0.. {
        let visit = crowd.visit(community);
        apply(&mut state, &mut position, visit, &mut tell);
        // One newcomer a visit.
        if community >= people(size) {
            break;
        }
    }
    let mut dice = SeededRng::new(2, "rank");
    let (mut times, mut found) = (Vec::new(), 0);
    for _ in 0..size.lone * 10 {
        let person = *dice.pick(&persons);
        let begin = Instant::now();
        let rank = models.rank(Scope::Ledger, Window::All, person);
        times.push(begin.elapsed().as_secs_f64() * 1e6);
        found += usize::from(rank.is_some());
    }
    Figure {
        name: "rank",
        value: percentile(&times, 99),
        unit: "us (p99)",
        limit: "the budget",
        limit_value: Some(50.0),
        budget: "below 50 us in process, exact",
        holds: Some(percentile(&times, 99) < 50.0),
        with: json!({"people": persons.len(), "with_hours": found, "queries": times.len(),
            "p50": percentile(&times, 50), "first": times[0]}),
    }
    .print();
}

/// What a crowd does that is as many as come with so many events; more of them would not say more of one.
fn history(size: &Size) -> Vec<Draft> {
    let people = (size.log as usize / 10).clamp(500, WUHAN / 4);
    let mut crowd = Crowd::new(size.keyed);
    let mut told = crowd.begin();
    (0..people).for_each(|community| told.extend(crowd.visit(community)));
    told
}

/// Applies drafts that are borrowed, not moved: what they hold is kept to the end.
fn apply_kept(state: &mut State, told: &[Draft], mut after_each: impl FnMut(&mut State, u64)) {
    for (position, Draft { event, .. }) in (0..).zip(told) {
        let cx = Context { position, recorded_at: event.occurred_at, signer: KeyId([0; 16]) };
        evolve(state, &cx, event);
        after_each(state, position);
    }
}

/// `state-digest`: what it costs to keep the digest of the rule state up; and to write that state and read it back.
pub(crate) fn digest(size: &Size) {
    let told = history(size);
    let count = told.len() as f64;
    let (mut plain, mut kept) = (State::default(), State::default());
    kept.keep_digest();
    let without = rate(count, || apply_kept(&mut plain, &told, |_, _| {}));
    let with = rate(count, || {
        apply_kept(&mut kept, &told, |state, position| {
            if position % DIGEST_EVERY == 0 {
                state.settle_digest();
            }
        });
    });
    let (digest, mut bytes) = (kept.settle_digest(), Vec::new());
    let scratch = rate(1.0, || assert_eq!(plain.digest(), digest, "kept up and from scratch"));
    let writing = rate(1.0, || kept.write(&mut bytes).expect("a list takes everything"));
    let length = bytes.len();
    let mut read = None;
    let reading = rate(1.0, || read = lazy::load::<State>(bytes.into()));
    assert_eq!(read.expect("the bytes of a state").digest(), digest, "read back");
    Figure {
        name: "state-digest",
        value: with.cpu_us - without.cpu_us,
        unit: "us/event (processor)",
        limit: "applying it",
        limit_value: Some(without.cpu_us),
        budget: "only what changed is digested",
        holds: None,
        with: json!({"events": told.len(), "bytes": length, "from_scratch_us": scratch.cpu_us,
            "write_us": writing.cpu_us, "read_us": reading.cpu_us}),
    }
    .print();
}

/// `memory-state` and `memory-models`: what a member takes in the rule state, and in the read models.
pub(crate) fn memory(size: &Size, of_models: bool) {
    let mut log = Vec::new();
    let (mut state, mut position) = (State::default(), 0);
    let told = history(size);
    let members =
        told.iter().filter(|d| matches!(d.event.body, Body::Member(MemberEvent::Registered { .. }))).count();
    let events = told.len();
    let before = resident();
    if of_models {
        let mut models = Models::default();
        apply(&mut state, &mut position, told, |told| log.push(told));
        let before = resident();
        log.iter().for_each(|told| models.fold(told));
        print_memory("memory-models", resident().saturating_sub(before), members, events, 250.0);
        return drop(models);
    }
    apply_kept(&mut state, &told, |_, _| {});
    print_memory("memory-state", resident().saturating_sub(before), members, events, 1_024.0);
    drop(state);
}

fn print_memory(name: &str, bytes: u64, members: usize, events: usize, budget: f64) {
    let each = bytes as f64 / members as f64;
    Figure {
        name,
        value: each,
        unit: "bytes/member",
        limit: "the budget",
        limit_value: Some(budget),
        budget: "1 KB a member in the rule state, 250 B in the read models",
        holds: Some(each < budget),
        with: json!({"members": members, "events": events, "bytes_an_event": bytes / events as u64}),
    }
    .print();
}
