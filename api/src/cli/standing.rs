//! Where a ledger stands: where it listens, by which names it is reached, and with which certificate. `init` is told once
//! and writes it into the ledger's directory; whoever serves the ledger later types none of it again.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::failure::{Both, Failure};
use super::files::write_over;
use crate::server::Tls;
use crate::server::certificates::HostName;

/// In the ledger's directory.
pub(super) const FILE: &str = "serving.json";
/// The certificate of the ledger's own authority, below the ledger's directory.
pub(super) const AUTHORITY: &str = "tls/ca.pem";
/// The server's certificate by that authority, with its key in the same file: the two are renewed in one step.
pub(super) const SERVER: &str = "tls/server.pem";
/// Without a port in the address, https is on this one.
const USUAL: u16 = 443;

/// The files of a certificate; a relative path is below the ledger's directory.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Files {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

impl Files {
    /// Those by the ledger's own authority.
    pub(super) fn own() -> Self {
        Self { certificate: SERVER.into(), key: SERVER.into() }
    }

    /// Files that are not the ledger's.
    pub(super) fn elsewhere(certificate: &Path, key: &Path) -> Result<Self, Failure> {
        let absolute = |path: &Path| std::path::absolute(path).map_err(|error| Failure::file(path, &error));
        Ok(Self { certificate: absolute(certificate)?, key: absolute(key)? })
    }
}

/// Where a ledger stands.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Standing {
    pub(super) listen: SocketAddr,
    /// By which other computers reach it.
    #[serde(default)]
    pub(super) names: Vec<String>,
    /// None where a proxy speaks TLS, or nobody does.
    #[serde(default)]
    pub(super) tls: Option<Files>,
}

/// What is served where nothing else was said.
pub(super) fn this_computer() -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8_080)
}

impl Default for Standing {
    fn default() -> Self {
        Self { listen: this_computer(), names: Vec::new(), tls: None }
    }
}

impl Standing {
    /// As it was written, or the usual.
    pub(super) fn read(data: &Path) -> Result<Self, Failure> {
        let path = data.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Failure::file(&path, &error)),
        };
        serde_json::from_str(&text).map_err(|error| {
            let path = path.display();
            Failure::storage(both!(
                "{path}：{error}。请改正，或删除它，再用 --listen、--tls-cert 和 --tls-key 指明。",
                "{path}: {error}. Mend it, or delete it and say the same with --listen, --tls-cert and --tls-key."
            ))
        })
    }

    /// Writes it for whoever serves the ledger.
    pub(super) fn write(&self, data: &Path) -> Result<(), Failure> {
        let path = data.join(FILE);
        let text = serde_json::to_string_pretty(self).map_err(|error| Failure::file(&path, &error))?;
        write_over(&path, (text + "\n").as_bytes())
    }

    /// The certificate, as it is served.
    pub(super) fn tls(&self, data: &Path) -> Result<Option<Tls>, Failure> {
        let Some(files) = &self.tls else { return Ok(None) };
        let [cert, key] = [&files.certificate, &files.key].map(|file| data.join(file));
        Tls::load(&cert, &key).map(Some).map_err(|error| {
            Failure::storage(both!(
                "TLS 证书不能使用：{error}。请检查 --tls-cert 和 --tls-key；自建证书可用 hourbook certificate renew 重新生成。",
                "The TLS certificate cannot be used: {error}. Check --tls-cert and --tls-key; one by the ledger's own authority is made anew by `hourbook certificate renew`."
            ))
        })
    }

    /// The file of the server's certificate.
    pub(super) fn certificate(&self, data: &Path) -> Option<PathBuf> {
        self.tls.as_ref().map(|files| data.join(&files.certificate))
    }

    /// The certificate of the ledger's own authority, if that is the one that is served by.
    pub(super) fn authority(&self, data: &Path) -> Option<PathBuf> {
        let is_own = self.tls.as_ref().is_some_and(|files| files.certificate == Path::new(SERVER));
        is_own.then(|| data.join(AUTHORITY))
    }

    /// The names, read again.
    pub(super) fn hosts(&self) -> Result<Vec<HostName>, Failure> {
        let read = |name: &String| name.parse::<HostName>();
        self.names
            .iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map_err(|error| Failure::storage(both!("{FILE}：{error}", "{FILE}: {error}")))
    }

    /// What is to be said if it is there for other computers and listens where none of them reaches it. Behind a proxy, which
    /// speaks TLS itself, it listens there on purpose.
    pub(super) fn told_unreached(&self, address: SocketAddr) -> Option<Both> {
        let for_others = self.tls.is_some() && self.names.iter().any(|name| name != "localhost");
        (for_others && address.ip().is_loopback()).then(|| {
            let (ip, port) = (address.ip(), address.port());
            both!(
                "注意：只监听 {ip}，其他电脑打不开：请用 --listen 0.0.0.0:{port} 启动，或改 {FILE} 里的 listen。",
                "Note: it listens on {ip} alone, and no other computer reaches it: serve with --listen 0.0.0.0:{port}, or change `listen` in {FILE}."
            )
        })
    }

    /// The addresses by which other computers reach it, once it listens on a port.
    pub(super) fn addresses(&self, port: u16) -> Vec<String> {
        let https = |name: &String| match port {
            USUAL => format!("https://{name}"),
            port => format!("https://{name}:{port}"),
        };
        match self.tls {
            Some(_) => self.names.iter().map(https).collect(),
            // Where a proxy stands it has the usual port.
            None => self.names.iter().map(|name| format!("https://{name}")).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_served_and_what_is_damaged_is_named() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Standing::read(dir.path()).unwrap(), Standing::default());
        let files = Files { certificate: SERVER.into(), key: SERVER.into() };
        let written = Standing {
            listen: "0.0.0.0:8443".parse().unwrap(),
            names: vec!["hours.internal".into()],
            tls: Some(files),
        };
        written.write(dir.path()).unwrap();
        written.write(dir.path()).unwrap();
        assert_eq!(Standing::read(dir.path()).unwrap(), written);
        assert_eq!(written.authority(dir.path()), Some(dir.path().join(AUTHORITY)));
        let missing = written.tls(dir.path()).err().unwrap();
        assert!(missing.en.contains("server.pem") && missing.en.contains("certificate renew"), "{missing}");
        for damaged in ["{", "{\"listen\": \"8080\"}", "{\"listen\": \"0.0.0.0:1\", \"more\": 1}"] {
            fs::write(dir.path().join(FILE), damaged).unwrap();
            let said = Standing::read(dir.path()).unwrap_err();
            assert!(said.en.contains(FILE) && said.en.contains("Mend it"), "{said}");
        }
    }

    #[test]
    fn whoever_serves_others_on_this_machine_alone_is_told() {
        let of = |tls: bool, names: &[&str], address: &str| {
            let files = Files { certificate: SERVER.into(), key: SERVER.into() };
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            let standing = Standing { names, tls: tls.then_some(files), ..Standing::default() };
            standing.told_unreached(address.parse().unwrap())
        };
        let (zh, en) = of(true, &["office-pc"], "127.0.0.1:8443").expect("it is told");
        assert!(
            zh.contains("--listen 0.0.0.0:8443") && en.contains("no other computer reaches it"),
            "{zh} {en}"
        );
        assert!(of(true, &["office-pc"], "[::1]:8443").is_some());
        assert!(
            of(true, &["office-pc"], "0.0.0.0:8443").is_none()
                && of(true, &["office-pc"], "192.168.1.7:8443").is_none()
        );
        assert!(of(false, &["hours.example.org"], "127.0.0.1:8080").is_none(), "behind a proxy");
        assert!(of(true, &["localhost"], "127.0.0.1:8443").is_none(), "for this machine");
    }

    #[test]
    fn others_reach_it_by_its_names_and_its_port() {
        let of = |tls: bool, port| {
            let files = Files { certificate: "/etc/chain.pem".into(), key: "/etc/key.pem".into() };
            let names = vec!["hours.internal".to_owned(), "[fd00::7]".to_owned()];
            Standing { names, tls: tls.then_some(files), ..Standing::default() }.addresses(port)
        };
        assert_eq!(of(true, 8_443), ["https://hours.internal:8443", "https://[fd00::7]:8443"]);
        assert_eq!(of(true, 443)[0], "https://hours.internal");
        assert_eq!(of(false, 8_080)[0], "https://hours.internal", "the proxy's port");
        assert!(Standing::default().addresses(8_080).is_empty());
    }
}
