//! The checkpoint: the signed tree head (C2SP tlog-checkpoint v1.0.0), three lines in a signed note.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::merkle::Hash;
use crate::note::{Note, NoteError, NoteSigner, VerifiedSignature, VerifierKey, is_key_name};

/// The longest origin, in bytes: the ML-DSA cosignature writes its length in one byte.
pub const MAX_ORIGIN: usize = 255;

/// The name of a ledger: its public address without scheme and without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    /// The origin as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it lies below `.example`, which nobody can register (RFC 2606): such a ledger is never a real one.
    pub fn is_example(&self) -> bool {
        let host = self.0.split('/').next().unwrap_or_default();
        let name = host.split(':').next().unwrap_or_default().trim_end_matches('.');
        name.rsplit('.').next().is_some_and(|top| top.eq_ignore_ascii_case("example"))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that cannot be an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "an origin is an address such as ledger.example/log1: no scheme, no slash at the end, no white space, \
     no '+', at most {MAX_ORIGIN} bytes"
)]
pub struct OriginError;

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let is_origin = is_key_name(text)
            && text.len() <= MAX_ORIGIN
            && !text.contains("://")
            && !text.starts_with('/')
            && !text.ends_with('/');
        if is_origin { Ok(Self(text.to_owned())) } else { Err(OriginError) }
    }
}

/// Why a checkpoint could not be read, or does not convince.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// The note around it.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Not exactly three lines. Extension lines are refused: not every cosigner signs them.
    #[error("a checkpoint has three lines: origin, size and root")]
    Lines,
    /// The first line.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// The second line.
    #[error("the size is a decimal number of 64 bits without leading zeros")]
    Size,
    /// The third line.
    #[error("the root is the base64 of 32 bytes")]
    Root,
    /// The signer's name is not the origin.
    #[error("the checkpoint is of {found}, the key of {expected}")]
    OtherOrigin {
        /// The name of the key.
        expected: String,
        /// The origin in the checkpoint.
        found: String,
    },
    /// Others have signed, but not the log itself.
    #[error("the log itself has not signed this checkpoint")]
    NotSignedByLog,
}

/// A tree head: which log, how many leaves, and the root over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log.
    pub origin: Origin,
    /// Its leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The three lines, each with its newline: what is signed.
    pub fn to_body(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// Reads the three lines.
    ///
    /// # Errors
    /// [`CheckpointError`] of form: lines, origin, size, root, in this order.
    pub fn from_body(body: &str) -> Result<Self, CheckpointError> {
        let lines = body.strip_suffix('\n').ok_or(CheckpointError::Lines)?;
        let mut lines = lines.split('\n');
        let (Some(origin), Some(size), Some(root), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Lines);
        };
        let origin = origin.parse()?;
        let size = parse_decimal(size).ok_or(CheckpointError::Size)?;
        let root = parse_hash(root).ok_or(CheckpointError::Root)?;
        Ok(Self { origin, size, root })
    }

    /// Signs the tree head as the log.
    ///
    /// # Errors
    /// [`CheckpointError::OtherOrigin`] if the signer bears another name.
    pub fn sign(&self, signer: &NoteSigner) -> Result<Note, CheckpointError> {
        self.check_name(signer.verifier())?;
        let body = self.to_body();
        let signature = signer.sign(&body);
        Ok(Note::new(body, signature)?)
    }

    fn check_name(&self, key: &VerifierKey) -> Result<(), CheckpointError> {
        if self.origin.as_str() == key.name() {
            return Ok(());
        }
        let (expected, found) = (key.name().to_owned(), self.origin.to_string());
        Err(CheckpointError::OtherOrigin { expected, found })
    }
}

/// A checkpoint that its log has signed, with the cosignatures of those witnesses that the reader knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedCheckpoint<'k> {
    /// The tree head.
    pub checkpoint: Checkpoint,
    /// Right cosignatures of known witnesses, in the order of their lines. One witness may occur more than once.
    pub cosignatures: Vec<VerifiedSignature<'k>>,
}

/// Reads and checks a signed checkpoint: the log must have signed it, unknown keys are ignored.
///
/// # Errors
/// [`CheckpointError`]: of the note's form, of its signatures, of the three lines, another origin.
pub fn open<'k>(
    note: &[u8],
    log: &VerifierKey,
    witnesses: &'k [VerifierKey],
) -> Result<VerifiedCheckpoint<'k>, CheckpointError> {
    verify(&Note::parse(note)?, log, witnesses)
}

/// Like [`open`], for a note that was read already.
///
/// # Errors
/// As [`open`].
pub fn verify<'k>(
    note: &Note,
    log: &VerifierKey,
    witnesses: &'k [VerifierKey],
) -> Result<VerifiedCheckpoint<'k>, CheckpointError> {
    note.verify(std::slice::from_ref(log)).map_err(|error| match error {
        NoteError::NoKnownSignature => CheckpointError::NotSignedByLog,
        other => CheckpointError::Note(other),
    })?;
    let cosignatures = match note.verify(witnesses) {
        Err(NoteError::NoKnownSignature) => Vec::new(),
        verdict => verdict?,
    };
    let checkpoint = Checkpoint::from_body(note.text())?;
    checkpoint.check_name(log)?;
    Ok(VerifiedCheckpoint { checkpoint, cosignatures })
}

/// A decimal number in its only spelling: digits, no sign, no leading zeros.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let canonical = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if canonical { text.parse().ok() } else { None }
}

/// A hash in base64, standard alphabet, padded.
pub(crate) fn parse_hash(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use proptest::prelude::*;

    use super::*;
    use crate::merkle::EMPTY_ROOT;
    use crate::note::Cosigner;

    fn log() -> NoteSigner {
        let seed = std::array::from_fn(|i| i as u8);
        NoteSigner::new("ledger.example/log1", SigningKey::from_bytes(&seed)).unwrap()
    }

    fn witness() -> Cosigner {
        Cosigner::new("witness.example/w1", SigningKey::from_bytes(&[9; 32])).unwrap()
    }

    fn head() -> Checkpoint {
        let root = parse_hash("o5IPun8jmgcam9EHIfE0Gt3vuu3ttBx+JEN6nRa98Ao=").unwrap();
        Checkpoint { origin: "ledger.example/log1".parse().unwrap(), size: 70_000, root }
    }

    const BODY: &str = "ledger.example/log1\n70000\no5IPun8jmgcam9EHIfE0Gt3vuu3ttBx+JEN6nRa98Ao=\n";

    #[test]
    fn a_name_below_example_is_known_by_its_host_alone() {
        let is_example = |origin: &str| origin.parse::<Origin>().unwrap().is_example();
        for yes in
            ["example", "town.example", "a.town.EXAMPLE/demo", "town.example:8443/demo", "town.example./demo"]
        {
            assert!(is_example(yes), "{yes}");
        }
        for no in [
            "example.org/town",
            "town.cn/.example",
            "town.cn/a.example",
            "townexample",
            "town.test",
            "town.example.cn",
            "town.cn:1.example",
        ] {
            assert!(!is_example(no), "{no}");
        }
    }

    #[test]
    fn the_body_is_three_lines() {
        assert_eq!(head().to_body(), BODY);
        assert_eq!(Checkpoint::from_body(BODY), Ok(head()));
        let empty = Checkpoint { size: 0, root: EMPTY_ROOT, ..head() };
        assert_eq!(Checkpoint::from_body(&empty.to_body()), Ok(empty));
    }

    #[test]
    fn every_other_spelling_is_refused() {
        let parse = |from: &str, to: &str| Checkpoint::from_body(&BODY.replace(from, to)).unwrap_err();
        assert_eq!(Checkpoint::from_body(BODY.trim_end()), Err(CheckpointError::Lines));
        assert_eq!(Checkpoint::from_body(&format!("{BODY}extension\n")), Err(CheckpointError::Lines));
        assert_eq!(Checkpoint::from_body(&format!("{BODY}\n")), Err(CheckpointError::Lines));
        assert_eq!(Checkpoint::from_body(""), Err(CheckpointError::Lines));
        for size in ["070000", "+70000", "-1", "", "7e4", "00", "18446744073709551616", "７"] {
            assert_eq!(parse("\n70000", &format!("\n{size}")), CheckpointError::Size, "{size}");
        }
        for root in ["8A==", "8A", "8Ap=", "8Ao= "] {
            assert_eq!(parse("8Ao=", root), CheckpointError::Root, "{root}");
        }
        let long = "a".repeat(MAX_ORIGIN + 1);
        for origin in
            ["", "https://a.example", "a.example/", "/a", "a b", "a+b", "a\u{a0}b", "a\u{7f}", long.as_str()]
        {
            let refused = CheckpointError::Origin(OriginError);
            assert_eq!(parse("ledger.example/log1", origin), refused, "{origin}");
        }
        assert!("账本.example/一".parse::<Origin>().is_ok());
    }

    #[test]
    fn a_signed_head_opens_with_its_witnesses() {
        let mut note = head().sign(&log()).unwrap();
        note.add(witness().cosign(note.text(), 1_700_000_000)).unwrap();
        let witnesses = [witness().verifier().clone()];
        let bytes = note.to_string().into_bytes();
        let opened = open(&bytes, log().verifier(), &witnesses).unwrap();
        assert_eq!(opened.checkpoint, head());
        assert_eq!(
            opened.cosignatures,
            [VerifiedSignature { key: &witnesses[0], time: Some(1_700_000_000) }]
        );
        let without = open(&bytes, log().verifier(), &[]).unwrap();
        assert!(without.cosignatures.is_empty());
    }

    #[test]
    fn a_head_that_the_log_did_not_sign_is_refused() {
        let cosigned = Note::new(BODY, witness().cosign(BODY, 1)).unwrap();
        let witnesses = [witness().verifier().clone()];
        let verdict = verify(&cosigned, log().verifier(), &witnesses);
        assert_eq!(verdict, Err(CheckpointError::NotSignedByLog));
        let mut mixed = head().sign(&log()).unwrap();
        mixed.add(witness().cosign("another text\n", 1)).unwrap();
        let verdict = verify(&mixed, log().verifier(), &witnesses);
        assert!(matches!(verdict, Err(CheckpointError::Note(NoteError::BadSignature(_)))));
    }

    #[test]
    fn the_name_of_the_key_must_be_the_origin() {
        let other = NoteSigner::new("other.example", SigningKey::from_bytes(&[5; 32])).unwrap();
        assert!(matches!(head().sign(&other), Err(CheckpointError::OtherOrigin { .. })));
        let forged = Note::new(BODY, other.sign(BODY)).unwrap();
        let verdict = verify(&forged, other.verifier(), &[]);
        assert!(matches!(verdict, Err(CheckpointError::OtherOrigin { .. })));
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_has_one_spelling(
            text in "[ -~\n]{0,120}",
            lines in "[a-z/]{1,9}\n[0-9]{1,21}\n[A-Za-z0-9+/]{43}=\n",
            bytes in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            for body in [&text, &lines] {
                if let Ok(parsed) = Checkpoint::from_body(body) {
                    prop_assert_eq!(&parsed.to_body(), body);
                }
            }
            let _ = open(&bytes, log().verifier(), &[]);
        }
    }
}
