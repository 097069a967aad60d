//! `/https` and `/ca.crt`.

use std::path::Path;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::page::{self, Came};
use crate::problem::{Fault, Problem};
use crate::state::App;
use crate::ui::exposed::{authority_of, is_exposed};
use crate::ui::request::PageRequest;
use crate::ui::trust::fingerprint;

/// What phones and computers take a file of this kind for.
const KIND: &str = "application/x-x509-ca-cert";

pub(crate) async fn page(request: PageRequest) -> Result<Response, Problem> {
    let own = request.app.authority.as_deref().map(read).transpose()?;
    let named = authority_of(&request.headers);
    let came = if is_exposed(&request.headers) { Came::Exposed } else { Came::Safely };
    let view = page::View {
        came,
        fingerprint: own.as_ref().map(|own| fingerprint(own)),
        host: named.as_ref().map_or_else(String::new, |named| named.host().to_owned()),
        safely: named.filter(|_| own.is_some()).map(|named| format!("https://{named}/")),
    };
    let models = request.app.read.read();
    let mut shell = request.shell(&models)?;
    // The page is about nothing else.
    shell.is_exposed = false;
    Ok(request.answer(page::render(&shell, &view)))
}

/// As bytes, so that what is computed of the file is the fingerprint.
pub(crate) async fn certificate(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let own = app.authority.as_deref().ok_or(Fault::NotFound)?;
    Ok(([(header::CONTENT_TYPE, KIND)], read(own)?.to_vec()).into_response())
}

fn read(path: &Path) -> Result<CertificateDer<'static>, Problem> {
    CertificateDer::from_pem_file(path).map_err(|error| Problem::internal(&error))
}
