//! Sessions of keys that were signed out of before their time. One opened with a code ends on the log; of one opened with a
//! key the log knows nothing, so a file beside it remembers until it would have run out anyway.
//!
//! A line a session: the key, the session's own number, its end in milliseconds. It says nothing about a person that the
//! log does not say. Where one key has very many, all that it has opened so far end with the next.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use hourbook_ledger::domain::ids::KeyId;
use hourbook_ledger::domain::time::Millis;
use parking_lot::{Mutex, RwLock};
use rustc_hash::FxHashMap;

/// Below the ledger's directory.
const NAME: &str = "ended-sessions";
/// Of one key; with the next all end.
const MOST: usize = 256;
/// Stands for all sessions of a key.
const ALL: SessionId = [0; 16];

/// A session's own number, for those of keys.
pub type SessionId = [u8; 16];

#[derive(Default)]
struct OfKey {
    /// Sessions that end no later than this are over.
    all_until: Option<Millis>,
    single: Vec<(SessionId, Millis)>,
}

/// The sessions that were signed out of.
pub struct Ended {
    path: PathBuf,
    file: Mutex<File>,
    keys: RwLock<FxHashMap<KeyId, OfKey>>,
}

impl Ended {
    /// Those of a ledger's directory. What has run out is left out, and the file written anew without it.
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub fn open(dir: &Path, now: Millis) -> io::Result<Self> {
        let path = dir.join(NAME);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let mut keys: FxHashMap<KeyId, OfKey> = FxHashMap::default();
        // A line that was cut off was never acknowledged.
        for (key, session, until) in text.split_inclusive('\n').filter_map(read) {
            if now < until {
                keys.entry(key).or_default().note(session, until);
            }
        }
        let unfinished = path.with_extension("unfinished");
        let mut file = create(&unfinished)?;
        for (key, of_key) in &keys {
            let all = of_key.all_until.map(|until| (ALL, until));
            for (session, until) in all.into_iter().chain(of_key.single.iter().copied()) {
                file.write_all(line(*key, session, until).as_bytes())?;
            }
        }
        file.sync_all()?;
        std::fs::rename(&unfinished, &path)?;
        File::open(dir)?.sync_all()?;
        Ok(Self { path, file: Mutex::new(file), keys: RwLock::new(keys) })
    }

    /// Ends a session, for good once this returns.
    ///
    /// # Errors
    /// If that cannot be made durable; until a restart the session is over all the same.
    pub(crate) fn end(&self, key: KeyId, session: SessionId, until: Millis) -> io::Result<()> {
        let session = {
            let mut keys = self.keys.write();
            let of_key = keys.entry(key).or_default();
            let session = if of_key.single.len() < MOST { session } else { ALL };
            if !of_key.holds(session, until) {
                of_key.note(session, until);
            }
            session
        };
        // Written also if it is known: what was asked for before may not have become durable.
        let mut file = self.file.lock();
        file.write_all(line(key, session, until).as_bytes())?;
        file.sync_data()
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", self.path.display())))
    }

    /// Ends all sessions that a key has opened so far, for good once this returns: those that end no later than `until`.
    ///
    /// # Errors
    /// As of [`Self::end`].
    pub(crate) fn end_all(&self, key: KeyId, until: Millis) -> io::Result<()> {
        self.end(key, ALL, until)
    }

    /// Whether a session was ended.
    pub(crate) fn holds(&self, key: KeyId, session: SessionId, until: Millis) -> bool {
        self.keys.read().get(&key).is_some_and(|of_key| of_key.holds(session, until))
    }

    /// Forgets what has run out by itself.
    pub(crate) fn forget(&self, now: Millis) {
        self.keys.write().retain(|_, of_key| {
            of_key.single.retain(|(_, until)| now < *until);
            of_key.all_until = of_key.all_until.filter(|until| now < *until);
            !of_key.single.is_empty() || of_key.all_until.is_some()
        });
    }
}

impl OfKey {
    fn note(&mut self, session: SessionId, until: Millis) {
        if session != ALL {
            return self.single.push((session, until));
        }
        self.all_until = self.all_until.max(Some(until));
        let all = self.all_until;
        self.single.retain(|(_, until)| Some(*until) > all);
    }

    fn holds(&self, session: SessionId, until: Millis) -> bool {
        self.all_until.is_some_and(|all| until <= all)
            || self.single.iter().any(|(known, _)| *known == session)
    }
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

fn line(key: KeyId, session: SessionId, until: Millis) -> String {
    format!("{key} {} {}\n", hex::encode(session), until.0)
}

fn read(line: &str) -> Option<(KeyId, SessionId, Millis)> {
    let mut words = line.strip_suffix('\n')?.split(' ');
    let key = words.next()?.parse().ok()?;
    let session = hex::decode(words.next()?).ok()?.try_into().ok()?;
    Some((key, session, Millis(words.next()?.parse().ok()?)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const KEY: KeyId = KeyId([1; 16]);
    const NOW: Millis = Millis(1_000);

    #[test]
    fn what_was_ended_stays_so_over_a_restart_and_is_forgotten_in_time() {
        let dir = tempfile::tempdir().unwrap();
        let (first, second, end) = ([5; 16], [6; 16], Millis(9_000));
        let ended = Ended::open(dir.path(), NOW).unwrap();
        ended.end(KEY, first, end).unwrap();
        ended.end(KEY, first, end).unwrap();
        drop(ended);
        let path = dir.path().join(NAME);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"0101").unwrap();
        let ended = Ended::open(dir.path(), NOW).unwrap();
        assert!(ended.holds(KEY, first, end) && !ended.holds(KEY, second, end));
        assert!(!ended.holds(KeyId([2; 16]), first, end));
        ended.end(KEY, second, end).unwrap();
        drop(ended);
        let ended = Ended::open(dir.path(), NOW).unwrap();
        assert!(ended.holds(KEY, first, end) && ended.holds(KEY, second, end));
        ended.forget(end);
        assert!(ended.keys.read().is_empty());
        drop(ended);
        assert!(Ended::open(dir.path(), end).unwrap().keys.read().is_empty());
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 0);
    }

    #[test]
    fn all_of_a_key_end_over_a_restart_and_those_of_others_and_later_ones_stay() {
        let dir = tempfile::tempdir().unwrap();
        let ended = Ended::open(dir.path(), NOW).unwrap();
        ended.end(KEY, [5; 16], Millis(4_000)).unwrap();
        ended.end_all(KEY, Millis(5_000)).unwrap();
        drop(ended);
        let ended = Ended::open(dir.path(), NOW).unwrap();
        let holds = |session: u8, until| ended.holds(KEY, [session; 16], Millis(until));
        assert!(holds(5, 4_000) && holds(6, 5_000));
        assert!(!holds(6, 5_001) && !ended.holds(KeyId([2; 16]), [6; 16], Millis(5_000)));
    }

    #[test]
    fn with_very_many_of_one_key_all_end_and_the_next_is_good() {
        let dir = tempfile::tempdir().unwrap();
        let ended = Ended::open(dir.path(), NOW).unwrap();
        let session = |n: u16| {
            let mut id = [9; 16];
            id[..2].copy_from_slice(&n.to_be_bytes());
            id
        };
        for n in 0..=MOST as u16 {
            ended.end(KEY, session(n), Millis(5_000 + i64::from(n))).unwrap();
        }
        let last = Millis(5_000 + MOST as i64);
        assert!(ended.keys.read()[&KEY].single.is_empty());
        assert!(
            ended.holds(KEY, session(3), Millis(5_003))
                && !ended.holds(KEY, session(999), Millis(last.0 + 1))
        );
        drop(ended);
        assert!(Ended::open(dir.path(), NOW).unwrap().holds(KEY, session(0), Millis(5_000)));
    }
}
