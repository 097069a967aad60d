//! What a certificate says, and whether a browser would take it.

use std::path::Path;
use std::time::Duration;

use hourbook_ledger::domain::time::{Millis, Offset};
use rustls::RootCertStore;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::error::CertificateError;
use super::host_name::HostName;
use crate::ui::trust::fingerprint;

/// What the first certificate of a file says.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Whom it names.
    pub names: Vec<HostName>,
    /// From when it is good.
    pub from: Millis,
    /// Until when.
    pub until: Millis,
    der: Vec<u8>,
}

impl Certificate {
    /// Reads the first certificate of a file (PEM).
    ///
    /// # Errors
    /// [`CertificateError::File`].
    pub fn read(path: &Path) -> Result<Self, CertificateError> {
        let chain = chain(path)?;
        Self::of(&chain[0]).map_err(|why| CertificateError::File { path: path.to_owned(), why })
    }

    /// Reads a certificate.
    fn of(der: &CertificateDer<'_>) -> Result<Self, String> {
        let (_, parsed) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
        let named = parsed.subject_alternative_name().map_err(|error| error.to_string())?;
        let names = named.iter().flat_map(|named| &named.value.general_names).filter_map(host).collect();
        let validity = parsed.validity();
        let millis = |seconds: i64| Millis(seconds.saturating_mul(1_000));
        Ok(Self {
            names,
            from: millis(validity.not_before.timestamp()),
            until: millis(validity.not_after.timestamp()),
            der: der.to_vec(),
        })
    }

    /// Whole days for which it is still good; below zero once it is over.
    #[must_use]
    pub fn days_left(&self, now: Millis) -> i64 {
        (self.until.0 - now.0).div_euclid(86_400_000)
    }

    /// Its SHA-256, as devices show it before they trust it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.der)
    }
}

fn host(name: &GeneralName<'_>) -> Option<HostName> {
    match name {
        GeneralName::DNSName(name) => name.parse().ok(),
        GeneralName::IPAddress(bytes) => {
            let address = <[u8; 4]>::try_from(*bytes).map(std::net::IpAddr::from);
            address
                .or_else(|_| <[u8; 16]>::try_from(*bytes).map(std::net::IpAddr::from))
                .ok()
                .map(HostName::Address)
        }
        _ => None,
    }
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let wrong = |why: String| CertificateError::File { path: path.to_owned(), why };
    let chain = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(|error| wrong(error.to_string()))?;
    if chain.is_empty() {
        return Err(wrong("there is no certificate in it (-----BEGIN CERTIFICATE-----)".into()));
    }
    Ok(chain)
}

/// Whether a browser that trusts these authorities would take the chain of a file (PEM) for a host.
///
/// # Errors
/// [`CertificateError`]: what is wrong with it.
pub fn check(
    path: &Path,
    roots: &RootCertStore,
    host: &HostName,
    now: Millis,
) -> Result<(), CertificateError> {
    check_chain(&chain(path)?, roots, host, now)
}

/// The authorities that browsers know.
#[must_use]
pub fn public_authorities() -> RootCertStore {
    RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned())
}

/// The same of a chain, the server's own first. What is wrong for everybody comes first, who has signed it last.
pub(super) fn check_chain(
    chain: &[CertificateDer<'_>],
    roots: &RootCertStore,
    host: &HostName,
    now: Millis,
) -> Result<(), CertificateError> {
    let said = Certificate::of(&chain[0])
        .map_err(|why| CertificateError::File { path: std::path::PathBuf::new(), why })?;
    let day = |at: Millis| at.date(Offset(0)).to_string();
    if now < said.from || said.until < now {
        return Err(CertificateError::NotToday { from: day(said.from), until: day(said.until) });
    }
    let parsed = ParsedCertificate::try_from(&chain[0]).map_err(CertificateError::Untrusted)?;
    let other = || CertificateError::OtherName(host.clone());
    let name = match host {
        HostName::Name(name) => ServerName::try_from(name.as_str()).map_err(|_| other())?,
        HostName::Address(address) => ServerName::IpAddress((*address).into()),
    };
    verify_server_name(&parsed, &name).map_err(|_| other())?;
    let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms.all;
    let since = Duration::from_millis(u64::try_from(now.0).unwrap_or(0));
    let at = UnixTime::since_unix_epoch(since);
    verify_server_cert_signed_by_trust_anchor(&parsed, roots, &chain[1..], at, algorithms)
        .map_err(CertificateError::Untrusted)
}
