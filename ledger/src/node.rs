//! A ledger in a directory: founding it, and opening it with everything that belongs to it.
//!
//! | in the directory | what |
//! |---|---|
//! | `log/` | the log engine's files |
//! | `vault/` | personal data, encrypted |
//! | `vault-keys/` | the keys to it; never in the same backup |
//! | `keys/` | the ledger's own keys: `log.pem` signs checkpoints, `ledger.pem` signs its events, `session.pem` sessions |

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{channel, sync_channel};
use std::thread::JoinHandle;

use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::actor::Actor;
use crate::checkpoint::Origin;
use crate::clock::Clock;
use crate::committed::{Committed, Follower};
use crate::disk::{Disk, DiskError};
use crate::domain::event::{Body, FounderKey, Founding};
use crate::domain::ids::{PersonId, PublicKey};
use crate::domain::time::{Millis, Offset};
use crate::domain::{self, Context, State};
use crate::engine::{self, EngineError, LogReader, OpenOptions, Recovered};
use crate::envelope::{KeyBook, Submission, digest};
use crate::erasure;
use crate::keys::{KeyTextError, signing_key_from_pem, signing_key_to_pem};
use crate::merkle::Frontier;
use crate::note::{NoteSigner, VerifierKey, VerifierKeyError};
use crate::sequencer::{Fate, Handle, Recent, Seen, Start, SubmitError, Writer, note_keys, room};
use crate::vault::{MasterKey, Vault, VaultError};
use crate::wire;

/// Entries read in one go at a start.
const READ_AT_A_TIME: usize = 4_096;
/// How many groups the projections may be behind before the writer waits for them.
const GROUPS_BEHIND: usize = 64;

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
    /// For the vault; seeded afresh at every open.
    pub vault_rng: Box<dyn CryptoRng + Send>,
    /// Of the log engine.
    pub engine: OpenOptions,
    /// Batches that may wait.
    pub queue: usize,
    /// Threads that check signatures.
    pub verifiers: usize,
}

impl NodeOptions {
    /// The usual figures.
    #[must_use]
    pub fn new(
        clock: Arc<dyn Clock>,
        rng: Box<dyn CryptoRng + Send>,
        vault_rng: Box<dyn CryptoRng + Send>,
    ) -> Self {
        Self { clock, rng, vault_rng, engine: OpenOptions::default(), queue: 1_024, verifiers: 2 }
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
    threads: Vec<JoinHandle<()>>,
}

/// Founds a ledger in a directory that has none: keys, vault, log and the founding event, which is durable on return.
///
/// # Errors
/// [`NodeError`]. What a crash left half done holds nothing and is to be removed by hand; [`open`] says so.
pub fn found(dir: &Path, mut new: NewLedger, options: NodeOptions) -> Result<(), NodeError> {
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
    let log = engine::open(&dir.join("log"), options.engine.clone())?;
    let node = start(
        dir,
        Parts { origin: new.origin, ledger_person: founding.ledger_person, keys, log },
        options,
        || Box::new(|_: Arc<Vec<Committed>>| {}),
    )?;
    let answer = node.handle.submit_waiting(vec![Submission { signed, openings: Vec::new() }]).wait();
    node.close();
    answer?;
    Ok(())
}

/// Opens the ledger in a directory. The follower that `follow` makes is told the whole log first, then every new
/// event; the origin is that of the founding event.
///
/// # Errors
/// [`NodeError`].
pub fn open(
    dir: &Path,
    options: NodeOptions,
    follow: impl FnOnce() -> Box<dyn Follower>,
) -> Result<Node, NodeError> {
    check_there(dir, &options.engine.disk)?;
    let log = engine::open(&dir.join("log"), options.engine.clone())?;
    let first = log.1.entry(0)?.ok_or_else(|| NodeError::Unfinished(dir.to_owned()))?;
    let event = decode(0, &first)?.2;
    let Body::LedgerFounded(founding) = &event.body else {
        return Err(unreadable(0, "not a founding event"));
    };
    let keys = load_keys(&options.engine.disk, dir, founding)?;
    let origin = event.ledger.parse().map_err(|error| unreadable(0, error))?;
    start(dir, Parts { origin, ledger_person: founding.ledger_person, keys, log }, options, follow)
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

fn start(
    dir: &Path,
    parts: Parts,
    options: NodeOptions,
    follow: impl FnOnce() -> Box<dyn Follower>,
) -> Result<Node, NodeError> {
    let Parts { origin, ledger_person, keys: own, log: (log, reader, recovered) } = parts;
    let disk = &options.engine.disk;
    let vault = Vault::open_on(disk, dir, MasterKey::load_from(disk, dir)?, options.vault_rng)?;
    let vault = Arc::new(vault);
    let keys = Arc::new(KeyBook::default());
    let mut follower = follow();
    let replayed = replay(&*reader, &keys, &mut *follower)?;
    vault.apply_erasures(&erasure::erased(&replayed.state))?;
    let (works, queue) = sync_channel(options.queue.max(1));
    let (to_writer, inbox) = channel();
    let (taken, room) = room();
    let fate = Arc::new(Fate::default());
    let signer = NoteSigner::new(origin.as_str(), own.log)?;
    let log_key = signer.verifier().clone();
    let ledger = Actor::new(ledger_person, origin.as_str(), own.ledger);
    check_own_key(dir, &replayed.state, &ledger)?;
    let (follower, following) = follow_aside(follower).map_err(io(dir))?;
    let writer = Writer::new(Start {
        origin: origin.clone(),
        frontier: Frontier::load(reader.head().size, |level, index| node_hash(&*reader, level, index))?,
        state: replayed.state,
        recent: replayed.recent,
        last_recorded: replayed.last_recorded,
        log,
        reader: reader.clone(),
        vault: vault.clone(),
        keys: keys.clone(),
        follower,
        clock: options.clock,
        rng: options.rng,
        ledger: ledger.clone(),
        signer,
        inbox,
        room,
        fate: fate.clone(),
    });
    crate::sequencer::spawn_verifiers(options.verifiers, queue, taken, &keys, &vault, &to_writer)
        .map_err(io(dir))?;
    let name = "hourbook-writer".to_owned();
    let watched = fate.clone();
    let writing = std::thread::Builder::new()
        .name(name)
        .spawn(move || run_guarded(writer, &watched))
        .map_err(io(dir))?;
    let handle = Handle::new(works, to_writer, keys, fate);
    let threads = vec![writing, following];
    Ok(Node { handle, reader, vault, origin, log_key, ledger, session_key: own.session, recovered, threads })
}

/// A panic ends the writer like a failure of storage: everybody is told, and opening the ledger again recovers.
fn run_guarded(writer: Writer, fate: &Fate) {
    let run = std::panic::AssertUnwindSafe(|| writer.run());
    if std::panic::catch_unwind(run).is_err() {
        tracing::error!("the writer panicked; opening the ledger again recovers");
        fate.seal("a fault in the program stopped the writer");
    }
}

impl Node {
    /// Finishes what is queued, closes the log in good order and waits for it. Later submissions are told that the
    /// ledger has stopped.
    pub fn close(self) {
        self.handle.stop();
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}

/// Projections work on a thread of their own; the writer waits for them only when they fall far behind.
fn follow_aside(mut follower: Box<dyn Follower>) -> std::io::Result<(Box<dyn Follower>, JoinHandle<()>)> {
    let (to_follower, groups) = sync_channel::<Arc<Vec<Committed>>>(GROUPS_BEHIND);
    let name = "hourbook-follower".to_owned();
    let thread = std::thread::Builder::new().name(name).spawn(move || {
        groups.into_iter().for_each(|group| follower.follow(group));
    })?;
    // The thread ends before this sender only by a panic: then reads would grow stale in silence, so the writer stops.
    let tell = move |group| to_follower.send(group).expect("the projections follow");
    Ok((Box::new(tell), thread))
}

/// What reading the log from its beginning gives.
struct Replayed {
    state: State,
    recent: Recent,
    last_recorded: Millis,
}

/// Applies the log as it stands; nothing is decided again.
fn replay(
    reader: &dyn LogReader,
    keys: &KeyBook,
    follower: &mut dyn Follower,
) -> Result<Replayed, NodeError> {
    let mut all =
        Replayed { state: State::default(), recent: Recent::default(), last_recorded: Millis::default() };
    let size = reader.head().size;
    // Which ids matter still is told by the log, as while it was written, not by a clock that may yet be set back.
    let end = last_recorded(reader, size)?;
    let mut next = 0;
    while next < size {
        let entries = reader.read(next, READ_AT_A_TIME)?;
        let mut events = Vec::with_capacity(entries.len());
        for (position, bytes) in &entries {
            events.push(apply(&mut all, keys, *position, bytes, end)?);
        }
        next += entries.len() as u64;
        follower.follow(Arc::new(events));
    }
    Ok(all)
}

fn last_recorded(reader: &dyn LogReader, size: u64) -> Result<Millis, NodeError> {
    let Some(last) = size.checked_sub(1) else { return Ok(Millis::default()) };
    let bytes = reader.entry(last)?.ok_or_else(|| unreadable(last, "it is not there"))?;
    Ok(decode(last, &bytes)?.0.recorded_at)
}

fn apply(
    all: &mut Replayed,
    keys: &KeyBook,
    position: u64,
    bytes: &[u8],
    end: Millis,
) -> Result<Committed, NodeError> {
    let (entry, digest, event) = decode(position, bytes)?;
    let (recorded_at, revision, signer) = (entry.recorded_at, entry.revision, entry.signed.key_id);
    let effects = domain::evolve(&mut all.state, &Context { position, recorded_at, signer }, &event);
    note_keys(keys, &event.body);
    all.recent.insert(event.id, Seen { position, digest }, end);
    all.last_recorded = recorded_at;
    Ok(Committed { position, recorded_at, revision, signer, event, effects })
}

fn decode(position: u64, bytes: &[u8]) -> Result<(wire::Entry, [u8; 16], domain::Event), NodeError> {
    let entry = wire::decode_entry(bytes).map_err(|error| unreadable(position, error))?;
    if entry.position != position {
        return Err(unreadable(position, "it says that it is another"));
    }
    let event = wire::decode_event(&entry.signed.payload).map_err(|error| unreadable(position, error))?;
    let digest = digest(&entry.signed);
    Ok((entry, digest, event))
}

fn unreadable(position: u64, why: impl ToString) -> NodeError {
    NodeError::Entry { position, why: why.to_string() }
}

fn node_hash(reader: &dyn LogReader, level: u8, index: u64) -> Result<engine::Hash, NodeError> {
    let found = reader.node(level, index)?;
    found.ok_or_else(|| {
        unreadable(index << level, format_args!("the tree lacks node {index} of level {level}"))
    })
}

fn load_keys(disk: &Disk, dir: &Path, founding: &Founding) -> Result<OwnKeys, NodeError> {
    let read = |name: &str, expected: Option<PublicKey>| {
        let path = dir.join("keys").join(name);
        let bytes = Zeroizing::new(disk.read(&path)?);
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
    let file = disk.private().create(path)?;
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
