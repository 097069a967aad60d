//! All chains of acts, the shortest first; what was reached in two ways is gone on from once.

use super::acts::{Act, acts};
use super::oracle::{Attempt, Facts, PLAIN, Scene, facts, is_at_home, scenes};
use super::town::*;
use hourbook_ledger::domain::event::{
    ActKind, Body, BodyKind, CreditKind, Event, HoursKind, KeyKind, ListKind, MemberKind, OrganisationKind,
    ReportInKind, RoleKind, SessionEvent, SessionKind,
};
use hourbook_ledger::domain::ids::{EventId, KeyId, PersonId};
use hourbook_ledger::store::table::Transaction;
use std::collections::{BTreeSet, HashSet};
use std::sync::Mutex;

/// Who tries: one, or two who stand together.
const SIDES: [&[PersonId]; 16] = [
    &[WORKER_B],
    &[STEWARD_B],
    &[OFFICER],
    &[SECRETARY],
    &[LEAD_B],
    &[AUDITOR_B],
    &[NEIGHBOUR],
    &[ERASED],
    &[WORKER_A],
    &[OTHER_WORKER_A],
    &[STEWARD],
    &[FOUNDER],
    &[WORKER_B, OTHER_WORKER_B],
    &[WORKER_B, STEWARD_B],
    &[OFFICER, SECRETARY],
    &[WORKER_A, OTHER_WORKER_A],
];

/// What was tried and what came of it.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Scenes, hands and kinds of event that were put together.
    pub(crate) cells: usize,
    pub(crate) searches: usize,
    pub(crate) tried: usize,
    pub(crate) accepted: usize,
    pub(crate) chains: usize,
    pub(crate) kinds: BTreeSet<BodyKind>,
    pub(crate) found: Vec<String>,
}

impl Outcome {
    fn add(&mut self, other: Self) {
        self.cells += other.cells;
        self.searches += other.searches;
        self.tried += other.tried;
        self.accepted += other.accepted;
        self.chains += other.chains;
        self.kinds.extend(other.kinds);
        self.found.extend(other.found);
    }
}

/// How far to go.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// Acts of the longest chain.
    pub(crate) longest: usize,
    /// Goes on from every act and tries every act last, also those that decide about nobody's rights.
    pub(crate) thorough: bool,
}

/// Acts upon which it may depend what can be asserted next, or which have to do with what is judged. The others (the work
/// of communities: activities, wishes, policies) are tried first and second, and nothing is built upon them.
const BEARING: [BodyKind; 28] = {
    use BodyKind as K;
    [
        K::Organisation(OrganisationKind::Linked),
        K::Key(KeyKind::Enrolled),
        K::Key(KeyKind::Rotated),
        K::Key(KeyKind::Revoked),
        K::Role(RoleKind::Granted),
        K::Role(RoleKind::Revoked),
        K::Member(MemberKind::Affiliated),
        K::ReportIn(ReportInKind::Filed),
        K::ReportIn(ReportInKind::Answered),
        K::ReportIn(ReportInKind::Ended),
        K::Hours(HoursKind::Confirmed),
        K::Hours(HoursKind::Corrected),
        K::Credit(CreditKind::Transferred),
        K::Credit(CreditKind::Held),
        K::Credit(CreditKind::Settled),
        K::Credit(CreditKind::Voided),
        K::List(ListKind::Published),
        K::List(ListKind::MemberExempted),
        K::Member(MemberKind::ErasureRequested),
        K::Member(MemberKind::PersonalDataErased),
        K::Session(SessionKind::Granted),
        K::Session(SessionKind::Closed),
        K::Member(MemberKind::ConsentGiven),
        K::Member(MemberKind::HelperNamed),
        K::Member(MemberKind::HelperEnded),
        K::Act(ActKind::Approved),
        K::Act(ActKind::Stopped),
        K::Act(ActKind::TookEffect),
    ]
};

/// What one side finds in one scene.
#[cfg(feature = "planted-bugs")]
pub(crate) fn search_one(scene: &Scene, side: &[PersonId], bounds: Bounds) -> Outcome {
    Search::new(scene, side, bounds).run()
}

/// Every side against every scene.
pub(crate) fn search_all(bounds: Bounds) -> Outcome {
    let scenes = scenes();
    let pairs = scenes.iter().flat_map(|scene| SIDES.iter().map(move |side| (scene, *side)));
    let open = Mutex::new(pairs.collect::<Vec<_>>());
    let all = Mutex::new(Outcome::default());
    let work = || {
        loop {
            let next = open.lock().expect("nobody panicked").pop();
            let Some((scene, side)) = next else { return };
            let outcome = Search::new(scene, side, bounds).run();
            all.lock().expect("nobody panicked").add(outcome);
        }
    };
    std::thread::scope(|scope| {
        (0..2).for_each(|_| drop(scope.spawn(work)));
    });
    all.into_inner().expect("nobody panicked")
}

/// A point reached, and how.
#[derive(Clone)]
struct Ledger {
    world: World,
    chain: Vec<Step>,
}

/// One act of a chain.
#[derive(Clone)]
struct Step {
    event: Event,
    hand: Hand,
}

struct Search<'a> {
    scene: &'a Scene,
    side: &'a [PersonId],
    longest: usize,
    thorough: bool,
    before: Facts,
    seen: HashSet<([u8; 32], usize)>,
    cells: HashSet<(PersonId, bool, BodyKind, Name)>,
    outcome: Outcome,
}

impl<'a> Search<'a> {
    fn new(scene: &'a Scene, side: &'a [PersonId], bounds: Bounds) -> Self {
        let before = facts(&scene.world, side);
        let (seen, cells, outcome) = (HashSet::new(), HashSet::new(), Outcome::default());
        let Bounds { mut longest, thorough, .. } = bounds;
        if !thorough && !is_at_length(scene, side) {
            longest = longest.min(2);
        }
        Self { scene, side, longest, thorough, before, seen, cells, outcome }
    }

    fn run(mut self) -> Outcome {
        let mut world = self.scene.world.clone();
        // Theirs are their own keys; whoever tries alone has whatever was handed out before, too.
        let alone = self.side.len() == 1;
        world.hands.retain(|(master, _)| alone && self.side.contains(master));
        world.hands.extend(self.side.iter().map(|person| (*person, own(*person))));
        let start = Ledger { world, chain: Vec::new() };
        self.look(&start.world, None, &start.chain, false);
        let mut open = vec![start];
        for length in 1..=self.longest {
            if !self.outcome.found.is_empty() {
                break;
            }
            let mut next = Vec::new();
            open.into_iter().for_each(|node| self.go_on(node, length < self.longest, &mut next));
            open = next;
        }
        self.outcome.searches = 1;
        self.outcome.cells = self.cells.len();
        self.outcome
    }

    fn go_on(&mut self, mut node: Ledger, deeper: bool, next: &mut Vec<Ledger>) {
        for (master, hand) in node.world.hands.clone() {
            let round = u8::try_from(node.chain.len()).expect("chains are short");
            for (number, act) in acts(&node.world, hand, round).into_iter().enumerate() {
                let late = self.longest > 2 && !deeper && !self.thorough;
                if late && !BEARING.contains(&act.0.kind()) {
                    continue;
                }
                self.try_out(&mut node, (master, hand), number, act, deeper, next);
            }
        }
    }

    fn try_out(
        &mut self,
        node: &mut Ledger,
        (master, hand): (PersonId, Hand),
        number: usize,
        (body, name): Act,
        deeper: bool,
        next: &mut Vec<Ledger>,
    ) {
        let kind = body.kind();
        self.outcome.tried += 1;
        if node.chain.len() < 2 {
            self.cells.insert((hand.person, matches!(hand.means, Means::Session(_)), kind, name));
            self.outcome.kinds.insert(kind);
        }
        let id = id(node, hand, number, kind);
        let (event, signer) = node.world.event(hand, name, id, body);
        let accepted = node.world.decide(&event, signer).is_ok();
        if !accepted {
            return;
        }
        self.outcome.accepted += 1;
        self.follow(node, (master, hand), &event, signer, deeper, next);
    }

    /// What comes of an accepted act, at once and when its term is over. It is taken back again.
    fn follow(
        &mut self,
        node: &mut Ledger,
        (master, hand): (PersonId, Hand),
        event: &Event,
        signer: KeyId,
        deeper: bool,
        next: &mut Vec<Ledger>,
    ) {
        node.chain.push(Step { event: event.clone(), hand });
        let (now, position, hands) = (node.world.now, node.world.position, node.world.hands.len());
        node.world.state.begin();
        node.world.apply(master, event, signer);
        self.outcome.chains += 1;
        let by_code = node.chain.iter().any(Step::rests_on_a_code);
        let fine = self.look(&node.world, Some((event, hand)), &node.chain, by_code);
        if fine && deeper && (self.thorough || bears(&node.chain)) {
            let mut reached = node.clone();
            reached.world.state.commit();
            if self.seen.insert((reached.world.state.settle_digest(), reached.world.hands.len())) {
                next.push(reached);
            }
        }
        if fine && node.world.state.acts.next_due().is_some() {
            self.look_later(&mut node.world, &node.chain, by_code);
        }
        node.world.state.rollback();
        (node.world.now, node.world.position) = (now, position);
        node.world.hands.truncate(hands);
        node.chain.pop();
    }

    fn look(&mut self, world: &World, last: Option<(&Event, Hand)>, chain: &[Step], by_code: bool) -> bool {
        let (scene, side, before) = (self.scene, self.side, &self.before);
        let attempt = Attempt { scene, side, before, by_code, waited: false };
        let fault = attempt.judge(world, last);
        self.tell(fault, chain, "")
    }

    fn look_later(&mut self, world: &mut World, chain: &[Step], by_code: bool) {
        world.wait(8);
        let (scene, side, before) = (self.scene, self.side, &self.before);
        let attempt = Attempt { scene, side, before, by_code, waited: true };
        let fault = attempt.judge(world, None);
        self.tell(fault, chain, ", and a wait");
    }

    fn tell(&mut self, fault: Option<&str>, chain: &[Step], wait: &str) -> bool {
        let Some(fault) = fault else { return true };
        let side: Vec<_> = self.side.iter().map(|person| person.0[0]).collect();
        let chain = chain.iter().map(Step::told).collect::<Vec<_>>().join("; then ");
        self.outcome.found.push(format!("{fault}: {side:?}, Ann {}: {chain}{wait}", self.scene.name));
        false
    }
}

/// An id that an act has whichever way it was reached, and no other act of the same chain.
fn id(node: &Ledger, hand: Hand, number: usize, kind: BodyKind) -> EventId {
    let again = node.chain.iter().filter(|before| before.event.body.kind() == kind).count();
    let mut id = [0x50; 16];
    id[0] = hand.person.0[0];
    id[1] = u8::from(matches!(hand.means, Means::Session(_)));
    id[2] = BodyKind::all().take_while(|other| *other != kind).count() as u8;
    id[3] = u8::try_from(again).expect("chains are short");
    id[4..12].copy_from_slice(&(number as u64).to_be_bytes());
    EventId(id)
}

/// Where the longest chains are tried unless all are: by each alone who works elsewhere, by two of them where it matters
/// where else she belongs, and by one of those at home, who may do most things anyway.
fn is_at_length(scene: &Scene, side: &[PersonId]) -> bool {
    match (is_at_home(scene, side), side) {
        (true, _) => scene.name == PLAIN && side == [OTHER_WORKER_A],
        (false, [_]) => true,
        (false, _) => [PLAIN, "reporting in elsewhere", "of a team elsewhere"].contains(&scene.name),
    }
}

/// Whether it is worth while to go on: a proposal that waits is not made twice in other words.
fn bears(chain: &[Step]) -> bool {
    use BodyKind as K;
    let Some((last, before)) = chain.split_last() else { return true };
    let kind = last.event.body.kind();
    let builds = [
        K::Session(SessionKind::Granted),
        K::Key(KeyKind::Enrolled),
        K::Act(ActKind::Approved),
        K::Act(ActKind::Stopped),
        K::Role(RoleKind::Granted),
    ];
    let again = before.iter().any(|step| step.event.body.kind() == kind && step.hand == last.hand);
    BEARING.contains(&kind) && (builds.contains(&kind) || !again)
}

impl Step {
    fn rests_on_a_code(&self) -> bool {
        matches!(self.event.body, Body::Session(SessionEvent::Granted { .. }))
            || matches!(self.hand.means, Means::Session(_))
    }

    fn told(&self) -> String {
        let by = match (self.event.acting_for, self.event.helped()) {
            (None, _) => "",
            (Some(_), None) => " for Ann",
            (Some(_), Some(_)) => " as Ann's helper",
        };
        let means = if matches!(self.hand.means, Means::Session(_)) { "session" } else { "key" };
        let what: String = format!("{:?}", self.event.body).split_whitespace().collect();
        format!("{} by {means} of {}{by}", &what[..what.len().min(160)], self.hand.person.0[0])
    }
}
