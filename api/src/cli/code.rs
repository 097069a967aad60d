//! `hourbook code`: a one-time code for somebody, drawn here and shown once.

use ed25519_dalek::SigningKey;
use hourbook_ledger::clock::{Clock as _, SystemClock};
use hourbook_ledger::code::draw;
use hourbook_ledger::commitment::{CODE_DIGITS, Field, Opening};
use hourbook_ledger::domain::event::{Body, SessionEvent};
use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::domain::session::CODE_DAYS;
use hourbook_ledger::domain::time::Millis;
use rand_core::Rng as _;
use serde_json::json;

use super::args::CodeArgs;
use super::failure::{Exit, Failure};
use super::remote::{Answer, Remote, garbled, recorded_at};
use super::resolve;
use crate::commands::Drafted;
use crate::state::system_rng;

pub(super) fn run(args: &CodeArgs) -> Result<Exit, Failure> {
    let caller = &args.caller;
    let key = caller.own_key()?;
    let mut remote = Remote::at(&caller.at)?;
    remote.sign_in(&key)?;
    let within = args.org.as_deref().map(|org| resolve::org(&remote, org)).transpose()?;
    let person = resolve::person(&remote, args.person(), within)?;
    let (code, position) = hand_out(&key, person, &mut remote)?;
    match caller.json {
        true => say!("{}", json!({ "code": code, "position": position })),
        false => say!(
            "登录码 code: {code}\n{CODE_DAYS} 天内有效，只能用一次，只显示这一次。\n\
             Good for {CODE_DAYS} days, once; it is shown this once."
        ),
    }
    Ok(Exit::Done)
}

/// Draws until the ledger takes one: the more codes are open, the longer it has to be.
fn hand_out(key: &SigningKey, person: PersonId, remote: &mut Remote) -> Result<(String, u64), Failure> {
    for digits in CODE_DIGITS {
        let code = draw(digits, &mut system_rng());
        let answer = grant(key, person, &code, remote)?;
        if answer.json["code"] != "bad-opening" || digits == *CODE_DIGITS.end() {
            return recorded_at(answer).map(|position| (code, position));
        }
    }
    Err(garbled(&"/v1/events"))
}

fn grant(key: &SigningKey, person: PersonId, code: &str, remote: &mut Remote) -> Result<Answer, Failure> {
    let (body, opening) = granted(person, code)?;
    remote.submit_as(key.clone(), |_| Ok(Drafted::own(body, vec![opening])))
}

/// What gives somebody a code for as long as one may be good, and the code behind its commitment.
pub(super) fn granted(person: PersonId, code: &str) -> Result<(Body, Opening), Failure> {
    let mut salt = [0; 32];
    system_rng().fill_bytes(&mut salt);
    let opening = Opening::new(person.0, Field::Code, salt, code)
        .map_err(|error| Failure::usage(both!("登录码：{error}", "code: {error}")))?;
    // Somewhat less than the longest life: the ledger's clock may be behind.
    let until = Millis(SystemClock.now().plus_days(CODE_DAYS).0 - 600_000);
    let body = Body::Session(SessionEvent::Granted { person, code: opening.commitment(), until });
    Ok((body, opening))
}
