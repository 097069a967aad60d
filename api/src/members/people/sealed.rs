//! What somebody looks for, as it stands in an address: sealed. Addresses stay in the histories of shared computers and in the logs
//! of proxies, and what is typed here is a name or a phone. The form is posted and answered with such an address, so that back,
//! reload, the next page and another language work as for any page, without JavaScript. An answer to the post itself would be
//! asked for again at each of these; a search kept by the server would be gone after its restart.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use hourbook_ledger::domain::ids::PersonId;

use crate::state::App;

const NONCE: usize = 24;

/// Of this ledger, and of no other use.
fn cipher(app: &App) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&app.tokens.mac("people-search", b"").into())
}

/// What was typed, for an address that only the same person's session opens.
pub(super) fn seal(app: &App, person: PersonId, typed: &str) -> Option<String> {
    let drawn: [u8; 32] = app.random();
    let nonce: [u8; NONCE] = *drawn.first_chunk()?;
    let payload = Payload { msg: typed.as_bytes(), aad: &person.0 };
    let sealed = cipher(app).encrypt(&nonce.into(), payload).ok()?;
    Some(URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat()))
}

/// What was typed; nothing if it was another person, or never sealed here.
pub(super) fn open(app: &App, person: PersonId, sealed: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
    let payload = Payload { msg: sealed, aad: &person.0 };
    let typed = cipher(app).decrypt(&(*nonce).into(), payload).ok()?;
    String::from_utf8(typed).ok()
}
