//! Who may assert what: the one table, and how an actor is known to be who the event says.
//!
//! The table is [`RULES`]; the one in ARCHITECTURE.md is made from it by [`markdown`].

use super::event::{Account, AffiliationKind, Assurance, Body, BodyKind, Claimer, Event, Role, Scope};
use super::ids::{KeyId, OrgId, PersonId};
use super::rejection::{Code, Rejection, ensure};
use super::state::{Context, State};
use super::time::Date;

/// One way of being allowed to assert an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// The first founder, in the event that begins the ledger.
    Beginning,
    /// The person whom it concerns: alone, through staff acting for the person, or in a witnessed session.
    Subject,
    /// The same without staff acting for the person: credit and keys do not move on a staff member's word alone.
    SubjectInPerson,
    /// Someone with this role over every organisation concerned.
    Role(Role),
    /// The ledger's own key.
    Ledger,
}

use By::{Beginning, Ledger, Subject, SubjectInPerson};

const BY_STEWARD: By = By::Role(Role::Steward);
const BY_FOUNDER: By = By::Role(Role::Founder);
const BY_WORKER: By = By::Role(Role::Worker);
const BY_LEAD: By = By::Role(Role::Lead);
const BY_OFFICER: By = By::Role(Role::UnitOfficer);
const BY_SECRETARY: By = By::Role(Role::Secretary);

/// Which role may assert which event. Founders name the first stewards and ledger-wide policy; auditors assert nothing.
pub const RULES: &[(BodyKind, &[By])] = &[
    (BodyKind::LedgerFounded, &[Beginning]),
    (BodyKind::OrganisationRegistered, &[BY_FOUNDER, BY_STEWARD]),
    (BodyKind::OrganisationLinked, &[BY_FOUNDER, BY_STEWARD]),
    (BodyKind::KeyEnrolled, &[SubjectInPerson, BY_FOUNDER, BY_STEWARD, BY_WORKER]),
    (BodyKind::KeyRotated, &[SubjectInPerson, BY_FOUNDER]),
    (BodyKind::KeyRevoked, &[SubjectInPerson, BY_FOUNDER, BY_STEWARD, BY_WORKER]),
    (BodyKind::RoleGranted, &[BY_FOUNDER, BY_STEWARD]),
    (BodyKind::RoleRevoked, &[BY_FOUNDER, BY_STEWARD]),
    (BodyKind::MemberRegistered, &[BY_FOUNDER, BY_STEWARD, BY_WORKER]),
    (BodyKind::MemberAffiliated, &[BY_STEWARD, BY_WORKER, BY_OFFICER, BY_SECRETARY]),
    (BodyKind::ReportInFiled, &[Subject, BY_WORKER]),
    (BodyKind::ReportInAnswered, &[BY_STEWARD, BY_WORKER]),
    (BodyKind::ReportInEnded, &[Subject, BY_STEWARD, BY_WORKER]),
    (BodyKind::PolicyAdopted, &[BY_FOUNDER, BY_STEWARD]),
    (BodyKind::ActivityPlanned, &[BY_STEWARD, BY_WORKER, BY_LEAD]),
    (BodyKind::ActivityPublished, &[BY_STEWARD, BY_WORKER, BY_LEAD]),
    (BodyKind::ActivityClosed, &[BY_STEWARD, BY_WORKER, BY_LEAD]),
    (BodyKind::ActivityCancelled, &[BY_STEWARD, BY_WORKER, BY_LEAD]),
    (BodyKind::ShiftOpened, &[BY_STEWARD, BY_WORKER, BY_LEAD]),
    (BodyKind::SignedUp, &[Subject]),
    (BodyKind::SignUpWithdrawn, &[Subject]),
    (BodyKind::AttendanceTaken, &[BY_WORKER, BY_LEAD]),
    (BodyKind::HoursRecorded, &[BY_STEWARD, BY_WORKER, BY_LEAD]),
    (BodyKind::HoursConfirmed, &[BY_STEWARD, BY_WORKER, BY_LEAD]),
    (BodyKind::HoursCorrected, &[BY_STEWARD, BY_WORKER, BY_LEAD]),
    (BodyKind::CreditTransferred, &[SubjectInPerson, BY_STEWARD, BY_WORKER]),
    (BodyKind::CreditHeld, &[SubjectInPerson]),
    (BodyKind::CreditSettled, &[SubjectInPerson]),
    (BodyKind::CreditVoided, &[SubjectInPerson, Ledger]),
    (BodyKind::WishPosted, &[BY_STEWARD, BY_WORKER]),
    (BodyKind::WishVetted, &[BY_STEWARD, BY_WORKER]),
    (BodyKind::WishClaimed, &[Subject, BY_STEWARD, BY_WORKER, BY_LEAD, BY_OFFICER, BY_SECRETARY]),
    (BodyKind::WishReleased, &[Subject, BY_STEWARD, BY_WORKER, BY_LEAD, BY_OFFICER, BY_SECRETARY]),
    (BodyKind::WishFulfilled, &[Subject, BY_STEWARD, BY_WORKER, BY_LEAD, BY_OFFICER, BY_SECRETARY]),
    (BodyKind::WishConfirmed, &[Subject]),
    (BodyKind::WishLapsed, &[Ledger]),
    (BodyKind::WishWithdrawn, &[Subject, BY_STEWARD, BY_WORKER]),
    (BodyKind::ListPublished, &[BY_STEWARD, BY_SECRETARY]),
    (BodyKind::MemberExempted, &[BY_SECRETARY]),
    (BodyKind::StateDigest, &[Ledger]),
    (BodyKind::RulesAdopted, &[BY_FOUNDER]),
    (BodyKind::ClockCorrected, &[BY_FOUNDER]),
    (BodyKind::ErasureRequested, &[Subject, BY_STEWARD, BY_WORKER]),
    (BodyKind::PersonalDataErased, &[Ledger]),
    (BodyKind::SessionGranted, &[BY_FOUNDER, BY_STEWARD, BY_WORKER]),
    (BodyKind::SessionOpened, &[Ledger]),
    (BodyKind::SessionClosed, &[Subject, Ledger, BY_STEWARD, BY_WORKER]),
    (BodyKind::RecordAccessed, &[Ledger]),
    (BodyKind::ConsentGiven, &[Subject]),
];

impl By {
    /// In the words of the table.
    fn name(self) -> &'static str {
        match self {
            Beginning => "the first founder, self-signed",
            Subject => {
                "the person; staff of the person's community acting for the person; a witnessed session"
            }
            SubjectInPerson => "the person; a witnessed session",
            Ledger => "the ledger",
            By::Role(role) => role.name(),
        }
    }
}

impl Role {
    /// Every role, in the order of its number.
    pub const ALL: [Self; 7] = [
        Self::Founder,
        Self::Steward,
        Self::Worker,
        Self::Lead,
        Self::UnitOfficer,
        Self::Secretary,
        Self::Auditor,
    ];

    /// In the words of the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Founder => "founder",
            Self::Steward => "steward",
            Self::Worker => "worker",
            Self::Lead => "lead",
            Self::UnitOfficer => "unit officer",
            Self::Secretary => "secretary",
            Self::Auditor => "auditor",
        }
    }
}

/// The table as Markdown: a line an event, a column for whom it concerns and one for each role that asserts any.
#[must_use]
pub fn markdown() -> String {
    let roles = Role::ALL.iter().filter(|role| RULES.iter().any(|(_, by)| by.contains(&By::Role(**role))));
    let roles: Vec<Role> = roles.copied().collect();
    let mut text = String::from("| event | without a role |");
    roles.iter().for_each(|role| text.push_str(&format!(" {} |", role.name())));
    text.push_str(&format!("\n|---|---|{}\n", ":-:|".repeat(roles.len())));
    for (kind, ways) in RULES {
        let plain: Vec<_> =
            ways.iter().filter(|way| !matches!(way, By::Role(_))).map(|way| way.name()).collect();
        text.push_str(&format!("| `{}` | {} |", kind.name(), plain.join("; ")));
        let mark = |role: &Role| if ways.contains(&By::Role(*role)) { " ● |" } else { " |" };
        roles.iter().for_each(|role| text.push_str(mark(role)));
        text.push('\n');
    }
    text
}

/// Whom and what an event concerns: the person, and where a role must reach.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Concern {
    subject: Option<PersonId>,
    reach: Reach,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Reach {
    /// Every one of these organisations.
    Orgs(Vec<OrgId>),
    /// The whole ledger.
    Ledger,
    /// Beyond every role: it is the person's own affair.
    Person,
    /// The event names something that does not exist; the rules will say what. Any scope of a fitting role will do.
    Nothing,
}

impl Reach {
    fn org(org: Option<OrgId>) -> Self {
        org.map_or(Self::Nothing, |org| Self::Orgs(vec![org]))
    }

    fn scope(scope: Scope) -> Self {
        match scope {
            Scope::Ledger => Self::Ledger,
            Scope::Org(org) => Self::Orgs(vec![org]),
        }
    }
}

/// Whether the event's actor, as its signer and assurance show, may assert it.
pub(super) fn authorise(state: &State, cx: &Context, event: &Event) -> Result<(), Rejection> {
    let ways = RULES.iter().find(|(kind, _)| *kind == event.body.kind()).map_or(&[][..], |(_, by)| *by);
    if ways == [Beginning] {
        return authorise_beginning(cx, event);
    }
    ensure(state.founded.is_some(), Code::FoundingState)?;
    check_assurance(state, cx, event)?;
    let today = state.today(cx);
    let concern = concern(state, event, today);
    let allowed = ways.iter().any(|way| is_allowed(state, event, &concern, *way, today));
    ensure(allowed, Code::NotAuthorised)
}

fn authorise_beginning(cx: &Context, event: &Event) -> Result<(), Rejection> {
    let Body::LedgerFounded(founding) = &event.body else { return Err(Code::NotAuthorised.into()) };
    let first = &founding.founders[0];
    let self_signed = cx.signer == KeyId::of(&first.key) && event.actor == first.person;
    ensure(
        self_signed && event.assurance == Assurance::DeviceKey && event.acting_for.is_none(),
        Code::NotAuthorised,
    )
}

/// The signer's key must be the one that the assurance promises.
fn check_assurance(state: &State, cx: &Context, event: &Event) -> Result<(), Rejection> {
    let signer = state.keys.get(cx.signer).ok_or(Code::KeyUnknown)?.person;
    let holds = match event.assurance {
        Assurance::DeviceKey => signer == event.actor && event.acting_for.is_none() && event.grant.is_none(),
        Assurance::StaffProxy => {
            let own = signer == event.actor && event.acting_for.is_some_and(|p| p != event.actor);
            own && event.grant.is_none()
        }
        Assurance::ServerWitnessed => {
            let by_ledger = Some(signer) == state.ledger_person() && event.acting_for.is_none();
            let open = |grant| state.sessions.is_open(grant, event.actor, cx.recorded_at);
            by_ledger && event.grant.is_some_and(open)
        }
    };
    ensure(holds, Code::NotAuthorised)
}

fn is_allowed(state: &State, event: &Event, concern: &Concern, way: By, today: Date) -> bool {
    let witnessed = event.assurance == Assurance::ServerWitnessed;
    let proxy = event.assurance == Assurance::StaffProxy;
    match way {
        Beginning => false,
        Ledger => Some(event.actor) == state.ledger_person() && !witnessed && !proxy,
        Subject => concern.subject == Some(on_behalf(event)) && (!proxy || serves(state, event, today)),
        SubjectInPerson => concern.subject == Some(event.actor) && !proxy,
        By::Role(role) => !witnessed && !proxy && reaches(state, event.actor, role, &concern.reach, today),
    }
}

/// The person in whose name the event is asserted.
#[must_use]
pub fn on_behalf(event: &Event) -> PersonId {
    event.acting_for.unwrap_or(event.actor)
}

/// Whether the actor works for a community that the person acted for belongs to.
fn serves(state: &State, event: &Event, today: Date) -> bool {
    let homes = state.people.homes(on_behalf(event), today);
    [Role::Worker, Role::Steward].into_iter().any(|role| {
        homes.iter().any(|home| reaches(state, event.actor, role, &Reach::Orgs(vec![*home]), today))
    })
}

fn reaches(state: &State, person: PersonId, role: Role, reach: &Reach, today: Date) -> bool {
    let scopes =
        || state.people.roles(person).iter().filter(|(held, _)| *held == role).map(|(_, scope)| *scope);
    match reach {
        Reach::Nothing => scopes().next().is_some(),
        Reach::Person => false,
        Reach::Ledger => scopes().any(|scope| scope == Scope::Ledger),
        Reach::Orgs(orgs) => {
            let covered = |org: &OrgId| scopes().any(|scope| state.orgs.covers(scope, *org, today));
            orgs.iter().all(covered)
        }
    }
}

/// Whether a person holds a role whose scope covers an organisation on a date.
#[must_use]
pub fn holds(state: &State, person: PersonId, role: Role, org: OrgId, date: Date) -> bool {
    reaches(state, person, role, &Reach::Orgs(vec![org]), date)
}

/// A key or a session of someone with roles gives these roles to whoever holds it: only one who could grant each of
/// them may hand it out or take it away. The same holds for roles themselves; the ledger's keys are the founders'.
pub(super) fn check_gift(state: &State, cx: &Context, event: &Event) -> Result<(), Rejection> {
    let today = state.today(cx);
    let founder = state.people.roles(event.actor).contains(&(Role::Founder, Scope::Ledger));
    let gives = |role: Role, scope: Scope| {
        let steward = || reaches(state, event.actor, Role::Steward, &Reach::scope(scope), today);
        founder || (role != Role::Founder && steward())
    };
    let to = match &event.body {
        Body::RoleGranted { role, scope, .. } | Body::RoleRevoked { role, scope, .. } => {
            return ensure(gives(*role, *scope), Code::BeyondOwnRole);
        }
        Body::KeyEnrolled { person, .. }
        | Body::KeyRotated { person, .. }
        | Body::KeyRevoked { person, .. }
        | Body::SessionGranted { person, .. } => *person,
        _ => return Ok(()),
    };
    let roles = state.people.roles(to);
    let within = if to == event.actor {
        // A session rests on a code that staff handed out, perhaps before the person had any role.
        event.assurance == Assurance::DeviceKey || roles.is_empty()
    } else {
        let free = founder || Some(to) != state.ledger_person();
        free && roles.iter().all(|(role, scope)| gives(*role, *scope))
    };
    ensure(within, Code::BeyondOwnRole)
}

fn concern(state: &State, event: &Event, today: Date) -> Concern {
    let of = |subject: Option<PersonId>, reach: Reach| Concern { subject, reach };
    let is_of_the_ledger = |person: &PersonId| {
        let founder = (Role::Founder, Scope::Ledger);
        Some(*person) == state.ledger_person() || state.people.roles(*person).contains(&founder)
    };
    let home = |person: &PersonId| match state.people.residence(*person, today) {
        Some(residence) => Reach::Orgs(vec![residence]),
        None if is_of_the_ledger(person) => Reach::Ledger,
        None => Reach::Nothing,
    };
    match &event.body {
        Body::LedgerFounded(_)
        | Body::StateDigest { .. }
        | Body::RulesAdopted { .. }
        | Body::ClockCorrected { .. }
        | Body::RecordAccessed { .. } => of(None, Reach::Ledger),
        Body::OrganisationRegistered { parent: Some(parent), .. } => of(None, Reach::Orgs(vec![*parent])),
        Body::OrganisationRegistered { parent: None, .. } => of(None, Reach::Ledger),
        Body::OrganisationLinked { org, parent, .. } => of(None, Reach::Orgs(vec![*org, *parent])),
        Body::KeyEnrolled { person, .. }
        | Body::KeyRotated { person, .. }
        | Body::KeyRevoked { person, .. }
        | Body::ErasureRequested { person }
        | Body::PersonalDataErased { person }
        | Body::SessionGranted { person, .. }
        | Body::SessionOpened { person, .. }
        | Body::SessionClosed { person, .. }
        | Body::ConsentGiven { person, .. } => of(Some(*person), home(person)),
        Body::RoleGranted { scope, .. } | Body::RoleRevoked { scope, .. } => of(None, Reach::scope(*scope)),
        Body::MemberRegistered { home, .. } => of(None, Reach::Orgs(vec![*home])),
        // Where somebody lives decides whose staff may act for the person, so that whoever moves the person needs a
        // say in both places: a community cannot draw a stranger to itself.
        Body::MemberAffiliated { person, org, kind: AffiliationKind::Resident, .. } => {
            let from = state.people.residence(*person, today);
            of(None, Reach::Orgs(from.into_iter().chain([*org]).collect()))
        }
        Body::MemberAffiliated { org, .. } => of(None, Reach::Orgs(vec![*org])),
        Body::MemberExempted { org, .. } => of(None, Reach::Orgs(vec![*org])),
        Body::ReportInFiled { person, community }
        | Body::ReportInAnswered { person, community, .. }
        | Body::ReportInEnded { person, community, .. } => of(Some(*person), Reach::Orgs(vec![*community])),
        Body::PolicyAdopted { scope, .. } => of(None, Reach::scope(*scope)),
        Body::ActivityPlanned { org, .. } | Body::HoursRecorded { org, .. } => {
            of(None, Reach::Orgs(vec![*org]))
        }
        Body::ActivityPublished { activity }
        | Body::ActivityClosed { activity }
        | Body::ActivityCancelled { activity, .. }
        | Body::ShiftOpened { activity, .. }
        | Body::AttendanceTaken { activity, .. } => of(None, Reach::org(state.activities.org(*activity))),
        Body::SignedUp { activity, person, .. } | Body::SignUpWithdrawn { activity, person, .. } => {
            of(Some(*person), Reach::org(state.activities.org(*activity)))
        }
        Body::HoursConfirmed { recorded, .. } | Body::HoursCorrected { recorded, .. } => {
            of(None, Reach::org(state.hours.org(*recorded)))
        }
        Body::CreditTransferred { from, .. } => match from {
            Account::Person(person) => of(Some(*person), Reach::Person),
            Account::Fund(org) => of(None, Reach::Orgs(vec![*org])),
            Account::Issuance | Account::Hold(_) => of(None, Reach::Ledger),
        },
        Body::CreditHeld { from, .. } => of(Some(*from), Reach::Person),
        Body::CreditSettled { hold, .. } | Body::CreditVoided { hold } => {
            of(state.credit.holder(*hold).or(Some(event.actor)), Reach::Person)
        }
        Body::WishPosted { org, resident, .. } => of(Some(*resident), Reach::Orgs(vec![*org])),
        Body::WishVetted { wish, .. } | Body::WishLapsed { wish, .. } => {
            of(None, Reach::org(state.wishes.org(*wish)))
        }
        Body::WishConfirmed { wish, .. } | Body::WishWithdrawn { wish, .. } => {
            // Whoever names a wish that is not there learns so from the rules.
            let resident = state.wishes.resident(*wish).unwrap_or(on_behalf(event));
            of(Some(resident), Reach::org(state.wishes.org(*wish)))
        }
        Body::WishClaimed { claimer, .. } => claim(event, Some(*claimer)),
        Body::WishReleased { wish } | Body::WishFulfilled { wish, .. } => {
            claim(event, state.wishes.claimer(*wish))
        }
        Body::ListPublished { scope, .. } => of(None, Reach::Orgs(vec![*scope])),
    }
}

/// A person's claim is that person's affair; where there is none, the rules tell whoever asks.
fn claim(event: &Event, claimer: Option<Claimer>) -> Concern {
    match claimer {
        Some(Claimer::Person(person)) => Concern { subject: Some(person), reach: Reach::Person },
        Some(Claimer::Org(org)) => Concern { subject: None, reach: Reach::Orgs(vec![org]) },
        None => Concern { subject: Some(on_behalf(event)), reach: Reach::Nothing },
    }
}

#[cfg(test)]
mod tests;
