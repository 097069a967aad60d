//! The store: sled, as a map from numbers to sealed bundles and index pages.
//!
//! - tree `bundles`: bundle (8 bytes) and part (2 bytes), big-endian, to a piece of at most 1 MiB of
//!   `"HBB1" || raw length || packed length || crc || zstd-1 of the C2SP bundle`. Larger values would become files of
//!   their own in sled, which it never syncs. The checksum covers the bundle's number too.
//! - tree `index`: `0 || page` to 256 times 48 bytes (subtree root, earliest and latest identifier) and a checksum;
//!   `1 || bundle` to 48 bytes and a checksum, until the page is complete.
//!
//! What sled answers is checked here; what it holds is trusted only up to the head guard. sled's own `flush` does not
//! make anything durable: [`Store::barrier`] does. sled can panic on damage, so every call is fenced. Nothing
//! iterates: an iteration keeps all it read in memory.

use std::fs::{self, File};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::state::{BundleMeta, IdTimes};
use super::{Fatal, OpenOptions, TILE_WIDTH};

const MAGIC: [u8; 4] = *b"HBB1";
const HEADER: usize = 16;
const PIECE: usize = 1 << 20;
const META: usize = 48;
const SEGMENT: usize = 8 << 20;
const COMPRESSION: i32 = 1;
/// Five seconds in all.
const LOCK_TRIES: u32 = 250;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// The sealed part of a log.
pub(super) struct Store {
    path: PathBuf,
    /// Open for as long as the store, for the barrier.
    dir: File,
    db: sled::Db,
    bundles: sled::Tree,
    index: sled::Tree,
    skip_barrier: bool,
}

impl Store {
    /// Opens or creates the store.
    pub(super) fn open(path: &Path, options: &OpenOptions) -> Result<Self, Fatal> {
        super::files::create_dir(path)?;
        let dir = File::open(path).map_err(Fatal::io("open", path))?;
        let config = sled::Config::new()
            .path(path)
            .segment_size(SEGMENT)
            .cache_capacity(options.store_cache_bytes)
            .flush_every_ms(None);
        let (db, bundles, index) = fence(path, "opening", || {
            let db = open_patiently(&config)?;
            let bundles = db.open_tree("bundles")?;
            let index = db.open_tree("index")?;
            Ok((db, bundles, index))
        })?;
        Ok(Self { path: path.to_path_buf(), dir, db, bundles, index, skip_barrier: skip_barrier(options) })
    }

    /// Puts a bundle, as C2SP lays it out. Not durable before the next barrier.
    pub(super) fn put_bundle(&self, bundle: u64, raw: &[u8]) -> Result<(), Fatal> {
        let packed = zstd::bulk::compress(raw, COMPRESSION).map_err(Fatal::io("compress for", &self.path))?;
        let mut value = Vec::with_capacity(HEADER + packed.len());
        value.extend_from_slice(&MAGIC);
        value.extend_from_slice(&(raw.len() as u32).to_be_bytes());
        value.extend_from_slice(&(packed.len() as u32).to_be_bytes());
        value.extend_from_slice(&bundle_crc(bundle, raw.len(), &packed).to_be_bytes());
        value.extend_from_slice(&packed);
        fence(&self.path, "writing a bundle", || {
            for (part, piece) in (0_u16..).zip(value.chunks(PIECE)) {
                self.bundles.insert(bundle_key(bundle, part), piece)?;
            }
            Ok(())
        })
    }

    /// A bundle's bytes as C2SP lays them out.
    pub(super) fn bundle(&self, bundle: u64) -> Result<Vec<u8>, Fatal> {
        let (raw, packed) = self.packed(bundle)?;
        let unpacked = zstd::bulk::decompress(&packed, raw);
        let unpacked = unpacked.map_err(|_| self.bundle_damaged(bundle, "it does not decompress"))?;
        if unpacked.len() != raw {
            return Err(self.bundle_damaged(bundle, "it decompresses to another length"));
        }
        Ok(unpacked)
    }

    /// Checks that a bundle is there and that its checksum fits.
    pub(super) fn check_bundle(&self, bundle: u64) -> Result<(), Fatal> {
        self.packed(bundle).map(|_| ())
    }

    /// The raw length and the compressed bytes, checked.
    fn packed(&self, bundle: u64) -> Result<(usize, Vec<u8>), Fatal> {
        let Some(first) = self.piece(bundle, 0)? else {
            return Err(self.bundle_damaged(bundle, "it is missing"));
        };
        let header: &[u8; HEADER] =
            first.first_chunk().ok_or_else(|| self.bundle_damaged(bundle, "its first piece is short"))?;
        if header[..4] != MAGIC {
            return Err(self.bundle_damaged(bundle, "it does not begin as a bundle does"));
        }
        let number = |at: usize| header[at..].first_chunk().map_or(0, |four| u32::from_be_bytes(*four));
        let (raw, length, crc) = (number(4) as usize, number(8) as usize, number(12));
        let mut packed = first[HEADER..].to_vec();
        for part in 1_u16.. {
            if packed.len() >= length {
                break;
            }
            let piece = self.piece(bundle, part)?;
            packed.extend_from_slice(
                &piece.ok_or_else(|| self.bundle_damaged(bundle, "one of its pieces is missing"))?,
            );
        }
        if packed.len() != length || bundle_crc(bundle, raw, &packed) != crc {
            return Err(self.bundle_damaged(bundle, "its checksum does not fit"));
        }
        Ok((raw, packed))
    }

    fn piece(&self, bundle: u64, part: u16) -> Result<Option<sled::IVec>, Fatal> {
        fence(&self.path, "reading a bundle", || self.bundles.get(bundle_key(bundle, part)))
    }

    /// A bundle that is not what was sealed.
    pub(super) fn bundle_damaged(&self, bundle: u64, how: &'static str) -> Fatal {
        Fatal::StoreDamaged { path: self.path.clone(), what: format!("bundle {bundle}"), how }
    }

    /// Adds a bundle to the index. With the last one of a page, all 256 metas of the page come along.
    pub(super) fn put_meta(
        &self,
        bundle: u64,
        meta: &BundleMeta,
        page: Option<&[BundleMeta]>,
    ) -> Result<(), Fatal> {
        let mut batch = sled::Batch::default();
        let number = bundle / TILE_WIDTH;
        match page {
            None => batch.insert(single_key(bundle).as_slice(), encode_metas(bundle, &[*meta])),
            Some(metas) => {
                batch.insert(page_key(number).as_slice(), encode_metas(number, metas));
                let singles = number * TILE_WIDTH..bundle;
                singles.for_each(|single| batch.remove(single_key(single).as_slice()));
            }
        }
        fence(&self.path, "writing the index", || self.index.apply_batch(batch))
    }

    /// The index of the first so many bundles.
    pub(super) fn load_index(&self, bundles: u64) -> Result<Vec<BundleMeta>, Fatal> {
        let mut metas = Vec::new();
        while (metas.len() as u64) < bundles {
            let next = metas.len() as u64;
            let wanted = (bundles - next).min(TILE_WIDTH) as usize;
            match self.index_value(&page_key(next / TILE_WIDTH))? {
                Some(value) => {
                    let page = self.decode_metas(next / TILE_WIDTH, &value, TILE_WIDTH as usize)?;
                    metas.extend_from_slice(&page[..wanted]);
                }
                None => self.load_singles(next, wanted, &mut metas)?,
            }
        }
        Ok(metas)
    }

    fn load_singles(&self, next: u64, wanted: usize, metas: &mut Vec<BundleMeta>) -> Result<(), Fatal> {
        for bundle in next..next + wanted as u64 {
            let value = self.index_value(&single_key(bundle))?;
            let value = value.ok_or_else(|| self.index_damaged(bundle, "it is missing"))?;
            metas.extend(self.decode_metas(bundle, &value, 1)?);
        }
        Ok(())
    }

    fn index_value(&self, key: &[u8]) -> Result<Option<sled::IVec>, Fatal> {
        fence(&self.path, "reading the index", || self.index.get(key))
    }

    fn index_damaged(&self, number: u64, how: &'static str) -> Fatal {
        Fatal::StoreDamaged { path: self.path.clone(), what: format!("the index of bundle {number}"), how }
    }

    fn decode_metas(&self, number: u64, value: &[u8], count: usize) -> Result<Vec<BundleMeta>, Fatal> {
        let body = value.split_last_chunk::<4>().filter(|(body, crc)| {
            body.len() == count * META && numbered_crc(number, body) == u32::from_be_bytes(**crc)
        });
        let (body, _) = body.ok_or_else(|| self.index_damaged(number, "its checksum does not fit"))?;
        Ok(body.as_chunks::<META>().0.iter().map(decode_meta).collect())
    }

    /// Makes everything put so far durable: sled's flush hands it to the kernel, syncfs brings it to the disk with
    /// all that belongs to it, sled's blob files and directory included.
    pub(super) fn barrier(&self) -> Result<(), Fatal> {
        fence(&self.path, "flushing", || self.db.flush())?;
        if self.skip_barrier {
            return Ok(());
        }
        rustix::fs::syncfs(&self.dir).map_err(|errno| Fatal::io("sync", &self.path)(errno.into()))
    }
}

#[cfg(feature = "planted-bugs")]
fn skip_barrier(options: &OpenOptions) -> bool {
    options.skip_barrier
}

#[cfg(not(feature = "planted-bugs"))]
fn skip_barrier(_: &OpenOptions) -> bool {
    false
}

/// What a new file system has in its root, which is no part of a store mounted there.
const NOT_OURS: &str = "lost+found";

/// Whether there is no store yet. The directory may be there: it can be a file system of its own.
pub(super) fn is_blank(path: &Path) -> Result<bool, Fatal> {
    Ok(contents(path)?.is_empty())
}

/// Removes a store whose content is of no consequence, durably.
pub(super) fn clear(path: &Path) -> Result<(), Fatal> {
    let contents = contents(path)?;
    for item in &contents {
        let removed = if item.is_dir() { fs::remove_dir_all(item) } else { fs::remove_file(item) };
        removed.map_err(Fatal::io("delete", item))?;
    }
    if contents.is_empty() { Ok(()) } else { super::files::sync_dir(path) }
}

fn contents(path: &Path) -> Result<Vec<PathBuf>, Fatal> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let listed = fs::read_dir(path).and_then(|items| items.map(|item| Ok(item?.path())).collect());
    let mut listed: Vec<PathBuf> = listed.map_err(Fatal::io("list", path))?;
    listed.retain(|item| !item.ends_with(NOT_OURS));
    Ok(listed)
}

/// sled's threads may hold its lock a moment longer than the database that this process closed before. No other process
/// can: whoever opens a store has the log's own lock. So the lock is worth waiting for, within bounds.
fn open_patiently(config: &sled::Config) -> sled::Result<sled::Db> {
    for _ in 0..LOCK_TRIES {
        match config.open() {
            Err(sled::Error::Io(error)) if error.to_string().contains("could not acquire lock") => {
                std::thread::sleep(LOCK_PAUSE);
            }
            opened => return opened,
        }
    }
    config.open()
}

/// Calls sled so that neither its errors nor its panics get further than a [`Fatal`].
fn fence<T>(path: &Path, doing: &'static str, call: impl FnOnce() -> sled::Result<T>) -> Result<T, Fatal> {
    let failed = |what| Fatal::Store { path: path.to_path_buf(), doing, what };
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(panic) => Err(failed(format!("it panicked: {}", panic_text(&*panic)))),
    }
}

/// The text of a caught panic.
pub(super) fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a text")
}

fn bundle_key(bundle: u64, part: u16) -> [u8; 10] {
    let mut key = [0; 10];
    key[..8].copy_from_slice(&bundle.to_be_bytes());
    key[8..].copy_from_slice(&part.to_be_bytes());
    key
}

fn page_key(page: u64) -> [u8; 9] {
    prefixed(0, page)
}

fn single_key(bundle: u64) -> [u8; 9] {
    prefixed(1, bundle)
}

fn prefixed(prefix: u8, number: u64) -> [u8; 9] {
    let mut key = [prefix; 9];
    key[1..].copy_from_slice(&number.to_be_bytes());
    key
}

fn encode_metas(number: u64, metas: &[BundleMeta]) -> Vec<u8> {
    let mut value = Vec::with_capacity(metas.len() * META + 4);
    for meta in metas {
        value.extend_from_slice(&meta.hash);
        value.extend_from_slice(&meta.times.min.to_be_bytes());
        value.extend_from_slice(&meta.times.max.to_be_bytes());
    }
    let crc = numbered_crc(number, &value);
    value.extend_from_slice(&crc.to_be_bytes());
    value
}

fn decode_meta(bytes: &[u8; META]) -> BundleMeta {
    let mut meta = BundleMeta { hash: [0; 32], times: IdTimes { min: 0, max: 0 } };
    meta.hash.copy_from_slice(&bytes[..32]);
    let number = |at: usize| bytes[at..].first_chunk().map_or(0, |eight| u64::from_be_bytes(*eight));
    meta.times = IdTimes { min: number(32), max: number(40) };
    meta
}

fn numbered_crc(number: u64, body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&number.to_be_bytes());
    hasher.update(body);
    hasher.finalize()
}

fn bundle_crc(bundle: u64, raw: usize, packed: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&bundle.to_be_bytes());
    hasher.update(&(raw as u64).to_be_bytes());
    hasher.update(packed);
    hasher.finalize()
}
