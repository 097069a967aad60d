//! The store: sled, as a map from numbers to sealed bundles and index pages.
//!
//! - tree `bundles`: bundle (8 bytes) and part (2 bytes), big-endian, to a piece of at most 1 MiB of
//!   `"HBB1" || raw length || packed length || crc || zstd-1 of the C2SP bundle`. Larger values would become files of
//!   their own in sled, which it never syncs. The checksum covers the bundle's number too.
//! - tree `index`: `0 || page` to 256 times 48 bytes (subtree root, earliest and latest identifier) and a checksum;
//!   `1 || bundle` to 48 bytes and a checksum. Of the streams ([`super::stream_index`]): `3 || page || block` to a block of
//!   the page, and `4 || page` to the first marks of its blocks; `2 || bundle` to the marks of its entries. What is of
//!   a bundle goes when the head guard vouches for its whole page, since a power cut can take a page and leave a removal.
//!
//! What the store answers is checked here; what it holds is trusted only up to the head guard. sled's own `flush` does not
//! make anything durable: [`Store::barrier`] does. Nothing iterates: sled keeps all that an iteration read in memory.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use zstd::bulk::Compressor;

use super::bundle;
use super::contract::TILE_WIDTH;
use super::error::Fatal;
use super::options::{OpenOptions, Planted};
use super::state::{BundleMeta, IdTimes};
use super::stream_index::{self, BLOCKS, Page, StreamIndex};
use crate::disk::{Changes, Disk, Map, Tree};

const MAGIC: [u8; 4] = *b"HBB1";
const HEADER: usize = 16;
const PIECE: usize = 1 << 20;
/// Pieces of the largest bundle: 256 entries of 65,535 bytes, incompressible.
const PIECES: u16 = 17;
const META: usize = 48;
const COMPRESSION: i32 = 1;

/// The sealed part of a log.
pub(super) struct Store {
    path: PathBuf,
    map: Box<dyn Map>,
    skip_barrier: bool,
    packer: Mutex<Packer>,
    /// Pages of whose bundles nothing is left in the index.
    cleared: AtomicU64,
}

impl Store {
    /// Opens or creates the store.
    pub(super) fn open(path: &Path, options: &OpenOptions) -> Result<Self, Fatal> {
        options.disk.create_dir(path)?;
        let map = options.disk.open_map(path, options.store_cache_bytes);
        let map = map.map_err(|error| failed(path, "opening")(error.source))?;
        let skip_barrier = options.has(Planted::SkippedBarrier);
        let packer = Mutex::new(Packer::new().map_err(Fatal::io("compress for", path))?);
        Ok(Self { path: path.to_path_buf(), map, skip_barrier, packer, cleared: AtomicU64::new(0) })
    }

    fn failed(&self, doing: &'static str) -> impl FnOnce(io::Error) -> Fatal {
        failed(&self.path, doing)
    }

    /// Puts the entries of a bundle, as C2SP lays them out. Not durable before the next barrier.
    pub(super) fn put_bundle<'a>(
        &self,
        bundle: u64,
        entries: impl Iterator<Item = &'a Arc<[u8]>>,
    ) -> Result<(), Fatal> {
        let mut packer = self.packer.lock();
        let value = packer.pack(bundle, entries).map_err(Fatal::io("compress for", &self.path))?;
        let pieces = (0_u16..).zip(value.chunks(PIECE));
        let changes = pieces.map(|(part, piece)| (bundle_key(bundle, part).to_vec(), Some(piece.to_vec())));
        self.map.apply(Tree::Bundles, changes.collect()).map_err(self.failed("writing a bundle"))
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

    /// Forgets bundles, in any state that a power cut left them in. Not durable before the next barrier.
    pub(super) fn remove_bundles(&self, bundles: Range<u64>) -> Result<(), Fatal> {
        let mut changes = Changes::new();
        for bundle in bundles {
            for part in 0..PIECES {
                if self.piece(bundle, part)?.is_some() {
                    changes.push((bundle_key(bundle, part).to_vec(), None));
                }
            }
        }
        self.map.apply(Tree::Bundles, changes).map_err(self.failed("removing bundles"))
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

    fn piece(&self, bundle: u64, part: u16) -> Result<Option<Vec<u8>>, Fatal> {
        self.map.get(Tree::Bundles, &bundle_key(bundle, part)).map_err(self.failed("reading a bundle"))
    }

    /// A bundle that is not what was sealed.
    pub(super) fn bundle_damaged(&self, bundle: u64, how: &'static str) -> Fatal {
        self.damaged(format!("bundle {bundle}"), how)
    }

    fn damaged(&self, what: String, how: &'static str) -> Fatal {
        Fatal::StoreDamaged { path: self.path.clone(), what, how }
    }

    /// Adds a bundle to the index. With the last one of a page, all 256 metas of the page come along.
    pub(super) fn put_meta(
        &self,
        bundle: u64,
        meta: &BundleMeta,
        marks: &[u32],
        page: Option<(&[BundleMeta], &Page)>,
    ) -> Result<(), Fatal> {
        let number = bundle / TILE_WIDTH;
        let changes: Changes = match page {
            None => vec![
                (index_key(SINGLE, bundle).to_vec(), Some(encode_metas(bundle, &[*meta]))),
                (index_key(MARKS, bundle).to_vec(), Some(encode_marks(bundle, marks))),
            ],
            Some((metas, streams)) => {
                let blocks = (0_u16..).zip(&streams.blocks);
                let blocks = blocks.map(|(at, block)| {
                    (block_key(number, at).to_vec(), Some(summed(block_number(number, at), block.clone())))
                });
                let fences =
                    (index_key(FENCES, number).to_vec(), Some(encode_marks(number, &streams.fences)));
                let page = (index_key(PAGE, number).to_vec(), Some(encode_metas(number, metas)));
                blocks.chain([fences, page]).collect()
            }
        };
        self.map.apply(Tree::Index, changes).map_err(self.failed("writing the index"))
    }

    /// Removes what the index has of single bundles where their page is complete among the first so many bundles, for which
    /// the head guard vouches. Not durable before the next barrier.
    pub(super) fn clear_singles(&self, bundles: u64) -> Result<(), Fatal> {
        let complete = bundles / TILE_WIDTH;
        for page in self.cleared.load(Ordering::Relaxed)..complete {
            let of_page = page * TILE_WIDTH..(page + 1) * TILE_WIDTH - 1;
            let keys = of_page.flat_map(|bundle| [index_key(SINGLE, bundle), index_key(MARKS, bundle)]);
            let changes = keys.map(|key| (key.to_vec(), None)).collect();
            self.map.apply(Tree::Index, changes).map_err(self.failed("writing the index"))?;
            self.cleared.store(page + 1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// The index of the first so many bundles.
    pub(super) fn load_index(&self, bundles: u64) -> Result<Vec<BundleMeta>, Fatal> {
        let mut metas = Vec::new();
        let pages = bundles / TILE_WIDTH;
        // The last page may have been vouched for without being cleared.
        self.cleared.store(pages.saturating_sub(1), Ordering::Relaxed);
        for page in 0..pages {
            let first = page * TILE_WIDTH;
            metas.extend(self.metas(first, page, &index_key(PAGE, page), TILE_WIDTH as usize)?);
        }
        for bundle in pages * TILE_WIDTH..bundles {
            metas.extend(self.metas(bundle, bundle, &index_key(SINGLE, bundle), 1)?);
        }
        Ok(metas)
    }

    fn metas(&self, bundle: u64, number: u64, key: &[u8], count: usize) -> Result<Vec<BundleMeta>, Fatal> {
        let damaged = |how| self.damaged(format!("the index of bundle {bundle}"), how);
        let body = unsummed(number, self.index_value(key)?, damaged)?;
        let (metas, rest) = body.as_chunks::<META>();
        match rest.is_empty() && metas.len() == count {
            true => Ok(metas.iter().map(decode_meta).collect()),
            false => Err(damaged("its checksum does not fit")),
        }
    }

    /// What of the streams of the first so many bundles is kept in memory.
    pub(super) fn load_streams(&self, bundles: u64) -> Result<StreamIndex, Fatal> {
        let mut fences = Vec::new();
        for page in 0..bundles / TILE_WIDTH {
            let value = self.index_value(&index_key(FENCES, page))?;
            let marks = self.decode_marks(page, value, BLOCKS)?;
            fences.extend(marks.first_chunk::<BLOCKS>().copied());
        }
        let mut open = Vec::new();
        for bundle in bundles - bundles % TILE_WIDTH..bundles {
            let value = self.index_value(&index_key(MARKS, bundle))?;
            open.extend(self.decode_marks(bundle, value, TILE_WIDTH as usize)?);
        }
        Ok(StreamIndex::new(fences, open))
    }

    /// The positions in a range that blocks of a page name for a stream, ascending.
    pub(super) fn stream_places(
        &self,
        page: u64,
        blocks: Range<usize>,
        stream: u64,
        range: Range<u64>,
    ) -> Result<Vec<u64>, Fatal> {
        let (wanted, first) = (stream_index::mark(stream), page * stream_index::PAGE);
        let mut found = Vec::new();
        for block in blocks {
            let places = self.block(page, block)?.into_iter().filter(|(mark, _)| *mark == wanted);
            found.extend(places.map(|(_, place)| first + u64::from(place)).filter(|at| range.contains(at)));
        }
        Ok(found)
    }

    fn block(&self, page: u64, block: usize) -> Result<Vec<(u32, u16)>, Fatal> {
        let block = block as u16;
        let value = self.index_value(&block_key(page, block))?;
        let damaged = |how| self.streams_damaged(page, how);
        let body = unsummed(block_number(page, block), value, damaged)?;
        let pairs = stream_index::pairs(&body).map(Iterator::collect);
        pairs.ok_or_else(|| damaged("a block has another length"))
    }

    fn decode_marks(&self, number: u64, value: Option<Vec<u8>>, count: usize) -> Result<Vec<u32>, Fatal> {
        let damaged = |how| self.streams_damaged(number, how);
        let body = unsummed(number, value, damaged)?;
        let (marks, rest) = body.as_chunks::<4>();
        if !rest.is_empty() || marks.len() != count {
            return Err(damaged("it has another length"));
        }
        Ok(marks.iter().map(|mark| u32::from_be_bytes(*mark)).collect())
    }

    fn streams_damaged(&self, number: u64, how: &'static str) -> Fatal {
        self.damaged(format!("the index of streams, part {number},"), how)
    }

    fn index_value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fatal> {
        self.map.get(Tree::Index, key).map_err(self.failed("reading the index"))
    }

    /// Makes everything put so far durable.
    pub(super) fn barrier(&self) -> Result<(), Fatal> {
        self.map.flush().map_err(self.failed("flushing"))?;
        if self.skip_barrier {
            return Ok(());
        }
        self.map.sync().map_err(self.failed("syncing"))
    }
}

/// Compresses bundles. Its memory serves one after the other: to ask for it anew would cost more than the compressing.
struct Packer {
    compressor: Compressor<'static>,
    raw: Vec<u8>,
    value: Vec<u8>,
}

impl Packer {
    fn new() -> io::Result<Self> {
        Ok(Self { compressor: Compressor::new(COMPRESSION)?, raw: Vec::new(), value: Vec::new() })
    }

    /// A bundle as it is stored.
    fn pack<'a>(&mut self, bundle: u64, entries: impl Iterator<Item = &'a Arc<[u8]>>) -> io::Result<&[u8]> {
        let Self { compressor, raw, value } = self;
        for buffer in [&mut *raw, &mut *value] {
            buffer.clear();
            buffer.shrink_to(PIECE);
        }
        bundle::join_into(raw, entries);
        value.resize(HEADER, 0);
        value.reserve(zstd::zstd_safe::compress_bound(raw.len()));
        let mut behind = io::Cursor::new(&mut *value);
        behind.set_position(HEADER as u64);
        let length = compressor.compress_to_buffer(raw, &mut behind)?;
        let packed = &value[HEADER..];
        assert_eq!(packed.len(), length, "the compressed bytes stand behind the header");
        let crc = bundle_crc(bundle, raw.len(), packed);
        value[..4].copy_from_slice(&MAGIC);
        value[4..8].copy_from_slice(&(raw.len() as u32).to_be_bytes());
        value[8..12].copy_from_slice(&(length as u32).to_be_bytes());
        value[12..HEADER].copy_from_slice(&crc.to_be_bytes());
        Ok(value)
    }
}

fn failed(path: &Path, doing: &'static str) -> impl FnOnce(io::Error) -> Fatal {
    let path = path.to_path_buf();
    move |error| Fatal::Store { path, doing, what: error.to_string() }
}

/// Whether there is no store yet. The directory may be there: it can be a file system of its own.
pub(super) fn is_blank(disk: &Disk, path: &Path) -> Result<bool, Fatal> {
    Ok(disk.contents(path)?.is_empty())
}

/// Removes a store whose content is of no consequence, durably.
pub(super) fn clear(disk: &Disk, path: &Path) -> Result<(), Fatal> {
    let contents = disk.contents(path)?;
    contents.iter().try_for_each(|item| disk.remove_all(item))?;
    if contents.is_empty() { Ok(()) } else { Ok(disk.sync_dir(path)?) }
}

fn bundle_key(bundle: u64, part: u16) -> [u8; 10] {
    let mut key = [0; 10];
    key[..8].copy_from_slice(&bundle.to_be_bytes());
    key[8..].copy_from_slice(&part.to_be_bytes());
    key
}

/// What the keys of the index begin with: metas of a page and of a bundle, marks of a bundle, a block, fences of a page.
const PAGE: u8 = 0;
const SINGLE: u8 = 1;
const MARKS: u8 = 2;
const BLOCK: u8 = 3;
const FENCES: u8 = 4;

fn block_key(page: u64, block: u16) -> [u8; 11] {
    let mut key = [BLOCK; 11];
    key[1..9].copy_from_slice(&page.to_be_bytes());
    key[9..].copy_from_slice(&block.to_be_bytes());
    key
}

/// What a block's checksum binds it to.
fn block_number(page: u64, block: u16) -> u64 {
    page << 16 | u64::from(block)
}

fn index_key(prefix: u8, number: u64) -> [u8; 9] {
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
    summed(number, value)
}

fn encode_marks(number: u64, marks: &[u32]) -> Vec<u8> {
    summed(number, marks.iter().flat_map(|mark| mark.to_be_bytes()).collect())
}

fn summed(number: u64, mut value: Vec<u8>) -> Vec<u8> {
    let crc = numbered_crc(number, &value);
    value.extend_from_slice(&crc.to_be_bytes());
    value
}

/// A value of the index without its checksum.
fn unsummed(
    number: u64,
    value: Option<Vec<u8>>,
    damaged: impl Fn(&'static str) -> Fatal,
) -> Result<Vec<u8>, Fatal> {
    let mut value = value.ok_or_else(|| damaged("it is missing"))?;
    let sum = value.split_last_chunk::<4>();
    if sum.is_none_or(|(body, crc)| numbered_crc(number, body) != u32::from_be_bytes(*crc)) {
        return Err(damaged("its checksum does not fit"));
    }
    value.truncate(value.len() - 4);
    Ok(value)
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
