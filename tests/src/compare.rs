//! Holds the ledger's rule state and its read models to the oracle.

use std::collections::{BTreeMap, BTreeSet};

use hourbook_ledger::domain::credit::HoldState;
use hourbook_ledger::domain::event::Account;
use hourbook_ledger::domain::person::Office;
use hourbook_ledger::domain::{Effect, State, act, activity, hours, report_in};
use hourbook_ledger::follower::LoggedEvent;
use hourbook_projections::models::Models;
use hourbook_projections::record::shown::RowView;
use hourbook_projections::wishes::WishState;

use crate::model::Model;
use crate::model::act::Wanting;
use crate::model::outcome::Outcome;
use crate::model::register::Standing;
use crate::model::service::{Part, Phase, RowState};
use crate::model::wishes::Stage;

/// What the ledger derived from one event must be what the oracle derives.
///
/// # Panics
/// If it is not.
pub fn effects(outcome: &Outcome, told: &LoggedEvent) {
    let mut seen = Outcome::default();
    for effect in &told.effects {
        match effect {
            Effect::Posted { from, to, minutes } => {
                *seen.moved.entry(*from).or_default() -= i64::from(*minutes);
                *seen.moved.entry(*to).or_default() += i64::from(*minutes);
            }
            Effect::Counted { recorded, row, date, was, now, .. } => {
                *seen.counted.entry(((*recorded, *row), *date)).or_default() +=
                    i64::from(*now) - i64::from(*was);
            }
            Effect::Overdue { recorded, row, provisional } => {
                seen.overdue.insert((*recorded, *row), *provisional);
            }
            Effect::Promoted { person, .. } => seen.promoted.push(*person),
            Effect::Held { subject, needs_approval, due } => {
                seen.held = Some((*subject, *needs_approval, *due));
            }
            Effect::TookEffect(event) => seen.took_effect = Some(event.id),
            Effect::Dropped(act) => seen.dropped.push(*act),
        }
    }
    seen.moved.retain(|_, by| *by != 0);
    seen.counted.retain(|_, by| *by != 0);
    assert_eq!(&seen, outcome, "what follows from position {}: {:?}", told.position, told.event.body);
}

/// The rule state must be what the oracle has.
///
/// # Panics
/// If it is not.
pub fn state(model: &Model, state: &State) {
    books(model, state);
    hours_of(model, state);
    activities(model, state);
    wishes(model, state);
    register(model, state);
    acts(model, state);
    looks(model, state);
}

fn looks(model: &Model, state: &State) {
    assert_eq!(state.looks.len(), model.looks.sealed.len(), "looks under a seal");
    for (id, ours) in &model.looks.sealed {
        let theirs = state.looks.get(*id).expect("it is sealed");
        assert_eq!((theirs.by, theirs.seal, theirs.until), (ours.by, ours.seal, ours.until), "{id}");
    }
    let date = model.register.day(model.last_at).plus(360);
    let late = model.looks.sealed.iter().filter(|(_, sealed)| sealed.until < date);
    let ours: BTreeSet<_> = late.map(|(look, _)| *look).collect();
    let theirs: BTreeSet<_> = state.looks.overdue(date).into_iter().map(|(look, _)| look).collect();
    assert_eq!(theirs, ours, "looks to be opened before {date}");
}

fn acts(model: &Model, state: &State) {
    assert_eq!(state.acts.iter().count(), model.acts.len(), "acts that wait");
    for (id, ours) in &model.acts {
        let theirs = state.acts.get(*id).expect("it waits");
        let wanting = theirs.second.map(|second| match second {
            act::Second::Colleague => Wanting::Colleague,
            act::Second::GivingSide => Wanting::Home,
            act::Second::GainingSide => Wanting::Gaining,
        });
        let seen = (theirs.subject, wanting, theirs.approved_by, theirs.due, theirs.since);
        assert_eq!(seen, (ours.subject, ours.wanting, ours.approved_by, ours.due, ours.since), "{id}");
    }
    let next = model.acts.values().filter(|act| act.wanting.is_none()).filter_map(|act| act.due).min();
    assert_eq!(state.acts.next_due(), next, "the next term to be over");
}

fn books(model: &Model, state: &State) {
    let ours: BTreeMap<Account, i64> =
        model.books.balances.iter().filter(|b| *b.1 != 0).map(|(a, b)| (*a, *b)).collect();
    let theirs: BTreeMap<Account, i64> = state.credit.balances().collect();
    assert_eq!(theirs, ours, "balances");
    assert_eq!(theirs.values().sum::<i64>(), 0, "the books");
    assert_eq!(state.credit.volume(), model.books.volume, "volume");
    for (id, hold) in &model.books.holds {
        let theirs = state.credit.hold(*id).expect("the hold is known");
        let how = match hold.ended {
            None => HoldState::Open,
            Some(0) => HoldState::Void,
            Some(minutes) => HoldState::Settled(minutes),
        };
        assert_eq!((theirs.state, theirs.until, theirs.minutes), (how, hold.until, hold.minutes), "{id}");
    }
    let next = model.books.holds.values().filter(|hold| hold.ended.is_none()).map(|hold| hold.until).min();
    assert_eq!(state.credit.next_due(), next, "the next hold to run out");
}

fn hours_of(model: &Model, state: &State) {
    for ((event, index), row) in &model.service.rows {
        let theirs = state.hours.row(*event, *index).expect("the row is known");
        let how = match row.state {
            RowState::Recorded => hours::RowState::Recorded,
            RowState::Confirmed => hours::RowState::Confirmed,
            RowState::Void => hours::RowState::Void,
        };
        let interval = theirs.interval();
        let seen = (theirs.person, interval.start.0, interval.end.0, theirs.state);
        assert_eq!(seen, (row.person, row.start, row.end, how), "row {index} of {event}");
    }
    for person in model.register.people.keys() {
        let days = model.service.days(&model.register, *person);
        let minutes: i64 = days.values().sum();
        assert_eq!(i64::from(state.hours.certified_minutes(*person)), minutes, "{person}");
        for (date, minutes) in days {
            assert_eq!(i64::from(state.hours.certified_on(*person, date)), minutes, "{person} on {date}");
        }
        let earned = model.service.earned(&model.register, *person).own;
        assert_eq!(i64::from(state.hours.earned(*person)), earned, "earned by {person}");
    }
}

fn activities(model: &Model, state: &State) {
    for (id, ours) in &model.service.activities {
        let theirs = state.activities.get(*id).expect("the activity is known");
        let phase = match ours.phase {
            Phase::Planned => activity::Phase::Planned,
            Phase::Published => activity::Phase::Published,
            Phase::Closed => activity::Phase::Closed,
            Phase::Cancelled => activity::Phase::Cancelled,
        };
        assert_eq!((theirs.phase, theirs.served, theirs.org), (phase, ours.served, ours.org), "{id}");
    }
    for (id, ours) in &model.service.shifts {
        let theirs = state.activities.shift(*id).expect("the shift is known");
        let seen = (usize::from(theirs.taken), theirs.waiting as usize);
        assert_eq!(seen, (ours.places.len(), ours.queue.len()), "places of {id}");
        for (person, part) in &ours.parts {
            let standing = state.activities.standing(*id, *person);
            let same = match part {
                Part::Placed => standing == Some(activity::Standing::Placed),
                Part::Waiting => matches!(standing, Some(activity::Standing::Waiting(_))),
                Part::Withdrew => standing == Some(activity::Standing::Withdrew),
                Part::Present => matches!(standing, Some(activity::Standing::Present(_))),
                Part::NoShow => standing == Some(activity::Standing::NoShow),
            };
            assert!(same, "{person} in {id}: {part:?} and {standing:?}");
        }
    }
}

fn stage_of(state: WishState) -> Stage {
    match state {
        WishState::Draft => Stage::Draft,
        WishState::Open => Stage::Open,
        WishState::Claimed => Stage::Claimed,
        WishState::Fulfilled => Stage::Fulfilled,
        WishState::Confirmed => Stage::Confirmed,
        WishState::Lapsed => Stage::Lapsed,
        WishState::Withdrawn => Stage::Withdrawn,
        WishState::Disputed => Stage::Disputed,
    }
}

fn wishes(model: &Model, state: &State) {
    assert_eq!(state.wishes.len(), model.wishes.all.len());
    let mut terms = Vec::new();
    for (id, ours) in &model.wishes.all {
        let theirs = state.wishes.get(*id).expect("the wish is known");
        assert_eq!(stage_of(theirs.status.state()), ours.stage, "{id}");
        assert_eq!(theirs.open_until, ours.open_until, "{id}");
        assert_eq!(theirs.claim().map(|claim| claim.until), ours.claim_until, "{id}");
        terms.extend(match ours.stage {
            Stage::Open => ours.open_until,
            Stage::Claimed => ours.claim_until,
            _ => None,
        });
        if let Some(claimer) = theirs.claim().map(|claim| claim.claimer) {
            assert_eq!(Some(claimer), ours.claimer, "{id}");
            let open = usize::from(state.wishes.open_claims(claimer));
            assert_eq!(open, model.wishes.open_claims(claimer), "claims of {claimer:?}");
        }
    }
    assert_eq!(state.wishes.next_due(), terms.into_iter().min(), "the next term to end");
}

fn register(model: &Model, state: &State) {
    for org in model.register.orgs.keys() {
        let day = model.register.day(model.last_at);
        let ours = model.register.notices.iter().filter(|(_, (of, to))| of == org && day < *to);
        let ours: BTreeSet<_> = ours.map(|(notice, _)| *notice).collect();
        assert_eq!(state.notices.of(*org, day).collect::<BTreeSet<_>>(), ours, "notices of {org}");
    }
    for person in model.register.people.keys() {
        let theirs: BTreeSet<_> = state.people.helpers(*person).collect();
        assert_eq!(theirs, model.register.helpers_of(*person), "helpers of {person}");
    }
    let today = model.register.day(model.last_at);
    for (person, ours) in &model.register.report_ins {
        let theirs = state.report_ins.of(*person);
        let standing = |standing| match standing {
            Standing::Filed => report_in::Standing::Filed,
            Standing::Accepted(date) => report_in::Standing::Accepted(date),
            Standing::Refused => report_in::Standing::Refused,
            Standing::Ended(date) => report_in::Standing::Ended(date),
        };
        let ours: Vec<_> = ours.iter().map(|(org, how)| (*org, standing(*how))).collect();
        let theirs: Vec<_> = theirs.iter().map(|r| (r.community, r.standing)).collect();
        assert_eq!(theirs, ours, "report-ins of {person}");
    }
    for person in model.register.people.keys() {
        for date in [today.plus(-3), today, today.plus(3)] {
            let homes = model.register.homes(*person, date);
            assert_eq!(state.people.homes(*person, date).to_vec(), homes, "homes of {person} on {date}");
        }
    }
    for (id, key) in &model.register.keys {
        let theirs = state.keys.get(*id).expect("the key is known");
        let lent = theirs.lent.map(|lent| (lent.by, lent.until));
        let seen = (theirs.person, theirs.from, theirs.until, lent, theirs.parent);
        assert_eq!(seen, (key.person, key.from, key.until, key.lent, key.parent), "key {id}");
    }
    let offices = state.people.role_holders().flat_map(|(person, offices)| {
        let keys = |office: &Office| office.keys.iter().copied().collect::<BTreeSet<_>>();
        offices.iter().map(move |office| ((*person, office.role, office.scope), keys(office)))
    });
    assert_eq!(offices.collect::<BTreeMap<_, _>>(), model.register.roles, "roles and their keys");
    for (id, grant) in &model.register.grants {
        let theirs = state.sessions.get(*id).expect("the grant is known");
        assert_eq!((theirs.by, theirs.opened, theirs.closed), (grant.by, grant.opened, grant.closed), "{id}");
    }
    for org in model.register.orgs.keys() {
        assert_eq!(state.orgs.ancestors(*org, today), model.register.up(*org, today), "above {org}");
    }
}

/// The read models must show what the oracle has.
///
/// # Panics
/// If they do not.
pub fn models(model: &Model, models: &Models) {
    assert_eq!(models.as_of(), model.size);
    assert_eq!(models.accounts.sum(), 0, "the books");
    assert_eq!(models.accounts.volume(), 2 * model.books.volume, "both sides of all postings");
    for (account, balance) in &model.books.balances {
        assert_eq!(models.accounts.balance(*account), *balance, "{account:?}");
        let issuance = *account == Account::Issuance;
        let last = models.accounts.statement(*account).next_back().map_or(0, |posting| posting.balance);
        assert!(issuance || last == *balance, "the statement of {account:?} ends at {last}");
    }
    let mut volunteers = 0;
    for person in model.register.people.keys() {
        let days = model.service.days(&model.register, *person);
        let minutes: i64 = days.values().sum();
        volunteers += u32::from(minutes > 0);
        assert_eq!(i64::from(models.records.certified(*person)), minutes, "{person}");
        let open = model.books.holds.values().filter(|hold| hold.from == *person && hold.ended.is_none());
        let held: i64 = open.map(|hold| i64::from(hold.minutes)).sum();
        assert_eq!(models.accounts.held(*person), held, "set aside by {person}");
        for ((row, date), minutes) in model.service.certified(&model.register, *person) {
            let shown = models.records.row(&models.accounts, row.0, row.1).expect("the row is shown");
            let on_day = shown.days.iter().find(|day| day.0 == date).map(|day| i64::from(day.1));
            assert_eq!(on_day, Some(minutes), "row {row:?} on {date}");
        }
    }
    assert_eq!(models.records.volunteers(), volunteers);
    let pending = model.service.rows.values().filter(|row| row.state == RowState::Recorded).count();
    let rows = model.register.people.keys().flat_map(|person| models.records.rows(&models.accounts, *person));
    assert_eq!(rows.filter(RowView::is_pending).count(), pending);
    shown_wishes(model, models);
    shown_looks(model, models);
}

fn shown_looks(model: &Model, models: &Models) {
    for person in model.register.people.keys() {
        let shown: Vec<_> =
            models.directory.looks().at(*person).map(|look| (look.position, look.at)).collect();
        let told = model.looks.told.get(person).map_or(&[][..], Vec::as_slice);
        assert_eq!(shown, told, "looks at {person}");
    }
}

fn shown_wishes(model: &Model, models: &Models) {
    assert_eq!(models.wishes.len(), model.wishes.all.len());
    for (id, ours) in &model.wishes.all {
        let shown = models.wishes.get(*id).expect("the wish is shown");
        let stage = stage_of(shown.state);
        let rating = (ours.rating > 0).then_some(ours.rating);
        assert_eq!((stage, shown.rating, shown.org), (ours.stage, rating, ours.org), "{id}");
        if ours.claimer.is_some() {
            assert_eq!(shown.claimer, ours.claimer, "{id}");
        }
    }
}
