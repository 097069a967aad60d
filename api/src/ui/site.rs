//! What pages share between requests, so that none of them walks through everything: each piece knows from which
//! position it was made.

use std::sync::Arc;

use hourbook_ledger::domain::event::OrgKind;
use hourbook_ledger::domain::ids::{ActivityId, EventId, OrgId, ShiftId};
use hourbook_ledger::domain::time::{Millis, Minute};
use hourbook_projections::Models;
use hourbook_projections::activities::ActivityState;
use hourbook_projections::canonical::Canonical as _;
use hourbook_projections::lists::{Draft, DraftError, Published};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use crate::cached::Cached;

/// Lists that are kept.
const LISTS: usize = 64;

/// The organisations that pages offer to choose from.
#[derive(Default)]
pub(crate) struct Places {
    /// The first organisation: the town.
    pub(crate) root: Option<OrgId>,
    /// Its name.
    pub(crate) town: String,
    /// Districts, streets and communities in order of registration, with their names.
    pub(crate) territories: Vec<(OrgId, String)>,
    /// Of these, the communities.
    pub(crate) communities: Vec<(OrgId, String)>,
}

/// A published list, drawn up again.
pub(crate) struct Known {
    pub(crate) draft: Draft,
    /// It is what was signed.
    pub(crate) reproduced: bool,
}

/// A shift to come.
#[derive(Clone, Copy)]
pub(crate) struct Upcoming {
    pub(crate) start: Minute,
    pub(crate) end: Minute,
    pub(crate) activity: ActivityId,
    pub(crate) shift: ShiftId,
}

/// What pages share.
#[derive(Default)]
pub(crate) struct Site {
    places: Mutex<(usize, Arc<Places>)>,
    upcoming: Cached<Vec<Upcoming>>,
    lists: Mutex<FxHashMap<EventId, Arc<Known>>>,
}

impl Site {
    /// The organisations; read again when there are more.
    pub(crate) fn places(&self, models: &Models) -> Arc<Places> {
        let count = models.directory.org_count();
        let mut places = self.places.lock();
        if places.0 != count {
            *places = (count, Arc::new(read_places(models)));
        }
        places.1.clone()
    }

    /// Shifts of published activities that have not ended, the next first.
    pub(crate) fn upcoming(&self, models: &Models, now: Millis) -> Arc<Vec<Upcoming>> {
        self.upcoming.get(models.as_of(), now, || read_upcoming(models, now))
    }

    /// A published list, drawn up again from the log; the log up to its cut-off does not change.
    pub(crate) fn list(&self, models: &Models, list: &Published) -> Result<Arc<Known>, DraftError> {
        if let Some(known) = self.lists.lock().get(&list.event) {
            return Ok(known.clone());
        }
        let draft = models.draft(list.scope, list.period, list.cutoff)?;
        let reproduced = draft.policy == list.policy && draft.digest() == list.digest;
        let known = Arc::new(Known { draft, reproduced });
        let mut lists = self.lists.lock();
        if lists.len() >= LISTS {
            lists.clear();
        }
        lists.insert(list.event, known.clone());
        Ok(known)
    }
}

/// The name of the organisation that was registered first, which is the town.
pub(crate) fn town(models: &Models) -> String {
    let orgs = models.directory.orgs();
    let first = orgs.iter().min_by_key(|(_, entry)| entry.position);
    first.map_or_else(String::new, |(_, entry)| entry.name.to_string())
}

fn read_places(models: &Models) -> Places {
    let mut orgs = models.directory.orgs();
    orgs.sort_by_key(|(_, entry)| entry.position);
    let named = |kinds: &[OrgKind]| {
        let of_kind = orgs.iter().filter(|(_, entry)| kinds.contains(&entry.kind));
        of_kind.map(|(org, entry)| (*org, entry.name.to_string())).collect()
    };
    Places {
        root: orgs.first().map(|(org, _)| *org),
        town: town(models),
        territories: named(&[OrgKind::District, OrgKind::Street, OrgKind::Community]),
        communities: named(&[OrgKind::Community]),
    }
}

fn read_upcoming(models: &Models, now: Millis) -> Vec<Upcoming> {
    let published = models.directory.activities().newest().into_iter();
    let shifts = published.filter(|(_, activity)| activity.state == ActivityState::Published).flat_map(
        |(id, activity)| {
            activity.shifts.iter().map(move |shift| Upcoming {
                start: shift.interval.start,
                end: shift.interval.end,
                activity: id,
                shift: shift.id,
            })
        },
    );
    let mut shifts: Vec<_> = shifts.filter(|shift| now.minute() < shift.end).collect();
    shifts.sort_unstable_by_key(|shift| (shift.start, shift.shift));
    shifts
}
