//! Style sheet, logo and icon: carried by the binary, addressed by content so that browsers keep them for a year.

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

/// A year, and never asked for again: the address changes with the content.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// The address of an embedded file, with the first bytes of its hash. A file that is not there gets an address that
/// answers 404, which the tests of the pages catch.
pub fn href(name: &str) -> String {
    let stamp = Assets::get(name).map(|file| hex::encode(&file.metadata.sha256_hash()[..6]));
    format!("/assets/{name}?v={}", stamp.unwrap_or_default())
}

/// Serves `/assets/*`.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{*name}", get(serve))
}

async fn serve(Path(name): Path<String>) -> Response {
    let Some(file) = Assets::get(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [
        (header::CONTENT_TYPE, content_type(&name)),
        (header::CACHE_CONTROL, FOREVER),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, file.data).into_response()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "png" => "image/png",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_asset_has_a_stamped_address_and_a_known_type() {
        let names: Vec<_> = Assets::iter().collect();
        assert!(names.iter().any(|name| name == "app.css"));
        for name in names {
            assert_eq!(href(&name).rsplit_once("?v=").map(|(_, stamp)| stamp.len()), Some(12), "{name}");
            assert_ne!(content_type(&name), "application/octet-stream", "{name}");
        }
    }
}
