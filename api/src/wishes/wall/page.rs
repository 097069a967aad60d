//! Open wishes as cards, eight on a sheet of paper, each with a square that leads to it.

use maud::{Markup, html};

use crate::ui::components::{Choice, Walk, breadcrumb, empty, filters, heading, select, walk};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::parts::WishCard;
use crate::ui::{assets, i18n, paths};

/// What the reader sees.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Communities whose wishes are printed.
    pub communities: Vec<Choice>,
    /// The cards.
    pub cards: Vec<Card>,
    /// Where there are more.
    pub walk: Walk,
}

/// An open wish.
#[derive(Clone, Debug, Default)]
pub struct Card {
    /// What everybody may read.
    pub wish: WishCard,
    /// ISO date of the last day on which it is open.
    pub until: Option<String>,
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("心愿墙", "Wall of wishes");
    let lead = shell.t(
        "每张纸八个，剪开贴在墙上。扫码打开心愿；没有手机的，拿着纸条到社区认领。",
        "Eight on a sheet, to be cut out and hung up. The square opens the wish; whoever has no phone brings the card to the desk.",
    );
    let body = html! {
        (breadcrumb(shell, &[(paths::WISHES, shell.t("微心愿", "Wishes"))], title))
        (heading(title, Some(lead)))
        @if view.communities.len() > 1 {
            (filters(shell, paths::WALL, &select("community", shell.t("社区", "Community"), &view.communities)))
        }
        @if view.cards.is_empty() {
            section.card { (empty(
                shell.t("没有待认领的心愿", "No wish is open"),
                shell.t("审核通过后会列在这里。", "They are listed here once they are vetted."),
                Some((paths::VETTING, shell.t("去审核", "Vet wishes"))),
            )) }
        } @else {
            div data-slips {
                p.buttons { button type="button" data-print { (shell.t("打印", "Print")) } }
                ul.slips { @for card in &view.cards { (one(shell, card)) } }
            }
            (walk(shell, &view.walk))
        }
        script type="module" src=(assets::script("keys/wall.mjs")) {}
    };
    page(shell, Some(Tab::Wishes), title, &body)
}

fn one(shell: &Shell, card: &Card) -> Markup {
    let lang = shell.lang();
    let wish = &card.wish;
    html! {
        li.slip {
            div.square data-square=(paths::wish(&wish.id)) {}
            div {
                p { b { (wish.sentence) } @if shell.is_demo { " " span.badge { (shell.t("示范数据", "demo data")) } } }
                p.fine {
                    (wish.category) " · " (wish.community)
                    @if wish.effort_minutes > 0 { (shell.t(" · 约 ", " · about ")) (i18n::hours(lang, wish.effort_minutes)) }
                }
                @if let Some(until) = &card.until { p.fine { (shell.t("认领截止 ", "Open until ")) (i18n::date(lang, until)) } }
                p.fine { (shell.t("认领人：", "Taken on by: ")) span.blank {} }
                p.fine { (shell.t("社区电话：", "Telephone of the desk: ")) span.blank {} }
            }
        }
    }
}
