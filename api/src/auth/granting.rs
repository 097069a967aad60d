//! Counting the one-time codes of a batch around handing it in.

use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{Body, SessionEvent};
use hourbook_ledger::domain::ids::KeyId;
use hourbook_ledger::envelope::{Signature, Submission, verify};
use hourbook_ledger::sequencer::{Answer, Receipt, SubmitError, is_like_another, is_too_short};
use hourbook_ledger::wire;

use super::grants::{ALIKE, Signer, TooMany};
use crate::problem::{Fault, Problem};
use crate::state::App;

/// Codes of one batch.
pub(super) const A_BATCH: usize = 16;

/// A grant in a batch: its index, and who signed it with which key.
struct Grant {
    index: usize,
    key: KeyId,
    signer: Signer,
}

/// The grants in a batch.
pub(crate) struct Granting(Vec<Grant>);

impl Granting {
    /// Counts the grants in a batch, whatever becomes of it.
    ///
    /// # Errors
    /// [`Fault::BatchSize`] for too many in one, [`Fault::TooManyCodes`] for too many in an hour or a day.
    pub(crate) fn begin(app: &App, batch: &[Submission]) -> Result<Self, Problem> {
        let those = batch.iter().enumerate().filter(|(_, submission)| may_be_one(submission));
        let known = those.filter_map(|(index, submission)| {
            Some(Grant { index, key: submission.signed.key_id, signer: signer(app, submission)? })
        });
        let grants: Vec<Grant> = known.collect();
        if grants.is_empty() {
            return Ok(Self(grants));
        }
        if grants.len() > A_BATCH {
            let why = format_args!("{} one-time codes, at most {A_BATCH}", grants.len());
            return Err(Fault::BatchSize.because(why));
        }
        let signers: Vec<Signer> = grants.iter().map(|grant| grant.signer).collect();
        app.grants.take(&signers, app.now()).map_err(|TooMany { limit, seconds }| {
            let why = format_args!("at most {} in {}", limit.codes, limit.called);
            Problem { retry_after: Some(seconds), ..Fault::TooManyCodes.because(why) }
        })?;
        Ok(Self(grants))
    }

    /// Tells whoever runs the server that a code was like another's: by chance that hardly ever happens. A single one that was
    /// too short was not looked at, and does not count: one is drawn longer until it is long enough.
    pub(crate) fn end(&self, app: &App, answer: &Answer) {
        let Err(SubmitError::Refused(refused)) = answer else { return };
        if let [grant] = &self.0[..]
            && grant.index == refused.index
            && is_too_short(&refused.rejection)
        {
            app.grants.give_back(grant.signer);
        }
        if !is_like_another(&refused.rejection) {
            return;
        }
        let Some(Grant { key, .. }) = self.0.iter().find(|grant| grant.index == refused.index) else {
            return;
        };
        metrics::counter!(ALIKE).increment(1);
        tracing::warn!(%key, "a one-time code to be granted is like an open one: does the holder of this key try codes out?");
    }
}

impl App {
    /// Submits a batch that came from outside, within the bounds for one-time codes.
    ///
    /// # Errors
    /// [`Fault::TooManyCodes`], a refusal by the rules, or that the ledger is busy.
    pub(crate) async fn hand_in(&self, submissions: Vec<Submission>) -> Result<Vec<Receipt>, Problem> {
        let granting = Granting::begin(self, &submissions)?;
        let answer = self.submit(submissions).await;
        granting.end(self, &answer);
        Ok(answer?)
    }
}

/// Only what brings a code can be told whether it is like another.
fn may_be_one(submission: &Submission) -> bool {
    submission.openings.iter().any(|opening| opening.field == Field::Code)
}

/// Who signed a grant that the writer may look at; none if it is no grant, was recorded before or has a bad signature.
fn signer(app: &App, submission: &Submission) -> Option<Signer> {
    let signed = &submission.signed;
    let event = wire::decode_event(&signed.payload).ok()?;
    if !matches!(event.body, Body::Session(SessionEvent::Granted { .. })) {
        return None;
    }
    if verify(app.handle.keys().get(signed.key_id), signed) == Signature::Bad {
        return None;
    }
    let models = app.read.read();
    let register = models.directory.register();
    // Handed in again it gets its receipt, or is refused for its id: either tells nothing of codes.
    if register.sessions.get(event.id).is_some() {
        return None;
    }
    let person = register.keys.get(signed.key_id).map(|key| key.person);
    Some(person.map_or(Signer::Unknown, Signer::Person))
}
