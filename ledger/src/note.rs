//! Signed notes (C2SP signed-note v1.0.0): a text and signature lines, any number of them, of which a reader
//! needs to know only some. Ed25519 signatures (type 0x01) and timestamped cosignatures (type 0x04, C2SP
//! tlog-cosignature v1.0.1).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Signature lines that a note may have. The specification demands at least 16 and advises a limit.
pub const MAX_SIGNATURES: usize = 100;

/// The latest time of a cosignature, in seconds since 1970 (tlog-cosignature: at most 2^63 - 1).
pub const MAX_COSIGNATURE_TIME: u64 = i64::MAX as u64;

const SIGNATURE_PREFIX: &str = "— ";

/// What a signature of a key means and how it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// 0x01: Ed25519 over the text. A log signs its checkpoints so.
    Ed25519,
    /// 0x04: Ed25519 over a time and the text. A witness signs so.
    Cosignature,
}

impl KeyType {
    /// The byte that the specification assigns.
    pub fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Cosignature => 0x04,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Ed25519, Self::Cosignature].into_iter().find(|kind| kind.byte() == byte)
    }
}

/// Why a verifier key was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum VerifierKeyError {
    /// Not `name+id+key`, the id 8 lower-case hexadecimal digits, the key base64.
    #[error("a verifier key has the form name+8 hexadecimal digits+base64")]
    Format,
    /// A name is not empty and has no white space, no plus and no control characters.
    #[error("a key name must not be empty, nor contain white space, '+' or control characters")]
    Name,
    /// A signature type that is not known here, such as ML-DSA (0x06).
    #[error("keys of type {0:#04x} are not supported")]
    UnknownType(u8),
    /// The key bytes are not a usable Ed25519 public key.
    #[error("this is not a usable Ed25519 public key")]
    PublicKey,
    /// The id is not the one that follows from name, type and key.
    #[error("the key id does not belong to this name and key")]
    IdMismatch,
}

/// Why a note could not be read, or does not convince.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoteError {
    /// Not UTF-8.
    #[error("the note is not UTF-8")]
    NotUtf8,
    /// A control character other than the newline.
    #[error("the note contains a control character")]
    ControlCharacter,
    /// No text ending in a newline, or no empty line after it, or no signature lines.
    #[error("a note is a text, an empty line and signature lines, each ending in a newline")]
    Structure,
    /// A line after the empty line that is no signature line. Counted from 1.
    #[error("signature line {0} is malformed")]
    SignatureLine(usize),
    /// More than [`MAX_SIGNATURES`].
    #[error("a note has at most {MAX_SIGNATURES} signatures")]
    TooManySignatures,
    /// A signature of a known key is wrong: somebody tampered, and nothing of the note may be believed.
    #[error("the signature of the known key {0} is wrong")]
    BadSignature(String),
    /// No known key has signed.
    #[error("none of the known keys has signed this note")]
    NoKnownSignature,
}

/// The public half of a note key: name, type and Ed25519 key. As text it is a "vkey".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyType,
    key: VerifyingKey,
}

impl VerifierKey {
    /// A verifier key from its parts.
    ///
    /// # Errors
    /// [`VerifierKeyError::Name`], or [`VerifierKeyError::PublicKey`] for a key of small order.
    pub fn new(name: impl Into<String>, kind: KeyType, key: VerifyingKey) -> Result<Self, VerifierKeyError> {
        let name = name.into();
        if !is_key_name(&name) {
            return Err(VerifierKeyError::Name);
        }
        if key.is_weak() {
            return Err(VerifierKeyError::PublicKey);
        }
        Ok(Self { name, kind, key })
    }

    /// The name, for a log the same as its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type of the signatures.
    pub fn kind(&self) -> KeyType {
        self.kind
    }

    /// The Ed25519 public key.
    pub fn public_key(&self) -> &VerifyingKey {
        &self.key
    }

    /// The key id: the first 4 bytes of SHA-256(name || newline || type || public key).
    pub fn id(&self) -> [u8; 4] {
        let digest = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', self.kind.byte()])
            .chain_update(self.key.as_bytes())
            .finalize();
        let (id, _) = digest.split_first_chunk::<4>().expect("a SHA-256 digest has 32 bytes");
        *id
    }

    /// The time of a right signature (0x04) or none (0x01), or nothing if it is wrong.
    fn check(&self, text: &str, signature: &[u8]) -> Option<Option<u64>> {
        let (time, message, signature) = match self.kind {
            KeyType::Ed25519 => (None, text.as_bytes().to_vec(), signature),
            KeyType::Cosignature => {
                let (time, rest) = signature.split_first_chunk::<8>()?;
                let time = u64::from_be_bytes(*time);
                (Some(time), cosigned_message(text, time).into_bytes(), rest)
            }
        };
        if time.is_some_and(|time| time > MAX_COSIGNATURE_TIME) {
            return None;
        }
        let signature = Signature::from_slice(signature).ok()?;
        self.key.verify_strict(&message, &signature).ok().map(|()| time)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.kind.byte()], self.key.as_bytes().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), STANDARD.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = VerifierKeyError;

    fn from_str(text: &str) -> Result<Self, VerifierKeyError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(VerifierKeyError::Format);
        };
        if id.len() != 8 || !id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(VerifierKeyError::Format);
        }
        let key = STANDARD.decode(key).map_err(|_| VerifierKeyError::Format)?;
        let (kind, key) = key.split_first().ok_or(VerifierKeyError::Format)?;
        let kind = KeyType::from_byte(*kind).ok_or(VerifierKeyError::UnknownType(*kind))?;
        let key = VerifyingKey::try_from(key).map_err(|_| VerifierKeyError::PublicKey)?;
        let parsed = Self::new(name, kind, key)?;
        if hex::encode(parsed.id()) != id { Err(VerifierKeyError::IdMismatch) } else { Ok(parsed) }
    }
}

/// A name is not empty and has no white space (in the sense of Unicode), no plus and no control characters.
pub(crate) fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

/// Whether a text can be the text of a note: not empty, ending in a newline, no other control characters.
fn check_text(text: &str) -> Result<(), NoteError> {
    if text.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
        return Err(NoteError::ControlCharacter);
    }
    if !text.ends_with('\n') { Err(NoteError::Structure) } else { Ok(()) }
}

fn cosigned_message(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// A key that signs notes as a log does, with plain Ed25519 signatures (type 0x01).
pub struct NoteSigner {
    key: SigningKey,
    verifier: VerifierKey,
}

impl NoteSigner {
    /// A signer with this name.
    ///
    /// # Errors
    /// [`VerifierKeyError::Name`].
    pub fn new(name: impl Into<String>, key: SigningKey) -> Result<Self, VerifierKeyError> {
        let verifier = VerifierKey::new(name, KeyType::Ed25519, key.verifying_key())?;
        Ok(Self { key, verifier })
    }

    /// The public half, to give to others.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The signature line of this key for a text.
    pub fn sign(&self, text: &str) -> SignatureLine {
        let signature = self.key.sign(text.as_bytes()).to_bytes().to_vec();
        SignatureLine { name: self.verifier.name.clone(), key_id: self.verifier.id(), signature }
    }
}

/// A key that cosigns checkpoints as a witness does (type 0x04). One key serves one cosigner only, since the
/// message does not name it.
pub struct Cosigner {
    key: SigningKey,
    verifier: VerifierKey,
}

impl Cosigner {
    /// A cosigner with this name.
    ///
    /// # Errors
    /// [`VerifierKeyError::Name`].
    pub fn new(name: impl Into<String>, key: SigningKey) -> Result<Self, VerifierKeyError> {
        let verifier = VerifierKey::new(name, KeyType::Cosignature, key.verifying_key())?;
        Ok(Self { key, verifier })
    }

    /// The public half, to give to others.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The signature line of this key for a checkpoint's text at `time`, in seconds since 1970. A time beyond
    /// [`MAX_COSIGNATURE_TIME`] is taken as that.
    pub fn cosign(&self, text: &str, time: u64) -> SignatureLine {
        let time = time.min(MAX_COSIGNATURE_TIME);
        let signed = self.key.sign(cosigned_message(text, time).as_bytes());
        let signature = [&time.to_be_bytes()[..], &signed.to_bytes()].concat();
        SignatureLine { name: self.verifier.name.clone(), key_id: self.verifier.id(), signature }
    }
}

/// One signature line, of a known or an unknown key; nothing in it has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    /// The name of the key.
    pub name: String,
    /// The id of the key, which with the name says which key it is.
    pub key_id: [u8; 4],
    /// What follows the id; its shape depends on the type of the key.
    pub signature: Vec<u8>,
}

impl SignatureLine {
    /// Reads a line, without its newline.
    fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix(SIGNATURE_PREFIX)?.split_once(' ')?;
        let blob = STANDARD.decode(encoded).ok()?;
        let (key_id, signature) = blob.split_first_chunk::<4>()?;
        if !is_key_name(name) || signature.is_empty() {
            return None;
        }
        Some(Self { name: name.to_owned(), key_id: *key_id, signature: signature.to_vec() })
    }

    fn is_of(&self, key: &VerifierKey) -> bool {
        self.name == key.name && self.key_id == key.id()
    }
}

impl fmt::Display for SignatureLine {
    /// The line with its newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blob = [&self.key_id[..], &self.signature].concat();
        writeln!(f, "{SIGNATURE_PREFIX}{} {}", self.name, STANDARD.encode(blob))
    }
}

/// Reads signature lines alone, each ending in a newline, as a witness answers them.
///
/// # Errors
/// [`NoteError`], the first of: not UTF-8, control character, structure, malformed line, too many.
pub fn parse_signature_lines(bytes: &[u8]) -> Result<Vec<SignatureLine>, NoteError> {
    let text = std::str::from_utf8(bytes).map_err(|_| NoteError::NotUtf8)?;
    check_text(text)?;
    let lines = text.trim_end_matches('\n');
    if lines.len() + 1 != text.len() {
        return Err(NoteError::Structure);
    }
    if lines.split('\n').count() > MAX_SIGNATURES {
        return Err(NoteError::TooManySignatures);
    }
    let numbered = lines.split('\n').enumerate();
    numbered.map(|(i, line)| SignatureLine::parse(line).ok_or(NoteError::SignatureLine(i + 1))).collect()
}

/// A signature that was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedSignature<'k> {
    /// The key that made it.
    pub key: &'k VerifierKey,
    /// For a cosignature its time, in seconds since 1970.
    pub time: Option<u64>,
}

/// A text with its signature lines. Reading one checks its form only: believe it after [`Note::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<SignatureLine>,
}

impl Note {
    /// A note with its first signature.
    ///
    /// # Errors
    /// [`NoteError::ControlCharacter`] or [`NoteError::Structure`] for a text that cannot be a note's.
    pub fn new(text: impl Into<String>, signature: SignatureLine) -> Result<Self, NoteError> {
        let text = text.into();
        check_text(&text)?;
        // Written, a lone newline would read as the line that separates text and signatures.
        if text == "\n" { Err(NoteError::Structure) } else { Ok(Self { text, signatures: vec![signature] }) }
    }

    /// Reads a note. The caller bounds the size.
    ///
    /// # Errors
    /// [`NoteError`], the first of: not UTF-8, control character, structure, malformed line, too many.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        let whole = std::str::from_utf8(bytes).map_err(|_| NoteError::NotUtf8)?;
        check_text(whole)?;
        // The text may have empty lines of its own: the last one separates.
        let (text, lines) = whole.rsplit_once("\n\n").ok_or(NoteError::Structure)?;
        if text.is_empty() || lines.is_empty() {
            return Err(NoteError::Structure);
        }
        let signatures = parse_signature_lines(lines.as_bytes())?;
        Ok(Self { text: format!("{text}\n"), signatures })
    }

    /// The text with its last newline: what is signed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All signature lines, in order, checked or not.
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Adds a signature line, such as a witness's.
    ///
    /// # Errors
    /// [`NoteError::TooManySignatures`].
    pub fn add(&mut self, signature: SignatureLine) -> Result<(), NoteError> {
        if self.signatures.len() >= MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures);
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// Checks the signatures of the known keys; those of unknown keys are ignored.
    ///
    /// # Errors
    /// [`NoteError::BadSignature`] if any signature of a known key is wrong, even if others are right;
    /// [`NoteError::NoKnownSignature`].
    pub fn verify<'k>(&self, known: &'k [VerifierKey]) -> Result<Vec<VerifiedSignature<'k>>, NoteError> {
        let mut verified = Vec::new();
        for signature in &self.signatures {
            // Name and id can collide, by design: a line counts for whichever of the keys it verifies with.
            let mut keys = known.iter().filter(|key| signature.is_of(key)).peekable();
            if keys.peek().is_none() {
                continue;
            }
            let found = keys
                .find_map(|key| key.check(&self.text, &signature.signature).map(|time| (key, time)))
                .ok_or_else(|| NoteError::BadSignature(signature.name.clone()))?;
            verified.push(VerifiedSignature { key: found.0, time: found.1 });
        }
        if verified.is_empty() { Err(NoteError::NoKnownSignature) } else { Ok(verified) }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| write!(f, "{signature}"))
    }
}

#[cfg(test)]
mod tests;
