//! The one-time codes that may be typed in at present, so that no two of them are alike.
//!
//! Looked at by the writer, before a grant is accepted, and by nobody again: the log does not know what a code is. Two
//! alike would let whoever types one in as either person.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::code::digits;
use crate::commitment::{Commitment, Field, Opening};
use crate::domain::event::{Body, Event, SessionEvent};
use crate::domain::ids::EventId;
use crate::domain::time::Millis;
use crate::domain::{Code, Rejection, State};
use crate::vault::{Vault, VaultError};

/// Tags of codes, each with its grants: mostly one.
type Known = FxHashMap<[u8; 16], SmallVec<[EventId; 1]>>;

/// The codes by their keyed tags, each with its grant. Whether a code is still open the state knows: what was taken back,
/// used or has run out is passed over, and cleared away when there is much of it.
#[derive(Default)]
pub(super) struct OpenCodes {
    known: Option<Known>,
    /// Cleared away at so many.
    sweep: usize,
}

const SWEEP: usize = 64;
const LIKE_ANOTHER: &str = "Code: another code is like it: draw a new one";
const TOO_SHORT: &str = "digits are needed while";

/// Whether a grant was refused because its code is like one that is open. Whoever hears that knows somebody's code.
#[must_use]
pub fn is_like_another(rejection: &Rejection) -> bool {
    rejection.code == Code::BadOpening && rejection.detail.as_deref() == Some(LIKE_ANOTHER)
}

/// Whether a grant was refused because so many codes are open that a longer one is needed.
#[must_use]
pub fn is_too_short(rejection: &Rejection) -> bool {
    let detail = rejection.detail.as_deref().unwrap_or_default();
    rejection.code == Code::BadOpening && detail.contains(TOO_SHORT)
}

impl OpenCodes {
    /// Lets a grant pass whose code is new, of the right form and long enough; other events are none of its business.
    pub(super) fn check(
        &mut self,
        vault: &Vault,
        state: &State,
        now: Millis,
        event: &Event,
        (commitments, openings): (&[Commitment], &[Opening]),
    ) -> Result<(), Rejection> {
        let Body::Session(SessionEvent::Granted { person, code, .. }) = event.body else { return Ok(()) };
        let brought = commitments.iter().zip(openings).find(|(commitment, _)| **commitment == code);
        let (_, opening) = brought.ok_or_else(|| Code::BadOpening.because("Code: a code is granted once"))?;
        let tag = vault.blind(Field::Code, &opening.value);
        let tag = tag.map_err(|error| Code::BadOpening.because(format_args!("Code: {error}")))?;
        let known = self.known(vault, state).map_err(|error| Code::BadOpening.because(error))?;
        // The person's own earlier code ends with this one, and does not count.
        let of_others = |grant: &EventId| {
            state.sessions.get(*grant).is_some_and(|grant| grant.awaits_code(now) && grant.person != person)
        };
        let mut needed = digits(known.len() + 1);
        if opening.value.len() < needed {
            known.retain(|_, grants| grants.iter().any(of_others));
            needed = digits(known.len() + 1);
        }
        if opening.value.len() < needed {
            let open = known.len();
            let why = format_args!("Code: {needed} {TOO_SHORT} {open} codes are open");
            return Err(Code::BadOpening.because(why));
        }
        // Last of all: nothing that is refused for something else tells whether it is like another.
        if known.get(&tag).is_some_and(|grants| grants.iter().any(of_others)) {
            return Err(Code::BadOpening.because(LIKE_ANOTHER));
        }
        known.entry(tag).or_default().push(event.id);
        let count = known.len();
        if count >= self.sweep.max(SWEEP) {
            self.clear_away(state, now, event.id);
        }
        Ok(())
    }

    fn clear_away(&mut self, state: &State, now: Millis, new: EventId) {
        let Some(known) = &mut self.known else { return };
        let is_open =
            |grant: &EventId| state.sessions.get(*grant).is_some_and(|grant| grant.awaits_code(now));
        known.retain(|_, grants| {
            grants.retain(|grant| *grant == new || is_open(grant));
            !grants.is_empty()
        });
        self.sweep = 2 * known.len();
    }

    /// Gathered when the first code is granted: a ledger may run for long without one.
    fn known(&mut self, vault: &Vault, state: &State) -> Result<&mut Known, VaultError> {
        if self.known.is_none() {
            self.known = Some(gather(vault, state)?);
        }
        Ok(self.known.get_or_insert_default())
    }
}

fn gather(vault: &Vault, state: &State) -> Result<Known, VaultError> {
    let mut known = Known::default();
    for (id, grant) in state.sessions.unopened() {
        let Some(value) = vault.get(&grant.code)? else { continue };
        if let Ok(tag) = vault.blind(Field::Code, value.expose()) {
            known.entry(tag).or_default().push(id);
        }
    }
    Ok(known)
}
