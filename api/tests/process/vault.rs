//! Values that were cut off the vault: what a start says, what the audit says, and the way on.

use super::clock::{Founded, end};
use super::*;

#[test]
fn values_cut_off_the_vault_are_told_by_a_start_and_by_the_audit_and_can_be_given_up() {
    let ledger = Founded::now();
    ledger.register_members(5);
    ledger.is_sound();
    let values = ledger.data().join("vault/values");
    let whole = std::fs::read(&values).unwrap();
    let last = (0..whole.len() - 4).rfind(|at| whole[*at..].starts_with(b"HBF1")).unwrap();
    std::fs::write(&values, &whole[..last]).unwrap();
    let (code, said) = ledger.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(code == Some(3) && said.contains("vault/values") && said.contains("--accept-lost"), "{said}");
    let audit = |args: &[&str]| {
        let out = hourbook().arg("verify").arg(ledger.data()).args(args).output().unwrap();
        (out.status.code(), String::from_utf8_lossy(&out.stdout).into_owned())
    };
    let (code, said) = audit(&[]);
    assert_eq!(code, Some(17), "nobody asked it to look: {said}");
    assert!(said.contains("vault-damaged") && said.contains("opening-missing"), "{said}");
    assert_eq!(audit(&["--no-vault"]).0, Some(0));
    std::fs::write(&values, &whole).unwrap();
    ledger.is_sound();

    std::fs::write(&values, &whole[..last]).unwrap();
    let (server, address) = serve(&ledger.data(), &[("HOURBOOK_ACCEPT_LOST", "true")]);
    assert!(get(&address, "/readyz").starts_with("HTTP/1.1 200"));
    assert!(end(server).contains("the vault lacks values of the newest entries"), "a start says so");
    let (server, _) = serve(&ledger.data(), &[]);
    end(server);
    let (code, said) = audit(&[]);
    assert!(code == Some(17) && said.contains("opening-missing"), "the audit does not forget: {said}");
}

#[test]
fn a_missing_file_of_the_vault_or_key_of_the_ledger_is_named_with_the_way_back() {
    let ledger = Founded::now();
    ledger.register_members(1);
    for name in [
        "vault/values",
        "vault/guard",
        "vault-keys/keys",
        "vault-keys/master",
        "keys/log.pem",
        "keys/ledger.pem",
    ] {
        let path = ledger.data().join(name);
        let content = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let (code, said) = ledger.run(&["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(code, Some(3), "{name}: {said}");
        assert!(said.contains(name) && said.contains("hourbook restore"), "{name}: {said}");
        if name.starts_with("vault") {
            let out = hourbook().arg("verify").arg(ledger.data()).output().unwrap();
            let said = String::from_utf8_lossy(&out.stdout).into_owned();
            assert!(out.status.code() == Some(17) && said.contains("vault-damaged"), "{name}: {said}");
        }
        std::fs::write(&path, content).unwrap();
    }
    ledger.is_sound();
}

#[test]
fn a_byte_of_a_value_that_was_changed_stops_the_start_and_is_named_with_the_way_back() {
    let ledger = Founded::now();
    ledger.register_members(3);
    let values = ledger.data().join("vault/values");
    let mut bytes = std::fs::read(&values).unwrap();
    let first = bytes.windows(4).position(|window| window == b"HBF1").unwrap();
    bytes[first + 100] ^= 1;
    std::fs::write(&values, &bytes).unwrap();
    let (code, said) = ledger.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, Some(3), "{said}");
    for part in ["vault/values", "is damaged at byte", "损坏", "hourbook restore"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let out = hourbook().arg("verify").arg(ledger.data()).output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.code() == Some(17) && said.contains("vault-damaged"), "{said}");
    assert!(!said.contains("opening-missing"), "it is not missing: {said}");
    bytes[first + 100] ^= 1;
    std::fs::write(&values, &bytes).unwrap();
    ledger.is_sound();
}
