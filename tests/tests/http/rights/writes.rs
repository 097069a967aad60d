//! Everybody tries everything, signed by an own key. Each act is handed in with two more that follow it: its recall, which is
//! possible only while it waits, and one that is always refused. So the whole is refused whatever comes, at a place that
//! tells what would have become of the first, and the next one finds the town as it was.

use std::collections::BTreeSet;

use hourbook_ledger::domain::event::{ActEvent, Body, BodyKind, Event};
use hourbook_ledger::domain::ids::EventId;
use hourbook_ledger::envelope::Submission;

use super::acts::{Try, about, at_large, is_tried};
use super::cast::*;
use super::reads::Scene;
use super::states::Subject;
use super::verdicts::Verdict;

/// What was tried and found.
#[derive(Default, Debug)]
pub(crate) struct Tried {
    pub(crate) cells: usize,
    pub(crate) accepted: usize,
    pub(crate) tried: BTreeSet<BodyKind>,
    pub(crate) once_accepted: BTreeSet<BodyKind>,
    pub(crate) found: Vec<String>,
}

impl Tried {
    pub(crate) fn add(&mut self, other: Self) {
        self.cells += other.cells;
        self.accepted += other.accepted;
        self.tried.extend(other.tried);
        self.once_accepted.extend(other.once_accepted);
        self.found.extend(other.found);
    }
}

/// What one person tries who has a key.
pub(crate) fn try_all(scene: &Scene, viewer: &Viewer) -> Tried {
    let mut tried = Tried::default();
    if viewer.hand.is_none() {
        return tried;
    }
    let is_one_of_them = viewer.own_number.is_some();
    let size = scene.town.server.app.reader.head().size;
    let of_whom = scene.subjects.iter().filter(|subject| is_tried(subject.state) && viewer.tries(subject));
    let acts = of_whom.flat_map(|subject| {
        let acts = about(scene, viewer, subject);
        acts.into_iter().map(move |act| (format!("{:?}", subject.state), act))
    });
    let at_large = if is_one_of_them { Vec::new() } else { at_large(scene, viewer) };
    let at_large = at_large.into_iter().map(|act| ("nobody".to_owned(), act));
    for (whom, act) in acts.chain(at_large) {
        try_one(scene, viewer, &whom, act, &mut tried);
    }
    let now = scene.town.server.app.reader.head().size;
    if now != size {
        tried.found.push(format!("{}: the log grew from {size} to {now} by what was refused", viewer.name));
    }
    tried
}

impl Viewer {
    /// One of those whom all of it is about is to the others what a stranger or neighbour is, who tries all of them.
    fn tries(&self, subject: &Subject) -> bool {
        self.own_number.is_none_or(|own| own == subject.number)
    }
}

fn try_one(scene: &Scene, viewer: &Viewer, whom: &str, act: Try, tried: &mut Tried) {
    let kind = act.body.kind();
    let (owed, what) = (act.owed, format!("{}{} about {whom}", kind.name(), act.how()));
    let (got, code) = become_of(scene, viewer, act);
    tried.cells += 1;
    tried.tried.insert(kind);
    if got > Verdict::No {
        tried.accepted += 1;
        tried.once_accepted.insert(kind);
    }
    if got != owed {
        tried.found.push(format!("{}: {what} is {got:?} ({code}), owed {owed:?}", viewer.name));
    }
}

/// What becomes of an act, and the code of the refusal.
fn become_of(scene: &Scene, viewer: &Viewer, act: Try) -> (Verdict, String) {
    let (who, _) = viewer.hand.as_ref().expect("whoever tries has a key");
    let mut rng = hourbook::state::system_rng();
    let now = scene.town.server.now();
    let event = act.event(who.event(now, &mut *rng, act.body.clone()));
    let recall = who.event(now, &mut *rng, Body::Act(ActEvent::Stopped { act: event.id }));
    let poison = who.event(now, &mut *rng, Body::Act(ActEvent::Stopped { act: EventId([0x5e; 16]) }));
    let plain = |event: &Event| Submission { signed: who.sign(event), openings: Vec::new() };
    let first = Submission { openings: act.openings, ..plain(&event) };
    let answer = scene.town.server.append(&[first, plain(&recall), plain(&poison)]);
    let code = answer.code();
    match answer.json()["index"].as_u64() {
        Some(0) => (Verdict::No, code),
        Some(1) => (Verdict::AtOnce, code),
        Some(2) => (Verdict::Waits, code),
        _ => panic!("{} {}", answer.status, answer.text()),
    }
}
