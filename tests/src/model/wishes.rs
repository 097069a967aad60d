//! Wishes, naively: claims are counted anew each time.

use std::collections::{BTreeMap, BTreeSet};

use hourbook_ledger::domain::event::{Body, Claimer, Event, Lapse, WishEvent};
use hourbook_ledger::domain::ids::{OrgId, PersonId, WishId};
use hourbook_ledger::domain::time::Millis;

use super::outcome::{At, Fault, behalf, must};
use super::register::Register;

/// How far a wish has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Stage {
    Draft,
    Open,
    Claimed,
    Fulfilled,
    Confirmed,
    Lapsed,
    Withdrawn,
    Disputed,
}

/// A wish.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Wish {
    pub org: OrgId,
    pub resident: PersonId,
    pub poster: PersonId,
    pub stage: Stage,
    pub open_until: Option<Millis>,
    pub claimer: Option<Claimer>,
    pub claim_until: Option<Millis>,
    /// Everyone with a hand in the claim: claimer, participants, and who entered it.
    pub hands: BTreeSet<PersonId>,
    /// Of these, who does the work.
    pub people: BTreeSet<PersonId>,
    /// Everyone who disputes it, staff who wrote it down, and whose hand it could be.
    pub disputing: BTreeSet<PersonId>,
    /// Who rejected a dispute of what stands as told.
    pub rejected_by: Option<PersonId>,
    pub minutes: u32,
    pub rating: u8,
}

/// All wishes.
#[derive(Clone, Default, Debug)]
#[allow(missing_docs)]
pub struct Wishes {
    pub all: BTreeMap<WishId, Wish>,
}

fn days(at: At, days: u16) -> Millis {
    Millis(at.recorded_at.0 + i64::from(days) * 86_400_000)
}

impl Wishes {
    /// How many claims of a claimer are in force.
    #[must_use]
    pub fn open_claims(&self, claimer: Claimer) -> usize {
        let held = |wish: &&Wish| wish.stage == Stage::Claimed && wish.claimer == Some(claimer);
        self.all.values().filter(held).count()
    }

    pub(super) fn take(&mut self, register: &Register, at: At, event: &Event) -> Result<(), Fault> {
        if let Body::Wish(WishEvent::Posted { wish, org, resident, .. }) = &event.body {
            must(register.orgs.contains_key(org) && register.knows(*resident), "nobody or nowhere")?;
            must(!register.behind(at, event).contains(resident), "four eyes: posted one's own wish")?;
            let new = Wish {
                org: *org,
                resident: *resident,
                poster: event.actor,
                stage: Stage::Draft,
                open_until: None,
                claimer: None,
                claim_until: None,
                hands: BTreeSet::new(),
                people: BTreeSet::new(),
                disputing: BTreeSet::new(),
                rejected_by: None,
                minutes: 0,
                rating: 0,
            };
            return must(self.all.insert(*wish, new).is_none(), "the wish exists");
        }
        let id = match &event.body {
            Body::Wish(WishEvent::Vetted { wish, .. })
            | Body::Wish(WishEvent::Claimed { wish, .. })
            | Body::Wish(WishEvent::Released { wish })
            | Body::Wish(WishEvent::Fulfilled { wish, .. })
            | Body::Wish(WishEvent::Confirmed { wish, .. })
            | Body::Wish(WishEvent::Lapsed { wish, .. })
            | Body::Wish(WishEvent::Withdrawn { wish, .. })
            | Body::Wish(WishEvent::Disputed { wish, .. })
            | Body::Wish(WishEvent::DisputeUpheld { wish, .. })
            | Body::Wish(WishEvent::DisputeRejected { wish, .. }) => *wish,
            _ => return Ok(()),
        };
        let mut wish = self.all.get(&id).cloned().ok_or("no such wish")?;
        self.change(register, at, event, &mut wish)?;
        self.all.insert(id, wish);
        Ok(())
    }

    fn change(&self, register: &Register, at: At, event: &Event, wish: &mut Wish) -> Result<(), Fault> {
        let policy = register.wishes(wish.org, register.day(at.recorded_at));
        let stage = wish.stage;
        let own = |wish: &Wish, person| person == wish.poster || person == wish.resident;
        let entered_by_own = own(wish, event.actor) || own(wish, behalf(event));
        match &event.body {
            Body::Wish(WishEvent::Vetted { .. }) => {
                let behind = register.behind(at, event);
                must(!behind.iter().any(|person| own(wish, *person)), "four eyes: vetted one's own")?;
                must(register.in_no_debt(at.signer, wish.poster), "four eyes: vetted by the poster's hand")?;
                must(stage == Stage::Draft, "not a draft")?;
                let longer = u16::from(register.rules == 2);
                wish.open_until = Some(days(at, policy.ok_or("no policy")?.open_days + longer));
                wish.stage = Stage::Open;
            }
            Body::Wish(WishEvent::Claimed { claimer, participants, .. }) => {
                let policy = policy.ok_or("no policy")?;
                let mut people: BTreeSet<PersonId> = participants.iter().copied().collect();
                match claimer {
                    Claimer::Person(person) => drop(people.insert(*person)),
                    Claimer::Org(_) => {}
                }
                must(people.iter().all(|person| register.knows(*person)), "nobody")?;
                must(
                    !entered_by_own && !people.iter().any(|p| own(wish, *p)),
                    "four eyes: claimed one's own",
                )?;
                let open = stage == Stage::Open && wish.open_until.is_some_and(|u| at.recorded_at < u);
                must(open, "not open")?;
                if matches!(claimer, Claimer::Person(_)) {
                    must(self.open_claims(*claimer) < usize::from(policy.open_claims), "too many claims")?;
                }
                wish.people = people.clone();
                people.insert(event.actor);
                wish.hands = people;
                wish.claimer = Some(*claimer);
                wish.claim_until = Some(days(at, policy.fulfil_days));
                wish.stage = Stage::Claimed;
            }
            Body::Wish(WishEvent::Released { .. }) => {
                must(stage == Stage::Claimed, "not claimed")?;
                reopen(wish);
            }
            Body::Wish(WishEvent::Fulfilled { minutes, .. }) => {
                must(!entered_by_own, "four eyes: fulfilled by the poster or the resident")?;
                let in_time = wish.claim_until.is_some_and(|until| at.recorded_at < until);
                must(stage == Stage::Claimed && in_time, "not claimed, or too late")?;
                wish.hands.insert(event.actor);
                wish.rejected_by = None;
                wish.minutes = *minutes;
                wish.stage = Stage::Fulfilled;
            }
            Body::Wish(WishEvent::Confirmed { rating, .. }) => {
                let party = [event.actor, behalf(event)];
                let involved = party.iter().any(|p| *p == wish.poster || wish.has_hand_in(*p));
                must(!involved, "four eyes: confirmed by the poster or a claimer")?;
                must(stage == Stage::Fulfilled && (1..=5).contains(rating), "not fulfilled")?;
                wish.rating = *rating;
                wish.stage = Stage::Confirmed;
            }
            Body::Wish(WishEvent::Lapsed { what: Lapse::Claim, .. }) => {
                let over = wish.claim_until.is_some_and(|until| until <= at.recorded_at);
                must(stage == Stage::Claimed && over, "the claim has not run out")?;
                reopen(wish);
            }
            Body::Wish(WishEvent::Lapsed { what: Lapse::Wish, .. }) => {
                let over = wish.open_until.is_some_and(|until| until <= at.recorded_at);
                must(stage == Stage::Open && over, "the wish has not run out")?;
                wish.stage = Stage::Lapsed;
            }
            Body::Wish(WishEvent::Disputed { .. }) => {
                must(stage == Stage::Fulfilled, "nothing to dispute")?;
                let issuer = event.grant.and_then(|grant| register.grants.get(&grant)).map(|grant| grant.by);
                wish.disputing = register.behind(at, event).into_iter().chain(issuer).collect();
                wish.stage = Stage::Disputed;
            }
            Body::Wish(WishEvent::DisputeUpheld { .. } | WishEvent::DisputeRejected { .. }) => {
                must(stage == Stage::Disputed, "not disputed")?;
                let behind = register.behind(at, event);
                let part =
                    |p: &PersonId| own(wish, *p) || wish.hands.contains(p) || wish.disputing.contains(p);
                must(!behind.iter().any(part), "four eyes: decided a dispute of one's own")?;
                let mut staff = wish.hands.difference(&wish.people).chain([&wish.poster]);
                must(
                    staff.all(|p| register.in_no_debt(at.signer, *p)),
                    "four eyes: decided by another's hand",
                )?;
                let upheld = matches!(event.body, Body::Wish(WishEvent::DisputeUpheld { .. }));
                wish.stage = if upheld { Stage::Claimed } else { Stage::Fulfilled };
                wish.rejected_by = Some(event.actor).filter(|_| !upheld);
                if upheld {
                    wish.claim_until = Some(days(at, policy.ok_or("no policy")?.fulfil_days));
                    wish.open_until = wish.open_until.max(wish.claim_until);
                }
            }
            _ => {
                must(matches!(stage, Stage::Draft | Stage::Open | Stage::Claimed), "too late to withdraw")?;
                reopen(wish);
                wish.stage = Stage::Withdrawn;
            }
        }
        Ok(())
    }
}

impl Wish {
    /// Whether a person has a hand in the claim, or decided that it is as told.
    #[must_use]
    pub fn has_hand_in(&self, person: PersonId) -> bool {
        let decided = self.stage == Stage::Fulfilled && self.rejected_by == Some(person);
        decided || self.hands.contains(&person)
    }
}

fn reopen(wish: &mut Wish) {
    wish.claimer = None;
    wish.claim_until = None;
    wish.hands.clear();
    wish.stage = Stage::Open;
}
