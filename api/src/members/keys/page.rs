//! The keys of a person, and the form by which a browser makes one.

use maud::{Markup, html};

use crate::ui::components::{Tone, badge, breadcrumb, card, empty, heading, position_link};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::{assets, i18n, parts, paths, sign_bar};

/// What the person sees.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The keys, in order of enrolment.
    pub keys: Vec<Key>,
    /// The ledger's name, whose keys are meant.
    pub ledger: String,
    /// Who makes a key here, in a session that a code opened.
    pub maker: Option<Maker>,
}

/// A key of the person.
#[derive(Clone, Debug, Default)]
pub struct Key {
    /// Its id, 32 hexadecimal digits.
    pub id: String,
    /// Log position of its enrolment.
    pub position: u64,
    /// Log position of its end.
    pub ended: Option<u64>,
    /// Until then, an ISO timestamp, it is taken for the hand of whoever handed out the code by which it came.
    pub lent_until: Option<String>,
}

/// Who makes a key.
#[derive(Clone, Debug, Default)]
pub struct Maker {
    /// The id of the person.
    pub person: String,
    /// The own name, by which the key is picked on a device of several people.
    pub name: String,
}

/// Fewest characters of a PIN.
const PIN_LENGTH: u32 = 6;

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("我的密钥", "My keys");
    let lead = shell.t(
        "密钥保存在您的设备上，用来签名。服务器只知道公开的一半。",
        "A key stays on your device and signs what you do. The server knows its public half only.",
    );
    let body = html! {
        (breadcrumb(shell, &[(paths::MY_HOURS, shell.t("我的时长", "My hours"))], title))
        (heading(title, Some(lead)))
        div.split {
            (card("", shell.t("已登记的密钥", "Keys on the log"), &keys(shell, view)))
            div.side {
                (card("", shell.t("在这台设备上新建", "Make one on this device"), &html! {
                    @match &view.maker {
                        Some(maker) => (form(shell, maker, &view.ledger)),
                        None => p { (shell.t("您以密钥登录。要再建一把，请用社区给的登录码登录。", "You signed in with a key. To make another one, sign in with a code from your community.")) },
                    }
                    (sign_bar::unsupported(shell.lang()))
                }))
                (change_pin(shell))
                section.card data-others hidden data-ledger=(view.ledger) {
                    h2 { (shell.t("这台设备上别人的密钥", "Keys of others on this device")) }
                    label.field { span { (shell.t("谁的密钥", "Whose")) } select name="other" {} }
                    (answer(shell))
                }
                (card("", shell.t("退出所有设备上的密钥登录", "End all sessions of my keys"), &everywhere(shell)))
            }
        }
        script type="module" src=(assets::script("keys/own.mjs")) {}
    };
    page(shell, Some(Tab::Mine), title, &body)
}

fn keys(shell: &Shell, view: &View) -> Markup {
    if view.keys.is_empty() {
        return empty(
            shell.t("还没有密钥", "No key yet"),
            shell.t(
                "不用密钥也可以登录、认领和报名；办理职务要用密钥。",
                "You can sign in, claim and sign up without one; whoever holds a role needs one.",
            ),
            None,
        );
    }
    html! { ul.plain { @for key in &view.keys { (item(shell, key)) } } }
}

fn item(shell: &Shell, key: &Key) -> Markup {
    let lang = shell.lang();
    html! {
        li data-key=(key.id) {
            p { code.root { (parts::grouped(&key.id)) } }
            p {
                @if let Some(ended) = key.ended {
                    (badge(Tone::Plain, shell.t("已停用", "ended"))) " " (position_link(lang, ended))
                } @else {
                    (badge(Tone::Good, shell.t("有效", "in force"))) " " (position_link(lang, key.position))
                }
                span data-here hidden { " " (badge(Tone::Good, shell.t("在这台设备上", "on this device"))) }
            }
            div data-tools hidden {
                @if key.ended.is_some() {
                    button.second type="button" data-remove { (shell.t("从这台设备上移除", "Remove from this device")) }
                } @else {
                    details.why {
                        summary { (shell.t("同事要核对这把密钥？", "A colleague compares this key?")) }
                        (answer(shell))
                    }
                }
            }
            @if let (None, Some(until)) = (key.ended, &key.lent_until) {
                p.fine {
                    (shell.t("凭登录码登记，", "It came by a code: until ")) (i18n::date_time(lang, until))
                    (shell.t(" 之前用它做不能撤销的事，要等期满才生效。", " what it does that cannot be undone waits for the term."))
                }
            }
        }
    }
}

/// What the key answers to whoever is about to name it: a script computes it as the digits are typed.
fn answer(shell: &Shell) -> Markup {
    html! {
        label.field {
            span { (shell.t("同事念给您的六位数字", "The six digits that your colleague says")) }
            input data-compare type="text" inputmode="numeric" maxlength="9" autocomplete="off";
        }
        p { (shell.t("请念给同事听：", "Say these in answer: ")) output.spoken {} }
    }
}

fn change_pin(shell: &Shell) -> Markup {
    html! {
        section.card data-change-pin hidden {
            h2 { (shell.t("换密码", "Change the PIN")) }
            form {
                label.field { span { (shell.t("哪一把密钥", "Of which key")) } select name="key" {} }
                label.field {
                    span { (shell.t("现在的密码", "The PIN that holds now")) }
                    input type="password" name="old" maxlength="64" required autocomplete="current-password";
                }
                (new_pin(shell))
                button.second type="submit" { (shell.t("换密码", "Change the PIN")) }
            }
            p.notice role="status" data-done hidden { (shell.t("换好了。只在这台设备上有效。", "Done. It holds on this device alone.")) }
        }
    }
}

/// A PIN and the same again, and what may be wrong with them.
fn new_pin(shell: &Shell) -> Markup {
    html! {
        label.field {
            span { (shell.t("设一个密码（至少 6 位）", "Choose a PIN (6 characters or more)")) }
            input type="password" name="pin" minlength=(PIN_LENGTH) maxlength="64" required autocomplete="new-password";
        }
        label.field {
            span { (shell.t("再输一次", "The same again")) }
            input type="password" name="again" minlength=(PIN_LENGTH) maxlength="64" required autocomplete="new-password";
        }
        p.error role="alert" data-fault="unequal" hidden { span { (shell.t("两次输入的密码不一样。", "The two are not the same.")) span data-detail {} } }
        (sign_bar::faults(shell.lang()))
    }
}

fn everywhere(shell: &Shell) -> Markup {
    html! {
        p { (shell.t(
            "在别处忘了退出？这样会结束您用密钥打开的所有登录，也会退出这里。用登录码打开的登录要到社区结束。密钥本身留在各台设备上。",
            "Forgot to sign out somewhere? This ends every session that your keys opened, and this one. One that a code opened is ended at your community. The keys stay on their devices.",
        )) }
        form method="post" action=(paths::SIGN_OUT) data-out {
            input type="hidden" name="everywhere" value="yes";
            button.second type="submit" { (shell.t("退出所有设备上的密钥登录", "End all sessions of my keys")) }
        }
    }
}

fn form(shell: &Shell, maker: &Maker, ledger: &str) -> Markup {
    html! {
        noscript { p { (shell.t("在网页上建密钥需要打开 JavaScript；也可以用命令行 hourbook key。", "To make a key in the page, turn JavaScript on; or use the command line: hourbook key.")) } }
        div data-make hidden data-person=(maker.person) data-name=(maker.name) data-ledger=(ledger) {
            form {
                (new_pin(shell))
                button type="submit" { (shell.t("新建密钥", "Make the key")) }
            }
            p.fine {
                (shell.t(
                    "密码不会离开这台设备，忘了只能重建密钥。谁偷走整台设备，就能在上面反复猜密码：请设得长一些，丢了设备马上到社区停用密钥。",
                    "The PIN never leaves this device; if you forget it, make a new key. Whoever steals the device can try PINs on it: choose a long one, and have the key ended at your community at once.",
                ))
            }
        }
    }
}
