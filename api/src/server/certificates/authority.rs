//! An authority of one's own. It can certify nothing but the names that it was made for, those below them, and addresses of
//! private networks: whoever trusts it with a phone trusts it with no other site of the internet, whatever becomes of its key.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use hourbook_ledger::domain::time::{Millis, Offset};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SanType, date_time_ymd,
};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use zeroize::Zeroizing;

use super::error::CertificateError;
use super::host_name::HostName;
use super::reading::check_chain;

/// How long a server's certificate is good: browsers on phones take none that is good for longer.
pub const LEAF_DAYS: u32 = 397;
/// How long the authority is good, in days: each device has to trust the next one by hand.
const OWN_DAYS: u32 = 3_650;
/// Clocks of old computers are behind; what begins now would not have begun there.
const BEFORE_DAYS: u32 = 1;
/// What a common name may have.
const NAME_BYTES: usize = 64;

/// An authority with its key. The key is for the safe: the server works without it.
pub struct Authority {
    certificate: String,
    key: Zeroizing<String>,
}

impl Authority {
    /// Makes one for the names of a server.
    ///
    /// # Errors
    /// [`CertificateError::Shared`], [`CertificateError::Make`].
    pub fn make(ledger: &str, hosts: &[HostName], now: Millis) -> Result<Self, CertificateError> {
        if let Some(shared) = hosts.iter().find(|host| host.is_shared()) {
            return Err(CertificateError::Shared(shared.clone()));
        }
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = common_name(&format!("{} Hourbook {ledger}", now.date(Offset(0))));
        good_for(&mut params, now, OWN_DAYS);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let permitted_subtrees = reach(hosts).map(subtree).collect();
        params.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() });
        let certificate = params.self_signed(&key)?.pem();
        Ok(Self { certificate, key: Zeroizing::new(key.serialize_pem()) })
    }

    /// One that was made before, by its certificate and key.
    #[must_use]
    pub fn kept(certificate: String, key: Zeroizing<String>) -> Self {
        Self { certificate, key }
    }

    /// Its certificate (PEM), which whoever trusts it installs.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Its key (PEM).
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// A new key and certificate for a server of these names, in one text (PEM), and good on the machine itself by
    /// `localhost`. What it gives was verified as a browser would.
    ///
    /// # Errors
    /// [`CertificateError`], if this is not the authority's key, or it may not certify one of the names.
    pub fn certify(&self, hosts: &[HostName], now: Millis) -> Result<Zeroizing<String>, CertificateError> {
        let own = KeyPair::from_pem(&self.key).map_err(|_| CertificateError::OtherKey)?;
        let issuer = Issuer::from_ca_cert_pem(&self.certificate, own)?;
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = common_name(&hosts.first().map_or_else(String::new, HostName::to_string));
        params.subject_alt_names = with_this_machine(hosts).map(alternative).collect::<Result<_, _>>()?;
        good_for(&mut params, now, LEAF_DAYS);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let made = params.signed_by(&key, &issuer)?;
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from_pem_slice(self.certificate.as_bytes());
        roots.add(root.map_err(|_| CertificateError::OtherKey)?).map_err(CertificateError::Untrusted)?;
        for host in hosts {
            check_chain(&[made.der().clone()], &roots, host, now).map_err(|error| match error {
                CertificateError::Untrusted(rustls::Error::InvalidCertificate(
                    rustls::CertificateError::BadSignature,
                )) => CertificateError::OtherKey,
                // All that is new in it are the names.
                CertificateError::Untrusted(_) => CertificateError::NotItsName(host.clone()),
                other => other,
            })?;
        }
        Ok(Zeroizing::new(key.serialize_pem() + &made.pem()))
    }
}

fn common_name(text: &str) -> DistinguishedName {
    let end = (0..=NAME_BYTES.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, &text[..end.unwrap_or(0)]);
    name
}

/// From a day before now, for so many days.
fn good_for(params: &mut CertificateParams, now: Millis, days: u32) {
    let day = Duration::from_secs(86_400);
    let now = date_time_ymd(1970, 1, 1) + Duration::from_millis(u64::try_from(now.0).unwrap_or(0));
    params.not_before = now - day * BEFORE_DAYS;
    params.not_after = params.not_before + day * days;
}

/// On the machine itself the server is reached by these, too.
fn with_this_machine(hosts: &[HostName]) -> impl Iterator<Item = HostName> {
    let local = [
        HostName::Name("localhost".into()),
        HostName::Address(Ipv4Addr::LOCALHOST.into()),
        HostName::Address(Ipv6Addr::LOCALHOST.into()),
    ];
    let mut all: Vec<HostName> = hosts.to_vec();
    all.extend(local);
    let mut seen = std::collections::BTreeSet::new();
    all.into_iter().filter(move |host| seen.insert(host.clone()))
}

fn alternative(host: HostName) -> Result<SanType, rcgen::Error> {
    Ok(match host {
        HostName::Name(name) => SanType::DnsName(name.try_into()?),
        HostName::Address(address) => SanType::IpAddress(address),
    })
}

/// What an authority may certify.
enum Reach {
    Name(String),
    Network(IpAddr, u8),
}

/// The names themselves, and of a private address its whole private block: such addresses are given out anew, and belong
/// to no site elsewhere.
fn reach(hosts: &[HostName]) -> impl Iterator<Item = Reach> {
    with_this_machine(hosts).map(|host| match host {
        HostName::Name(name) => Reach::Name(name),
        HostName::Address(address) => {
            let (network, bits) = block(address);
            Reach::Network(network, bits)
        }
    })
}

fn block(address: IpAddr) -> (IpAddr, u8) {
    let v4 = |a, b| IpAddr::V4(Ipv4Addr::new(a, b, 0, 0));
    match address {
        IpAddr::V4(v4_address) => match v4_address.octets() {
            [127, ..] => (v4(127, 0), 8),
            [10, ..] => (v4(10, 0), 8),
            [172, second, ..] if second & 0xf0 == 16 => (v4(172, 16), 12),
            [192, 168, ..] => (v4(192, 168), 16),
            _ => (address, 32),
        },
        IpAddr::V6(v6) if v6.is_unique_local() => (IpAddr::V6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)), 7),
        IpAddr::V6(_) => (address, 128),
    }
}

fn subtree(reach: Reach) -> GeneralSubtree {
    match reach {
        Reach::Name(name) => GeneralSubtree::DnsName(name),
        Reach::Network(address, bits) => {
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, bits))
        }
    }
}
