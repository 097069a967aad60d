//! The bytes of the journal. A journal file is a sequence of frames, all integers big-endian:
//!
//! ```text
//! header, 28 bytes                            payload, present in OPENING and GROUP
//!   magic          4  "HBJ1"                    entries         4
//!   kind           1  0 OPENING 1 GROUP 2 END   each entry: id 16, stream 8, length 2, bytes
//!   zero           3                            size            8
//!   payload length 4                            root           32
//!   first          8  position                  checkpoint length 4, checkpoint
//!   payload crc    4                            end mark        1  not zero
//!   header crc     4  over the 24 bytes before and the file's number
//! ```
//!
//! - OPENING, the first frame of each file, is a group without entries: the head when the file was begun. So the
//!   newest head survives when all older files are deleted.
//! - GROUP is what one append made durable.
//! - END closes a file once its successor is durable: when an END is there, the next file must be there too.
//!
//! The end mark is there so that the end of a frame never looks like a sector that was not written.
//! Leaf hashes are not stored: recovery computes them from the bytes, so that the root vouches for the bytes.
//! The file's number is in the checksum so that a frame is good in its own file only.

use std::sync::Arc;

use super::{Group, Head, NewEntry};
use crate::merkle::{Hash, leaf_hash};

pub(super) const HEADER: usize = 28;
pub(super) const MAGIC: [u8; 4] = *b"HBJ1";
const END_MARK: u8 = 0xe5;

/// What a frame is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Opening,
    Group,
    End,
}

impl Kind {
    fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Opening),
            1 => Some(Self::Group),
            2 => Some(Self::End),
            _ => None,
        }
    }
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
    /// Reads a header of the file with this number; `None` if it is not one.
    pub(super) fn parse(bytes: &[u8], file: u64) -> Option<Self> {
        let header = bytes.first_chunk::<HEADER>()?;
        let (covered, sum) = header.split_at(HEADER - 4);
        if covered[..4] != MAGIC || sum != header_crc(covered, file).to_be_bytes() {
            return None;
        }
        Some(Self {
            kind: Kind::from_byte(covered[4])?,
            payload: u32::from_be_bytes(*covered[8..].first_chunk()?) as usize,
            first: u64::from_be_bytes(*covered[12..].first_chunk()?),
            payload_crc: u32::from_be_bytes(*covered[20..].first_chunk()?),
        })
    }

    /// Whether these payload bytes are the ones that were written.
    pub(super) fn fits(&self, payload: &[u8]) -> bool {
        crc32fast::hash(payload) == self.payload_crc
    }
}

fn header_crc(covered: &[u8], file: u64) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(covered);
    hasher.update(&file.to_be_bytes());
    hasher.finalize()
}

/// Replaces the buffer's content by a frame. `false` if the payload would not fit into a frame.
#[must_use]
pub(super) fn encode(buffer: &mut Vec<u8>, file: u64, kind: Kind, group: &Group) -> bool {
    buffer.clear();
    buffer.resize(HEADER, 0);
    if kind != Kind::End {
        encode_payload(buffer, group);
    }
    let Ok(length) = u32::try_from(buffer.len() - HEADER) else { return false };
    let payload_crc = crc32fast::hash(&buffer[HEADER..]);
    buffer[..4].copy_from_slice(&MAGIC);
    buffer[4] = kind as u8;
    buffer[8..12].copy_from_slice(&length.to_be_bytes());
    buffer[12..20].copy_from_slice(&group.first.to_be_bytes());
    buffer[20..24].copy_from_slice(&payload_crc.to_be_bytes());
    let sum = header_crc(&buffer[..24], file);
    buffer[24..HEADER].copy_from_slice(&sum.to_be_bytes());
    true
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
    buffer.push(END_MARK);
}

/// Reads a payload; `None` if it is not laid out as described, which its checksum makes a defect and no accident.
pub(super) fn decode_payload(first: u64, payload: &[u8]) -> Option<Group> {
    let mut rest = payload;
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
    (rest == [END_MARK]).then_some(Group { first, entries, head: Head { size, root, checkpoint } })
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(head)
}
