//! Every face of the server, and by which paths this matrix reads it. A face that is not named here fails the test.

use hourbook::auth::visibility::routes::FACES;
use hourbook_ledger::domain::event::{Looked, Scope};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_tests::town::*;

use super::cast::*;
use super::oracle::Ground;
use super::states::*;

/// What is behind a path that is about one person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Thing {
    /// The record, for machines.
    Record,
    /// The record, as a page.
    RecordPage,
    /// How often something happened to the person.
    Count,
    Hold,
    Act,
    Wish,
    WishPage,
    /// The form by which staff post a wish for the person.
    Posting,
    /// The form by which staff record the hours of whoever granted the wish.
    Helping,
}

/// Which looks an answer may leave that shows a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Trace {
    Record,
    Board(Scope),
    List(OrgId),
    /// The wish of whoever is shown.
    Wish,
    Register,
    /// Who signed up: of those whose record the reader may see, a look at that.
    Roster,
    /// Whoever is shown has looked at the reader: the reader may know who did, and that leaves no trace.
    Looked,
    /// Nobody else is ever shown there.
    None,
}

impl Trace {
    pub(crate) fn fits(self, what: Looked, subject: &Subject) -> bool {
        match (self, what) {
            (Self::Record, Looked::Record) | (Self::Register, Looked::Register(_)) => true,
            (Self::Roster, Looked::Record) => true,
            (Self::Roster, Looked::Register(org)) => org == GRID,
            (Self::Board(of), Looked::Board(scope)) => of == scope,
            (Self::List(of), Looked::List { scope, period }) => of == scope && period == quarter(),
            (Self::Wish, Looked::Wish(wish)) => wish == subject.wish,
            _ => false,
        }
    }
}

/// How a face is read.
enum Face {
    /// Once for each person.
    About(fn(&Subject) -> Vec<(Thing, String)>),
    /// By these paths; whoever is shown there finds this trace.
    Whole(Vec<(String, Trace)>),
    /// Only by an auditor of the whole ledger, or whoever asserted the entry.
    Entries,
    /// It takes something in: `takes` and `writes` try it.
    Takes,
    /// Not a face of the server; why it is not read here.
    NotHere,
}

/// Persons in `{…}` of streams whose id is a person's.
const COUNTED: [&str; 4] = ["person", "session", "access", "account"];
const SCOPES: [OrgId; 7] = [CITY, COMMUNITY, GRID, ELSEWHERE, UNIT, BRANCH, FAR_TEAM];

fn plain(paths: &[&str]) -> Face {
    Face::Whole(paths.iter().map(|path| ((*path).to_owned(), Trace::None)).collect())
}

fn boards(path: impl Fn(&str) -> String) -> Face {
    let of = |org: &OrgId| (path(&org.to_string()), Trace::Board(Scope::Org(*org)));
    Face::Whole(SCOPES.iter().map(of).collect())
}

fn lists(path: impl Fn(&str) -> String) -> Face {
    Face::Whole(SCOPES.iter().map(|org| (path(&org.to_string()), Trace::List(*org))).collect())
}

fn with(mut face: Face, path: &str, trace: Trace) -> Face {
    if let Face::Whole(paths) = &mut face {
        paths.push((path.to_owned(), trace));
    }
    face
}

fn face(face: &str) -> Face {
    let ledger = Trace::Board(Scope::Ledger);
    match face {
        "/v1/members/{id}" => Face::About(|s| vec![(Thing::Record, format!("/v1/members/{}", s.id()))]),
        "/v1/members/{id}/balance" => {
            Face::About(|s| vec![(Thing::Record, format!("/v1/members/{}/balance", s.id()))])
        }
        "/v1/members/{id}/records" => {
            Face::About(|s| vec![(Thing::Record, format!("/v1/members/{}/records", s.id()))])
        }
        "/members/{id}" => Face::About(|s| vec![(Thing::RecordPage, format!("/members/{}", s.id()))]),
        "/people/{id}" => Face::About(|s| vec![(Thing::RecordPage, format!("/people/{}", s.id()))]),
        "/wishes/new" => Face::About(|s| vec![(Thing::Posting, format!("/wishes/new?for={}", s.id()))]),
        "/wishes/vetting" => Face::Whole(vec![(face.to_owned(), Trace::Wish)]),
        "/wishes/claiming" | "/wishes/import" | "/wishes/wall" => plain(&[face]),
        "/v1/streams/{kind}/{id}" => Face::About(streams),
        "/v1/acts/{act}" => Face::About(|s| acts(s, "/v1/acts")),
        "/v1/wishes/{id}" => Face::About(|s| vec![(Thing::Wish, format!("/v1/wishes/{}", s.wish))]),
        "/wishes/{id}/hours" => Face::About(|s| vec![(Thing::Helping, format!("/wishes/{}/hours", s.wish))]),
        "/wishes/{id}" => Face::About(|s| vec![(Thing::WishPage, format!("/wishes/{}", s.wish))]),
        "/v1/leaderboards/{scope}" => {
            let of_orgs = boards(|org| format!("/v1/leaderboards/{org}?limit=100"));
            with(of_orgs, LEDGER_BOARD, ledger)
        }
        "/leaderboard" => {
            let of_orgs = boards(|org| format!("/leaderboard?scope={org}&period=all"));
            with(with(of_orgs, "/leaderboard?period=all", ledger), "/leaderboard?period=all&page=2", ledger)
        }
        "/v1/lists/{scope}/{period}" => lists(|org| format!("/v1/lists/{org}/{}", quarter())),
        "/lists" => lists(|org| format!("/lists?scope={org}&period={}", quarter())),
        "/v1/orgs/{id}" => boards(|org| format!("/v1/orgs/{org}")),
        "/v1/wishes" => Face::Whole(vec![("/v1/wishes?limit=100".to_owned(), Trace::Wish)]),
        "/hours/{id}" => Face::Whole(
            [CONFIRMED, WAITING].map(|recorded| (format!("/hours/{recorded}"), Trace::Record)).into(),
        ),
        "/feedback" | "/feedback.xlsx" => {
            Face::Whole(vec![(format!("{face}?unit=all&period={}", quarter()), Trace::Record)])
        }
        "/activities/{activity}" => Face::Whole(vec![
            (format!("/activities/{ROLLED}"), Trace::Record),
            (format!("/activities/{ACTIVITY}"), Trace::Roster),
        ]),
        "/activities/{activity}/roll" | "/activities/{activity}/sheet" => {
            let of = |activity, shift| format!("{}?shift={shift}", face.replace("{activity}", activity));
            Face::Whole(vec![
                (of(ROLLED, ROLLED_SHIFT), Trace::Record),
                (of(ACTIVITY, ROSTER), Trace::Roster),
            ])
        }
        "/activities/new" | "/import" | "/communities" | "/communities.xlsx" | "/policies" => plain(&[face]),
        "/policies/draft" => plain(&["/policies/draft?kind=credit", "/policies/draft?kind=points"]),
        "/report-ins" => Face::Whole(vec![(face.to_owned(), Trace::Record)]),
        "/colleagues" => Face::Whole(vec![("/colleagues".to_owned(), Trace::Register)]),
        "/people" => Face::Whole(vec![(format!("/people?q={FAMILY}"), Trace::Register)]),
        "/v1/people" => Face::Whole(vec![(FOUND.to_owned(), Trace::Register)]),
        "/v1/report-ins" => Face::Whole(
            ["pending", "accepted", "refused", "ended"]
                .map(|state| (format!("/v1/report-ins?state={state}"), Trace::Record))
                .into(),
        ),
        "/v1/hours" => Face::Whole(vec![("/v1/hours?limit=500".to_owned(), Trace::Record)]),
        "/v1/acts" | "/me/acts" => Face::Whole(vec![(face.to_owned(), Trace::Register)]),
        "/me/access" | "/v1/me/looks" => Face::Whole(vec![(face.to_owned(), Trace::Looked)]),
        "/"
        | "/activities"
        | "/ca.crt"
        | "/checkpoint"
        | "/healthz"
        | "/how"
        | "/https"
        | "/log"
        | "/log.vkey"
        | "/me"
        | "/me/keys"
        | "/me/statement"
        | "/metrics"
        | "/problems"
        | "/readyz"
        | "/signin"
        | "/today"
        | "/v1/activities"
        | "/v1/clock"
        | "/v1/ledger"
        | "/v1/me/deeds"
        | "/v1/orgs"
        | "/v1/policies"
        | "/v1/rules"
        | "/v1/sessions/current" => plain(&[face]),
        "/orgs" | "/register" | "/slips" => plain(&[face]),
        "/wishes" => plain(&["/wishes", "/wishes?status=all"]),
        "/log/{position}" => plain(&["/log/300"]),
        "/problems/{code}" => plain(&["/problems/not-for-you"]),
        "/v1/consistency" => plain(&["/v1/consistency?from=20"]),
        "/v1/events/{position}/proof" => plain(&["/v1/events/300/proof"]),
        "/v1/events/{position}"
        | "/tile/{path}"
        | "/v1/subscribe"
        | "gRPC ReadAll"
        | "gRPC ReadStream"
        | "gRPC Subscribe" => Face::Entries,
        "/activities/{activity}/{shift}/{act}"
        | "/me/acts/{id}/{way}"
        | "/v1/wishes/sheet"
        | "/me/public-name"
        | "/me/roles"
        | "/signout"
        | "/v1/drafts"
        | "/v1/events"
        | "/v1/imports/preview"
        | "/v1/me/events"
        | "/v1/people/known"
        | "/v1/people/sheet"
        | "/v1/sessions"
        | "/v1/sessions/challenge"
        | "/wishes/{id}/{act}"
        | "gRPC Append" => Face::Takes,
        "gRPC GetCheckpoint" => Face::NotHere,
        command if command.starts_with("hourbook ") => Face::NotHere,
        new => panic!("{new} is a new face: say here how this matrix reads it"),
    }
}

/// Stand for the recordings of the scene in paths: one of everybody, and one that nobody confirmed.
pub(crate) const CONFIRMED: &str = "{confirmed}";
pub(crate) const WAITING: &str = "{waiting}";
/// Stand for the activity for which everybody signed up, and its shift.
pub(crate) const ACTIVITY: &str = "{activity}";
pub(crate) const ROSTER: &str = "{roster}";
/// Stand for the activity of which a roll was called that everybody is on, and its shift.
pub(crate) const ROLLED: &str = "{rolled}";
pub(crate) const ROLLED_SHIFT: &str = "{rolled-shift}";

/// Where everybody stands whom nobody hides.
pub(crate) const LEDGER_BOARD: &str = "/v1/leaderboards/ledger?limit=100";

/// What all of them are called, in an address.
const FAMILY: &str = "%E7%9E%BF";
/// Whom a reader finds of them.
pub(crate) const FOUND: &str = "/v1/people?limit=100&q=%E7%9E%BF";

fn streams(subject: &Subject) -> Vec<(Thing, String)> {
    let of = |kind: &&str| (Thing::Count, format!("/v1/streams/{kind}/{}", subject.id()));
    let mut all: Vec<_> = COUNTED.iter().map(of).collect();
    all.push((Thing::Hold, format!("/v1/streams/hold/{}", subject.hold)));
    all.push((Thing::Wish, format!("/v1/streams/wish/{}", subject.wish)));
    all.extend(acts(subject, "/v1/streams/act"));
    all
}

fn acts(subject: &Subject, path: &str) -> Vec<(Thing, String)> {
    subject.act.iter().map(|(act, ..)| (Thing::Act, format!("{path}/{act}"))).collect()
}

/// Every path about a person; first those whose trace another would leave as well.
pub(crate) fn about(subject: &Subject) -> Vec<(Thing, String)> {
    let faces = FACES.iter().map(|(name, _)| face(name));
    let paths = faces.filter_map(|face| match face {
        Face::About(paths) => Some(paths(subject)),
        _ => None,
    });
    let mut all: Vec<_> = paths.flatten().collect();
    all.sort_by_key(|(thing, _)| !matches!(thing, Thing::Count | Thing::Hold));
    all
}

/// Every path that is about many.
pub(crate) fn whole() -> Vec<(String, Trace)> {
    let faces = FACES.iter().map(|(name, _)| face(name));
    let paths = faces.filter_map(|face| match face {
        Face::Whole(paths) => Some(paths),
        _ => None,
    });
    paths.flatten().collect()
}

/// Faces that hold entries as they are.
pub(crate) fn of_entries() -> Vec<&'static str> {
    FACES.iter().map(|(name, _)| *name).filter(|name| matches!(face(name), Face::Entries)).collect()
}

/// Faces that take something in.
pub(crate) fn takers() -> Vec<&'static str> {
    FACES.iter().map(|(name, _)| *name).filter(|name| matches!(face(name), Face::Takes)).collect()
}

/// The status that a reader is owed.
pub(crate) fn owed(viewer: &Viewer, subject: &Subject, thing: Thing, path: &str) -> u16 {
    let is_page = matches!(thing, Thing::RecordPage | Thing::WishPage | Thing::Posting | Thing::Helping);
    // A browser keeps an old cookie: on a page its owner is nobody. A machine is told.
    if matches!(viewer.door, Door::Over(_)) && !is_page {
        return 401;
    }
    let signed_in = viewer.is_in();
    let grudge = if signed_in { 403 } else { 401 };
    let only = |may: bool, else_: u16| if may { 200 } else { else_ };
    match thing {
        Thing::Record | Thing::Count => only(viewer.reads(subject).is_some(), grudge),
        Thing::RecordPage if !signed_in || viewer.reads(subject) == Some(Ground::Own) => 303,
        Thing::RecordPage => only(viewer.reads(subject).is_some(), 403),
        Thing::Posting if !signed_in => 303,
        Thing::Posting => only(viewer.reads(subject) == Some(Ground::Staff), 403),
        Thing::Helping if !signed_in => 303,
        Thing::Helping => only(viewer.helping(), 404),
        Thing::Hold => only(viewer.hold(subject), grudge),
        Thing::Act if path.starts_with("/v1/streams") => only(viewer.act(subject), grudge),
        Thing::Act => only(viewer.act(subject), if signed_in { 404 } else { 401 }),
        Thing::Wish if path.starts_with("/v1/streams") => only(viewer.wish(subject), grudge),
        Thing::Wish | Thing::WishPage => only(viewer.wish(subject), 404),
    }
}
