//! What went wrong, where, and how to mend it; and the exit code that tells a program.

use std::io::{self, ErrorKind};
use std::process::ExitCode;

use hourbook_ledger::audit::Group;
use hourbook_ledger::engine::EngineError;
use hourbook_ledger::ledger::LedgerError;
use hourbook_ledger::replay::ReplayError;
use hourbook_ledger::sequencer::SubmitError;
use hourbook_ledger::vault::VaultError;

use crate::demo::DemoError;
use crate::imports::ImportError;
use crate::problem::Problem;
use crate::server::certificates::CertificateError;

/// How the process ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// Done.
    Done,
    /// The rules say no, or rows have errors; nothing was changed.
    Refused,
    /// The command line is wrong.
    Usage,
    /// The ledger, a key or a file cannot be used.
    Storage,
    /// The server cannot be reached.
    Unreachable,
    /// An audit found something.
    Found(Group),
}

impl Exit {
    /// The code for programs.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::Usage => 2,
            Self::Storage => 3,
            Self::Unreachable => 4,
            Self::Found(group) => group as u8,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// A text in Chinese and English.
pub(super) type Both = (String, String);

/// Why a command did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("错误：{zh}\nError: {en}")]
pub struct Failure {
    /// For programs.
    pub exit: Exit,
    /// What, where and how to mend it, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

impl Failure {
    pub(super) fn new(exit: Exit, (zh, en): Both) -> Self {
        Self { exit, zh, en }
    }

    pub(super) fn refused(told: Both) -> Self {
        Self::new(Exit::Refused, told)
    }

    pub(super) fn usage(told: Both) -> Self {
        Self::new(Exit::Usage, told)
    }

    pub(super) fn storage(told: Both) -> Self {
        Self::new(Exit::Storage, told)
    }

    /// For whoever asked for JSON.
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::json!({ "failure": { "exit": self.exit.code(), "zh": self.zh, "en": self.en } })
    }

    pub(super) fn file(path: &std::path::Path, error: &(dyn std::error::Error + 'static)) -> Self {
        let path = path.display();
        let (zh, en) = advice(error.downcast_ref());
        Self::storage(both!("{path}：{error}。{zh}", "{path}: {error}. {en}"))
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
                let (zh, en) = advice(Some(source));
                let path = path.display();
                return Self::storage(both!("{path}：{source}。{zh}", "{error}. {en}"));
            }
            LedgerError::Replay(ReplayError::OtherState { after, .. }) => format!(
                "本版本从日志推导出的状态与账簿在第 {after} 条记录之后签名的摘要不一致，未作任何改动。请用原来写入该账簿的版本启动；如果仍被拒绝，请恢复备份。"
            ),
            LedgerError::Replay(ReplayError::NewerRules { position, version }) => format!(
                "第 {position} 条记录启用了第 {version} 版规则，本程序不认识：请使用更新版本的 Hourbook。"
            ),
            LedgerError::Vault(VaultError::InUse(_)) => {
                return Self::storage(both!(
                    "账簿正被另一个进程使用：请先停止它，或改用 --server 连接正在运行的服务。",
                    "{error}. Stop the other process, or use --server to reach the one that runs."
                ));
            }
            LedgerError::Engine(EngineError::Fatal(fatal)) => format!("账簿无法打开：{}", fatal.chinese()),
            LedgerError::Engine(EngineError::Retryable(again)) => {
                format!("账簿无法打开：{}", again.chinese())
            }
            LedgerError::Vault(error) => format!("账簿无法打开：{}", error.zh()),
            other => format!("账簿无法打开：{other}"),
        };
        Self::storage((zh, error.to_string()))
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        LedgerError::Vault(error).into()
    }
}

impl From<CertificateError> for Failure {
    fn from(error: CertificateError) -> Self {
        let (zh, exit) = match &error {
            CertificateError::Shared(_) => (error.zh(), Exit::Usage),
            _ => (error.zh(), Exit::Storage),
        };
        Self::new(exit, both!("{zh}。", "{error}."))
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let exit = if problem.kind.status().is_server_error() { Exit::Storage } else { Exit::Refused };
        let (zh, en) = problem.texts();
        let row = problem.row.map_or_else(String::new, |row| format!(" (row {row})"));
        let detail = problem.detail.as_ref().map_or_else(String::new, |detail| format!(": {detail}"));
        let why = format!("{}{row}{detail}", problem.code());
        Self::new(exit, both!("{zh}（{why}）", "{en} ({why})"))
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
            ImportError::Rows(rows) => {
                let count = rows.total();
                Self::refused(both!(
                    "有 {count} 处错误，未作任何改动。请按上表修改后重新导入。",
                    "{count} errors; nothing was changed. Mend the rows listed above and import again."
                ))
            }
            ImportError::Vault(error) => error.into(),
            ImportError::Ledger(error) => error.into(),
            other @ (ImportError::NotAllowed | ImportError::Reason(_)) => Self::refused(other.in_both()),
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
            other => Self::storage(both!("示范城市无法建成：{other}", "{other}")),
        }
    }
}
