//! A community with two workers and a few volunteers, in a real ledger on disk.

use hourbook_ledger::domain::event::{Body, FounderKey, HoursEvent, MemberEvent, OrgKind, Role};
use std::collections::BTreeMap;
use std::sync::Arc;

use chacha20::ChaCha20Rng;
use ed25519_dalek::SigningKey;
use futures::executor::block_on;
use hourbook_ledger::actor::Actor;
use hourbook_ledger::clock::{ManualClock, SystemClock};
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use hourbook_ledger::domain::policy::{Policy, RecordPolicy};
use hourbook_ledger::domain::time::{Millis, Offset};
use hourbook_ledger::dsse::SignedEvent;
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::follower::NoopFollower;
use hourbook_ledger::ledger::{self, Ledger, LedgerOptions, NewLedger};
use hourbook_projections::ReadSide;
use rand_core::SeedableRng as _;

use crate::commands::Unsigned;
use crate::imports::*;
use crate::sheet::{self, Given, Limits, Row, Sheet};
use crate::state::system_rng;

const ORIGIN: &str = "town.example/test";
pub(crate) const COMMUNITY: OrgId = OrgId([201; 16]);
pub(crate) const ELSEWHERE: OrgId = OrgId([202; 16]);
/// 2026-03-07, a Saturday, 20:00 local time.
const NOW: Millis = Millis(1_772_884_800_000);
/// So long before that keys which came by a code are their persons' own by now.
const FOUNDED: Millis = Millis(NOW.0 - 7 * 86_400_000);
const OFFSET: Offset = Offset(480);

pub(super) type Outcome = Result<Prepared, ImportError>;

pub(crate) struct Town {
    node: Ledger,
    read: ReadSide,
    worker: Actor,
    stranger: Actor,
    dir: tempfile::TempDir,
}

fn rng(n: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([n; 32])
}

fn actor(n: u8) -> Actor {
    Actor::new(PersonId([n; 16]), ORIGIN, SigningKey::from_bytes(&[n; 32]))
}

/// A row on the day before yesterday.
pub(crate) fn row(name: &str, phone: Option<&str>, number: Option<&str>) -> Row {
    Row {
        line: 0,
        name: Some(name.into()),
        phone: phone.map(Into::into),
        volunteer_number: number.map(Into::into),
        activity: "环境清洁".into(),
        date: NOW.date(OFFSET).0 - 2,
        start_minute: 540,
        end_minute: 660,
        place: "听蝉社区".into(),
        content: "清理楼道".into(),
        lead: "周队长".into(),
    }
}

/// What registers somebody, with what is committed to of name, phone and volunteer number.
fn registration(n: u8, home: OrgId, name: &str, phone: &str, number: Option<&str>) -> (Body, Vec<Opening>) {
    let opening = |field, value: &str| Opening::new([n; 16], field, [n; 32], value).unwrap();
    let (name, phone) = (opening(Field::Name, name), opening(Field::Phone, phone));
    let number = number.map(|number| opening(Field::VolunteerNumber, number));
    let body = Body::Member(MemberEvent::Registered {
        person: PersonId([n; 16]),
        home,
        name: name.commitment(),
        phone: Some(phone.commitment()),
        id_number: None,
        volunteer_number: number.as_ref().map(Opening::commitment),
    });
    (body, [name, phone].into_iter().chain(number).collect())
}

impl Town {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(FOUNDED));
        let options = |n| LedgerOptions::new(clock.clone(), Box::new(rng(n)), Box::new(rng(n + 1)));
        let (founder, second) = (actor(1), actor(2));
        let new = NewLedger {
            origin: ORIGIN.parse().unwrap(),
            offset: OFFSET,
            founder: founder.clone(),
            second: FounderKey { person: second.person, key: second.public_key() },
            rng: Box::new(rng(50)),
        };
        ledger::found(dir.path(), new, options(60)).unwrap();
        let read = ReadSide::new();
        let node = ledger::open(dir.path(), options(70), || Box::new(read.clone())).unwrap();
        let town = Self { node, read, worker: actor(10), stranger: actor(11), dir };
        town.settle_in(&founder, FOUNDED);
        clock.set(NOW);
        town
    }

    fn settle_in(&self, founder: &Actor, at: Millis) {
        let mut rng = rng(80);
        let mut write = |body: Body, openings: Vec<Opening>| {
            self.submit(founder.assert(at, &mut rng, body), openings);
        };
        for (org, name) in [(COMMUNITY, "听蝉社区"), (ELSEWHERE, "别处社区")] {
            write(Body::org_registered(org, OrgKind::Community, name, None), Vec::new());
        }
        let records = Policy::Records(RecordPolicy { due_working_days: 10, longest: 720 });
        write(Body::policy_adopted(at.date(OFFSET), records), Vec::new());
        let people = [
            (20, COMMUNITY, "安一", "19900000001", Some("99018190000001")),
            (21, COMMUNITY, "白二", "19900000002", Some("99018190000002")),
            (22, COMMUNITY, "蔡三", "19900000003", None),
            (23, COMMUNITY, "双宁", "19900000004", Some("99018190000004")),
            (24, COMMUNITY, "双宁", "19900000004", Some("99018190000005")),
            (25, COMMUNITY, "安一", "19900000006", None),
            (26, COMMUNITY, "白二", "19900000006", None),
            (27, ELSEWHERE, "程远", "19900000009", Some("99018190000009")),
            (10, COMMUNITY, "工甲", "19900000010", None),
            (11, ELSEWHERE, "工乙", "19900000011", None),
        ];
        for (n, home, name, phone, number) in people {
            let (body, openings) = registration(n, home, name, phone, number);
            write(body, openings);
        }
        for (actor, org) in [(&self.worker, COMMUNITY), (&self.stranger, ELSEWHERE)] {
            self.enrol(founder, actor, at);
            let body = Body::appointed(actor.person, Role::Worker, org, vec![actor.key_id()]);
            self.submit(founder.assert(at, &mut rng, body), Vec::new());
        }
    }

    /// In a session by a code of the founder.
    fn enrol(&self, founder: &Actor, holder: &Actor, at: Millis) {
        let n = holder.person.0[0];
        let code = Opening::new([n; 16], Field::Code, [n; 32], "48392017").unwrap();
        let all = holder.enrolled_by(founder, &self.node.ledger, at, &mut rng(100 + n), code);
        // The session stays open.
        all.into_iter().take(3).for_each(|one| self.submit(one.signed, one.openings));
    }

    fn submit(&self, signed: SignedEvent, openings: Vec<Opening>) {
        self.node.handle.submit_waiting(vec![Submission { signed, openings }]).wait().unwrap();
    }

    /// Six rows of three people in two activities.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let people = [
            row("安一", Some("19900000001"), Some("99018190000001")),
            row("白二", Some("19900000002"), None),
            row("蔡三", Some("19900000003"), None),
        ];
        let second = |row: &Row| Row {
            activity: "敬老助餐".into(),
            start_minute: 840,
            end_minute: 905,
            ..row.clone()
        };
        people.iter().cloned().chain(people.iter().map(second)).collect()
    }

    pub(super) fn today(&self) -> i32 {
        NOW.date(OFFSET).0
    }

    /// Registers somebody in the worker's own community; what is kept of name, phone and volunteer number.
    pub(super) fn register(&self, n: u8, name: &str, phone: &str, number: Option<&str>) -> Vec<String> {
        let (body, openings) = registration(n, COMMUNITY, name, phone, number);
        let kept = openings.iter().map(|opening| opening.value.clone()).collect();
        self.submit(self.worker.assert(NOW, &mut rng(n), body), openings);
        kept
    }

    pub(super) fn import(&self, rows: &[Row]) -> Outcome {
        self.import_file(&sheet::write::write_csv(rows), "rows.csv")
    }

    pub(super) fn import_late(&self, rows: &[Row], reason: &str) -> Outcome {
        self.bring_in(&sheet::write::write_csv(rows), "rows.csv", &self.worker, Some(reason))
    }

    pub(super) fn import_as_stranger(&self, rows: &[Row]) -> Outcome {
        self.bring_in(&sheet::write::write_csv(rows), "rows.csv", &self.stranger, None)
    }

    pub(super) fn import_file(&self, bytes: &[u8], name: &str) -> Outcome {
        self.bring_in(bytes, name, &self.worker, None)
    }

    /// Reads, prepares, signs and submits, as every face does.
    fn bring_in(&self, bytes: &[u8], name: &str, who: &Actor, late: Option<&str>) -> Outcome {
        let sheet = sheet::read(bytes, name, &Limits::new(self.today())).unwrap();
        // Other random numbers for every import, and yet the same in every town that has come as far.
        let mut rng = rng(90 + (self.node.reader.head().size % 100) as u8);
        let prepared = self.prepare(&sheet, who, (late, None), &mut rng)?;
        let sign = |u: &Unsigned| u.clone().sign(who);
        for batch in &prepared.batches {
            self.node.handle.submit_waiting(batch.iter().map(sign).collect()).wait()?;
        }
        Ok(prepared)
    }

    /// Prepares a sheet in which a name may stand alone.
    pub(super) fn prepare_named(&self, text: &str, named: &[(u32, u8)]) -> Outcome {
        let given = Given::default().with_names_alone();
        let limits = Limits::new(self.today());
        let sheet = sheet::read_given(text.as_bytes(), "rows.csv", &limits, given).unwrap();
        let named = named.iter().map(|(line, n)| (*line, PersonId([*n; 16]))).collect();
        self.prepare(&sheet, &self.worker, (None, Some(&named)), &mut rng(90))
    }

    fn prepare(
        &self,
        sheet: &Sheet,
        who: &Actor,
        (late_reason, named): (Option<&str>, Option<&BTreeMap<u32, PersonId>>),
        rng: &mut ChaCha20Rng,
    ) -> Outcome {
        let (recorder, signer) = (who.person, who.key_id());
        let recording = Recording { ledger: ORIGIN, recorder, signer, org: COMMUNITY, named, late_reason };
        let ledger = ImportContext { handle: &self.node.handle, vault: &self.node.vault, now: NOW };
        block_on(prepare(sheet, recording, ledger, rng))
    }

    pub(super) fn root(&self) -> [u8; 32] {
        self.node.reader.head().root
    }

    fn wait(&self) {
        while self.read.as_of() < self.node.reader.head().size {
            std::thread::yield_now();
        }
    }

    /// Digest of everything that readers see.
    pub(super) fn digest(&self) -> [u8; 32] {
        self.wait();
        self.read.digest()
    }

    /// Every row that the rules know of, whichever event brought it.
    pub(super) fn digest_of_people(&self) -> Vec<(PersonId, i64, i64)> {
        let mut all = Vec::new();
        let size = self.node.reader.head().size;
        for (_, entry) in self.node.reader.read(0, size as usize).unwrap() {
            let entry = hourbook_ledger::wire::decode_entry(&entry).unwrap();
            let event = hourbook_ledger::wire::decode_event(&entry.signed.payload).unwrap();
            if let Body::Hours(HoursEvent::Recorded { rows, .. }) = event.body {
                all.extend(rows.iter().map(|row| (row.person, row.interval.start.0, row.interval.end.0)));
            }
        }
        all.sort_unstable();
        all
    }

    /// Bytes that may not be a sheet at all: what is wrong with them, by code.
    pub(super) fn faults(&self, bytes: &[u8]) -> Vec<String> {
        let limits = Limits { max_rows: 40, ..Limits::new(self.today()) };
        let sheet = match sheet::read(bytes, "broken.csv", &limits) {
            Ok(sheet) => sheet,
            Err(error) => return vec![error.code.to_owned()],
        };
        match self.prepare(&sheet, &self.worker, (None, None), &mut rng(90)) {
            Ok(_) => Vec::new(),
            Err(ImportError::Rows(faults)) => faults.first.into_iter().map(|fault| fault.code).collect(),
            Err(other) => vec![other.to_string()],
        }
    }

    /// The values in the vault.
    pub(super) fn values(&self) -> usize {
        self.node.vault.len()
    }

    /// Closes the ledger and gives its directory and the worker's key. From here on it goes by the machine's clock, which
    /// is accepted.
    pub(crate) fn leave(self) -> (tempfile::TempDir, SigningKey) {
        self.node.close();
        let options = LedgerOptions::new(Arc::new(SystemClock), system_rng(), system_rng());
        let options = LedgerOptions { accept_clock: true, ..options };
        ledger::open(self.dir.path(), options, || Box::new(NoopFollower)).unwrap().close();
        (self.dir, SigningKey::from_bytes(&[10; 32]))
    }
}
