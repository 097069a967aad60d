//! The log for people: its newest checkpoint, how to check it, and one entry with its proof.

use maud::{Markup, html};

use crate::ui::components::{Tone, breadcrumb, card, fact, heading, notice};
use crate::ui::layout::{Shell, page};
use crate::ui::{i18n, paths};

/// What the page about the whole log shows.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The ledger's name.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// Root of the tree, in hex.
    pub root_hex: String,
    /// Verifies checkpoints, as one line.
    pub vkey: String,
    /// The signed tree head, as it is served.
    pub checkpoint: String,
    /// Where the site is reached, for commands to copy: scheme and host.
    pub base: String,
}

/// Renders the page about the whole log.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("日志与核对", "The log, and how to check it");
    let facts = html! {
        dl.facts {
            (fact(shell.t("账簿名称", "Name"), &html! { code { (view.origin) } }))
            (fact(shell.t("记录数", "Entries"), &html! { b { (i18n::count(view.size)) } }))
            (fact(shell.t("根（十六进制）", "Root, in hex"), &html! { code.root { (view.root_hex) } }))
            (fact(shell.t("验证公钥", "Verifier key"), &html! { code.root { (view.vkey) } }))
        }
        p.more { a.button.second href=(paths::VERIFIER_KEY) { (shell.t("取公钥", "Get the key")) } }
    };
    let signed = html! {
        p { (shell.t("账簿对当前树根的签名。把它抄下来或请别人保存一份，以后就能发现任何改动。", "The ledger's signature on the present root. Note it, or have others keep it: any later change will then show.")) }
        pre tabindex="0" { code { (view.checkpoint) } }
        p.more { a.button.second href=(paths::CHECKPOINT) { (shell.t("取检查点", "Get the checkpoint")) } }
    };
    let body = html! {
        (heading(title, Some(shell.t("同一本日志，人人可以核对，不必相信这个网站。", "One log that anybody can check, without trusting this site."))))
        div.grid {
            (card("", shell.t("现在的状态", "As it stands"), &facts))
            (card("", shell.t("签名检查点", "Signed checkpoint"), &signed))
            (card("wide", shell.t("怎样核对", "How to check"), &steps(shell, view)))
            (card("", shell.t("查一条记录", "Look up an entry"), &lookup(shell)))
        }
    };
    page(shell, None, title, &body)
}

/// Commands that need nothing of this project: the formats are public (C2SP), and so are independent tools for them.
fn steps(shell: &Shell, view: &View) -> Markup {
    let fetch =
        format!("curl -s {0}/checkpoint > checkpoint.now\ncurl -s {0}/log.vkey > log.vkey", view.base);
    let tiles = format!("curl -s {}/tile/0/000.p/{}", view.base, (view.size % 256).max(1));
    let tiles = if view.size < 256 { tiles } else { format!("curl -s {}/tile/0/000", view.base) };
    html! {
        ol.plain.numbered {
            li {
                (shell.t("取检查点和公钥；第一次取到的公钥请自己保存。", "Get the checkpoint and the key; keep the key from the first time on."))
                pre tabindex="0" { code { (fetch) } }
            }
            li { (shell.t("检查点是 C2SP 的 signed-note：第一行名称，第二行条数，第三行树根，后面是签名。任何支持它的独立工具都能验签，例如 Go 的 golang.org/x/mod/sumdb/note。", "A checkpoint is a C2SP signed-note: name, size, root, then signatures. Any independent tool verifies it, such as Go's golang.org/x/mod/sumdb/note.")) }
            li {
                (shell.t("哈希树按 C2SP tlog-tiles 公开，可以自己重算树根，或核对两次检查点一致。", "The tree is public as C2SP tlog-tiles: compute the root yourself, or that two checkpoints are consistent."))
                pre tabindex="0" { code { (tiles) } }
            }
            li { (shell.t("手里有回执的人，可以下载那条记录的证明，离线核对。", "Whoever has a receipt can download the proof of that entry and check it offline.")) }
        }
    }
}

fn lookup(shell: &Shell) -> Markup {
    html! {
        form method="get" action=(paths::LOG) {
            label.field {
                span { (shell.t("记录编号", "Number of the entry")) }
                input name="position" type="number" inputmode="numeric" min="0" required;
            }
            button.second type="submit" { (shell.t("查看", "Show")) }
        }
    }
}

/// What is public of one entry.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Index in the log.
    pub position: u64,
    /// Entries of the tree it is proven in.
    pub size: u64,
    /// Its leaf hash, in hex.
    pub leaf_hex: String,
    /// The reader audits the ledger and may read all of it.
    pub readable: bool,
}

/// Renders the page about one entry.
pub fn render_entry(shell: &Shell, entry: &Entry) -> Markup {
    let title = format!("{}{}", shell.t("记录 #", "Entry #"), entry.position);
    let proof = format!("/v1/events/{}/proof", entry.position);
    let raw = format!("/v1/events/{}", entry.position);
    let body = html! {
        (breadcrumb(shell, &[(paths::LOG, shell.t("日志", "The log"))], &title))
        section.card {
            (heading(&title, None))
            dl.facts {
                (fact(shell.t("编号", "Position"), &html! { (i18n::count(entry.position)) " / " (i18n::count(entry.size)) }))
                (fact(shell.t("叶哈希", "Leaf hash"), &html! { code.root { (entry.leaf_hex) } }))
            }
            p.more { a.button.second href=(proof) { (shell.t("下载包含证明", "Download the proof that it is on the log")) } }
            (notice(Tone::Plain, shell.t("内容不公开", "What it says is not public"), &html! {
                p { (shell.t("记录涉及个人，只有签名的人和整本账簿的审计员能读全文。哈希和证明人人可得：手里有回执的人可以据此核对。", "Entries concern people: only who signed it and auditors of the whole ledger read all of it. Hash and proof are for everybody: whoever has the receipt can check it.")) }
                @if entry.readable { p { a href=(raw) { (shell.t("读全文（审计员）", "Read it, as an auditor")) } } }
            }))
        }
    };
    page(shell, None, &title, &body)
}
