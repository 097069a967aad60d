//! One wish and its history.

use maud::{Markup, html};

use super::parts::WishCard;
use crate::web::components::{Step, breadcrumb, card, fact, timeline};
use crate::web::i18n;
use crate::web::layout::{Shell, Tab, page};
use crate::web::paths;

/// What the page shows.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The wish in brief.
    pub wish: WishCard,
    /// Cost ceiling in fen (0.01 yuan) paid by the community; 0 when no cost is expected.
    pub cost_ceiling_fen: u64,
    /// ISO date until which the present step must be done.
    pub due: Option<String>,
    /// What has happened and what is still to come, oldest first.
    pub steps: Vec<Step>,
    /// What happens next, and who does it.
    pub next: Next,
}

/// The next step as this reader can take it.
#[derive(Clone, Debug, Default)]
pub enum Next {
    /// The reader may claim it: the target of the POST form.
    Claim {
        /// Where the form posts to.
        action: String,
    },
    /// The reader would have to sign in first.
    SignIn,
    /// The reader can do nothing; a sentence says who acts next, or that it is finished.
    #[default]
    Nothing,
    /// The same, in words of the caller, in the page's language.
    Wait(String),
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let lang = shell.lang();
    let wish = &view.wish;
    let body = html! {
        (breadcrumb(shell, &[(paths::WISHES, shell.t("微心愿", "Wishes"))], &wish.category))
        div.split {
            section.card.wish-main {
                p.tags { (wish.state.badge(lang)) span.category { (wish.category) } }
                h1 { (wish.sentence) }
                dl.facts {
                    (fact(shell.t("社区", "Community"), &html! { (wish.community) }))
                    @if wish.effort_minutes > 0 {
                        (fact(shell.t("大约需要", "Takes about"), &html! { (i18n::hours(lang, wish.effort_minutes)) }))
                    }
                    @if view.cost_ceiling_fen > 0 {
                        (fact(shell.t("材料费上限", "Material cost up to"), &html! { "¥" (yuan(view.cost_ceiling_fen)) }))
                    }
                    (fact(shell.t("发布日期", "Posted on"), &html! { (i18n::date(lang, &wish.posted_on)) }))
                    @if let Some(due) = &view.due { (fact(shell.t("期限", "Due by"), &html! { (i18n::date(lang, due)) })) }
                }
                (next(shell, &view.next))
            }
            (card("history", shell.t("进展", "History"), &timeline(lang, &view.steps)))
        }
    };
    page(shell, Some(Tab::Wishes), &wish.sentence, &body)
}

fn next(shell: &Shell, next: &Next) -> Markup {
    html! {
        div.next {
            @match next {
                Next::Claim { action } => {
                    form method="post" action=(action) {
                        button type="submit" { (shell.t("我来帮忙", "I will help")) }
                    }
                    p.fine { (shell.t("认领后可以放下，不扣任何东西。", "You can let it go again; nothing is deducted.")) }
                },
                Next::SignIn => {
                    p { a.button href=(paths::SIGN_IN) { (shell.t("登录后认领", "Sign in to claim")) } }
                    p.fine { (shell.t("没有账号？请到所在社区登记。", "No account? Register at your community.")) }
                },
                Next::Nothing => p { (shell.t("这个心愿不需要您再做什么。", "There is nothing for you to do here.")) },
                Next::Wait(text) => p { (text) },
            }
        }
    }
}

fn yuan(fen: u64) -> String {
    match fen % 100 {
        0 => i18n::count(fen / 100),
        rest => format!("{}.{rest:02}", i18n::count(fen / 100)),
    }
}
