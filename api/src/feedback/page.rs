//! The sheets of a quarter, as they are printed, one of each unit.

use maud::{Markup, html};

use crate::commands::Words;
use crate::ui::components::{Choice, Column, breadcrumb, empty, filters, heading, select, table};
use crate::ui::i18n::{self, Lang};
use crate::ui::layout::{Shell, Tab, page, stamp};
use crate::ui::paths;

/// What the reader sees.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The community that tells the units.
    pub community: String,
    /// Its id.
    pub community_id: String,
    /// Those to choose from.
    pub communities: Vec<Choice>,
    /// The period, in words.
    pub period: String,
    /// The same as in an address.
    pub period_code: String,
    /// Those to choose from.
    pub periods: Vec<Choice>,
    /// The unit that is asked for, or all.
    pub unit: Option<String>,
    /// Entries below this position are counted.
    pub end: u64,
    /// The period is over.
    pub is_over: bool,
    /// A sheet of each unit.
    pub sheets: Vec<Sheet>,
}

/// What is told one unit.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// The unit; empty for members of whom none is on record.
    pub unit: String,
    /// Its id.
    pub unit_id: Option<String>,
    /// How many members it is told of.
    pub count: usize,
    /// Its members, if the sheet is shown.
    pub rows: Vec<Row>,
    /// Members who live elsewhere and are not shown to the reader.
    pub hidden: usize,
}

/// A member.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The name.
    pub name: String,
    /// ISO date of the report-in.
    pub since: String,
    /// How often the member served.
    pub times: usize,
    /// Certified minutes.
    pub minutes: u64,
    /// What was done, in words.
    pub content: String,
    /// Wishes taken on.
    pub claimed: usize,
    /// Of them granted.
    pub granted: usize,
}

/// The columns of the sheet that communities hand to units each quarter.
pub const COLUMNS: [Words; 12] = [
    ("序号", "No."),
    ("姓名", "Name"),
    ("所在单位", "Unit"),
    ("报到时间", "Reported in"),
    ("认领岗位", "Post"),
    ("本季度参加服务次数", "Services"),
    ("服务时长(小时)", "Hours"),
    ("主要服务内容", "What was done"),
    ("认领微心愿(个)", "Wishes taken on"),
    ("完成微心愿(个)", "Wishes granted"),
    ("社区评价(好/较好/一般/差)", "The community's word"),
    ("备注", "Remarks"),
];

/// Nothing done is said as such: it is not "did not report in".
pub(super) fn remark(lang: Lang, row: &Row) -> String {
    let none = row.times == 0 && row.claimed == 0;
    if none {
        lang.t("本期无服务记录", "no service on record in this period").to_owned()
    } else {
        String::new()
    }
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("在职党员服务情况反馈表", "Feedback to units");
    let lead = shell.t(
        "每个单位一张，打印后盖章。只写报到后在本社区的服务，不写别处的服务和时间币。",
        "One sheet of each unit, to be printed and sealed. It tells of service for this community alone, of nothing elsewhere and of no credit.",
    );
    let body = html! {
        (breadcrumb(shell, &[(paths::TODAY, shell.t("今日", "Today"))], title))
        div.screen-only {
            (heading(title, Some(lead)))
            (filters(shell, paths::FEEDBACK, &html! {
                @if view.communities.len() > 1 { (select("community", shell.t("社区", "Community"), &view.communities)) }
                (select("period", shell.t("时间", "Period"), &view.periods))
            }))
            @if !view.is_over { p.notice.wait { (shell.t("这个季度还没有结束，数字还会变。", "This quarter is not over: the figures will change.")) } }
            @if !view.sheets.is_empty() {
                @match &view.unit {
                    None => (contents(shell, view)),
                    Some(unit) => {
                        div.buttons {
                            button type="button" data-print { (shell.t("打印", "Print")) }
                            a.button.second href=(paths::feedback_workbook(&view.community_id, &view.period_code, Some(unit), view.end)) { (shell.t("下载表格", "Download as XLSX")) }
                        }
                        p.fine { (frozen(shell, view)) }
                    },
                }
            }
        }
        @if view.sheets.is_empty() {
            section.card { (empty(
                title,
                shell.t("这个时间没有报到党员。", "Nobody was reported in during this period."),
                None,
            )) }
        }
        @for sheet in view.sheets.iter().filter(|sheet| !sheet.rows.is_empty()) { (paper(shell, view, sheet)) }
        script type="module" src=(crate::ui::assets::script("keys/print.mjs")) {}
    };
    page(shell, Some(Tab::Today), title, &body)
}

/// The address shows the same again, whatever is recorded later.
fn frozen(shell: &Shell, view: &View) -> Markup {
    let here = paths::feedback(&view.community_id, &view.period_code, view.unit.as_deref(), view.end);
    html! {
        (shell.t("服务和心愿按截至记录 #", "Service and wishes as of entry #")) (i18n::count(view.end))
        (shell.t(" 计算；报到和单位按现在的登记。", "; report-ins and units as they are registered now. "))
        a href=(here) { (shell.t("固定在这里的链接", "Link that stays there")) }
    }
}

fn contents(shell: &Shell, view: &View) -> Markup {
    let all = paths::feedback(&view.community_id, &view.period_code, Some("all"), view.end);
    html! {
        p.more { a.button href=(all) { (shell.t("打开全部，一次打印", "Open all, to print them at once")) } }
        ul.plain {
            @for sheet in &view.sheets {
                li {
                    @match &sheet.unit_id {
                        Some(id) => a href=(paths::feedback(&view.community_id, &view.period_code, Some(id), view.end)) { (sheet.unit) },
                        None => span { (shell.t("没有登记单位的", "Without a unit on record")) },
                    }
                    " · " (sheet.count) (shell.t(" 人", " people"))
                }
            }
        }
    }
}

fn paper(shell: &Shell, view: &View, sheet: &Sheet) -> Markup {
    let lang = shell.lang();
    let numbered: Vec<(usize, &Row)> = sheet.rows.iter().enumerate().collect();
    let names = COLUMNS.map(|words| shell.words(words));
    let unit = if sheet.unit.is_empty() {
        shell.t("没有登记单位的", "Without a unit on record")
    } else {
        &sheet.unit
    };
    let columns: [Column<'_, (usize, &Row)>; 11] = [
        (names[0], &|(at, _)| html! { (at + 1) }),
        (names[1], &|(_, row)| html! { b { (row.name) } }),
        (names[3], &|(_, row)| html! { (i18n::date(lang, &row.since)) }),
        (names[4], &|_| html! { "\u{a0}" }),
        (names[5], &|(_, row)| html! { (row.times) }),
        (names[6], &|(_, row)| html! { (i18n::hours_minutes(lang, row.minutes)) }),
        (names[7], &|(_, row)| html! { (row.content) }),
        (names[8], &|(_, row)| html! { (row.claimed) }),
        (names[9], &|(_, row)| html! { (row.granted) }),
        (names[10], &|_| html! { "\u{a0}" }),
        (names[11], &|(_, row)| html! { (remark(lang, row)) }),
    ];
    let caption = format!("{}{unit}", shell.t("所在单位：", "Unit: "));
    html! {
        article.card.statement.feedback {
            h2 { (view.community) " " (view.period) " " (shell.t("在职党员进社区服务情况反馈表", "service of members who reported in")) }
            (table(&caption, &columns, &numbered))
            @if sheet.hidden > 0 {
                p.fine { (sheet.hidden) (shell.t(" 人住在别的社区，不在此表。", " live elsewhere and are not on this sheet.")) }
            }
            div.sign {
                p { (shell.t("社区党组织意见", "The community's Party organisation")) }
                p { (shell.t("（盖章）", "(seal)")) }
                p { (shell.t("年　月　日", "Date")) }
            }
            p.fine { (shell.t("截至记录 #", "As of entry #")) (i18n::count(view.end)) }
            (stamp(shell))
        }
    }
}
