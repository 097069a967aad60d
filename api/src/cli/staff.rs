//! `hourbook org list`, `person find`, `person import` and `person show`: what staff look for, and register from a file. What they record stands in a table, see `says`.

use serde_json::Value;

use super::common_args::CallerArgs;
use super::failure::{Exit, Failure};
use super::remote::{Remote, escaped, garbled};
use super::resolve;
use super::shown::outline;
use super::staff_args::{OrgArgs, OrgWhat, PersonArgs, PersonWhat};

pub(super) fn org(args: &OrgArgs) -> Result<Exit, Failure> {
    let OrgWhat::List { within, kind } = &args.what;
    list(&args.caller, within.as_deref(), kind.as_deref())
}

fn list(caller: &CallerArgs, within: Option<&str>, kind: Option<&str>) -> Result<Exit, Failure> {
    let remote = Remote::at(&caller.at)?;
    let mut narrowed = Vec::new();
    if let Some(within) = within {
        narrowed.push(format!("below={}", resolve::org(&remote, within)?));
    }
    narrowed.extend(kind.map(|kind| format!("kind={}", escaped(kind))));
    let orgs_at = |query: &str| -> Result<Vec<Value>, Failure> {
        let answer = remote.get(&format!("/v1/orgs?{query}"))?.good()?;
        answer["orgs"].as_array().cloned().ok_or_else(|| garbled(&"/v1/orgs"))
    };
    let shown = orgs_at(&narrowed.join("&"))?;
    match caller.json {
        true => say!("{}", Value::Array(shown)),
        // What contains them may lie outside of what is listed.
        false => say!("{}", resolve::orgs_table(&orgs_at("")?, &shown).trim_end()),
    }
    Ok(Exit::Done)
}

pub(super) fn person(args: &PersonArgs) -> Result<Exit, Failure> {
    let key = args.caller.own_key()?;
    let mut remote = Remote::at(&args.caller.at)?;
    let member = remote.sign_in_as(&key)?;
    let within = args.org.as_deref().map(|org| resolve::org(&remote, org)).transpose()?;
    match &args.what {
        PersonWhat::Find { words } => {
            let people = resolve::search(&remote, &words.join(" "), within)?;
            match args.caller.json {
                true => say!("{}", Value::Array(people)),
                false if people.is_empty() => say!("没有找到相符的人 / nobody fits"),
                false => say!("{}", resolve::people_table(&people).trim_end()),
            }
        }
        PersonWhat::Import(roll) => return super::roll::run(&remote, (member, key), roll, args.caller.json),
        PersonWhat::Show { person } => {
            let person = resolve::person(&remote, person, within)?;
            let shown = remote.get(&format!("/v1/members/{person}"))?.good()?;
            match args.caller.json {
                true => say!("{shown}"),
                false => say!("{}", outline(&shown).trim_end()),
            }
        }
    }
    Ok(Exit::Done)
}
