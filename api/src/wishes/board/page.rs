//! The wish board.

use maud::{Markup, html};

use crate::commands::Words;
use crate::ui::components::{Choice, Walk, empty, filters, heading, select, walk};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::parts::{WishCard, wish_item};
use crate::ui::paths;

/// What the board shows. The filters' query names are `status`, `category` and `community`.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Options for the state.
    pub statuses: Vec<Choice>,
    /// Options for the category.
    pub categories: Vec<Choice>,
    /// Options for the community.
    pub communities: Vec<Choice>,
    /// One page of wishes.
    pub wishes: Vec<WishCard>,
    /// Where the reader works with wishes, and what for.
    pub links: Vec<(&'static str, Words)>,
    /// Which page.
    pub walk: Walk,
}

/// Every wish, whatever its state.
const ALL: &str = "/wishes?status=all";

/// Renders the board.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("微心愿", "Wishes");
    let lead = shell.t(
        "邻居的小事，一小时就能帮上。住户的姓名和住址不公开，认领后由社区联系。",
        "Small things an hour can mend. Names and addresses stay private; the community puts you in touch.",
    );
    let fields = html! {
        (select("status", shell.t("状态", "State"), &view.statuses))
        (select("category", shell.t("类别", "Category"), &view.categories))
        (select("community", shell.t("社区", "Community"), &view.communities))
    };
    let body = html! {
        (heading(title, Some(lead)))
        @if !view.links.is_empty() {
            nav.more-links aria-label=(shell.t("办理", "At the desk")) {
                @for (href, words) in &view.links { a href=(href) { (shell.words(*words)) } }
            }
        }
        (filters(shell, paths::WISHES, &fields))
        h2.found { (shell.t("心愿，新的在前", "Wishes, the newest first")) }
        @if view.wishes.is_empty() {
            section.card { (empty(
                shell.t("没有符合条件的心愿", "No wish matches"),
                shell.t("换一个社区或类别试试。", "Try another community or category."),
                Some((ALL, shell.t("看全部", "Show all"))),
            )) }
        } @else {
            ul.wish-board { @for wish in &view.wishes { (wish_item(shell.lang(), wish)) } }
            (walk(shell, &view.walk))
        }
    };
    page(shell, Some(Tab::Wishes), title, &body)
}
