//! Persons: membership, roles, affiliations by date, erasure and consent.

use super::concern::{Concern, Reach};
use super::context::Founded;
use super::ids::{KeyId, OrgId, PersonId};
use super::org::Orgs;
use super::rejection::{Code, ENDS_LATER, Verdict, ensure, fits};
use super::time::Date;
use super::unique::{self, Names};
use super::vocabulary::{AffiliationKind, ConsentKind, Role, Scope, Span};
use crate::domain::ids::Commitment;
use crate::store::table::{Table, tables};
use hourbook_derive::Aggregate;
use smallvec::SmallVec;

/// What can be asserted of a person.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Aggregate)]
#[aggregate(stream(Person, person))]
#[allow(missing_docs)] // fields are named after their types
pub enum MemberEvent {
    /// A person joins, at a community or grid. The commitments are to values in the vault.
    #[event(1, by(founder, steward, worker))]
    #[safe = "The person is new, so nobody else loses a right. Who lives elsewhere is affiliated, not registered again."]
    Registered {
        person: PersonId,
        home: OrgId,
        #[field(commits(Name, person))]
        name: Commitment,
        #[field(commits(Phone, person))]
        phone: Option<Commitment>,
        #[field(commits(IdNumber, person))]
        id_number: Option<Commitment>,
        #[field(commits(VolunteerNumber, person))]
        volunteer_number: Option<Commitment>,
    },
    /// A person belongs to an organisation for a span of dates.
    #[event(2, by(Subject, steward, worker, unit_officer, secretary))]
    #[safe = "Gives rights over the person: the gaining side only proposes, and the person, staff of the home, or a steward above both answers. Either side ends it."]
    Affiliated { person: PersonId, org: OrgId, kind: AffiliationKind, span: Span },
    /// A person agrees, or no longer does.
    #[event(3, by(Subject), unprefixed)]
    #[safe = "A published name cannot be unseen: at once by an own key, after the term by a code, with a second person on staff's word. Withdrawn at once."]
    ConsentGiven { person: PersonId, kind: ConsentKind, agreed: bool },
    /// Erasure of a person's data was asked for.
    #[event(4, by(Subject, steward, worker), unprefixed)]
    #[safe = "Cannot be undone: at once by an own key, after the term by a code, with a second person and the term by staff; never of an office holder."]
    ErasureRequested { person: PersonId },
    /// The person's vault key is destroyed. Asserted by the ledger.
    #[event(5, by(Ledger), unprefixed)]
    #[safe = "Carries out what was asked for and took effect."]
    PersonalDataErased { person: PersonId },
    /// A person names a helper: a daughter, a neighbour.
    #[event(6, by(Subject), unprefixed)]
    #[safe = "Gives a right over the person: at once by an own key, after the term by a code, with a second person on staff's word, neither of them the helper. Ended at once by either side."]
    HelperNamed { person: PersonId, helper: PersonId },
    /// Somebody is a person's helper no longer.
    #[event(7, by(Subject, Helper), unprefixed)]
    #[safe = "Takes a right away and gives none; named anew. A helper lays down the own help alone."]
    HelperEnded { person: PersonId, helper: PersonId },
}

/// Most helpers that a person has at a time.
pub const HELPERS_LIMIT: usize = 3;

/// A role that a person holds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
pub struct Office {
    /// The role.
    pub role: Role,
    /// Where it holds.
    pub scope: Scope,
    /// The keys by which it is exercised, in the order in which they were named.
    pub keys: Vec<KeyId>,
    /// Who granted it first.
    pub by: PersonId,
}

/// Most keys that one grant of a role names.
pub const MAX_KEYS: usize = 16;

/// An affiliation by date.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Affiliation {
    /// To which organisation.
    pub org: OrgId,
    /// Of which kind.
    pub kind: AffiliationKind,
    /// When.
    pub span: Span,
}

impl Affiliation {
    /// Whether this says when an open one ends: it is the same but for the last day.
    fn closes(&self, open: &Self) -> bool {
        let same = (self.org, self.kind, self.span.from) == (open.org, open.kind, open.span.from);
        same && open.span.to.is_none() && self.span.to.is_some()
    }

    /// Whether an open one ends because this begins. Teams may be several, so none ends another.
    fn succeeds(&self, open: &Self) -> bool {
        let one_at_a_time = self.kind == open.kind && self.kind != AffiliationKind::Team;
        one_at_a_time && open.span.to.is_none() && open.span.from < self.span.from
    }

    /// Whether the two must not share a day: the same team, or two of another kind.
    fn rivals(&self, other: &Self) -> bool {
        self.kind == other.kind && (self.kind != AffiliationKind::Team || self.org == other.org)
    }
}

/// How far the erasure of a person's data has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub enum Erasure {
    /// Nobody asked for it.
    #[default]
    None,
    /// Asked for; the vault key is about to be destroyed.
    Requested,
    /// Done.
    Done,
}

/// A registered person.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Person {
    /// The community or grid where the person was registered.
    pub home: OrgId,
    /// Affiliations, in order of recording.
    pub affiliations: Vec<Affiliation>,
    /// Agreed to be named in public.
    pub public_name: bool,
    /// How far erasure has come.
    pub erasure: Erasure,
}

impl Person {
    fn residence(&self, date: Date) -> OrgId {
        let lives = |a: &&Affiliation| a.kind == AffiliationKind::Resident && a.span.contains(date);
        self.affiliations.iter().find(lives).map_or(self.home, |a| a.org)
    }
}

/// The organisations that a person belongs to on a date: mostly one, and asked for with every row of service.
pub type Homes = SmallVec<[OrgId; 1]>;

/// All persons, their roles and their helpers.
#[derive(Default, Debug, Clone)]
pub struct People {
    people: Table<5, PersonId, Person>,
    roles: Table<6, PersonId, Vec<Office>>,
    /// Those who were erased since go with the next change.
    helpers: Table<35, PersonId, Vec<PersonId>>,
}

tables!(People { people, roles, helpers });

impl People {
    /// How many are registered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether nobody is registered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// The registered person.
    #[must_use]
    pub fn get(&self, person: PersonId) -> Option<&Person> {
        self.people.get(&person)
    }

    /// All registered persons, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&PersonId, &Person)> {
        self.people.iter()
    }

    /// Whether the person is registered and not erased, or a founder.
    #[must_use]
    pub fn is_known(&self, founded: Option<&Founded>, person: PersonId) -> bool {
        let registered = self.people.get(&person).is_some_and(|p| p.erasure == Erasure::None);
        registered || founded.is_some_and(|founded| founded.is_founder(person))
    }

    /// The person's roles.
    #[must_use]
    pub fn roles(&self, person: PersonId) -> &[Office] {
        self.roles.get(&person).map_or(&[], Vec::as_slice)
    }

    /// Everyone who holds a role, in no particular order.
    pub fn role_holders(&self) -> impl Iterator<Item = (&PersonId, &Vec<Office>)> {
        self.roles.iter()
    }

    /// Where the person lives on a date, as far as is known: the residence recorded, else the home of registration.
    #[must_use]
    pub fn residence(&self, person: PersonId, date: Date) -> Option<OrgId> {
        self.people.get(&person).map(|person| person.residence(date))
    }

    /// The organisations that the person belongs to on a date, each once, ascending: affiliations in force, and the home
    /// of registration unless the person is known to live elsewhere by then.
    #[must_use]
    pub fn homes(&self, person: PersonId, date: Date) -> Homes {
        let Some(person) = self.people.get(&person) else { return Homes::new() };
        let on_date = person.affiliations.iter().filter(|a| a.span.contains(date)).map(|a| a.org);
        let mut homes: SmallVec<[OrgId; 4]> = on_date.chain([person.residence(date)]).collect();
        homes.sort_unstable();
        homes.dedup();
        Homes::from_slice(&homes)
    }

    /// The person's role in exactly this scope.
    #[must_use]
    pub fn office(&self, person: PersonId, role: Role, scope: Scope) -> Option<&Office> {
        self.roles(person).iter().find(|office| (office.role, office.scope) == (role, scope))
    }

    /// Whether erasure of the person's data was asked for and took effect.
    #[must_use]
    pub fn is_erased(&self, person: PersonId) -> bool {
        self.people.get(&person).is_some_and(|person| person.erasure != Erasure::None)
    }

    /// The helpers whom a person named, in that order.
    pub fn helpers(&self, person: PersonId) -> impl Iterator<Item = PersonId> {
        let named = self.helpers.get(&person).map_or(&[][..], Vec::as_slice);
        named.iter().copied().filter(|helper| !self.is_erased(*helper))
    }

    /// Whether somebody is a person's helper.
    #[must_use]
    pub fn helps(&self, helper: PersonId, person: PersonId) -> bool {
        self.helpers(person).any(|named| named == helper)
    }

    fn set_helpers(&mut self, person: PersonId, helpers: Vec<PersonId>) {
        if helpers.is_empty() {
            self.helpers.remove(&person);
        } else {
            self.helpers.insert(person, helpers);
        }
    }

    /// Whether an affiliation says no more than when an open one ends.
    pub(super) fn closes(&self, event: &MemberEvent) -> bool {
        let MemberEvent::Affiliated { person, org, kind, span } = event else { return false };
        let closing = Affiliation { org: *org, kind: *kind, span: *span };
        self.get(*person).is_some_and(|person| person.affiliations.iter().any(|open| closing.closes(open)))
    }

    /// The ledger itself and its founders, who are nobody's members.
    pub(super) fn is_of_the_ledger(&self, founded: Option<&Founded>, person: PersonId) -> bool {
        let founds = |office: &Office| office.role == Role::Founder;
        founded.is_some_and(|founded| founded.founding.ledger_person == person)
            || self.roles(person).iter().any(founds)
    }

    /// Staff of a person's home; of the ledger's own persons, the ledger.
    pub(super) fn home(&self, founded: Option<&Founded>, person: PersonId, today: Date) -> Reach {
        match self.residence(person, today) {
            Some(residence) => Reach::Orgs(vec![residence]),
            None if self.is_of_the_ledger(founded, person) => Reach::Ledger,
            None => Reach::Nothing,
        }
    }

    /// Either side may begin what ties a person to an organisation; what the other has to say to it is for the act that waits.
    pub(super) fn either_side(&self, person: PersonId, org: OrgId, today: Date) -> Reach {
        let home = self.residence(person, today);
        Reach::AnyOf(home.into_iter().chain([org]).collect())
    }

    /// The scopes within which a person could grant a role by this key.
    pub(super) fn could_grant(&self, person: PersonId, key: KeyId) -> Vec<Scope> {
        let by_this_key = self.roles(person).iter().filter(|office| office.keys.contains(&key));
        let gives = by_this_key.filter(|office| matches!(office.role, Role::Founder | Role::Steward));
        gives.map(|office| office.scope).collect()
    }

    pub(super) fn revoke(&mut self, person: PersonId, role: Role, scope: Scope) {
        self.roles.change(&person, |roles| roles.retain(|held| (held.role, held.scope) != (role, scope)));
    }

    pub(super) fn grant(&mut self, person: PersonId, office: Office) {
        let offices = self.roles.or_default(person);
        match offices.iter_mut().find(|held| (held.role, held.scope) == (office.role, office.scope)) {
            Some(held) => {
                let new: Vec<KeyId> =
                    office.keys.into_iter().filter(|key| !held.keys.contains(key)).collect();
                held.keys.extend(new);
            }
            None => offices.push(office),
        }
    }

    /// Whatever one key exercised another does from here on.
    pub(super) fn hand_over(&mut self, person: PersonId, old: KeyId, new: KeyId) {
        if self.roles(person).is_empty() {
            return;
        }
        let offices = self.roles.or_default(person).iter_mut();
        offices.flat_map(|office| &mut office.keys).filter(|key| **key == old).for_each(|key| *key = new);
    }

    /// Affiliates the person. It ends the open affiliation that it says the end of, or else those that it succeeds.
    pub(super) fn affiliate(&mut self, person: PersonId, affiliation: Affiliation) {
        let Some(person) = self.people.get_mut(&person) else { return };
        if let Some(open) = person.affiliations.iter_mut().find(|a| affiliation.closes(a)) {
            *open = affiliation;
            return;
        }
        let before = person.affiliations.iter_mut().filter(|a| affiliation.succeeds(a));
        before.for_each(|a| a.span.to = Some(affiliation.span.from));
        // Most people have one or two of them.
        person.affiliations.reserve_exact(1);
        person.affiliations.push(affiliation);
    }

    /// Ends the open affiliations of a kind to an organisation on a date, if they had begun by then.
    pub(super) fn part(&mut self, person: PersonId, org: OrgId, kind: AffiliationKind, on: Date) {
        let Some(person) = self.people.get_mut(&person) else { return };
        let is_it = |a: &&mut Affiliation| (a.org, a.kind, a.span.to) == (org, kind, None);
        let open = person.affiliations.iter_mut().filter(is_it).filter(|a| a.span.from <= on);
        open.for_each(|a| a.span.to = Some(on));
    }
}

/// Whom and what each concerns.
pub(super) fn concern(
    people: &People,
    founded: Option<&Founded>,
    today: Date,
    body: &MemberEvent,
) -> Concern {
    match body {
        MemberEvent::Registered { home, .. } => Concern::nobody(Reach::Orgs(vec![*home])),
        MemberEvent::Affiliated { person, org, .. } => {
            Concern::of(*person, people.either_side(*person, *org, today))
        }
        MemberEvent::ErasureRequested { person }
        | MemberEvent::PersonalDataErased { person }
        | MemberEvent::ConsentGiven { person, .. }
        | MemberEvent::HelperNamed { person, .. }
        | MemberEvent::HelperEnded { person, .. } => {
            Concern::of(*person, people.home(founded, *person, today))
        }
    }
}

pub(super) fn decide(
    people: &People,
    orgs: &Orgs,
    founded: Option<&Founded>,
    names: &dyn Names,
    body: &MemberEvent,
) -> Verdict {
    let known = |person: &PersonId| ensure(people.is_known(founded, *person), Code::UnknownPerson);
    match body {
        MemberEvent::Registered { person, home, .. } => {
            check_new(people, founded, names, *person)?;
            ensure(orgs.contains(*home), Code::UnknownOrg)
        }
        MemberEvent::Affiliated { person, org, kind, span } => {
            fits(span.is_valid(), format_args!("{ENDS_LATER}"))?;
            ensure(orgs.contains(*org), Code::UnknownOrg)?;
            known(person)?;
            let person = people.get(*person).ok_or(Code::UnknownPerson)?;
            let new = Affiliation { org: *org, kind: *kind, span: *span };
            ensure(!clashes(person, &new), Code::SpanOverlaps)
        }
        MemberEvent::ErasureRequested { person } => {
            let known = people.get(*person).ok_or(Code::UnknownPerson)?;
            ensure(known.erasure == Erasure::None, Code::AlreadyExists)?;
            ensure(people.roles(*person).is_empty(), Code::HoldsOffice)
        }
        MemberEvent::PersonalDataErased { person } => {
            let person = people.get(*person).ok_or(Code::UnknownPerson)?;
            ensure(person.erasure == Erasure::Requested, Code::NotDue)
        }
        MemberEvent::ConsentGiven { person, .. } => known(person),
        MemberEvent::HelperNamed { person, helper } => decide_helper(people, founded, *person, *helper),
        MemberEvent::HelperEnded { person, helper } => {
            let named = people.helps(*helper, *person);
            named
                .then_some(())
                .ok_or_else(|| Code::OutOfRange.because("helper: nobody whom the person named"))
        }
    }
}

/// Both are of the register, and nobody acts for the ledger's own persons.
fn decide_helper(people: &People, founded: Option<&Founded>, person: PersonId, helper: PersonId) -> Verdict {
    fits(person != helper, format_args!("helper: somebody else"))?;
    ensure(!people.helps(helper, person), Code::AlreadyExists)?;
    let registered = |who| people.get(who).is_some_and(|known| known.erasure == Erasure::None);
    let may_be_helped = registered(person) && !people.is_of_the_ledger(founded, person);
    ensure(may_be_helped && registered(helper), Code::UnknownPerson)?;
    if people.helpers(person).count() < HELPERS_LIMIT {
        return Ok(());
    }
    Err(Code::OutOfRange.because(format_args!("at most {HELPERS_LIMIT} helpers at a time")))
}

/// Whether a person may be registered under this id. A founder has been there from the beginning, as the same person.
fn check_new(people: &People, founded: Option<&Founded>, names: &dyn Names, person: PersonId) -> Verdict {
    let is_first = people.get(person).is_none() && founded.is_some_and(|founded| founded.is_founder(person));
    if is_first { Ok(()) } else { unique::check(names, person.0) }
}

/// Whether an affiliation would share a day with one that it must not, and does not end.
pub(super) fn clashes(person: &Person, new: &Affiliation) -> bool {
    let ended = |a: &Affiliation| new.closes(a) || new.succeeds(a);
    let stays = person.affiliations.iter().filter(|a| new.rivals(a) && !ended(a));
    stays.into_iter().any(|a| a.span.overlaps(&new.span))
}

pub(super) fn evolve(people: &mut People, body: &MemberEvent) {
    match body {
        MemberEvent::Registered { person, home, .. } => {
            let new =
                Person { home: *home, affiliations: Vec::new(), public_name: false, erasure: Erasure::None };
            people.people.insert(*person, new);
        }
        MemberEvent::Affiliated { person, org, kind, span } => {
            people.affiliate(*person, Affiliation { org: *org, kind: *kind, span: *span });
        }
        MemberEvent::ErasureRequested { person } => {
            people.people.change(person, |person| person.erasure = Erasure::Requested);
            people.helpers.remove(person);
        }
        MemberEvent::PersonalDataErased { person } => {
            people.people.change(person, |person| person.erasure = Erasure::Done);
        }
        MemberEvent::ConsentGiven { person, kind: ConsentKind::PublicName, agreed } => {
            people.people.change(person, |person| person.public_name = *agreed);
        }
        MemberEvent::HelperNamed { person, helper } => {
            let helpers = people.helpers(*person).chain([*helper]).collect();
            people.set_helpers(*person, helpers);
        }
        MemberEvent::HelperEnded { person, helper } => {
            let helpers = people.helpers(*person).filter(|named| named != helper).collect();
            people.set_helpers(*person, helpers);
        }
    }
}

#[cfg(test)]
mod tests {
    mod helpers;

    use super::super::event::{AccessPurpose, AffiliationKind as Kind};
    use super::super::ids::Commitment;
    use super::super::testing::*;
    use super::*;
    use crate::domain::Body;
    use crate::domain::event::{AccessEvent, ActEvent};
    use crate::domain::key::KeyEvent;
    use crate::domain::report_in::ReportInEvent;
    use crate::domain::role::RoleEvent;
    use crate::domain::session::SessionEvent;
    use crate::domain::vocabulary::Looked;

    fn join(org: OrgId, kind: Kind, from: Date, to: Option<Date>) -> Body {
        Body::affiliated(ANN, org, kind, Span { from, to })
    }

    fn homes(town: &Town, date: Date) -> Vec<OrgId> {
        town.state.people.homes(ANN, date).into_vec()
    }

    #[test]
    fn a_new_affiliation_succeeds_the_open_one_of_its_kind_on_its_first_day() {
        let mut town = Town::new();
        let today = town.today();
        town.must(STEWARD, join(COMMUNITY, Kind::Organisational, today, None));
        town.must(STEWARD, join(OTHER_COMMUNITY, Kind::Organisational, today.plus(10), None));
        assert_eq!(homes(&town, today.plus(-1)), [GRID]);
        assert_eq!(homes(&town, today.plus(9)), [COMMUNITY, GRID]);
        assert_eq!(homes(&town, today.plus(10)), [OTHER_COMMUNITY, GRID]);
        let same_day = join(CITY, Kind::Organisational, today.plus(10), None);
        assert_eq!(code(&mut town, STEWARD, same_day), Err(Code::SpanOverlaps));
        let before = join(CITY, Kind::Organisational, today.plus(5), Some(today.plus(6)));
        assert_eq!(code(&mut town, STEWARD, before), Err(Code::SpanOverlaps), "what is past stays");
        assert_eq!(
            code(&mut town, STEWARD, join(CITY, Kind::ReportedIn, today, None)),
            Ok(()),
            "another kind"
        );
    }

    #[test]
    fn an_open_affiliation_is_ended_by_naming_its_last_day() {
        for kind in [Kind::Organisational, Kind::Team] {
            let mut town = Town::new();
            let today = town.today();
            town.must(STEWARD, join(OTHER_COMMUNITY, kind, today, None));
            town.must(STEWARD, join(OTHER_COMMUNITY, kind, today, Some(today.plus(5))));
            assert_eq!(homes(&town, today.plus(5)), [GRID], "{kind:?}");
            let again = join(OTHER_COMMUNITY, kind, today, Some(today.plus(9)));
            assert_eq!(code(&mut town, STEWARD, again), Err(Code::SpanOverlaps), "{kind:?} is over");
            assert_eq!(code(&mut town, STEWARD, join(OTHER_COMMUNITY, kind, today.plus(5), None)), Ok(()));
        }
    }

    #[test]
    fn teams_may_be_several_but_each_once() {
        let mut town = Town::new();
        let today = town.today();
        town.must(STEWARD, join(COMMUNITY, Kind::Team, today, None));
        town.must(STEWARD, join(OTHER_COMMUNITY, Kind::Team, today.plus(1), None));
        assert_eq!(homes(&town, today.plus(1)), [COMMUNITY, OTHER_COMMUNITY, GRID]);
        let twice = join(COMMUNITY, Kind::Team, today.plus(2), None);
        assert_eq!(code(&mut town, STEWARD, twice), Err(Code::SpanOverlaps));
    }

    #[test]
    fn who_moves_is_no_longer_at_the_home_of_registration() {
        let mut town = Town::new();
        let today = town.today();
        let help = Body::Session(SessionEvent::Granted {
            person: ANN,
            code: Commitment([1; 32]),
            until: town.now.plus_days(1),
        });
        assert_eq!(code(&mut town, FAR_WORKER, help.clone()), Err(Code::NotAuthorised));
        let moves = town.held(FAR_WORKER, join(OTHER_COMMUNITY, Kind::Resident, today, None));
        assert_eq!(homes(&town, today), [GRID], "the new home alone has no say in it");
        assert_eq!(code(&mut town, FAR_WORKER, help.clone()), Err(Code::NotAuthorised));
        town.must(WORKER, Body::Act(ActEvent::Approved { act: moves }));
        assert_eq!(homes(&town, today.plus(-1)), [GRID]);
        assert_eq!(homes(&town, today), [OTHER_COMMUNITY]);
        assert_eq!(code(&mut town, WORKER, help.clone()), Err(Code::NotAuthorised), "staff of the old home");
        assert_eq!(code(&mut town, FAR_WORKER, help), Ok(()), "help at the new home's counter");
    }

    #[test]
    fn an_affiliation_needs_a_day_a_place_and_a_person() {
        let mut town = Town::new();
        let (today, kind) = (town.today(), Kind::Organisational);
        assert_eq!(code(&mut town, STEWARD, join(GRID, kind, today, Some(today))), Err(Code::OutOfRange));
        town.must(FOUNDER, grants(STEWARD, Role::Steward, Scope::Ledger));
        assert_eq!(code(&mut town, STEWARD, join(OrgId([88; 16]), kind, today, None)), Err(Code::UnknownOrg));
        let (person, span) = (PersonId([88; 16]), Span::since(today));
        let nobody = Body::affiliated(person, GRID, kind, span);
        assert_eq!(code(&mut town, STEWARD, nobody), Err(Code::UnknownPerson));
    }

    #[test]
    fn a_role_is_given_once_and_taken_once() {
        let mut town = Town::new();
        let (role, scope) = (Role::Lead, Scope::Org(GRID));
        let give = grants(ANN, role, scope);
        let take = Body::Role(RoleEvent::Revoked { person: ANN, role, scope });
        assert_eq!(code(&mut town, STEWARD, take.clone()), Err(Code::UnknownRole));
        assert_eq!(code(&mut town, STEWARD, give.clone()), Ok(()));
        let office = Office { role, scope, keys: keys_of(ANN), by: STEWARD };
        assert_eq!(town.state.people.roles(ANN), [office]);
        assert_eq!(code(&mut town, STEWARD, give.clone()), Err(Code::AlreadyExists));
        assert_eq!(code(&mut town, STEWARD, take), Ok(()));
        assert_eq!(town.state.people.roles(ANN), []);
        assert_eq!(code(&mut town, STEWARD, give), Ok(()));
        let nobody = Body::appointed(PersonId([88; 16]), role, scope, keys_of(PersonId([88; 16])));
        assert_eq!(code(&mut town, STEWARD, nobody), Err(Code::UnknownPerson));
        let nowhere = Body::appointed(ANN, role, OrgId([88; 16]), keys_of(ANN));
        assert_eq!(code(&mut town, FOUNDER, nowhere), Err(Code::UnknownOrg));
    }

    #[test]
    fn a_person_is_registered_once() {
        let mut town = Town::new();
        let register = |person, home| Body::registered(person, home, Commitment([0; 32]), None);
        assert_eq!(code(&mut town, WORKER, register(ANN, GRID)), Err(Code::AlreadyExists));
        assert_eq!(
            code(&mut town, FOUNDER, register(PersonId([88; 16]), OrgId([88; 16]))),
            Err(Code::UnknownOrg)
        );
        let before = town.state.people.iter().count();
        assert_eq!(code(&mut town, WORKER, register(PersonId([88; 16]), GRID)), Ok(()));
        assert_eq!(town.state.people.iter().count(), before + 1);
    }

    #[test]
    fn erasure_is_asked_for_and_then_done_and_what_was_served_stays_attributed() {
        let mut town = Town::new();
        let today = town.today();
        let (ask, done) = (
            Body::Member(MemberEvent::ErasureRequested { person: ANN }),
            Body::Member(MemberEvent::PersonalDataErased { person: ANN }),
        );
        assert_eq!(code(&mut town, LEDGER, done.clone()), Err(Code::NotDue), "nobody asked");
        town.must(ANN, ask.clone());
        assert_eq!(code(&mut town, ANN, ask.clone()), Err(Code::NotAuthorised), "her keys are over");
        assert_eq!(code(&mut town, WORKER, ask.clone()), Err(Code::AlreadyExists));
        assert!(!town.state.people.is_known(town.state.founded.as_ref(), ANN));
        town.must(LEDGER, done.clone());
        assert_eq!(code(&mut town, LEDGER, done), Err(Code::NotDue), "done");
        assert_eq!(code(&mut town, WORKER, ask), Err(Code::AlreadyExists));
        assert_eq!(town.state.people.get(ANN).map(|p| p.erasure), Some(Erasure::Done));
        assert_eq!(code(&mut town, STEWARD, join(CITY, Kind::Team, today, None)), Err(Code::UnknownPerson));
        assert_eq!(homes(&town, today), [GRID]);
        assert_eq!(code(&mut town, LEDGER, look(ANN)), Ok(()), "a look is recorded still");
        let nobody = Body::Member(MemberEvent::ErasureRequested { person: FOUNDER });
        assert_eq!(code(&mut town, FOUNDER, nobody), Err(Code::UnknownPerson), "a founder is not registered");
    }

    fn look(person: PersonId) -> Body {
        let (by, role, purpose, what) = (WORKER, Some(Role::Worker), AccessPurpose::Service, Looked::Record);
        Body::Access(AccessEvent::RecordAccessed { by, role, purpose, what, persons: vec![person] })
    }

    #[test]
    fn an_office_is_handed_over_before_its_holder_is_erased() {
        let mut town = Town::new();
        let ask = Body::Member(MemberEvent::ErasureRequested { person: ANN });
        let (role, scope) = (Role::Lead, Scope::Org(GRID));
        town.must(STEWARD, grants(ANN, role, scope));
        for by in [ANN, WORKER] {
            assert_eq!(code(&mut town, by, ask.clone()), Err(Code::HoldsOffice), "{by}");
        }
        town.must(STEWARD, Body::Role(RoleEvent::Revoked { person: ANN, role, scope }));
        assert_eq!(code(&mut town, ANN, ask), Ok(()));
    }

    #[test]
    fn the_keys_of_someone_erased_are_over_and_no_role_is_granted_to_them() {
        let mut town = Town::new();
        let tablet = super::super::ids::PublicKey([43; 32]);
        town.must(ANN, Body::Key(KeyEvent::Enrolled { person: ANN, key: tablet, proof: PROOF }));
        town.must(ANN, Body::Member(MemberEvent::ErasureRequested { person: ANN }));
        for key in [key_of(ANN), tablet] {
            assert!(!town.state.keys.is_valid_at(KeyId::of(&key), town.position));
            let moved = Body::ReportIn(ReportInEvent::Filed { person: ANN, community: COMMUNITY });
            assert_eq!(town.by_key(&key, ANN, moved).map_err(|r| r.code), Err(Code::NotAuthorised));
        }
        for keys in [vec![], keys_of(ANN)] {
            let grant = Body::appointed(ANN, Role::Lead, GRID, keys);
            assert_eq!(code(&mut town, STEWARD, grant), Err(Code::UnknownPerson));
        }
    }

    #[test]
    fn a_role_names_keys_of_its_holder_that_are_in_force_and_not_too_many() {
        let mut town = Town::new();
        let ended = super::super::ids::PublicKey([43; 32]);
        town.must(ANN, Body::Key(KeyEvent::Enrolled { person: ANN, key: ended, proof: PROOF }));
        let (key, reason) = (KeyId::of(&ended), super::super::event::RevocationReason::Lost);
        town.must(ANN, Body::key_revoked(ANN, key, reason));
        let grant = |keys| Body::appointed(ANN, Role::Lead, GRID, keys);
        for (keys, expected) in [
            (keys_of(BO), Err(Code::UnknownKey)),
            (vec![key], Err(Code::UnknownKey)),
            (vec![KeyId([9; 16])], Err(Code::UnknownKey)),
            ([keys_of(ANN), keys_of(BO)].concat(), Err(Code::UnknownKey)),
            ((0..=16).map(|n| KeyId([n; 16])).collect(), Err(Code::OutOfRange)),
            (vec![], Ok(())),
            (keys_of(ANN), Ok(())),
            (keys_of(ANN), Err(Code::AlreadyExists)),
            (vec![], Err(Code::AlreadyExists)),
        ] {
            assert_eq!(code(&mut town, STEWARD, grant(keys.clone())), expected, "{keys:?}");
        }
    }

    #[test]
    fn consent_is_given_and_taken_back_by_the_person() {
        let mut town = Town::new();
        let consent = |agreed| Body::public_name(ANN, agreed);
        let public = |town: &Town| town.state.people.get(ANN).map(|p| p.public_name);
        assert_eq!(public(&town), Some(false), "nobody is named unasked");
        assert_eq!(code(&mut town, WORKER, consent(true)), Err(Code::NotAuthorised));
        town.must(ANN, consent(true));
        assert_eq!(public(&town), Some(true));
        town.must(ANN, consent(false));
        assert_eq!(public(&town), Some(false));
    }
}
