//! Sign in by one-time code.

use maud::{Markup, html};

use crate::ui::components::heading;
use crate::ui::icons::{Icon, icon};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::{assets, demo_data, paths, sign_bar};

/// What was wrong with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing typed.
    Missing,
    /// No such code, or it was used before or has run out.
    WrongOrUsed,
    /// The ledger takes nothing just now.
    Busy,
    /// Too many attempts.
    Wait {
        /// Minutes until the next attempt.
        minutes: u64,
    },
}

/// What the form shows.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// What was wrong with the last attempt.
    pub fault: Option<Fault>,
    /// Where to go afterwards: a path of this site, posted as `next`.
    pub next: Option<String>,
    /// The ledger's name, whose keys are meant.
    pub ledger: String,
}

/// Renders the form. It posts `code` (and `next`) to [`paths::SIGN_IN`].
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("登录", "Sign in");
    let body = html! {
        div.split.signin {
            section.card {
                (heading(title, Some(shell.t("不用下载，不用密码。", "No app, no password."))))
                (link(shell, view))
                form method="post" action=(paths::SIGN_IN) {
                    (code(shell, view))
                    @if let Some(next) = &view.next { input type="hidden" name="next" value=(next); }
                    button type="submit" { (shell.t("登录", "Sign in")) }
                }
                (by_key(shell, view))
                details.why {
                    summary { (shell.t("没有登录码，或换了手机？", "No code, or a new phone?")) }
                    p {
                        (shell.t("请到所在社区的服务台，工作人员核对身份后当场给您新的登录码。记录不会丢。", "Go to the desk of your community: staff check who you are and give you a new code. Nothing is lost."))
                    }
                }
            }
            section.card.after {
                h2 { (shell.t("登录后看到什么", "What you will see")) }
                ul.ticks {
                    @for text in promises(shell) { li { (icon(Icon::Check)) span { (text) } } }
                }
            }
        }
    };
    page(shell, Some(Tab::Mine), title, &body)
}

/// Who came by a demo link, whose fragment a script reads: it signs in with what it carries, on demo data alone. Elsewhere
/// it says that it did not.
fn link(shell: &Shell, view: &View) -> Markup {
    let next = view.next.as_deref().unwrap_or(paths::TODAY);
    let pin = shell.is_demo.then_some(demo_data::PIN);
    html! {
        div.notice data-link hidden data-ledger=(view.ledger) data-next=(next) data-pin=[pin] {
            div {
                @if shell.is_demo {
                    p role="status" data-told="key" hidden {
                        (shell.t("正在用示范密钥登录。密钥存在这个浏览器里，密码是 ", "Signing in with a demo key. This browser keeps it under the PIN ")) code { (demo_data::PIN) } (shell.t("。", "."))
                    }
                    p role="status" data-told="code" hidden {
                        (shell.t("示范登录码已经填好，请按“登录”。", "The demo code is filled in: press Sign in."))
                    }
                    p.error role="alert" data-fault="no-link" hidden { span { (shell.t("链接不完整。请从终端重新复制。", "The link is not complete. Copy it from the terminal again.")) span data-detail {} } }
                    (sign_bar::faults(shell.lang()))
                } @else {
                    p.error role="alert" data-fault="no-demo" hidden { span {
                        (shell.t("这是示范账簿的登录链接。这本账簿不是示范账簿，没有使用链接里的内容。", "This link is for a ledger of demo data. This ledger is none, so nothing of the link was used."))
                        span data-detail {}
                    } }
                }
            }
        }
    }
}

/// Whoever has a key on this device: a script shows it, for a browser without keys has nothing to offer here.
fn by_key(shell: &Shell, view: &View) -> Markup {
    html! {
        section data-by-key hidden data-ledger=(view.ledger) data-next=(view.next.as_deref().unwrap_or(paths::TODAY)) {
            h2 { (shell.t("用这台设备上的密钥登录", "Sign in with a key on this device")) }
            form {
                label.field { span { (shell.t("姓名", "Name")) } select name="key" {} }
                label.field {
                    span { (shell.t("密码", "PIN")) }
                    input type="password" name="pin" required maxlength="64" autocomplete="current-password";
                    @if shell.is_demo { (demo_data::pin_hint(shell.lang())) }
                }
                (sign_bar::faults(shell.lang()))
                button.second type="submit" { (shell.t("用密钥登录", "Sign in with the key")) }
                div data-forget hidden {
                    p.error role="alert" { (shell.t("服务器不认这把密钥：可能已经停用。请社区给您新的登录码，再建一把。", "The server does not take this key: it may have ended. Ask your community for a code, and make another one.")) }
                    button.second type="button" { (shell.t("从这台设备上移除这把密钥", "Remove this key from the device")) }
                }
            }
        }
        script type="module" src=(assets::script("keys/signin.mjs")) {}
    }
}

/// The field for the code, with its hint and what was wrong tied to it.
fn code(shell: &Shell, view: &View) -> Markup {
    let described = if view.fault.is_some() { "code-error code-hint" } else { "code-hint" };
    html! {
        div.field.wrong[view.fault.is_some()] {
            label for="code" { (shell.t("登录码", "One-time code")) }
            p.hint id="code-hint" { (shell.t("社区给您的那一串数字，只能用一次", "The digits your community gave you; they work once")) }
            @if let Some(fault) = view.fault { p.error id="code-error" { (icon(Icon::Alert)) span { (fault_text(shell, fault)) } } }
            input id="code" name="code" type="text" required
                inputmode="numeric" autocomplete="one-time-code" maxlength="40"
                aria-describedby=(described) aria-invalid=[view.fault.map(|_| "true")];
        }
    }
}

fn promises(shell: &Shell) -> [&str; 4] {
    [
        shell.t("自己的服务时长和时间币", "Your service hours and time credit"),
        shell.t(
            "每一笔由谁记录、谁确认、为什么算数",
            "Who recorded and confirmed each entry, and why it counts",
        ),
        shell.t("打印时长证明单", "A statement to print"),
        shell.t("认领和放下微心愿", "Claiming wishes, and letting them go"),
    ]
}

fn fault_text(shell: &Shell, fault: Fault) -> String {
    match fault {
        Fault::Missing => shell.t("请输入登录码。", "Please type the code.").to_owned(),
        Fault::WrongOrUsed => shell
            .t(
                "登录码不对，或者已经用过、已经过期。请核对，或向社区要一个新的。",
                "This code is wrong, was used before or has run out. Check it, or ask your community for a new one.",
            )
            .to_owned(),
        Fault::Busy => shell.t("系统繁忙，请稍后再试。", "Busy just now; please try again.").to_owned(),
        Fault::Wait { minutes } => format!(
            "{}{minutes}{}",
            shell.t("试的次数太多。请 ", "Too many attempts. Try again in "),
            shell.t(" 分钟后再试。", if minutes == 1 { " minute." } else { " minutes." }),
        ),
    }
}
