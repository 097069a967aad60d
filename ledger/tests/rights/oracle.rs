//! Who lives where, who sits where, and what must never come of what somebody does alone: restated from what was
//! promised, in as few words as possible, and from no table of the rules.

use super::town::*;
use hourbook_ledger::domain::State;
use hourbook_ledger::domain::activity;
use hourbook_ledger::domain::credit::HoldState;
use hourbook_ledger::domain::event::{
    Account, ActEvent, ActivityEvent, AffiliationKind, Body, CreditEvent, Event, KeyEvent, MemberEvent,
    ReportInEvent, Role, RoleEvent, Scope,
};
use hourbook_ledger::domain::hours::RowState;
use hourbook_ledger::domain::ids::{EventId, KeyId, OrgId, PersonId};
use hourbook_ledger::domain::person::Erasure;
use hourbook_ledger::domain::report_in::Standing;
use hourbook_ledger::domain::wish::Status;

/// How Ann's affairs stand before anybody tries anything.
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    pub(crate) world: World,
    /// Where she lives.
    pub(crate) home: OrgId,
    /// Where she belongs, and where she or her home asked to belong.
    pub(crate) ties: Vec<(OrgId, AffiliationKind)>,
}

/// Everybody's office.
const OFFICES: [(PersonId, Role, OrgId); 12] = [
    (STEWARD, Role::Steward, CITY),
    (STEWARD_B, Role::Steward, B),
    (WORKER_A, Role::Worker, A),
    (LENT_WORKER_A, Role::Worker, A),
    (OTHER_LENT_WORKER_A, Role::Worker, A),
    (OTHER_WORKER_A, Role::Worker, A),
    (WORKER_B, Role::Worker, B),
    (OTHER_WORKER_B, Role::Worker, B),
    (OFFICER, Role::UnitOfficer, UNIT),
    (SECRETARY, Role::Secretary, BRANCH),
    (LEAD_B, Role::Lead, B),
    (AUDITOR_B, Role::Auditor, B),
];

fn is_within(org: OrgId, above: OrgId) -> bool {
    org == above || matches!((org, above), (GRID, A | CITY) | (A | B, CITY) | (BRANCH, UNIT))
}

/// Whether one of them works for the place where Ann lives, or for what is above it.
pub(crate) fn is_at_home(scene: &Scene, side: &[PersonId]) -> bool {
    let sits = |(person, role, org): &(PersonId, Role, OrgId)| {
        let staff = matches!(role, Role::Steward | Role::Worker);
        staff && side.contains(person) && is_within(scene.home, *org)
    };
    side.contains(&FOUNDER) || OFFICES.iter().any(sits)
}

/// Whether a role lets its holder read about somebody with these ties.
fn shows(role: Role, at: OrgId, kind: Option<AffiliationKind>, below: impl Fn(OrgId) -> bool) -> bool {
    match role {
        Role::Steward | Role::Worker | Role::Auditor => below(at),
        Role::UnitOfficer | Role::Secretary => kind == Some(AffiliationKind::Organisational) && below(at),
        Role::Founder | Role::Lead => false,
    }
}

/// Whether one of them might read Ann's record by the office that everybody knows of.
fn may_read(scene: &Scene, side: &[PersonId]) -> bool {
    let places = scene.ties.iter().map(|(org, kind)| (*org, Some(*kind)));
    let mut places = places.chain([(scene.home, None)]);
    places.any(|(place, kind)| {
        let mut offices = OFFICES.iter().filter(|(person, ..)| side.contains(person));
        offices.any(|(_, role, org)| shows(*role, place, kind, |place| is_within(place, *org)))
    })
}

/// Whether one of their hands reads Ann's record as things stand.
fn reads(world: &World) -> bool {
    let (state, today) = (&world.state, world.today());
    let Some(ann) = state.people.get(ANN) else { return false };
    let in_force = ann.affiliations.iter().filter(|tie| tie.span.contains(today));
    let mut places: Vec<_> = in_force.map(|tie| (tie.org, Some(tie.kind))).collect();
    places.extend(state.people.residence(ANN, today).map(|home| (home, None)));
    world.hands.iter().any(|(_, hand)| {
        let offices = state.people.roles(hand.person).iter().filter(|office| match hand.means {
            Means::Key(key) => office.keys.contains(&key),
            Means::Session(grant) => {
                state.sessions.carries(&state.orgs, grant, office.role, office.scope, today)
            }
        });
        let mut offices = offices.map(|office| (office.role, office.scope));
        offices.any(|(role, scope)| {
            let below = |org| state.orgs.covers(scope, org, today);
            places.iter().any(|(org, kind)| shows(role, *org, *kind, below))
        })
    })
}

/// What there is to lose or to gain.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Facts {
    erased: bool,
    named_in_public: bool,
    helpers: Vec<PersonId>,
    /// Has a place in a shift, or waits for one.
    signed_up: bool,
    ties: Vec<(OrgId, AffiliationKind)>,
    report_ins: Vec<OrgId>,
    keys: Vec<KeyId>,
    sessions: Vec<EventId>,
    /// Of her sessions those that nobody of the side has: by them she could object.
    others_sessions: Vec<EventId>,
    balance: i64,
    others_keys: Vec<KeyId>,
    void: bool,
    /// What `WORKER_A` recorded of hers counts, or what was posted for her is shown.
    second_eyes: bool,
    founders: usize,
    published: bool,
    exempt: bool,
    funds: [i64; 2],
    own_acts: Vec<EventId>,
}

pub(crate) fn facts(world: &World, side: &[PersonId]) -> Facts {
    let state = &world.state;
    let ann = state.people.get(ANN).expect("she is registered");
    let reports = |standing: &Standing| matches!(standing, Standing::Filed | Standing::Accepted(_));
    let in_hand = |key: &KeyId| world.hands.iter().any(|(_, hand)| hand.means == Means::Key(*key));
    let others = state.keys.iter().filter(|(id, key)| {
        key.until.is_none() && !side.contains(&key.person) && key.person != ANN && !in_hand(id)
    });
    let mut others_keys: Vec<_> = others.map(|(id, _)| *id).collect();
    others_keys.sort_unstable();
    let sessions = state.sessions.iter().filter(|(grant, _)| state.sessions.is_open(**grant, ANN, world.now));
    let mut sessions: Vec<_> = sessions.map(|(grant, _)| *grant).collect();
    sessions.sort_unstable();
    let typed = |grant: &EventId| {
        let is_it = |(by, hand): &(PersonId, Hand)| side.contains(by) && hand.means == Means::Session(*grant);
        world.hands.iter().any(is_it)
    };
    let others_sessions = sessions.iter().filter(|grant| !typed(grant)).copied().collect();
    let own_acts = state.acts.iter().filter(|(_, held)| held.event.actor == ANN);
    let is_void =
        |row: u16| state.hours.row(world.recorded, row).is_some_and(|row| row.state == RowState::Void);
    Facts {
        erased: ann.erasure != Erasure::None,
        named_in_public: ann.public_name,
        helpers: state.people.helpers(ANN).collect(),
        signed_up: matches!(
            state.activities.standing(SHIFT, ANN),
            Some(activity::Standing::Placed | activity::Standing::Waiting(_))
        ),
        ties: ann.affiliations.iter().map(|tie| (tie.org, tie.kind)).collect(),
        report_ins: state
            .report_ins
            .of(ANN)
            .iter()
            .filter(|r| reports(&r.standing))
            .map(|r| r.community)
            .collect(),
        keys: state.keys.of(ANN).filter(|(_, key)| key.until.is_none()).map(|(id, _)| id).collect(),
        sessions,
        others_sessions,
        // What is set aside she can call back.
        balance: state.credit.balance(Account::Person(ANN)) + set_aside(world),
        others_keys,
        void: is_void(0) || is_void(1),
        second_eyes: state.hours.row(world.recorded, 2).is_some_and(|row| row.state == RowState::Confirmed)
            || state.wishes.get(DRAFT).is_some_and(|wish| wish.status != Status::Draft),
        founders: [FOUNDER, SECOND_FOUNDER].into_iter().filter(|person| founds(state, *person)).count(),
        published: [A, B, GRID, BRANCH, UNIT, CITY]
            .iter()
            .any(|org| state.lists.published(*org, FEBRUARY).is_some()),
        exempt: !state.lists.exemptions(ANN).is_empty(),
        funds: [A, B].map(|org| state.credit.balance(Account::Fund(org))),
        own_acts: own_acts.map(|(act, _)| *act).collect(),
    }
}

/// Whose code a hand came by.
fn giver(world: &World, hand: Hand) -> Option<PersonId> {
    match hand.means {
        Means::Session(grant) => world.state.sessions.get(grant).map(|grant| grant.by),
        Means::Key(key) => world.state.keys.get(key)?.lent.map(|lent| lent.by),
    }
}

fn founds(state: &State, person: PersonId) -> bool {
    state.people.office(person, Role::Founder, Scope::Ledger).is_some()
}

fn set_aside(world: &World) -> i64 {
    let holds = [HOLD, OTHER_HOLD].into_iter().filter_map(|hold| world.state.credit.hold(hold));
    let open = holds.filter(|hold| hold.state == HoldState::Open && hold.from == ANN);
    open.map(|hold| i64::from(hold.minutes)).sum()
}

/// Who tries, and what they have done so far.
pub(crate) struct Attempt<'a> {
    pub(crate) scene: &'a Scene,
    pub(crate) side: &'a [PersonId],
    pub(crate) before: &'a Facts,
    /// A code was handed out on the way: what rests on it alone waits, and has effect if nobody objects.
    pub(crate) by_code: bool,
    /// The term is over.
    pub(crate) waited: bool,
}

impl Attempt<'_> {
    /// What must not be, if anything is.
    pub(crate) fn judge(&self, world: &World, last: Option<(&Event, Hand)>) -> Option<&'static str> {
        let now = facts(world, self.side);
        if let Some((event, hand)) = last {
            let erased = world.state.people.get(hand.person).is_some_and(|p| p.erasure != Erasure::None);
            if erased && event.body != (Body::Member(MemberEvent::ErasureRequested { person: hand.person })) {
                return Some("somebody erased goes on asserting");
            }
            if matches!(event.body, Body::Key(KeyEvent::Enrolled { person, .. }) if person != event.actor) {
                return Some("somebody brings a key into another's hands");
            }
            if matches!(&event.body, Body::Role(RoleEvent::Granted { person, .. }) if *person == event.actor)
            {
                return Some("somebody grants a role to themselves");
            }
            if event.helped().is_some() && !is_help(event) {
                return Some("a helper does more for her than signing her up");
            }
            if self.lays_down_anothers(world, event) {
                return Some("a colleague's role is laid down by a hand that is not theirs");
            }
            let calls_off = matches!(&event.body, Body::Act(ActEvent::Stopped { act }) if self.before.own_acts.contains(act));
            // She asked by a code of his; a code of another is how she would object.
            if calls_off && event.actor == ANN && giver(world, hand) == Some(WORKER_A) {
                return Some("what she asked for is called off in her name by a later code of the same hand");
            }
        }
        if !self.waited && self.is_beyond_her_reach(world) {
            return Some("a code asked for what she cannot stop by her own key");
        }
        if !is_at_home(self.scene, self.side)
            && let Some(gain) = self.gain(world, &now)
        {
            return Some(gain);
        }
        self.beyond_repair(&now)
    }

    /// Whether somebody who has no part in it no longer holds the role that they laid down, by what it seems.
    fn lays_down_anothers(&self, world: &World, event: &Event) -> bool {
        let Body::Role(RoleEvent::Revoked { person, role, scope }) = &event.body else { return false };
        let puppet = *person == event.actor && !self.side.contains(person);
        puppet && world.state.people.office(*person, *role, *scope).is_none()
    }

    /// Whether something waits in her name that her own key does not call off.
    fn is_beyond_her_reach(&self, world: &World) -> bool {
        let signer = KeyId::of(&key_of(ANN));
        let in_her_name = world.state.acts.iter().filter(|(act, held)| {
            held.due.is_some() && held.event.actor == ANN && !self.before.own_acts.contains(*act)
        });
        self.before.keys.contains(&signer)
            && in_her_name.into_iter().any(|(act, _)| {
                let body = Body::Act(ActEvent::Stopped { act: *act });
                let (event, signer) = world.event(own(ANN), Name::Own, EventId([0xab; 16]), body);
                world.decide(&event, signer).is_err()
            })
    }

    /// A right of theirs over her, who live and work elsewhere.
    fn gain(&self, world: &World, now: &Facts) -> Option<&'static str> {
        let before = self.before;
        let new_tie = |tie: &(OrgId, AffiliationKind)| !self.scene.ties.contains(tie);
        // Whom she named herself may sign her up, and lay that down.
        let helps = before.helpers.iter().any(|helper| self.side.contains(helper));
        let ended = |helper: &PersonId| !now.helpers.contains(helper) && !self.side.contains(helper);
        let new_report =
            |org: &OrgId| !before.report_ins.contains(org) && new_tie(&(*org, AffiliationKind::ReportedIn));
        [
            (reads(world) && !may_read(self.scene, self.side), "reads her record"),
            (now.keys.iter().any(|key| !before.keys.contains(key)), "has a key of hers"),
            (now.sessions.iter().any(|grant| !before.sessions.contains(grant)), "has a session of hers"),
            (now.named_in_public != before.named_in_public, "consents for her"),
            (now.helpers.iter().any(|helper| !before.helpers.contains(helper)), "names a helper of hers"),
            (before.helpers.iter().any(ended), "ends a helper of hers"),
            (now.signed_up != before.signed_up && !helps, "signs her up"),
            (now.ties.iter().any(new_tie), "makes her belong"),
            (now.report_ins.iter().any(new_report), "reports her in"),
            (now.balance < before.balance && !now.void, "moves her credit"),
            (now.erased && !self.came_due(), "erases her"),
            (before.keys.iter().any(|key| !now.keys.contains(key)), "ends her key"),
            (self.ends_a_session(now), "ends her session"),
        ]
        .into_iter()
        .find_map(|(is_so, what)| is_so.then_some(what))
    }

    /// Whether she asked herself for what came due.
    fn came_due(&self) -> bool {
        self.waited && !self.before.own_acts.is_empty()
    }

    /// Whether a session that she had, and could object by, is over.
    fn ends_a_session(&self, now: &Facts) -> bool {
        self.before.others_sessions.iter().any(|grant| !now.sessions.contains(grant))
    }

    /// What cannot be undone and one person did alone; an erasure waits even if it is two.
    fn beyond_repair(&self, now: &Facts) -> Option<&'static str> {
        let before = self.before;
        let alone = self.side.len() == 1;
        // On a code alone it waits; whoever has it objected in time, or nobody did.
        let objected_to = alone && !(self.waited && self.by_code);
        let is_founder = self.side.contains(&FOUNDER) && self.waited;
        let gone = |was: &[KeyId], is: &[KeyId]| was.iter().any(|key| !is.contains(key));
        let paid = now.funds.iter().zip(before.funds).any(|(now, before)| *now < before);
        let erased = now.erased && !self.came_due();
        let moved = now.balance < before.balance && !now.void;
        [
            (erased && (objected_to || !self.waited), "erased"),
            (gone(&before.keys, &now.keys) && objected_to && !erased, "her key ended"),
            (
                gone(&before.others_keys, &now.others_keys) && alone && !is_founder && !self.waited,
                "a key ended",
            ),
            (self.ends_a_session(now) && objected_to && !erased, "her session ended"),
            (now.named_in_public && !before.named_in_public && objected_to, "her name published"),
            (
                now.helpers.iter().any(|helper| !before.helpers.contains(helper)) && objected_to,
                "a helper named",
            ),
            (moved && (objected_to || !self.waited), "her credit moved"),
            (now.void && !before.void && alone, "confirmed hours voided"),
            (
                now.second_eyes && !before.second_eyes && self.side == [WORKER_A],
                "hours confirmed or a wish shown by whoever entered them",
            ),
            (now.founders < before.founders && !is_founder, "a founder deposed"),
            (now.founders == 0, "a ledger without a founder"),
            (now.published && !before.published && alone, "a list published"),
            (now.exempt && !before.exempt && alone, "a member exempted"),
            (paid && alone, "paid from a fund"),
        ]
        .into_iter()
        .find_map(|(is_so, what)| is_so.then_some(what))
    }
}

/// All that a helper is for.
fn is_help(event: &Event) -> bool {
    match &event.body {
        Body::Activity(ActivityEvent::SignedUp { .. } | ActivityEvent::SignUpWithdrawn { .. }) => true,
        Body::Member(MemberEvent::HelperEnded { helper, .. }) => *helper == event.actor,
        _ => false,
    }
}

/// The scene in which a neighbour is her helper.
pub(crate) const HELPED: &str = "at home, with a helper";
/// The scene in which nothing is out of the ordinary.
pub(crate) const PLAIN: &str = "at home, with a key";

/// Every state of Ann's affairs that matters.
pub(crate) fn scenes() -> Vec<Scene> {
    use AffiliationKind::{Organisational, ReportedIn, Resident, Team};
    let (keyed, keyless) = (World::new(true), World::new(false));
    let scene =
        |name, world: &World, home, ties: &[(OrgId, AffiliationKind)], prepare: &dyn Fn(&mut World)| {
            let mut world = world.clone();
            prepare(&mut world);
            Scene { name, world, home, ties: ties.to_vec() }
        };
    let report = |world: &mut World| {
        let (person, community) = (ANN, B);
        world.must(own(ANN), Body::ReportIn(ReportInEvent::Filed { person, community }));
    };
    let hold = |world: &mut World| {
        let (hold, from, to, until) = (HOLD, ANN, NEIGHBOUR, world.now.plus_days(30));
        world.must(own(ANN), Body::Credit(CreditEvent::Held { hold, from, to, minutes: 10, until }));
    };
    let asked = |world: &mut World| {
        let session = world.session(WORKER_A, ANN);
        world.must(session, Body::Member(MemberEvent::ErasureRequested { person: ANN }));
    };
    vec![
        scene(PLAIN, &keyed, A, &[], &hold),
        scene(HELPED, &keyed, A, &[], &|world| {
            world.must(own(ANN), Body::Member(MemberEvent::HelperNamed { person: ANN, helper: NEIGHBOUR }));
        }),
        scene("at home, without a key", &keyless, A, &[], &|_| ()),
        scene("at home, in a session", &keyless, A, &[], &|world| {
            world.session(STEWARD, ANN);
        }),
        scene("at home, having asked to be erased", &keyless, A, &[], &asked),
        scene("at home, with a key younger than a code", &keyless, A, &[], &|world| {
            let session = world.session(WORKER_A, ANN);
            world.now = world.now.plus_days(1);
            world.enrol(FOUNDER, ANN, key_of(ANN));
            world.now = world.now.plus_days(8);
            // By now whatever else came by a code is its person's own.
            world.hands = vec![(WORKER_A, session)];
        }),
        scene("reporting in elsewhere", &keyed, A, &[(B, ReportedIn)], &report),
        scene("reported in elsewhere", &keyed, A, &[(B, ReportedIn)], &|world| {
            report(world);
            let (person, community, accepted) = (ANN, B, true);
            world
                .must(own(WORKER_B), Body::ReportIn(ReportInEvent::Answered { person, community, accepted }));
        }),
        scene("of a branch", &keyed, A, &[(BRANCH, Organisational)], &|world| {
            world.affiliate(BRANCH, Organisational);
        }),
        scene("of a team elsewhere", &keyed, A, &[(B, Team)], &|world| world.affiliate(B, Team)),
        scene("moved elsewhere", &keyed, B, &[(B, Resident)], &|world| world.affiliate(B, Resident)),
    ]
}
