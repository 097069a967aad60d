//! What went wrong, where, and how to mend it; and the exit code that tells a program.

use std::fmt;
use std::io::{self, ErrorKind};
use std::process::ExitCode;

use hourbook_ledger::engine::EngineError;
use hourbook_ledger::ledger::LedgerError;
use hourbook_ledger::replay::ReplayError;
use hourbook_ledger::sequencer::SubmitError;
use hourbook_ledger::vault::VaultError;

use crate::demo::DemoError;
use crate::imports::ImportError;
use crate::problem::Problem;

/// How the process ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// The rules say no, or rows have errors; nothing was changed.
    Refused = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The ledger, a key or a file cannot be used.
    Storage = 3,
    /// The server cannot be reached.
    Unreachable = 4,
    /// An audit found something about the tree, the signed checkpoint or hash tiles.
    Tree = 10,
    /// The log contradicts a checkpoint that was kept.
    History = 11,
    /// An entry is not a right entry in its right place.
    Entries = 12,
    /// A signature or a key.
    Signatures = 13,
    /// Authority, rules or timers.
    Rules = 14,
    /// A state digest.
    State = 15,
    /// Credit or minutes do not add up.
    Books = 16,
    /// The vault lacks a value.
    Vault = 17,
    /// Storage is damaged.
    Damage = 18,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command did not do what it was asked.
#[derive(Clone, Debug)]
pub struct Failure {
    /// For programs.
    pub exit: Exit,
    /// What, where and how to mend it, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

impl Failure {
    pub(super) fn new(exit: Exit, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { exit, zh: zh.into(), en: en.into() }
    }

    /// For whoever asked for JSON.
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::json!({ "failure": { "exit": self.exit as u8, "zh": self.zh, "en": self.en } })
    }

    pub(super) fn file(path: &std::path::Path, error: &(dyn std::error::Error + 'static)) -> Self {
        let path = path.display();
        let (zh, en) = advice(error.downcast_ref());
        Self::new(Exit::Storage, format!("{path}：{error}。{zh}"), format!("{path}: {error}. {en}"))
    }
}

/// The way back from what the system refused.
fn advice(error: Option<&io::Error>) -> (&'static str, &'static str) {
    match error.map(io::Error::kind) {
        Some(ErrorKind::NotFound) => {
            ("没有这个文件：请检查路径。", "There is no such file: check the path, or put it back.")
        }
        Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
            ("磁盘已满：请腾出空间后再试。", "The disk is full: make room and try again.")
        }
        Some(ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => (
            "没有权限：请换有权限的用户，或检查路径。",
            "It is not allowed: do it as a user who may, or check the path.",
        ),
        _ => ("请检查路径和权限。", "Check the path and its permissions."),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "错误：{}\nError: {}", self.zh, self.en)
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        let zh = match &error {
            LedgerError::AlreadyThere(dir) => format!("{} 中已有账簿，请换一个目录。", dir.display()),
            LedgerError::Unfinished(dir) => {
                format!("{} 中的账簿创立时被中断，没有任何记录：请删除该目录后重新创立。", dir.display())
            }
            LedgerError::Unrestored(dir) => format!(
                "向 {} 的恢复曾被中断，其中还没有账簿：请再次运行同一条 hourbook restore 命令，会重新开始。",
                dir.display()
            ),
            LedgerError::NoLedger(dir) => {
                format!("{} 中没有账簿，请先运行 hourbook init，或检查路径。", dir.display())
            }
            LedgerError::KeyMissing(path) => format!(
                "缺少密钥文件 {}，没有它无法签名：请放回原来的文件，或用 hourbook restore 从账簿备份和密钥备份恢复到新目录。",
                path.display()
            ),
            LedgerError::Io { path, source } => {
                format!("{}：{source}。{}", path.display(), advice(Some(source)).0)
            }
            LedgerError::Replay(ReplayError::OtherState { after, .. }) => format!(
                "本版本从日志推导出的状态与账簿在第 {after} 条记录之后签名的摘要不一致，未作任何改动。请用原来写入该账簿的版本启动；如果仍被拒绝，请恢复备份。"
            ),
            LedgerError::Replay(ReplayError::NewerRules { position, version }) => format!(
                "第 {position} 条记录启用了第 {version} 版规则，本程序不认识：请使用更新版本的 Hourbook。"
            ),
            LedgerError::Vault(VaultError::InUse(_)) => {
                "账簿正被另一个进程使用：请先停止它，或改用 --server 连接正在运行的服务。".to_owned()
            }
            LedgerError::Engine(EngineError::Fatal(fatal)) => format!("账簿无法打开：{}", fatal.chinese()),
            LedgerError::Engine(EngineError::Retryable(again)) => {
                format!("账簿无法打开：{}", again.chinese())
            }
            LedgerError::Vault(error) => format!("账簿无法打开：{}", error.zh()),
            other => format!("账簿无法打开：{other}"),
        };
        let en = match &error {
            LedgerError::Vault(VaultError::InUse(_)) => {
                format!("{error}. Stop the other process, or use --server to reach the one that runs.")
            }
            LedgerError::Io { source, .. } => format!("{error}. {}", advice(Some(source)).1),
            other => other.to_string(),
        };
        Self::new(Exit::Storage, zh, en)
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        LedgerError::Vault(error).into()
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let exit = if problem.kind.status().is_server_error() { Exit::Storage } else { Exit::Refused };
        let (zh, en) = problem.kind.texts();
        let row = problem.row.map_or_else(String::new, |row| format!(" (row {row})"));
        let detail = problem.detail.as_ref().map_or_else(String::new, |detail| format!(": {detail}"));
        let why = format!("{}{row}{detail}", problem.code());
        Self::new(exit, format!("{zh}（{why}）"), format!("{en} ({why})"))
    }
}

impl From<SubmitError> for Failure {
    fn from(error: SubmitError) -> Self {
        // Whoever has the ledger in a directory may know which file it was.
        let of_here = matches!(error, SubmitError::Full(_) | SubmitError::Stopped(_));
        let detail = of_here.then(|| error.to_string());
        let problem = Problem::from(error);
        Problem { detail: detail.or_else(|| problem.detail.clone()), ..problem }.into()
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Rows(rows) => Self::new(
                Exit::Refused,
                format!("有 {} 处错误，未作任何改动。请按上表修改后重新导入。", rows.total()),
                format!(
                    "{} errors; nothing was changed. Mend the rows listed above and import again.",
                    rows.total()
                ),
            ),
            ImportError::Vault(error) => error.into(),
            ImportError::Ledger(error) => error.into(),
            other @ (ImportError::NotAllowed | ImportError::Reason(_)) => {
                let both = other.to_string();
                let (zh, en) = both.split_once(" / ").unwrap_or((&both, &both));
                Self::new(Exit::Refused, zh, en)
            }
        }
    }
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        match error {
            DemoError::Open(error) => error.into(),
            DemoError::Ledger(error) => error.into(),
            DemoError::Import(error) => {
                // Codes and lines only: the texts may quote the sheet.
                let codes =
                    error.rows().iter().take(5).map(|fault| format!("{} ({})", fault.code, fault.line));
                let codes: Vec<String> = codes.collect();
                let mut failure = Self::from(error);
                failure.en = format!("{} {}", failure.en, codes.join(", "));
                failure
            }
            DemoError::Io { path, source } => Self::file(&path, &source),
            other => Self::new(Exit::Storage, format!("示范城市无法建成：{other}"), other.to_string()),
        }
    }
}
