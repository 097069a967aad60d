//! Whether the vault holds what the log commits to: for whoever has the vault and its keys at hand.

use rustc_hash::FxHashSet;

use super::counts::Counts;
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
    pub(super) fn check(&self, state: &State, vault: &Vault, findings: &mut Findings, counts: &mut Counts) {
        let erased: FxHashSet<SubjectId> = erased(state).into_iter().collect();
        for (position, value) in &self.commitments {
            if erased.contains(&value.subject) {
                continue;
            }
            // The key store knows of erasures that an older log, restored beside it, does not know of yet.
            if vault.is_erased(&value.subject) {
                counts.destroyed += 1;
                continue;
            }
            counts.commitments += 1;
            match fault(vault, value) {
                None => counts.openings += 1,
                Some((kind, why)) => {
                    let what = format!("{:?} of {}: {why}", value.field, hex::encode(value.subject));
                    findings.add(Finding::at(*position, kind, what));
                }
            }
        }
    }
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
