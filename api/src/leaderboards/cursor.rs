//! A place in a list of people, to go on from. It names the last person that was shown, who may not have agreed to be known;
//! so it is sealed, differs each time, and says nothing to whoever carries it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hourbook_ledger::domain::ids::PersonId;

use crate::auth::token::TokenKey;

const NONCE: usize = 8;
const CONTENT: usize = 4 + 16;
const TAG: usize = 8;

/// The place as a text.
pub(crate) fn seal(key: &TokenKey, nonce: [u8; NONCE], (minutes, person): (u32, PersonId)) -> String {
    let mut bytes = [0; NONCE + CONTENT + TAG];
    bytes[..NONCE].copy_from_slice(&nonce);
    bytes[NONCE..NONCE + 4].copy_from_slice(&minutes.to_be_bytes());
    bytes[NONCE + 4..NONCE + CONTENT].copy_from_slice(&person.0);
    hide(key, &mut bytes);
    let tag = key.mac("hourbook/cursor/tag/v1", &bytes[..NONCE + CONTENT]);
    bytes[NONCE + CONTENT..].copy_from_slice(&tag[..TAG]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The place that a text of ours names.
pub(crate) fn open(key: &TokenKey, text: &str) -> Option<(u32, PersonId)> {
    let mut bytes: [u8; NONCE + CONTENT + TAG] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    let tag = key.mac("hourbook/cursor/tag/v1", &bytes[..NONCE + CONTENT]);
    if tag[..TAG] != bytes[NONCE + CONTENT..] {
        return None;
    }
    hide(key, &mut bytes);
    let (minutes, person) = bytes[NONCE..NONCE + CONTENT].split_first_chunk()?;
    Some((u32::from_be_bytes(*minutes), PersonId(person.try_into().ok()?)))
}

/// Adds to the content what only the key and the nonce give; twice is nothing.
fn hide(key: &TokenKey, bytes: &mut [u8]) {
    let pad = key.mac("hourbook/cursor/pad/v1", &bytes[..NONCE]);
    bytes[NONCE..NONCE + CONTENT].iter_mut().zip(pad).for_each(|(byte, pad)| *byte ^= pad);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_and_says_nothing_to_whoever_carries_it() {
        let key = TokenKey::new(&ed25519_dalek::SigningKey::from_bytes(&[1; 32]), "a.example");
        let other = TokenKey::new(&ed25519_dalek::SigningKey::from_bytes(&[2; 32]), "a.example");
        let place = (480, PersonId([0xaa; 16]));
        let text = seal(&key, [7; 8], place);
        assert_eq!(open(&key, &text), Some(place));
        assert_eq!(open(&other, &text), None);
        assert_ne!(text, seal(&key, [8; 8], place));
        let bytes = URL_SAFE_NO_PAD.decode(&text).unwrap_or_default();
        assert!(!bytes.windows(4).any(|four| four == [0xaa; 4]));
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&key, &URL_SAFE_NO_PAD.encode(changed)), None, "bit {bit}");
        }
        assert_eq!([open(&key, ""), open(&key, "AAAA"), open(&key, "20")], [None; 3]);
    }
}
