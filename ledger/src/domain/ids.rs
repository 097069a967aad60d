//! Identities. All are 16 random or time-ordered bytes, shown as a UUID; they say nothing about a person by themselves.

use sha2::{Digest, Sha256};
use std::fmt;

/// Text where a person reads (JSON), the sixteen bytes where a machine does (records of the rule state).
macro_rules! text_or_bytes {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                if to.is_human_readable() {
                    to.collect_str(self)
                } else {
                    fixed_bytes::serialize(&self.0, to)
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                if !from.is_human_readable() {
                    return fixed_bytes::deserialize(from).map(Self);
                }
                let text: String = serde::Deserialize::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// Bytes of a fixed number as a byte string and not as so many numbers, which would be read and written one by one.
pub(super) mod fixed_bytes {
    use serde::de::{Error, Visitor};

    pub(crate) fn serialize<const N: usize, S: serde::Serializer>(
        bytes: &[u8; N],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub(crate) fn deserialize<'de, const N: usize, D: serde::Deserializer<'de>>(
        from: D,
    ) -> Result<[u8; N], D::Error> {
        struct Fixed<const N: usize>;
        impl<const N: usize> Visitor<'_> for Fixed<N> {
            type Value = [u8; N];

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{N} bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<[u8; N], E> {
                bytes.try_into().map_err(|_| E::invalid_length(bytes.len(), &self))
            }
        }
        from.deserialize_bytes(Fixed)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub [u8; 16]);

        text_or_bytes!($name);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text = uuid_text(&self.0);
                f.write_str(std::str::from_utf8(&text).expect("digits and hyphens"))
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;
            fn from_str(s: &str) -> Result<Self, BadId> {
                parse_uuid(s).map(Self)
            }
        }

        impl IdBytes for $name {
            fn id_bytes(&self) -> [u8; 16] {
                self.0
            }
        }
    )*};
}

/// The text is not a UUID of 32 hex digits, with or without hyphens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: expected a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057")]
pub struct BadId;

/// 8-4-4-4-12 lower-case hexadecimal digits.
fn uuid_text(id: &[u8; 16]) -> [u8; 36] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let (mut text, mut at) = ([b'-'; 36], 0);
    for (byte, b) in id.iter().enumerate() {
        at += usize::from(matches!(byte, 4 | 6 | 8 | 10));
        text[at] = DIGITS[usize::from(b >> 4)];
        text[at + 1] = DIGITS[usize::from(b & 15)];
        at += 2;
    }
    text
}

fn parse_uuid(s: &str) -> Result<[u8; 16], BadId> {
    let hyphenated = s.len() == 36 && [8, 13, 18, 23].iter().all(|&i| s.as_bytes()[i] == b'-');
    if !hyphenated && s.len() != 32 {
        return Err(BadId);
    }
    let mut out = [0u8; 16];
    let mut digits = s.bytes().filter(|&b| b != b'-').map(|b| (b as char).to_digit(16));
    for byte in &mut out {
        let (Some(Some(hi)), Some(Some(lo))) = (digits.next(), digits.next()) else { return Err(BadId) };
        *byte = (hi * 16 + lo) as u8;
    }
    if digits.next().is_some() { Err(BadId) } else { Ok(out) }
}

ids! {
    /// An event: a UUIDv7 made by whoever asserts it.
    EventId;
    /// A person: volunteer, staff, resident. Random; the ledger itself acts under its own person id.
    PersonId;
    /// An organisation of any kind.
    OrgId;
    /// A voluntary activity.
    ActivityId;
    /// One shift of an activity.
    ShiftId;
    /// A micro-wish.
    WishId;
    /// Credit set aside for a service not yet rendered.
    HoldId;
    /// The parts of one sheet or roll call that belong together.
    BatchId;
    /// A keyed digest of an imported row's content, which makes a second import of it recognisable.
    RowKey;
}

/// The name of a signing key: the first 16 bytes of SHA-256("hourbook/key/v1\0" || public key of 32 bytes).
/// Shown as 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 16]);

text_or_bytes!(KeyId);

impl KeyId {
    /// The id of a public key, whether or not its bytes are a point of the curve.
    #[must_use]
    pub fn of(key: &PublicKey) -> Self {
        let digest = Sha256::new().chain_update(b"hourbook/key/v1\0").chain_update(key.0).finalize();
        let (id, _) = digest.split_first_chunk::<16>().expect("a SHA-256 digest has 32 bytes");
        Self(*id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A text that is not 32 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key id is 32 lower-case hexadecimal digits")]
pub struct KeyIdError;

impl std::str::FromStr for KeyId {
    type Err = KeyIdError;

    fn from_str(text: &str) -> Result<Self, KeyIdError> {
        // One spelling only: two spellings of one key would be two keys to whoever compares texts.
        let plain =
            text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !plain {
            return Err(KeyIdError);
        }
        parse_uuid(text).map(Self).map_err(|_| KeyIdError)
    }
}

impl EventId {
    /// The Unix milliseconds that a UUIDv7 carries in its first 48 bits.
    #[must_use]
    pub fn millis(&self) -> i64 {
        self.0[..6].iter().fold(0, |ms, &b| (ms << 8) | i64::from(b))
    }

    /// Whether version and variant bits are those of a UUIDv7 (RFC 9562).
    #[must_use]
    pub fn is_v7(&self) -> bool {
        self.0[6] >> 4 == 7 && self.0[8] >> 6 == 0b10
    }
}

/// SHA-256 commitment to a value that lies in the vault. The log holds this and never the value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Commitment(pub [u8; 32]);

impl fmt::Debug for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Commitment({:02x}{:02x}..)", self.0[0], self.0[1])
    }
}

/// An Ed25519 public key, 32 bytes, as enrolled; that it is a valid point is checked when it is first used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
pub struct PublicKey(pub [u8; 32]);

/// What a new key signs to show that whoever enrols it has it: an Ed25519 signature, 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Possession(#[serde(with = "fixed_bytes")] pub [u8; 64]);

impl fmt::Debug for Possession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Possession({:02x}{:02x}..)", self.0[0], self.0[1])
    }
}

/// What has, or stands for, an id of 16 bytes.
pub(crate) trait IdBytes {
    fn id_bytes(&self) -> [u8; 16];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text_form() {
        let id = EventId([1, 2, 3, 4, 5, 6, 0x77, 8, 0x89, 10, 11, 12, 13, 14, 15, 16]);
        assert_eq!(id.to_string(), "01020304-0506-7708-890a-0b0c0d0e0f10");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("010203040506770889 0a0b0c0d0e0f10".parse::<EventId>(), Err(BadId));
        assert_eq!("0102030405067708890a0b0c0d0e0f10".parse(), Ok(id));
        assert!(id.is_v7());
        assert_eq!(id.millis(), 0x0102_0304_0506);
        for bad in [
            "",
            "-",
            "0102030405067708890a0b0c0d0e0f1g",
            "01020304-0506-7708-890a-0b0c0d0e0f1",
            "é102030405067708890a0b0c0d0e0f1",
        ] {
            assert_eq!(bad.parse::<EventId>(), Err(BadId), "{bad}");
        }
    }
}
