//! Answers that are the same for everybody for as long as the program runs: made once, and not sent to whoever has them.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// An answer in JSON with a tag of its content.
#[derive(Clone)]
pub(crate) struct Fixed {
    bytes: Bytes,
    tag: HeaderValue,
}

impl Fixed {
    /// Made of a value that has a form in JSON, as descriptions and texts do.
    pub(crate) fn json(value: &impl Serialize) -> Self {
        let bytes = serde_json::to_vec(value).expect("names are texts");
        let digest = hex::encode(&Sha256::digest(&bytes)[..12]);
        let tag = HeaderValue::try_from(format!("\"{digest}\"")).expect("hexadecimal digits are ASCII");
        Self { bytes: bytes.into(), tag }
    }

    /// The answer, unless the client has it already.
    pub(crate) fn answer(&self, headers: &HeaderMap) -> Response {
        let kept = [
            (header::ETAG, self.tag.clone()),
            (header::CACHE_CONTROL, HeaderValue::from_static("public, no-cache")),
        ];
        if self.is_had(headers) {
            return (StatusCode::NOT_MODIFIED, kept).into_response();
        }
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        (kept, kind, self.bytes.clone()).into_response()
    }

    fn is_had(&self, headers: &HeaderMap) -> bool {
        let lines = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
        let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
        tags.any(|tag| tag == "*" || tag.trim_start_matches("W/").as_bytes() == self.tag.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_it_already_is_told_so() {
        let fixed = Fixed::json(&["a"]);
        let tag = fixed.tag.to_str().unwrap().to_owned();
        let asked = |value: &str| {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, value.parse().unwrap())]);
            fixed.answer(&headers).status().as_u16()
        };
        assert_eq!(fixed.answer(&HeaderMap::new()).status(), 200);
        assert_eq!([&*tag, &*format!("\"x\", W/{tag}"), "*"].map(asked), [304; 3]);
        assert_eq!(["\"x\"", "x"].map(asked), [200; 2]);
    }
}
