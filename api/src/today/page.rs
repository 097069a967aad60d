//! 今日: what waits, and what becomes of it if nobody does it. Figures and charts never stand before work.

use hourbook_ledger::domain::time::Date;
use maud::{Markup, html};

use super::next::Desk;
use crate::ui::components::{Tone, badge, card, dotted, empty, heading};
use crate::ui::i18n::{self, Lang};
use crate::ui::layout::{Shell, Tab, page};

/// What the reader sees.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// What waits.
    pub kinds: Vec<Kind>,
    /// Where the reader works besides, and what a new ledger needs next.
    pub desk: Desk,
    /// Today, in ledger time.
    pub today: Date,
}

/// Work of one kind.
#[derive(Clone, Debug, Default)]
pub struct Kind {
    /// What it is, in the page's language.
    pub title: &'static str,
    /// What the button of each says.
    pub button: &'static str,
    /// What becomes of it if nobody does it.
    pub otherwise: &'static str,
    /// How many there are.
    pub count: usize,
    /// The most urgent of them.
    pub items: Vec<Item>,
}

/// One thing that waits.
#[derive(Clone, Debug, Default)]
pub struct Item {
    /// What it is called.
    pub title: String,
    /// What else tells it apart.
    pub meta: Vec<String>,
    /// The last day on which it is in time.
    pub due: Option<Date>,
    /// Where it is done.
    pub href: String,
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("今日", "Today");
    let count: usize = view.kinds.iter().map(|kind| kind.count).sum();
    let lead = match (shell.lang(), count) {
        (Lang::Zh, 0) => "没有等您办理的事项。".to_owned(),
        (Lang::En, 0) => "Nothing waits for you.".to_owned(),
        (Lang::Zh, count) => format!("{count} 件事项等您办理，最急的在最前面。"),
        (Lang::En, count) => format!("{count} waiting for you, the most urgent first."),
    };
    let body = html! {
        (heading(title, Some(&lead)))
        @if let Some((href, words)) = view.desk.next {
            p.more { a.button href=(href) { (shell.words(words)) } }
        }
        @for kind in &view.kinds { (section(shell, view.today, kind)) }
        @if view.kinds.is_empty() {
            section.card { (empty(
                title,
                shell.t("有人录入时长、提出心愿或前来报到，就会列在这里。同事看到的是同一份清单。",
                    "What is recorded, wished for or reported in will be listed here. Your colleagues see the same list."),
                None,
            )) }
        }
        (card("desk", shell.t("办公", "At work"), &html! {
            nav.more-links aria-label=(shell.t("办公", "At work")) {
                @for (href, words) in &view.desk.links { a href=(href) { (shell.words(*words)) } }
            }
        }))
    };
    page(shell, Some(Tab::Today), title, &body)
}

fn section(shell: &Shell, today: Date, kind: &Kind) -> Markup {
    html! {
        section.card.work {
            h2 { (kind.title) " " span.count { (kind.count) } }
            ul.plain.todo {
                @for item in &kind.items {
                    li {
                        div.what {
                            h3 { (item.title) }
                            p.meta { (dotted(&item.meta.iter().map(String::as_str).collect::<Vec<_>>())) }
                            @if let Some(due) = item.due { p.tags { (until(shell, today, due)) } }
                        }
                        a.button.second href=(item.href) { (kind.button) span.hidden { "：" (item.title) } }
                    }
                }
            }
            @if kind.count > kind.items.len() && !kind.items.is_empty() && kind.items.len() > 1 {
                p.fine { (more(shell, kind.count - kind.items.len())) }
            }
            p.fine { (kind.otherwise) }
        }
    }
}

fn more(shell: &Shell, count: usize) -> String {
    match shell.lang() {
        Lang::Zh => format!("另有 {count} 件，办完上面的就会列出来。"),
        Lang::En => format!("{count} more; they are listed once these are done."),
    }
}

/// A deadline, and how near it is.
fn until(shell: &Shell, today: Date, due: Date) -> Markup {
    let day = i18n::date(shell.lang(), &due.to_string());
    match due.0 - today.0 {
        left if left < 0 => badge(Tone::Bad, &format!("{}{day}", shell.t("已过期限 ", "was due "))),
        0 => badge(Tone::Wait, shell.t("今天到期", "due today")),
        left if left <= 3 => badge(Tone::Wait, &format!("{}{day}", shell.t("期限 ", "due "))),
        _ => badge(Tone::Plain, &format!("{}{day}", shell.t("期限 ", "due "))),
    }
}
