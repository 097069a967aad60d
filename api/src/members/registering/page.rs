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
        }
    };
    page(shell, Some(Tab::Mine), title, &body)
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
            (signing::rows(shell.lang(), &actions::REGISTER_PERSON, label, EXAMPLE))
            (with_code(shell, false))
            button type="submit" { (shell.t("核对并登记", "Check and register")) }
        }))
        p.fine { (shell.t(
            "只读取姓名、电话和志愿者编号三列，其他列不读取、不保存。没有表头时按这个顺序。",
            "Read are name, telephone and volunteer number, in this order if there is no head; other columns are neither read nor kept.",
        )) }
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
            span { (shell.t("同时给一次性登录码，打印成条", "Give a one-time code too, to be printed on a slip")) }
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
        p.notice data-none hidden { (shell.t("没有待打印的登录码。已登记的内容在日志上。", "There are no codes to print. What was registered is on the log.")) }
        div data-slips hidden {
            div.buttons {
                button type="button" data-print { (shell.t("打印", "Print")) }
                button.second type="button" data-done { (shell.t("已交给本人", "Handed over")) }
            }
            template {
                li.slip {
                    p { b data-name {} }
                    p.code data-code {}
                    p.fine { (shell.t("打开 ", "Open ")) span data-where {} "/signin" }
                    p.fine { (shell.t("有效至 ", "Good until ")) span data-until {} (shell.t("，只能用一次", ", once")) }
                }
            }
            ul.slips {}
        }
        script type="module" src=(assets::script("keys/slips.mjs")) {}
    };
    page(shell, Some(Tab::Mine), title, &body)
}
