//! Reading a long log back: entries from the engine, decoded, applied to the rule state and folded into the read
//! models, by one thread. Nothing is hashed, verified or decided.

use hourbook_ledger::domain::{Context, State, evolve};
use hourbook_ledger::engine::TILE_WIDTH;
use hourbook_ledger::wire;
use hourbook_projections::Models;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::Size;
use crate::crowd::Crowd;
use crate::grow::{self, Grown};
use crate::ingest::round3;
use crate::report::{Figure, thread_seconds};

/// Bundles that are read at a time.
const STRETCH: usize = 16;

/// Seconds of processor time by part.
#[derive(Default)]
struct Parts {
    read: f64,
    decode: f64,
    evolve: f64,
    fold: f64,
}

/// `replay`: events a second on one core, and how the time divides; and what the log takes on disk.
pub(crate) fn figures(size: &Size) {
    let dir = crate::directory();
    let mut crowd = Crowd::new(size.keyed);
    // A year's events at the pace of a year; a short log at that of a busy day.
    crowd.pace = (365 * 86_400_000 / size.log.max(1) as i64).clamp(1, 60_000);
    let grown = grow::grow(dir.path(), &mut crowd, size.log, false);
    disk(dir.path(), grown);
    let (parts, hash_rate) = replay(dir.path(), grown);
    let total = parts.read + parts.decode + parts.evolve + parts.fold;
    let share = |part: f64| round3(part / grown.events as f64 * 1e6);
    Figure {
        name: "replay",
        value: grown.events as f64 / total,
        unit: "events/s",
        limit: "SHA-256 of the same entries, one core",
        limit_value: Some(hash_rate),
        budget: "at least 1,000,000 events/s a core",
        holds: Some(grown.events as f64 / total >= 1e6),
        with: json!({"size": grown.events, "threads": 1, "us_an_event": {"read": share(parts.read),
            "decode": share(parts.decode), "state": share(parts.evolve), "models": share(parts.fold)}}),
    }
    .print();
}

fn disk(dir: &std::path::Path, grown: Grown) {
    let (bytes, raw) = (grow::disk_bytes(&dir.join("log")) as f64, grown.raw_bytes as f64);
    let events = grown.events as f64;
    Figure {
        name: "disk",
        value: bytes / events,
        unit: "bytes/event",
        limit: "the entries themselves",
        limit_value: Some(raw / events),
        budget: "below 1.1 of raw bytes",
        holds: Some(bytes < 1.1 * raw),
        with: json!({"size": grown.events}),
    }
    .print();
}

/// The entries in a bundle: each has its length (`u16be`) before it.
fn entries(mut bundle: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = bundle.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at(usize::from(u16::from_be_bytes(*length)));
        bundle = rest;
        Some(entry)
    })
}

fn replay(dir: &std::path::Path, grown: Grown) -> (Parts, f64) {
    let (_log, reader) = grow::open_log(dir);
    let (mut state, mut models, mut parts) = (State::default(), Models::default(), Parts::default());
    let (mut next, mut hashing) = (0, 0.0);
    while next < grown.events {
        let begin = thread_seconds();
        let bundles: Vec<Vec<u8>> = (next / TILE_WIDTH..grown.events.div_ceil(TILE_WIDTH))
            .take(STRETCH)
            .map(|index| {
                let width = (grown.events - index * TILE_WIDTH).min(TILE_WIDTH) as u16;
                reader.bundle(index, width).expect("readable").expect("below the head")
            })
            .collect();
        let read = thread_seconds();
        let entries: Vec<&[u8]> = bundles.iter().flat_map(|bundle| entries(bundle)).collect();
        let decoded: Vec<_> = (next..)
            .zip(entries.iter().copied())
            .map(|(position, bytes)| {
                let entry = wire::view_entry(bytes).expect("an entry");
                let event = wire::decode_event(entry.payload).expect("an event");
                (position, entry, event)
            })
            .collect();
        let decoding = thread_seconds();
        let mut told = Vec::with_capacity(decoded.len());
        for (position, entry, event) in decoded {
            let (recorded_at, revision, signer) = (entry.recorded_at, entry.revision, entry.key_id);
            let effects = evolve(&mut state, &Context { position, recorded_at, signer }, &event);
            let committed = hourbook_ledger::follower::LoggedEvent {
                position,
                recorded_at,
                revision,
                signer,
                event,
                effects,
            };
            told.push(committed);
        }
        let evolved = thread_seconds();
        told.iter().for_each(|event| models.fold(event));
        drop(told);
        let folded = thread_seconds();
        parts.read += read - begin;
        parts.decode += decoding - read;
        parts.evolve += evolved - decoding;
        parts.fold += folded - evolved;
        next += entries.len() as u64;
        let sum = |bytes: &&[u8]| u64::from(Sha256::digest(bytes)[0]);
        std::hint::black_box(entries.iter().map(sum).sum::<u64>());
        hashing += thread_seconds() - folded;
    }
    (parts, grown.events as f64 / hashing)
}
