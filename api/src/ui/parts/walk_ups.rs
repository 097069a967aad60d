//! People who are found and added to a list on a page, each perhaps with times of their own.

use maud::{Markup, html};

use crate::commands::Words;
use crate::ui::components::{Tone, badge};
use crate::ui::layout::Shell;
use crate::ui::paths;

/// When somebody was there, if at another time than all: from and until.
pub(crate) fn own_times(shell: &Shell, name: Option<&str>, own: Option<(&str, &str)>) -> Markup {
    let (from, until) = own.unwrap_or_default();
    let whose = html! { span.hidden data-name { (name.unwrap_or_default()) } };
    html! {
        details.why.own-times open[own.is_some()] {
            summary { (shell.t("时间不同", "Another time")) " " (whose) }
            div.times {
                label.field { span { (shell.t("签到", "From")) " " (whose) } input type="time" data-own-from value=(from); }
                label.field { span { (shell.t("签退", "Until")) " " (whose) } input type="time" data-own-until value=(until); }
            }
        }
    }
}

/// The row of whoever came without having signed up; the script fills it.
pub(crate) fn row(shell: &Shell, how: Words) -> Markup {
    html! {
        li {
            label.pick {
                input type="checkbox" data-pick checked;
                span { b data-name {} " " (badge(Tone::Plain, shell.words(how))) " " span.meta data-about {} }
            }
            (own_times(shell, None, None))
        }
    }
}

/// Looks for people who are added to a list.
pub(crate) fn search(shell: &Shell, label: Words) -> Markup {
    html! {
        section.card data-search {
            label.field {
                span { (shell.words(label)) }
                input type="search" autocomplete="off" enterkeyhint="search" maxlength="64";
            }
            p.buttons { button.second type="button" { (shell.t("查找", "Find")) } }
            ul.plain data-found aria-live="polite"
                data-none=(shell.t("没有找到，或者已在名单上。没有登记的人请先登记。", "Nobody, or on the roster already. Register first whoever is not registered."))
                data-short=(shell.t("写得太短或太长：至少一个汉字、两个字母，或四位数字。", "Too short or too long: a Chinese character, two letters, or four digits at least."))
                data-many=(shell.t("相符的人太多，请多写几个字。", "Too many: write more of the name."))
                data-unreached=(shell.t("没有连上服务器，请再试。", "The server could not be reached: try again.")) {}
            p.fine { a href=(paths::REGISTER) { (shell.t("登记新的志愿者", "Register somebody")) } }
        }
    }
}
