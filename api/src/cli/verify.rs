//! `hourbook verify`: audits a whole ledger, from its directory, over HTTP, or from a directory of tiles.

#[cfg(test)]
mod list_tests;
mod lists;
mod remote_source;
mod report;
#[cfg(test)]
mod tests;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use hourbook_ledger::audit::{
    self, DirectorySource, EngineSource, Finding, Kind, Report, Saved, Source, SourceError,
};
use hourbook_ledger::clock::{Clock as _, SystemClock};
use hourbook_ledger::engine::{self, EngineError, Fatal, LogReader, LogWriter, OpenOptions, Retryable};
use hourbook_ledger::note::VerifierKey;
use hourbook_ledger::snapshot::{self, KeptState};
use hourbook_ledger::vault::{MasterKey, Vault, VaultError};
use indicatif::{ProgressBar, ProgressStyle};

use super::common_args::{self, LedgerArgs, PassphraseArgs};
use super::failure::{Exit, Failure};
use super::files::read_key;
use super::remote::Remote;
use crate::state::system_rng;
use remote_source::RemoteSource;
use report::Outcome;

/// 从头到尾审计一本账簿，不信任任何人：每条签名、权限、规则、账目、树根和检查点
/// Audit a whole ledger and trust nobody: every signature, authority, rule, sum, the root and the checkpoint
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    after_help = "\
示例 / Examples:
  hourbook verify ./data
  hourbook verify ./data --checkpoint may.note --checkpoint june.note
  hourbook verify http://127.0.0.1:8080 --as auditor.pem --vkey log.vkey --json
  hourbook verify ./archive
  hourbook verify --data ./data

WHERE 可以是：账簿目录（服务未运行时）、其中的 log 目录、tlog-tiles 目录（checkpoint 和 tile/），或服务器地址。
服务器的条目只给审计员看，须用 --as 登录。审计以开始时的检查点为准，账簿可以继续增长。
打开账簿目录即恢复它：断电时没写完、从未确认过的末尾会被截掉，并会说明。
WHERE is a ledger's directory (while no server runs on it), the log directory in it, a directory
in the tlog-tiles layout (checkpoint and tile/), or the address of a server. A server shows
entries to auditors only: sign in with --as. What is audited is the log as of the checkpoint at
the beginning; it may go on growing. Opening a ledger's directory recovers it: a last group that
a power cut left half written, which nobody was told about, is cut off, and the output says so.

没有 --vkey 和 --checkpoint 时，只能证明账簿自身前后一致，不能证明它就是您昨天看到的那一本。
Without --vkey and --checkpoint the audit shows that the ledger is consistent in itself, not
that it is the one which you saw yesterday.

退出码 / Exit codes（有几种时取最小的 / the lowest of those found）:
   0  没有发现问题 / no problem found
   2  命令用法有误 / the command line is wrong
   3  账簿、密钥或文件不能使用，没有结论 / the ledger, a key or a file cannot be used: no verdict
   4  无法连接服务器，没有结论 / the server cannot be reached: no verdict
  10  树、签名的检查点或哈希瓦片 / the tree, the signed checkpoint or hash tiles
  11  历史被改写或截短：与保存的检查点矛盾 / history, against a saved checkpoint
  12  条目：缺失、格式、位置、时间、修订号、编号 / entries: missing, form, position, time, revision, id
  13  签名或密钥 / signatures or keys
  14  权限、规则或漏记的到期事项 / authority, rules or a skipped timer
  15  状态摘要或公布的榜单 / state digests or published lists
  16  账目：时间币或认定分钟 / the books: credit or certified minutes
  17  保密库 / the vault
  18  存储损坏，打不开或读不全 / damaged storage that does not open or cannot be read"
)]
pub(super) struct VerifyArgs {
    /// 账簿目录、tlog-tiles 目录或服务器地址 / a ledger's directory, a directory of tiles, or a server's address
    #[arg(value_name = "WHERE", conflicts_with_all = ["server", "data"])]
    place: Option<String>,
    #[command(flatten)]
    at: LedgerArgs,
    /// 以前保存的（会签）检查点：日志必须是它的延续；可重复 / a (co)signed checkpoint kept from before: the log must continue it; repeatable
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// 从别处得知的日志公钥，一行或含此行的文件 / the log's verifier key as known from elsewhere: the line, or a file with it
    #[arg(long, value_name = "VKEY")]
    vkey: Option<String>,
    /// 从此快照（log/snapshots 下的文件）之后开始：更快但较弱，之前的只核对树根 / begin after this snapshot, a file in log/snapshots: faster, and weaker: of what came before only the root is checked
    #[arg(long, value_name = "SNAPSHOT")]
    from: Option<PathBuf>,
    /// 批量核对签名：更快但较弱 / check signatures in batches: faster, and weaker
    #[arg(long)]
    quick: bool,
    /// 必须核对保密库（账簿目录总会核对）：日志承诺的每项内容都在且相符 / insist on the vault, which is looked at in every ledger's directory: each committed value is there and fits
    #[arg(long)]
    vault: bool,
    /// 不核对保密库（例如密钥不在此处） / leave the vault out, because its keys are elsewhere
    #[arg(long, conflicts_with = "vault")]
    no_vault: bool,
    /// 用此审计员密钥登录服务器 / sign in to the server with this auditor's key
    #[arg(long = "as", value_name = "KEY")]
    key: Option<PathBuf>,
    /// 最多列出多少处（全部都会计数） / list at most so many findings; all are counted
    #[arg(long, value_name = "N", default_value_t = 100)]
    max_findings: usize,
    /// 核对签名的线程数，默认为处理器数 / threads that check signatures; default: one a processor
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// 输出 JSON，失败时也是 / print JSON, also of a failure
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// The log to audit, and what keeps it open.
struct Place {
    source: Box<dyn Source>,
    writer: Option<Box<dyn LogWriter>>,
    vault: Option<Vault>,
    /// Why the vault is not what it should be.
    vault_fault: Option<String>,
    /// Bytes that opening cut off.
    torn_bytes: u64,
}

pub(super) fn run(args: &VerifyArgs) -> Result<Exit, Failure> {
    let began = SystemClock.now();
    let place = place(args)?;
    let saved = args.checkpoint.iter().map(|path| read_saved(path)).collect::<Result<Vec<_>, _>>()?;
    let log_key = args.vkey.as_deref().map(read_vkey).transpose()?;
    let from = args.from.as_deref().map(read_snapshot).transpose()?;
    let (report, with_vault, torn_bytes) = match open(args, &place)? {
        Err(report) => (*report, args.vault, 0),
        Ok(opened) => {
            let report = audit(args, &opened, saved, log_key, from)?;
            (report, opened.vault.is_some(), opened.close())
        }
    };
    let outcome = Outcome {
        place: &place,
        report: &report,
        quick: args.quick,
        with_vault,
        with_saved: !args.checkpoint.is_empty(),
        torn_bytes,
        millis: SystemClock.now().0 - began.0,
    };
    outcome.print(args.json);
    Ok(outcome.exit())
}

/// A place whose log can be read, or the verdict that the engine does not open the directory.
type Opened = Result<Place, Box<Report>>;

impl Place {
    fn of(source: impl Source + 'static) -> Self {
        Self { source: Box::new(source), writer: None, vault: None, vault_fault: None, torn_bytes: 0 }
    }

    fn close(self) -> u64 {
        if let Some(Err(error)) = self.writer.map(LogWriter::close) {
            tracing::warn!(%error, "the log did not close in good order");
        }
        self.torn_bytes
    }
}

fn audit(
    args: &VerifyArgs,
    place: &Place,
    saved: Vec<Saved>,
    log_key: Option<VerifierKey>,
    from: Option<KeptState>,
) -> Result<Report, Failure> {
    let bar = progress();
    let usual = audit::Options::default();
    let options = audit::Options {
        quick: args.quick,
        most_findings: args.max_findings,
        log_key,
        saved,
        vault: place.vault.as_ref(),
        progress: &|done, all| {
            bar.set_length(all);
            bar.set_position(done);
        },
        threads: args.threads.unwrap_or(usual.threads),
        ..usual
    };
    let audited = match from {
        Some(_) => audit::audit_from(&*place.source, &options, from),
        None => lists::audit_with_lists(&*place.source, options),
    };
    bar.finish_and_clear();
    let mut report = audited.map_err(|error| match error {
        SourceError::Unavailable { zh, en, unreachable: true } => Failure::new(Exit::Unreachable, (zh, en)),
        SourceError::Unavailable { zh, en, .. } => Failure::storage((zh, en)),
        SourceError::Damaged(_, what) => Failure::storage((what.clone(), what)),
    })?;
    if let Some(what) = &place.vault_fault {
        report.findings.add(Finding::whole(Kind::VaultDamaged, what));
    }
    Ok(report)
}

/// Drawn on standard error, and only if that is a terminal.
fn progress() -> ProgressBar {
    let style = "{spinner} 审计中 auditing  [{bar:40}] {human_pos}/{human_len}  {per_sec}  {eta}";
    let style = ProgressStyle::with_template(style).expect("the template is well-formed");
    ProgressBar::new(0).with_style(style.progress_chars("█▉ "))
}

/// What is audited: by its place alone, or as every other command names a ledger.
fn place(args: &VerifyArgs) -> Result<String, Failure> {
    if let Some(place) = &args.place {
        return Ok(place.clone());
    }
    Ok(match args.at.place()? {
        common_args::Place::Server(url) => url,
        common_args::Place::Directory(dir) => dir.to_string_lossy().into_owned(),
    })
}

fn open(args: &VerifyArgs, place: &str) -> Result<Opened, Failure> {
    let is_url = ["http://", "https://"].iter().any(|scheme| place.starts_with(scheme));
    let dir = Path::new(place);
    let is_ledger = !is_url && dir.join("log").is_dir();
    if args.vault && !is_ledger {
        return Err(Failure::usage(both!(
            "--vault 只能用于账簿目录。",
            "--vault works on a ledger's directory only."
        )));
    }
    if is_url {
        let mut remote = Remote::server(place)?;
        if let Some(key) = &args.key {
            let key = read_key(key, &args.passphrase)?;
            remote.sign_in(&key).map_err(|failure| no_verdict(place, failure))?;
        }
        return Ok(Ok(Place::of(RemoteSource(remote))));
    }
    if is_ledger {
        // A copy of the log alone has no keys of the ledger beside it.
        let has_vault = args.vault || dir.join("keys").is_dir();
        return open_log(&dir.join("log"), (has_vault && !args.no_vault).then_some(dir));
    }
    if dir.join("journal").is_dir() {
        return open_log(dir, None);
    }
    if DirectorySource::is_one(dir) {
        return Ok(Ok(Place::of(DirectorySource(dir.to_owned()))));
    }
    let dir = dir.display();
    Err(Failure::storage(both!(
        "{dir} 中没有账簿，也没有 checkpoint 和 tile/：请检查路径。",
        "There is no ledger in {dir}, nor a checkpoint and tile/: check the path."
    )))
}

fn open_log(log: &Path, vault_of: Option<&Path>) -> Result<Opened, Failure> {
    let (writer, reader, recovered) = match engine::open(log, OpenOptions::default()) {
        Ok(opened) => opened,
        Err(EngineError::Retryable(error @ Retryable::Locked { .. })) => return Err(locked(&error)),
        Err(error) => return refused(&error),
    };
    let look = |dir: &Path| Vault::open_to_look(dir, MasterKey::load(dir)?, system_rng());
    let told = |error: &VaultError| format!("{error} / {}", error.zh());
    let (vault, vault_fault) = match vault_of.map(look) {
        None => (None, None),
        Some(Ok(vault)) => {
            let fault = vault.fault().map(told);
            (Some(vault), fault)
        }
        Some(Err(error @ VaultError::InUse(_))) => return Err(error.into()),
        Some(Err(error)) => (None, Some(told(&error))),
    };
    let reader: Arc<dyn LogReader> = reader;
    let (source, torn_bytes) = (Box::new(EngineSource(reader)), recovered.torn_bytes);
    Ok(Ok(Place { source, writer: Some(writer), vault, vault_fault, torn_bytes }))
}

/// A directory that does not open is damaged, unless only the system forbids to open it: opening means writing.
fn refused(error: &EngineError) -> Result<Opened, Failure> {
    let forbidden = [ErrorKind::ReadOnlyFilesystem, ErrorKind::PermissionDenied, ErrorKind::StorageFull];
    match error {
        EngineError::Fatal(Fatal::Io { source, .. }) if forbidden.contains(&source.kind()) => {
            Err(Failure::storage(both!(
                "系统不允许写入此目录，未作审计：打开账簿目录需要写入。请换有权限的用户，或审计一份拷贝、备份或正在运行的服务。",
                "{error}. Nothing was audited: to open a ledger's directory is to write to it. Run it as a user who \
                 may, or audit a copy, a backup or the server that runs."
            )))
        }
        _ => Ok(Err(Box::new(Report::refused(error)))),
    }
}

/// Whoever cannot sign in has no verdict, and no refusal by a rule either.
fn no_verdict(place: &str, failure: Failure) -> Failure {
    let Failure { exit: Exit::Refused, zh, en } = failure else { return failure };
    Failure::storage(both!(
        "无法登录 {place}：{zh}请检查地址和密钥。",
        "Cannot sign in at {place}: {en} Check the address and the key."
    ))
}

fn locked(error: &Retryable) -> Failure {
    Failure::storage(both!(
        "账簿正被另一个进程使用：请审计正在运行的服务（hourbook verify http://… --as 审计员密钥）、审计一份备份，或先停止服务。",
        "{error}. Audit the server that runs (hourbook verify http://… --as AUDITOR-KEY), audit a backup, or stop the server first."
    ))
}

fn read_saved(path: &Path) -> Result<Saved, Failure> {
    let note = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
    Ok(Saved { name: path.display().to_string(), note })
}

fn read_snapshot(path: &Path) -> Result<KeptState, Failure> {
    snapshot::read_file(path).map_err(|why| {
        let path = path.display();
        Failure::storage(both!(
            "{path}：快照不能使用（{why}）。请换一份由本程序保存的快照，或不用 --from 从头审计。",
            "{path}: the snapshot cannot be used: {why}. Name one that this build kept, or leave --from out."
        ))
    })
}

/// The line itself, or a file with it.
fn read_vkey(text: &str) -> Result<VerifierKey, Failure> {
    if let Ok(key) = text.parse() {
        return Ok(key);
    }
    let path = Path::new(text);
    let line = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    line.trim().parse().map_err(|error: hourbook_ledger::note::VerifierKeyError| {
        Failure::storage(both!(
            "{text}：不是日志公钥。应为 名称+8 位十六进制+base64 的一行，可从 /log.vkey 得到。",
            "{text}: {error}. The server shows its own at /log.vkey; get it from somebody you trust."
        ))
    })
}
