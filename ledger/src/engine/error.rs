//! What can go wrong in an engine, and the way back from it.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::disk::DiskError;
use crate::merkle::Hash;

/// Why the engine did not do what was asked.
#[derive(Debug, Error)]
pub enum EngineError {
    /// Nothing was changed; the same call can succeed later.
    #[error(transparent)]
    Retryable(#[from] Retryable),
    /// The writer stops. Opening the log again recovers, or names what has to be mended first.
    #[error(transparent)]
    Fatal(#[from] Fatal),
}

/// Nothing was changed; the same call can succeed later.
#[derive(Debug, Error)]
pub enum Retryable {
    /// Another process has this log open.
    #[error("another process has the ledger in {} open: stop it first, or name another directory", dir.display())]
    Locked {
        /// The log's directory.
        dir: PathBuf,
    },
    /// There is no room for what is to come. Nothing was written, and it goes on by itself when there is.
    #[error(
        "no room on the disk of {}: {source}; nothing was written; make room there, and it goes on without a restart",
        path.display()
    )]
    Full {
        /// The file that was to grow, or the directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// The log is not what it should be, or its storage does not work.
#[derive(Debug, Error)]
pub enum Fatal {
    /// The operating system refused.
    #[error("cannot {doing} {}: {source}; mend that (space, permissions, disk) and start again", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file or directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The caller broke the contract; nothing was written.
    #[error("the group at position {first} was refused: {reason}; this is a defect of the program")]
    BadGroup {
        /// The group's first position.
        first: u64,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An earlier call failed; what is in the log is known only after opening it again.
    #[error("writing stopped after an earlier failure; start again to recover")]
    Poisoned,
    /// The background work failed.
    #[error("sealing stopped: {reason}; what was acknowledged is in the journal, start again to recover")]
    Sealer {
        /// What it said.
        reason: String,
    },
    /// A journal file holds something that neither a finished nor an interrupted write leaves.
    #[error(
        "the journal file {} is damaged at byte {offset}: {what}; nothing was changed; restore a backup \
         into a new directory with `hourbook restore`", file.display()
    )]
    JournalDamaged {
        /// The file.
        file: PathBuf,
        /// Where in it.
        offset: u64,
        /// What was found.
        what: &'static str,
    },
    /// A journal file is missing.
    #[error(
        "the journal in {} lacks {what}; put the missing file back, or restore a backup into a new directory \
         with `hourbook restore`",
        dir.display()
    )]
    JournalGap {
        /// The journal's directory.
        dir: PathBuf,
        /// What is missing.
        what: String,
    },
    /// The head guard is missing although there is a log.
    #[error(
        "{} is missing although there is a log beside it; put it back, or restore a backup into a new directory with \
         `hourbook restore`", path.display()
    )]
    GuardMissing {
        /// The guard's file.
        path: PathBuf,
    },
    /// The head guard cannot be read.
    #[error(
        "{} is damaged: {what}; restore a backup into a new directory with `hourbook restore`", path.display()
    )]
    GuardDamaged {
        /// The guard's file.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// sled reported an error or panicked.
    #[error(
        "the store in {} failed while {doing}: {what}; start again, and if that does not help restore a backup \
         into a new directory with `hourbook restore`", path.display()
    )]
    Store {
        /// The store's directory.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What sled said.
        what: String,
    },
    /// The store lacks something that was sealed, or has it with other bytes.
    #[error(
        "the store in {} does not hold {what} of the sealed log as it was written: {how}; restore a \
         backup into a new directory with `hourbook restore`", path.display()
    )]
    StoreDamaged {
        /// The store's directory.
        path: PathBuf,
        /// Which bundle or index page.
        what: String,
        /// What is wrong with it.
        how: &'static str,
    },
    /// A file of the archive is missing.
    #[error(
        "the archive's file {} ({what}) is missing; put that one file back from another copy of the archive, or from a \
         backup of the ledger, where it has the same path below `tile`", file.display()
    )]
    ArchiveMissing {
        /// The file.
        file: PathBuf,
        /// What it is to hold.
        what: String,
    },
    /// A file of the archive cannot be read.
    #[error(
        "the archive's file {} ({what}) cannot be read: {source}; see to the disk that it is on and try again",
        file.display()
    )]
    ArchiveUnreadable {
        /// The file.
        file: PathBuf,
        /// What it is to hold.
        what: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file of the archive has other bytes than were archived.
    #[error(
        "the archive's file {} ({what}) is not as it was archived: {how}; put that one file back from another copy of \
         the archive, or from a backup of the ledger, where it has the same path below `tile`", file.display()
    )]
    ArchiveDamaged {
        /// The file.
        file: PathBuf,
        /// What it is to hold.
        what: String,
        /// What is wrong with it.
        how: &'static str,
    },
    /// A directory cannot be this log's archive.
    #[error("{} cannot be the archive of this ledger: {}", dir.display(), why.en())]
    ArchiveUnfit {
        /// The directory.
        dir: PathBuf,
        /// Why not.
        why: UnfitArchive,
    },
    /// The entries do not have the root that was stored for them.
    #[error(
        "the first {size} entries have the root {}, but {whose} says {}; restore a backup into a new directory \
         with `hourbook restore`",
        hex::encode(found),
        hex::encode(expected)
    )]
    RootMismatch {
        /// How many entries.
        size: u64,
        /// Who says otherwise.
        whose: &'static str,
        /// The root it should be.
        expected: Hash,
        /// The root over what is there.
        found: Hash,
    },
    /// The log is behind a head that is known from elsewhere.
    #[error(
        "the log has {found} entries, but {known} are known to have been published: this is an old copy; \
         restore a newer backup into a new directory with `hourbook restore`"
    )]
    Rollback {
        /// The size known from elsewhere.
        known: u64,
        /// The size found.
        found: u64,
    },
    /// The log is not the one of which a head is known from elsewhere.
    #[error(
        "the first {size} entries have the root {}, but a checkpoint that was published over them says {}: this is \
         another history of the ledger; keep the directory as evidence, and restore a backup that contains the \
         published checkpoint into a new directory with `hourbook restore`",
        hex::encode(found),
        hex::encode(known)
    )]
    OtherHistory {
        /// How many entries.
        size: u64,
        /// The root that was published.
        known: Hash,
        /// The root over what is there.
        found: Hash,
    },
    /// A newer program wrote this.
    #[error("{} was written in format {found}, this program knows {known}; use the newer program", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The format found.
        found: u32,
        /// The newest known.
        known: u32,
    },
}

/// Why a directory cannot be the archive of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnfitArchive {
    /// Old bundles are in an archive, and it is not there.
    NotThere,
    /// It does not hold what was archived of this log.
    OtherLog,
    /// It holds something else.
    Occupied,
    /// It is the log's own directory, or one of them lies in the other.
    Nested,
    /// Its path cannot be written down.
    Path,
}

impl UnfitArchive {
    /// The reason and the way back, in English.
    fn en(self) -> &'static str {
        match self {
            Self::NotThere => {
                "old entries of this ledger are there and nowhere else, but there is no such directory, or nothing in it; \
                 mount it or put it back, name the place that it was moved to with `hourbook serve --archive`, or \
                 restore a backup into a new directory with `hourbook restore`"
            }
            Self::OtherLog => {
                "it is the archive of another ledger; name the right one, or an empty directory if there is none yet"
            }
            Self::Occupied => "it holds files that are not an archive; name an empty directory",
            Self::Nested => "it is the log's own directory, or one lies in the other; name another place",
            Self::Path => "its path is not UTF-8 text of one line; name another place",
        }
    }

    /// The same in Chinese.
    fn zh(self) -> &'static str {
        match self {
            Self::NotThere => {
                "较早的条目只在归档目录中,而该目录不存在或为空;请挂载或放回它,若已移动请用 hourbook serve --archive 指明新位置,或用 hourbook restore 把备份恢复到新目录。"
            }
            Self::OtherLog => "归档目录属于另一本账簿;请指明正确的目录,若还没有归档,请给一个空目录。",
            Self::Occupied => "归档目录中有不属于归档的文件;请给一个空目录。",
            Self::Nested => "归档目录与日志目录相同或互相包含;请换一个位置。",
            Self::Path => "归档目录的路径不是单行的 UTF-8 文本;请换一个位置。",
        }
    }
}

impl Retryable {
    /// A stable name for programs and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "ledger-in-use",
            Self::Full { .. } => "disk-full",
        }
    }

    /// What is wrong and what to do, in Chinese. Where it is stands in the English text.
    pub fn chinese(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "另一个进程正在使用这个账本目录:请先停止它,或换一个目录。",
            Self::Full { .. } => "磁盘已满,没有写入任何内容;请腾出空间,账簿会自行继续,无需重启。",
        }
    }
}

impl Fatal {
    /// Whether it is for want of something that may be there again in a moment: descriptors, or room on the disk. Only
    /// where nothing was done that has to be done again otherwise does that help.
    pub(super) fn may_pass(&self) -> bool {
        let Self::Io { source, .. } = self else { return false };
        crate::disk::is_full(source) || crate::disk::is_short_of_descriptors(source)
    }

    /// Whether only something in the archive cannot be read: what is appended, and whatever is not archived, does not
    /// depend on it.
    pub fn is_of_archive(&self) -> bool {
        matches!(
            self,
            Self::ArchiveMissing { .. } | Self::ArchiveUnreadable { .. } | Self::ArchiveDamaged { .. }
        )
    }

    /// A stable name for programs and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "io-failed",
            Self::BadGroup { .. } => "bad-group",
            Self::Poisoned => "writer-stopped",
            Self::Sealer { .. } => "sealing-stopped",
            Self::JournalDamaged { .. } => "journal-damaged",
            Self::JournalGap { .. } => "journal-gap",
            Self::GuardMissing { .. } => "head-guard-missing",
            Self::GuardDamaged { .. } => "head-guard-damaged",
            Self::Store { .. } => "store-failed",
            Self::StoreDamaged { .. } => "store-damaged",
            Self::ArchiveMissing { .. } => "archive-missing",
            Self::ArchiveUnreadable { .. } => "archive-unreadable",
            Self::ArchiveDamaged { .. } => "archive-damaged",
            Self::ArchiveUnfit { .. } => "archive-unfit",
            Self::RootMismatch { .. } => "root-mismatch",
            Self::Rollback { .. } => "rolled-back",
            Self::OtherHistory { .. } => "other-history",
            Self::Version { .. } => "newer-format",
        }
    }

    /// What is wrong and what to do, in Chinese. Where it is stands in the English text.
    pub fn chinese(&self) -> &'static str {
        match self {
            Self::Io { .. } => "操作系统拒绝了读写:请检查磁盘空间、权限和磁盘本身,然后重新启动。",
            Self::BadGroup { .. } => "要写入的一组条目不符合约定,没有写入任何内容;这是程序的缺陷,请报告。",
            Self::Poisoned => "先前的一次写入失败,写入已停止;重新启动即可恢复。",
            Self::Sealer { .. } => "后台封存已停止;已确认的内容都在日志文件中,重新启动即可恢复。",
            Self::JournalDamaged { .. } => {
                "日志文件已损坏,未作任何改动;请用 hourbook restore 把备份恢复到新目录。"
            }
            Self::JournalGap { .. } => "缺少日志文件;请放回缺少的文件,或从备份恢复整个目录。",
            Self::GuardMissing { .. } => {
                "已有日志,却没有日志头文件;请放回该文件，或用 hourbook restore 把备份恢复到新目录。"
            }
            Self::GuardDamaged { .. } => "日志头文件已损坏;请用 hourbook restore 把备份恢复到新目录。",
            Self::Store { .. } => "存储出错;请重新启动,若仍不行,请用 hourbook restore 把备份恢复到新目录。",
            Self::StoreDamaged { .. } => {
                "存储中的已封存内容缺失或被改动;请用 hourbook restore 把备份恢复到新目录。"
            }
            Self::ArchiveUnreadable { .. } => "归档文件读不出来;请检查归档所在的磁盘,然后再试。",
            Self::ArchiveMissing { .. } | Self::ArchiveDamaged { .. } => {
                "归档文件缺失或被改动;请从归档的另一份拷贝,或从账簿备份中 tile 下的同名文件,放回这一个文件。"
            }
            Self::ArchiveUnfit { why, .. } => why.zh(),
            Self::RootMismatch { .. } => {
                "条目的默克尔根与记录的不一致;请用 hourbook restore 把备份恢复到新目录。"
            }
            Self::Rollback { .. } => {
                "日志比已公布的版本旧,这是一份旧拷贝;请用 hourbook restore 把更新的备份恢复到新目录。"
            }
            Self::OtherHistory { .. } => {
                "日志与已公布的检查点不一致,属于另一段历史;请保留该目录作为证据,并用 hourbook restore 把含有该检查点的备份恢复到新目录。"
            }
            Self::Version { .. } => "这些文件由更新版本的程序写成;请使用新版本。",
        }
    }

    /// Wraps an error of the operating system that is not one of the disk's.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { doing, path, source }
    }
}

impl From<DiskError> for Fatal {
    fn from(error: DiskError) -> Self {
        Self::Io { doing: error.doing, path: error.path, source: error.source }
    }
}

/// What asking for room says.
impl Retryable {
    pub(super) fn no_room(error: DiskError) -> EngineError {
        match error.is_full() {
            true => Self::Full { path: error.path, source: error.source }.into(),
            false => error.into(),
        }
    }
}

impl From<DiskError> for EngineError {
    fn from(error: DiskError) -> Self {
        Self::Fatal(error.into())
    }
}
