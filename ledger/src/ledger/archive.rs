//! What signs for an archive of the log.

use ed25519_dalek::SigningKey;

use crate::checkpoint::{Checkpoint, Origin};
use crate::engine::{ArchiveSigner, Hash};
use crate::note::{NoteSigner, VerifierKeyError};

/// The log's key. An archive ends between bundles where the log was rarely signed; a checkpoint over exactly what is
/// there says nothing that the later ones do not imply.
pub(super) struct LogKey {
    origin: Origin,
    signer: NoteSigner,
}

impl LogKey {
    pub(super) fn new(origin: Origin, key: SigningKey) -> Result<Self, VerifierKeyError> {
        let signer = NoteSigner::new(origin.as_str(), key)?;
        Ok(Self { origin, signer })
    }
}

impl ArchiveSigner for LogKey {
    fn checkpoint(&self, size: u64, root: &Hash) -> Vec<u8> {
        let checkpoint = Checkpoint { origin: self.origin.clone(), size, root: *root };
        let note = checkpoint.sign(&self.signer).expect("the signer has the name of the log");
        note.to_string().into_bytes()
    }

    fn verifier_key(&self) -> String {
        self.signer.verifier().to_string()
    }
}
