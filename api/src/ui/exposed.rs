//! Whether a page came in the clear from another machine: there browsers let it use no keys, and others can read along.

use axum::http::header::{self, HeaderMap};
use axum::http::uri::Authority;
use maud::{Markup, html};

use super::i18n::Lang;
use super::paths;
use crate::auth::session::is_secure;

/// The host and port that the request names.
pub(crate) fn authority_of(headers: &HeaderMap) -> Option<Authority> {
    headers.get(header::HOST)?.to_str().ok()?.parse().ok()
}

/// Whether the page is asked for in the clear by a name that is not the machine's own. What the client says of TLS was
/// taken out before, unless a proxy that is trusted said it.
pub(crate) fn is_exposed(headers: &HeaderMap) -> bool {
    !is_secure(headers) && authority_of(headers).is_some_and(|named| !is_this_machine(named.host()))
}

/// Whether browsers take a host for the machine that they run on.
pub(crate) fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let by_address = host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    by_address || host == "localhost" || host.ends_with(".localhost")
}

/// Over every page that came so.
pub(super) fn notice(lang: Lang) -> Markup {
    html! {
        p.notice.wait role="status" data-exposed {
            span {
                (lang.t(
                    "这个页面没有经过 https：浏览器在这里不让网页使用密钥，不能新建密钥，也不能签名；同一网络里的人可能看到内容。",
                    "This page did not come by https: browsers let it use no keys here, so none can be made and nothing signed; others on the network may read along.",
                ))
                " " a href=(paths::HTTPS) { (lang.t("怎么办", "What to do")) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn pages_in_the_clear_are_exposed_but_on_the_machine_itself() {
        let exposed = |host: &'static str, proto: Option<&'static str>| {
            let mut headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]);
            if let Some(proto) = proto {
                headers.insert("x-forwarded-proto", HeaderValue::from_static(proto));
            }
            is_exposed(&headers)
        };
        for host in [
            "hours.internal",
            "hours.internal:8080",
            "192.168.1.10",
            "[fd00::7]:80",
            "localhost.internal",
            "128.0.0.1",
        ] {
            assert!(exposed(host, None) && exposed(host, Some("http")), "{host}");
            assert!(!exposed(host, Some("https")), "{host}");
        }
        for host in
            ["localhost", "LocalHost:8080", "127.0.0.1:8080", "127.1.2.3", "[::1]:8080", "hours.localhost"]
        {
            assert!(!exposed(host, None), "{host}");
        }
        assert!(!is_exposed(&HeaderMap::new()), "nobody knows");
    }
}
