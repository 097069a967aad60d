//! `hourbook show`: what the ledger knows, from a server or a directory.

use std::io::Write as _;

use serde_json::Value;

use super::args::{ShowArgs, ShowWhat, WhichMember};
use super::failure::{Exit, Failure};
use super::files::read_key;
use super::remote::{Remote, escaped};
use super::resolve;

pub(super) fn run(args: &ShowArgs) -> Result<Exit, Failure> {
    let mut remote = Remote::at(&args.at)?;
    if let Some(key) = &args.key {
        remote.sign_in(&read_key(key, &args.passphrase)?)?;
    }
    let answer = remote.get(&path(&remote, &args.what)?)?.good()?;
    let text = if args.json { format!("{answer}\n") } else { outline(&answer) };
    // Whoever stops reading, as `head` does, has seen enough.
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(Exit::Done)
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

/// JSON as an outline: one value a line, indented by depth.
pub(super) fn outline(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, 0);
    out
}

fn write(out: &mut String, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                match value {
                    Value::Object(_) | Value::Array(_) => {
                        out.push_str(&format!("{indent}{name}:\n"));
                        write(out, value, depth + 1);
                    }
                    plain => out.push_str(&format!("{indent}{name}: {}\n", text(plain))),
                }
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                if at > 0 && item.is_object() {
                    out.push_str(&format!("{indent}—\n"));
                }
                write(out, item, depth);
            }
        }
        plain => out.push_str(&format!("{indent}{}\n", text(plain))),
    }
}

/// A value on one line; control characters, which could trick a terminal, are left out.
fn text(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outline_leaves_out_nothing_but_nulls_and_control_characters() {
        let value = serde_json::json!({ "a": 1, "b": [{ "c": "x\u{1b}[2J" }, { "c": "y" }], "n": null });
        assert_eq!(outline(&value), "a: 1\nb:\n  c: x[2J\n  —\n  c: y\n");
    }
}
