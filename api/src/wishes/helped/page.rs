//! Who helped with a wish, ticked, with the time; signed as hours are.

use hourbook_ledger::domain::time::Date;
use maud::{Markup, html};

use crate::commands::Words;
use crate::ui::components::{Tone, badge, breadcrumb, heading, notice};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::parts::walk_ups;
use crate::ui::signing::{self, Signed};
use crate::ui::{assets, i18n, labels, paths};

/// What the reader sees.
#[derive(Clone, Debug)]
pub struct View {
    /// The wish's id.
    pub wish: String,
    /// What the public reads of it.
    pub sentence: String,
    /// The resident said that it was granted.
    pub is_granted: bool,
    /// Who took it on or took part.
    pub rows: Vec<Row>,
    /// ISO date of the service.
    pub day: String,
    /// When it began, as far as is known.
    pub start: String,
    /// When it ended.
    pub end: String,
    /// The last day on which hours were in time, if it has passed.
    pub late: Option<Date>,
    /// The reader may look for more people.
    pub finds_people: bool,
    /// What is signed.
    pub signed: Signed,
}

/// Somebody who helped.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The name, as far as the reader may see it.
    pub name: Option<String>,
    /// What the script reads.
    pub said: String,
    /// The hours for this wish are recorded.
    pub is_recorded: bool,
    /// The reader, whose hours somebody else records.
    pub is_reader: bool,
}

/// What the bar says.
const SUM: Words = ("登记 {n} 人，共 {h} 小时 {m} 分", "{n} to record, {h} h {m} min in all");

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("登记帮忙的时长", "Hours of who helped");
    let wish = paths::wish(&view.wish);
    let lead = shell.t(
        "每人每个心愿只登记一次。再由另一位同事审核，时长才算数。",
        "Each person once a wish. The hours count once a colleague has confirmed them.",
    );
    let body = html! {
        (breadcrumb(shell, &[(paths::WISHES, shell.t("微心愿", "Wishes")), (&wish, &view.sentence)], title))
        (heading(title, Some(lead)))
        @if !view.is_granted {
            (notice(Tone::Wait, shell.t("还没有圆梦", "Not granted yet"), &html! {
                p { (shell.t("住户确认以后才能登记。", "Hours are recorded once the resident has confirmed.")) }
            }))
        } @else {
            (signing::needs_a_key(shell))
            @if shell.signer().is_some() { (form(shell, view)) }
        }
    };
    page(shell, Some(Tab::Wishes), title, &body)
}

fn form(shell: &Shell, view: &View) -> Markup {
    html! {
        @if view.finds_people { (walk_ups::search(shell, ("加入一起帮忙的人：姓名、拼音首字母、电话后四位", "Who helped, too: name, initials, last four digits of the phone"))) }
        (signing::form(shell, paths::WISHES, &view.signed, &html! {
            section.card {
                p { (i18n::date(shell.lang(), &view.day)) }
                div.times data-times data-first-day=(view.day) data-last-day=(view.day) {
                    label.field { span { (shell.t("开始（所有人）", "From, for all")) } input type="time" data-from data-said required value=(view.start); }
                    label.field { span { (shell.t("结束（所有人）", "Until, for all")) } input type="time" data-until data-said required value=(view.end); }
                }
                @if let Some(due) = view.late {
                    label.field { span { (shell.t("补录原因", "Why afterwards")) } input type="text" data-late data-said required maxlength="120" autocomplete="off"; }
                    p.hint { (shell.t("登记期限 ", "It was due on ")) (i18n::date(shell.lang(), &due.to_string())) (shell.t(" 已过，时长会标明“补录”。", ": the hours will be marked as entered afterwards.")) }
                }
            }
            section.card.work {
                h2 { (shell.t("帮忙的人", "Who helped")) }
                ul.plain.picks data-picks { @for row in &view.rows { (line(shell, row)) } }
                @if view.rows.is_empty() { p.hint { (shell.t("认领的是单位，请在上面查找到场的人。", "A unit took it on: look for whoever came above.")) } }
            }
            template data-walk-up { (walk_ups::row(shell, ("一起帮忙", "helped, too"))) }
            (signing::bar(shell, ("签名登记", "Sign and record"), SUM))
        }))
        script type="module" src=(assets::script("keys/roll.mjs")) {}
    }
}

fn line(shell: &Shell, row: &Row) -> Markup {
    let name = row.name.as_deref().unwrap_or_else(|| labels::nameless(shell.lang()));
    let still = match (row.is_recorded, row.is_reader) {
        (true, _) => Some((Tone::Good, ("已登记", "recorded"))),
        (false, true) => Some((Tone::Plain, ("您本人，请同事登记", "you: a colleague records it"))),
        (false, false) => None,
    };
    html! {
        @match still {
            Some((tone, words)) => li.still { b { (name) } " " (badge(tone, shell.words(words))) },
            None => li data-row=(row.said) data-name=(name) {
                label.pick { input type="checkbox" data-pick checked; span { b { (name) } } }
                (walk_ups::own_times(shell, Some(name), None))
            },
        }
    }
}
