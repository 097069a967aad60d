//! What strangers send and fetch of the transparent log: tile paths, notes, checkpoints, keys, proofs.

use std::num::NonZeroU8;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use hourbook_ledger::checkpoint::{self, Checkpoint};
use hourbook_ledger::merkle::{
    Frontier, Hash, consistency_proof, inclusion_proof, leaf_hash, node_hash, root_of, verify_consistency,
    verify_inclusion,
};
use hourbook_ledger::note::{Cosigner, Note, NoteSigner, VerifierKey, parse_signature_lines};
use hourbook_ledger::proof::TlogProof;
use hourbook_ledger::tiles::{NodePlace, Tile, TileKind, TileWidth};

use super::Target;
use super::feed::Feed;

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target { name: "tile-path", run: tile_path, seeds: tile_paths, longest: 128 },
        Target { name: "note", run: note, seeds: notes, longest: 4_096 },
        Target { name: "checkpoint", run: checkpoint, seeds: checkpoints, longest: 1_024 },
        Target { name: "verifier-key", run: verifier_key, seeds: verifier_keys, longest: 256 },
        Target { name: "tlog-proof", run: tlog_proof, seeds: proofs, longest: 8_192 },
        Target { name: "tree", run: tree, seeds: trees, longest: 512 },
    ]
}

/// A path names one tile, each tile has one path, and a second reading by the grammar of the specification agrees.
fn tile_path(bytes: &[u8]) {
    let Ok(path) = std::str::from_utf8(bytes) else { return };
    let parsed: Option<Tile> = path.parse().ok();
    assert_eq!(parsed, naive_tile(path), "{path}");
    let Some(tile) = parsed else { return };
    assert_eq!(tile.to_string(), path);
    assert!(tile.width.get() <= 256 && tile.hash_bytes() == 32 * tile.width.get());
    for size in [0, 1, 255, 256, 65_536, tile.index, tile.index.saturating_mul(256), u64::MAX] {
        let there = Tile::at(tile.kind, tile.index, size);
        assert_eq!(tile.is_within(size), there.is_some_and(|there| there.width >= tile.width));
    }
    if let TileKind::Hashes(level) = tile.kind {
        let place = NodePlace::of(level, tile.index);
        assert!(place.first + place.count <= 256);
    }
}

fn naive_tile(path: &str) -> Option<Tile> {
    let mut parts: Vec<&str> = path.split('/').collect();
    if parts.len() < 3 || parts.remove(0) != "tile" {
        return None;
    }
    let kind = match parts.remove(0) {
        "entries" => TileKind::Entries,
        level => TileKind::Hashes((0..=63).find(|number: &u8| number.to_string() == level)?),
    };
    let mut width = TileWidth::Full;
    if parts.len() >= 2 && parts[parts.len() - 2].ends_with(".p") {
        let number = parts.pop()?;
        let partial = (1..=255u8).find(|width| width.to_string() == number)?;
        width = TileWidth::Partial(NonZeroU8::new(partial)?);
        let last = parts.pop()?;
        parts.push(&last[..last.len() - 2]);
    }
    let (last, marked) = parts.split_last()?;
    let digits = |group: &str| -> Option<u128> { (0..1000).find(|number| format!("{number:03}") == group) };
    let mut index = 0u128;
    for (place, group) in marked.iter().enumerate() {
        let value = digits(group.strip_prefix('x')?)?;
        if place == 0 && value == 0 || index > u128::from(u64::MAX) {
            return None;
        }
        index = index * 1000 + value;
    }
    let index = u64::try_from(index.checked_mul(1000)? + digits(last)?).ok()?;
    Some(Tile { kind, index, width })
}

fn tile_paths() -> Vec<Vec<u8>> {
    let tiles = [
        (TileKind::Hashes(0), 1_234_067, 70_000),
        (TileKind::Hashes(63), 0, 1),
        (TileKind::Entries, 273, 70_000),
    ];
    let paths = tiles.into_iter().map(|(kind, index, size)| {
        let full = Tile { kind, index, width: TileWidth::Full };
        Tile::at(kind, index, size).unwrap_or(full).to_string().into_bytes()
    });
    paths
        .chain([format!("tile/entries/{}", u64::MAX).into_bytes(), b"tile/8/x000/001.p/256".to_vec()])
        .collect()
}

const NAME: &str = "ledger.example/log1";
const WITNESS: &str = "witness.example/w";

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn signer() -> NoteSigner {
    NoteSigner::new(NAME, key()).expect("a good name")
}

fn cosigner() -> Cosigner {
    Cosigner::new(WITNESS, SigningKey::from_bytes(&[8; 32])).expect("a good name")
}

fn known() -> [VerifierKey; 2] {
    [signer().verifier().clone(), cosigner().verifier().clone()]
}

/// What is read is written back byte for byte; and whatever verifies, the key itself has signed: Ed25519 is
/// deterministic, so the signature must be the one that the key makes of that text.
fn note(bytes: &[u8]) {
    if let Ok(lines) = parse_signature_lines(bytes) {
        let written: String = lines.iter().map(ToString::to_string).collect();
        assert_eq!(written.as_bytes(), bytes);
    }
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes);
        assert!(note.text().ends_with('\n') && !note.signatures().is_empty());
        check_verdict(&note);
    }
    let mut feed = Feed::new(bytes);
    let text = format!("{}\n", String::from_utf8_lossy(feed.chunk()));
    let Ok(mut note) = Note::new(text, signer().sign("")) else { return };
    note = Note::new(note.text(), signer().sign(note.text())).expect("as before");
    note.add(cosigner().cosign(note.text(), feed.long())).expect("there is room");
    let mut written = note.to_string().into_bytes();
    let read = Note::parse(&written).expect("what was written can be read");
    assert_eq!(read, note);
    assert_eq!(read.verify(&known()).expect("both have signed").len(), 2);
    feed.damage(&mut written, 3);
    if let Ok(damaged) = Note::parse(&written) {
        check_verdict(&damaged);
    }
}

fn check_verdict(note: &Note) {
    let keys = known();
    let Ok(verified) = note.verify(&keys) else { return };
    assert!(!verified.is_empty() && verified.len() <= note.signatures().len());
    for found in verified {
        let line = match found.time {
            None => signer().sign(note.text()),
            Some(time) => cosigner().cosign(note.text(), time),
        };
        assert!(note.signatures().contains(&line), "a signature verifies that its key does not make");
    }
}

fn notes() -> Vec<Vec<u8>> {
    let body = format!("{NAME}\n8\n{}\n", STANDARD.encode([5; 32]));
    let mut note = Note::new(&*body, signer().sign(&body)).expect("a text");
    let log_only = note.to_string().into_bytes();
    note.add(cosigner().cosign(&body, 1_795_140_000)).expect("there is room");
    let many = "— x AAAAAAA=\n".repeat(17);
    vec![
        log_only,
        note.to_string().into_bytes(),
        many.clone().into_bytes(),
        format!("a\n\nb\n\n{many}").into_bytes(),
    ]
}

/// The three lines are read in one way and written back byte for byte; a checkpoint opens only as what its log signed.
fn checkpoint(bytes: &[u8]) {
    if let Ok(body) = std::str::from_utf8(bytes) {
        let read = Checkpoint::from_body(body);
        assert_eq!(read.is_ok(), is_checkpoint(body), "{body}: {read:?}");
        if let Ok(read) = read {
            assert_eq!(read.to_body(), body);
        }
    }
    let keys = known();
    if let Ok(opened) = checkpoint::open(bytes, &keys[0], &keys[1..]) {
        assert_eq!(opened.checkpoint.origin.as_str(), NAME);
        let signed = opened.checkpoint.sign(&signer()).expect("its own log");
        let note = Note::parse(bytes).expect("it was read");
        assert_eq!(note.text(), signed.text());
        assert!(note.signatures().contains(&signed.signatures()[0]));
    }
    let mut feed = Feed::new(bytes);
    let head = Checkpoint { origin: NAME.parse().expect("an origin"), size: feed.long(), root: feed.array() };
    let mut written = head.sign(&signer()).expect("its own log").to_string().into_bytes();
    assert_eq!(checkpoint::open(&written, &keys[0], &[]).expect("signed").checkpoint, head);
    feed.damage(&mut written, 2);
    if let Ok(opened) = checkpoint::open(&written, &keys[0], &[]) {
        assert_eq!(opened.checkpoint, head, "another tree head passes as signed");
    }
}

/// Three lines: a name without white space, control characters and plus; a decimal; 44 characters of base64.
fn is_checkpoint(body: &str) -> bool {
    let lines: Vec<&str> = body.split('\n').collect();
    let [origin, size, root, ""] = lines[..] else { return false };
    let named: Result<hourbook_ledger::checkpoint::Origin, _> = origin.parse();
    let decimal = size.parse::<u64>().is_ok_and(|number| number.to_string() == size);
    let hash = STANDARD.decode(root).is_ok_and(|hash| hash.len() == 32 && STANDARD.encode(&hash) == root);
    named.is_ok() && decimal && hash
}

fn checkpoints() -> Vec<Vec<u8>> {
    let head = Checkpoint { origin: NAME.parse().expect("an origin"), size: 70_000, root: [9; 32] };
    let empty = Checkpoint { size: 0, ..head.clone() };
    let note = head.sign(&signer()).expect("its own log").to_string();
    vec![head.to_body().into_bytes(), empty.to_body().into_bytes(), note.into_bytes()]
}

/// A key has one spelling, and its id follows from its name and bytes.
fn verifier_key(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(key) = text.parse::<VerifierKey>() else { return };
    assert_eq!(key.to_string(), text);
    assert!(!key.public_key().is_weak() && !key.name().contains(['+', ' ', '\n']));
    let again = VerifierKey::new(key.name(), key.kind(), *key.public_key()).expect("it was a key");
    assert_eq!((again.id(), &again), (key.id(), &key));
}

fn verifier_keys() -> Vec<Vec<u8>> {
    let known = known().map(|key| key.to_string().into_bytes());
    let given = b"ledger.example/log1+7d41893d+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4".to_vec();
    known.into_iter().chain([given]).collect()
}

fn leaves(size: usize) -> Vec<Hash> {
    (0..size).map(|number| leaf_hash(format!("entry {number}").as_bytes())).collect()
}

fn node_of(leaves: &[Hash]) -> impl Fn(u8, u64) -> Result<Hash, std::convert::Infallible> + '_ {
    |level, index| {
        let (first, width) = ((index << level) as usize, 1usize << level);
        Ok(root_of(&leaves[first..first + width]))
    }
}

/// A receipt reads and writes byte for byte, and after any damage it verifies only if it says the same.
fn tlog_proof(bytes: &[u8]) {
    if let Ok(proof) = TlogProof::parse(bytes) {
        assert_eq!(proof.to_string().as_bytes(), bytes);
        assert!(proof.hashes.len() <= 64);
        let _ = proof.verify(&leaf_hash(b"entry 0"), &known()[0], &[]);
    }
    let mut feed = Feed::new(bytes);
    let size = 1 + feed.below(300);
    let (proof, leaf) = receipt(size, feed.below(size), feed.chunk());
    let mut written = proof.to_string().into_bytes();
    assert_eq!(TlogProof::parse(&written).as_ref(), Ok(&proof));
    proof.verify(&leaf, &known()[0], &[]).expect("a true receipt");
    feed.damage(&mut written, 3);
    let Ok(damaged) = TlogProof::parse(&written) else { return };
    if damaged.verify(&leaf, &known()[0], &[]).is_ok() {
        let say = |proof: &TlogProof| (proof.index, proof.hashes.clone(), proof.checkpoint.text().to_owned());
        assert_eq!(say(&damaged), say(&proof), "a receipt that says something else verifies");
    }
}

fn receipt(size: usize, index: usize, extra: &[u8]) -> (TlogProof, Hash) {
    let leaves = leaves(size);
    let head =
        Checkpoint { origin: NAME.parse().expect("an origin"), size: size as u64, root: root_of(&leaves) };
    let hashes = inclusion_proof(index as u64, size as u64, node_of(&leaves)).expect("the leaf is there");
    let extra = (!extra.is_empty()).then(|| extra.to_vec());
    let checkpoint = head.sign(&signer()).expect("its own log");
    (TlogProof { extra, index: index as u64, hashes, checkpoint }, leaves[index])
}

fn proofs() -> Vec<Vec<u8>> {
    let receipts = [(1, 0, &b""[..]), (8, 3, b"extra"), (300, 299, b"")];
    receipts.map(|(size, index, extra)| receipt(size, index, extra).0.to_string().into_bytes()).into()
}

/// A proof convinces if and only if it is the one that the definition of RFC 6962 gives.
fn tree(bytes: &[u8]) {
    let mut feed = Feed::new(bytes);
    let size = 1 + feed.below(70);
    let leaves = leaves(size);
    let root = root_of(&leaves);
    let index = feed.below(size);
    let (old, claimed) = (1 + feed.below(size), (feed.byte() as u64, feed.byte() as u64));
    let path = inclusion_proof(index as u64, size as u64, node_of(&leaves)).expect("the leaf is there");
    assert_eq!(path, naive_path(index, &leaves));
    let steps = consistency_proof(old as u64, size as u64, node_of(&leaves)).expect("an older tree");
    assert_eq!(steps, naive_steps(old, &leaves, true));
    let (mut shown, mut grown) = (path.clone(), steps.clone());
    alter(&mut feed, &mut shown);
    alter(&mut feed, &mut grown);
    let (at, of) = if feed.byte().is_multiple_of(2) { (index as u64, size as u64) } else { claimed };
    let true_at = |at: u64, of: u64| of == size as u64 && at == index as u64 && shown == path;
    if verify_inclusion(&leaves[index], at, of, &shown, &root).is_ok() {
        // A root does not say of how many leaves it is: under another size the same path can lead to another position.
        // The checkpoint binds root and size together, and then everything is bound.
        assert!(of != size as u64 || true_at(at, of), "{at} of {of} in {size}");
    } else {
        assert!(!true_at(at, of), "a true path is refused");
    }
    let first = root_of(&leaves[..old]);
    let convinces = verify_consistency(old as u64, size as u64, &first, &root, &grown).is_ok();
    assert_eq!(convinces, grown == steps, "{old} to {size}");
    let frontier = leaves.iter().fold(Frontier::new(), |mut frontier, leaf| {
        frontier.append(*leaf);
        frontier
    });
    assert_eq!(frontier.root(), root);
}

fn alter(feed: &mut Feed<'_>, hashes: &mut Vec<Hash>) {
    let at = feed.below(hashes.len() + 1);
    match feed.byte() % 6 {
        0 if at < hashes.len() => drop(hashes.remove(at)),
        1 => hashes.insert(at, leaf_hash(&[feed.byte()])),
        2 if at < hashes.len() => hashes[at][usize::from(feed.byte() % 32)] ^= 1 << (feed.byte() % 8),
        3 => hashes.reverse(),
        _ => {}
    }
}

/// RFC 6962, 2.1.1.
fn naive_path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut path, sibling) = match index < left.len() {
        true => (naive_path(index, left), naive_root(right)),
        false => (naive_path(index - left.len(), right), naive_root(left)),
    };
    path.push(sibling);
    path
}

/// RFC 6962, 2.1.2.
fn naive_steps(old: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if whole { Vec::new() } else { vec![naive_root(leaves)] };
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut steps, sibling) = match old <= left.len() {
        true => (naive_steps(old, left, whole), naive_root(right)),
        false => (naive_steps(old - left.len(), right, false), naive_root(left)),
    };
    steps.push(sibling);
    steps
}

fn naive_root(leaves: &[Hash]) -> Hash {
    if let [leaf] = leaves {
        return *leaf;
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    node_hash(&naive_root(left), &naive_root(right))
}

fn trees() -> Vec<Vec<u8>> {
    // Size, index, old size, two claimed numbers, a change of the path, a change of the steps, a choice.
    vec![
        vec![6, 2, 3, 2, 7, 0, 5, 0, 5, 0],
        vec![63, 63, 31, 1, 2, 1, 0, 0, 2, 3, 4, 1],
        vec![69, 40, 69, 0, 0, 1, 1, 9],
    ]
}
