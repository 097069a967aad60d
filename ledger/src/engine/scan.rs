//! Reading a journal file back: which frames are whole, and whether what follows them is the trace of an interrupted
//! write or damage. The two must not be mixed up: an interrupted write was never acknowledged and is dropped, damage
//! may have hit something acknowledged and stops the start.
//!
//! A file is written over zeros that were laid out ahead, and grows when they are used up: what lies behind its frames reads
//! as zeros. So an interrupted write can leave the file short, or leave its end or whole disk sectors unwritten, which read
//! as zeros.
//! Anything else is damage; so is a broken frame with a good one behind it, since a frame is begun only when the one before
//! it is on disk.

use std::ops::Range;

use super::contract::Group;
use super::error::Fatal;
use super::frame::{self, END_FRAME, FileMark, HEADER, Header, Kind, MAGIC, MARK};

/// The unit that disks write whole.
const SECTOR: usize = 512;

/// How a journal file ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// With a whole frame, and perhaps zeros: more can follow.
    Open,
    /// With an END frame, and perhaps zeros: a next file exists.
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

/// Where the zeros begin that a file ends with.
pub(super) fn written(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
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
    number: u64,
    drop_damaged_end: bool,
    mut visit: impl FnMut(Kind, Group) -> Result<(), Stop>,
) -> Result<Walk, Stop> {
    let (file, written) = (FileMark::of(bytes, number), written(bytes));
    let mut found = Walk { frames: 0, last: 0..0, ending: Ending::Open };
    while found.last.end < written {
        let at = found.last.end;
        let damage = |what| Stop::Damage(Damage { offset: at, what });
        if found.ending == Ending::Closed {
            return Err(damage("there are bytes behind its end frame"));
        }
        let whole = file.as_ref().and_then(|file| Some((file, whole_frame(bytes, at, file)?)));
        let Some((file, (header, payload))) = whole else {
            let file = file.as_ref();
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
            let group = frame::decode_payload(file, header.first, payload);
            visit(header.kind, group.ok_or_else(|| damage("a frame is not laid out as it should be"))?)?;
        }
        found.frames += 1;
        found.last = at..at + HEADER + header.payload;
    }
    Ok(found)
}

/// Whether a file ends with a whole END frame. If it does not, its successor was never put in use.
pub(super) fn is_closed(bytes: &[u8], number: u64) -> bool {
    let Some(file) = FileMark::of(bytes, number) else { return false };
    // Its end mark may break off.
    (0..=MARK).any(|lost| {
        let at = (written(bytes) + lost).checked_sub(END_FRAME);
        let end = at.and_then(|at| whole_frame(bytes, at, &file));
        end.is_some_and(|(header, _)| header.kind == Kind::End)
    })
}

fn whole_frame<'a>(bytes: &'a [u8], at: usize, file: &FileMark) -> Option<(Header, &'a [u8])> {
    let header = Header::parse(&bytes[at..], file)?;
    let payload = bytes.get(at + HEADER..at + HEADER + header.payload)?;
    header.fits(payload).then_some((header, payload))
}

/// Checks that what begins at `at`, which is no whole frame, is the trace of an interrupted write. Without the mark of
/// the file, which its first header has, no header can be read.
fn interrupted(bytes: &[u8], at: usize, file: Option<&FileMark>) -> Result<(), &'static str> {
    let rest = &bytes[at..];
    if let Some(header) = file.and_then(|file| Header::parse(rest, file)) {
        let end = at + HEADER + header.payload;
        if written(bytes) > end {
            return Err("a frame's checksum does not fit, and more follows it");
        }
        // An error can stop a write anywhere, but the end mark is not zero.
        let is_cut = end > bytes.len() || bytes[end - MARK..end].iter().all(|byte| *byte == 0);
        let is_interrupted = is_cut || has_unwritten_sector(bytes, at..end);
        return if is_interrupted { Ok(()) } else { Err("the last frame's checksum does not fit") };
    }
    let written = &bytes[at..written(bytes)];
    if written.len() < HEADER {
        let begun = written.iter().zip(MAGIC).all(|(byte, magic)| *byte == magic);
        // The first sector may be there and the next not, in the midst of the magic too.
        let unwritten = has_unwritten_sector(bytes, at..(at + HEADER).min(bytes.len()));
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

/// Whether there is a header of this file further on. Nothing but a frame of its writer's can look like one: the nonce is
/// in it, and what strangers send is masked.
fn a_frame_follows(rest: &[u8], file: Option<&FileMark>) -> bool {
    let Some(file) = file else { return false };
    (1..rest.len()).any(|at| rest[at..].starts_with(&MAGIC) && Header::parse(&rest[at..], file).is_some())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{Head, NewEntry};
    use super::*;
    use crate::merkle::leaf_hash;

    const FILE: FileMark = FileMark { number: 3, nonce: *b"the file's nonce" };

    /// A frame of a file.
    fn frame_of(file: &FileMark, kind: Kind, first: u64, entries: &[&[u8]], checkpoint: &[u8]) -> Vec<u8> {
        let entry = |bytes: &&[u8]| NewEntry {
            id: [1; 16],
            stream: 1,
            leaf: leaf_hash(bytes),
            bytes: Arc::from(*bytes),
        };
        let head = Head { checkpoint: checkpoint.into(), ..Head::empty() };
        let group = Group { first, entries: entries.iter().map(entry).collect(), head };
        let mut bytes = Vec::new();
        assert!(frame::encode(&mut bytes, file, kind, &group));
        bytes
    }

    /// An opening that ends so many bytes before a sector does, and behind it the beginning of a frame.
    fn opening_then(before: usize, tail: &[u8]) -> Vec<u8> {
        let padding = (0..SECTOR).map(|length| vec![b'x'; length]);
        let mut openings = padding.map(|text| frame_of(&FILE, Kind::Opening, 0, &[], &text));
        let fits = |opening: &Vec<u8>| (opening.len() + before).is_multiple_of(SECTOR);
        [&openings.find(fits).expect("some length does"), tail].concat()
    }

    fn ending(bytes: &[u8]) -> Result<Ending, &'static str> {
        match walk(bytes, FILE.number, false, |_, _| Ok(())) {
            Ok(walk) => Ok(walk.ending),
            Err(Stop::Damage(damage)) => Err(damage.what),
            Err(Stop::Visitor(_)) => unreachable!("the visitor never fails"),
        }
    }

    #[test]
    fn a_header_torn_at_the_end_of_a_sector_is_no_damage() {
        let whole = frame_of(&FILE, Kind::Group, 0, &[], b"");
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
                    let expected = if written(&tail) == 0 { Ending::Open } else { Ending::Torn };
                    for zeros in [0, 700] {
                        tail.resize(length + zeros, 0);
                        let found = ending(&opening_then(before, &tail));
                        assert_eq!(found, Ok(expected), "{length} bytes, {before} in the first sector");
                    }
                }
            }
        }
        assert_eq!(ending(&opening_then(3, b"HBJ1")), Err("there are stray bytes at its end"));
        assert_eq!(ending(&opening_then(3, b"HBJ3")), Err("there are stray bytes at its end"));
    }

    /// Entries that look like frames, in a frame whose first sector was never written: they count for nothing, but the real
    /// header of a frame that follows does.
    #[test]
    fn no_entry_passes_for_a_frame_that_follows() {
        let guess = |nonce| FileMark { nonce, ..FILE };
        let guesses = [guess([0; 16]), guess([7; 16]), FILE];
        for (number, known) in guesses.iter().enumerate() {
            let forged = frame_of(known, Kind::Group, 0, &[b"entry"], b"");
            let forged = forged.repeat(20);
            let mut torn = opening_then(0, &frame_of(&FILE, Kind::Group, 0, &[&forged], b""));
            let begun = opening_then(0, b"").len();
            torn[begun..begun + SECTOR].fill(0);
            assert_eq!(ending(&torn), Ok(Ending::Torn), "guess {number}");
            torn.extend(frame_of(&FILE, Kind::Group, 0, &[b"entry"], b""));
            assert_eq!(ending(&torn), Err("a frame is missing, and more follows it"), "guess {number}");
        }
    }

    /// An error can stop a write at any byte, where zeros had been laid out.
    #[test]
    fn a_write_that_stopped_anywhere_is_no_damage() {
        let group = frame_of(&FILE, Kind::Group, 0, &[&[1; 700]], b"");
        for length in 1..group.len() {
            let mut tail = group[..length].to_vec();
            tail.resize(group.len() + 300, 0);
            let expected = if length < group.len() - MARK { Ending::Torn } else { Ending::Open };
            assert_eq!(ending(&opening_then(9, &tail)), Ok(expected), "after {length} bytes");
        }
    }

    /// Zeros in an entry are not zeros on the disk: damage to an acknowledged frame does not pass for a torn one.
    #[test]
    fn no_entry_passes_for_a_sector_that_was_not_written() {
        let zeros = frame_of(&FILE, Kind::Group, 0, &[&[0; 4 * SECTOR]], b"");
        let good = opening_then(0, &zeros);
        assert_eq!(ending(&good), Ok(Ending::Open));
        for at in opening_then(0, b"").len() + HEADER..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x20;
            assert_eq!(ending(&bad), Err("the last frame's checksum does not fit"), "at {at}");
        }
    }

    #[test]
    fn zeros_behind_the_frames_are_nothing() {
        let group = frame_of(&FILE, Kind::Group, 0, &[&[1; 900]], b"");
        let end = frame_of(&FILE, Kind::End, 0, &[], b"");
        let begun = opening_then(100, b"").len();
        for zeros in [1, HEADER, SECTOR, 5 * SECTOR] {
            let with = |tail: &[u8]| [&opening_then(100, tail)[..], &vec![0; zeros]].concat();
            assert_eq!(ending(&with(b"")), Ok(Ending::Open));
            assert_eq!(ending(&with(&group)), Ok(Ending::Open));
            assert_eq!(ending(&with(&end)), Ok(Ending::Closed));
            assert!(is_closed(&with(&end), FILE.number));
            // Each sector of the frame was written, or reads as before.
            let (from, to) = (begun / SECTOR, (begun + group.len()).div_ceil(SECTOR));
            for missing in 1..1 << (to - from) {
                let mut torn = with(&group);
                for sector in (from..to).filter(|sector| missing >> (sector - from) & 1 == 1) {
                    torn[(sector * SECTOR).max(begun)..((sector + 1) * SECTOR).min(begun + group.len())]
                        .fill(0);
                }
                let all = missing + 1 == 1 << (to - from);
                let expected = if all { Ending::Open } else { Ending::Torn };
                assert_eq!(ending(&torn), Ok(expected), "without sectors {missing:b}");
            }
            let mut bad = with(&group);
            bad[begun + 200] ^= 1;
            assert_eq!(ending(&bad), Err("the last frame's checksum does not fit"));
            bad.extend(&group);
            assert_eq!(ending(&bad), Err("a frame's checksum does not fit, and more follows it"));
            assert_eq!(
                ending(&[with(&end), group.clone()].concat()),
                Err("there are bytes behind its end frame")
            );
        }
    }

    #[test]
    fn a_file_is_closed_by_a_whole_end_of_its_own_and_nothing_else() {
        let end = frame_of(&FILE, Kind::End, 0, &[], b"");
        assert_eq!(end.len(), END_FRAME);
        let (begun, closed) = (opening_then(7, b"").len(), opening_then(7, &end));
        assert!(is_closed(&closed, FILE.number) && !is_closed(&closed, FILE.number + 1));
        assert_eq!(ending(&closed), Ok(Ending::Closed));
        for at in closed.len() - END_FRAME..closed.len() {
            let mut bad = closed.clone();
            bad[at] ^= 1;
            assert!(!is_closed(&bad, FILE.number) && !is_closed(&closed[..at], FILE.number), "at {at}");
            // A write that an error stopped, over zeros.
            bad[at..].fill(0);
            let breaks_off_in_mark = at >= closed.len() - MARK;
            assert_eq!(is_closed(&bad, FILE.number), breaks_off_in_mark, "up to {at}");
            let expected = match written(&bad) {
                _ if breaks_off_in_mark => Ending::Closed,
                end if end == begun => Ending::Open,
                _ => Ending::Torn,
            };
            assert_eq!(ending(&bad), Ok(expected), "up to {at}");
        }
        let others = frame_of(&FileMark { nonce: [0; 16], ..FILE }, Kind::End, 0, &[], b"");
        assert!(!is_closed(&opening_then(7, &others), FILE.number));
    }
}
