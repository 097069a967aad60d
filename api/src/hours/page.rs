//! One recording: its rows to be ticked, and one bar at the foot that says what is signed.

use hourbook_ledger::domain::time::Date;
use maud::{Markup, html};

use super::warning::Warning;
use crate::commands::Words;
use crate::ui::components::{Tone, badge, breadcrumb, dotted, fact, heading, notice, position_link};
use crate::ui::i18n;
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::paths;
use crate::ui::signing::{self, Signed};

/// What the reader sees.
#[derive(Clone, Debug)]
pub struct View {
    /// What was done.
    pub title: String,
    /// Who recorded it.
    pub org: String,
    /// Where.
    pub place: String,
    /// What was done there.
    pub content: String,
    /// Whoever recorded it, by name.
    pub recorded_by: String,
    /// ISO timestamp of the recording.
    pub recorded_at: String,
    /// Its log position.
    pub position: u64,
    /// Why it was entered afterwards, if it was.
    pub late_reason: Option<String>,
    /// The last day on which it is in time.
    pub due: Option<Date>,
    /// The reader recorded it.
    pub is_own: bool,
    /// The rows.
    pub rows: Vec<Row>,
    /// What is signed.
    pub signed: Signed,
    /// The name of the input for a reason.
    pub reason: &'static str,
}

/// Where a row stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// It waits.
    Waiting,
    /// It counts.
    Confirmed,
    /// It was sent back or replaced.
    Corrected,
}

/// One person's service.
#[derive(Clone, Debug)]
pub struct Row {
    /// The person.
    pub name: String,
    /// ISO date.
    pub date: String,
    /// `09:00`.
    pub start: String,
    /// `11:30`.
    pub end: String,
    /// How long.
    pub minutes: u64,
    /// Where it stands.
    pub state: State,
    /// The reader is the person.
    pub is_reader: bool,
    /// What to look at twice.
    pub warnings: Vec<Warning>,
    /// What the row says if it is ticked, and if it is sent back.
    pub ticked: String,
    /// See `ticked`.
    pub left_out: Option<String>,
}

/// Why a row is sent back, on record in the words of the page.
const REASONS: [Words; 6] = [
    ("未到", "did not come"),
    ("时间不对", "the time is wrong"),
    ("不是本人", "it was somebody else"),
    ("重复录入", "recorded twice"),
    ("没有签到依据", "no sign-in sheet to go by"),
    ("不属于志愿服务", "not voluntary service"),
];

/// What the bar says.
const SUM: Words =
    ("勾选 {n} 条，共 {h} 小时 {m} 分；退回 {left} 条", "{n} ticked, {h} h {m} min in all; {left} sent back");

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let waiting = view.rows.iter().filter(|row| row.state == State::Waiting).count();
    let body = html! {
        (breadcrumb(shell, &[(paths::TODAY, shell.t("今日", "Today"))], &view.title))
        (heading(&view.title, Some(&view.org)))
        (facts(shell, view))
        @if waiting == 0 {
            (notice(Tone::Good, shell.t("没有待审核的行", "No row waits"), &html! {
                p { (shell.t("这一批已经处理完。", "All of it is dealt with.")) }
            }))
            section.card.work { (list(shell, view, false)) }
        } @else if view.is_own {
            (notice(Tone::Wait, shell.t("等同事审核", "A colleague confirms it"), &html! {
                p { (shell.t("这一批由您经办。经办人不能审核，请告诉一位同事。", "You recorded it. Whoever records does not confirm: tell a colleague.")) }
            }))
            section.card.work { (list(shell, view, false)) }
        } @else {
            (signing::needs_a_key(shell))
            @match shell.signer() {
                Some(_) => (signing::form(shell, paths::TODAY, &view.signed, &html! {
                    section.card { (list(shell, view, true)) }
                    (why_left(shell, view.reason))
                    (signing::bar(shell, ("审核通过", "Confirm"), SUM))
                })),
                None => section.card.work { (list(shell, view, false)) },
            }
        }
    };
    page(shell, Some(Tab::Today), &view.title, &body)
}

fn facts(shell: &Shell, view: &View) -> Markup {
    let lang = shell.lang();
    html! {
        section.card {
            dl.facts {
                @if !view.place.is_empty() { (fact(shell.t("地点", "Where"), &html! { (view.place) })) }
                @if !view.content.is_empty() { (fact(shell.t("服务内容", "What"), &html! { (view.content) })) }
                (fact(shell.t("经办人", "Recorded by"), &html! {
                    (dotted(&[&view.recorded_by, &i18n::date_time(lang, &view.recorded_at)])) " " (position_link(lang, view.position))
                }))
                @if let Some(reason) = &view.late_reason { (fact(shell.t("补录原因", "Why afterwards"), &html! { (reason) })) }
                @if let Some(due) = view.due { (fact(shell.t("录入期限", "Due"), &html! { (i18n::date(lang, &due.to_string())) })) }
            }
        }
    }
}

fn list(shell: &Shell, view: &View, open: bool) -> Markup {
    html! {
        ul.plain.picks { @for row in &view.rows { (line(shell, row, open && row.state == State::Waiting && !row.is_reader)) } }
    }
}

fn line(shell: &Shell, row: &Row, open: bool) -> Markup {
    let lang = shell.lang();
    let times = format!("{}–{}", row.start, row.end);
    let said = html! {
        span.who { b { (row.name) } }
        span.meta { (dotted(&[&i18n::date(lang, &row.date), &times, &i18n::hours_minutes(lang, row.minutes)])) }
        @for warning in &row.warnings { " " (badge(Tone::Wait, shell.words(warning.words()))) }
    };
    html! {
        @if open {
            li data-row=(row.ticked) data-minutes=(row.minutes) data-name=(row.name) data-left-row=[row.left_out.as_deref()] {
                label.pick { input type="checkbox" data-pick checked[row.warnings.is_empty()]; span { (said) } }
            }
        } @else {
            li.still {
                p { (said) }
                p.tags { (badge_of(shell, row)) }
            }
        }
    }
}

/// What a row is asked that is not ticked.
fn why_left(shell: &Shell, reason: &str) -> Markup {
    let choices = REASONS.map(|reason| {
        let words = shell.words(reason);
        (words, format!("{}{words}", shell.t("退回：", "send back: ")))
    });
    signing::left_out(
        shell,
        reason,
        ("不通过：", "Not confirmed: "),
        ("先留着，以后再审", "leave it for later"),
        &choices,
    )
}

fn badge_of(shell: &Shell, row: &Row) -> Markup {
    match row.state {
        State::Waiting if row.is_reader => {
            badge(Tone::Wait, shell.t("您本人的，由别人审核", "your own: somebody else confirms it"))
        }
        State::Waiting => badge(Tone::Wait, shell.t("待审核", "To be confirmed")),
        State::Confirmed => badge(Tone::Good, shell.t("已审核通过", "Confirmed")),
        State::Corrected => badge(Tone::Plain, shell.t("已退回或更正", "Sent back or corrected")),
    }
}
