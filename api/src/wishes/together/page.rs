//! Open wishes that are ticked and taken on together.

use maud::{Markup, html};

use super::super::actions::FOR_ORG;
use crate::commands::Words;
use crate::ui::components::{Choice, breadcrumb, dotted, empty, filters, heading, select};
use crate::ui::i18n;
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::parts::WishCard;
use crate::ui::paths;
use crate::ui::signing::{self, Signed};

/// What the reader sees.
#[derive(Clone, Debug)]
pub struct View {
    /// Open wishes, the newest first.
    pub rows: Vec<Row>,
    /// Where the next page begins.
    pub next: Option<u64>,
    /// Communities to choose from.
    pub communities: Vec<Choice>,
    /// For what the reader takes them on: id and name.
    pub orgs: Vec<(String, String)>,
    /// What is signed.
    pub signed: Signed,
}

/// A wish to be ticked.
#[derive(Clone, Debug)]
pub struct Row {
    /// The wish in brief.
    pub wish: WishCard,
    /// What the row says if it is ticked.
    pub said: String,
}

/// What the bar says.
const SUM: Words = ("认领 {n} 个心愿", "{n} to take on");

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("以组织名义认领", "Take wishes on for an organisation");
    let lead = shell.t(
        "单位和队伍认领没有件数上限。认领后由社区联系，谁去办了，登记时长时再写明。",
        "Units and teams take on as many as they will. The community gets in touch; who did it is said when the hours are recorded.",
    );
    let body = html! {
        (breadcrumb(shell, &[(paths::WISHES, shell.t("微心愿", "Wishes"))], title))
        (heading(title, Some(lead)))
        (filters(shell, paths::CLAIMING, &select("community", shell.t("社区", "Community"), &view.communities)))
        @if view.rows.is_empty() {
            section.card { (empty(title, shell.t("现在没有待认领的心愿。", "No wish is open."), None)) }
        } @else {
            (signing::needs_a_key(shell))
            @if shell.signer().is_some() { (form(shell, view)) }
        }
        @if let Some(next) = view.next {
            nav.pager aria-label=(shell.t("翻页", "Pages")) {
                a.button.second rel="next" href=(shell.preferences.with("before", &next.to_string())) { (shell.t("下一页", "Next")) }
            }
        }
    };
    page(shell, Some(Tab::Wishes), title, &body)
}

fn form(shell: &Shell, view: &View) -> Markup {
    signing::form(
        shell,
        paths::CLAIMING,
        &view.signed,
        &html! {
            label.field {
                span { (shell.words(FOR_ORG.label)) }
                select name=(FOR_ORG.name) required {
                    @for (id, name) in &view.orgs { option value=(id) { (name) } }
                }
            }
            section.card { ul.plain.picks { @for row in &view.rows { (line(shell, row)) } } }
            (signing::bar(shell, ("认领", "Take them on"), SUM))
        },
    )
}

fn line(shell: &Shell, row: &Row) -> Markup {
    let wish = &row.wish;
    let effort = i18n::hours(shell.lang(), wish.effort_minutes);
    html! {
        li data-row=(row.said) data-name=(wish.sentence) data-minutes=(wish.effort_minutes) {
            label.pick {
                input type="checkbox" data-pick;
                span { span.who { b { (wish.sentence) } } span.meta { (dotted(&[&wish.category, &wish.community, &effort])) } }
            }
        }
    }
}
