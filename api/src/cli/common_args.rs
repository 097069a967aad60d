//! Arguments that several commands take.

use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;

/// 已知公布过的检查点 / What is known to have been published
#[derive(Args, Debug, Clone, Default)]
pub(super) struct KnownArgs {
    /// 已知公布过的检查点，可多次给出：账簿若比它旧或与它不一致即拒绝
    /// a checkpoint known to have been published (repeatable): a ledger behind it, or beside it, is refused
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(super) not_before: Vec<PathBuf>,
    /// 见证人公钥文件，可多次给出：检查点上他们的联署必须正确
    /// keys of witnesses, a line each (repeatable): their cosignatures on the checkpoints must be right
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(super) witness: Vec<PathBuf>,
}

/// 读取加密密钥的口令 / How an encrypted key file is opened
#[derive(Args, Debug, Clone, Default)]
pub(super) struct PassphraseArgs {
    /// 口令所在文件的第一行；没有时在终端询问 / the first line of this file is the passphrase; asked for otherwise
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) passphrase_file: Option<PathBuf>,
}

/// 哪一本账簿 / Which ledger
#[derive(Args, Debug, Clone, Default)]
pub(super) struct LedgerArgs {
    /// 服务器地址；没有 --data 时也可写在环境变量 HOURBOOK_SERVER / address of the server; without --data also from HOURBOOK_SERVER
    #[arg(long, value_name = "URL", global = true)]
    pub(super) server: Option<String>,
    /// 账簿目录（服务未运行时） / directory of the ledger, while no server runs on it
    #[arg(long, value_name = "DIR", global = true, conflicts_with = "server")]
    pub(super) data: Option<PathBuf>,
}

/// Where a ledger is.
pub(super) enum Place {
    /// Behind a server.
    Server(String),
    /// In a directory, opened here.
    Directory(PathBuf),
}

impl LedgerArgs {
    /// As named on the command line; else by the environment, which a directory that is named here overrides.
    pub(super) fn place(&self) -> Result<Place, Failure> {
        let set = || std::env::var("HOURBOOK_SERVER").ok().filter(|url| !url.is_empty());
        match (&self.server, &self.data) {
            (Some(url), _) => Ok(Place::Server(url.clone())),
            (None, Some(dir)) => Ok(Place::Directory(dir.clone())),
            (None, None) => set().map(Place::Server).ok_or_else(|| {
                Failure::usage(both!(
                    "请用 --server 或 --data 指明账簿。",
                    "Name the ledger with --server or --data."
                ))
            }),
        }
    }
}

/// 以谁的名义，在哪一本账簿 / As whom, in which ledger
#[derive(Args, Debug, Clone, Default)]
pub(super) struct CallerArgs {
    /// 本人的密钥 / one's own key
    #[arg(long = "as", value_name = "KEY", global = true)]
    pub(super) key: Option<PathBuf>,
    #[command(flatten)]
    pub(super) at: LedgerArgs,
    /// 输出 JSON，失败时也是 / print JSON, also of a failure
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) passphrase: PassphraseArgs,
}
