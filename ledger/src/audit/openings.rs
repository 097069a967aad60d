//! Whether the vault holds what the log commits to: for whoever has the vault and its keys at hand.

use rustc_hash::FxHashSet;

use super::finding::{Finding, Findings, Kind};
use crate::commitment::SubjectId;
use crate::domain::State;
use crate::domain::event::Event;
use crate::domain::facts::Committing;
use crate::erasure::erased;
use crate::vault::{Vault, VaultError};

/// What the log commits to: 80 bytes a value.
#[derive(Default)]
pub(super) struct Openings {
    commitments: Vec<(u64, Committing)>,
}

impl Openings {
    pub(super) fn note(&mut self, position: u64, event: &Event) {
        self.commitments.extend(event.body.commitments().into_iter().map(|value| (position, value)));
    }

    /// Looks for every value of a subject that was not erased.
    pub(super) fn check(&self, state: &State, vault: &Vault, findings: &mut Findings) -> Looked {
        let erased: FxHashSet<SubjectId> = erased(state).into_iter().collect();
        let mut looked = Looked::default();
        for (position, value) in &self.commitments {
            if erased.contains(&value.subject) {
                continue;
            }
            // The key store knows of erasures that an older log, restored beside it, does not know of yet.
            if vault.is_erased(&value.subject) {
                looked.destroyed += 1;
                continue;
            }
            looked.wanted += 1;
            match fault(vault, value) {
                None => looked.fitting += 1,
                Some((kind, why)) => {
                    let what = format!("{:?} of {}: {why}", value.field, hex::encode(value.subject));
                    findings.add(Finding::at(*position, kind, what));
                }
            }
        }
        looked
    }
}

/// What a look into the vault came to, in values.
#[derive(Default)]
pub(super) struct Looked {
    /// Of subjects that were not erased.
    pub(super) wanted: u64,
    /// Of these, there and right.
    pub(super) fitting: u64,
    /// Of subjects whose key was destroyed without a receipt on this log.
    pub(super) destroyed: u64,
}

fn fault(vault: &Vault, value: &Committing) -> Option<(Kind, String)> {
    match vault.get(&value.commitment) {
        Err(error @ VaultError::Damaged { .. }) => Some((Kind::OpeningDiffers, error.to_string())),
        Err(error) => Some((Kind::OpeningMissing, error.to_string())),
        Ok(None) => Some((Kind::OpeningMissing, "it is not there".to_owned())),
        Ok(Some(found)) => {
            let opening = found.into_opening();
            let fits = (opening.field, opening.subject, opening.commitment())
                == (value.field, value.subject, value.commitment);
            (!fits).then(|| (Kind::OpeningDiffers, "another kind, subject or value".to_owned()))
        }
    }
}
