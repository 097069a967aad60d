//! The audit of a whole ledger by somebody who trusts nobody: every entry is read, every signature checked, every rule
//! run again as when the event was accepted, every sum added again, and the root made anew.
//!
//! Several threads read, decode, hash and check signatures; the caller's thread follows the order of the log
//! ([`Judge`]). Nothing is taken from what a ledger keeps beside its entries. What it needs of memory is the rule state, 16
//! bytes an entry for the ids, and at most [`AHEAD`] chunks of 1,024 entries for each thread.

mod books;
mod chunk;
mod counts;
mod finding;
mod ids;
mod judge;
mod openings;
mod source;
mod tree;

use crate::domain::event::{Body, Event, LedgerEvent};
use std::sync::Mutex;
use std::sync::mpsc::{channel, sync_channel};

pub use counts::Counts;
pub use finding::{Finding, Findings, Group, Kind};
pub use source::{DirectorySource, EngineSource, Source, SourceError};
pub use tree::{Saved, SavedVerdict};

use crate::checkpoint::{self, Checkpoint};
use crate::engine::{EngineError, Fatal};
use crate::envelope::KeyBook;
use crate::follower::LoggedEvent;
use crate::merkle::Hash;
use crate::note::{KeyType, Note, VerifierKey};
use crate::snapshot::KeptState;
use crate::tiles::{FULL_WIDTH, Tile, TileKind};
use crate::vault::Vault;
use crate::wire;
use chunk::{Chunk, InOrder, Reading};
use judge::Judge;
use source::{check_file, or_damage, read_tile, split_bundle};
use tree::{Tree, check_saved, frontier_of, read_saved};

/// Chunks that each thread may be ahead of the one that follows the order.
const AHEAD: usize = 3;

/// How an audit is done.
pub struct Options<'a> {
    /// Check signatures in batches. Faster and weaker: a batch does not refuse keys and signatures with a part of small
    /// order, which `verify_strict` does, so that a signer could make signatures that one verifier takes and another
    /// does not. Nobody else can forge by that.
    pub quick: bool,
    /// Threads that check signatures, at least 1.
    pub threads: usize,
    /// Findings kept in full.
    pub most_findings: usize,
    /// The log's key, if the auditor knows it from elsewhere.
    pub log_key: Option<VerifierKey>,
    /// Checkpoints that the auditor kept.
    pub saved: Vec<Saved>,
    /// Look for every opening in this vault.
    pub vault: Option<&'a Vault>,
    /// Told from time to time how many entries are done, of how many.
    pub progress: &'a dyn Fn(u64, u64),
    /// Told every event with what follows from it, in order and without a gap, as long as the rules can be followed: for
    /// what is derived further than the rules go.
    pub tell: Option<&'a dyn Fn(Vec<LoggedEvent>)>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            quick: false,
            threads,
            most_findings: 100,
            log_key: None,
            saved: Vec::new(),
            vault: None,
            progress: &|_, _| {},
            tell: None,
        }
    }
}

/// What an audit has checked and found.
#[derive(Clone, Default, Debug)]
pub struct Report {
    /// The ledger's name, by its founding event.
    pub origin: Option<String>,
    /// The key that checkpoints were checked with.
    pub log_key: Option<VerifierKey>,
    /// That key came from the auditor, not from the log itself.
    pub key_given: bool,
    /// The size and root that the log has signed for, if its checkpoint can be read.
    pub signed: Option<(u64, Hash)>,
    /// Entries that were to be audited.
    pub size: u64,
    /// Entries that were taken on trust, with the state of a snapshot.
    pub trusted: u64,
    /// The root over all of them, recomputed; nothing if leaves are missing.
    pub root: Option<Hash>,
    /// Where the rules could not be followed any more.
    pub rules_stopped: Option<u64>,
    /// What was checked.
    pub counts: Counts,
    /// Saved checkpoints, in the order given.
    pub saved: Vec<SavedVerdict>,
    /// What is not as it should be.
    pub findings: Findings,
}

impl Report {
    /// The report on a log that its engine does not open: in the engine's words.
    #[must_use]
    pub fn refused(error: &EngineError) -> Self {
        let mut findings = Findings::keeping(1);
        let kind = match error {
            EngineError::Fatal(Fatal::ArchiveUnfit { .. }) => Kind::ArchiveMissing,
            other => source::kind_of(other),
        };
        findings.add(Finding::whole(kind, error));
        Self { findings, ..Self::default() }
    }
}

/// Audits a ledger as of the checkpoint that the source has now; what is appended meanwhile does not matter.
///
/// # Errors
/// [`SourceError::Unavailable`] if the log cannot be read to the end for another reason than being damaged.
pub fn audit(source: &dyn Source, options: &Options<'_>) -> Result<Report, SourceError> {
    audit_from(source, options, None)
}

/// The same from the state of a snapshot on. Weaker: what lies before it, and the state itself, are taken on trust; of the
/// entries before it only the root is checked. A snapshot that is not of this log is a finding, and nothing is trusted.
///
/// # Errors
/// As [`audit`].
pub fn audit_from(
    source: &dyn Source,
    options: &Options<'_>,
    kept: Option<KeptState>,
) -> Result<Report, SourceError> {
    let mut findings = Findings::keeping(options.most_findings);
    let note = read_checkpoint(source, &mut findings)?;
    let signed = note.as_ref().map(|(_, checkpoint)| checkpoint.clone());
    let signed_size = signed.as_ref().map_or(0, |checkpoint| checkpoint.size);
    let size = source.size().unwrap_or(signed_size);
    let log_key = find_log_key(source, options, size, &mut findings)?;
    if let Some((note, _)) = &note {
        check_note(note, log_key.as_ref(), &mut findings);
    }
    let mut read = |saved: &Saved| read_saved(saved, log_key.as_ref(), &mut findings);
    let saved: Vec<Option<Checkpoint>> = options.saved.iter().map(&mut read).collect();

    let archived = read_archived(source, log_key.as_ref(), &mut findings)?;
    let wanted = saved.iter().flatten().chain(&signed).chain(&archived).map(|checkpoint| checkpoint.size);
    let keys = KeyBook::default();
    let mut judge = Judge::new(&keys, Tree::remembering(wanted), findings, options.vault.is_some());
    if let Some(kept) = kept {
        begin(&mut judge, source, kept, size)?;
    }
    let reading = Reading { source, begun: judge.begun, size, keys: &keys, quick: options.quick };
    let mut judge = follow(judge, &reading, options)?;
    let (tiles, files) = judge.tree.check_tiles(source, &mut judge.findings)?;
    judge.counts.tiles += tiles;
    judge.counts.archived += files;
    finish(&mut judge, source, size, options)?;
    check_head(&mut judge, signed.as_ref(), size);
    if let Some(archived) = &archived {
        check_archived(&mut judge, source, archived)?;
    }
    let saved = options.saved.iter().zip(&saved).map(|(file, saved)| match saved {
        Some(saved) => check_saved(&file.name, saved, &judge.tree, size, &mut judge.findings),
        None => SavedVerdict { name: file.name.clone(), size: None, is_prefix: None },
    });
    let saved = saved.collect();
    Ok(Report {
        origin: judge.founding.map(|(origin, _)| origin),
        log_key,
        key_given: options.log_key.is_some(),
        signed: signed.map(|checkpoint| (checkpoint.size, checkpoint.root)),
        size,
        trusted: judge.begun,
        root: judge.tree.root(),
        rules_stopped: judge.stopped,
        counts: judge.counts,
        saved,
        findings: judge.findings,
    })
}

/// Starts from a snapshot if it is one of this log.
fn begin(judge: &mut Judge<'_>, source: &dyn Source, kept: KeptState, size: u64) -> Result<(), SourceError> {
    let position = kept.position;
    let frontier = if position <= size { frontier_of(source, position, size)? } else { None };
    match frontier {
        Some(frontier) if frontier.root() == kept.root => judge.begin(kept, frontier),
        _ => {
            let what =
                format!("it is of {position} entries of {}, with another root than this log", kept.origin);
            judge.findings.add(Finding::whole(Kind::SnapshotUnusable, what));
        }
    }
    Ok(())
}

/// Lets threads read ahead, and follows them in order.
fn follow<'a>(
    mut judge: Judge<'a>,
    reading: &Reading<'_>,
    options: &Options<'_>,
) -> Result<Judge<'a>, SourceError> {
    let threads = options.threads.max(1);
    let (taken, tokens) = sync_channel(threads * AHEAD);
    let (done, results) = channel();
    let next = Mutex::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (taken, done, next) = (taken.clone(), done.clone(), &next);
            scope.spawn(move || reading.work(next, &taken, &done));
        }
        drop((taken, done));
        for chunk in InOrder::new(results, tokens) {
            let Chunk { items, findings, bytes, tiles, archived, ends, failure } = chunk;
            findings.into_iter().for_each(|finding| judge.findings.add(finding));
            judge.counts.bytes += bytes;
            judge.counts.tiles += tiles;
            judge.counts.archived += archived;
            judge.told = options.tell.map(|_| Vec::with_capacity(items.len()));
            items.into_iter().for_each(|item| judge.take(item));
            if let (Some(tell), Some(told)) = (options.tell, judge.told.take()) {
                tell(told);
            }
            if let Some(failure) = failure {
                return Err(failure);
            }
            (options.progress)(judge.tree.size(), reading.size);
            if ends {
                judge.tree.append(None);
                break;
            }
        }
        Ok(judge)
    })
}

/// What can be told only at the end.
fn finish(
    judge: &mut Judge<'_>,
    source: &dyn Source,
    size: u64,
    options: &Options<'_>,
) -> Result<(), SourceError> {
    let ids = std::mem::take(&mut judge.ids);
    judge.counts.ids = ids.len() as u64;
    for positions in ids.alike() {
        report_doubled(&positions, source, size, &mut judge.findings)?;
    }
    judge.counts.postings = judge.books.postings;
    // A state that could not be followed would say nothing of sums and seals.
    if judge.stopped.is_none() {
        judge.books.close(&judge.state, &mut judge.findings, &mut judge.counts);
        judge.check_seals();
    }
    if let (Some(vault), Some(openings)) = (options.vault, &judge.openings) {
        openings.check(&judge.state, vault, &mut judge.findings, &mut judge.counts);
    }
    Ok(())
}

/// Reads the entries at positions whose ids looked alike, and reports those that are.
fn report_doubled(
    positions: &[u64],
    source: &dyn Source,
    size: u64,
    findings: &mut Findings,
) -> Result<(), SourceError> {
    let mut seen = std::collections::BTreeMap::new();
    for position in positions {
        let Some(event) = read_event(source, *position, size)? else { continue };
        if let Some(first) = seen.get(&event.id) {
            let what = format!("{}, also at position {first}", event.id);
            findings.add(Finding::at(*position, Kind::DoubledId, what));
        } else {
            seen.insert(event.id, *position);
        }
    }
    Ok(())
}

/// The event at a position, if it can be read.
fn read_event(source: &dyn Source, position: u64, size: u64) -> Result<Option<Event>, SourceError> {
    let index = (position % FULL_WIDTH as u64) as usize;
    let tile = Tile::at(TileKind::Entries, position / FULL_WIDTH as u64, size);
    let Some(tile) = tile else { return Ok(None) };
    let read = or_damage(read_tile(source, &tile))?.ok().flatten();
    Ok(read.and_then(|(raw, _)| {
        let entry = wire::decode_entry(split_bundle(&raw, index + 1, true).0.get(index)?).ok()?;
        wire::decode_event(&entry.signed.payload).ok()
    }))
}

fn read_checkpoint(
    source: &dyn Source,
    findings: &mut Findings,
) -> Result<Option<(Note, Checkpoint)>, SourceError> {
    let bytes = or_damage(source.checkpoint())?.map_err(|(_, what)| what);
    let bytes = bytes.and_then(|bytes| bytes.ok_or_else(|| "there is none".to_owned()));
    let read = bytes.and_then(|bytes| {
        let note = Note::parse(&bytes).map_err(|error| error.to_string())?;
        let read = Checkpoint::from_body(note.text()).map_err(|error| error.to_string())?;
        Ok((note, read))
    });
    Ok(read.map_err(|what| findings.add(Finding::whole(Kind::CheckpointUnreadable, what))).ok())
}

/// The key that the auditor gave; else the one that the founding event names. What others say must agree.
fn find_log_key(
    source: &dyn Source,
    options: &Options<'_>,
    size: u64,
    findings: &mut Findings,
) -> Result<Option<VerifierKey>, SourceError> {
    let founded = founding_key(source, size)?;
    let offered = or_damage(source.vkey())?.ok().flatten();
    let key = options.log_key.clone().or_else(|| founded.clone());
    let Some(chosen) = &key else { return Ok(None) };
    if founded.as_ref().is_some_and(|founded| founded != chosen) {
        let founded = founded.as_ref().map(ToString::to_string).unwrap_or_default();
        findings.add(Finding::whole(
            Kind::LogKey,
            format_args!("given {chosen}, the founding event names {founded}"),
        ));
    }
    if let Some(offered) = offered.filter(|offered| *offered != chosen.to_string()) {
        findings.add(Finding::whole(
            Kind::LogKey,
            format_args!("the source offers {offered}, expected {chosen}"),
        ));
    }
    Ok(key)
}

fn founding_key(source: &dyn Source, size: u64) -> Result<Option<VerifierKey>, SourceError> {
    let Some(event) = read_event(source, 0, size)? else { return Ok(None) };
    let Body::Ledger(LedgerEvent::Founded(founding)) = event.body else { return Ok(None) };
    let key = ed25519_dalek::VerifyingKey::from_bytes(&founding.log_key.0).ok();
    Ok(key.and_then(|key| VerifierKey::new(event.ledger, KeyType::Ed25519, key).ok()))
}

fn check_note(note: &Note, key: Option<&VerifierKey>, findings: &mut Findings) {
    let checked = match key {
        Some(key) => checkpoint::verify(note, key, &[]).map(drop).map_err(|error| error.to_string()),
        None => Err("the log's key is not known".to_owned()),
    };
    if let Err(what) = checked {
        findings.add(Finding::whole(Kind::CheckpointSignature, what));
    }
}

/// The checkpoint that an archive of the log carries.
fn read_archived(
    source: &dyn Source,
    key: Option<&VerifierKey>,
    findings: &mut Findings,
) -> Result<Option<Checkpoint>, SourceError> {
    let found = or_damage(source.archived_checkpoint())?
        .map_err(|(kind, what)| findings.add(Finding::whole(kind, what)));
    let Some(((path, note), key)) = found.ok().flatten().zip(key) else { return Ok(None) };
    match checkpoint::open(&note, key, &[]) {
        Ok(verified) => Ok(Some(verified.checkpoint)),
        Err(error) => {
            let what = format!("{}: {error}; the next bundle that is moved writes it anew", path.display());
            findings.add(Finding::whole(Kind::ArchiveDamaged, what));
            Ok(None)
        }
    }
}

/// Holds the tree against the archive's checkpoint and the partial tiles that belong to it.
fn check_archived(
    judge: &mut Judge<'_>,
    source: &dyn Source,
    archived: &Checkpoint,
) -> Result<(), SourceError> {
    let Some(root) = judge.tree.root_at(archived.size) else { return Ok(()) };
    if root != archived.root {
        let what = format!("its checkpoint is over {} entries with another root", archived.size);
        judge.findings.add(Finding::whole(Kind::ArchiveDamaged, what));
    }
    judge.counts.archived += 1;
    for (tile, own) in judge.tree.partial_tiles(archived.size) {
        let find = |kind, what| judge.findings.add(Finding::whole(kind, what));
        judge.counts.archived += check_file(source, &tile, Some(&own), find)?;
    }
    Ok(())
}

/// Holds the tree against the newest checkpoint.
fn check_head(judge: &mut Judge<'_>, signed: Option<&Checkpoint>, size: u64) {
    let Some(signed) = signed else { return };
    if signed.size < size {
        let what = format!("{} entries are signed for, {size} are there", signed.size);
        judge.findings.add(Finding::at(signed.size, Kind::UnsignedTail, what));
    }
    if signed.size > size {
        let what = format!("{} entries are signed for, only {size} are there", signed.size);
        judge.findings.add(Finding::at(size, Kind::EntriesMissing, what));
    }
    if let Some(root) = judge.tree.root_at(signed.size).filter(|root| *root != signed.root) {
        let (expected, found) = (hex::encode(signed.root), hex::encode(root));
        let what = format!("size {}: signed {expected}, recomputed {found}", signed.size);
        judge.findings.add(Finding::whole(Kind::RootMismatch, what));
    }
}
