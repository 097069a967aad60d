//! Stable names in tables, with their Chinese words before them: who reads a head in Chinese reads the cells below it, too.

use hourbook_ledger::domain::event::BodyKind;
use hourbook_ledger::domain::wish::WishState;

use crate::boot;
use crate::commands::category;
use crate::http::names;
use crate::ui::{glossary, labels};

/// Finds the Chinese word of a stable name.
pub(super) type Terms = fn(&str) -> Option<&'static str>;

const HOURS: &[(&str, &str)] = &[
    ("pending", glossary::TO_CONFIRM.zh()),
    ("certified", glossary::CONFIRMED.zh()),
    ("corrected", "已更正"),
];
const ACTIVITIES: &[(&str, &str)] =
    &[("planned", "未发布"), ("published", "已发布"), ("closed", "已结束"), ("cancelled", "已取消")];
const REPORT_INS: &[(&str, &str)] =
    &[("pending", "待答复"), ("accepted", "已接收"), ("refused", "未接收"), ("ended", "已结束")];
const ACTS: &[(&str, &str)] =
    &[("needs-approval", "待同意"), ("term", "等待期满"), ("took-effect", "已生效"), ("stopped", "已停止")];
const COLOURS: &[(&str, &str)] = &[("none", "未上榜"), ("red", "红榜"), ("yellow", "黄榜")];
const STANDINGS: &[(&str, &str)] = &[
    ("scored", "计分"),
    ("zero-service", glossary::NO_SERVICE.zh()),
    ("exempt", glossary::EXEMPT.zh()),
    ("not-reported-in", "未报到"),
];
const POLICIES: &[(&str, &str)] = &[
    ("credit", "时间币"),
    ("records", "时长登记"),
    ("wishes", "心愿"),
    ("points", "积分"),
    ("calendar", "节假日"),
    ("waiting", "等待期"),
];
const CAUSES: &[(&str, &str)] = &[
    ("hours-confirmed", "确认时长"),
    ("hours-corrected", "更正时长"),
    ("credit-transferred", "转出或转入"),
    ("credit-held", "预留"),
    ("hold-settled", "结算预留"),
    ("hold-voided", "退回预留"),
];

fn of(terms: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    terms.iter().find(|(known, _)| *known == name).map(|(_, zh)| *zh)
}

pub(super) fn hours(name: &str) -> Option<&'static str> {
    of(HOURS, name)
}

pub(super) fn activity(name: &str) -> Option<&'static str> {
    of(ACTIVITIES, name)
}

pub(super) fn report_in(name: &str) -> Option<&'static str> {
    of(REPORT_INS, name)
}

pub(super) fn act(name: &str) -> Option<&'static str> {
    of(ACTS, name)
}

pub(super) fn colour(name: &str) -> Option<&'static str> {
    of(COLOURS, name)
}

pub(super) fn standing(name: &str) -> Option<&'static str> {
    of(STANDINGS, name)
}

pub(super) fn policy(name: &str) -> Option<&'static str> {
    of(POLICIES, name)
}

pub(super) fn cause(name: &str) -> Option<&'static str> {
    of(CAUSES, name)
}

pub(super) fn category(name: &str) -> Option<&'static str> {
    category::ALL.iter().find(|(code, ..)| *code == name).map(|(_, zh, _)| *zh)
}

pub(super) fn wish(name: &str) -> Option<&'static str> {
    WishState::ALL.iter().find(|state| state.name() == name).map(|state| state.words().0)
}

pub(super) fn org_kind(name: &str) -> Option<&'static str> {
    labels::ORG_KINDS.iter().find(|(kind, _)| names::org_kind(*kind) == name).map(|(_, (zh, _))| *zh)
}

/// What an event comes to that waits.
pub(super) fn waiting(name: &str) -> Option<&'static str> {
    let kind = BodyKind::all().find(|kind| kind.name() == name)?;
    boot::actions().waits(kind).map(|(zh, _)| zh)
}
