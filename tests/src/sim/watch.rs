//! What must hold whatever happens, kept apart from the ledger: what clients were told, what was ever published, and the
//! oracle.

use hourbook_ledger::domain::event::{Body, MemberEvent};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use hourbook_ledger::checkpoint;
use hourbook_ledger::commitment::Opening;
use hourbook_ledger::domain::ids::{EventId, PersonId};
use hourbook_ledger::envelope::{self, Submission};
use hourbook_ledger::follower::LoggedEvent;
use hourbook_ledger::ledger::Ledger;
use hourbook_ledger::sequencer::Receipt;
use hourbook_ledger::wire;
use sha2::{Digest as _, Sha256};

use super::finding::{Finding, must};
use crate::compare;
use crate::model::Model;
use crate::model::outcome::At;

type Hash = [u8; 32];

/// What the outside world knows of a ledger.
#[derive(Default)]
pub struct Watch {
    /// The oracle, as of the last event seen.
    pub model: Model,
    /// The newest snapshot that was kept, and what an attempt that failed may have put in its place since.
    pub snapshot: Option<(u64, Vec<Vec<u8>>)>,
    /// The leaf of every position that was ever published.
    leaves: Vec<Hash>,
    tree: Tree,
    /// The root at every size that a checkpoint was published for.
    published: BTreeMap<u64, Hash>,
    /// Receipts that clients hold.
    receipts: BTreeMap<EventId, Receipt>,
    /// Values that clients sent along with an event, by what tells its signed bytes.
    openings: BTreeMap<[u8; 16], Vec<Opening>>,
    /// Where each event is on the log.
    positions: BTreeMap<EventId, u64>,
    /// Tells the signed bytes of each event.
    signed: BTreeMap<EventId, [u8; 16]>,
    erased: Vec<PersonId>,
    /// What followers were told, for comparing after a restart.
    pub told: Arc<Mutex<Vec<LoggedEvent>>>,
}

impl Watch {
    /// The number of events on the log.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// The root over all leaves seen.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    /// Remembers what a client sends.
    pub fn note_openings(&mut self, batch: &[Submission]) {
        for submission in batch {
            let signed = envelope::digest(&submission.signed);
            self.openings.entry(signed).or_insert_with(|| submission.openings.clone());
        }
    }

    /// A client got receipts. Answers how many are new.
    ///
    /// # Errors
    /// If one differs from an earlier one, or does not fit what was sent or what is on the log.
    pub fn acknowledge(&mut self, batch: &[Submission], receipts: &[Receipt]) -> Result<u64, Finding> {
        must("receipt", batch.len() == receipts.len(), || {
            "another number of receipts than of events".into()
        })?;
        let mut new = 0;
        for (submission, receipt) in batch.iter().zip(receipts) {
            let event = wire::decode_event(&submission.signed.payload);
            let id = event.map(|event| event.id).map_err(|error| Finding {
                check: "receipt",
                what: format!("for what is no event: {error}"),
            })?;
            must("receipt", id == receipt.event, || format!("of {} for {id}", receipt.event))?;
            if let Some(first) = self.receipts.insert(id, *receipt) {
                must("same receipt", first == *receipt, || format!("{first:?}, then {receipt:?}"))?;
            } else {
                new += 1;
            }
        }
        Ok(new)
    }

    /// A client was refused.
    ///
    /// # Errors
    /// If all of it is on the log already, byte for byte: whoever asks again must get the receipts.
    pub fn refused(&self, batch: &[Submission]) -> Result<(), Finding> {
        let on_the_log = |submission: &Submission| {
            let event = wire::decode_event(&submission.signed.payload).ok()?;
            self.signed.get(&event.id).filter(|digest| **digest == envelope::digest(&submission.signed))
        };
        let all = batch.iter().all(|submission| on_the_log(submission).is_some());
        must("same receipt", !all, || "a batch that is on the log was refused".into())
    }

    /// Takes in what is new on the log, and what followers were told of it.
    ///
    /// # Errors
    /// Whatever is not as it should be.
    pub fn follow(&mut self, node: &Ledger, told: &[LoggedEvent]) -> Result<(), Finding> {
        let head = node.reader.head();
        must("order", told.len() as u64 == head.size, || {
            format!("followers were told {} of {} events", told.len(), head.size)
        })?;
        let new = node.reader.read(self.size(), usize::MAX >> 1);
        let new = new.map_err(|error| Finding { check: "read", what: error.to_string() })?;
        for (position, bytes) in new {
            self.take(position, &bytes, &told[position as usize])?;
        }
        must("root", (self.size(), self.root()) == (head.size, head.root), || {
            format!("the head names {} entries and another root than {} leaves have", head.size, self.size())
        })?;
        let opened = checkpoint::open(&head.checkpoint, &node.log_key, &[]);
        let opened = opened.map_err(|error| Finding { check: "checkpoint", what: error.to_string() })?;
        let signed = (opened.checkpoint.size, opened.checkpoint.root);
        must("checkpoint", signed == (head.size, head.root), || "it is signed over another head".into())?;
        self.published.insert(head.size, head.root);
        Ok(())
    }

    fn take(&mut self, position: u64, bytes: &[u8], told: &LoggedEvent) -> Result<(), Finding> {
        let unreadable = |what: String| Finding { check: "read", what };
        let entry = wire::decode_entry(bytes).map_err(|error| unreadable(error.to_string()))?;
        let event =
            wire::decode_event(&entry.signed.payload).map_err(|error| unreadable(error.to_string()))?;
        let (recorded_at, revision, signer) = (entry.recorded_at, entry.revision, entry.signed.key_id);
        let at = At { position, recorded_at, revision, signer };
        let outcome = self.model.take(at, &event).map_err(|fault| Finding {
            check: "oracle",
            what: format!("position {position}: {fault}: {:?}", event.body),
        })?;
        compare::effects(&outcome, told);
        let leaf: Hash = Sha256::new().chain_update([0]).chain_update(bytes).finalize().into();
        self.leaves.push(leaf);
        self.tree.push(leaf);
        self.signed.insert(event.id, envelope::digest(&entry.signed));
        let before = self.positions.insert(event.id, position);
        must("once", before.is_none(), || format!("{} is on the log twice", event.id))?;
        if let Body::Member(MemberEvent::PersonalDataErased { person }) = &event.body {
            self.erased.push(*person);
        }
        self.told.lock().expect("never poisoned").push(told.clone());
        Ok(())
    }

    /// After a start: everything that was ever acknowledged or published is there, as it was.
    ///
    /// # Errors
    /// Whatever is not.
    pub fn look_again(&mut self, node: &Ledger, told: &[LoggedEvent]) -> Result<(), Finding> {
        let head = node.reader.head();
        must("published", head.size >= self.size(), || {
            format!("{} events were published, {} are there", self.size(), head.size)
        })?;
        let read = node.reader.read(0, self.size() as usize);
        let read = read.map_err(|error| Finding { check: "read", what: error.to_string() })?;
        let mut tree = Tree::default();
        for ((position, bytes), leaf) in read.iter().zip(&self.leaves) {
            let found: Hash = Sha256::new().chain_update([0]).chain_update(bytes).finalize().into();
            must("published", found == *leaf, || {
                format!("position {position} has another entry than before")
            })?;
            tree.push(found);
            if let Some(root) = self.published.get(&tree.size) {
                must("prefix", tree.root() == *root, || format!("another root at size {}", tree.size))?;
            }
        }
        let again = told.get(..self.leaves.len()) == Some(&self.told.lock().expect("never poisoned")[..]);
        must("replay", again, || {
            "what followed from the log before the start does not follow after it".into()
        })?;
        self.follow(node, told)?;
        self.check_receipts()?;
        self.check_values(node)?;
        self.check_snapshot(node)
    }

    /// Every acknowledged event is on the log, where its receipt says, with that leaf.
    fn check_receipts(&self) -> Result<(), Finding> {
        for (id, receipt) in &self.receipts {
            let there = self.leaves.get(receipt.position as usize) == Some(&receipt.leaf)
                && self.positions.get(id) == Some(&receipt.position);
            must("acknowledged", there, || {
                format!("{id} was acknowledged at position {} and is not there", receipt.position)
            })?;
        }
        Ok(())
    }

    /// The vault has the values of every event on the log, but for erased persons.
    fn check_values(&self, node: &Ledger) -> Result<(), Finding> {
        must("values", node.vault.lost_subjects() == 0, || "values without a key".into())?;
        for (id, signed) in &self.signed {
            for opening in self.openings.get(signed).into_iter().flatten() {
                if self.erased.iter().any(|person| person.0 == opening.subject) {
                    continue;
                }
                let found = node.vault.get(&opening.commitment());
                let found = found.map_err(|error| Finding { check: "values", what: error.to_string() })?;
                must("values", found.is_some_and(|value| value.expose() == opening.value), || {
                    format!("a value of {id} is gone")
                })?;
            }
        }
        Ok(())
    }

    fn check_snapshot(&self, node: &Ledger) -> Result<(), Finding> {
        let Some((position, contents)) = &self.snapshot else { return Ok(()) };
        let found = node.snapshots.latest("simulation", node.reader.head().size);
        let found = found.map_err(|error| Finding { check: "snapshot", what: error.to_string() })?;
        let kept =
            found.is_some_and(|(at, bytes)| at > *position || (at == *position && contents.contains(&bytes)));
        must("snapshot", kept, || format!("the one at {position} is gone"))
    }
}

/// RFC 6962 by its peaks, apart from the ledger's own.
#[derive(Default)]
struct Tree {
    size: u64,
    peaks: Vec<(u32, Hash)>,
}

impl Tree {
    fn push(&mut self, leaf: Hash) {
        self.size += 1;
        let mut peak = (0, leaf);
        while let Some((level, left)) = self.peaks.pop_if(|(level, _)| *level == peak.0) {
            peak = (level + 1, node(&left, &peak.1));
        }
        self.peaks.push(peak);
    }

    fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev().map(|(_, hash)| *hash);
        match peaks.next() {
            None => Sha256::digest([]).into(),
            Some(last) => peaks.fold(last, |right, left| node(&left, &right)),
        }
    }
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}
