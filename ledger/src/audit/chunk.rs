//! The part of an audit that needs no order, done on all cores: reading, decoding, hashing, signatures.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, SyncSender};

use ed25519_dalek::{Signature as RawSignature, VerifyingKey, verify_batch};

use super::finding::{Finding, Group, Kind};
use super::source::{Source, SourceError, check_file, hashes_of, or_damage, read_tile, split_bundle};
use crate::domain::event::Event;
use crate::domain::ids::KeyId;
use crate::domain::time::Millis;
use crate::dsse::{self, PAYLOAD_TYPE, SignedEvent};
use crate::envelope::{KeyBook, Signature};
use crate::merkle::{Hash, leaf_hash};
use crate::sequencer::note_keys;
use crate::tiles::{FULL_WIDTH, Tile, TileKind};
use crate::wire;

/// Bundles that one thread takes at a time: 1,024 entries, from where a larger batch gains nothing.
const BUNDLES: u64 = 4;

/// An entry after the checks that need no order.
pub(super) struct Item {
    /// Where it is.
    pub(super) position: u64,
    /// Computed from its bytes; from the hash tile if the bytes are missing; nothing if that is missing too.
    pub(super) leaf: Option<Hash>,
    /// What it says, if it can be read.
    pub(super) said: Option<Said>,
}

/// What an entry says, with the verdict on its signature.
pub(super) struct Said {
    pub(super) position: u64,
    pub(super) recorded_at: Millis,
    pub(super) revision: u64,
    pub(super) signer: KeyId,
    pub(super) event: Event,
    pub(super) signature: Signature,
    /// Kept while the key is not known: it may be enrolled in a chunk that another thread has in hand.
    pub(super) unverified: Option<Box<SignedEvent>>,
}

/// Entries that follow each other.
#[derive(Default)]
pub(super) struct Chunk {
    pub(super) items: Vec<Item>,
    pub(super) findings: Vec<Finding>,
    /// Bytes of the entries.
    pub(super) bytes: u64,
    /// Hash tiles compared.
    pub(super) tiles: u64,
    /// Files of the archive that were read and compared.
    pub(super) archived: u64,
    /// Nothing at all is there from here on.
    pub(super) ends: bool,
    /// The audit cannot go on.
    pub(super) failure: Option<SourceError>,
}

/// What all threads read from.
pub(super) struct Reading<'a> {
    pub(super) source: &'a dyn Source,
    /// Entries before this one are not wanted.
    pub(super) begun: u64,
    /// Entries in the log.
    pub(super) size: u64,
    pub(super) keys: &'a KeyBook,
    /// Batch verification.
    pub(super) quick: bool,
}

impl Reading<'_> {
    /// Number of chunks.
    pub(super) fn chunks(&self) -> u64 {
        (self.bundles() - self.first_bundle()).div_ceil(BUNDLES)
    }

    fn first_bundle(&self) -> u64 {
        self.begun / FULL_WIDTH as u64
    }

    fn bundles(&self) -> u64 {
        self.size.div_ceil(FULL_WIDTH as u64)
    }

    /// Takes chunk after chunk until there are no more, or nobody wants them. A token for each keeps the threads from
    /// running ahead of whoever takes the results.
    pub(super) fn work(&self, next: &Mutex<u64>, tokens: &SyncSender<()>, results: &Sender<(u64, Chunk)>) {
        loop {
            let number = {
                let mut next = next.lock().expect("no thread panics with it");
                if *next == self.chunks() || tokens.send(()).is_err() {
                    return;
                }
                *next += 1;
                *next - 1
            };
            if results.send((number, self.chunk(number))).is_err() {
                return;
            }
        }
    }

    fn chunk(&self, number: u64) -> Chunk {
        let mut chunk = Chunk::default();
        let mut signed = Vec::new();
        let first = self.first_bundle() + number * BUNDLES;
        for bundle in first..(first + BUNDLES).min(self.bundles()) {
            if let Err(error) = self.bundle(bundle, &mut chunk, &mut signed) {
                chunk.failure = Some(error);
                return chunk;
            }
            if chunk.ends {
                break;
            }
        }
        let verdicts = self.verify(&signed);
        for ((index, signed), verdict) in signed.into_iter().zip(verdicts) {
            if let Some(said) = &mut chunk.items[index].said {
                said.signature = verdict;
                said.unverified = (verdict == Signature::NoKey).then(|| Box::new(signed));
            }
        }
        chunk
    }

    fn bundle(
        &self,
        bundle: u64,
        chunk: &mut Chunk,
        signed: &mut Vec<(usize, SignedEvent)>,
    ) -> Result<(), SourceError> {
        let first = bundle * FULL_WIDTH as u64;
        let tile = Tile::at(TileKind::Entries, bundle, self.size).expect("below the size");
        let raw = self.read(&tile, first, chunk)?;
        let (entries, whole) = raw
            .as_ref()
            .map_or((Vec::new(), false), |(raw, more)| split_bundle(raw, tile.width.get(), *more));
        if !whole && (raw.is_some() || !chunk.findings.iter().any(|f| f.position == Some(first))) {
            let what = format!("{tile}: {} of {} entries", entries.len(), tile.width.get());
            chunk.findings.push(Finding::at(first, Kind::EntriesMissing, what));
        }
        let begin = chunk.items.len();
        for (position, bytes) in (first..).zip(&entries) {
            chunk.bytes += bytes.len() as u64;
            let said = match read_entry(bytes) {
                Ok((said, event)) => {
                    note_keys(self.keys, &said.event.body);
                    signed.push((chunk.items.len(), event));
                    Some(said)
                }
                Err((kind, why)) => {
                    chunk.findings.push(Finding::at(position, kind, why));
                    None
                }
            };
            chunk.items.push(Item { position, leaf: Some(leaf_hash(bytes)), said });
        }
        let served = self.check_leaves(bundle, begin, chunk)?;
        let missing = entries.len()..tile.width.get();
        let stand_ins = served.unwrap_or_default();
        chunk.ends = !missing.is_empty() && stand_ins.is_empty();
        for index in missing.filter(|_| !chunk.ends) {
            let (position, leaf) = (first + index as u64, stand_ins.get(index).copied());
            chunk.items.push(Item { position, leaf, said: None });
        }
        Ok(())
    }

    /// A tile, and whether it is fuller than asked for; damage is a finding and as good as nothing there.
    fn read(
        &self,
        tile: &Tile,
        first: u64,
        chunk: &mut Chunk,
    ) -> Result<Option<(Vec<u8>, bool)>, SourceError> {
        let read = or_damage(read_tile(self.source, tile))?.map_err(|(kind, what)| {
            chunk.findings.push(Finding::at(first, kind, format_args!("{tile}: {what}")));
        });
        Ok(read.ok().flatten())
    }

    /// Compares the tile of leaf hashes with the entries, and answers its hashes.
    fn check_leaves(
        &self,
        index: u64,
        begin: usize,
        chunk: &mut Chunk,
    ) -> Result<Option<Vec<Hash>>, SourceError> {
        let first = index * FULL_WIDTH as u64;
        let tile = Tile::at(TileKind::Hashes(0), index, self.size).expect("below the size");
        let Some((raw, _)) = self.read(&tile, first, chunk)? else {
            if !chunk.findings.iter().any(|f| f.kind.group() == Group::Damage && f.position == Some(first)) {
                chunk.findings.push(Finding::at(first, Kind::TileMissing, tile));
            }
            return Ok(None);
        };
        let hashes = hashes_of(&raw, tile.width.get());
        chunk.tiles += 1;
        let own = chunk.items[begin..].iter().map(|item| item.leaf);
        let differs = hashes.iter().zip(own).position(|(served, own)| own != Some(*served));
        let at = differs.or((hashes.len() < tile.width.get()).then_some(hashes.len()));
        if let Some(at) = at {
            let what = format!("{tile}, hash {at}");
            chunk.findings.push(Finding::at(first + at as u64, Kind::TileMismatch, what));
        }
        let own: Option<Vec<Hash>> = chunk.items[begin..].iter().map(|item| item.leaf).collect();
        let find = |kind, what| chunk.findings.push(Finding::at(first, kind, what));
        // The entries were read in the archive as well.
        chunk.archived += 2 * check_file(self.source, &tile, own.map(|own| own.concat()).as_deref(), find)?;
        Ok(Some(hashes))
    }

    /// The verdict on each signature.
    fn verify(&self, signed: &[(usize, SignedEvent)]) -> Vec<Signature> {
        let keys: Vec<Option<VerifyingKey>> =
            signed.iter().map(|(_, event)| self.keys.get(event.key_id)).collect();
        let claims = signed.iter().zip(&keys).filter_map(|((_, event), key)| Some((key.as_ref()?, event)));
        let claims: Vec<_> = claims.collect();
        let all_good = self.quick && are_good_together(&claims);
        let good = if all_good { vec![true; claims.len()] } else { dsse::verify_each(&claims) };
        let mut good = good.into_iter();
        let verdict = |key: &Option<VerifyingKey>| match key.as_ref().and_then(|_| good.next()) {
            None => Signature::NoKey,
            Some(true) => Signature::Good,
            Some(false) => Signature::Bad,
        };
        keys.iter().map(verdict).collect()
    }
}

/// Batch verification. If it fails each signature is to be judged by itself, so that the bad ones are named.
fn are_good_together(claims: &[(&VerifyingKey, &SignedEvent)]) -> bool {
    let messages: Vec<_> = claims.iter().map(|(_, event)| dsse::pae(PAYLOAD_TYPE, &event.payload)).collect();
    let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
    let signatures: Vec<_> =
        claims.iter().map(|(_, event)| RawSignature::from_bytes(&event.signature)).collect();
    let keys: Vec<VerifyingKey> = claims.iter().map(|(key, _)| **key).collect();
    verify_batch(&messages, &signatures, &keys).is_ok()
}

fn read_entry(bytes: &[u8]) -> Result<(Said, SignedEvent), (Kind, String)> {
    let entry = wire::decode_entry(bytes).map_err(|error| (Kind::EntryMalformed, error.to_string()))?;
    let event = wire::decode_event(&entry.signed.payload)
        .map_err(|error| (Kind::EventMalformed, error.to_string()))?;
    let said = Said {
        position: entry.position,
        recorded_at: entry.recorded_at,
        revision: entry.revision,
        signer: entry.signed.key_id,
        event,
        signature: Signature::NoKey,
        unverified: None,
    };
    Ok((said, entry.signed))
}

/// Results in the order of their numbers.
pub(super) struct InOrder {
    results: Receiver<(u64, Chunk)>,
    tokens: Receiver<()>,
    waiting: std::collections::BTreeMap<u64, Chunk>,
    next: u64,
}

impl InOrder {
    pub(super) fn new(results: Receiver<(u64, Chunk)>, tokens: Receiver<()>) -> Self {
        Self { results, tokens, waiting: std::collections::BTreeMap::new(), next: 0 }
    }
}

impl Iterator for InOrder {
    type Item = Chunk;

    /// `None` when all threads have ended.
    fn next(&mut self) -> Option<Chunk> {
        let chunk = loop {
            if let Some(chunk) = self.waiting.remove(&self.next) {
                break chunk;
            }
            let (number, chunk) = self.results.recv().ok()?;
            self.waiting.insert(number, chunk);
        };
        self.next += 1;
        let _ = self.tokens.try_recv();
        Some(chunk)
    }
}
