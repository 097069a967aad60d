//! The wishes that wait to be vetted: the resident's words, and beside them what the public would read.

use maud::{Markup, html};

use super::super::page::sentence_field;
use super::super::sentence;
use crate::commands::Words;
use crate::ui::components::{breadcrumb, dotted, empty, heading};
use crate::ui::i18n::Lang;
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::signing::{self, Signed};
use crate::ui::{assets, paths};

/// What the reader sees.
#[derive(Clone, Debug)]
pub struct View {
    /// Whatever waits, the oldest first.
    pub rows: Vec<Row>,
    /// How many more there are.
    pub more: usize,
    /// How many the reader posted, which somebody else vets.
    pub own: usize,
    /// What is signed.
    pub signed: Signed,
}

/// A wish that waits.
#[derive(Clone, Debug)]
pub struct Row {
    /// The resident's words.
    pub words: String,
    /// The resident's name, for whoever may know it.
    pub resident: Option<String>,
    /// The sentence that is proposed.
    pub proposed: String,
    /// Category in the page's language.
    pub category: String,
    /// The community.
    pub community: String,
    /// The wish.
    pub href: String,
    /// What the row says if it is ticked.
    pub said: String,
}

/// What the bar says.
const SUM: Words = ("勾选 {n} 个心愿", "{n} ticked");

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("心愿审核", "Wishes to vet");
    let lead = shell.t(
        "左边的勾表示通过并发布；没有勾的先留着。公众只看到下面这句话。",
        "Ticked ones are passed and published; the others stay. The public reads the sentence alone.",
    );
    let body = html! {
        (breadcrumb(shell, &[(paths::TODAY, shell.t("今日", "Today"))], title))
        (heading(title, Some(lead)))
        @if view.rows.is_empty() {
            section.card { (empty(title, shell.t("现在没有等您审核的心愿。", "No wish waits for you."), None)) }
        } @else {
            (signing::needs_a_key(shell))
            @match shell.signer() {
                Some(_) => (signing::form(shell, paths::VETTING, &view.signed, &html! {
                    section.card { ul.plain.picks { @for row in &view.rows { (line(shell, row)) } } }
                    (signing::bar(shell, ("审核通过并发布", "Pass and publish"), SUM))
                    script type="module" src=(assets::script("keys/sentence.mjs")) {}
                })),
                None => section.card { ul.plain { @for row in &view.rows { li { (said(shell, row)) } } } },
            }
        }
        @if view.more > 0 { p.fine { (more(shell, view.more)) } }
        @if view.own > 0 { p.fine { (own(shell, view.own)) } }
    };
    page(shell, Some(Tab::Today), title, &body)
}

fn said(shell: &Shell, row: &Row) -> Markup {
    html! {
        span.who { b { (row.words) } }
        span.meta { (dotted(&[&row.category, row.resident.as_deref().unwrap_or_default(), &row.community])) " " a href=(row.href) { (shell.t("打开", "Open")) } }
    }
}

fn line(shell: &Shell, row: &Row) -> Markup {
    let name = row.resident.as_deref();
    let is_plain = sentence::warnings(&row.proposed, name).is_empty() && !row.proposed.is_empty();
    html! {
        li data-row=(row.said) data-name=(row.category) {
            label.pick {
                input type="checkbox" data-pick checked[is_plain];
                span { span.who { b { (row.words) } } span.meta { (dotted(&[&row.category, name.unwrap_or_default(), &row.community])) } }
            }
            (sentence_field(shell, &row.proposed, name, true))
            p.more { a href=(row.href) { (shell.t("打开这个心愿", "Open this wish")) span.hidden { "：" (row.words) } } }
        }
    }
}

fn more(shell: &Shell, count: usize) -> String {
    match shell.lang() {
        Lang::Zh => format!("另有 {count} 个，审核完上面的就会列出来。"),
        Lang::En => format!("{count} more; they are listed once these are vetted."),
    }
}

fn own(shell: &Shell, count: usize) -> String {
    match shell.lang() {
        Lang::Zh => format!("另有 {count} 个是您提交的，要由另一位同事审核。"),
        Lang::En => format!("{count} others were posted by you, and a colleague vets them."),
    }
}
