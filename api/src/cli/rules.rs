//! `hourbook rules`: which version of the rules is in force, and a founder's adoption of a later one.

use hourbook_ledger::domain::event::{Body, LedgerEvent};

use super::args::RulesArgs;
use super::failure::{Exit, Failure};
use super::files::read_own_key;
use super::remote::{Remote, garbled};

pub(super) fn run(args: &RulesArgs) -> Result<Exit, Failure> {
    let mut remote = Remote::at(&args.at)?;
    let rules = remote.get("/v1/rules")?.good()?;
    let number = |name: &str| rules[name].as_u64().and_then(|n| u32::try_from(n).ok());
    let Some((version, newest)) = number("version").zip(number("newest")) else {
        return Err(garbled(&"/v1/rules"));
    };
    say!("规则版本 / rules version: {version}\n本程序已知的最新版本 / newest known: {newest}");
    let Some(wanted) = args.adopt else { return Ok(Exit::Done) };
    let without =
        both!("采用规则须用 --as 给出创始人密钥。", "To adopt rules give a founder's key with --as.");
    let key = read_own_key(args.key.as_deref(), &args.passphrase, without)?;
    let position = remote.assert_as(key, Body::Ledger(LedgerEvent::RulesAdopted { version: wanted }))?;
    say!(
        "位置 {position} 之后的条目按第 {wanted} 版规则判定；此前的结果不变。\n\
         Entries after position {position} are under version {wanted} of the rules; what was derived before stays."
    );
    Ok(Exit::Done)
}
