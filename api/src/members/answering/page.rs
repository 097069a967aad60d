//! Who reported in and waits: ticked to be received, or not.

use maud::{Markup, html};

use crate::commands::Words;
use crate::ui::components::{breadcrumb, dotted, empty, heading, position_link};
use crate::ui::i18n::Lang;
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::paths;
use crate::ui::signing::{self, Signed};

/// What the reader sees.
#[derive(Clone, Debug)]
pub struct View {
    /// Whom the reader may be told of, the first who came first.
    pub rows: Vec<Row>,
    /// How many more of them there are.
    pub more: usize,
    /// How many others wait, of whom the reader may not be told.
    pub others: usize,
    /// What is signed.
    pub signed: Signed,
}

/// A member who waits.
#[derive(Clone, Debug)]
pub struct Row {
    /// The name.
    pub name: String,
    /// The unit or branch, if one is on record.
    pub unit: String,
    /// Where to.
    pub community: String,
    /// Log position of the report-in.
    pub position: u64,
    /// What the row says if it is ticked, and if it is not.
    pub accepted: String,
    /// See `accepted`.
    pub refused: Option<String>,
}

/// What the bar says.
const SUM: Words = ("勾选 {n} 人；不接收 {left} 人", "{n} ticked; {left} not received");

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("报到待接收", "Report-ins to answer");
    let lead = shell.t(
        "接收后，从今天起算作报到党员。没有接收的可以再次报到。",
        "Whoever is received counts as reported in from today. Whoever is not can report in again.",
    );
    let body = html! {
        (breadcrumb(shell, &[(paths::TODAY, shell.t("今日", "Today"))], title))
        (heading(title, Some(lead)))
        @if view.rows.is_empty() {
            section.card { (empty(title, shell.t("现在没有人等待答复。", "Nobody waits for an answer."), None)) }
        } @else {
            (signing::needs_a_key(shell))
            @match shell.signer() {
                Some(_) => (signing::form(shell, paths::REPORT_INS, &view.signed, &html! {
                    section.card { ul.plain.picks { @for row in &view.rows { (line(shell, row)) } } }
                    (signing::left_out(
                        shell,
                        "",
                        ("不接收：", "Not received: "),
                        ("先留着，以后再答复", "leave it for later"),
                        &[("refused", shell.t("答复：不接收", "answer: not received").to_owned())],
                    ))
                    (signing::bar(shell, ("接收", "Receive"), SUM))
                })),
                None => section.card { ul.plain.picks { @for row in &view.rows { li.still { p { (said(shell, row)) } } } } },
            }
        }
        @if view.more > 0 { p.fine { (more(shell, view.more)) } }
        @if view.others > 0 { p.fine { (others(shell, view.others)) } }
    };
    page(shell, Some(Tab::Today), title, &body)
}

fn said(shell: &Shell, row: &Row) -> Markup {
    html! {
        span.who { b { (row.name) } }
        span.meta { (dotted(&[&row.unit, &row.community])) " " (position_link(shell.lang(), row.position)) }
    }
}

fn line(shell: &Shell, row: &Row) -> Markup {
    html! {
        li data-row=(row.accepted) data-name=(row.name) data-left-row=[row.refused.as_deref()] {
            label.pick { input type="checkbox" data-pick checked; span { span.who { b { (row.name) } } span.meta { (dotted(&[&row.unit, &row.community])) } } }
            (position_link(shell.lang(), row.position))
        }
    }
}

fn more(shell: &Shell, count: usize) -> String {
    match shell.lang() {
        Lang::Zh => format!("另有 {count} 人，答复上面的就会列出来。"),
        Lang::En => format!("{count} more; they are listed once these are answered."),
    }
}

fn others(shell: &Shell, count: usize) -> String {
    match shell.lang() {
        Lang::Zh => {
            format!("另有 {count} 人住在别的社区，您看不到他们的姓名；请他们到社区来，报上姓名和电话。")
        }
        Lang::En => {
            format!(
                "{count} others live elsewhere and are not shown to you: they tell the community who they are."
            )
        }
    }
}
