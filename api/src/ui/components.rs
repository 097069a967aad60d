//! The parts pages are made of. Each is plain markup that works without JavaScript.

use maud::{Markup, html};

use super::i18n::{self, Lang};
use super::icons::{Icon, icon};
use super::layout::Shell;
use super::paths;

/// What a colour would say, said also by a word and a shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Neither good nor bad.
    #[default]
    Plain,
    /// Done, confirmed, proven.
    Good,
    /// Needs somebody's attention.
    Wait,
    /// Refused, disputed, lapsed.
    Bad,
    /// Asks the reader to act.
    Call,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Tone::Plain => "plain",
            Tone::Good => "good",
            Tone::Wait => "wait",
            Tone::Bad => "bad",
            Tone::Call => "call",
        }
    }

    fn mark(self) -> &'static str {
        match self {
            Tone::Plain => "○",
            Tone::Good => "✓",
            Tone::Wait => "◔",
            Tone::Bad => "✕",
            Tone::Call => "＋",
        }
    }
}

/// A short state: shape, word and colour together.
pub fn badge(tone: Tone, text: &str) -> Markup {
    html! { span.badge.(tone.class()) { span.mark aria-hidden="true" { (tone.mark()) } (text) } }
}

/// A card with a heading. `class` may add `wide`, `tall` or a page's own name.
pub fn card(class: &str, heading: &str, body: &Markup) -> Markup {
    html! { section.card.(class) { h2 { (heading) } (body) } }
}

/// Page heading with an optional line beneath.
pub fn heading(title: &str, lead: Option<&str>) -> Markup {
    html! { div.heading { h1 { (title) } @if let Some(lead) = lead { p.lead { (lead) } } } }
}

/// A boxed message. `title` states it, `body` explains.
pub fn notice(tone: Tone, title: &str, body: &Markup) -> Markup {
    let symbol = match tone {
        Tone::Good => Icon::Check,
        Tone::Plain | Tone::Call => Icon::Info,
        Tone::Wait | Tone::Bad => Icon::Alert,
    };
    html! { div.notice.(tone.class()) { (icon(symbol)) div { p.head { b { (title) } } (body) } } }
}

/// Nothing to show, why, and what to do next.
pub fn empty(title: &str, hint: &str, action: Option<(&str, &str)>) -> Markup {
    html! {
        div.empty {
            (icon(Icon::Empty))
            p { b { (title) } }
            p { (hint) }
            @if let Some((href, label)) = action { p { a.button.second href=(href) { (label) } } }
        }
    }
}

/// The way back: the last item is the page itself.
pub fn breadcrumb(shell: &Shell, trail: &[(&str, &str)], here: &str) -> Markup {
    html! {
        nav.crumbs aria-label=(shell.t("位置", "Breadcrumb")) {
            ol {
                @for (href, label) in trail { li { a href=(href) { (label) } } }
                li { span aria-current="page" { (here) } }
            }
        }
    }
}

/// Where a reader is in a long list. Pages count from 1.
#[derive(Clone, Copy, Debug)]
pub struct Pager {
    /// The page shown.
    pub page: u32,
    /// How many there are; at least 1.
    pub pages: u32,
    /// Rows in all pages together.
    pub rows: u64,
}

impl Default for Pager {
    fn default() -> Pager {
        Pager { page: 1, pages: 1, rows: 0 }
    }
}

/// Previous, position, next. Keeps the query's filters. Nothing when there is one page only.
pub fn pager(shell: &Shell, pager: Pager) -> Markup {
    if pager.pages <= 1 {
        return html! {};
    }
    let to = |page: u32| shell.preferences.with("page", &page.to_string());
    html! {
        nav.pager aria-label=(shell.t("翻页", "Pages")) {
            @if pager.page > 1 {
                a.button.second rel="prev" href=(to(pager.page - 1)) { (shell.t("上一页", "Previous")) }
            }
            span.where {
                @if shell.lang() == Lang::Zh { "第 " b { (pager.page) } " / " (pager.pages) " 页" }
                @else { "Page " b { (pager.page) } " of " (pager.pages) }
            }
            @if pager.page < pager.pages {
                a.button.second rel="next" href=(to(pager.page + 1)) { (shell.t("下一页", "Next")) }
            }
        }
    }
}

/// Where a reader is in a list that is walked from the newest entry on.
#[derive(Clone, Debug, Default)]
pub struct Walk {
    /// The reader has gone on from the newest entries.
    pub gone: bool,
    /// Where the next page begins; none if this is the last.
    pub next: Option<u64>,
}

/// Back to the newest, on to the older ones. Keeps the query's filters. Nothing when there is one page only.
pub fn walk(shell: &Shell, walk: &Walk) -> Markup {
    html! {
        @if walk.gone || walk.next.is_some() {
            nav.pager aria-label=(shell.t("翻页", "Pages")) {
                @if walk.gone {
                    a.button.second rel="first" href=(shell.preferences.without("before")) { (shell.t("回到最新", "Newest")) }
                }
                @if let Some(next) = walk.next {
                    a.button.second rel="next" href=(shell.preferences.with("before", &next.to_string())) { (shell.t("更早的", "Older")) }
                }
            }
        }
    }
}

/// One option of a filter.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Value in the query; empty means "all".
    pub value: String,
    /// What the reader sees, in the page's language.
    pub label: String,
    /// Whether it is the one in force.
    pub selected: bool,
}

impl Choice {
    /// An option.
    pub fn of(value: impl ToString, label: impl Into<String>, selected: bool) -> Choice {
        Choice { value: value.to_string(), label: label.into(), selected }
    }
}

/// A labelled select of a GET form.
pub fn select(name: &str, label: &str, choices: &[Choice]) -> Markup {
    html! {
        label.field {
            span { (label) }
            select name=(name) {
                @for choice in choices {
                    option value=(choice.value) selected[choice.selected] { (choice.label) }
                }
            }
        }
    }
}

/// A field of such a form for a part of a public name.
pub fn search(label: &str, wanted: &str) -> Markup {
    html! {
        label.field {
            span { (label) }
            input type="text" name="q" value=(wanted) maxlength="64" autocomplete="off" enterkeyhint="search";
        }
    }
}

/// A form that only chooses what to see: method GET, one button, no side effect.
pub fn filters(shell: &Shell, action: &str, fields: &Markup) -> Markup {
    html! {
        form.filters method="get" action=(action) {
            (fields)
            button.second type="submit" { (shell.t("查看", "Show")) }
        }
    }
}

/// A column of a table: its name, and the cell that a row has in it.
pub type Column<'a, Row> = (&'a str, &'a dyn Fn(&Row) -> Markup);

/// A table whose rows become cards on a phone: every cell repeats its column's name. Roles are written out, because
/// `display: block` takes them away.
pub fn table<Row>(caption: &str, columns: &[Column<'_, Row>], rows: &[Row]) -> Markup {
    html! {
        table.stack role="table" {
            caption { (caption) }
            thead role="rowgroup" { tr role="row" {
                @for (column, _) in columns { th role="columnheader" scope="col" { (column) } }
            } }
            tbody role="rowgroup" { @for row in rows { tr role="row" {
                @for (column, cell) in columns {
                    td role="cell" data-label=(column) { (cell(row)) }
                }
            } } }
        }
    }
}

/// One step of a history.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// What happened.
    pub title: String,
    /// Who did it, as far as this reader may know.
    pub who: Option<String>,
    /// ISO timestamp.
    pub at: Option<String>,
    /// Log position of the event.
    pub position: Option<u64>,
    /// A sentence more.
    pub note: Option<String>,
    /// `Good` done, `Wait` now, `Plain` still to come, `Bad` went wrong.
    pub tone: Tone,
}

/// A history as a ruled line with marks.
pub fn timeline(lang: Lang, steps: &[Step]) -> Markup {
    html! {
        ol.timeline {
            @for step in steps {
                li.(step.tone.class()) {
                    span.mark aria-hidden="true" { (step.tone.mark()) }
                    div {
                        p.what { b { (step.title) } }
                        @if step.who.is_some() || step.at.is_some() || step.position.is_some() {
                            p.meta {
                                @if let Some(who) = &step.who { span { (who) } }
                                @if let Some(at) = &step.at {
                                    time datetime=(at) { (i18n::date_time(lang, at)) }
                                }
                                @if let Some(position) = step.position { (position_link(lang, position)) }
                            }
                        }
                        @if let Some(note) = &step.note { p.note { (note) } }
                    }
                }
            }
        }
    }
}

/// A link to the log entry behind a statement.
pub fn position_link(lang: Lang, position: u64) -> Markup {
    html! { a.position href=(paths::entry(position)) { (lang.t("记录 #", "entry #")) (position) } }
}

/// One line of a `dl.facts`: what, and its value.
pub fn fact(label: &str, value: &Markup) -> Markup {
    html! { div { dt { (label) } dd { (value) } } }
}

/// Joins the parts that are there with a middle dot.
pub fn dotted(parts: &[&str]) -> Markup {
    let kept: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    html! { @for (i, part) in kept.iter().enumerate() { @if i > 0 { " · " } span { (part) } } }
}
