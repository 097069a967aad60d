//! The receipt: a proof that an entry is in the log, which anybody can check offline (C2SP tlog-proof). The
//! file is named `.tlog-proof` and contains the index, the inclusion proof and the signed checkpoint.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::checkpoint::{self, CheckpointError, VerifiedCheckpoint, parse_decimal, parse_hash};
use crate::merkle::{Hash, VerifyError, verify_inclusion};
use crate::note::{Note, NoteError, VerifierKey};

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// The most hashes that an inclusion proof can have: a tree of 64-bit size is 64 levels high.
pub const MAX_HASHES: usize = 64;

/// Why a receipt could not be read, or does not convince.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TlogProofError {
    /// Not UTF-8.
    #[error("the proof is not UTF-8")]
    NotUtf8,
    /// The first line is another.
    #[error("the first line is not {HEADER}")]
    Header,
    /// The `extra` line is not base64.
    #[error("the extra data are not base64")]
    Extra,
    /// There is no `index` line with a decimal number of 64 bits without leading zeros.
    #[error("the index line is missing or malformed")]
    Index,
    /// A line of the inclusion proof is not the base64 of 32 bytes. Counted from 1.
    #[error("proof line {0} is not the base64 of 32 bytes")]
    Hash(usize),
    /// More than [`MAX_HASHES`].
    #[error("an inclusion proof has at most {MAX_HASHES} hashes")]
    TooManyHashes,
    /// There is no empty line before the checkpoint.
    #[error("there is no empty line before the checkpoint")]
    NoCheckpoint,
    /// The checkpoint is no signed note.
    #[error("the checkpoint: {0}")]
    Note(#[from] NoteError),
    /// The checkpoint does not convince.
    #[error("the checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The entry is not shown to be in the tree.
    #[error("the entry is not shown to be in the log: {0}")]
    Inclusion(#[from] VerifyError),
}

/// A receipt. Reading one checks its form only: believe it after [`TlogProof::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Data beside the proof that nobody signed; never trust them. Without any the line is left out.
    pub extra: Option<Vec<u8>>,
    /// The position of the entry in the log.
    pub index: u64,
    /// The audit path, from the leaf's sibling upwards.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint, with every signature that it came with.
    pub checkpoint: Note,
}

impl TlogProof {
    /// Reads a receipt. The caller bounds the size.
    ///
    /// # Errors
    /// [`TlogProofError`] of form, the first in the order of the file.
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogProofError> {
        let text = std::str::from_utf8(bytes).map_err(|_| TlogProofError::NotUtf8)?;
        let rest = text.strip_prefix(HEADER).and_then(|rest| rest.strip_prefix('\n'));
        let (extra, rest) = parse_extra(rest.ok_or(TlogProofError::Header)?)?;
        let index_line = rest.strip_prefix("index ").and_then(|rest| rest.split_once('\n'));
        let (index, rest) = index_line.ok_or(TlogProofError::Index)?;
        let index = parse_decimal(index).ok_or(TlogProofError::Index)?;
        let (hashes, checkpoint) = parse_hashes(rest)?;
        Ok(Self { extra, index, hashes, checkpoint: Note::parse(checkpoint.as_bytes())? })
    }

    /// Checks that the entry with this leaf hash is in the log whose key is given, and says at which tree head
    /// and which of the known witnesses have cosigned that. How many of them suffice is the reader's policy.
    ///
    /// # Errors
    /// [`TlogProofError::Checkpoint`] or [`TlogProofError::Inclusion`].
    pub fn verify<'k>(
        &self,
        leaf: &Hash,
        log: &VerifierKey,
        witnesses: &'k [VerifierKey],
    ) -> Result<VerifiedCheckpoint<'k>, TlogProofError> {
        let verified = checkpoint::verify(&self.checkpoint, log, witnesses)?;
        let head = &verified.checkpoint;
        verify_inclusion(leaf, self.index, head.size, &self.hashes, &head.root)?;
        Ok(verified)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        // An empty `extra` cannot be told from none by readers that split at spaces.
        if let Some(extra) = self.extra.as_ref().filter(|extra| !extra.is_empty()) {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{}", STANDARD.encode(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

fn parse_extra(text: &str) -> Result<(Option<Vec<u8>>, &str), TlogProofError> {
    let Some(rest) = text.strip_prefix("extra ") else {
        return Ok((None, text));
    };
    let (encoded, rest) = rest.split_once('\n').ok_or(TlogProofError::Extra)?;
    let extra = STANDARD.decode(encoded).map_err(|_| TlogProofError::Extra)?;
    if extra.is_empty() { Err(TlogProofError::Extra) } else { Ok((Some(extra), rest)) }
}

/// The hashes up to the empty line, and what follows it.
fn parse_hashes(mut text: &str) -> Result<(Vec<Hash>, &str), TlogProofError> {
    let mut hashes = Vec::new();
    loop {
        let (line, rest) = text.split_once('\n').ok_or(TlogProofError::NoCheckpoint)?;
        if line.is_empty() {
            return Ok((hashes, rest));
        }
        if hashes.len() == MAX_HASHES {
            return Err(TlogProofError::TooManyHashes);
        }
        hashes.push(parse_hash(line).ok_or(TlogProofError::Hash(hashes.len() + 1))?);
        text = rest;
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use proptest::prelude::*;

    use super::*;
    use crate::checkpoint::Checkpoint;
    use crate::merkle::{inclusion_proof, leaf_hash, root_of};
    use crate::note::{Cosigner, NoteSigner};

    fn log() -> NoteSigner {
        NoteSigner::new("ledger.example/log1", SigningKey::from_bytes(&[1; 32])).unwrap()
    }

    fn leaf(index: u64) -> Hash {
        leaf_hash(&index.to_be_bytes())
    }

    fn proof(index: u64, size: u64) -> TlogProof {
        let leaves: Vec<Hash> = (0..size).map(leaf).collect();
        let read = |level: u8, index: u64| {
            let (width, start) = (1 << level, (index << level) as usize);
            Ok::<_, ()>(root_of(&leaves[start..start + width]))
        };
        let hashes = inclusion_proof(index, size, read).unwrap();
        let origin = "ledger.example/log1".parse().unwrap();
        let head = Checkpoint { origin, size, root: root_of(&leaves) };
        TlogProof { extra: None, index, hashes, checkpoint: head.sign(&log()).unwrap() }
    }

    #[test]
    fn the_file_has_the_lines_of_the_specification() {
        let mut proof = proof(1, 3);
        let encoded: Vec<_> = proof.hashes.iter().map(|hash| STANDARD.encode(hash)).collect();
        let tail = format!("index 1\n{}\n{}\n\n{}", encoded[0], encoded[1], proof.checkpoint);
        assert_eq!(proof.to_string(), format!("c2sp.org/tlog-proof@v1\n{tail}"));
        proof.extra = Some(b"hello".to_vec());
        assert_eq!(proof.to_string(), format!("c2sp.org/tlog-proof@v1\nextra aGVsbG8=\n{tail}"));
        assert_eq!(TlogProof::parse(proof.to_string().as_bytes()), Ok(proof));
    }

    #[test]
    fn a_receipt_verifies_with_its_witnesses() {
        let witness = Cosigner::new("w.example", SigningKey::from_bytes(&[2; 32])).unwrap();
        for (index, size) in [(0, 1), (0, 2), (4, 5), (6, 13)] {
            let mut proof = proof(index, size);
            let line = witness.cosign(proof.checkpoint.text(), 17);
            proof.checkpoint.add(line).unwrap();
            let parsed = TlogProof::parse(proof.to_string().as_bytes()).unwrap();
            let witnesses = [witness.verifier().clone()];
            let verified = parsed.verify(&leaf(index), log().verifier(), &witnesses).unwrap();
            assert_eq!((verified.checkpoint.size, verified.cosignatures[0].time), (size, Some(17)));
        }
    }

    #[test]
    fn another_entry_index_or_key_does_not_verify() {
        let good = proof(6, 13);
        let refused =
            |proof: &TlogProof, entry| proof.verify(&leaf(entry), log().verifier(), &[]).unwrap_err();
        assert_eq!(refused(&good, 7), TlogProofError::Inclusion(VerifyError::RootMismatch));
        let moved = TlogProof { index: 7, ..good.clone() };
        assert_eq!(refused(&moved, 6), TlogProofError::Inclusion(VerifyError::RootMismatch));
        let beyond = TlogProof { index: 13, ..good.clone() };
        assert!(matches!(
            refused(&beyond, 6),
            TlogProofError::Inclusion(VerifyError::IndexBeyondSize { .. })
        ));
        let stranger = NoteSigner::new("ledger.example/log1", SigningKey::from_bytes(&[3; 32])).unwrap();
        let verdict = good.verify(&leaf(6), stranger.verifier(), &[]);
        assert_eq!(verdict, Err(TlogProofError::Checkpoint(CheckpointError::NotSignedByLog)));
    }

    #[test]
    fn each_fault_of_form_is_named() {
        let good = TlogProof { extra: Some(vec![1]), ..proof(1, 3) }.to_string();
        let parse = |from: &str, to: &str| {
            assert!(good.contains(from), "{from}");
            TlogProof::parse(good.replacen(from, to, 1).as_bytes()).unwrap_err()
        };
        assert_eq!(TlogProof::parse(b"\xff"), Err(TlogProofError::NotUtf8));
        assert_eq!(parse("@v1", "@v2"), TlogProofError::Header);
        assert_eq!(parse("extra AQ==", "extra AQ"), TlogProofError::Extra);
        assert_eq!(parse("extra AQ==", "extra "), TlogProofError::Extra);
        assert_eq!(parse("extra AQ==", "more AQ=="), TlogProofError::Index);
        for index in ["index 01", "index -1", "index", "index 1 ", "index 99999999999999999999"] {
            assert_eq!(parse("index 1", index), TlogProofError::Index, "{index}");
        }
        assert_eq!(parse("index 1\n", "index 1\nshort\n"), TlogProofError::Hash(1));
        assert_eq!(parse("\n\nledger", "\nledger"), TlogProofError::Hash(3));
        assert_eq!(TlogProof::parse(b"c2sp.org/tlog-proof@v1\nindex 0\n"), Err(TlogProofError::NoCheckpoint));
        assert_eq!(parse("\n\n— ", "\n— "), TlogProofError::Note(NoteError::Structure));
        let hash_line = format!("{}\n", STANDARD.encode([0; 32]));
        let long = format!("index 1\n{}", hash_line.repeat(MAX_HASHES));
        assert_eq!(parse("index 1\n", &long), TlogProofError::TooManyHashes);
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_what_is_read_is_written_alike(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            at in any::<prop::sample::Index>(), byte in any::<u8>(), index in 0u64..9,
        ) {
            let _ = TlogProof::parse(&bytes);
            let mut near = proof(index, 9).to_string().into_bytes();
            let at = at.index(near.len());
            near[at] = byte;
            if let Ok(proof) = TlogProof::parse(&near) {
                prop_assert_eq!(proof.to_string().into_bytes(), near);
            }
        }
    }
}
