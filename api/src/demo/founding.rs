//! The first day: organisations, policies, staff. Then the members and residents, as they join.

use hourbook_ledger::actor::Actor;
use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{
    AffiliationKind, Body, ConsentKind, EdgeKind, MemberEvent, OrgKind, OrganisationEvent, PolicyEvent,
    ReportInEvent, Role, RoleEvent, Scope, Span,
};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::domain::time::Date;
use rustc_hash::{FxHashMap, FxHashSet};

use super::DemoError;
use super::submitter::EventSubmitter;
use super::town::{Community, Member, Org, Person, Town};
use crate::policies;

/// What the founder signs, before resting.
pub(super) fn found(submitter: &mut EventSubmitter, town: &Town, today: Date) -> Result<(), DemoError> {
    let founder = town.founders[0].actor();
    if let Some(city) = town.orgs.first() {
        register_org(submitter, &founder, city)?;
    }
    // Two who came by codes of one founder would be one hand for the first week, and so would all whom they bring in.
    let second = town.founders[1].actor();
    for (by, person) in
        [(&founder, &town.steward), (&second, &town.second_steward), (&founder, &town.auditor)]
    {
        register(submitter, by, person)?;
    }
    for steward in [&town.steward, &town.second_steward] {
        grant(submitter, &founder, steward, Role::Steward, Scope::Org(town.city))?;
    }
    // Entries of the log concern everybody: only an auditor of the whole ledger may read them.
    grant(submitter, &founder, &town.auditor, Role::Auditor, Scope::Ledger)?;
    let year = today.ymd().0;
    for policy in policies::defaults(year..=year + 3) {
        let from = policies::from(&policy, today);
        let body = Body::Policy(PolicyEvent::Adopted { scope: Scope::Ledger, from, policy });
        submitter.write(&founder, body)?;
    }
    Ok(())
}

/// Organisations below the city, and the communities' staff.
pub(super) fn organise(submitter: &mut EventSubmitter, town: &Town, today: Date) -> Result<(), DemoError> {
    let steward = town.steward.actor();
    let second = town.second_steward.actor();
    for org in &town.orgs[1..] {
        register_org(submitter, &steward, org)?;
        if let Some(parent) = org.reports_to {
            let span = Span { from: today, to: None };
            let body = Body::Organisation(OrganisationEvent::Linked {
                org: org.id,
                parent,
                kind: EdgeKind::ReportsTo,
                span,
            });
            submitter.write(&steward, body)?;
        }
    }
    for community in &town.communities {
        // For the same reason one steward brings in who records, the other who confirms.
        let staff = [
            (&steward, &community.recorder, Role::Worker),
            (&second, &community.confirmer, Role::Worker),
            (&steward, &community.lead, Role::Lead),
            (&steward, &community.secretary, Role::Secretary),
        ];
        for (by, person, role) in staff {
            register(submitter, by, person)?;
            grant(submitter, by, person, role, Scope::Org(community.id))?;
        }
    }
    Ok(())
}

fn register_org(submitter: &mut EventSubmitter, actor: &Actor, org: &Org) -> Result<(), DemoError> {
    let Org { id, kind, name, code, parent, .. } = org.clone();
    submitter.write(
        actor,
        Body::Organisation(OrganisationEvent::Registered { org: id, kind, name, code, parent }),
    )?;
    Ok(())
}

/// Registers a person and enrols the key, if there is one.
fn register(submitter: &mut EventSubmitter, actor: &Actor, person: &Person) -> Result<(), DemoError> {
    let name = submitter.seal(person.id.0, Field::Name, &person.name)?;
    let phone = submitter.seal(person.id.0, Field::Phone, &person.phone)?;
    let number = person
        .number
        .as_deref()
        .map(|n| submitter.seal(person.id.0, Field::VolunteerNumber, n))
        .transpose()?;
    let body = Body::Member(MemberEvent::Registered {
        person: person.id,
        home: person.home,
        name: name.commitment(),
        phone: Some(phone.commitment()),
        id_number: None,
        volunteer_number: number.as_ref().map(|number| number.commitment()),
    });
    submitter.write_with(actor, body, [name, phone].into_iter().chain(number).collect())?;
    if person.key.is_some() {
        submitter.enrol(actor, &person.actor())?;
    }
    Ok(())
}

fn grant(
    submitter: &mut EventSubmitter,
    actor: &Actor,
    to: &Person,
    role: Role,
    scope: Scope,
) -> Result<(), DemoError> {
    let keys = to.key.iter().map(|_| to.actor().key_id()).collect();
    submitter.write(actor, Body::Role(RoleEvent::Granted { person: to.id, role, scope, keys }))?;
    Ok(())
}

/// The members of a community who join on a day: registered, affiliated, reported in (双报到).
pub(super) fn join(
    submitter: &mut EventSubmitter,
    town: &Town,
    community: &Community,
    day: i32,
    today: Date,
) -> Result<(), DemoError> {
    let recorder = community.recorder.actor();
    let confirmer = community.confirmer.actor();
    let steward = town.steward.actor();
    let span = Span { from: today, to: None };
    for Member { person, unit, team, consents, .. } in community.members.iter().filter(|m| m.joins == day) {
        register(submitter, &recorder, person)?;
        let (id, home) = (person.id, person.home);
        let affiliated = |org, kind| Body::Member(MemberEvent::Affiliated { person: id, org, kind, span });
        submitter.write(&steward, affiliated(*unit, AffiliationKind::Organisational))?;
        submitter.write(&recorder, affiliated(*team, AffiliationKind::Team))?;
        submitter.write(&recorder, Body::ReportIn(ReportInEvent::Filed { person: id, community: home }))?;
        let accepted =
            Body::ReportIn(ReportInEvent::Answered { person: id, community: home, accepted: true });
        submitter.write(&confirmer, accepted)?;
        if *consents {
            let body = Body::Member(MemberEvent::ConsentGiven {
                person: id,
                kind: ConsentKind::PublicName,
                agreed: true,
            });
            let act = submitter.write_for(&recorder, id, body)?;
            submitter.approve(&confirmer, act)?;
        }
    }
    Ok(())
}

/// The residents of a community, for whom wishes will be posted.
pub(super) fn residents(submitter: &mut EventSubmitter, community: &Community) -> Result<(), DemoError> {
    let recorder = community.recorder.actor();
    community.residents.iter().try_for_each(|resident| register(submitter, &recorder, resident))
}

/// An officer for each unit and a secretary for each grid branch, from among the members.
pub(super) fn offices(submitter: &mut EventSubmitter, town: &Town) -> Result<(), DemoError> {
    let steward = town.steward.actor();
    for (unit, officer) in officers(town) {
        grant(submitter, &steward, officer, Role::UnitOfficer, Scope::Org(unit))?;
    }
    for (branch, secretary) in secretaries(town) {
        grant(submitter, &steward, secretary, Role::Secretary, Scope::Org(branch))?;
    }
    Ok(())
}

/// The first member of each grid is the secretary of its branch.
pub(super) fn secretaries(town: &Town) -> Vec<(OrgId, &Person)> {
    let mut branches: FxHashMap<OrgId, OrgId> = FxHashMap::default();
    let branch = |org: &&Org| org.kind == OrgKind::PartyBranch;
    branches.extend(town.orgs.iter().filter(branch).filter_map(|org| Some((org.parent?, org.id))));
    let early = town.members().filter(|member| is_early(member));
    early.filter_map(|m| branches.remove(&m.person.home).map(|branch| (branch, &m.person))).collect()
}

/// The first member of each unit speaks for it.
pub(super) fn officers(town: &Town) -> Vec<(OrgId, &Person)> {
    let mut seen = FxHashSet::default();
    let first = |member: &&Member| is_early(member) && seen.insert(member.unit);
    town.members().filter(first).map(|member| (member.unit, &member.person)).collect()
}

/// Whether the member was there from the beginning.
pub(super) fn is_early(member: &Member) -> bool {
    member.joins < 10
}
