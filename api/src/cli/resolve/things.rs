//! Activities, shifts, wishes, recordings and moments, as somebody names them.

use hourbook_ledger::domain::time::{Date, Minute, Offset};
use serde_json::Value;

use super::people::{person, plain};
use crate::cli::failure::Failure;
use crate::cli::remote::{Remote, escaped, garbled};
use crate::cli::table::table;

/// Whether somebody wrote an id.
fn is_id(typed: &str) -> bool {
    typed.parse::<hourbook_ledger::domain::ids::EventId>().is_ok()
}

fn text(value: &Value, pointer: &str) -> String {
    plain(value.pointer(pointer).and_then(Value::as_str).unwrap_or("-"))
}

fn all(remote: &Remote, path: &str, rows: &str) -> Result<Vec<Value>, Failure> {
    Ok(remote.pages(path, rows, "before")?[rows].as_array().cloned().unwrap_or_default())
}

fn none(what: (&str, &str), typed: &str, list: &str) -> Failure {
    let (zh, en) = what;
    Failure::usage(both!(
        "没有叫“{typed}”的{zh}：名称要写全，请用 {list} 查看。",
        "There is no {en} “{typed}”: write it whole, see {list}."
    ))
}

fn several(what: (&str, &str), typed: &str, candidates: &str) -> Failure {
    let (zh, en) = what;
    Failure::usage(both!(
        "有几个叫“{typed}”的{zh}，未作任何改动。请改用编号：\n{candidates}",
        "Several are {en} “{typed}”, and nothing was done. Use an id of those above."
    ))
}

/// An activity by id or whole title.
pub(super) fn activity(remote: &Remote, typed: &str) -> Result<String, Failure> {
    const WHAT: (&str, &str) = ("活动", "activity");
    if is_id(typed) {
        return Ok(typed.to_owned());
    }
    let found = all(remote, &format!("/v1/activities?title={}", escaped(typed)), "activities")?;
    match found.as_slice() {
        [one] => Ok(text(one, "/id")),
        [] => Err(none(WHAT, typed, "hourbook activity list")),
        _ => {
            let row = |activity: &Value| {
                let first = text(activity, "/shifts/0/start").chars().take(16).collect();
                [text(activity, "/id"), text(activity, "/org/name"), text(activity, "/state"), first]
            };
            let header = ["编号 id", "组织 org", "状态 state", "第一个班次 first shift"];
            Err(several(WHAT, typed, &table(header, found.iter().map(row))))
        }
    }
}

/// The shift of an activity: by id, by when it begins, or the only one.
pub(super) fn shift(remote: &Remote, activity: &str, typed: Option<&str>) -> Result<Value, Failure> {
    let known = remote.get(&format!("/v1/activities?id={activity}"))?.good()?;
    let found = known["activities"].get(0);
    let shifts = found.and_then(|one| one["shifts"].as_array()).map_or(&[][..], Vec::as_slice);
    let fits = |shift: &&Value| {
        let start = text(shift, "/start").replace('T', " ");
        typed.is_none_or(|typed| shift["id"] == *typed || start.starts_with(typed.trim()))
    };
    let fitting: Vec<&Value> = shifts.iter().filter(fits).collect();
    if let [one] = fitting.as_slice() {
        return Ok((*one).clone());
    }
    if let Some(typed) = typed.filter(|typed| is_id(typed) && found.is_none()) {
        return Ok(serde_json::json!({ "id": typed }));
    }
    let row = |shift: &Value| [text(shift, "/id"), text(shift, "/start"), text(shift, "/end")];
    let shifts = table(["编号 id", "开始 start", "结束 end"], shifts.iter().map(row));
    Err(Failure::usage(both!(
        "请写明是哪个班次，写开始时间或编号：\n{shifts}",
        "Name the shift, by when it begins or its id: one of those above."
    )))
}

/// A wish by id, by its public sentence, or by the resident's own words for whoever may read them.
pub(super) fn wish(remote: &Remote, typed: &str) -> Result<String, Failure> {
    const WHAT: (&str, &str) = ("心愿", "wish");
    if is_id(typed) {
        return Ok(typed.to_owned());
    }
    let wishes = all(remote, "/v1/wishes?limit=100", "wishes")?;
    let fits = |wish: &&Value| wish["sentence"] == typed || wish["text"] == typed;
    let found: Vec<&Value> = wishes.iter().filter(fits).collect();
    match found.as_slice() {
        [one] => Ok(text(one, "/id")),
        [] => Err(none(WHAT, typed, "hourbook wish list")),
        _ => {
            let row = |wish: &&Value| {
                [text(wish, "/id"), text(wish, "/state"), text(wish, "/org/name"), text(wish, "/resident")]
            };
            let header = ["编号 id", "状态 state", "社区 org", "住户 resident"];
            Err(several(WHAT, typed, &table(header, found.iter().map(row))))
        }
    }
}

/// What was typed for rows, one by one.
fn each(typed: &str) -> impl Iterator<Item = &str> {
    typed.split(',').map(str::trim).filter(|part| !part.is_empty())
}

fn is_number(typed: &&str) -> bool {
    typed.parse::<u16>().is_ok()
}

/// A recording by the event that made it, or by the title of its activity and perhaps who served: the one that has rows to
/// confirm, or the only one.
pub(super) fn recording(remote: &Remote, typed: &str, rows: &str) -> Result<String, Failure> {
    const WHAT: (&str, &str) = ("登记", "recording of");
    if is_id(typed) {
        return Ok(typed.to_owned());
    }
    let named = each(rows).filter(|row| !is_number(row));
    let served = named.map(|name| Ok(person(remote, name, None)?.to_string()));
    let served: Vec<String> = served.collect::<Result<_, Failure>>()?;
    let rows = all(remote, &format!("/v1/hours?limit=500&title={}", escaped(typed)), "rows")?;
    let by_them = |row: &Value| served.is_empty() || served.iter().any(|person| row["member"] == *person);
    let fits = |row: &&Value| row["state"] != "corrected" && by_them(row);
    let mut found: Vec<&Value> = rows.iter().filter(fits).collect();
    if found.iter().any(|row| row["state"] == "pending") {
        found.retain(|row| row["state"] == "pending");
    }
    found.dedup_by_key(|row| text(row, "/recorded"));
    match found.as_slice() {
        [one] => Ok(text(one, "/recorded")),
        [] => Err(none(WHAT, typed, "hourbook hours list")),
        _ => {
            let row = |row: &&Value| {
                [
                    text(row, "/recorded"),
                    text(row, "/start"),
                    text(row, "/state"),
                    text(row, "/org/name"),
                    text(row, "/recorder/by"),
                ]
            };
            let header = ["编号 id", "开始 start", "状态 state", "组织 org", "登记人 recorder"];
            Err(several(WHAT, typed, &table(header, found.iter().map(row))))
        }
    }
}

/// Rows of a recording: by their numbers, or by who served.
pub(super) fn rows(remote: &Remote, recording: &str, typed: &str) -> Result<String, Failure> {
    if each(typed).all(|row| is_number(&row)) {
        return Ok(typed.to_owned());
    }
    let rows = all(remote, &format!("/v1/hours?recorded={recording}"), "rows")?;
    let numbers = each(typed).map(|name| row(remote, &rows, name));
    Ok(numbers.collect::<Result<Vec<_>, _>>()?.join(","))
}

fn row(remote: &Remote, rows: &[Value], typed: &str) -> Result<String, Failure> {
    if is_number(&typed) {
        return Ok(typed.to_owned());
    }
    let served = person(remote, typed, None)?.to_string();
    let own: Vec<&Value> = rows.iter().filter(|row| row["member"] == *served).collect();
    match own.as_slice() {
        [one] => one["row"].as_u64().map(|row| row.to_string()).ok_or_else(|| garbled(&"/v1/hours")),
        [] => Err(Failure::usage(both!(
            "这次登记里没有“{typed}”：请用 hourbook hours list 查看。",
            "“{typed}” is not in that recording: see hourbook hours list."
        ))),
        _ => {
            let numbers: Vec<String> = own.iter().map(|row| row["row"].to_string()).collect();
            let numbers = numbers.join(", ");
            Err(Failure::usage(both!(
                "“{typed}”在这次登记里有几行，请写行号：{numbers}",
                "“{typed}” has several rows in that recording, name one by its number: {numbers}"
            )))
        }
    }
}

/// A moment in local time, `2026-12-05 09:00`; at the end of something perhaps only the hour, of the day on which it began.
pub(super) fn moment(remote: &Remote, typed: &str, began: Option<i64>) -> Result<i64, Failure> {
    if let Ok(millis) = typed.parse() {
        return Ok(millis);
    }
    let ledger = remote.get("/v1/ledger")?.good()?;
    let offset = ledger["utc_offset_minutes"].as_i64().and_then(|minutes| i32::try_from(minutes).ok());
    let offset = Offset(offset.ok_or_else(|| garbled(&"/v1/ledger"))?);
    local(typed, offset, began).ok_or_else(|| {
        Failure::usage(both!(
            "“{typed}”不是时间：请写成 2026-12-05 09:00，当地时间。",
            "“{typed}” is no time: write it as 2026-12-05 09:00, in local time."
        ))
    })
}

fn local(typed: &str, offset: Offset, began: Option<i64>) -> Option<i64> {
    let (day, clock) = match typed.trim().split_once([' ', 'T']) {
        Some((day, clock)) => (day.parse::<Date>().ok()?, clock),
        None => (Minute(began? / 60_000).date(offset), typed.trim()),
    };
    let (hour, minute) = clock.trim().split_once([':', '：'])?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    let is_clock = (0..24).contains(&hour) && (0..60).contains(&minute);
    is_clock.then(|| (day.start(offset).0 + hour * 60 + minute) * 60_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_time_is_read_and_what_is_none_is_not() {
        let at = |typed| local(typed, Offset(480), None);
        assert_eq!(at("1970-01-01 08:00"), Some(0));
        assert_eq!(at("1970-01-01T09：30"), Some(90 * 60_000));
        for wrong in ["09:00", "1970-01-01", "1970-01-01 24:00", "1970-13-01 08:00", "soon", "1970-01-01 8"] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
        let began = at("2026-12-05 09:00");
        assert_eq!(local("11:00", Offset(480), began), at("2026-12-05 11:00"));
    }
}
