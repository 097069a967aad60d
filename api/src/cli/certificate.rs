//! `hourbook certificate`: the certificate by which the office reaches a ledger.

use std::fs;
use std::path::{Path, PathBuf};

use hourbook_ledger::clock::{Clock as _, SystemClock};
use hourbook_ledger::domain::time::Offset;
use zeroize::Zeroizing;

use super::certificate_args::{CertificateArgs, CertificateWhat};
use super::failure::{Exit, Failure};
use super::plan::{Plan, nameless, office, put};
use super::standing::{FILE, Files, SERVER, Standing};
use super::trust::trust;
use crate::server::certificates::{Authority, Certificate, HostName};

pub(super) fn run(args: &CertificateArgs) -> Result<Exit, Failure> {
    let Some(data) = args.data.as_deref() else {
        return Err(Failure::usage(both!(
            "请用 --data 指明账簿目录。",
            "Name the ledger's directory with --data."
        )));
    };
    if !data.join("log").exists() {
        return Err(hourbook_ledger::ledger::LedgerError::NoLedger(data.to_owned()).into());
    }
    match &args.what {
        CertificateWhat::Show => show(data),
        CertificateWhat::Make { name, listen, authority_key } => {
            let ledger = super::init::open(data).map(|node| {
                let origin = node.origin.to_string();
                node.close();
                origin
            })?;
            let plan = Plan::office(name, Some(*listen), &ledger, data, Some(authority_key.clone()))?;
            plan.settle(data)?;
            plan.tell(data)?;
            say!("\n下一步 / next: hourbook serve --data {}", data.display());
            Ok(Exit::Done)
        }
        CertificateWhat::Renew { authority_key, name } => renew(data, authority_key, name),
    }
}

fn show(data: &Path) -> Result<Exit, Failure> {
    let standing = Standing::read(data)?;
    let listen = standing.listen;
    let Some(path) = standing.certificate(data) else {
        return Err(Failure::refused(both!(
            "没有证书：服务只经 http 监听 {listen}。要在局域网使用，请运行 hourbook certificate make。",
            "There is no certificate: it is served by http on {listen}. For an office network run `hourbook certificate make`."
        )));
    };
    let certificate = Certificate::read(&path)?;
    let names: Vec<String> = certificate.names.iter().map(HostName::to_string).collect();
    say!("证书 certificate  {}", path.display());
    say!("  名称 names      {}", names.join("  "));
    say!(
        "  有效至 until     {}（还有 {} 天 days left）",
        certificate.until.date(Offset(0)),
        certificate.days_left(SystemClock.now())
    );
    say!("{}", trust(data, &standing)?);
    Ok(Exit::Done)
}

fn renew(data: &Path, key: &Path, names: &[HostName]) -> Result<Exit, Failure> {
    let mut standing = Standing::read(data)?;
    let own = authority_of(data, &standing, key)?;
    let certificate = fs::read_to_string(&own).map_err(|error| Failure::file(&own, &error))?;
    let secret = fs::read_to_string(key).map(Zeroizing::new).map_err(|error| Failure::file(key, &error))?;
    if !names.is_empty() {
        standing.names = names.iter().map(HostName::to_string).collect();
    }
    let hosts = standing.hosts()?;
    if hosts.is_empty() {
        return Err(nameless());
    }
    let authority = Authority::kept(certificate, secret);
    let server = authority.certify(&hosts, SystemClock.now()).map_err(|error| {
        let (zh, key, own) = (error.zh(), key.display(), own.display());
        Failure::refused(both!(
            "{zh}。请检查 {key} 是否属于 {own}；要换成它以外的名称，请用 hourbook certificate make 另建。",
            "{error}. Check that {key} belongs to {own}; for names beyond those make another authority with `hourbook certificate make`."
        ))
    })?;
    if standing.tls.is_none() {
        standing.listen = office();
    }
    standing.tls = Some(Files::own());
    put(data, &authority, &server)?;
    standing.write(data)?;
    let until = Certificate::read(&data.join(SERVER))?.until.date(Offset(0));
    say!(
        "证书已更新，有效至 {until}。正在运行的服务：systemctl reload hourbook，或 kill -HUP，或重启。密钥请放回保险柜。\n\
         The certificate is renewed and good until {until}. A server that runs: systemctl reload hourbook, or kill -HUP, or start it again. Put the key back into the safe."
    );
    Ok(Exit::Done)
}

/// The certificate of the ledger's own authority: in its directory, or, for one that was restored from a backup, beside
/// the authority's key.
fn authority_of(data: &Path, standing: &Standing, key: &Path) -> Result<PathBuf, Failure> {
    let beside = key.with_extension("pem");
    match standing.authority(data) {
        Some(kept) if kept.exists() => Ok(kept),
        kept if (kept.is_some() || standing.tls.is_none()) && beside.exists() => Ok(beside),
        _ => {
            let beside = beside.display();
            Err(Failure::refused(both!(
                "没有找到自建颁发机构的证书：{FILE} 里没有 {SERVER}，密钥旁也没有 {beside}。请用 hourbook certificate make，或向原来的机构更新。",
                "There is no certificate of an authority of the ledger's own: {FILE} does not name {SERVER}, and there is no {beside} beside the key. Use `hourbook certificate make`, or renew the certificate where it comes from."
            )))
        }
    }
}
