//! Why a backup or a restore did not happen, and what to do.

use std::io;
use std::path::{Path, PathBuf};

use crate::disk::DiskError;
use crate::engine::EngineError;
use crate::tile_dir::TileFault;
use crate::vault::VaultError;

/// What speaks against a directory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Misplaced {
    /// It is, holds or lies in the ledger's own directory.
    InTheLedger,
    /// It is, holds or lies in a backup of keys.
    WithKeys,
    /// It is, holds or lies in a backup of a ledger.
    WithValues,
    /// It holds something that no backup put there.
    Occupied,
    /// The two directories are one, or one lies in the other.
    Nested,
}

impl Misplaced {
    fn en(self) -> &'static str {
        match self {
            Self::InTheLedger => {
                "it is in the ledger's directory, or around it, and would be lost with it; name another place"
            }
            Self::WithKeys => {
                "there is a backup of keys; keys and sealed data must never lie together, name another place"
            }
            Self::WithValues => {
                "there is a backup of a ledger; keys and sealed data must never lie together, name another place"
            }
            Self::Occupied => {
                "it holds files that are not part of a backup; name an empty directory or one with an earlier backup"
            }
            Self::Nested => "it is the other directory, or one of them lies in the other; name another place",
        }
    }

    fn zh(self) -> &'static str {
        match self {
            Self::InTheLedger => "它在账簿目录之内或包含账簿目录，会与账簿一同丢失；请换一个位置",
            Self::WithKeys => "那里有密钥备份；密钥与加密内容绝不能放在一起，请换一个位置",
            Self::WithValues => "那里有账簿备份；密钥与加密内容绝不能放在一起，请换一个位置",
            Self::Occupied => "其中有不属于备份的文件；请换一个空目录，或已有备份的目录",
            Self::Nested => "它与另一目录相同或互相包含；请换一个位置",
        }
    }
}

/// An error of backup or restore. `Display` is English, [`BackupError::zh`] Chinese.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A directory that cannot be used for this.
    #[error("{} cannot be used: {}", dir.display(), why.en())]
    Place {
        /// Which.
        dir: PathBuf,
        /// Why.
        why: Misplaced,
    },
    /// There is no whole backup.
    #[error(
        "there is no whole backup in {}: its manifest, which is written last, is missing; if a backup was interrupted, \
         run it again into the same directory and it goes on", dir.display()
    )]
    NotThere {
        /// Where.
        dir: PathBuf,
    },
    /// A backup of keys where one of a ledger was expected, or the other way round.
    #[error(
        "{} holds a backup of {}", dir.display(),
        if *is_keys { "keys, not of a ledger" } else { "a ledger, not of keys" }
    )]
    OtherKind {
        /// Where.
        dir: PathBuf,
        /// What is there.
        is_keys: bool,
    },
    /// A file of a backup is damaged or missing.
    #[error("{}: {what}; use another backup, or make this one again", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The backup is of another ledger, or of another history of this one.
    #[error("{} belongs to another ledger or to another history of it: {what}; name another place", dir.display())]
    OtherLedger {
        /// Where.
        dir: PathBuf,
        /// What differs.
        what: String,
    },
    /// The backup is ahead of the ledger.
    #[error(
        "the backup in {} has {backed_up} entries, the ledger only {found}: the ledger is an old copy; restore the \
         backup instead, with `hourbook restore`", dir.display()
    )]
    Ahead {
        /// Where.
        dir: PathBuf,
        /// Entries of the backup.
        backed_up: u64,
        /// Entries of the ledger.
        found: u64,
    },
    /// The backup is behind a head that is known to have been published, or on another history than it.
    #[error(
        "the backup in {} has {found} entries, but {known} are known to have been published{}; restore a newer backup",
        dir.display(), if known <= found { " with another root" } else { "" }
    )]
    Rollback {
        /// Where.
        dir: PathBuf,
        /// Entries known to have been published.
        known: u64,
        /// Entries of the backup.
        found: u64,
    },
    /// The keys are older than the values.
    #[error(
        "the keys in {} are older than the backup: the values of {subjects} subjects cannot be opened; use a backup of \
         the keys that was made after that of the ledger, or give those values up with --accept-lost", dir.display()
    )]
    KeysOlder {
        /// Where.
        dir: PathBuf,
        /// How many have no key.
        subjects: u64,
    },
    /// The keys belong to another ledger.
    #[error("the keys in {} do not belong to this ledger: {what}", dir.display())]
    OtherKeys {
        /// Where.
        dir: PathBuf,
        /// What does not fit.
        what: String,
    },
    /// The directory to restore into is not empty.
    #[error("{} is not empty: a ledger is restored into an empty directory only", .0.display())]
    NotEmpty(PathBuf),
    /// An entry cannot be read.
    #[error("entry {position} cannot be read: {why}; use the version of the program that wrote it")]
    Entry {
        /// Which.
        position: u64,
        /// Why.
        why: String,
    },
    /// Whoever asked for it called it off.
    #[error("called off; run it again to go on")]
    CalledOff,
    /// A file cannot be read or written.
    #[error("{}: {source}; check the path, its permissions and the free space, and run it again", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The log.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl BackupError {
    pub(super) fn damaged(path: &Path, what: impl ToString) -> Self {
        Self::Damaged { path: path.to_owned(), what: what.to_string() }
    }

    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_owned(), source }
    }

    /// The same in Chinese. Details stand in the English text.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Place { dir, why } => format!("{} 不能使用：{}", dir.display(), why.zh()),
            Self::NotThere { dir } => format!(
                "{} 中没有完整的备份：缺少最后写入的清单 manifest；若备份曾被中断，请向同一目录再次备份，会接着进行",
                dir.display()
            ),
            Self::OtherKind { dir, is_keys: true } => format!("{} 中是密钥备份，不是账簿备份", dir.display()),
            Self::OtherKind { dir, .. } => format!("{} 中是账簿备份，不是密钥备份", dir.display()),
            Self::Damaged { path, .. } => {
                format!("{} 已损坏或缺失；请使用另一份备份，或重新备份", path.display())
            }
            Self::OtherLedger { dir, .. } => {
                format!("{} 属于另一本账簿，或同一账簿的另一段历史；请换一个位置", dir.display())
            }
            Self::Ahead { dir, backed_up, found } => format!(
                "{} 中的备份有 {backed_up} 条，账簿却只有 {found} 条：账簿是旧拷贝；请用 hourbook restore 恢复该备份",
                dir.display()
            ),
            Self::Rollback { dir, known, found } if known <= found => {
                format!(
                    "{} 中的备份与已公布的 {known} 条的树根不一致，属于另一段历史；请恢复另一份备份",
                    dir.display()
                )
            }
            Self::Rollback { dir, known, found } => {
                format!("{} 中的备份只有 {found} 条，而已公布 {known} 条；请恢复更新的备份", dir.display())
            }
            Self::KeysOlder { dir, subjects } => format!(
                "{} 中的密钥比备份旧，{subjects} 个主体的内容无法打开；请使用在账簿备份之后所做的密钥备份，\
                 或用 --accept-lost 放弃这些内容",
                dir.display()
            ),
            Self::OtherKeys { dir, .. } => format!("{} 中的密钥不属于这本账簿", dir.display()),
            Self::NotEmpty(dir) => format!("{} 不是空目录：只能恢复到空目录", dir.display()),
            Self::Entry { position, .. } => {
                format!("第 {position} 条无法识别；请使用写入它的程序版本")
            }
            Self::CalledOff => "已中止；再次运行会接着进行".to_owned(),
            Self::Io { path, source } => {
                format!("{}：{source}；请检查路径、权限和剩余空间，然后再次运行", path.display())
            }
            Self::Engine(EngineError::Fatal(fatal)) => fatal.chinese().to_owned(),
            Self::Engine(EngineError::Retryable(retryable)) => retryable.chinese().to_owned(),
            Self::Vault(error) => error.zh(),
        }
    }
}

impl From<DiskError> for BackupError {
    fn from(error: DiskError) -> Self {
        Self::Io { path: error.path, source: error.source }
    }
}

impl From<TileFault> for BackupError {
    fn from(fault: TileFault) -> Self {
        match fault {
            TileFault::Damaged { path, what } => Self::Damaged { path, what: what.to_owned() },
            TileFault::Io { path, source } => Self::Io { path, source },
        }
    }
}
