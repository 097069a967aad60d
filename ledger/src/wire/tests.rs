//! The format as a whole: golden bytes, round trips, refusals.

mod bent;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use hourbook_proto::schema::{self, Kind, Message};
use hourbook_proto::v1;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use prost::Message as _;
use prost::encoding::{decode_varint, encode_varint};

use super::*;
use crate::domain::event::{
    AccessPurpose, ActivityEvent, Attended, Attendee, Body, BodyKind, EdgeKind, Event, HoursEvent, Lapse,
    OrgKind, PolicyEvent, RecordClass, Role, Row, Rows, Stream, StreamKind, WishEvent,
};
use crate::domain::ids::{
    ActivityId, BatchId, Commitment, EventId, KeyId, OrgId, PersonId, RowKey, ShiftId, WishId,
};
use crate::domain::time::{Date, Interval, Millis, Minute};
use crate::dsse::SignedEvent;
use crate::format::{self, Described, Message as _};

const GOLDEN: &str = include_str!("golden.txt");

fn signed() -> SignedEvent {
    let released = samples::event(Body::Wish(WishEvent::Released { wish: WishId([0x41; 16]) }));
    SignedEvent { payload: encode_event(&released), key_id: KeyId([0x55; 16]), signature: [0x77; 64] }
}

/// What is in the golden file: a name and the bytes in hexadecimal, a line each.
fn golden_lines() -> Vec<(String, Vec<u8>)> {
    let mut lines: Vec<_> =
        samples::all().iter().map(|(name, event)| (name.clone(), encode_event(event))).collect();
    lines.push(("entry".to_owned(), encode_entry(70_000, Millis(1_772_409_600_123), 3, &signed())));
    lines.push(("entry/first".to_owned(), encode_entry(0, Millis(0), 0, &signed())));
    lines.push(("envelope".to_owned(), encode_envelope(&signed())));
    lines
}

#[test]
fn the_bytes_are_the_golden_ones() {
    let mut text = String::new();
    for (name, bytes) in golden_lines() {
        writeln!(text, "{name} {}", hex::encode(bytes)).unwrap();
    }
    // On purpose not written back by a switch: bytes once published never change, new lines are added by hand.
    assert!(text == GOLDEN, "golden.txt differs; the bytes now are:\n{text}");
}

#[test]
fn the_golden_bytes_are_read_as_what_they_were() {
    let golden = |name: &str| {
        let line = GOLDEN.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        hex::decode(line.unwrap_or_else(|| panic!("{name} has no golden bytes"))).unwrap()
    };
    for (name, event) in samples::all() {
        assert_eq!(decode_event(&golden(&name)).as_ref(), Ok(&event), "{name}");
    }
    let entry =
        Entry { position: 70_000, recorded_at: Millis(1_772_409_600_123), revision: 3, signed: signed() };
    assert_eq!(decode_entry(&golden("entry")), Ok(entry));
    assert_eq!(decode_entry(&golden("entry/first")).map(|entry| entry.position), Ok(0));
    assert_eq!(decode_envelope(&golden("envelope")), Ok(signed()));
}

#[test]
fn every_kind_has_golden_bytes_under_its_own_number() {
    let samples = samples::all();
    let kinds: BTreeSet<_> = samples.iter().map(|(_, event)| event.body.kind()).collect();
    assert_eq!(kinds.len(), BodyKind::all().count());
    for (_, event) in samples {
        let message = v1::Event::decode(&encode_event(&event)[..]).unwrap();
        let mut body = Vec::new();
        message.body.unwrap().encode(&mut body);
        let mut body = &body[..];
        let aggregate = choice(&schema::EVENT, &mut body);
        let Kind::Message(events) = aggregate.kind else { panic!("an aggregate is a message") };
        decode_varint(&mut body).unwrap();
        let alone = choice(events, &mut body).name.replace('_', "-");
        let whole = format!("{}-{alone}", aggregate.name.replace("_event", "").replace('_', "-"));
        assert!(
            [alone, whole].iter().any(|name| name == event.body.kind().name()),
            "{:?}",
            event.body.kind()
        );
    }
}

/// The field of a message whose tag is next.
fn choice<'m>(message: &'m Message, bytes: &mut &[u8]) -> &'m schema::Field {
    let number = (decode_varint(bytes).unwrap() >> 3) as u32;
    message.fields.iter().find(|field| field.number == number).unwrap()
}

#[test]
fn enums_have_the_numbers_of_the_rules() {
    for kind in StreamKind::ALL {
        assert_eq!(v1::StreamKind::try_from(kind as i32).map(|k| format!("{k:?}")), Ok(format!("{kind:?}")));
    }
    assert_eq!(v1::Role::Auditor as i32, Role::Auditor as i32);
    assert_eq!(v1::OrgKind::SocialOrg as i32, OrgKind::SocialOrg as i32);
    assert_eq!(v1::EdgeKind::ReportsTo as i32, EdgeKind::ReportsTo as i32);
    assert_eq!(v1::Lapse::Wish as i32, Lapse::Wish as i32);
    assert_eq!(v1::AccessPurpose::Audit as i32, AccessPurpose::Audit as i32);
}

#[test]
fn the_strategy_makes_every_kind() {
    let mut runner = TestRunner::deterministic();
    let bodies = Body::any_message();
    let kinds: BTreeSet<_> =
        (0..2_000).map(|_| bodies.new_tree(&mut runner).unwrap().current().kind()).collect();
    assert_eq!(kinds.len(), BodyKind::all().count());
}

proptest! {
    #[test]
    fn any_event_survives_its_bytes(event in Event::any_message()) {
        let bytes = encode_event(&event);
        prop_assert_eq!(decode_event(&bytes), Ok(event));
    }

    #[test]
    fn any_entry_survives_its_bytes(
        position: u64,
        revision: u64,
        at in 0..253_402_300_800_000i64,
        payload in proptest::collection::vec(any::<u8>(), 1..500),
        key: [u8; 16],
    ) {
        let signed = SignedEvent { payload, key_id: KeyId(key), signature: [key[0]; 64] };
        let bytes = encode_entry(position, Millis(at), revision, &signed);
        let message = v1::Entry {
            position,
            recorded_at_ms: at,
            event: signed.payload.clone(),
            key_id: key.to_vec(),
            signature: signed.signature.to_vec(),
            revision,
        };
        prop_assert_eq!(&bytes, &message.encode_to_vec());
        prop_assert_eq!(decode_entry(&bytes), Ok(Entry { position, recorded_at: Millis(at), revision, signed }));
    }

    /// What is accepted is what the generated decoder reads, whatever byte is changed: nothing is added or forgotten.
    #[test]
    fn what_is_accepted_is_what_the_generated_decoder_reads(
        event in Event::any_message(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 0..3),
    ) {
        let mut bytes = encode_event(&event);
        for (at, byte, how) in changes {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 if bytes.len() > 1 => drop(bytes.remove(at)),
                // Other numbers, types, lengths and small values are near.
                _ => bytes[at] = bytes[at].wrapping_add(byte % 5).wrapping_sub(2),
            }
        }
        bent::judge(&bytes);
        let signed = SignedEvent { payload: bytes.clone(), ..signed() };
        let entry = encode_entry(7, Millis(8), 9, &signed);
        prop_assert_eq!(decode_entry(&entry), Ok(Entry { position: 7, recorded_at: Millis(8), revision: 9, signed }));
        prop_assert!(decode_entry(&bytes).is_err());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(decode_event(&bytes).is_err());
        let _ = decode_entry(&bytes);
        let _ = decode_envelope(&bytes);
        let _ = decode_submissions(&bytes);
        let _ = decode_receipts(&bytes);
    }

    /// No two encodings of one length are the same event.
    #[test]
    fn a_changed_byte_is_noticed(event in Event::any_message(), at: prop::sample::Index, flip in 1..=255u8) {
        let mut bytes = encode_event(&event);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(other) = decode_event(&bytes) {
            prop_assert_ne!(&other, &event);
            prop_assert_eq!(decode_event(&encode_event(&other)), Ok(other));
        }
    }

    #[test]
    fn every_beginning_of_an_event_is_refused(event in Event::any_message(), cut: prop::sample::Index) {
        let bytes = encode_event(&event);
        prop_assert!(decode_event(&bytes[..cut.index(bytes.len())]).is_err());
    }
}

/// The bytes with each message in them, in turn, made longer by `extra`.
fn with_extra(
    bytes: &[u8],
    message: &Message,
    extra: impl Fn(&[u8], &Message) -> Option<Vec<u8>> + Copy,
) -> Vec<Vec<u8>> {
    let mut out: Vec<_> = extra(bytes, message).map(|extra| [bytes, &extra].concat()).into_iter().collect();
    let mut rest = bytes;
    while !rest.is_empty() {
        let tag = decode_varint(&mut rest).unwrap();
        if tag & 7 == 0 {
            decode_varint(&mut rest).unwrap();
            continue;
        }
        let before = &bytes[..bytes.len() - rest.len()];
        let length = decode_varint(&mut rest).unwrap() as usize;
        let (inner, after) = rest.split_at(length);
        rest = after;
        let field = message.fields.iter().find(|field| u64::from(field.number) == tag >> 3).unwrap();
        let Kind::Message(inner_message) = field.kind else { continue };
        for changed in with_extra(inner, inner_message, extra) {
            let mut whole = before.to_vec();
            encode_varint(changed.len() as u64, &mut whole);
            whole.extend([&changed, after].concat());
            out.push(whole);
        }
    }
    out
}

#[test]
fn an_unknown_field_is_refused_wherever_it_is() {
    // Field 1000, a varint of 0, which the generated decoder would skip.
    let unknown = |_: &[u8], _: &Message| Some(vec![0xc0, 0x3e, 0]);
    let mut changed = 0;
    for (name, event) in samples::all() {
        for bytes in with_extra(&encode_event(&event), &schema::EVENT, unknown) {
            let refused = decode_event(&bytes).map_err(|error| error.problem);
            assert_eq!(refused, Err(Problem::UnknownField(1000)), "{name}");
            assert!(v1::Event::decode(&bytes[..]).is_ok());
            changed += 1;
        }
    }
    assert!(changed > 5 * samples::all().len(), "event, stream, expected, body and its kind at least");
}

#[test]
fn a_field_given_twice_is_refused_wherever_it_is() {
    // The first field of a message once more; one of a list may well come again.
    let first_again = |bytes: &[u8], message: &Message| {
        let mut rest = bytes;
        let tag = if rest.is_empty() { return None } else { decode_varint(&mut rest).unwrap() };
        let field = message.fields.iter().find(|field| u64::from(field.number) == tag >> 3).unwrap();
        let length = if tag & 7 == 0 { 0 } else { decode_varint(&mut rest).unwrap() as usize };
        if tag & 7 == 0 {
            decode_varint(&mut rest).unwrap();
        }
        field.slot.map(|_| bytes[..bytes.len() - rest.len() + length].to_vec())
    };
    for (name, event) in samples::all() {
        for bytes in with_extra(&encode_event(&event), &schema::EVENT, first_again) {
            let refused = decode_event(&bytes).map_err(|error| error.problem);
            assert_eq!(refused, Err(Problem::GivenTwice), "{name}");
        }
    }
}

/// Changes of one byte of every sample: other lengths, tags, wire types, numbers, texts.
#[test]
fn the_generated_decoder_agrees_on_every_byte() {
    for (name, event) in samples::all() {
        let mut bytes = encode_event(&event);
        for at in 0..bytes.len() {
            let good = bytes[at];
            let near =
                [1, 2, 7, 8, 16].into_iter().flat_map(|by| [good.wrapping_add(by), good.wrapping_sub(by)]);
            for other in near.chain([0, 1, 2, 0x7f, 0x80, 0xff]) {
                bytes[at] = other;
                let judged = std::panic::catch_unwind(|| bent::judge(&bytes));
                assert!(judged.is_ok(), "{name}, byte {at} as {other}");
            }
            bytes[at] = good;
        }
    }
}

/// Compares what the types of the rules say with the schema, message by message. Returns how many fields there were.
fn same_as_schema(path: &str, describe: fn(&mut Vec<Described>), schema: &Message) -> usize {
    let mut fields = Vec::new();
    describe(&mut fields);
    fields.sort_by_key(|field| field.number);
    let numbers = |fields: &[Described]| fields.iter().map(|field| field.number).collect::<Vec<_>>();
    let of_schema: Vec<_> = schema.fields.iter().map(|field| field.number).collect();
    assert_eq!(numbers(&fields), of_schema, "{path}: the numbers");
    let mut count = fields.len();
    for (field, schema_field) in fields.iter().zip(schema.fields) {
        let path = format!("{path}.{}", field.name);
        assert_eq!(field.name, schema_field.name, "{path}");
        assert_eq!(field.is_listed, schema_field.slot.is_none(), "{path}");
        let together = |other: &&Described| other.choices == field.choices && field.choices.is_some();
        let choices: Vec<_> = fields.iter().filter(together).map(|other| other.number).collect();
        let slot =
            schema.fields.iter().filter(|other| other.slot.is_some() && other.slot == schema_field.slot);
        let exclude: Vec<_> = slot.map(|other| other.number).collect();
        assert!(
            field.is_listed || exclude == choices || exclude == [field.number] && choices.is_empty(),
            "{path}"
        );
        count += same_kind(&path, field.kind, &schema_field.kind);
    }
    count
}

fn same_kind(path: &str, kind: crate::format::Kind, schema: &Kind) -> usize {
    use crate::format::Kind as K;
    match (kind, schema) {
        (K::Message(describe), Kind::Message(message)) => return same_as_schema(path, describe, message),
        (K::Packed(kind), Kind::Packed(schema)) => return same_kind(path, kind(), schema),
        (K::Uint32, Kind::Uint32)
        | (K::Uint64, Kind::Uint64)
        | (K::Int64, Kind::Int64)
        | (K::Sint32, Kind::Sint32)
        | (K::Bool, Kind::Bool)
        | (K::Bytes, Kind::Bytes)
        | (K::String, Kind::String) => {}
        (K::Enum(numbers), Kind::Enum) => assert!(numbers.iter().all(|(number, _)| *number > 0), "{path}"),
        (_, schema) => panic!("{path}: the schema says {schema:?}"),
    }
    0
}

#[test]
fn the_types_of_the_rules_are_those_of_the_schema() {
    let fields = same_as_schema("event", <Event as format::Message>::describe, &schema::EVENT);
    assert!(fields > 200, "{fields}");
}

#[test]
fn the_order_of_fields_is_free() {
    let event = samples::event(samples::recording(3));
    let bytes = encode_event(&event);
    let (mut rest, mut fields) = (&bytes[..], vec![]);
    while !rest.is_empty() {
        let start = rest;
        let tag = decode_varint(&mut rest).unwrap();
        let number = decode_varint(&mut rest).unwrap();
        rest = &rest[if tag & 7 == 2 { number as usize } else { 0 }..];
        fields.push(&start[..start.len() - rest.len()]);
    }
    fields.reverse();
    let reversed = fields.concat();
    assert_ne!(reversed, bytes);
    assert_eq!(decode_event(&reversed), Ok(event));
}

/// Changes the schema's message of a sample, so that a value can be what the rules' types cannot.
fn refusal(body: Body, change: impl Fn(&mut v1::Event)) -> String {
    let mut message = v1::Event::decode(&encode_event(&samples::event(body))[..]).unwrap();
    change(&mut message);
    decode_event(&message.encode_to_vec()).unwrap_err().to_string()
}

fn hours_of(event: &mut v1::Event) -> &mut v1::hours_event::Kind {
    match event.body.as_mut() {
        Some(v1::event::Body::Hours(hours)) => hours.kind.as_mut().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_fault_is_named_with_its_place() {
    type Change = fn(&mut v1::Event);
    let cases: [(Change, &str); 12] = [
        (|e| e.id.clear(), "id: required, but absent"),
        (|e| e.id.push(0), "id: expected 16 bytes, found 17"),
        (|e| e.ledger.clear(), "ledger: expected 1 to 255 bytes of text without control characters"),
        (|e| e.ledger.push('\n'), "ledger: expected 1 to 255 bytes of text without control characters"),
        (
            |e| e.ledger = "x".repeat(256),
            "ledger: expected 1 to 255 bytes of text without control characters",
        ),
        (|e| e.stream = None, "stream: required, but absent"),
        (|e| e.stream.as_mut().unwrap().kind = 99, "stream.kind: 99 is not a value of this enum"),
        (|e| e.expected.as_mut().unwrap().revision = None, "expected: required, but absent"),
        (
            |e| e.occurred_at_ms = i64::MAX,
            "occurred_at_ms: expected a time from 1900 to 9999, found 9223372036854775807",
        ),
        (|e| e.acting_for = Some(vec![]), "acting_for: expected 16 bytes, found 0"),
        (|e| e.assurance = 0, "assurance: required, but absent"),
        (|e| e.body = None, "body: required, but absent"),
    ];
    for (change, expected) in cases {
        assert_eq!(refusal(samples::recording(4), change), expected);
    }
}

#[test]
fn a_fault_in_a_row_is_named_with_its_index() {
    let in_rows = |change: fn(&mut Vec<v1::HoursRow>)| {
        refusal(samples::recording(4), |event| match hours_of(event) {
            v1::hours_event::Kind::Recorded(hours) => change(&mut hours.rows),
            other => panic!("{other:?}"),
        })
    };
    let short = in_rows(|rows| rows[3].person.truncate(15));
    assert_eq!(short, "hours.recorded.rows[3].person: expected 16 bytes, found 15");
    let without = in_rows(|rows| rows[2].interval = None);
    assert_eq!(without, "hours.recorded.rows[2].interval: required, but absent");
    let far = in_rows(|rows| rows[1].interval.as_mut().unwrap().end_minute = i64::MIN);
    assert!(far.starts_with("hours.recorded.rows[1].interval.end_minute: expected a time"), "{far}");
    let many = in_rows(|rows| *rows = vec![rows[0].clone(); 257]);
    assert_eq!(many, "hours.recorded.rows: expected at most 256 elements, found 257");
    // Whatever its length, no list takes more memory than this.
    let crowd = in_rows(|rows| *rows = vec![rows[0].clone(); 100_000]);
    assert_eq!(crowd, "hours.recorded.rows: expected at most 4096 elements, found 4097");
    let empty = in_rows(|rows| *rows = vec![v1::HoursRow::default(); 100_000]);
    assert_eq!(empty, "hours.recorded.rows[0].key: required, but absent");
}

#[test]
fn indexes_are_ascending_and_short() {
    let with = |indexes: &[u32]| {
        let confirmed = Body::Hours(HoursEvent::Confirmed {
            recorded: EventId([1; 16]),
            rows: Rows::Some { indexes: vec![1] },
        });
        refusal(confirmed, |event| match hours_of(event) {
            v1::hours_event::Kind::Confirmed(confirmed) => {
                let indexes = v1::RowIndexes { indexes: indexes.to_vec() };
                confirmed.rows = Some(v1::hours_confirmed::Rows::Some(indexes));
            }
            other => panic!("{other:?}"),
        })
    };
    let ascending = "hours.confirmed.some.indexes: expected strictly ascending values";
    assert_eq!(with(&[0, 2, 1]), ascending);
    assert_eq!(with(&[0, 2, 2]), ascending);
    assert_eq!(with(&[0, 65_536]), "hours.confirmed.some.indexes[1]: expected 0 to 65535, found 65536");
}

/// Bytes that the generated decoder would bend into some value.
#[test]
fn numbers_have_one_form_and_fit_their_type() {
    let good =
        encode_event(&samples::event(Body::Wish(WishEvent::Confirmed { wish: WishId([7; 16]), rating: 5 })));
    let (rating, before) = good.split_last().map(|(last, before)| (*last, before)).unwrap();
    assert_eq!(rating, 5);
    let with = |rating: &[u8]| {
        // The lengths of the aggregate and its event stand before the rating: 18 bytes of id, then the tag.
        let grown = (rating.len() - 1) as u8;
        let mut bytes = [before, rating].concat();
        let kind = bytes.len() - rating.len() - 1 - 18 - 1;
        bytes[kind] += grown;
        bytes[kind - 2] += grown;
        decode_event(&bytes).map(|event| event.body)
    };
    assert_eq!(with(&[5]), Ok(Body::Wish(WishEvent::Confirmed { wish: WishId([7; 16]), rating: 5 })));
    let path = "wish.confirmed.rating";
    let refused = |problem| Err(WireError { path: path.to_owned(), problem });
    assert_eq!(with(&[0x85, 0]), refused(Problem::BadVarint));
    assert_eq!(with(&[0x85, 0x80, 0x80, 0x80, 0x10]), refused(Problem::BadVarint));
    assert_eq!(with(&[0x85, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2]), refused(Problem::BadVarint));
    assert_eq!(with(&[0x85; 11]), refused(Problem::BadVarint));
    assert_eq!(with(&[0x80, 2]), refused(Problem::Range { expected: "0 to 255", found: 256 }));
    assert!(matches!(with(&[0x85]), Err(WireError { problem: Problem::Truncated, .. })));
}

#[test]
fn what_the_generated_decoder_lets_pass_is_refused() {
    fn read<T: format::Message>(bytes: &[u8]) -> Result<(), (String, Problem)> {
        format::decode::<T>(bytes).map(drop).map_err(|error| (error.path, error.problem))
    }
    let at = |path: &str, problem| Err((path.to_owned(), problem));
    assert_eq!(read::<Stream>(&[8, 0xff, 0xff, 0xff, 0xff, 0xf]), at("kind", Problem::BadVarint));
    assert_eq!(read::<Event>(&[18, 1, 0xff]), at("ledger", Problem::NotUtf8));
    assert_eq!(read::<Event>(&[18, 9, 0]), at("ledger", Problem::Truncated));
    assert_eq!(read::<Event>(&[0]), at("", Problem::BadTag));
    assert_eq!(read::<Event>(&[0x0f]), at("", Problem::BadTag));
    assert_eq!(read::<Event>(&[34, 4, 18, 0, 26, 0]), at("expected.any", Problem::GivenTwice));
    // Bodies: an acceptance of 2, indexes that are not packed, and packed twice.
    let body = |tag: &[u8], bytes: &[u8]| read::<Event>(&[tag, &[bytes.len() as u8], bytes].concat());
    let (hours, wish, ledger, report_in) = (&[0x52], &[0x72], &[0x82, 1], &[0xaa, 1]);
    assert_eq!(body(report_in, &[0x12, 2, 0x18, 2]), at("report_in.answered.accepted", Problem::BadVarint));
    let unpacked = Problem::WireType { expected: 2, found: 0 };
    assert_eq!(body(hours, &[0x12, 4, 26, 2, 8, 1]), at("hours.confirmed.some.indexes", unpacked));
    let twice = [0x12, 8, 26, 6, 10, 1, 1, 10, 1, 2];
    assert_eq!(body(hours, &twice), at("hours.confirmed.some.indexes", Problem::GivenTwice));
    // Sub-messages that are given twice merge elsewhere.
    let twice = [0x22, 0, 0x22, 0];
    assert_eq!(body(ledger, &twice), at("ledger_event.clock_corrected", Problem::GivenTwice));
    let released = [0x72, 20, 0x22, 18, 10, 16, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7];
    assert_eq!(read::<Event>(&[released, released].concat()), at("wish", Problem::GivenTwice));
    assert_eq!(
        read::<Event>(&[&released[..], &[0x82, 1, 0]].concat()),
        at("ledger_event", Problem::GivenTwice)
    );
    // An aggregate without an event.
    assert_eq!(body(wish, &[]), at("wish", Problem::Missing));
}

/// The largest events there can be, with every number at its longest, fit into an entry with room to spare.
#[test]
fn the_largest_events_fit_into_an_entry() {
    let end = Minute(2_932_897 * 1_440 - 1);
    // A negative minute takes ten bytes.
    let interval = Interval { start: Minute(-1), end };
    let row = Row { key: RowKey([255; 16]), person: PersonId([255; 16]), interval };
    let hours = Body::Hours(HoursEvent::Recorded {
        batch: BatchId([255; 16]),
        part: u16::MAX,
        total: u16::MAX,
        org: OrgId([255; 16]),
        activity: ActivityId([255; 16]),
        class: RecordClass::Late(Commitment([255; 32])),
        rows: vec![row; format::MAX_ROWS],
        photos: Vec::new(),
    });
    let attendee = Attendee { person: PersonId([255; 16]), attended: Attended::Present(interval) };
    let (activity, shift) = (ActivityId([255; 16]), ShiftId([255; 16]));
    let attendance = Body::Activity(ActivityEvent::AttendanceTaken {
        activity,
        shift,
        rows: vec![attendee; format::MAX_ROWS],
    });
    for body in [hours, attendance, largest_calendar()] {
        let event = Event { ledger: "x".repeat(255), occurred_at: Millis(-1), ..samples::event(body) };
        let payload = encode_event(&event);
        assert_eq!(decode_event(&payload), Ok(event));
        let signed = SignedEvent { payload, ..signed() };
        let entry = encode_entry(u64::MAX, Millis(-1), u64::MAX, &signed);
        assert!(entry.len() < 20_000, "{} bytes", entry.len());
    }
}

fn largest_calendar() -> Body {
    use crate::domain::policy::{CalendarPolicy, Policy};
    let days: Vec<_> = (0..366).map(|day| Date(2_932_896 - 365 + day)).collect();
    let policy = Policy::Calendar(CalendarPolicy {
        year: crate::domain::time::Year(9999),
        holidays: days.clone(),
        workdays: days,
    });
    Body::Policy(PolicyEvent::Adopted { scope: crate::domain::event::Scope::Ledger, from: Date(0), policy })
}
