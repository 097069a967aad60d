//! Where staff work besides, and what a new ledger needs next.

use hourbook_ledger::domain::event::Role;
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::domain::person::Office;
use hourbook_projections::Models;

use crate::auth::visibility::{RECORDERS, STAFF};
use crate::commands::Words;
use crate::ui::paths;
use crate::ui::request::PageRequest;

/// Four eyes need two.
const WORKERS: usize = 2;

/// Where the reader works.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// Pages, and what they are for.
    pub links: Vec<(&'static str, Words)>,
    /// What comes next, and where.
    pub next: Option<(&'static str, Words)>,
}

const PEOPLE: (&str, Words) = (paths::PEOPLE, ("查找居民", "Find a person"));
const POST_WISH: (&str, Words) = (paths::POST_WISH, ("代提心愿", "Post a wish for somebody"));
const VETTING: (&str, Words) = (paths::VETTING, ("一次审核多个心愿", "Vet many wishes"));
const ORGS: (&str, Words) = (paths::ORGS, ("组织", "Organisations"));
const REGISTER: (&str, Words) = (paths::REGISTER, ("登记居民和志愿者", "Register people"));
const IMPORT: (&str, Words) = (paths::IMPORT, ("导入签到表", "Hours from a sheet"));
const FEEDBACK: (&str, Words) = (paths::FEEDBACK, ("单位反馈表", "Feedback to units"));
const COMMUNITIES: (&str, Words) = (paths::COMMUNITIES, ("各社区情况", "Communities"));
const POLICIES: (&str, Words) = (paths::POLICIES, ("现行规则", "Policies in force"));
const COLLEAGUES: (&str, Words) = (paths::COLLEAGUES, ("同事和密钥", "Colleagues and keys"));

/// What comes next, as long as the question before it is answered with no.
const NEXT: [(&str, Words); 3] = [
    (paths::ORGS, ("下一步：登记社区和网格。", "Next: register communities and grids.")),
    (
        paths::COLLEAGUES,
        (
            "下一步：任命两名社区工作者。经办人不能自己审核，所以要两名。",
            "Next: appoint two community workers. Whoever records does not confirm, so it takes two.",
        ),
    ),
    (paths::REGISTER, ("下一步：登记居民。", "Next: register people.")),
];

/// Who registers people, and who registers organisations and grants roles.
const REGISTRARS: [Role; 3] = [Role::Founder, Role::Steward, Role::Worker];
const STEWARDS: [Role; 2] = [Role::Founder, Role::Steward];

/// Where the reader's roles lead; nothing for whoever holds none.
pub(crate) fn desk(request: &PageRequest, models: &Models) -> Option<Desk> {
    let visibility = request.visibility(models);
    let stewarded = request.covered(models, &STEWARDS);
    let works = request.covered(models, &STAFF).is_some();
    let records = request.covered(models, &RECORDERS).is_some();
    let links = [
        (visibility.looks_for_people(), PEOPLE),
        (request.covered(models, &REGISTRARS).is_some(), REGISTER),
        (records, IMPORT),
        (works, FEEDBACK),
        (works, POST_WISH),
        (works, VETTING),
        (stewarded.is_some(), COMMUNITIES),
        (stewarded.is_some(), ORGS),
        (stewarded.is_some(), POLICIES),
        (visibility.roles().next().is_some(), COLLEAGUES),
    ];
    let links: Vec<_> = links.into_iter().filter(|(holds, _)| *holds).map(|(_, link)| link).collect();
    let next = stewarded.and_then(|covered| next(models, &covered));
    (!links.is_empty()).then_some(Desk { links, next })
}

/// What a new ledger needs next.
fn next(models: &Models, covered: &[(OrgId, usize)]) -> Option<(&'static str, Words)> {
    let people = &models.directory.register().people;
    let is_worker = |office: &Office| {
        let here = office.scope.org().is_none_or(|org| covered.iter().any(|(one, _)| *one == org));
        office.role == Role::Worker && here
    };
    let workers = people.role_holders().filter(|(_, offices)| offices.iter().any(is_worker)).count();
    let is_home =
        |(org, _): &(OrgId, usize)| models.directory.org(*org).is_some_and(|entry| entry.kind.is_home());
    let done = [covered.iter().any(is_home), workers >= WORKERS, people.len() > workers + WORKERS];
    done.iter().position(|done| !done).map(|at| NEXT[at])
}
