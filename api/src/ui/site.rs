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

/// How old a piece may become while the log grows, in milliseconds. The page says which position it shows.
const STALE_MILLIS: i64 = 2_000;
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

/// Something that was made at a position and a moment.
struct Made<T> {
    position: u64,
    at: Millis,
    what: Arc<T>,
}

/// The same, or not made yet.
pub(crate) struct Kept<T>(Mutex<Option<Made<T>>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Kept<T> {
    /// What is kept, made anew if the log has grown and it is stale.
    pub(crate) fn get<E>(
        &self,
        position: u64,
        now: Millis,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let mut kept = self.0.lock();
        let fresh =
            |made: &&Made<T>| made.position == position || (0..STALE_MILLIS).contains(&(now.0 - made.at.0));
        if let Some(made) = kept.as_ref().filter(fresh) {
            return Ok(made.what.clone());
        }
        let what = Arc::new(make()?);
        *kept = Some(Made { position, at: now, what: what.clone() });
        Ok(what)
    }
}

/// What pages share.
#[derive(Default)]
pub(crate) struct Site {
    places: Mutex<(usize, Arc<Places>)>,
    upcoming: Kept<Vec<Upcoming>>,
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
        let made = self
            .upcoming
            .get(models.as_of(), now, || Ok::<_, std::convert::Infallible>(read_upcoming(models, now)));
        made.unwrap_or_else(|never| match never {})
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

fn read_places(models: &Models) -> Places {
    let mut orgs = models.directory.orgs();
    orgs.sort_by_key(|(_, entry)| entry.position);
    let named = |kinds: &[OrgKind]| {
        let of_kind = orgs.iter().filter(|(_, entry)| kinds.contains(&entry.kind));
        of_kind.map(|(org, entry)| (*org, entry.name.to_string())).collect()
    };
    Places {
        root: orgs.first().map(|(org, _)| *org),
        town: orgs.first().map_or_else(String::new, |(_, entry)| entry.name.to_string()),
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
