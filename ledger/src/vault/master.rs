//! The master key and the keys derived from it.

use std::fmt;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use super::error::VaultError;
use super::place::KEYS_DIR;
use crate::disk::Disk;

/// The source of keys and nonces. It must be cryptographically secure outside of demonstrations and tests.
pub type VaultRng = Box<dyn CryptoRng + Send>;

type HmacSha256 = Hmac<Sha256>;

/// 32 random bytes that wrap the subjects' keys. Wiped from memory on drop.
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// Takes key material that the caller keeps elsewhere (a smart card, a sealed file).
    pub fn from_bytes(mut bytes: [u8; 32]) -> MasterKey {
        let key = MasterKey(Zeroizing::new(bytes));
        bytes.zeroize();
        key
    }

    /// Where the master key of the ledger in `dir` is kept.
    pub fn path(dir: &Path) -> PathBuf {
        dir.join(KEYS_DIR).join("master")
    }

    /// Makes a new master key, readable by the owner only.
    ///
    /// # Errors
    /// [`VaultError::AlreadyThere`] if there is one.
    pub(super) fn create(disk: &Disk, dir: &Path, rng: &mut dyn CryptoRng) -> Result<MasterKey, VaultError> {
        let path = MasterKey::path(dir);
        if disk.exists(&path) {
            return Err(VaultError::AlreadyThere(path));
        }
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut());
        disk.replace(&path, &[bytes.as_ref()])?;
        Ok(MasterKey(bytes))
    }

    /// Reads the master key of the ledger in `dir`.
    ///
    /// # Errors
    /// [`VaultError::Missing`], [`VaultError::Damaged`] if it has not 32 bytes, or [`VaultError::Io`].
    pub fn load(dir: &Path) -> Result<MasterKey, VaultError> {
        MasterKey::load_from(&Disk::default(), dir)
    }

    /// The same from any disk.
    ///
    /// # Errors
    /// As [`MasterKey::load`].
    pub fn load_from(disk: &Disk, dir: &Path) -> Result<MasterKey, VaultError> {
        let path = MasterKey::path(dir);
        warn_if_shared(&path);
        let file = disk.open(&path)?;
        let length = file.len()?;
        if length != 32 {
            let what = "a master key has 32 bytes";
            return Err(VaultError::Damaged { path, offset: length.min(32), what });
        }
        let mut bytes = Zeroizing::new([0; 32]);
        file.read_at(bytes.as_mut(), 0)?;
        Ok(MasterKey(bytes))
    }

    /// A key for one purpose: HMAC-SHA256(master, label). Labels are distinct and fixed-length outputs
    /// need no expansion, so this is HKDF-Expand with a single block.
    pub(super) fn derive(&self, label: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(hmac(&self.0, &[label.as_bytes()]))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

fn warn_if_shared(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map(|meta| meta.permissions().mode()).unwrap_or(0);
    if mode & 0o077 != 0 {
        tracing::warn!(path = %path.display(), mode = format!("{:o}", mode & 0o777), "the master key is readable by others: chmod 600");
    }
}

/// HMAC-SHA256 over the parts one after the other. The caller delimits them.
pub(super) fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = HmacSha256::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The first 16 bytes of a 32-byte MAC.
pub(super) fn truncated(mac: [u8; 32]) -> [u8; 16] {
    *mac.first_chunk().expect("a MAC has 32 bytes")
}
