//! Turns fuzz bytes into choices: small numbers, texts, and damage to bytes that were whole.

/// Bytes that are used up one choice after the other; zeros follow when they are gone.
pub(crate) struct Feed<'a>(&'a [u8]);

impl<'a> Feed<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    pub(crate) fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let taken = self.take(N);
        array[..taken.len()].copy_from_slice(taken);
        array
    }

    pub(crate) fn short(&mut self) -> usize {
        usize::from(u16::from_be_bytes(self.array()))
    }

    pub(crate) fn long(&mut self) -> u64 {
        u64::from_be_bytes(self.array())
    }

    /// 0 to `end - 1`; zero if `end` is zero.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let chosen = if end <= 256 { usize::from(self.byte()) } else { self.short() };
        chosen.checked_rem(end).unwrap_or(0)
    }

    /// One of these, of which there is at least one.
    pub(crate) fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }

    pub(crate) fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// A length in one byte and so many bytes.
    pub(crate) fn chunk(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte());
        self.take(length)
    }

    /// A chunk as text; what is not UTF-8 in it is replaced.
    pub(crate) fn text(&mut self) -> String {
        String::from_utf8_lossy(self.chunk()).into_owned()
    }

    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    /// Damages bytes in up to `most` ways: what disks, networks and enemies do to a file.
    pub(crate) fn damage(&mut self, bytes: &mut Vec<u8>, most: usize) {
        for _ in 0..self.below(most + 1) {
            self.damage_once(bytes);
        }
    }

    fn damage_once(&mut self, bytes: &mut Vec<u8>) {
        let kind = self.byte();
        let at = self.position(bytes.len());
        let end = (at + 1 + self.below(64)).min(bytes.len());
        match kind % 8 {
            0 if at < bytes.len() => bytes[at] ^= 1 << (self.byte() % 8),
            1 if at < bytes.len() => bytes[at] = self.byte(),
            2 => bytes.truncate(at),
            3 => drop(bytes.splice(at..at, self.chunk().iter().copied())),
            4 => drop(bytes.drain(at.min(end)..end)),
            5 => {
                let copy = bytes[at.min(end)..end].to_vec();
                let to = self.position(bytes.len());
                drop(bytes.splice(to..to, copy));
            }
            // A sector that was never written.
            6 => {
                let sector = at / 512 * 512;
                let last = (sector + 512).min(bytes.len());
                bytes[sector..last].fill(0);
            }
            7 => bytes.extend_from_slice(self.chunk()),
            _ => {}
        }
    }

    /// A place in so many bytes, or just behind them.
    pub(crate) fn position(&mut self, length: usize) -> usize {
        let wide = if length < 65_536 { self.short() } else { self.long() as usize };
        wide % (length + 1)
    }
}
