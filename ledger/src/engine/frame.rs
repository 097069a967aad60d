//! The bytes of the journal. A journal file is a sequence of frames, all integers big-endian:
//!
//! ```text
//! header, 44 bytes                            payload
//!   magic          4  "HBJ2"                    in OPENING and GROUP, masked:
//!   kind           1  0 OPENING 1 GROUP 2 END     entries         4
//!   zero           3                              each entry: id 16, stream 8, length 2, bytes
//!   payload length 4                              size            8
//!   first          8  position                    root            32
//!   nonce          16 of the file                 checkpoint length 4, checkpoint
//!   payload crc    4  as it lies there, without in all, not masked:
//!                     the end mark                end mark        8  e5, none of them zero
//!   header crc     4  over the 40 bytes before
//!                     and the file's number
//! ```
//!
//! - OPENING, the first frame of each file, is a group without entries: the head when the file was begun. So the
//!   newest head survives when all older files are deleted.
//! - GROUP is what one append made durable.
//! - END closes a file once its successor is durable: when an END is there, the next file must be there too.
//!
//! The end mark is there so that the end of a frame never looks as if it had not been written. When a write stops in the
//! midst of the mark, all that matters is there.
//! Leaf hashes are not stored: recovery computes them from the bytes, so that the root vouches for the bytes.
//! The file's number is in the checksum so that a frame is good in its own file only.
//!
//! What tells an interrupted write from damage are sectors of zeros and headers that follow, and entries come from
//! strangers. So each file has a nonce that no submitter can know ([`super::Secret`]): the OPENING tells it, every header
//! repeats it, and payloads are masked with it (exclusive or, over and over). No entry can then lie on the disk as a header of
//! the file, or as a sector of zeros.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::contract::{Group, Head, NewEntry};
use super::options::Secret;
use crate::merkle::{Hash, leaf_hash};

pub(super) const HEADER: usize = 44;
pub(super) const MAGIC: [u8; 4] = *b"HBJ2";
const END_MARK: [u8; 8] = [0xe5; 8];
/// The bytes of the end mark.
pub(super) const MARK: usize = END_MARK.len();
/// An END frame, all of it.
pub(super) const END_FRAME: usize = HEADER + MARK;

/// What is peculiar to a journal file, so that nobody can make up a part of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct FileMark {
    pub(super) number: u64,
    pub(super) nonce: [u8; 16],
}

impl FileMark {
    /// The mark of a new file that begins with this head. A file that is made again, because the first one was never put in
    /// use, is made by another process, hence with another secret.
    pub(super) fn new(secret: &Secret, number: u64, head: &Head) -> Self {
        let hash = Sha256::new()
            .chain_update(b"hourbook/journal/nonce/v1")
            .chain_update(secret.0)
            .chain_update(number.to_be_bytes())
            .chain_update(head.size.to_be_bytes())
            .chain_update(head.root)
            .finalize();
        Self { number, nonce: *hash.first_chunk().expect("a digest has 32 bytes") }
    }

    /// Reads it from a file's first header; `None` if that is damaged or of another file.
    pub(super) fn of(bytes: &[u8], number: u64) -> Option<Self> {
        let nonce = *bytes.get(NONCE)?.first_chunk()?;
        let mark = Self { number, nonce };
        Header::parse(bytes, &mark).map(|_| mark)
    }

    /// Masks a payload, or takes the mask off.
    fn mask(&self, payload: &mut [u8]) {
        for chunk in payload.chunks_mut(self.nonce.len()) {
            chunk.iter_mut().zip(self.nonce).for_each(|(byte, mask)| *byte ^= mask);
        }
    }
}

/// Where the nonce lies in a header.
const NONCE: std::ops::Range<usize> = 20..36;

/// What a frame is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "fuzzing"), expect(unreachable_pub, reason = "only fuzz targets reach it"))]
pub enum Kind {
    /// The first of a file.
    Opening,
    /// A group.
    Group,
    /// The last of a file.
    End,
}

/// A header whose checksum fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) payload: usize,
    pub(super) first: u64,
    payload_crc: u32,
}

impl Header {
    /// Reads a header of this file; `None` if it is not one.
    pub(super) fn parse(bytes: &[u8], file: &FileMark) -> Option<Self> {
        let header = bytes.first_chunk::<HEADER>()?;
        let (covered, sum) = header.split_at(HEADER - 4);
        if covered[..4] != MAGIC || covered[NONCE] != file.nonce {
            return None;
        }
        if sum != header_crc(covered, file.number).to_be_bytes() {
            return None;
        }
        Some(Self {
            kind: *[Kind::Opening, Kind::Group, Kind::End].get(usize::from(covered[4]))?,
            payload: u32::from_be_bytes(*covered[8..].first_chunk()?) as usize,
            first: u64::from_be_bytes(*covered[12..].first_chunk()?),
            payload_crc: u32::from_be_bytes(*covered[36..].first_chunk()?),
        })
    }

    /// Whether these payload bytes are the ones that were written, but for an end mark that breaks off.
    pub(super) fn fits(&self, payload: &[u8]) -> bool {
        let Some((payload, mark)) = payload.split_last_chunk::<MARK>() else { return false };
        let marked = mark.iter().position(|byte| *byte != END_MARK[0]).unwrap_or(MARK);
        mark[marked..].iter().all(|byte| *byte == 0) && crc32fast::hash(payload) == self.payload_crc
    }
}

fn header_crc(covered: &[u8], number: u64) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(covered);
    hasher.update(&number.to_be_bytes());
    hasher.finalize()
}

/// Replaces the buffer's content by a frame. `false` if the payload would not fit into a frame.
#[must_use]
pub(super) fn encode(buffer: &mut Vec<u8>, file: &FileMark, kind: Kind, group: &Group) -> bool {
    buffer.clear();
    buffer.resize(HEADER, 0);
    if kind != Kind::End {
        encode_payload(buffer, group);
        file.mask(&mut buffer[HEADER..]);
    }
    let payload_crc = crc32fast::hash(&buffer[HEADER..]);
    buffer.extend_from_slice(&END_MARK);
    let Ok(length) = u32::try_from(buffer.len() - HEADER) else { return false };
    buffer[..4].copy_from_slice(&MAGIC);
    buffer[4] = kind as u8;
    buffer[8..12].copy_from_slice(&length.to_be_bytes());
    buffer[12..20].copy_from_slice(&group.first.to_be_bytes());
    buffer[NONCE].copy_from_slice(&file.nonce);
    buffer[36..40].copy_from_slice(&payload_crc.to_be_bytes());
    let sum = header_crc(&buffer[..40], file.number);
    buffer[40..HEADER].copy_from_slice(&sum.to_be_bytes());
    true
}

/// The bytes of an OPENING frame with this head.
pub(super) fn opening_length(head: &Head) -> usize {
    HEADER + 4 + 8 + 32 + 4 + head.checkpoint.len() + MARK
}

fn encode_payload(buffer: &mut Vec<u8>, group: &Group) {
    buffer.extend_from_slice(&(group.entries.len() as u32).to_be_bytes());
    for entry in &group.entries {
        buffer.extend_from_slice(&entry.id);
        buffer.extend_from_slice(&entry.stream.to_be_bytes());
        buffer.extend_from_slice(&(entry.bytes.len() as u16).to_be_bytes());
        buffer.extend_from_slice(&entry.bytes);
    }
    buffer.extend_from_slice(&group.head.size.to_be_bytes());
    buffer.extend_from_slice(&group.head.root);
    buffer.extend_from_slice(&(group.head.checkpoint.len() as u32).to_be_bytes());
    buffer.extend_from_slice(&group.head.checkpoint);
}

/// Reads a payload; `None` if it is not laid out as described, which its checksum makes a defect and no accident.
pub(super) fn decode_payload(file: &FileMark, first: u64, payload: &[u8]) -> Option<Group> {
    let (masked, _) = payload.split_last_chunk::<MARK>()?;
    let mut payload = masked.to_vec();
    file.mask(&mut payload);
    let mut rest = payload.as_slice();
    let count = u32::from_be_bytes(*take(&mut rest)?);
    let mut entries = Vec::with_capacity((count as usize).min(super::MAX_GROUP_ENTRIES));
    for _ in 0..count {
        let id = *take::<16>(&mut rest)?;
        let stream = u64::from_be_bytes(*take(&mut rest)?);
        let length = u16::from_be_bytes(*take(&mut rest)?);
        let bytes = rest.split_off(..usize::from(length))?;
        entries.push(NewEntry { id, stream, leaf: leaf_hash(bytes), bytes: Arc::from(bytes) });
    }
    let size = u64::from_be_bytes(*take(&mut rest)?);
    let root: Hash = *take(&mut rest)?;
    let length = u32::from_be_bytes(*take(&mut rest)?);
    let checkpoint = Arc::from(rest.split_off(..length as usize)?);
    rest.is_empty().then_some(Group { first, entries, head: Head { size, root, checkpoint } })
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(head)
}
