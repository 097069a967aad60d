//! A ledger in a directory: founding it, and opening it with everything that belongs to it.
//!
//! | in the directory | what |
//! |---|---|
//! | `log/` | the log engine's files |
//! | `vault/` | personal data, encrypted |
//! | `vault-keys/` | the keys to it; never in the same backup |
//! | `keys/` | the ledger's own keys: `log.pem` signs checkpoints, `ledger.pem` signs its events, `session.pem` sessions |

mod archive;
mod stepped;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::actor::Actor;
use crate::checkpoint::Origin;
use crate::clock::Clock;
use crate::committed::{Committed, Follower, Nobody, Wants};
use crate::derived::{Derived, decode, unreadable};
use crate::disk::{Disk, DiskError};
use crate::domain::State;
use crate::domain::event::{Body, FounderKey, Founding};
use crate::domain::ids::{PersonId, PublicKey};
use crate::domain::rules;
use crate::domain::time::{Millis, Offset};
use crate::engine::{self, EngineError, LogReader, OpenOptions, Planted, Recovered, Secret};
use crate::envelope::{KeyBook, Submission};
use crate::erasure;
use crate::keys::{KeyTextError, signing_key_from_pem, signing_key_to_pem};
use crate::merkle::Frontier;
use crate::note::{NoteSigner, VerifierKey, VerifierKeyError};
use crate::openings::{Committing, committed};
use crate::sequencer::{
    Committer, Fate, Handle, Message, Recent, Space, Start, SubmitError, UnderWay, Watch, Work, Writer, room,
};
use crate::snapshot::{self, Builder, Building, SnapshotError, SnapshotFiles};
use crate::vault::{Lost, MasterKey, Vault, VaultError};

pub use stepped::SteppedNode;

/// How many groups the projections may be behind before the writer waits for them.
const GROUPS_BEHIND: usize = 64;

/// So many of the newest entries are looked at at a start, whether their values are in the vault.
const LOOKED_AT: u64 = 1_024;

/// Where a restore works until it is done, inside the new directory.
pub(crate) const UNDER_WAY: &str = ".restoring";

/// Why a ledger could not be founded or opened.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// There is a ledger in the directory already, or what an interrupted founding left.
    #[error(
        "there is a ledger in {0} already; if it was never founded to the end, remove the directory and begin anew"
    )]
    AlreadyThere(PathBuf),
    /// The founding was interrupted before its event was durable: nothing was ever recorded.
    #[error(
        "the ledger in {0} was never founded to the end and holds nothing: remove the directory and found it again"
    )]
    Unfinished(PathBuf),
    /// A restore was interrupted before it was done.
    #[error(
        "a restore into {0} was interrupted: run the same `hourbook restore` again, it begins anew; nothing in the \
         directory is a ledger yet"
    )]
    Unrestored(PathBuf),
    /// There is no ledger in the directory.
    #[error("there is no ledger in {0}: make one with `hourbook init`")]
    NoLedger(PathBuf),
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// One of the ledger's own key files is not there.
    #[error(
        "{} is missing, and without it nothing can be signed: put it back, or restore the ledger from its backup and the \
         backup of its keys into a new directory with `hourbook restore`",
        .0.display()
    )]
    KeyMissing(PathBuf),
    /// A key file does not hold a key.
    #[error("{path}: {source}")]
    Key {
        /// Which.
        path: PathBuf,
        /// Why.
        source: KeyTextError,
    },
    /// The log.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A snapshot could not be kept.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The origin cannot name a key.
    #[error(transparent)]
    Name(#[from] VerifierKeyError),
    /// An entry of the log is not what this program writes.
    #[error(
        "entry {position} of the log cannot be read: {why}; restore a backup, or use the version that wrote it"
    )]
    Entry {
        /// Which.
        position: u64,
        /// Why.
        why: String,
    },
    /// This build derives another state from the log than the log says was derived.
    #[error(
        "this build of Hourbook does not derive the state that the log vouches for: after entry {after} the log has the \
         digest {logged}, this build {derived}. Nothing was changed. Start the build that wrote the log; if that one \
         refuses too, restore a backup"
    )]
    OtherState {
        /// The entry after which the two differ.
        after: u64,
        /// What the log says, hexadecimal.
        logged: String,
        /// What this build has, hexadecimal.
        derived: String,
    },
    /// The log is written under rules that this program does not have.
    #[error(
        "entry {position} of the log adopts version {version} of the rules, and this Hourbook knows versions up to {}: \
         use a newer Hourbook",
        rules::NEWEST
    )]
    NewerRules {
        /// The adopting entry.
        position: u64,
        /// The version that it adopts.
        version: u32,
    },
    /// A key in `keys/` is not one that the log names for it.
    #[error("{0} is not a key that the log names for this ledger: put the right file back")]
    WrongKey(PathBuf),
    /// The founding event was not accepted.
    #[error("the founding event was not accepted: {0}")]
    Founding(#[from] SubmitError),
}

/// How to open a ledger.
pub struct NodeOptions {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids; must be seeded afresh at every open unless a reproducible log is wanted.
    pub rng: Box<dyn CryptoRng + Send>,
    /// For the vault, and for the log's secret; seeded afresh at every open.
    pub vault_rng: Box<dyn CryptoRng + Send>,
    /// Of the log engine.
    pub engine: OpenOptions,
    /// Batches that may wait.
    pub queue: usize,
    /// Threads that check signatures.
    pub verifiers: usize,
    /// What is kept beside the log, and what the log is told of it.
    pub derived: DerivedOptions,
    /// The clock is right at the start, however far ahead of the last entry it is.
    pub accept_clock: bool,
    /// What becomes of a vault whose values were cut off.
    pub lost: Lost,
}

/// How often what is derived from the log is digested and kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DerivedOptions {
    /// The ledger asserts a digest of the rule state each time that the log has passed so many more entries; 0 is
    /// never. Default 4,096. Where digests stand is part of the log, so two runs that are to give the same log agree on
    /// it.
    pub digest_every: u64,
    /// A snapshot is taken in the background when so many entries came after the last one; 0 is never. Default 262,144.
    pub snapshot_every: u64,
    /// At an orderly close, and after the whole log had to be read at a start, a snapshot is taken if it saves so many
    /// entries. Default 1,024.
    pub snapshot_worth: u64,
}

impl Default for DerivedOptions {
    fn default() -> Self {
        Self { digest_every: 4_096, snapshot_every: 262_144, snapshot_worth: 1_024 }
    }
}

impl NodeOptions {
    /// The usual figures.
    #[must_use]
    pub fn new(
        clock: Arc<dyn Clock>,
        rng: Box<dyn CryptoRng + Send>,
        vault_rng: Box<dyn CryptoRng + Send>,
    ) -> Self {
        let (engine, derived) = (OpenOptions::default(), DerivedOptions::default());
        Self {
            clock,
            rng,
            vault_rng,
            engine,
            queue: 1_024,
            verifiers: 2,
            derived,
            accept_clock: false,
            lost: Lost::Refused,
        }
    }
}

/// What a new ledger is founded with.
pub struct NewLedger {
    /// Its name: the public address without scheme.
    pub origin: Origin,
    /// Fixed offset from UTC.
    pub offset: Offset,
    /// The first founder, who signs.
    pub founder: Actor,
    /// The second founder.
    pub second: FounderKey,
    /// Makes the keys.
    pub rng: Box<dyn CryptoRng>,
}

/// The ledger's own three keys.
struct OwnKeys {
    log: SigningKey,
    ledger: SigningKey,
    session: SigningKey,
}

/// An open ledger.
pub struct Node {
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
/// [`NodeError`]. What a crash left half done holds nothing and is to be removed by hand; [`open`] says so.
pub fn found(dir: &Path, mut new: NewLedger, mut options: NodeOptions) -> Result<(), NodeError> {
    let disk = options.engine.disk.clone();
    if disk.exists(&dir.join("log")) {
        return Err(NodeError::AlreadyThere(dir.to_owned()));
    }
    let keys_dir = dir.join("keys");
    disk.create_dir(&keys_dir)?;
    let mut make = |name: &str| -> Result<SigningKey, NodeError> {
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
    let signed = new.founder.assert(now, &mut *new.rng, Body::LedgerFounded(founding.clone()));
    let log = open_log(dir, &mut options)?;
    let node = start(
        dir,
        Parts { origin: new.origin, ledger_person: founding.ledger_person, keys, log },
        options,
        || Box::new(Nobody),
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
/// [`NodeError`].
pub fn open(
    dir: &Path,
    mut options: NodeOptions,
    follow: impl FnOnce() -> Box<dyn Follower>,
) -> Result<Node, NodeError> {
    let parts = open_parts(dir, &mut options)?;
    start(dir, parts, options, follow)
}

/// The log takes what submitters send, so it gets a secret of its own.
fn open_log(dir: &Path, options: &mut NodeOptions) -> Result<engine::Opened, NodeError> {
    options.engine.secret = Secret::new(&mut *options.vault_rng);
    Ok(engine::open(&dir.join("log"), options.engine.clone())?)
}

fn open_parts(dir: &Path, options: &mut NodeOptions) -> Result<Parts, NodeError> {
    check_there(dir, &options.engine.disk)?;
    let log = open_log(dir, options)?;
    let first = log.1.entry(0)?.ok_or_else(|| NodeError::Unfinished(dir.to_owned()))?;
    let event = decode(0, &first)?.2;
    let Body::LedgerFounded(founding) = &event.body else {
        return Err(unreadable(0, "not a founding event"));
    };
    let keys = load_keys(&options.engine.disk, dir, founding)?;
    let origin = event.ledger.parse().map_err(|error| unreadable(0, error))?;
    Ok(Parts { origin, ledger_person: founding.ledger_person, keys, log })
}

/// Whether there is a ledger in a directory.
///
/// # Errors
/// [`NodeError::NoLedger`], [`NodeError::Unrestored`].
pub(crate) fn check_there(dir: &Path, disk: &Disk) -> Result<(), NodeError> {
    if disk.exists(&dir.join("log")) {
        return Ok(());
    }
    match disk.exists(&dir.join(UNDER_WAY)) {
        true => Err(NodeError::Unrestored(dir.to_owned())),
        false => Err(NodeError::NoLedger(dir.to_owned())),
    }
}

/// What a node is put together from.
struct Parts {
    origin: Origin,
    ledger_person: PersonId,
    keys: OwnKeys,
    log: engine::Opened,
}

/// A ledger put together, before anything runs.
struct Assembled {
    node: Node,
    start: Start,
    committer: Committer,
    queue: Receiver<Work>,
    taken: SyncSender<()>,
    to_writer: Sender<Message>,
    builder: Option<Builder>,
}

/// Derives what there is to derive and puts everything together. All that a start can refuse is refused here.
fn assemble(
    dir: &Path,
    parts: Parts,
    options: NodeOptions,
    follow: impl FnOnce() -> Box<dyn Follower>,
) -> Result<Assembled, NodeError> {
    let Parts { origin, ledger_person, keys: own, log: (mut log, reader, recovered) } = parts;
    let disk = &options.engine.disk;
    let vault = Vault::open_on(disk, dir, MasterKey::load_from(disk, dir)?, options.vault_rng, options.lost)?;
    let vault = Arc::new(vault);
    let keys = Arc::new(KeyBook::default());
    let mut follower = follow();
    let snapshots = SnapshotFiles::new(disk.clone(), dir.join("log").join("snapshots"));
    let started = derive(&snapshots, &*reader, &origin, &mut *follower, options.derived.snapshot_worth)?;
    let Started { mut derived, spared, kept } = started;
    if options.engine.has(Planted::ForgottenId) {
        derived.recent = Recent::default();
    }
    derived.state.keys.iter().for_each(|(_, key)| keys.add(key.public));
    vault.apply_erasures(&erasure::erased(&derived.state))?;
    vault.collect_erased()?;
    look_for_values(&*reader, &vault)?;
    let (works, queue) = sync_channel(options.queue.max(1));
    let (to_writer, inbox) = channel();
    let (taken, room) = room();
    let fate = Arc::new(Fate::default());
    log.sign_archive(Arc::new(archive::LogKey::new(origin.clone(), own.log.clone())?));
    let signer = NoteSigner::new(origin.as_str(), own.log)?;
    let log_key = signer.verifier().clone();
    let ledger = Actor::new(ledger_person, origin.as_str(), own.ledger);
    check_own_key(dir, &derived.state, &ledger)?;
    let apart = match follower.wants() {
        Wants::Snapshot(follower) if options.derived.snapshot_every > 0 => Some(follower.apart()),
        _ => None,
    };
    let builder = apart.map(|follower| Builder {
        files: snapshots.clone(),
        reader: reader.clone(),
        origin: origin.clone(),
        follower,
        every: options.derived.snapshot_every,
        last: kept.clone(),
        fate: fate.clone(),
        writer: to_writer.clone(),
    });
    let space = Space::new(log.room(), vault.clone());
    let committer = Committer {
        space: space.clone(),
        origin: origin.clone(),
        log,
        vault: vault.clone(),
        frontier: Frontier::load(reader.head().size, |level, index| node_hash(&*reader, level, index))?,
        follower,
        signer,
        unvouched: 0,
        answer_early: options.engine.has(Planted::EarlyAnswer),
    };
    let under_way = UnderWay::default();
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
        room,
        space: space.clone(),
        under_way: under_way.clone(),
        fate: fate.clone(),
    };
    let handle = Handle::new(works, to_writer.clone(), under_way, keys, clock, space, fate);
    let (session_key, worth) = (own.session, options.derived.snapshot_worth);
    let node = Node {
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
fn look_for_values(reader: &dyn LogReader, vault: &Vault) -> Result<(), NodeError> {
    let first = reader.head().size.saturating_sub(LOOKED_AT);
    let mut missing = 0;
    for (position, bytes) in reader.read(first, LOOKED_AT as usize)? {
        let values = committed(&decode(position, &bytes)?.2);
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
    options: NodeOptions,
    follow: impl FnOnce() -> Box<dyn Follower>,
) -> Result<Node, NodeError> {
    let verifiers = options.verifiers;
    let assembled = assemble(dir, parts, options, follow)?;
    let Assembled { mut node, start, committer, queue, taken, to_writer, builder } = assembled;
    let (keys, watched, under_way) = (start.keys.clone(), start.fate.clone(), start.under_way.clone());
    let (follower, following) = follow_aside(committer.follower).map_err(io(dir))?;
    let writer = Writer::new(start, Committer { follower, ..committer });
    let vault = &node.vault;
    crate::sequencer::spawn_verifiers(verifiers, queue, taken, under_way, &keys, vault, &to_writer)
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

/// What a node starts with.
struct Started {
    derived: Derived,
    spared: u64,
    kept: Arc<AtomicU64>,
}

/// Derives what there is to derive, from a snapshot or from the beginning. After a long way there is a snapshot, so that
/// the next start is short; this one goes on from it, too, for what it leaves undecoded takes a third of the memory.
fn derive(
    files: &SnapshotFiles,
    reader: &dyn LogReader,
    origin: &Origin,
    follower: &mut dyn Follower,
    worth: u64,
) -> Result<Started, NodeError> {
    let mut derived = snapshot::load(files, reader, origin, follower).unwrap_or_default();
    let (spared, size) = (derived.size, reader.head().size);
    derived.read(reader, size, follower, &|| true)?;
    tracing::info!(spared, read = size - spared, "the state was derived from the log");
    let kept = Arc::new(AtomicU64::new(spared));
    if size - spared >= worth.max(1) && keep(files, reader, origin, &mut derived, follower, &kept) {
        drop(derived);
        if let Wants::Snapshot(follower) = follower.wants() {
            follower.forget();
        }
        derived = snapshot::load(files, reader, origin, follower).unwrap_or_default();
        // Nothing is left to read, unless it could not be loaded after all.
        derived.read(reader, size, follower, &|| true)?;
    }
    Ok(Started { derived, spared, kept })
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
fn run_guarded(writer: Writer, fate: &Fate) -> Option<Derived> {
    let run = std::panic::AssertUnwindSafe(|| writer.run());
    std::panic::catch_unwind(run).unwrap_or_else(|_| {
        tracing::error!("the writer panicked; opening the ledger again recovers");
        fate.seal("a fault in the program stopped the writer");
        None
    })
}

impl Node {
    /// Has a founder adopt the newest rules that this program knows: what a new ledger begins with.
    ///
    /// # Errors
    /// [`SubmitError`]: the ledger has them already, or has stopped.
    pub fn adopt_newest_rules(
        &self,
        founder: &Actor,
        now: Millis,
        rng: &mut dyn CryptoRng,
    ) -> Result<(), SubmitError> {
        let signed = founder.assert(now, rng, Body::RulesAdopted { version: rules::NEWEST });
        self.handle.submit_waiting(vec![Submission { signed, openings: Vec::new() }]).wait().map(drop)
    }

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
    let (to_follower, groups) = sync_channel::<Arc<Vec<Committed>>>(GROUPS_BEHIND);
    let name = "hourbook-follower".to_owned();
    let thread = std::thread::Builder::new().name(name).spawn(move || {
        groups.into_iter().for_each(|group| follower.follow(group));
        follower
    })?;
    // The thread ends before this sender only by a panic: then reads would grow stale in silence, so the writer stops.
    let tell = move |group| to_follower.send(group).expect("the projections follow");
    Ok((Box::new(tell), thread))
}

/// The hash of a complete subtree of the log.
///
/// # Errors
/// [`NodeError`] if it is not there.
pub(crate) fn node_hash(reader: &dyn LogReader, level: u8, index: u64) -> Result<engine::Hash, NodeError> {
    let found = reader.node(level, index)?;
    found.ok_or_else(|| {
        unreadable(index << level, format_args!("the tree lacks node {index} of level {level}"))
    })
}

fn load_keys(disk: &Disk, dir: &Path, founding: &Founding) -> Result<OwnKeys, NodeError> {
    let read = |name: &str, expected: Option<PublicKey>| {
        let path = dir.join("keys").join(name);
        let bytes = Zeroizing::new(disk.read(&path).map_err(|error| match error.is_missing() {
            true => NodeError::KeyMissing(path.clone()),
            false => error.into(),
        })?);
        let text = std::str::from_utf8(&bytes).map_err(|_| NodeError::WrongKey(path.clone()))?;
        let key =
            signing_key_from_pem(text).map_err(|source| NodeError::Key { path: path.clone(), source })?;
        let is_it = expected.is_none_or(|public| public.0 == key.verifying_key().to_bytes());
        if is_it { Ok(key) } else { Err(NodeError::WrongKey(path)) }
    };
    let log = read("log.pem", Some(founding.log_key))?;
    Ok(OwnKeys { log, ledger: read("ledger.pem", None)?, session: read("session.pem", None)? })
}

/// The ledger's key may have been rotated since the founding: any key of the ledger's person will do. One that has ended
/// signs nothing more, but the ledger can be read and its key replaced.
fn check_own_key(dir: &Path, state: &State, ledger: &Actor) -> Result<(), NodeError> {
    if state.founded.is_none() {
        return Ok(());
    }
    let path = dir.join("keys").join("ledger.pem");
    let key = state.keys.get(ledger.key_id()).filter(|key| key.person == ledger.person);
    if let Some(until) = key.ok_or_else(|| NodeError::WrongKey(path.clone()))?.until {
        tracing::error!(path = %path.display(), until, "the ledger's key has ended: no timer is signed");
    }
    Ok(())
}

/// Writes a key file that only its owner can read, durably.
///
/// # Errors
/// [`NodeError::Io`]; a file that is there already is not replaced.
pub fn write_key(path: &Path, key: &SigningKey) -> Result<(), NodeError> {
    write_key_on(&Disk::default(), path, key)
}

fn write_key_on(disk: &Disk, path: &Path, key: &SigningKey) -> Result<(), NodeError> {
    let file = disk.create(path)?;
    file.write_at(signing_key_to_pem(key).as_bytes(), 0)?;
    Ok(file.sync_all()?)
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> NodeError {
    let path = path.to_owned();
    move |source| NodeError::Io { path, source }
}

impl From<DiskError> for NodeError {
    fn from(error: DiskError) -> Self {
        Self::Io { path: error.path, source: error.source }
    }
}
