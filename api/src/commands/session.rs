//! What the ledger's key signs: what is done in a session that a code opened, and what the ledger says itself; and what is
//! drafted for whoever signs with a key of their own.

use hourbook_ledger::actor::event_id;
use hourbook_ledger::domain::event::{Assurance, Body, Event};
use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::sequencer::Receipt;

use super::action::{Action, Drafted, Given};
use super::unsigned::Unsigned;
use crate::auth::token::{Proof, Session};
use crate::problem::{Fault, Problem};
use crate::state::App;

impl App {
    /// Carries out an action of the session's person, see [`App::assert_in_session`].
    ///
    /// # Errors
    /// [`Fault::BadRequest`] if something given does not fit, and as of [`App::assert_in_session`].
    pub async fn carry_out(
        &self,
        session: &Session,
        action: &Action,
        given: &Given,
    ) -> Result<Receipt, Problem> {
        let drafted = action.draft(session.person, given, || self.random())?;
        self.assert_in_session(session, drafted).await
    }

    /// Asserts something of the session's person, signed by the ledger: only what concerns the person itself, or as a
    /// helper the person helped, and only in a session that a granted code opened. The values behind its commitments go to the
    /// vault with it.
    ///
    /// # Errors
    /// [`Fault::SignItYourself`] in a session opened with a key, a refusal by the rules, or that the ledger is busy.
    pub async fn assert_in_session(&self, session: &Session, drafted: Drafted) -> Result<Receipt, Problem> {
        let Proof::Grant(grant) = session.proof else { return Err(Fault::SignItYourself.into()) };
        let now = self.now();
        let Drafted { acting_for, body, openings } = drafted;
        let event = self.ledger.witnessed(now, &mut **self.rng.lock(), (session.person, grant), body);
        self.submit_own(vec![Unsigned { event: Event { acting_for, ..event }, openings }]).await
    }

    /// The event that says an action of the session's person, or of whom that one serves at a desk (代办), to be signed with the
    /// key that opened the session.
    ///
    /// # Errors
    /// [`Fault::BadRequest`] if something given does not fit, [`Fault::NoKeyHere`] in a session that a code opened.
    pub fn draft_for_key(
        &self,
        session: &Session,
        action: &Action,
        given: &Given,
        on_behalf: Option<PersonId>,
    ) -> Result<Unsigned, Problem> {
        let Proof::Key(_) = session.proof else { return Err(Fault::NoKeyHere.into()) };
        let person = on_behalf.unwrap_or(session.person);
        let Drafted { acting_for, body, openings } = action.draft(person, given, || self.random())?;
        let now = self.now();
        let id = event_id(now, &mut **self.rng.lock());
        let event = Event::plain(id, self.origin.as_str().to_owned(), session.person, now, body);
        let event = match on_behalf {
            None => Event { acting_for, ..event },
            Some(_) => Event { acting_for: on_behalf, assurance: Assurance::StaffProxy, ..event },
        };
        Ok(Unsigned { event, openings })
    }

    /// Asserts something by the ledger's own key: that a session was opened, that someone looked, that data are erased.
    ///
    /// # Errors
    /// A refusal by the rules, or that the ledger is busy.
    pub async fn assert_own(&self, body: Body) -> Result<Receipt, Problem> {
        self.assert_all_own(vec![body]).await
    }

    /// Asserts several things at once by the ledger's own key; the receipt of the last.
    ///
    /// # Errors
    /// As of [`App::assert_own`].
    pub async fn assert_all_own(&self, bodies: Vec<Body>) -> Result<Receipt, Problem> {
        let draft = |body| Unsigned::bare(self.ledger.event(self.now(), &mut **self.rng.lock(), body));
        self.submit_own(bodies.into_iter().map(draft).collect()).await
    }

    async fn submit_own(&self, drafts: Vec<Unsigned>) -> Result<Receipt, Problem> {
        let signed = drafts.into_iter().map(|draft| draft.sign(&self.ledger)).collect();
        let receipts = self.submit(signed).await?;
        receipts.last().copied().ok_or_else(|| Problem::internal(&"accepted events without a receipt"))
    }
}
