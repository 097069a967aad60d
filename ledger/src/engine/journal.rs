//! The journal: append-only files of framed groups, each synced before it is acknowledged.
//!
//! The order that survives any power cut:
//! - a new file is created, given its OPENING frame, synced, and its directory synced, before the old one gets its
//!   END frame; groups go into it only after that END is synced;
//! - so a file whose predecessor has no END was never put in use: whatever it holds is dropped at open;
//! - at open, an interrupted write is cut off and the cut synced before anything else is created;
//! - at open, the last frame is written once more and synced: the process before this one may have died, or its sync
//!   may have failed, between writing and acknowledging, and what is about to be published must be durable.
//!
//! Small frames are written over zeros that are laid out ahead: where a file neither grows nor gets new blocks, a sync
//! costs its file system nothing but the data (a quarter less on ext4).
//!
//! Room for a group is set aside before any of it is written. So a full disk refuses a group whole, and the file is as it
//! was; and whoever was promised room finds it, in this file or the next.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::contract::{Group, Head};
use super::error::{EngineError, Fatal, Retryable};
use super::frame::{self, FileMark, Kind};
use super::options::{OpenOptions, Planted};
use super::scan::{self, Ending, Stop, Walk};
use crate::disk::{Disk, DiskFile, Lot};

const SUFFIX: &str = ".journal";
/// The most zeros laid out ahead, in bytes; and the part of a full file that they are, where that is less.
const AHEAD: u64 = 256 << 10;
const AHEAD_PART: u64 = 64;
/// A full file that has to go on grows by this part of its limit before a new one is tried again.
const RETRY_PART: u64 = 16;
/// A longer frame just makes the file grow: it has no use for a shorter sync, and zeros are written bytes too.
const SMALL: usize = 16 << 10;

/// A journal file that is complete: it can go when everything below `end` is sealed for certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Closed {
    pub(super) path: PathBuf,
    pub(super) end: u64,
}

/// The file being written. Owned by the writer's thread.
pub(super) struct Journal {
    dir: PathBuf,
    file: Arc<DiskFile>,
    /// Goes along from file to file.
    lot: Arc<Lot>,
    mark: FileMark,
    /// Where the next frame goes.
    length: u64,
    /// Where the file ends.
    laid_out: u64,
    limit: u64,
    /// When the file is so long, going on in a new one is tried again.
    retry_at: u64,
    buffer: Vec<u8>,
    skip_sync: bool,
}

impl Journal {
    /// Creates a file that begins with this head, durably.
    pub(super) fn create(dir: &Path, number: u64, head: &Head, options: &OpenOptions) -> Result<Self, Fatal> {
        let file = options.disk.create(&path(dir, number))?;
        let mut journal = Self::over(dir, file, FileMark::new(&options.secret, number, head), options);
        journal.skip_sync = false;
        journal
            .encode(Kind::Opening, &Group { first: head.size, entries: Vec::new(), head: head.clone() })?;
        journal.write(true)?;
        journal.file.sync_all()?;
        options.disk.sync_dir(dir)?;
        journal.skip_sync = options.has(Planted::MissingSync);
        Ok(journal)
    }

    fn over(dir: &Path, file: DiskFile, mark: FileMark, options: &OpenOptions) -> Self {
        let file = Arc::new(file);
        Self {
            dir: dir.to_path_buf(),
            lot: Arc::new(Lot::new(Arc::clone(&file), 0, 2 * ahead(options.journal_bytes))),
            file,
            mark,
            length: 0,
            laid_out: 0,
            limit: options.journal_bytes,
            retry_at: 0,
            buffer: Vec::new(),
            skip_sync: options.has(Planted::MissingSync),
        }
    }

    /// Whether the next group belongs into a new file.
    pub(super) fn is_full(&self) -> bool {
        self.length >= self.limit.max(self.retry_at)
    }

    /// Writes a group and waits until the disk has it.
    ///
    /// # Errors
    /// [`Retryable::Full`]: nothing was written. Else nobody knows what was.
    pub(super) fn append(&mut self, group: &Group) -> Result<(), EngineError> {
        self.encode(Kind::Group, group)?;
        self.lot.make_room(self.buffer.len() as u64).map_err(Retryable::no_room)?;
        Ok(self.write(true)?)
    }

    /// The room there is for what is to come.
    pub(super) fn lot(&self) -> Arc<Lot> {
        Arc::clone(&self.lot)
    }

    /// Goes on in a new file; the head is the newest one. If there is no descriptor or no room for a new file now, nothing
    /// has happened, the present file goes on, and it is tried again when that has grown by a part of its length.
    pub(super) fn rotate(&mut self, head: &Head, options: &OpenOptions) -> Result<Option<Closed>, Fatal> {
        let next = match self.successor(head, options) {
            Ok(next) => next,
            Err(fatal) if fatal.may_pass() => {
                tracing::warn!(%fatal, "the journal goes on in its present file");
                self.retry_at = self.length + self.limit / RETRY_PART;
                return Ok(None);
            }
            Err(fatal) => return Err(fatal),
        };
        self.encode(Kind::End, &Group { first: head.size, entries: Vec::new(), head: head.clone() })?;
        self.write(false)?;
        let old = std::mem::replace(self, next);
        // What was set aside beyond its end. Where that fails it is set aside until the file goes.
        let _ = old.file.set_len(old.laid_out);
        Ok(Some(Closed { path: old.file.path().to_path_buf(), end: head.size }))
    }

    /// The next file, with room for what was promised; and room in this one for its END.
    fn successor(&self, head: &Head, options: &OpenOptions) -> Result<Self, Fatal> {
        self.lot.make_room(frame::END_FRAME as u64)?;
        let number = self.mark.number + 1;
        if self.retry_at > 0 {
            options.disk.remove_if_there(&path(&self.dir, number))?;
        }
        let mut next = Self::create(&self.dir, number, head, options)?;
        self.lot.move_to(Arc::clone(&next.file), next.length)?;
        next.lot = Arc::clone(&self.lot);
        Ok(next)
    }

    fn encode(&mut self, kind: Kind, group: &Group) -> Result<(), Fatal> {
        match frame::encode(&mut self.buffer, &self.mark, kind, group) {
            true => Ok(()),
            false => Err(Fatal::BadGroup { first: group.first, reason: "it has more than 4 GiB" }),
        }
    }

    /// Writes the frame in the buffer, with zeros behind it if it is small and `goes_on`.
    fn write(&mut self, goes_on: bool) -> Result<(), Fatal> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let end = self.length + buffer.len() as u64;
        if end > self.laid_out && goes_on && buffer.len() <= SMALL {
            buffer.resize(buffer.len() + ahead(self.limit) as usize, 0);
        }
        self.file.write_at(&buffer, self.length)?;
        self.sync()?;
        self.laid_out = self.laid_out.max(self.length + buffer.len() as u64);
        self.length = end;
        self.buffer = buffer;
        if goes_on {
            self.lot.advance(end);
        }
        Ok(())
    }

    /// Gives the zeros back that were laid out ahead: nothing more is to be written.
    pub(super) fn trim(&mut self) -> Result<(), Fatal> {
        if self.laid_out > self.length {
            self.file.set_len(self.length)?;
            self.laid_out = self.length;
            self.file.sync_all()?;
        }
        Ok(())
    }

    fn sync(&self) -> Result<(), Fatal> {
        if self.skip_sync {
            return Ok(());
        }
        Ok(self.file.sync_data()?)
    }
}

/// How many zeros are laid out ahead.
fn ahead(limit: u64) -> u64 {
    (limit / AHEAD_PART).clamp(512, AHEAD)
}

fn path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:012}{SUFFIX}"))
}

/// Makes the end of a file good: cuts an interrupted write off and writes the last frame once more.
fn settle(file: &DiskFile, bytes: &[u8], walk: &Walk) -> Result<(), Fatal> {
    file.set_len(walk.last.end as u64)?;
    file.write_at(&bytes[walk.last.clone()], walk.last.start as u64)?;
    Ok(file.sync_all()?)
}

/// What is left of a journal.
pub(super) struct Reopened {
    /// The file to go on in.
    pub(super) journal: Journal,
    /// The files before it.
    pub(super) closed: Vec<Closed>,
    /// Bytes of an interrupted write that were cut off.
    pub(super) torn_bytes: u64,
}

/// Whether the directory holds no group at all: at most what the creation of a log leaves when it is interrupted.
pub(super) fn is_blank(disk: &Disk, dir: &Path) -> Result<bool, Fatal> {
    let listed = list(disk, dir)?;
    match listed.as_slice() {
        [] => Ok(true),
        [only] if only.number == 0 => only.is_unused(disk, &Head::empty()),
        _ => Ok(false),
    }
}

/// Removes what an interrupted creation left.
pub(super) fn clear_blank(disk: &Disk, dir: &Path) -> Result<(), Fatal> {
    for numbered in list(disk, dir)? {
        disk.remove_if_there(&numbered.path)?;
    }
    Ok(())
}

/// Reads the whole journal, showing every OPENING and GROUP in order, and makes it ready to go on.
pub(super) fn reopen(
    dir: &Path,
    options: &OpenOptions,
    mut visit: impl FnMut(Group) -> Result<(), Fatal>,
) -> Result<Reopened, Fatal> {
    let disk = &options.disk;
    let mut listed = list(disk, dir)?;
    if options.has(Planted::UnsortedReplay) {
        listed = listed_as_it_comes(disk, dir)?;
    }
    let spare = take_spare(disk, &mut listed)?;
    let last = listed.pop().ok_or_else(|| gap(dir, "all its files".to_owned()))?;
    let (mut expected, mut head) = (None, Head::empty());
    let mut chained = |group: Group| {
        if expected.is_some_and(|expected| expected != group.first) {
            let first = group.first;
            return Err(gap(dir, format!("the entries between {} and {first}", expected.unwrap_or(first))));
        }
        expected = Some(group.first + group.entries.len() as u64);
        head = group.head.clone();
        visit(group)?;
        Ok(expected.unwrap_or_default())
    };
    let mut closed = Vec::new();
    for numbered in listed {
        let (bytes, walk, end) = numbered.walk(disk, false, &mut chained)?;
        if walk.ending != Ending::Closed {
            return Err(numbered.damaged(walk.last.end, "its end frame is missing, and there is a next file"));
        }
        if numbered.number + 1 == last.number {
            // Its END may not have reached the disk, and what goes into the next file relies on it.
            settle(&disk.open_to_write(&numbered.path)?, &bytes, &walk)?;
        }
        closed.push(Closed { path: numbered.path, end });
    }
    let (bytes, walk, _) = last.walk(disk, options.drop_damaged_end, &mut chained)?;
    let mark = match FileMark::of(&bytes, last.number) {
        Some(mark) if walk.frames > 0 => mark,
        _ => return Err(last.damaged(0, "its opening frame is missing")),
    };
    if walk.ending == Ending::Closed {
        let next = format!("file {:012}{SUFFIX}, although the one before it is closed", last.number + 1);
        return Err(gap(dir, next));
    }
    if let Some(spare) = spare {
        if !spare.is_unused(disk, &head)? {
            return Err(last.damaged(bytes.len(), "its end frame is missing, and the next file is in use"));
        }
        disk.remove_file(&spare.path)?;
    }
    let mut journal = Journal::over(dir, disk.open_to_write(&last.path)?, mark, options);
    settle(&journal.file, &bytes, &walk)?;
    (journal.length, journal.laid_out) = (walk.last.end as u64, walk.last.end as u64);
    journal.lot.advance(journal.length);
    disk.sync_dir(dir)?;
    let torn_bytes = scan::written(&bytes).saturating_sub(walk.last.end) as u64;
    Ok(Reopened { journal, closed, torn_bytes })
}

/// Takes away the last file if the one before it has no whole END: it was never put in use.
fn take_spare(disk: &Disk, listed: &mut Vec<Numbered>) -> Result<Option<Numbered>, Fatal> {
    let [.., before, _] = listed.as_slice() else { return Ok(None) };
    let is_in_use = scan::is_closed(&disk.read(&before.path)?, before.number);
    Ok(if is_in_use { None } else { listed.pop() })
}

fn gap(dir: &Path, what: String) -> Fatal {
    Fatal::JournalGap { dir: dir.to_path_buf(), what }
}

/// A journal file.
struct Numbered {
    number: u64,
    path: PathBuf,
}

impl Numbered {
    fn damaged(&self, offset: usize, what: &'static str) -> Fatal {
        Fatal::JournalDamaged { file: self.path.clone(), offset: offset as u64, what }
    }

    /// Whether it holds nothing but what is left of an OPENING with this head, in whatever state, as its sectors may never
    /// have been written. A file that was put in use has more in it.
    fn is_unused(&self, disk: &Disk, head: &Head) -> Result<bool, Fatal> {
        Ok(scan::written(&disk.read(&self.path)?) <= frame::opening_length(head))
    }

    /// The file's bytes, what they are, and the last answer of `visit`. A last frame that is damaged may be dropped, if
    /// somebody said so.
    fn walk(
        &self,
        disk: &Disk,
        drop_damaged_end: bool,
        visit: &mut impl FnMut(Group) -> Result<u64, Fatal>,
    ) -> Result<(Vec<u8>, Walk, u64), Fatal> {
        let bytes = disk.read(&self.path)?;
        let mut end = 0;
        let walk = scan::walk(&bytes, self.number, drop_damaged_end, |_, group| {
            end = visit(group).map_err(Stop::Visitor)?;
            Ok(())
        });
        match walk {
            Ok(walk) => Ok((bytes, walk, end)),
            Err(Stop::Visitor(fatal)) => Err(fatal),
            Err(Stop::Damage(damage)) => Err(self.damaged(damage.offset, damage.what)),
        }
    }
}

fn listed_as_it_comes(disk: &Disk, dir: &Path) -> Result<Vec<Numbered>, Fatal> {
    let mut found = Vec::new();
    for path in disk.list(dir)? {
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some(number) = name.and_then(|name| name.strip_suffix(SUFFIX)?.parse().ok()) {
            found.push(Numbered { number, path });
        }
    }
    Ok(found)
}

/// The journal's files in order; their numbers must follow each other.
fn list(disk: &Disk, dir: &Path) -> Result<Vec<Numbered>, Fatal> {
    let mut found = listed_as_it_comes(disk, dir)?;
    found.sort_by_key(|numbered| numbered.number);
    match found.windows(2).find(|pair| pair[0].number + 1 != pair[1].number) {
        Some(pair) => Err(gap(dir, format!("file {:012}{SUFFIX}", pair[0].number + 1))),
        None => Ok(found),
    }
}
