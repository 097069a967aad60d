//! What `hourbook certificate` is told.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::server::certificates::HostName;

/// 办公室局域网用的证书：查看、生成、更新
/// The certificate by which an office reaches a ledger: show, make or renew it
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    subcommand_required = true,
    after_help = "\
示例 / Examples:
  hourbook certificate show --data ./data
  hourbook certificate make --data ./data --name office-pc --name 192.168.1.10 --authority-key ./founder-keys/authority.key
  hourbook certificate renew --data ./data --authority-key ./founder-keys/authority.key

服务器证书一年多后到期，手机和电脑不接受更久的；更新后不用重新信任。
A server's certificate is good for a year and a month, since phones take none for longer; after a renewal nobody has to
trust anything anew."
)]
pub(super) struct CertificateArgs {
    #[command(subcommand)]
    pub(super) what: CertificateWhat,
    /// 账簿目录 / directory of the ledger
    #[arg(long, value_name = "DIR", env = "HOURBOOK_DATA", global = true)]
    pub(super) data: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
pub(super) enum CertificateWhat {
    /// 显示名称、有效期、指纹，以及怎样信任 / show whom it names, until when, the fingerprint, and how it is trusted
    Show,
    /// 自建颁发机构并签发证书，供办公室局域网使用；已有的会被取代，每台设备须重新信任 / make an authority and a certificate for an office network; what was there is replaced, and each device has to trust anew
    Make {
        /// 其他电脑用来打开它的主机名或地址，可多次给出 / host name or address by which other computers reach it (repeatable)
        #[arg(long, value_name = "NAME", num_args = 1)]
        name: Vec<HostName>,
        /// 监听地址 / address to listen on
        #[arg(long, value_name = "ADDR", default_value = "0.0.0.0:8443")]
        listen: SocketAddr,
        /// 颁发机构的密钥存于此文件（不可在账簿目录内） / the authority's key goes into this file, outside the ledger's directory
        #[arg(long, value_name = "FILE")]
        authority_key: PathBuf,
    },
    /// 更新快到期的服务器证书，或换名称；从备份恢复后也用它，颁发机构的证书取自密钥旁的 .pem 文件 / renew the server's certificate when its end is near, or give it other names; also after a restore, where the authority's certificate is taken from the .pem beside its key
    Renew {
        /// 颁发机构的密钥文件 / key file of the authority
        #[arg(long, value_name = "FILE")]
        authority_key: PathBuf,
        /// 改用这些名称；不给则不变 / these names from now on; the same if not given
        #[arg(long, value_name = "NAME", num_args = 1)]
        name: Vec<HostName>,
    },
}
