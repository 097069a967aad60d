//! What every face shows of others, and what trace that leaves: the one list, which api/VISIBILITY.md repeats.

/// What a face shows of other persons, and what follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trace {
    /// Nothing of persons, or only what everybody may know.
    Nobody,
    /// What the reader asserted, or what is of the reader alone; beside it who acted on it in office.
    Own,
    /// Sums over groups, withheld where they are of few; lines of whoever agreed, which leave no trace; other lines a look.
    Lines,
    /// A person's record: a look.
    Record,
    /// A wish; its own words, and who grants it, a look.
    Wish,
    /// Who is behind a name or number that was typed in or stands in a sheet: a look.
    Register,
    /// Entries of the log: a look at everybody, once an auditor and day.
    Entries,
    /// Files or figures for whoever runs the machine; no line of a person is shown.
    Machine,
}

impl Trace {
    fn words(self) -> &'static str {
        match self {
            Self::Nobody => "nothing but what is public",
            Self::Own => "the reader's own; none",
            Self::Lines => "lines of others; a look at each that is not public",
            Self::Record => "somebody's record; a look",
            Self::Wish => "a wish's own words and who grants it; a look",
            Self::Register => {
                "who is meant by a name, a number or a sheet, whom an act that waits is about; a look at each"
            }
            Self::Entries => "entries, of everybody; a look once an auditor and day",
            Self::Machine => "for whoever runs the machine; no lines",
        }
    }
}

use Trace::{Entries, Lines, Machine, Nobody, Own, Record, Register, Wish};

/// Every route, call and command.
pub const FACES: &[(&str, Trace)] = &[
    ("/", Lines),
    ("/activities", Own),
    ("/activities/new", Nobody),
    ("/activities/{activity}", Record),
    ("/activities/{activity}/roll", Record),
    ("/activities/{activity}/sheet", Record),
    ("/activities/{activity}/{shift}/{act}", Own),
    ("/ca.crt", Nobody),
    ("/checkpoint", Nobody),
    ("/colleagues", Register),
    ("/communities", Lines),
    ("/communities.xlsx", Lines),
    ("/feedback", Record),
    ("/feedback.xlsx", Record),
    ("/healthz", Nobody),
    ("/hours/{id}", Record),
    ("/how", Nobody),
    ("/https", Nobody),
    ("/import", Nobody),
    ("/leaderboard", Lines),
    ("/lists", Lines),
    ("/log", Nobody),
    ("/log.vkey", Nobody),
    ("/log/{position}", Nobody),
    ("/me", Own),
    ("/me/access", Own),
    ("/me/acts", Register),
    ("/me/acts/{id}/{way}", Own),
    ("/me/keys", Own),
    ("/me/public-name", Own),
    ("/me/roles", Own),
    ("/me/statement", Own),
    ("/members/{id}", Record),
    ("/metrics", Machine),
    ("/people", Register),
    ("/people/{id}", Record),
    ("/problems", Nobody),
    ("/problems/{code}", Nobody),
    ("/orgs", Nobody),
    ("/policies", Nobody),
    ("/policies/draft", Lines),
    ("/readyz", Nobody),
    ("/register", Nobody),
    ("/report-ins", Record),
    ("/signin", Own),
    ("/signout", Own),
    ("/slips", Nobody),
    ("/tile/{path}", Entries),
    ("/today", Own),
    ("/v1/activities", Own),
    ("/v1/acts", Register),
    ("/v1/acts/{act}", Register),
    ("/v1/clock", Nobody),
    ("/v1/consistency", Nobody),
    ("/v1/drafts", Own),
    ("/v1/events", Own),
    ("/v1/events/{position}", Entries),
    ("/v1/events/{position}/proof", Nobody),
    ("/v1/hours", Record),
    ("/v1/imports/preview", Register),
    ("/v1/leaderboards/{scope}", Lines),
    ("/v1/ledger", Nobody),
    ("/v1/lists/{scope}/{period}", Lines),
    ("/v1/me/deeds", Own),
    ("/v1/me/events", Own),
    ("/v1/me/looks", Own),
    ("/v1/members/{id}", Record),
    ("/v1/members/{id}/balance", Record),
    ("/v1/members/{id}/records", Record),
    ("/v1/orgs", Nobody),
    ("/v1/orgs/{id}", Lines),
    ("/v1/people", Register),
    ("/v1/people/known", Register),
    ("/v1/people/sheet", Nobody),
    ("/v1/policies", Nobody),
    ("/v1/report-ins", Record),
    ("/v1/rules", Nobody),
    ("/v1/sessions", Own),
    ("/v1/sessions/challenge", Nobody),
    ("/v1/sessions/current", Own),
    ("/v1/streams/{kind}/{id}", Record),
    ("/v1/subscribe", Entries),
    ("/v1/wishes", Wish),
    ("/v1/wishes/sheet", Register),
    ("/v1/wishes/{id}", Wish),
    ("/wishes", Nobody),
    ("/wishes/claiming", Nobody),
    ("/wishes/import", Nobody),
    ("/wishes/new", Record),
    ("/wishes/vetting", Wish),
    ("/wishes/wall", Nobody),
    ("/wishes/{id}", Wish),
    ("/wishes/{id}/hours", Wish),
    ("/wishes/{id}/{act}", Wish),
    ("gRPC Append", Own),
    ("gRPC GetCheckpoint", Nobody),
    ("gRPC ReadAll", Entries),
    ("gRPC ReadStream", Entries),
    ("gRPC Subscribe", Entries),
    ("hourbook act", Register),
    ("hourbook activity", Own),
    ("hourbook backup", Machine),
    ("hourbook certificate", Machine),
    ("hourbook checkpoint", Nobody),
    ("hourbook clock", Nobody),
    ("hourbook code", Register),
    ("hourbook credit", Register),
    ("hourbook demo", Machine),
    ("hourbook export", Record),
    ("hourbook hours", Record),
    ("hourbook import", Register),
    ("hourbook init", Machine),
    ("hourbook key", Machine),
    ("hourbook list", Lines),
    ("hourbook notice", Nobody),
    ("hourbook org", Nobody),
    ("hourbook person", Register),
    ("hourbook policy", Nobody),
    ("hourbook report-in", Register),
    ("hourbook restore", Machine),
    ("hourbook role", Register),
    ("hourbook rules", Nobody),
    ("hourbook serve", Machine),
    ("hourbook show", Lines),
    ("hourbook verify", Entries),
    ("hourbook wish", Wish),
];

/// The list as Markdown: a line for what is shown, with where.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from("| shown of others, and the trace | where |\n|---|---|\n");
    for trace in [Nobody, Own, Lines, Record, Wish, Register, Entries, Machine] {
        let faces = FACES.iter().filter(|(_, of)| *of == trace).map(|(face, _)| format!("`{face}`"));
        text.push_str(&format!("| {} | {} |\n", trace.words(), faces.collect::<Vec<_>>().join(" ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::ui::paths;

    /// The first argument of each `.route(` in the routes of pages.
    fn pages() -> Vec<String> {
        let source = include_str!("../../server/pages.rs");
        let named = |argument: &str| match argument.strip_prefix("paths::") {
            Some("HOME") => paths::HOME.to_owned(),
            Some("WISHES") => paths::WISHES.to_owned(),
            Some("POST_WISH") => paths::POST_WISH.to_owned(),
            Some("IMPORT_WISHES") => paths::IMPORT_WISHES.to_owned(),
            Some("VETTING") => paths::VETTING.to_owned(),
            Some("CLAIMING") => paths::CLAIMING.to_owned(),
            Some("ACTIVITIES") => paths::ACTIVITIES.to_owned(),
            Some("PLAN") => paths::PLAN.to_owned(),
            Some("LEADERBOARD") => paths::LEADERBOARD.to_owned(),
            Some("LISTS") => paths::LISTS.to_owned(),
            Some("MY_HOURS") => paths::MY_HOURS.to_owned(),
            Some("STATEMENT") => paths::STATEMENT.to_owned(),
            Some("ACCESS") => paths::ACCESS.to_owned(),
            Some("COLLEAGUES") => paths::COLLEAGUES.to_owned(),
            Some("PEOPLE") => paths::PEOPLE.to_owned(),
            Some("ORGS") => paths::ORGS.to_owned(),
            Some("WALL") => paths::WALL.to_owned(),
            Some("IMPORT") => paths::IMPORT.to_owned(),
            Some("POLICIES") => paths::POLICIES.to_owned(),
            Some("POLICY_DRAFT") => paths::POLICY_DRAFT.to_owned(),
            Some("COMMUNITIES") => paths::COMMUNITIES.to_owned(),
            Some("REGISTER") => paths::REGISTER.to_owned(),
            Some("SLIPS") => paths::SLIPS.to_owned(),
            Some("OWN_KEYS") => paths::OWN_KEYS.to_owned(),
            Some("OWN_ACTS") => paths::OWN_ACTS.to_owned(),
            Some("PUBLIC_NAME") => paths::PUBLIC_NAME.to_owned(),
            Some("OWN_ROLES") => paths::OWN_ROLES.to_owned(),
            Some("FEEDBACK") => paths::FEEDBACK.to_owned(),
            Some("TODAY") => paths::TODAY.to_owned(),
            Some("REPORT_INS") => paths::REPORT_INS.to_owned(),
            Some("SIGN_IN") => paths::SIGN_IN.to_owned(),
            Some("SIGN_OUT") => paths::SIGN_OUT.to_owned(),
            Some("HTTPS") => paths::HTTPS.to_owned(),
            Some("AUTHORITY") => paths::AUTHORITY.to_owned(),
            Some("HOW") => paths::HOW.to_owned(),
            Some("LOG") => paths::LOG.to_owned(),
            Some(other) => panic!("name {other} here, and say what it shows of others"),
            None => argument.trim_matches('"').to_owned(),
        };
        let made = source.replace(r#"&paths::own_act("{id}", "{way}")"#, r#""/me/acts/{id}/{way}""#);
        let arguments = made.split(".route(").skip(1).filter_map(|rest| rest.split(',').next());
        arguments.map(|argument| named(argument.trim())).collect()
    }

    fn calls() -> Vec<String> {
        let source = include_str!("../../../../proto/hourbook/v1/ledger_service.proto");
        let calls = source.lines().filter_map(|line| line.trim().strip_prefix("rpc ")?.split('(').next());
        calls.map(|call| format!("gRPC {call}")).collect()
    }

    #[test]
    fn every_face_says_what_it_shows_of_others() {
        let machines = crate::server::description().paths.paths.into_keys();
        let commands = crate::cli::commands().into_iter().map(|name| format!("hourbook {name}"));
        let all: BTreeSet<String> = machines.chain(pages()).chain(calls()).chain(commands).collect();
        let told: BTreeSet<String> = FACES.iter().map(|(face, _)| (*face).to_owned()).collect();
        assert_eq!(told.len(), FACES.len(), "each once");
        assert_eq!(all, told);
    }
}
