//! What can be asked for on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use hourbook_ledger::domain::time::Date;

use super::common_args::{CallerArgs, KnownArgs, LedgerArgs, PassphraseArgs};
use super::given_args::GivenArgs;

const EXIT_CODES: &str = "\
退出码 / Exit codes:
  0  完成 / done
  1  被规则拒绝，或表格有错误的行，未作任何改动 / refused, or errors in rows: nothing was changed
  2  命令用法有误 / the command line is wrong
  3  账簿、密钥或文件不能使用 / the ledger, a key or a file cannot be used
  4  无法连接服务器 / the server cannot be reached
  10 至 18  审计发现问题，见 hourbook verify --help / an audit found something, see hourbook verify --help";

/// 时光簿：每一小时都可验证的志愿服务与互助时间账簿
/// Hourbook: the time bank whose every hour can be proven
#[derive(Parser, Debug)]
#[command(name = "hourbook", version, verbatim_doc_comment, after_help = EXIT_CODES, subcommand_required = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    Demo(DemoArgs),
    Init(InitArgs),
    Key(KeyArgs),
    Import(ImportArgs),
    Export(super::export::ExportArgs),
    Serve(super::serve_args::ServeArgs),
    Backup(BackupArgs),
    Restore(RestoreArgs),
    Checkpoint(CheckpointArgs),
    Act(ActArgs),
    Org(super::staff_args::OrgArgs),
    Person(super::staff_args::PersonArgs),
    Code(CodeArgs),
    Rules(RulesArgs),
    Clock(ClockArgs),
    Certificate(super::certificate_args::CertificateArgs),
    Show(ShowArgs),
    Verify(super::verify::VerifyArgs),
}

/// 备份账簿（服务运行中亦可），或单独备份密钥；写完后逐一核对
/// Back up a ledger, also while its server runs, or its keys, apart; all of it is read again and checked
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    after_help = "\
示例 / Examples:
  hourbook backup --data ./data --to /backup/ledger
  hourbook backup --data ./data --to /safe/keys --keys

向同一目录再次备份，只增加新的内容；中断后再次运行会接着进行。先备份账簿，再备份密钥。
密钥与账簿的备份不能放在一起。删除某人信息后，请重新备份密钥，并销毁旧的密钥备份。
A second backup into the same directory adds what is new; after an interruption it goes on.
Back up the ledger first, then the keys; they must not lie together. After an erasure back up
the keys again and destroy older backups of them."
)]
pub(super) struct BackupArgs {
    /// 账簿目录 / directory of the ledger
    #[arg(long, value_name = "DIR")]
    pub(super) data: PathBuf,
    /// 备份目录：空目录，或已有此账簿备份的目录 / an empty directory, or one with an earlier backup of this ledger
    #[arg(long, value_name = "DIR")]
    pub(super) to: PathBuf,
    /// 备份密钥而不是账簿 / back up the keys, not the ledger
    #[arg(long)]
    pub(super) keys: bool,
    #[command(flatten)]
    pub(super) known: KnownArgs,
}

/// 从账簿备份和密钥备份恢复到一个空目录；恢复前后逐一核对
/// Restore a ledger from its backup and the backup of its keys into an empty directory; checked before and after
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    after_help = "\
示例 / Examples:
  hourbook restore /backup/ledger --keys /safe/keys --data ./restored
  hourbook restore /backup/ledger --keys /safe/keys --data ./restored --not-before saved.checkpoint

中断后再次运行同一命令会重新开始。已被删除的人，无论密钥备份新旧，都保持删除。
After an interruption the same command begins anew. Whoever was erased stays erased, however
old or new the keys are."
)]
pub(super) struct RestoreArgs {
    /// 账簿备份 / the backup of the ledger
    pub(super) backup: PathBuf,
    /// 密钥备份 / the backup of its keys
    #[arg(long, value_name = "DIR")]
    pub(super) keys: PathBuf,
    /// 新的账簿目录，须为空 / directory of the new ledger; must be empty
    #[arg(long, value_name = "DIR")]
    pub(super) data: PathBuf,
    /// 放弃没有密钥的内容 / give up values for which there is no key
    #[arg(long)]
    pub(super) accept_lost: bool,
    #[command(flatten)]
    pub(super) known: KnownArgs,
}

/// 保存签名的检查点，日后用它识破被回退或改写的账簿
/// Save the signed checkpoint, which later exposes a ledger that was rolled back or rewritten
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    after_help = "\
示例 / Examples:
  hourbook checkpoint --data ./data --out /elsewhere/saved.checkpoint
  hourbook checkpoint --server https://hours.example.org --out saved.checkpoint

服务运行时也可用 --data。With --data also while a server runs on the ledger."
)]
pub(super) struct CheckpointArgs {
    #[command(flatten)]
    pub(super) at: LedgerArgs,
    /// 存入此文件；其中更新的检查点不会被覆盖 / the file; a newer checkpoint in it is not replaced
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
}

/// 查看现行的规则版本，或由创始人采用更新的版本
/// Show which version of the rules is in force, or adopt a later one as a founder
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    after_help = "\
示例 / Examples:
  hourbook rules --server https://hours.example.org
  hourbook rules --data ./data --adopt 2 --as founder-1.pem

各版本的区别见源码 ledger/src/domain/rules.rs 的文档。采用后不能退回；已得出的结果不变。
What differs is documented in ledger/src/domain/rules.rs. There is no way back to an earlier
version; what was derived before stays."
)]
pub(super) struct RulesArgs {
    #[command(flatten)]
    pub(super) at: LedgerArgs,
    /// 采用此版本 / adopt this version
    #[arg(long, value_name = "N", requires = "key")]
    pub(super) adopt: Option<u32>,
    /// 创始人密钥 / a founder's key
    #[arg(long = "as", value_name = "KEY")]
    pub(super) key: Option<PathBuf>,
    #[command(flatten)]
    pub(super) passphrase: PassphraseArgs,
}

/// 查看时钟是否可信；确认时钟，或由创始人更正
/// Show whether the clock is believed; accept it, or correct it as a founder
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    after_help = "\
示例 / Examples:
  hourbook clock --data ./data
  hourbook clock accept --data ./data
  hourbook clock correct --server https://hours.example.org --as founder-1.pem

时钟比最后一条记录超前 35 天以上，或在运行中突变一小时以上，即暂停写入，直到校准或确认。
若已有记录的时间在未来，请先校准时钟，再由创始人更正：更正本身也记入日志。
A clock that is 35 days ahead of the last entry, or moves by an hour while the server runs, stops
what is recorded until it is set right or accepted. If an entry was recorded in the future, set
the clock right first; then a founder corrects it, which is itself an entry of the log."
)]
pub(super) struct ClockArgs {
    #[command(subcommand)]
    pub(super) what: Option<ClockWhat>,
    #[command(flatten)]
    pub(super) at: LedgerArgs,
    /// 创始人密钥 / a founder's key
    #[arg(long = "as", value_name = "KEY", global = true)]
    pub(super) key: Option<PathBuf>,
    #[command(flatten)]
    pub(super) passphrase: PassphraseArgs,
}

#[derive(Subcommand, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClockWhat {
    /// 时钟正确：继续写入，并记入日志 / the clock is right: recording goes on, and the log says so
    Accept,
    /// 最后一条记录的时间在未来：更正 / the last entry lies in the future: correct it
    Correct,
}

/// 查看余额、服务记录、心愿、排行、榜单、组织或账簿
/// Show balances, records, wishes, leaderboards, lists, organisations or the ledger
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    subcommand_required = true,
    after_help = "\
示例 / Examples:
  hourbook show ledger --data ./data
  hourbook show orgs --server http://127.0.0.1:8080 --json
  hourbook show record 王秀芳 --org 听蝉社区 --server http://127.0.0.1:8080 --as me.pem
  hourbook show balance 01890a5d-ac96-774b-bcce-b302099a8057 --server http://127.0.0.1:8080 --as me.pem

姓名、电话要写全，只在您负责的范围内查找。Names and phones are whole, of people with whom you work.
不登录只能看到公开内容。Without --as only what is public is shown."
)]
pub(super) struct ShowArgs {
    #[command(subcommand)]
    pub(super) what: ShowWhat,
    #[command(flatten)]
    pub(super) at: LedgerArgs,
    /// 用此密钥登录 / sign in with this key
    #[arg(long = "as", value_name = "KEY", global = true)]
    pub(super) key: Option<PathBuf>,
    /// 输出 JSON，失败时也是 / print JSON, also of a failure
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) passphrase: PassphraseArgs,
}

#[derive(Subcommand, Debug)]
pub(super) enum ShowWhat {
    /// 时间币余额 / a member's credit
    Balance(WhichMember),
    /// 服务记录 / a member's service record
    Record(WhichMember),
    /// 微心愿 / micro-wishes
    Wishes,
    /// 时长排行 / the leaderboard of a scope
    Leaderboard {
        /// 组织名称或编号，或 ledger / an organisation's name or id, or `ledger`
        #[arg(default_value = "ledger")]
        scope: String,
        /// 期间，如 2026、2026Q1、2026-03 / a period such as 2026, 2026Q1, 2026-03
        #[arg(long)]
        period: Option<String>,
    },
    /// 红黄榜 / a red and yellow list
    List {
        /// 组织名称或编号 / the organisation's name or id
        scope: String,
        /// 期间，如 2026Q1 / the period, such as 2026Q1
        period: String,
    },
    /// 组织 / organisations
    Orgs,
    /// 账簿概况 / the ledger itself
    Ledger,
}

/// 哪个人 / Which person
#[derive(Args, Debug)]
pub(super) struct WhichMember {
    /// 姓名、电话、志愿者编号或人员编号 / the member's name, phone, volunteer number or id
    pub(super) member: String,
    /// 只在此组织内找，写名称或编号 / only within this organisation, by name or id
    #[arg(long, value_name = "ORG")]
    pub(super) org: Option<String>,
}

/// 建一座虚构的示范城市，两年的服务记录，然后打开网页服务
/// Build a demonstration town with two years behind it, then serve it
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    after_help = "\
示例 / Examples:
  hourbook demo
  hourbook demo --people 640 --data ./town --no-serve"
)]
pub(super) struct DemoArgs {
    /// 在职党员人数（至少 13），其余按比例 / in-service members, at least 13; all else in proportion
    #[arg(long, value_name = "N", default_value_t = crate::demo::MEMBERS, value_parser = people)]
    pub(super) people: usize,
    /// 随机种子：同一种子得到同一本账 / seed: the same seed gives the same log
    #[arg(long, value_name = "N", default_value_t = crate::demo::SEED)]
    pub(super) seed: u64,
    /// 最后一个服务日（周六），默认最近的周六 / last service day, a Saturday; default: the most recent one
    #[arg(long, value_name = "DATE")]
    pub(super) until: Option<Date>,
    /// 服务周数 / weeks of service
    #[arg(long, value_name = "N", default_value_t = crate::demo::WEEKS, value_parser = weeks)]
    pub(super) weeks: usize,
    /// 保留在此目录；默认用临时目录，退出时删除 / keep the ledger here; default: a temporary directory
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// 保留生成的表格（含虚构的姓名电话） / keep the sheets here (with made-up names and phones)
    #[arg(long, value_name = "DIR")]
    pub(super) keep_sheets: Option<PathBuf>,
    /// 建成后不启动服务 / stop after building
    #[arg(long)]
    pub(super) no_serve: bool,
    /// 监听地址 / address to serve on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(super) listen: SocketAddr,
}

/// The digits in what somebody typed, if they are six.
fn six_digits(typed: &str) -> Result<String, String> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let is_six = digits.len() == 6 && typed.chars().all(|c| c.is_ascii_digit() || c == ' ');
    is_six.then_some(digits).ok_or_else(|| "请输入六位数字，例如 381204 / six digits, as 381204".to_owned())
}

fn told(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    parts.ok_or_else(|| "请写成 名称=内容 / write NAME=VALUE".to_owned())
}

fn people(text: &str) -> Result<usize, String> {
    between(text, crate::demo::LEAST, 100_000)
}

fn weeks(text: &str) -> Result<usize, String> {
    between(text, 1, 520)
}

fn between(text: &str, low: usize, high: usize) -> Result<usize, String> {
    let number = text.parse().ok().filter(|n| (low..=high).contains(n));
    number.ok_or_else(|| format!("请填写 {low} 至 {high} 的整数 / a whole number from {low} to {high}"))
}

/// 创立一本新账簿，并发布首批规则
/// Found a new ledger and adopt the first policies
#[derive(Args, Debug, Clone)]
#[command(
    verbatim_doc_comment,
    after_help = "\
示例 / Examples:
  hourbook init ./data --origin hours.example.org/town --keys-out ./founder-keys
  hourbook init ./data --origin hours.example.org/town --founder-key me.pem --second-founder other.pub
  hourbook init ./data --origin hours.example.org/town --keys-out ./founder-keys \
      --place 某某社区 --steward 王芳 --steward 李强 --since 2025-01-01
  hourbook init ./data --origin hours.example.org/town --keys-out ./founder-keys \
      --at office --name office-pc --name 192.168.1.10

在终端里运行，没有给出的会逐项询问。给出 --place 和 --steward，就接着打开网页服务，等管理员在网页上建好密钥，
由您核对数字后任命。--at 说明在哪里使用，写进账簿目录，以后 hourbook serve 照此服务。创立者密钥只在任命首批管理员和发布规则时使用，请离线保存。
At a terminal it asks for what was not given. With --place and --steward it goes on to serve the pages, waits until the
stewards have made their keys there, and names them once you have compared the digits. What --at says is written into the
ledger's directory, and `hourbook serve` goes by it. Founder keys name the first
stewards and adopt policies; keep them offline."
)]
pub(super) struct InitArgs {
    /// 账簿目录，须不存在账簿 / directory of the ledger; must not hold one
    pub(super) dir: PathBuf,
    /// 账簿名称：公开网址，不含 https:// / the ledger's name: its public address without https://
    #[arg(long, value_name = "NAME")]
    pub(super) origin: Option<String>,
    /// 市、区、街道或社区的名称 / name of the town or community
    #[arg(long, value_name = "NAME", requires = "steward")]
    pub(super) place: Option<String>,
    /// 它的类别；名称以市、区、街道、社区等结尾时可不填 / its kind, where the name does not tell
    #[arg(long, value_name = "KIND", requires = "place", value_parser = ["city", "district", "street", "community"])]
    pub(super) place_kind: Option<String>,
    /// 首批管理员的姓名，一位或两位 / names of the first stewards, one or two
    #[arg(long, value_name = "NAME", requires = "place", num_args = 1)]
    pub(super) steward: Vec<String>,
    /// 首批规则从哪一天起有效；要导入以前的记录就填那时 / the day from which the first policies hold, to import older sheets
    #[arg(long, value_name = "DATE", conflicts_with = "no_policies")]
    pub(super) since: Option<Date>,
    #[command(flatten)]
    pub(super) stand: super::stand_args::StandArgs,
    /// 不启动服务 / do not serve
    #[arg(long)]
    pub(super) no_serve: bool,
    /// 第一位创立者的密钥文件 / key file of the first founder
    #[arg(long, value_name = "FILE", requires = "second_founder", conflicts_with = "keys_out")]
    pub(super) founder_key: Option<PathBuf>,
    /// 第二位创立者的公钥文件（ed25519:… 一行） / public key of the second founder: a file with its ed25519:… line
    #[arg(long, value_name = "FILE", requires = "founder_key")]
    pub(super) second_founder: Option<PathBuf>,
    /// 生成两把创立者密钥，存于此目录（不可在账簿目录内） / make both founder keys here, outside the ledger's directory
    #[arg(long, value_name = "DIR")]
    pub(super) keys_out: Option<PathBuf>,
    /// 与 UTC 相差的分钟数 / minutes east of UTC
    #[arg(long, value_name = "MINUTES", default_value_t = 480, allow_negative_numbers = true, value_parser = clap::value_parser!(i32).range(-840..=840))]
    pub(super) utc_offset: i32,
    /// 不发布首批规则 / adopt no policies yet
    #[arg(long)]
    pub(super) no_policies: bool,
    #[command(flatten)]
    pub(super) passphrase: PassphraseArgs,
}

/// 生成或查看签名密钥
/// Make or show signing keys
#[derive(Args, Debug)]
#[command(verbatim_doc_comment, subcommand_required = true)]
pub(super) struct KeyArgs {
    #[command(subcommand)]
    pub(super) command: KeyCommand,
}

#[derive(Subcommand, Debug)]
pub(super) enum KeyCommand {
    /// 生成一把密钥（PKCS#8 PEM，仅本人可读）
    /// Make a key (PKCS#8 PEM, readable by its owner alone)
    #[command(
        verbatim_doc_comment,
        after_help = "\
示例 / Examples:
  hourbook key new me.pem
  hourbook key new me.pem --passphrase"
    )]
    New {
        /// 新文件；已存在则拒绝 / a new file; an existing one is not replaced
        file: PathBuf,
        /// 用口令加密（PKCS#8，scrypt；openssl 可读） / encrypt with a passphrase (PKCS#8, scrypt; openssl reads it)
        #[arg(long)]
        passphrase: bool,
        #[command(flatten)]
        from: PassphraseArgs,
    },
    /// 凭登录码把密钥登记为自己的
    /// Enrol the key as one's own, by a one-time code
    #[command(
        verbatim_doc_comment,
        after_help = "\
示例 / Examples:
  hourbook key enrol me.pem --code '6100 0001' --server http://127.0.0.1:8080

登记后 7 天内，凭它做的不可撤销的事要等期满；角色由授予者按密钥编号指定。
For 7 days what it does that cannot be undone waits; a role names the keys by which it is exercised."
    )]
    Enrol(EnrolArgs),
    /// 同事要写入任命时，回答他念的六位数字
    /// Answer the six digits of a colleague who is about to name the key
    #[command(
        verbatim_doc_comment,
        after_help = "\
示例 / Examples:
  hourbook key answer me.pem '381 204' --server http://127.0.0.1:8080

网页上的“我的密钥”同样回答。The page *My keys* answers alike."
    )]
    Answer {
        /// 密钥文件 / key file
        file: PathBuf,
        /// 同事念的六位数字 / the six digits that the colleague says
        #[arg(value_parser = six_digits)]
        digits: String,
        #[command(flatten)]
        at: LedgerArgs,
        #[command(flatten)]
        from: PassphraseArgs,
    },
    /// 停用一把丢失的密钥；不是自己的密钥，要等第二个人同意
    /// End a key that was lost; one of somebody else waits for a second person
    #[command(
        verbatim_doc_comment,
        after_help = "\
示例 / Examples:
  hourbook key end 0f3c9a7d1e5b2846a0c4d8e2f6b19375 --person 王秀芳 --as me.pem --server http://127.0.0.1:8080

不能撤销。It cannot be undone."
    )]
    End {
        /// 密钥编号，32 位 / the key's id, 32 digits
        key_id: String,
        /// 谁的密钥：姓名、电话、志愿者编号或人员编号 / whose: name, phone, volunteer number or id
        #[arg(long, value_name = "PERSON")]
        person: String,
        /// 原因：retired（不再使用）、lost（丢失）或 stolen（被盗：它登记的密钥和所办的事一并作废） / retired, lost or stolen: then
        /// what it enrolled and asserted goes with it
        #[arg(long, value_name = "REASON", default_value = "lost", value_parser = ["retired", "lost", "stolen"])]
        reason: String,
        #[command(flatten)]
        caller: CallerArgs,
    },
    /// 换一把密钥：用旧密钥签名，旧密钥随即停用，职务由新密钥行使
    /// Replace a key by another: signed by the old one, which ends, and whose roles go over
    #[command(
        verbatim_doc_comment,
        after_help = "\
示例 / Examples:
  hourbook key new new.pem
  hourbook key rotate new.pem --as me.pem --server http://127.0.0.1:8080

不能撤销。It cannot be undone."
    )]
    Rotate {
        /// 新密钥的文件 / file of the new key
        file: PathBuf,
        #[command(flatten)]
        caller: CallerArgs,
    },
    /// 显示密钥编号和公钥
    /// Show the key's id and public key
    #[command(verbatim_doc_comment)]
    Show {
        /// 密钥文件 / key file
        file: PathBuf,
        #[command(flatten)]
        from: PassphraseArgs,
        /// 输出 JSON，失败时也是 / print JSON, also of a failure
        #[arg(long)]
        json: bool,
    },
}

/// 把密钥登记到账簿 / What it takes to enrol a key
#[derive(Args, Debug)]
pub(super) struct EnrolArgs {
    /// 密钥文件 / key file
    pub(super) file: PathBuf,
    /// 社区发给本人的登录码 / the one-time code that the community gave its holder
    #[arg(long, value_name = "CODE")]
    pub(super) code: String,
    #[command(flatten)]
    pub(super) at: LedgerArgs,
    /// 输出 JSON，失败时也是 / print JSON, also of a failure
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) from: PassphraseArgs,
}

/// 给居民一个登录码（随机生成，仅显示一次）
/// Give somebody a one-time code: drawn at random, shown once
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    subcommand_negates_reqs = true,
    override_usage = "hourbook code give [OPTIONS] <PERSON>",
    after_help = "\
示例 / Examples:
  hourbook code give 王秀芳 --org 听蝉社区 --as me.pem --server http://127.0.0.1:8080
  hourbook code give 01890a5d-ac96-774b-bcce-b302099a8057 --as me.pem --server http://127.0.0.1:8080

新码发出，旧码作废。A new code ends the one before."
)]
pub(super) struct CodeArgs {
    #[command(subcommand)]
    pub(super) what: Option<CodeWhat>,
    /// 同 give / as give
    #[arg(required = true, hide = true)]
    pub(super) person: Option<String>,
    /// 只在此组织内找，写名称或编号 / only within this organisation, by name or id
    #[arg(long, value_name = "ORG", global = true)]
    pub(super) org: Option<String>,
    #[command(flatten)]
    pub(super) caller: CallerArgs,
}

#[derive(Subcommand, Debug)]
pub(super) enum CodeWhat {
    /// 给某人一个登录码 / give somebody a code
    Give {
        /// 姓名、电话、志愿者编号或人员编号 / name, phone, volunteer number or id
        person: String,
    },
}

impl CodeArgs {
    /// Who is given a code.
    pub(super) fn person(&self) -> &str {
        match &self.what {
            Some(CodeWhat::Give { person }) => person,
            None => self.person.as_deref().unwrap_or_default(),
        }
    }
}

/// 查看、同意或叫停等待生效的事项，或办自己的事
/// See, approve or stop what waits to take effect, or do something of one's own
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    subcommand_required = true,
    after_help = "\
示例 / Examples:
  hourbook act list --as me.pem --server http://127.0.0.1:8080
  hourbook act approve 01890a5d-ac96-774b-bcce-b302099a8057 --as me.pem --server http://127.0.0.1:8080
  hourbook act do claim-wish wish=01890a5d-ac96-774b-bcce-b302099a8057 --as me.pem --server http://127.0.0.1:8080

不能撤销或给人权限的事项，须由第二个人或另一方同意，或等期满。
What cannot be undone or gives rights waits for a second person, the other side, or a term."
)]
pub(super) struct ActArgs {
    #[command(subcommand)]
    pub(super) command: ActCommand,
    #[command(flatten)]
    pub(super) caller: CallerArgs,
}

#[derive(Subcommand, Debug)]
pub(super) enum ActCommand {
    /// 列出与您有关的 / list those that you have a part in
    List,
    /// 同意 / stand for one
    Approve {
        /// 事项编号 / its id
        act: String,
    },
    /// 叫停 / call one off
    Stop {
        /// 事项编号 / its id
        act: String,
    },
    /// 办一件自己的事，如认领心愿；没有这个名称时列出全部 / do something of one's own, such as claiming a wish; a name that is none lists all
    Do {
        /// 名称，如 claim-wish / its name, such as claim-wish
        action: String,
        /// 所需内容，如 wish=编号 person=王秀芳 org=听蝉社区；人和组织可写名称 / what it needs to be told, such as wish=ID; people and organisations by name too
        #[arg(value_name = "FIELD=VALUE", value_parser = told)]
        told: Vec<(String, String)>,
        /// 代办：在服务窗口代此人办 / for this person, who asks for it at the desk
        #[arg(long, value_name = "PERSON")]
        on_behalf: Option<String>,
    },
}

/// 导入志愿服务记录表（XLSX 或 CSV）：先预览，逐行报错，全部正确才写入；重复导入不会重复记录
/// Import a sheet of service records: previewed, errors row by row, all or nothing; a second import changes nothing
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    after_help = "\
示例 / Examples:
  hourbook import 三月.xlsx --as me.pem --data ./data --org 听蝉社区 --dry-run
  hourbook import march.csv --as me.pem --server http://127.0.0.1:8080 --late-reason \"漏录 forgotten\"
  hourbook import 签到表.xlsx --as me.pem --data ./data --content 清扫楼道 --end 11:30
  hourbook import --template 空白表.xlsx
  hourbook import --template 空白表.csv

每行一人一次活动：姓名、电话或志愿者编号、活动名称、日期、开始时间、结束时间、地点、服务内容、负责人。
One row a person and activity: name, phone or volunteer number, activity, date, start, end, place, content, lead.
导入只是登记，须由另一人确认后才计入时长。An import only records: a second person confirms.
表头上方写的“活动名称：… 活动时间：… 活动地点：… 负责人：…”用于没有填写的行；也可以用下面的选项统一填写。
What stands above the table, or is given by the options below, holds for rows that do not say it."
)]
pub(super) struct ImportArgs {
    /// 表格文件 / the sheet
    #[arg(required_unless_present = "template")]
    pub(super) file: Option<PathBuf>,
    /// 登记人的密钥文件 / key file of whoever records
    #[arg(long = "as", value_name = "KEY", required_unless_present = "template")]
    pub(super) key: Option<PathBuf>,
    #[command(flatten)]
    pub(super) at: LedgerArgs,
    /// 只生成空白模板（文件名以 .csv 结尾为 CSV，否则为 XLSX），不导入；不会覆盖已有文件 / write the blank template there, as CSV if the
    /// name says so, else as XLSX, and import nothing
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    pub(super) template: Option<PathBuf>,
    /// 模板用英文 / the template in English
    #[arg(long, requires = "template")]
    pub(super) english: bool,
    /// 登记组织的编号或名称；只有一个职务范围时可省略 / the recording organisation's id or name; needed if you serve several
    #[arg(long, value_name = "ORG")]
    pub(super) org: Option<String>,
    /// 只预览，不写入 / preview only
    #[arg(long)]
    pub(super) dry_run: bool,
    /// 补录原因：标为事后补录 / mark the rows as entered afterwards, for this reason
    #[arg(long, value_name = "TEXT")]
    pub(super) late_reason: Option<String>,
    #[command(flatten)]
    pub(super) given: GivenArgs,
    /// 输出 JSON，失败时也是 / print JSON, also of a failure
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) passphrase: PassphraseArgs,
}
