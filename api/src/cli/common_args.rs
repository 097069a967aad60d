//! Arguments that several commands take.

use std::path::PathBuf;

use clap::Args;

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
    /// 服务器地址 / address of the server
    #[arg(long, value_name = "URL", env = "HOURBOOK_SERVER", global = true)]
    pub(super) server: Option<String>,
    /// 账簿目录（服务未运行时） / directory of the ledger, while no server runs on it
    #[arg(long, value_name = "DIR", global = true, conflicts_with = "server")]
    pub(super) data: Option<PathBuf>,
}
