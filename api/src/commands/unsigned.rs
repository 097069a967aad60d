//! An event to be signed, with the values behind its commitments.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hourbook_ledger::actor::Actor;
use hourbook_ledger::commitment::Opening;
use hourbook_ledger::domain::Event;
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::wire;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::names::field_name;

/// One event to sign, with the values behind its commitments.
#[derive(Clone, Debug)]
pub struct Unsigned {
    /// What is to be signed.
    pub event: Event,
    /// What goes into the vault with it.
    pub openings: Vec<Opening>,
}

impl Unsigned {
    /// An event without values.
    #[must_use]
    pub fn bare(event: Event) -> Self {
        Self { event, openings: Vec::new() }
    }

    /// Signed, to be handed in.
    #[must_use]
    pub fn sign(self, actor: &Actor) -> Submission {
        Submission { signed: actor.sign(&self.event), openings: self.openings }
    }
}

/// An event to be signed.
#[derive(Serialize, ToSchema, Debug)]
pub struct DraftOut {
    /// Base64 of the encoded event: what is signed, as the payload of a DSSE envelope.
    event: String,
    /// The values behind its commitments, to be handed in with it.
    openings: Vec<OpeningOut>,
}

impl DraftOut {
    /// As it is signed.
    #[must_use]
    pub fn of(draft: &Unsigned) -> Self {
        Self {
            event: STANDARD.encode(wire::encode_event(&draft.event)),
            openings: draft.openings.iter().map(OpeningOut::of).collect(),
        }
    }
}

/// A value behind a commitment in JSON.
#[derive(Serialize, ToSchema, Debug)]
pub struct OpeningOut {
    /// Whose value it is.
    #[schema(format = "uuid")]
    subject: String,
    /// What kind of value.
    field: &'static str,
    /// Base64 of 32 bytes.
    salt: String,
    /// The canonical value.
    value: String,
}

impl OpeningOut {
    /// As it is handed in.
    #[must_use]
    pub fn of(opening: &Opening) -> Self {
        Self {
            // Ids of all kinds are written alike.
            subject: OrgId(opening.subject).to_string(),
            field: field_name(opening.field),
            salt: STANDARD.encode(opening.salt),
            value: opening.value.clone(),
        }
    }
}
