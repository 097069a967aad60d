//! Where a new ledger is to be reached, as `init` is told or asks.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::server::certificates::HostName;

/// From where a ledger is reached.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum At {
    /// 只在这台电脑 / this computer alone
    Computer,
    /// 办公室局域网：自建证书颁发机构，经 https 服务 / the office network: an authority of its own, served by https
    Office,
    /// 有域名的服务器：用公共机构的证书，或在代理之后 / a server with a domain: the certificate of a public authority, or a proxy in front
    Domain,
}

/// 在哪里使用 / Where it is to be reached
#[derive(Args, Debug, Clone, Default)]
pub(super) struct StandArgs {
    /// 在哪里使用：computer 只在这台电脑，office 办公室局域网，domain 有域名的服务器 / where it is reached: this computer alone, the office network, a server with a domain
    #[arg(long, value_name = "WHERE", value_enum)]
    pub(super) at: Option<At>,
    /// 其他电脑用来打开它的主机名、地址或域名，可多次给出 / host name, address or domain by which other computers reach it (repeatable)
    #[arg(long, value_name = "NAME", requires = "at", num_args = 1)]
    pub(super) name: Vec<HostName>,
    /// 监听地址；默认 computer 为 127.0.0.1:8080，office 为 0.0.0.0:8443，domain 为 0.0.0.0:443，在代理之后为 127.0.0.1:8080 / address to serve on; default by --at: 127.0.0.1:8080, 0.0.0.0:8443, 0.0.0.0:443, behind a proxy 127.0.0.1:8080
    #[arg(long, value_name = "ADDR")]
    pub(super) listen: Option<SocketAddr>,
    /// 域名的 TLS 证书链（PEM） / TLS certificate chain of the domain (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(super) tls_cert: Option<PathBuf>,
    /// 证书的私钥（PEM） / the certificate's private key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(super) tls_key: Option<PathBuf>,
    /// 前面有代理负责 https / a proxy in front speaks https
    #[arg(long, requires = "at", conflicts_with = "tls_cert")]
    pub(super) behind_proxy: bool,
    /// 自建颁发机构的密钥存于此文件；默认为创立者密钥目录中的 authority.key / the key of the ledger's own authority goes into this file; default: authority.key beside the founders' keys
    #[arg(long, value_name = "FILE", requires = "at")]
    pub(super) authority_key: Option<PathBuf>,
}
