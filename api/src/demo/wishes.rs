//! The wishes' steps, each asserted by whoever would.

use hourbook_ledger::actor::Actor;
use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{Body, Claimer, WishEvent};
use hourbook_ledger::domain::ids::PersonId;

use super::DemoError;
use super::founding::is_early;
use super::submitter::EventSubmitter;
use super::town::{Community, Town};
use super::wish::{Step, Wish, wishes};

/// Which step of which wish is on which day.
pub(super) struct Plan<'a> {
    town: &'a Town,
    wishes: Vec<Wish>,
    /// Day, wish, number of the step; descending, so that the next is last.
    agenda: Vec<(i32, usize, usize)>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(town: &'a Town, first: i32, last: i32) -> Self {
        let wishes = wishes(town, first, last);
        let steps = |(at, wish): (usize, &Wish)| -> Vec<_> {
            wish.steps.iter().enumerate().map(|(step, (day, _))| (*day, at, step)).collect()
        };
        let mut agenda: Vec<_> = wishes.iter().enumerate().flat_map(steps).collect();
        agenda.sort_unstable_by(|a, b| b.cmp(a));
        Self { town, wishes, agenda }
    }

    /// Writes the steps of a day.
    pub(super) fn day(&mut self, submitter: &mut EventSubmitter, day: i32) -> Result<(), DemoError> {
        while let Some((_, at, step)) = self.agenda.pop_if(|(due, ..)| *due <= day) {
            let wish = &self.wishes[at];
            self.step(submitter, wish, wish.steps[step].1)?;
        }
        Ok(())
    }

    fn step(&self, submitter: &mut EventSubmitter, wish: &Wish, step: Step) -> Result<(), DemoError> {
        let community = &self.town.communities[wish.community];
        let (first, second) = match wish.swapped {
            false => (&community.recorder, &community.confirmer),
            true => (&community.confirmer, &community.recorder),
        };
        let recorder = || first.actor();
        let id = wish.id;
        match step {
            Step::Post => self.post(submitter, wish, community, &recorder())?,
            Step::Vet => {
                let sentence = submitter.seal(id.0, Field::WishSentence, wish.sentence)?;
                let body = Body::Wish(WishEvent::Vetted { wish: id, sentence: sentence.commitment() });
                submitter.write_with(&second.actor(), body, vec![sentence])?;
            }
            Step::Claim => {
                let (actor, claimer, participants) = self.claimer(wish, community);
                let body = Body::Wish(WishEvent::Claimed { wish: id, claimer, participants });
                submitter.write(&actor, body)?;
            }
            Step::Release => {
                let body = Body::Wish(WishEvent::Released { wish: id });
                submitter.write(&self.claimer(wish, community).0, body)?;
            }
            Step::Fulfil => {
                let body =
                    Body::Wish(WishEvent::Fulfilled { wish: id, minutes: wish.minutes, evidence: None });
                submitter.write(&self.claimer(wish, community).0, body)?;
            }
            Step::Confirm => {
                let resident = community.residents[wish.resident].id;
                let body = Body::Wish(WishEvent::Confirmed { wish: id, rating: wish.rating });
                submitter.write_for(&community.confirmer.actor(), resident, body)?;
            }
            Step::Dispute => {
                let reason = submitter.seal(id.0, Field::Reason, "还差一次没有去，按错了")?;
                let body = Body::Wish(WishEvent::Disputed { wish: id, reason: reason.commitment() });
                submitter.write_with(&community.lead.actor(), body, vec![reason])?;
            }
            Step::Withdraw => {
                let reason = submitter.seal(id.0, Field::Reason, "家人已经帮忙解决")?;
                let body = Body::Wish(WishEvent::Withdrawn { wish: id, reason: reason.commitment() });
                submitter.write_with(&recorder(), body, vec![reason])?;
            }
        }
        Ok(())
    }

    fn post(
        &self,
        submitter: &mut EventSubmitter,
        wish: &Wish,
        community: &Community,
        actor: &Actor,
    ) -> Result<(), DemoError> {
        let resident = &community.residents[wish.resident];
        let text = submitter.seal(resident.id.0, Field::WishText, wish.text)?;
        let body = Body::Wish(WishEvent::Posted {
            wish: wish.id,
            org: resident.home,
            resident: resident.id,
            category: wish.category.to_owned(),
            text: text.commitment(),
            minutes: wish.minutes,
        });
        submitter.write_with(actor, body, vec![text])?;
        Ok(())
    }

    /// A member with an own key, or a team through the lead.
    fn claimer(&self, wish: &Wish, community: &Community) -> (Actor, Claimer, Vec<PersonId>) {
        let early = || community.members.iter().filter(|member| is_early(member));
        if wish.by_team {
            let team = community.teams[wish.claimer % community.teams.len()];
            let first = wish.claimer % early().count().max(1);
            let participants = early().cycle().skip(first).take(3).map(|m| m.person.id);
            let mut participants: Vec<PersonId> = participants.collect();
            participants.sort_unstable();
            participants.dedup();
            return (community.lead.actor(), Claimer::Org(team), participants);
        }
        let with_keys: Vec<_> = early().filter(|member| member.person.key.is_some()).collect();
        let member = with_keys[wish.claimer % with_keys.len()];
        (member.person.actor(), Claimer::Person(member.person.id), Vec::new())
    }
}
