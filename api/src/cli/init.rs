//! `hourbook init`: founds a ledger and adopts its first policies.

use std::path::Path;
use std::sync::Arc;

use hourbook_ledger::actor::{Actor, random_id};
use hourbook_ledger::checkpoint::Origin;
use hourbook_ledger::clock::{Clock, SystemClock};
use hourbook_ledger::domain::event::{Body, FounderKey, PolicyEvent, Scope};
use hourbook_ledger::domain::ids::{PersonId, PublicKey};
use hourbook_ledger::domain::time::Offset;
use hourbook_ledger::follower::NoopFollower;
use hourbook_ledger::ledger::{self, Ledger, LedgerOptions, NewLedger};

use super::args::InitArgs;
use super::failure::{Exit, Failure};
use super::files::{read_key, read_public_key, write_key, write_new};
use super::key::{fresh_key, shown};
use crate::commands::Unsigned;
use crate::policies;
use crate::state::system_rng;

pub(super) fn run(args: &InitArgs) -> Result<Exit, Failure> {
    let origin: Origin = args.origin.parse().map_err(|error| {
        Failure::usage(both!(
            "账簿名称应为网址，不含 https://、空格、加号，末尾无斜杠，例如 hours.example.org/town。",
            "--origin: {error}"
        ))
    })?;
    if args.dir.join("log").exists() {
        return Err(ledger::LedgerError::AlreadyThere(args.dir.clone()).into());
    }
    let (founder, second) = founders(args, &origin)?;
    let second = FounderKey { person: PersonId(random_id(&mut system_rng())), key: second };
    let new = NewLedger {
        origin: origin.clone(),
        offset: Offset(args.utc_offset),
        founder: founder.clone(),
        second,
        rng: system_rng(),
    };
    ledger::found(&args.dir, new, options())?;
    say!("账簿已创立 / ledger founded: {origin}");
    say!("  目录 directory       {}", args.dir.display());
    say!("  创立者 founder 1     {}  {}", founder.person, founder.key_id());
    say!("  创立者 founder 2     {}", second.person);
    let node = open(&args.dir)?;
    let adopted = if args.no_policies { Ok(()) } else { adopt(&node, &founder, Offset(args.utc_offset)) };
    let head = node.reader.head();
    say!("  检查点公钥 log key   {}", node.log_key);
    say!("  记录 entries         {}", head.size);
    say!("  树根 root            {}", hex::encode(head.root));
    node.close();
    adopted?;
    say!("下一步 / next: hourbook serve --data {}", args.dir.display());
    Ok(Exit::Done)
}

fn options() -> LedgerOptions {
    LedgerOptions::new(Arc::new(SystemClock), system_rng(), system_rng())
}

/// Opens a ledger without anybody who follows it.
pub(super) fn open(dir: &Path) -> Result<Ledger, Failure> {
    Ok(ledger::open(dir, options(), || Box::new(NoopFollower))?)
}

/// The first founder, who signs, and the second one's public key.
fn founders(args: &InitArgs, origin: &Origin) -> Result<(Actor, PublicKey), Failure> {
    let (key, second) = match (&args.founder_key, &args.second_founder, &args.keys_out) {
        (Some(first), Some(second), _) => (read_key(first, &args.passphrase)?, read_public_key(second)?),
        (_, _, Some(out)) => make_keys(&args.dir, out)?,
        _ => return Err(Failure::usage(both!("缺少创立者密钥。", "The founders' keys are missing."))),
    };
    let person = PersonId(random_id(&mut system_rng()));
    Ok((Actor::new(person, origin.as_str(), key), PublicKey(second.to_bytes())))
}

fn make_keys(
    dir: &Path,
    out: &Path,
) -> Result<(ed25519_dalek::SigningKey, ed25519_dalek::VerifyingKey), Failure> {
    let absolute = |path: &Path| std::path::absolute(path).map_err(|error| Failure::file(path, &error));
    if absolute(out)?.starts_with(absolute(dir)?) {
        return Err(Failure::usage(both!(
            "创立者密钥不能放在账簿目录内：谁得到目录的备份，谁就得到密钥。",
            "Founder keys must not lie in the ledger's directory: a backup of it would carry them."
        )));
    }
    std::fs::create_dir_all(out).map_err(|error| Failure::file(out, &error))?;
    let make = |name: &str| {
        let (key, pem) = (fresh_key(), out.join(format!("{name}.pem")));
        write_key(&pem, &key, None)?;
        let (id, line) = shown(&key);
        write_new(&out.join(format!("{name}.pub")), format!("{line}\n").as_bytes(), 0o644)?;
        say!("密钥 key {}  {id}", pem.display());
        Ok::<_, Failure>(key)
    };
    let (first, second) = (make("founder-1")?, make("founder-2")?);
    Ok((first, second.verifying_key()))
}

fn adopt(node: &Ledger, founder: &Actor, offset: Offset) -> Result<(), Failure> {
    let now = SystemClock.now();
    let today = now.date(offset);
    let year = today.ymd().0;
    say!("首批规则（自 {today} 起，可随时另行发布） / first policies, from {today}; adopt others any time:");
    let mut batch = Vec::new();
    for start in policies::defaults(year..=year + 1) {
        say!("  · {}\n    {}", start.zh, start.en);
        let body = Body::Policy(PolicyEvent::Adopted {
            scope: Scope::Ledger,
            from: start.from(today),
            policy: start.policy,
        });
        batch.push(Unsigned::bare(founder.event(now, &mut system_rng(), body)).sign(founder));
    }
    node.handle.submit_waiting(batch).wait()?;
    Ok(())
}
