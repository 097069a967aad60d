//! `hourbook show`: what the ledger knows, from a server or a directory.

use super::args::{ShowArgs, ShowWhat, WhichMember};
use super::failure::{Exit, Failure};
use super::files::read_key;
use super::looks::print;
use super::remote::{Remote, escaped};
use super::resolve;
use super::shown::{BOARD, Columns, LIST, ORGS, POSTINGS, RECORD, WISHES, outline};

pub(super) fn run(args: &ShowArgs) -> Result<Exit, Failure> {
    let mut remote = Remote::at(&args.at)?;
    if let Some(key) = &args.key {
        remote.sign_in(&read_key(key, &args.passphrase)?)?;
    }
    let path = path(&remote, &args.what)?;
    let answer = match (&args.what, rows_of(&args.what)) {
        (ShowWhat::Balance(_) | ShowWhat::Record(_) | ShowWhat::Wishes, Some((rows, _))) => {
            remote.pages(&format!("{path}?limit=100"), rows, "before")?
        }
        _ => remote.get(&path)?.good()?,
    };
    match rows_of(&args.what) {
        Some((rows, columns)) => print(&answer, rows, columns, args.json),
        None if args.json => say!("{answer}"),
        None => say!("{}", outline(&answer).trim_end()),
    }
    Ok(Exit::Done)
}

/// What of an answer is a list, and its columns.
fn rows_of(what: &ShowWhat) -> Option<(&'static str, Columns)> {
    match what {
        ShowWhat::Balance(_) => Some(("postings", POSTINGS)),
        ShowWhat::Record(_) => Some(("rows", RECORD)),
        ShowWhat::Wishes => Some(("wishes", WISHES)),
        ShowWhat::Leaderboard { .. } => Some(("lines", BOARD)),
        ShowWhat::List { .. } => Some(("lines", LIST)),
        ShowWhat::Orgs => Some(("orgs", ORGS)),
        ShowWhat::Ledger => None,
    }
}

fn path(remote: &Remote, what: &ShowWhat) -> Result<String, Failure> {
    let of_member = |member: &WhichMember, of: &str| {
        let within = member.org.as_deref().map(|org| resolve::org(remote, org)).transpose()?;
        let member = resolve::person(remote, &member.member, within)?;
        Ok::<_, Failure>(format!("/v1/members/{member}/{of}"))
    };
    Ok(match what {
        ShowWhat::Balance(member) => of_member(member, "balance")?,
        ShowWhat::Record(member) => of_member(member, "records")?,
        ShowWhat::Wishes => "/v1/wishes".to_owned(),
        ShowWhat::Leaderboard { scope, period } => {
            let period = period.as_deref().map(|p| format!("?period={}", escaped(p))).unwrap_or_default();
            let scope = match scope.as_str() {
                "ledger" => scope.clone(),
                org => resolve::org(remote, org)?.to_string(),
            };
            format!("/v1/leaderboards/{scope}{period}")
        }
        ShowWhat::List { scope, period } => {
            format!("/v1/lists/{}/{}", resolve::org(remote, scope)?, escaped(period))
        }
        ShowWhat::Orgs => "/v1/orgs".to_owned(),
        ShowWhat::Ledger => "/v1/ledger".to_owned(),
    })
}
