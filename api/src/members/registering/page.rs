//! The forms that register people, one or a whole sheet, and the slips on which they get their codes.

use maud::{Markup, html};

use super::super::actions;
use crate::commands::{Given, Words};
use crate::ui::components::{breadcrumb, card, empty, heading};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::signing::{self, Signed};
use crate::ui::{assets, forms, paths};

/// What the reader sees.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Communities and grids where the reader registers people: id and name.
    pub homes: Vec<(String, String)>,
    /// Communities to choose from, where there are many: id and name.
    pub communities: Vec<(String, String)>,
}

/// An example of what is copied from a sheet.
const EXAMPLE: Words = (
    "姓名\t电话\n王芳\t13900000001\n李强\t13900000002",
    "name\tphone\nWang Fang\t13900000001\nLi Qiang\t13900000002",
);

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("登记居民和志愿者", "Register people");
    let lead = shell.t(
        "姓名和号码存入保险库，不上日志；本人可以随时查看谁看过。登记前请征得本人同意。",
        "Names and numbers go to the vault, not to the log; each person can see who looked. Ask for consent before you register somebody.",
    );
    let body = html! {
        (breadcrumb(shell, &[(paths::MY_HOURS, shell.t("我的", "Mine"))], title))
        (heading(title, Some(lead)))
        (signing::needs_a_key(shell))
        @if view.homes.is_empty() {
            (empty(
                shell.t("还没有社区或网格", "No community or grid yet"),
                shell.t("人员登记在社区或网格。请先登记组织。", "People are registered at a community or grid: register one first."),
                Some((paths::ORGS, shell.t("登记组织", "Register organisations"))),
            ))
        } @else if shell.signer().is_some() {
            @if !view.communities.is_empty() {
                nav.more-links aria-label=(shell.t("社区", "Community")) {
                    @for (id, name) in &view.communities { a href=(paths::register_at(id)) { (name) } }
                }
            }
            div.split.lists {
                (card("", shell.t("登记一人", "One person"), &one(shell, view)))
                (card("", shell.t("从表格登记多人", "Many, from a sheet"), &many(shell, view)))
            }
            p.more { a href=(paths::SLIPS) { (shell.t("还没有交出去的登录码条", "Code slips that were not handed over yet")) } }
        }
    };
    page(shell, Some(Tab::People), title, &body)
}

fn signed(done: &str) -> Signed {
    Signed::new(&actions::REGISTER_PERSON, Given::default(), done.to_owned())
        .then(&actions::GIVE_CODE, Given::default())
}

fn one(shell: &Shell, view: &View) -> Markup {
    signing::form(
        shell,
        paths::REGISTER,
        &signed(paths::SLIPS),
        &html! {
            (home(shell, view))
            (forms::line(shell, &actions::NAME))
            (forms::line(shell, &actions::PHONE))
            (forms::line(shell, &actions::VOLUNTEER_NUMBER))
            (with_code(shell, true))
            button type="submit" { (shell.t("登记", "Register")) }
        },
    )
}

fn many(shell: &Shell, view: &View) -> Markup {
    let label =
        ("从表格复制，粘贴在这里（可带表头）", "Copy from the sheet and paste here; a head is welcome");
    html! {
        (signing::form(shell, paths::REGISTER, &signed(paths::SLIPS), &html! {
            (home(shell, view))
            (file(shell))
            (signing::rows(shell.lang(), &actions::REGISTER_PERSON, label, EXAMPLE))
            (with_code(shell, false))
            button type="submit" { (shell.t("核对并登记", "Check and register")) }
        }))
        p.fine { (shell.t(
            "粘贴时可以没有表头，按姓名、电话、志愿者编号的顺序。",
            "What is pasted may have no head: name, telephone, volunteer number, in this order.",
        )) }
        script type="module" src=(assets::script("keys/file.mjs")) {}
    }
}

/// A file instead of what is pasted: read by the server, kept by nobody, and put into the field below.
fn file(shell: &Shell) -> Markup {
    let head = [&actions::NAME, &actions::PHONE, &actions::VOLUNTEER_NUMBER];
    // As a form in the page's language would have it.
    let head = head
        .map(|input| shell.t(input.heads.first().unwrap_or(&""), input.heads.last().unwrap_or(&"")))
        .join("\t");
    let list = |name: &str, words: Words| {
        html! {
            div data-wrong[name == "wrong"] data-gone[name == "gone"] data-unread[name == "unread"] data-notes[name == "notes"] hidden {
                p { (shell.words(words)) }
                ul {}
            }
        }
    };
    html! {
        div.from-file data-file data-head=(head)
            data-found=(shell.t("读到 {count} 人，已放在下面的框里。请核对，需要时直接改，然后按“核对并登记”。", "{count} people were found and put into the field below. Check them, mend what is wrong there, then press “Check and register”."))
            data-row=(shell.t("第 {line} 行 {name}", "row {line}, {name}"))
            data-more=(shell.t("还有 {count} 处没有列出", "and {count} more"))
            data-replace=(shell.t("下面的框里还有内容，用文件里的替换吗？", "There is something in the field below. Replace it by what is in the file?")) {
            label.field {
                span { (shell.t("选择表格文件（.xlsx 或 .csv）", "Choose a file (.xlsx or .csv)")) }
                input type="file" accept=".xlsx,.xlsm,.csv,.txt,.tsv,.xls,.et" aria-describedby="file-hint";
            }
            p.fine id="file-hint" { (shell.t(
                "只读取姓名、电话和志愿者编号；重点人员、重点类别、健康、婚姻、民族、死亡日期等其他列不读取、不保存。标为已迁出、已死亡的人跳过。文件不保存在服务器上。.xls 和 .et 请先另存为 .xlsx。",
                "Read are name, telephone and volunteer number; other columns, such as who is watched, health, marriage, people or day of death, are neither read nor kept. Whoever is marked as moved away or dead is skipped. The file is not kept on the server. Save .xls and .et as .xlsx first.",
            )) }
            div role="status" data-told hidden {
                p { b data-count {} }
                (list("wrong", ("这些行没有放进来。请在表格里改好，再选一次文件；或者直接补在框里：", "These rows were left out. Mend them in the sheet and choose the file again, or add them in the field:")))
                (list("gone", ("标为已迁出或已死亡，已跳过：", "Marked as moved away or dead, and skipped:")))
                (list("unread", ("这些列未读取：", "These columns were not read:")))
                (list("notes", ("请留意：", "Please note:")))
            }
            p.error role="alert" data-fault="refused" hidden { span { (shell.t("文件没有读进来：", "The file was not read: ")) span data-detail {} } }
            p.error role="alert" data-fault="network" hidden { span { (shell.t("没有连上服务器，文件没有读进来。请再试一次。", "The server could not be reached, so the file was not read. Please try again.")) " " span data-detail {} } }
        }
    }
}

fn home(shell: &Shell, view: &View) -> Markup {
    html! {
        label.field {
            span { (shell.words(actions::HOME.label)) }
            select name=(actions::HOME.name) {
                @for (id, name) in &view.homes { option value=(id) { (name) } }
            }
        }
    }
}

fn with_code(shell: &Shell, at_first: bool) -> Markup {
    html! {
        label.check {
            input type="checkbox" data-then checked[at_first];
            span { (shell.t("同时给登录码，打印成条", "Give a one-time code too, to be printed on a slip")) }
        }
    }
}

/// Renders the slips. What they say is in the browser alone.
pub fn render_slips(shell: &Shell) -> Markup {
    let title = shell.t("登录码条", "Code slips");
    let lead = shell.t(
        "登录码只在这一页显示这一次。打印或抄下，交给本人，然后点“已交给本人”。",
        "The codes are shown here this once. Print or copy them, hand them over, then press \"Handed over\".",
    );
    let body = html! {
        (breadcrumb(shell, &[(paths::REGISTER, shell.t("登记居民和志愿者", "Register people"))], title))
        (heading(title, Some(lead)))
        noscript { p.notice { (shell.t("这一页需要 JavaScript。", "This page needs JavaScript.")) } }
        p.notice data-here hidden { (shell.t("这台电脑上的地址只有它自己能打开：用手机扫码打不开，请在这台电脑上输入数字。", "Only this computer can open its own address: a phone that scans the square cannot. Type the digits on this computer.")) }
        p.notice data-none hidden { (shell.t("没有待打印的登录码。已登记的内容在日志上。", "There are no codes to print. What was registered is on the log.")) }
        div data-slips hidden {
            div.buttons {
                button type="button" data-print { (shell.t("打印", "Print")) }
                button.second type="button" data-done { (shell.t("已交给本人", "Handed over")) }
            }
            template {
                li.slip {
                    div.square data-square {}
                    div {
                        p { b data-name {} @if shell.is_demo { " " span.badge { (shell.t("示范数据", "demo data")) } } }
                        p.code data-code {}
                        p.fine { (shell.t("扫码，或打开 ", "Scan it, or open ")) span data-where {} }
                        p.fine { (shell.t("有效至 ", "Good until ")) span data-until {} (shell.t("，只能用一次", ", once")) }
                        p.fine { (shell.t("社区电话：", "Telephone of the desk: ")) span.blank {} }
                    }
                }
            }
            ul.slips {}
        }
        script type="module" src=(assets::script("keys/slips.mjs")) {}
    };
    page(shell, Some(Tab::People), title, &body)
}
