//! The words for what the ledger knows by code, in both languages.

use hourbook_ledger::domain::event::{
    AccessPurpose, ActKind, ActivityKind, AffiliationKind, Assurance, BodyKind, CreditKind, HoursKind,
    KeyKind, ListKind, MemberKind, OrgKind, ReportInKind, Role, RoleKind, SessionKind,
};
use hourbook_ledger::domain::time::{Date, Period};
use hourbook_projections::directory::ReportInState;
use hourbook_projections::window::Window;

use super::i18n::{self, Lang};
use crate::commands::{Words, category::ALL as CATEGORIES};

/// How many of [`CATEGORIES`] wishes have.
const OF_WISHES: usize = 9;

/// Kinds by the words that people use, those first that a new ledger needs first.
pub(crate) const ORG_KINDS: [(OrgKind, Words); 10] = [
    (OrgKind::Community, ("社区", "community")),
    (OrgKind::Grid, ("网格", "grid")),
    (OrgKind::Building, ("楼栋", "building")),
    (OrgKind::Street, ("街道、镇", "street or town")),
    (OrgKind::District, ("区、县", "district")),
    (OrgKind::City, ("市", "city")),
    (OrgKind::WorkUnit, ("单位", "work unit")),
    (OrgKind::PartyBranch, ("党支部", "Party branch")),
    (OrgKind::Team, ("志愿服务队", "volunteer team")),
    (OrgKind::SocialOrg, ("社会组织", "social organisation")),
];

/// A category in words; one that is not known by the code.
pub(crate) fn category(lang: Lang, code: &str) -> String {
    let known = CATEGORIES.iter().find(|(of, ..)| *of == code);
    known.map_or_else(|| code.to_owned(), |(_, zh, en)| lang.t(zh, en).to_owned())
}

/// The kinds of service, by code and in words.
pub(crate) fn categories(lang: Lang) -> impl Iterator<Item = (&'static str, &'static str)> {
    CATEGORIES.iter().map(move |(code, zh, en)| (*code, lang.t(zh, en)))
}

/// The categories that wishes have, by code.
pub(crate) fn wish_categories() -> impl Iterator<Item = &'static str> {
    CATEGORIES[..OF_WISHES].iter().map(|(code, ..)| *code)
}

pub(crate) fn role(lang: Lang, role: Role) -> &'static str {
    match role {
        Role::Founder => lang.t("创建人", "founder"),
        Role::Steward => lang.t("管理员", "steward"),
        Role::Worker => lang.t("社区工作者", "community worker"),
        Role::Lead => lang.t("领队", "team lead"),
        Role::UnitOfficer => lang.t("单位联络员", "unit officer"),
        Role::Secretary => lang.t("支部书记", "branch secretary"),
        Role::Auditor => lang.t("审计员", "auditor"),
    }
}

/// How somebody belongs to an organisation.
pub(crate) fn affiliation(lang: Lang, kind: AffiliationKind) -> &'static str {
    match kind {
        AffiliationKind::Organisational => lang.t("单位或支部", "unit or branch"),
        AffiliationKind::ReportedIn => lang.t("报到社区", "reported in"),
        AffiliationKind::Resident => lang.t("居住", "lives there"),
        AffiliationKind::Team => lang.t("志愿队伍", "team"),
    }
}

/// How far a report-in has come.
pub(crate) fn report_in(lang: Lang, state: ReportInState) -> &'static str {
    match state {
        ReportInState::Pending => lang.t("等待答复", "not answered yet"),
        ReportInState::Accepted => lang.t("已接收", "accepted"),
        ReportInState::Refused => lang.t("未接收", "refused"),
        ReportInState::Ended => lang.t("已结束", "ended"),
    }
}

/// The first of a person's roles; a volunteer without any.
pub(crate) fn first_role(lang: Lang, mut roles: impl Iterator<Item = Role>) -> &'static str {
    roles.next().map_or(lang.t("志愿者", "volunteer"), |first| role(lang, first))
}

/// Stands for a name that this reader may not see.
pub(crate) fn nameless(lang: Lang) -> &'static str {
    lang.t("姓名不公开", "name not shown")
}

/// What stands for the name of somebody whose data were erased.
pub(crate) fn erased(lang: Lang) -> &'static str {
    lang.t("姓名已删除", "name erased")
}

/// How something was signed.
pub(crate) fn assurance(lang: Lang, assurance: Assurance) -> &'static str {
    match assurance {
        Assurance::DeviceKey => lang.t("设备签名", "signed on a device"),
        Assurance::StaffProxy => lang.t("工作人员代办", "by staff on behalf"),
        Assurance::ServerWitnessed => lang.t("服务器代签", "session witnessed by the server"),
    }
}

/// What a look at a record was for.
pub(crate) fn purpose(lang: Lang, purpose: AccessPurpose) -> &'static str {
    match purpose {
        AccessPurpose::Service => lang.t("社区办事", "community work"),
        AccessPurpose::Verification => lang.t("单位核实", "verification by the unit"),
        AccessPurpose::Audit => lang.t("审计", "audit"),
        AccessPurpose::Fellowship => lang.t("同组织成员", "as a fellow member"),
        AccessPurpose::Help => lang.t("帮助实现心愿", "helping with a wish"),
    }
}

/// What somebody did to another's keys, roles, sessions, consents, affiliations or rows.
pub(crate) fn deed(kind: BodyKind) -> Option<Words> {
    Some(match kind {
        BodyKind::Key(KeyKind::Enrolled) => ("登记了密钥", "enrolled a key"),
        BodyKind::Key(KeyKind::Rotated) => ("更换了密钥", "replaced a key"),
        BodyKind::Key(KeyKind::Revoked) => ("停用了密钥", "revoked a key"),
        BodyKind::Role(RoleKind::Granted) => ("授予了角色", "granted a role"),
        BodyKind::Role(RoleKind::Revoked) => ("收回了角色", "took a role away"),
        BodyKind::Member(MemberKind::Affiliated) => ("登记了归属", "set an affiliation"),
        BodyKind::List(ListKind::MemberExempted) => ("登记了不参评", "excused you from points"),
        BodyKind::ReportIn(ReportInKind::Filed) => ("提交了报到", "filed a report-in"),
        BodyKind::ReportIn(ReportInKind::Answered) => ("答复了报到", "answered the report-in"),
        BodyKind::ReportIn(ReportInKind::Ended) => ("结束了报到", "ended the report-in"),
        BodyKind::Member(MemberKind::ConsentGiven) => {
            ("代您表示同意或不同意公开姓名", "agreed, or not, to naming you in public")
        }
        BodyKind::Member(MemberKind::ErasureRequested) => {
            ("申请删除您的个人信息", "asked to erase your data")
        }
        BodyKind::Member(MemberKind::HelperNamed) => ("为您登记了帮手", "named a helper for you"),
        BodyKind::Member(MemberKind::HelperEnded) => ("结束了帮手的帮助", "ended a helper's help"),
        BodyKind::Session(SessionKind::Granted) => ("发放了登录码", "issued a one-time code"),
        BodyKind::Session(SessionKind::Closed) => ("结束了登录", "ended a session"),
        BodyKind::Hours(HoursKind::Corrected) => ("更正了您的时长", "corrected a row of hours"),
        BodyKind::Activity(ActivityKind::SignedUp) => ("代您报名", "signed you up"),
        BodyKind::Activity(ActivityKind::SignUpWithdrawn) => ("代您取消报名", "withdrew your sign-up"),
        BodyKind::Act(ActKind::Approved) => ("同意了一项待生效的事项", "approved something that waits"),
        BodyKind::Act(ActKind::Stopped) => ("停止了一项待生效的事项", "stopped something that waits"),
        _ => return None,
    })
}

/// What an act that waits comes to, told to whoever has to stand for it.
pub(crate) fn act(kind: BodyKind) -> Option<Words> {
    Some(match kind {
        BodyKind::Hours(HoursKind::Corrected) => ("更正已审核的时长", "Correct confirmed hours"),
        BodyKind::Key(KeyKind::Revoked) => ("停用一把密钥", "End a key"),
        BodyKind::Role(RoleKind::Revoked) => ("收回职务", "Take a role away"),
        BodyKind::Session(SessionKind::Closed) => ("结束一次登录", "End a session"),
        BodyKind::Member(MemberKind::Affiliated) => ("登记归属", "Set an affiliation"),
        BodyKind::Member(MemberKind::ConsentGiven) => ("在榜单上公开姓名", "Name somebody in public"),
        BodyKind::Member(MemberKind::ErasureRequested) => ("删除个人信息", "Erase personal data"),
        BodyKind::Member(MemberKind::HelperNamed) => ("登记帮手", "Name a helper"),
        BodyKind::ReportIn(ReportInKind::Filed) => ("邀请报到", "Invite to report in"),
        BodyKind::List(ListKind::MemberExempted) => ("登记不参评", "Leave somebody out of the points"),
        BodyKind::List(ListKind::Published) => ("公布榜单", "Publish a list"),
        BodyKind::Credit(CreditKind::Transferred) => ("转出互助金的时间币", "Move credit of a fund"),
        _ => return None,
    })
}

/// A period: 2026年第三季度, Q3 2026.
pub(crate) fn period(lang: Lang, period: Period) -> String {
    let quarter = |q: u32| ["一", "二", "三", "四"].get(q as usize - 1).copied().unwrap_or("");
    match (period, lang) {
        (Period::Year(y), Lang::Zh) => format!("{y}年"),
        (Period::Year(y), Lang::En) => y.to_string(),
        (Period::Quarter(y, q), Lang::Zh) => format!("{y}年第{}季度", quarter(q)),
        (Period::Quarter(y, q), Lang::En) => format!("Q{q} {y}"),
        (Period::Month(y, m), lang) => i18n::year_month(lang, y, m),
    }
}

/// Quarters to choose from.
const QUARTERS: usize = 6;

/// The running quarter and those before it, the last that is over first.
pub(crate) fn quarters(today: Date) -> Vec<Period> {
    let [_, running, _] = Period::all_of(today);
    let before = |period: &Period| match Window::In(*period).before() {
        Some(Window::In(before)) => Some(before),
        _ => None,
    };
    let mut all: Vec<_> = std::iter::successors(Some(running), before).take(QUARTERS).collect();
    all.swap(0, 1);
    all
}

/// The value of a window in a query.
pub(crate) fn window_code(window: Window) -> String {
    match window {
        Window::All => "all".to_owned(),
        Window::In(period) => period.to_string(),
    }
}

/// A window in words.
pub(crate) fn window(lang: Lang, window: Window) -> String {
    match window {
        Window::All => lang.t("从开始到现在", "From the beginning").to_owned(),
        Window::In(of) => period(lang, of),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_quarter_that_is_over_stands_first() {
        let of =
            |date: &str| quarters(date.parse().unwrap()).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(of("2026-12-01")[..3], ["2026Q3", "2026Q4", "2026Q2"]);
        assert_eq!(of("2026-02-01")[..3], ["2025Q4", "2026Q1", "2025Q3"]);
    }
}
