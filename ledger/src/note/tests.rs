use proptest::prelude::*;

use super::*;

const TEXT: &str = "first line\n\nafter an empty line\n";

fn signer(name: &str, seed: u8) -> NoteSigner {
    NoteSigner::new(name, SigningKey::from_bytes(&[seed; 32])).unwrap()
}

fn cosigner(name: &str, seed: u8) -> Cosigner {
    Cosigner::new(name, SigningKey::from_bytes(&[seed; 32])).unwrap()
}

/// The log key from which other implementations compute the same verifier key.
fn known_answer_signer() -> NoteSigner {
    let seed = std::array::from_fn(|i| i as u8);
    NoteSigner::new("ledger.example/log1", SigningKey::from_bytes(&seed)).unwrap()
}

#[test]
fn the_verifier_key_is_the_one_others_compute() {
    let vkey = "ledger.example/log1+7d41893d+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
    assert_eq!(known_answer_signer().verifier().to_string(), vkey);
    assert_eq!(&vkey.parse::<VerifierKey>().unwrap(), known_answer_signer().verifier());
}

#[test]
fn the_example_note_of_the_go_implementation_verifies() {
    // The package documentation of golang.org/x/mod/sumdb/note.
    let vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let note = "If you think cryptography is the answer to your problem,\n\
                then you don't know what your problem is.\n\
                \n\
                — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let known = [vkey.parse::<VerifierKey>().unwrap()];
    let parsed = Note::parse(note.as_bytes()).unwrap();
    assert_eq!(parsed.verify(&known).unwrap(), [VerifiedSignature { key: &known[0], time: None }]);
    assert_eq!(parsed.to_string(), note);
    assert_eq!(known[0].to_string(), vkey);
}

#[test]
fn broken_verifier_keys_are_told_apart() {
    let good = known_answer_signer().verifier().to_string();
    let parse = |text: &str| text.parse::<VerifierKey>().unwrap_err();
    assert_eq!(parse("name+7d41893d"), VerifierKeyError::Format);
    assert_eq!(parse(&good.replace("7d41893d", "7D41893D")), VerifierKeyError::Format);
    assert_eq!(parse(&good.replace("7d41893d", "07d41893d")), VerifierKeyError::Format);
    assert_eq!(parse(&good.replace("7d41893d", "7d41893e")), VerifierKeyError::IdMismatch);
    assert_eq!(parse(&good.replace("log1", "log2")), VerifierKeyError::IdMismatch);
    assert_eq!(parse(&good.replace("log1", "log 1")), VerifierKeyError::Name);
    assert_eq!(parse(&good.replace("ledger.example/log1", "")), VerifierKeyError::Name);
    assert_eq!(parse(&good.replace("+AQ", "+Bg")), VerifierKeyError::UnknownType(6));
    assert_eq!(parse(&good.replace("VTG4", "")), VerifierKeyError::PublicKey);
    assert_eq!(parse("a+00000000+"), VerifierKeyError::Format);
}

#[test]
fn a_note_with_empty_lines_comes_back() {
    let note = Note::new(TEXT, signer("a", 1).sign(TEXT)).unwrap();
    let parsed = Note::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(parsed, note);
    assert_eq!(parsed.text(), TEXT);
    assert_eq!(parsed.verify(&[signer("a", 1).verifier().clone()]).unwrap().len(), 1);
}

#[test]
fn a_cosignature_carries_its_time() {
    let (log, witness) = (signer("log", 1), cosigner("witness", 2));
    let mut note = Note::new(TEXT, log.sign(TEXT)).unwrap();
    note.add(witness.cosign(TEXT, 1_700_000_000)).unwrap();
    let known = [log.verifier().clone(), witness.verifier().clone()];
    let parsed = Note::parse(note.to_string().as_bytes()).unwrap();
    let times: Vec<_> = parsed.verify(&known).unwrap().iter().map(|v| v.time).collect();
    assert_eq!(times, [None, Some(1_700_000_000)]);
    assert_eq!(parsed.signatures()[1].signature.len(), 72, "an 8-byte time and 64 bytes");

    let mut later = witness.cosign(TEXT, 1_700_000_000);
    later.signature[7] += 1;
    let tampered = Note::new(TEXT, later).unwrap();
    assert_eq!(tampered.verify(&known), Err(NoteError::BadSignature("witness".into())));
}

#[test]
fn a_plain_signature_is_no_cosignature_and_the_other_way_round() {
    let (plain, timed) = (signer("w", 2), cosigner("w", 2));
    assert_ne!(plain.verifier().id(), timed.verifier().id());
    let mut disguised = plain.sign(TEXT);
    disguised.key_id = timed.verifier().id();
    let note = Note::new(TEXT, disguised).unwrap();
    assert!(matches!(note.verify(&[timed.verifier().clone()]), Err(NoteError::BadSignature(_))));
    assert_eq!(note.verify(&[plain.verifier().clone()]), Err(NoteError::NoKnownSignature));
}

#[test]
fn times_beyond_the_limit_are_refused() {
    let witness = cosigner("w", 2);
    let time = u64::MAX;
    let signed = witness.key.sign(cosigned_message(TEXT, time).as_bytes());
    let mut line = witness.cosign(TEXT, time);
    let known = [witness.verifier().clone()];
    let capped = Note::new(TEXT, line.clone()).unwrap();
    assert_eq!(capped.verify(&known).unwrap()[0].time, Some(MAX_COSIGNATURE_TIME));
    line.signature = [&time.to_be_bytes()[..], &signed.to_bytes()].concat();
    assert!(matches!(Note::new(TEXT, line).unwrap().verify(&known), Err(NoteError::BadSignature(_))));
}

#[test]
fn one_wrong_known_signature_spoils_the_note_unknown_ones_do_not() {
    let (a, b) = (signer("a", 1), signer("b", 2));
    let known = [a.verifier().clone(), b.verifier().clone()];
    let mut note = Note::new(TEXT, a.sign(TEXT)).unwrap();
    note.add(signer("stranger", 3).sign("another text\n")).unwrap();
    let future = SignatureLine { name: "ml-dsa".into(), key_id: [6; 4], signature: vec![9; 2428] };
    note.add(future).unwrap();
    let same_name_other_key = signer("a", 9).sign("another text\n");
    note.add(same_name_other_key).unwrap();
    assert_eq!(note.verify(&known).unwrap().len(), 1);
    note.add(b.sign("another text\n")).unwrap();
    assert_eq!(note.verify(&known), Err(NoteError::BadSignature("b".into())));
    assert_eq!(note.verify(&known[..1]).unwrap().len(), 1, "b is unknown here");
    assert_eq!(note.verify(&[]), Err(NoteError::NoKnownSignature));
}

#[test]
fn many_signatures_are_read_up_to_the_limit() {
    let mut note = Note::new(TEXT, signer("a", 0).sign(TEXT)).unwrap();
    for seed in 1..MAX_SIGNATURES {
        note.add(signer("a", seed as u8).sign(TEXT)).unwrap();
    }
    let known: Vec<_> = (0..16).map(|seed| signer("a", seed).verifier().clone()).collect();
    assert_eq!(Note::parse(note.to_string().as_bytes()).unwrap().verify(&known).unwrap().len(), 16);
    let extra = signer("a", 255).sign(TEXT);
    assert_eq!(note.add(extra.clone()), Err(NoteError::TooManySignatures));
    let too_many = format!("{note}{extra}");
    assert_eq!(Note::parse(too_many.as_bytes()), Err(NoteError::TooManySignatures));
}

#[test]
fn a_note_that_can_be_made_can_be_read() {
    let note = |text: &str| Note::new(text, signer("a", 1).sign(text));
    for text in ["", "text", "\n"] {
        assert_eq!(note(text), Err(NoteError::Structure), "{text:?}");
    }
    for text in ["a\n", "\n\n", "\na\n\n", "\u{2014} a AAAAAAA=\n"] {
        let note = note(text).unwrap();
        assert_eq!(Note::parse(note.to_string().as_bytes()), Ok(note), "{text:?}");
    }
}

#[test]
fn malformed_notes_are_told_apart() {
    let good = Note::new("text\n", signer("a", 1).sign("text\n")).unwrap().to_string();
    let parse = |text: String| Note::parse(text.as_bytes()).unwrap_err();
    assert_eq!(Note::parse(b"text\n\n\xff\n"), Err(NoteError::NotUtf8));
    assert_eq!(parse(good.replace("text", "te\txt")), NoteError::ControlCharacter);
    assert_eq!(parse(good.replace('\n', "\r\n")), NoteError::ControlCharacter);
    assert_eq!(parse(good.trim_end().to_owned()), NoteError::Structure);
    assert_eq!(parse(format!("{good}\n")), NoteError::Structure);
    assert_eq!(parse(good.replace("\n\n", "\n")), NoteError::Structure);
    assert_eq!(parse("text\n\n".to_owned()), NoteError::Structure);
    assert_eq!(parse(String::new()), NoteError::Structure);
    assert_eq!(parse(good.replace("text", "")), NoteError::Structure);
    assert_eq!(parse(good.replace('—', "-")), NoteError::SignatureLine(1));
    assert_eq!(parse(format!("{good}— b AAAA\n")), NoteError::SignatureLine(2));
    assert_eq!(parse(format!("{good}— b AAAAAA==\n")), NoteError::SignatureLine(2));
    assert_eq!(parse(format!("{good}— b+c AAAAAAA=\n")), NoteError::SignatureLine(2));
    assert_eq!(parse(format!("{good}— b AAAAAAA= \n")), NoteError::SignatureLine(2));
    assert_eq!(parse(format!("{good}—  AAAAAAA=\n")), NoteError::SignatureLine(2));
    assert_eq!(parse(format!("{good}— b AAAAAAB=\n")), NoteError::SignatureLine(2), "stray bits");
}

proptest! {
    #[test]
    fn reading_never_panics_and_what_is_read_is_written_alike(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        text in "([a-z +—=\n]|AAAA|— a AAAAAAAA\n|\n\n){0,30}",
    ) {
        for input in [&bytes[..], text.as_bytes()] {
            let _ = parse_signature_lines(input);
            if let Ok(note) = Note::parse(input) {
                prop_assert_eq!(note.to_string().into_bytes(), input);
            }
        }
        let _ = text.parse::<VerifierKey>();
    }

    #[test]
    fn a_changed_byte_never_verifies(at in any::<prop::sample::Index>(), bit in 0..8) {
        let log = known_answer_signer();
        let mut bytes = Note::new(TEXT, log.sign(TEXT)).unwrap().to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1u8 << bit;
        let verdict = Note::parse(&bytes).and_then(|note| note.verify(&[log.verifier().clone()]).map(|_| ()));
        prop_assert!(verdict.is_err());
    }
}
