//! `hourbook person import`: who is on the roll that a grid keeps, registered. The file is read here, and the key stays here.

use std::collections::BTreeSet;
use std::path::Path;

use ed25519_dalek::SigningKey;
use hourbook_ledger::actor::Actor;
use hourbook_ledger::commitment::{Field, matching_form};
use hourbook_ledger::domain::event::Assurance;
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use serde_json::{Value, json};

use super::carry_out::drafted;
use super::failure::{Exit, Failure};
use super::remote::{Remote, garbled, signed};
use super::resolve;
use super::staff_args::RollArgs;
use crate::sheet::{self, Limits, MOST_RESIDENTS, Note, Resident, Roll};

/// People that are registered at once, as a whole or not at all, and asked about at once.
const EACH: usize = 200;

pub(super) fn run(
    remote: &Remote,
    (member, key): (PersonId, SigningKey),
    args: &RollArgs,
    as_json: bool,
) -> Result<Exit, Failure> {
    let home = resolve::org(remote, &args.home)?;
    let roll = read(&args.file)?;
    let skipped = match args.again {
        true => BTreeSet::new(),
        false => doubles(remote, home, &roll.people)?,
    };
    let new: Vec<&Resident> = roll.people.iter().filter(|one| !skipped.contains(&one.line)).collect();
    let mut done = 0;
    if !args.dry_run {
        let actor = Actor::new(member, remote.origin()?, key);
        for part in new.chunks(EACH) {
            register(remote, &actor, home, part).inspect_err(|_| tell_where_it_stopped(done, new.len()))?;
            done += part.len();
        }
    }
    let (found, gone) = (new.len(), roll.gone.len());
    if as_json {
        say!(
            "{}",
            json!({ "new": found, "registered": done, "skipped": skipped, "gone": gone, "unread": roll.unread })
        );
        return Ok(Exit::Done);
    }
    let (skipped, unread) = (skipped.len(), roll.unread.join("、"));
    if !unread.is_empty() {
        say!("这些列未读取：{unread} / not read");
    }
    if gone > 0 {
        say!("标为已迁出或已死亡，跳过 {gone} 人 / marked as moved away or dead, and skipped: {gone}");
    }
    match args.dry_run {
        true => say!(
            "将登记 {found} 人，跳过已登记的 {skipped} 人 / would register {found}, and skip {skipped} who are there"
        ),
        false => say!(
            "已登记 {done} 人，跳过已登记的 {skipped} 人 / registered {done}, skipped {skipped} who are there"
        ),
    }
    Ok(Exit::Done)
}

/// The roll in a file, if nothing in it is wrong; what is, row by row.
fn read(file: &Path) -> Result<Roll, Failure> {
    let bytes = std::fs::read(file).map_err(|error| Failure::file(file, &error))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    // No day stands in what is read.
    let limits = Limits { max_rows: MOST_RESIDENTS, ..Limits::new(0) };
    let roll = sheet::read_roll(&bytes, &name, &limits).map_err(|error| {
        tell(&error.notes);
        Failure::refused((
            format!("{}（{}）", error.zh, error.code),
            format!("{} ({})", error.en, error.code),
        ))
    })?;
    tell(&roll.notes);
    if roll.errors.is_empty() {
        return Ok(roll);
    }
    for error in &roll.errors {
        eprintln!("{}\n{}", error.zh, error.en);
    }
    let count: usize = roll.counts.values().sum();
    Err(Failure::refused(both!(
        "有 {count} 处错误，没有登记任何人。",
        "{count} mistakes; nobody was registered."
    )))
}

fn tell(notes: &[Note]) {
    for note in notes {
        eprintln!("注意：{}\nNote: {}", note.zh, note.en);
    }
}

/// The rows of whoever is registered already, as far as whoever registers may find them, or stands on a row before.
fn doubles(remote: &Remote, home: OrgId, people: &[Resident]) -> Result<BTreeSet<u32>, Failure> {
    let mut skipped = BTreeSet::new();
    for part in people.chunks(EACH) {
        let row = |one: &Resident| json!({ "name": one.name, "phone": one.phone, "volunteer_number": one.volunteer_number });
        let rows: Vec<Value> = part.iter().map(row).collect();
        let asked = json!({ "home": home.to_string(), "people": rows });
        let told = remote.post("/v1/people/known", &asked)?.good()?;
        let told = told["people"].as_array().filter(|told| told.len() == part.len());
        let told = told.ok_or_else(|| garbled(&"/v1/people/known"))?;
        for (one, alike) in part.iter().zip(told) {
            let likely = |one: &Value| one["likely"] == true;
            if let Some(known) = alike.as_array().into_iter().flatten().find(|one| likely(one)) {
                skip(&mut skipped, one, known["name"].as_str().unwrap_or_default());
            }
        }
    }
    let mut before = BTreeSet::new();
    for one in people {
        let name = matching_form(Field::Name, &one.name);
        if !before.insert((name, one.phone.as_deref(), one.volunteer_number.as_deref()))
            && !skipped.contains(&one.line)
        {
            skip(&mut skipped, one, &one.name);
        }
    }
    Ok(skipped)
}

fn skip(skipped: &mut BTreeSet<u32>, one: &Resident, known: &str) {
    let Resident { line, name, .. } = one;
    eprintln!(
        "第 {line} 行 {name}：已登记（{known}），跳过；确是另一人请加 --again / row {line}: registered, skipped; --again if it is somebody else"
    );
    skipped.insert(*line);
}

fn register(remote: &Remote, actor: &Actor, home: OrgId, people: &[&Resident]) -> Result<(), Failure> {
    let all = people.iter().map(|one| {
        let mut told = vec![("home".to_owned(), home.to_string()), ("name".to_owned(), one.name.clone())];
        told.extend(one.phone.iter().map(|phone| ("phone".to_owned(), phone.clone())));
        told.extend(
            one.volunteer_number.iter().map(|number| ("volunteer-number".to_owned(), number.clone())),
        );
        let drafted = drafted("register-person", actor.person, told)?;
        signed(actor, drafted, Assurance::DeviceKey)
    });
    remote.hand_in(all.collect::<Result<_, Failure>>()?)?.good().map(drop)
}

/// A part failed after others: those stay.
fn tell_where_it_stopped(done: usize, all: usize) {
    if done > 0 {
        eprintln!(
            "{all} 人中已登记 {done} 人，其余没有登记；原样再来一次，会跳过已登记的。\n\
             {done} of {all} are registered, the others are not; the same command again skips those who are."
        );
    }
}
