//! Who reads and writes, and how they come in.

use ed25519_dalek::SigningKey;
use hourbook_ledger::actor::Actor;
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::domain::event::{
    ActEvent, AffiliationKind, Body, MemberEvent, OrgKind, RevocationReason, Role, RoleEvent, Scope,
    SessionEvent, Span,
};
use hourbook_ledger::domain::ids::{EventId, KeyId, OrgId, PersonId};
use hourbook_ledger::envelope::Submission;
use hourbook_tests::server::{ORIGIN, actor, person};
use hourbook_tests::town::*;
use serde_json::json;

/// A city beside the town, where nobody lives but those who try.
pub(crate) const NEIGHBOURS: OrgId = OrgId([108; 16]);
/// A team of the other community.
pub(crate) const FAR_TEAM: OrgId = OrgId([109; 16]);

/// A person whose id and keys follow from a number.
pub(crate) fn somebody(prefix: [u8; 4], number: u8) -> Actor {
    Actor::new(id_of(prefix, number), ORIGIN, key_of(prefix, number, 0))
}

pub(crate) fn id_of(prefix: [u8; 4], number: u8) -> PersonId {
    let mut id = [number; 16];
    id[..4].copy_from_slice(&prefix);
    PersonId(id)
}

/// The first, second, … key of a person.
pub(crate) fn key_of(prefix: [u8; 4], number: u8, which: u8) -> SigningKey {
    let mut seed = [number; 32];
    seed[..4].copy_from_slice(&prefix);
    seed[31] = which;
    SigningKey::from_bytes(&seed)
}

/// A town, and means to say things in it.
pub(crate) fn said(town: &Town, by: &Actor, body: Body, openings: Vec<Opening>) -> Submission {
    Submission { signed: by.assert(town.server.now(), &mut *hourbook::state::system_rng(), body), openings }
}

/// Hands something in that must be accepted; the id of its event.
pub(crate) fn must(town: &Town, by: &Actor, body: Body, openings: Vec<Opening>) -> EventId {
    let what = format!("{body:?}");
    let answer = town.server.append(&[said(town, by, body, openings)]);
    assert_eq!(answer.status, 201, "{what}: {}", answer.text());
    town.settle(&answer);
    Town::event_of(&answer)
}

/// Hands in many, which must be accepted; in parts, for a batch has its bounds.
pub(crate) fn must_all(town: &Town, all: &[Submission]) {
    let last = all.chunks(500).map(|part| town.server.record(part)).last();
    last.into_iter().for_each(|last| town.settle_at(last));
}

/// A value of somebody or something, with a salt that nothing else in the town has.
pub(crate) fn sealed(subject: [u8; 16], field: Field, value: &str) -> Opening {
    let mut salt = [field as u8; 32];
    salt[..16].copy_from_slice(&subject);
    salt.iter_mut().zip(value.bytes()).for_each(|(salt, byte)| *salt ^= byte);
    Opening::new(subject, field, salt, value).expect("a canonical value")
}

/// A person with a name, a phone, a number and a key.
pub(crate) fn registration(town: &Town, who: &Actor, home: OrgId, name: &str, number: u8) -> Vec<Submission> {
    let open = |field, value: &str| sealed(who.person.0, field, value);
    let name = open(Field::Name, name);
    let phone = open(Field::Phone, &phone(number));
    let volunteer_number = open(Field::VolunteerNumber, &volunteer_number(number));
    let body = Body::Member(MemberEvent::Registered {
        person: who.person,
        home,
        name: name.commitment(),
        phone: Some(phone.commitment()),
        id_number: None,
        volunteer_number: Some(volunteer_number.commitment()),
    });
    let mut all = vec![said(town, &actor(FOUNDER), body, vec![name, phone, volunteer_number])];
    all.extend(town.enrolment(FOUNDER, who));
    all
}

pub(crate) fn phone(number: u8) -> String {
    format!("19901555{number:03}")
}

pub(crate) fn volunteer_number(number: u8) -> String {
    format!("3418225577{number:03}")
}

/// How a reader comes in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Door {
    /// Without anything.
    Nobody,
    /// With a token that is good.
    Token(String),
    /// With one that is over.
    Over(String),
}

/// Somebody who reads.
#[derive(Clone, Debug)]
pub(crate) struct Viewer {
    pub(crate) name: String,
    pub(crate) id: Option<PersonId>,
    pub(crate) door: Door,
    /// The role that shows something to whoever comes in by this door.
    pub(crate) seat: Option<(Role, Scope)>,
    /// The number of one of those whom all of it is about.
    pub(crate) own_number: Option<u8>,
    /// Where this person belongs.
    pub(crate) places: Vec<OrgId>,
    /// Signs for this person, if there is a key; with it the role that this very key exercises.
    pub(crate) hand: Option<(Actor, Option<(Role, Scope)>)>,
}

const VIEWER: [u8; 4] = [0xc0, 0xff, 0xee, 0x00];

/// Where roles are held.
const SEATS: [OrgId; 6] = [CITY, COMMUNITY, GRID, ELSEWHERE, UNIT, BRANCH];
const ROLES: [Role; 6] =
    [Role::Steward, Role::Worker, Role::Lead, Role::UnitOfficer, Role::Secretary, Role::Auditor];

/// The organisations beside those of the town.
pub(crate) fn organisations(town: &Town) {
    must(town, &actor(FOUNDER), Body::org_registered(NEIGHBOURS, OrgKind::City, "邻市", None), vec![]);
    must(
        town,
        &actor(FOUNDER),
        Body::org_registered(FAR_TEAM, OrgKind::Team, "纸鸢桥志愿队", Some(ELSEWHERE)),
        vec![],
    );
}

/// The one who holds a role somewhere, by the key that the grant names.
struct Recruit {
    name: String,
    who: Actor,
    number: u8,
    lives: OrgId,
    seat: Option<(Role, Scope)>,
}

fn recruits() -> Vec<Recruit> {
    let mut all = Vec::new();
    let mut add = |name: String, lives, seat| {
        let number = all.len() as u8;
        let who = somebody(VIEWER, number);
        all.push(Recruit { name, who, number, lives, seat });
    };
    for role in ROLES {
        for org in SEATS {
            add(format!("{} of {}", role.name(), called(org)), NEIGHBOURS, Some((role, Scope::Org(org))));
        }
    }
    add("lead of the far team".to_owned(), NEIGHBOURS, Some((Role::Lead, Scope::Org(FAR_TEAM))));
    add("auditor of the ledger".to_owned(), NEIGHBOURS, Some((Role::Auditor, Scope::Ledger)));
    for (name, lives) in
        [("stranger", NEIGHBOURS), ("neighbour", GRID), ("of the other community", ELSEWHERE)]
    {
        add(name.to_owned(), lives, None);
    }
    all
}

fn called(org: OrgId) -> &'static str {
    match org {
        CITY => "the city",
        COMMUNITY => "the community",
        GRID => "the grid",
        ELSEWHERE => "the other community",
        UNIT => "the unit",
        BRANCH => "the branch",
        FAR_TEAM => "the far team",
        NEIGHBOURS => "the city beside",
        _ => "some place",
    }
}

/// Registers whoever reads by an own key, when the town begins.
pub(crate) fn enlist(town: &Town) {
    for recruit in recruits() {
        let mut all = registration(town, &recruit.who, recruit.lives, &named(recruit.number), recruit.number);
        if let Some((role, scope)) = recruit.seat {
            all.push(grant(town, &recruit.who, role, scope, vec![recruit.who.key_id()]));
        }
        must_all(town, &all);
    }
    for odd in Odd::ALL {
        let number = odd.number();
        let who = somebody(VIEWER, number);
        must_all(town, &registration(town, &who, odd.lives(), &named(number), number));
        if odd.has_second_key() {
            let second = Actor::new(who.person, ORIGIN, key_of(VIEWER, number, 1));
            must_all(town, &town.enrolment(FOUNDER, &second));
        }
    }
    let colleague = somebody(VIEWER, Odd::Colleague.number());
    belong(town, &actor(OFFICER), &colleague, UNIT, AffiliationKind::Organisational);
    let mate = somebody(VIEWER, Odd::TeamMate.number());
    belong(town, &actor(FAR_WORKER), &mate, FAR_TEAM, AffiliationKind::Team);
}

/// An organisation lists somebody, who agrees.
pub(crate) fn belong(town: &Town, by: &Actor, who: &Actor, org: OrgId, kind: AffiliationKind) {
    let span = Span::since(today().plus(-30));
    let act = must(town, by, Body::affiliated(who.person, org, kind, span), vec![]);
    must(town, who, Body::Act(ActEvent::Approved { act }), vec![]);
}

fn named(number: u8) -> String {
    let digits = ['甲', '乙', '丙', '丁', '戊', '己', '庚', '辛', '壬', '癸'];
    let of = |place: u8| digits[usize::from(number / place % 10)];
    format!("旁{}{}{}", of(100), of(10), of(1))
}

fn grant(town: &Town, who: &Actor, role: Role, scope: Scope, keys: Vec<KeyId>) -> Submission {
    said(town, &actor(FOUNDER), Body::appointed(who.person, role, scope, keys), vec![])
}

every! {
    /// Whoever comes in by another way than the key that the role is named for, or belongs without a role.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    enum Odd {
        ByAnotherKey,
        BySecondKey,
        ByCodeOfColleague,
        ByCodeOfSteward,
        StewardByCodeFromBelow,
        AuditorByCodeOfSteward,
        AuditorByCodeOfFounder,
        Dismissed,
        DismissedByCode,
        Erased,
        Robbed,
        WithNewKey,
        Colleague,
        TeamMate,
        Helper,
    }
}

impl Odd {
    fn number(self) -> u8 {
        100 + self as u8
    }

    fn has_second_key(self) -> bool {
        matches!(self, Self::ByAnotherKey | Self::BySecondKey)
    }

    fn lives(self) -> OrgId {
        match self {
            Self::ByCodeOfColleague
            | Self::ByCodeOfSteward
            | Self::StewardByCodeFromBelow
            | Self::AuditorByCodeOfSteward
            | Self::DismissedByCode => GRID,
            _ => NEIGHBOURS,
        }
    }

    fn office(self) -> Option<(Role, Scope)> {
        match self {
            Self::StewardByCodeFromBelow => Some((Role::Steward, Scope::Org(CITY))),
            Self::AuditorByCodeOfSteward | Self::AuditorByCodeOfFounder => {
                Some((Role::Auditor, Scope::Ledger))
            }
            Self::Colleague | Self::TeamMate | Self::Helper => None,
            _ => Some((Role::Worker, Scope::Org(COMMUNITY))),
        }
    }

    /// Whether the office is what this reader reads by.
    fn is_seated(self) -> bool {
        matches!(
            self,
            Self::BySecondKey | Self::ByCodeOfSteward | Self::AuditorByCodeOfFounder | Self::WithNewKey
        )
    }

    fn code_by(self) -> Option<Actor> {
        match self {
            Self::ByCodeOfColleague => Some(actor(WORKER)),
            Self::ByCodeOfSteward | Self::AuditorByCodeOfSteward | Self::DismissedByCode => {
                Some(actor(STEWARD))
            }
            // The community's own steward: the second of the seats in the first of the roles.
            Self::StewardByCodeFromBelow => Some(somebody(VIEWER, 1)),
            Self::AuditorByCodeOfFounder => Some(actor(FOUNDER)),
            _ => None,
        }
    }
}

/// The person who takes on a wish.
pub(crate) fn helper() -> Actor {
    somebody(VIEWER, Odd::Helper.number())
}

/// Who reads in the end: all of them come in, and then some lose what they came in by.
pub(crate) fn gather(town: &Town) -> Vec<Viewer> {
    let nobody = Viewer {
        name: "nobody".to_owned(),
        id: None,
        door: Door::Nobody,
        seat: None,
        own_number: None,
        places: vec![],
        hand: None,
    };
    let ledger = (Role::Founder, Scope::Ledger);
    let founder = Viewer {
        name: "founder".to_owned(),
        id: Some(person(FOUNDER)),
        door: Door::Token(town.server.sign_in(FOUNDER)),
        seat: Some(ledger),
        own_number: None,
        places: vec![],
        hand: Some((actor(FOUNDER), Some(ledger))),
    };
    let mut all = vec![nobody, founder];
    all.extend(recruits().into_iter().map(|recruit| Viewer {
        name: recruit.name,
        id: Some(recruit.who.person),
        door: Door::Token(town.server.sign_in_with(&key_of(VIEWER, recruit.number, 0))),
        seat: recruit.seat,
        own_number: None,
        places: vec![recruit.lives],
        hand: Some((recruit.who, recruit.seat)),
    }));
    all.extend(Odd::ALL.into_iter().map(|odd| come_in(town, odd)));
    all
}

fn come_in(town: &Town, odd: Odd) -> Viewer {
    let (number, mut who) = (odd.number(), somebody(VIEWER, odd.number()));
    let named_key = if odd.has_second_key() { key_of(VIEWER, number, 1) } else { key_of(VIEWER, number, 0) };
    let named_key = Actor::new(who.person, ORIGIN, named_key).key_id();
    let appoint = || {
        let given = odd.office().map(|(role, scope)| grant(town, &who, role, scope, vec![named_key]));
        given.into_iter().for_each(|given| must_all(town, &[given]));
    };
    appoint();
    let signs = if odd == Odd::BySecondKey { key_of(VIEWER, number, 1) } else { key_of(VIEWER, number, 0) };
    let token = match odd.code_by() {
        Some(giver) => open_by_code(town, &giver, who.person, u64::from(number)),
        None => town.server.sign_in_with(&signs),
    };
    if odd == Odd::BySecondKey {
        who = Actor::new(who.person, ORIGIN, signs);
    }
    let door = lose(town, odd, &mut who, token);
    let seat = odd.office().filter(|_| odd.is_seated());
    let mut places = vec![odd.lives()];
    places.extend(match odd {
        Odd::Colleague => Some(UNIT),
        Odd::TeamMate => Some(FAR_TEAM),
        _ => None,
    });
    // Whoever holds the key that the grant names signs by it, whatever code somebody else handed out.
    let by_key = match odd {
        Odd::ByAnotherKey | Odd::Dismissed | Odd::DismissedByCode => None,
        _ => odd.office(),
    };
    let gone = matches!(odd, Odd::Erased | Odd::Robbed);
    let hand = (!gone).then_some((who.clone(), by_key));
    Viewer { name: format!("{odd:?}"), id: Some(who.person), door, seat, own_number: None, places, hand }
}

/// What became of those who came in.
fn lose(town: &Town, odd: Odd, who: &mut Actor, token: String) -> Door {
    let by = actor(FOUNDER);
    match odd {
        Odd::Dismissed | Odd::DismissedByCode => {
            let (role, scope) = odd.office().expect("an office");
            must(town, &by, Body::Role(RoleEvent::Revoked { person: who.person, role, scope }), vec![]);
            Door::Token(token)
        }
        Odd::Erased => {
            // An office is handed over first.
            let (role, scope) = odd.office().expect("an office");
            must(town, &by, Body::Role(RoleEvent::Revoked { person: who.person, role, scope }), vec![]);
            must(town, who, Body::Member(MemberEvent::ErasureRequested { person: who.person }), vec![]);
            town.server.tick();
            Door::Over(token)
        }
        Odd::Robbed => {
            let (key, reason) = (who.key_id(), RevocationReason::Stolen);
            must(town, who, Body::key_revoked(who.person, key, reason), vec![]);
            Door::Over(token)
        }
        Odd::WithNewKey => {
            let fresh = key_of(VIEWER, odd.number(), 2);
            let new = Actor::new(who.person, ORIGIN, fresh.clone());
            must(town, who, new.rotation_from(who.key_id()), vec![]);
            *who = new;
            Door::Token(town.server.sign_in_with(&fresh))
        }
        _ => Door::Token(token),
    }
}

/// Hands out a code and types it in; the token.
pub(crate) fn open_by_code(town: &Town, giver: &Actor, who: PersonId, number: u64) -> String {
    let digits = format!("77{:010}", number * 7_919 + 13);
    let code = sealed(who.0, Field::Code, &digits);
    let until = town.server.now().plus_days(1);
    let body = Body::Session(SessionEvent::Granted { person: who, code: code.commitment(), until });
    must_all(town, &[said(town, giver, body, vec![code])]);
    let session = town.server.post("/v1/sessions", &json!({ "code": digits }));
    session.json()["token"].as_str().unwrap_or_else(|| panic!("{}", session.text())).to_owned()
}
