//! `hourbook act`: what waits for one's word, and to give it.

use hourbook_ledger::domain::ids::EventId;
use serde_json::Value;

use super::args::{ActArgs, ActCommand};
use super::carry_out::{Wanted, carry_out, say_recorded};
use super::failure::{Exit, Failure};
use super::remote::Remote;
use super::shown::{ACTS, rows_table};

pub(super) fn run(args: &ActArgs) -> Result<Exit, Failure> {
    let mut remote = Remote::at(&args.caller.at)?;
    let key = args.caller.own_key()?;
    let recorded = match &args.command {
        ActCommand::List => {
            remote.sign_in(&key)?;
            return list(args, &remote);
        }
        ActCommand::Approve { act } => {
            carry_out(&mut remote, key, &Wanted::new("approve-act", &[told(act)?]))?
        }
        ActCommand::Stop { act } => carry_out(&mut remote, key, &Wanted::new("stop-act", &[told(act)?]))?,
        ActCommand::Do { action, told, on_behalf } => {
            let wanted = Wanted { action, told, on_behalf: on_behalf.as_deref() };
            carry_out(&mut remote, key, &wanted)?
        }
    };
    Ok(say_recorded(&recorded, args.caller.json))
}

fn told(text: &str) -> Result<(String, String), Failure> {
    let act: EventId = text.parse().map_err(|_| {
        Failure::usage(both!(
            "{text}：不是事项编号。请用 hourbook act list 查看。",
            "{text}: not the id of an act. See hourbook act list."
        ))
    })?;
    Ok(("act".to_owned(), act.to_string()))
}

/// Pages of waiting acts until there are no more.
fn list(args: &ActArgs, remote: &Remote) -> Result<Exit, Failure> {
    let all = remote.pages("/v1/acts", "acts", "after")?["acts"].as_array().cloned().unwrap_or_default();
    if args.caller.json {
        say!("{}", Value::Array(all));
        return Ok(Exit::Done);
    }
    match all.is_empty() {
        true => say!("没有等待的事项 / nothing waits"),
        false => say!("{}", rows_table(ACTS, &all).trim_end()),
    }
    Ok(Exit::Done)
}
