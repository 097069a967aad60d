//! What staff look for on the command line: organisations and persons.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::common_args::CallerArgs;

/// 组织：登记、列出，或让单位、支部向社区双报到
/// Organisations: register or list them, or let a unit or branch report to a community
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    subcommand_required = true,
    after_help = "\
示例 / Examples:
  hourbook org add 第二网格 --kind grid --parent 听蝉社区 --as me.pem --server http://127.0.0.1:8080
  hourbook org list --within 栀川市 --server http://127.0.0.1:8080
  hourbook org link 供水公司 听蝉社区 --from 2027-01-01 --as me.pem --server http://127.0.0.1:8080"
)]
pub(super) struct OrgArgs {
    #[command(subcommand)]
    pub(super) what: OrgWhat,
    #[command(flatten)]
    pub(super) caller: CallerArgs,
}

#[derive(Subcommand, Debug)]
pub(super) enum OrgWhat {
    /// 列出组织 / list organisations
    List {
        /// 只列出此组织及其下级，写名称或编号 / only this one and those below it, by name or id
        #[arg(long, value_name = "ORG")]
        within: Option<String>,
        /// 类别，如 community / only of a kind, such as community
        #[arg(long, value_name = "KIND")]
        kind: Option<String>,
    },
}

/// 居民：登记，按姓名、拼音、电话或编号查找，查看一个人
/// People: register them, find them by name, reading, phone or number, and show one
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    subcommand_required = true,
    after_help = "\
示例 / Examples:
  hourbook person add 王秀芳 --home 听蝉社区 --phone 19900000000 --as me.pem --server http://127.0.0.1:8080
  hourbook person import 居民信息表.xlsx --home 听蝉社区 --as me.pem --server http://127.0.0.1:8080 --dry-run
  hourbook person find wxf --as me.pem --server http://127.0.0.1:8080
  hourbook person find 王 4567 --org 听蝉社区 --as me.pem --server http://127.0.0.1:8080
  hourbook person show 王秀芳 --as me.pem --server http://127.0.0.1:8080

只在您负责的范围内查找；找到谁、查看谁，都记入日志，本人看得到。
Among the people with whom you work; whoever is found or shown sees that on the log."
)]
pub(super) struct PersonArgs {
    #[command(subcommand)]
    pub(super) what: PersonWhat,
    /// 只在此组织内找，写名称或编号 / only within this organisation, by name or id
    #[arg(id = "within", long = "org", value_name = "ORG", global = true)]
    pub(super) org: Option<String>,
    #[command(flatten)]
    pub(super) caller: CallerArgs,
}

#[derive(Args, Debug)]
pub(super) struct RollArgs {
    /// 居民信息表 / the roll
    pub(super) file: PathBuf,
    /// 登记在哪个社区或网格，写名称或编号 / the community or grid where they live, by name or id
    #[arg(long, value_name = "ORG")]
    pub(super) home: String,
    /// 只预览，不登记 / say what would be done, and register nobody
    #[arg(long)]
    pub(super) dry_run: bool,
    /// 像是已登记的人，仍要登记：确是另一个人 / register those, too, who seem to be registered: it is somebody else
    #[arg(long)]
    pub(super) again: bool,
}

#[derive(Subcommand, Debug)]
pub(super) enum PersonWhat {
    /// 查找；可以只写一部分，几个词要都符合 / find people by a part of what is known; each word has to fit
    Find {
        /// 姓名、拼音首字母、电话或编号 / name, initials, phone or number
        #[arg(required = true)]
        words: Vec<String>,
    },
    /// 按居民信息表（XLSX 或 CSV）登记多人：只读取姓名、电话、志愿者编号；已迁出、已死亡、已登记的跳过；有一处错误则不登记任何人 / register people from
    /// a grid's roll (XLSX or CSV): name, phone and volunteer number alone; who has left or died or is registered is skipped; one
    /// mistake, and nobody is registered
    Import(RollArgs),
    /// 查看一个人 / show one
    Show {
        /// 姓名、电话、志愿者编号或人员编号 / name, phone, volunteer number or id
        person: String,
    },
}
