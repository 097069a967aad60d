//! What the rule state of a town costs: applying events with and without its digest, writing it to a snapshot and reading
//! it back. One JSON line; seconds are those of the processor, so that a busy machine does not count.
//! `cargo run --release -p hourbook-ledger --example state -- [members]`

use hourbook_ledger::domain::event::{
    Assurance, Body, Event, Expected, FounderKey, Founding, HoursEvent, KeyEvent, LedgerEvent, MemberEvent,
    OrgKind, OrganisationEvent, PolicyEvent, RecordClass, Row, Rows, Scope,
};
use hourbook_ledger::domain::ids::{
    ActivityId, BatchId, Commitment, EventId, KeyId, OrgId, PersonId, Possession, PublicKey, RowKey,
};
use hourbook_ledger::domain::policy::{CreditPolicy, Excess, Policy, RecordPolicy};
use hourbook_ledger::domain::time::{Interval, Millis, Minute, Offset};
use hourbook_ledger::domain::{Context, State, evolve};
use hourbook_ledger::store::lazy;
use sha2::{Digest, Sha256};

const CITY: OrgId = OrgId([1; 16]);
const ACTIVITY: ActivityId = ActivityId([2; 16]);
const BEGIN: Millis = Millis(1_772_409_600_000);
/// Rows in a sheet.
const ROWS: u64 = 20;
/// Sheets on which each member is.
const SHEETS: u64 = 10;
/// Entries between two digests.
const INTERVAL: u64 = 4_096;

/// Sixteen bytes that look random.
fn id(kind: u8, number: u64) -> [u8; 16] {
    let digest = Sha256::new().chain_update([kind]).chain_update(number.to_be_bytes()).finalize();
    digest[..16].try_into().expect("sixteen of 32 bytes")
}

fn person(number: u64) -> PersonId {
    PersonId(id(1, number))
}

fn key(number: u64) -> PublicKey {
    PublicKey(Sha256::digest(number.to_be_bytes()).into())
}

fn event(number: u64, body: Body) -> Event {
    let id = EventId(id(2, number));
    Event {
        id,
        ledger: "hours.example.org/town".into(),
        stream: body.stream(id),
        expected: Expected::Any,
        occurred_at: BEGIN,
        actor: person(0),
        acting_for: None,
        assurance: Assurance::DeviceKey,
        grant: None,
        body,
    }
}

fn begin() -> Vec<Body> {
    let founders = [0, 1].map(|n| FounderKey { person: person(n), key: key(n) });
    let (ledger_person, ledger_key, log_key) = (person(2), key(2), key(3));
    let founding = Founding { offset: Offset(480), founders, log_key, ledger_person, ledger_key };
    let (kind, name) = (OrgKind::City, "城".to_owned());
    let (excess, from) = (Excess::RecordOnly, BEGIN.plus_days(0).date(Offset(480)).plus(-400));
    let (earn_num, earn_den, daily_cap, account_cap, overdraft) = (1, 1, 480, 90_000, 0);
    let credit =
        CreditPolicy { earn_num, earn_den, daily_cap, account_cap, excess, overdraft, transfer_limit: None };
    let records = RecordPolicy { due_working_days: 10, longest: 720 };
    let adopt = |policy| Body::Policy(PolicyEvent::Adopted { scope: Scope::Ledger, from, policy });
    vec![
        Body::Ledger(LedgerEvent::Founded(founding)),
        Body::Organisation(OrganisationEvent::Registered { org: CITY, kind, name, code: None, parent: None }),
        adopt(Policy::Credit(credit)),
        adopt(Policy::Records(records)),
    ]
}

fn joins(member: u64) -> [Body; 2] {
    let (person, name) = (person(member), Commitment([7; 32]));
    let (phone, id_number, volunteer_number) = (None, None, None);
    [
        Body::Member(MemberEvent::Registered {
            person,
            home: CITY,
            name,
            phone,
            id_number,
            volunteer_number,
        }),
        Body::Key(KeyEvent::Enrolled { person, key: key(member), proof: Possession([0; 64]) }),
    ]
}

/// A sheet of an afternoon, and its confirmation.
fn sheet(number: u64, members: u64, at: u64) -> [Event; 2] {
    let day = number * ROWS / members;
    let start = Minute(BEGIN.0 / 60_000 - (400 - day as i64) * 1_440);
    let interval = Interval { start, end: Minute(start.0 + 120) };
    let row = |index| {
        let person = person(10 + (number * ROWS + index) % members);
        Row { key: RowKey(id(3, number * ROWS + index)), person, interval }
    };
    let rows: Vec<Row> = (0..ROWS).map(row).collect();
    let (batch, class) = (BatchId(id(4, number)), RecordClass::Normal);
    let body = Body::Hours(HoursEvent::Recorded {
        batch,
        part: 0,
        total: 1,
        org: CITY,
        activity: ACTIVITY,
        class,
        rows,
        photos: Vec::new(),
    });
    let recorded = event(at, body);
    let confirmed =
        event(at + 1, Body::Hours(HoursEvent::Confirmed { recorded: recorded.id, rows: Rows::All }));
    [recorded, confirmed]
}

fn apply(members: u64, digest: bool) -> (State, u64, f64) {
    let mut state = State::default();
    if digest {
        state.keep_digest();
    }
    let mut position = 0;
    let mut take = |events: Vec<Event>| {
        for event in &events {
            let cx = Context { position, recorded_at: BEGIN, signer: KeyId([0; 16]) };
            evolve(&mut state, &cx, event);
            position += 1;
            if digest && position % INTERVAL == 0 {
                state.settle_digest();
            }
        }
    };
    let began = processor();
    take((0..).zip(begin()).map(|(n, body)| event(n, body)).collect());
    for member in 0..members {
        take(joins(10 + member).into_iter().zip(0..).map(|(b, n)| event(10 + member * 2 + n, b)).collect());
    }
    for number in 0..members * SHEETS / ROWS {
        take(sheet(number, members, 10 + members * 2 + number * 2).into());
    }
    (state, position, processor() - began)
}

/// Seconds that this process has had of a processor, to a hundredth.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Bytes of this process in memory.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4_096
}

fn main() {
    let members: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let (plain, events, without) = apply(members, false);
    let began = processor();
    let from_scratch = plain.digest();
    let scratch = processor() - began;
    drop(plain);
    let (mut state, _, with) = apply(members, true);
    assert_eq!(state.settle_digest(), from_scratch, "kept up and from scratch");
    let began = processor();
    let mut bytes = Vec::new();
    state.write(&mut bytes).expect("a list takes everything");
    let writing = processor() - began;
    drop(state);
    let before = resident();
    let began = processor();
    let read = lazy::load::<State>(bytes.clone().into()).expect("the bytes of a state");
    let reading = processor() - began;
    let memory = resident().saturating_sub(before);
    assert_eq!(read.digest(), from_scratch, "read back");
    let rows = members * SHEETS;
    println!(
        "{{\"members\":{members},\"events\":{events},\"rows\":{rows},\"apply_s\":{without:.3},\"apply_with_digest_s\":{with:.3},\
         \"digest_ns_an_event\":{:.0},\"digest_ns_a_row\":{:.0},\"digest_from_scratch_s\":{scratch:.3},\"bytes\":{},\
         \"write_s\":{writing:.3},\"read_s\":{reading:.3},\"resident_bytes_a_member\":{}}}",
        (with - without) * 1e9 / events as f64,
        (with - without) * 1e9 / rows as f64,
        bytes.len(),
        memory / members.max(1),
    );
}
