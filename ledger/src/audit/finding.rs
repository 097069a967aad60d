//! What an audit can find: one closed list of kinds, each with a stable code, the group that it belongs to, what it means
//! and the way back.

use std::fmt;

/// What a finding is about. The number is the exit code of `hourbook verify`; where several groups are found, the
/// lowest is the answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Group {
    /// The tree is not the one that the log's key has signed.
    Tree = 10,
    /// The log contradicts a checkpoint that somebody kept: history was rewritten or cut off.
    History = 11,
    /// An entry is not a right entry in its right place.
    Entries = 12,
    /// A signature or the key behind it.
    Signatures = 13,
    /// Somebody asserted what they may not, or what the rules refuse.
    Rules = 14,
    /// The derived state is not the one whose digest is on the log.
    State = 15,
    /// Credit or minutes do not add up.
    Books = 16,
    /// The vault lacks a value that the log commits to.
    Vault = 17,
    /// Files are damaged: what is in them cannot be read.
    Damage = 18,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $code:literal, $group:ident, $zh:literal, $en:literal;)*) => {
        /// A kind of finding, in the order in which kinds are listed.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Kind { $($(#[$doc])* $kind),* }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// The stable name, kebab-case.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$kind => $code),* }
            }

            /// What it is about.
            #[must_use]
            pub fn group(self) -> Group {
                match self { $(Self::$kind => Group::$group),* }
            }

            /// What it means and the way back, in Chinese.
            #[must_use]
            pub fn zh(self) -> &'static str {
                match self { $(Self::$kind => $zh),* }
            }

            /// What it means and the way back, in English.
            #[must_use]
            pub fn en(self) -> &'static str {
                match self { $(Self::$kind => $en),* }
            }
        }
    };
}

kinds! {
    /// There is no checkpoint, or it is none.
    CheckpointUnreadable = "checkpoint-unreadable", Tree,
        "没有可读的检查点，无法得知账簿声称的大小和树根：请向账簿索取，或从备份恢复。",
        "There is no checkpoint that can be read, so nobody has signed for any size or root: ask the ledger for one, or restore a backup.";
    /// The checkpoint is not signed by the log's key.
    CheckpointSignature = "checkpoint-signature", Tree,
        "检查点不是由账簿的日志密钥签名的，不可相信：请核对密钥，保留此文件作为证据。",
        "The checkpoint is not signed by the log's key and proves nothing: check which key is the right one, and keep the file as evidence.";
    /// The founding event, the server and the auditor do not name one log key.
    LogKey = "log-key", Tree,
        "日志密钥与创立事件所写的不一致：这可能是另一本账簿，请核对来源。",
        "The log key is not the one that the founding event names: this may be another ledger, check where the key came from.";
    /// The entries have another root than the signed one.
    RootMismatch = "root-mismatch", Tree,
        "条目重新算出的树根与签名的树根不同：条目被改动过，或签名者签了别的内容。请从备份恢复并追查。",
        "The entries have another root than the signed one: entries were changed, or something else was signed. Restore a backup and find out who did it.";
    /// There are entries that no checkpoint covers.
    UnsignedTail = "unsigned-tail", Tree,
        "日志中有检查点没有覆盖的条目，没有人为它们签名：不能作为凭据。",
        "The log holds entries that the checkpoint does not cover: nobody has signed for them, they prove nothing.";
    /// A hash tile is not what the entries give.
    TileMismatch = "tile-mismatch", Tree,
        "哈希瓦片与条目算出的不同：由它得出的证明无效。请由条目重新生成。",
        "A hash tile is not what the entries give, so proofs made from it fail: make it again from the entries.";
    /// A hash tile is not there.
    TileMissing = "tile-missing", Tree,
        "缺少哈希瓦片：无法由它生成证明。请由条目重新生成。",
        "A hash tile is missing, so proofs cannot be made from it: make it again from the entries.";
    /// A saved checkpoint is unreadable or by another key.
    SavedCheckpoint = "saved-checkpoint", History,
        "保存的检查点无法读取，或不是这本账簿签名的：请核对文件和账簿名称。",
        "The saved checkpoint cannot be read, or this ledger did not sign it: check the file and the ledger's name.";
    /// The log is shorter than a saved checkpoint.
    TailRemoved = "tail-removed", History,
        "日志比保存的检查点短：末尾的条目被去掉了，或这是一份旧拷贝。请要求账簿交出全部条目。",
        "The log is shorter than a saved checkpoint says: its tail was removed, or this is an old copy. Demand the missing entries, or restore a newer backup.";
    /// The log has another history than a saved checkpoint.
    Forked = "forked", History,
        "日志与保存的检查点不是同一段历史：过去被改写过。该检查点和签名就是证据，请保存好并公开。",
        "The log is not a continuation of a saved checkpoint: the past was rewritten. That signed checkpoint is the proof, keep and publish it.";
    /// A bundle of entries is not there or not whole.
    EntriesMissing = "entries-missing", Entries,
        "缺少条目包或其不完整：这些位置及其后的规则无法审计。请从备份恢复。",
        "A bundle of entries is missing or not whole: its positions, and the rules behind them, cannot be audited. Restore it from a backup.";
    /// An entry cannot be read.
    EntryMalformed = "entry-malformed", Entries,
        "条目不是有效的格式：此后的规则无法审计。请用写入它的版本检查，或从备份恢复。",
        "The entry is not of the format, so the rules behind it cannot be audited: check it with the version that wrote it, or restore a backup.";
    /// The event in an entry cannot be read.
    EventMalformed = "event-malformed", Entries,
        "条目中的事件不是有效的格式，账簿本不该接受：此后的规则无法审计。",
        "The event in the entry is not of the format and should never have been accepted; the rules behind it cannot be audited.";
    /// The entry says that it is at another position.
    WrongPosition = "wrong-position", Entries,
        "条目自称在另一个位置：条目被调换或移动过。",
        "The entry says that it is at another position: entries were swapped or moved.";
    /// Recorded time goes back.
    TimeWentBack = "time-went-back", Entries,
        "记录时间早于前一条：有人倒填了日期。",
        "It is recorded at an earlier time than the entry before it: somebody backdated it.";
    /// The revision is not the next one of the stream.
    WrongRevision = "wrong-revision", Entries,
        "修订号不是该流的下一个：同一事物的历史缺了一条、多了一条或顺序不对。",
        "Its revision is not the next one of its stream: the history of that thing lacks an event, has one too many or is out of order.";
    /// An id is on the log twice.
    DoubledId = "doubled-id", Entries,
        "同一编号在日志中出现两次：同一件事被记了两遍。",
        "The same id is on the log twice: one thing was recorded two times.";
    /// The event is meant for another ledger.
    WrongLedger = "wrong-ledger", Entries,
        "事件是为另一本账簿签名的，被搬到了这里。",
        "The event was signed for another ledger and copied into this one.";
    /// The time in the id was out of the window when it was recorded.
    IdOutOfWindow = "id-out-of-window", Entries,
        "编号中的时间在记录时已超出允许范围（35 天前至 10 分钟后），账簿本不该接受。",
        "The time in its id was outside the window of 35 days back and 10 minutes ahead when it was recorded: it should have been refused.";
    /// The signature does not fit the bytes.
    BadSignature = "bad-signature", Signatures,
        "签名与内容不符：内容被改动过，或签名是伪造的。此条不能归于任何人。",
        "The signature does not fit these bytes: they were changed, or it is forged. Nobody can be held to this event.";
    /// No such key was enrolled at that position.
    KeyUnknown = "key-unknown", Signatures,
        "签名的密钥在该位置尚未登记：签名者没有身份。",
        "The signing key was not enrolled at that position: whoever signed is nobody on this ledger.";
    /// The key had ended.
    KeyEnded = "key-ended", Signatures,
        "签名的密钥在该位置已停用：可能是被盗用的旧密钥。",
        "The signing key had ended at that position: perhaps somebody used a lost or stolen one.";
    /// The roles of the actor did not cover it.
    NotAuthorised = "not-authorised", Rules,
        "签名者当时的角色不能做这件事，账簿本不该接受：请按更正流程处理。",
        "The signer's roles at that position did not cover this and it should have been refused: have it corrected by a new event.";
    /// A rule refuses it.
    RuleBroken = "rule-broken", Rules,
        "按当时的规则应被拒绝，却写入了日志：请按更正流程处理。",
        "The rules of that position refuse this, yet it is on the log: have it corrected by a new event.";
    /// What was due was not recorded before later events.
    TimerSkipped = "timer-skipped", Rules,
        "已到期的事项没有在后来的事件之前记录：账簿漏记或压下了它。",
        "Something that was due was not recorded before later events: the ledger missed it or held it back.";
    /// A look is sealed beyond the day that was set for it.
    LookOverdue = "look-overdue", Rules,
        "封存的查看记录过了应公开的日期仍未公开，被查看的人无从得知：请要求账簿公开。",
        "A look was to be told to whom it concerns by its day and is still sealed: demand that the ledger opens it.";
    /// The rules could not be followed further.
    RulesStopped = "rules-stopped", Rules,
        "从这里起无法继续推演规则；之后只检查了格式、签名和树。",
        "From here on the rules could not be followed; behind it only form, signatures and the tree were checked.";
    /// A digest on the log is not that of the state.
    DigestDiffers = "digest-differs", State,
        "日志上的状态摘要与推演出的不同：摘要被改动，或当时的程序得出了别的状态。",
        "The state digest on the log is not what the events give: it was edited, or the program of that time derived another state.";
    /// A digest made under rules that this program does not have.
    RulesUnknown = "rules-unknown", State,
        "该状态摘要出自本程序没有的规则版本：请用更新的程序审计。",
        "The state digest was made under a version of the rules that this program does not have: audit with a newer one.";
    /// A published list is not what the entries before its cut-off give.
    ListDiffers = "list-differs", State,
        "公布的红黄榜与按其规则和截止位置重新得出的不同：请由公布者说明，并重新公布。",
        "A published list is not what its policy gives of the entries before its cut-off: have whoever published it explain, and publish it anew.";
    /// The snapshot to start from is not to be used.
    SnapshotUnusable = "snapshot-unusable", State,
        "所给的快照不是这本日志的：没有采用它，已从头审计。",
        "The snapshot is not of this log: it was not used, and the audit began at the beginning.";
    /// A balance is not the sum of its postings.
    BalanceDiffers = "balance-differs", Books,
        "账户余额与其分录之和不同：账目不可信。",
        "The balance of an account is not the sum of its postings: the books cannot be trusted.";
    /// All accounts together are not zero.
    BooksUnbalanced = "books-unbalanced", Books,
        "全部账户之和不为零：有时间币凭空产生或消失。",
        "All accounts together do not come to zero: credit came from nowhere, or vanished.";
    /// Certified minutes are not those of the confirmed rows.
    MinutesDiffer = "minutes-differ", Books,
        "认定的分钟数与已审核记录重新相加的结果不同。",
        "Certified minutes are not what the confirmed rows add up to.";
    /// The vault does not open, or is not what its guard vouches for.
    VaultDamaged = "vault-damaged", Vault,
        "保密库打不开，或内容被截掉、换成了旧文件：请放回原来的文件，或从备份恢复。",
        "The vault does not open, or values were cut off or replaced by older ones: put the right files back, or restore a backup.";
    /// The vault lacks a value.
    OpeningMissing = "opening-missing", Vault,
        "保密库缺少日志所承诺的内容：请从保密库的备份恢复。",
        "The vault lacks a value that the log commits to: restore the vault from a backup.";
    /// The vault holds another value, or one that was changed.
    OpeningDiffers = "opening-differs", Vault,
        "保密库中的内容被改动过，或与日志的承诺不符：请用 hourbook restore 从账簿备份和密钥备份恢复到新目录。",
        "What the vault holds was changed, or does not fit the commitment on the log: restore the ledger and its keys from their backups into a new directory with `hourbook restore`.";
    /// A file of the archive is missing or cannot be read.
    ArchiveMissing = "archive-missing", Damage,
        "归档文件缺失或读不出来：请检查磁盘，或从归档的另一份拷贝，或账簿备份中 tile 下的同名文件，放回这一个文件。",
        "A file of the archive is missing or cannot be read: see to its disk, or put that one file back from another copy of the archive, or from a backup of the ledger, where it has the same path below `tile`.";
    /// A file of the archive has other bytes than the log.
    ArchiveDamaged = "archive-damaged", Damage,
        "归档文件与账簿不符：请从归档的另一份拷贝，或账簿备份中 tile 下的同名文件，放回这一个文件。",
        "A file of the archive is not what the log has there: put that one file back from another copy of the archive, or from a backup of the ledger, where it has the same path below `tile`.";
    /// Files cannot be read.
    Damaged = "damaged", Damage,
        "存储已损坏或被改动：请从备份恢复整个目录。",
        "The storage is damaged or was changed: restore the whole directory from a backup.";
}

/// One thing that is not as it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What.
    pub kind: Kind,
    /// At which position, if it is about one.
    pub position: Option<u64>,
    /// What exactly, in English: names, numbers, ids; never personal data.
    pub detail: String,
}

impl Finding {
    /// A finding at a position.
    #[must_use]
    pub fn at(position: u64, kind: Kind, detail: impl fmt::Display) -> Self {
        Self { kind, position: Some(position), detail: detail.to_string() }
    }

    /// A finding about the log as a whole.
    #[must_use]
    pub fn whole(kind: Kind, detail: impl fmt::Display) -> Self {
        Self { kind, position: None, detail: detail.to_string() }
    }
}

/// Findings, the first of them in full and all of them counted.
#[derive(Clone, Default, Debug)]
pub struct Findings {
    kept: Vec<Finding>,
    counts: std::collections::BTreeMap<Kind, u64>,
    most: usize,
}

impl Findings {
    /// Keeps at most so many in full.
    #[must_use]
    pub fn keeping(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// Adds one. The first of its kind is kept beyond the bound.
    pub fn add(&mut self, finding: Finding) {
        let count = self.counts.entry(finding.kind).or_default();
        *count += 1;
        if *count == 1 || self.kept.len() < self.most {
            self.kept.push(finding);
        }
    }

    /// Those kept, by position; those about the log as a whole come first.
    #[must_use]
    pub fn sorted(&self) -> Vec<&Finding> {
        let mut all: Vec<&Finding> = self.kept.iter().collect();
        all.sort_by_key(|finding| (finding.position, finding.kind));
        all
    }

    /// How many of each kind, in the order of kinds.
    pub fn counts(&self) -> impl Iterator<Item = (Kind, u64)> {
        self.counts.iter().map(|(kind, count)| (*kind, *count))
    }

    /// How many in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Whether a kind was found.
    #[must_use]
    pub fn has(&self, kind: Kind) -> bool {
        self.counts.contains_key(&kind)
    }

    /// The gravest group found.
    #[must_use]
    pub fn group(&self) -> Option<Group> {
        self.counts.keys().map(|kind| kind.group()).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_kebab_case_and_every_kind_has_two_texts() {
        let codes: std::collections::BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.code()).collect();
        assert_eq!(codes.len(), Kind::ALL.len());
        assert!(codes.iter().all(|code| code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
        assert!(Kind::ALL.iter().all(|kind| kind.zh().ends_with('。') && kind.en().ends_with('.')));
    }

    #[test]
    fn findings_are_bounded_but_counted_and_the_first_of_a_kind_is_kept() {
        let mut found = Findings::keeping(2);
        (0..5).for_each(|at| found.add(Finding::at(9 - at, Kind::BadSignature, "")));
        found.add(Finding::at(3, Kind::Forked, ""));
        let kept: Vec<_> = found.sorted().iter().map(|f| (f.position, f.kind)).collect();
        let expected = [(3, Kind::Forked), (8, Kind::BadSignature), (9, Kind::BadSignature)];
        assert_eq!(kept, expected.map(|(at, kind)| (Some(at), kind)));
        assert_eq!((found.total(), found.group()), (6, Some(Group::History)));
    }
}
