//! `hourbook init`: founds a ledger and adopts its first policies.

use std::path::Path;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use hourbook_ledger::actor::{Actor, random_id};
use hourbook_ledger::checkpoint::Origin;
use hourbook_ledger::clock::{Clock, SystemClock};
use hourbook_ledger::commitment::{Field, canonical};
use hourbook_ledger::domain::event::{Body, FounderKey, PolicyEvent, Scope};
use hourbook_ledger::domain::ids::{PersonId, PublicKey};
use hourbook_ledger::domain::org::NAME_LIMIT;
use hourbook_ledger::domain::time::{Date, Offset};
use hourbook_ledger::follower::NoopFollower;
use hourbook_ledger::ledger::{self, Ledger, LedgerOptions, NewLedger};

use super::args::InitArgs;
use super::failure::{Exit, Failure};
use super::files::{read_key, read_public_key, write_key, write_new};
use super::first_run::{FirstRun, Place, kind_by_name, wait_beside};
use super::key::{fresh_key, shown};
use super::plan::Plan;
use super::serve;
use super::standing::Standing;
use crate::boot::AppOptions;
use crate::commands::Unsigned;
use crate::http::names::org_kind_named;
use crate::policies;
use crate::server::{Serving, descriptors};
use crate::state::system_rng;
use crate::ui::{Lang, policy_words};

pub(super) fn run(args: &InitArgs) -> Result<Exit, Failure> {
    let args = &asked::complete(args)?;
    let origin = origin(args)?;
    if args.dir.join("log").exists() {
        return Err(ledger::LedgerError::AlreadyThere(args.dir.clone()).into());
    }
    since(args)?;
    let place = place(args)?;
    let plan = Plan::new(&args.stand, origin.as_str(), &args.dir, args.keys_out.as_deref())?;
    let serves = place.is_some() && !args.no_serve;
    if serves {
        plan.try_to_listen()?;
    }
    let founders = founders(args, &origin)?;
    let second = FounderKey { person: founders.second.person, key: founders.second_key };
    let new = NewLedger {
        origin: origin.clone(),
        offset: Offset(args.utc_offset),
        founder: founders.first.clone(),
        second,
        rng: system_rng(),
    };
    ledger::found(&args.dir, new, options())?;
    say!("账簿已创立 / ledger founded: {origin}");
    say!("  目录 directory       {}", args.dir.display());
    say!("  创立者 founder 1     {}  {}", founders.first.person, founders.first.key_id());
    say!("  创立者 founder 2     {}", second.person);
    let node = open(&args.dir)?;
    let begun = begin(args, &node, &founders, place.as_ref());
    let head = node.reader.head();
    say!("  检查点公钥 log key   {}", node.log_key);
    say!("  记录 entries         {}", head.size);
    say!("  树根 root            {}", hex::encode(head.root));
    node.close();
    let standing = plan.settle(&args.dir)?;
    plan.tell(&args.dir)?;
    let begun = begun?;
    if let Some(first_run) = begun {
        if serves {
            return go_on(args, standing, first_run);
        }
        say!("{}\n{}", first_run.told(&serve::sites(&standing, standing.listen)[0]), first_run.told_later());
    }
    say!("下一步 / next: hourbook serve --data {}", args.dir.display());
    Ok(Exit::Done)
}

fn origin(args: &InitArgs) -> Result<Origin, Failure> {
    let Some(origin) = &args.origin else {
        return Err(Failure::usage(both!(
            "缺少账簿名称：请用 --origin，例如 hours.example.org/town。",
            "The ledger's name is missing: give --origin, such as hours.example.org/town."
        )));
    };
    origin.parse().map_err(|error| {
        Failure::usage(both!(
            "账簿名称应为网址，不含 https://、空格、加号，末尾无斜杠，例如 hours.example.org/town。",
            "--origin: {error}"
        ))
    })
}

/// The town or community, if one was named.
fn place(args: &InitArgs) -> Result<Option<Place>, Failure> {
    let Some(name) = &args.place else { return Ok(None) };
    let kind = match &args.place_kind {
        Some(kind) => org_kind_named(kind),
        None => kind_by_name(name),
    };
    let kind = kind.ok_or_else(|| {
        Failure::usage(both!(
            "{name}：看不出是市、区、街道还是社区。请用 --place-kind city、district、street 或 community。",
            "{name}: its kind cannot be told from the name. Give --place-kind city, district, street or community."
        ))
    })?;
    // What the rules would refuse is said before anything is founded.
    let names = args.steward.iter().map(|steward| (Field::Name, steward)).chain([(Field::Title, name)]);
    for (field, name) in names {
        canonical(field, name).map_err(|error| {
            Failure::usage(both!("“{name}”不能用作名称：{error}", "\"{name}\" is no name: {error}"))
        })?;
    }
    if name.len() > NAME_LIMIT {
        return Err(Failure::usage(both!(
            "--place {name}：最多 {NAME_LIMIT} 字节。",
            "--place {name}: at most {NAME_LIMIT} bytes."
        )));
    }
    if args.steward.is_empty() {
        return Err(Failure::usage(both!(
            "缺少管理员姓名：请用 --steward。",
            "The name of a steward is missing: give --steward."
        )));
    }
    Ok(Some(Place { name: name.clone(), kind }))
}

/// The policies, then the place and the stewards.
fn begin(
    args: &InitArgs,
    node: &Ledger,
    founders: &Founders,
    place: Option<&Place>,
) -> Result<Option<FirstRun>, Failure> {
    if !args.no_policies {
        adopt(node, &founders.first, args)?;
    }
    let Some(place) = place else { return Ok(None) };
    let hands: &[Actor] = match founders.second_is_here {
        true => &[founders.first.clone(), founders.second.clone()],
        false => std::slice::from_ref(&founders.first),
    };
    FirstRun::begin(&node.handle, hands, place, &args.steward).map(Some)
}

/// Serves until the stewards have been named, and on.
fn go_on(args: &InitArgs, standing: Standing, first_run: FirstRun) -> Result<Exit, Failure> {
    let serving = Serving {
        connections: descriptors::connections(descriptors::raise(), None),
        tls: standing.tls(&args.dir)?,
        ..Serving::default()
    };
    let options = AppOptions { authority: standing.authority(&args.dir), ..AppOptions::system() };
    let place = serve::Place { standing, serving, options, guard: serve::Guarding::default() };
    serve::serve(&args.dir, place, |app, address| {
        let told = first_run.told(address);
        wait_beside(first_run, app);
        Ok(told)
    })
}

fn options() -> LedgerOptions {
    LedgerOptions::new(Arc::new(SystemClock), system_rng(), system_rng())
}

/// Opens a ledger without anybody who follows it.
pub(super) fn open(dir: &Path) -> Result<Ledger, Failure> {
    Ok(ledger::open(dir, options(), || Box::new(NoopFollower))?)
}

/// The founders, as far as their keys are here.
struct Founders {
    first: Actor,
    second: Actor,
    second_key: PublicKey,
    /// Whether the second one's own key is here; else nothing is signed by it.
    second_is_here: bool,
}

fn founders(args: &InitArgs, origin: &Origin) -> Result<Founders, Failure> {
    let person = || PersonId(random_id(&mut system_rng()));
    let actor = |key| Actor::new(person(), origin.as_str(), key);
    match (&args.founder_key, &args.second_founder, &args.keys_out) {
        (Some(first), Some(second), _) => {
            let first = read_key(first, &args.passphrase)?;
            let second_key = PublicKey(read_public_key(second)?.to_bytes());
            Ok(Founders {
                first: actor(first),
                second: actor(fresh_key()),
                second_key,
                second_is_here: false,
            })
        }
        (_, _, Some(out)) => {
            let (first, second) = make_keys(&args.dir, out)?;
            let second_key = PublicKey(second.verifying_key().to_bytes());
            Ok(Founders { first: actor(first), second: actor(second), second_key, second_is_here: true })
        }
        _ => Err(Failure::usage(both!(
            "缺少创立者密钥：请用 --keys-out，或 --founder-key 和 --second-founder。",
            "The founders' keys are missing: give --keys-out, or --founder-key and --second-founder."
        ))),
    }
}

fn make_keys(dir: &Path, out: &Path) -> Result<(SigningKey, SigningKey), Failure> {
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
    Ok((make("founder-1")?, make("founder-2")?))
}

/// The day from which the first policies hold.
fn since(args: &InitArgs) -> Result<Date, Failure> {
    let today = SystemClock.now().date(Offset(args.utc_offset));
    let from = args.since.unwrap_or(today);
    if from > today {
        return Err(Failure::usage(both!(
            "--since {from}：不能晚于今天 {today}。",
            "--since {from} must not be after today, {today}."
        )));
    }
    Ok(from)
}

fn adopt(node: &Ledger, founder: &Actor, args: &InitArgs) -> Result<(), Failure> {
    let now = SystemClock.now();
    let (today, from) = (now.date(Offset(args.utc_offset)), since(args)?);
    say!("首批规则（自 {from} 起，可随时另行发布） / first policies, from {from}; adopt others any time:");
    let mut batch = Vec::new();
    for policy in policies::defaults(from.ymd().0..=today.ymd().0 + 1) {
        let said =
            |lang: Lang| policy_words::sentences(lang, &policy, |org| org.to_string()).join(lang.t("", " "));
        let (zh, en) = policy_words::area(policy.area());
        say!("  · {zh}：{}\n    {en}: {}", said(Lang::Zh), said(Lang::En));
        let body = Body::Policy(PolicyEvent::Adopted {
            scope: Scope::Ledger,
            from: policies::from(&policy, from),
            policy,
        });
        batch.push(Unsigned::bare(founder.event(now, &mut system_rng(), body)).sign(founder));
    }
    node.handle.submit_waiting(batch).wait()?;
    Ok(())
}

mod asked {
    //! What was not said on the command line is asked for, if somebody sits at a terminal.

    use std::io::{BufRead as _, IsTerminal as _, Write as _};

    use hourbook_ledger::domain::time::Date;

    use super::super::failure::Failure;
    use super::super::stand_args::{At, StandArgs};
    use super::{InitArgs, Origin};
    use crate::server::certificates::{CertificateError, HostName};

    /// The arguments with what was asked for.
    pub(super) fn complete(args: &InitArgs) -> Result<InitArgs, Failure> {
        let mut args = args.clone();
        if !std::io::stdin().is_terminal() {
            return Ok(args);
        }
        if args.origin.is_none() {
            args.origin = Some(origin()?);
        }
        if args.place.is_none() {
            args.place =
                ask("市、区、街道或社区的名称（可留空） / name of the town or community; may be empty")?;
        }
        while args.place.is_some() && args.steward.len() < 2 {
            let which = if args.steward.is_empty() {
                "第一位 first"
            } else {
                "第二位（可留空） second; may be empty"
            };
            let Some(name) = ask(&format!("管理员姓名 / name of the steward, {which}"))? else { break };
            args.steward.push(name);
        }
        if args.place.is_some() && args.since.is_none() && !args.no_policies {
            args.since = day()?;
        }
        if args.keys_out.is_none() && args.founder_key.is_none() {
            args.keys_out = ask("创立者密钥存放的目录 / directory for the founders' keys")?.map(Into::into);
        }
        if args.stand.at.is_none() {
            stand(&mut args.stand)?;
        }
        Ok(args)
    }

    /// It is signed with every event, so it is asked for until it is one.
    fn origin() -> Result<String, Failure> {
        loop {
            let what = "账簿名称，如 hours.example.org/east：用自己的域名；没有域名可自拟，以后不能改 / name of the ledger, such as hours.example.org/east: below a domain of yours, or made up; it never changes";
            let text = ask(what)?.unwrap_or_default();
            match text.parse::<Origin>() {
                Ok(_) => return Ok(text),
                Err(error) => {
                    eprintln!("“{text}”不能用作名称（不含 https://、空格、加号，末尾无斜杠） / {error}")
                }
            }
        }
    }

    /// Later there is no way back: once an organisation is there, policies hold for later days only.
    fn day() -> Result<Option<Date>, Failure> {
        loop {
            let what = "首批规则从哪天起有效，如 2025-01-01；要导入以前的记录就填那时（留空为今天） / the day from which the first policies hold, to import older sheets; empty for today";
            let Some(text) = ask(what)? else { return Ok(None) };
            match text.parse() {
                Ok(day) => return Ok(Some(day)),
                Err(error) => eprintln!("{text}: {error}"),
            }
        }
    }

    /// From where the ledger is to be reached.
    fn stand(args: &mut StandArgs) -> Result<(), Failure> {
        let at = loop {
            let what = "在哪里使用：1 只在这台电脑，2 办公室局域网，3 有域名的服务器（留空为 1） / where it is reached: 1 this computer alone, 2 the office network, 3 a server with a domain; empty for 1";
            match ask(what)?.as_deref() {
                None | Some("1") => break At::Computer,
                Some("2") => break At::Office,
                Some("3") => break At::Domain,
                Some(other) => eprintln!("{other}: 1, 2, 3"),
            }
        };
        args.at = Some(at);
        match at {
            At::Computer => {}
            At::Office => {
                let guess = this_machine().join(" ");
                args.name = unshared(&format!(
                    "其他电脑用什么主机名或地址打开它，可写几个，空格隔开（这台电脑：{guess}） / host names or addresses by which other computers reach it, with spaces between (this computer: {guess})"
                ))?;
            }
            At::Domain => {
                args.name = names("域名，如 hours.example.org / the domain, such as hours.example.org")?;
                let file = "证书链文件（PEM）；由前面的代理负责 https 就留空 / file of the certificate chain (PEM); empty if a proxy in front speaks https";
                args.tls_cert = ask(file)?.map(Into::into);
                args.behind_proxy = args.tls_cert.is_none();
                if !args.behind_proxy {
                    args.tls_key =
                        ask("证书的私钥文件（PEM） / file of its private key (PEM)")?.map(Into::into);
                }
            }
        }
        Ok(())
    }

    /// Names for which an authority can be made.
    fn unshared(what: &str) -> Result<Vec<HostName>, Failure> {
        loop {
            let names = names(what)?;
            match names.iter().find(|name| name.is_shared()) {
                None => return Ok(names),
                Some(shared) => eprintln!("{}", Failure::from(CertificateError::Shared(shared.clone()))),
            }
        }
    }

    fn names(what: &str) -> Result<Vec<HostName>, Failure> {
        loop {
            let text = ask(what)?.unwrap_or_default();
            match text.split_whitespace().map(str::parse).collect() {
                Ok(names) => return Ok(names),
                Err(error) => eprintln!("{error}"),
            }
        }
    }

    /// What this machine is called, and its address on the way to others; nothing is sent to find it.
    fn this_machine() -> Vec<String> {
        let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
        let address = std::net::UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
            socket.connect("192.0.2.1:9")?;
            socket.local_addr()
        });
        let address = address.ok().map(|address| address.ip().to_string());
        name.map(|name| name.trim().to_owned()).into_iter().chain(address).collect()
    }

    fn ask(what: &str) -> Result<Option<String>, Failure> {
        eprint!("{what}: ");
        let _ = std::io::stderr().flush();
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        read.map_err(|error| Failure::file(std::path::Path::new("stdin"), &error))?;
        let line = line.trim();
        Ok((!line.is_empty()).then(|| line.to_owned()))
    }
}
