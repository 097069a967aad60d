//! Values behind commitments, and keys as text.

use ed25519_dalek::SigningKey;
use hourbook_ledger::commitment::{
    Commitment, Field, FieldError, Opening, canonical, is_canonical, matching_form,
};
use hourbook_ledger::keys::{
    public_key_from_line, public_key_to_line, signing_key_from_pem, signing_key_to_pem,
};
use sha2::{Digest as _, Sha256};

use super::Target;
use super::feed::Feed;

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target { name: "value", run: value, seeds: values, longest: 5_000 },
        Target { name: "key-text", run: key_text, seeds: key_texts, longest: 1_024 },
    ]
}

/// The first byte chooses the field, the rest is what somebody typed. One canonical form, within its bounds, that is its
/// own canonical form; and a commitment to it opens with nothing else.
fn value(bytes: &[u8]) {
    let mut feed = Feed::new(bytes);
    let field = *feed.pick(&Field::ALL);
    let raw = String::from_utf8_lossy(feed.rest()).into_owned();
    let salt = [bytes.len() as u8; 32];
    let typed = Opening { subject: [1; 16], field, salt, value: raw.clone() };
    let found = canonical(field, &raw);
    assert_eq!(is_canonical(field, &raw).is_ok(), found.as_deref() == Ok(&*raw));
    let Ok(value) = found else {
        assert!(typed.opens(&typed.commitment()).is_err());
        return;
    };
    assert!((1..=field.max_bytes()).contains(&value.len()));
    assert_eq!(canonical(field, &value).as_deref(), Ok(&*value));
    assert_eq!(value.trim(), value);
    assert!(!value.chars().any(|c| c.is_control() && !(c == '\n' && field.is_multiline())));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match field {
        Field::Phone => {
            let (number, extension) = value.split_once('转').unwrap_or((&value, "1"));
            let number = number.strip_prefix('+').unwrap_or(number);
            assert!(digits(number) && (5..=15).contains(&number.len()));
            assert!(digits(extension) && (1..=6).contains(&extension.len()));
        }
        Field::IdNumber => assert!(digits(&value[..value.len() - 1]) && [15, 18].contains(&value.len())),
        Field::Code => assert!(digits(&value) && (8..=20).contains(&value.len())),
        Field::VolunteerNumber => assert!(value.bytes().all(|byte| byte.is_ascii_graphic())),
        _ => {}
    }
    let form = matching_form(field, &value);
    assert_eq!(matching_form(field, &form), form);
    if matches!(field, Field::Name | Field::Phone | Field::VolunteerNumber) {
        assert_eq!(matching_form(field, &raw), form, "what was typed finds what is kept");
    }
    if field == Field::IdNumber {
        assert_eq!(canonical(field, &form).as_ref(), Ok(&form), "the long form is an id number too");
    }
    let opening = Opening::new([1; 16], field, salt, &raw).expect("it has a canonical form");
    assert_eq!(opening.value, value);
    let naive = Sha256::new().chain_update(b"hourbook/commitment/v1\0").chain_update([field.tag()]);
    let naive = Commitment(naive.chain_update(salt).chain_update(&value).finalize().into());
    assert_eq!(opening.opens(&naive), Ok(true));
    match typed.opens(&naive) {
        Ok(opens) => assert_eq!(opens, raw == value),
        Err(error) => assert_eq!(error, FieldError::NotCanonical),
    }
}

fn values() -> Vec<Vec<u8>> {
    let typed = [
        (0, "\u{3000}欧阳 娜娜 "),
        (1, " +86 138-0013-8000 "),
        (1, "００８６ (0563) 602‐1234"),
        (2, "11010519491231002x"),
        (2, "１３０５０３６７０４０１００１"),
        (3, "栀川市萤湾镇"),
        (4, " 341822a001 "),
        (7, "一\r\n二\r三"),
        (8, "张\u{202e}三"),
        (12, "ABC-123"),
        (9, "想要一盏灯"),
    ];
    typed.iter().map(|(field, text)| [&[*field], text.as_bytes()].concat()).collect()
}

/// A key that is read is written in one spelling that reads as the same key; a usable public key has only one line.
fn key_text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(key) = signing_key_from_pem(text) {
        let written = signing_key_to_pem(&key);
        assert_eq!(signing_key_from_pem(&written).map(|key| key.to_bytes()), Ok(key.to_bytes()));
    }
    if let Ok(key) = public_key_from_line(text) {
        assert_eq!(public_key_to_line(&key), text.trim());
        assert!(!key.is_weak());
    }
    if let Some(seed) = bytes.first_chunk::<32>() {
        let key = SigningKey::from_bytes(seed);
        let pem = signing_key_to_pem(&key);
        assert_eq!(signing_key_from_pem(&pem).map(|key| key.to_bytes()), Ok(*seed));
        let line = public_key_to_line(&key.verifying_key());
        assert_eq!(public_key_from_line(&line), Ok(key.verifying_key()));
        let mut damaged = pem.as_bytes().to_vec();
        Feed::new(&bytes[32..]).damage(&mut damaged, 3);
        let damaged = String::from_utf8_lossy(&damaged);
        if let Ok(read) = signing_key_from_pem(&damaged) {
            // What differs is then in the key itself, or in white space around the text.
            assert!(read.to_bytes() != *seed || damaged.contains(pem.lines().nth(1).unwrap_or_default()));
        }
    }
}

fn key_texts() -> Vec<Vec<u8>> {
    let key = SigningKey::from_bytes(&[7; 32]);
    let pem = signing_key_to_pem(&key).as_bytes().to_vec();
    let line = public_key_to_line(&key.verifying_key()).into_bytes();
    vec![pem, line, (0..48).collect()]
}
