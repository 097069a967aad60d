//! The wish board.

use maud::{Markup, html};

use super::parts::{WishCard, wish_item};
use crate::web::components::{Choice, Pager, empty, filters, heading, pager, select};
use crate::web::i18n;
use crate::web::layout::{Shell, Tab, page};
use crate::web::paths;

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
    /// Which page.
    pub pager: Pager,
}

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
        (filters(shell, paths::WISHES, &fields))
        h2.found {
            @if shell.lang() == i18n::Lang::Zh { "共 " b { (i18n::count(view.pager.rows)) } " 个心愿" }
            @else { b { (i18n::count(view.pager.rows)) } @if view.pager.rows == 1 { " wish" } @else { " wishes" } }
        }
        @if view.wishes.is_empty() {
            section.card { (empty(
                shell.t("没有符合条件的心愿", "No wish matches"),
                shell.t("换一个社区或类别试试。", "Try another community or category."),
                Some((paths::WISHES, shell.t("看全部", "Show all"))),
            )) }
        } @else {
            ul.wish-board { @for wish in &view.wishes { (wish_item(shell.lang(), wish)) } }
            (pager(shell, view.pager))
        }
    };
    page(shell, Some(Tab::Wishes), title, &body)
}
