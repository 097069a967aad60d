//! Activities to come, with places and sign-up.

use maud::{Markup, html};

use crate::ui::components::{Pager, Tone, badge, dotted, empty, heading, notice, pager};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::parts::{Refusal, refusal};
use crate::ui::signing::{self, Signed};
use crate::ui::{i18n, paths};

/// What the page shows.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Shifts that have not ended, the next one first.
    pub shifts: Vec<Shift>,
    /// Which page.
    pub pager: Pager,
    /// Why what the reader wanted to do was refused.
    pub refused: Option<Refusal>,
    /// What staff have here besides.
    pub staff: Option<Staff>,
}

/// What whoever runs activities has here.
#[derive(Clone, Debug, Default)]
pub struct Staff {
    /// Planned and not published: title, who runs it, and where it is published.
    pub planned: Vec<(String, String, String)>,
}

/// A shift of an activity.
#[derive(Clone, Debug, Default)]
pub struct Shift {
    /// What the activity is called.
    pub title: String,
    /// Kind of service, in the page's language.
    pub category: String,
    /// Who runs it.
    pub organisation: String,
    /// Where.
    pub place: String,
    /// ISO date.
    pub date: String,
    /// `09:00`.
    pub start: String,
    /// `11:30`.
    pub end: String,
    /// Places in all.
    pub capacity: u64,
    /// Places taken.
    pub taken: u64,
    /// Persons on the waiting list.
    pub waiting: u64,
    /// The reader's own place.
    pub own: Own,
    /// What the reader can do.
    pub act: Act,
    /// Where whoever runs it sees the roster.
    pub run: Option<String>,
}

/// The reader's own place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Own {
    /// None.
    #[default]
    None,
    /// Has a place.
    Placed,
    /// Is on the waiting list.
    Waiting,
}

/// What the reader can do about a shift.
#[derive(Clone, Debug, Default)]
pub enum Act {
    /// Nothing.
    #[default]
    Nothing,
    /// Sign in first.
    SignIn,
    /// Take a place, or one on the waiting list: the target of the POST form, and what is signed by it.
    SignUp(String, Signed),
    /// Give it back: the same.
    Withdraw(String, Signed),
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("近期活动", "Activities to come");
    let body = html! {
        (heading(title, Some(shell.t("由社区和服务队组织。报满以后可以排队，有人退出时自动递补。", "Run by communities and teams. When all places are taken you can wait: whoever withdraws makes room."))))
        @if let Some(refused) = &view.refused { (refusal(shell, refused)) }
        @if let Some(staff) = &view.staff { (for_staff(shell, staff)) }
        @if view.shifts.is_empty() {
            section.card { (empty(
                shell.t("现在没有可以报名的活动", "No activity is open for sign-up"),
                shell.t("社区发布后会出现在这里，也可以先看看微心愿。", "New ones appear here once they are published; meanwhile, look at the wishes."),
                Some((paths::WISHES, shell.t("看看微心愿", "Look at wishes"))),
            )) }
        } @else {
            ul.wish-board { @for shift in &view.shifts { (item(shell, shift)) } }
            (pager(shell, view.pager))
        }
    };
    page(shell, Some(Tab::Activities), title, &body)
}

fn for_staff(shell: &Shell, staff: &Staff) -> Markup {
    html! {
        p.more { a.button href=(paths::PLAN) { (shell.t("策划活动", "Plan an activity")) } }
        @if !staff.planned.is_empty() {
            section.card.work {
                h2 { (shell.t("还没有发布", "Not published yet")) " " span.count { (staff.planned.len()) } }
                ul.plain.todo {
                    @for (title, org, href) in &staff.planned {
                        li {
                            div.what { h3 { (title) } p.meta { (org) } }
                            a.button.second href=(href) { (shell.t("查看", "Look")) span.hidden { "：" (title) } }
                        }
                    }
                }
            }
        }
    }
}

fn item(shell: &Shell, shift: &Shift) -> Markup {
    let lang = shell.lang();
    let when = format!("{} {}–{}", i18n::date(lang, &shift.date), shift.start, shift.end);
    html! {
        li.wish {
            p.tags { (places(shell, shift)) span.category { (shift.category) } }
            h2 { @match &shift.run { Some(href) => a href=(href) { (shift.title) }, None => (shift.title) } }
            p { b { (when) } }
            p.meta { (dotted(&[&shift.organisation, &shift.place])) }
            (own(shell, shift))
            @match &shift.act {
                Act::Nothing => {},
                Act::SignIn => p { a.button.second href={ (paths::SIGN_IN) "?next=" (paths::ACTIVITIES) } { (shell.t("登录后报名", "Sign in to sign up")) } },
                Act::SignUp(action, signed) => (signing::form(shell, action, signed, &html! {
                    button.second type="submit" {
                        @if shift.taken < shift.capacity { (shell.t("报名", "Sign up")) } @else { (shell.t("排队候补", "Wait for a place")) }
                        span.hidden { " " (shift.title) " " (when) }
                    }
                })),
                Act::Withdraw(action, signed) => (signing::form(shell, action, signed, &html! {
                    button.quiet type="submit" { (shell.t("退出", "Withdraw")) span.hidden { " " (shift.title) " " (when) } }
                })),
            }
        }
    }
}

fn places(shell: &Shell, shift: &Shift) -> Markup {
    let free = shift.capacity.saturating_sub(shift.taken);
    let (tone, text) = match free {
        0 => (Tone::Wait, shell.t("已报满", "All places taken").to_owned()),
        free => (
            Tone::Call,
            format!(
                "{}{} / {}",
                shell.t("余位 ", "places left: "),
                i18n::count(free),
                i18n::count(shift.capacity)
            ),
        ),
    };
    html! {
        (badge(tone, &text))
        @if shift.waiting > 0 { span.category { (shell.t("候补 ", "waiting: ")) (i18n::count(shift.waiting)) } }
    }
}

fn own(shell: &Shell, shift: &Shift) -> Markup {
    let (tone, title, text) = match shift.own {
        Own::None => return html! {},
        Own::Placed => (
            Tone::Good,
            shell.t("您已报名", "You have a place"),
            shell.t(
                "不能来请提前退出，位子会让给候补的人。",
                "Cannot come? Withdraw in time: somebody waits for the place.",
            ),
        ),
        Own::Waiting => (
            Tone::Wait,
            shell.t("您在候补", "You are on the waiting list"),
            shell.t("有人退出就轮到您。", "You move up when somebody withdraws."),
        ),
    };
    notice(tone, title, &html! { p { (text) } })
}
