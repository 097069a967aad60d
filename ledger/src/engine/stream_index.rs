//! Where the entries of a stream are, without a key for each entry.
//!
//! Of a stream's fingerprint the upper 32 bits are kept, its *mark*. Sealed bundles are gathered in pages of 256, as in
//! the index of subtrees. A complete page is a run of 65,536 pairs (mark, place in the page), sorted, cut into blocks of
//! 1,024, of which only the first marks are in memory. What is not in a complete page is in memory whole: 4 bytes an
//! entry. So a lookup reads one block a page, or a few for a stream that fills more, and two streams of one mark cost
//! a reader a wrong candidate: within a page of 65,536 entries that happens to one stream in 65,536 by chance.

use std::ops::Range;

use super::contract::TILE_WIDTH;

/// Entries in a page.
pub(super) const PAGE: u64 = TILE_WIDTH * TILE_WIDTH;
/// Pairs in a block.
const BLOCK: usize = 1_024;
/// Blocks in a page.
pub(super) const BLOCKS: usize = PAGE as usize / BLOCK;
/// Bytes of a pair: a mark and a place.
const PAIR: usize = 6;

/// The first mark of each block of a page.
pub(super) type Fences = [u32; BLOCKS];

/// What of a fingerprint is kept.
pub(super) fn mark(stream: u64) -> u32 {
    (stream >> 32) as u32
}

/// The marks that are in memory.
#[derive(Debug, Default)]
pub(super) struct StreamIndex {
    /// Of each complete page the first mark of each block.
    fences: Vec<Fences>,
    /// The mark of each sealed entry behind the complete pages.
    open: Vec<u32>,
}

impl StreamIndex {
    pub(super) fn new(fences: Vec<Fences>, open: Vec<u32>) -> Self {
        Self { fences, open }
    }

    /// Complete pages.
    pub(super) fn pages(&self) -> u64 {
        self.fences.len() as u64
    }

    /// The marks behind the complete pages.
    pub(super) fn open(&self) -> &[u32] {
        &self.open
    }

    /// The blocks of a complete page that may hold a mark.
    pub(super) fn blocks(&self, page: u64, mark: u32) -> Range<usize> {
        let fences = &self.fences[page as usize];
        let end = fences.partition_point(|first| *first <= mark);
        fences.partition_point(|first| *first < mark).saturating_sub(1)..end
    }

    /// Takes in the marks of the next bundle; of a bundle that completes a page, with the page's fences.
    pub(super) fn push(&mut self, marks: &[u32], fences: Option<Fences>) {
        self.open.extend_from_slice(marks);
        if let Some(fences) = fences {
            self.fences.push(fences);
            self.open.clear();
        }
    }
}

/// A complete page, cut into blocks.
pub(super) struct Page {
    pub(super) blocks: Vec<Vec<u8>>,
    pub(super) fences: Fences,
}

impl Page {
    /// Sorts the marks of a whole page.
    pub(super) fn new(marks: &[u32]) -> Self {
        assert_eq!(marks.len() as u64, PAGE, "a page is complete");
        let mut pairs: Vec<(u32, u16)> =
            (0..=u16::MAX).zip(marks).map(|(place, mark)| (*mark, place)).collect();
        pairs.sort_unstable();
        let mut fences = [0; BLOCKS];
        let blocks = pairs.chunks(BLOCK).zip(&mut fences).map(|(block, fence)| {
            *fence = block[0].0;
            let mut bytes = Vec::with_capacity(BLOCK * PAIR);
            for (mark, place) in block {
                bytes.extend_from_slice(&mark.to_be_bytes());
                bytes.extend_from_slice(&place.to_be_bytes());
            }
            bytes
        });
        let blocks = blocks.collect();
        Self { blocks, fences }
    }
}

/// The pairs of a block; `None` if its length is not that of one.
pub(super) fn pairs(block: &[u8]) -> Option<impl Iterator<Item = (u32, u16)>> {
    let (pairs, rest) = block.as_chunks::<PAIR>();
    let read = |[a, b, c, d, e, f]: &[u8; PAIR]| {
        (u32::from_be_bytes([*a, *b, *c, *d]), u16::from_be_bytes([*e, *f]))
    };
    (rest.is_empty() && pairs.len() == BLOCK).then(|| pairs.iter().map(read))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_finds_every_place_of_every_mark_and_reads_one_block_for_a_rare_one() {
        // One stream with a third of the entries, a few with some, and many that are met once.
        let of = |place: u32| match place % 6 {
            0 | 1 => 0x8000_0000,
            2 => place % 5,
            _ => place.wrapping_mul(0x9e37_79b9),
        };
        let marks: Vec<u32> = (0..PAGE as u32).map(of).collect();
        let page = Page::new(&marks);
        let mut index = StreamIndex::default();
        index.push(&marks[..65_280], None);
        assert_eq!((index.pages(), index.open().len()), (0, 65_280));
        index.push(&marks[65_280..], Some(page.fences));
        assert_eq!((index.pages(), index.open().len()), (1, 0));
        let find = |mark: u32| {
            let blocks = index.blocks(0, mark);
            let all = blocks.clone().flat_map(|block| pairs(&page.blocks[block]).unwrap());
            let places: Vec<u16> = all.filter(|pair| pair.0 == mark).map(|pair| pair.1).collect();
            (blocks.len(), places)
        };
        for mark in [0, 1, 4, 5, 0x8000_0000, 0x7fff_ffff, u32::MAX, of(3), of(65_533), of(777)] {
            let expected: Vec<u16> =
                (0..=u16::MAX).filter(|place| marks[usize::from(*place)] == mark).collect();
            let (blocks, found) = find(mark);
            assert_eq!(found, expected, "{mark:x}");
            assert!(blocks <= 2 + expected.len().div_ceil(BLOCK), "{blocks} blocks for {mark:x}");
        }
        let mut restored: Vec<(u16, u32)> =
            page.blocks.iter().flat_map(|block| pairs(block).unwrap()).map(|(m, p)| (p, m)).collect();
        restored.sort_unstable();
        assert!(restored.iter().map(|pair| pair.1).eq(marks));
    }
}
