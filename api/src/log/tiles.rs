//! `GET /tile/…`: the tree as static tiles (C2SP tlog-tiles). Hashes are public; bundles of entries are for auditors.

use std::sync::Arc;

use axum::extract::{OriginalUri, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hourbook_ledger::tiles::{Tile, TileKind, TileWidth};

use crate::auth::token::Session;
use crate::auth::visibility::{may_see_entries, note_entries};
use crate::problem::{Document, Fault, Problem};
use crate::state::App;

/// A tile of hashes (`/tile/<level>/<index>[.p/<width>]`) or, for an auditor of the whole ledger, a bundle of entries
/// (`/tile/entries/<index>[.p/<width>]`). A tile has one path: no leading zeros, no percent-encoding.
#[utoipa::path(get, path = "/tile/{*path}", tag = "ledger",
    params(("path" = String, Path, description = "Level and index as tlog-tiles writes them, such as `0/x001/067`")),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 403, description = "auditors-only", body = Document, content_type = "application/problem+json"),
        (status = 404, description = "No tile of any published tree", body = Document, content_type = "application/problem+json")))]
pub async fn tile(
    State(app): State<Arc<App>>,
    session: Option<Session>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Problem> {
    // The path as it was sent: decoded, one tile would have many paths.
    let path = uri.path().strip_prefix('/').unwrap_or_default();
    let tile: Tile = path.parse().map_err(|_| Fault::NotFound)?;
    let width = tile.width.get() as u16;
    let (found, caching) = match (tile.kind, tile.width) {
        (TileKind::Entries, _) => {
            let auditor = session.filter(|_| may_see_entries(&app, session)).ok_or(Fault::AuditorsOnly)?;
            note_entries(&app, auditor.person).await?;
            // Pseudonymous records belong in no cache.
            (app.reader.bundle(tile.index, width)?, "private, no-store")
        }
        (TileKind::Hashes(level), TileWidth::Full) => {
            (app.reader.tile(level, tile.index, width)?, "public, max-age=31536000, immutable")
        }
        (TileKind::Hashes(level), TileWidth::Partial(_)) => {
            (app.reader.tile(level, tile.index, width)?, "public, max-age=60")
        }
    };
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, caching)];
    found.map(|bytes| (headers, bytes).into_response()).ok_or(Fault::NotFound.into())
}
