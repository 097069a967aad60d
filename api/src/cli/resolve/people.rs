//! People and organisations by their names, asked of the ledger with the asker's own rights.

use hourbook_ledger::domain::ids::{OrgId, PersonId};
use serde_json::Value;

use crate::cli::failure::Failure;
use crate::cli::remote::{Remote, escaped, garbled};
use crate::cli::table::table;
use crate::cli::terms;

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

/// Refuses to register somebody of a name that is registered in the community of the new home already: whoever says that it is
/// somebody else is let through. The search is that of a person, so whoever it finds sees that they were looked for. Those who
/// find nobody by name, such as founders, are told nothing.
pub(crate) fn ensure_new(remote: &Remote, told: &[(String, String)]) -> Result<(), Failure> {
    let given = |name: &str| told.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str());
    let (Some(name), Some(home)) = (given("name"), given("home")) else { return Ok(()) };
    let community = community_of(remote, org(remote, home)?)?;
    let path = format!("/v1/people?limit=100&q={}&org={community}", escaped(name));
    let answer = remote.get(&path)?;
    if matches!(answer.status, 400 | 403) {
        return Ok(());
    }
    let found = answer.good()?;
    let people = found["people"].as_array().map_or(&[][..], Vec::as_slice);
    let namesakes: Vec<&Value> = people.iter().filter(|person| person["whole"] == true).collect();
    if namesakes.is_empty() {
        return Ok(());
    }
    let namesakes = people_table(namesakes);
    Err(Failure::refused(both!(
        "“{name}”：这个社区已有同名的人登记，未作任何改动。请核对号码；确是另一个人，请加 --again：\n{namesakes}",
        "“{name}”: somebody of this name is registered in the community, and nothing was done. Compare the number; if it is somebody else, add --again."
    )))
}

/// The community that holds a grid or building; anything else is its own.
fn community_of(remote: &Remote, home: OrgId) -> Result<String, Failure> {
    let orgs = remote.get("/v1/orgs")?.good()?;
    let orgs = orgs["orgs"].as_array().ok_or_else(|| garbled(&"/v1/orgs"))?;
    let mut id = home.to_string();
    // Deeper than any: nothing contains itself.
    for _ in 0..orgs.len() {
        let here = orgs.iter().find(|org| org["id"] == id);
        let below = here.filter(|org| matches!(org["kind"].as_str(), Some("grid" | "building")));
        match below.and_then(|org| org["parent"].as_str()) {
            Some(parent) => id = parent.to_owned(),
            None => break,
        }
    }
    Ok(id)
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
        [] => Err(no_org(typed, orgs)),
        _ => {
            let several = orgs_table(orgs, named.iter().copied());
            Err(Failure::usage(both!(
                "有几个名为“{typed}”的组织，请改用编号：\n{several}",
                "Several organisations are called “{typed}”: use an id of those above."
            )))
        }
    }
}

/// Most candidates that are named.
const CANDIDATES: usize = 5;

fn no_org(typed: &str, orgs: &[Value]) -> Failure {
    let alike = |org: &&Value| org["name"].as_str().map_or(0, |name| likeness(typed, name));
    let mut near: Vec<&Value> = orgs.iter().filter(|org| alike(org) > 0).collect();
    near.sort_by_key(|org| std::cmp::Reverse(alike(org)));
    near.truncate(CANDIDATES);
    if near.is_empty() {
        return Failure::usage(both!(
            "没有名为“{typed}”的组织：请用 hourbook org list 查看。",
            "No organisation is called “{typed}”: see hourbook org list."
        ));
    }
    let near = orgs_table(orgs, near);
    Failure::usage(both!(
        "没有名为“{typed}”的组织，未作任何改动。名称要写全，是不是：\n{near}",
        "No organisation is called “{typed}”, and nothing was done. Write the whole name; perhaps one of those above. See also hourbook org list."
    ))
}

/// How much a name is like what was typed: characters that both have, or of Latin script pairs of letters, if they are more
/// than half of the shorter one, since half of the communities end alike.
fn likeness(typed: &str, name: &str) -> usize {
    let parts = |text: &str| -> Vec<String> {
        let chars: Vec<char> = text.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
        let size = if text.is_ascii() { 2 } else { 1 };
        chars.windows(size).map(|part| part.iter().collect()).collect()
    };
    let (typed, name) = (parts(typed), parts(name));
    let common = typed.iter().filter(|part| name.contains(part)).count();
    if common * 2 > typed.len().min(name.len()) { common } else { 0 }
}

/// Organisations with what contains them.
pub(crate) fn orgs_table<'a>(all: &[Value], shown: impl IntoIterator<Item = &'a Value>) -> String {
    let text = |org: &Value, name: &str| plain(org[name].as_str().unwrap_or("-"));
    let name_of = |id: &Value| all.iter().find(|org| &org["id"] == id).map(|org| text(org, "name"));
    let row = |org: &'a Value| {
        let parent = name_of(&org["parent"]).unwrap_or_else(|| "-".to_owned());
        let kind = text(org, "kind");
        let kind = terms::org_kind(&kind).map_or_else(|| kind.clone(), |zh| format!("{zh} {kind}"));
        [text(org, "id"), text(org, "name"), kind, parent]
    };
    table(["编号 id", "名称 name", "类别 kind", "隶属 within"], shown.into_iter().map(row))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_organisation_that_was_meant_is_among_the_candidates() {
        let named = |name: &str| json!({ "id": name, "name": name, "kind": "community" });
        let orgs = ["听蝉社区", "听雨社区", "望江社区", "供水公司", "听蝉社区第一网格"].map(named);
        let said = no_org("听蝉", &orgs);
        assert!(said.zh.contains("听蝉社区 ") && said.zh.contains("第一网格"), "{said}");
        assert!(!said.zh.contains("望江") && !said.zh.contains("供水"), "{said}");
        let typo = no_org("听禅社区", &orgs);
        assert!(!typo.zh.contains("供水公司"), "{typo}");
        assert!(no_org("无名", &orgs).zh.contains("hourbook org list"));
        assert!(!no_org("无名", &orgs).zh.contains("是不是"));
    }

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
