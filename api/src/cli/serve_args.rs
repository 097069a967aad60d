//! How `hourbook serve` is configured: each setting a flag and an environment variable.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use hourbook_ledger::engine::ArchiveOptions;
use hourbook_ledger::vault::Lost;

use crate::auth::sign_in_limits::{self, Limits};
use crate::boot::AppOptions;
use crate::http::client::{Network, Trust};
use crate::http::subscriptions;
use crate::server::descriptors;
use crate::server::{EACH_PART, Rate, Serving, usual_in_work};
use crate::state::MAX_BODY;

use super::common_args::KnownArgs;
use super::failure::Failure;
use super::standing::{Files, Standing};

/// The longest limit of time, a year in seconds: a moment far beyond it cannot be told.
const LONGEST: u64 = 31_536_000;

/// How log lines are written.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// 打开一本账簿的网页和接口服务
/// Serve a ledger: web pages and API
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    after_help = "\
示例 / Examples:
  hourbook serve --data ./data
  hourbook serve --data ./data --listen 0.0.0.0:443 --tls-cert chain.pem --tls-key key.pem
  hourbook serve --data ./data --archive /mnt/archive/hourbook
  HOURBOOK_LOG_FORMAT=json hourbook serve --data ./data --trusted-proxy 10.0.0.0/8

收到 SIGTERM 或 Ctrl-C 后，完成进行中的请求再退出；再次收到则立即退出。收到 SIGHUP 时重新读取证书。
On SIGTERM or Ctrl-C it finishes what is under way and ends; a second one ends it at once. On SIGHUP it reads the
certificate again."
)]
pub(super) struct ServeArgs {
    /// 账簿目录 / directory of the ledger
    #[arg(long, value_name = "DIR", env = "HOURBOOK_DATA")]
    pub(super) data: PathBuf,
    /// 监听地址；默认为 init 时所定，否则 127.0.0.1:8080 / address to listen on; default: what init was told, else 127.0.0.1:8080
    #[arg(long, value_name = "ADDR", env = "HOURBOOK_LISTEN")]
    pub(super) listen: Option<SocketAddr>,
    /// 另一块磁盘上的文件：运行中不断存入最新检查点，启动时据此拒绝被回退的账簿 / a file on another disk: kept at the newest checkpoint, and a ledger behind it is refused at the next start
    #[arg(long, value_name = "FILE", env = "HOURBOOK_GUARD")]
    pub(super) guard: Option<PathBuf>,
    /// 归档目录：较早的条目移到这里，每 256 条一个文件，任何人可用第三方软件核验；给过一次就会记住 / directory of the archive: old entries move there, 256 a file, where other software can verify them; remembered once given
    #[arg(long, value_name = "DIR", env = "HOURBOOK_ARCHIVE")]
    pub(super) archive: Option<PathBuf>,
    /// 最新的多少包（每包 256 条）不归档 / how many of the newest bundles of 256 entries are not archived
    #[arg(long, value_name = "N", env = "HOURBOOK_ARCHIVE_KEEP", default_value_t = 4_096)]
    pub(super) archive_keep: u64,
    /// 放弃保密库中被截掉的内容，以现有内容继续 / give up values that were cut off the vault, and go on with those that are there
    #[arg(long, env = "HOURBOOK_ACCEPT_LOST")]
    pub(super) accept_lost: bool,
    /// 时钟正确，即使比最后一条记录超前 35 天以上（例如账簿停用了一年） / the clock is right, even if it is more than 35 days ahead of the last entry (the ledger slept for a year)
    #[arg(long, env = "HOURBOOK_ACCEPT_CLOCK")]
    pub(super) accept_clock: bool,
    #[command(flatten)]
    pub(super) known: KnownArgs,
    /// TLS 证书链（PEM），本机证书在先；默认为 init 时所定 / TLS certificate chain (PEM), the server's own first; default: what init was told
    #[arg(long, value_name = "FILE", env = "HOURBOOK_TLS_CERT", requires = "tls_key")]
    pub(super) tls_cert: Option<PathBuf>,
    /// 证书的私钥（PEM） / the certificate's private key (PEM)
    #[arg(long, value_name = "FILE", env = "HOURBOOK_TLS_KEY", requires = "tls_cert")]
    pub(super) tls_key: Option<PathBuf>,
    /// 可信代理的地址或网段，逗号分隔：采信其 X-Forwarded-For 和 X-Forwarded-Proto / addresses or networks of proxies, separated by commas, whose X-Forwarded-For and X-Forwarded-Proto are believed
    #[arg(
        long,
        value_name = "NET",
        env = "HOURBOOK_TRUSTED_PROXY",
        value_delimiter = ',',
        default_value = "127.0.0.0/8,::1"
    )]
    pub(super) trusted_proxy: Vec<Network>,
    /// 同时的连接数，其余等待；默认 4096，且给账簿自身留 128 个文件描述符 / connections at once; further ones wait. Default: 4096, or as many as the limit of open files leaves beside the 128 that are kept for the ledger itself
    #[arg(long, value_name = "N", env = "HOURBOOK_CONNECTIONS", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(super) connections: Option<u32>,
    /// 每个客户端（IPv6 按 /64）同时的连接数，超出即断开；不给则为总数的八分之一 / connections at once of one client (IPv6: a /64), further ones are closed; an eighth of all if not given
    #[arg(long, value_name = "N", env = "HOURBOOK_CONNECTIONS_EACH", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(super) connections_each: Option<u32>,
    /// 每个客户端（IPv6 按 /64）同时处理的请求数，其余排队；不给则每核 16 个，至少 32 个 / requests of one client (IPv6: a /64) in work at once, further ones wait their turn; 16 a core and at least 32 if not given
    #[arg(long, value_name = "N", env = "HOURBOOK_REQUESTS_EACH", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(super) requests_each: Option<u32>,
    /// 每个客户端每秒请求数，0 为不限 / requests a second of one client; 0 is no limit
    #[arg(long, value_name = "N", env = "HOURBOOK_RATE", default_value_t = 0)]
    pub(super) rate: u32,
    /// 每个客户端（IPv6 按 /64）可连续输错登录码的次数，之后每半小时一次 / wrong one-time codes that a client (IPv6: a /64) may type in a row; then one in half an hour
    #[arg(long, value_name = "N", env = "HOURBOOK_CODE_ATTEMPTS", default_value_t = sign_in_limits::EACH.get(), value_parser = clap::value_parser!(u32).range(1..=i64::from(sign_in_limits::EACH_AT_MOST)))]
    pub(super) code_attempts: u32,
    /// 每分钟输错多于此数，即视为有人猜码：此时每个客户端只许连错两次 / more wrong codes in a minute than this mean that somebody guesses: then a client may be wrong twice in a row
    #[arg(long, value_name = "N", env = "HOURBOOK_CODE_ATTEMPTS_ALL", default_value_t = sign_in_limits::ALL.get(), value_parser = clap::value_parser!(u32).range(1..=60_000))]
    pub(super) code_attempts_all: u32,
    /// 请求体最大字节数 / most bytes of a request's body
    #[arg(long, value_name = "BYTES", env = "HOURBOOK_BODY_BYTES", default_value_t = MAX_BODY as u32, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) body_bytes: u32,
    /// TLS 握手和请求头的时限，也是连接的空闲时限（秒；HTTP/2 最多两倍） / time for a TLS handshake and a request's head, and for a connection to be idle (HTTP/2: up to twice that), in seconds
    #[arg(long, value_name = "SECONDS", env = "HOURBOOK_HEADER_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=LONGEST))]
    pub(super) header_seconds: u64,
    /// 请求处理时限（秒） / time to the head of an answer, in seconds
    #[arg(long, value_name = "SECONDS", env = "HOURBOOK_REQUEST_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=LONGEST))]
    pub(super) request_seconds: u64,
    /// 客户端不读取应答多久后被断开（秒），不计每秒一千字节的读取时间 / how long a client may leave answers unread, in seconds, beside the time to read them at a kilobyte a second
    #[arg(long, value_name = "SECONDS", env = "HOURBOOK_WRITE_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=LONGEST))]
    pub(super) write_seconds: u64,
    /// 停止时等待进行中请求的时限（秒） / how long requests under way have when the server ends, in seconds
    #[arg(long, value_name = "SECONDS", env = "HOURBOOK_DRAIN_SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(..=LONGEST))]
    pub(super) drain_seconds: u64,
    /// 同时的订阅数 / subscriptions at once
    #[arg(long, value_name = "N", env = "HOURBOOK_SUBSCRIPTIONS", default_value_t = subscriptions::Settings::default().at_once as u32, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    pub(super) subscriptions: u32,
    /// 订阅者不读取多久后被断开（秒） / how long a subscriber may take nothing before it is ended, in seconds
    #[arg(long, value_name = "SECONDS", env = "HOURBOOK_SUBSCRIBER_SECONDS", default_value_t = subscriptions::Settings::default().patience.as_secs(), value_parser = clap::value_parser!(u64).range(1..=LONGEST))]
    pub(super) subscriber_seconds: u64,
    /// 日志格式，输出到标准错误；RUST_LOG 决定多少 / format of the log, which goes to standard error; RUST_LOG says how much
    #[arg(long, value_name = "FORMAT", env = "HOURBOOK_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub(super) log_format: LogFormat,
}

impl ServeArgs {
    /// Where the ledger stands: as it was founded, but for what is said here.
    pub(super) fn standing(&self) -> Result<Standing, Failure> {
        let kept = Standing::read(&self.data)?;
        let named = self.tls_cert.as_ref().zip(self.tls_key.as_ref());
        let named = named.map(|(cert, key)| Files::elsewhere(cert, key)).transpose()?;
        let tls = named.or(kept.tls);
        Ok(Standing { listen: self.listen.unwrap_or(kept.listen), tls, names: kept.names })
    }

    /// How connections are taken.
    pub(super) fn serving(&self, standing: &Standing) -> Result<Serving, Failure> {
        let tls = standing.tls(&self.data)?;
        let connections = descriptors::connections(descriptors::raise(), self.connections);
        Ok(Serving {
            tls,
            connections,
            each: self
                .connections_each
                .map_or(connections.div_ceil(EACH_PART as usize), |each| each as usize),
            head: Duration::from_secs(self.header_seconds),
            request: Duration::from_secs(self.request_seconds),
            write: Duration::from_secs(self.write_seconds),
            drain: Duration::from_secs(self.drain_seconds),
            trust: Trust(self.trusted_proxy.clone()),
            in_work: self.requests_each.map_or_else(usual_in_work, |each| each as usize),
            rate: NonZeroU32::new(self.rate).map(Rate::a_second),
        })
    }

    /// How the ledger is opened.
    pub(super) fn app(&self) -> AppOptions {
        let mut options = AppOptions::system();
        options.node.accept_clock = self.accept_clock;
        options.node.lost = if self.accept_lost { Lost::Accepted } else { Lost::Refused };
        let keep = self.archive_keep;
        options.node.engine.archive = self.archive.clone().map(|dir| ArchiveOptions { dir, keep });
        let [each, all] = [self.code_attempts, self.code_attempts_all].map(NonZeroU32::new);
        options.limits = Limits::of(each.unwrap_or(sign_in_limits::EACH), all.unwrap_or(sign_in_limits::ALL));
        options.max_body = self.body_bytes as usize;
        options.feed.at_once = self.subscriptions as usize;
        options.feed.patience = Duration::from_secs(self.subscriber_seconds);
        options
    }
}
