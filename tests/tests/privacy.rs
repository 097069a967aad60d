//! No name, number or free text of anybody is outside the vault: not in a file, not in compressed data, not in the
//! log output. The search that says so is shown to find what is planted in each of these places.
#![allow(clippy::unwrap_used, reason = "all of it is a test")]

use hourbook_ledger::domain::event::{Body, OrgKind};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use hourbook_ledger::clock::SystemClock;
use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::follower::LoggedEvent;
use hourbook_ledger::ledger::{self, Ledger, LedgerOptions};
use hourbook_tests::run::{Disturbance, Run};
use hourbook_tests::search::{Hit, Needles, secrets};
use hourbook_tests::seeded::SeededRng;
use hourbook_tests::village::Setting;
use tracing_subscriber::fmt::MakeWriter;

const CANARY: &str = "金丝雀网格";

/// Everything that the program logs, at every level.
#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Output {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Listens from the first call on, for all tests of this program.
fn output() -> Output {
    static OUTPUT: OnceLock<Output> = OnceLock::new();
    let listen = || {
        let output = Output::default();
        let all = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).without_time();
        let subscriber = all.with_ansi(false).with_writer(output.clone()).finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        output
    };
    OUTPUT.get_or_init(listen).clone()
}

/// A village with a crowd in it, closed, and what its vault holds.
fn populated(seed: u64) -> (Run, Vec<(Field, String)>) {
    let setting = Setting { journal_bytes: 1 << 15, ..Setting::small(seed) };
    let mut run = Run::new(setting, Disturbance::None);
    run.act(seed, 60, 60);
    let (secrets, _) = secrets(run.village.ledger());
    let count = |field| secrets.iter().filter(|(of, _)| *of == field).count();
    assert!(count(Field::Name) >= 18 && count(Field::Phone) >= 18, "the village is empty");
    (run, secrets)
}

fn needles(secrets: &[(Field, String)]) -> Needles {
    Needles::new(secrets.iter().map(|(_, text)| text.clone()))
}

fn places(hits: &[Hit], part: &str, compressed: bool) -> usize {
    hits.iter().filter(|hit| hit.place.contains(part) && hit.compressed == compressed).count()
}

#[test]
fn nothing_of_the_vault_is_anywhere_else() {
    let output = output();
    let (mut run, secrets) = populated(77);
    let needles = needles(&secrets);
    let in_log = needles.in_log(run.village.ledger());
    let open = needles.in_dir(run.village.path());
    run.village.close();
    let closed = needles.in_dir(run.village.path());
    let logged = output.0.lock().unwrap().clone();
    assert!(logged.windows(10).any(|part| part == b"committing"), "no log output was captured");
    let said = needles.in_bytes("log output", &logged);
    println!("{} secrets, {} bytes of log output", needles.len(), logged.len());
    assert_eq!([in_log, open, closed, said], [vec![], vec![], vec![], vec![]]);
}

/// An organisation's name is on the log in the clear: it stands for a name that should not be.
#[test]
fn the_search_finds_what_is_planted() {
    let output = output();
    let (mut run, secrets) = populated(78);
    let (village, cast) = (&run.village, run.village.cast.clone());
    let mut dice = SeededRng::new(78, "canary");
    let mut plant = || {
        let (org, kind, parent) = (OrgId(dice.id()), OrgKind::Grid, Some(cast.communities[0]));
        let body = Body::org_registered(org, kind, CANARY, parent);
        let signed = cast.founder.assert(village.now(), dice.rng(), body);
        village.submit(vec![Submission { signed, openings: Vec::new() }]).unwrap();
    };
    let canary = Needles::new([CANARY.to_owned()]);
    assert!(canary.in_dir(village.path()).is_empty());
    plant();
    let hits = canary.in_dir(village.path());
    // The journal masks entries, so only who reads them finds what is in them.
    assert_eq!(canary.in_log(village.ledger()).len(), 1, "in the entries");
    assert_eq!(places(&hits, "log/store", true), 0, "not sealed yet");
    (0..600).for_each(|_| plant());
    let compressed = zstd::bulk::compress(CANARY.repeat(9).as_bytes(), 1).unwrap();
    let size = village.size();
    let snapshots = &village.ledger().snapshots;
    snapshots.put("canary", size, &mut |to| to.write_all(&compressed)).unwrap();
    snapshots.put("open-canary", size, &mut |to| to.write_all(CANARY.as_bytes())).unwrap();
    tracing::info!(name = CANARY, "a careless line");
    run.village.close();
    let hits = canary.in_dir(run.village.path());
    assert!(places(&hits, "log/store", true) > 0, "in a sealed bundle in sled: {hits:?}");
    assert_eq!(places(&hits, "log/snapshots/canary", true), 1, "in a packed snapshot: {hits:?}");
    assert_eq!(places(&hits, "log/snapshots/open-canary", false), 1, "in a plain snapshot: {hits:?}");
    let logged = output.0.lock().unwrap().clone();
    assert!(!canary.in_bytes("log output", &logged).is_empty(), "in the log output");
    // An opening in the clear, as a careless vault would leave it.
    let (_, secret) = secrets.iter().find(|(field, _)| *field == Field::Phone).unwrap();
    std::fs::write(run.village.path().join("vault/stray"), format!("\0\u{1}{secret}\0")).unwrap();
    let hits = needles(&secrets).in_dir(run.village.path());
    assert_eq!(places(&hits, "vault/stray", false), 1, "{hits:?}");
    assert_eq!(hits.len(), 1, "{hits:?}");
}

#[test]
fn nothing_of_the_demo_s_vault_is_anywhere_else() {
    let output = output();
    let root = tempfile::tempdir().unwrap();
    let (data, sheets) = (root.path().join("data"), root.path().join("sheets"));
    std::fs::create_dir(&sheets).unwrap();
    let options = hourbook::demo::Options {
        seed: 5,
        people: number("HOURBOOK_DEMO_PEOPLE", 80) as usize,
        weeks: number("HOURBOOK_DEMO_WEEKS", 4) as usize,
        until: "2026-10-31".parse().unwrap(),
        data: &data,
        sheets: &sheets,
        watch: &SystemClock,
        progress: &|_| {},
    };
    hourbook::demo::build(&options).unwrap();
    let node = open(&data);
    let (secrets, left_out) = secrets(&node);
    let needles = needles(&secrets);
    let in_log = needles.in_log(&node);
    node.close();
    let in_dir = needles.in_dir(&data);
    let said = needles.in_bytes("log output", &output.0.lock().unwrap());
    println!("{} secrets, {left_out} left out because an organisation's name holds them", needles.len());
    assert!(left_out * 20 < secrets.len(), "{left_out} of {} are public", secrets.len());
    assert_eq!([in_log, in_dir, said], [vec![], vec![], vec![]]);
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

fn open(data: &Path) -> Ledger {
    let mut dice = SeededRng::new(6, "demo");
    let mut rng =
        || Box::new(<chacha20::ChaCha20Rng as chacha20::rand_core::SeedableRng>::from_seed(dice.bytes()));
    let options = LedgerOptions::new(Arc::new(SystemClock), rng(), rng());
    ledger::open(data, options, || Box::new(|_: Arc<Vec<LoggedEvent>>| {})).unwrap()
}
