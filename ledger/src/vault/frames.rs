//! An append-only file of checksummed frames, one frame per durable write.
//!
//! ```text
//! file   = kind (8) || vault id (16) || check (16) || crc32 of these (4) || frame*
//! frame  = "HBF1" || body length (u32 LE) || crc32 of the body || crc32 of the 12 bytes before || body
//! ```
//!
//! Callers that arrive while a frame is being synced are gathered into the next one, so they share its
//! fdatasync. A frame is only begun when the one before is durable; therefore a crash can harm at most
//! the last frame, which nobody was told about, and a bad frame with anything after it is damage.
//!
//! Room for a frame is set aside before it is begun: a full disk refuses it whole, and the file is as it was.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use sha2::{Digest as _, Sha256};

use super::error::VaultError;
use crate::disk::{self, Disk, DiskError, DiskFile, Lot};

pub(super) const HEADER_LEN: usize = 44;
pub(super) const FRAME_HEAD: usize = 16;
/// The largest body; a reader never allocates more than this for what a file claims.
pub(super) const MAX_BODY: usize = 64 << 20;
const MAGIC: &[u8; 4] = b"HBF1";
/// Room beyond what was asked for, for frames that several share.
const SLACK: u64 = 64;

/// What a file says about itself at its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileHeader {
    pub(super) kind: [u8; 8],
    pub(super) vault_id: [u8; 16],
    /// Proves that a master key is the right one. Zero where none is needed.
    pub(super) check: [u8; 16],
}

impl FileHeader {
    pub(super) fn encode(&self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[..8].copy_from_slice(&self.kind);
        bytes[8..24].copy_from_slice(&self.vault_id);
        bytes[24..40].copy_from_slice(&self.check);
        let crc = crc32fast::hash(&bytes[..40]);
        bytes[40..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8; HEADER_LEN], kind: &[u8; 8]) -> Option<FileHeader> {
        let (fields, crc) = bytes.split_at(40);
        if crc != crc32fast::hash(fields).to_le_bytes() || &fields[..8] != kind {
            return None;
        }
        Some(FileHeader {
            kind: *kind,
            vault_id: fields[8..24].try_into().ok()?,
            check: fields[24..].try_into().ok()?,
        })
    }
}

/// How much of a file there is: where its last frame ends, and a hash over the sums of all frames up to there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) end: u64,
    pub(super) chain: [u8; 32],
}

impl Extent {
    /// No frame yet.
    pub(super) const EMPTY: Self = Self { end: HEADER_LEN as u64, chain: [0; 32] };

    /// The same with one more frame.
    pub(super) fn with(self, body: &[u8]) -> Self {
        let link = Sha256::new()
            .chain_update(self.chain)
            .chain_update((body.len() as u64).to_be_bytes())
            .chain_update(crc32fast::hash(body).to_be_bytes());
        Self { end: self.end + (FRAME_HEAD + body.len()) as u64, chain: link.finalize().into() }
    }
}

/// Callers' bytes that wait for the next frame. `T` is what each caller wants published about a record.
struct Queue<T> {
    batch: u64,
    body: Vec<u8>,
    notes: Vec<(usize, T)>,
}

/// Owned by whoever holds the lock: the one caller that writes and syncs for all.
struct Writer {
    /// All batches below this one are durable and published.
    done: u64,
    extent: Extent,
    stopped: bool,
}

pub(super) struct FramedFile<T> {
    disk: Disk,
    pub(super) path: PathBuf,
    pub(super) header: FileHeader,
    file: RwLock<Arc<DiskFile>>,
    lot: Lot,
    queue: Mutex<Queue<T>>,
    writer: Mutex<Writer>,
}

impl<T> FramedFile<T> {
    /// Makes an empty file, durably; replaces what is there.
    pub(super) fn create(disk: &Disk, path: &Path, header: FileHeader) -> Result<(), VaultError> {
        Ok(disk.replace(path, &[&header.encode()])?)
    }

    /// Opens the file, shows each frame's body with its offset to `visit`, and cuts off a torn last frame, unless
    /// `begins` objects, which is told whether the file begins with one of the `known` extents and where it ends.
    /// Returns the number of bytes cut off too.
    pub(super) fn open(
        disk: &Disk,
        path: &Path,
        kind: &[u8; 8],
        known: &[Extent],
        begins: impl FnOnce(bool, u64) -> Result<(), VaultError>,
        mut visit: impl FnMut(u64, &[u8]) -> Result<(), VaultError>,
    ) -> Result<(FramedFile<T>, u64), VaultError> {
        disk.remove_if_there(&disk::successor(path))?;
        let file = disk.open_to_write(path)?;
        let header = read_header(&file, kind)?;
        let length = file.len()?;
        let mut extent = Extent::EMPTY;
        let mut is_known = known.contains(&extent);
        let last = scan(&file, length, &mut |offset, body| {
            extent = extent.with(body);
            is_known |= known.contains(&extent);
            visit(offset, body)
        })?;
        let end = last.end;
        begins(is_known, end)?;
        if end < length {
            tracing::warn!(path = %path.display(), bytes = length - end, "cut off a write that a crash interrupted");
        }
        settle(disk, &file, &header, last)?;
        let file = Arc::new(file);
        let framed = FramedFile {
            disk: disk.clone(),
            path: path.to_owned(),
            header,
            lot: Lot::new(Arc::clone(&file), end, SLACK),
            file: RwLock::new(file),
            queue: Mutex::new(Queue { batch: 1, body: Vec::new(), notes: Vec::new() }),
            writer: Mutex::new(Writer { done: 0, extent, stopped: false }),
        };
        Ok((framed, length - end))
    }

    /// How much of it is durable.
    pub(super) fn extent(&self) -> Extent {
        self.writer.lock().extent
    }

    /// Promises room for bodies that have so many bytes, each in a frame of its own with [`FRAME_HEAD`] more.
    pub(super) fn promise(&self, bytes: u64) -> Result<(), VaultError> {
        self.lot.promise(bytes).map_err(VaultError::no_room)
    }

    /// Takes a promise back.
    pub(super) fn give_back(&self, bytes: u64) {
        self.lot.give_back(bytes);
    }

    /// Makes sure of room for a body to be committed now.
    pub(super) fn make_room(&self, bytes: usize) -> Result<(), VaultError> {
        self.lot.make_room((FRAME_HEAD + bytes) as u64).map_err(VaultError::no_room)
    }

    /// Makes `body` durable, alone or together with other callers' bodies. Before anyone returns, `publish`
    /// is called once with the file offset of the joint body and every caller's notes. After [`VaultError::Full`] it may
    /// become durable together with a later one.
    pub(super) fn commit(
        &self,
        body: &[u8],
        notes: Vec<(usize, T)>,
        publish: impl Fn(u64, Vec<(usize, T)>),
    ) -> Result<(), VaultError> {
        let Some(batch) = self.enqueue(body, notes, &publish)? else { return Ok(()) };
        self.settle(batch, &publish)
    }

    /// Waits until everything that was handed in before is durable.
    pub(super) fn barrier(&self, publish: impl Fn(u64, Vec<(usize, T)>)) -> Result<(), VaultError> {
        let batch = self.queue.lock().batch;
        self.settle(batch, &publish)
    }

    fn enqueue(
        &self,
        body: &[u8],
        notes: Vec<(usize, T)>,
        publish: &impl Fn(u64, Vec<(usize, T)>),
    ) -> Result<Option<u64>, VaultError> {
        if body.is_empty() {
            return Ok(None);
        }
        assert!(body.len() <= MAX_BODY, "callers bound what they write at once");
        loop {
            let mut queue = self.queue.lock();
            if queue.body.len() + body.len() <= MAX_BODY {
                let base = queue.body.len();
                queue.body.extend_from_slice(body);
                queue.notes.extend(notes.into_iter().map(|(at, note)| (base + at, note)));
                return Ok(Some(queue.batch));
            }
            let full = queue.batch;
            drop(queue);
            self.settle(full, publish)?;
        }
    }

    /// Returns once `batch` is durable: written here, or by the caller who held the lock before.
    fn settle(&self, batch: u64, publish: &impl Fn(u64, Vec<(usize, T)>)) -> Result<(), VaultError> {
        let mut writer = self.writer.lock();
        if writer.done >= batch {
            return Ok(());
        }
        if writer.stopped {
            return Err(VaultError::Stopped(self.path.clone()));
        }
        let (taken, body, notes) = {
            let mut queue = self.queue.lock();
            if !queue.body.is_empty() {
                self.make_room(queue.body.len())?;
            }
            let taken = queue.batch;
            queue.batch += 1;
            (taken, std::mem::take(&mut queue.body), std::mem::take(&mut queue.notes))
        };
        if !body.is_empty() {
            // After a failed write or sync nobody knows what is on the disk: stop until reopened.
            writer.stopped = true;
            self.write_frame(writer.extent.end, &body)?;
            writer.stopped = false;
            publish(writer.extent.end + FRAME_HEAD as u64, notes);
            writer.extent = writer.extent.with(&body);
            self.lot.advance(writer.extent.end);
        }
        writer.done = taken;
        Ok(())
    }

    fn write_frame(&self, at: u64, body: &[u8]) -> Result<(), VaultError> {
        let file = self.file.read().clone();
        file.write_at(&frame(body), at)?;
        Ok(file.sync_data()?)
    }

    /// Reads `length` bytes at `offset`.
    pub(super) fn read_at(&self, offset: u64, length: usize) -> Result<Vec<u8>, VaultError> {
        let mut bytes = vec![0; length];
        let file = self.file.read().clone();
        file.read_at(&mut bytes, offset).map_err(|error| match error.source.kind() {
            io::ErrorKind::UnexpectedEof => {
                VaultError::Damaged { path: self.path.clone(), offset, what: "the file became shorter" }
            }
            _ => error.into(),
        })?;
        Ok(bytes)
    }

    /// Replaces the whole content by `bodies`, crash-safely, and returns the file that was replaced; `before` is told
    /// the old and the new extent before the new one takes the old one's place.
    /// No commit may run at the same time (the vault's gate sees to it).
    pub(super) fn replace(
        &self,
        bodies: impl Iterator<Item = Result<Vec<u8>, VaultError>>,
        before: impl FnOnce(Extent, Extent) -> Result<(), VaultError>,
    ) -> Result<Arc<DiskFile>, VaultError> {
        let mut writer = self.writer.lock();
        if writer.stopped {
            return Err(VaultError::Stopped(self.path.clone()));
        }
        let new = write_successor(&self.disk, &self.path, &self.header, bodies);
        let (new, extent) = new.map_err(VaultError::if_nothing_was_done)?;
        let new = Arc::new(new);
        before(writer.extent, extent)?;
        // There must be room in it for what was promised.
        self.lot.move_to(Arc::clone(&new), extent.end).map_err(|error| {
            let _ = self.disk.remove_file(&disk::successor(&self.path));
            VaultError::no_room(error)
        })?;
        // A failed rename or directory sync leaves open which file a restart will see.
        self.disk.put_in_place(&self.path).inspect_err(|_| writer.stopped = true)?;
        writer.extent = extent;
        Ok(std::mem::replace(&mut *self.file.write(), new))
    }
}

/// Writes the successor of a file with these bodies, durably; those that are empty are passed over.
pub(super) fn write_successor(
    disk: &Disk,
    path: &Path,
    header: &FileHeader,
    bodies: impl Iterator<Item = Result<Vec<u8>, VaultError>>,
) -> Result<(DiskFile, Extent), VaultError> {
    let mut extent = Extent::EMPTY;
    let file = disk.write_successor(path, |file| {
        file.append(&header.encode())?;
        for body in bodies.filter(|body| body.as_ref().map_or(true, |body| !body.is_empty())) {
            let body = body?;
            file.append(&frame(&body))?;
            extent = extent.with(&body);
        }
        Ok::<(), VaultError>(())
    })?;
    Ok((file, extent))
}

/// Frames `body` for writing.
pub(super) fn frame(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(FRAME_HEAD + body.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&(body.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&crc32fast::hash(body).to_le_bytes());
    let crc = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&crc.to_le_bytes());
    bytes.extend_from_slice(body);
    bytes
}

pub(super) fn read_header(file: &DiskFile, kind: &[u8; 8]) -> Result<FileHeader, VaultError> {
    let mut bytes = [0; HEADER_LEN];
    let damaged = |what| VaultError::Damaged { path: file.path().to_owned(), offset: 0, what };
    file.read_at(&mut bytes, 0).map_err(|error| match error.source.kind() {
        io::ErrorKind::UnexpectedEof => damaged("the file is shorter than its header"),
        _ => error.into(),
    })?;
    FileHeader::decode(&bytes, kind)
        .ok_or_else(|| damaged("not a file of this kind, or its header is broken"))
}

/// Makes durable what is about to be relied on: cuts an interrupted write off and writes the last frame (the header, where
/// there is none) once more. The process before this one may have died, or its sync may have failed, in between.
fn settle(disk: &Disk, file: &DiskFile, header: &FileHeader, last: Range<u64>) -> Result<(), VaultError> {
    let mut bytes = header.encode().to_vec();
    if last.start > 0 {
        bytes.resize((last.end - last.start) as usize, 0);
        file.read_at(&mut bytes, last.start)?;
    }
    file.set_len(last.end)?;
    file.write_at(&bytes, last.start)?;
    file.sync_all()?;
    Ok(disk.sync_dir(disk::parent(file.path()))?)
}

/// The body length and checksum that a frame head announces, if the head is whole.
fn read_head(head: &[u8]) -> Option<(usize, u32)> {
    let word = |at: usize| Some(u32::from_le_bytes(head.get(at..at + 4)?.try_into().ok()?));
    if head.get(..4)? != MAGIC || word(12)? != crc32fast::hash(&head[..12]) {
        return None;
    }
    let length = word(4)? as usize;
    (1..=MAX_BODY).contains(&length).then_some((length, word(8)?))
}

/// Visits all whole frames and returns where the last of them lies; the header, if there is none.
pub(super) fn scan(
    file: &DiskFile,
    length: u64,
    visit: &mut impl FnMut(u64, &[u8]) -> Result<(), VaultError>,
) -> Result<Range<u64>, VaultError> {
    let mut last = 0..HEADER_LEN as u64;
    let mut body = Vec::new();
    let damaged = |offset, what| VaultError::Damaged { path: file.path().to_owned(), offset, what };
    while length - last.end >= FRAME_HEAD as u64 {
        let at = last.end;
        let mut head = [0; FRAME_HEAD];
        file.read_at(&mut head, at)?;
        let Some((size, crc)) = read_head(&head) else {
            return match a_head_follows(file, at + 1, length)? {
                true => Err(damaged(at, "a broken record with whole ones behind it")),
                false => Ok(last),
            };
        };
        let start = at + FRAME_HEAD as u64;
        let next = start + size as u64;
        if next > length {
            return Ok(last);
        }
        body.resize(size, 0);
        file.read_at(&mut body, start)?;
        if crc32fast::hash(&body) != crc {
            return match next == length {
                true => Ok(last),
                false => Err(damaged(at, "a checksum does not match")),
            };
        }
        visit(start, &body)?;
        last = at..next;
    }
    Ok(last)
}

/// Whether a whole frame head lies anywhere between `from` and `length`.
fn a_head_follows(file: &DiskFile, from: u64, length: u64) -> Result<bool, DiskError> {
    const WINDOW: u64 = 1 << 20;
    let mut at = from;
    while at + FRAME_HEAD as u64 <= length {
        let mut window = vec![0; (length - at).min(WINDOW) as usize];
        file.read_at(&mut window, at)?;
        if window.windows(FRAME_HEAD).any(|head| read_head(head).is_some()) {
            return Ok(true);
        }
        at += (window.len() - FRAME_HEAD + 1) as u64;
    }
    Ok(false)
}
