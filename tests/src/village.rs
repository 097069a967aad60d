//! A founded ledger in a temporary directory with a small village in it: real keys, real files, a clock that is set. The
//! town behind an HTTP server is in [`crate::town`].

use std::convert::Infallible;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng as _, SeedableRng as _, TryCryptoRng, TryRng};
use ed25519_dalek::SigningKey;
use hourbook_ledger::actor::Actor;
use hourbook_ledger::clock::{Clock as _, ManualClock};
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::domain::event::{
    AccessEvent, AccessPurpose, ActEvent, AffiliationKind, Body, FounderKey, LedgerEvent, Looked, OrgKind,
    Role, Span,
};
use hourbook_ledger::domain::ids::{EventId, OrgId, PersonId};
use hourbook_ledger::domain::policy::{CreditPolicy, PointsPolicy, Policy, RecordPolicy, WishPolicy};
use hourbook_ledger::domain::time::{Date, Millis, Offset};
use hourbook_ledger::domain::{State, access, rules};
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::follower::LoggedEvent;
use hourbook_ledger::ledger::{self, Ledger, LedgerError, LedgerOptions, NewLedger};
use hourbook_ledger::sequencer::{Answer, Pending, SubmitError};
use hourbook_ledger::vault::VaultError;
use hourbook_projections::ReadSide;
use tempfile::TempDir;

use crate::enrolment::enrolment;
use crate::seeded::{SeededRng, seed_of};

/// The ledger's name.
pub const ORIGIN: &str = "ledger.example/village";
/// 2026-03-02, a Monday, 08:00 local time: when the crowd begins.
pub const START: Millis = Millis(1_772_409_600_000);
/// The founding and the settling: so long before that keys which came by a code are their persons' own at the start.
pub const FOUNDED: Millis = Millis(START.0 - 8 * 86_400_000);
/// The ledger's offset from UTC.
pub const OFFSET: Offset = Offset(480);

/// Somebody with a key, and what the vault knows of them.
#[derive(Clone, Debug)]
pub struct Somebody {
    /// Signs.
    pub actor: Actor,
    /// Where registered.
    pub home: OrgId,
    /// The name in the vault.
    pub name: String,
    /// The phone number in the vault.
    pub phone: String,
}

impl Somebody {
    /// The id.
    #[must_use]
    pub fn id(&self) -> PersonId {
        self.actor.person
    }
}

/// Who and what is in the village. Orgs: a city with two communities, a grid in each, and a unit, a branch and a team.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // named after their roles
pub struct Cast {
    pub founder: Actor,
    pub second_founder: Actor,
    pub steward: Somebody,
    /// Two of the first community and one of the second.
    pub workers: Vec<Somebody>,
    /// Leads the team and the first community's activities.
    pub lead: Somebody,
    pub officer: Somebody,
    pub secretary: Somebody,
    pub volunteers: Vec<Somebody>,
    pub residents: Vec<Somebody>,
    pub city: OrgId,
    pub communities: [OrgId; 2],
    pub grids: [OrgId; 2],
    pub unit: OrgId,
    pub branch: OrgId,
    pub team: OrgId,
}

/// How a village is set up.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Decides every key and id.
    pub seed: u64,
    /// Journal files are short, so that sealing happens all the time.
    pub journal_bytes: u64,
    /// Number of volunteers.
    pub volunteers: usize,
    /// The ledger digests its state each time that the log has passed so many more entries.
    pub digest_every: u64,
    /// The version of the rules that it begins with.
    pub rules: u32,
}

impl Setting {
    /// A small village.
    #[must_use]
    pub fn small(seed: u64) -> Self {
        Self { seed, journal_bytes: 1 << 16, volunteers: 8, digest_every: 4_096, rules: rules::FIRST }
    }

    /// A small village whose state is digested often, under the newest rules or, if the seed is even, under the first.
    #[must_use]
    pub fn digested(seed: u64) -> Self {
        let rules = if seed.is_multiple_of(2) { rules::FIRST } else { rules::NEWEST };
        Self { digest_every: 50, rules, ..Self::small(seed) }
    }
}

/// The village.
pub struct Village {
    /// Where its files are.
    pub dir: TempDir,
    /// What time it is.
    pub clock: Arc<ManualClock>,
    /// Who is in it.
    pub cast: Cast,
    /// Follows the log since the last opening.
    pub read: ReadSide,
    /// Everything that followers were told since the last opening.
    pub told: Arc<Mutex<Vec<LoggedEvent>>>,
    setting: Setting,
    rng: Shared,
    opened: u64,
    node: Option<Ledger>,
}

impl Village {
    /// Founded and settled: organisations, people with roles and keys, policies from the first day on.
    #[must_use]
    pub fn new(setting: Setting) -> Self {
        let village = Self::founded(setting);
        if setting.rules > 1 {
            village.adopt_rules(setting.rules);
        }
        for batch in settle(&village.cast, &village.ledger().ledger, setting.seed) {
            village.submit(batch).expect("the village is in order");
        }
        village.catch_up();
        village.clock.set(START);
        village
    }

    /// Founded, with nothing but the founding event.
    #[must_use]
    pub fn founded(setting: Setting) -> Self {
        let cast = Cast::new(setting);
        let mut village = Self {
            dir: TempDir::new().expect("a temporary directory"),
            clock: Arc::new(ManualClock::at(FOUNDED)),
            cast,
            read: ReadSide::new(),
            told: Arc::default(),
            setting,
            rng: Shared::new(setting.seed),
            opened: 0,
            node: None,
        };
        let new = founding(&village.cast, setting.seed);
        let options = village.options();
        ledger::found(village.path(), new, options).expect("founded");
        village.open();
        village
    }

    /// The founder adopts a version of the rules.
    pub fn adopt_rules(&self, version: u32) {
        let mut dice = SeededRng::new(self.setting.seed, "rules");
        let signed = self.cast.founder.assert(
            self.now(),
            dice.rng(),
            Body::Ledger(LedgerEvent::RulesAdopted { version }),
        );
        self.submit(vec![Submission { signed, openings: Vec::new() }]).expect("the rules are adopted");
    }

    fn options(&mut self) -> LedgerOptions {
        self.opened += 1;
        let vault = ChaCha20Rng::from_seed(seed_of(self.setting.seed, &format!("vault {}", self.opened)));
        let mut options = LedgerOptions::new(self.clock.clone(), Box::new(self.rng.clone()), Box::new(vault));
        options.engine.journal_bytes = self.setting.journal_bytes;
        options.derived.digest_every = self.setting.digest_every;
        options
    }

    /// Opens the ledger with new followers, which are told everything from the beginning.
    fn open(&mut self) {
        let tries = std::iter::repeat_with(|| {
            self.read = ReadSide::new();
            self.told = Arc::default();
            let (read, told) = (self.read.clone(), self.told.clone());
            let follow = move |events: Arc<Vec<LoggedEvent>>| {
                read.take(&events);
                told.lock().expect("never poisoned").extend(events.iter().cloned());
            };
            let options = self.options();
            ledger::open(self.dir.path(), options, || Box::new(follow))
        });
        // A verifier of the ledger that was just closed holds the vault until its chunk is done.
        let is_held = |opened: &Result<Ledger, LedgerError>| {
            let held = matches!(opened, Err(LedgerError::Vault(VaultError::InUse(_))));
            held.then(|| std::thread::sleep(Duration::from_millis(5))).is_some()
        };
        let opened = tries.take(1_000).find(|opened| !is_held(opened)).expect("the vault is free by now");
        self.node = Some(opened.expect("it opens"));
    }

    /// Closes the ledger in good order. What is queued and not yet being decided is told that it has stopped.
    pub fn close(&mut self) {
        self.node.take().expect("open").close();
    }

    /// Closes and opens.
    pub fn reopen(&mut self) {
        self.close();
        self.open();
    }

    /// Opens it after a close, perhaps with its files put back since.
    pub fn reopen_closed(&mut self) {
        self.open();
    }

    /// The open ledger.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        self.node.as_ref().expect("open")
    }

    /// Directory of the ledger.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The time shown.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// Submits a batch and waits for the answer.
    ///
    /// # Errors
    /// [`SubmitError`].
    pub fn submit(&self, batch: Vec<Submission>) -> Answer {
        self.send(batch).wait()
    }

    /// Submits a batch and waits for nothing.
    #[must_use]
    pub fn send(&self, batch: Vec<Submission>) -> Pending {
        self.ledger().handle.submit_waiting(batch)
    }

    /// Records what is due by the clock.
    ///
    /// # Errors
    /// [`SubmitError::Stopped`].
    pub fn tick(&self) -> Result<(), SubmitError> {
        wait(self.ledger().handle.tick())
    }

    /// Number of events on the log.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.ledger().reader.head().size
    }

    /// Waits until the followers have everything that is on the log.
    pub fn catch_up(&self) {
        let size = self.size() as usize;
        for _ in 0..60_000 {
            if self.told.lock().expect("never poisoned").len() >= size {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        panic!("the followers are not told of position {}", size - 1);
    }

    /// A copy of the rule state as it decides.
    #[must_use]
    pub fn state(&self) -> State {
        wait(self.ledger().handle.read_state(|state, _| state.clone())).expect("the ledger works")
    }
}

/// What a village's ledger is founded with.
///
/// # Panics
/// Never: its name is an origin.
#[must_use]
pub fn founding(cast: &Cast, seed: u64) -> NewLedger {
    let second = &cast.second_founder;
    NewLedger {
        origin: ORIGIN.parse().expect("an origin"),
        offset: OFFSET,
        founder: cast.founder.clone(),
        second: FounderKey { person: second.person, key: second.public_key() },
        rng: Box::new(ChaCha20Rng::from_seed(seed_of(seed, "founding"))),
    }
}

/// Waits for an answer of the ledger.
fn wait<T>(answer: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(answer)
}

/// One stream of random bytes for all openings of a ledger, so that a run with restarts draws what one without does.
#[derive(Clone)]
struct Shared(Arc<Mutex<ChaCha20Rng>>);

impl Shared {
    fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(ChaCha20Rng::from_seed(seed_of(seed, "the ledger's own ids")))))
    }
}

impl TryRng for Shared {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.lock().expect("never poisoned").next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.lock().expect("never poisoned").next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.lock().expect("never poisoned").fill_bytes(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Shared {}

const SURNAMES: [&str; 6] = ["欧阳", "司徒", "上官", "诸葛", "慕容", "公孙"];
const GIVEN: [&str; 8] = ["沐晴", "望舒", "怀瑾", "听雪", "知微", "砚秋", "若谷", "清越"];

/// A name that nobody else in the village has, and a phone number in a range that is not in use.
#[must_use]
pub fn identity(seed: u64, number: usize) -> (String, String) {
    let (surname, given) = (SURNAMES[number % 6], GIVEN[number / 6 % 8]);
    let number = number as u64 + seed % 1_000 * 1_000;
    (format!("{surname}{given}{}", extra(number)), format!("19901{number:06}"))
}

fn extra(number: u64) -> char {
    char::from_u32(0x4e00 + (number * 7 % 20_000) as u32).unwrap_or('一')
}

impl Cast {
    /// Who a setting's seed makes up.
    #[must_use]
    pub fn new(setting: Setting) -> Self {
        let mut dice = SeededRng::new(setting.seed, "cast");
        let mut org = || OrgId(dice.id());
        let (city, communities, grids) = (org(), [org(), org()], [org(), org()]);
        let (unit, branch, team) = (org(), org(), org());
        let mut dice = SeededRng::new(setting.seed, "people");
        let mut number = 0;
        let mut somebody = |home: OrgId| {
            let actor = actor(&mut dice);
            let (name, phone) = identity(setting.seed, number);
            number += 1;
            Somebody { actor, home, name, phone }
        };
        let [one, two] = communities;
        let steward = somebody(city);
        let workers = vec![somebody(one), somebody(one), somebody(two)];
        let (lead, officer, secretary) = (somebody(grids[0]), somebody(unit), somebody(branch));
        let volunteers = (0..setting.volunteers).map(|n| somebody(grids[usize::from(n % 4 == 3)])).collect();
        let residents = vec![somebody(grids[0]), somebody(grids[0]), somebody(grids[1])];
        let mut dice = SeededRng::new(setting.seed, "founders");
        let (founder, second_founder) = (actor(&mut dice), actor(&mut dice));
        Self {
            founder,
            second_founder,
            steward,
            workers,
            lead,
            officer,
            secretary,
            volunteers,
            residents,
            city,
            communities,
            grids,
            unit,
            branch,
            team,
        }
    }

    /// Everyone who is registered at the beginning.
    pub fn people(&self) -> impl Iterator<Item = &Somebody> {
        let staff = [&self.steward, &self.lead, &self.officer, &self.secretary];
        staff.into_iter().chain(&self.workers).chain(&self.volunteers).chain(&self.residents)
    }

    /// Every organisation.
    #[must_use]
    pub fn orgs(&self) -> [OrgId; 8] {
        let ([one, two], [north, south]) = (self.communities, self.grids);
        [self.city, one, two, north, south, self.unit, self.branch, self.team]
    }
}

/// A person with a fresh key.
pub fn actor(dice: &mut SeededRng) -> Actor {
    Actor::new(PersonId(dice.id()), ORIGIN, SigningKey::from_bytes(&dice.bytes()))
}

/// What registers somebody, with the openings.
#[must_use]
pub fn registration(dice: &mut SeededRng, who: &Somebody) -> (Body, Vec<Opening>) {
    let mut open = |field, text: &str| {
        Opening::new(who.id().0, field, dice.bytes(), text).expect("a value that fits its field")
    };
    let (name, phone) = (open(Field::Name, &who.name), open(Field::Phone, &who.phone));
    (Body::registered(who.id(), who.home, name.commitment(), Some(phone.commitment())), vec![name, phone])
}

/// The policies of the first day.
#[must_use]
pub fn policies() -> [Policy; 4] {
    let credit = CreditPolicy {
        daily_cap: 300,
        account_cap: 3_000,
        overdraft: 30,
        transfer_limit: Some(240),
        ..CreditPolicy::PLAIN
    };
    let points = PointsPolicy { absence: -200, red_from: 12_000, ..PointsPolicy::PLAIN };
    [
        Policy::Credit(credit),
        Policy::Records(RecordPolicy { due_working_days: 3, longest: 720 }),
        Policy::Wishes(WishPolicy { open_claims: 2, fulfil_days: 4, open_days: 9 }),
        Policy::Points(points),
    ]
}

/// The batches that settle a founded village.
#[must_use]
pub fn settle(cast: &Cast, ledger: &Actor, seed: u64) -> Vec<Vec<Submission>> {
    let mut dice = SeededRng::new(seed, "settling");
    let founder = &cast.founder;
    let say = |dice: &mut SeededRng, body: Body, openings: Vec<Opening>| Submission {
        signed: founder.assert(FOUNDED, dice.rng(), body),
        openings,
    };
    let ([one, two], [north, south]) = (cast.communities, cast.grids);
    let orgs = [
        (cast.city, OrgKind::City, "城", None),
        (one, OrgKind::Community, "东社区", Some(cast.city)),
        (two, OrgKind::Community, "西社区", Some(cast.city)),
        (north, OrgKind::Grid, "东一网格", Some(one)),
        (south, OrgKind::Grid, "西一网格", Some(two)),
        (cast.unit, OrgKind::WorkUnit, "水务局", Some(cast.city)),
        (cast.branch, OrgKind::PartyBranch, "水务局党支部", Some(cast.unit)),
        (cast.team, OrgKind::Team, "东社区先锋队", Some(one)),
    ];
    let mut batches = vec![Vec::new(), Vec::new(), Vec::new()];
    for (org, kind, name, parent) in orgs {
        batches[0].push(say(&mut dice, Body::org_registered(org, kind, name, parent), Vec::new()));
    }
    for who in cast.people() {
        let (body, openings) = registration(&mut dice, who);
        batches[1].push(say(&mut dice, body, openings));
        batches[1].extend(enrolment(founder, &who.actor, ledger, FOUNDED, &mut dice));
    }
    let roles = [
        (&cast.steward, Role::Steward, cast.city),
        (&cast.workers[0], Role::Worker, one),
        (&cast.workers[1], Role::Worker, one),
        (&cast.workers[2], Role::Worker, two),
        (&cast.lead, Role::Lead, one),
        (&cast.officer, Role::UnitOfficer, cast.unit),
        (&cast.secretary, Role::Secretary, cast.branch),
    ];
    for (who, role, org) in roles {
        let keys = vec![who.actor.key_id()];
        batches[2].push(say(&mut dice, Body::appointed(who.id(), role, org, keys), Vec::new()));
    }
    for policy in policies() {
        let from = FOUNDED.date(OFFSET);
        batches[2].push(say(&mut dice, Body::policy_adopted(from, policy), Vec::new()));
    }
    batches.push(affiliations(cast, &mut dice));
    batches
}

/// The branch lists half of the volunteers as its members, and each of them agrees.
fn affiliations(cast: &Cast, dice: &mut SeededRng) -> Vec<Submission> {
    let span = Span::since(Date(START.date(OFFSET).0 - 100));
    let (secretary, kind) = (&cast.secretary.actor, AffiliationKind::Organisational);
    let mut all = Vec::new();
    for who in cast.volunteers.iter().step_by(2) {
        let body = Body::affiliated(who.id(), cast.branch, kind, span);
        let listed = secretary.event(FOUNDED, dice.rng(), body);
        let agreed = who.actor.assert(FOUNDED, dice.rng(), Body::Act(ActEvent::Approved { act: listed.id }));
        let both = [secretary.sign(&listed), agreed];
        all.extend(both.map(|signed| Submission { signed, openings: Vec::new() }));
    }
    all
}

/// A look under a seal by an event of this id, and what opens it.
///
/// # Panics
/// If it is no look.
#[must_use]
pub fn under_seal(origin: &str, sealed: EventId, salt: [u8; 32], until: Date, look: Body) -> [Body; 2] {
    let Body::Access(AccessEvent::RecordAccessed { by, role, purpose, what, persons }) = look else {
        panic!("a look and not {look:?}")
    };
    let opening = AccessEvent::LookOpened { by, sealed, salt, what, persons };
    let seal = access::seal(origin, &opening);
    [AccessEvent::LookSealed { by, role, purpose, seal, until }, opening].map(Body::Access)
}

/// A look at a person's record; of somebody at everybody, if it would be one's own.
#[must_use]
pub fn look(by: PersonId, person: PersonId) -> Body {
    let (what, persons) = match by == person {
        true => (Looked::Entries, Vec::new()),
        false => (Looked::Record, vec![person]),
    };
    Body::Access(AccessEvent::RecordAccessed {
        by,
        role: Some(Role::Worker),
        purpose: AccessPurpose::Service,
        what,
        persons,
    })
}
