//! A value in the vault whose bytes were changed under a running server: what is answered, and what the audit finds.

use hourbook_ledger::audit::{EngineSource, Kind, Options, audit};
use hourbook_tests::server::person;
use hourbook_tests::town::*;

/// Flips a bit of a person's sealed name in the file.
fn spoil_name(town: &Town, who: u8) {
    const NAME: u8 = 1;
    /// Of a record, before what is sealed: subject, field, commitment, nonce, length.
    const HEAD: usize = 16 + 1 + 32 + 24 + 4;
    let path = town.server.dir().join("vault/values");
    let mut bytes = std::fs::read(&path).expect("the values");
    let begin = [&person(who).0[..], &[NAME]].concat();
    let at = bytes.windows(begin.len()).position(|window| window == begin).expect("the name");
    bytes[at + HEAD] ^= 1;
    std::fs::write(&path, bytes).expect("the values");
}

#[test]
fn a_changed_value_is_told_to_whoever_asks_and_found_by_the_audit_as_changed_and_not_as_missing() {
    let town = Town::start();
    let token = town.server.sign_in(WORKER);
    let record = |who: u8| town.server.get_as(&token, &format!("/v1/members/{}", person(who)));
    spoil_name(&town, BEN);
    let answer = record(BEN);
    assert_eq!((answer.status, answer.code().as_str()), (500, "vault-damaged"), "{}", answer.text());
    assert!(answer.text().contains("hourbook verify") && answer.text().contains("保密库"), "the way back");
    assert!(!answer.text().contains(name(BEN)) && !answer.text().contains("vault/values"), "nothing else");
    assert_eq!(record(OLD).status, 200, "others are read as ever");
    assert_eq!(town.server.get("/readyz").status, 200);
    let app = &town.server.app;
    let options = Options { vault: Some(&app.vault), ..Options::default() };
    let report = audit(&EngineSource(app.reader.clone()), &options).unwrap();
    let found = report.findings.sorted();
    assert_eq!(found.iter().map(|finding| finding.kind).collect::<Vec<_>>(), [Kind::OpeningDiffers]);
    let said = found[0].to_owned();
    assert!(said.position.is_some() && said.detail.contains("vault/values"), "{said:?}");
    assert!(said.detail.contains("Name of") && said.detail.contains("was changed"), "{said:?}");
}
