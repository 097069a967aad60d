//! What a member who reported in did for a community in a period, as the log stood at a position. Private service elsewhere is
//! not told, and neither is credit.

use std::collections::BTreeMap;

use hourbook_ledger::domain::event::{AffiliationKind, BodyKind, Claimer, Scope, WishKind};
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use hourbook_ledger::domain::time::{Date, Period};
use hourbook_projections::Models;
use hourbook_projections::wishes::Wish;

/// For which community and period, as of which position.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) community: OrgId,
    pub(super) period: Period,
    /// Entries below it are counted.
    pub(super) end: u64,
}

/// A member who reported in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) person: PersonId,
    /// Where the member works, if it is on record.
    pub(super) unit: Option<OrgId>,
    /// Since when the member is reported in.
    pub(super) since: Date,
    /// How often the member served.
    pub(super) times: usize,
    pub(super) minutes: u64,
    /// Categories of what was done, the most minutes first.
    pub(super) categories: Vec<String>,
    pub(super) claimed: usize,
    pub(super) granted: usize,
}

/// Members who were reported in to the community at some time of the period, in the order of reporting in.
pub(super) fn members(models: &Models, asked: Asked) -> Vec<Member> {
    let (first, after) = asked.period.range();
    let register = models.directory.register();
    // Where the organisations stand at the end of the period, or today: a tie may be older than the tree.
    let day = after.plus(-1).min(models.directory.today());
    let here = |org: OrgId| register.orgs.covers(Scope::Org(asked.community), org, day);
    let people = register.people.iter().filter_map(|(person, known)| {
        let ties = &known.affiliations;
        let overlaps =
            |from: Date, to: Option<Date>| from < after && to.is_none_or(|to| to > first && to > from);
        let reported = ties.iter().find(|tie| {
            tie.kind == AffiliationKind::ReportedIn && overlaps(tie.span.from, tie.span.to) && here(tie.org)
        })?;
        let unit = ties
            .iter()
            .rfind(|tie| tie.kind == AffiliationKind::Organisational && overlaps(tie.span.from, tie.span.to));
        Some((*person, unit.map(|tie| tie.org), reported.span.from))
    });
    let mut people: Vec<_> = people.collect();
    people.sort_unstable_by_key(|(person, _, since)| (*since, *person));
    let wishes = wishes(models, asked);
    people
        .into_iter()
        .map(|(person, unit, since)| {
            let (times, minutes, categories) = service(models, asked, person);
            let (claimed, granted) = wishes.get(&person).copied().unwrap_or_default();
            Member { person, unit, since, times, minutes, categories, claimed, granted }
        })
        .collect()
}

fn service(models: &Models, asked: Asked, person: PersonId) -> (usize, u64, Vec<String>) {
    let (first, after) = asked.period.range();
    let orgs = &models.directory.register().orgs;
    let (mut times, mut minutes) = (0, 0);
    let mut categories: BTreeMap<String, u64> = BTreeMap::new();
    for service in models.records.services_before(person, asked.end) {
        let within = service.days.iter().filter(|(day, _)| (first..after).contains(day));
        let counted: u64 = within
            .filter(|(day, _)| orgs.covers(Scope::Org(asked.community), service.org, *day))
            .map(|(_, minutes)| u64::from(*minutes))
            .sum();
        if counted == 0 {
            continue;
        }
        (times, minutes) = (times + 1, minutes + counted);
        if let Some(activity) = models.directory.activity(service.activity) {
            *categories.entry(activity.category.to_string()).or_default() += counted;
        }
    }
    let mut categories: Vec<_> = categories.into_iter().collect();
    categories.sort_by_key(|(category, minutes)| (std::cmp::Reverse(*minutes), category.clone()));
    (times, minutes, categories.into_iter().map(|(category, _)| category).collect())
}

/// How many wishes of the community each person took on in the period, and how many were granted in it.
fn wishes(models: &Models, asked: Asked) -> BTreeMap<PersonId, (usize, usize)> {
    let orgs = &models.directory.register().orgs;
    let mut found: BTreeMap<PersonId, (usize, usize)> = BTreeMap::new();
    let today = models.directory.today();
    let of_here =
        models.wishes.all().filter(|wish| orgs.covers(Scope::Org(asked.community), wish.org, today));
    for wish in of_here {
        if let Some(person) = claimer_within(models, asked, wish, WishKind::Claimed) {
            found.entry(person).or_default().0 += 1;
        }
        if let Some(person) = claimer_within(models, asked, wish, WishKind::Confirmed) {
            found.entry(person).or_default().1 += 1;
        }
    }
    found
}

/// Who has taken a wish on, if a step of a kind that was not undone is in the period.
fn claimer_within(models: &Models, asked: Asked, wish: &Wish, kind: WishKind) -> Option<PersonId> {
    let Some(Claimer::Person(person)) = wish.claimer else { return None };
    let (first, after) = asked.period.range();
    let step = wish.timeline.iter().rfind(|step| step.kind == BodyKind::Wish(kind))?;
    let day = step.act.at.date(models.directory.offset());
    (step.act.position < asked.end && (first..after).contains(&day)).then_some(person)
}
