//! How the site is reached safely: by https, and with its own authority trusted once by each device; or what cannot work
//! here and what to do, where there is no https.

use maud::{Markup, html};

use crate::ui::components::{card, fact, heading};
use crate::ui::layout::{Shell, page};
use crate::ui::paths;
use crate::ui::trust::WAYS;

/// How this reader came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Came {
    /// By https, or on the machine itself: all works.
    #[default]
    Safely,
    /// In the clear.
    Exposed,
}

/// What the page shows.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// How the reader came.
    pub came: Came,
    /// The fingerprint of the site's own authority, if it has one.
    pub fingerprint: Option<String>,
    /// The name in the address, as the reader typed it, without the port.
    pub host: String,
    /// The same site by https, if it speaks that.
    pub safely: Option<String>,
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("怎样安全打开本站", "How to open this site safely");
    let lead = match (view.came, view.fingerprint.is_some()) {
        (Came::Exposed, true) => shell.t(
            "本站用 https。每台电脑、手机先信任一次，以后直接打开。",
            "This site speaks https. Each computer and phone trusts it once, and then opens it as any other.",
        ),
        (Came::Exposed, false) => shell.t(
            "这个页面没有经过 https，有些事在这里做不了。",
            "This page did not come by https, and some things do not work here.",
        ),
        (Came::Safely, _) => shell.t(
            "您打开本站的方式是安全的，密钥可以在这里使用。",
            "You opened this site in a safe way: keys work here.",
        ),
    };
    let body = html! {
        (heading(title, Some(lead)))
        @match &view.fingerprint {
            Some(fingerprint) => { (trusting(shell, view, fingerprint)) }
            None if view.came == Came::Exposed => { (without(shell, view)) }
            None => { p.more { a.button href=(paths::HOME) { (shell.t("回首页", "Back to the start")) } } }
        }
    };
    page(shell, None, title, &body)
}

fn trusting(shell: &Shell, view: &View, fingerprint: &str) -> Markup {
    let certificate = html! {
        p { (shell.t("先下载证书，核对指纹，再按下面的办法安装。它只能证明本站的名称及其下级名称，和内网地址。", "Download the certificate, compare its fingerprint, then install it as below. It can vouch for the names of this site, those below them, and addresses of private networks alone.")) }
        @match view.came {
            Came::Safely => dl.facts { (fact(shell.t("指纹（SHA-256）", "Fingerprint (SHA-256)"), &html! { code.root { (fingerprint) } })) },
            Came::Exposed => p { (shell.t("指纹不写在这里：这个页面没有保护，可能被人改过。请与管理账簿的人给您的纸上核对，不一致就不要安装。", "The fingerprint is not told here: this page is not protected, and somebody could have changed it. Compare it with the paper that whoever runs the ledger gave you, and do not install one that differs.")) },
        }
        p.more { a.button href=(paths::AUTHORITY) { (shell.t("下载证书 ca.crt", "Download ca.crt")) } }
    };
    let then = html! {
        p { (shell.t("装好以后，用这个地址打开；浏览器不再警告，密钥也能用了。", "Once it is installed, open the site at this address: the browser warns no more, and keys work.")) }
        p.more { @if let Some(safely) = &view.safely { a.button.second href=(safely) { (safely) } } }
    };
    html! {
        div.grid {
            (card("", shell.t("一、证书", "1. The certificate"), &certificate))
            (card("", shell.t("二、安装，每台一次", "2. Install it, once on each device"), &ways(shell)))
            @if view.came == Came::Exposed { (card("", shell.t("三、打开", "3. Open it"), &then)) }
        }
    }
}

fn ways(shell: &Shell) -> Markup {
    html! {
        @for way in &WAYS {
            details {
                summary { (shell.words(way.system)) }
                ol.plain.numbered { @for step in way.steps { li { (shell.words(*step)) } } }
            }
        }
    }
}

fn without(shell: &Shell, view: &View) -> Markup {
    let make = format!(
        "hourbook certificate make \\\n  --data DIR \\\n  --name {} \\\n  --authority-key FILE",
        view.host
    );
    let broken = html! {
        ul.plain {
            li { (shell.t("不能新建密钥，不能用密钥登录，也不能签名：浏览器只在 https 或本机上给网页这些功能（crypto.subtle）。", "No key can be made, used to sign in or to sign: browsers give pages these functions (crypto.subtle) by https or on the machine itself alone.")) }
            li { (shell.t("同一网络里的人可能看到登录码和页面内容。", "Others on the same network may read one-time codes and what pages show.")) }
            li { (shell.t("查看公开页面、用登录码登录仍然可以。", "Public pages can be read, and a code signs in, all the same.")) }
        }
    };
    let mend = html! {
        p { (shell.t("请管理账簿的人在服务器上运行下面的命令，再重新启动服务；有域名的，用公共机构的证书，或让前面的代理负责 https 并设置 X-Forwarded-Proto。", "Whoever runs the ledger runs this on the server and starts it again; with a domain, the certificate of a public authority does it, or a proxy in front that speaks https and sets X-Forwarded-Proto.")) }
        pre tabindex="0" { code { (make) } }
        p { (shell.t("着急要签名：到服务器那台电脑上用 localhost 打开，或用密钥文件和命令 hourbook act do。", "To sign now: open it as localhost on the server itself, or use a key file and the command hourbook act do.")) }
    };
    html! {
        div.grid {
            (card("", shell.t("哪些做不了，为什么", "What does not work, and why"), &broken))
            (card("", shell.t("怎么办", "What to do"), &mend))
        }
    }
}
