//! `hourbook backup`, `restore` and `checkpoint`: the copies that a ledger comes back from, and what proves that it is
//! not an old one.

use std::path::Path;

use hourbook_ledger::backup::{self, Restoring, Source};
use hourbook_ledger::checkpoint;
use hourbook_ledger::clock::SystemClock;
use hourbook_ledger::engine::{EngineError, OpenOptions, Retryable};
use hourbook_ledger::ledger::LedgerError;
use hourbook_ledger::note::VerifierKey;
use indicatif::{ProgressBar, ProgressStyle};

use super::args::{BackupArgs, CheckpointArgs, RestoreArgs};
use super::common_args::{KnownArgs, Place};
use super::failure::{Exit, Failure};
use super::remote::{Remote, garbled};
use crate::background::backup::{Order, Published, Report, Trouble, carry_out, unreadable};
use crate::background::control::{self, Reply, Request};
use crate::background::guard;
use crate::state::system_rng;

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::storage((trouble.zh, trouble.en))
    }
}

impl From<backup::BackupError> for Failure {
    fn from(error: backup::BackupError) -> Self {
        Trouble::from(error).into()
    }
}

impl KnownArgs {
    /// The notes and keys in the files named.
    pub(super) fn published(&self) -> Result<Published, Failure> {
        Ok(Published::read(&self.not_before, &self.witness)?)
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {percent} %  {eta}");
    ProgressBar::new(0).with_style(style.expect("the template is right"))
}

/// Shows how far it is; it is to go on.
fn show(bar: &ProgressBar, done: u64, all: u64) -> bool {
    bar.set_length(all);
    bar.set_position(done);
    true
}

pub(super) fn run(args: &BackupArgs) -> Result<Exit, Failure> {
    let to = std::path::absolute(&args.to).map_err(|error| Failure::file(&args.to, &error))?;
    let order = Order { to, keys: args.keys, known: args.known.published()? };
    let bar = bar();
    let asked = control::ask(&args.data, &Request::Backup(order.clone()), |done, all| {
        show(&bar, done, all);
    });
    let report = match asked.map_err(|error| silent(&args.data, &error))? {
        Some(Reply::Done(report)) => Ok(report),
        Some(Reply::Failed(trouble)) => Err(trouble.into()),
        Some(other) => Err(unexpected(&other)),
        None => by_itself(&args.data, &order, &bar),
    };
    bar.finish_and_clear();
    print(&report?, &order.to);
    Ok(Exit::Done)
}

pub(super) fn silent(data: &Path, error: &std::io::Error) -> Failure {
    let data = data.display();
    Failure::storage(both!(
        "{data} 的服务没有完成请求：{error}。请查看服务日志后再试。",
        "The server on {data} did not finish: {error}. Look at its log and try again."
    ))
}

pub(super) fn unexpected(reply: &Reply) -> Failure {
    Failure::storage(both!(
        "服务器的回答不符：它与命令的版本不同。",
        "The server answered something else: {reply:?}. Its version is another."
    ))
}

/// Opens the ledger for the backup: no server runs on it.
fn by_itself(data: &Path, order: &Order, bar: &ProgressBar) -> Result<Report, Failure> {
    let source = open(data)?;
    Ok(carry_out(&source, data, order, &SystemClock, &|done, all| show(bar, done, all))?)
}

fn open(data: &Path) -> Result<Source, Failure> {
    let opened = Source::open(data, OpenOptions::default(), system_rng());
    opened.map_err(|error| match (error, data.display()) {
        (LedgerError::Engine(EngineError::Retryable(Retryable::Locked { .. })), data) => Failure::storage(both!(
            "{data} 正被另一个进程使用，而它没有在 control.sock 上应答：请以运行服务的用户执行，或先停止它。",
            "Another process has {data} open and does not answer on control.sock: run this as the server's user, or \
             stop that process first."
        )),
        (other, _) => other.into(),
    })
}

fn print(report: &Report, to: &Path) {
    let to = to.display();
    match report {
        Report::Ledger { size, root, new_entries, values, new_values, mended } => {
            say!("账簿已备份并核对 / ledger backed up and checked: {to}");
            say!("  记录 entries   {size}（新增 new {new_entries}）");
            say!("  内容 values    {values}（新增 new {new_values}）");
            say!("  树根 root      {root}");
            if let Some(what) = mended {
                say!("  原备份有损坏，已重写 / the earlier backup was damaged and is mended: {what}");
            }
            say!("密钥不在其中，请另行备份 / keys are not in it, back them up apart: hourbook backup --keys");
        }
        Report::Keys { live, destroyed } => {
            say!("密钥已备份并核对 / keys backed up and checked: {to}");
            say!("  密钥 keys      {live}（已销毁 destroyed {destroyed}）");
            say!(
                "请勿与账簿备份放在一起，也不要久留 / keep it apart from backups of the ledger, and briefly"
            );
        }
    }
}

pub(super) fn restore(args: &RestoreArgs) -> Result<Exit, Failure> {
    let vkey = args.backup.join("log.vkey");
    let published = args.known.published()?;
    let known = match published.notes.is_empty() {
        true => Vec::new(),
        false => {
            let text = std::fs::read_to_string(&vkey).map_err(|error| Failure::file(&vkey, &error))?;
            let key: VerifierKey = text.trim().parse().map_err(|error| unreadable(&vkey, &error))?;
            published.heads(&key)?
        }
    };
    let restoring = Restoring {
        backup: &args.backup,
        keys: &args.keys,
        data: &args.data,
        known: &known,
        accept_lost: args.accept_lost,
        engine: OpenOptions::default(),
    };
    let bar = bar();
    let restored = backup::restore(&restoring, &mut || system_rng(), &|done, all| show(&bar, done, all));
    bar.finish_and_clear();
    let done = restored?;
    say!("账簿已恢复并核对 / ledger restored and checked: {}", args.data.display());
    say!("  账簿 ledger    {}", done.checked.log_key.name());
    say!("  记录 entries   {}", done.checked.size);
    say!("  树根 root      {}", hex::encode(done.checked.root));
    say!("  内容 values    {}（已删除 erased {}）", done.values, done.erased_values);
    for (count, text) in [
        (done.erased_again, "按日志凭据再次销毁的密钥 / keys destroyed again, as the log's receipts say"),
        (
            done.erased_later,
            "备份之后被删除的主体，仍保持删除 / subjects erased after the backup; they stay erased",
        ),
        (done.lost_values, "没有密钥、已放弃的内容 / values without a key, given up"),
    ] {
        if count > 0 {
            say!("  {count}  {text}");
        }
    }
    say!("下一步 / next: hourbook serve --data {}", args.data.display());
    Ok(Exit::Done)
}

pub(super) fn export(args: &CheckpointArgs) -> Result<Exit, Failure> {
    let (note, key) = match args.at.place()? {
        Place::Server(url) => fetch(&url)?,
        Place::Directory(dir) => of_directory(&dir)?,
    };
    let open = checkpoint::open(&note, &key, &[]).map_err(|error| {
        Failure::storage(both!(
            "得到的检查点签名不正确，没有保存。",
            "The checkpoint is not rightly signed and was not saved: {error}."
        ))
    })?;
    let head = open.checkpoint;
    refuse_older(&args.out, &key, &head)?;
    guard::replace(&args.out, &note).map_err(|error| Failure::file(&args.out, &error))?;
    say!("检查点已保存 / checkpoint saved: {}", args.out.display());
    say!("  账簿 ledger    {}", head.origin);
    say!("  记录 entries   {}", head.size);
    say!("  树根 root      {}", hex::encode(head.root));
    say!("  公钥 key       {key}");
    Ok(Exit::Done)
}

fn of_directory(data: &Path) -> Result<(Vec<u8>, VerifierKey), Failure> {
    let asked = control::ask(data, &Request::Checkpoint, |_, _| {});
    match asked.map_err(|error| silent(data, &error))? {
        Some(Reply::Checkpoint { note, vkey }) => {
            let key = vkey.parse().map_err(|error| unreadable(data, &error))?;
            Ok((note.into_bytes(), key))
        }
        Some(other) => Err(unexpected(&other)),
        None => {
            let source = open(data)?;
            Ok((source.reader.head().checkpoint.to_vec(), source.log_key))
        }
    }
}

fn fetch(url: &str) -> Result<(Vec<u8>, VerifierKey), Failure> {
    let remote = Remote::server(url)?;
    let get = |path: &str| match remote.get_bytes(path)? {
        (200, bytes) => Ok(bytes),
        (status, _) => Err(garbled(&format_args!("{path}: {status}"))),
    };
    let (note, vkey) = (get("/checkpoint")?, get("/log.vkey")?);
    let key = String::from_utf8_lossy(&vkey).trim().parse();
    Ok((note, key.map_err(|error| garbled(&format_args!("/log.vkey: {error}")))?))
}

/// A saved checkpoint is not replaced by an older one, nor by one of another log: that would throw evidence away.
fn refuse_older(out: &Path, key: &VerifierKey, new: &checkpoint::Checkpoint) -> Result<(), Failure> {
    let Ok(saved) = std::fs::read(out) else { return Ok(()) };
    let (path, found) = (out.display(), new.size);
    match checkpoint::open(&saved, key, &[]).map(|open| open.checkpoint) {
        Ok(old) if old.size > new.size || (old.size == new.size && old.root != new.root) => {
            let kept = old.size;
            Err(Failure::refused(both!(
                "{path} 中的检查点有 {kept} 条，现在的只有 {found} 条或树根不同：账簿被回退或改写，文件未改动。",
                "{path} holds a checkpoint over {kept} entries, the ledger now shows {found} or another root: it was \
                 rolled back or rewritten. The file was left as it is."
            )))
        }
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::refused(both!(
            "{path} 已存在，且不是这本账簿的检查点，不会覆盖：请换一个文件名。",
            "{path} exists and is not a checkpoint of this ledger ({error}); it is not replaced: choose another name."
        ))),
    }
}
