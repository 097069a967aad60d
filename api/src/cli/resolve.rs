//! Names in the place of ids: whom and what somebody means, asked of the ledger with the asker's own rights. A name that
//! means nobody, or several, is said, and nothing is done.

mod people;
mod things;

use super::failure::Failure;
use super::remote::Remote;
use crate::commands::{Action, Kind, Thing};

pub(super) use people::{ensure_new, org, orgs_table, people_table, person, search};

/// What an action was told, with ids in the place of names and moments in the place of local times. The only shift of an
/// activity need not be named, and what is said of it has its time.
pub(super) fn told(
    remote: &Remote,
    action: &Action,
    told: &[(String, String)],
) -> Result<Vec<(String, String)>, Failure> {
    let kind = |name: &str| action.inputs.iter().find(|input| input.name == name).map(|input| input.kind);
    let mut resolved: Vec<(String, String)> = Vec::new();
    let rows: Vec<&str> =
        ["row", "rows"].into_iter().filter_map(|name| Some(known(told, name)?.as_str())).collect();
    for (name, value) in told {
        let began = known(&resolved, "start").and_then(|start| start.parse().ok());
        let value = match kind(name) {
            Some(Kind::Moment) => things::moment(remote, value, began)?.to_string(),
            Some(Kind::Id(Thing::Recording)) => things::recording(remote, value, &rows.join(","))?,
            Some(kind) => one_or_several(remote, kind, value)?,
            None => value.clone(),
        };
        resolved.push((name.clone(), value));
    }
    if let Some(recording) = known(&resolved, "recorded").cloned() {
        for (_, rows) in
            resolved.iter_mut().filter(|(name, _)| matches!(kind(name), Some(Kind::Row | Kind::Rows)))
        {
            *rows = things::rows(remote, &recording, rows)?;
        }
    }
    if let (Some(Kind::Id(Thing::Shift)), Some(activity)) =
        (kind("shift"), known(&resolved, "activity").cloned())
    {
        let shift = things::shift(remote, &activity, known(&resolved, "shift").map(String::as_str))?;
        resolved.retain(|(name, _)| name != "shift");
        let asked = ["id", "start", "end"].into_iter().filter_map(|part| {
            let name = if part == "id" { "shift" } else { part };
            kind(name).filter(|_| known(&resolved, name).is_none())?;
            Some((name.to_owned(), shift[part].as_str()?.to_owned()))
        });
        let asked: Vec<(String, String)> = asked.collect();
        for (name, value) in asked {
            let is_moment = kind(&name) == Some(Kind::Moment);
            let value = match is_moment {
                true => things::moment(remote, &value[..value.len().min(16)], None)?.to_string(),
                false => value,
            };
            resolved.push((name, value));
        }
    }
    Ok(resolved)
}

fn known<'a>(told: &'a [(String, String)], wanted: &str) -> Option<&'a String> {
    told.iter().find(|(name, _)| name == wanted).map(|(_, value)| value)
}

fn one_or_several(remote: &Remote, kind: Kind, typed: &str) -> Result<String, Failure> {
    match kind {
        Kind::List(thing) | Kind::OptionalList(thing) => {
            let each = typed.split(',').map(str::trim).filter(|name| !name.is_empty());
            let ids = each.map(|name| id(remote, thing, name)).collect::<Result<Vec<_>, _>>()?;
            Ok(ids.join(","))
        }
        kind => kind.names().map_or_else(|| Ok(typed.to_owned()), |thing| id(remote, thing, typed)),
    }
}

fn id(remote: &Remote, thing: Thing, typed: &str) -> Result<String, Failure> {
    match thing {
        Thing::Person => Ok(person(remote, typed, None)?.to_string()),
        Thing::Org => Ok(org(remote, typed)?.to_string()),
        Thing::Activity => things::activity(remote, typed),
        Thing::Wish => things::wish(remote, typed),
        Thing::Recording => things::recording(remote, typed, ""),
        Thing::Shift | Thing::Hold | Thing::Event => Ok(typed.to_owned()),
    }
}
