//! What is wrong with a certificate.

use std::path::PathBuf;

use super::host_name::HostName;

/// Why a certificate cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The file cannot be read, or is not what it should be.
    #[error("{}: {why}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// It cannot be made.
    #[error("the certificate cannot be made: {0}")]
    Make(#[from] rcgen::Error),
    /// The key is not that of the authority's certificate.
    #[error("the key is not that of the authority")]
    OtherKey,
    /// Others have names below it, which the authority could certify.
    #[error(
        "an authority for {0} could certify other people's sites: the internet gives out names below it, or may do so. Give a whole name such as {0}-office.internal, {0}-pc (one word needs a digit or hyphen), a domain of your own such as hours.example.org, or an address"
    )]
    Shared(HostName),
    /// The authority may not certify this name.
    #[error("the authority may not certify {0}: it is for the names that it was made for")]
    NotItsName(HostName),
    /// The certificate does not name the host.
    #[error("the certificate does not name {0}")]
    OtherName(HostName),
    /// Its days are over, or have not begun.
    #[error("the certificate is good from {from} to {until}, and not today")]
    NotToday {
        /// The first day.
        from: String,
        /// The last.
        until: String,
    },
    /// No authority that is trusted has signed it, or one between them is missing from the file.
    #[error("no authority that browsers know has signed it, or the file lacks those between ({0})")]
    Untrusted(rustls::Error),
}

impl CertificateError {
    /// The same in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::File { path, why } => format!("{}：{why}", path.display()),
            Self::Make(error) => format!("无法生成证书：{error}"),
            Self::OtherKey => "密钥与颁发机构的证书不符".into(),
            Self::Shared(host) => format!(
                "为 {host} 建立的颁发机构可以冒充别人的网站：互联网上有或可能有别人的名称在 {host} 之下。请写完整的名称，如 {host}-office.internal，{host}-pc（只有一段的要含数字或连字符），自己的域名如 hours.example.org，或者地址"
            ),
            Self::NotItsName(host) => format!("颁发机构无权为 {host} 签发：它只用于创建时给出的名称"),
            Self::OtherName(host) => format!("证书上没有 {host}"),
            Self::NotToday { from, until } => format!("证书的有效期是 {from} 至 {until}，今天不在其中"),
            Self::Untrusted(error) => {
                format!("不是浏览器认识的机构所签，或文件里缺少中间证书（{error}）")
            }
        }
    }
}
