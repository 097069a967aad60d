//! What actions are told, in Chinese; the English stands where each is described. Commands and refusals read both.

/// What an input of an action is.
pub(super) fn of(action: &str, input: &str) -> &'static str {
    let there = OF_ACTIONS.iter().find(|(of, name, _)| *of == action && *name == input);
    let anywhere = || INPUTS.iter().find(|(name, _)| *name == input).map_or("", |(_, zh)| zh);
    there.map_or_else(anywhere, |(_, _, zh)| zh)
}

/// What means something else, or more, in one action.
const OF_ACTIONS: &[(&str, &str, &str)] = &[
    ("register-organisation", "name", "公开的名称，不能有个人信息"),
    ("register-organisation", "code", "区划代码"),
    ("register-organisation", "parent", "上级组织的名称或编号；不填为最上级"),
    ("report-organisation-in", "org", "单位或支部的名称或编号"),
    ("report-organisation-in", "parent", "所报到社区的名称或编号"),
    ("move-organisation", "parent", "新的上级组织的名称或编号"),
    ("register-person", "name", "姓名"),
    ("grant-role", "org", "职务所在组织的名称或编号；不填为整本账簿"),
    ("grant-role", "key", "行使职务的密钥编号，32 位"),
    ("take-role", "org", "职务所在组织的名称或编号；不填为整本账簿"),
    ("lay-down-role", "org", "职务所在组织的名称或编号；不填为整本账簿"),
    ("adopt-record-policy", "org", "用于此组织及其下级，写名称或编号；不填为整本账簿"),
    ("adopt-wish-policy", "org", "用于此组织及其下级，写名称或编号；不填为整本账簿"),
    ("adopt-points-policy", "org", "用于此组织及其下级，写名称或编号；不填为整本账簿"),
    ("adopt-points-policy", "wish", "圆梦一个心愿的积分，单位百分之一分"),
    ("claim-wish-together", "org", "认领的队伍或单位的名称或编号；不填为本人"),
    ("post-wish", "text", "住户的原话，审核的人、认领的人和社区看得到"),
    ("end-key", "reason", "原因：retired、lost 或 stolen"),
    ("exempt-member", "reason", "原因，不公开"),
];

const INPUTS: &[(&str, &str)] = &[
    ("absence", "报名后未到的积分，单位百分之一分，为负数"),
    ("absent", "报了名没有来的人，几个人用逗号隔开"),
    ("accepted", "是否接收：true 或 false"),
    ("account-cap", "一个人累计最多得多少分钟时间币"),
    ("act", "事项编号"),
    ("activity", "活动的名称或编号"),
    (
        "affiliation",
        "归属类别：organisational（组织关系）、reported-in（报到）、resident（居住）或 team（队伍）",
    ),
    ("agreed", "是否同意：true 或 false"),
    ("base", "每期的基础分，单位百分之一分"),
    ("batch", "表格编号；不填则随机产生"),
    ("category", crate::commands::category::ABOUT),
    ("ceiling", "最高分，单位百分之一分；不填则没有上限"),
    ("code", "登录码"),
    ("community", "社区或网格的名称或编号"),
    ("content", "服务内容"),
    ("covers", "榜上有谁：direct（直管）或 reported-in（报到）；不填为全部"),
    ("cutoff", "计入的最后一条记录的位置"),
    ("daily-cap", "一个人一天最多得多少分钟时间币"),
    ("days", "等待的天数，7 至 90"),
    ("digest", "榜单各行的 SHA-256，64 位十六进制，草稿里有"),
    ("document", "依据文件的文号；与发文单位一起填，或都不填"),
    ("due-working-days", "服务后几个工作日内登记"),
    ("earn-den", "见 earn-num，至少为 1"),
    ("earn-num", "每服务 earn-den 分钟得多少分钟时间币，按天向下取整"),
    ("end", "结束时间，如 2026-12-05 11:00；同一天可只写 11:00"),
    ("floor", "最低分，单位百分之一分"),
    ("for", "为谁；您是其指定的帮手"),
    ("from", "第一天，如 2026-12-31"),
    ("fulfil-days", "认领后几天内完成"),
    ("fund", "哪个组织的互助基金，写名称或编号"),
    ("grant", "发出登录码的那条记录的编号"),
    ("helper", "帮手：姓名、电话、志愿者编号或人员编号"),
    ("hold", "预留的编号"),
    ("holidays", "放假的工作日，按先后用逗号隔开，如 2026-10-01"),
    ("home", "居住的社区或网格的名称或编号"),
    ("issuer", "发文单位"),
    ("key", "密钥编号，32 位"),
    ("last", "最后一天，如 2026-12-31"),
    ("late-reason", "补录原因；填了即标为事后补录"),
    ("lead", "负责人：姓名、电话、志愿者编号或人员编号；不填就是登记人"),
    ("lead-name", "没有登记的负责人的姓名"),
    ("longest", "一次服务最长多少分钟"),
    ("minutes", "多少分钟"),
    ("minutes-den", "见 minutes-num，至少为 1"),
    ("minutes-num", "每服务 minutes-den 分钟的积分，单位百分之一分，每期向下取整"),
    ("name", "姓名或名称"),
    ("no-service", "没有服务的人：yellow（一律黄榜）或 not-listed（不上榜）；不填按总分"),
    ("notice", "发布公告的那条记录的编号"),
    ("old-key", "被替换的密钥编号，32 位"),
    ("on", "不再报到的第一天，如 2026-12-31"),
    ("open-claims", "一个人同时最多认领几个"),
    ("open-days", "公示多少天"),
    ("org", "组织的名称或编号"),
    (
        "org-kind",
        "组织类别：city、district、street、community、grid、building、work-unit、party-branch、team 或 social-org",
    ),
    ("overdraft", "最多可透支多少分钟"),
    ("parent", "上级组织或所报到社区的名称或编号"),
    ("period", "期间，如 2026、2026Q3 或 2026-09"),
    ("person", "姓名、电话、志愿者编号或人员编号"),
    ("persons", "服务的人，时间相同；几个人用逗号隔开"),
    ("phone", "电话"),
    ("photos", "活动照片的 SHA-256，用逗号隔开"),
    ("place", "地点"),
    ("places", "名额"),
    ("policy", "发布规则的那条记录的编号"),
    ("present", "到场的人，几个人用逗号隔开"),
    ("proof", "密钥的持有证明"),
    ("rankings", "off：不排名，不公布红黄榜；on：排名"),
    ("rating", "满意程度，1 至 5"),
    ("reason", "原因"),
    ("recorded", "哪一次登记：活动名称，或登记的编号"),
    ("red-from", "红榜的最低分，单位百分之一分"),
    ("resident", "谁的心愿：姓名、电话、志愿者编号或人员编号"),
    ("role", "职务：founder、steward、worker、lead、unit-officer、secretary 或 auditor"),
    ("row", "哪一行：服务人的姓名，或从 0 数起的行号"),
    ("rows", "哪几行：服务人的姓名，或从 0 数起的行号，用逗号隔开；不填为全部"),
    ("sentence", "公开的一句话，不能有姓名"),
    ("shift", "班次：开始时间或编号；只有一个班次时可不填"),
    ("start", "开始时间，如 2026-12-05 09:00"),
    ("text", "内容"),
    ("title", "标题"),
    ("to", "给谁：姓名、电话、志愿者编号或人员编号"),
    ("transfer-limit", "一次最多转出多少分钟；不填则没有上限"),
    ("until", "到什么时候，如 2026-12-31 18:00"),
    ("volunteer-number", "志愿者编号"),
    ("wish", "心愿：公开的那句话，或编号"),
    ("with", "一起参加的人，几个人用逗号隔开"),
    ("workdays", "上班的休息日，按先后用逗号隔开，如 2026-10-10"),
    ("year", "年份"),
    ("yellow-to", "黄榜的最高分，单位百分之一分"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boot;

    #[test]
    fn every_input_of_every_action_is_told_in_chinese_and_no_other() {
        let actions = boot::actions();
        let inputs: std::collections::BTreeSet<&str> =
            actions.with_key().flat_map(|action| action.inputs.iter().map(|input| input.name)).collect();
        let told: Vec<&str> = INPUTS.iter().map(|(name, _)| *name).collect();
        assert_eq!(told, inputs.into_iter().collect::<Vec<_>>());
        for (name, input, _) in OF_ACTIONS {
            let action = actions.with_key().find(|action| action.name == *name);
            let inputs = action.unwrap_or_else(|| panic!("no action {name}")).inputs;
            assert!(inputs.iter().any(|known| known.name == *input), "{name}: {input}");
        }
    }
}
