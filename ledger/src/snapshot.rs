//! Snapshots: what was derived from the log, kept so that the next start reads only what came after.
//!
//! One file holds the sequencer's state and what the followers made of the same entries, so that both are of one
//! position. It is a cache and never trusted beyond this build: the header names the build, the rules, the ledger and
//! the root of the log there. Whatever does not fit is passed over with a warning, and the whole log is read instead.

use std::io::{self, Write};

use bytes::{Buf, Bytes};
use serde::{Deserialize, Serialize};

use crate::checkpoint::Origin;
use crate::domain::State;
use crate::domain::time::Millis;
use crate::engine::{Hash, LogReader, frontier_at};
use crate::follower::{Follower, ReplayFrom};
use crate::recent_ids::Recent;
use crate::replay::{Derived, ReplayError};
use crate::store::lazy::{self, Save as _};

mod files;
#[cfg(test)]
mod tests;

pub use files::{SnapshotError, SnapshotFiles, WriteContent};

/// The name under which they are kept.
pub(crate) const NAME: &str = "derived";
/// Of the file's content; another one is passed over.
const FORMAT: u32 = 4;
/// The identity of the code that derives state from the log: version and a fingerprint of its sources.
pub const BUILD: &str = env!("HOURBOOK_BUILD");

/// What a snapshot is of. It is used only if all of this fits.
#[derive(Serialize, Deserialize, PartialEq, Eq, Debug)]
struct Header {
    format: u32,
    build: String,
    followers: String,
    origin: String,
    root: Hash,
    last_recorded: Millis,
}

/// What a snapshot holds. State and followers are decoded as they are asked for, see [`crate::store::lazy`].
struct Content {
    header: Header,
    recent: Bytes,
    state: Bytes,
    followers: Bytes,
}

impl Content {
    /// As [`put`] writes it.
    /// What is in a snapshot, if this build made it.
    fn of_this_build(bytes: Bytes) -> Result<Self, String> {
        let content = Self::from_bytes(bytes).ok_or("its content cannot be read")?;
        let Header { format, build, .. } = &content.header;
        if (*format, build.as_str()) != (FORMAT, BUILD) {
            return Err(format!("it was made by build {build}, this is {BUILD}"));
        }
        Ok(content)
    }

    fn from_bytes(mut bytes: Bytes) -> Option<Self> {
        let mut lengths = bytes.split_off(bytes.len().checked_sub(PARTS * 8)?);
        let mut next = || {
            let length = usize::try_from(lengths.get_u64()).ok()?;
            (length <= bytes.len()).then(|| bytes.split_to(length))
        };
        let header = postcard::from_bytes(&next()?).ok()?;
        let (recent, state, followers) = (next()?, next()?, next()?);
        bytes.is_empty().then_some(Self { header, recent, state, followers })
    }
}

/// With the header, which is in postcard.
const PARTS: usize = 4;

/// Keeps a snapshot: header, recent ids, state and followers one after the other as they are made, then the length (`u64be`)
/// of each, which is known only then.
fn put(
    files: &SnapshotFiles,
    position: u64,
    header: &Header,
    mut content: [WriteContent<'_>; PARTS - 1],
) -> Result<(), SnapshotError> {
    let header = postcard::to_stdvec(header).expect("a header is plain data");
    files.put(NAME, position, &mut |to| {
        let mut to = Counted { to, written: 0 };
        let mut ends = vec![0];
        to.write_all(&header)?;
        ends.push(to.written);
        for write in &mut content {
            write(&mut to)?;
            ends.push(to.written);
        }
        ends.windows(2).try_for_each(|part| to.write_all(&(part[1] - part[0]).to_be_bytes()))
    })
}

struct Counted<'a> {
    to: &'a mut dyn Write,
    written: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Why no snapshot was taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TakeError {
    #[error(transparent)]
    Replay(#[from] ReplayError),
    #[error(transparent)]
    Files(#[from] SnapshotError),
}

/// Keeps a snapshot of what was derived, if there are followers that can start from one; both must have taken the same
/// entries. Tells whether it did.
///
/// # Errors
/// [`TakeError`] if the log cannot be read or the snapshot not be written. Nothing is lost then but time.
pub(crate) fn take(
    files: &SnapshotFiles,
    reader: &dyn LogReader,
    origin: &Origin,
    derived: &mut Derived,
    follower: &mut dyn Follower,
) -> Result<bool, TakeError> {
    let ReplayFrom::Snapshot(follower) = follower.replay_from() else { return Ok(false) };
    let header = Header {
        format: FORMAT,
        build: BUILD.to_owned(),
        followers: follower.build().to_owned(),
        origin: origin.as_str().to_owned(),
        root: frontier_at(reader, derived.size).map_err(ReplayError::from)?.root(),
        last_recorded: derived.last_recorded,
    };
    let Derived { recent, state, size, .. } = derived;
    let parts: [WriteContent<'_>; _] =
        [&mut |to| recent.save(to), &mut |to| state.write(to), &mut |to| follower.save(to)];
    put(files, *size, &header, parts)?;
    Ok(true)
}

/// The newest snapshot that fits this build, this ledger and its log; the follower has it then, too. `None` if there is
/// none, or if the follower wants to be told everything.
pub(crate) fn load(
    files: &SnapshotFiles,
    reader: &dyn LogReader,
    origin: &Origin,
    follower: &mut dyn Follower,
) -> Option<Derived> {
    if matches!(follower.replay_from(), ReplayFrom::Everything) {
        return None;
    }
    let latest = files.latest(NAME, reader.head().size);
    let unusable = |error: &SnapshotError| tracing::warn!(%error, "snapshots cannot be used");
    let (position, bytes) = latest.inspect_err(unusable).ok()??;
    let opened = open(reader, origin, position, bytes.into(), follower);
    let passed_over = |why: &String| {
        tracing::warn!(position, why, "a snapshot is passed over; the whole log is read");
        if let ReplayFrom::Snapshot(follower) = follower.replay_from() {
            follower.forget();
        }
    };
    opened.inspect_err(passed_over).ok()
}

fn open(
    reader: &dyn LogReader,
    origin: &Origin,
    position: u64,
    bytes: Bytes,
    follower: &mut dyn Follower,
) -> Result<Derived, String> {
    let content = Content::of_this_build(bytes)?;
    let header = &content.header;
    if header.origin != origin.as_str() {
        return Err(format!("it is of the ledger {}", header.origin));
    }
    let root = frontier_at(reader, position).map_err(|error| error.to_string())?.root();
    if header.root != root {
        return Err("it is of another history of this ledger".to_owned());
    }
    let follower = match follower.replay_from() {
        ReplayFrom::Everything => return Err("the followers want the whole log".to_owned()),
        ReplayFrom::Tail => None,
        ReplayFrom::Snapshot(follower) => Some(follower),
    };
    if follower.as_ref().is_some_and(|follower| follower.build() != header.followers) {
        return Err(format!("it was made by the followers of build {}", header.followers));
    }
    let (Some(mut state), Some(recent)) =
        (lazy::load::<State>(content.state), Recent::load(content.recent, header.last_recorded))
    else {
        return Err("the rule state in it cannot be read".to_owned());
    };
    follower.map_or(Ok(()), |f| f.restore(content.followers)).map_err(|error| error.to_string())?;
    state.keep_digest();
    Ok(Derived { state, recent, last_recorded: content.header.last_recorded, size: position })
}

/// The rule state after some entries, as a snapshot has it: for an audit that begins there.
pub struct KeptState {
    /// How many entries are in it.
    pub position: u64,
    /// The ledger that it says it is of.
    pub origin: String,
    /// The root of the log there.
    pub root: Hash,
    /// When the last of the entries was recorded.
    pub last_recorded: Millis,
    /// The state.
    pub state: State,
}

/// Reads the file of a snapshot, named `NAME.POSITION` as it is kept.
///
/// # Errors
/// What is wrong with it, or that another build made it.
pub fn read_file(path: &std::path::Path) -> Result<KeptState, String> {
    let position = path.extension().and_then(|digits| digits.to_str()?.parse().ok());
    let position: u64 =
        position.ok_or("its name does not end in a position, as in derived.00000000000000004096")?;
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let bytes = files::content(bytes, position).ok_or("it is damaged")?;
    let content = Content::of_this_build(bytes.into())?;
    // An auditor need not trust whoever handed this over.
    let state = lazy::load(content.state).filter(State::validate);
    let Header { origin, root, last_recorded, .. } = content.header;
    let mut state = state.ok_or("the rule state in it cannot be read")?;
    state.keep_digest();
    Ok(KeptState { position, origin, root, last_recorded, state })
}
