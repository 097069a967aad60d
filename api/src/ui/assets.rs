//! Style sheet, logo, icon and scripts: carried by the binary, addressed by content so that browsers keep them for a year.
//! Scripts name each other by relative paths, so the address of one has the stamp of all of them in a folder's place.

use std::borrow::Cow;
use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

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

/// The schema by which a page reads an event before its signer signs it.
const SCHEMA: &str = "schema.json";

/// Of all scripts and the schema.
static SCRIPTS: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Assets::iter().filter(|name| name.ends_with(".mjs")).collect();
    names.sort_unstable();
    let hashes = names.iter().filter_map(|name| Assets::get(name)).map(|file| file.metadata.sha256_hash());
    let all = hashes.fold(Sha256::new(), |all, hash| all.chain_update(hash));
    hex::encode(&all.chain_update(hourbook_proto::SCHEMA_FOR_PAGES).finalize()[..6])
});

/// The address of a script.
pub fn script(name: &str) -> String {
    format!("/assets/{}/{name}", *SCRIPTS)
}

/// The address of the schema of events.
pub fn schema() -> String {
    script(SCHEMA)
}

/// Serves `/assets/*`.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{*name}", get(serve))
}

async fn serve(Path(name): Path<String>) -> Response {
    let stamped = name.strip_prefix(SCRIPTS.as_str()).and_then(|rest| rest.strip_prefix('/'));
    let data = match stamped.unwrap_or(&name) {
        SCHEMA => Cow::Borrowed(hourbook_proto::SCHEMA_FOR_PAGES.as_bytes()),
        name => match Assets::get(name) {
            // A script from elsewhere than its stamped folder would be kept beside newer ones.
            Some(file) if stamped.is_some() || !name.ends_with(".mjs") => file.data,
            Some(_) | None => return StatusCode::NOT_FOUND.into_response(),
        },
    };
    let headers = [
        (header::CONTENT_TYPE, content_type(&name)),
        (header::CACHE_CONTROL, FOREVER),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, data).into_response()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "LICENSE" => "text/plain; charset=utf-8",
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
