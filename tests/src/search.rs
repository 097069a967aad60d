//! Looks for texts that must not be there: in the bytes of every file, and in whatever those bytes decompress to.

use hourbook_ledger::domain::event::{Body, OrganisationEvent};
use std::io::Read as _;
use std::path::Path;

use hourbook_ledger::commitment::Field;
use hourbook_ledger::ledger::Ledger;
use hourbook_ledger::wire;
use rustc_hash::FxHashMap;

const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// No frame that the ledger writes holds more.
const MOST: u64 = 1 << 28;

/// A text that was found.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Hit {
    /// The file, relative to the directory searched, or what else was searched.
    pub place: String,
    /// Whether it was in compressed data.
    pub compressed: bool,
    /// The text.
    pub text: String,
}

/// Texts to look for, of at least four bytes each.
pub struct Needles {
    texts: Vec<String>,
    by_start: FxHashMap<[u8; 4], Vec<usize>>,
    /// Whether any text begins with these two bytes.
    may_start: Vec<bool>,
}

impl Needles {
    /// Those of the texts that are long enough to mean anything when found, each once.
    #[must_use]
    pub fn new(texts: impl IntoIterator<Item = String>) -> Self {
        let mut texts: Vec<String> = texts.into_iter().filter(|text| text.len() >= 4).collect();
        texts.sort_unstable();
        texts.dedup();
        let mut by_start: FxHashMap<[u8; 4], Vec<usize>> = FxHashMap::default();
        let mut may_start = vec![false; 1 << 16];
        for (index, text) in texts.iter().enumerate() {
            let Some(start) = text.as_bytes().first_chunk::<4>() else { continue };
            by_start.entry(*start).or_default().push(index);
            may_start[usize::from(u16::from_be_bytes([start[0], start[1]]))] = true;
        }
        Self { texts, by_start, may_start }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is nothing to look for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Everything that is found in bytes, and in the compressed frames among them.
    #[must_use]
    pub fn in_bytes(&self, place: &str, bytes: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.scan(place, false, bytes, &mut hits);
        for frame in frames(bytes) {
            self.scan(place, true, &frame, &mut hits);
        }
        hits.sort();
        hits.dedup();
        hits
    }

    /// Everything that is found in the files below a directory.
    ///
    /// # Panics
    /// If a file cannot be read: one that was not searched must not pass for one without a hit.
    #[must_use]
    pub fn in_dir(&self, dir: &Path) -> Vec<Hit> {
        let mut hits = Vec::new();
        let mut open = vec![dir.to_owned()];
        while let Some(path) = open.pop() {
            if path.is_dir() {
                let entries = std::fs::read_dir(&path).expect("the directory can be read");
                open.extend(entries.map(|entry| entry.expect("the directory can be read").path()));
                continue;
            }
            let bytes = std::fs::read(&path).expect("the file can be read");
            let place = path.strip_prefix(dir).unwrap_or(&path).display().to_string();
            hits.extend(self.in_bytes(&place, &bytes));
        }
        hits.sort();
        hits
    }

    /// Everything that is found in the entries of a log, as a reader of the log gets them.
    ///
    /// # Panics
    /// If an entry cannot be read.
    #[must_use]
    pub fn in_log(&self, node: &Ledger) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (position, bytes) in entries(node) {
            hits.extend(self.in_bytes(&format!("entry {position}"), &bytes));
        }
        hits
    }

    fn scan(&self, place: &str, compressed: bool, bytes: &[u8], hits: &mut Vec<Hit>) {
        for (at, window) in bytes.windows(4).enumerate() {
            if !self.may_start[usize::from(u16::from_be_bytes([window[0], window[1]]))] {
                continue;
            }
            let Some(start) = window.first_chunk::<4>() else { continue };
            for index in self.by_start.get(start).into_iter().flatten() {
                let text = &self.texts[*index];
                if bytes[at..].starts_with(text.as_bytes()) {
                    hits.push(Hit { place: place.to_owned(), compressed, text: text.clone() });
                }
            }
        }
    }
}

/// What every zstd frame decompresses to, wherever it begins; of a frame that breaks off, what comes before that.
fn frames(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let starts = bytes.windows(4).enumerate().filter(|(_, window)| *window == ZSTD).map(|(at, _)| at);
    starts.filter_map(|at| {
        let decoder = zstd::stream::read::Decoder::with_buffer(&bytes[at..]).ok()?.single_frame();
        let mut content = Vec::new();
        // An error ends the frame; what was read stays in the buffer.
        let _ = decoder.take(MOST).read_to_end(&mut content);
        Some(content)
    })
}

fn entries(node: &Ledger) -> impl Iterator<Item = (u64, std::sync::Arc<[u8]>)> {
    let size = node.reader.head().size;
    (0..size).map(|position| {
        let entry = node.reader.entry(position).expect("the log can be read");
        (position, entry.expect("below the head"))
    })
}

/// Everything in the vault that the log commits to, except what the log itself says in public: names of organisations.
/// The second figure is how many texts were left out because a public name contains them.
///
/// # Panics
/// If the ledger cannot be read, or a value is not in the vault.
#[must_use]
pub fn secrets(node: &Ledger) -> (Vec<(Field, String)>, usize) {
    let mut secrets = Vec::new();
    let mut public = String::new();
    for (_, bytes) in entries(node) {
        let entry = wire::decode_entry(&bytes).expect("an entry");
        let event = wire::decode_event(&entry.signed.payload).expect("an event");
        if let Body::Organisation(OrganisationEvent::Registered { name, .. }) = &event.body {
            public.push_str(name);
            public.push('\n');
        }
        for committing in event.body.commitments() {
            let value = node.vault.get(&committing.commitment).expect("the vault can be read");
            let value = value.expect("a value for every commitment");
            secrets.push((value.field(), value.expose().to_owned()));
        }
    }
    let all = secrets.len();
    secrets.retain(|(_, text)| !public.contains(text.as_str()));
    let left_out = all - secrets.len();
    (secrets, left_out)
}
