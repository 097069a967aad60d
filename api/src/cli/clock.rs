//! `hourbook clock`: whether a ledger's clock is believed, its acceptance by the operator, its correction by a founder.

use hourbook_ledger::domain::event::{Body, LedgerEvent};
use std::path::Path;

use hourbook_ledger::clock::{Clock as _, SystemClock};
use hourbook_ledger::domain::time::Millis;
use serde_json::Value;

use super::args::{ClockArgs, ClockWhat};
use super::backup::{silent, unexpected};
use super::failure::{Exit, Failure};
use super::files::read_own_key;
use super::remote::{Remote, garbled};
use crate::background::control::{self, Reply, Request};
use crate::boot::AppOptions;

pub(super) fn run(args: &ClockArgs) -> Result<Exit, Failure> {
    if args.what == Some(ClockWhat::Accept) {
        return accept(args.at.data.as_deref());
    }
    let mut remote = Remote::at(&args.at)?;
    if args.what.is_some() { correct(args, &mut remote) } else { show(&remote) }
}

fn number(clock: &Value, name: &str) -> Result<i64, Failure> {
    clock[name].as_i64().ok_or_else(|| garbled(&"/v1/clock"))
}

fn show(remote: &Remote) -> Result<Exit, Failure> {
    let clock = remote.get("/v1/clock")?.good()?;
    let state = clock["state"].as_str().ok_or_else(|| garbled(&"/v1/clock"))?;
    let zh = match state {
        "believed" => "可信",
        "ahead" => "比最后一条记录超前 35 天以上",
        "leapt" => "运行中突然超前",
        "behind" => "早于最后一条记录",
        other => other,
    };
    say!("时钟 / clock: {zh} / {state}");
    say!("  当前 now            {}", moment(number(&clock, "now_ms")?));
    say!("  最后记录 last entry {}", moment(number(&clock, "last_recorded_ms")?));
    Ok(if state == "believed" { Exit::Done } else { Exit::Storage })
}

/// A moment as people read it, in UTC.
fn moment(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| format!("{ms} ms"), |at| at.to_string())
}

fn accept(data: Option<&Path>) -> Result<Exit, Failure> {
    let data = data.ok_or_else(|| {
        Failure::usage(both!(
            "确认时钟须在服务器上进行：请用 --data 给出账簿目录。",
            "The clock is accepted on the server's own machine: name the ledger's directory with --data."
        ))
    })?;
    match control::ask(data, &Request::AcceptClock, |_, _| ()).map_err(|error| silent(data, &error))? {
        Some(Reply::ClockAccepted) => {
            say!("时钟已确认，恢复写入 / the clock is accepted: recording goes on");
            Ok(Exit::Done)
        }
        Some(Reply::Failed(trouble)) => Err(trouble.into()),
        Some(other) => Err(unexpected(&other)),
        None => accept_here(data),
    }
}

/// No server runs on the ledger: it is opened, and says so itself.
fn accept_here(data: &Path) -> Result<Exit, Failure> {
    let mut options = AppOptions::system();
    options.node.accept_clock = true;
    show(&Remote::opened(data, options)?)
}

fn correct(args: &ClockArgs, remote: &mut Remote) -> Result<Exit, Failure> {
    let without =
        both!("更正时钟须用 --as 给出创始人密钥。", "To correct the clock give a founder's key with --as.");
    let key = read_own_key(args.key.as_deref(), &args.passphrase, without)?;
    let clock = remote.get("/v1/clock")?.good()?;
    let (from, to) = (Millis(number(&clock, "last_recorded_ms")?), SystemClock.now());
    if from <= to {
        return Err(Failure::refused(both!(
            "最后一条记录的时间不在未来，无需更正。",
            "The last entry does not lie in the future: there is nothing to correct."
        )));
    }
    let position = remote.assert_as(key, Body::Ledger(LedgerEvent::ClockCorrected { from, to }))?;
    let (from, to) = (moment(from.0), moment(to.0));
    say!(
        "位置 {position}：时钟已由 {from} 更正为 {to}，此后的记录按正确时间写入。\n\
         Entry {position} corrects the clock from {from} to {to}; what comes after it has the right time."
    );
    Ok(Exit::Done)
}
