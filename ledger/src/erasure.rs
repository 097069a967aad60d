//! What goes when a person is erased: everything that is sealed under the person's key, and under the keys of the
//! wishes posted for the person, whose public sentences tell of them.
//!
//! Free text about activities and rows is about these and stays; it must not describe a person.

use crate::domain::event::{Body, Event, MemberEvent, WishEvent};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::commitment::SubjectId;
use crate::domain::State;
use crate::domain::ids::{PersonId, WishId};
use crate::domain::person::Erasure;

/// The subjects whose keys are destroyed with this person's, the person first.
#[must_use]
pub fn subjects(state: &State, person: PersonId) -> Vec<SubjectId> {
    let wishes = wishes_of(state, &|resident| resident == person);
    std::iter::once(person.0).chain(wishes).collect()
}

/// All subjects that are erased, as the receipts on the log say.
#[must_use]
pub fn erased(state: &State) -> Vec<SubjectId> {
    let people = state.people.iter();
    let erased: FxHashSet<PersonId> =
        people.filter(|(_, known)| known.erasure == Erasure::Done).map(|(person, _)| *person).collect();
    if erased.is_empty() {
        return Vec::new();
    }
    let wishes = wishes_of(state, &|resident| erased.contains(&resident));
    erased.iter().map(|person| person.0).chain(wishes).collect()
}

fn wishes_of(state: &State, is_theirs: &dyn Fn(PersonId) -> bool) -> Vec<SubjectId> {
    state.wishes.iter().filter(|(_, wish)| is_theirs(wish.resident)).map(|(id, _)| id.0).collect()
}

/// The erasures of a log that is read without its rules, as a check of a backup reads it.
#[derive(Default, Debug)]
pub struct Receipts {
    wishes: FxHashMap<PersonId, Vec<WishId>>,
    erased: Vec<SubjectId>,
}

impl Receipts {
    /// Takes the next event of the log.
    pub fn take(&mut self, event: &Event) {
        match &event.body {
            Body::Wish(WishEvent::Posted { wish, resident, .. }) => {
                self.wishes.entry(*resident).or_default().push(*wish)
            }
            Body::Member(MemberEvent::PersonalDataErased { person }) => {
                self.erased.push(person.0);
                self.erased.extend(self.wishes.remove(person).into_iter().flatten().map(|wish| wish.0));
            }
            _ => {}
        }
    }

    /// The subjects erased so far.
    #[must_use]
    pub fn erased(&self) -> &[SubjectId] {
        &self.erased
    }
}
