//! A problem, in words: what happened, how to mend it, whom to ask.

use maud::{Markup, html};

use super::components::fact;
use super::layout::{Shell, page};
use super::paths;

/// What went wrong, in the page's language.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: String,
    /// One sentence: what happened.
    pub title: String,
    /// What the reader can do.
    pub mend: String,
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let ask = shell.t(
        "所在社区的服务台。请把下面的代码告诉他们。",
        "The desk of your community. Give them the code below.",
    );
    let body = html! {
        section.card.problem {
            p.status { (view.status) }
            h1 { (view.title) }
            dl.facts {
                (fact(shell.t("怎么办", "What to do"), &html! { (view.mend) }))
                (fact(shell.t("问谁", "Whom to ask"), &html! { (ask) }))
                (fact(shell.t("代码", "Code"), &html! { code { (view.code) } }))
            }
            p { a.button href=(paths::HOME) { (shell.t("回首页", "Back to the start")) } }
        }
    };
    page(shell, None, &view.title, &body)
}
