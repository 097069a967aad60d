//! The signature of an actor over an event: DSSE, with Ed25519, over the exact bytes received.
//!
//! Protobuf has no canonical form, so an event that was decoded must never be encoded again to check its
//! signature. That is why [`SignedEvent`] keeps bytes and why everything here works on bytes.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::ids::{KeyId, KeyIdError, PublicKey};
use crate::strict::{self, Claim};

/// The DSSE payload type of an event: what the bytes are, signed together with them.
pub const PAYLOAD_TYPE: &str = "application/vnd.hourbook.event.v1+protobuf";

/// An event as it came in: the exact bytes, who is said to have signed them, and the signature. Nothing has
/// been checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedEvent {
    /// The encoded event, never to be encoded again.
    pub payload: Vec<u8>,
    /// Which key to look up; it is not signed and proves nothing by itself.
    pub key_id: KeyId,
    /// An Ed25519 signature over [`pae`] of the payload.
    pub signature: [u8; 64],
}

/// Why an envelope or its signature was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DsseError {
    /// Not JSON, or not of the envelope's shape.
    #[error("the envelope is not the JSON object that DSSE describes: {0}")]
    Json(String),
    /// The payload is of another type.
    #[error("the payload type is not {PAYLOAD_TYPE}")]
    PayloadType,
    /// An event has exactly one signer.
    #[error("an event carries exactly one signature, this envelope has {0}")]
    SignatureCount(usize),
    /// The payload is not base64.
    #[error("the payload is not base64")]
    PayloadEncoding,
    /// The key id is not 32 lower-case hexadecimal digits.
    #[error("keyid: {0}")]
    KeyId(#[from] KeyIdError),
    /// The signature is not base64 of 64 bytes.
    #[error("the signature is not base64 of 64 bytes")]
    SignatureEncoding,
    /// The signature is not one of this key over these bytes.
    #[error("the signature does not belong to this key and these bytes")]
    BadSignature,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<EnvelopeSignature>,
}

#[derive(Serialize, Deserialize)]
struct EnvelopeSignature {
    keyid: String,
    sig: String,
}

impl SignedEvent {
    /// Signs the bytes of an event.
    pub fn sign(key: &SigningKey, payload: Vec<u8>) -> Self {
        let signature = key.sign(&pae(PAYLOAD_TYPE, &payload)).to_bytes();
        Self { payload, key_id: KeyId::of(&PublicKey(key.verifying_key().to_bytes())), signature }
    }

    /// Reads the DSSE JSON envelope. Base64 may be of the standard or the URL-safe alphabet, with or without
    /// padding; fields that DSSE does not name are ignored, as it demands. The caller bounds the size.
    ///
    /// # Errors
    /// Any [`DsseError`] but `BadSignature`, the first that applies in the order of that type.
    pub fn from_json(json: &[u8]) -> Result<Self, DsseError> {
        // The parser does not look into what it skips, so it would let bytes pass there that are no text.
        let text = std::str::from_utf8(json).map_err(|error| DsseError::Json(error.to_string()))?;
        let envelope: Envelope =
            serde_json::from_str(text).map_err(|error| DsseError::Json(error.to_string()))?;
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(DsseError::PayloadType);
        }
        let [signature] = envelope.signatures.as_slice() else {
            return Err(DsseError::SignatureCount(envelope.signatures.len()));
        };
        let payload = decode_either(&envelope.payload).ok_or(DsseError::PayloadEncoding)?;
        let key_id = signature.keyid.parse()?;
        let bytes = decode_either(&signature.sig).ok_or(DsseError::SignatureEncoding)?;
        let signature = bytes.try_into().map_err(|_| DsseError::SignatureEncoding)?;
        Ok(Self { payload, key_id, signature })
    }

    /// Writes the DSSE JSON envelope, base64 of the standard alphabet with padding.
    pub fn to_json(&self) -> String {
        let signature =
            EnvelopeSignature { keyid: self.key_id.to_string(), sig: STANDARD.encode(self.signature) };
        let envelope = Envelope {
            payload: STANDARD.encode(&self.payload),
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: vec![signature],
        };
        serde_json::to_string(&envelope).expect("strings always serialise to JSON")
    }
}

/// Checks the signature with `verify_strict`, over the exact bytes. That the key is the one named by
/// `key_id`, and that it may sign, is for the caller to see to.
///
/// # Errors
/// [`DsseError::BadSignature`].
pub fn verify(key: &VerifyingKey, event: &SignedEvent) -> Result<(), DsseError> {
    let message = pae(PAYLOAD_TYPE, &event.payload);
    key.verify_strict(&message, &Signature::from_bytes(&event.signature)).map_err(|_| DsseError::BadSignature)
}

/// As [`verify`], for many at once: the verdict on each, in their order.
#[must_use]
pub fn verify_each(signed: &[(&VerifyingKey, &SignedEvent)]) -> Vec<bool> {
    let headers: Vec<String> =
        signed.iter().map(|(_, event)| pae_header(PAYLOAD_TYPE, event.payload.len())).collect();
    let claims: Vec<Claim<'_>> = signed
        .iter()
        .zip(&headers)
        .map(|((key, event), header)| Claim {
            key,
            message: [header.as_bytes(), &event.payload],
            signature: &event.signature,
        })
        .collect();
    strict::verify_each(&claims)
}

fn pae_header(payload_type: &str, length: usize) -> String {
    format!("DSSEv1 {} {payload_type} {length} ", payload_type.len())
}

/// The pre-authentication encoding of DSSE v1, the message that is signed:
/// `DSSEv1 <length of type> <type> <length of body> <body>`, lengths in bytes and decimal.
pub fn pae(payload_type: &str, body: &[u8]) -> Vec<u8> {
    let mut message = pae_header(payload_type, body.len()).into_bytes();
    message.extend_from_slice(body);
    message
}

fn decode_either(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    const STANDARD_OR_NOT: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
    const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
    let url_safe = text.bytes().any(|byte| matches!(byte, b'-' | b'_'));
    let engine = if url_safe { &URL_SAFE } else { &STANDARD_OR_NOT };
    engine.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    /// Bytes whose base64 has both of the characters in which the alphabets differ.
    fn payload() -> Vec<u8> {
        vec![0xfb, 0xff, 0xfe, 0x00, 0x3e, 0x3f, 0xff]
    }

    fn envelope() -> serde_json::Value {
        serde_json::from_str(&SignedEvent::sign(&key(), payload()).to_json()).unwrap()
    }

    fn parse(value: &serde_json::Value) -> Result<SignedEvent, DsseError> {
        SignedEvent::from_json(value.to_string().as_bytes())
    }

    #[test]
    fn pae_is_the_example_of_the_dsse_protocol() {
        let message = pae("http://example.com/HelloWorld", b"hello world");
        assert_eq!(message, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
        assert_eq!(pae("", b""), b"DSSEv1 0  0 ");
    }

    #[test]
    fn the_key_id_is_sixteen_bytes_of_a_tagged_hash() {
        let public = key().verifying_key();
        let digest = <sha2::Sha256 as sha2::Digest>::digest(
            [b"hourbook/key/v1\0".as_slice(), public.as_bytes()].concat(),
        );
        assert_eq!(KeyId::of(&PublicKey(public.to_bytes())).to_string(), hex::encode(&digest[..16]));
        assert_eq!(
            KeyId::of(&PublicKey(public.to_bytes())).to_string().parse(),
            Ok(KeyId::of(&PublicKey(public.to_bytes())))
        );
    }

    #[test]
    fn a_key_id_has_one_spelling() {
        let id = KeyId([0xab; 16]).to_string();
        for wrong in [id.to_uppercase(), format!("{id}ab"), id[2..].to_owned(), format!("{}zz", &id[2..])] {
            assert_eq!(wrong.parse::<KeyId>(), Err(KeyIdError), "{wrong}");
        }
        assert_eq!(serde_json::from_value::<KeyId>(json!(id)).unwrap(), KeyId([0xab; 16]));
    }

    #[test]
    fn an_envelope_survives_json_and_verifies() {
        let signed = SignedEvent::sign(&key(), payload());
        let parsed = SignedEvent::from_json(signed.to_json().as_bytes()).unwrap();
        assert_eq!(parsed, signed);
        assert_eq!(verify(&key().verifying_key(), &parsed), Ok(()));
    }

    #[test]
    fn both_alphabets_and_missing_padding_are_read() {
        let signed = SignedEvent::sign(&key(), payload());
        assert!(STANDARD.encode(payload()).contains(['+', '/']));
        for engine in [URL_SAFE, URL_SAFE_NO_PAD] {
            let mut envelope = envelope();
            envelope["payload"] = json!(engine.encode(payload()));
            envelope["signatures"][0]["sig"] = json!(engine.encode(signed.signature));
            assert_eq!(parse(&envelope), Ok(signed.clone()));
        }
        let mut mixed = envelope();
        mixed["payload"] = json!("+-AA");
        assert_eq!(parse(&mixed), Err(DsseError::PayloadEncoding));
    }

    #[test]
    fn unknown_fields_are_ignored_and_known_ones_needed_once() {
        let mut extended = envelope();
        extended["note"] = json!({"any": ["thing"]});
        extended["signatures"][0]["cert"] = json!("x");
        assert!(parse(&extended).is_ok());
        for field in ["payload", "payloadType", "signatures"] {
            let mut partial = envelope();
            partial.as_object_mut().unwrap().remove(field);
            assert!(matches!(parse(&partial), Err(DsseError::Json(_))), "{field}");
        }
        let twice = envelope().to_string().replacen('{', r#"{"payload":"","#, 1);
        assert!(matches!(SignedEvent::from_json(twice.as_bytes()), Err(DsseError::Json(_))));
    }

    #[test]
    fn an_envelope_is_utf8_also_where_nobody_looks() {
        let mut extended = envelope();
        extended["note"] = json!("marked");
        let bytes = extended.to_string().into_bytes();
        assert!(SignedEvent::from_json(&bytes).is_ok());
        let at = bytes.windows(6).position(|six| six == b"marked").unwrap();
        for byte in [0x80, 0xc3, 0xff] {
            let mut broken = bytes.clone();
            broken[at + 2] = byte;
            assert!(matches!(SignedEvent::from_json(&broken), Err(DsseError::Json(_))), "{byte:x}");
        }
    }

    #[test]
    fn each_defect_has_its_error() {
        let with = |change: fn(&mut serde_json::Value)| {
            let mut envelope = envelope();
            change(&mut envelope);
            parse(&envelope).unwrap_err()
        };
        assert_eq!(with(|e| e["payloadType"] = json!("text/plain")), DsseError::PayloadType);
        assert_eq!(with(|e| e["signatures"] = json!([])), DsseError::SignatureCount(0));
        let twice = |e: &mut serde_json::Value| {
            let signature = e["signatures"][0].clone();
            e["signatures"] = json!([signature, signature]);
        };
        assert_eq!(with(twice), DsseError::SignatureCount(2));
        assert_eq!(with(|e| e["payload"] = json!("!")), DsseError::PayloadEncoding);
        assert_eq!(with(|e| e["signatures"][0]["keyid"] = json!("12")), DsseError::KeyId(KeyIdError));
        assert_eq!(with(|e| e["signatures"][0]["sig"] = json!("AAAA")), DsseError::SignatureEncoding);
        assert_eq!(with(|e| e["signatures"][0]["sig"] = json!("A")), DsseError::SignatureEncoding);
    }

    #[test]
    fn anything_changed_breaks_the_signature() {
        let (public, signed) = (key().verifying_key(), SignedEvent::sign(&key(), payload()));
        let mut other_payload = signed.clone();
        other_payload.payload.push(0);
        assert_eq!(verify(&public, &other_payload), Err(DsseError::BadSignature));
        let mut other_signature = signed.clone();
        other_signature.signature[0] ^= 1;
        assert_eq!(verify(&public, &other_signature), Err(DsseError::BadSignature));
        let other_key = SigningKey::from_bytes(&[8; 32]).verifying_key();
        assert_eq!(verify(&other_key, &signed), Err(DsseError::BadSignature));
        let bare = key().sign(&signed.payload).to_bytes();
        let over_bare_payload = SignedEvent { signature: bare, ..signed };
        assert_eq!(verify(&public, &over_bare_payload), Err(DsseError::BadSignature));
    }

    #[test]
    fn a_key_of_small_order_signs_nothing() {
        // The identity point with R = identity and s = 0 passes the lax rule for every message.
        let mut identity = [0; 32];
        identity[0] = 1;
        let weak = VerifyingKey::from_bytes(&identity).unwrap();
        let mut signature = [0; 64];
        signature[0] = 1;
        let forged =
            SignedEvent { payload: payload(), key_id: KeyId::of(&PublicKey(weak.to_bytes())), signature };
        let message = pae(PAYLOAD_TYPE, &forged.payload);
        use ed25519_dalek::Verifier as _;
        assert!(weak.verify(&message, &Signature::from_bytes(&signature)).is_ok(), "the trap is real");
        assert_eq!(verify(&weak, &forged), Err(DsseError::BadSignature));
    }

    proptest! {
        #[test]
        fn reading_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), text in ".{0,80}") {
            let _ = SignedEvent::from_json(&bytes);
            let _ = text.parse::<KeyId>();
            let mut envelope = envelope();
            envelope["signatures"][0]["sig"] = json!(text);
            envelope["payload"] = json!(text);
            let _ = parse(&envelope);
        }

        #[test]
        fn every_payload_comes_back(payload in prop::collection::vec(any::<u8>(), 0..300)) {
            let signed = SignedEvent::sign(&key(), payload);
            prop_assert_eq!(SignedEvent::from_json(signed.to_json().as_bytes()), Ok(signed));
        }
    }
}
