//! Keys as text: the signing key as PKCS#8 PEM, the public key as one line. Strings only; where they are kept
//! and how they are wrapped is for the caller.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};
use ed25519_dalek::{SigningKey, VerifyingKey};
use thiserror::Error;
use zeroize::{Zeroize as _, Zeroizing};

const PUBLIC_KEY_PREFIX: &str = "ed25519:";

/// Why a text is not a key. It never repeats any of the text, which may be secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyTextError {
    /// Not the PKCS#8 PEM of an Ed25519 private key.
    #[error("this is not an Ed25519 private key in PKCS#8 PEM (-----BEGIN PRIVATE KEY-----)")]
    PrivateKey,
    /// Not `ed25519:` and base64 of 32 bytes.
    #[error("a public key is one line: ed25519: followed by the base64 of 32 bytes")]
    PublicKeyFormat,
    /// 32 bytes that are no point of the curve, or a point of small order, for which anybody can sign.
    #[error("these 32 bytes are not a usable Ed25519 public key")]
    UnusablePublicKey,
}

/// The PKCS#8 PEM of a signing key (RFC 8410), wiped from memory when dropped.
///
/// Version 1, without the public key: common tools, among them older OpenSSL, do not read version 2.
pub fn signing_key_to_pem(key: &SigningKey) -> Zeroizing<String> {
    let mut bytes = KeypairBytes { secret_key: key.to_bytes(), public_key: None };
    let pem = bytes.to_pkcs8_pem(LineEnding::LF).expect("32 bytes always encode");
    bytes.secret_key.zeroize();
    pem
}

/// Reads the PKCS#8 PEM of a signing key; space around it is ignored. A public key inside must fit.
///
/// # Errors
/// [`KeyTextError::PrivateKey`].
pub fn signing_key_from_pem(text: &str) -> Result<SigningKey, KeyTextError> {
    SigningKey::from_pkcs8_pem(text.trim()).map_err(|_| KeyTextError::PrivateKey)
}

/// A public key as `ed25519:` and the base64 of its 32 bytes, without a line end.
pub fn public_key_to_line(key: &VerifyingKey) -> String {
    format!("{PUBLIC_KEY_PREFIX}{}", STANDARD.encode(key.as_bytes()))
}

/// Reads what [`public_key_to_line`] wrote; space around it is ignored.
///
/// # Errors
/// [`KeyTextError::PublicKeyFormat`] or [`KeyTextError::UnusablePublicKey`].
pub fn public_key_from_line(line: &str) -> Result<VerifyingKey, KeyTextError> {
    let encoded = line.trim().strip_prefix(PUBLIC_KEY_PREFIX).ok_or(KeyTextError::PublicKeyFormat)?;
    let bytes = STANDARD.decode(encoded).map_err(|_| KeyTextError::PublicKeyFormat)?;
    usable_public_key(&bytes.try_into().map_err(|_| KeyTextError::PublicKeyFormat)?)
}

/// A public key from its 32 bytes, unless nobody or anybody could sign for it, or verifiers differ about it.
///
/// # Errors
/// [`KeyTextError::UnusablePublicKey`].
pub fn usable_public_key(bytes: &[u8; 32]) -> Result<VerifyingKey, KeyTextError> {
    let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyTextError::UnusablePublicKey)?;
    if key.is_weak() || !is_reduced(bytes) { Err(KeyTextError::UnusablePublicKey) } else { Ok(key) }
}

/// Whether the y coordinate is below 2^255 - 19 (RFC 8032, 5.1.3).
fn is_reduced(bytes: &[u8; 32]) -> bool {
    let [lowest, middle @ .., highest] = bytes;
    highest & 0x7f != 0x7f || middle.iter().any(|byte| *byte != 0xff) || *lowest < 0xed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 8410, 10.3: a private key without and with its public key.
    const RFC_8410_V1: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";
    const RFC_8410_PUBLIC: &str = "ed25519:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

    #[test]
    fn the_example_of_rfc_8410_is_read_and_written_alike() {
        let key = signing_key_from_pem(RFC_8410_V1).unwrap();
        assert_eq!(public_key_to_line(&key.verifying_key()), RFC_8410_PUBLIC);
        assert_eq!(*signing_key_to_pem(&key), RFC_8410_V1);
        assert_eq!(public_key_from_line(RFC_8410_PUBLIC), Ok(key.verifying_key()));
    }

    #[test]
    fn version_2_with_the_public_key_is_read_too() {
        let key = signing_key_from_pem(RFC_8410_V1).unwrap();
        let with_public = key.to_pkcs8_pem(LineEnding::LF).unwrap();
        assert_ne!(*with_public, RFC_8410_V1);
        assert_eq!(signing_key_from_pem(&with_public).unwrap().to_bytes(), key.to_bytes());
    }

    #[test]
    fn a_public_key_that_does_not_fit_is_refused() {
        let mut pair = KeypairBytes::from(&SigningKey::from_bytes(&[1; 32]));
        pair.secret_key = [2; 32];
        let pem = pair.to_pkcs8_pem(LineEnding::LF).unwrap();
        assert_eq!(signing_key_from_pem(&pem).unwrap_err(), KeyTextError::PrivateKey);
    }

    #[test]
    fn unusable_lines_are_refused() {
        let format = [
            "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
            "ed25519:",
            "ed25519:Gb9E",
            "ed25519:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE",
            "ED25519:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
        ];
        for line in format {
            assert_eq!(public_key_from_line(line), Err(KeyTextError::PublicKeyFormat), "{line}");
        }
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut off_curve = [0; 32];
        off_curve[0] = 2;
        // y = 3 is on the curve and of no small order; 2^255 - 19 + 3 means the same to those who reduce it.
        let (mut three, mut not_reduced) = ([0; 32], [0xff; 32]);
        three[0] = 3;
        (not_reduced[0], not_reduced[31]) = (0xf0, 0x7f);
        assert!(usable_public_key(&three).is_ok() && VerifyingKey::from_bytes(&not_reduced).is_ok());
        for bytes in [identity, off_curve, not_reduced] {
            assert_eq!(usable_public_key(&bytes), Err(KeyTextError::UnusablePublicKey));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn keys_come_back(seed in any::<[u8; 32]>()) {
            let key = SigningKey::from_bytes(&seed);
            prop_assert_eq!(signing_key_from_pem(&signing_key_to_pem(&key)).unwrap().to_bytes(), seed);
            let public = key.verifying_key();
            prop_assert_eq!(public_key_from_line(&public_key_to_line(&public)), Ok(public));
        }

        #[test]
        fn reading_never_panics(text in ".{0,200}", at in 0usize..120, byte in 0x20u8..0x7f) {
            let _ = signing_key_from_pem(&text);
            let _ = public_key_from_line(&text);
            let _ = public_key_from_line(&format!("ed25519:{text}"));
            let mut damaged = RFC_8410_V1.as_bytes().to_vec();
            damaged[at % RFC_8410_V1.len()] = byte;
            let _ = signing_key_from_pem(std::str::from_utf8(&damaged).unwrap());
        }
    }
}
