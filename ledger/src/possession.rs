//! Proof of possession: a new key signs who gains it, so that nobody enrols a key that somebody else holds.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::domain::ids::{PersonId, Possession};
use crate::dsse::pae;

/// The DSSE type of what a new key signs. No event has it, so a proof can never be taken for an event.
pub const POSSESSION_TYPE: &str = "application/vnd.hourbook.key-possession.v1";

/// What a new key signs beside [`POSSESSION_TYPE`]: the ledger and the person, each on a line.
#[must_use]
pub fn possession_body(ledger: &str, person: PersonId) -> Vec<u8> {
    format!("{ledger}\n{person}\n").into_bytes()
}

/// The proof that whoever calls has the key.
#[must_use]
pub fn prove(key: &SigningKey, ledger: &str, person: PersonId) -> Possession {
    Possession(key.sign(&pae(POSSESSION_TYPE, &possession_body(ledger, person))).to_bytes())
}

/// Whether the proof is one for this key, ledger and person, judged strictly.
#[must_use]
pub fn is_proven(key: &VerifyingKey, proof: &Possession, ledger: &str, person: PersonId) -> bool {
    let message = pae(POSSESSION_TYPE, &possession_body(ledger, person));
    key.verify_strict(&message, &Signature::from_bytes(&proof.0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_good_for_one_key_ledger_and_person() {
        let [key, other] = [1, 2].map(|seed| SigningKey::from_bytes(&[seed; 32]));
        let (ann, bo) = (PersonId([1; 16]), PersonId([2; 16]));
        let proof = prove(&key, "a.example/log", ann);
        let good = |key: &SigningKey, proof: &Possession, ledger, person| {
            is_proven(&key.verifying_key(), proof, ledger, person)
        };
        assert!(good(&key, &proof, "a.example/log", ann));
        assert!(!good(&other, &proof, "a.example/log", ann), "another key");
        assert!(!good(&key, &proof, "b.example/log", ann), "another ledger");
        assert!(!good(&key, &proof, "a.example/log", bo), "another person");
        let mut bent = proof;
        bent.0[40] ^= 1;
        assert!(!good(&key, &bent, "a.example/log", ann));
    }
}
