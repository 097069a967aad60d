//! A clock that leapt, and a ledger that was hurt by one: what the server says, and the commands that bring it back.

use hourbook::commands::OpeningOut;
use hourbook_ledger::domain::event::{Body, FounderKey, OrgKind};
use std::path::PathBuf;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use hourbook::state::system_rng;
use hourbook_ledger::actor::Actor;
use hourbook_ledger::clock::{Clock as _, ManualClock, SystemClock};
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use hourbook_ledger::domain::time::{Millis, Offset};
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::follower::NoopFollower;
use hourbook_ledger::ledger::{self, Ledger, LedgerOptions, NewLedger};

use super::*;

const DAY: i64 = 86_400_000;
const ORIGIN: &str = "clock.test/town";

pub(super) struct Founded {
    pub(super) root: tempfile::TempDir,
    pub(super) founder: Actor,
    pub(super) clock: Arc<ManualClock>,
}

impl Founded {
    /// Founded a day ago; events are signed now.
    pub(super) fn now() -> Self {
        let made = Self::from_now(-1);
        made.clock.set(SystemClock.now());
        made
    }

    /// Founded so many days from now.
    pub(super) fn from_now(days: i64) -> Self {
        let root = tempfile::tempdir().unwrap();
        let founder = Actor::new(PersonId([1; 16]), ORIGIN, SigningKey::from_bytes(&[1; 32]));
        let second = Actor::new(PersonId([2; 16]), ORIGIN, SigningKey::from_bytes(&[2; 32]));
        let clock = Arc::new(ManualClock::at(Millis(SystemClock.now().0 + days * DAY)));
        let made = Self { root, founder, clock };
        ledger::write_key(&made.key(), &SigningKey::from_bytes(&[1; 32])).unwrap();
        let new = NewLedger {
            origin: ORIGIN.parse().unwrap(),
            offset: Offset(480),
            founder: made.founder.clone(),
            second: FounderKey { person: second.person, key: second.public_key() },
            rng: system_rng(),
        };
        ledger::found(&made.data(), new, made.options()).unwrap();
        made
    }

    pub(super) fn options(&self) -> LedgerOptions {
        let options = LedgerOptions::new(self.clock.clone(), system_rng(), system_rng());
        LedgerOptions { accept_clock: true, ..options }
    }

    pub(super) fn data(&self) -> PathBuf {
        self.root.path().join("ledger")
    }

    pub(super) fn key(&self) -> PathBuf {
        self.root.path().join("founder.pem")
    }

    pub(super) fn organisation(&self, n: u8) -> Submission {
        let (org, name) = (OrgId([n; 16]), format!("城市 {n}"));
        let body = Body::org_registered(org, OrgKind::City, name, None);
        let signed = self.founder.assert(self.clock.now(), &mut *system_rng(), body);
        Submission { signed, openings: Vec::new() }
    }

    /// Registers members one by one, in a city.
    pub(super) fn register_members(&self, count: u8) {
        let mut batches = vec![self.organisation(3)];
        for n in 0..count {
            let person = PersonId([100 + n; 16]);
            let opening = Opening::new(person.0, Field::Name, [n; 32], "张三").unwrap();
            let body = Body::registered(person, OrgId([3; 16]), opening.commitment(), None);
            let signed = self.founder.assert(self.clock.now(), &mut *system_rng(), body);
            batches.push(Submission { signed, openings: vec![opening] });
        }
        self.submit(batches);
    }

    /// The ledger, once the child that another test forks just now has become a program and so let go of the lock.
    pub(super) fn opened(&self) -> Ledger {
        let begin = Instant::now();
        loop {
            match ledger::open(&self.data(), self.options(), || Box::new(NoopFollower)) {
                Err(error) if begin.elapsed().as_secs() < 10 && format!("{error:?}").contains("Locked") => {
                    std::thread::yield_now();
                }
                opened => return opened.unwrap(),
            }
        }
    }

    fn submit(&self, batches: Vec<Submission>) {
        let node = self.opened();
        for submission in batches {
            node.handle.submit_waiting(vec![submission]).wait().unwrap();
        }
        node.close();
    }

    /// Records something so many days from now.
    fn record(&self, days: i64) {
        self.clock.set(Millis(SystemClock.now().0 + days * DAY));
        self.submit(vec![self.organisation(3)]);
    }

    /// The audit has no finding.
    pub(super) fn is_sound(&self) {
        let out = hourbook().arg("verify").arg(self.data()).output().unwrap();
        assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stdout));
    }

    /// Runs a command on it; its exit code and what it said.
    pub(super) fn run(&self, args: &[&str]) -> (Option<i32>, String) {
        let out = hourbook().args(args).arg("--data").arg(self.data()).output().unwrap();
        let said = [out.stdout, out.stderr].concat();
        (out.status.code(), String::from_utf8_lossy(&said).into_owned())
    }
}

/// The body of a request that hands an event in.
pub(super) fn body_of(submission: &Submission) -> String {
    let openings: Vec<OpeningOut> = submission.openings.iter().map(OpeningOut::of).collect();
    let (envelope, openings) = (submission.signed.to_json(), serde_json::to_string(&openings).unwrap());
    format!("{{\"submissions\":[{{\"envelope\":{envelope},\"openings\":{openings}}}]}}")
}

pub(super) fn post(address: &str, submission: &Submission) -> String {
    let body = body_of(submission);
    let mut stream = TcpStream::connect(address).unwrap();
    let (length, kind) = (body.len(), "content-type: application/json");
    write!(
        stream,
        "POST /v1/events HTTP/1.1\r\nhost: here\r\n{kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

pub(super) fn end(mut server: Child) -> String {
    signal(&server, "-TERM");
    assert!(ended(&mut server, Duration::from_secs(20)).success());
    let mut log = String::new();
    server.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    log
}

#[test]
fn a_server_that_starts_400_days_later_records_nothing_until_its_operator_says_so() {
    let ledger = Founded::from_now(-400);
    ledger.clock.set(SystemClock.now());
    let (server, address) = serve(&ledger.data(), &[]);
    let ready = get(&address, "/readyz");
    assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("clock-in-doubt"), "{ready}");
    assert!(ready.contains("400 days ahead of the last entry"), "{ready}");
    assert!(get(&address, "/healthz").starts_with("HTTP/1.1 200"), "the process answers");
    let refused = post(&address, &ledger.organisation(4));
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("clock-in-doubt"), "{refused}");
    assert!(get(&address, "/").contains("服务器时钟可疑"), "a page says so");
    assert!(get(&address, "/v1/clock").contains("\"state\":\"ahead\""));
    let (code, said) = ledger.run(&["clock", "accept"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(get(&address, "/readyz").starts_with("HTTP/1.1 200"));
    assert!(!get(&address, "/").contains("服务器时钟可疑"));
    let log = end(server);
    assert!(log.contains("nothing is recorded, timers rest"), "{log}");

    assert_eq!(ledger.run(&["clock"]).0, Some(0), "it goes on from here");
    let (server, address) = serve(&ledger.data(), &[]);
    let recorded = post(&address, &ledger.organisation(4));
    assert!(recorded.starts_with("HTTP/1.1 201"), "{recorded}");
    end(server);
    ledger.is_sound();
}

#[test]
fn a_ledger_that_slept_for_a_year_is_woken_with_a_word() {
    let asleep = Founded::from_now(-365);
    let (code, said) = asleep.run(&["clock"]);
    assert!(code == Some(3) && said.contains("ahead"), "{said}");
    let (code, said) = asleep.run(&["clock", "accept"]);
    assert!(code == Some(0) && said.contains("believed"), "no server runs on it: {said}");
    assert_eq!(asleep.run(&["clock"]).0, Some(0));
    asleep.is_sound();
    let asleep = Founded::from_now(-365);
    let (server, address) = serve(&asleep.data(), &[("HOURBOOK_ACCEPT_CLOCK", "true")]);
    assert!(get(&address, "/readyz").starts_with("HTTP/1.1 200"));
    end(server);
    assert_eq!(asleep.run(&["clock"]).0, Some(0), "it was said on the log");
}

#[test]
fn a_ledger_with_an_entry_400_days_ahead_is_brought_back_by_a_founder() {
    let ledger = Founded::from_now(-1);
    ledger.record(400);
    ledger.clock.set(SystemClock.now());
    let (server, address) = serve(&ledger.data(), &[]);
    let ready = get(&address, "/readyz");
    assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("behind the last entry"), "{ready}");
    let refused = post(&address, &ledger.organisation(4));
    assert!(refused.contains("clock-in-doubt"), "{refused}");
    let (code, said) = ledger.run(&["clock", "accept"]);
    assert!(code == Some(3) && said.contains("hourbook clock correct"), "{said}");
    let key = ledger.key();
    let correct = |key: &Path| {
        let url = format!("http://{address}");
        let args = ["clock", "correct", "--server", &url, "--as", key.to_str().unwrap()];
        let out = hourbook().args(args).output().unwrap();
        (out.status.code(), String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned())
    };
    let stranger = ledger.root.path().join("stranger.pem");
    ledger::write_key(&stranger, &SigningKey::from_bytes(&[9; 32])).unwrap();
    assert_ne!(correct(&stranger).0, Some(0));
    let (code, said) = correct(&key);
    assert_eq!(code, Some(0), "{said}");
    assert!(get(&address, "/readyz").starts_with("HTTP/1.1 200"));
    let recorded = post(&address, &ledger.organisation(4));
    assert!(recorded.starts_with("HTTP/1.1 201"), "{recorded}");
    let (code, said) = correct(&key);
    assert!(code == Some(1) && said.contains("nothing to correct"), "{said}");
    end(server);
    assert_eq!(ledger.run(&["clock"]).0, Some(0));
    ledger.is_sound();
}
