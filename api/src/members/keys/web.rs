//! `/me/keys`: the keys of whoever is signed in, and the form by which a browser makes one.

use axum::response::Response;
use hourbook_ledger::domain::ids::KeyId;
use hourbook_ledger::domain::key::Key;
use hourbook_projections::Models;

use super::page;
use crate::auth::token::Proof;
use crate::http::extract::stamp;
use crate::problem::Problem;
use crate::ui::request::{PageRequest, see_other};
use crate::ui::{labels, paths};

pub(crate) async fn page(request: PageRequest) -> Result<Response, Problem> {
    let session = match request.signed_in(paths::OWN_KEYS) {
        Ok(session) => session,
        Err(sign_in) => return Ok(see_other(&sign_in)),
    };
    let models = request.app.read.read();
    let visibility = request.visibility(&models);
    let keys = &models.directory.register().keys;
    let name = request.app.shown_name(&visibility, session.person)?;
    let view = page::View {
        keys: keys.of(session.person).map(|(id, key)| shown(&request, &models, id, key)).collect(),
        maker: matches!(session.proof, Proof::Grant(_)).then(|| page::Maker {
            person: session.person.to_string(),
            name: name.unwrap_or_else(|| labels::nameless(request.lang()).to_owned()),
        }),
        ledger: request.app.origin.as_str().to_owned(),
    };
    request.draw(&models, |shell| page::render(shell, &view))
}

fn shown(request: &PageRequest, models: &Models, id: KeyId, key: &Key) -> page::Key {
    let lent = models.directory.register().keys.lent_by(id, request.app.now()).and(key.lent);
    page::Key {
        id: id.to_string(),
        position: key.from,
        ended: key.until,
        lent_until: lent.map(|lent| stamp(lent.until, models.directory.offset())),
    }
}
