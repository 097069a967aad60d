//! What can go wrong with the vault. No message carries a value, a salt or a key.

use std::io;
use std::path::PathBuf;

use crate::commitment::{Commitment, FieldError, SubjectId};
use crate::disk::{self, DiskError};

/// An error of the vault. `Display` is English, [`VaultError::zh`] Chinese.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// An opening's value is not canonical or not valid. Nothing was stored.
    #[error("opening {index} cannot be stored: {error}")]
    BadValue {
        /// Which of the openings given, from 0.
        index: usize,
        /// What is wrong with it.
        error: FieldError,
    },
    /// The subject's key was destroyed for good; nothing can be stored about it again.
    #[error("the personal data of subject {} was erased: nothing can be added", hex::encode(.0))]
    Erased(SubjectId),
    /// The same commitment already belongs to another subject. Nothing was stored.
    #[error("{0:?} already belongs to another subject: use a fresh salt")]
    OtherSubject(Commitment),
    /// More bytes than one call may store.
    #[error("{bytes} bytes of openings in one call; at most {max}: split them")]
    TooMuch {
        /// What the call would have written.
        bytes: usize,
        /// The bound.
        max: usize,
    },
    /// A file or directory of the vault is not there.
    #[error(
        "{} is missing: restore the ledger from its backup and the backup of its keys into a new directory with `hourbook restore`",
        .0.display()
    )]
    Missing(PathBuf),
    /// Init found a vault.
    #[error("{} exists already: a vault is never overwritten", .0.display())]
    AlreadyThere(PathBuf),
    /// Another process has the vault open.
    #[error("{} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// The master key is not the one that the keys were wrapped with.
    #[error("the master key does not belong to {}: restore the master file that was made with it", .0.display())]
    WrongMaster(PathBuf),
    /// The two files stem from different vaults.
    #[error("{} and {} belong to different vaults", .values.display(), .keys.display())]
    NotAPair {
        /// The file of values.
        values: PathBuf,
        /// The file of keys.
        keys: PathBuf,
    },
    /// A file holds bytes that no crash can explain.
    #[error("{} is damaged at byte {offset}: {what}; restore the ledger from its backup and the backup of its keys into a new directory with `hourbook restore`", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where.
        offset: u64,
        /// What was found there.
        what: &'static str,
    },
    /// The values do not begin with what was durable: they were cut off, or the file is another one.
    #[error(
        "{} has {found} bytes and is not the file of which {wanted} bytes were durable: values were cut off, or an older \
         file was put in its place; put the right one back, or restore the ledger from its backup and the backup of its \
         keys into a new directory with `hourbook restore`; to go on without what is missing start with `hourbook serve \
         --accept-lost`",
        .path.display()
    )]
    CutOff {
        /// The file.
        path: PathBuf,
        /// Where its last whole frame ends.
        found: u64,
        /// Where it ended at least.
        wanted: u64,
    },
    /// A value's key is neither there nor erased: the key file is older than the values.
    #[error("there is no key for subject {}: the key file is older than the values file", hex::encode(.0))]
    KeyLost(SubjectId),
    /// An earlier write failed; only reopening tells what is on the disk.
    #[error("an earlier write to {} failed: close and open the vault again", .0.display())]
    Stopped(PathBuf),
    /// A mark that is not the latest one.
    #[error("the mark is outdated: take a new one")]
    StaleMark,
    /// There is no room on the disk. Nothing was written; the same call succeeds when there is.
    #[error(
        "no room on the disk of {}: {source}; nothing was written; make room there, and it goes on without a restart",
        .path.display()
    )]
    Full {
        /// The file that was to grow.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The operating system refused.
    #[error("{}: {source}; mend that (space, permissions, disk) and start again", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
}

impl VaultError {
    /// The same sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            VaultError::BadValue { index, error } => format!("第 {} 项不能保存:{}", index + 1, error.zh()),
            VaultError::Erased(_) => "此人的个人信息已按要求删除,不能再添加".into(),
            VaultError::OtherSubject(_) => "同一承诺值已属于另一主体,请更换随机盐".into(),
            VaultError::TooMuch { bytes, max } => format!("一次提交 {bytes} 字节,上限 {max} 字节,请分批"),
            VaultError::Missing(path) => {
                format!("缺少 {}:请用 hourbook restore 从账簿备份和密钥备份恢复到新目录", path.display())
            }
            VaultError::AlreadyThere(path) => format!("{} 已存在,不会覆盖", path.display()),
            VaultError::InUse(path) => format!("{} 正被另一进程使用", path.display()),
            VaultError::WrongMaster(path) => format!("主密钥与 {} 不匹配,请恢复对应的主密钥", path.display()),
            VaultError::NotAPair { values, keys } => {
                format!("{} 与 {} 不属于同一保险库", values.display(), keys.display())
            }
            VaultError::Damaged { path, offset, .. } => {
                format!(
                    "{} 在第 {offset} 字节处损坏,请用 hourbook restore 从账簿备份和密钥备份恢复到新目录",
                    path.display()
                )
            }
            VaultError::CutOff { path, found, wanted } => format!(
                "{} 有 {found} 字节，与曾经写定的 {wanted} 字节不符：内容被截掉，或换成了旧文件。请放回原来的文件，或用 hourbook restore 从账簿备份和密钥备份恢复到新目录；如须放弃缺失的内容，请用 hourbook serve --accept-lost 启动",
                path.display()
            ),
            VaultError::KeyLost(_) => "找不到此主体的密钥:密钥文件比内容文件旧".into(),
            VaultError::Stopped(path) => format!("先前写入 {} 失败,请重新打开保险库", path.display()),
            VaultError::StaleMark => "标记已过期,请重新获取".into(),
            VaultError::Full { path, source } => format!(
                "{}：{source}。磁盘已满，没有写入任何内容：请腾出空间，账簿会自行继续，无需重启",
                path.display()
            ),
            VaultError::Io { path, source } => {
                format!("{}：{source}。请检查空间、权限和磁盘后重新启动", path.display())
            }
        }
    }
}

impl VaultError {
    /// The same where a full disk has left everything as it was.
    pub(super) fn if_nothing_was_done(self) -> Self {
        match self {
            VaultError::Io { path, source } if disk::is_full(&source) => VaultError::Full { path, source },
            other => other,
        }
    }

    /// What asking for room says.
    pub(super) fn no_room(error: DiskError) -> Self {
        Self::from(error).if_nothing_was_done()
    }
}

impl From<DiskError> for VaultError {
    fn from(error: DiskError) -> Self {
        match error.is_missing() {
            true => VaultError::Missing(error.path),
            false => VaultError::Io { path: error.path, source: error.source },
        }
    }
}
