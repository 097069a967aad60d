//! Strict Ed25519 over many signatures: the verdict on each is that of `VerifyingKey::verify_strict`, for less work.
//!
//! `verify_strict` accepts a signature (R, s) of a message M under a key A if and only if s is canonical, neither A nor R
//! is of small order, and the bytes of R are those of the point `[s]B - [SHA-512(R || A || M)]A`. It decompresses R, which
//! takes a square root, only to look at its order. But whenever the last condition holds, R *is* that point: compressing
//! is canonical and one to one. So the order is looked at on the computed point, and no root is taken. What is left
//! beside the multiplication is the inversion that compressing takes, and many points share one. Nor is a point multiplied
//! to learn its order: those of small order have fourteen encodings in all.
//!
//! This is no batch verification: no random combination of equations, and each signature is judged alone. A test
//! compares the verdicts with those of `verify_strict`, on good, damaged and malicious signatures.

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::VerifyingKey;
use sha2::{Digest as _, Sha512};

/// A signature that is claimed to be a key's over a message, which is given in pieces.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// Whose it is said to be.
    pub key: &'a VerifyingKey,
    /// The pieces of the message, to be read one after the other.
    pub message: [&'a [u8]; 2],
    /// R and s.
    pub signature: &'a [u8; 64],
}

impl Claim<'_> {
    /// The point that R must be; `None` if nothing can make the claim true.
    fn expected(&self) -> Option<EdwardsPoint> {
        let (r, s) = self.signature.split_first_chunk::<32>()?;
        let s: Option<Scalar> = Scalar::from_canonical_bytes(s.try_into().ok()?).into();
        let hash = Sha512::new()
            .chain_update(r)
            .chain_update(self.key.as_bytes())
            .chain_update(self.message[0])
            .chain_update(self.message[1])
            .finalize();
        let challenge = Scalar::from_bytes_mod_order_wide(&hash.into());
        if is_of_small_order(self.key.as_bytes()) {
            return None;
        }
        Some(EdwardsPoint::vartime_double_scalar_mul_basepoint(&challenge, &-self.key.to_edwards(), &s?))
    }
}

/// The y of the points whose order divides eight, little-endian: 0, 1, p - 1, the two of order eight, and once more the
/// two that fit 255 bits unreduced.
const SMALL_ORDER_Y: [[u8; 32]; 7] = {
    let mut all = [[0; 32]; 7];
    all[1][0] = 1;
    let mut p = [0xff; 32];
    (p[0], p[31]) = (0xed, 0x7f);
    (all[2], all[3], all[4]) = (p, p, p);
    all[2][0] -= 1;
    all[4][0] += 1;
    all[5] = [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ];
    // p minus the one before.
    let mut at = 0;
    let mut borrow = 0;
    while at < 32 {
        let rest = p[at] as i16 - all[5][at] as i16 - borrow;
        borrow = (rest < 0) as i16;
        all[6][at] = (rest + 256 * borrow) as u8;
        at += 1;
    }
    all
};

/// Whether the bytes, if they are a point's at all, are one's whose order divides eight.
fn is_of_small_order(bytes: &[u8; 32]) -> bool {
    let mut y = *bytes;
    y[31] &= 0x7f;
    SMALL_ORDER_Y.contains(&y)
}

/// The verdict on each claim, in their order.
#[must_use]
pub fn verify_each(claims: &[Claim<'_>]) -> Vec<bool> {
    let expected: Vec<Option<EdwardsPoint>> = claims.iter().map(Claim::expected).collect();
    let points: Vec<EdwardsPoint> = expected.iter().flatten().copied().collect();
    let mut compressed = EdwardsPoint::compress_batch_alloc(&points).into_iter();
    let mut is_r = |claim: &Claim<'_>| {
        let is_it = |CompressedEdwardsY(r)| r == claim.signature[..32] && !is_of_small_order(&r);
        compressed.next().is_some_and(is_it)
    };
    claims.iter().zip(&expected).map(|(claim, point)| point.is_some() && is_r(claim)).collect()
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
    use ed25519_dalek::{Signature, Signer as _, SigningKey};
    use proptest::prelude::*;

    use super::*;

    fn verdicts(claims: &[(VerifyingKey, Vec<u8>, [u8; 64])]) -> (Vec<bool>, Vec<bool>) {
        let judge = |(key, message, signature): &(VerifyingKey, Vec<u8>, [u8; 64])| {
            key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
        };
        let own: Vec<Claim<'_>> = claims
            .iter()
            .map(|(key, message, signature)| {
                let (head, tail) = message.split_at(message.len() / 2);
                Claim { key, message: [head, tail], signature }
            })
            .collect();
        (verify_each(&own), claims.iter().map(judge).collect())
    }

    fn signed(seed: u8, message: &[u8]) -> (VerifyingKey, Vec<u8>, [u8; 64]) {
        let key = SigningKey::from_bytes(&[seed; 32]);
        (key.verifying_key(), message.to_vec(), key.sign(message).to_bytes())
    }

    /// A signature by a secret scalar and a nonce of the forger's choice, with torsion added to key and R.
    fn forged(
        message: &[u8],
        in_key: usize,
        in_r: usize,
        secret: Scalar,
        nonce: Scalar,
    ) -> (VerifyingKey, Vec<u8>, [u8; 64]) {
        let key = (ED25519_BASEPOINT_POINT * secret + EIGHT_TORSION[in_key]).compress().0;
        let r = (ED25519_BASEPOINT_POINT * nonce + EIGHT_TORSION[in_r]).compress().0;
        let hash = Sha512::new().chain_update(r).chain_update(key).chain_update(message).finalize();
        let s = nonce + Scalar::from_bytes_mod_order_wide(&hash.into()) * secret;
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&r);
        signature[32..].copy_from_slice(s.as_bytes());
        (VerifyingKey::from_bytes(&key).expect("a point"), message.to_vec(), signature)
    }

    #[test]
    fn good_ones_are_good_and_a_bad_one_among_them_spoils_no_other() {
        let mut claims: Vec<_> = (0..70).map(|n| signed(n, &[n; 40])).collect();
        claims[13].2[40] ^= 1;
        claims[14].1[3] ^= 1;
        claims[15].2 = [0xff; 64];
        let (own, theirs) = verdicts(&claims);
        assert_eq!(own, theirs);
        let bad: Vec<usize> = (0..70).filter(|n| !own[*n]).collect();
        assert_eq!(bad, [13, 14, 15]);
    }

    #[test]
    fn points_of_small_order_and_torsion_are_judged_as_strictly() {
        let mut claims = Vec::new();
        for (in_key, in_r) in (0..8).flat_map(|a| (0..8).map(move |b| (a, b))) {
            for (secret, nonce) in [(0u8, 0u8), (0, 7), (5, 0), (5, 7)] {
                // Several messages, so that some challenges are multiples of the torsion's order.
                claims.extend((0..16u8).map(|m| forged(&[m; 9], in_key, in_r, secret.into(), nonce.into())));
            }
        }
        let (own, theirs) = verdicts(&claims);
        assert_eq!(own, theirs);
        let lax = |(key, message, signature): &(VerifyingKey, Vec<u8>, [u8; 64])| {
            ed25519_dalek::Verifier::verify(key, message, &Signature::from_bytes(signature)).is_ok()
        };
        assert!(claims.iter().map(lax).zip(&own).any(|(lax, strict)| lax && !strict), "the traps are real");
        assert!(own.contains(&true), "and some have torsion that strictness allows");
    }

    #[test]
    fn encodings_of_small_order_are_those_of_such_points() {
        let with_sign = |y: &[u8; 32], sign: u8| {
            let mut bytes = *y;
            bytes[31] |= sign << 7;
            bytes
        };
        for (y, sign) in SMALL_ORDER_Y.iter().flat_map(|y| [(y, 0), (y, 1)]) {
            let bytes = with_sign(y, sign);
            let point = CompressedEdwardsY(bytes).decompress().expect("a point");
            assert!(point.is_small_order() && is_of_small_order(&bytes), "{}", hex::encode(bytes));
        }
        assert!(EIGHT_TORSION.iter().all(|point| is_of_small_order(&point.compress().0)), "none is missing");
        // A y below 19 has a second spelling; only those of 0 and 1 are of small order.
        let reduced = |low: u8| with_sign(&std::array::from_fn(|at| if at == 0 { low } else { 0 }), 0);
        let points = (2..19).filter_map(|low| CompressedEdwardsY(reduced(low)).decompress());
        assert!(points.clone().count() > 0 && points.clone().all(|point| !point.is_small_order()));
        assert!(!is_of_small_order(ED25519_BASEPOINT_POINT.compress().as_bytes()));
    }

    #[test]
    fn a_second_spelling_of_r_or_s_is_none() {
        let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
        let (key, message, mut signature) = signed(3, b"malleable");
        let mut carry = 0;
        for (byte, add) in signature[32..].iter_mut().zip(order) {
            carry += u16::from(*byte) + u16::from(add);
            *byte = carry as u8;
            carry >>= 8;
        }
        // y = p + 1 is the identity's y, not reduced.
        let mut unreduced = [0xff; 32];
        (unreduced[0], unreduced[31]) = (0xee, 0x7f);
        let mut other = forged(b"m", 0, 0, Scalar::from(5u8), Scalar::ZERO);
        other.2[..32].copy_from_slice(&unreduced);
        let (own, theirs) = verdicts(&[(key, message, signature), other]);
        assert_eq!((own, theirs), (vec![false, false], vec![false, false]));
    }

    proptest! {
        #[test]
        fn verdicts_are_those_of_verify_strict(
            seeds in prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u8>(), 0..99), prop::option::of(0usize..512)), 0..20),
        ) {
            let claim = |(seed, message, flip): &(u8, Vec<u8>, Option<usize>)| {
                let (key, message, mut signature) = signed(*seed, message);
                if let Some(bit) = flip {
                    signature[bit / 8] ^= 1 << (bit % 8);
                }
                (key, message, signature)
            };
            let claims: Vec<_> = seeds.iter().map(claim).collect();
            let (own, theirs) = verdicts(&claims);
            prop_assert_eq!(own, theirs);
        }
    }
}
