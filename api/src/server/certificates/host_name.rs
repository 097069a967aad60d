//! By what name or address a server is reached.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// The longest name, and the longest part between two dots.
const LONGEST: [usize; 2] = [253, 63];

/// A host name or an address, as people type it between `https://` and the port.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum HostName {
    /// In small letters.
    Name(String),
    /// An address.
    Address(IpAddr),
}

/// Why a text is no host name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "“{0}”应为主机名或地址，如 hours.internal 或 192.168.1.10，不含 https://、端口和路径 / \"{0}\" is no host name or address, such as hours.internal or 192.168.1.10, without https://, port and path"
)]
pub struct NotAHost(String);

impl FromStr for HostName {
    type Err = NotAHost;

    fn from_str(text: &str) -> Result<Self, NotAHost> {
        let name = text.trim().to_ascii_lowercase();
        let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&name);
        let wrong = || NotAHost(text.to_owned());
        if let Ok(address) = bare.parse::<IpAddr>() {
            let is_one = !address.is_unspecified() && !address.is_multicast();
            return is_one.then_some(Self::Address(address)).ok_or_else(wrong);
        }
        let parts: Vec<&str> = name.split('.').collect();
        // A name that ends in digits would be taken for an address.
        let ends_in_digits = parts.last().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
        let fits = name.len() <= LONGEST[0] && parts.iter().all(|part| is_label(part)) && !ends_in_digits;
        fits.then_some(Self::Name(name)).ok_or_else(wrong)
    }
}

impl HostName {
    /// Whether an authority for this name would be one for names of others: a certificate's constraint permits all names below
    /// the one that it gives (RFC 5280, 4.2.1.10). So is a public suffix, and so could be a name of letters alone: top levels
    /// of the internet are that, or begin with `xn--`, and more are given out while an authority is trusted. One with a digit
    /// or hyphen stays a computer's on the local network.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        let Self::Name(name) = self else { return false };
        let never_top =
            |name: &str| name.contains(|c: char| !c.is_ascii_lowercase()) && !name.starts_with("xn--");
        match name.contains('.') {
            false => name != "localhost" && !never_top(name),
            true => psl::suffix(name.as_bytes())
                .is_some_and(|suffix| suffix.is_known() && suffix == name.as_str()),
        }
    }
}

fn is_label(part: &str) -> bool {
    let plain = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    plain && (1..=LONGEST[1]).contains(&part.len()) && !part.starts_with('-') && !part.ends_with('-')
}

impl fmt::Display for HostName {
    /// As it stands in an address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}
