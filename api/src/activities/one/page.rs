//! One activity, for whoever runs it.

use hourbook_projections::activities::ActivityState;
use maud::{Markup, html};

use crate::activities::actions::by_staff;
use crate::activities::desk::{Member, When, place};
use crate::activities::planning::page::times;
use crate::commands::{Given, Words};
use crate::ui::components::{Tone, badge, breadcrumb, card, dotted, empty, fact, heading, position_link};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::signing::{self, Signed};
use crate::ui::{forms, i18n, paths};

/// What the reader sees.
#[derive(Clone, Debug)]
pub struct View {
    /// What it is called.
    pub title: String,
    /// Kind of service, in the page's language.
    pub category: String,
    /// Who runs it.
    pub org: String,
    /// Where.
    pub place: String,
    /// What is done.
    pub content: String,
    /// Who is in charge.
    pub lead: String,
    /// Who planned it.
    pub planned_by: String,
    /// Log position of the plan.
    pub position: u64,
    /// How far it has come.
    pub state: ActivityState,
    /// Its shifts, the first first.
    pub shifts: Vec<Shift>,
    /// The reader may call the roll.
    pub calls: bool,
    /// ISO date of today.
    pub today: String,
    /// Publishes it.
    pub publish: Option<Signed>,
    /// Opens shifts.
    pub open: Option<Signed>,
    /// Closes it.
    pub close: Option<Signed>,
    /// Cancels it.
    pub cancel: Option<Signed>,
}

/// Where a shift stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// It is not over.
    ToCome,
    /// Nobody called the roll, or not of everybody.
    NotCalled,
    /// The roll was called, and of somebody no hours are recorded.
    NoHours,
    /// All is done.
    Called,
}

/// A shift.
#[derive(Clone, Debug)]
pub struct Shift {
    /// When it is.
    pub when: When,
    /// Places in all.
    pub capacity: u64,
    /// Places taken.
    pub taken: u64,
    /// Persons on the waiting list.
    pub waiting: u64,
    /// Persons who were there.
    pub present: u64,
    /// Persons who did not come.
    pub absent: u64,
    /// Where it stands.
    pub stage: Stage,
    /// Who is in it.
    pub members: Vec<Member>,
    /// Where the roll is called.
    pub roll: String,
    /// Where its sheet is printed.
    pub sheet: String,
}

/// How far it has come, in words.
fn state(state: ActivityState) -> (Tone, Words) {
    match state {
        ActivityState::Planned => (Tone::Wait, ("未发布", "Not published")),
        ActivityState::Published => (Tone::Good, ("已发布", "Published")),
        ActivityState::Closed => (Tone::Plain, ("已结束", "Closed")),
        ActivityState::Cancelled => (Tone::Bad, ("已取消", "Cancelled")),
    }
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let (tone, words) = state(view.state);
    let body = html! {
        (breadcrumb(shell, &[(paths::ACTIVITIES, shell.t("活动", "Activities"))], &view.title))
        (heading(&view.title, Some(&view.org)))
        section.card {
            p.tags { (badge(tone, shell.words(words))) span.category { (view.category) } }
            dl.facts {
                @if !view.place.is_empty() { (fact(shell.t("活动地点", "Where"), &html! { (view.place) })) }
                @if !view.content.is_empty() { (fact(shell.t("活动内容", "What"), &html! { (view.content) })) }
                (fact(shell.t("负责人", "In charge"), &html! { (view.lead) }))
                (fact(shell.t("经办人", "Planned by"), &html! { (view.planned_by) " " (position_link(shell.lang(), view.position)) }))
            }
            @if let Some(signed) = &view.publish {
                (signing::form(shell, paths::ACTIVITIES, signed, &html! {
                    button type="submit" { (shell.t("发布，开始报名", "Publish, and open sign-up")) }
                }))
            }
        }
        (signing::needs_a_key(shell))
        @for shift in &view.shifts { (one_shift(shell, view, shift)) }
        @if view.shifts.is_empty() {
            section.card.work { (empty(shell.t("还没有场次", "No shift yet"), shell.t("开设场次以后才能报名。", "People sign up for a shift."), None)) }
        }
        @if shell.signer().is_some() { (rest(shell, view)) }
    };
    page(shell, Some(Tab::Activities), &view.title, &body)
}

fn one_shift(shell: &Shell, view: &View, shift: &Shift) -> Markup {
    let lang = shell.lang();
    let when = shift.when.said(lang);
    let told = |words: Words, count: u64| format!("{} {}", shell.words(words), i18n::count(count));
    let places = format!("{} / {}", told(("报名", "signed up"), shift.taken), i18n::count(shift.capacity));
    let mut figures = vec![places];
    if shift.waiting > 0 {
        figures.push(told(("候补", "waiting"), shift.waiting));
    }
    if shift.present + shift.absent > 0 {
        figures.push(told(("实到", "there"), shift.present));
        figures.push(told(("未到", "did not come"), shift.absent));
    }
    let calls = view.calls
        && shift.stage != Stage::ToCome
        && matches!(view.state, ActivityState::Published | ActivityState::Closed);
    let call: Words = match shift.stage {
        Stage::Called => ("补充点名", "Add to the roll"),
        _ => ("点名", "Call the roll"),
    };
    let (tone, words) = match shift.stage {
        Stage::ToCome => (Tone::Call, ("未开始或进行中", "not over yet")),
        Stage::NotCalled => (Tone::Wait, ("待点名", "roll to be called")),
        Stage::NoHours => (Tone::Wait, ("时长未登记", "hours to be recorded")),
        Stage::Called => (Tone::Good, ("已点名", "roll called")),
    };
    html! {
        section.card.work {
            h2 { (when) }
            p.tags { (badge(tone, shell.words(words))) span.category { (dotted(&figures.iter().map(String::as_str).collect::<Vec<_>>())) } }
            @if !shift.members.is_empty() {
                details.why open[shift.stage == Stage::ToCome] {
                    summary { (shell.t("名单", "Roster")) span.hidden { " " (when) } }
                    ul.plain.picks {
                        @for member in &shift.members {
                            li { b { (member.called(lang)) } " " span.meta { (shell.words(place(member.place))) } }
                        }
                    }
                }
            }
            p.buttons {
                @if calls {
                    a.button.second[shift.stage == Stage::Called] href=(shift.roll) { (shell.words(call)) span.hidden { " " (when) } }
                }
                a.button.second href=(shift.sheet) { (shell.t("打印签到表", "Print the sign-in sheet")) span.hidden { " " (when) } }
            }
        }
    }
}

fn rest(shell: &Shell, view: &View) -> Markup {
    html! {
        @if let Some(signed) = &view.open {
            (card("work", shell.t("增加场次", "More shifts"), &signing::form(shell, paths::ACTIVITIES, signed, &html! {
                (times(shell, &view.today))
                button type="submit" { (shell.t("开设场次", "Open")) }
            })))
        }
        @if let Some(signed) = &view.close {
            (card("work", shell.t("结束活动", "Close"), &html! {
                p { (shell.t("结束以后不能再报名；点名和登记时长不受影响。", "Nobody can sign up any more; rolls are called and hours recorded all the same.")) }
                (signing::form(shell, paths::ACTIVITIES, signed, &html! {
                    button.second type="submit" { (shell.t("结束活动", "Close")) }
                }))
            }))
        }
        @if let Some(signed) = &view.cancel {
            (card("work", shell.t("取消活动", "Cancel"), &html! {
                p { (shell.t("整个活动连同所有场次一起取消，取消后不能恢复。", "The whole activity with all its shifts; it cannot be taken back.")) }
                (signing::form(shell, paths::ACTIVITIES, signed, &html! {
                    (forms::fields(shell, by_staff("cancel-activity"), &Given::default()))
                    button.second type="submit" { (shell.t("取消活动", "Cancel the activity")) }
                }))
            }))
        }
    }
}
