//! An entry of the log, and who may have it as it is.

use std::sync::Arc;

use hourbook_ledger::domain::event::Event;
use hourbook_ledger::wire::{self, WireError};

use crate::auth::token::Session;
use crate::auth::visibility::{may_see_entries, note_entries};
use crate::problem::{Fault, Problem};
use crate::state::App;

/// An entry of the log with its place.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Index in the log.
    pub position: u64,
    /// The leaf's exact bytes.
    pub bytes: Arc<[u8]>,
}

impl Logged {
    pub(super) fn decode(&self) -> Result<(wire::Entry, Event), WireError> {
        let entry = wire::decode_entry(&self.bytes)?;
        let event = wire::decode_event(&entry.signed.payload)?;
        Ok((entry, event))
    }
}

/// Lets auditors of the whole ledger pass: entries concern everybody. That they read is recorded first, once a day.
///
/// # Errors
/// [`Fault::SignInRequired`], [`Fault::AuditorsOnly`].
pub async fn admit(app: &Arc<App>, session: Option<Session>) -> Result<Session, Problem> {
    let session = session.ok_or(Fault::SignInRequired)?;
    if !may_see_entries(app, Some(session)) {
        return Err(Fault::AuditorsOnly.into());
    }
    note_entries(app, session.person).await?;
    Ok(session)
}

/// The log cannot be read where it should be.
pub(super) fn unreadable(position: u64, error: &dyn std::fmt::Display) -> Problem {
    Problem::internal(&format_args!("entry {position} of the log: {error}"))
}
