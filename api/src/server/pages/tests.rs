//! What holds for every page, whatever it shows.

use hourbook_ledger::domain::event::Assurance;
use hourbook_ledger::domain::time::{Interval, Minute};
use hourbook_projections::activities::{ActivityState, Place};

use crate::activities::desk::{Member, When};
use crate::activities::one::page as activity;
use crate::activities::page as activities;
use crate::activities::planning::page as planning;
use crate::activities::roll::page as roll;
use crate::activities::sheet::page as sign_in_sheet;
use crate::commands::{Action, Given};
use crate::feedback::page as feedback;
use crate::hours::{page as recording, warning::Warning};
use crate::imports::page as import;
use crate::leaderboards::page as leaderboard;
use crate::lists::page as lists;
use crate::log::page as log;
use crate::members::access::page as access;
use crate::members::answering::page as answering;
use crate::members::colleagues::page as colleagues;
use crate::members::hours::page as hours;
use crate::members::keys::page as keys;
use crate::members::people::page as people;
use crate::members::person::page as person;
use crate::members::registering::page as registering;
use crate::members::statement::page as statement;
use crate::organisations::page as orgs;
use crate::organisations::policies::{draft::page as policy_draft, page as policies};
use crate::sign_in::page as signin;
use crate::today::{communities::page as communities, next::Desk, page as today};
use crate::town::how::page as how;
use crate::town::https::page as https;
use crate::town::page as home;
use crate::ui::charts::{Bump, Hex, Month, Mover, Stage};
use crate::ui::components::{Choice, Pager, Step};
use crate::ui::error_page as error;
use crate::ui::i18n::Lang;
use crate::ui::layout::{AsOf, Shell, Viewer};
use crate::ui::parts::{Change, RankRow, Refusal, WishCard};
use crate::ui::preferences::{Preferences, Size};
use crate::ui::sign_bar::Signer;
use crate::ui::signing::Signed;
use crate::wishes::board::page as wishes;
use crate::wishes::wall::page as wall;
use crate::wishes::{actions as wish_actions, page as wish};

const HOSTILE: &str = "<script>alert(1)</script>";

fn shell(lang: Lang) -> Shell {
    Shell {
        clock_in_doubt: false,
        is_demo: false,
        receipt: Some(184_301),
        is_exposed: false,
        is_unranked: false,
        preferences: Preferences {
            lang,
            size: Size::Large,
            path: "/wishes".into(),
            query: "status=open".into(),
        },
        town: "Zhichuan".into(),
        as_of: AsOf {
            position: 184_302,
            root_hex: "9f3c1ab7d02e58446b1f0c7de93a2510".into(),
            recorded_at: "2026-11-20T18:42:07+08:00".into(),
        },
        viewer: Some(Viewer {
            name: "Wang".into(),
            role: "volunteer".into(),
            waiting: 1,
            is_staff: false,
            finds_people: false,
            signer: None,
        }),
    }
}

fn full_home() -> home::View {
    let row = RankRow { rank: 1, tied: true, change: Change::By(-2), minutes: 90, ..RankRow::default() };
    home::View {
        months: vec![Month { year: 2026, month: 11, minutes: Some(90) }],
        communities: vec![Hex { name: "Fenghuang".into(), minutes: Some(90) }],
        funnel: vec![Stage { name: HOSTILE.into(), count: 3 }],
        wishes: vec![WishCard { sentence: HOSTILE.into(), ..WishCard::default() }],
        top: vec![row],
        movement: Bump {
            periods: vec!["Q1".into()],
            movers: vec![Mover { name: HOSTILE.into(), ranks: vec![Some(1)], own: false }],
        },
        red_list: Some(home::RedTeaser {
            period: "Q3".into(),
            people: Some(1),
            names: vec![HOSTILE.into()],
            href: "/lists".into(),
        }),
        ..home::View::default()
    }
}

fn full_hours() -> hours::View {
    let said = |assurance| hours::Said { by: HOSTILE.into(), assurance, at: String::new(), position: 7 };
    let row = |state, assurance| hours::Row {
        activity: HOSTILE.into(),
        date: String::new(),
        start: String::new(),
        end: String::new(),
        minutes: 0,
        place: HOSTILE.into(),
        content: HOSTILE.into(),
        organisation: HOSTILE.into(),
        lead: HOSTILE.into(),
        state,
        late_reason: Some(HOSTILE.into()),
        recorded: said(assurance),
        confirmed: Some(said(assurance)),
        posting: Some(hours::Posting { minutes: -30, position: 7 }),
    };
    hours::View {
        credit_minutes: -30,
        credit_held_minutes: 5,
        minutes_waiting: 5,
        minutes_total: 90,
        rows: vec![
            row(hours::RowState::Waiting, Assurance::DeviceKey),
            row(hours::RowState::Corrected, Assurance::StaffProxy),
            row(hours::RowState::Confirmed, Assurance::ServerWitnessed),
        ],
        pager: Pager { page: 2, pages: 3, rows: 30 },
        ..hours::View::default()
    }
}

fn full_lists(visible: bool) -> lists::View {
    let item = lists::Item { label: HOSTILE.into(), points_centi: -250, positions: (0..12).collect() };
    let line = lists::Line { items: vec![item], ..lists::Line::default() };
    lists::View {
        stage: lists::Stage::Published {
            at: "2026-11-20T18:42:07+08:00".into(),
            position: 7,
            digest: HOSTILE.into(),
            reproduced: visible,
        },
        red: vec![line.clone()],
        red_unnamed: Some(4),
        yellow: visible.then(|| lists::Yellow { lines: vec![line], people: 1 }),
        ..lists::View::default()
    }
}

/// Of staff who signed in with a code.
fn at_desk(shell: &Shell) -> Shell {
    let viewer = shell.viewer.clone().map(|viewer| Viewer { is_staff: true, finds_people: true, ..viewer });
    Shell { viewer, ..shell.clone() }
}

/// Somebody who signed in with a key.
fn signing() -> Option<Viewer> {
    let signer = Signer { key: "0f".repeat(16), person: HOSTILE.into(), ledger: HOSTILE.into() };
    Some(Viewer {
        name: HOSTILE.into(),
        role: "worker".into(),
        waiting: 0,
        is_staff: true,
        finds_people: true,
        signer: Some(signer),
    })
}

fn signed(action: &'static Action) -> Signed {
    Signed::new(action, Given::default(), HOSTILE.into())
}

fn full_keys() -> keys::View {
    let key = keys::Key { lent_until: Some("2026-11-27T18:42:07+08:00".into()), ..keys::Key::default() };
    let maker = keys::Maker { name: HOSTILE.into(), ..keys::Maker::default() };
    let keys = vec![key, keys::Key { ended: Some(9), ..keys::Key::default() }];
    keys::View { keys, ledger: HOSTILE.into(), maker: Some(maker) }
}

fn full_colleagues() -> colleagues::View {
    let row = &wish_actions::ACTIONS[0];
    let signed = || signed(&row.action);
    let key = |named: bool| {
        let naming = (!named).then(signed);
        colleagues::Key { id: "0f".repeat(16), position: 9, named, naming, lost: None }
    };
    let keys = vec![key(true), key(false)];
    let granted = Some(colleagues::Granted { by: HOSTILE.into(), at: HOSTILE.into(), position: 9 });
    let office = colleagues::Office { name: HOSTILE.into(), keys, granted, ..colleagues::Office::default() };
    let newcomer = colleagues::Newcomer {
        name: HOSTILE.into(),
        home: HOSTILE.into(),
        key: "0f".repeat(16),
        position: 9,
        granted: signed(),
        over: vec![(HOSTILE.into(), HOSTILE.into())],
    };
    let offices = vec![office, colleagues::Office::default()];
    colleagues::View { offices, newcomers: vec![newcomer], registers: true, ..Default::default() }
}

fn full_today() -> today::View {
    let item = |due: i32| today::Item {
        title: HOSTILE.into(),
        meta: vec![HOSTILE.into()],
        due: Some(hourbook_ledger::domain::time::Date(due)),
        href: "/wishes".into(),
    };
    let items = [99, 100, 102, 200].map(item).into();
    let kind = today::Kind { title: "Hours", button: "Check", otherwise: "Nothing", count: 9, items };
    let desk = Desk {
        links: vec![("/people", ("查找居民", "Find a person"))],
        next: Some(("/orgs", ("下一步", "Next"))),
    };
    today::View { kinds: vec![kind], desk, today: hourbook_ledger::domain::time::Date(100) }
}

fn full_recording(is_own: bool) -> recording::View {
    let row = |state, is_reader| recording::Row {
        name: HOSTILE.into(),
        date: "2026-11-21".into(),
        start: "09:00".into(),
        end: "11:30".into(),
        minutes: 150,
        state,
        is_reader,
        warnings: vec![Warning::Late, Warning::Overlap],
        ticked: "{}".into(),
        left_out: Some("{}".into()),
    };
    recording::View {
        title: HOSTILE.into(),
        org: HOSTILE.into(),
        place: HOSTILE.into(),
        content: HOSTILE.into(),
        recorded_by: HOSTILE.into(),
        recorded_at: "2026-11-20T18:42:07+08:00".into(),
        position: 7,
        late_reason: Some(HOSTILE.into()),
        due: Some(hourbook_ledger::domain::time::Date(20_000)),
        is_own,
        rows: vec![
            row(recording::State::Waiting, false),
            row(recording::State::Waiting, true),
            row(recording::State::Confirmed, false),
            row(recording::State::Corrected, false),
        ],
        signed: signed(&wish_actions::ACTIONS[0].action),
        reason: "reason",
    }
}

fn full_wall() -> wall::View {
    let wish = WishCard {
        sentence: HOSTILE.into(),
        community: HOSTILE.into(),
        effort_minutes: 60,
        ..WishCard::default()
    };
    let card = wall::Card { wish, until: Some("2026-12-31".into()) };
    wall::View { cards: vec![card], ..wall::View::default() }
}

fn full_import() -> import::View {
    import::View {
        orgs: vec![("1".into(), HOSTILE.into())],
        offset: hourbook_ledger::domain::time::Offset(480),
    }
}

fn full_communities() -> communities::View {
    let row = communities::Row {
        name: HOSTILE.into(),
        figures: [1, 90, 3, 4, 5, 6, 7, 8],
        behind: [1, 2, 3, 4, 5],
        workers: vec![HOSTILE.into()],
    };
    communities::View { rows: vec![row.clone(), communities::Row::default()], sum: row, ..Default::default() }
}

fn full_policies() -> policies::View {
    let policy = policies::Policy {
        org: Some(HOSTILE.into()),
        says: vec![HOSTILE.into()],
        basis: Some((HOSTILE.into(), HOSTILE.into())),
        next: Some("/policies/draft".into()),
        ..policies::Policy::default()
    };
    policies::View {
        policies: vec![policies::Policy { in_force: true, ..policy.clone() }, policy],
        ..Default::default()
    }
}

fn full_draft() -> policy_draft::View {
    let field =
        policy_draft::Field { value: HOSTILE.into(), mend: Some(HOSTILE.into()), ..Default::default() };
    let choices = vec![Choice::of("a", HOSTILE, true)];
    policy_draft::View {
        scope: HOSTILE.into(),
        org: HOSTILE.into(),
        fields: vec![field.clone(), policy_draft::Field { choices, ..field }],
        says: vec![HOSTILE.into()],
        quarter: Some(HOSTILE.into()),
        effects: vec![policy_draft::Effect { would_be: HOSTILE.into(), ..Default::default() }],
        signed: Some(signed(&wish_actions::ACTIONS[0].action)),
        ..policy_draft::View::default()
    }
}

fn full_feedback() -> feedback::View {
    let row = feedback::Row {
        name: HOSTILE.into(),
        since: "2026-01-09".into(),
        content: HOSTILE.into(),
        ..Default::default()
    };
    let sheet = feedback::Sheet { unit: HOSTILE.into(), rows: vec![row], hidden: 2, ..Default::default() };
    feedback::View {
        community: HOSTILE.into(),
        communities: vec![Choice::of("1", HOSTILE, true), Choice::of("2", HOSTILE, false)],
        period: HOSTILE.into(),
        unit: Some("all".into()),
        sheets: vec![sheet.clone(), feedback::Sheet { unit_id: Some("1".into()), ..sheet }],
        ..feedback::View::default()
    }
}

fn full_answering() -> answering::View {
    let row = answering::Row {
        name: HOSTILE.into(),
        unit: HOSTILE.into(),
        community: HOSTILE.into(),
        position: 7,
        accepted: "{}".into(),
        refused: Some("{}".into()),
    };
    let signed = signed(&wish_actions::ACTIONS[0].action);
    answering::View { rows: vec![row], more: 3, others: 2, signed }
}

fn when() -> When {
    When {
        first_day: "2026-11-21".into(),
        last_day: "2026-11-21".into(),
        start: "09:00".into(),
        end: "11:30".into(),
    }
}

fn full_activity(state: ActivityState) -> activity::View {
    let signed = || Some(signed(&wish_actions::ACTIONS[0].action));
    let interval = Interval { start: Minute(0), end: Minute(60) };
    let places = [Place::Placed, Place::Waiting, Place::Present(interval), Place::NoShow];
    let member = |place| Member {
        person: None,
        name: Some(HOSTILE.into()),
        place,
        is_reader: false,
        has_hours: false,
    };
    let shift = |stage| activity::Shift {
        when: when(),
        capacity: 20,
        taken: 1,
        waiting: 1,
        present: 1,
        absent: 1,
        stage,
        members: places.map(member).into(),
        roll: "/activities/1/roll?shift=2".into(),
        sheet: "/activities/1/sheet?shift=2".into(),
    };
    use activity::Stage::{Called, NoHours, NotCalled, ToCome};
    activity::View {
        title: HOSTILE.into(),
        category: "Cleaning".into(),
        org: HOSTILE.into(),
        place: HOSTILE.into(),
        content: HOSTILE.into(),
        lead: HOSTILE.into(),
        planned_by: HOSTILE.into(),
        position: 7,
        state,
        shifts: [ToCome, NotCalled, NoHours, Called].map(shift).into(),
        calls: true,
        today: "2026-11-20".into(),
        publish: signed(),
        open: signed(),
        close: signed(),
        cancel: signed(),
    }
}

fn full_roll(state: roll::State) -> roll::View {
    use roll::Standing::{Called, Done, Expected, Missed, OutOfReach, Reader, Waiting};
    let row = |standing| roll::Row {
        name: Some(HOSTILE.into()),
        standing,
        said: "{}".into(),
        own: (standing == Called).then(when),
    };
    roll::View {
        activity: "9".into(),
        title: HOSTILE.into(),
        org: HOSTILE.into(),
        when: when(),
        rows: [Expected, Waiting, Missed, Called, Done, Reader, OutOfReach].map(row).into(),
        state,
        late: Some(hourbook_ledger::domain::time::Date(20_000)),
        finds_people: true,
        signed: signed(&wish_actions::ACTIONS[0].action),
    }
}

fn full_sheet() -> sign_in_sheet::View {
    sign_in_sheet::View {
        activity: "9".into(),
        title: HOSTILE.into(),
        when: when(),
        place: HOSTILE.into(),
        org: HOSTILE.into(),
        lead: HOSTILE.into(),
        present: Some(3),
        rows: vec![(HOSTILE.into(), HOSTILE.into()); 30],
        next: Some(when()),
    }
}

fn full_plan() -> planning::View {
    planning::View {
        orgs: vec![("9".into(), HOSTILE.into())],
        communities: vec![("9".into(), HOSTILE.into())],
        day: "2026-11-21".into(),
        signed: signed(&wish_actions::ACTIONS[0].action),
    }
}

fn activity_pages(shell: &Shell, by_key: &Shell) -> Vec<(&'static str, maud::Markup)> {
    let empty = activity::View { shifts: Vec::new(), ..full_activity(ActivityState::Cancelled) };
    vec![
        ("activity", activity::render(by_key, &full_activity(ActivityState::Planned))),
        ("activity, by code", activity::render(shell, &full_activity(ActivityState::Published))),
        ("activity, closed", activity::render(by_key, &full_activity(ActivityState::Closed))),
        ("activity, empty", activity::render(by_key, &empty)),
        ("plan", planning::render(by_key, &full_plan())),
        ("plan, by code", planning::render(shell, &full_plan())),
        ("roll", roll::render(by_key, &full_roll(roll::State::Open))),
        ("roll, by code", roll::render(shell, &full_roll(roll::State::Open))),
        ("roll, too early", roll::render(by_key, &full_roll(roll::State::TooEarly))),
        ("roll, not open", roll::render(by_key, &full_roll(roll::State::NotOpen))),
        ("roll, not for you", roll::render(by_key, &full_roll(roll::State::NotForYou))),
        ("sign-in sheet", sign_in_sheet::render(shell, &full_sheet())),
        (
            "sign-in sheet, empty",
            sign_in_sheet::render(shell, &sign_in_sheet::View { when: when(), ..Default::default() }),
        ),
    ]
}

fn full_orgs() -> orgs::View {
    let kind = hourbook_ledger::domain::event::OrgKind::Grid;
    let org = orgs::Org {
        holds: Some("9".into()),
        depth: 9,
        name: HOSTILE.into(),
        kind,
        code: Some(HOSTILE.into()),
    };
    let under = (String::from("9"), HOSTILE.into());
    orgs::View { orgs: vec![org], under, first: true, ..Default::default() }
}

fn full_register() -> registering::View {
    let homes = vec![(HOSTILE.into(), HOSTILE.into())];
    registering::View { homes, communities: vec![("9".into(), HOSTILE.into())] }
}

fn found(people: Vec<people::Card>, only_whole: bool) -> people::View {
    let state = people::State::Found { people, next: Some("7".into()), gone: true, only_whole };
    people::View { query: HOSTILE.into(), state, ..people::View::default() }
}

fn people_pages(shell: &Shell) -> Vec<(&'static str, maud::Markup)> {
    let card = people::Card {
        name: HOSTILE.into(),
        home: HOSTILE.into(),
        by: vec!["name", "phone"],
        has_double: true,
        ..people::Card::default()
    };
    let state = |state| people::View { query: HOSTILE.into(), state, ..people::View::default() };
    let of = |view: people::View| ("people", people::render(&at_desk(shell), &view));
    let orgs = vec![Choice::of("1", HOSTILE, true), Choice::of("2", HOSTILE, false)];
    let mut all: Vec<_> = [
        state(people::State::TooShort),
        state(people::State::TooLong),
        state(people::State::TooMany { most: 200 }),
        found(vec![card], true),
        found(Vec::new(), true),
        people::View { orgs, ..people::View::default() },
    ]
    .map(of)
    .into();
    all.push(("person", person::render(&at_desk(shell), &full_person())));
    all.push(("person, empty", person::render(&at_desk(shell), &person::View::default())));
    all
}

fn full_person() -> person::View {
    let until = || "2026-11-27T18:42:07+08:00".to_owned();
    let key = person::Key { id: "0f".repeat(16), lent_until: Some(until()), ..person::Key::default() };
    let keys = vec![key, person::Key { ended: Some(9), ..person::Key::default() }];
    let tie = person::Affiliation { org: HOSTILE.into(), kind: "team", ..person::Affiliation::default() };
    person::View {
        name: HOSTILE.into(),
        phone: Some(HOSTILE.into()),
        volunteer_no: Some(HOSTILE.into()),
        community: HOSTILE.into(),
        home: HOSTILE.into(),
        erased: true,
        has_double: true,
        affiliations: vec![tie],
        report_in: Some(person::ReportIn { community: HOSTILE.into(), state: "accepted", position: 9 }),
        roles: vec![person::Role { role: "worker", over: HOSTILE.into() }],
        access: Some(person::Access {
            keys,
            codes: vec![until()],
            sessions: vec![until()],
            code: Some(signed(&wish_actions::ACTIONS[0].action)),
        }),
        ..person::View::default()
    }
}

fn pages(lang: Lang) -> Vec<(&'static str, String)> {
    drawn(&shell(lang))
}

/// Every page, empty and full.
fn drawn(shell: &Shell) -> Vec<(&'static str, String)> {
    let step = Step { title: HOSTILE.into(), position: Some(9), ..Step::default() };
    let forms: Vec<_> = wish_actions::ACTIONS
        .iter()
        .map(|row| (row, format!("/wishes/1/{}", row.path), signed(&row.action)))
        .collect();
    let by_key = &Shell { viewer: signing(), ..shell.clone() };
    let by_code = &at_desk(shell);
    let next = || wish::Next::Act { forms: forms.clone(), given: Given::default(), otherwise: None };
    let wish_view = || wish::View { steps: vec![step.clone()], next: next(), ..wish::View::default() };
    let row = RankRow { own: true, ..RankRow::default() };
    let board = leaderboard::View { rows: vec![row], ..leaderboard::View::default() };
    let paper = statement::View { rows: vec![statement::Line::default()], ..statement::View::default() };
    let faults = [
        signin::Fault::Missing,
        signin::Fault::WrongOrUsed,
        signin::Fault::Busy,
        signin::Fault::Wait { minutes: 1 },
    ];
    let signin_view =
        |fault| signin::View { fault: Some(fault), next: Some(HOSTILE.into()), ledger: HOSTILE.into() };
    let mut all = vec![
        ("home", home::render(shell, &full_home())),
        ("home, empty", home::render(shell, &home::View::default())),
        ("hours", hours::render(shell, &full_hours())),
        ("hours, empty", hours::render(shell, &hours::View::default())),
        ("statement", statement::render(shell, &paper)),
        ("wishes, empty", wishes::render(shell, &wishes::View::default())),
        ("wish", wish::render(shell, &wish_view())),
        ("wish, by key", wish::render(by_key, &wish_view())),
        ("keys", keys::render(by_key, &full_keys())),
        ("keys, empty", keys::render(shell, &keys::View::default())),
        ("colleagues", colleagues::render(by_key, &full_colleagues())),
        ("colleagues, empty", colleagues::render(shell, &colleagues::View::default())),
        ("today", today::render(by_key, &full_today())),
        ("today, empty", today::render(by_code, &today::View::default())),
        ("recording", recording::render(by_key, &full_recording(false))),
        ("recording, one's own", recording::render(by_key, &full_recording(true))),
        ("recording, by code", recording::render(by_code, &full_recording(false))),
        ("report-ins", answering::render(by_key, &full_answering())),
        ("report-ins, by code", answering::render(by_code, &full_answering())),
        ("feedback", feedback::render(by_key, &full_feedback())),
        ("feedback, units", feedback::render(by_key, &feedback::View { unit: None, ..full_feedback() })),
        ("feedback, empty", feedback::render(by_key, &feedback::View::default())),
        ("wall", wall::render(by_key, &full_wall())),
        ("wall, empty", wall::render(by_key, &wall::View::default())),
        ("import", import::render(by_key, &full_import())),
        ("import, by code", import::render(by_code, &full_import())),
        ("import, empty", import::render(by_key, &import::View { orgs: Vec::new(), ..full_import() })),
        ("communities", communities::render(by_key, &full_communities())),
        ("communities, empty", communities::render(by_key, &communities::View::default())),
        ("policies", policies::render(by_key, &full_policies())),
        ("policies, empty", policies::render(shell, &policies::View::default())),
        ("policy draft", policy_draft::render(by_key, &full_draft())),
        ("policy draft, by code", policy_draft::render(by_code, &full_draft())),
        ("lists, off", lists::render(&Shell { is_unranked: true, ..shell.clone() }, &lists::View::default())),
        ("orgs", orgs::render(by_key, &full_orgs())),
        ("orgs, empty", orgs::render(shell, &orgs::View::default())),
        ("register", registering::render(by_key, &full_register())),
        ("register, empty", registering::render(by_code, &registering::View::default())),
        ("slips", registering::render_slips(by_code)),
        ("leaderboard", leaderboard::render(shell, &board)),
        ("leaderboard, empty", leaderboard::render(shell, &leaderboard::View::default())),
        ("lists", lists::render(shell, &full_lists(true))),
        ("lists, hidden", lists::render(shell, &full_lists(false))),
        ("error", error::render(shell, &error::View { title: HOSTILE.into(), ..error::View::default() })),
    ];
    let refused = || Some(Refusal { text: HOSTILE.into(), code: HOSTILE.into() });
    let look = access::Look { by: HOSTILE.into(), ..access::Look::default() };
    let kind = access::LooksOfAKind { role: HOSTILE.into(), ..access::LooksOfAKind::default() };
    let deed = access::Deed { by: HOSTILE.into(), about: HOSTILE.into(), ..access::Deed::default() };
    let looks = access::View {
        kinds: vec![kind],
        looks: vec![look],
        deeds: vec![deed],
        refused: refused(),
        ..access::View::default()
    };
    let shift =
        activities::Shift { title: HOSTILE.into(), own: activities::Own::Placed, ..Default::default() };
    let planned = vec![(HOSTILE.into(), HOSTILE.into(), "/activities/9".into())];
    let staff = Some(activities::Staff { planned });
    let run = activities::Shift { run: Some("/activities/9".into()), ..shift.clone() };
    let shifts =
        activities::View { shifts: vec![shift, run], refused: refused(), staff, ..Default::default() };
    let log_view = log::View { checkpoint: HOSTILE.into(), ..log::View::default() };
    let doings = [wish::Next::Wait("wait"), wish::Next::SignIn { href: "/d".into() }];
    let private = wish::Private { resident: Some(HOSTILE.into()), words: HOSTILE.into() };
    all.extend(doings.map(|next| {
        let row = &wish_actions::ACTIONS[0];
        let undo = Some(("/b".into(), signed(&row.action), HOSTILE));
        let done = Some(wish::Done { undo, ..wish::Done::default() });
        let view = wish::View {
            next,
            done,
            refused: refused(),
            private: Some(private.clone()),
            ..Default::default()
        };
        ("wish, own", wish::render(shell, &view))
    }));
    all.extend([
        ("access", access::render(shell, &looks)),
        ("activities", activities::render(shell, &shifts)),
        ("log", log::render(shell, &log_view)),
        ("entry", log::render_entry(shell, &log::Entry::default())),
        ("how", how::render(shell)),
    ]);
    let safely = Some(HOSTILE.to_owned());
    let reached = |came, fingerprint: Option<&str>| {
        let (fingerprint, host) = (fingerprint.map(str::to_owned), HOSTILE.to_owned());
        ("https", https::render(shell, &https::View { came, fingerprint, host, safely: safely.clone() }))
    };
    use https::Came::{Exposed, Safely};
    all.extend([
        reached(Exposed, Some(HOSTILE)),
        reached(Safely, Some(HOSTILE)),
        reached(Exposed, None),
        reached(Safely, None),
    ]);
    all.extend(people_pages(shell));
    all.extend(activity_pages(shell, by_key));
    all.extend(faults.map(|fault| ("signin", signin::render(shell, &signin_view(fault)))));
    all.into_iter().map(|(name, markup)| (name, markup.0)).collect()
}

#[test]
fn nothing_is_inline_foreign_or_unescaped() {
    for lang in [Lang::Zh, Lang::En] {
        for (name, html) in pages(lang) {
            let html = html.replace("<script type=\"module\" src=\"/assets/", "");
            for forbidden in
                ["<script", " style=", "<style", "http://", "https://", "javascript:", " onclick"]
            {
                assert!(!html.contains(forbidden), "{name}: {forbidden}");
            }
        }
    }
}

#[test]
fn english_pages_hold_no_chinese_but_the_switch_and_the_seal() {
    for (name, html) in pages(Lang::En) {
        // What heads the columns of a sheet is Chinese, whatever the language of the page.
        let mut columns = html.split(" data-columns=\"");
        let first = columns.next().unwrap_or_default().to_owned();
        let html = columns.fold(first, |all, part| all + part.split_once('"').map_or("", |(_, rest)| rest));
        let rest = html.replace("中文", "").replace("红榜</p>", "");
        let left: String = rest.chars().filter(|c| ('\u{3000}'..='\u{9fff}').contains(c)).collect();
        assert_eq!(left, "", "{name}");
    }
}

#[test]
fn every_page_states_its_position_root_and_time_and_keeps_the_place_when_switching() {
    let untabbed = ["error", "activities", "log", "how", "https", "policies", "policies, empty"];
    for (name, html) in pages(Lang::Zh) {
        for expected in
            ["184,302", "9f3c1ab7d02e", "2026年11月20日 18:42", "/wishes?status=open&amp;size=xlarge"]
        {
            assert!(html.contains(expected), "{name}: {expected}");
        }
        assert_eq!(html.matches("<h1").count(), 1, "{name}: one main heading");
        assert_eq!(html.contains("aria-current=\"page\""), !untabbed.contains(&name), "{name}");
    }
}

#[test]
fn every_page_says_once_that_its_data_are_a_demo_if_they_are() {
    for (lang, said) in [(Lang::Zh, "示范数据：人物、单位"), (Lang::En, "Demo data: people, units")]
    {
        for is_demo in [false, true] {
            for (name, html) in drawn(&Shell { is_demo, ..shell(lang) }) {
                assert_eq!(html.matches("<aside class=\"demo\"").count(), usize::from(is_demo), "{name}");
                assert_eq!(html.contains(said), is_demo, "{name}");
            }
        }
    }
}

#[test]
fn every_page_that_came_in_the_clear_says_once_what_cannot_work_and_where_it_is_mended() {
    for (lang, said) in [(Lang::Zh, "不能新建密钥，也不能签名"), (Lang::En, "let it use no keys here")]
    {
        for is_exposed in [false, true] {
            for (name, html) in drawn(&Shell { is_exposed, ..shell(lang) }) {
                assert_eq!(html.matches("data-exposed").count(), usize::from(is_exposed), "{name}");
                assert_eq!(html.contains(said) && html.contains("href=\"/https\""), is_exposed, "{name}");
            }
        }
    }
}

#[test]
fn a_hidden_yellow_list_shows_no_line() {
    let html = lists::render(&shell(Lang::Zh), &full_lists(false)).0;
    let yellow = html.split("list yellow").nth(1).expect("the page has a yellow card");
    let card = yellow.split("</section>").next().expect("the card ends");
    assert!(card.contains("黄榜不公开") && !card.contains("<li>"), "{card}");
}

/// Whoever stamps a sheet vouches for what is on it.
#[test]
fn a_sheet_of_a_statement_states_its_own_total_and_which_of_all_it_is() {
    let line = statement::Line { minutes: 90, ..statement::Line::default() };
    let view = statement::View {
        rows: vec![line],
        pager: Pager { page: 2, pages: 3, rows: 101 },
        minutes_here: 90,
        minutes_total: 6_000,
        ..statement::View::default()
    };
    let page = statement::render(&shell(Lang::Zh), &view).into_string();
    assert!(page.contains("本张合计") && page.contains("1 小时 30 分"), "{page}");
    assert!(page.contains("第 2 张，共 3 张；全部合计 100 小时"), "{page}");
    let alone = statement::View { pager: Pager::default(), ..view };
    assert!(!statement::render(&shell(Lang::Zh), &alone).into_string().contains("全部合计"));
}

#[test]
fn what_a_desk_does_not_show_it_counts_and_what_may_change_it_says() {
    let shell = Shell { viewer: signing(), ..shell(Lang::Zh) };
    let today = today::render(&shell, &full_today()).0;
    assert!(today.contains("9 件事项等您办理") && today.contains("另有 5 件"), "{today}");
    let empty = today::render(&shell, &today::View::default()).0;
    assert!(empty.contains("没有等您办理的事项"), "{empty}");
    let running = feedback::render(&shell, &full_feedback()).0;
    let over = feedback::render(&shell, &feedback::View { is_over: true, ..full_feedback() }).0;
    assert!(running.contains("这个季度还没有结束") && !over.contains("这个季度还没有结束"));
}
