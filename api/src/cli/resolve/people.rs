//! People and organisations by their names, asked of the ledger with the asker's own rights.

use hourbook_ledger::domain::ids::{OrgId, PersonId};
use serde_json::Value;

use crate::cli::failure::Failure;
use crate::cli::remote::{Remote, escaped, garbled};
use crate::cli::table::table;

/// A person by id, whole name, phone or volunteer number; by name perhaps only within an organisation.
pub(crate) fn person(remote: &Remote, typed: &str, within: Option<OrgId>) -> Result<PersonId, Failure> {
    if let Ok(id) = typed.parse() {
        return Ok(id);
    }
    let people = search(remote, typed, within)?;
    let whole: Vec<&Value> = people.iter().filter(|person| person["whole"] == true).collect();
    match whole.as_slice() {
        [one] => one["id"].as_str().and_then(|id| id.parse().ok()).ok_or_else(|| garbled(&"/v1/people")),
        [] if people.is_empty() => Err(nobody(typed)),
        [] => Err(none_as_a_whole(typed, &people_table(&people))),
        several => Err(several_people(typed, &people_table(several.iter().copied()))),
    }
}

/// Everybody who fits, as far as the asker works with them.
pub(crate) fn search(remote: &Remote, typed: &str, within: Option<OrgId>) -> Result<Vec<Value>, Failure> {
    let org = within.map_or_else(String::new, |org| format!("&org={org}"));
    let path = format!("/v1/people?limit=100&q={}{org}", escaped(typed));
    let (mut all, mut next) = (Vec::new(), String::new());
    loop {
        let page = remote.get(&format!("{path}{next}"))?.good()?;
        if page["too_many"] == true {
            return Err(Failure::usage(both!(
                "“{typed}”：相符的人太多，没有显示。请再多写几个字，或用 --org 指明社区。",
                "“{typed}” fits too many people, and none is shown: write some more, or name the community with --org."
            )));
        }
        all.extend(page["people"].as_array().cloned().unwrap_or_default());
        match page["next"].as_str() {
            Some(after) => next = format!("&after={after}"),
            None => return Ok(all),
        }
    }
}

/// People as a list tells them apart.
pub(crate) fn people_table<'a>(people: impl IntoIterator<Item = &'a Value>) -> String {
    let text = |person: &Value, name: &str| plain(person[name].as_str().unwrap_or("-"));
    let row = |person: &'a Value| {
        let double = if person["double"] == true { "可能重复 double?" } else { "" };
        let [name, phone, number] = ["name", "phone", "volunteer_number"].map(|of| text(person, of));
        let home = [Some(text(person, "home")), person["unit"].as_str().map(plain)];
        let home: Vec<String> = home.into_iter().flatten().collect();
        [text(person, "id"), name, phone, number, home.join(" · "), double.to_owned()]
    };
    let header = ["编号 id", "姓名 name", "电话 phone", "志愿者编号 number", "社区和单位 home, unit", ""];
    table(header, people.into_iter().map(row))
}

/// What cannot trick a terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

fn nobody(typed: &str) -> Failure {
    Failure::usage(both!(
        "“{typed}”：在您负责的范围内没有这个人。请核对写法，或换电话、编号再试。",
        "“{typed}” is nobody with whom you work: check the spelling, or try a phone or number."
    ))
}

fn none_as_a_whole(typed: &str, people: &str) -> Failure {
    Failure::usage(both!(
        "“{typed}”：没有人的姓名、电话或编号完全是这样，未作任何改动。是不是：\n{people}",
        "“{typed}” is nobody's whole name, phone or number, and nothing was done. Perhaps one of those above."
    ))
}

fn several_people(typed: &str, people: &str) -> Failure {
    Failure::usage(both!(
        "“{typed}”：有几个人都是，未作任何改动。请改用编号，或加上电话后四位，如 “{typed} 4567”：\n{people}",
        "“{typed}” is several people, and nothing was done. Use an id of those above, or add the last four digits of the phone."
    ))
}

/// An organisation by id or name.
pub(crate) fn org(remote: &Remote, typed: &str) -> Result<OrgId, Failure> {
    if let Ok(id) = typed.parse() {
        return Ok(id);
    }
    let orgs = remote.get("/v1/orgs")?.good()?;
    let orgs = orgs["orgs"].as_array().ok_or_else(|| garbled(&"/v1/orgs"))?;
    let named: Vec<&Value> = orgs.iter().filter(|org| org["name"] == typed).collect();
    match named.as_slice() {
        [one] => one["id"].as_str().and_then(|id| id.parse().ok()).ok_or_else(|| garbled(&"/v1/orgs")),
        [] => Err(Failure::usage(both!(
            "没有名为“{typed}”的组织：请用 hourbook org list 查看。",
            "No organisation is called “{typed}”: see hourbook org list."
        ))),
        _ => {
            let several = orgs_table(orgs, named.iter().copied());
            Err(Failure::usage(both!(
                "有几个名为“{typed}”的组织，请改用编号：\n{several}",
                "Several organisations are called “{typed}”: use an id of those above."
            )))
        }
    }
}

/// Organisations with what contains them.
pub(crate) fn orgs_table<'a>(all: &[Value], shown: impl IntoIterator<Item = &'a Value>) -> String {
    let text = |org: &Value, name: &str| plain(org[name].as_str().unwrap_or("-"));
    let name_of = |id: &Value| all.iter().find(|org| &org["id"] == id).map(|org| text(org, "name"));
    let row = |org: &'a Value| {
        let parent = name_of(&org["parent"]).unwrap_or_else(|| "-".to_owned());
        [text(org, "id"), text(org, "name"), text(org, "kind"), parent]
    };
    table(["编号 id", "名称 name", "类别 kind", "隶属 within"], shown.into_iter().map(row))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn people_line_up_and_a_double_is_told() {
        let person = |double| {
            json!({ "id": "1", "name": "王*芳", "phone": "199****4567", "home": "听蝉社区",
            "unit": "供水公司\u{1b}[2J", "double": double })
        };
        let shown = people_table(&[person(false), person(true)]);
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[1], "1        王*芳      199****4567  -                  听蝉社区 · 供水公司[2J");
        assert!(lines[2].ends_with("可能重复 double?"), "{shown}");
    }
}
