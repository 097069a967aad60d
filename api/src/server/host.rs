//! Whom a request is meant for. Whoever stands in front and reads another name than we do would keep one site's answers
//! for another's, so there is exactly one name, and it is one.

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{Version, header};

use crate::problem::{Fault, Problem};

/// Lets a request pass that names its host once: by `Host`, or over HTTP/2 by `:authority`, or by both alike.
pub(super) fn check(request: &Request) -> Result<(), Problem> {
    let mut named = request.headers().get_all(header::HOST).iter();
    let (host, second) = (named.next(), named.next());
    if second.is_some() {
        return Err(Fault::BadRequest.because("Host: more than one"));
    }
    let host = host.map(|host| host.to_str().ok().and_then(|text| text.parse::<Authority>().ok()));
    match (host, request.uri().authority()) {
        (Some(None), _) => Err(Fault::BadRequest.because("Host: not a host and port")),
        (Some(Some(host)), Some(asked)) if !host.as_str().eq_ignore_ascii_case(asked.as_str()) => {
            Err(Fault::BadRequest.because("Host: another than the address asks for"))
        }
        // Before HTTP/1.1 there was no such header.
        (None, None) if request.version() > Version::HTTP_10 => {
            Err(Fault::BadRequest.because("Host: missing"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn passes(version: Version, uri: &str, hosts: &[&str]) -> bool {
        let mut request = Request::builder().version(version).uri(uri);
        for host in hosts {
            request = request.header(header::HOST, *host);
        }
        check(&request.body(Body::empty()).unwrap()).is_ok()
    }

    #[test]
    fn a_request_names_one_host() {
        let one = |uri, hosts: &[&str]| passes(Version::HTTP_11, uri, hosts);
        assert!(one("/", &["a.example"]) && one("/", &["a.example:8080"]) && one("/", &["[::1]:80"]));
        assert!(one("http://a.example/", &["A.example"]));
        for hosts in [&[][..], &["a.example", "a.example"], &["a", "b"], &[""], &["a b"], &["a/b"]] {
            assert!(!one("/", hosts), "{hosts:?}");
        }
        assert!(!one("http://b.example/", &["a.example"]));
        assert!(passes(Version::HTTP_10, "/", &[]));
        assert!(passes(Version::HTTP_2, "https://a.example/", &[]) && !passes(Version::HTTP_2, "/", &[]));
    }
}
