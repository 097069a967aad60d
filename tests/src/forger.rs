//! A dishonest operator: somebody with all keys of a ledger who writes what logs they like through the engine itself, with
//! roots that are right and checkpoints that are signed. What gives them away is for an audit to find.

use std::path::Path;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use hourbook_ledger::actor::Actor;
use hourbook_ledger::audit::{EngineSource, Options, Report, audit};
use hourbook_ledger::checkpoint::Checkpoint;
use hourbook_ledger::domain::event::{Body, Event, LedgerEvent};
use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::domain::time::Millis;
use hourbook_ledger::dsse::SignedEvent;
use hourbook_ledger::engine::{self, Group, Head, LogReader, NewEntry, OpenOptions};
use hourbook_ledger::keys::signing_key_from_pem;
use hourbook_ledger::merkle::{Frontier, Hash, leaf_hash, root_of};
use hourbook_ledger::note::NoteSigner;
use hourbook_ledger::streams::fingerprint;
use hourbook_ledger::wire::{self, Entry};
use tempfile::TempDir;

use crate::seeded::SeededRng;

/// Entries in a group.
const GROUP: usize = 100;

/// A log in the making.
#[derive(Clone)]
pub struct Forger {
    /// The entries as they will be written.
    pub entries: Vec<Vec<u8>>,
    /// Asserts as the ledger.
    pub ledger: Actor,
    /// The ledger's name.
    pub origin: String,
    log_key: SigningKey,
    /// Times that chance was asked.
    draws: u64,
}

impl Forger {
    /// Begins with the honest log of a ledger's directory, which nobody has open.
    ///
    /// # Panics
    /// If it cannot be read.
    #[must_use]
    pub fn of(dir: &Path) -> Self {
        let (_writer, reader, _) =
            engine::open(&dir.join("log"), OpenOptions::default()).expect("the log opens");
        let read = reader.read(0, usize::MAX >> 1).expect("it can be read");
        let entries: Vec<Vec<u8>> = read.into_iter().map(|(_, bytes)| bytes.to_vec()).collect();
        let first = wire::decode_entry(&entries[0]).expect("an entry");
        let founding = wire::decode_event(&first.signed.payload).expect("an event");
        let Body::Ledger(LedgerEvent::Founded(body)) = &founding.body else { panic!("a founding event") };
        let key = |name: &str| {
            let pem = std::fs::read_to_string(dir.join("keys").join(name)).expect("the key file");
            signing_key_from_pem(&pem).expect("a key")
        };
        let ledger = Actor::new(body.ledger_person, founding.ledger.clone(), key("ledger.pem"));
        Self { entries, ledger, origin: founding.ledger, log_key: key("log.pem"), draws: 0 }
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.entries.len() as u64
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// An entry, decoded.
    ///
    /// # Panics
    /// If it is none.
    #[must_use]
    pub fn entry(&self, position: u64) -> Entry {
        wire::decode_entry(&self.entries[position as usize]).expect("an entry")
    }

    /// The event in an entry.
    ///
    /// # Panics
    /// If it is none.
    #[must_use]
    pub fn event(&self, position: u64) -> Event {
        wire::decode_event(&self.entry(position).signed.payload).expect("an event")
    }

    /// The positions of the events that answer yes.
    #[must_use]
    pub fn find(&self, wanted: impl Fn(&Event) -> bool) -> Vec<u64> {
        (0..self.len()).filter(|position| wanted(&self.event(*position))).collect()
    }

    /// Rewrites an entry.
    pub fn change(&mut self, position: u64, change: impl FnOnce(&mut Entry)) {
        let mut entry = self.entry(position);
        change(&mut entry);
        let Entry { position: said, recorded_at, revision, signed } = &entry;
        self.entries[position as usize] = wire::encode_entry(*said, *recorded_at, *revision, signed);
    }

    /// When the last entry was recorded.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.entry(self.len() - 1).recorded_at
    }

    /// The revision that the stream of an event would have next.
    #[must_use]
    pub fn next_revision(&self, event: &Event) -> u64 {
        self.find(|other| other.stream == event.stream).len() as u64
    }

    fn dice(&mut self) -> SeededRng {
        self.draws += 1;
        SeededRng::new(self.draws, "forger")
    }

    /// An event of somebody in person, with an id of that moment.
    pub fn event_by(&mut self, actor: &Actor, at: Millis, body: Body) -> Event {
        actor.event(at, self.dice().rng(), body)
    }

    /// Appends an event whatever the rules say, recorded at a moment, as the next of its stream; its position.
    pub fn append_at(&mut self, at: Millis, signed: &SignedEvent) -> u64 {
        let event = wire::decode_event(&signed.payload).expect("an event");
        let (position, revision) = (self.len(), self.next_revision(&event));
        self.entries.push(wire::encode_entry(position, at, revision, signed));
        position
    }

    /// Appends what somebody asserts now.
    pub fn assert(&mut self, actor: &Actor, body: Body) -> u64 {
        let now = self.now();
        let event = self.event_by(actor, now, body);
        self.append_at(now, &actor.sign(&event))
    }

    /// A person that nobody has registered.
    pub fn stranger(&mut self) -> Actor {
        let mut dice = self.dice();
        let key = SigningKey::from_bytes(&dice.bytes());
        Actor::new(PersonId(dice.id()), self.origin.clone(), key)
    }

    /// The root over the first entries.
    #[must_use]
    pub fn root(&self, size: u64) -> Hash {
        let leaves: Vec<Hash> = self.entries[..size as usize].iter().map(|bytes| leaf_hash(bytes)).collect();
        root_of(&leaves)
    }

    /// The signed checkpoint of the first entries.
    #[must_use]
    pub fn checkpoint(&self, size: u64) -> Vec<u8> {
        self.sign(size, self.root(size))
    }

    /// A checkpoint over whatever root, signed with the log's key.
    ///
    /// # Panics
    /// If the origin cannot be one.
    #[must_use]
    pub fn sign(&self, size: u64, root: Hash) -> Vec<u8> {
        self.sign_with(&self.log_key, size, root)
    }

    /// The same with another key.
    ///
    /// # Panics
    /// If the origin cannot be one.
    #[must_use]
    pub fn sign_with(&self, key: &SigningKey, size: u64, root: Hash) -> Vec<u8> {
        let origin = self.origin.parse().expect("an origin");
        let signer = NoteSigner::new(self.origin.as_str(), key.clone()).expect("a name");
        let note = Checkpoint { origin, size, root }.sign(&signer).expect("of that name");
        note.to_string().into_bytes()
    }

    /// Writes the log into a new directory, the last group with this checkpoint.
    ///
    /// # Panics
    /// If the engine refuses.
    #[must_use]
    pub fn write_with(&self, last: Vec<u8>) -> TempDir {
        let dir = TempDir::new().expect("a directory");
        let options = OpenOptions { journal_bytes: 1 << 16, ..OpenOptions::default() };
        let (mut writer, _, _) = engine::open(dir.path(), options).expect("a new log");
        let mut frontier = Frontier::new();
        for chunk in self.entries.chunks(GROUP) {
            let first = frontier.size();
            let entries: Vec<NewEntry> = chunk.iter().map(|bytes| new_entry(bytes)).collect();
            entries.iter().for_each(|entry| frontier.append(entry.leaf));
            let (size, root) = (frontier.size(), frontier.root());
            let checkpoint = if size == self.len() { last.clone() } else { self.sign(size, root) };
            let head = Head { size, root, checkpoint: checkpoint.into() };
            writer.append(Arc::new(Group { first, entries, head })).expect("the engine takes it");
        }
        writer.close().expect("closed");
        dir
    }

    /// Writes the log into a new directory with an honest checkpoint.
    #[must_use]
    pub fn write(&self) -> TempDir {
        self.write_with(self.checkpoint(self.len()))
    }

    /// Writes and audits the log.
    #[must_use]
    pub fn audit(&self, options: &Options<'_>) -> Report {
        audit_log(self.write().path(), options)
    }
}

/// The engine looks at the id for its time only; an entry that is none gets any.
fn new_entry(bytes: &[u8]) -> NewEntry {
    let event = wire::decode_entry(bytes).and_then(|entry| wire::decode_event(&entry.signed.payload));
    let (id, stream) = event.map_or(([0; 16], 0), |event| (event.id.0, fingerprint(&event.stream)));
    NewEntry { id, stream, leaf: leaf_hash(bytes), bytes: bytes.into() }
}

/// Audits a log's directory.
///
/// # Panics
/// If it does not open, or cannot be read for another reason than damage.
#[must_use]
pub fn audit_log(dir: &Path, options: &Options<'_>) -> Report {
    let (_writer, reader, _) = engine::open(dir, OpenOptions::default()).expect("the log opens");
    let reader: Arc<dyn LogReader> = reader;
    audit(&EngineSource(reader), options).expect("the audit comes to its end")
}
