//! Who holds a role, by which keys, and the buttons that name a key and end one.

use maud::{Markup, html};

use crate::ui::components::{Pager, Tone, badge, empty, heading, pager, position_link};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::signing::{self, Signed};
use crate::ui::{parts, paths};

/// What the reader sees.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The roles that the reader could grant: first those of whoever has a key that the grant does not name.
    pub offices: Vec<Office>,
    /// The page of them.
    pub pager: Pager,
}

/// A role that somebody holds.
#[derive(Clone, Debug, Default)]
pub struct Office {
    /// Whose.
    pub name: String,
    /// Which, in the page's language.
    pub role: String,
    /// Over what, in the page's language.
    pub over: String,
    /// The person's keys that are in force.
    pub keys: Vec<Key>,
}

/// A key of whoever holds a role.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its id, 32 hexadecimal digits.
    pub id: String,
    /// Log position of its enrolment.
    pub position: u64,
    /// What is signed so that it exercises the role, unless it does.
    pub named: Option<Signed>,
    /// What is signed to end it.
    pub ended: Signed,
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("同事和他们的密钥", "Colleagues and their keys");
    let lead = shell.t(
        "职务只能用任命里写明的密钥行使。同事换了设备，会有一把新密钥：请当面或电话核对全部数字，再写入任命。",
        "A role is exercised by the keys that its grant names. A colleague with a new device has a new key: compare all its digits in person or by phone, then name it.",
    );
    let body = html! {
        (heading(title, Some(lead)))
        @if shell.signer().is_none() {
            p.notice { (shell.t("您以验证码登录：只能查看。写入任命和停用要用密钥登录后签名。", "You signed in with a code, and can only look: sign in with your key to name a key or end one.")) }
        }
        @if view.offices.is_empty() {
            (empty(
                shell.t("这里还没有别人担任职务", "Nobody else holds a role here yet"),
                shell.t("第一个职务用命令行任命：hourbook act do grant-role。", "The first role is granted on the command line: hourbook act do grant-role."),
                None,
            ))
        }
        @for office in &view.offices { (item(shell, office)) }
        (pager(shell, view.pager))
    };
    page(shell, Some(Tab::Mine), title, &body)
}

fn item(shell: &Shell, office: &Office) -> Markup {
    html! {
        section.card {
            h2 { (office.name) }
            p { (office.role) " · " (office.over) }
            @if office.keys.is_empty() {
                p.fine { (shell.t("还没有密钥。请本人用验证码登录，在“我的密钥”里新建。", "No key yet: whoever holds the role signs in with a code and makes one under “My keys”.")) }
            }
            ul.plain { @for key in &office.keys { (of_key(shell, key)) } }
        }
    }
}

fn of_key(shell: &Shell, key: &Key) -> Markup {
    let lang = shell.lang();
    html! {
        li {
            p { code.root { (parts::grouped(&key.id)) } " " (position_link(lang, key.position)) }
            @match &key.named {
                Some(signed) => {
                    p { (badge(Tone::Wait, shell.t("还没有写入任命", "not named by the grant"))) }
                    @if shell.signer().is_some() {
                        (signing::form(shell, paths::COLLEAGUES, signed, &html! {
                            button type="submit" { (shell.t("数字已核对，写入任命", "The digits are the same: name it")) }
                        }))
                    }
                },
                None => p { (badge(Tone::Good, shell.t("行使这个职务", "exercises this role"))) },
            }
            @if shell.signer().is_some() { (lost(shell, key)) }
        }
    }
}

fn lost(shell: &Shell, key: &Key) -> Markup {
    html! {
        details {
            summary { (shell.t("设备丢了？", "Device lost?")) }
            (signing::form(shell, paths::COLLEAGUES, &key.ended, &html! {
                button.second type="submit" { (shell.t("停用这把密钥", "End this key")) }
            }))
            p.fine { (shell.t("不能撤销，要第二个人同意才生效。", "It cannot be undone, and takes effect when a second person agrees.")) }
        }
    }
}
