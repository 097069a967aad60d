//! To whom a day's service counts: the organisations that the person belonged to, and all that contain them, each once.
//!
//! Few distinct sets of organisations exist, so each gets a number that rows can carry. A row keeps the set that it was
//! counted for: if the tree is changed backwards in time, what was added where is taken back from there.

use hourbook_ledger::domain::event::{Scope, StreamKind};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::domain::org::Orgs;
use hourbook_ledger::domain::time::Date;
use hourbook_ledger::follower::LoggedEvent;
use hourbook_ledger::save_fields;
use hourbook_ledger::store::lazy::LazyVec;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::intern::Interned;

/// Remembered answers at most; a sheet is about few days.
const CACHE_LIMIT: usize = 1 << 16;

/// Sets of scopes by number.
#[derive(Default, Debug)]
pub struct Attribution {
    scopes: Interned<Scope>,
    sets: LazyVec<Box<[u32]>>,
    numbers: FxHashMap<Box<[u32]>, u32>,
    cache: FxHashMap<(SmallVec<[OrgId; 4]>, Date), u32>,
    /// The last answer: the rows of a sheet are mostly about the same day and place.
    last: Option<(SmallVec<[OrgId; 4]>, Date, u32)>,
}

save_fields!(Attribution { scopes, sets, numbers } anew cache, last);

impl Attribution {
    /// Takes one more event: remembered answers go when an organisation changes.
    pub fn fold(&mut self, c: &LoggedEvent) {
        if c.event.stream.kind == StreamKind::Org {
            self.cache.clear();
            self.last = None;
        }
    }

    /// The number of the set of scopes that service on a date counts for: the ledger, the homes and their ancestors.
    pub(crate) fn set(&mut self, orgs: &Orgs, homes: &[OrgId], date: Date) -> u32 {
        if let Some((of, on, number)) = &self.last
            && *on == date
            && of[..] == *homes
        {
            return *number;
        }
        let number = self.set_anew(orgs, homes, date);
        self.last = Some((SmallVec::from_slice(homes), date, number));
        number
    }

    fn set_anew(&mut self, orgs: &Orgs, homes: &[OrgId], date: Date) -> u32 {
        let key = (SmallVec::from_slice(homes), date);
        if let Some(number) = self.cache.get(&key) {
            return *number;
        }
        let mut set = vec![self.scopes.number(Scope::Ledger)];
        let above = homes.iter().flat_map(|home| orgs.ancestors(*home, date));
        set.extend(above.map(|org| self.scopes.number(Scope::Org(org))));
        set.sort_unstable();
        set.dedup();
        let number = self.number(set.into_boxed_slice());
        if self.cache.len() >= CACHE_LIMIT {
            self.cache.clear();
        }
        self.cache.insert(key, number);
        number
    }

    fn number(&mut self, set: Box<[u32]>) -> u32 {
        if let Some(number) = self.numbers.get(&set) {
            return *number;
        }
        let number = self.sets.len() as u32;
        self.sets.push(set.clone());
        self.numbers.insert(set, number);
        number
    }

    /// Whether a scope is in a set.
    pub(crate) fn counts_for(&self, set: u32, scope: u32) -> bool {
        self.sets[set as usize].contains(&scope)
    }

    /// The scopes of a set, ascending by number.
    pub(crate) fn scopes(&self, set: u32) -> &[u32] {
        &self.sets[set as usize]
    }

    /// The number of a scope, if service was ever counted for it.
    pub(crate) fn scope(&self, scope: Scope) -> Option<u32> {
        self.scopes.find(scope)
    }

    /// How many scopes there are.
    pub(crate) fn scope_count(&self) -> usize {
        self.scopes.len()
    }
}
