//! Events taken apart field by field and put together wrongly: the reader of events against the generated decoder, and
//! against a naive reading of the schema's table.

use std::collections::{BTreeMap, BTreeSet};

use hourbook_proto::schema::{self, Kind, Message};
use hourbook_proto::v1;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use prost::Message as _;
use prost::encoding::{decode_varint, encode_varint, encoded_len_varint};

use crate::domain::event::Event;
use crate::format::Message as _;
use crate::wire::{decode_event, encode_event, samples};

/// What the reader did with bytes, being right to do so.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Verdict {
    /// The schema's table allows them, and they say an event.
    Accepted,
    /// The schema's table allows them, but a value is none of the rules'.
    NoValue,
    /// They can be read in two ways, or hold what nobody knows.
    Loose,
}

/// Holds the reader against the generated decoder: what may be read in two ways is refused, and anything else is read
/// as that decoder reads it, and accepted if its usual form is.
pub(super) fn judge(bytes: &[u8]) -> Verdict {
    let read = decode_event(bytes);
    if !is_strict(bytes, &schema::EVENT) {
        assert!(read.is_err(), "read, but loose: {read:?}");
        return Verdict::Loose;
    }
    let usual = v1::Event::decode(bytes).expect("what is strict is protobuf").encode_to_vec();
    assert_eq!(read.as_ref().ok(), decode_event(&usual).as_ref().ok());
    match read {
        Ok(event) => {
            assert_eq!(encode_event(&event), usual);
            Verdict::Accepted
        }
        Err(_) => Verdict::NoValue,
    }
}

/// Whether the bytes are fields of this message in the types that it has, each known, each but elements of lists at most
/// once and without another choice of its oneof, and every number in its shortest form and within its type.
fn is_strict(mut rest: &[u8], message: &Message) -> bool {
    let mut taken = BTreeSet::new();
    while !rest.is_empty() {
        let Some(tag) = shortest(&mut rest) else { return false };
        let field = message.fields.iter().find(|field| u64::from(field.number) == tag >> 3);
        let is_read = field.is_some_and(|field| {
            field.slot.is_none_or(|slot| taken.insert(slot))
                && tag & 7 == wire_type(&field.kind)
                && is_strict_value(&mut rest, &field.kind)
        });
        if !is_read {
            return false;
        }
    }
    true
}

fn wire_type(kind: &Kind) -> u64 {
    match kind {
        Kind::Uint32 | Kind::Uint64 | Kind::Int64 | Kind::Sint32 | Kind::Bool | Kind::Enum => 0,
        Kind::Bytes | Kind::String | Kind::Message(_) | Kind::Packed(_) => 2,
    }
}

fn is_strict_value(rest: &mut &[u8], kind: &Kind) -> bool {
    let most = match kind {
        Kind::Uint64 | Kind::Int64 => u64::MAX,
        Kind::Uint32 | Kind::Sint32 => u32::MAX.into(),
        Kind::Enum => i32::MAX as u64,
        Kind::Bool => 1,
        Kind::Bytes | Kind::String | Kind::Message(_) | Kind::Packed(_) => {
            return delimited(rest).is_some_and(|inner| is_strict_within(inner, kind));
        }
    };
    shortest(rest).is_some_and(|number| number <= most)
}

fn is_strict_within(mut inner: &[u8], kind: &Kind) -> bool {
    match kind {
        Kind::Message(message) => is_strict(inner, message),
        Kind::String => std::str::from_utf8(inner).is_ok(),
        Kind::Packed(kind) => {
            while !inner.is_empty() {
                if !is_strict_value(&mut inner, kind) {
                    return false;
                }
            }
            true
        }
        _ => true,
    }
}

fn shortest(rest: &mut &[u8]) -> Option<u64> {
    let before = rest.len();
    let number = decode_varint(rest).ok()?;
    (encoded_len_varint(number) == before - rest.len()).then_some(number)
}

fn delimited<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(shortest(rest)?).ok()?;
    let (inner, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(inner)
}

/// One field of a message.
#[derive(Clone, Debug)]
struct Piece {
    number: u32,
    content: Content,
    /// The tag in one byte more than needed.
    long_tag: bool,
    /// And so the number or the length.
    long_value: bool,
}

#[derive(Clone, Debug)]
enum Content {
    Number(u64),
    Bytes(Vec<u8>),
    Message(&'static Message, Vec<Piece>),
    /// Eight bytes, or four: nothing in an event is written so.
    Fixed(Vec<u8>),
}

impl Piece {
    fn new(number: u32, content: Content) -> Self {
        Self { number, content, long_tag: false, long_value: false }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let wire_type = match &self.content {
            Content::Number(_) => 0,
            Content::Bytes(_) | Content::Message(..) => 2,
            Content::Fixed(bytes) => {
                if bytes.len() == 8 {
                    1
                } else {
                    5
                }
            }
        };
        write_number(u64::from(self.number << 3 | wire_type), self.long_tag, out);
        match &self.content {
            Content::Number(number) => write_number(*number, self.long_value, out),
            Content::Bytes(bytes) => write_bytes(bytes, self.long_value, out),
            Content::Message(_, pieces) => write_bytes(&together(pieces), self.long_value, out),
            Content::Fixed(bytes) => out.extend_from_slice(bytes),
        }
    }
}

fn write_bytes(bytes: &[u8], long: bool, out: &mut Vec<u8>) {
    write_number(bytes.len() as u64, long, out);
    out.extend_from_slice(bytes);
}

fn write_number(number: u64, long: bool, out: &mut Vec<u8>) {
    encode_varint(number, out);
    if long {
        *out.last_mut().unwrap() |= 0x80;
        out.push(0);
    }
}

fn together(pieces: &[Piece]) -> Vec<u8> {
    let mut out = Vec::new();
    pieces.iter().for_each(|piece| piece.write(&mut out));
    out
}

/// The fields of a good message.
fn apart(mut rest: &[u8], message: &'static Message) -> Vec<Piece> {
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let tag = shortest(&mut rest).unwrap();
        let field = message.fields.iter().find(|field| u64::from(field.number) == tag >> 3).unwrap();
        let content = match field.kind {
            _ if tag & 7 == 0 => Content::Number(shortest(&mut rest).unwrap()),
            Kind::Message(inner) => Content::Message(inner, apart(delimited(&mut rest).unwrap(), inner)),
            _ => Content::Bytes(delimited(&mut rest).unwrap().to_vec()),
        };
        pieces.push(Piece::new(field.number, content));
    }
    pieces
}

/// What is done to one of the messages of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Bend {
    Swap,
    Repeat,
    RepeatAtEnd,
    Drop,
    Empty,
    Unknown,
    Random,
    OtherNumber,
    OtherType,
    LongTag,
    LongValue,
}

const BENDS: [Bend; 11] = [
    Bend::Swap,
    Bend::Repeat,
    Bend::RepeatAtEnd,
    Bend::Drop,
    Bend::Empty,
    Bend::Unknown,
    Bend::Random,
    Bend::OtherNumber,
    Bend::OtherType,
    Bend::LongTag,
    Bend::LongValue,
];

/// One change: what, in which message, at which two fields, and a number for what it needs.
type Change = (Bend, Index, Index, Index, u64);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let number = prop_oneof![0..40u64, Just(u64::from(u32::MAX)), any::<u64>()];
    let one = (proptest::sample::select(&BENDS[..]), any::<Index>(), any::<Index>(), any::<Index>(), number);
    proptest::collection::vec(one, 1..4)
}

fn bent(event: &Event, changes: &[Change]) -> Vec<u8> {
    let mut whole = Content::Message(&schema::EVENT, apart(&encode_event(event), &schema::EVENT));
    for change in changes {
        let mut count = 0;
        visit(&mut whole, &mut |_, _| count += 1);
        let (mut at, chosen) = (0, change.1.index(count));
        visit(&mut whole, &mut |message, pieces| {
            if at == chosen {
                bend(message, pieces, change);
            }
            at += 1;
        });
    }
    let Content::Message(_, pieces) = whole else { unreachable!("an event is a message") };
    together(&pieces)
}

/// Every message with its fields, those within first.
fn visit(content: &mut Content, each: &mut impl FnMut(&'static Message, &mut Vec<Piece>)) {
    if let Content::Message(message, pieces) = content {
        pieces.iter_mut().for_each(|piece| visit(&mut piece.content, each));
        each(message, pieces);
    }
}

fn bend(message: &'static Message, pieces: &mut Vec<Piece>, (how, _, one, other, number): &Change) {
    match how {
        Bend::Empty => return pieces.clear(),
        Bend::Unknown => {
            let unknown = [12, 99, 1_000, 3_000, 536_870_911][*number as usize % 5];
            return pieces.insert(one.index(pieces.len() + 1), Piece::new(unknown, Content::Number(*number)));
        }
        Bend::Random if !message.fields.is_empty() => {
            let field = &message.fields[one.index(message.fields.len())];
            let piece = Piece::new(field.number, random(&field.kind, *number));
            return pieces.insert(other.index(pieces.len() + 1), piece);
        }
        _ if pieces.is_empty() => return,
        _ => {}
    }
    let (one, other) = (one.index(pieces.len()), other.index(pieces.len()));
    match how {
        Bend::Swap => pieces.swap(one, other),
        Bend::Repeat => pieces.insert(other, pieces[one].clone()),
        Bend::RepeatAtEnd => pieces.push(pieces[one].clone()),
        Bend::Drop => drop(pieces.remove(one)),
        Bend::OtherNumber => pieces[one].number = pieces[other].number,
        Bend::OtherType => pieces[one].content = other_type(&pieces[one].content, *number),
        Bend::LongTag => pieces[one].long_tag = true,
        Bend::LongValue => pieces[one].long_value = true,
        Bend::Empty | Bend::Unknown | Bend::Random => {}
    }
}

fn other_type(content: &Content, number: u64) -> Content {
    match content {
        Content::Number(number) => Content::Bytes(vec![*number as u8; 16]),
        Content::Bytes(_) if number.is_multiple_of(3) => Content::Number(number),
        Content::Bytes(_) => Content::Fixed(vec![7; if number.is_multiple_of(2) { 4 } else { 8 }]),
        Content::Message(..) | Content::Fixed(_) => Content::Number(number),
    }
}

/// A value of this kind, with nothing or one field in it if it is a message.
fn random(kind: &Kind, number: u64) -> Content {
    match kind {
        Kind::Bytes => Content::Bytes(vec![number as u8; [0, 16, 32, 64][number as usize % 4]]),
        Kind::String => Content::Bytes([&b"grid"[..], b"", b"\xff", b"\n"][number as usize % 4].to_vec()),
        Kind::Packed(_) => Content::Bytes((0..number as u8 % 5).collect()),
        Kind::Message(message) => {
            let field = message.fields.get(number as usize % 3);
            let inner = field.map(|field| Piece::new(field.number, random(&field.kind, number)));
            Content::Message(message, inner.into_iter().collect())
        }
        _ => Content::Number(number),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn bent_events_are_judged_as_the_generated_decoder_reads_them(
        event in Event::any_message(),
        changes in changes(),
    ) {
        judge(&bent(&event, &changes));
    }
}

/// The property above is about something: nearly every way to bend an event leads to each outcome that it can have.
#[test]
fn bent_events_are_of_all_sorts() {
    let mut runner = TestRunner::deterministic();
    let (events, changes) = (Event::any_message(), changes());
    let mut verdicts: BTreeMap<(Bend, Verdict), u32> = BTreeMap::new();
    let mut other_bytes = 0;
    for _ in 0..3_000 {
        let event = events.new_tree(&mut runner).unwrap().current();
        let change = changes.new_tree(&mut runner).unwrap().current()[0];
        let bytes = bent(&event, &[change]);
        let verdict = judge(&bytes);
        *verdicts.entry((change.0, verdict)).or_default() += 1;
        other_bytes += u32::from(verdict == Verdict::Accepted && bytes != encode_event(&event));
    }
    let often = |how, verdict| verdicts.get(&(how, verdict)).copied().unwrap_or(0);
    for how in
        [Bend::Repeat, Bend::RepeatAtEnd, Bend::Unknown, Bend::OtherType, Bend::LongTag, Bend::LongValue]
    {
        assert!(often(how, Verdict::Loose) > 50, "{how:?}: {verdicts:?}");
    }
    for how in [Bend::Drop, Bend::Empty] {
        assert!(often(how, Verdict::NoValue) > 50, "{how:?}: {verdicts:?}");
    }
    for how in [Bend::Unknown, Bend::LongTag] {
        assert_eq!(often(how, Verdict::NoValue), 0, "{how:?}: {verdicts:?}");
    }
    assert!(often(Bend::Swap, Verdict::Accepted) > 100, "{verdicts:?}");
    assert!(often(Bend::Random, Verdict::Accepted) > 10, "{verdicts:?}");
    assert!(other_bytes > 100, "{other_bytes}");
}

/// A message that must have a choice and has none, wherever it is.
#[test]
fn a_choice_that_is_not_made_is_refused() {
    let mut emptied = BTreeSet::new();
    for (name, event) in samples::all() {
        let mut whole = Content::Message(&schema::EVENT, apart(&encode_event(&event), &schema::EVENT));
        let mut count = 0;
        visit(&mut whole, &mut |_, _| count += 1);
        for chosen in 0..count {
            let (mut at, mut changed, mut chosen_fields) = (0, whole.clone(), None);
            visit(&mut changed, &mut |message, pieces| {
                if at == chosen && is_choice(message) {
                    pieces.clear();
                    chosen_fields = message.fields.first().map(|field| field.name);
                }
                at += 1;
            });
            let (Content::Message(_, pieces), Some(first)) = (changed, chosen_fields) else { continue };
            let refused = decode_event(&together(&pieces)).map_err(|error| error.problem);
            assert_eq!(refused, Err(crate::wire::Problem::Missing), "{name}, {first}");
            emptied.insert(first);
        }
    }
    // The bodies, what is expected, accounts and scopes.
    assert!(emptied.len() >= 4, "{emptied:?}");
}

/// Whether all fields exclude each other.
fn is_choice(message: &Message) -> bool {
    let slots: BTreeSet<_> = message.fields.iter().map(|field| field.slot).collect();
    message.fields.len() > 1 && slots.len() == 1 && !slots.contains(&None)
}
