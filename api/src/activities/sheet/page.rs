//! The sign-in sheet (志愿服务活动签到表) as communities keep it, to be signed by hand and entered afterwards.

use maud::{Markup, html};

use crate::activities::desk::When;
use crate::ui::components::breadcrumb;
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::paths;

/// Rows for whoever comes without having signed up, at least.
const EMPTY: usize = 8;
/// So many rows fill one sheet of paper.
const ROWS: usize = 20;

/// What the sheet says.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The activity's id.
    pub activity: String,
    /// What it is called.
    pub title: String,
    /// When it is.
    pub when: When,
    /// Where.
    pub place: String,
    /// Who runs it.
    pub org: String,
    /// Who is in charge.
    pub lead: String,
    /// How many were there, once the roll was called.
    pub present: Option<u64>,
    /// Who signed up: name, and unit or community. A name that the reader may not see is left to be written.
    pub rows: Vec<(String, String)>,
    /// The next shift of the same activity.
    pub next: Option<When>,
}

/// Renders the sheet.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let lang = shell.lang();
    let title = shell.t("志愿服务活动签到表", "Sign-in sheet");
    let activity = paths::activity(&view.activity);
    let heads = [
        shell.t("序号", "No."),
        shell.t("姓名", "Name"),
        shell.t("所在单位（小区）", "Unit or neighbourhood"),
        shell.t("联系电话", "Telephone"),
        shell.t("签到时间", "In"),
        shell.t("签退时间", "Out"),
        shell.t("本人签名", "Signature"),
        shell.t("备注", "Remarks"),
    ];
    let count = (view.rows.len() + EMPTY).max(ROWS);
    let blank = (String::new(), String::new());
    let body = html! {
        (breadcrumb(shell, &[(paths::ACTIVITIES, shell.t("活动", "Activities")), (&activity, &view.title)], title))
        p.notice.plain.screen-only {
            span { (shell.t("用浏览器菜单里的“打印”打印本页，A4 纸；页眉、菜单和按钮不会印出来。", "Print this page from the browser's menu, on A4; header, menus and buttons are left out on paper.")) }
        }
        article.card.statement.sign-in-sheet {
            h1 { (title) }
            dl.sheet-head {
                (said(shell.t("活动名称", "Activity"), &view.title))
                (said(shell.t("活动时间", "When"), &view.when.said(lang)))
                (said(shell.t("活动地点", "Where"), &view.place))
                (said(shell.t("组织单位", "Run by"), &view.org))
                (said(shell.t("负责人", "In charge"), &view.lead))
                (said(shell.t("应到", "Expected"), &view.rows.len().to_string()))
                (said(shell.t("实到", "Present"), &view.present.map(|count| count.to_string()).unwrap_or_default()))
            }
            div.scroll tabindex="0" role="region" aria-label=(title) {
                table.lined {
                    thead { tr { @for head in heads { th scope="col" { (head) } } } }
                    tbody {
                        @for at in 0..count {
                            @let (name, unit) = view.rows.get(at).unwrap_or(&blank);
                            tr { td { (at + 1) } td { (name) } td { (unit) } td {} td {} td {} td {} td {} }
                        }
                    }
                }
            }
            p.next-time {
                (shell.t("下次活动：", "Next time: "))
                @match &view.next {
                    Some(when) => { b { (when.said(lang)) } (shell.t("，地点：", ", where: ")) (view.place) },
                    None => span.blank {},
                }
                (shell.t("。联系人：", ". Whom to call: ")) b { (view.lead) }
                (shell.t("，电话：", ", telephone: ")) span.blank {}
            }
        }
    };
    page(shell, Some(Tab::Activities), title, &body)
}

fn said(label: &str, text: &str) -> Markup {
    html! {
        div { dt { (label) } dd { @if text.is_empty() { span.blank {} } @else { (text) } } }
    }
}
