//! Reading a journal file back: which frames are whole, and whether what follows them is the trace of an interrupted
//! write or damage. The two must not be mixed up: an interrupted write was never acknowledged and is dropped, damage
//! may have hit something acknowledged and stops the start.
//!
//! An interrupted write can leave the file short, or leave whole disk sectors unwritten, which read as zeros because
//! a journal file only grows. Anything else is damage; so is a broken frame with a good one behind it, since a frame
//! is begun only when the one before it is on disk.

use std::ops::Range;

use super::frame::{self, HEADER, Header, Kind, MAGIC};
use super::{Fatal, Group};

/// The unit that disks write whole.
const SECTOR: usize = 512;

/// How a journal file ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// With a whole frame: more can follow.
    Open,
    /// With an END frame: a next file exists.
    Closed,
    /// With an interrupted write.
    Torn,
}

/// What a walk over a journal file found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Walk {
    /// Whole frames.
    pub(super) frames: usize,
    /// Where the last whole frame lies; its end is the end of the good part.
    pub(super) last: Range<usize>,
    pub(super) ending: Ending,
}

/// Damage: where in the file, and what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damage {
    pub(super) offset: usize,
    pub(super) what: &'static str,
}

/// Why a walk stopped.
#[derive(Debug)]
pub(super) enum Stop {
    Damage(Damage),
    Visitor(Fatal),
}

/// Walks over the frames of a file, showing each OPENING and GROUP to `visit` in order.
pub(super) fn walk(
    bytes: &[u8],
    file: u64,
    drop_damaged_end: bool,
    mut visit: impl FnMut(Kind, Group) -> Result<(), Stop>,
) -> Result<Walk, Stop> {
    let mut found = Walk { frames: 0, last: 0..0, ending: Ending::Open };
    while found.last.end < bytes.len() {
        let at = found.last.end;
        let damage = |what| Stop::Damage(Damage { offset: at, what });
        if found.ending == Ending::Closed {
            return Err(damage("there are bytes behind its end frame"));
        }
        let Some((header, payload)) = whole_frame(bytes, at, file) else {
            match interrupted(bytes, at, file) {
                Ok(()) => {}
                // Nothing whole follows, and whoever opens the log takes it for an interrupted write.
                Err(_) if drop_damaged_end && found.frames > 0 && !a_frame_follows(&bytes[at..], file) => {}
                Err(what) => return Err(damage(what)),
            }
            found.ending = Ending::Torn;
            return Ok(found);
        };
        if (found.frames == 0) != (header.kind == Kind::Opening) {
            return Err(damage("an opening frame is missing or out of place"));
        }
        if header.kind == Kind::End {
            found.ending = Ending::Closed;
        } else {
            let group = frame::decode_payload(header.first, payload);
            visit(header.kind, group.ok_or_else(|| damage("a frame is not laid out as it should be"))?)?;
        }
        found.frames += 1;
        found.last = at..at + HEADER + header.payload;
    }
    Ok(found)
}

fn whole_frame(bytes: &[u8], at: usize, file: u64) -> Option<(Header, &[u8])> {
    let header = Header::parse(&bytes[at..], file)?;
    let payload = bytes.get(at + HEADER..at + HEADER + header.payload)?;
    header.fits(payload).then_some((header, payload))
}

/// Checks that what begins at `at`, which is no whole frame, is the trace of an interrupted write.
fn interrupted(bytes: &[u8], at: usize, file: u64) -> Result<(), &'static str> {
    let rest = &bytes[at..];
    if let Some(header) = Header::parse(rest, file) {
        let end = at + HEADER + header.payload;
        return match end.cmp(&bytes.len()) {
            std::cmp::Ordering::Greater => Ok(()),
            std::cmp::Ordering::Equal if has_unwritten_sector(bytes, at..end) => Ok(()),
            std::cmp::Ordering::Equal => Err("the last frame's checksum does not fit"),
            std::cmp::Ordering::Less => Err("a frame's checksum does not fit, and more follows it"),
        };
    }
    if rest.len() < HEADER {
        let begun = rest.iter().zip(MAGIC).all(|(byte, magic)| *byte == magic);
        // The first sector may be there and the next not, in the midst of the magic too.
        let unwritten = has_unwritten_sector(bytes, at..bytes.len());
        return if begun || unwritten { Ok(()) } else { Err("there are stray bytes at its end") };
    }
    if !has_unwritten_sector(bytes, at..at + HEADER) {
        return Err("a frame's header is damaged");
    }
    if a_frame_follows(rest, file) {
        return Err("a frame is missing, and more follows it");
    }
    Ok(())
}

/// Whether, in some sector that the range touches, everything from the range's start on reads as zeros.
fn has_unwritten_sector(bytes: &[u8], range: Range<usize>) -> bool {
    let first = range.start / SECTOR;
    let last = (range.end - 1) / SECTOR;
    (first..=last).any(|sector| {
        let from = (sector * SECTOR).max(range.start);
        let to = ((sector + 1) * SECTOR).min(bytes.len());
        bytes[from..to].iter().all(|byte| *byte == 0)
    })
}

/// An entry can hold the bytes of a header of this very file. In a torn frame whose own header is missing that is taken for
/// a frame that follows: the start is refused although nothing is lost. The other way round would lose what was acknowledged.
fn a_frame_follows(rest: &[u8], file: u64) -> bool {
    (1..rest.len()).any(|at| rest[at..].starts_with(&MAGIC) && Header::parse(&rest[at..], file).is_some())
}

#[cfg(test)]
mod tests {
    use super::super::Head;
    use super::*;

    const FILE: u64 = 3;

    /// An opening that ends so many bytes before a sector does, and behind it the beginning of a frame.
    fn opening_then(before: usize, tail: &[u8]) -> Vec<u8> {
        let mut head = Head::empty();
        let mut bytes = Vec::new();
        loop {
            let opening = Group { first: 0, entries: Vec::new(), head: head.clone() };
            assert!(frame::encode(&mut bytes, FILE, Kind::Opening, &opening));
            if (bytes.len() + before).is_multiple_of(SECTOR) {
                bytes.extend_from_slice(tail);
                return bytes;
            }
            head.checkpoint = vec![b'x'; head.checkpoint.len() + 1].into();
        }
    }

    fn ending(bytes: &[u8]) -> Result<Ending, &'static str> {
        match walk(bytes, FILE, false, |_, _| Ok(())) {
            Ok(walk) => Ok(walk.ending),
            Err(Stop::Damage(damage)) => Err(damage.what),
            Err(Stop::Visitor(_)) => unreachable!("the visitor never fails"),
        }
    }

    #[test]
    fn a_header_torn_at_the_end_of_a_sector_is_no_damage() {
        let group = Group { first: 0, entries: Vec::new(), head: Head::empty() };
        let mut whole = Vec::new();
        assert!(frame::encode(&mut whole, FILE, Kind::Group, &group));
        for before in 1..HEADER {
            for length in 1..HEADER {
                // Each of the two sectors that the header lies in was written or not.
                for (first, second) in [(true, true), (true, false), (false, true), (false, false)] {
                    let mut tail = whole[..length].to_vec();
                    let (one, other) = tail.split_at_mut(before.min(length));
                    [(one, first), (other, second)]
                        .into_iter()
                        .filter(|part| !part.1)
                        .for_each(|part| part.0.fill(0));
                    let found = ending(&opening_then(before, &tail));
                    assert_eq!(
                        found,
                        Ok(Ending::Torn),
                        "{length} bytes, {before} in the first sector: {tail:?}"
                    );
                }
            }
        }
        assert_eq!(ending(&opening_then(3, b"HBK")), Err("there are stray bytes at its end"));
        assert_eq!(ending(&opening_then(3, b"HBJ2")), Err("there are stray bytes at its end"));
    }
}
