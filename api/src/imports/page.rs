//! The page that takes a sheet of hours: file, look, sign.

use hourbook_ledger::domain::time::Offset;
use maud::{Markup, html};

use crate::commands::Words;
use crate::ui::components::{breadcrumb, empty, heading};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::{assets, paths, signing};

/// What the reader sees.
#[derive(Clone, Debug)]
pub struct View {
    /// Organisations for which the reader records: id and name.
    pub orgs: Vec<(String, String)>,
    /// The ledger's distance from UTC, by which the script writes times of day.
    pub offset: Offset,
}

/// What the bar says.
const SUM: Words = ("登记 {n} 条，共 {h} 小时 {m} 分", "{n} rows to record, {h} h {m} min in all");

/// What a sheet may say once for all rows: the query's name, label, and an example.
const COMMON: [(&str, Words, &str); 7] = [
    ("activity", ("活动名称", "Activity"), ""),
    ("date", ("日期", "Day"), "2026-11-21"),
    ("start", ("开始时间", "Begin"), "8:30"),
    ("end", ("结束时间", "End"), "11:30"),
    ("place", ("地点", "Place"), ""),
    ("content", ("服务内容", "What was done"), ""),
    ("lead", ("负责人", "In charge"), ""),
];

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("导入签到表", "Hours from a sheet");
    let lead = shell.t(
        "选择表格或粘贴接龙，核对后签名。再由另一位同事审核，时长才算数。",
        "Choose a sheet or paste a list from a chat, check it and sign. The hours count once a colleague has confirmed them.",
    );
    let body = html! {
        (breadcrumb(shell, &[(paths::TODAY, shell.t("今日", "Today"))], title))
        (heading(title, Some(lead)))
        (signing::needs_a_key(shell))
        @if view.orgs.is_empty() {
            section.card { (empty(title, shell.t("您不为任何组织登记时长。", "You record hours for no organisation."), None)) }
        } @else if shell.signer().is_some() {
            (form(shell, view))
        }
    };
    page(shell, Some(Tab::Today), title, &body)
}

fn form(shell: &Shell, view: &View) -> Markup {
    html! {
        form method="post" action=(paths::IMPORT) data-sign="import" data-kind="hours-recorded" data-given="{}" data-inputs="{}"
            data-offset=(view.offset.0) data-done=(paths::TODAY) data-import {
            label.field {
                span { (shell.t("登记单位", "Recorded for")) }
                select name="org" { @for (id, name) in &view.orgs { option value=(id) { (name) } } }
            }
            div.from-file data-file {
                label.field {
                    span { (shell.t("选择表格文件（.xlsx 或 .csv）", "Choose a file (.xlsx or .csv)")) }
                    input type="file" accept=".xlsx,.xlsm,.csv,.txt,.tsv,.xls,.et" aria-describedby="file-hint";
                }
                p.fine id="file-hint" { (shell.t(
                    "表头可以在前四行，标题里的活动名称、时间、地点、负责人对所有行有效；同上和合并的单元格照上一行。身份证号、健康、民族等列不读取。文件不保存在服务器上。",
                    "Heads may stand in the first four rows. What the heading says of activity, time, place and who was in charge holds for all rows; ditto marks and merged cells follow the row above. Columns such as numbers of documents, health or ethnicity are not read. The file is not kept on the server.",
                )) }
                details {
                    summary { (shell.t("没有文件：粘贴接龙或名单", "No file: paste a list from a chat")) }
                    label.field {
                        span { (shell.t("接龙或名单", "List of names")) }
                        textarea rows="6" data-paste spellcheck="false" {}
                    }
                }
                details data-common {
                    summary { (shell.t("表里没有写的，在这里写一次", "What the sheet does not say, once for all rows")) }
                    @for (name, words, example) in COMMON {
                        label.field {
                            span { (shell.words(words)) }
                            input type="text" data-given=(name) maxlength="120" autocomplete="off" placeholder=(example);
                        }
                    }
                }
                label.field {
                    span { (shell.t("补录原因（超过登记期限时填写）", "Why it is entered late (if it is)")) }
                    input type="text" data-late maxlength="120" autocomplete="off";
                }
                p.buttons { button.second type="button" data-read { (shell.t("读取并核对", "Read and check")) } }
                p.error role="alert" data-fault="refused" hidden { span { (shell.t("没有读进来：", "It was not read: ")) span data-detail {} } }
                p.error role="alert" data-fault="network" hidden { span { (shell.t("没有连上服务器。什么也没有登记，请再试一次。", "The server could not be reached. Nothing was recorded; please try again.")) " " span data-detail {} } }
                p.error role="alert" data-fault="differs" hidden { span { (shell.t("服务器给出的登记内容与表格不符，不能签名。请告诉管理员。", "What the server drafted is not what the sheet says, and cannot be signed. Tell the steward.")) " " span data-detail {} } }
            }
            (told(shell))
            (signing::bar(shell, ("签名登记", "Sign and record"), SUM))
            script type="module" src=(assets::script("keys/import.mjs")) {}
        }
    }
}

/// What was read, as the script fills it in.
fn told(shell: &Shell) -> Markup {
    html! {
        section.card data-told hidden
            data-right=(shell.t("读到 {rows} 行，{persons} 人，{activities} 场活动。", "Rows: {rows}; people: {persons}; activities: {activities}."))
            data-known=(shell.t("其中 {count} 行以前登记过，不再登记。", "Recorded before and left out: {count}."))
            data-wrong=(shell.t("有 {count} 处要改，什么也没有登记。", "To be mended: {count}. Nothing was recorded."))
            data-nothing=(shell.t("表里的行以前都登记过，没有新的。", "Every row was recorded before: there is nothing new."))
            data-rest=(shell.t("表格很大：签名后请再选一次同一个文件，继续登记余下的。", "The sheet is large: after signing choose the same file again to go on with the rest."))
            data-more=(shell.t("另有 {count} 行没有显示。", "Rows that are not shown: {count}."))
            data-choose=(shell.t("请选择是哪一位", "Choose who is meant"))
            data-row=(shell.t("行", "Row")) data-match=(shell.t("登记为", "Recorded as")) data-before=(shell.t("以前登记过", "recorded before"))
            data-activity=(shell.t("活动", "Activity")) data-unread=(shell.t("要改", "to mend")) {
            div role="status" { p { b data-summary {} } p data-also {} ul data-occasions {} ul data-notes {} }
            ul.plain data-errors {}
            p.buttons data-mend hidden {
                button.second type="button" data-again { (shell.t("按选择重新核对", "Check again as chosen")) }
                button.second type="button" data-workbook { (shell.t("下载标出错误的表格", "Download the sheet with its mistakes")) }
            }
            label.pick data-only hidden { input type="checkbox" data-only-wrong; span { (shell.t("只看要改的行", "Only rows to be mended")) } }
            div.scroll tabindex="0" role="region" aria-label=(shell.t("表格", "The sheet")) { table.sheet data-grid {} }
        }
    }
}
