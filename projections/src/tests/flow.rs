//! One thing after another, and what the read models say of it.

use hourbook_ledger::domain::event::{
    AccessEvent, AccessPurpose, Account, ActivityEvent, Assurance, Attended, Attendee, Body, BodyKind,
    Claimer, CreditEvent, CreditKind, HoursKind, Lapse, Looked, OrgKind, RecordClass, ReportInEvent, Role,
    Scope, SessionEvent, TransferKind, WishEvent,
};
use hourbook_ledger::domain::ids::{HoldId, PersonId, ShiftId, WishId};
use hourbook_ledger::domain::time::{Millis, Period};

use super::town::*;
use crate::activities::Place;
use crate::directory::ReportInState;
use crate::looks::Looks;
use crate::window::Window;
use crate::wishes::{WishFilter, WishState};

const MARCH: Window = Window::In(Period::Month(2026, 3));

#[test]
fn a_row_explains_itself_from_recording_to_confirmation() {
    let mut town = Town::new();
    let night = at(date("2026-03-02"), 23, 120);
    let recorded = town.record_as(RecordClass::Late(word(9)), &[(person(0), night), (person(1), night)]);
    let pending = town.models();
    assert_eq!(pending.records.totals(person(0)).pending, 120);
    assert!(pending.records.row(&pending.accounts, recorded, 0).unwrap().is_pending());
    assert_eq!(pending.records.row(&pending.accounts, recorded, 2), None);

    town.confirm(recorded);
    let models = town.models();
    let row = &models.records.rows(&models.accounts, person(0))[0];
    assert_eq!((row.recorded, row.row, row.class), (recorded, 0, RecordClass::Late(word(9))));
    assert_eq!((row.recorder.actor, row.recorder.assurance), (WORKER, Assurance::DeviceKey));
    assert_eq!(row.confirmation.map(|act| act.actor), Some(SECOND_WORKER));
    assert_eq!(row.days, [(date("2026-03-02"), 60), (date("2026-03-03"), 60)]);
    assert_eq!((row.minutes(), row.credit), (120, 120));
    let totals = models.records.totals(person(0));
    assert_eq!((totals.certified, totals.pending), (120, 0));
    assert_eq!(totals.by_month.into_iter().collect::<Vec<_>>(), [(2026 * 12 + 2, 120)]);
    assert_eq!(models.records.volunteers(), 2);
}

#[test]
fn a_corrected_row_points_to_its_replacement_and_back() {
    let mut town = Town::new();
    let day = date("2026-03-02");
    let recorded = town.record(&[(person(0), at(day, 9, 180))]);
    town.confirm(recorded);
    let correction = town.correct(recorded, 0, Some(at(day, 9, 60)));
    let waiting = town.models();
    assert_eq!(waiting.records.certified(person(0)), 0);
    assert_eq!(waiting.records.totals(person(0)).pending, 60);
    assert_eq!(waiting.records.volunteers(), 0);
    assert_eq!(waiting.rank(Scope::Ledger, MARCH, person(0)), None);

    town.confirm(correction);
    let models = town.models();
    let (old, new) = (
        models.records.row(&models.accounts, recorded, 0).unwrap(),
        models.records.row(&models.accounts, correction, 0).unwrap(),
    );
    assert_eq!((old.minutes(), old.replaced_by), (0, Some((correction, 0))));
    assert_eq!(old.correction.map(|c| c.reason), Some(word(66)));
    assert!(old.confirmation.is_some(), "who had confirmed it stays known");
    assert_eq!((new.minutes(), new.replaces), (60, Some((recorded, 0))));
    assert_eq!(models.accounts.balance(Account::Person(person(0))), 60);
    assert_eq!(models.records.certified(person(0)), 60);
}

#[test]
fn a_statement_shows_each_posting_with_its_cause_and_balance() {
    let mut town = Town::new();
    let (ann, bo) = (person(0), person(1));
    town.serve(ann, at(date("2026-03-02"), 9, 200));
    let (from, to) = (Account::Person(ann), Account::Person(bo));
    town.say(ann, Body::Credit(CreditEvent::Transferred { from, to, minutes: 50, kind: TransferKind::Gift }));
    let hold = HoldId([40; 16]);
    town.say(
        ann,
        Body::Credit(CreditEvent::Held { hold, from: ann, to: bo, minutes: 100, until: Millis(i64::MAX) }),
    );
    let held = town.models();
    assert_eq!((held.accounts.balance(from), held.accounts.held(ann)), (50, 100));

    town.say(ann, Body::Credit(CreditEvent::Settled { hold, minutes: 70 }));
    let models = town.models();
    let lines: Vec<_> = models.accounts.statement(from).map(|p| (p.cause, p.minutes, p.balance)).collect();
    let expected = [
        (BodyKind::Hours(HoursKind::Confirmed), 200, 200),
        (BodyKind::Credit(CreditKind::Transferred), -50, 150),
        (BodyKind::Credit(CreditKind::Held), -100, 50),
        (BodyKind::Credit(CreditKind::Settled), 30, 80),
    ];
    assert_eq!(lines, expected);
    assert_eq!((models.accounts.balance(to), models.accounts.held(ann)), (120, 0));
    assert_eq!((models.accounts.sum(), models.accounts.balance(Account::Issuance)), (0, -200));
    // Each of five moves touches two accounts: 200, 50, 100, 70, 30.
    assert_eq!(models.accounts.volume(), 900);
}

#[test]
fn totals_climb_the_tree_of_the_day_once_a_person() {
    let mut town = Town::new();
    let team = hourbook_ledger::domain::event::AffiliationKind::Team;
    town.affiliate(person(0), TEAM, team, from("2026-03-05"));
    town.serve(person(0), at(date("2026-03-02"), 9, 60));
    town.serve(person(0), at(date("2026-03-06"), 9, 90));
    town.serve(person(1), at(date("2026-03-06"), 9, 90));
    let models = town.models();
    let total = |org| {
        let total = models.total(Scope::Org(org), MARCH);
        (total.minutes, total.persons)
    };
    assert_eq!([CITY, EAST, GRID].map(total), [(240, 2); 3]);
    assert_eq!([WEST, TEAM].map(total), [(90, 1); 2]);
    assert_eq!(total(UNIT), (0, 0));
    let ranks: Vec<_> = models.leaders(Scope::Org(CITY), MARCH, 0, 9).iter().map(|r| r.minutes).collect();
    assert_eq!(ranks, [150, 90]);
    let leading = models.leading_orgs(Scope::Org(CITY), OrgKind::Community, MARCH);
    assert_eq!(
        leading.iter().map(|(org, t)| (*org, t.minutes)).collect::<Vec<_>>(),
        [(EAST, 240), (WEST, 90)]
    );
    assert_eq!(models.leading_orgs(Scope::Org(EAST), OrgKind::Team, MARCH), []);
    assert_eq!((models.stats.minutes, models.records.volunteers()), (240, 2));
}

#[test]
fn a_tree_changed_backwards_in_time_leaves_no_minutes_behind() {
    use hourbook_ledger::domain::event::EdgeKind;
    let mut town = Town::new();
    let recorded = town.record(&[(person(0), at(date("2026-03-02"), 9, 60))]);
    town.confirm(recorded);
    let (org, parent) = (GRID, WEST);
    town.say(FOUNDER, Body::org_linked(org, parent, EdgeKind::PartOf, from("2026-01-01")));
    town.correct(recorded, 0, None);
    let models = town.models();
    for scope in [CITY, EAST, WEST, GRID] {
        assert_eq!(models.total(Scope::Org(scope), Window::All).minutes, 0, "{scope}");
        assert_eq!(models.leaders(Scope::Org(scope), Window::All, 0, 9), []);
    }
}

#[test]
fn a_wish_goes_its_way_and_the_funnel_follows() {
    let mut town = Town::new();
    let post = |town: &mut Town, n: u8, org| {
        let wish = WishId([n; 16]);
        let category = if n == 1 { "repair" } else { "errand" };
        town.say(WORKER, Body::posted(wish, org, person(5), category, word(n), 30));
        town.say(SECOND_WORKER, Body::Wish(WishEvent::Vetted { wish, sentence: word(n + 1) }));
        wish
    };
    let first = post(&mut town, 1, GRID);
    let second = post(&mut town, 2, WEST);
    let claimer = Claimer::Person(person(0));
    let claim = |wish| Body::Wish(WishEvent::Claimed { wish, claimer, participants: vec![person(1)] });
    town.say(person(0), claim(first));
    town.say(LEDGER, Body::Wish(WishEvent::Lapsed { wish: first, what: Lapse::Claim }));
    assert_eq!(town.models().wishes.get(first).unwrap().claimer, None);
    town.say(person(0), claim(first));
    town.say(
        person(0),
        Body::Wish(WishEvent::Fulfilled { wish: first, minutes: 40, evidence: Some([4; 32]) }),
    );
    town.say_as(
        WORKER,
        Some(person(5)),
        Assurance::StaffProxy,
        Body::Wish(WishEvent::Confirmed { wish: first, rating: 5 }),
    );

    let models = town.models();
    let wish = models.wishes.get(first).unwrap();
    assert_eq!(
        (wish.state, wish.rating, wish.took, wish.expected),
        (WishState::Confirmed, Some(5), Some(40), 30)
    );
    assert_eq!(wish.people(), [person(0), person(1)]);
    let states: Vec<_> = wish.timeline.iter().map(|s| s.state as u8).collect();
    assert_eq!(states, [0, 1, 2, 1, 2, 3, 4]);
    assert_eq!(wish.timeline[6].act.acting_for, Some(person(5)));
    assert_eq!(models.wishes.funnel(&models.directory, None), [0, 1, 0, 0, 1, 0, 0, 0]);
    assert_eq!(models.wishes.funnel(&models.directory, Some(EAST)), [0, 0, 0, 0, 1, 0, 0, 0]);
    assert_eq!(models.shares(Some(GRID)).proxy, 1);

    let ids = |filter: WishFilter<'_>| -> Vec<_> {
        models.wishes.page(&models.directory, &filter, None, 9).wishes.iter().map(|w| w.id).collect()
    };
    assert_eq!(ids(WishFilter::default()), [second, first]);
    assert_eq!(ids(WishFilter { org: Some(EAST), ..WishFilter::default() }), [first]);
    assert_eq!(ids(WishFilter { category: Some("errand"), ..WishFilter::default() }), [second]);
    assert_eq!(ids(WishFilter { states: &[WishState::Confirmed], ..WishFilter::default() }), [first]);
    assert_eq!(ids(WishFilter { claimer: Some(person(1)), ..WishFilter::default() }), [first]);
    let page = models.wishes.page(&models.directory, &WishFilter::default(), None, 1);
    let rest = models.wishes.page(&models.directory, &WishFilter::default(), page.next, 1);
    assert_eq!((page.wishes[0].id, rest.wishes[0].id, rest.next), (second, first, None));
}

#[test]
fn the_waiting_list_and_the_roll_show_as_the_rules_see_them() {
    let mut town = Town::new();
    let (activity, shift) = (ACTIVITY, ShiftId([50; 16]));
    let interval = at(date("2026-03-07"), 9, 120);
    town.say(WORKER, Body::Activity(ActivityEvent::Published { activity }));
    town.say(WORKER, Body::shift_opened(activity, shift, interval, 1));
    for n in 0..3 {
        town.say(person(n), Body::Activity(ActivityEvent::SignedUp { activity, shift, person: person(n) }));
    }
    let place = |town: &Town, n| {
        let models = town.models();
        models.directory.activity(activity).unwrap().shift(shift).unwrap().part(person(n)).unwrap().place
    };
    assert_eq!([0, 1, 2].map(|n| place(&town, n)), [Place::Placed, Place::Waiting, Place::Waiting]);
    town.say(
        person(0),
        Body::Activity(ActivityEvent::SignUpWithdrawn { activity, shift, person: person(0) }),
    );
    assert_eq!([0, 1, 2].map(|n| place(&town, n)), [Place::Withdrew, Place::Placed, Place::Waiting]);
    let present = |n| Attendee { person: person(n), attended: Attended::Present(interval) };
    let rows = vec![Attendee { person: person(1), attended: Attended::NoShow }, present(4)];
    town.say(WORKER, Body::Activity(ActivityEvent::AttendanceTaken { activity, shift, rows }));
    assert_eq!([1, 4].map(|n| place(&town, n)), [Place::NoShow, Place::Present(interval)]);
    let models = town.models();
    let seen = models.directory.activity(activity).unwrap().shift(shift).unwrap();
    let known = town.state.activities.shift(shift).unwrap();
    assert_eq!((seen.taken, seen.waiting() as u32), (known.taken, known.waiting));
}

#[test]
fn the_directory_knows_reports_grants_and_looks() {
    let mut town = Town::new();
    let (ann, community) = (person(0), GRID);
    town.say(ann, Body::ReportIn(ReportInEvent::Filed { person: ann, community }));
    town.say(WORKER, Body::ReportIn(ReportInEvent::Answered { person: ann, community, accepted: true }));
    let grant = town.say(
        WORKER,
        Body::Session(SessionEvent::Granted { person: ann, code: word(8), until: Millis(START.0 + 9) }),
    );
    town.say(LEDGER, Body::Session(SessionEvent::Opened { person: ann, grant, until: Millis(START.0 + 99) }));
    let look = |what, persons: &[PersonId]| {
        Body::Access(AccessEvent::RecordAccessed {
            by: WORKER,
            role: Some(Role::Worker),
            purpose: AccessPurpose::Service,
            what,
            persons: persons.to_vec(),
        })
    };
    let board = Looked::Board(Scope::Org(GRID));
    town.say(LEDGER, look(Looked::Record, &[ann]));
    town.say(LEDGER, look(board, &[ann, person(1)]));
    town.say(LEDGER, look(Looked::Entries, &[]));
    let models = town.models();
    let directory = &models.directory;
    let entry = directory.person(ann).unwrap();
    assert_eq!(entry.report_in.map(|r| (r.community, r.state)), Some((GRID, ReportInState::Accepted)));
    assert_eq!(entry.name, word(ann.0[0]));
    let affiliation = directory.register().people.get(ann).unwrap().affiliations[0];
    assert_eq!((affiliation.org, affiliation.span), (GRID, from("2026-03-02")));
    let [view] = directory.grants_of(ann)[..] else { panic!("one grant") };
    assert_eq!((view.grant, view.code, view.session_until), (grant, word(8), Some(Millis(START.0 + 99))));
    let looks = directory.looks();
    assert_eq!(
        looks.at(ann).map(|l| (l.by, l.what)).collect::<Vec<_>>(),
        [(WORKER, Looked::Record), (WORKER, board)]
    );
    assert_eq!((looks.count_at(person(1)), looks.at_all().count()), (1, 1));
    let kinds = Looks::by_kind(looks.at(ann));
    assert_eq!(kinds.iter().map(|k| (k.role, k.times)).collect::<Vec<_>>(), [(Some(Role::Worker), 2)]);
    let on = |what| looks.on(WORKER, what, directory.today(), directory.offset());
    assert!(
        on(board).concern(person(1)) && !on(Looked::Record).concern(person(1)) && on(Looked::Entries).any()
    );
    let tomorrow = directory.today().plus(1);
    assert!(!looks.on(WORKER, board, tomorrow, directory.offset()).any(), "another day");
    assert_eq!(directory.children(CITY, date("2026-03-02")), [EAST, WEST, UNIT]);
    assert_eq!(directory.ancestors(GRID, date("2026-03-02")), [GRID, EAST, CITY]);
}

#[test]
fn a_sealed_look_is_nobodys_until_it_is_opened_and_then_one_of_its_day() {
    let mut town = Town::new();
    let (ann, bo) = (person(0), person(1));
    let (by, role, purpose) = (WORKER, Some(Role::Auditor), AccessPurpose::Audit);
    let (board, until) = (Looked::Board(Scope::Org(GRID)), date("2026-12-31"));
    let sealed_at = town.now;
    let seal = |town: &mut Town| {
        let look = AccessEvent::LookSealed { by, role, purpose, seal: [1; 32], until };
        town.say(LEDGER, Body::Access(look))
    };
    let open = |town: &mut Town, sealed, what, persons: &[PersonId]| {
        let (salt, persons) = ([2; 32], persons.to_vec());
        town.say(LEDGER, Body::Access(AccessEvent::LookOpened { by, sealed, salt, what, persons }));
    };
    let look = |town: &mut Town, person| {
        let persons = vec![person];
        let look = AccessEvent::RecordAccessed { by, role, purpose, what: board, persons };
        town.say(LEDGER, Body::Access(look));
    };
    let (first, second) = (seal(&mut town), seal(&mut town));
    let models = town.models();
    let (looks, sealed_on) = (models.directory.looks(), models.directory.today());
    assert_eq!((looks.count_at(ann), looks.at_all().count()), (0, 0));
    assert!(!looks.on(by, board, sealed_on, models.directory.offset()).any(), "nobody is told of it");

    town.now = town.now.plus_days(2);
    look(&mut town, bo);
    look(&mut town, ann);
    let opened_at = town.position();
    open(&mut town, first, board, &[ann]);
    open(&mut town, second, Looked::Entries, &[]);
    open(&mut town, second, Looked::Record, &[bo]);
    let models = town.models();
    let (directory, looks) = (&models.directory, models.directory.looks());
    let told: Vec<_> = looks.at(ann).map(|look| (look.position, look.at)).collect();
    assert_eq!(told, [(opened_at - 1, town.now), (opened_at, sealed_at)]);
    let opened = looks.at(ann).next_back().unwrap();
    assert_eq!((opened.by, opened.role, opened.purpose, opened.what), (by, role, purpose, board));
    assert_eq!(
        (looks.at_all().map(|look| look.at).collect::<Vec<_>>(), looks.count_at(bo)),
        (vec![sealed_at], 1)
    );
    let [kind] = Looks::by_kind(looks.at(ann))[..] else { panic!("one kind") };
    assert_eq!((kind.times, kind.last), (2, town.now), "the last is not the one told last");
    let on = |day| looks.on(by, board, day, directory.offset());
    assert!(on(directory.today()).concern(bo) && on(directory.today()).concern(ann), "today's stay");
    assert!(!on(sealed_on).any(), "no trace of that day was open");
}

#[test]
fn shares_tell_how_an_organisation_records() {
    let mut town = Town::new();
    let day = date("2026-03-02");
    town.record(&[(person(0), at(day, 9, 30)), (person(1), at(day, 9, 30))]);
    let late = town.record_as(RecordClass::Late(word(3)), &[(person(2), at(day, 9, 30))]);
    town.confirm(late);
    let shares = town.models().stats.shares[&EAST];
    // Planning, two recordings, one confirmation.
    assert_eq!((shares.events, shares.witnessed, shares.proxy), (4, 0, 0));
    assert_eq!((shares.rows, shares.late), (3, 1));
}
