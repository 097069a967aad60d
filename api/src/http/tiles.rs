//! `GET /tile/…`: the tree as static tiles (C2SP tlog-tiles). Hashes are public; bundles of entries are for auditors.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use hourbook_ledger::tiles::{Tile, TileKind, TileWidth};

use super::parts::Path;
use super::problem::{Document, Fault, Problem};
use crate::app::App;
use crate::session::Session;
use crate::visibility::Viewer;

/// A tile of hashes (`/tile/<level>/<index>[.p/<width>]`) or, for an auditor of the whole ledger, a bundle of entries
/// (`/tile/entries/<index>[.p/<width>]`).
#[utoipa::path(get, path = "/tile/{*path}", tag = "ledger",
    params(("path" = String, Path, description = "Level and index as tlog-tiles writes them, such as `0/x001/067`")),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 401, body = Document), (status = 403, body = Document), (status = 404, body = Document)))]
pub async fn tile(
    State(app): State<Arc<App>>,
    session: Option<Session>,
    Path(path): Path<String>,
) -> Result<Response, Problem> {
    let tile: Tile = format!("tile/{path}").parse().map_err(|_| Fault::NotFound)?;
    let width = tile.width.get() as u16;
    let (found, scope) = match tile.kind {
        TileKind::Hashes(level) => (app.reader.tile(level, tile.index, width)?, "public"),
        TileKind::Entries => {
            may_see_entries(&app, session)?;
            (app.reader.bundle(tile.index, width)?, "private")
        }
    };
    let age = match tile.width {
        TileWidth::Full => "max-age=31536000, immutable",
        TileWidth::Partial(_) => "max-age=60",
    };
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CACHE_CONTROL, format!("{scope}, {age}")),
    ];
    found.map(|bytes| (headers, bytes).into_response()).ok_or(Fault::NotFound.into())
}

/// Lets auditors of the whole ledger pass.
pub(super) fn may_see_entries(app: &App, session: Option<Session>) -> Result<(), Problem> {
    session.ok_or(Fault::SignInRequired)?;
    let models = app.read.read();
    let may = app.sight(Viewer::from(session), &models).entries();
    may.then_some(()).ok_or(Fault::NotForYou.into())
}
