//! Keys belong to persons. A key is valid from the position of its enrolment up to that of its revocation; positions
//! count, never claimed times.

use super::concern::{Concern, Reach};
use super::context::{Context, Founded, Header};
use super::ids::{KeyId, PersonId, PublicKey};
use super::person::People;
use super::rejection::{Code, Rejection, Verdict, ensure};
use super::session::Sessions;
use super::time::Millis;
use super::vocabulary::{Assurance, RevocationReason, Role, Scope};
use crate::domain::ids::Possession;
use crate::domain::time::Date;
use crate::store::table::{Table, tables};
use hourbook_derive::Aggregate;

/// What can be asserted of the keys of a person.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Aggregate)]
#[aggregate(stream(Person, person))]
#[allow(missing_docs)] // fields are named after their types
pub enum KeyEvent {
    /// A person gains a key. The key itself has signed who gains it, so that nobody enrols a key of somebody else.
    #[event(1, by(SubjectInPerson, founder))]
    #[safe = "Only the person brings a key, and the key signs for it. One that came by a code is its issuer's hand for the term, and roles name their keys."]
    Enrolled { person: PersonId, key: PublicKey, proof: Possession },
    /// A key is replaced by another; the old one ends here, and the roles that it exercised go over.
    #[event(2, by(OldKey, founder))]
    #[safe = "By the old key itself, so the hand stays the same. The ledger's keys are the founders', and a new one is its bringer's hand for the term; the other founder's key changes after the term."]
    Rotated {
        person: PersonId,
        #[field(name = "old_key_id")]
        old: KeyId,
        #[field(name = "new_key")]
        new: PublicKey,
        proof: Possession,
    },
    /// A key ends here.
    #[event(3, by(SubjectInPerson, founder, steward, worker))]
    #[safe = "Cannot be undone: at once by an own key, after the term by a code, with a second person by staff."]
    Revoked {
        person: PersonId,
        #[field(name = "key_id")]
        key: KeyId,
        reason: RevocationReason,
    },
}

/// A key that came by somebody's code, or that a founder put there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Lent {
    /// Who handed out the code, or the founder.
    pub by: PersonId,
    /// Until then what the key does for its person is taken for the issuer's hand.
    pub until: Millis,
}

/// An enrolled key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Key {
    /// Whose it is.
    pub person: PersonId,
    /// The key itself.
    pub public: PublicKey,
    /// Position of its enrolment.
    pub from: u64,
    /// Position of its end.
    pub until: Option<u64>,
    /// Whose code it came by, directly or through the key that enrolled it.
    pub lent: Option<Lent>,
    /// The key that enrolled it or that it replaced.
    pub parent: Option<KeyId>,
}

/// All keys that were ever enrolled.
#[derive(Default, Debug, Clone)]
pub struct Keys {
    keys: Table<3, KeyId, Key>,
    by_person: Table<4, PersonId, Vec<KeyId>>,
}

tables!(Keys { keys, by_person });

impl Keys {
    /// The key, ended or not.
    #[must_use]
    pub fn get(&self, id: KeyId) -> Option<&Key> {
        self.keys.get(&id)
    }

    /// The person's keys, ended or not, in order of enrolment.
    pub fn of(&self, person: PersonId) -> impl Iterator<Item = (KeyId, &Key)> {
        let ids = self.by_person.get(&person).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|id| self.keys.get(id).map(|key| (*id, key)))
    }

    /// Whether an event at a position may be signed by the key: it was enrolled before and had not ended before. The
    /// founding event, at position 0, brings its own key.
    #[must_use]
    pub fn is_valid_at(&self, id: KeyId, position: u64) -> bool {
        self.get(id).is_some_and(|key| {
            (key.from < position || position == 0) && key.until.is_none_or(|until| position <= until)
        })
    }

    /// Whose hand the key is taken for at a moment, other than its person's: until the term is over, and as long as the person
    /// has an older key in force, by which they would have brought in another one themselves.
    #[must_use]
    pub fn lent_by(&self, id: KeyId, at: Millis) -> Option<PersonId> {
        let lent = self.get(id)?.lent?;
        (at < lent.until || self.is_beside_an_older_one(id)).then_some(lent.by)
    }

    fn is_beside_an_older_one(&self, id: KeyId) -> bool {
        let Some(first) = self.line(id).last() else { return false };
        self.of(first.person).any(|(_, key)| key.until.is_none() && key.from < first.from)
    }

    /// Everybody who could be behind a key: whose code it came by, by whose codes the keys of that one came, and so on. With a
    /// moment only as far as keys are taken for another's hand then.
    #[must_use]
    pub fn behind(&self, id: KeyId, at: Option<Millis>) -> Vec<PersonId> {
        let mut found = self.lenders(id, at);
        let mut next = 0;
        while let Some(person) = found.get(next).copied() {
            let theirs = self.of(person).flat_map(|(key, _)| self.lenders(key, at));
            let unknown: Vec<_> = theirs.filter(|lender| !found.contains(lender)).collect();
            found.extend(unknown);
            next += 1;
        }
        found
    }

    fn lenders(&self, id: KeyId, at: Option<Millis>) -> Vec<PersonId> {
        match at {
            Some(at) => self.lent_by(id, at).into_iter().collect(),
            None => self.line(id).filter_map(|key| key.lent).map(|lent| lent.by).collect(),
        }
    }

    /// The key and those of its person from which it stems, the latest first.
    pub(super) fn line(&self, id: KeyId) -> impl Iterator<Item = &Key> {
        let parent = |key: &&Key| self.get(key.parent?).filter(|parent| parent.person == key.person);
        std::iter::successors(self.get(id), parent)
    }

    /// Whether a role is exercised by a key in force, and not only held.
    pub(super) fn exercises(&self, people: &People, person: PersonId, role: Role, scope: Scope) -> bool {
        let in_force = |key: &KeyId| self.get(*key).is_some_and(|key| key.until.is_none());
        people.office(person, role, scope).is_some_and(|office| office.keys.iter().any(in_force))
    }

    /// The keys in force that stem from one: enrolled by it or put in its place, or in turn by such a key.
    fn descendants(&self, person: PersonId, id: KeyId) -> Vec<KeyId> {
        let mut found = vec![id];
        // A key is enrolled after its parent, so one pass in that order finds all.
        for (key, known) in self.of(person) {
            if known.parent.is_some_and(|parent| found.contains(&parent)) {
                found.push(key);
            }
        }
        found.retain(|key| *key != id && self.get(*key).is_some_and(|key| key.until.is_none()));
        found
    }

    /// All keys, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&KeyId, &Key)> {
        self.keys.iter()
    }
}

pub(super) fn add(keys: &mut Keys, public: PublicKey, key: Key) {
    let id = KeyId::of(&public);
    keys.keys.insert(id, key);
    let all = keys.by_person.or_default(key.person);
    // Most people have one key for years.
    all.reserve_exact(1);
    all.push(id);
}

/// Whom and what each concerns.
pub(super) fn concern(people: &People, founded: Option<&Founded>, today: Date, body: &KeyEvent) -> Concern {
    match body {
        KeyEvent::Enrolled { person, .. } | KeyEvent::Rotated { person, .. } => {
            // Nobody else brings a key into somebody's hands, but for those of the ledger.
            let theirs = people.is_of_the_ledger(founded, *person);
            Concern::of(*person, if theirs { Reach::Ledger } else { Reach::Person })
        }
        KeyEvent::Revoked { person, .. } => Concern::of(*person, people.home(founded, *person, today)),
    }
}

pub(super) fn decide(keys: &Keys, people: &People, founded: Option<&Founded>, body: &KeyEvent) -> Verdict {
    let fresh = |key: &PublicKey| ensure(keys.get(KeyId::of(key)).is_none(), Code::AlreadyExists);
    let own = |person: &PersonId, id: &KeyId| {
        let key = keys.get(*id).filter(|k| k.person == *person).ok_or(Code::UnknownKey)?;
        Ok::<bool, Rejection>(key.until.is_none())
    };
    match body {
        KeyEvent::Enrolled { person, key, .. } => {
            fresh(key)?;
            ensure(people.is_known(founded, *person), Code::UnknownPerson)
        }
        KeyEvent::Rotated { person, old, new, .. } => {
            fresh(new)?;
            ensure(own(person, old)?, Code::KeyState)
        }
        KeyEvent::Revoked { person, key, reason } => {
            // Reported stolen, a key that was replaced already takes along what replaced it.
            let stolen = *reason == RevocationReason::Stolen;
            let ends = own(person, key)? || stolen && !keys.descendants(*person, *key).is_empty();
            ensure(ends, Code::KeyState)
        }
    }
}

pub(super) fn evolve(
    keys: &mut Keys,
    people: &mut People,
    (sessions, until): (&Sessions, Millis),
    (cx, header): (&Context, &Header),
    body: &KeyEvent,
) {
    match body {
        KeyEvent::Enrolled { person, key, .. } => {
            let lent = lent(keys, (sessions, until), (cx, header), *person);
            let parent = (header.assurance == Assurance::DeviceKey).then_some(cx.signer);
            add(keys, *key, Key { parent, lent, ..Key::new(*person, *key, cx.position) });
        }
        KeyEvent::Rotated { person, old, new, .. } => {
            let inherited = keys.get(*old).and_then(|key| key.lent);
            let lent = if header.actor == *person {
                inherited
            } else {
                lent(keys, (sessions, until), (cx, header), *person)
            };
            end(keys, cx.position, *old);
            add(keys, *new, Key { parent: Some(*old), lent, ..Key::new(*person, *new, cx.position) });
            people.hand_over(*person, *old, KeyId::of(new));
        }
        KeyEvent::Revoked { person, key, reason } => {
            ended_by(keys, *person, *key, *reason).into_iter().for_each(|key| end(keys, cx.position, key));
        }
    }
}

/// The keys that a revocation ends: of a stolen one also what it brought along.
pub(super) fn ended_by(keys: &Keys, person: PersonId, key: KeyId, reason: RevocationReason) -> Vec<KeyId> {
    let mut ended = vec![key];
    if reason == RevocationReason::Stolen {
        ended.extend(keys.descendants(person, key));
    }
    ended
}

impl Key {
    /// A person's key from a position on, which nobody else had a hand in.
    #[must_use]
    pub fn new(person: PersonId, public: PublicKey, from: u64) -> Self {
        Self { person, public, from, until: None, lent: None, parent: None }
    }
}

/// At whose hand the key of this event comes: that of a founder who puts it there, that of the session's code, or that of
/// the key that enrols it while that one is still taken for its issuer's.
fn lent(
    keys: &Keys,
    (sessions, until): (&Sessions, Millis),
    (cx, header): (&Context, &Header),
    person: PersonId,
) -> Option<Lent> {
    if header.actor != person {
        return Some(Lent { by: header.actor, until });
    }
    if header.assurance == Assurance::DeviceKey {
        let is_lent = keys.lent_by(cx.signer, cx.recorded_at).is_some();
        return keys.get(cx.signer)?.lent.filter(|_| is_lent);
    }
    let by = sessions.get(header.grant?)?.by;
    (by != header.actor).then_some(Lent { by, until })
}

fn end(keys: &mut Keys, position: u64, id: KeyId) {
    keys.keys.change(&id, |key| key.until = key.until.or(Some(position)));
}

/// Ends every key of a person.
pub(super) fn end_all(keys: &mut Keys, position: u64, person: PersonId) {
    let all: Vec<KeyId> = keys.of(person).map(|(id, _)| id).collect();
    all.into_iter().for_each(|key| end(keys, position, key));
}

#[cfg(test)]
mod tests {
    use super::super::event::RevocationReason;
    use super::super::testing::*;
    use super::*;
    use crate::domain::Body;

    const NEW: PublicKey = PublicKey([42; 32]);

    fn old() -> KeyId {
        KeyId::of(&key_of(ANN))
    }

    fn rotate(old: KeyId, new: PublicKey) -> Body {
        Body::Key(KeyEvent::Rotated { person: ANN, old, new, proof: PROOF })
    }

    fn revoke(person: PersonId, key: KeyId) -> Body {
        Body::key_revoked(person, key, RevocationReason::Lost)
    }

    #[test]
    fn a_rotated_key_is_valid_up_to_its_rotation_and_the_new_one_from_then() {
        let mut town = Town::new();
        let enrolled = town.state.keys.get(old()).expect("it is enrolled").from;
        let rotated = town.position;
        town.must(ANN, rotate(old(), NEW));
        let valid = |id, position| town.state.keys.is_valid_at(id, position);
        assert!(!valid(old(), enrolled) && valid(old(), enrolled + 1));
        assert!(valid(old(), rotated), "it signed its own rotation");
        assert!(!valid(old(), rotated + 1));
        assert!(!valid(KeyId::of(&NEW), rotated) && valid(KeyId::of(&NEW), rotated + 1));
        assert!(!valid(KeyId([0; 16]), rotated), "a key that nobody enrolled");
        assert!(valid(KeyId::of(&key_of(FOUNDER)), 0), "the founding brings its key");
        let keys: Vec<_> = town.state.keys.of(ANN).map(|(id, key)| (id, key.until)).collect();
        assert_eq!(keys, [(old(), Some(rotated)), (KeyId::of(&NEW), None)]);
    }

    #[test]
    fn a_key_ends_once() {
        let mut town = Town::new();
        town.approved(WORKER, revoke(ANN, old()), SECOND_WORKER);
        let until = town.state.keys.get(old()).and_then(|k| k.until);
        assert_eq!(code(&mut town, WORKER, revoke(ANN, old())), Err(Code::KeyState));
        assert_eq!(code(&mut town, ANN, rotate(old(), NEW)), Err(Code::KeyState));
        assert_eq!(town.state.keys.get(old()).and_then(|k| k.until), until);
    }

    #[test]
    fn a_key_belongs_to_one_person_for_ever() {
        let mut town = Town::new();
        let enrol = |person, key| Body::Key(KeyEvent::Enrolled { person, key, proof: PROOF });
        assert_eq!(code(&mut town, BO, enrol(BO, key_of(ANN))), Err(Code::AlreadyExists));
        assert_eq!(code(&mut town, ANN, rotate(old(), key_of(BO))), Err(Code::AlreadyExists));
        assert_eq!(code(&mut town, BO, revoke(BO, old())), Err(Code::UnknownKey));
        town.must(ANN, rotate(old(), NEW));
        assert_eq!(code(&mut town, BO, enrol(BO, key_of(ANN))), Err(Code::AlreadyExists), "an ended one too");
        for staff in [WORKER, STEWARD, FOUNDER] {
            let theirs = code(&mut town, staff, enrol(BO, PublicKey([43; 32])));
            assert_eq!(theirs, Err(Code::NotAuthorised), "nobody brings a key into another's hands");
        }
    }

    #[test]
    fn a_key_remembers_whose_code_it_came_by_and_from_which_key_it_stems() {
        let mut town = Town::new();
        let facts = |town: &Town, key: PublicKey| {
            let key = town.state.keys.get(KeyId::of(&key)).copied().expect("it is there");
            (key.lent.map(|lent| (lent.by, lent.until)), key.parent)
        };
        let enrol = |key| Body::Key(KeyEvent::Enrolled { person: ANN, key, proof: PROOF });
        let until = town.now.plus_days(7);
        town.enrol(WORKER, ANN, NEW);
        assert_eq!(facts(&town, NEW), (Some((WORKER, until)), None));
        let child = PublicKey([43; 32]);
        town.wait_days(2);
        town.by_key(&NEW, ANN, enrol(child)).expect("it enrols another");
        assert_eq!(facts(&town, child), (Some((WORKER, until)), Some(KeyId::of(&NEW))), "of the same hand");
        town.wait_days(5);
        let beside = PublicKey([47; 32]);
        town.by_key(&NEW, ANN, enrol(beside)).expect("it enrols one more");
        assert_eq!(facts(&town, beside).0, Some((WORKER, until)), "her older key is still in force");
        let own = PublicKey([45; 32]);
        town.must(ANN, enrol(own));
        assert_eq!(facts(&town, own).0, None);
        town.must(ANN, revoke(ANN, old()));
        let later = PublicKey([44; 32]);
        town.by_key(&NEW, ANN, enrol(later)).expect("it enrols one more");
        assert_eq!(facts(&town, later), (None, Some(KeyId::of(&NEW))), "her own by now");
        let rotated = PublicKey([46; 32]);
        let old = KeyId::of(&child);
        town.by_key(&child, ANN, rotate(old, rotated)).expect("it is replaced");
        assert_eq!(facts(&town, rotated), (Some((WORKER, until)), Some(old)), "no rotation washes it clean");
    }

    #[test]
    fn a_person_may_have_several_keys() {
        let mut town = Town::new();
        town.must(ANN, Body::Key(KeyEvent::Enrolled { person: ANN, key: NEW, proof: PROOF }));
        town.must(ANN, revoke(ANN, KeyId::of(&NEW)));
        let at = town.position;
        assert!(town.state.keys.is_valid_at(old(), at) && !town.state.keys.is_valid_at(KeyId::of(&NEW), at));
    }
}
