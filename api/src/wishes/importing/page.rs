//! The form that takes wishes from a file.

use maud::{Markup, html};

use super::super::actions::{MINUTES, ORG, TEXT};
use crate::commands::Words;
use crate::commands::category::CATEGORY;
use crate::ui::components::{breadcrumb, empty, heading};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::signing::{self, Signed};
use crate::ui::{assets, paths};

/// What the reader sees.
#[derive(Clone, Debug)]
pub struct View {
    /// Where the reader posts wishes: id and name.
    pub communities: Vec<(String, String)>,
    /// Code and words of each category.
    pub categories: Vec<(String, String)>,
    /// What is signed.
    pub signed: Signed,
}

/// What the bar says.
const SUM: Words = ("提交 {n} 个心愿", "{n} wishes to post");
/// What most wishes take, in minutes.
const USUAL: u32 = 60;

/// What the script lists beside the wishes, by the name in its answer.
const LISTS: [(&str, Words); 7] = [
    (
        "wrong",
        (
            "这些行没有读进来，请在表格里改好，再选一次文件：",
            "These rows were left out. Mend them in the sheet and choose the file again:",
        ),
    ),
    (
        "unknown",
        (
            "这些人没有登记，请先登记，再选一次文件：",
            "Nobody of this name and phone is registered here. Register them, then choose the file again:",
        ),
    ),
    (
        "ambiguous",
        (
            "姓名和电话都相同的不止一人，请打开本人页面代提：",
            "Several people have this name and phone. Post these from the page of the person:",
        ),
    ),
    (
        "twice",
        (
            "同一人同样的心愿已经提交过，或者在表里出现两次，已跳过：",
            "The same person's same wish was posted before or stands twice, and was skipped:",
        ),
    ),
    (
        "done",
        ("表里写着已经完成，没有读进来：", "The sheet says that these were granted, so they were not read:"),
    ),
    (
        "claimed",
        (
            "表里写着认领单位。审核通过后，请该单位在“以组织名义认领”里勾选：",
            "The sheet names a unit. Once these are vetted, that unit ticks them under “Take wishes on for an organisation”:",
        ),
    ),
    ("unread", ("这些列未读取：", "These columns were not read:")),
];

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("从表格导入心愿", "Wishes from a sheet");
    let lead = shell.t(
        "读取微心愿征集认领台账：心愿人姓名、联系电话、心愿内容、心愿类别。提交后由另一位同事审核。",
        "Reads a register of wishes: name, phone, what is wished for and its category. A colleague vets them next.",
    );
    let body = html! {
        (breadcrumb(shell, &[(paths::POST_WISH, shell.t("代提心愿", "Post a wish for somebody"))], title))
        (heading(title, Some(lead)))
        (signing::needs_a_key(shell))
        @if view.communities.is_empty() {
            section.card { (empty(title, shell.t("您不负责社区的心愿。", "You post wishes for no community."), None)) }
        } @else if shell.signer().is_some() {
            (form(shell, view))
        }
    };
    page(shell, Some(Tab::Today), title, &body)
}

fn form(shell: &Shell, view: &View) -> Markup {
    signing::form(
        shell,
        paths::IMPORT_WISHES,
        &view.signed,
        &html! {
            label.field {
                span { (shell.words(ORG.label)) }
                select name=(ORG.name) { @for (id, name) in &view.communities { option value=(id) { (name) } } }
            }
            label.field {
                span { (shell.t("每个心愿大约需要多少分钟", "Minutes each may take")) }
                input name=(MINUTES.name) type="number" inputmode="numeric" min="1" max="10080" required value=(USUAL);
            }
            (file(shell))
            section.card data-wishes hidden { ul.plain.picks {} }
            (row(shell, view))
            (signing::bar(shell, ("提交", "Post them"), SUM))
            script type="module" src=(assets::script("keys/wishes.mjs")) {}
        },
    )
}

fn file(shell: &Shell) -> Markup {
    html! {
        div.from-file data-file
            data-found=(shell.t("读到 {count} 个可以提交的心愿。请核对，需要时直接改。", "{count} wishes can be posted. Check them, and mend what is wrong there."))
            data-row=(shell.t("第 {line} 行 {name}", "row {line}, {name}")) {
            label.field {
                span { (shell.t("选择表格文件（.xlsx 或 .csv）", "Choose a file (.xlsx or .csv)")) }
                input type="file" accept=".xlsx,.xlsm,.csv,.txt,.tsv,.xls,.et" aria-describedby="file-hint";
            }
            p.fine id="file-hint" { (shell.t(
                "按姓名和电话找到已登记的住户，本人会看到您查过。人员类别、住址、证件号码、金额等其他列不读取、不保存；备注里只读尺码。文件不保存在服务器上。",
                "Residents are found by name and phone, and see that you looked. Other columns, such as kind of person, address, numbers of documents and amounts, are neither read nor kept; of the remarks only sizes are. The file is not kept on the server.",
            )) }
            div role="status" data-told hidden {
                p { b data-count {} }
                @for (name, words) in LISTS {
                    div data-list=(name) hidden {
                        p { (shell.words(words)) }
                        ul {}
                        @if name == "unknown" {
                            label.field {
                                span { (shell.t("没有登记的人，可以复制到登记页", "Those who are not registered, to be copied to the page that registers")) }
                                textarea readonly rows="3" data-to-register {}
                            }
                            p.more { a.button.second href=(paths::REGISTER) target="_blank" rel="noopener" { (shell.t("登记居民", "Register people")) } }
                        }
                    }
                }
            }
            p.error role="alert" data-fault="refused" hidden { span { (shell.t("文件没有读进来：", "The file was not read: ")) span data-detail {} } }
            p.error role="alert" data-fault="network" hidden { span { (shell.t("没有连上服务器，文件没有读进来。请再试一次。", "The server could not be reached, so the file was not read. Please try again.")) " " span data-detail {} } }
        }
    }
}

/// A wish, as the script copies it for each.
fn row(shell: &Shell, view: &View) -> Markup {
    html! {
        template data-wish {
            li {
                label.pick {
                    input type="checkbox" data-pick;
                    span { span.who { b data-who {} } }
                }
                p.error data-child hidden { (shell.t("未成年人，表里没有监护人。征得监护人同意后再勾选。", "A child, and the sheet names no guardian: tick it once the guardian agreed.")) }
                label.field { span { (shell.words(TEXT.label)) } textarea data-field=(TEXT.name) rows="2" maxlength="666" {} }
                label.field {
                    span { (shell.words(CATEGORY.label)) }
                    select data-field=(CATEGORY.name) { @for (code, words) in &view.categories { option value=(code) { (words) } } }
                }
            }
        }
    }
}
