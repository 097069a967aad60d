//! Backups as they are ordered: by the command that opens the ledger itself, or through the running server.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hourbook_ledger::backup::{self, BackupError, Source, Watch};
use hourbook_ledger::checkpoint;
use hourbook_ledger::clock::Clock;
use hourbook_ledger::engine::{self, EngineError, KnownHead};
use hourbook_ledger::note::VerifierKey;
use serde::{Deserialize, Serialize};

/// What a backup is to be of, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Order {
    /// The directory, absolute.
    pub(crate) to: PathBuf,
    /// Of the keys, not of the ledger.
    pub(crate) keys: bool,
    /// What is known to have been published.
    pub(crate) known: Published,
}

/// Signed notes that are known to have been published, and the keys of witnesses who may have cosigned them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Published {
    /// Each with the name of its file; base64.
    pub(crate) notes: Vec<(PathBuf, String)>,
    /// Lines as `log.vkey` has one.
    pub(crate) witnesses: Vec<String>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case")]
pub(crate) enum Report {
    /// A backup of the ledger.
    Ledger { size: u64, root: String, new_entries: u64, values: u64, new_values: u64, mended: Option<String> },
    /// A backup of the keys.
    Keys { live: u64, destroyed: u64 },
}

/// What went wrong, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trouble {
    pub(crate) zh: String,
    pub(crate) en: String,
}

impl From<BackupError> for Trouble {
    fn from(error: BackupError) -> Self {
        Self { zh: error.zh(), en: error.to_string() }
    }
}

impl From<EngineError> for Trouble {
    fn from(error: EngineError) -> Self {
        BackupError::Engine(error).into()
    }
}

impl Published {
    pub(crate) fn read(notes: &[PathBuf], witnesses: &[PathBuf]) -> Result<Self, Trouble> {
        let read = |path: &PathBuf| {
            std::fs::read(path).map_err(|error| Trouble {
                zh: format!("{}：{error}。请检查路径和权限。", path.display()),
                en: format!("{}: {error}. Check the path and its permissions.", path.display()),
            })
        };
        let note = |path: &PathBuf| Ok((path.clone(), STANDARD.encode(read(path)?)));
        let lines = |path: &PathBuf| {
            let text = String::from_utf8(read(path)?).map_err(|error| unreadable(path, &error))?;
            Ok(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect::<Vec<_>>())
        };
        let notes = notes.iter().map(note).collect::<Result<_, Trouble>>()?;
        let witnesses = witnesses.iter().map(lines).collect::<Result<Vec<_>, Trouble>>()?.concat();
        // Also where no note is given that they could have cosigned: a wrong file must not wait until there is one.
        witnesses.iter().try_for_each(|line| witness(line).map(drop))?;
        Ok(Self { notes, witnesses })
    }

    /// The ledger that the first note says it is of; `None` without notes.
    pub(crate) fn origin(&self) -> Option<String> {
        let (_, note) = self.notes.first()?;
        let note = STANDARD.decode(note).ok()?;
        Some(String::from_utf8_lossy(&note).lines().next().unwrap_or_default().to_owned())
    }

    /// The heads in the notes, each signed by this log; cosignatures of the witnesses given must be right.
    pub(crate) fn heads(&self, log_key: &VerifierKey) -> Result<Vec<KnownHead>, Trouble> {
        let witnesses: Result<Vec<VerifierKey>, Trouble> = self.witnesses.iter().map(witness).collect();
        let witnesses = witnesses?;
        let head = |(path, note): &(PathBuf, String)| {
            let refused = |error: &dyn std::fmt::Display| {
                let path = path.display();
                Trouble {
                    zh: format!(
                        "{path}：不是由这本账簿的密钥（{log_key}）签名的检查点，不能用来判断它是否被回退。请核对文件。"
                    ),
                    en: format!(
                        "{path}: not a checkpoint that this ledger's key ({log_key}) has signed: {error}. It says \
                        nothing about this ledger; check the file."
                    ),
                }
            };
            let note = STANDARD.decode(note).map_err(|error| refused(&error))?;
            let open = checkpoint::open(&note, log_key, &witnesses).map_err(|error| refused(&error))?;
            Ok(KnownHead { size: open.checkpoint.size, root: open.checkpoint.root })
        };
        self.notes.iter().map(head).collect()
    }
}

fn witness(line: &String) -> Result<VerifierKey, Trouble> {
    line.trim().parse().map_err(|error| Trouble {
        zh: format!("“{line}”不是见证人的公钥行（名称+编号+密钥）。"),
        en: format!("`{line}` is not the key of a witness (name+id+key): {error}."),
    })
}

pub(crate) fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Trouble {
    let path = path.display();
    Trouble { zh: format!("{path}：{error}"), en: format!("{path}: {error}") }
}

/// Carries an order out on an open ledger whose directory is `data`.
pub(crate) fn carry_out(
    source: &Source,
    data: &Path,
    order: &Order,
    clock: &dyn Clock,
    watch: Watch<'_>,
) -> Result<Report, Trouble> {
    for head in order.known.heads(&source.log_key)? {
        engine::check_known(&*source.reader, &head)?;
    }
    if order.keys {
        let keys = backup::write_keys(source, data, &order.to, clock.now())?;
        return Ok(Report::Keys { live: keys.live, destroyed: keys.destroyed });
    }
    let done = backup::write(source, Some(data), &order.to, clock.now(), watch)?;
    Ok(Report::Ledger {
        size: done.checked.size,
        root: STANDARD.encode(done.checked.root),
        new_entries: done.new_entries,
        values: done.checked.values,
        new_values: done.new_values,
        mended: done.mended,
    })
}
