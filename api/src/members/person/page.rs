//! One person: facts, belonging, offices, keys and codes.

use maud::{Markup, html};

use super::super::offices::{Lost, lost_form};
use crate::ui::components::{
    Column, Tone, badge, breadcrumb, card, empty, fact, heading, notice, position_link, table,
};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::signing::{self, Signed};
use crate::ui::{i18n, parts, paths};

/// What the reader sees.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The id, as a UUID.
    pub id: String,
    /// The name, as far as the reader may see it.
    pub name: String,
    /// The phone without its middle, if the reader may see that much.
    pub phone: Option<String>,
    /// The volunteer number, if the reader may see it.
    pub volunteer_no: Option<String>,
    /// The community.
    pub community: String,
    /// The organisation at which the person is at home.
    pub home: String,
    /// ISO timestamp of the registration.
    pub registered_at: String,
    /// Agreed to be named in public.
    pub public_name: bool,
    /// Erasure was asked for or done.
    pub erased: bool,
    /// Somebody else has the same name and the same phone or number.
    pub has_double: bool,
    /// How the person belongs to organisations, in order of recording.
    pub affiliations: Vec<Affiliation>,
    /// The report-in that was spoken of last.
    pub report_in: Option<ReportIn>,
    /// The roles held.
    pub roles: Vec<Role>,
    /// The keys and open codes, for staff of a home.
    pub access: Option<Access>,
}

/// How the person belongs to an organisation.
#[derive(Clone, Debug, Default)]
pub struct Affiliation {
    /// The organisation.
    pub org: String,
    /// In which way, in the page's language.
    pub kind: &'static str,
    /// ISO date of the first day.
    pub from: String,
    /// ISO date of the day after the last.
    pub to: Option<String>,
}

/// A report-in (报到).
#[derive(Clone, Debug, Default)]
pub struct ReportIn {
    /// Where to.
    pub community: String,
    /// How far it has come, in the page's language.
    pub state: &'static str,
    /// Log position of the event that brought it there.
    pub position: u64,
}

/// A role that the person holds.
#[derive(Clone, Debug, Default)]
pub struct Role {
    /// Which, in the page's language.
    pub role: &'static str,
    /// Over what, in the page's language.
    pub over: String,
}

/// By what the person comes in.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The keys, in order of enrolment.
    pub keys: Vec<Key>,
    /// ISO timestamps until which codes that were handed out can be typed in.
    pub codes: Vec<String>,
    /// ISO timestamps until which sessions that a code opened last.
    pub sessions: Vec<String>,
    /// What is signed to give the person another code.
    pub code: Option<Signed>,
}

/// A key of the person.
#[derive(Clone, Debug, Default)]
pub struct Key {
    /// Its id, 32 hexadecimal digits.
    pub id: String,
    /// Log position of its enrolment.
    pub position: u64,
    /// Log position of its end.
    pub ended: Option<u64>,
    /// Until then, an ISO timestamp, it is taken for the hand of whoever handed out the code by which it came.
    pub lent_until: Option<String>,
    /// What is signed when its device is lost, if the reader may.
    pub lost: Option<Lost>,
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = view.name.as_str();
    let body = html! {
        (breadcrumb(shell, &[(paths::MY_HOURS, shell.t("我的时长", "My hours")), (paths::PEOPLE, shell.t("查找居民", "Find a person"))], title))
        (heading(title, Some(&view.community).filter(|place| !place.is_empty()).map(String::as_str)))
        (notice(Tone::Plain, shell.t("您正在看别人的信息", "You are looking at somebody else's data"), &html! {
            p { (shell.t("这次查看已记入日志，本人看得到。", "This look is on the log, and the person can see it.")) }
        }))
        div.split {
            div.side {
                (card("", shell.t("基本信息", "Facts"), &facts(shell, view)))
                (card("", shell.t("所属组织", "Belongs to"), &affiliations(shell, view)))
            }
            div.side {
                (card("", shell.t("职务", "Roles"), &roles(shell, view)))
                @if let Some(access) = &view.access {
                    (card("", shell.t("密钥", "Keys"), &keys(shell, access)))
                    (card("", shell.t("登录码和登录", "Codes and sessions"), &codes(shell, view, access)))
                }
            }
        }
    };
    page(shell, Some(Tab::People), title, &body)
}

fn facts(shell: &Shell, view: &View) -> Markup {
    let lang = shell.lang();
    html! {
        @if view.erased { p { (badge(Tone::Bad, shell.t("已申请删除个人信息", "erasure was asked for"))) } }
        @if view.has_double {
            p { (badge(Tone::Wait, shell.t("可能登记了两次：另有同名同号的人", "perhaps registered twice: somebody else has this name and number"))) }
        }
        dl.facts {
            @if let Some(phone) = &view.phone { (fact(shell.t("电话", "Phone"), &html! { (phone) })) }
            @if let Some(number) = &view.volunteer_no { (fact(shell.t("志愿者编号", "Volunteer number"), &html! { (number) })) }
            (fact(shell.t("住在", "At home in"), &html! { (view.home) }))
            (fact(shell.t("登记时间", "Registered"), &html! { (i18n::date_time(lang, &view.registered_at)) }))
            (fact(shell.t("姓名公开", "Named in public"), &html! { (if view.public_name { shell.t("是", "yes") } else { shell.t("否", "no") }) }))
            (fact(shell.t("人员编号", "Id"), &html! { code { (view.id) } }))
        }
        p.more { a.button.second href=(paths::member(&view.id)) { (shell.t("服务记录", "Service record")) } }
        @if view.access.is_some() && !view.erased {
            p.more { a.button.second href=(paths::post_wish(&view.id)) { (shell.t("提心愿", "Post a wish")) } }
        }
    }
}

fn affiliations(shell: &Shell, view: &View) -> Markup {
    let lang = shell.lang();
    let columns: [Column<'_, Affiliation>; 4] = [
        (shell.t("组织", "Organisation"), &|tie| html! { b { (tie.org) } }),
        (shell.t("关系", "How"), &|tie| html! { (tie.kind) }),
        (shell.t("从", "From"), &|tie| html! { (i18n::date(lang, &tie.from)) }),
        (shell.t("到（不含）", "Until (not on)"), &|tie| {
            html! {
                @match &tie.to { Some(to) => (i18n::date(lang, to)), None => (shell.t("现在", "open")) }
            }
        }),
    ];
    html! {
        @if view.affiliations.is_empty() {
            (empty(
                shell.t("只属于登记的住处", "Belongs to the home alone"),
                shell.t("没有登记单位、支部或队伍。", "No unit, branch or team is on record."),
                None,
            ))
        } @else {
            (table(shell.t("以往的和将来的也在内", "Past and future ones too"), &columns, &view.affiliations))
        }
        @if let Some(report_in) = &view.report_in {
            p { (shell.t("报到：", "Report-in: ")) b { (report_in.community) } " · " (report_in.state) " " (position_link(lang, report_in.position)) }
        }
    }
}

fn roles(shell: &Shell, view: &View) -> Markup {
    if view.roles.is_empty() {
        return html! { p { (shell.t("没有职务。", "None.")) } };
    }
    html! { ul.plain { @for role in &view.roles { li { b { (role.role) } " · " (role.over) } } } }
}

fn keys(shell: &Shell, access: &Access) -> Markup {
    let lang = shell.lang();
    if access.keys.is_empty() {
        return html! { p { (shell.t("没有密钥：本人用登录码登录后可以新建。", "None: the person makes one after signing in with a code.")) } };
    }
    html! {
        ul.plain {
            @for key in &access.keys {
                li {
                    p { code.root { (parts::grouped(&key.id)) } }
                    p {
                        @match key.ended {
                            Some(ended) => { (badge(Tone::Plain, shell.t("已停用", "ended"))) " " (position_link(lang, ended)) },
                            None => { (badge(Tone::Good, shell.t("有效", "in force"))) " " (position_link(lang, key.position)) },
                        }
                    }
                    @if key.ended.is_none() && shell.signer().is_some() {
                        (lost_form(shell, paths::PEOPLE, key.lost.as_ref()))
                    }
                    @if let (None, Some(until)) = (key.ended, &key.lent_until) {
                        p.fine { (shell.t("凭登录码登记，期满：", "It came by a code; its term is over: ")) (i18n::date_time(lang, until)) }
                    }
                }
            }
        }
    }
}

fn codes(shell: &Shell, view: &View, access: &Access) -> Markup {
    let lang = shell.lang();
    html! {
        @if access.codes.is_empty() && access.sessions.is_empty() {
            p { (shell.t("没有待用的登录码，也没有用登录码登录着。", "No code waits to be used, and no session of a code is open.")) }
        }
        ul.plain {
            @for until in &access.codes {
                li { (badge(Tone::Wait, shell.t("登录码待用", "code not used yet"))) " " (shell.t("有效期至 ", "good until ")) (i18n::date_time(lang, until)) }
            }
            @for until in &access.sessions {
                li { (badge(Tone::Good, shell.t("已用登录码登录", "signed in by a code"))) " " (shell.t("至 ", "until ")) (i18n::date_time(lang, until)) }
            }
        }
        @if let (Some(signed), true) = (&access.code, shell.signer().is_some()) {
            (signing::form(shell, paths::PEOPLE, signed, &html! {
                input type="hidden" name="name" value=(view.name) data-label=(shell.t("给谁", "To whom"));
                button.second type="submit" { (shell.t("给新的登录码", "Give a new code")) }
            }))
            p.fine { (shell.t("新码发出，没用过的旧码作废。", "A new code ends one that was not used.")) }
        }
    }
}
