//! `/log`: the newest checkpoint and how to check it; `/log/{position}`: what is public of one entry.

use axum::extract::Path;
use axum::http::header;
use axum::response::Response;
use serde::Deserialize;

use super::page;
use crate::auth::session::is_secure;
use crate::auth::visibility::may_see_entries;
use crate::http::extract::Query;
use crate::problem::{Fault, Problem};
use crate::ui::paths;
use crate::ui::request::{PageRequest, see_other};

#[derive(Deserialize)]
pub(crate) struct LogQuery {
    position: Option<String>,
}

pub(crate) async fn page(request: PageRequest, Query(query): Query<LogQuery>) -> Result<Response, Problem> {
    if let Some(position) = query.position.and_then(|text| text.trim().parse().ok()) {
        return Ok(see_other(&paths::entry(position)));
    }
    let head = request.app.reader.head();
    let host = request.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let scheme = if is_secure(&request.headers) { "https" } else { "http" };
    let view = page::View {
        origin: request.app.origin.to_string(),
        size: head.size,
        root_hex: hex::encode(head.root),
        vkey: request.app.log_key.to_string(),
        checkpoint: String::from_utf8_lossy(&head.checkpoint).into_owned(),
        base: format!("{scheme}://{host}"),
    };
    let models = request.app.read.read();
    request.draw(&models, |shell| page::render(shell, &view))
}

pub(crate) async fn entry(request: PageRequest, Path(position): Path<String>) -> Result<Response, Problem> {
    let position: u64 = position.parse().map_err(|_| Fault::NotFound)?;
    let size = request.app.reader.head().size;
    let leaf = if position < size { request.app.reader.leaf_hashes(position..position + 1)? } else { None };
    let leaf = leaf.and_then(|leaves| leaves.first().copied()).ok_or(Fault::NotFound)?;
    let readable = may_see_entries(&request.app, request.session);
    let view = page::Entry { position, size, leaf_hex: hex::encode(leaf), readable };
    let models = request.app.read.read();
    request.draw(&models, |shell| page::render_entry(shell, &view))
}
