//! People of another place do all that they can about somebody, one after the other, for good; and some register a puppet,
//! type in its code, and go on in its name. Whatever is accepted, none of them reads more than before.

use std::collections::BTreeMap;

use hourbook_ledger::actor::Actor;
use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{ActEvent, Body, Event};
use hourbook_ledger::domain::ids::{EventId, PersonId};
use hourbook_ledger::envelope::Submission;
use hourbook_tests::server::Answer;
use hourbook_tests::town::*;
use serde_json::json;

use super::acts::{Try, about};
use super::cast::*;
use super::reads::Scene;
use super::routes::LEDGER_BOARD;
use super::states::*;

/// What was tried and found.
#[derive(Default, Debug)]
pub(crate) struct Tried {
    pub(crate) attackers: usize,
    pub(crate) acts: usize,
    pub(crate) accepted: usize,
    pub(crate) compared: usize,
    pub(crate) found: Vec<String>,
}

/// Who lives or sits elsewhere, and would have something of those whom they do not serve.
const ATTACKERS: [&str; 11] = [
    "worker of the other community",
    "steward of the other community",
    "lead of the other community",
    "auditor of the other community",
    "unit officer of the unit",
    "secretary of the branch",
    "steward of the unit",
    "secretary of the other community",
    "stranger",
    "neighbour",
    "ByAnotherKey",
];
/// Whom they try it on: nobody of these asked for anything. Whoever filed a report-in gave the community the right to answer.
const PREY: [State; 5] =
    [State::Home, State::ListedByUnit, State::Invited, State::CalledOff, State::MoveProposed];

/// What somebody reads: of each person the answers about the record, and how much of the name the board tells.
type Sight = BTreeMap<(PersonId, &'static str), String>;

fn sight(scene: &Scene, token: &str) -> Sight {
    let board = scene.town.server.get_as(token, LEDGER_BOARD).text();
    let mut sight = Sight::new();
    for subject in &scene.subjects {
        let id = subject.id();
        for (what, path) in [
            ("record", format!("/v1/members/{id}/records")),
            ("balance", format!("/v1/members/{id}/balance")),
            ("count", format!("/v1/streams/person/{id}")),
        ] {
            sight.insert((id, what), scene.town.server.get_as(token, &path).status.to_string());
        }
        let name = [subject.full(), subject.masked()].map(|name| board.contains(&name));
        sight.insert((id, "name"), format!("{name:?}"));
    }
    sight
}

/// One who tries, with what this one reads in the end and at the beginning.
struct Attacker<'a> {
    scene: &'a Scene,
    name: &'a str,
    who: &'a Actor,
    token: &'a str,
    before: Sight,
    /// What waits by this one's word.
    waiting: Vec<EventId>,
}

/// All of them, one after the other in one town.
pub(crate) fn try_to_gain(scene: &Scene) -> Tried {
    let mut tried = Tried::default();
    for (number, name) in (0..).zip(ATTACKERS) {
        let viewer = scene.viewers.iter().find(|viewer| viewer.name == name).expect("somebody of this name");
        let (Some((who, _)), Door::Token(token)) = (&viewer.hand, &viewer.door) else {
            unreachable!("whoever attacks has a key")
        };
        let before = sight(scene, token);
        let mut attacker = Attacker { scene, name, who, token, before, waiting: Vec::new() };
        let prey = scene.subjects.iter().filter(|subject| PREY.contains(&subject.state));
        for subject in prey.filter(|subject| viewer.reads(subject).is_none()) {
            about(scene, viewer, subject).into_iter().for_each(|act| attacker.act(act, &mut tried));
        }
        attacker.stand_for_all_that_waits(&mut tried);
        attacker.use_a_puppet(number, &mut tried);
        tried.attackers += 1;
    }
    tried
}

impl Attacker<'_> {
    fn hand_in(&self, event: &Event, act: Try) -> Answer {
        let submission = Submission { signed: self.who.sign(event), openings: act.openings };
        self.scene.town.server.append(&[submission])
    }

    fn act(&mut self, act: Try, tried: &mut Tried) {
        let now = self.scene.town.server.now();
        let event = act.event(self.who.event(now, &mut *hourbook::state::system_rng(), act.body.clone()));
        let kind = act.body.kind().name();
        let answer = self.hand_in(&event, act);
        tried.acts += 1;
        if answer.status == 201 {
            tried.accepted += 1;
            self.scene.town.settle(&answer);
            self.waiting.push(event.id);
            self.compare(kind, self.token, &self.before, tried);
        }
    }

    fn compare(&self, after: &str, token: &str, before: &Sight, tried: &mut Tried) {
        let now = sight(self.scene, token);
        tried.compared += now.len();
        for (what, shown) in &now {
            if before.get(what) != Some(shown) {
                tried.found.push(format!("{} reads {what:?} {shown} after {after}", self.name));
            }
        }
    }

    /// Nobody is the second to what they began.
    fn stand_for_all_that_waits(&mut self, tried: &mut Tried) {
        for act in self.waiting.clone() {
            let plain = Try {
                body: Body::Act(ActEvent::Approved { act }),
                openings: Vec::new(),
                acting_for: None,
                owed: super::verdicts::Verdict::No,
            };
            let waiting = self.waiting.len();
            self.act(plain, tried);
            if self.waiting.len() > waiting {
                tried.found.push(format!("{} stands for what the same one asserted", self.name));
            }
        }
    }

    /// Somebody whom this one registers and whose code this one types in: another person, and the same hand.
    fn use_a_puppet(&self, number: u8, tried: &mut Tried) {
        let puppet = id_of([0x9a, 0x9a, 0x9a, 0x9a], number);
        let name = sealed(puppet.0, Field::Name, "木偶人");
        let body = Body::registered(puppet, ELSEWHERE, name.commitment(), None);
        let registered = self.scene.town.server.append(&[said(&self.scene.town, self.who, body, vec![name])]);
        tried.acts += 1;
        if registered.status != 201 {
            return;
        }
        self.scene.town.settle(&registered);
        let token = open_by_code(&self.scene.town, self.who, puppet, 500 + u64::from(number));
        let before = sight(self.scene, &token);
        for act in
            self.waiting.iter().copied().chain(self.scene.subjects.iter().filter_map(|s| Some(s.act?.0)))
        {
            for kind in ["approve-act", "stop-act"] {
                let body = json!({ "kind": kind, "act": act.to_string() });
                let answer = self.scene.town.server.post_as(&token, "/v1/me/events", &body);
                tried.acts += 1;
                if answer.status == 201 {
                    tried.found.push(format!("{}: a puppet's {kind} is accepted", self.name));
                }
            }
        }
        let sees_a_record =
            |((_, what), shown): (&(PersonId, &str), &String)| *what != "name" && shown == "200";
        if before.iter().any(sees_a_record) {
            tried.found.push(format!("{}: a puppet reads somebody's record", self.name));
        }
        self.compare("what a puppet did", self.token, &self.before, tried);
        self.compare("what it did itself", &token, &before, tried);
    }
}
