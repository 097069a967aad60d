//! Lists: what a line is made of, who stands on it, and that a cut-off is honoured.

use hourbook_ledger::domain::event::{
    ActivityEvent, AffiliationKind, Attended, Attendee, Body, Claimer, ListEvent, ReportInEvent, Span,
    WishEvent,
};
use hourbook_ledger::domain::ids::{OrgId, PersonId, ShiftId, WishId};
use hourbook_ledger::domain::policy::{Membership, NoService, PointsPolicy, Policy};
use hourbook_ledger::domain::time::Period;

use super::town::*;
use crate::canonical::Canonical;
use crate::lists::{Colour, DraftError, ItemKind, Standing};

const MARCH: Period = Period::Month(2026, 3);

/// Minutes, a wish and an absence of `person(0)`; the others as their names say.
fn busy_town() -> Town {
    let mut town = Town::new();
    [0, 1, 2, 3].into_iter().for_each(|n| town.enlist(person(n)));
    town.affiliate(person(4), UNIT, AffiliationKind::Organisational, from("2026-03-01"));
    town.serve(person(0), at(date("2026-03-02"), 9, 300));
    town.serve(person(0), at(date("2026-02-27"), 9, 99));
    let (activity, shift) = (ACTIVITY, ShiftId([50; 16]));
    let interval = at(date("2026-03-03"), 9, 60);
    town.say(WORKER, Body::shift_opened(activity, shift, interval, 9));
    town.say(person(0), Body::Activity(ActivityEvent::SignedUp { activity, shift, person: person(0) }));
    let rows = vec![Attendee { person: person(0), attended: Attended::NoShow }];
    town.say(WORKER, Body::Activity(ActivityEvent::AttendanceTaken { activity, shift, rows }));
    let wish = WishId([60; 16]);
    town.say(WORKER, Body::posted(wish, GRID, person(5), "errand", word(1), 30));
    town.say(SECOND_WORKER, Body::Wish(WishEvent::Vetted { wish, sentence: word(2) }));
    let (claimer, participants) = (Claimer::Person(person(0)), vec![person(1)]);
    town.say(person(0), Body::Wish(WishEvent::Claimed { wish, claimer, participants }));
    town.say(person(0), Body::Wish(WishEvent::Fulfilled { wish, minutes: 30, evidence: None }));
    town.say(person(5), Body::Wish(WishEvent::Confirmed { wish, rating: 4 }));
    let span = Span { from: date("2026-03-10"), to: Some(date("2026-03-20")) };
    town.say(
        FOUNDER,
        Body::List(ListEvent::MemberExempted { person: person(2), org: UNIT, span, reason: word(3) }),
    );
    town
}

#[test]
fn every_line_names_the_events_behind_its_points() {
    let town = busy_town();
    let draft = town.models().draft(UNIT, MARCH, town.position() - 1).unwrap();
    let lines: Vec<_> = draft.lines.iter().map(|l| (l.person, l.total, l.standing, l.colour)).collect();
    let expected = [
        (person(0), 6_000 + 600 + 500 - 300, Standing::Scored, Colour::None),
        (person(1), 6_500, Standing::Scored, Colour::None),
        (person(2), 6_000, Standing::Exempt, Colour::None),
        (person(3), 6_000, Standing::ZeroService, Colour::Yellow),
        (person(4), 6_000, Standing::NotReportedIn, Colour::None),
    ];
    assert_eq!(lines, expected);
    let kinds = |event: u64| town.log[event as usize].event.body.kind().name();
    let items: Vec<_> = draft.lines[0]
        .items
        .iter()
        .map(|i| (i.kind, i.hundredths, i.amount, i.events.iter().map(|e| kinds(*e)).collect::<Vec<_>>()))
        .collect();
    let expected = [
        (ItemKind::Base, 6_000, 0, vec![]),
        (ItemKind::Minutes, 600, 300, vec!["hours-confirmed"]),
        (ItemKind::Wishes, 500, 1, vec!["wish-confirmed"]),
        (ItemKind::Absences, -300, 1, vec!["attendance-taken"]),
    ];
    assert_eq!(items, expected);
    assert_eq!(draft.lines[2].exempt.len(), 1);
    assert_eq!((draft.of(Colour::Yellow).count(), draft.count(Standing::Scored)), (1, 2));
}

#[test]
fn floor_and_ceiling_bound_the_total_and_red_is_at_its_threshold() {
    let mut town = Town::new();
    let strict = PointsPolicy { absence: -9_000, ceiling: Some(7_000), ..PointsPolicy::PLAIN };
    town.adopt("2026-04-01", Policy::Points(strict));
    [0, 1, 2].into_iter().for_each(|n| town.enlist(person(n)));
    town.serve(person(0), at(date("2026-04-02"), 8, 700));
    town.serve(person(1), at(date("2026-04-02"), 8, 499));
    let (activity, shift) = (ACTIVITY, ShiftId([50; 16]));
    town.say(WORKER, Body::shift_opened(activity, shift, at(date("2026-04-03"), 9, 60), 9));
    let absent = |attended| vec![Attendee { person: person(2), attended }];
    town.say(
        WORKER,
        Body::Activity(ActivityEvent::AttendanceTaken { activity, shift, rows: absent(Attended::NoShow) }),
    );
    let cutoff = town.position() - 1;
    let april = Period::Month(2026, 4);
    let totals = |town: &Town, cutoff| -> Vec<_> {
        let draft = town.models().draft(UNIT, april, cutoff).unwrap();
        draft.lines.iter().map(|l| (l.person, l.total, l.colour)).collect()
    };
    let expected =
        [(person(0), 7_000, Colour::Red), (person(1), 6_998, Colour::None), (person(2), 0, Colour::Yellow)];
    assert_eq!(totals(&town, cutoff), expected);
    // A later roll call for the same shift takes the absence back, but not from an earlier cut-off.
    let there = Attended::Present(at(date("2026-04-03"), 9, 60));
    town.say(WORKER, Body::Activity(ActivityEvent::AttendanceTaken { activity, shift, rows: absent(there) }));
    assert_eq!(totals(&town, cutoff), expected);
    assert_eq!(totals(&town, cutoff + 1)[2], (person(2), 6_000, Colour::Yellow));
}

#[test]
fn a_transfer_leaves_the_earlier_part_with_the_earlier_place() {
    let mut town = Town::new();
    town.enlist(person(0));
    town.serve(person(0), at(date("2026-03-02"), 9, 100));
    town.affiliate(person(0), TEAM, AffiliationKind::Organisational, from("2026-03-15"));
    town.serve(person(0), at(date("2026-03-16"), 9, 40));
    let models = town.models();
    let minutes = |scope| -> Vec<_> {
        let draft = models.draft(scope, MARCH, town.position() - 1).unwrap();
        draft.lines.iter().map(|l| l.items.iter().map(|i| i.amount).sum::<u32>()).collect()
    };
    assert_eq!(minutes(UNIT), [] as [u32; 0], "gone on the last day");
    assert_eq!(minutes(TEAM), [40]);
    assert_eq!(minutes(WEST), [40], "the team is part of the west");
    assert_eq!(minutes(GRID), [140], "reported in all the time");
    assert_eq!(minutes(CITY), [140]);
}

#[test]
fn a_list_of_nowhere_or_without_policy_is_none() {
    let town = busy_town();
    let models = town.models();
    let nowhere = hourbook_ledger::domain::ids::OrgId([99; 16]);
    assert_eq!(models.draft(nowhere, MARCH, 9_999), Err(DraftError::UnknownOrg));
    assert_eq!(models.draft(UNIT, Period::Year(2025), 9_999), Err(DraftError::NoPolicy));
    assert_eq!(models.draft(UNIT, MARCH, 3), Err(DraftError::UnknownOrg));
}

#[test]
fn every_cutoff_gives_the_list_of_its_time() {
    let mut town = busy_town();
    town.affiliate(person(1), TEAM, AffiliationKind::Organisational, from("2026-03-15"));
    town.say(WORKER, Body::ReportIn(ReportInEvent::Filed { person: person(4), community: GRID }));
    town.say(
        WORKER,
        Body::ReportIn(ReportInEvent::Answered { person: person(4), community: GRID, accepted: true }),
    );
    let recorded = town.record(&[(person(4), at(date("2026-03-02"), 9, 300))]);
    town.confirm(recorded);
    town.correct(recorded, 0, None);
    town.say(
        WORKER,
        Body::ReportIn(ReportInEvent::Ended { person: person(0), community: GRID, on: date("2026-03-20") }),
    );
    town.say(
        WORKER,
        Body::ReportIn(ReportInEvent::Ended { person: person(4), community: GRID, on: date("2026-03-20") }),
    );
    town.adopt("2026-03-01", Policy::Points(PointsPolicy { wish: 900, ..PointsPolicy::PLAIN }));
    let kind = hourbook_ledger::domain::event::EdgeKind::PartOf;
    let span = from("2026-03-10");
    town.say(FOUNDER, Body::org_linked(GRID, WEST, kind, span));
    let models = town.models();
    let mut distinct = std::collections::BTreeSet::new();
    for cutoff in 0..town.position() {
        let then = folded(&town.log[..=cutoff as usize]);
        for scope in [CITY, EAST, WEST, GRID, UNIT] {
            let now = models.draft(scope, MARCH, cutoff);
            assert_eq!(now, then.draft(scope, MARCH, cutoff), "{scope} at {cutoff}");
            distinct.extend(now.map(|draft| draft.lines.canonical_bytes()));
        }
    }
    assert!(distinct.len() > 20, "the cut-off must matter for this to say anything: {}", distinct.len());
}

#[test]
fn a_published_list_reproduces_unless_its_digest_or_policy_is_another() {
    let mut town = busy_town();
    let cutoff = town.position() - 1;
    let draft = town.models().draft(UNIT, MARCH, cutoff).unwrap();
    let (scope, period, policy) = (UNIT, MARCH, draft.policy);
    let publish = |digest| Body::List(ListEvent::Published { scope, period, cutoff, policy, digest });
    town.say(FOUNDER, publish([9; 32]));
    town.serve(person(3), at(date("2026-03-09"), 9, 60));
    town.say(FOUNDER, publish(draft.digest()));
    town.serve(person(3), at(date("2026-03-10"), 9, 60));
    let models = town.models();
    let checked: Vec<_> = models.lists.published().iter().map(|list| models.reproduces(list)).collect();
    assert_eq!(checked, [false, true]);
    assert_eq!(models.lists.latest(UNIT, MARCH).unwrap().digest, draft.digest());
}

/// The list of March under the usual policy with something else said, and whether it reproduces once it is published.
fn under(change: impl FnOnce(&mut PointsPolicy), scope: OrgId) -> Vec<(PersonId, i64, Standing, Colour)> {
    let mut town = busy_town();
    let mut points = PointsPolicy::PLAIN;
    change(&mut points);
    town.adopt("2026-02-01", Policy::Points(points));
    let cutoff = town.position() - 1;
    let draft = town.models().draft(scope, MARCH, cutoff).unwrap();
    let (period, policy, digest) = (MARCH, draft.policy, draft.digest());
    town.say(FOUNDER, Body::List(ListEvent::Published { scope, period, cutoff, policy, digest }));
    let models = town.models();
    assert!(models.reproduces(models.lists.latest(scope, MARCH).unwrap()));
    draft.lines.iter().map(|l| (l.person, l.total, l.standing, l.colour)).collect()
}

#[test]
fn a_list_covers_those_whom_its_policy_names() {
    let who = |covers, scope| -> Vec<_> {
        under(|points| points.covers = covers, scope).into_iter().map(|(person, ..)| person).collect()
    };
    let all = [0, 1, 2, 3, 4].map(person);
    let (direct, reported) = (Some(Membership::Direct), Some(Membership::ReportedIn));
    assert_eq!((who(None, CITY), who(direct, CITY)), (all.to_vec(), all.to_vec()), "the unit is in the city");
    assert_eq!(who(reported, CITY), all[..4], "one has not reported in");
    assert_eq!((who(direct, UNIT), who(reported, UNIT)), (all.to_vec(), vec![]));
    assert_eq!((who(direct, GRID), who(reported, GRID)), (vec![], all[..4].to_vec()));
}

#[test]
fn service_counts_on_the_days_on_which_the_policy_covers_the_member() {
    let mut town = Town::new();
    town.enlist(person(0));
    town.serve(person(0), at(date("2026-03-02"), 9, 100));
    town.affiliate(person(0), TEAM, AffiliationKind::Organisational, from("2026-03-15"));
    town.serve(person(0), at(date("2026-03-16"), 9, 40));
    let mut minutes = |covers| {
        town.adopt("2026-02-01", Policy::Points(PointsPolicy { covers, ..PointsPolicy::PLAIN }));
        let draft = town.models().draft(WEST, MARCH, town.position() - 1).unwrap();
        draft.lines.iter().map(|l| l.items.iter().map(|i| i.amount).sum()).collect::<Vec<u32>>()
    };
    assert_eq!(minutes(Some(Membership::Direct)), [40]);
    assert_eq!(minutes(Some(Membership::ReportedIn)), [0; 0], "reported in elsewhere");
}

#[test]
fn no_service_means_what_the_policy_says() {
    let colours = |no_service, yellow_to| {
        let lines = under(
            |points| {
                points.no_service = no_service;
                points.yellow_to = yellow_to;
            },
            UNIT,
        );
        lines.into_iter().map(|(.., colour)| colour).collect::<Vec<_>>()
    };
    use Colour::{None as Neither, Yellow};
    let (always, never) = (Some(NoService::Yellow), Some(NoService::NotListed));
    // Two who served, one who is exempt, one without service, one not reported in.
    assert_eq!(colours(None, 6_000), [Neither, Neither, Neither, Yellow, Neither]);
    assert_eq!(colours(None, 5_999), [Neither; 5]);
    assert_eq!(colours(always, 5_999), [Neither, Neither, Neither, Yellow, Neither]);
    assert_eq!(colours(never, 6_000), [Neither; 5]);
    assert_eq!(colours(never, 6_900), [Yellow, Yellow, Neither, Neither, Neither], "others as ever");
}
