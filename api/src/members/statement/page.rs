//! The hours statement: one sheet to print and hand in. The browser prints it; the style sheet removes the rest.

use maud::{Markup, html};

use crate::ui::components::{Column, Pager, breadcrumb, fact, heading, pager, table};
use crate::ui::layout::{Shell, Tab, page, stamp};
use crate::ui::{i18n, paths};

/// What the sheet states.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The person's name.
    pub person: String,
    /// Volunteer number, when there is one.
    pub volunteer_no: Option<String>,
    /// The recording organisation that states it.
    pub issuer: String,
    /// ISO date of the first service covered.
    pub from: String,
    /// ISO date of the last service covered.
    pub to: String,
    /// Confirmed rows, oldest first; page them when there are more than about 60.
    pub rows: Vec<Line>,
    /// Which page.
    pub pager: Pager,
    /// Sum of the confirmed minutes on this sheet.
    pub minutes_here: u64,
    /// Sum of those on all sheets.
    pub minutes_total: u64,
}

/// One service on the sheet.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// ISO date.
    pub date: String,
    /// Activity.
    pub activity: String,
    /// Organising unit.
    pub organisation: String,
    /// Certified minutes.
    pub minutes: u64,
    /// Log position of the confirmation.
    pub position: u64,
}

/// Renders the sheet.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let lang = shell.lang();
    let title = shell.t("志愿服务时长单", "Statement of voluntary service");
    let columns: [Column<'_, Line>; 5] = [
        (shell.t("日期", "Date"), &|line| html! { (i18n::date(lang, &line.date)) }),
        (shell.t("服务", "Service"), &|line| html! { (line.activity) }),
        (shell.t("组织方", "Organiser"), &|line| html! { (line.organisation) }),
        (shell.t("时长", "Time"), &|line| html! { b { (i18n::hours_minutes(lang, line.minutes)) } }),
        (shell.t("记录", "Entry"), &|line| html! { "#" (line.position) }),
    ];
    let caption = format!("{} – {}", i18n::date(lang, &view.from), i18n::date(lang, &view.to));
    let body = html! {
        (breadcrumb(shell, &[(paths::MY_HOURS, shell.t("我的时长", "My hours"))], title))
        p.notice.plain.screen-only {
            span { (shell.t("用浏览器菜单里的“打印”打印本页；页眉、菜单和按钮不会印出来。", "Use your browser to print this page; header, menus and buttons are left out on paper.")) }
        }
        article.card.statement {
            (heading(title, None))
            dl.facts {
                (fact(shell.t("姓名", "Name"), &html! { (view.person) }))
                @if let Some(no) = &view.volunteer_no { (fact(shell.t("志愿者编号", "Volunteer no."), &html! { (no) })) }
                (fact(shell.t("记录单位", "Recorded by"), &html! { (view.issuer) }))
                (fact(shell.t("本张合计", "Total of this sheet"), &html! { b.sum { (i18n::hours_minutes(lang, view.minutes_here)) } }))
                @if view.pager.pages > 1 { (fact(shell.t("张次", "Sheet"), &of_all(shell, view))) }
            }
            (table(&caption, &columns, &view.rows))
            (pager(shell, view.pager))
            (stamp(shell))
            p.root { (shell.t("日志根：", "Log root: ")) code { (shell.as_of.root_hex) } }
            div.sign { p { (shell.t("经办人", "Handled by")) } p { (shell.t("盖章", "Stamp")) } p { (shell.t("日期", "Date")) } }
        }
    };
    page(shell, Some(Tab::Mine), title, &body)
}

/// A stamp on one sheet vouches for that sheet, so the paper says which it is and what all of them say together.
fn of_all(shell: &Shell, view: &View) -> Markup {
    let (page, pages) = (view.pager.page, view.pager.pages);
    let all = i18n::hours_minutes(shell.lang(), view.minutes_total);
    html! {
        (shell.t("第 ", "")) (page) (shell.t(" 张，共 ", " of ")) (pages)
        (shell.t(" 张；全部合计 ", "; total of all sheets: ")) (all)
    }
}
