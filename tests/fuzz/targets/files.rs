//! Files of a ledger that disks, crashes and enemies had their hands on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::engine::{Group, Head, NewEntry};
use hourbook_ledger::fuzzing::engine::{
    FrameKind, Journal, guard_text, journal_frame, journal_nonce, read_guard, read_journal, split_bundle,
};
use hourbook_ledger::fuzzing::read_manifest;
use hourbook_ledger::merkle::leaf_hash;
use hourbook_ledger::vault::{MasterKey, Vault};
use sha2::Digest as _;
use tempfile::TempDir;

use super::Target;
use super::feed::Feed;

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target { name: "journal", run: journal, seeds: journals, longest: 4_096 },
        Target { name: "head-guard", run: head_guard, seeds: guards, longest: 512 },
        Target { name: "bundle", run: bundle, seeds: bundles, longest: 4_096 },
        Target { name: "manifest", run: manifest, seeds: manifests, longest: 1_024 },
        Target { name: "vault", run: vault, seeds: vaults, longest: 1_024 },
    ]
}

const FILE: u64 = 3;
/// Bytes at the end of a frame that only say that it ends.
const END_MARK: usize = 8;

fn entry(bytes: &[u8]) -> NewEntry {
    NewEntry {
        id: [bytes.len() as u8; 16],
        stream: bytes.len() as u64,
        leaf: leaf_hash(bytes),
        bytes: Arc::from(bytes),
    }
}

/// An opening and some groups, each as the feed says, with the place where each frame ends.
fn written(feed: &mut Feed<'_>, nonce: [u8; 16]) -> (Vec<u8>, Vec<Group>, Vec<usize>) {
    let (mut bytes, mut groups, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    let mut first = feed.long() >> 1;
    for number in 0..=feed.below(5) {
        let count = if number == 0 { 0 } else { 1 + feed.below(4) };
        let entries: Vec<NewEntry> = (0..count).map(|_| entry(&[feed.chunk(), b"."].concat())).collect();
        let size = first + entries.len() as u64;
        let head = Head { size, root: feed.array(), checkpoint: Arc::from(feed.chunk()) };
        let kind = if number == 0 { FrameKind::Opening } else { FrameKind::Group };
        let group = Group { first, entries, head };
        bytes.extend(journal_frame(FILE, nonce, kind, &group));
        ends.push(bytes.len());
        groups.push(group);
        first = size;
    }
    (bytes, groups, ends)
}

/// Whatever happened to a file: what is read of it are groups that were written, from the first on, each whole; nothing
/// is dropped without being told, and what a crash leaves is never called damage.
fn journal(bytes: &[u8]) {
    if let Ok(read) = read_journal(bytes, FILE) {
        assert_written_again(&read, bytes);
    }
    let mut feed = Feed::new(bytes);
    // No input can hold its own digest, as no entry can hold the nonce of its file.
    let nonce = *leaf_hash(bytes).first_chunk().expect("a digest is longer");
    let (mut file, groups, ends) = written(&mut feed, nonce);
    let read = read_journal(&file, FILE).expect("what was written can be read");
    assert_eq!((&read.groups, read.end, read.is_torn), (&groups, file.len(), false));
    assert!(read_journal(&file, FILE + 1).is_err(), "a file under another number is not that file");
    interrupted(&mut feed, &file, &groups, &ends);
    if feed.byte().is_multiple_of(4) {
        // All checksums right, and still not what a writer writes.
        let other = Group { first: feed.long(), ..groups[0].clone() };
        file.extend(journal_frame(FILE, nonce, FrameKind::End, &other));
        assert!(read_journal(&file, FILE).expect("closed").is_closed);
    }
    let whole = file.clone();
    feed.damage(&mut file, 6);
    match read_journal(&file, FILE) {
        Ok(read) => {
            assert_written_again(&read, &file);
            let kept = read.groups.len();
            assert!(kept <= groups.len() || file.len() > whole.len(), "more than was written");
            let same = file.iter().zip(&whole).take_while(|(one, other)| one == other).count();
            let untouched = ends.iter().take_while(|end| **end <= same).count();
            assert!(kept >= untouched, "a group that nothing happened to is gone");
            assert_eq!(read.groups[..untouched], groups[..untouched]);
            assert_eq!(is_more(&file[read.end..]), read.is_torn, "bytes are left out in silence");
        }
        Err(offset) => assert!(offset <= file.len()),
    }
}

/// What is read, written again, gives the bytes up to where reading ended.
fn assert_written_again(read: &Journal, bytes: &[u8]) {
    let mut at = 0;
    let nonce = journal_nonce(bytes, FILE).unwrap_or_default();
    for (number, group) in read.groups.iter().enumerate() {
        let kind = if number == 0 { FrameKind::Opening } else { FrameKind::Group };
        let frame = journal_frame(FILE, nonce, kind, group);
        assert!(bytes[at..].starts_with(&frame[..frame.len() - END_MARK]), "frame {number} is another one");
        at += frame.len();
    }
    assert_eq!(read.frames, read.groups.len() + usize::from(read.is_closed));
    assert!(at <= read.end && (read.is_closed || at == read.end));
}

/// A crash while the last group was being written: any of its sectors may be missing, and its end too.
fn interrupted(feed: &mut Feed<'_>, file: &[u8], groups: &[Group], ends: &[usize]) {
    let begun = if ends.len() > 1 { ends[ends.len() - 2] } else { return };
    let mut torn = file[..begun + feed.position(file.len() - begun)].to_vec();
    let missing = feed.byte();
    if feed.below(2) == 1 {
        // It did not grow: there were zeros laid out ahead.
        torn = [file, &vec![0; feed.below(1_200)]].concat();
    }
    for sector in begun / 512..torn.len().div_ceil(512) {
        let (from, to) = ((sector * 512).max(begun), ((sector + 1) * 512).min(torn.len()));
        if missing >> (sector % 8) & 1 == 1 {
            torn[from..to].fill(0);
        }
    }
    let read = read_journal(&torn, FILE);
    let read = read.unwrap_or_else(|at| {
        let (is, was) = (torn.len(), file.len());
        panic!(
            "{is} of {was} bytes from {begun} on, without sectors {missing:08b}, are called damage at {at}"
        )
    });
    // Before the end mark is all that matters.
    let is_whole = torn.len() >= file.len() && torn.starts_with(&file[..file.len() - END_MARK]);
    let whole = if is_whole { groups.len() } else { groups.len() - 1 };
    assert_eq!(read.groups, groups[..whole]);
    assert_eq!(read.is_torn, is_more(&torn[read.end..]));
}

/// Zeros at a file's end were laid out ahead.
fn is_more(rest: &[u8]) -> bool {
    rest.iter().any(|byte| *byte != 0)
}

fn journals() -> Vec<Vec<u8>> {
    let choices: Vec<u8> = (0..=255).collect();
    let (file, ..) = written(&mut Feed::new(&choices), [9; 16]);
    let small = [
        &[0; 8][..],
        &[2, 1, 2, b'a', b'b'],
        &[9; 32],
        &[0, 1, 3, b'x', b'y', b'z'],
        &[8; 32],
        &[0, 4, 0, 0],
    ]
    .concat();
    let long = [&[0; 8][..], &[1, 3], &[255; 600], &[7; 40], &[2; 64]].concat();
    vec![file, choices, small, long]
}

/// A guard is read as it was written, and a damaged one only if its checksum is right again.
fn head_guard(bytes: &[u8]) {
    if let Some((bundles, size, root)) = read_guard(bytes) {
        assert_eq!(guard_text(bundles, root), bytes, "a guard has one spelling");
        assert_eq!(u128::from(size), u128::from(bundles) * 256);
    }
    let mut feed = Feed::new(bytes);
    let (bundles, root) = (feed.long() >> 8, feed.array());
    let mut text = guard_text(bundles, root);
    assert_eq!(read_guard(&text), Some((bundles, bundles * 256, root)));
    let whole = text.clone();
    feed.damage(&mut text, 4);
    assert!(text == whole || read_guard(&text).is_none(), "damage passes for a guard");
    // A body of any kind under a checksum that fits.
    let body = String::from_utf8_lossy(feed.rest()).into_owned();
    let crafted = format!("{body}crc {:08x}\n", crc32fast::hash(body.as_bytes()));
    if let Some((bundles, size, root)) = read_guard(crafted.as_bytes()) {
        assert_eq!(guard_text(bundles, root), crafted.as_bytes(), "a guard has one spelling");
        assert_eq!(u128::from(size), u128::from(bundles) * 256);
    }
}

fn guards() -> Vec<Vec<u8>> {
    let text = guard_text(3, [0xab; 32]);
    let body = text[..text.len() - 13].to_vec();
    let far =
        String::from_utf8_lossy(&body).replace("bundles 3", "bundles 18446744073709551615").into_bytes();
    // 8 bytes of number, 32 of root, no damage, then a body.
    let crafted = |body: &[u8]| [&[1; 40][..], &[0], body].concat();
    vec![text, crafted(&body), crafted(&far)]
}

/// A backup's manifest has one spelling, damage never passes for one, and no path in it leads out of the backup.
fn manifest(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let summed = format!("{text}sum {}\n", hex::encode(sha2::Sha256::digest(&text)));
    if let Some(again) = read_manifest(&summed) {
        assert_eq!(again, summed);
        let paths = text.lines().filter_map(|line| line.strip_prefix("file ")?.splitn(3, ' ').nth(2));
        assert!(paths.into_iter().all(|path| !path.starts_with('/') && !path.split('/').any(|p| p == "..")));
        let mut damaged = summed.clone().into_bytes();
        Feed::new(&bytes[bytes.len() / 2..]).damage(&mut damaged, 3);
        let damaged = String::from_utf8_lossy(&damaged);
        assert!(damaged == summed || read_manifest(&damaged).is_none(), "damage passes");
    }
    assert!(read_manifest(&text).is_none_or(|again| again == text), "a manifest has one spelling");
}

fn manifests() -> Vec<Vec<u8>> {
    let zeros = "0".repeat(64);
    let head = "hourbook-backup 1 ledger\norigin ledger.example/town\nsize 1234\n";
    let rest = format!("root {zeros}\nvault {}\nmade 1790000000000\nhead c2lnbmVk\n", "a".repeat(32));
    let file = |path: &str| format!("file {zeros} 12 {path}\n").into_bytes();
    let body = format!("{head}{rest}").into_bytes();
    let keys = String::from_utf8_lossy(&body).replace("ledger\n", "keys\n").into_bytes();
    vec![
        body.clone(),
        keys,
        [&body[..], &file("vault/values-0001"), &file("a/../../b")].concat(),
        [&body[..], &file("vault/values-0001")].concat(),
    ]
}

/// Exactly so many entries, or nothing; and they make the same bytes.
fn bundle(bytes: &[u8]) {
    let mut feed = Feed::new(bytes);
    let count = feed.below(256);
    let raw = feed.rest();
    let naive = naive_split(raw);
    let read = split_bundle(raw, count);
    assert_eq!(read, naive.filter(|entries| entries.len() == count));
}

fn naive_split(mut raw: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut entries = Vec::new();
    while let [high, low, rest @ ..] = raw {
        let length = usize::from(*high) * 256 + usize::from(*low);
        entries.push(rest.get(..length)?.to_vec());
        raw = &rest[length..];
    }
    raw.is_empty().then_some(entries)
}

fn bundles() -> Vec<Vec<u8>> {
    vec![vec![3, 0, 1, 9, 0, 0, 0, 2, 8, 8], [vec![255], [0, 1, 7].repeat(255)].concat(), vec![0]]
}

fn openings() -> Vec<Opening> {
    let texts = [
        (1, Field::Name, "李秀英"),
        (1, Field::Phone, "13800138000"),
        (2, Field::Note, "一\n二"),
        (3, Field::Code, "61000001"),
    ];
    let make = |(salt, (subject, field, value)): (usize, (u8, Field, &str))| Opening {
        subject: [subject; 16],
        field,
        salt: [salt as u8; 32],
        value: value.to_owned(),
    };
    texts.into_iter().enumerate().map(make).collect()
}

fn rng() -> Box<ChaCha20Rng> {
    Box::new(ChaCha20Rng::from_seed([1; 32]))
}

/// The files of a vault with some values and one subject erased.
fn vault_files() -> &'static [(PathBuf, Vec<u8>)] {
    static FILES: std::sync::OnceLock<Vec<(PathBuf, Vec<u8>)>> = std::sync::OnceLock::new();
    FILES.get_or_init(|| {
        let dir = TempDir::new().expect("a directory");
        Vault::init(dir.path(), &mut *rng()).expect("a new vault");
        let master = MasterKey::load(dir.path()).expect("its master key");
        let vault = Vault::open(dir.path(), master, rng()).expect("it opens");
        for opening in openings().chunks(2) {
            vault.put(opening).expect("they are kept");
        }
        vault.erase([3; 16]).expect("it is erased");
        drop(vault);
        let mut files = Vec::new();
        read_all(dir.path(), dir.path(), &mut files);
        files.sort();
        assert!(files.len() >= 3, "master key, keys and values: {files:?}");
        files
    })
}

fn read_all(root: &Path, dir: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(dir).expect("it can be listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_all(root, &path, files);
        } else {
            let content = std::fs::read(&path).expect("it can be read");
            files.push((path.strip_prefix(root).expect("it lies below").to_owned(), content));
        }
    }
}

/// Whatever happened to the files of a vault: a value that comes out is the one that went in, one that was erased never
/// comes back, and an opening that leaves everything in place does not change the files.
fn vault(bytes: &[u8]) {
    let mut feed = Feed::new(bytes);
    let dir = TempDir::new().expect("a directory");
    let touched = feed.below(vault_files().len());
    let repaired = feed.byte().is_multiple_of(2);
    for (number, (name, content)) in vault_files().iter().enumerate() {
        let mut content = content.clone();
        if number == touched {
            feed.damage(&mut content, 4);
            if repaired {
                right_checksums(&mut content);
            }
        }
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it lies in a directory")).expect("it can be made");
        std::fs::write(path, content).expect("it can be written");
    }
    let first = look(dir.path());
    let second = look(dir.path());
    assert_eq!(first, second, "opening again shows something else");
}

/// What each value is: there, gone, or unreadable.
fn look(dir: &Path) -> Option<Vec<Option<bool>>> {
    let vault = Vault::open(dir, MasterKey::load(dir).ok()?, rng()).ok()?;
    let look = |opening: &Opening| match vault.get(&opening.commitment()) {
        Ok(Some(value)) => {
            assert_eq!(&value.into_opening(), opening, "another value comes out");
            Some(true)
        }
        Ok(None) => Some(false),
        Err(_) => None,
    };
    Some(openings().iter().map(look).collect())
}

/// Makes the checksums of a framed file fit its content as far as its frames can be followed.
fn right_checksums(content: &mut [u8]) {
    let (Some(header), true) = (content.get(..40), content.len() >= 44) else { return };
    let sum = crc32fast::hash(header).to_le_bytes();
    content[40..44].copy_from_slice(&sum);
    let mut at = 44;
    while let Some(head) = content.get(at..at + 16) {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let Some(body) = content.get(at + 16..at + 16 + length) else { return };
        let sum = crc32fast::hash(body).to_le_bytes();
        content[at + 8..at + 12].copy_from_slice(&sum);
        let sum = crc32fast::hash(&content[at..at + 12]).to_le_bytes();
        content[at + 12..at + 16].copy_from_slice(&sum);
        at += 16 + length;
    }
}

fn vaults() -> Vec<Vec<u8>> {
    // Which file, whether its checksums are righted, how many damages, then kind, place and size of each.
    let files = 0..vault_files().len() as u8;
    files
        .flat_map(|file| [vec![file, 1, 0], vec![file, 0, 1, 1, 0, 70, 0, 3], vec![file, 0, 1, 2, 0, 99, 0]])
        .collect()
}
