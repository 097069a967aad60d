//! What waits for the disk, and for how long.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use tokio::sync::oneshot;

use super::super::commits::{Commits, Committer, Decided, PATIENCE};
use super::super::{Answer, InFlight, Space, StopReason};
use super::*;
use crate::engine::tests::memory::open_in_memory;
use crate::engine::{EngineError, Fatal, Group, LogReader, LogWriter, NewEntry};
use crate::follower::NoopFollower;
use crate::merkle::{Frontier, leaf_hash};
use crate::note::NoteSigner;
use crate::vault::{MasterKey, Vault};

/// A log that begins no group before it is let, and fails when it is told to.
struct Gated {
    log: Box<dyn LogWriter>,
    begun: Sender<usize>,
    let_go: Receiver<bool>,
}

impl LogWriter for Gated {
    fn append(&mut self, group: Arc<Group>) -> Result<(), EngineError> {
        self.begun.send(group.entries.len()).unwrap();
        match self.let_go.recv_timeout(Duration::from_secs(20)) {
            Ok(true) => self.log.append(group),
            _ => Err(Fatal::Poisoned.into()),
        }
    }

    fn close(self: Box<Self>) -> Result<(), EngineError> {
        self.log.close()
    }
}

struct CommitQueue {
    commits: Commits,
    reader: Arc<dyn LogReader>,
    in_flight: InFlight,
    begun: Receiver<usize>,
    let_go: Sender<bool>,
    next: u8,
    _dir: TempDir,
}

impl CommitQueue {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let rng = || ChaCha20Rng::from_seed([1; 32]);
        Vault::init(dir.path(), &mut rng()).unwrap();
        let vault = Vault::open(dir.path(), MasterKey::load(dir.path()).unwrap(), Box::new(rng())).unwrap();
        let ((log, reader, _), (begins, begun), (let_go, goes)) = (open_in_memory(), channel(), channel());
        let vault = Arc::new(vault);
        let committer = Committer {
            space: Space { log: log.room(), vault: vault.clone() },
            origin: ORIGIN.parse().unwrap(),
            log: Box::new(Gated { log, begun: begins, let_go: goes }),
            vault,
            frontier: Frontier::new(),
            follower: Box::new(NoopFollower),
            signer: NoteSigner::new(ORIGIN, SigningKey::from_bytes(&[1; 32])).unwrap(),
            unvouched: 0,
            answer_early: false,
        };
        let in_flight = InFlight::default();
        let commits = Commits::new(committer, in_flight.clone(), Arc::new(StopReason::default()));
        Self { commits, reader, in_flight, begun, let_go, next: 0, _dir: dir }
    }

    /// With a thread that commits.
    fn aside() -> Self {
        let mut queue = Self::new();
        queue.commits.aside().unwrap();
        queue
    }

    /// One decided event and the answer to come.
    fn decided(&mut self) -> (Decided, oneshot::Receiver<Answer>) {
        self.next += 1;
        let bytes: Arc<[u8]> = Arc::from([self.next]);
        let entry = NewEntry { id: [self.next; 16], stream: 0, leaf: leaf_hash(&bytes), bytes };
        let (reply, answer) = oneshot::channel();
        let decided =
            Decided { entries: vec![entry], answers: vec![(reply, Ok(Vec::new()))], ..Decided::default() };
        (decided, answer)
    }

    /// A chunk is checked, then decided: its event is handed over.
    fn chunk(&mut self) -> oneshot::Receiver<Answer> {
        let (decided, answer) = self.decided();
        self.in_flight.decide();
        self.commits.hand_over(decided).unwrap();
        answer
    }

    /// So many chunks are decided, and the last of them is answered without an event.
    fn refusal_after(&mut self, chunks: u64) -> oneshot::Receiver<Answer> {
        (0..chunks).for_each(|_| self.in_flight.decide());
        let (reply, answer) = oneshot::channel();
        let refused = Err(SubmitError::BatchSize(0));
        self.commits.hand_over(Decided { answers: vec![(reply, refused)], ..Decided::default() }).unwrap();
        answer
    }

    fn next_group(&self) -> usize {
        self.begun.recv_timeout(Duration::from_secs(20)).expect("a group is committed")
    }
}

#[test]
fn a_lone_event_is_durable_when_it_is_handed_over() {
    let mut queue = CommitQueue::aside();
    queue.let_go.send(true).unwrap();
    queue.in_flight.begin(1);
    let mut answer = queue.chunk();
    assert_eq!((queue.commits.durable(), queue.reader.head().size), (1, 1));
    assert_eq!(answer.try_recv().unwrap(), Ok(Vec::new()));
}

#[test]
fn a_batch_is_alone_while_no_other_waits_for_an_answer_and_the_writer_runs() {
    let mut queue = CommitQueue::aside();
    assert!(!queue.in_flight.hand_in(), "nobody would take it");
    queue.in_flight.hand_back();
    queue.in_flight.attend();
    assert!(queue.in_flight.hand_in());
    assert!(!queue.in_flight.hand_in(), "the first one waits");
    queue.in_flight.hand_back();
    queue.in_flight.begin_lone();
    let (decided, answer) = queue.decided();
    queue.let_go.send(true).unwrap();
    queue.commits.hand_over(decided).unwrap();
    assert!(answer.blocking_recv().unwrap().is_ok());
    assert!(queue.in_flight.hand_in(), "the first one is answered");
}

#[test]
fn without_a_thread_everything_is_durable_at_once() {
    let mut queue = CommitQueue::new();
    queue.let_go.send(true).unwrap();
    (0..3).for_each(|_| queue.in_flight.begin(1));
    let mut answer = queue.chunk();
    assert_eq!(queue.commits.durable(), 1);
    assert_eq!(answer.try_recv().unwrap(), Ok(Vec::new()));
}

#[test]
fn what_is_decided_while_a_group_is_on_its_way_follows_in_one_and_is_answered_after_it() {
    let mut queue = CommitQueue::aside();
    (0..60).for_each(|_| queue.in_flight.begin(1));
    let mut answers: Vec<_> = (0..2).map(|_| queue.chunk()).collect();
    assert!(queue.begun.recv_timeout(Duration::from_millis(50)).is_err(), "more is awaited");
    answers.push(queue.refusal_after(PATIENCE));
    assert_eq!(queue.next_group(), 2, "for so many chunks and no more");
    answers.extend((0..3).map(|_| queue.chunk()));
    assert_eq!(queue.commits.durable(), 0);
    assert!(answers.iter_mut().all(|answer| answer.try_recv().is_err()), "nothing is durable yet");
    (0..2).for_each(|_| queue.let_go.send(true).unwrap());
    queue.commits.settle().unwrap();
    assert_eq!(queue.next_group(), 3);
    assert_eq!((queue.commits.durable(), queue.reader.head().size), (5, 5));
    assert!(answers.iter_mut().all(|answer| answer.try_recv().is_ok()));
}

#[test]
fn a_group_is_on_its_way_when_half_of_the_crowd_is_in_it() {
    let mut queue = CommitQueue::aside();
    (0..20).for_each(|_| queue.in_flight.begin(1));
    (0..9).for_each(|_| drop(queue.chunk()));
    assert!(queue.begun.recv_timeout(Duration::from_millis(50)).is_err(), "nine of twenty");
    drop(queue.chunk());
    assert_eq!(queue.next_group(), 10);
    queue.let_go.send(true).unwrap();
    queue.commits.settle().unwrap();
    (0..10).for_each(|_| queue.in_flight.decide());
    let (draft, _) = queue.decided();
    assert!(queue.commits.awaits_more(&draft), "those who were answered are expected");
}

#[test]
fn a_group_that_fails_stops_everything_behind_it() {
    let mut queue = CommitQueue::aside();
    (0..60).for_each(|_| queue.in_flight.begin(1));
    let first = queue.chunk();
    let refusal = queue.refusal_after(PATIENCE);
    assert_eq!(queue.next_group(), 1);
    let second = queue.chunk();
    queue.let_go.send(false).unwrap();
    for answer in [first, refusal, second] {
        assert!(matches!(answer.blocking_recv().unwrap(), Err(SubmitError::Stopped(_))));
    }
    assert!(queue.commits.check().is_err() && queue.commits.settle().is_err());
    let (third, answer) = queue.decided();
    assert!(queue.commits.hand_over(third).is_err());
    assert!(matches!(answer.blocking_recv().unwrap(), Err(SubmitError::Stopped(_))));
    assert_eq!(queue.reader.head().size, 0);
}
