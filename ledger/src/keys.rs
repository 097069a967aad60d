//! Keys as text: the signing key as PKCS#8 PEM, plain or encrypted with a passphrase; the public key as one line. Strings
//! only: where they are kept is for the caller.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};
use ed25519_dalek::{SigningKey, VerifyingKey};
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::PrivateKeyInfoRef;
use pkcs8::pkcs5::pbes2::{Kdf, Parameters};
use pkcs8::pkcs5::scrypt;
use pkcs8::spki::der::SecretDocument;
use thiserror::Error;
use zeroize::{Zeroize as _, Zeroizing};

const PUBLIC_KEY_PREFIX: &str = "ed25519:";

const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// Parameters of scrypt: `N` is two to this, with `r` and `p`. OpenSSL reads no file whose key takes more than 32 MiB to
/// derive; this takes 16 MiB, five times.
const LOG_N: u8 = 14;
const R: u32 = 8;
const P: u32 = 5;

/// What deriving a key may cost: bytes of memory, and rounds of the hash or of scrypt's mixing.
const MOST_MEMORY: u64 = 1 << 28;
const MOST_ROUNDS: u64 = 1 << 27;

/// Why a text is not a key. It never repeats any of the text, which may be secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyTextError {
    /// Not the PKCS#8 PEM of an Ed25519 private key.
    #[error("this is not an Ed25519 private key in PKCS#8 PEM (-----BEGIN PRIVATE KEY-----)")]
    PrivateKey,
    /// The passphrase does not open it, or it is damaged.
    #[error("the passphrase is wrong, or the file is damaged")]
    Passphrase,
    /// Encrypted in a way that is not supported, or at a cost beyond reason.
    #[error("this is not encrypted by PBES2 with AES and a key of scrypt or PBKDF2 within 256 MiB")]
    Encryption,
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

/// What makes two encryptions of one key differ. Both must be random.
#[derive(Clone, Copy)]
pub struct Fresh {
    /// For the passphrase.
    pub salt: [u8; 16],
    /// For the cipher.
    pub iv: [u8; 16],
}

/// The encrypted PKCS#8 PEM of a signing key: PBES2 (RFC 8018) with scrypt (RFC 7914) and AES-256 in CBC mode, as OpenSSL
/// reads it.
pub fn signing_key_to_encrypted_pem(key: &SigningKey, passphrase: &[u8], fresh: Fresh) -> Zeroizing<String> {
    let costs = scrypt::Params::new(LOG_N, R, P).expect("within bounds");
    let parameters =
        Parameters::generate_scrypt_aes256cbc(costs, &fresh.salt, fresh.iv).expect("a salt fits");
    let plain = SecretDocument::from_pem(&signing_key_to_pem(key)).expect("it was just written").1;
    let info = PrivateKeyInfoRef::try_from(plain.as_bytes()).expect("it was just written");
    let sealed = info.encrypt_with_params(parameters, passphrase).expect("a key fits");
    sealed.to_pem(ENCRYPTED, LineEnding::LF).expect("it always encodes")
}

/// Whether a text is an encrypted private key.
#[must_use]
pub fn is_encrypted(text: &str) -> bool {
    text.trim_start().strip_prefix("-----BEGIN ").is_some_and(|label| label.starts_with(ENCRYPTED))
}

/// Reads an encrypted PKCS#8 PEM of a signing key, ours or that of OpenSSL.
///
/// # Errors
/// [`KeyTextError::Passphrase`], [`KeyTextError::Encryption`], or [`KeyTextError::PrivateKey`] for what is inside.
pub fn signing_key_from_encrypted_pem(text: &str, passphrase: &[u8]) -> Result<SigningKey, KeyTextError> {
    let (_, sealed) = SecretDocument::from_pem(text.trim()).map_err(|_| KeyTextError::Passphrase)?;
    let sealed =
        EncryptedPrivateKeyInfoRef::try_from(sealed.as_bytes()).map_err(|_| KeyTextError::Encryption)?;
    let kdf = sealed.encryption_algorithm.pbes2().map(|parameters| &parameters.kdf);
    if !kdf.is_some_and(is_affordable) {
        return Err(KeyTextError::Encryption);
    }
    let plain = sealed.decrypt(passphrase).map_err(|_| KeyTextError::Passphrase)?;
    SigningKey::from_pkcs8_der(plain.as_bytes()).map_err(|_| KeyTextError::PrivateKey)
}

fn is_affordable(kdf: &Kdf) -> bool {
    let (memory, rounds) = match kdf {
        Kdf::Pbkdf2(of) => (0, u64::from(of.iteration_count)),
        Kdf::Scrypt(of) => {
            let blocks = of.cost_parameter.saturating_mul(of.block_size.into());
            (blocks.saturating_mul(128), blocks.saturating_mul(of.parallelization.into()))
        }
        _ => return false,
    };
    memory <= MOST_MEMORY && rounds <= MOST_ROUNDS
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

    /// `openssl pkcs8 -topk8 -v2 aes-256-cbc -scrypt -passout pass:时光簿`, of the same key.
    const OF_OPENSSL: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGTME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAiMfTWYiU0tCgICQAAC
AQgCAQEwHQYJYIZIAWUDBAEqBBAdwDy1+f5d6F4PwECuOF2WBEBEWW1pfFMXNl/j
ARk+xhY2NJ5Cb6GvDDZe1EHkjnZBJEjnChqYkSztYI2JlIoY8TOF87Z4PWO8+t7t
8u9LgxhA
-----END ENCRYPTED PRIVATE KEY-----
";
    /// And with `-v2 aes-128-cbc -v2prf hmacWithSHA256`.
    const OF_OPENSSL_PBKDF2: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjQgCCpzQK7UQICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEKiQRxfS+7dTbzsU0SRm3BoEQDHQ
R3D5oi+6qtMCg2HRNErR69RXYPjei8czXkWz1lkpTb719fw0FJGQxnDdPskgPOIG
nbQyhwPAvSVVGXBfuVg=
-----END ENCRYPTED PRIVATE KEY-----
";

    #[test]
    fn what_openssl_encrypts_is_read_with_its_passphrase_alone() {
        let key = signing_key_from_pem(RFC_8410_V1).unwrap();
        for text in [OF_OPENSSL, OF_OPENSSL_PBKDF2] {
            assert!(is_encrypted(text) && !is_encrypted(RFC_8410_V1));
            assert_eq!(signing_key_from_encrypted_pem(text, "时光簿".as_bytes()).unwrap(), key);
            assert_eq!(signing_key_from_encrypted_pem(text, b"").unwrap_err(), KeyTextError::Passphrase);
            assert_eq!(signing_key_from_pem(text).unwrap_err(), KeyTextError::PrivateKey);
        }
    }

    #[test]
    fn what_is_encrypted_is_opened_again_and_nothing_of_it_is_plain() {
        let key = signing_key_from_pem(RFC_8410_V1).unwrap();
        let of = |salt| signing_key_to_encrypted_pem(&key, b"correct horse", Fresh { salt, iv: [2; 16] });
        let text = of([1; 16]);
        assert!(is_encrypted(&text) && *text != *of([3; 16]));
        assert_eq!(signing_key_from_encrypted_pem(&text, b"correct horse").unwrap(), key);
        let wrong = signing_key_from_encrypted_pem(&text, b"correct horse ").unwrap_err();
        assert_eq!(wrong, KeyTextError::Passphrase);
    }

    #[test]
    fn a_file_that_asks_for_gigabytes_or_hours_is_refused_at_once() {
        let affords = |log_n, r, p| {
            let costs = scrypt::Params::new(log_n, r, p).unwrap();
            is_affordable(&Parameters::generate_scrypt_aes256cbc(costs, &[1; 16], [2; 16]).unwrap().kdf)
        };
        assert!(affords(14, 8, 5) && affords(17, 8, 1));
        assert!(!affords(20, 8, 1) && !affords(40, 8, 1) && !affords(10, 8, 60_000));
    }

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
