//! Where an audit reads from: a log as tlog-tiles lays it out, whatever holds it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::finding::Kind;
use crate::engine::{EngineError, Fatal, LogReader};
use crate::merkle::Hash;
use crate::tiles::{Tile, TileKind, TileWidth};

/// Why something could not be read.
#[derive(Debug, Clone, Error)]
pub enum SourceError {
    /// What holds the log says that it is damaged: a finding, and the audit goes on with the rest.
    #[error("{1}")]
    Damaged(Kind, String),
    /// It cannot be reached, or does not let the auditor in: the audit ends without a verdict.
    #[error("{en}")]
    Unavailable {
        /// What and how to mend it, in Chinese.
        zh: String,
        /// The same in English.
        en: String,
        /// It could not be reached, as against that it refused.
        unreachable: bool,
    },
}

/// What was read, or what is damaged of it: an error is only what ends the audit.
pub(super) fn or_damage<T>(read: Result<T, SourceError>) -> Result<Result<T, (Kind, String)>, SourceError> {
    match read {
        Ok(read) => Ok(Ok(read)),
        Err(SourceError::Damaged(kind, what)) => Ok(Err((kind, what))),
        Err(error) => Err(error),
    }
}

/// The bytes of a file, if it is there.
fn read_file(path: &Path, damage: Kind) -> Result<Option<Vec<u8>>, SourceError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SourceError::Damaged(damage, format!("{}: {error}", path.display()))),
    }
}

/// A log to audit. Several threads read at once.
pub trait Source: Sync {
    /// The newest signed checkpoint; asked for once.
    ///
    /// # Errors
    /// [`SourceError`].
    fn checkpoint(&self) -> Result<Option<Vec<u8>>, SourceError>;

    /// The verifier key that the source offers beside the log, if it does.
    ///
    /// # Errors
    /// [`SourceError`].
    fn vkey(&self) -> Result<Option<String>, SourceError>;

    /// How many entries there are, if the source knows that otherwise than by the checkpoint.
    fn size(&self) -> Option<u64> {
        None
    }

    /// The file of a tile in the log's archive, exactly as it is; `None` if an archive of its size is not to have it.
    ///
    /// # Errors
    /// [`SourceError::Damaged`] if it is missing or cannot be read.
    fn archived(&self, _tile: &Tile) -> Result<Option<Vec<u8>>, SourceError> {
        Ok(None)
    }

    /// The signed checkpoint over what is in the archive, with its place.
    ///
    /// # Errors
    /// As [`Source::archived`].
    fn archived_checkpoint(&self) -> Result<Option<(PathBuf, Vec<u8>)>, SourceError> {
        Ok(None)
    }

    /// The bytes of a hash tile or of a bundle of entries; `None` if it is not there.
    ///
    /// # Errors
    /// [`SourceError`].
    fn tile(&self, tile: &Tile) -> Result<Option<Vec<u8>>, SourceError>;
}

/// An open log engine.
pub struct EngineSource(pub Arc<dyn LogReader>);

impl Source for EngineSource {
    fn checkpoint(&self) -> Result<Option<Vec<u8>>, SourceError> {
        let checkpoint = self.0.head().checkpoint;
        Ok((!checkpoint.is_empty()).then(|| checkpoint.to_vec()))
    }

    fn vkey(&self) -> Result<Option<String>, SourceError> {
        Ok(None)
    }

    fn size(&self) -> Option<u64> {
        Some(self.0.head().size)
    }

    fn tile(&self, tile: &Tile) -> Result<Option<Vec<u8>>, SourceError> {
        let width = tile.width.get() as u16;
        let read = match tile.kind {
            TileKind::Hashes(level) => self.0.tile(level, tile.index, width),
            TileKind::Entries => self.0.bundle(tile.index, width),
        };
        read.map_err(of_engine)
    }

    fn archived(&self, tile: &Tile) -> Result<Option<Vec<u8>>, SourceError> {
        self.0.archived_file(tile).map_err(of_engine)
    }

    fn archived_checkpoint(&self) -> Result<Option<(PathBuf, Vec<u8>)>, SourceError> {
        let Some(archive) = self.0.archive() else { return Ok(None) };
        let path = archive.dir.join("checkpoint");
        // A crash can leave an archive without one; the next bundle that is moved brings it.
        Ok(read_file(&path, Kind::ArchiveDamaged)?.map(|note| (path, note)))
    }
}

/// What kind of finding an error of the engine is.
pub(super) fn kind_of(error: &EngineError) -> Kind {
    match error {
        EngineError::Fatal(Fatal::ArchiveMissing { .. } | Fatal::ArchiveUnreadable { .. }) => {
            Kind::ArchiveMissing
        }
        EngineError::Fatal(Fatal::ArchiveDamaged { .. }) => Kind::ArchiveDamaged,
        _ => Kind::Damaged,
    }
}

fn of_engine(error: EngineError) -> SourceError {
    SourceError::Damaged(kind_of(&error), error.to_string())
}

/// A directory in the tlog-tiles layout, such as an archive: `checkpoint`, `tile/…`, perhaps `log.vkey`.
pub struct DirectorySource(pub PathBuf);

impl DirectorySource {
    /// Whether a directory looks like one.
    #[must_use]
    pub fn is_one(dir: &Path) -> bool {
        dir.join("tile").is_dir() || dir.join("checkpoint").is_file()
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        read_file(&self.0.join(path), Kind::Damaged)
    }
}

impl Source for DirectorySource {
    fn checkpoint(&self) -> Result<Option<Vec<u8>>, SourceError> {
        self.read("checkpoint")
    }

    fn vkey(&self) -> Result<Option<String>, SourceError> {
        let text = self.read("log.vkey")?;
        Ok(text.map(|text| String::from_utf8_lossy(&text).trim().to_owned()))
    }

    fn tile(&self, tile: &Tile) -> Result<Option<Vec<u8>>, SourceError> {
        self.read(&tile.to_string())
    }
}

/// The first `width` hashes or entries of a tile. A partial tile may be gone once a fuller one is there (tlog-tiles:
/// clients then take what they need of the full one).
pub(super) fn read_tile(source: &dyn Source, tile: &Tile) -> Result<Option<(Vec<u8>, bool)>, SourceError> {
    if let Some(bytes) = source.tile(tile)? {
        return Ok(Some((bytes, false)));
    }
    if tile.width == TileWidth::Full {
        return Ok(None);
    }
    let full = Tile { width: TileWidth::Full, ..*tile };
    Ok(source.tile(&full)?.map(|bytes| (bytes, true)))
}

/// Compares the archive's file of a tile, if there is to be one, with what is known of it; answers how many were right.
pub(super) fn check_file(
    source: &dyn Source,
    tile: &Tile,
    own: Option<&[u8]>,
    find: impl FnOnce(Kind, String),
) -> Result<u64, SourceError> {
    match or_damage(source.archived(tile))? {
        Ok(None) => return Ok(0),
        Ok(Some(raw)) if own == Some(raw.as_slice()) => return Ok(1),
        Ok(Some(_)) => find(Kind::ArchiveDamaged, tile.to_string()),
        Err((kind, what)) => find(kind, what),
    }
    Ok(0)
}

/// The whole hashes in a tile's bytes, at most `most`.
pub(super) fn hashes_of(raw: &[u8], most: usize) -> Vec<Hash> {
    raw.as_chunks::<32>().0.iter().take(most).copied().collect()
}

/// Takes a bundle apart; fewer than `count` entries if it is not whole, and whether it is exactly as long as it should
/// be. With `more` the bundle may go on behind them.
pub(super) fn split_bundle(raw: &[u8], count: usize, more: bool) -> (Vec<&[u8]>, bool) {
    let mut entries = Vec::with_capacity(count);
    let mut rest = raw;
    while entries.len() < count {
        let Some((length, behind)) = rest.split_first_chunk::<2>() else { break };
        let Some((entry, behind)) = behind.split_at_checked(usize::from(u16::from_be_bytes(*length))) else {
            break;
        };
        entries.push(entry);
        rest = behind;
    }
    let whole = entries.len() == count && (more || rest.is_empty());
    (entries, whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_taken_apart_to_the_last_whole_entry() {
        let raw = [0, 1, 7, 0, 2, 8, 9, 0, 0];
        assert_eq!(split_bundle(&raw, 3, false), (vec![&[7][..], &[8, 9], &[]], true));
        assert_eq!(split_bundle(&raw, 2, true), (vec![&[7][..], &[8, 9]], true));
        assert!(!split_bundle(&raw, 2, false).1, "bytes behind it");
        assert_eq!(split_bundle(&raw[..6], 3, false), (vec![&[7][..]], false));
        assert!(!split_bundle(&raw, 4, false).1);
    }
}
