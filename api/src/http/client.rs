//! Whom a request comes from, when it comes through a proxy.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Whom an address stands for where clients are told apart: itself, or, of IPv6, the 64 bits that a household or a machine
/// has for itself, for it has as many addresses below as it likes. IPv4 written as IPv6 is IPv4.
#[must_use]
pub fn block(address: IpAddr) -> IpAddr {
    prefix(address, 32, 64)
}

/// The beginning of an address, of so many bits.
pub(crate) fn prefix(address: IpAddr, v4: u32, v6: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - v4).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - v6).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
    }
}

/// Addresses with a common beginning, as `10.0.0.0/8` or a single address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    fn contains(self, other: IpAddr) -> bool {
        let shift = |width: u32| width - u32::from(self.bits);
        match (self.address, other.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(shift(32)).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(shift(128)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, bits)| (a, Some(bits)));
        let wrong =
            || format!("{text}: 应为 10.0.0.0/8 或单个地址 / an address, or a network such as 10.0.0.0/8");
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(widest), str::parse).map_err(|_| wrong())?;
        if bits <= widest { Ok(Self { address, bits }) } else { Err(wrong()) }
    }
}

/// The proxies whose word is taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trust(pub Vec<Network>);

impl Default for Trust {
    /// Proxies on the same machine.
    fn default() -> Self {
        let v4 = Network { address: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), bits: 8 };
        Self(vec![v4, Network { address: IpAddr::V6(Ipv6Addr::LOCALHOST), bits: 128 }])
    }
}

impl Trust {
    pub(crate) fn holds(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// The client of a request: the peer, or, if that is a proxy, the last one in `X-Forwarded-For` that is none. What
    /// others say of TLS is taken out.
    pub(crate) fn client(&self, peer: SocketAddr, is_secure: bool, headers: &mut HeaderMap) -> SocketAddr {
        let is_proxy = self.holds(peer.ip());
        if is_secure {
            headers.insert(FORWARDED_PROTO, HeaderValue::from_static("https"));
        } else if !is_proxy {
            headers.remove(FORWARDED_PROTO);
        }
        if !is_proxy {
            return peer;
        }
        let lines = headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok());
        let named: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
        for name in named.into_iter().rev() {
            // Beyond what cannot be read nothing can be believed.
            let Ok(address) = name.trim().parse::<IpAddr>() else { return peer };
            if !self.holds(address) {
                return SocketAddr::new(address.to_canonical(), 0);
            }
        }
        peer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
        }
        let trust = Trust(vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        trust.client(format!("{peer}:1").parse().unwrap(), false, &mut headers).ip().to_string()
    }

    #[test]
    fn only_a_trusted_proxy_says_who_the_client_is() {
        assert_eq!(client("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(client("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("[fd00::1]", &["2001:db8::7"]), "2001:db8::7");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(
            client("10.0.0.1", &["1.1.1.1, 198.51.100.7, 10.0.0.2"]),
            "198.51.100.7",
            "not what it claims"
        );
        assert_eq!(client("10.0.0.1", &["1.1.1.1", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &["198.51.100.7, unknown"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["10.0.0.9"]), "10.0.0.1");
    }

    #[test]
    fn only_a_trusted_proxy_says_that_the_client_uses_tls() {
        let told = |peer: &str, is_secure| {
            let mut headers = HeaderMap::from_iter([(FORWARDED_PROTO, HeaderValue::from_static("https"))]);
            Trust::default().client(peer.parse().unwrap(), is_secure, &mut headers);
            headers.contains_key(FORWARDED_PROTO)
        };
        assert!(told("127.0.0.1:1", false) && told("192.0.2.1:1", true));
        assert!(!told("192.0.2.1:1", false));
    }

    #[test]
    fn a_client_is_told_apart_by_what_it_has_for_itself() {
        let same = |a: &str, b: &str| block(a.parse().unwrap()) == block(b.parse().unwrap());
        assert!(
            same("2001:db8:1:2::1", "2001:db8:1:2:ffff::9") && !same("2001:db8:1:2::1", "2001:db8:1:3::1")
        );
        assert!(same("::ffff:192.0.2.1", "192.0.2.1") && !same("192.0.2.1", "192.0.2.2"));
        let wide = |a: &str| prefix(a.parse().unwrap(), 24, 48).to_string();
        assert_eq!([wide("192.0.2.9"), wide("2001:db8:1:2::1")], ["192.0.2.0", "2001:db8:1::"]);
    }

    #[test]
    fn networks_are_read_as_they_are_written() {
        let network = |text: &str| text.parse::<Network>();
        let holds = |text: &str, address: &str| network(text).unwrap().contains(address.parse().unwrap());
        assert!(holds("0.0.0.0/0", "203.0.113.9") && holds("::1", "::1") && holds("10.1.2.3", "10.1.2.3"));
        assert!(holds("10.0.0.0/8", "::ffff:10.9.9.9"), "a client of a socket for both");
        assert!(!holds("10.0.0.0/9", "10.128.0.1") && !holds("::/0", "10.0.0.1"));
        for wrong in ["", "10.0.0.0/33", "10.0.0.0/x", "::/129", "proxy.example", "10.0.0.0/"] {
            assert!(network(wrong).is_err(), "{wrong}");
        }
    }
}
