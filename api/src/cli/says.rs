//! The commands that say something: a line each, from the words of the command to the action. What an action needs to be told
//! is described there, and becomes arguments of the command in `tree`.

/// A command that says something.
pub(super) struct Say {
    /// Its words.
    pub(super) path: &'static str,
    /// The action.
    pub(super) action: &'static str,
    /// What it does; the action says it in English.
    pub(super) zh: &'static str,
    /// The inputs that are told without a name, in this order.
    pub(super) by_place: &'static [&'static str],
    /// Inputs that have another name here than among the inputs of their action.
    named: &'static [(&'static str, &'static str)],
}

impl Say {
    const fn named(self, named: &'static [(&'static str, &'static str)]) -> Self {
        Self { named, ..self }
    }

    /// What an input is called on the command line.
    pub(super) fn flag(&self, input: &'static str) -> &'static str {
        self.named.iter().find(|(of, _)| *of == input).map_or(input, |(_, flag)| flag)
    }
}

const fn say(
    path: &'static str,
    action: &'static str,
    zh: &'static str,
    by_place: &'static [&'static str],
) -> Say {
    Say { path, action, zh, by_place, named: &[] }
}

/// Actions that a command says which has more to do than that.
pub(super) static MORE: &[(&str, &str)] = &[
    ("approve-act", "act approve"),
    ("stop-act", "act stop"),
    ("give-code", "code give"),
    ("enrol-key", "key enrol"),
    ("rotate-key", "key rotate"),
    ("end-key", "key end"),
    ("publish-list", "list publish"),
];

/// Actions that are a part of another, for pages that ask for no more.
pub(super) static PARTS: &[(&str, &str)] = &[("end-lost-key", "key end")];

/// A group of commands that has none of its own.
pub(super) struct Group {
    pub(super) name: &'static str,
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    pub(super) examples: &'static str,
}

/// The groups, in the order of the help.
pub(super) static GROUPS: &[Group] = &[
    Group {
        name: "activity",
        zh: "活动：策划、排班、发布、报名、点名、结束或取消",
        en: "Activities: plan, open shifts, publish, sign up, call the roll, close or cancel",
        examples: "  hourbook activity plan 清理楼道 --org 听蝉社区 --category cleaning --as me.pem
  hourbook activity open 清理楼道 --start '2026-12-05 09:00' --end 11:00 --places 10 --as me.pem
  hourbook activity publish 清理楼道 --as me.pem
  hourbook activity sign-up 清理楼道 --on-behalf 王秀芳 --as me.pem
  hourbook activity roll 清理楼道 --present 王秀芳,李强 --absent 赵安安 --as me.pem
  hourbook activity list --org 听蝉社区 --as me.pem",
    },
    Group {
        name: "hours",
        zh: "时长：登记、确认、更正或作废；登记和确认不能是同一个人",
        en: "Hours: record, confirm, correct or void them; whoever records does not confirm",
        examples: "  hourbook hours record 清理楼道 王秀芳,李强 --org 听蝉社区 --start '2026-12-05 09:00' --end 11:00 --as me.pem
  hourbook hours list --state pending --as other.pem
  hourbook hours confirm 清理楼道 --as other.pem
  hourbook hours correct 清理楼道 王秀芳 --start '2026-12-05 09:00' --end 10:30 --reason 提前离开 --as me.pem",
    },
    Group {
        name: "wish",
        zh: "微心愿：发布、审核、认领、完成、确认，或提出和处理异议",
        en: "Micro-wishes: post, vet, claim, fulfil and confirm them, dispute how it went, decide",
        examples: "  hourbook wish post 王秀芳 --org 听蝉社区 --category repair --text 床头灯坏了 --minutes 30 --as me.pem
  hourbook wish vet 床头灯坏了 --sentence 独居老人想换一盏灯 --as other.pem
  hourbook wish claim 独居老人想换一盏灯 --as volunteer.pem
  hourbook wish confirm 独居老人想换一盏灯 --rating 5 --on-behalf 王秀芳 --as other.pem
  hourbook wish list --state open",
    },
    Group {
        name: "report-in",
        zh: "报到：申请、代为申请、列出、答复或结束",
        en: "Report-ins (报到): file, list, answer or end them",
        examples: "  hourbook report-in file 听蝉社区 --as me.pem
  hourbook report-in list --as worker.pem
  hourbook report-in answer 王秀芳 听蝉社区 --accepted true --as worker.pem",
    },
    Group {
        name: "list",
        zh: "红黄榜：查看、起草、发布，或免予积分；发布和免予须由第二个人同意",
        en: "Red and yellow lists: show, draft or publish one, exempt a member; both wait for a second person",
        examples: "  hourbook list draft 听蝉社区 2026Q3 --as secretary.pem
  hourbook list publish 听蝉社区 2026Q3 --as secretary.pem
  hourbook list show 听蝉社区 2026Q3",
    },
    Group {
        name: "policy",
        zh: "规则：查看现行的，或从以后的某天起采用新的",
        en: "Policies: show what holds, or adopt another from a later day on",
        examples: "  hourbook policy show 听蝉社区
  hourbook policy adopt wishes --from 2027-01-01 --open-claims 3 --fulfil-days 15 --open-days 60 --as steward.pem",
    },
    Group {
        name: "credit",
        zh: "时间币：赠与、捐赠、从互助基金发放、预留、结算或退回",
        en: "Credit: give, donate, grant it out of a fund, set it aside, settle or void that",
        examples: "  hourbook credit give 李强 60 --as me.pem
  hourbook credit grant 听蝉社区 王秀芳 120 --as worker.pem",
    },
    Group {
        name: "role",
        zh: "职务：授予、收回或卸任。职务只能用写明的密钥行使：请当面或电话核对密钥的全部数字。",
        en: "Roles: grant, take or lay one down. A role is exercised by the key that is named: compare all its digits in person or by phone.",
        examples: "  hourbook role grant 王敏 worker --org 听蝉社区 --key-id 0f3c9a7d1e5b2846a0c4d8e2f6b19375 --as me.pem
  hourbook role take 王敏 worker --org 听蝉社区 --as me.pem

创始人请写人员编号，不能按姓名查找。 A founder names people by id, and finds nobody by name.",
    },
    Group {
        name: "notice",
        zh: "公告：发布或撤下",
        en: "Notices: publish one or take it down",
        examples: "  hourbook notice publish 听蝉社区 --title 停水通知 --text 周六停水一天 --from 2026-12-05 --last 2026-12-06 --as me.pem
  hourbook notice list 听蝉社区",
    },
];

/// The commands, in the order of the help.
pub(super) static SAYS: &[Say] = &[
    say("activity plan", "plan-activity", "策划一个活动；发布前只有工作人员看得到", &["title"]),
    say("activity open", "open-shift", "为活动开一个班次", &["activity"]),
    say("activity publish", "publish-activity", "发布，志愿者可以报名", &["activity"]),
    say("activity close", "close-activity", "活动结束", &["activity"]),
    say("activity cancel", "cancel-activity", "活动取消", &["activity"]),
    say("activity sign-up", "sign-up", "报名一个班次", &["activity", "shift"]),
    say("activity withdraw", "withdraw-sign-up", "退出报名", &["activity", "shift"]),
    say("activity roll", "call-roll", "点名：谁到了，谁没来；时长另行登记", &["activity", "shift"]),
    say("hours record", "record-hours", "登记时长；须由另一人确认后才计入", &["activity", "persons"]),
    say("hours confirm", "confirm-hours", "确认别人登记的时长", &["recorded", "rows"]),
    say(
        "hours correct",
        "correct-hours",
        "时间记错了：改正一行；已审核的须由第二个人同意",
        &["recorded", "row"],
    ),
    say("hours void", "void-hours", "记错了：作废一行；已审核的须由第二个人同意", &["recorded", "row"]),
    say("wish post", "post-wish", "为居民发布心愿；审核前不公开", &["resident"]),
    say("wish vet", "vet-wish", "审核别人发布的心愿，写公开的那句话", &["wish"]),
    say("wish claim", "claim-wish", "认领", &["wish"]),
    say("wish claim-together", "claim-wish-together", "为队伍或单位认领，或几个人一起认领", &["wish"]),
    say("wish release", "release-wish", "放下认领的心愿", &["wish"]),
    say("wish fulfil", "fulfil-wish", "已经办好", &["wish", "minutes"]),
    say("wish confirm", "confirm-wish", "住户确认已经实现并评分", &["wish"]),
    say("wish dispute", "dispute-wish", "提出异议", &["wish"]),
    say("wish uphold", "uphold-dispute", "异议成立，重新办理", &["wish"]),
    say("wish reject", "reject-dispute", "异议不成立", &["wish"]),
    say("wish withdraw", "withdraw-wish", "撤回心愿", &["wish"]),
    say("report-in file", "file-report-in", "向社区报到", &["community"]),
    say("report-in file-for", "report-member-in", "代在职党员申请报到", &["person", "community"]),
    say("report-in answer", "answer-report-in", "答复报到申请", &["person", "community"]),
    say("report-in end", "end-report-in", "结束报到", &["person", "community"]),
    say("list exempt", "exempt-member", "免予积分；须由第二个人同意，原因不公开", &["person", "org"]),
    say("policy adopt credit", "adopt-credit-policy", "时间币怎样得、怎样用；全账簿统一", &[]),
    say("policy adopt records", "adopt-record-policy", "时长怎样登记", &[]),
    say("policy adopt wishes", "adopt-wish-policy", "心愿公示多久、能认领几个", &[]),
    say("policy adopt points", "adopt-points-policy", "积分和红黄榜", &[]),
    say("policy adopt calendar", "adopt-calendar", "一年的节假日和调休；全账簿统一", &["year"]),
    say("policy adopt waiting", "adopt-waiting-term", "不可撤销的事项等待几天；全账簿统一", &["days"]),
    say("policy adopt rankings", "adopt-ranking-policy", "是否排名、是否公布红黄榜；全账簿统一", &[]),
    say("credit give", "give-credit", "把自己的时间币赠与亲属；不能收回", &["to", "minutes"]),
    say("credit donate", "donate-credit", "把自己的时间币捐给互助基金；不能收回", &["fund", "minutes"]),
    say("credit grant", "grant-credit", "从互助基金发放；须由第二个人同意", &["fund", "to", "minutes"]),
    say("credit hold", "hold-credit", "为一次服务预留自己的时间币", &["to", "minutes"]),
    say("credit settle", "settle-hold", "服务完成，结算预留；不能收回", &["hold", "minutes"]),
    say("credit void", "void-hold", "没有服务，退回预留", &["hold"]),
    say("notice publish", "publish-notice", "发布公告", &["org"]),
    say("notice withdraw", "withdraw-notice", "撤下公告", &["org", "notice"]),
    say("org add", "register-organisation", "登记一个组织，名称公开", &["name"])
        .named(&[("org-kind", "kind")]),
    say("org link", "report-organisation-in", "单位或支部自某日起向社区双报到", &["org", "parent"]),
    say("org move", "move-organisation", "自某日起改变隶属", &["org", "parent"]),
    say("person add", "register-person", "登记一个人；姓名和号码不进日志", &["name"])
        .named(&[("volunteer-number", "number")]),
    say("person affiliate", "affiliate", "登记归属；得益的一方提出的，须由另一方同意", &["person", "org"]),
    say("person erase", "erase-person", "应本人要求申请删除其信息；须由第二个人同意并等期满", &["person"]),
    say("person erase-me", "request-erasure", "申请删除自己的信息", &[]),
    say("person public-name", "public-name", "是否同意公开自己的姓名", &["agreed"]),
    say("person name-helper", "name-helper", "指定帮手，帮您报名和退出报名", &["helper"]),
    say("person end-helper", "end-helper", "不再要某人做帮手", &["helper"]),
    say("person stop-helping", "stop-helping", "不再做某人的帮手", &["for"]),
    say("role grant", "grant-role", "授予职务；已有的职务再授予，增加一把密钥", &["person", "role"])
        .named(&[("key", "key-id")]),
    say("role take", "take-role", "收回职务", &["person", "role"]),
    say("role lay-down", "lay-down-role", "卸任自己的职务", &["role"]),
    say("code end", "end-session", "收回登录码，或结束用它打开的登录", &["person", "grant"]),
];
