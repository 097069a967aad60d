//! The bar at the foot in which a person reads and signs what a form asks for, and what may go wrong with a key in a page.

use maud::{Markup, html};

use super::i18n::Lang;
use super::{assets, demo_data};
use crate::commands::Words;

/// Whose key signs what is done on a page.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The id of the key that opened the session.
    pub key: String,
    /// Whose it is.
    pub person: String,
    /// The ledger's name, which is signed with every event.
    pub ledger: String,
}

/// What may go wrong with a key in the page, by the name under which its script shows it.
const FAULTS: [(&str, Words); 11] = [
    (
        "one-cell",
        (
            "这一行没有分列，不知道哪些字是姓名，什么都没有提交。请在表格软件里选中各列一起复制，或在姓名、电话之间加逗号。行号和内容：",
            "This row stands in one cell, so nobody knows what of it is the name; nothing was handed in. Copy the columns together from \
             the spreadsheet program, or put commas between name and phone. Its line, and what: ",
        ),
    ),
    (
        "nobody",
        (
            "都标为已登记、要跳过，没有可以签名的。要登记谁，请去掉谁前面的勾。",
            "All of them are marked as registered and skipped, so there is nothing to sign. Untick whom you want to register.",
        ),
    ),
    (
        "row",
        (
            "有一行缺少内容，或者名称不对（例如合计行），什么都没有提交。行号和内容：",
            "A row misses something, or its name is none (a line of totals, say); nothing was handed in. Its line, and what: ",
        ),
    ),
    (
        "times",
        (
            "日期或时间不对：结束要晚于开始。什么都没有提交。",
            "A date or time is wrong: it has to end after it begins. Nothing was handed in.",
        ),
    ),
    (
        "unlike",
        (
            "数字不对，没有签名。请用新给的数字再核对一次；还不对，就不是同事手里的那把密钥，请告诉负责人。",
            "Those are not its digits, and nothing was signed. Compare once more with the new ones. If they differ again, it is not \
             the key that your colleague has: tell whoever is in charge.",
        ),
    ),
    ("wrong-pin", ("密码不对。请再试一次。", "That is not the PIN. Please try again.")),
    (
        "no-key",
        (
            "这台设备上没有您登录所用的密钥。请在保存密钥的设备上办理，或用命令行签名。",
            "The key that you signed in with is not on this device. Use the device that has it, or the command line.",
        ),
    ),
    (
        "unsupported",
        (
            "这个网页不能使用密钥：浏览器太旧，或者地址不是 https。请换用新的浏览器和 https 地址，或用命令行签名。",
            "Keys cannot be used on this page: the browser is too old, or the address is not https. Use a newer browser and \
             https, or sign with the command line.",
        ),
    ),
    (
        "differs",
        (
            "服务器拟的内容与您填写的不一致，没有签名。请告诉管理员。",
            "What the server drafted is not what you said. Nothing was signed. Please tell the administrator.",
        ),
    ),
    (
        "network",
        (
            "没有连上服务器，不知道是否已经记录。请刷新页面查看，再决定是否重做。",
            "The server could not be reached, so it is not known whether this was recorded. Reload the page and look before you try again.",
        ),
    ),
    ("refused", ("服务器没有接受：", "The server did not accept it: ")),
];

/// The places for what went wrong; the script shows one and hides the others.
pub(crate) fn faults(lang: Lang) -> Markup {
    html! {
        @for (name, words) in FAULTS {
            p.error role="alert" data-fault=(name) hidden { span { (lang.t(words.0, words.1)) " " span data-detail {} } }
        }
    }
}

/// Why keys cannot be used here; a script shows it where they cannot.
pub(crate) fn unsupported(lang: Lang) -> Markup {
    let words =
        FAULTS.iter().find(|(name, _)| *name == "unsupported").map(|(_, words)| lang.t(words.0, words.1));
    html! { p.notice data-unsupported hidden { (words.unwrap_or_default()) } }
}

/// Whoever is about to be registered and perhaps is already; a script fills it in.
fn doubles(lang: Lang) -> Markup {
    html! {
        div.doubles data-doubles hidden
            data-known=(lang.t("已登记的 {who}（{by}相同）", "registered: {who} (the same {by})"))
            data-twin=(lang.t("与第 {line} 行相同", "the same as line {line}"))
            data-row=(lang.t("第 {line} 行 {name}", "line {line}, {name}"))
            data-by-name=(lang.t("姓名", "name")) data-by-phone=(lang.t("电话", "phone")) data-by-number=(lang.t("志愿者编号", "volunteer number")) {
            h3 { (lang.t("可能已经登记", "Perhaps registered already")) }
            p.fine { (lang.t("打勾的跳过，不再登记。只有电话相同的可能是一家人，没有打勾。您查到了谁，本人会看到。", "Those with a tick are skipped. Who only shares a phone may be of one family, and has no tick. Whom you found here sees that you looked.")) }
            ul {}
            template {
                li {
                    label.check {
                        input type="checkbox";
                        span { b data-who {} " " span data-why {} (lang.t("。已登记，跳过", ". Registered: skip")) }
                    }
                }
            }
        }
    }
}

/// The bar at the foot: what is signed, as whom, with which key. Without scripts it is not there, and the forms are refused.
pub(super) fn draw(lang: Lang, name: &str, signer: &Signer, is_demo: bool) -> Markup {
    html! {
        noscript {
            p.notice { (lang.t("您以密钥登录。办理事项要在网页上签名，请打开 JavaScript，或用命令行。", "You signed in with a key. What you do here is signed in the page: turn JavaScript on, or use the command line.")) }
        }
        dialog.signing id="sign" aria-labelledby="sign-title"
            data-key=(signer.key) data-person=(signer.person) data-ledger=(signer.ledger) data-unread=(lang.t("没有读取的列", "Columns that were not read")) data-schema=(assets::schema()) {
            form method="dialog" {
                h2 id="sign-title" { (lang.t("请核对，然后签名", "Check, then sign")) }
                p.what {}
                (doubles(lang))
                dl.facts {}
                p.fine {
                    (lang.t("签名人：", "Signed by ")) b { (name) }
                    (lang.t("，密钥 ", ", key ")) code { (signer.key.get(..8).unwrap_or(&signer.key)) }
                }
                div data-compare hidden {
                    p {
                        (lang.t("请同事打开“我的密钥”，输入 ", "Ask your colleague to open “My keys” and to type "))
                        b.spoken data-challenge {}
                        (lang.t("，再把显示的数字念给您。", ", and to read out what appears."))
                    }
                    label.field {
                        span { (lang.t("同事念的六位数字", "The six digits that your colleague reads out")) }
                        input type="text" name="answer" autocomplete="off" inputmode="numeric" maxlength="9";
                    }
                }
                label.field data-pin {
                    span { (lang.t("这台设备上的密码", "The PIN on this device")) }
                    input type="password" name="pin" autocomplete="off" inputmode="numeric" maxlength="64";
                    @if is_demo { (demo_data::pin_hint(lang)) }
                }
                (faults(lang))
                p.part role="status" data-part=(lang.t("第 {part} 部分，共 {of} 部分：正在签名……", "Part {part} of {of}: signing …"))
                    data-rows=(lang.t("共 {rows} 人（行）。", "{rows} rows."))
                    data-parts=(lang.t("共 {rows} 行，一次至多 {most} 行，分 {of} 部分依次签名。", "{rows} rows; at most {most} are taken at once, so they are signed in {of} parts, one after the other."))
                    data-stopped=(lang.t("第 {part} 部分，共 {of} 部分（第 {from} 至 {to} 行）没有登记。前面 {done} 行已登记，已从框里去掉；其余还在框里。可以再按“签名”，或取消后改好再来。", "Part {part} of {of} (lines {from} to {to}) was not recorded. The {done} rows before are, and have gone from the field; the others are still there. Press Sign again, or cancel, mend them and come back.")) {}
                div.buttons {
                    button type="submit" value="sign" { (lang.t("签名", "Sign")) }
                    button.second type="button" data-cancel { (lang.t("取消", "Cancel")) }
                }
                details.why { summary { (lang.t("将要签名的原文", "The event as it will be signed")) } pre data-event tabindex="0" {} }
            }
        }
        script type="module" src=(assets::script("keys/sign.mjs")) {}
    }
}
