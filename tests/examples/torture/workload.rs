//! What is written: events and groups that follow from their position alone, so that whoever checks a log needs no
//! record of what was written.

/// Events in the largest group.
const LARGEST_GROUP: u64 = 40;

/// The event at a position: it names its position, has 200 to 455 bytes, and does not compress well.
pub(crate) fn event(position: u64) -> Vec<u8> {
    let mut bytes = format!("event {position} ").into_bytes();
    let mut state = position;
    let length = 200 + (mix(&mut state) % 256) as usize;
    while bytes.len() < length {
        bytes.extend_from_slice(&mix(&mut state).to_be_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// The group that begins at a position: one event as often as many.
pub(crate) fn group(first: u64) -> Vec<Vec<u8>> {
    (first..first + group_size(first)).map(event).collect()
}

/// Whether a group ends at this size.
pub(crate) fn is_boundary(size: u64) -> bool {
    let mut end = 0;
    while end < size {
        end += group_size(end);
    }
    end == size
}

pub(crate) fn group_size(first: u64) -> u64 {
    let draw = mix(&mut { first ^ 0x5eed });
    if draw.is_multiple_of(2) { 1 } else { 1 + draw / 2 % LARGEST_GROUP }
}

/// SplitMix64.
fn mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
