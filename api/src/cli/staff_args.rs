//! What staff ask for on the command line about organisations, persons and roles.

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
    /// 登记一个组织 / register one
    Add {
        /// 公开的名称 / its public name
        name: String,
        /// 类别：city、district、street、community、grid、building、work-unit、party-branch、team、social-org / one of these
        #[arg(long, value_name = "KIND")]
        kind: String,
        /// 上级组织的名称或编号 / what it is part of, by name or id
        #[arg(long, value_name = "ORG")]
        parent: Option<String>,
    },
    /// 列出组织 / list organisations
    List {
        /// 只列出此组织及其下级，写名称或编号 / only this one and those below it, by name or id
        #[arg(long, value_name = "ORG")]
        within: Option<String>,
        /// 类别，如 community / only of a kind, such as community
        #[arg(long, value_name = "KIND")]
        kind: Option<String>,
    },
    /// 单位或支部自某日起向社区报到 / a unit or branch reports to a community from a day on
    Link {
        /// 单位或支部的名称或编号 / the unit or branch, by name or id
        unit: String,
        /// 社区的名称或编号 / the community, by name or id
        community: String,
        /// 第一天，如 2027-01-01 / the first day, such as 2027-01-01
        #[arg(long, value_name = "DATE")]
        from: String,
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

#[derive(Subcommand, Debug)]
pub(super) enum PersonWhat {
    /// 登记一个人；姓名和号码不进日志 / register somebody; name and numbers do not go on the log
    Add {
        /// 姓名 / the name
        name: String,
        /// 社区或网格的名称或编号 / the community or grid where the person lives, by name or id
        #[arg(long, value_name = "ORG")]
        home: String,
        /// 电话 / the phone
        #[arg(long)]
        phone: Option<String>,
        /// 志愿者编号 / the volunteer number
        #[arg(long, value_name = "NUMBER")]
        number: Option<String>,
    },
    /// 查找；可以只写一部分，几个词要都符合 / find people by a part of what is known; each word has to fit
    Find {
        /// 姓名、拼音首字母、电话或编号 / name, initials, phone or number
        #[arg(required = true)]
        words: Vec<String>,
    },
    /// 查看一个人 / show one
    Show {
        /// 姓名、电话、志愿者编号或人员编号 / name, phone, volunteer number or id
        person: String,
    },
}

/// 职务：授予或收回
/// Roles: grant or take one
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    subcommand_required = true,
    after_help = "\
示例 / Examples:
  hourbook role grant 王敏 worker --org 听蝉社区 --key-id 0f3c9a7d1e5b2846a0c4d8e2f6b19375 --as me.pem --server http://127.0.0.1:8080
  hourbook role take 王敏 worker --org 听蝉社区 --as me.pem --server http://127.0.0.1:8080

职务只能用写明的密钥行使：请当面或电话核对密钥的全部数字。创始人请写人员编号，不能按姓名查找。
A role is exercised by the key that is named: compare all its digits in person or by phone. A founder
names people by id, and finds nobody by name."
)]
pub(super) struct RoleArgs {
    #[command(subcommand)]
    pub(super) what: RoleWhat,
    #[command(flatten)]
    pub(super) caller: CallerArgs,
}

#[derive(Subcommand, Debug)]
pub(super) enum RoleWhat {
    /// 授予职务；已有的职务再授予，增加一把密钥 / grant a role; granted again, it gains the key
    Grant {
        #[command(flatten)]
        which: WhichRole,
        /// 行使职务的密钥编号 / the id of the key that exercises it
        #[arg(long, value_name = "ID")]
        key_id: String,
    },
    /// 收回职务 / take a role away
    Take {
        #[command(flatten)]
        which: WhichRole,
    },
}

/// 谁的哪个职务 / Whose role, and which
#[derive(Args, Debug)]
pub(super) struct WhichRole {
    /// 姓名、电话、志愿者编号或人员编号 / name, phone, volunteer number or id
    pub(super) person: String,
    /// founder、steward、worker、lead、unit-officer、secretary 或 auditor / one of these names
    pub(super) role: String,
    /// 职务所在组织的名称或编号；省略为整本账簿 / over which organisation, by name or id; the whole ledger if left out
    #[arg(long, value_name = "ORG")]
    pub(super) org: Option<String>,
}
