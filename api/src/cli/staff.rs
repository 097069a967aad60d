//! `hourbook org`, `person` and `role`: what staff do, by names. Whatever they record is an action of `hourbook act do`.

use serde_json::Value;

use super::carry_out::{Wanted, carry_out, say_recorded};
use super::common_args::CallerArgs;
use super::failure::{Exit, Failure};
use super::remote::{Remote, escaped, garbled};
use super::resolve;
use super::shown::outline;
use super::staff_args::{OrgArgs, OrgWhat, PersonArgs, PersonWhat, RoleArgs, RoleWhat, WhichRole};

pub(super) fn org(args: &OrgArgs) -> Result<Exit, Failure> {
    match &args.what {
        OrgWhat::Add { name, kind, parent } => {
            let named = [("name", Some(name)), ("org-kind", Some(kind)), ("parent", parent.as_ref())];
            do_it(&args.caller, "register-organisation", &all_told(&named))
        }
        OrgWhat::List { within, kind } => list(&args.caller, within.as_deref(), kind.as_deref()),
        OrgWhat::Link { unit, community, from } => {
            let told = [("org", unit), ("parent", community), ("from", from)];
            record(&args.caller, "report-organisation-in", told)
        }
    }
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
    if let PersonWhat::Add { name, home, phone, number } = &args.what {
        let named = [
            ("name", Some(name)),
            ("home", Some(home)),
            ("phone", phone.as_ref()),
            ("volunteer-number", number.as_ref()),
        ];
        return do_it(&args.caller, "register-person", &all_told(&named));
    }
    let key = args.caller.own_key()?;
    let mut remote = Remote::at(&args.caller.at)?;
    remote.sign_in(&key)?;
    let within = args.org.as_deref().map(|org| resolve::org(&remote, org)).transpose()?;
    match &args.what {
        PersonWhat::Add { .. } => {}
        PersonWhat::Find { words } => {
            let people = resolve::search(&remote, &words.join(" "), within)?;
            match args.caller.json {
                true => say!("{}", Value::Array(people)),
                false if people.is_empty() => say!("没有找到相符的人 / nobody fits"),
                false => say!("{}", resolve::people_table(&people).trim_end()),
            }
        }
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

pub(super) fn role(args: &RoleArgs) -> Result<Exit, Failure> {
    let of = |WhichRole { person, role, org }: &WhichRole, key: Option<&String>| {
        let named = [("person", Some(person)), ("role", Some(role)), ("org", org.as_ref()), ("key", key)];
        all_told(&named)
    };
    match &args.what {
        RoleWhat::Grant { which, key_id } => do_it(&args.caller, "grant-role", &of(which, Some(key_id))),
        RoleWhat::Take { which } => do_it(&args.caller, "take-role", &of(which, None)),
    }
}

/// What was given of it.
fn all_told(named: &[(&str, Option<&String>)]) -> Vec<(String, String)> {
    named.iter().filter_map(|(name, value)| Some(told((name, (*value)?)))).collect()
}

fn told((name, value): (&str, &String)) -> (String, String) {
    (name.to_owned(), value.clone())
}

fn record<const N: usize>(
    caller: &CallerArgs,
    action: &str,
    named: [(&str, &String); N],
) -> Result<Exit, Failure> {
    do_it(caller, action, &named.map(told))
}

fn do_it(caller: &CallerArgs, action: &str, told: &[(String, String)]) -> Result<Exit, Failure> {
    let key = caller.own_key()?;
    let recorded = carry_out(&mut Remote::at(&caller.at)?, key, &Wanted::new(action, told))?;
    Ok(say_recorded(&recorded, caller.json))
}
