use std::collections::HashMap;
use std::convert::Infallible;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;

/// The entries of the Certificate Transparency test tree, as its reference implementations carry them.
fn ct_leaves() -> Vec<Hash> {
    let entries =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    entries.iter().map(|entry| leaf_hash(&hex::decode(entry).unwrap())).collect()
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|i| leaf_hash(format!("entry {i}").as_bytes())).collect()
}

/// MTH of RFC 6962, 2.1, word for word.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest(b"").into(),
        [leaf] => *leaf,
        _ => {
            let k = naive_split(leaves.len());
            node_hash(&naive_root(&leaves[..k]), &naive_root(&leaves[k..]))
        }
    }
}

fn naive_split(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// PATH of RFC 6962, 2.1.1.
fn naive_path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return vec![];
    }
    let k = naive_split(leaves.len());
    let (mut path, sibling) = if m < k {
        (naive_path(m, &leaves[..k]), naive_root(&leaves[k..]))
    } else {
        (naive_path(m - k, &leaves[k..]), naive_root(&leaves[..k]))
    };
    path.push(sibling);
    path
}

/// SUBPROOF of RFC 6962, 2.1.2.
fn naive_subproof(m: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if whole { vec![] } else { vec![naive_root(leaves)] };
    }
    let k = naive_split(leaves.len());
    let (mut proof, other) = if m <= k {
        (naive_subproof(m, &leaves[..k], whole), naive_root(&leaves[k..]))
    } else {
        (naive_subproof(m - k, &leaves[k..], false), naive_root(&leaves[..k]))
    };
    proof.push(other);
    proof
}

fn nodes(leaves: &[Hash]) -> HashMap<(u8, u64), Hash> {
    let (mut frontier, mut nodes) = (Frontier::new(), HashMap::new());
    for leaf in leaves {
        frontier.append_with(*leaf, |level, index, hash| {
            assert!(nodes.insert((level, index), *hash).is_none(), "a node is completed once");
        });
    }
    nodes
}

fn reader(nodes: &HashMap<(u8, u64), Hash>) -> impl Fn(u8, u64) -> Result<Hash, (u8, u64)> {
    move |level, index| nodes.get(&(level, index)).copied().ok_or((level, index))
}

#[test]
fn the_ct_test_tree_has_its_published_root() {
    let root = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
    assert_eq!(hex::encode(root_of(&ct_leaves())), root);
}

#[test]
fn seventy_thousand_entries_have_the_root_others_compute() {
    let root = STANDARD.encode(root_of(&leaves(70_000)));
    assert_eq!(root, "o5IPun8jmgcam9EHIfE0Gt3vuu3ttBx+JEN6nRa98Ao=");
}

#[test]
fn the_empty_tree_hashes_nothing() {
    assert_eq!(Frontier::new().root(), <Hash>::from(Sha256::digest(b"")));
    assert_eq!(EMPTY_ROOT, Frontier::new().root());
}

#[test]
fn every_proof_of_small_trees_is_the_naive_one_and_verifies() {
    let all = leaves(70);
    let nodes = nodes(&all);
    for size in 1..=all.len() {
        let (tree, root) = (&all[..size], naive_root(&all[..size]));
        assert_eq!(tree_root(size as u64, reader(&nodes)), Ok(root));
        for index in 0..size {
            let proof = inclusion_proof(index as u64, size as u64, reader(&nodes)).unwrap();
            assert_eq!(proof, naive_path(index, tree));
            verify_inclusion(&tree[index], index as u64, size as u64, &proof, &root).unwrap();
        }
        for old in 1..=size {
            let proof = consistency_proof(old as u64, size as u64, reader(&nodes)).unwrap();
            assert_eq!(proof, naive_subproof(old, tree, true));
            let old_root = naive_root(&all[..old]);
            verify_consistency(old as u64, size as u64, &old_root, &root, &proof).unwrap();
        }
    }
}

#[test]
fn impossible_requests_are_named() {
    let nothing = |_, _| -> Result<Hash, Infallible> { unreachable!("no node is needed") };
    let beyond = ProveError::IndexBeyondSize { index: 5, size: 5 };
    assert_eq!(inclusion_proof(5, 5, nothing), Err(beyond));
    assert_eq!(consistency_proof(6, 5, nothing), Err(ProveError::OldBeyondNew { old: 6, new: 5 }));
    assert_eq!(consistency_proof(0, 5, nothing), Ok(vec![]));
    assert_eq!(consistency_proof(5, 5, nothing), Ok(vec![]));
    let root = [7; 32];
    assert_eq!(
        verify_inclusion(&root, 5, 5, &[], &root),
        Err(VerifyError::IndexBeyondSize { index: 5, size: 5 })
    );
    assert_eq!(
        verify_consistency(6, 5, &root, &root, &[]),
        Err(VerifyError::OldBeyondNew { old: 6, new: 5 })
    );
}

#[test]
fn a_failing_reader_fails_the_proof() {
    let broken = |_, _| Err("disk");
    assert_eq!(inclusion_proof(3, 5, broken), Err(ProveError::Read("disk")));
    assert_eq!(consistency_proof(3, 5, broken), Err(ProveError::Read("disk")));
    assert_eq!(tree_root(5, broken), Err("disk"));
}

#[test]
fn trivial_consistency_still_compares_roots() {
    let (a, b) = ([1; 32], [2; 32]);
    assert_eq!(verify_consistency(4, 4, &a, &a, &[]), Ok(()));
    assert_eq!(verify_consistency(4, 4, &a, &b, &[]), Err(VerifyError::RootMismatch));
    assert_eq!(verify_consistency(4, 4, &a, &a, &[a]), Err(VerifyError::ProofLength(1)));
    assert_eq!(verify_consistency(0, 4, &EMPTY_ROOT, &a, &[]), Ok(()));
    assert_eq!(verify_consistency(0, 4, &b, &a, &[]), Err(VerifyError::RootMismatch));
    assert_eq!(verify_consistency(0, 4, &EMPTY_ROOT, &a, &[a]), Err(VerifyError::ProofLength(1)));
    assert_eq!(verify_consistency(0, 0, &EMPTY_ROOT, &a, &[]), Err(VerifyError::RootMismatch));
    assert_eq!(verify_consistency(3, 4, &a, &b, &[]), Err(VerifyError::ProofLength(0)));
}

#[test]
fn sizes_near_the_end_of_u64_do_not_overflow() {
    let read = |_, _| Ok::<_, Infallible>([3; 32]);
    let size = u64::MAX;
    for index in [0, 1, size / 2, size - 2, size - 1] {
        let proof = inclusion_proof(index, size, read).unwrap();
        let refused = verify_inclusion(&[3; 32], index, size, &proof, &[0; 32]);
        assert_eq!(refused, Err(VerifyError::RootMismatch), "the length is right, the root is made up");
    }
    for old in [1, 2, 1 << 63, size - 1] {
        let proof = consistency_proof(old, size, read).unwrap();
        let refused = verify_consistency(old, size, &[3; 32], &[0; 32], &proof);
        assert_eq!(refused, Err(VerifyError::RootMismatch));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn larger_trees_agree_with_the_naive_definition(size in 1usize..1500, a in 0usize..1500, b in 0usize..1500) {
        let all = leaves(size as u64);
        let nodes = nodes(&all);
        let (index, old) = (a % size, b % size + 1);
        let inclusion = inclusion_proof(index as u64, size as u64, reader(&nodes)).unwrap();
        prop_assert_eq!(&inclusion, &naive_path(index, &all));
        let consistency = consistency_proof(old as u64, size as u64, reader(&nodes)).unwrap();
        prop_assert_eq!(&consistency, &naive_subproof(old, &all, true));
        let frontier = Frontier::load(old as u64, reader(&nodes)).unwrap();
        prop_assert_eq!(frontier.root(), naive_root(&all[..old]));
    }

    #[test]
    fn a_loaded_frontier_grows_like_the_original(size in 1u64..600, from in 0u64..600) {
        let all = leaves(size);
        let nodes = nodes(&all);
        let from = from % size;
        let mut frontier = Frontier::load(from, reader(&nodes)).unwrap();
        all[from as usize..].iter().for_each(|leaf| frontier.append(*leaf));
        prop_assert_eq!(frontier.root(), naive_root(&all));
    }

    #[test]
    fn a_changed_proof_never_verifies(
        size in 2usize..300, a in any::<usize>(), which in any::<usize>(), bit in 0usize..256, kind in 0..4
    ) {
        let all = leaves(size as u64);
        let (index, root) = (a % size, naive_root(&all));
        let good = naive_path(index, &all);
        let mut proof = good.clone();
        let at = which % proof.len();
        match kind {
            0 => proof[at][bit / 8] ^= 1 << (bit % 8),
            1 => { proof.remove(at); }
            2 => proof.insert(at, [9; 32]),
            _ => proof.push(root),
        }
        let verdict = verify_inclusion(&all[index], index as u64, size as u64, &proof, &root);
        prop_assert!(verdict.is_err());
        let other = (index + 1) % size;
        prop_assert!(verify_inclusion(&all[index], other as u64, size as u64, &good, &root).is_err());

        let old = a % (size - 1) + 1;
        let mut proof = naive_subproof(old, &all, true);
        let at = which % proof.len();
        match kind {
            0 => proof[at][bit / 8] ^= 1 << (bit % 8),
            1 => { proof.remove(at); }
            2 => proof.insert(at, [9; 32]),
            _ => proof.push(root),
        }
        let old_root = naive_root(&all[..old]);
        prop_assert!(verify_consistency(old as u64, size as u64, &old_root, &root, &proof).is_err());
    }

    #[test]
    fn verification_never_panics(
        leaf in any::<Hash>(), a in any::<u64>(), b in any::<u64>(),
        proof in prop::collection::vec(any::<Hash>(), 0..70),
    ) {
        let _ = verify_inclusion(&leaf, a, b, &proof, &leaf);
        let _ = verify_consistency(a, b, &leaf, &leaf, &proof);
    }
}
