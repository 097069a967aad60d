//! Backing up the keys, apart from everything that they open.

use std::fs;
use std::path::Path;

use zeroize::Zeroizing;

use super::error::BackupError;
use super::manifest::{Kind, Listed, Manifest, NAME, put};
use super::place;
use super::source::Source;
use crate::domain::time::Millis;
use crate::keys::signing_key_from_pem;
use crate::vault::{self, KEYS_DIR, MasterKey};

/// The directory of the ledger's own keys.
pub(super) const OWN: &str = "keys";
/// Their files: what signs checkpoints, the ledger's events, and sessions.
pub(super) const OWN_FILES: [&str; 3] = ["log.pem", "ledger.pem", "session.pem"];

/// What a whole and intact backup of keys holds.
#[derive(Debug)]
pub struct CheckedKeys {
    /// The ledger's name.
    pub origin: String,
    /// When the backup was made.
    pub made: Millis,
    /// Subjects with a key.
    pub live: u64,
    /// Subjects whose key was destroyed.
    pub destroyed: u64,
    /// Which vault the keys open.
    pub vault_id: [u8; 16],
}

/// Backs up the vault's keys and the ledger's own keys, in place of an earlier backup of keys in the same directory.
/// `data` is the ledger's directory, where its own keys are.
///
/// # Errors
/// [`BackupError`].
pub fn write_keys(source: &Source, data: &Path, to: &Path, now: Millis) -> Result<CheckedKeys, BackupError> {
    place::check(to, Kind::Keys, Some(data), |name| [OWN, KEYS_DIR, NAME].contains(&name))?;
    let other = |what: String| BackupError::OtherLedger { dir: to.to_owned(), what };
    match Manifest::read(to, Kind::Keys) {
        Ok(earlier) if earlier.vault != source.vault.id() => {
            return Err(other(format!("its keys are those of {}", earlier.origin)));
        }
        Ok(_) => remove(&to.join(NAME))?,
        Err(BackupError::NotThere { .. }) => {}
        Err(error) => return Err(error),
    }
    for dir in [to, &to.join(OWN)] {
        place::create(dir)?;
    }
    let master_path = MasterKey::path(data);
    let master = fs::read(&master_path).map(Zeroizing::new).map_err(BackupError::io(&master_path))?;
    let keys = Zeroizing::new(source.vault.export_keys());
    vault::put_keys(to, &keys, &master)?;
    for name in OWN_FILES {
        let path = data.join(OWN).join(name);
        let pem = fs::read(&path).map(Zeroizing::new).map_err(BackupError::io(&path))?;
        put(to, &format!("{OWN}/{name}"), &pem)?;
    }
    place::sync_all(to)?;
    let vault_files = ["keys", "master"].map(|name| format!("{KEYS_DIR}/{name}"));
    let own_files = OWN_FILES.map(|name| format!("{OWN}/{name}"));
    let files: Result<_, _> = vault_files.iter().chain(&own_files).map(|name| Listed::of(to, name)).collect();
    let manifest = Manifest {
        kind: Kind::Keys,
        origin: source.log_key.name().to_owned(),
        size: 0,
        root: [0; 32],
        vault: source.vault.id(),
        made: now,
        head: Vec::new(),
        files: files?,
    };
    manifest.write(to)?;
    check_keys(to)
}

fn remove(path: &Path) -> Result<(), BackupError> {
    fs::remove_file(path).map_err(BackupError::io(path))
}

/// Checks every file of a backup of keys, and every key against the master key.
///
/// # Errors
/// [`BackupError`] for the first thing that is not as it should be.
pub fn check_keys(dir: &Path) -> Result<CheckedKeys, BackupError> {
    let manifest = Manifest::read(dir, Kind::Keys)?;
    manifest.check_files(dir)?;
    for name in OWN_FILES {
        let path = dir.join(OWN).join(name);
        let pem = fs::read_to_string(&path).map(Zeroizing::new).map_err(BackupError::io(&path))?;
        signing_key_from_pem(&pem).map_err(|error| BackupError::damaged(&path, error))?;
    }
    let found = vault::check_keys(dir)?;
    if found.vault_id != manifest.vault {
        return Err(BackupError::damaged(&dir.join(KEYS_DIR), "the keys are of another vault"));
    }
    Ok(CheckedKeys {
        origin: manifest.origin,
        made: manifest.made,
        live: found.live,
        destroyed: found.destroyed,
        vault_id: found.vault_id,
    })
}
