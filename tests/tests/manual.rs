//! The manual says what the code does.
#![allow(clippy::unwrap_used, reason = "all of it is a test")]

use std::process::Command;

use ed25519_dalek::SigningKey;
use hourbook_ledger::domain::{authority, rejection};
use hourbook_ledger::keys::{Fresh, signing_key_from_pem, signing_key_to_encrypted_pem};
use hourbook_tests::need;
use sha2::{Digest as _, Sha256};

/// Sections of the manual that are made from the code. Set `HOURBOOK_WRITE_DOCS` to write them.
#[test]
fn the_manual_shows_the_table_and_the_codes_as_they_are() {
    for (file, name, section) in [
        ("ledger/RULES.md", "authority", authority::markdown()),
        ("ledger/RULES.md", "rejections", rejection::markdown()),
        ("api/VISIBILITY.md", "faces", hourbook::auth::visibility::routes::markdown()),
        ("api/COMMANDS.md", "commands", hourbook::cli::markdown()),
        ("api/OPERATIONS.md", "scripts", scripts()),
    ] {
        let path = format!("{}/../{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).expect("the manual is there");
        let (begin, end) = (format!("<!-- {name}:begin -->\n"), format!("<!-- {name}:end -->"));
        let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("no {begin} in the manual"));
        let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("no {end} in the manual"));
        let made = format!("{before}{begin}{section}{end}{after}");
        if std::env::var_os("HOURBOOK_WRITE_DOCS").is_some() {
            std::fs::write(&path, &made).expect("the manual can be written");
        } else {
            let how = "HOURBOOK_WRITE_DOCS=1 cargo test -p hourbook-tests --test manual";
            assert!(made == text, "{file} is behind: {how}");
        }
    }
}

/// The scripts that use keys, by their digests, as whoever trusts nobody compares them.
fn scripts() -> String {
    let folder = format!("{}/../api/assets/keys", env!("CARGO_MANIFEST_DIR"));
    let of = |folder: &str, prefix: &str| -> Vec<String> {
        let entries =
            std::fs::read_dir(folder).expect("the scripts are there").map(|entry| entry.unwrap().path());
        let scripts = entries.filter(|path| path.extension().is_some_and(|ending| ending == "mjs"));
        let told = scripts.map(|path| {
            let digest = hex::encode(Sha256::digest(std::fs::read(&path).unwrap()));
            format!("{digest}  keys/{prefix}{}\n", path.file_name().unwrap().to_string_lossy())
        });
        told.collect()
    };
    let mut all = [of(&folder, ""), of(&format!("{folder}/vendor"), "vendor/")].concat();
    all.sort_by(|a, b| a[64..].cmp(&b[64..]));
    format!("```text\n{}```\n", all.concat())
}

/// The help of `hourbook key new` says so.
#[test]
fn openssl_reads_a_key_file_with_a_passphrase() {
    if !need::all("openssl", &[(need::program("openssl"), "openssl (Debian: openssl)")]) {
        return;
    }
    let (dir, passphrase) = (tempfile::tempdir().unwrap(), "时光 correct horse");
    let (file, words) = (dir.path().join("key.pem"), dir.path().join("words"));
    let key = SigningKey::from_bytes(&[7; 32]);
    let fresh = Fresh { salt: [1; 16], iv: [2; 16] };
    let pem = signing_key_to_encrypted_pem(&key, passphrase.as_bytes(), fresh);
    std::fs::write(&file, pem.as_bytes()).unwrap();
    std::fs::write(&words, passphrase).unwrap();
    let of = format!("file:{}", words.display());
    let plain = Command::new("openssl").args(["pkey", "-passin", &of, "-in"]).arg(&file).output().unwrap();
    let plain = String::from_utf8(plain.stdout).unwrap();
    assert_eq!(signing_key_from_pem(&plain).expect("openssl decrypts it"), key);
}
