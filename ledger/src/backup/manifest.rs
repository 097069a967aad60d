//! The list of what belongs to a backup. Its last line is a checksum over the lines before.
//!
//! ```text
//! hourbook-backup 1 ledger
//! origin ledger.example/town
//! size 1234
//! root <hex>
//! vault <hex>
//! made <milliseconds since 1970>
//! head <base64 of the signed checkpoint; empty in a backup of keys>
//! file <sha-256> <bytes> <path>
//! sum <sha-256 of the lines before>
//! ```

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::BackupError;
use crate::disk::Disk;
use crate::domain::time::Millis;
use crate::merkle::Hash;

/// The manifest's name in its directory.
pub(super) const NAME: &str = "manifest";
const MAGIC: &str = "hourbook-backup";
const VERSION: &str = "1";

/// What a backup is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Ledger,
    Keys,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Ledger => "ledger",
            Self::Keys => "keys",
        }
    }
}

/// A file of a backup. Tiles are not listed: the root vouches for them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Listed {
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: Hash,
}

/// See the module's text. In a backup of keys, size and root are those of no log: zero and empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Manifest {
    pub(super) kind: Kind,
    pub(super) origin: String,
    pub(super) size: u64,
    pub(super) root: Hash,
    pub(super) vault: [u8; 16],
    pub(super) made: Millis,
    /// The signed checkpoint. The file `checkpoint` repeats it for those who read tiles.
    pub(super) head: Vec<u8>,
    pub(super) files: Vec<Listed>,
}

impl Manifest {
    /// The kind of backup that a directory holds, whole or not; `None` if there is no manifest.
    pub(super) fn kind_in(dir: &Path) -> Option<Kind> {
        let text = fs::read(dir.join(NAME)).ok()?;
        let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
        match line.rsplit(|byte| *byte == b' ').next() {
            Some(b"keys") => Some(Kind::Keys),
            _ => Some(Kind::Ledger),
        }
    }

    /// Reads the manifest of a backup of this kind.
    pub(super) fn read(dir: &Path, kind: Kind) -> Result<Self, BackupError> {
        let path = dir.join(NAME);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(BackupError::NotThere { dir: dir.to_owned() });
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(BackupError::damaged(&path, "it is not text"));
            }
            Err(source) => return Err(BackupError::Io { path, source }),
        };
        let found = Self::parse(&text).map_err(|what| BackupError::damaged(&path, what))?;
        if found.kind != kind {
            return Err(BackupError::OtherKind { dir: dir.to_owned(), is_keys: found.kind == Kind::Keys });
        }
        Ok(found)
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        let body = text.trim_end_matches('\n').rsplit_once('\n').map(|(body, _)| &text[..=body.len()]);
        let body = body.ok_or("it is not a manifest")?;
        if text[body.len()..] != format!("sum {}\n", hex::encode(Sha256::digest(body))) {
            return Err("its checksum does not fit");
        }
        let mut lines = body.lines();
        let first = lines.next().unwrap_or_default();
        let kind = [Kind::Ledger, Kind::Keys];
        let kind = kind.into_iter().find(|kind| first == format!("{MAGIC} {VERSION} {}", kind.word()));
        let kind = kind.ok_or("it was written by another version of the program")?;
        let mut field = |name: &str| lines.next().and_then(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let broken = "a line is not what it should be";
        let (origin, size) = (field("origin").ok_or(broken)?, field("size").ok_or(broken)?);
        let (root, vault) = (field("root").ok_or(broken)?, field("vault").ok_or(broken)?);
        let made = field("made").ok_or(broken)?;
        let head = field("head").and_then(|text| STANDARD.decode(text).ok()).ok_or(broken)?;
        let files: Option<Vec<Listed>> = lines.map(Listed::parse).collect();
        let manifest = Self {
            kind,
            origin: origin.to_owned(),
            size: size.parse().map_err(|_| broken)?,
            root: unhex(root).ok_or(broken)?,
            vault: unhex(vault).ok_or(broken)?,
            made: Millis(made.parse().map_err(|_| broken)?),
            head,
            files: files.ok_or(broken)?,
        };
        // One spelling: a number with a sign, or hex in capitals, was not written by this.
        if manifest.text() == text { Ok(manifest) } else { Err(broken) }
    }

    fn text(&self) -> String {
        let Self { kind, origin, size, root, vault, made, head, files } = self;
        let (root, vault, head) = (hex::encode(root), hex::encode(vault), STANDARD.encode(head));
        let mut text = format!(
            "{MAGIC} {VERSION} {}\norigin {origin}\nsize {size}\nroot {root}\nvault {vault}\nmade {}\nhead {head}\n",
            kind.word(),
            made.0
        );
        for Listed { path, bytes, sha256 } in files {
            text.push_str(&format!("file {} {bytes} {path}\n", hex::encode(sha256)));
        }
        let sum = hex::encode(Sha256::digest(&text));
        format!("{text}sum {sum}\n")
    }

    /// Puts the manifest into its directory, durably, in place of one that is there.
    pub(super) fn write(&self, dir: &Path) -> Result<(), BackupError> {
        put(dir, NAME, self.text().as_bytes())
    }

    /// Checks every listed file against its length and checksum.
    pub(super) fn check_files(&self, dir: &Path) -> Result<(), BackupError> {
        for listed in &self.files {
            let path = dir.join(&listed.path);
            let found = Listed::of(dir, &listed.path)?;
            if found != *listed {
                return Err(BackupError::damaged(&path, "it is not the file that was backed up"));
            }
        }
        Ok(())
    }
}

impl Listed {
    /// Reads a file and lists it.
    pub(super) fn of(dir: &Path, name: &str) -> Result<Self, BackupError> {
        let path = dir.join(name);
        let read = || {
            let (mut file, mut hasher, mut bytes) = (File::open(&path)?, Sha256::new(), 0);
            let mut buffer = vec![0; 1 << 16];
            loop {
                let count = file.read(&mut buffer)?;
                if count == 0 {
                    return Ok((bytes, hasher.finalize().into()));
                }
                hasher.update(&buffer[..count]);
                bytes += count as u64;
            }
        };
        let (bytes, sha256) = read().map_err(|error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => BackupError::damaged(&path, "it is missing"),
            _ => BackupError::Io { path: path.clone(), source: error },
        })?;
        Ok(Self { path: name.to_owned(), bytes, sha256 })
    }

    /// A path that leads out of the backup is refused with the line.
    fn parse(line: &str) -> Option<Self> {
        let (sha256, rest) = line.strip_prefix("file ")?.split_once(' ')?;
        let (bytes, path) = rest.split_once(' ')?;
        let is_inside = path.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
        let listed = Self { path: path.to_owned(), bytes: bytes.parse().ok()?, sha256: unhex(sha256)? };
        is_inside.then_some(listed)
    }
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok().map(|()| bytes)
}

/// Writes a file of a backup so that either the old or the new one is there, whole and durable. For its owner alone.
pub(super) fn put(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), BackupError> {
    let path = dir.join(name);
    Disk::default().replace(&path, &[bytes]).map_err(|error| BackupError::Io { path, source: error.source })
}

/// What the text of a manifest says, written again; for the fuzz targets.
#[cfg(feature = "fuzzing")]
pub(crate) fn read_again(text: &str) -> Option<String> {
    Manifest::parse(text).ok().map(|manifest| manifest.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_comes_back_and_any_change_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a"), b"one").unwrap();
        let manifest = Manifest {
            kind: Kind::Ledger,
            origin: "ledger.example/town".into(),
            size: 3,
            root: [7; 32],
            vault: [9; 16],
            made: Millis(5),
            head: b"signed".to_vec(),
            files: vec![Listed::of(dir.path(), "a").unwrap()],
        };
        manifest.write(dir.path()).unwrap();
        assert_eq!(Manifest::read(dir.path(), Kind::Ledger).unwrap(), manifest);
        assert!(matches!(Manifest::read(dir.path(), Kind::Keys), Err(BackupError::OtherKind { .. })));
        let bytes = fs::read(dir.path().join(NAME)).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(dir.path().join(NAME), changed).unwrap();
            assert!(Manifest::read(dir.path(), Kind::Ledger).is_err(), "byte {at}");
        }
        for length in 0..bytes.len() {
            fs::write(dir.path().join(NAME), &bytes[..length]).unwrap();
            assert!(Manifest::read(dir.path(), Kind::Ledger).is_err(), "{length} bytes");
        }
        assert!(Listed::parse(&format!("file {} 3 ../a", "0".repeat(64))).is_none());
        let summed = |body: &str| format!("{body}sum {}\n", hex::encode(Sha256::digest(body)));
        let text = manifest.text();
        let body = &text[..text.len() - 69];
        assert_eq!(summed(body), text);
        assert!(Manifest::parse(&summed(&body.replace("size 3", "size +3"))).is_err(), "another spelling");
    }
}
