//! Reading the log as it is, for auditors: pages of a stream or of all, and subscriptions. All faces read through here.

mod filter;
mod page;
mod subscription;

use std::sync::Arc;

use hourbook_ledger::domain::event::Event;
use hourbook_ledger::wire::{self, WireError};

pub use filter::Filter;
pub use page::{MAX_PAGE, Page, of_log, of_stream};
pub use subscription::{End, Settings, Step, Subscription, follow};

use crate::http::problem::{Fault, Problem};
use crate::session::Session;
use crate::visibility::note_entries;
use crate::{app::App, http::tiles::may_see_entries};

/// An entry of the log with its place.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Index in the log.
    pub position: u64,
    /// The leaf's exact bytes.
    pub bytes: Arc<[u8]>,
}

impl Logged {
    fn decode(&self) -> Result<(wire::Entry, Event), WireError> {
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
fn unreadable(position: u64, error: &dyn std::fmt::Display) -> Problem {
    Problem::internal(&format_args!("entry {position} of the log: {error}"))
}
