//! What pages say on a ledger of demo data, which is one whose name lies below `.example`.

use maud::{Markup, html};

use super::i18n::Lang;

/// The PIN under which a browser keeps a key that came by a demo link.
pub(crate) const PIN: &str = "000000";

/// Over every page, and on every sheet of paper: nobody may take these people for real ones.
pub(super) fn band(lang: Lang) -> Markup {
    html! {
        aside.demo aria-label=(lang.t("示范数据", "Demo data")) {
            (lang.t("示范数据：人物、单位、地名和时长都是虚构的", "Demo data: people, units, places and hours are made up"))
        }
    }
}

/// Beside a field for the PIN.
pub(crate) fn pin_hint(lang: Lang) -> Markup {
    html! {
        p.hint { (lang.t("示范链接带来的密钥，密码是 ", "The PIN of a key that came by a demo link is ")) code { (PIN) } (lang.t("。", ".")) }
    }
}
