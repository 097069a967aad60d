//! Micro-wishes: posted by a community for a resident, vetted, claimed, fulfilled, confirmed.
//!
//! Two terms run, both data of the policy in force on the day that starts them. A wish that was vetted waits
//! `open_days` for a claim; a claim has `fulfil_days`. The first term is set once, by the vetting: a wish that is given
//! back or whose claim lapsed waits for what is left of it, so that nobody keeps a wish alive by claiming and releasing
//! it. A claim in force is not cut off by it; if the claim lapses later than that, the wish lapses with it. A draft and
//! a fulfilled wish wait for a person without a term, and so does a disputed one. A dispute that is upheld starts the term
//! of the claim anew, even if its claimer has as many others as the policy allows, and the wish stays open as long.

mod status;

pub use status::{Claim, Fulfilment, Status, Wish, WishState};

use super::concern::{Concern, Reach};
use super::context::{Context, Header};
use super::hands::{Behind, is_other_hand};
use super::ids::{OrgId, PersonId, WishId};
use super::policy::WishPolicy;
use super::register::Register;
use super::rejection::{Code, Reason, Rejection, Verdict, ensure, fits};
use super::text;
use super::time::Millis;
use super::unique::{self, Names};
use super::vocabulary::{Claimer, Lapse, MAX_CATEGORY};
use crate::domain::ids::Commitment;
use crate::store::table::{OrderedTable, Table, tables};
use hourbook_derive::Aggregate;

/// What can be asserted of a wish.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Aggregate)]
#[aggregate(stream(Wish, wish))]
#[allow(missing_docs)] // fields are named after their types
pub enum WishEvent {
    /// A community posts a wish for a resident; the full text stays in the vault.
    #[event(1, by(steward, worker))]
    #[safe = "Shown to nobody outside before another member of staff vets it; withdrawn at any time."]
    Posted {
        wish: WishId,
        org: OrgId,
        resident: PersonId,
        #[field(max = MAX_CATEGORY)]
        category: String,
        #[field(commits(WishText, resident))]
        text: Commitment,
        minutes: u32,
    },
    /// Another member of staff passes the sentence that the public sees.
    #[event(2, by(steward, worker))]
    #[safe = "By another than who posted it, neither with a key by the other's code; the sentence carries no name."]
    Vetted {
        wish: WishId,
        #[field(commits(WishSentence, wish))]
        sentence: Commitment,
    },
    /// Someone takes it on.
    #[event(3, by(Subject, steward, worker, lead, unit_officer, secretary))]
    #[safe = "Released at any time; by a code, naming others waits the term."]
    Claimed {
        wish: WishId,
        #[field(oneof)]
        claimer: Claimer,
        #[field(4)]
        participants: Vec<PersonId>,
    },
    /// The claimer gives it back.
    #[event(4, by(Subject, steward, worker, lead, unit_officer, secretary))]
    #[safe = "Gives up a claim of one's own; claimed again."]
    Released { wish: WishId },
    /// The claimer says that it is done; evidence by its SHA-256.
    #[event(5, by(Subject, steward, worker, lead, unit_officer, secretary))]
    #[safe = "A statement about one's own claim; counts when the resident confirms."]
    Fulfilled { wish: WishId, minutes: u32, evidence: Option<[u8; 32]> },
    /// The resident, or staff at the door, says that it is done, with a rating of 1 to 5.
    #[event(6, by(Subject))]
    #[safe = "The resident, or staff of the resident's home at the door; not who posted or claimed it, and after the term by a code of who claimed it."]
    Confirmed { wish: WishId, rating: u8 },
    /// A term has run out. Asserted by the ledger.
    #[event(7, by(Ledger))]
    #[safe = "By the clock and the policy alone."]
    Lapsed { wish: WishId, what: Lapse },
    /// The resident no longer wants it, or staff take it back.
    #[event(8, by(Subject, steward, worker))]
    #[safe = "Takes a wish off the board; posted anew."]
    Withdrawn {
        wish: WishId,
        #[field(commits(Reason, wish))]
        reason: Commitment,
    },
    /// The claimer or the resident says that it was not as told.
    #[event(9, by(Subject, lead, unit_officer, secretary))]
    #[safe = "Keeps a fulfilment from being confirmed until staff with no part in it decide."]
    Disputed {
        wish: WishId,
        #[field(commits(Reason, wish))]
        reason: Commitment,
    },
    /// Staff agree: the claim is in force again, with a fresh term.
    #[event(10, by(steward, worker))]
    #[safe = "By staff who neither posted, claimed, fulfilled nor disputed it, nor handed out the code by which it was disputed; the claimer says again that it is done."]
    DisputeUpheld {
        wish: WishId,
        #[field(commits(Reason, wish))]
        reason: Commitment,
    },
    /// Staff do not agree: it stands as told.
    #[event(11, by(steward, worker))]
    #[safe = "By the same staff, who then do not confirm it for the resident; it may be disputed again."]
    DisputeRejected {
        wish: WishId,
        #[field(commits(Reason, wish))]
        reason: Commitment,
    },
}

/// Longest category, in bytes.
pub const CATEGORY_LIMIT: usize = 32;
/// Most effort that one wish may name, in minutes: a week.
pub const MINUTES_LIMIT: u32 = 1440 * 7;
/// Most people who take part in one claim.
pub const PARTICIPANTS_LIMIT: usize = 50;

impl WishEvent {
    /// Where it leaves the wish that it is about.
    #[must_use]
    pub fn leads_to(&self) -> WishState {
        match self {
            Self::Posted { .. } => WishState::Draft,
            Self::Vetted { .. } | Self::Released { .. } | Self::Lapsed { what: Lapse::Claim, .. } => {
                WishState::Open
            }
            Self::Claimed { .. } | Self::DisputeUpheld { .. } => WishState::Claimed,
            Self::Fulfilled { .. } | Self::DisputeRejected { .. } => WishState::Fulfilled,
            Self::Confirmed { .. } => WishState::Confirmed,
            Self::Lapsed { what: Lapse::Wish, .. } => WishState::Lapsed,
            Self::Withdrawn { .. } => WishState::Withdrawn,
            Self::Disputed { .. } => WishState::Disputed,
        }
    }

    /// The commitment to the reason, if it gives one.
    #[must_use]
    pub fn reason(&self) -> Option<Commitment> {
        match self {
            Self::Withdrawn { reason, .. }
            | Self::Disputed { reason, .. }
            | Self::DisputeUpheld { reason, .. }
            | Self::DisputeRejected { reason, .. } => Some(*reason),
            _ => None,
        }
    }
}

/// All wishes.
#[derive(Default, Debug, Clone)]
pub struct Wishes {
    wishes: Table<22, WishId, Wish>,
    /// Claims in force by claimer.
    open_claims: Table<23, Claimer, u16>,
    /// Terms that run, the first to end first.
    terms: OrderedTable<24, (Millis, WishId), Lapse>,
    /// Who rejected the last dispute; somebody else says for the resident that it is done.
    rejected_by: Table<34, WishId, PersonId>,
}

tables!(Wishes { wishes, open_claims, terms, rejected_by });

impl Wishes {
    /// The wish.
    #[must_use]
    pub fn get(&self, wish: WishId) -> Option<&Wish> {
        self.wishes.get(&wish)
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

    /// All wishes, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&WishId, &Wish)> {
        self.wishes.iter()
    }

    /// The community that posted the wish.
    #[must_use]
    pub fn org(&self, wish: WishId) -> Option<OrgId> {
        self.get(wish).map(|w| w.org)
    }

    /// The resident whose wish it is.
    #[must_use]
    pub fn resident(&self, wish: WishId) -> Option<PersonId> {
        self.get(wish).map(|w| w.resident)
    }

    /// Whether a person takes part in the claim on it, entered it, or decided that it is as told.
    pub(super) fn has_hand_in(&self, wish: WishId, person: PersonId) -> bool {
        let decided = self.rejected_by.get(&wish) == Some(&person);
        decided || self.get(wish).and_then(Wish::claim).is_some_and(|claim| claim.has_hand_in(person))
    }

    /// Who has claimed it; still there once it is fulfilled or confirmed.
    #[must_use]
    pub fn claimer(&self, wish: WishId) -> Option<Claimer> {
        self.get(wish)?.claim().map(|c| c.claimer)
    }

    /// How many claims of the claimer are in force, not counting fulfilled ones.
    #[must_use]
    pub fn open_claims(&self, claimer: Claimer) -> u16 {
        self.open_claims.get(&claimer).copied().unwrap_or(0)
    }

    /// The next moment at which [`due`] has something to say.
    #[must_use]
    pub fn next_due(&self) -> Option<Millis> {
        self.terms.iter().next().map(|((until, _), _)| *until)
    }

    /// Puts a wish in place and keeps the indexes true to it.
    fn put(&mut self, id: WishId, wish: Wish) {
        let before = self.wishes.get(&id);
        let old_term = before.and_then(Wish::deadline);
        let old_claimer = before.and_then(in_force);
        if let Some((until, _)) = old_term {
            self.terms.remove(&(until, id));
        }
        if let Some((until, lapse)) = wish.deadline() {
            self.terms.insert((until, id), lapse);
        }
        self.count(old_claimer, -1);
        self.count(in_force(&wish), 1);
        self.wishes.insert(id, wish);
    }

    fn count(&mut self, claimer: Option<Claimer>, by: i16) {
        let Some(claimer) = claimer else { return };
        match self.open_claims(claimer).saturating_add_signed(by) {
            0 => self.open_claims.remove(&claimer),
            count => self.open_claims.insert(claimer, count),
        }
    }

    fn change(&mut self, id: WishId, change: impl FnOnce(&mut Wish)) {
        let Some(mut wish) = self.wishes.get(&id).cloned() else { return };
        change(&mut wish);
        self.put(id, wish);
    }
}

fn in_force(wish: &Wish) -> Option<Claimer> {
    match &wish.status {
        Status::Claimed(claim) => Some(claim.claimer),
        _ => None,
    }
}

/// The terms that have run out at `now`, the oldest first, at most `limit`: each may be asserted by the ledger in this
/// order. A wish whose own term is over too lapses right after the claim on it.
pub(super) fn due(wishes: &Wishes, now: Millis, limit: usize) -> Vec<WishEvent> {
    let over = wishes.terms.iter().take_while(|((until, _), _)| *until <= now);
    let lapses = over.flat_map(|((_, wish), what)| {
        let open_until = wishes.get(*wish).and_then(|w| w.open_until);
        let also = *what == Lapse::Claim && open_until.is_some_and(|until| until <= now);
        let wish = *wish;
        [Some(*what), also.then_some(Lapse::Wish)]
            .into_iter()
            .flatten()
            .map(move |what| WishEvent::Lapsed { wish, what })
    });
    lapses.take(limit).collect()
}

/// Whom and what each concerns.
pub(super) fn concern(wishes: &Wishes, header: &Header, body: &WishEvent) -> Concern {
    match body {
        WishEvent::Posted { org, resident, .. } => Concern::of(*resident, Reach::Orgs(vec![*org])),
        WishEvent::Vetted { wish, .. }
        | WishEvent::Lapsed { wish, .. }
        | WishEvent::DisputeUpheld { wish, .. }
        | WishEvent::DisputeRejected { wish, .. } => Concern::nobody(Reach::org(wishes.org(*wish))),
        WishEvent::Confirmed { wish, .. } | WishEvent::Withdrawn { wish, .. } => {
            // Whoever names a wish that is not there learns so from the rules.
            let resident = wishes.resident(*wish).unwrap_or(header.on_behalf());
            Concern::of(resident, Reach::org(wishes.org(*wish)))
        }
        WishEvent::Claimed { claimer, .. } => concern_of_claim(header, Some(*claimer)),
        WishEvent::Released { wish } | WishEvent::Fulfilled { wish, .. } => {
            concern_of_claim(header, wishes.claimer(*wish))
        }
        WishEvent::Disputed { wish, .. } => {
            let of_claim = concern_of_claim(header, wishes.claimer(*wish));
            let resident = wishes.resident(*wish).filter(|_| of_claim.subject != Some(header.on_behalf()));
            Concern { subject: resident.or(of_claim.subject), ..of_claim }
        }
    }
}

/// A person's claim is that person's affair; where there is none, the rules tell whoever asks.
fn concern_of_claim(header: &Header, claimer: Option<Claimer>) -> Concern {
    match claimer {
        Some(Claimer::Person(person)) => Concern::of(person, Reach::Person),
        Some(Claimer::Org(org)) => Concern::nobody(Reach::Orgs(vec![org])),
        None => Concern::of(header.on_behalf(), Reach::Nothing),
    }
}

pub(super) fn decide(
    wishes: &Wishes,
    facts: &Register<'_>,
    names: &dyn Names,
    (cx, header): (&Context, &Header),
    body: &WishEvent,
) -> Result<(), Rejection> {
    match body {
        WishEvent::Posted { wish, org, resident, category, minutes, .. } => {
            text::ensure_category(category, CATEGORY_LIMIT)?;
            effort_fits(*minutes)?;
            let org = facts.orgs.get(*org);
            fits(
                org.is_none_or(|o| o.kind.is_territory()),
                format_args!("org: where people live, and no unit or team"),
            )?;
            unique::check(names, wish.0)?;
            ensure(org.is_some(), Code::UnknownOrg)?;
            ensure(facts.knows(*resident), Code::UnknownPerson)?;
            Behind::of(facts.keys, cx, header).check_concerns_another(*resident)
        }
        WishEvent::Vetted { wish, .. } => {
            let wish = find(wishes, *wish)?;
            policy(facts, cx, wish)?;
            let behind = Behind::of(facts.keys, cx, header);
            behind.check_concerns_another(wish.resident)?;
            behind.check_second(facts.keys, cx.signer, wish.poster)?;
            ensure(wish.status == Status::Draft, Code::WishState)
        }
        WishEvent::Claimed { wish, claimer, participants } => {
            decide_claim(wishes, facts, (cx, header), *wish, *claimer, participants)
        }
        WishEvent::Released { wish } => {
            let wish = find(wishes, *wish)?;
            ensure(matches!(wish.status, Status::Claimed(_)), Code::WishState)
        }
        WishEvent::Fulfilled { wish, minutes, .. } => {
            effort_fits(*minutes)?;
            let wish = find(wishes, *wish)?;
            check_hands(header, wish, &[])?;
            let in_time = |claim: &Claim| cx.recorded_at < claim.until;
            ensure(matches!(&wish.status, Status::Claimed(claim) if in_time(claim)), Code::WishState)
        }
        WishEvent::Confirmed { wish, rating } => {
            fits((1..=5).contains(rating), format_args!("rating: 1 to 5"))?;
            let known = find(wishes, *wish)?;
            let involved = |person| person == known.poster || wishes.has_hand_in(*wish, person);
            let has_part = involved(header.actor) || involved(header.on_behalf());
            ensure(!has_part, (Code::FourEyes, Reason::HasAPart))?;
            ensure(matches!(known.status, Status::Fulfilled(_)), Code::WishState)
        }
        WishEvent::Lapsed { wish, what } => {
            let deadline = find(wishes, *wish)?.deadline();
            ensure(
                deadline.is_some_and(|(until, lapse)| lapse == *what && until <= cx.recorded_at),
                Code::NotDue,
            )
        }
        WishEvent::Withdrawn { wish, .. } => {
            let status = &find(wishes, *wish)?.status;
            ensure(matches!(status, Status::Draft | Status::Open | Status::Claimed(_)), Code::WishState)
        }
        WishEvent::Disputed { wish, .. } => {
            ensure(matches!(find(wishes, *wish)?.status, Status::Fulfilled(_)), Code::WishState)
        }
        WishEvent::DisputeUpheld { wish, .. } => {
            let wish = find(wishes, *wish)?;
            policy(facts, cx, wish)?;
            decide_dispute(facts, (cx, header), wish)
        }
        WishEvent::DisputeRejected { wish, .. } => decide_dispute(facts, (cx, header), find(wishes, *wish)?),
    }
}

/// Staff who have no part in it: none of those who posted, claimed, fulfilled or disputed it, nor, as far as these are staff
/// themselves, anybody with a key by their code.
fn decide_dispute(
    facts: &Register<'_>,
    (cx, header): (&Context, &Header),
    wish: &Wish,
) -> Result<(), Rejection> {
    let Status::Disputed { fulfilment, by } = &wish.status else { return Err(Code::WishState.into()) };
    let behind = Behind::of(facts.keys, cx, header);
    let (claim, people) = (&fulfilment.claim, fulfilment.claim.people());
    let parties = [wish.poster, wish.resident];
    let mut parties = parties.iter().chain(by).chain(&claim.asserted_by).chain(&people);
    let staff = claim.asserted_by.iter().filter(|person| !people.contains(person));
    let mut staff = staff.chain([&wish.poster]);
    ensure(!parties.any(|person| behind.has(*person)), (Code::FourEyes, Reason::HasAPart))?;
    let by_another = staff.all(|person| is_other_hand(facts.keys, cx.signer, *person));
    ensure(by_another, (Code::FourEyes, Reason::SameHand))
}

fn decide_claim(
    wishes: &Wishes,
    facts: &Register<'_>,
    (cx, header): (&Context, &Header),
    wish: WishId,
    claimer: Claimer,
    participants: &[PersonId],
) -> Result<(), Rejection> {
    let unique = participants.iter().enumerate().all(|(i, p)| !participants[..i].contains(p));
    let few = participants.len() <= PARTICIPANTS_LIMIT;
    fits(few, format_args!("with (participants): at most {PARTICIPANTS_LIMIT}"))?;
    fits(unique, format_args!("with (participants): each once"))?;
    let mut people = participants.to_vec();
    match claimer {
        Claimer::Person(person) => people.push(person),
        Claimer::Org(org) => ensure(facts.orgs.contains(org), Code::UnknownOrg)?,
    }
    ensure(people.iter().all(|p| facts.knows(*p)), Code::UnknownPerson)?;
    let wish = find(wishes, wish)?;
    let policy = policy(facts, cx, wish)?;
    check_hands(header, wish, &people)?;
    let waits = wish.status == Status::Open && wish.open_until.is_some_and(|until| cx.recorded_at < until);
    ensure(waits, Code::WishState)?;
    // A team or unit has many hands, and says who they were when their hours are recorded.
    let is_person = matches!(claimer, Claimer::Person(_));
    if is_person && wishes.open_claims(claimer) >= policy.open_claims {
        return Err(Code::TooManyClaims.because(format_args!("at most {} at a time", policy.open_claims)));
    }
    Ok(())
}

/// Neither the poster nor the resident may have a hand in the fulfilling, be it as the staff member who enters it.
fn check_hands(header: &Header, wish: &Wish, people: &[PersonId]) -> Result<(), Rejection> {
    let mut hands = people.iter().copied().chain([header.actor, header.on_behalf()]);
    let has_part = hands.any(|person| person == wish.poster || person == wish.resident);
    ensure(!has_part, (Code::FourEyes, Reason::HasAPart))
}

fn find(wishes: &Wishes, wish: WishId) -> Result<&Wish, Rejection> {
    wishes.get(wish).ok_or_else(|| Code::UnknownWish.into())
}

fn policy(facts: &Register<'_>, cx: &Context, wish: &Wish) -> Result<WishPolicy, Rejection> {
    let policy = facts.policies.wishes(facts.orgs, wish.org, facts.today(cx));
    policy.ok_or_else(|| Code::NoPolicy.into())
}

fn effort_fits(minutes: u32) -> Verdict {
    fits((1..=MINUTES_LIMIT).contains(&minutes), format_args!("minutes: 1 to {MINUTES_LIMIT}"))
}

pub(super) fn evolve(
    wishes: &mut Wishes,
    facts: &Register<'_>,
    (cx, header): (&Context, &Header),
    issuer: Option<PersonId>,
    body: &WishEvent,
) {
    match body {
        WishEvent::Posted { wish, org, resident, .. } => {
            let new = Wish {
                org: *org,
                resident: *resident,
                poster: header.actor,
                open_until: None,
                status: Status::Draft,
            };
            wishes.put(*wish, new);
        }
        WishEvent::Vetted { wish, .. } => {
            let longer = facts.rules.longer_open();
            let until = term_end(wishes, facts, cx, *wish, |p| p.open_days.saturating_add(longer));
            wishes.change(*wish, |w| {
                w.open_until = Some(until);
                w.status = Status::Open;
            });
        }
        WishEvent::Claimed { wish, claimer, participants } => {
            let claim = Claim {
                claimer: *claimer,
                participants: participants.clone(),
                asserted_by: vec![header.actor],
                until: term_end(wishes, facts, cx, *wish, |p| p.fulfil_days),
            };
            wishes.change(*wish, |w| w.status = Status::Claimed(claim));
        }
        WishEvent::Released { wish } | WishEvent::Lapsed { wish, what: Lapse::Claim } => {
            wishes.change(*wish, |w| w.status = Status::Open);
        }
        WishEvent::Fulfilled { wish, minutes, .. } => {
            wishes.change(*wish, |w| fulfil(w, header.actor, *minutes));
        }
        WishEvent::Confirmed { wish, rating } => wishes.change(*wish, |w| confirm(w, *rating)),
        WishEvent::Lapsed { wish, what: Lapse::Wish } => {
            wishes.change(*wish, |w| w.status = Status::Lapsed);
        }
        WishEvent::Withdrawn { wish, .. } => wishes.change(*wish, |w| w.status = Status::Withdrawn),
        WishEvent::Disputed { wish, .. } => {
            let lender = facts.keys.lent_by(cx.signer, cx.recorded_at);
            let by = [Some(header.actor), header.acting_for, lender, issuer];
            wishes.change(*wish, |w| dispute(w, by.into_iter().flatten().collect()));
            wishes.rejected_by.remove(wish);
        }
        WishEvent::DisputeUpheld { wish, .. } => {
            let until = term_end(wishes, facts, cx, *wish, |p| p.fulfil_days);
            wishes.change(*wish, |w| claimed_again(w, until));
        }
        WishEvent::DisputeRejected { wish, .. } => {
            wishes.change(*wish, fulfilled_again);
            wishes.rejected_by.insert(*wish, header.actor);
        }
    }
}

/// The end of a term that starts now. Without a policy, which `decide` excludes, it ends at once.
fn term_end(
    wishes: &Wishes,
    facts: &Register<'_>,
    cx: &Context,
    wish: WishId,
    days: impl Fn(&WishPolicy) -> u16,
) -> Millis {
    let policy = wishes.get(wish).and_then(|w| policy(facts, cx, w).ok());
    cx.recorded_at.plus_days(policy.map_or(0, |p| u32::from(days(&p))))
}

fn fulfil(wish: &mut Wish, by: PersonId, minutes: u32) {
    let Status::Claimed(claim) = &wish.status else { return };
    let mut claim = claim.clone();
    if !claim.asserted_by.contains(&by) {
        claim.asserted_by.push(by);
    }
    wish.status = Status::Fulfilled(Fulfilment { claim, minutes });
}

fn dispute(wish: &mut Wish, by: Vec<PersonId>) {
    let Status::Fulfilled(done) = &wish.status else { return };
    wish.status = Status::Disputed { fulfilment: done.clone(), by };
}

fn claimed_again(wish: &mut Wish, until: Millis) {
    let Status::Disputed { fulfilment, .. } = &wish.status else { return };
    wish.status = Status::Claimed(Claim { until, ..fulfilment.claim.clone() });
    wish.open_until = wish.open_until.max(Some(until));
}

fn fulfilled_again(wish: &mut Wish) {
    let Status::Disputed { fulfilment, .. } = &wish.status else { return };
    wish.status = Status::Fulfilled(fulfilment.clone());
}

fn confirm(wish: &mut Wish, rating: u8) {
    let Status::Fulfilled(done) = &wish.status else { return };
    wish.status = Status::Confirmed { fulfilment: done.clone(), rating };
}

#[cfg(test)]
mod tests;
