//! Tokens of sessions: what they say, and that this ledger made them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use hmac::{Hmac, KeyInit, Mac};
use hourbook_ledger::domain::ids::{EventId, KeyId, PersonId};
use hourbook_ledger::domain::time::Millis;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::ended::SessionId;

const PREFIX: &str = "hb1.";
const BY_GRANT: u8 = 1;
const BY_KEY: u8 = 2;
const CONTENT: usize = 1 + 16 + 16 + 16 + 8;
const MAC: usize = 32;

/// How a session was opened.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Proof {
    /// With a one-time code of this grant. The ledger's key may witness what the person does.
    Grant(EventId),
    /// With a signature of this key. The person signs everything.
    Key(KeyId),
}

/// A person who is signed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Session {
    /// Who.
    pub person: PersonId,
    /// How that is known.
    pub proof: Proof,
    /// Its own number, by which one of a key is ended; one of a grant ends with that.
    pub id: SessionId,
    /// Until when.
    pub until: Millis,
}

/// Makes and checks tokens.
/// The HMAC after its key, which need not be taken in again for every token.
pub struct TokenKey(Hmac<Sha256>);

impl TokenKey {
    /// The key of a ledger.
    pub(crate) fn new(secret: &SigningKey, origin: &str) -> Self {
        let mut mac = keyed(secret.as_bytes());
        mac.update(b"hourbook/session-token/v1\0");
        mac.update(origin.as_bytes());
        let key: Zeroizing<[u8; 32]> = Zeroizing::new(mac.finalize().into_bytes().into());
        Self(keyed(&key))
    }

    /// A code over some bytes for another purpose than tokens.
    pub(crate) fn mac(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        // No token begins with a zero.
        mac.update(b"\0");
        mac.update(purpose.as_bytes());
        mac.update(b"\0");
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }

    /// The session as a token.
    #[must_use]
    pub fn seal(&self, session: &Session) -> String {
        let mut bytes = Vec::with_capacity(CONTENT + MAC);
        let (how, by) = match session.proof {
            Proof::Grant(grant) => (BY_GRANT, grant.0),
            Proof::Key(key) => (BY_KEY, key.0),
        };
        bytes.push(how);
        bytes.extend_from_slice(&session.person.0);
        bytes.extend_from_slice(&by);
        bytes.extend_from_slice(&session.id);
        bytes.extend_from_slice(&session.until.0.to_be_bytes());
        let mut mac = self.0.clone();
        mac.update(&bytes);
        bytes.extend_from_slice(&mac.finalize().into_bytes());
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The session of a token that was made with this key, over or not.
    #[must_use]
    pub fn open(&self, token: &str) -> Option<Session> {
        let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
        let (content, tag) = bytes.split_at_checked(CONTENT)?;
        let mut mac = self.0.clone();
        mac.update(content);
        mac.verify_slice(tag).ok()?;
        let by = content[17..33].try_into().ok()?;
        let id = content[33..49].try_into().ok()?;
        let proof = match content[0] {
            BY_GRANT => Proof::Grant(EventId(by)),
            BY_KEY => Proof::Key(KeyId(by)),
            _ => return None,
        };
        let person = PersonId(content[1..17].try_into().ok()?);
        Some(Session { person, proof, id, until: Millis(i64::from_be_bytes(content[49..].try_into().ok()?)) })
    }
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        let (person, proof) = (PersonId([7; 16]), Proof::Grant(EventId([9; 16])));
        Session { person, proof, id: [5; 16], until: Millis(1_234) }
    }

    fn key(seed: u8, origin: &str) -> TokenKey {
        TokenKey::new(&SigningKey::from_bytes(&[seed; 32]), origin)
    }

    #[test]
    fn a_token_comes_back_and_nobody_else_can_make_one() {
        let by_key = Session { proof: Proof::Key(KeyId([3; 16])), ..session() };
        for session in [session(), by_key] {
            let token = key(1, "a.example").seal(&session);
            assert_eq!(key(1, "a.example").open(&token), Some(session));
            assert_eq!(key(2, "a.example").open(&token), None);
            assert_eq!(key(1, "b.example").open(&token), None);
        }
    }

    #[test]
    fn a_token_with_any_bit_changed_is_none() {
        let key = key(1, "a.example");
        let bytes = URL_SAFE_NO_PAD.decode(&key.seal(&session())[PREFIX.len()..]).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key.open(&format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(changed))), None, "bit {bit}");
        }
        for text in ["", "hb1.", "hb1.AAAA", "hb2.AAAA", "not a token"] {
            assert_eq!(key.open(text), None, "{text}");
        }
    }
}
