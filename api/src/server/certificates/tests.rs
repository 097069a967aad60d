use std::path::PathBuf;

use hourbook_ledger::domain::time::Millis;
use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tempfile::TempDir;

use super::reading::check_chain;
use super::*;

const NOW: Millis = Millis(1_795_140_000_000);

fn hosts(names: &[&str]) -> Vec<HostName> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn office() -> Authority {
    Authority::make("hours.example.org/east", &hosts(&["hours.internal", "192.168.1.10"]), NOW).unwrap()
}

fn roots(authority: &Authority) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.certificate().as_bytes()).unwrap()).unwrap();
    roots
}

fn put(dir: &TempDir, text: &str) -> PathBuf {
    let path = dir.path().join("server.pem");
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn the_authoritys_certificate_is_good_for_its_hosts_and_for_no_other() {
    let (authority, dir) = (office(), tempfile::tempdir().unwrap());
    let made = authority.certify(&hosts(&["hours.internal", "192.168.1.10"]), NOW).unwrap();
    let path = put(&dir, &made);
    let taken = |host: &str| check(&path, &roots(&authority), &host.parse().unwrap(), NOW);
    for host in ["hours.internal", "192.168.1.10", "localhost", "127.0.0.1", "::1"] {
        taken(host).unwrap_or_else(|error| panic!("{host}: {error}"));
    }
    for host in ["other.internal", "www.hours.internal", "192.168.1.11"] {
        assert!(matches!(taken(host), Err(CertificateError::OtherName(_))), "{host}");
    }
    let stranger = check(&path, &public_authorities(), &"hours.internal".parse().unwrap(), NOW);
    assert!(matches!(stranger, Err(CertificateError::Untrusted(_))), "{stranger:?}");
    let said = Certificate::read(&path).unwrap();
    assert_eq!(said.names, hosts(&["hours.internal", "192.168.1.10", "localhost", "127.0.0.1", "::1"]));
    crate::server::Tls::load(&path, &path).unwrap();
}

/// What somebody could do who has the authority's key, and our program not.
#[test]
fn the_authoritys_key_is_worth_nothing_beyond_its_names() {
    let authority = office();
    let forged = |name: &str| {
        let own = KeyPair::from_pem(authority.key()).unwrap();
        let issuer = Issuer::from_ca_cert_pem(authority.certificate(), own).unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        (params.not_before, params.not_after) =
            (rcgen::date_time_ymd(2026, 1, 1), rcgen::date_time_ymd(2026, 12, 31));
        let leaf = params.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
        check_chain(&[leaf.der().clone()], &roots(&authority), &name.parse().unwrap(), NOW)
    };
    for name in ["bank.example", "office", "8.8.8.8", "10.0.0.1", "2001:db8::1"] {
        let said = forged(name).unwrap_err().to_string();
        assert!(said.contains("NameConstraintViolation"), "{name}: {said}");
    }
    forged("192.168.200.7").unwrap();
}

/// A constraint of `com` permits every site below it.
#[test]
fn no_authority_is_made_for_names_below_which_others_have_theirs() {
    let made = |name: &str| Authority::make("hours.example.org/east", &hosts(&["192.168.1.10", name]), NOW);
    for name in [
        "com",
        "cn",
        "internal",
        "lan",
        "hourbook",
        "xn--fiqs8s",
        "com.cn",
        "gov.cn",
        "co.uk",
        "foo.ck",
        "github.io",
        "home.arpa",
    ] {
        let said = made(name).err();
        assert!(
            matches!(&said, Some(CertificateError::Shared(host)) if host.to_string() == name),
            "{name}: {said:?}"
        );
        let said = said.unwrap();
        assert!(said.zh().contains(&format!("{name}-pc")) && said.to_string().contains("hours.example.org"));
    }
    for name in [
        "office-pc",
        "pc7",
        "localhost",
        "hours.internal",
        "hourbook.lan",
        "hourbook.local",
        "a.home.arpa",
        "street.gov.cn",
        "hours.github.io",
        "10.0.0.7",
    ] {
        let authority = made(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        authority.certify(&hosts(&[name]), NOW).unwrap();
    }
}

#[test]
fn an_authority_certifies_again_by_its_own_key_and_within_its_names() {
    let made = office();
    let kept = |key: &str| Authority::kept(made.certificate().to_owned(), key.to_owned().into());
    let again = kept(made.key());
    again.certify(&hosts(&["hours.internal"]), NOW.plus_days(380)).unwrap();
    // Addresses of a network at home in it are given out anew.
    again.certify(&hosts(&["hours.internal", "192.168.7.31"]), NOW).unwrap();
    for name in ["hours2.internal", "10.1.2.3", "203.0.113.9"] {
        let said = again.certify(&hosts(&[name]), NOW).err();
        assert!(
            matches!(&said, Some(CertificateError::NotItsName(host)) if host.to_string() == name),
            "{said:?}"
        );
    }
    for key in [office().key(), "no key"] {
        let said = kept(key).certify(&hosts(&["hours.internal"]), NOW).err();
        assert!(matches!(said, Some(CertificateError::OtherKey)), "{said:?}");
    }
}

#[test]
fn a_servers_certificate_is_good_for_as_long_as_phones_take_it_and_no_longer() {
    let (authority, dir) = (office(), tempfile::tempdir().unwrap());
    let path = put(&dir, &authority.certify(&hosts(&["hours.internal"]), NOW).unwrap());
    let said = Certificate::read(&path).unwrap();
    assert_eq!(said.until.0 - said.from.0, i64::from(LEAF_DAYS) * 86_400_000);
    const { assert!(LEAF_DAYS <= 397) };
    assert_eq!([said.days_left(NOW), said.days_left(NOW.plus_days(397))], [396, -1]);
    let taken =
        |days| check(&path, &roots(&authority), &"hours.internal".parse().unwrap(), NOW.plus_days(days));
    taken(395).unwrap();
    let over = taken(397).unwrap_err();
    assert!(over.to_string().contains("2026-11-19 to 2027-12-21"), "{over}");
    assert!(over.zh().contains("2026-11-19 至 2027-12-21"), "{}", over.zh());
    let early =
        check(&path, &roots(&authority), &"hours.internal".parse().unwrap(), Millis(NOW.0 - 90_000_000));
    assert!(matches!(early, Err(CertificateError::NotToday { .. })), "{early:?}");
}

#[test]
fn what_is_no_certificate_is_named() {
    let (authority, dir) = (office(), tempfile::tempdir().unwrap());
    let path = put(&dir, authority.certificate());
    let shown = Certificate::read(&path).unwrap().fingerprint();
    assert_eq!(shown.split(' ').count(), 16);
    assert!(Certificate::read(&dir.path().join("none.pem")).unwrap_err().to_string().contains("none.pem"));
    let empty = Certificate::read(&put(&dir, "")).unwrap_err().to_string();
    assert!(empty.contains("there is no certificate in it"), "{empty}");
}

#[test]
fn hosts_are_read_as_people_type_them() {
    for (text, read) in [
        ("Hours.Internal", "hours.internal"),
        (" office-pc ", "office-pc"),
        ("192.168.1.10", "192.168.1.10"),
        ("[fd00::7]", "[fd00::7]"),
        ("fd00::7", "[fd00::7]"),
        ("hours.example.org", "hours.example.org"),
    ] {
        assert_eq!(text.parse::<HostName>().unwrap().to_string(), read);
    }
    for wrong in [
        "",
        " ",
        "https://hours.internal",
        "hours.internal:8443",
        "hours.internal/",
        "hours office",
        "-a.internal",
        "a..b",
        "时光簿.中国",
        "*.internal",
        "0.0.0.0",
        "::",
        "192.168.1",
        "192.168.1.300",
        "224.0.0.1",
        &"a".repeat(64),
    ] {
        assert!(wrong.parse::<HostName>().is_err(), "{wrong}");
    }
}
