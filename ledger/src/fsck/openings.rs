//! Whether the vault holds what the log commits to: for whoever has the vault and its keys at hand.

use rustc_hash::FxHashSet;

use super::finding::{Finding, Findings, Kind};
use crate::commitment::SubjectId;
use crate::domain::event::{Body, Event};
use crate::openings::{Committing, committed};
use crate::vault::Vault;

/// What the log commits to: 80 bytes a value.
#[derive(Default)]
pub(super) struct Openings {
    commitments: Vec<(u64, Committing)>,
    erased: FxHashSet<SubjectId>,
}

impl Openings {
    pub(super) fn note(&mut self, position: u64, event: &Event) {
        self.commitments.extend(committed(event).into_iter().map(|value| (position, value)));
        if let Body::PersonalDataErased { person } = &event.body {
            self.erased.insert(person.0);
        }
    }

    /// Looks for every value of a subject that was not erased: how many there are, and how many were found to fit.
    pub(super) fn check(&self, vault: &Vault, findings: &mut Findings) -> (u64, u64) {
        let (mut wanted, mut fitting) = (0, 0);
        for (position, value) in &self.commitments {
            // The key store knows of erasures that an older log, restored beside it, does not know of yet.
            if self.erased.contains(&value.subject) || vault.is_erased(&value.subject) {
                continue;
            }
            wanted += 1;
            match fault(vault, value) {
                None => fitting += 1,
                Some((kind, why)) => {
                    let what = format!("{:?} of {}: {why}", value.field, hex::encode(value.subject));
                    findings.add(Finding::at(*position, kind, what));
                }
            }
        }
        (wanted, fitting)
    }
}

fn fault(vault: &Vault, value: &Committing) -> Option<(Kind, String)> {
    match vault.get(&value.commitment) {
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
