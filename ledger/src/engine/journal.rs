//! The journal: append-only files of framed groups, each synced before it is acknowledged.
//!
//! The order that survives any power cut:
//! - a new file is created, given its OPENING frame, synced, and its directory synced, before the old one gets its
//!   END frame; groups go into it only after that END is synced;
//! - at open, an interrupted write is cut off and the cut synced before anything else is created;
//! - at open, the last frame is written once more and synced: the process before this one may have died, or its sync
//!   may have failed, between writing and acknowledging, and what is about to be published must be durable.

use std::path::{Path, PathBuf};

use super::frame::{self, HEADER, Header, Kind};
use super::scan::{self, Ending, Stop, Walk};
use super::{Fatal, Group, Head, OpenOptions, Planted};
use crate::disk::{Disk, DiskFile};

const SUFFIX: &str = ".journal";

/// A journal file that is complete: it can go when everything below `end` is sealed for certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Closed {
    pub(super) path: PathBuf,
    pub(super) end: u64,
}

/// The file being written. Owned by the writer's thread.
pub(super) struct Journal {
    dir: PathBuf,
    file: DiskFile,
    number: u64,
    length: u64,
    limit: u64,
    buffer: Vec<u8>,
    skip_sync: bool,
}

impl Journal {
    /// Creates a file that begins with this head, durably.
    pub(super) fn create(dir: &Path, number: u64, head: &Head, options: &OpenOptions) -> Result<Self, Fatal> {
        let file = options.disk.create(&dir.join(format!("{number:012}{SUFFIX}")))?;
        let mut journal = Self::over(dir, file, number, options);
        journal.skip_sync = false;
        let opening = Group { first: head.size, entries: Vec::new(), head: head.clone() };
        journal.write(Kind::Opening, &opening)?;
        journal.file.sync_all()?;
        options.disk.sync_dir(dir)?;
        journal.skip_sync = options.has(Planted::MissingSync);
        Ok(journal)
    }

    fn over(dir: &Path, file: DiskFile, number: u64, options: &OpenOptions) -> Self {
        Self {
            dir: dir.to_path_buf(),
            file,
            number,
            length: 0,
            limit: options.journal_bytes,
            buffer: Vec::new(),
            skip_sync: options.has(Planted::MissingSync),
        }
    }

    /// Whether the next group belongs into a new file.
    pub(super) fn is_full(&self) -> bool {
        self.length >= self.limit
    }

    /// Writes a group and waits until the disk has it.
    pub(super) fn append(&mut self, group: &Group) -> Result<(), Fatal> {
        self.write(Kind::Group, group)
    }

    /// Goes on in a new file; the head is the newest one.
    pub(super) fn rotate(&mut self, head: &Head, options: &OpenOptions) -> Result<Closed, Fatal> {
        let next = Self::create(&self.dir, self.number + 1, head, options)?;
        let end = Group { first: head.size, entries: Vec::new(), head: head.clone() };
        self.write(Kind::End, &end)?;
        let old = std::mem::replace(self, next);
        Ok(Closed { path: old.file.path().to_path_buf(), end: head.size })
    }

    fn write(&mut self, kind: Kind, group: &Group) -> Result<(), Fatal> {
        let mut buffer = std::mem::take(&mut self.buffer);
        if !frame::encode(&mut buffer, self.number, kind, group) {
            return Err(Fatal::BadGroup { first: group.first, reason: "it has more than 4 GiB" });
        }
        self.file.write_at(&buffer, self.length)?;
        self.sync()?;
        self.length += buffer.len() as u64;
        self.buffer = buffer;
        Ok(())
    }

    fn sync(&self) -> Result<(), Fatal> {
        if self.skip_sync {
            return Ok(());
        }
        Ok(self.file.sync_data()?)
    }
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
        [only] if only.0 == 0 => only.is_unused(disk),
        _ => Ok(false),
    }
}

/// Removes what an interrupted creation left.
pub(super) fn clear_blank(disk: &Disk, dir: &Path) -> Result<(), Fatal> {
    for numbered in list(disk, dir)? {
        disk.remove_if_there(&numbered.1)?;
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
    drop_unused_last(disk, dir, &mut listed)?;
    let last = listed.pop().ok_or_else(|| gap(dir, "all its files".to_owned()))?;
    let mut expected = None;
    let mut chained = |group: Group| {
        if expected.is_some_and(|expected| expected != group.first) {
            let first = group.first;
            return Err(gap(dir, format!("the entries between {} and {first}", expected.unwrap_or(first))));
        }
        expected = Some(group.first + group.entries.len() as u64);
        visit(group)?;
        Ok(expected.unwrap_or_default())
    };
    let mut closed = Vec::new();
    for numbered in listed {
        let (bytes, walk, end) = numbered.walk(disk, &mut chained)?;
        if walk.ending != Ending::Closed {
            return Err(numbered.damaged(walk.last.end, "its end frame is missing, and there is a next file"));
        }
        if numbered.0 + 1 == last.0 {
            // Its END may not have reached the disk, and what goes into the next file relies on it.
            settle(&disk.open_to_write(&numbered.1)?, &bytes, &walk)?;
        }
        closed.push(Closed { path: numbered.1, end });
    }
    let (bytes, walk, _) = last.walk_last(disk, options.drop_damaged_end, &mut chained)?;
    if walk.frames == 0 {
        return Err(last.damaged(0, "its opening frame is missing"));
    }
    if walk.ending == Ending::Closed {
        return Err(gap(
            dir,
            format!("file {:012}{SUFFIX}, although the one before it is closed", last.0 + 1),
        ));
    }
    let mut journal = Journal::over(dir, disk.open_to_write(&last.1)?, last.0, options);
    settle(&journal.file, &bytes, &walk)?;
    journal.length = walk.last.end as u64;
    disk.sync_dir(dir)?;
    Ok(Reopened { journal, closed, torn_bytes: (bytes.len() - walk.last.end) as u64 })
}

/// A crash between creating a file and closing the one before it leaves a file that nothing was written to.
fn drop_unused_last(disk: &Disk, dir: &Path, listed: &mut Vec<Numbered>) -> Result<(), Fatal> {
    let [.., before, last] = listed.as_slice() else { return Ok(()) };
    let before_bytes = disk.read(&before.1)?;
    let tail = before_bytes.len().checked_sub(HEADER).map(|at| &before_bytes[at..]);
    let is_closed = tail.and_then(|tail| Header::parse(tail, before.0)).is_some_and(|h| h.kind == Kind::End);
    if is_closed {
        return Ok(());
    }
    if !last.is_unused(disk)? {
        return Err(
            before.damaged(before_bytes.len(), "its end frame is missing, and the next file is in use")
        );
    }
    disk.remove_file(&last.1)?;
    disk.sync_dir(dir)?;
    listed.pop();
    Ok(())
}

fn gap(dir: &Path, what: String) -> Fatal {
    Fatal::JournalGap { dir: dir.to_path_buf(), what }
}

/// A journal file and its number.
struct Numbered(u64, PathBuf);

impl Numbered {
    fn damaged(&self, offset: usize, what: &'static str) -> Fatal {
        Fatal::JournalDamaged { file: self.1.clone(), offset: offset as u64, what }
    }

    fn is_unused(&self, disk: &Disk) -> Result<bool, Fatal> {
        let (_, walk, _) = self.walk(disk, &mut |_| Ok(0))?;
        Ok(walk.frames == 0 || (walk.frames == 1 && walk.ending == Ending::Open))
    }

    /// The file's bytes, what they are, and the last answer of `visit`.
    fn walk(
        &self,
        disk: &Disk,
        visit: &mut impl FnMut(Group) -> Result<u64, Fatal>,
    ) -> Result<(Vec<u8>, Walk, u64), Fatal> {
        self.walk_last(disk, false, visit)
    }

    /// The same; a last frame that is damaged may be dropped, if somebody said so.
    fn walk_last(
        &self,
        disk: &Disk,
        drop_damaged_end: bool,
        visit: &mut impl FnMut(Group) -> Result<u64, Fatal>,
    ) -> Result<(Vec<u8>, Walk, u64), Fatal> {
        let bytes = disk.read(&self.1)?;
        let mut end = 0;
        let walk = scan::walk(&bytes, self.0, drop_damaged_end, |_, group| {
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
            found.push(Numbered(number, path));
        }
    }
    Ok(found)
}

/// The journal's files in order; their numbers must follow each other.
fn list(disk: &Disk, dir: &Path) -> Result<Vec<Numbered>, Fatal> {
    let mut found = listed_as_it_comes(disk, dir)?;
    found.sort_by_key(|numbered| numbered.0);
    match found.windows(2).find(|pair| pair[0].0 + 1 != pair[1].0) {
        Some(pair) => Err(gap(dir, format!("file {:012}{SUFFIX}", pair[0].0 + 1))),
        None => Ok(found),
    }
}
