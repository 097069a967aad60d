//! Founding and opening a ledger: putting together what runs.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

use ed25519_dalek::SigningKey;

use super::archive;
use super::error::{LedgerError, io};
use super::keys::{OwnKeys, check_own_key, load_keys, write_key_on};
use super::options::{LedgerOptions, NewLedger};
use super::place::check_there;
use super::snapshotter::{Builder, Building};
use crate::actor::Actor;
use crate::checkpoint::Origin;
use crate::domain::event::{Body, FounderKey, Founding, LedgerEvent};
use crate::domain::facts::Committing;
use crate::domain::ids::{PersonId, PublicKey};
use crate::engine::{self, LogReader, Planted, Recovered, Secret};
use crate::envelope::{KeyBook, Submission};
use crate::erasure;
use crate::follower::{Follower, LoggedEvent, NoopFollower, ReplayFrom};
use crate::note::{NoteSigner, VerifierKey};
use crate::recent_ids::Recent;
use crate::replay::{Derived, decode, unreadable};
use crate::sequencer::{
    Committer, Handle, InFlight, Message, Space, Start, StopReason, Watch, Work, Writer, backpressure,
};
use crate::snapshot::{self, SnapshotFiles};
use crate::vault::{MasterKey, Vault};

/// How many groups the projections may be behind before the writer waits for them.
const GROUPS_BEHIND: usize = 64;

/// So many of the newest entries are looked at at a start, whether their values are in the vault.
const LOOKED_AT: u64 = 1_024;

/// An open ledger.
pub struct Ledger {
    /// The way to the sequencer.
    pub handle: Handle,
    /// The log.
    pub reader: Arc<dyn LogReader>,
    /// Personal data.
    pub vault: Arc<Vault>,
    /// The ledger's name.
    pub origin: Origin,
    /// Verifies its checkpoints.
    pub log_key: VerifierKey,
    /// Asserts as the ledger: sessions, looks at records.
    pub ledger: Actor,
    /// Secret that session tokens are made with.
    pub session_key: SigningKey,
    /// What opening found.
    pub recovered: Recovered,
    /// What was derived from the log, kept for the next start.
    pub snapshots: SnapshotFiles,
    /// Entries that were not read at the start, because a snapshot had what is derived from them.
    pub spared: u64,
    running: Option<Running>,
    /// Entries in the last snapshot.
    kept: Arc<AtomicU64>,
    worth: u64,
}

/// The threads of an open ledger.
struct Running {
    writing: JoinHandle<Option<Derived>>,
    following: JoinHandle<Box<dyn Follower>>,
    building: Option<Building>,
}

/// Founds a ledger in a directory that has none: keys, vault, log and the founding event, which is durable on return.
///
/// # Errors
/// [`LedgerError`]. What a crash left half done holds nothing and is to be removed by hand; [`open`] says so.
pub fn found(dir: &Path, mut new: NewLedger, mut options: LedgerOptions) -> Result<(), LedgerError> {
    let disk = options.engine.disk.clone();
    if disk.exists(&dir.join("log")) {
        return Err(LedgerError::AlreadyThere(dir.to_owned()));
    }
    let keys_dir = dir.join("keys");
    disk.create_dir(&keys_dir)?;
    let mut make = |name: &str| -> Result<SigningKey, LedgerError> {
        let mut seed = [0; 32];
        new.rng.fill_bytes(&mut seed);
        let key = SigningKey::from_bytes(&seed);
        write_key_on(&disk, &keys_dir.join(name), &key)?;
        Ok(key)
    };
    let keys = OwnKeys { log: make("log.pem")?, ledger: make("ledger.pem")?, session: make("session.pem")? };
    disk.sync_dir(&keys_dir)?;
    Vault::init_on(&disk, dir, &mut *new.rng)?;
    let founding = Founding {
        offset: new.offset,
        founders: [FounderKey { person: new.founder.person, key: new.founder.public_key() }, new.second],
        log_key: PublicKey(keys.log.verifying_key().to_bytes()),
        ledger_person: PersonId(crate::actor::random_id(&mut *new.rng)),
        ledger_key: PublicKey(keys.ledger.verifying_key().to_bytes()),
    };
    let now = options.clock.now();
    let signed = new.founder.assert(now, &mut *new.rng, Body::Ledger(LedgerEvent::Founded(founding.clone())));
    let log = open_log(dir, &mut options)?;
    let node = start(
        dir,
        Parts { origin: new.origin, ledger_person: founding.ledger_person, keys, log },
        options,
        || Box::new(NoopFollower),
    )?;
    let answer = node.handle.submit_waiting(vec![Submission { signed, openings: Vec::new() }]).wait();
    node.close();
    answer?;
    Ok(())
}

/// Opens the ledger in a directory. The follower that `follow` makes is first told what it wants of the log, then every
/// new event; the origin is that of the founding event. What is derived from the log starts from a snapshot of this
/// build, if there is one that fits and the follower can use it; else the whole log is read.
///
/// # Errors
/// [`LedgerError`].
pub fn open(
    dir: &Path,
    mut options: LedgerOptions,
    follow: impl FnOnce() -> Box<dyn Follower>,
) -> Result<Ledger, LedgerError> {
    let parts = open_parts(dir, &mut options)?;
    start(dir, parts, options, follow)
}

/// The log takes what submitters send, so it gets a secret of its own.
fn open_log(dir: &Path, options: &mut LedgerOptions) -> Result<engine::Opened, LedgerError> {
    options.engine.secret = Secret::new(&mut *options.vault_rng);
    Ok(engine::open(&dir.join("log"), options.engine.clone())?)
}

pub(super) fn open_parts(dir: &Path, options: &mut LedgerOptions) -> Result<Parts, LedgerError> {
    check_there(dir, &options.engine.disk)?;
    let log = open_log(dir, options)?;
    let first = log.1.entry(0)?.ok_or_else(|| LedgerError::Unfinished(dir.to_owned()))?;
    let event = decode(0, &first)?.2;
    let Body::Ledger(LedgerEvent::Founded(founding)) = &event.body else {
        return Err(unreadable(0, "not a founding event").into());
    };
    let keys = load_keys(&options.engine.disk, dir, founding)?;
    let origin = event.ledger.parse().map_err(|error| unreadable(0, error))?;
    Ok(Parts { origin, ledger_person: founding.ledger_person, keys, log })
}

/// What a ledger is put together from.
pub(super) struct Parts {
    origin: Origin,
    ledger_person: PersonId,
    keys: OwnKeys,
    log: engine::Opened,
}

/// A ledger put together, before anything runs.
pub(super) struct Assembled {
    pub(super) node: Ledger,
    pub(super) start: Start,
    pub(super) committer: Committer,
    pub(super) queue: Receiver<Work>,
    pub(super) taken: SyncSender<()>,
    pub(super) to_writer: Sender<Message>,
    pub(super) builder: Option<Builder>,
}

/// Derives what there is to derive and puts everything together. All that a start can refuse is refused here.
pub(super) fn assemble(
    dir: &Path,
    parts: Parts,
    options: LedgerOptions,
    follow: impl FnOnce() -> Box<dyn Follower>,
) -> Result<Assembled, LedgerError> {
    let Parts { origin, ledger_person, keys: own, log: (mut log, reader, recovered) } = parts;
    let disk = &options.engine.disk;
    let vault = Vault::open_on(disk, dir, MasterKey::load_from(disk, dir)?, options.vault_rng, options.lost)?;
    let vault = Arc::new(vault);
    let keys = Arc::new(KeyBook::default());
    let mut follower = follow();
    let snapshots = SnapshotFiles::new(disk.clone(), dir.join("log").join("snapshots"));
    let (mut derived, spared, kept) =
        derive(&snapshots, &*reader, &origin, &mut *follower, options.derived.snapshot_worth)?;
    if options.engine.has(Planted::ForgottenId) {
        derived.recent = Recent::default();
    }
    derived.state.keys.iter().for_each(|(_, key)| keys.add(key.public));
    vault.apply_erasures(&erasure::erased(&derived.state))?;
    vault.collect_erased()?;
    look_for_values(&*reader, &vault)?;
    let (works, queue) = sync_channel(options.queue.max(1));
    let (to_writer, inbox) = channel();
    let (taken, backpressure) = backpressure();
    let stop_reason = Arc::new(StopReason::default());
    log.sign_archive(Arc::new(archive::LogKey::new(origin.clone(), own.log.clone())?));
    let signer = NoteSigner::new(origin.as_str(), own.log)?;
    let log_key = signer.verifier().clone();
    let ledger = Actor::new(ledger_person, origin.as_str(), own.ledger);
    check_own_key(dir, &derived.state, &ledger)?;
    let apart = match follower.replay_from() {
        ReplayFrom::Snapshot(follower) if options.derived.snapshot_every > 0 => Some(follower.apart()),
        _ => None,
    };
    let builder = apart.map(|follower| Builder {
        files: snapshots.clone(),
        reader: reader.clone(),
        origin: origin.clone(),
        follower,
        every: options.derived.snapshot_every,
        last: kept.clone(),
        stop_reason: stop_reason.clone(),
        writer: to_writer.clone(),
    });
    let space = Space { log: log.room(), vault: vault.clone() };
    let committer = Committer {
        space: space.clone(),
        origin: origin.clone(),
        log,
        vault: vault.clone(),
        frontier: engine::frontier_at(&*reader, reader.head().size)?,
        follower,
        signer,
        unvouched: 0,
        answer_early: options.engine.has(Planted::EarlyAnswer),
    };
    let in_flight = InFlight::default();
    let watch = Watch::new(options.accept_clock);
    let clock = watch.shared();
    let start = Start {
        origin: origin.clone(),
        state: derived.state,
        recent: derived.recent,
        last_recorded: derived.last_recorded,
        digest_every: options.derived.digest_every,
        reader: reader.clone(),
        vault: vault.clone(),
        keys: keys.clone(),
        clock: options.clock,
        watch,
        rng: options.rng,
        ledger: ledger.clone(),
        inbox,
        backpressure,
        space: space.clone(),
        in_flight: in_flight.clone(),
        stop_reason: stop_reason.clone(),
    };
    let handle = Handle { works, writer: to_writer.clone(), in_flight, keys, clock, space, stop_reason };
    let (session_key, worth) = (own.session, options.derived.snapshot_worth);
    let node = Ledger {
        handle,
        reader,
        vault,
        origin,
        log_key,
        ledger,
        session_key,
        recovered,
        snapshots,
        spared,
        running: None,
        kept,
        worth,
    };
    Ok(Assembled { node, start, committer, queue, taken, to_writer, builder })
}

/// Looks for the values of the newest entries and says so if they are not there: the whole vault may be older than the log.
fn look_for_values(reader: &dyn LogReader, vault: &Vault) -> Result<(), LedgerError> {
    let first = reader.head().size.saturating_sub(LOOKED_AT);
    let mut missing = 0;
    for (position, bytes) in reader.read(first, LOOKED_AT as usize)? {
        let values = decode(position, &bytes)?.2.body.commitments();
        let is_there =
            |value: &Committing| vault.contains(&value.commitment) || vault.is_erased(&value.subject);
        missing += values.iter().filter(|value| !is_there(value)).count();
    }
    if missing > 0 {
        tracing::error!(
            missing,
            "the vault lacks values of the newest entries: it is older than the log; `hourbook verify` names them, a backup has them"
        );
    }
    Ok(())
}

fn start(
    dir: &Path,
    parts: Parts,
    options: LedgerOptions,
    follow: impl FnOnce() -> Box<dyn Follower>,
) -> Result<Ledger, LedgerError> {
    let verifiers = options.verifiers;
    let assembled = assemble(dir, parts, options, follow)?;
    let Assembled { mut node, start, committer, queue, taken, to_writer, builder } = assembled;
    let (keys, watched, in_flight) = (start.keys.clone(), start.stop_reason.clone(), start.in_flight.clone());
    let (follower, following) = follow_aside(committer.follower).map_err(io(dir))?;
    let writer = Writer::new(start, Committer { follower, ..committer });
    let vault = &node.vault;
    crate::sequencer::spawn_verifiers(verifiers, queue, taken, in_flight, &keys, vault, &to_writer)
        .map_err(io(dir))?;
    let name = "hourbook-writer".to_owned();
    let writing = std::thread::Builder::new()
        .name(name)
        .spawn(move || run_guarded(writer, &watched))
        .map_err(io(dir))?;
    let building = builder.map(Builder::start).transpose().map_err(io(dir))?;
    node.running = Some(Running { writing, following, building });
    Ok(node)
}

/// Derives what there is to derive, from a snapshot or from the beginning. After a long way there is a snapshot, so that
/// the next start is short; this one goes on from it, too, for what it leaves undecoded takes a third of the memory. Also
/// gives how many entries were not read, and how many are in the last snapshot.
fn derive(
    files: &SnapshotFiles,
    reader: &dyn LogReader,
    origin: &Origin,
    follower: &mut dyn Follower,
    worth: u64,
) -> Result<(Derived, u64, Arc<AtomicU64>), LedgerError> {
    let mut derived = snapshot::load(files, reader, origin, follower).unwrap_or_default();
    let (spared, size) = (derived.size, reader.head().size);
    derived.read(reader, size, follower, &|| true)?;
    tracing::info!(spared, read = size - spared, "the state was derived from the log");
    let kept = Arc::new(AtomicU64::new(spared));
    if size - spared >= worth.max(1) && keep(files, reader, origin, &mut derived, follower, &kept) {
        drop(derived);
        if let ReplayFrom::Snapshot(follower) = follower.replay_from() {
            follower.forget();
        }
        derived = snapshot::load(files, reader, origin, follower).unwrap_or_default();
        // Nothing is left to read, unless it could not be loaded after all.
        derived.read(reader, size, follower, &|| true)?;
    }
    Ok((derived, spared, kept))
}

/// Takes a snapshot and tells whether it did; that there is none costs time at the next start and nothing else.
fn keep(
    files: &SnapshotFiles,
    reader: &dyn LogReader,
    origin: &Origin,
    derived: &mut Derived,
    follower: &mut dyn Follower,
    kept: &AtomicU64,
) -> bool {
    let taken = snapshot::take(files, reader, origin, derived, follower).unwrap_or_else(|error| {
        tracing::warn!(%error, "no snapshot was taken");
        false
    });
    if taken {
        kept.store(derived.size, Ordering::Relaxed);
    }
    taken
}

/// A panic ends the writer like a failure of storage: everybody is told, and opening the ledger again recovers.
fn run_guarded(writer: Writer, stop_reason: &StopReason) -> Option<Derived> {
    let run = std::panic::AssertUnwindSafe(|| writer.run());
    std::panic::catch_unwind(run).unwrap_or_else(|_| {
        tracing::error!("the writer panicked; opening the ledger again recovers");
        stop_reason.seal("a fault in the program stopped the writer");
        None
    })
}

impl Ledger {
    /// Finishes what is queued, closes the log in good order, takes a snapshot for the next start and waits for all of
    /// it. Later submissions are told that the ledger has stopped.
    pub fn close(self) {
        self.handle.stop();
        let Some(Running { writing, following, building }) = self.running else { return };
        if let Some(building) = building {
            building.stop();
        }
        let derived = writing.join().ok().flatten();
        let (Some(mut derived), Ok(mut follower)) = (derived, following.join()) else { return };
        if derived.size >= self.kept.load(Ordering::Relaxed).saturating_add(self.worth.max(1)) {
            let _ =
                keep(&self.snapshots, &*self.reader, &self.origin, &mut derived, &mut *follower, &self.kept);
        }
    }
}

/// Projections work on a thread of their own; the writer waits for them only when they fall far behind.
#[allow(clippy::type_complexity)] // the writer's end, and the thread that gives the follower back
fn follow_aside(
    mut follower: Box<dyn Follower>,
) -> std::io::Result<(Box<dyn Follower>, JoinHandle<Box<dyn Follower>>)> {
    let (to_follower, groups) = sync_channel::<Arc<Vec<LoggedEvent>>>(GROUPS_BEHIND);
    let name = "hourbook-follower".to_owned();
    let thread = std::thread::Builder::new().name(name).spawn(move || {
        groups.into_iter().for_each(|group| follower.follow(group));
        follower
    })?;
    // The thread ends before this sender only by a panic: then reads would grow stale in silence, so the writer stops.
    let tell = move |group| to_follower.send(group).expect("the projections follow");
    Ok((Box::new(tell), thread))
}
