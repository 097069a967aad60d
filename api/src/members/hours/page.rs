//! My hours: the record of one person, each row with its reasons.

use hourbook_ledger::domain::event::Assurance;
use hourbook_ledger::domain::time::Date;
use maud::{Markup, html};

use super::super::duties::{self, Duty};
use crate::ui::charts::{self, Frame, Month};
use crate::ui::components::{Pager, Tone, badge, card, dotted, empty, heading, notice, pager, position_link};
use crate::ui::i18n::{self, Lang};
use crate::ui::icons::{Icon, icon};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::{glossary, labels, paths};

/// What the person sees of their own record.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The person's name.
    pub person: String,
    /// The reader is the person.
    pub own: bool,
    /// What waits for the reader, on the own page.
    pub duties: Vec<Duty>,
    /// Volunteer number, when there is one.
    pub volunteer_no: Option<String>,
    /// All certified minutes.
    pub minutes_total: u64,
    /// Of these, in the running month.
    pub minutes_this_month: u64,
    /// Recorded, not yet confirmed.
    pub minutes_waiting: u64,
    /// Spendable credit in minutes; negative is a debt.
    pub credit_minutes: i64,
    /// Credit set aside for requests under way.
    pub credit_held_minutes: u64,
    /// Up to twelve months, oldest first.
    pub months: Vec<Month>,
    /// Days with certified minutes in these months.
    pub days: Vec<(Date, u64)>,
    /// One page of the record, newest first.
    pub rows: Vec<Row>,
    /// Which page.
    pub pager: Pager,
}

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowState {
    /// Recorded; a second person has yet to confirm.
    Waiting,
    /// Counts.
    Confirmed,
    /// Replaced by a later correction.
    Corrected,
}

impl RowState {
    fn badge(self, lang: Lang) -> Markup {
        let (tone, (zh, en)) = match self {
            RowState::Waiting => (Tone::Wait, glossary::TO_CONFIRM.words),
            RowState::Confirmed => (Tone::Good, glossary::CONFIRMED.words),
            RowState::Corrected => (Tone::Plain, ("已更正", "Corrected")),
        };
        badge(tone, lang.t(zh, en))
    }
}

/// Who said something, when, and where on the log.
#[derive(Clone, Debug)]
pub struct Said {
    /// Who, as far as the reader may know.
    pub by: String,
    /// How it was signed.
    pub assurance: Assurance,
    /// ISO timestamp it was recorded at.
    pub at: String,
    /// Log position.
    pub position: u64,
}

/// Credit posted for a row.
#[derive(Clone, Debug, Default)]
pub struct Posting {
    /// Minutes credited to the person; negative when taken back.
    pub minutes: i64,
    /// Log position of the event that posted it.
    pub position: u64,
}

/// One service.
#[derive(Clone, Debug)]
pub struct Row {
    /// Activity.
    pub activity: String,
    /// ISO date of service.
    pub date: String,
    /// `09:00`.
    pub start: String,
    /// `11:30`.
    pub end: String,
    /// Certified (or, while waiting, recorded) minutes.
    pub minutes: u64,
    /// Where.
    pub place: String,
    /// What was done.
    pub content: String,
    /// Organising unit.
    pub organisation: String,
    /// Person in charge.
    pub lead: String,
    /// Where it stands.
    pub state: RowState,
    /// Why it was entered afterwards, when it was (补录).
    pub late_reason: Option<String>,
    /// Who recorded it.
    pub recorded: Said,
    /// Who confirmed it.
    pub confirmed: Option<Said>,
    /// Credit posted for it.
    pub posting: Option<Posting>,
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let lang = shell.lang();
    let frame = Frame::from(&shell.preferences);
    let sheets: Vec<(i32, u32)> = view.months.iter().map(|m| (m.year, m.month)).collect();
    let number =
        view.volunteer_no.as_deref().map(|no| format!("{}{no}", shell.t("志愿者编号 ", "Volunteer no. ")));
    let title = match lang {
        Lang::Zh => format!("{}的时光簿", view.person),
        Lang::En => format!("Hours of {}", view.person),
    };
    let body = html! {
        (heading(&title, number.as_deref()))
        (duties::draw(shell, &view.duties))
        (balances(shell, view))
        @if view.own {
            p.more { a.button.second href=(paths::ACCESS) { (icon(Icon::Lock)) (shell.t("谁看过我的记录，谁能看到我的名字", "Who looked at my record, who sees my name")) } }
        } @else {
            (notice(Tone::Plain, shell.t("您正在看别人的记录", "You are looking at somebody else's record"), &html! {
                p { (shell.t("这次查看已记入日志，本人看得到。", "This look is on the log, and the person can see it.")) }
            }))
        }
        @if view.rows.is_empty() {
            section.card { (empty(
                shell.t("还没有服务记录", "No service on record yet"),
                shell.t("参加一次活动或认领一个心愿，审核后就记在这里。", "Join an activity or claim a wish; once confirmed, it is written here."),
                Some((paths::WISHES, shell.t("看看微心愿", "Look at wishes"))),
            )) }
        } @else {
            div.split {
                section.card.record {
                    h2 { (shell.t("服务记录", "Service record")) }
                    ol.rows { @for row in &view.rows { (record_row(lang, row)) } }
                    (pager(shell, view.pager))
                    p.fine { (shell.t("哪一行不是您的，或者时长不对？请告诉社区，更正会另记一条，旧记录不会消失。", "A row is not yours, or the time is wrong? Tell your community: a correction is a new entry, the old one stays visible.")) }
                }
                div.side {
                    (card("chart-card", shell.t("每月时长", "Hours per month"), &charts::months(frame, &view.months)))
                    (card("chart-card", shell.t("服务日历", "Service calendar"), &charts::calendar(frame, &sheets, &view.days)))
                }
            }
        }
    };
    page(shell, Some(Tab::Mine), shell.t("我的时长", "My hours"), &body)
}

fn balances(shell: &Shell, view: &View) -> Markup {
    let lang = shell.lang();
    html! {
        div.balances {
            section.card.service {
                h2 { (icon(Icon::Clock)) (shell.t("服务时长", "Service hours")) }
                p.big { b { (i18n::hours_number(view.minutes_total)) } " " span { (i18n::hours_unit(lang)) } }
                p { (shell.t("本月 ", "This month ")) b { (i18n::hours_minutes(lang, view.minutes_this_month)) }
                    @if view.minutes_waiting > 0 {
                        (shell.t("，另有 ", "; ")) b { (i18n::hours_minutes(lang, view.minutes_waiting)) }
                        (shell.t(" 待审核", " to be confirmed"))
                    }
                }
                p.what { (shell.t("是服务的证明，花不掉，也不会减少。", "Proof of service: it is never spent.")) }
                @if view.own && view.minutes_total > 0 { p.more { a.button href=(paths::STATEMENT) { (icon(Icon::Print)) (shell.t("打印时长证明单", "Print my statement")) } } }
            }
            section.card.credit {
                h2 { (icon(Icon::Coin)) (shell.t("时间币", "Time credit")) }
                p.big { b { (i18n::signed_hours_number(view.credit_minutes)) } " " span { (i18n::hours_unit(lang)) } }
                @if view.credit_held_minutes > 0 {
                    p { (shell.t("另有 ", "Another ")) b { (i18n::hours_minutes(lang, view.credit_held_minutes)) }
                        (shell.t(" 已为请求预留", " is set aside for requests")) }
                }
                p.what { (shell.t("可以用来请人帮忙、赠给亲属或捐给社区。没有价格，不能买卖。", "To ask for help, give to relatives or donate. It has no price.")) }
                @if view.credit_minutes < 0 {
                    (notice(Tone::Wait, shell.t("余额为负", "Below zero"), &html! { p { (shell.t("一笔已用的时间后来被更正。参加服务即可补上。", "Time already spent was corrected later. New service makes it good.")) } }))
                }
            }
        }
    }
}

fn record_row(lang: Lang, row: &Row) -> Markup {
    let times = format!("{}–{}", row.start, row.end);
    html! {
        li.row {
            div.line {
                h3 { (row.activity) }
                p.amount { b { (i18n::hours_minutes(lang, row.minutes)) } }
            }
            p.meta { (dotted(&[&i18n::date(lang, &row.date), &times, &row.place])) }
            p.tags {
                (row.state.badge(lang))
                @if row.late_reason.is_some() { (badge(Tone::Wait, lang.t("补录", "Entered afterwards"))) }
            }
            (why(lang, row))
        }
    }
}

fn why(lang: Lang, row: &Row) -> Markup {
    html! {
        details.why {
            summary { (lang.t("为什么算数", "Why it counts")) span.hidden { "：" (row.activity) " " (row.date) } }
            dl {
                @if !row.content.is_empty() { dt { (lang.t("做了什么", "What")) } dd { (row.content) } }
                dt { (lang.t("组织方", "Organiser")) } dd { (dotted(&[&row.organisation, &row.lead])) }
                dt { (lang.t("记录", "Recorded")) } dd { (said(lang, &row.recorded)) }
                dt { (lang.t("审核", "Confirmed")) }
                @match &row.confirmed {
                    Some(confirmed) => dd { (said(lang, confirmed)) },
                    None if row.state == RowState::Corrected => dd { (lang.t("在审核之前就更正了。", "Corrected before it was confirmed.")) },
                    None => dd { (lang.t("还没有。须由本人和经办人以外的第三人审核。", "Not yet. It takes a third person, neither you nor the recorder.")) },
                }
                @if let Some(reason) = &row.late_reason { dt { (lang.t("补录原因", "Why afterwards")) } dd { (reason) } }
                @if let Some(posting) = &row.posting {
                    dt { (lang.t("时间币", "Time credit")) }
                    dd {
                        (i18n::signed_hours_minutes(lang, posting.minutes, true))
                        " " (position_link(lang, posting.position))
                    }
                }
            }
        }
    }
}

fn said(lang: Lang, said: &Said) -> Markup {
    html! {
        (dotted(&[&said.by, labels::assurance(lang, said.assurance), &i18n::date_time(lang, &said.at)]))
        " " (position_link(lang, said.position))
    }
}
