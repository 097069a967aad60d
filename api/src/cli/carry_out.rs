//! An action by its name, with what it was told: names are resolved, the event is signed here and handed in.

use ed25519_dalek::SigningKey;
use hourbook_ledger::domain::event::Assurance;
use hourbook_ledger::domain::ids::{EventId, PersonId};
use rand_core::Rng as _;
use serde_json::{Value, json};

use super::failure::{Exit, Failure};
use super::remote::{Answer, Remote, garbled};
use super::resolve;
use super::words;
use crate::boot;
use crate::commands::{Action, Actions, Drafted, Kind, Wrong};
use crate::state::system_rng;

/// What somebody wants to say by a key.
pub(super) struct Wanted<'a> {
    /// The name of the action.
    pub(super) action: &'a str,
    pub(super) told: &'a [(String, String)],
    /// For whom staff say it, at the desk (代办).
    pub(super) on_behalf: Option<&'a str>,
}

impl<'a> Wanted<'a> {
    /// For nobody else.
    pub(super) fn new(action: &'a str, told: &'a [(String, String)]) -> Self {
        Self { action, told, on_behalf: None }
    }
}

/// What became of it.
pub(super) struct Recorded {
    position: u64,
    event: String,
    /// The ids of what it brought into being, by the names of the inputs.
    new: Vec<(&'static str, String)>,
    /// It waits, and for what.
    waits: Option<String>,
    /// It takes effect then at the earliest.
    due: Option<String>,
}

/// Does something by a key.
pub(super) fn carry_out(
    remote: &mut Remote,
    key: SigningKey,
    wanted: &Wanted<'_>,
) -> Result<Recorded, Failure> {
    let actions = boot::actions();
    let action = actions.with_key().find(|action| action.name == wanted.action);
    let action = action.ok_or_else(|| unknown(&actions, wanted.action))?;
    let member = remote.sign_in_as(&key)?;
    let mut told = resolve::told(remote, action, wanted.told)?;
    let new = draw_ids(action, &mut told);
    let for_whom = wanted.on_behalf.map(|person| resolve::person(remote, person, None)).transpose()?;
    let drafted = action
        .draft(for_whom.unwrap_or(member), &action.told(&told)?, salt)
        .map_err(|wrong| misfit(action, &wrong))?;
    let answer = match for_whom {
        None => remote.submit_for(member, key, drafted, Assurance::DeviceKey)?,
        Some(person) => {
            let drafted = Drafted { acting_for: Some(person), ..drafted };
            remote.submit_for(member, key, drafted, Assurance::StaffProxy)?
        }
    };
    recorded(remote, answer, new)
}

/// What a person says by an action; the ids of what is new are drawn.
pub(super) fn drafted(
    name: &str,
    member: PersonId,
    mut told: Vec<(String, String)>,
) -> Result<Drafted, Failure> {
    let actions = boot::actions();
    let action =
        actions.with_key().find(|action| action.name == name).ok_or_else(|| unknown(&actions, name))?;
    draw_ids(action, &mut told);
    action.draft(member, &action.told(&told)?, salt).map_err(|wrong| misfit(action, &wrong))
}

fn salt() -> [u8; 32] {
    let mut salt = [0; 32];
    system_rng().fill_bytes(&mut salt);
    salt
}

/// The ids of what is new are drawn here, so that whoever says it learns them.
fn draw_ids(action: &Action, told: &mut Vec<(String, String)>) -> Vec<(&'static str, String)> {
    let new = action.inputs.iter().filter(|input| input.kind == Kind::NewId);
    let drawn = new.filter(|input| !told.iter().any(|(name, _)| name == input.name)).map(|input| {
        let mut id = [0; 16];
        system_rng().fill_bytes(&mut id);
        (input.name, EventId(id).to_string())
    });
    let drawn: Vec<_> = drawn.collect();
    told.extend(drawn.iter().map(|(name, id)| ((*name).to_owned(), id.clone())));
    drawn
}

fn recorded(remote: &Remote, answer: Answer, new: Vec<(&'static str, String)>) -> Result<Recorded, Failure> {
    let receipt = answer.good()?["receipts"][0].take();
    let (Some(position), Some(event)) = (receipt["position"].as_u64(), receipt["event"].as_str()) else {
        return Err(garbled(&"/v1/events"));
    };
    // Whatever does not wait is no act: there is no such one.
    let act = remote.get(&format!("/v1/acts/{event}?min_position={position}"))?;
    let waits = act.json["standing"].as_str().filter(|_| act.status == 200).map(str::to_owned);
    let due = act.json["due"].as_str().filter(|_| waits.is_some()).map(|due| due.chars().take(16).collect());
    let due = due.map(|due: String| due.replace('T', " "));
    Ok(Recorded { position, event: event.to_owned(), new, waits, due })
}

/// Says that it is recorded, and where; the id of what is new, and that it waits.
pub(super) fn say_recorded(recorded: &Recorded, as_json: bool) -> Exit {
    let Recorded { position, event, new, waits, due } = recorded;
    if as_json {
        let new: serde_json::Map<String, Value> =
            new.iter().map(|(name, id)| ((*name).to_owned(), json!(id))).collect();
        say!("{}", json!({ "position": position, "event": event, "new": new, "waits": waits, "due": due }));
        return Exit::Done;
    }
    say!("已记入日志，位置 {position} / on the log at position {position}");
    for (name, id) in new {
        say!("{name}: {id}");
    }
    match waits.as_deref() {
        Some("needs-approval") => say!(
            "须由第二个人或另一方同意后生效：hourbook act approve {event}\n\
             It waits for a second person or the other side: hourbook act approve {event}"
        ),
        Some("term") => say!(
            "期满后生效，本人可以叫停：hourbook act stop {event}\n\
             It takes effect after the term, and can be stopped: hourbook act stop {event}"
        ),
        _ => {}
    }
    if let Some(due) = due {
        say!("最早生效 / not in effect before  {due}");
    }
    Exit::Done
}

/// What was told for an input does not fit, or it was not told.
fn misfit(action: &Action, Wrong(input): &Wrong) -> Failure {
    let (name, about, zh) = (input.name, input.about, words::of(action.name, input.name));
    Failure::refused(both!("{name}：{zh}（bad-request）", "{name}: {about} (bad-request)"))
}

/// There is no such action; which there are, and what each needs to be told.
fn unknown(actions: &Actions, name: &str) -> Failure {
    let line = |action: &Action| {
        let inputs = action.inputs.iter().map(|input| format!(" {}=…", input.name));
        format!("  {}{}", action.name, inputs.collect::<String>())
    };
    let all: Vec<String> = actions.with_key().map(line).collect();
    let all = all.join("\n");
    Failure::usage(both!(
        "{name}：没有这个名称。可以办：\n{all}",
        "{name}: there is no such action. These there are, as above."
    ))
}
