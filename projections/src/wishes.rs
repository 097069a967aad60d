//! The board of micro-wishes: where each stands, how it came there, and how many stand where.

use hourbook_ledger::domain::event::{Body, BodyKind, Claimer, WishEvent};
use hourbook_ledger::domain::ids::{Commitment, OrgId, PersonId, WishId};
use hourbook_ledger::domain::time::Date;
pub use hourbook_ledger::domain::wish::WishState;
use hourbook_ledger::follower::LoggedEvent;
use hourbook_ledger::save_fields;
use hourbook_ledger::store::lazy::LazyVec;
use rustc_hash::FxHashMap;

use crate::directory::Directory;
use crate::intern::Interned;
use crate::provenance::Provenance;
use crate::room::{make_room, partition_point};

/// One step on the way of a wish.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Step {
    /// Who, how and when.
    pub act: Provenance,
    /// What.
    pub kind: BodyKind,
    /// Where the wish stood afterwards.
    pub state: WishState,
    /// The reason, where one was given.
    pub reason: Option<Commitment>,
}

impl Step {
    /// Whether a person took it, or had it taken.
    #[must_use]
    pub fn is_of(&self, person: PersonId) -> bool {
        self.act.actor == person || self.act.acting_for == Some(person)
    }
}

/// A wish.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Wish {
    /// Its id.
    pub id: WishId,
    /// The organisation that posted it.
    pub org: OrgId,
    /// Its category in the catalogue.
    pub category: Box<str>,
    /// Whose wish it is.
    pub resident: PersonId,
    /// The resident's words.
    pub text: Commitment,
    /// The sentence that the public sees, once vetted.
    pub sentence: Option<Commitment>,
    /// Effort that it is expected to take, in minutes.
    pub expected: u32,
    /// Effort that it took, as the claimer says, in minutes.
    pub took: Option<u32>,
    /// Where it stands.
    pub state: WishState,
    /// Who has taken it on; stays known once it is fulfilled.
    pub claimer: Option<Claimer>,
    /// Who takes part.
    pub participants: Vec<PersonId>,
    /// SHA-256 of the evidence.
    pub evidence: Option<[u8; 32]>,
    /// The recipient's rating, 1 to 5.
    pub rating: Option<u8>,
    /// Its way so far, from the posting on.
    pub timeline: Vec<Step>,
}

impl Wish {
    /// Position of its posting, which is also its place in the order of wishes.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.timeline.first().map_or(0, |step| step.act.position)
    }

    /// Everyone who does the work: the claiming person and the participants, each once, ascending.
    #[must_use]
    pub fn people(&self) -> Vec<PersonId> {
        let claimer = match self.claimer {
            Some(Claimer::Person(person)) => Some(person),
            Some(Claimer::Org(_)) | None => None,
        };
        let mut people: Vec<_> = self.participants.iter().copied().chain(claimer).collect();
        people.sort_unstable();
        people.dedup();
        people
    }
}

/// Which wishes are asked for; whatever is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct WishFilter<'a> {
    /// Where they stand; empty for anywhere.
    pub states: &'a [WishState],
    /// Posted by this organisation or one below it.
    pub org: Option<OrgId>,
    /// Of this category.
    pub category: Option<&'a str>,
    /// Whose wish it is.
    pub resident: Option<PersonId>,
    /// Who has taken it on or takes part.
    pub claimer: Option<PersonId>,
}

/// A page of wishes.
#[derive(Clone, Debug)]
pub struct WishPage<'a> {
    /// The wishes, the newest first.
    pub wishes: Vec<&'a Wish>,
    /// Where the next page begins: the position to ask for as `before`; none if this is the last.
    pub next: Option<u64>,
}

/// How many wishes stand where, in the order of [`WishState::ALL`].
pub type Funnel = [u32; WishState::ALL.len()];

/// All wishes.
#[derive(Default, Debug)]
pub struct Wishes {
    wishes: LazyVec<Wish>,
    /// By the number of the wish.
    ids: Interned<WishId>,
    funnels: FxHashMap<OrgId, Funnel>,
}

save_fields!(Wishes { wishes, ids, funnels });

impl Wishes {
    /// Takes one more event.
    pub fn fold(&mut self, c: &LoggedEvent) {
        let Body::Wish(event) = &c.event.body else { return };
        let state = event.leads_to();
        if let WishEvent::Posted { wish, org, resident, category, text, minutes } = event {
            let new = Wish {
                id: *wish,
                org: *org,
                category: category.as_str().into(),
                resident: *resident,
                text: *text,
                sentence: None,
                expected: *minutes,
                took: None,
                state,
                claimer: None,
                participants: Vec::new(),
                evidence: None,
                rating: None,
                timeline: vec![step(c, event)],
            };
            self.funnels.entry(*org).or_default()[state as usize] += 1;
            match self.wishes.get_mut(self.ids.number(*wish) as usize) {
                Some(known) => *known = new,
                None => self.wishes.push(new),
            }
            return;
        }
        let Some(number) = self.ids.find(WishId(c.event.stream.id)) else { return };
        let wish = &mut self.wishes[number as usize];
        let funnel = self.funnels.entry(wish.org).or_default();
        funnel[wish.state as usize] -= 1;
        funnel[state as usize] += 1;
        wish.state = state;
        make_room(&mut wish.timeline);
        wish.timeline.push(step(c, event));
        wish.take(event);
    }

    /// A wish.
    #[must_use]
    pub fn get(&self, wish: WishId) -> Option<&Wish> {
        self.ids.find(wish).map(|number| &self.wishes[number as usize])
    }

    /// All wishes, in the order of posting.
    pub fn all(&self) -> impl Iterator<Item = &Wish> {
        self.wishes.iter()
    }

    /// Wishes that wait for somebody in the community or for whoever took them on, in the order of posting.
    pub fn unfinished(&self) -> impl Iterator<Item = &Wish> {
        use WishState::{Claimed, Disputed, Draft, Fulfilled};
        self.wishes.iter().filter(|wish| matches!(wish.state, Draft | Claimed | Fulfilled | Disputed))
    }

    /// Number of wishes ever posted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.wishes.len()
    }

    /// Whether none was ever posted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.wishes.is_empty()
    }

    /// At most `limit` wishes that fit, posted before the position `before`, the newest first. "Below" an organisation
    /// is meant as of today.
    #[must_use]
    pub fn page(
        &self,
        directory: &Directory,
        filter: &WishFilter<'_>,
        before: Option<u64>,
        limit: usize,
    ) -> WishPage<'_> {
        let mut below = Below::new(directory, filter.org);
        let all = self.wishes.len();
        let end = before.map_or(all, |b| partition_point(&self.wishes, 0..all, |w| w.position() < b));
        let newest_first = (0..end).rev().map(|number| &self.wishes[number]);
        let mut fitting = newest_first.filter(|w| fits(w, filter, &mut below));
        let wishes: Vec<_> = fitting.by_ref().take(limit).collect();
        let more = fitting.next().is_some();
        let next = wishes.last().filter(|_| more).map(|w| w.position());
        WishPage { wishes, next }
    }

    /// How many wishes of an organisation and those below it stand where; of all without one.
    #[must_use]
    pub fn funnel(&self, directory: &Directory, org: Option<OrgId>) -> Funnel {
        let mut below = Below::new(directory, org);
        let mut sum = Funnel::default();
        for (_, funnel) in self.funnels.iter().filter(|(org, _)| below.contains(**org)) {
            sum.iter_mut().zip(funnel).for_each(|(sum, count)| *sum += count);
        }
        sum
    }
}

impl Wish {
    /// Keeps what an event says beside where it leads.
    fn take(&mut self, event: &WishEvent) {
        match event {
            WishEvent::Vetted { sentence, .. } => self.sentence = Some(*sentence),
            WishEvent::Claimed { claimer, participants, .. } => {
                self.claimer = Some(*claimer);
                self.participants.clone_from(participants);
            }
            WishEvent::Fulfilled { minutes, evidence, .. } => {
                (self.took, self.evidence) = (Some(*minutes), *evidence);
            }
            WishEvent::Confirmed { rating, .. } => self.rating = Some(*rating),
            _ => {}
        }
        if matches!(self.state, WishState::Open | WishState::Withdrawn) {
            self.claimer = None;
            self.participants = Vec::new();
        }
        if self.state == WishState::Claimed {
            (self.took, self.evidence) = (None, None);
        }
    }
}

fn step(c: &LoggedEvent, event: &WishEvent) -> Step {
    let (act, kind) = (Provenance::of(c), c.event.body.kind());
    Step { act, kind, state: event.leads_to(), reason: event.reason() }
}

fn fits(wish: &Wish, filter: &WishFilter<'_>, below: &mut Below<'_>) -> bool {
    (filter.states.is_empty() || filter.states.contains(&wish.state))
        && filter.category.is_none_or(|category| *wish.category == *category)
        && filter.resident.is_none_or(|resident| wish.resident == resident)
        && filter.claimer.is_none_or(|person| wish.people().contains(&person))
        && below.contains(wish.org)
}

/// Tells whether organisations lie below one today, and remembers the answers for the length of a query.
pub(crate) struct Below<'a> {
    directory: &'a Directory,
    top: Option<OrgId>,
    today: Date,
    known: FxHashMap<OrgId, bool>,
}

impl<'a> Below<'a> {
    pub(crate) fn new(directory: &'a Directory, top: Option<OrgId>) -> Self {
        Self { directory, top, today: directory.today(), known: FxHashMap::default() }
    }

    pub(crate) fn contains(&mut self, org: OrgId) -> bool {
        let Some(top) = self.top else { return true };
        let (directory, today) = (self.directory, self.today);
        *self.known.entry(org).or_insert_with(|| directory.ancestors(org, today).contains(&top))
    }
}
