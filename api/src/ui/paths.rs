//! Where the pages live. Links are built here alone, so that a route can move without hunting for strings.

/// Town overview.
pub const HOME: &str = "/";
/// Wish board.
pub const WISHES: &str = "/wishes";
/// Posts a wish for a resident.
pub const POST_WISH: &str = "/wishes/new";
/// Posts wishes from a file.
pub const IMPORT_WISHES: &str = "/wishes/import";
/// Wishes to vet, many together.
pub const VETTING: &str = "/wishes/vetting";
/// Open wishes to be taken on for a team or unit, many together.
pub const CLAIMING: &str = "/wishes/claiming";
/// Open wishes as cards to print.
pub const WALL: &str = "/wishes/wall";
/// Leaderboard.
pub const LEADERBOARD: &str = "/leaderboard";
/// Red and yellow lists.
pub const LISTS: &str = "/lists";
/// The signed-in person's own hours.
pub const MY_HOURS: &str = "/me";
/// The same hours as a sheet to print.
pub const STATEMENT: &str = "/me/statement";
/// Who looked at the record, and who may see the name.
pub const ACCESS: &str = "/me/access";
/// What waits and concerns the signed-in person.
pub const OWN_ACTS: &str = "/me/acts";
/// What waits for staff today.
pub const TODAY: &str = "/today";
/// Who reported in and waits for an answer.
pub const REPORT_INS: &str = "/report-ins";
/// What a community tells units of their members.
pub const FEEDBACK: &str = "/feedback";
/// The communities of a street or district, added up.
pub const COMMUNITIES: &str = "/communities";
/// Hours from a sheet.
pub const IMPORT: &str = "/import";
/// Who holds a role, by which keys.
pub const COLLEAGUES: &str = "/colleagues";
/// Finds a person.
pub const PEOPLE: &str = "/people";
/// The organisations below those that the reader looks after, and the form for more.
pub const ORGS: &str = "/orgs";
/// The policies in force, in plain words.
pub const POLICIES: &str = "/policies";
/// A draft of the next policy, with what it would have changed.
pub const POLICY_DRAFT: &str = "/policies/draft";
/// Registers people.
pub const REGISTER: &str = "/register";
/// One-time codes that were just given, to be printed.
pub const SLIPS: &str = "/slips";
/// The keys of the signed-in person.
pub const OWN_KEYS: &str = "/me/keys";
/// Lays down a role that the signed-in person holds (POST).
pub const OWN_ROLES: &str = "/me/roles";
/// Agrees to be named in public, or no longer does (POST).
pub const PUBLIC_NAME: &str = "/me/public-name";
/// Activities to come.
pub const ACTIVITIES: &str = "/activities";
/// The form that plans an activity.
pub const PLAN: &str = "/activities/new";
/// How lists and proofs are made.
pub const HOW: &str = "/how";
/// How the site is reached safely.
pub const HTTPS: &str = "/https";
/// The certificate of the site's own authority, for devices to trust.
pub const AUTHORITY: &str = "/ca.crt";
/// The log, for people.
pub const LOG: &str = "/log";
/// The description of the interfaces for machines.
pub const INTERFACES: &str = "/docs";
/// The verifier key of the log, as machines read it.
pub const VERIFIER_KEY: &str = "/log.vkey";
/// Sign-in form (GET) and its target (POST).
pub const SIGN_IN: &str = "/signin";
/// Ends the session (POST).
pub const SIGN_OUT: &str = "/signout";
/// The signed tree head, as machines read it.
pub const CHECKPOINT: &str = "/checkpoint";

/// The organisations, with the form for more below one of them.
pub fn orgs_under(id: &str) -> String {
    format!("{ORGS}?under={id}")
}

/// The draft of the next policy of a kind, for an organisation or the whole ledger.
pub fn policy_draft(kind: &str, org: Option<impl std::fmt::Display>) -> String {
    let org = org.map_or_else(String::new, |org| format!("&org={org}"));
    format!("{POLICY_DRAFT}?kind={kind}{org}")
}

/// The form that registers people, for the homes of one community.
pub fn register_at(id: &str) -> String {
    format!("{REGISTER}?at={id}")
}

/// One wish; the id is a UUID and needs no escaping.
pub fn wish(id: &str) -> String {
    format!("{WISHES}/{id}")
}

/// The hours of whoever granted a wish.
pub fn wish_hours(id: &str) -> String {
    format!("{WISHES}/{id}/hours")
}

/// The form that posts a wish of one person.
pub fn post_wish(person: &str) -> String {
    format!("{POST_WISH}?for={person}")
}

/// What can be done about a wish (POST): `claim`, `release`, `fulfil`, `confirm`.
pub fn wish_act(id: &str, act: &str) -> String {
    format!("{WISHES}/{id}/{act}")
}

/// What the person can do about an act that waits (POST): `approve`, `stop`.
pub fn own_act(id: &str, way: &str) -> String {
    format!("{OWN_ACTS}/{id}/{way}")
}

fn feedback_of(page: &str, community: &str, period: &str, unit: Option<&str>, at: u64) -> String {
    let unit = unit.map_or_else(String::new, |unit| format!("&unit={unit}"));
    format!("{page}?community={community}&period={period}{unit}&at={at}")
}

/// The sheets that a community hands to units, as the log stood at a position.
pub fn feedback(community: &str, period: &str, unit: Option<&str>, at: u64) -> String {
    feedback_of(FEEDBACK, community, period, unit, at)
}

/// The same as a workbook.
pub fn feedback_workbook(community: &str, period: &str, unit: Option<&str>, at: u64) -> String {
    feedback_of("/feedback.xlsx", community, period, unit, at)
}

/// The communities' figures of a quarter as a workbook.
pub fn communities_workbook(period: &str) -> String {
    format!("/communities.xlsx?period={period}")
}

/// One recording of hours, for whoever confirms it.
pub fn hours(recorded: &str) -> String {
    format!("/hours/{recorded}")
}

/// A member's record, for those who may see it.
pub fn member(id: &str) -> String {
    format!("/members/{id}")
}

/// One person, for staff.
pub fn person(id: &str) -> String {
    format!("{PEOPLE}/{id}")
}

/// One activity, for whoever runs it.
pub fn activity(id: &str) -> String {
    format!("{ACTIVITIES}/{id}")
}

/// The form that plans an activity of an organisation in a community.
pub fn plan_at(id: &str) -> String {
    format!("{PLAN}?at={id}")
}

/// The roll of a shift.
pub fn roll(activity: &str, shift: &str) -> String {
    format!("{ACTIVITIES}/{activity}/roll?shift={shift}")
}

/// The sign-in sheet of a shift, to be printed.
pub fn sign_in_sheet(activity: &str, shift: &str) -> String {
    format!("{ACTIVITIES}/{activity}/sheet?shift={shift}")
}

/// What can be done about a place in a shift (POST): `sign-up`, `withdraw`.
pub fn shift_act(activity: &str, shift: &str, act: &str) -> String {
    format!("{ACTIVITIES}/{activity}/{shift}/{act}")
}

/// One log entry by its position.
pub fn entry(position: u64) -> String {
    format!("{LOG}/{position}")
}
