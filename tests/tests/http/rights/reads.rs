//! Everybody reads everything, and each answer is held against the oracle: what it shows of whom, and the trace it leaves.

use hourbook_ledger::domain::event::WishEvent;
use std::collections::BTreeMap;

use hourbook_tests::server::Answer;
use hourbook_tests::town::*;

use super::cast::*;
use super::entries::Grpc;
use super::oracle::Naming;
use super::routes::{
    ACTIVITY, CONFIRMED, FOUND, LEDGER_BOARD, ROLLED, ROLLED_SHIFT, ROSTER, Thing, Trace, WAITING, about,
    owed, whole,
};
use super::states::*;

/// A town in which everything has happened, and all who read in it.
pub(crate) struct Scene {
    pub(crate) town: Town,
    pub(crate) viewers: Vec<Viewer>,
    pub(crate) subjects: Vec<Subject>,
    /// Of an entry that a founder asserted about one of them.
    pub(crate) position: u64,
    pub(crate) work: Work,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let town = Town::start();
        let mut subjects = subjects();
        town.crowd();
        organisations(&town);
        enlist(&town);
        register(&town, &subjects);
        subjects.iter_mut().for_each(|subject| place(&town, subject));
        let confirmed = serve(&town, &subjects);
        town.server.pass(45, 0);
        [COMMUNITY, UNIT].into_iter().for_each(|scope| publish(&town, scope, quarter()));
        subjects.iter().for_each(|subject| wish_and_hold(&town, subject));
        let claim = hourbook_ledger::domain::event::Body::Wish(WishEvent::Claimed {
            wish: subjects[0].wish,
            claimer: hourbook_ledger::domain::event::Claimer::Person(helper().person),
            participants: vec![],
        });
        must(&town, &helper(), claim, vec![]);
        let work = work(&town, &subjects, confirmed);
        let selves = selves(&town, &subjects);
        let now = day(&town);
        subjects.iter().for_each(|subject| end(&town, subject, now));
        let mut viewers = gather(&town);
        viewers.extend(selves);
        let position =
            town.server.app.read.read().directory.person(subjects[0].id()).expect("known").position;
        Self { town, viewers, subjects, position, work }
    }
}

/// Everybody reads too: by the own key, and by a code of the founder.
fn selves(town: &Town, subjects: &[Subject]) -> Vec<Viewer> {
    let self_ = |subject: &Subject, how: &str, token: String| {
        let (lives, also) = super::oracle::stands(subject.state);
        let erased = subject.state == State::Erased;
        Viewer {
            name: format!("{:?} by {how}", subject.state),
            id: Some(subject.id()),
            door: if erased { Door::Over(token) } else { Door::Token(token) },
            seat: None,
            own_number: Some(subject.number),
            places: [lives].into_iter().chain(also.map(|(org, _)| org)).collect(),
            hand: (how == "key" && !erased).then(|| (subject.who.clone(), None)),
        }
    };
    let by_key = subjects
        .iter()
        .map(|subject| self_(subject, "key", town.server.sign_in_with(&key_of(SUBJECT, subject.number, 0))));
    let founder = hourbook_tests::server::actor(FOUNDER);
    let by_code = subjects.iter().map(|subject| {
        let token = open_by_code(town, &founder, subject.id(), 300 + u64::from(subject.number));
        self_(subject, "code", token)
    });
    by_key.chain(by_code).collect()
}

impl Viewer {
    /// One of those whom all of it is about asks about few others: strangers and neighbours ask about all of them. The own
    /// key asks about more than a code.
    fn asks_about(&self, subject: &Subject) -> bool {
        let each = if self.hand.is_some() { 3 } else { 6 };
        self.own_number.is_none_or(|own| subject.number % each == own % each)
    }
}

/// What was tried and found.
#[derive(Default, Debug)]
pub(crate) struct Outcome {
    pub(crate) requests: usize,
    pub(crate) cells: usize,
    pub(crate) shown: usize,
    pub(crate) traces: usize,
    pub(crate) found: Vec<String>,
}

impl Outcome {
    pub(crate) fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.cells += other.cells;
        self.shown += other.shown;
        self.traces += other.traces;
        self.found.extend(other.found);
    }
}

/// One reader at work.
pub(crate) struct Reader<'a> {
    pub(crate) scene: &'a Scene,
    pub(crate) viewer: &'a Viewer,
    pub(crate) outcome: Outcome,
    /// What this reader is told at a path with an id that nobody has.
    unknown: BTreeMap<String, (u16, String)>,
}

/// What an answer shows of somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Shown {
    name: Naming,
    id: bool,
    words: bool,
    /// The number in the national register.
    number: bool,
    phone: bool,
}

impl Shown {
    fn anything(self) -> bool {
        self.name > Naming::Nothing || self.id || self.words || self.number || self.phone
    }

    fn of(subject: &Subject, text: &str) -> Self {
        let name = if text.contains(&subject.full()) {
            Naming::All
        } else if text.contains(&subject.masked()) {
            Naming::Ends
        } else {
            Naming::Nothing
        };
        Self {
            name,
            id: text.contains(&subject.id().to_string()),
            words: text.contains(&subject.words()),
            number: text.contains(&volunteer_number(200 + subject.number)),
            phone: text.contains(&phone(200 + subject.number)),
        }
    }
}

/// Whether anything at all of them could be in a text.
fn speaks_of_them(text: &str) -> bool {
    let beginnings = [ID_BEGINS, WORDS_BEGIN, &phone(2)[..8], &volunteer_number(2)[..10]];
    text.contains(SURNAME) || beginnings.iter().any(|begins| text.contains(begins))
}

impl<'a> Reader<'a> {
    pub(crate) fn new(scene: &'a Scene, viewer: &'a Viewer) -> Self {
        Self { scene, viewer, outcome: Outcome::default(), unknown: BTreeMap::new() }
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.outcome.requests += 1;
        match &self.viewer.door {
            Door::Nobody => self.scene.town.server.get(path),
            Door::Token(token) | Door::Over(token) => self.scene.town.server.get_as(token, path),
        }
    }

    pub(crate) fn blame(&mut self, what: String) {
        self.outcome.found.push(format!("{}: {what}", self.viewer.name));
    }

    pub(crate) fn read_all(mut self, grpc: &Grpc) -> Outcome {
        let scene = self.scene;
        self.read_entries(scene, grpc);
        for subject in scene.subjects.iter().filter(|subject| self.viewer.asks_about(subject)) {
            about(subject).into_iter().for_each(|(thing, path)| self.read_about(subject, thing, &path));
        }
        let [confirmed, waiting] = [scene.work.confirmed, scene.work.recorded].map(|id| id.to_string());
        let places = [
            (CONFIRMED, confirmed),
            (WAITING, waiting),
            (ACTIVITY, scene.work.activity.to_string()),
            (ROSTER, scene.work.roster.to_string()),
            (ROLLED, scene.work.rolled.0.to_string()),
            (ROLLED_SHIFT, scene.work.rolled.1.to_string()),
        ];
        for (path, trace) in whole() {
            let path = places.iter().fold(path, |path, (place, id)| path.replace(place, id));
            self.read_whole(&path, trace);
        }
        self.hand_in_all();
        self.outcome
    }

    fn read_about(&mut self, subject: &Subject, thing: Thing, path: &str) {
        let answer = self.get(path);
        let owed = owed(self.viewer, subject, thing, path);
        self.outcome.cells += 1;
        if answer.status != owed {
            let got = format!("{} {}", answer.status, answer.code());
            self.blame(format!("{path} of {:?} answers {got}, owed {owed}", subject.state));
        }
        if matches!(answer.status, 401 | 403 | 404) {
            self.compare_with_unknown(subject, thing, path, &answer);
        }
        let trace = match thing {
            Thing::Record if self.viewer.is(subject) => Trace::Looked,
            Thing::Record | Thing::RecordPage | Thing::Posting | Thing::Count | Thing::Hold => Trace::Record,
            Thing::Act => Trace::Register,
            Thing::Wish | Thing::WishPage | Thing::Helping => Trace::Wish,
        };
        let is_record = matches!(thing, Thing::Record | Thing::RecordPage | Thing::Posting | Thing::Count);
        if is_record && answer.status == 200 && !self.viewer.is(subject) {
            self.outcome.shown += 1;
            self.expect_trace(subject, path, trace);
        }
        self.judge(path, &answer, trace, Some(subject));
    }

    /// Whoever is refused cannot tell whether there is such a person, wish or act.
    fn compare_with_unknown(&mut self, subject: &Subject, thing: Thing, path: &str, answer: &Answer) {
        let known = match thing {
            Thing::Record | Thing::RecordPage | Thing::Posting | Thing::Count => subject.id().to_string(),
            Thing::Hold => subject.hold.to_string(),
            Thing::Wish | Thing::WishPage | Thing::Helping => subject.wish.to_string(),
            Thing::Act => subject.act.map(|(act, ..)| act.to_string()).unwrap_or_default(),
        };
        let nobody = "5eed5eed-0000-4000-8000-000000000001";
        let elsewhere = path.replace(&known, nobody);
        if !self.unknown.contains_key(&elsewhere) {
            let told = self.get(&elsewhere);
            self.unknown.insert(elsewhere.clone(), (told.status, told.text()));
        }
        let mine = (answer.status, answer.text().replace(&known, nobody));
        if self.unknown.get(&elsewhere) != Some(&mine) {
            let told = &self.unknown[&elsewhere];
            let told = format!("{} {}", told.0, told.1.chars().take(200).collect::<String>());
            self.blame(format!("{path} of {:?} tells that it exists; else {told}", subject.state));
        }
    }

    fn read_whole(&mut self, path: &str, trace: Trace) {
        let answer = self.get(path);
        self.outcome.cells += self.scene.subjects.len();
        if answer.status >= 500 {
            self.blame(format!("{path} answers {}", answer.status));
        }
        self.judge(path, &answer, trace, None);
        if path == LEDGER_BOARD && answer.status == 200 {
            self.expect_names(&answer);
        }
        if path == FOUND {
            self.expect_found(&answer);
        }
    }

    /// Whoever works with somebody finds that person by the name, and nobody else does.
    fn expect_found(&mut self, answer: &Answer) {
        let owed = match self.viewer.door {
            Door::Nobody | Door::Over(_) => 401,
            Door::Token(_) if self.viewer.works_with_people() => 200,
            Door::Token(_) => 403,
        };
        if answer.status != owed {
            self.blame(format!("{FOUND} answers {} {}, owed {owed}", answer.status, answer.code()));
        }
        let (text, scene) = (answer.text(), self.scene);
        for subject in &scene.subjects {
            let found = text.contains(&subject.id().to_string());
            if found != (owed == 200 && self.viewer.finds_by_name(subject)) {
                self.blame(format!("{FOUND} finds {:?}: {found}", subject.state));
            }
        }
    }

    /// Everybody stands on the board of the whole ledger, named as far as this reader is owed.
    fn expect_names(&mut self, answer: &Answer) {
        let (text, scene) = (answer.text(), self.scene);
        for subject in &scene.subjects {
            let (shown, owed) = (Shown::of(subject, &text).name, self.viewer.naming(subject));
            if shown != owed {
                self.blame(format!("the board names {:?} {shown:?}, owed {owed:?}", subject.state));
            }
        }
    }

    /// Holds what an answer shows against what this reader is owed.
    fn judge(&mut self, path: &str, answer: &Answer, trace: Trace, about: Option<&Subject>) {
        let headers: String =
            answer.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        let mut text = headers + &answer.text();
        if let Some(subject) = about {
            // An address says whom it is about, to whoever typed it in.
            let id = subject.id().to_string();
            for place in ["/members/", "/people/", "/streams/person/", "%2Fmembers%2F", "%2Fpeople%2F"] {
                text = text.replace(&format!("{place}{id}"), "");
            }
            if answer.status != 200 || path.starts_with("/v1/streams") {
                text = text.replace(&id, "");
            }
        }
        if !speaks_of_them(&text) {
            return;
        }
        let scene = self.scene;
        for subject in scene.subjects.iter().filter(|subject| !self.viewer.is(subject)) {
            let shown = Shown::of(subject, &text);
            if shown.anything() {
                self.judge_one(path, subject, shown, trace);
            }
        }
    }

    fn judge_one(&mut self, path: &str, subject: &Subject, shown: Shown, trace: Trace) {
        let (viewer, state) = (self.viewer, subject.state);
        self.outcome.shown += 1;
        let of_acts = path.starts_with("/v1/acts") || path == "/me/acts";
        let on_roster = trace == Trace::Roster && viewer.runs_what_is_signed_up_for(subject);
        let naming = match on_roster {
            true => Naming::All,
            false if of_acts => viewer.naming_at_act(subject),
            false => viewer.naming(subject),
        };
        if shown.name > naming {
            self.blame(format!("{path} shows {:?} of the name of {state:?}, owed {naming:?}", shown.name));
        }
        if shown.id && !on_roster && viewer.reads(subject).is_none() {
            self.blame(format!("{path} shows the id of {state:?}"));
        }
        if shown.words && !viewer.words(subject) {
            self.blame(format!("{path} shows the words of {state:?}"));
        }
        if shown.phone || shown.number && !viewer.number(subject) {
            self.blame(format!("{path} shows a number of {state:?}"));
        }
        let is_public = state == State::Consenting && !shown.id && !shown.words && !shown.number;
        if !is_public {
            self.expect_trace(subject, path, trace);
        }
    }

    pub(crate) fn expect_trace(&mut self, subject: &Subject, path: &str, trace: Trace) {
        let Some(viewer) = self.viewer.id else {
            return self.blame(format!("{path} shows {:?} to nobody in particular", subject.state));
        };
        let left = {
            let models = self.scene.town.server.app.read.read();
            let looks = models.directory.looks();
            match trace {
                Trace::Looked => looks.at(viewer).any(|look| look.by == subject.id()),
                _ => looks.at(subject.id()).any(|look| look.by == viewer && trace.fits(look.what, subject)),
            }
        };
        self.outcome.traces += usize::from(left);
        if !left {
            self.blame(format!("{path} showed {:?} and left no trace", subject.state));
        }
    }
}
