//! From where a new ledger is to be reached, thought through before it is founded: what would not work is refused while
//! nothing is there.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use hourbook_ledger::clock::{Clock as _, SystemClock};
use zeroize::Zeroizing;

use super::failure::Failure;
use super::files::{write_new, write_over};
use super::stand_args::{At, StandArgs};
use super::standing::{AUTHORITY, Files, SERVER, Standing, this_computer};
use super::trust::trust;
use crate::server::certificates::{Authority, CertificateError, HostName, check, public_authorities};

/// A certificate by an authority of one's own, which is not written yet.
struct Made {
    authority: Authority,
    server: Zeroizing<String>,
    key_to: PathBuf,
}

/// Where a ledger will stand.
pub(super) struct Plan {
    standing: Standing,
    made: Option<Made>,
    /// What the operator should know of it.
    notes: Vec<(String, String)>,
}

impl Plan {
    /// As `init` was told; `keys` is where the founders' keys go.
    pub(super) fn new(
        args: &StandArgs,
        ledger: &str,
        data: &Path,
        keys: Option<&Path>,
    ) -> Result<Self, Failure> {
        match args.at.unwrap_or(At::Computer) {
            At::Computer => computer(args),
            At::Office => {
                let key_to =
                    args.authority_key.clone().or_else(|| keys.map(|keys| keys.join("authority.key")));
                Self::office(&args.name, args.listen, ledger, data, key_to)
            }
            At::Domain => domain(args),
        }
    }

    /// In an office network: an authority of its own, and a certificate by it.
    pub(super) fn office(
        hosts: &[HostName],
        listen: Option<SocketAddr>,
        ledger: &str,
        data: &Path,
        key_to: Option<PathBuf>,
    ) -> Result<Self, Failure> {
        if hosts.is_empty() {
            return Err(nameless());
        }
        let Some(key_to) = key_to else {
            return Err(Failure::usage(both!(
                "缺少颁发机构密钥的存放处：请用 --authority-key。",
                "Nowhere to put the authority's key: give --authority-key."
            )));
        };
        refuse_inside(&key_to, data)?;
        if let Some(there) = [key_to.clone(), key_to.with_extension("pem")].iter().find(|file| file.exists())
        {
            let key_to = there.display();
            return Err(Failure::storage(both!(
                "{key_to} 已存在，不会覆盖：请换一个文件名。",
                "{key_to} exists and is not replaced: choose another name."
            )));
        }
        let now = SystemClock.now();
        let authority = Authority::make(ledger, hosts, now)?;
        let server = authority.certify(hosts, now)?;
        let listen = listen.unwrap_or_else(office);
        let tls = Some(Files::own());
        let names = hosts.iter().map(HostName::to_string).collect();
        let made = Some(Made { authority, server, key_to });
        Ok(Self { standing: Standing { listen, names, tls }, made, notes: Vec::new() })
    }

    /// Whether it can listen there; asked before anything is founded.
    pub(super) fn try_to_listen(&self) -> Result<(), Failure> {
        let listen = self.standing.listen;
        std::net::TcpListener::bind(listen).map(drop).map_err(|error| cannot_listen(listen, &error))
    }

    /// Writes it into the ledger's directory, and the authority's key to where it was told.
    pub(super) fn settle(&self, data: &Path) -> Result<Standing, Failure> {
        if let Some(Made { authority, server, key_to }) = &self.made {
            if let Some(parent) = key_to.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                fs::create_dir_all(parent).map_err(|error| Failure::file(parent, &error))?;
            }
            write_new(key_to, authority.key().as_bytes(), 0o600)?;
            // The ledger's directory may have to be restored from a backup, which has neither.
            write_new(&key_to.with_extension("pem"), authority.certificate().as_bytes(), 0o644)?;
            put(data, authority, server)?;
        }
        self.standing.write(data)?;
        Ok(self.standing.clone())
    }

    /// Says by what it is reached, and what is to be done for that.
    pub(super) fn tell(&self, data: &Path) -> Result<(), Failure> {
        let addresses = self.standing.addresses(self.standing.listen.port());
        if !addresses.is_empty() {
            say!("\n其他电脑打开 / other computers open  {}", addresses.join("  "));
        }
        for (zh, en) in &self.notes {
            say!("{zh}\n{en}");
        }
        if let Some(made) = &self.made {
            say!("{}", trust(data, &self.standing)?);
            let key = made.key_to.display();
            say!(
                "颁发机构的密钥 {key}：与创立者密钥一起锁进保险柜，只在更新证书时取出；服务器用不到它，也不该有它。\n\
                 The authority's key {key}: into the safe with the founders' keys, out of it only to renew the certificate; the server does not need it and should not have it."
            );
        }
        Ok(())
    }
}

fn computer(args: &StandArgs) -> Result<Plan, Failure> {
    if !args.name.is_empty() || args.tls_cert.is_some() || args.behind_proxy || args.authority_key.is_some() {
        return Err(Failure::usage(both!(
            "--name、--tls-cert、--behind-proxy 和 --authority-key 用于 --at office 或 --at domain。",
            "--name, --tls-cert, --behind-proxy and --authority-key are for --at office or --at domain."
        )));
    }
    let standing = Standing { listen: args.listen.unwrap_or_else(this_computer), ..Standing::default() };
    Ok(Plan { standing, made: None, notes: Vec::new() })
}

fn domain(args: &StandArgs) -> Result<Plan, Failure> {
    let [host @ HostName::Name(name)] = args.name.as_slice() else {
        return Err(Failure::usage(both!(
            "请用 --name 给出一个域名，例如 --name hours.example.org。",
            "Give one domain with --name, such as --name hours.example.org."
        )));
    };
    let names = vec![name.clone()];
    if let Some((certificate, key)) = args.tls_cert.as_ref().zip(args.tls_key.as_ref()) {
        let notes = checked(certificate, host)?;
        let tls = Some(Files::elsewhere(certificate, key)?);
        let listen = args.listen.unwrap_or_else(|| SocketAddr::from(([0, 0, 0, 0], 443)));
        let standing = Standing { listen, names, tls };
        standing.tls(Path::new("/"))?;
        return Ok(Plan { standing, made: None, notes });
    }
    if args.behind_proxy {
        let listen = args.listen.unwrap_or_else(this_computer);
        let notes = vec![both!(
            "代理须把 https://{name} 转到 http://{listen}，并设置 X-Forwarded-For 和 X-Forwarded-Proto；不在本机的代理，启动服务时用 --trusted-proxy 指明。\n做好后核对：hourbook show ledger --server https://{name}；网页上不应再有“没有经过 https”的提示。",
            "The proxy has to pass https://{name} on to http://{listen} and to set X-Forwarded-For and X-Forwarded-Proto; one that is not on this machine is named with --trusted-proxy when the ledger is served.\nCheck it: hourbook show ledger --server https://{name}; no page may say any more that it did not come by https."
        )];
        return Ok(Plan { standing: Standing { listen, names, tls: None }, made: None, notes });
    }
    Err(Failure::usage(both!(
        "域名需要公共机构的证书：请用 --tls-cert 和 --tls-key 给出；或由前面的代理负责 https，请用 --behind-proxy。没有证书，浏览器不让网页使用密钥。",
        "A domain needs the certificate of a public authority: give it with --tls-cert and --tls-key, or leave https to a proxy in front with --behind-proxy. Without one browsers let no page use keys."
    )))
}

/// What does not fit the domain is refused; an authority that browsers do not know may be one that an administration has
/// spread itself.
fn checked(certificate: &Path, host: &HostName) -> Result<Vec<(String, String)>, Failure> {
    let now = SystemClock.now();
    match check(certificate, &public_authorities(), host, now) {
        Ok(()) => Ok(Vec::new()),
        Err(error @ CertificateError::Untrusted(_)) => {
            let zh = error.zh();
            Ok(vec![both!(
                "注意：{zh}。没有另外安装其颁发机构的浏览器会警告。",
                "Note: {error}. Browsers where its authority was not installed will warn."
            )])
        }
        Err(error) => {
            let (zh, file) = (error.zh(), certificate.display());
            Err(Failure::storage(both!(
                "{file}：{zh}。请换一份证书。",
                "{file}: {error}. Get another certificate."
            )))
        }
    }
}

/// A key that lies with the ledger is in its backups, and with whoever gets hold of the machine.
fn refuse_inside(key: &Path, data: &Path) -> Result<(), Failure> {
    let absolute = |path: &Path| std::path::absolute(path).map_err(|error| Failure::file(path, &error));
    if absolute(key)?.starts_with(absolute(data)?) {
        return Err(Failure::usage(both!(
            "颁发机构的密钥不能放在账簿目录内：谁得到这台电脑或目录的备份，谁就能冒充它。",
            "The authority's key must not lie in the ledger's directory: whoever got the machine or a backup could pass for it for as long as it is trusted."
        )));
    }
    Ok(())
}

/// Where an office's ledger listens if nothing else is said.
pub(super) fn office() -> SocketAddr {
    SocketAddr::from(([0, 0, 0, 0], 8_443))
}

pub(super) fn nameless() -> Failure {
    Failure::usage(both!(
        "缺少名称：请用 --name 写出其他电脑用来打开它的主机名或地址，例如 --name office-pc --name 192.168.1.10（可用 hostname -I 查看地址）。",
        "Its name is missing: give the host name or address by which other computers reach it, such as --name office-pc --name 192.168.1.10 (`hostname -I` shows the addresses)."
    ))
}

/// Puts both certificates where the server finds them; what was there is replaced.
pub(super) fn put(data: &Path, authority: &Authority, server: &str) -> Result<(), Failure> {
    let tls = data.join(SERVER);
    let dir = tls.parent().unwrap_or(data);
    fs::create_dir_all(dir).map_err(|error| Failure::file(dir, &error))?;
    write_over(&data.join(AUTHORITY), authority.certificate().as_bytes())?;
    write_over(&tls, server.as_bytes())
}

/// Why nothing listens there, and the way out.
pub(super) fn cannot_listen(listen: SocketAddr, error: &std::io::Error) -> Failure {
    Failure::storage(both!(
        "无法监听 {listen}：{error}。请用 --listen 换一个地址或端口。",
        "Cannot listen on {listen}: {error}. Choose another address or port with --listen."
    ))
}
