//! An action by its name, with what it was told: names are resolved, the event is signed here and handed in.

use ed25519_dalek::SigningKey;
use rand_core::Rng as _;

use super::failure::{Exit, Failure};
use super::remote::{Remote, recorded_at};
use super::resolve;
use crate::boot;
use crate::commands::{Action, Actions};
use crate::problem::Problem;
use crate::state::system_rng;

/// Does something by a key; the position at which it is recorded.
pub(super) fn carry_out(
    remote: &mut Remote,
    key: SigningKey,
    name: &str,
    told: &[(String, String)],
) -> Result<u64, Failure> {
    let actions = boot::actions();
    let action =
        actions.with_key().find(|action| action.name == name).ok_or_else(|| unknown(&actions, name))?;
    let member = remote.sign_in_as(&key)?;
    let given = resolve::told(remote, action, told)?;
    let salt = || {
        let mut salt = [0; 32];
        system_rng().fill_bytes(&mut salt);
        salt
    };
    let drafted = action.draft(member, &given, salt).map_err(Problem::from)?;
    recorded_at(remote.submit_for(member, key, drafted)?)
}

/// Says that it is recorded, and where.
pub(super) fn say_recorded(position: u64, json: bool) -> Exit {
    match json {
        true => say!("{}", serde_json::json!({ "position": position })),
        false => say!("已记入日志，位置 {position} / on the log at position {position}"),
    }
    Exit::Done
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
