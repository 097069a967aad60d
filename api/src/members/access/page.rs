//! Who looked at what is shown of one, who did what to one, and who may see one's name.

use maud::{Markup, html};

use crate::ui::components::{Column, Tone, badge, breadcrumb, card, empty, heading, position_link, table};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::parts::{Refusal, refusal};
use crate::ui::signing::{self, Signed};
use crate::ui::{i18n, paths};

/// What the person sees.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Looks by role and purpose, the most frequent first.
    pub kinds: Vec<LooksOfAKind>,
    /// Single looks, the latest first.
    pub looks: Vec<Look>,
    /// How many there are in all.
    pub in_all: u64,
    /// How often auditors read entries of the log, which concern everybody.
    pub entries_read: u64,
    /// What others did, the latest first.
    pub deeds: Vec<Deed>,
    /// The roles that the person holds.
    pub roles: Vec<OwnRole>,
    /// Agreed to be named in public.
    pub public_name: bool,
    /// What is signed by agreeing, or by agreeing no longer.
    pub naming: Option<Signed>,
    /// Why a change was refused.
    pub refused: Option<Refusal>,
}

/// Looks in one role and for one purpose, in the page's language.
#[derive(Clone, Debug, Default)]
pub struct LooksOfAKind {
    /// In which role.
    pub role: String,
    /// What for.
    pub purpose: String,
    /// How often.
    pub times: u64,
    /// ISO timestamp of the last.
    pub last: String,
}

/// A look by somebody else.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Who, as far as the person may see it.
    pub by: String,
    /// In which role, in the page's language.
    pub role: String,
    /// What for, in the page's language.
    pub purpose: String,
    /// At what, in the page's language.
    pub what: String,
    /// ISO timestamp.
    pub at: String,
    /// Log position.
    pub position: u64,
}

/// A role that the person holds.
#[derive(Clone, Debug, Default)]
pub struct OwnRole {
    /// Its stable name.
    pub name: String,
    /// The organisation over which it is held; empty for the whole ledger.
    pub org: String,
    /// What is signed by laying it down.
    pub laid_down: Option<Signed>,
    /// What it is and over what, in the page's language.
    pub told: String,
}

/// What somebody else did to the person.
#[derive(Clone, Debug, Default)]
pub struct Deed {
    /// What, in the page's language.
    pub what: String,
    /// The role and organisation that it is about.
    pub about: String,
    /// Who, as far as the person may see it.
    pub by: String,
    /// ISO timestamp.
    pub at: String,
    /// Log position.
    pub position: u64,
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("谁看过、谁做过什么", "Who looked, who did what");
    let body = html! {
        (breadcrumb(shell, &[(paths::MY_HOURS, shell.t("我的时长", "My hours"))], title))
        (heading(title, Some(shell.t("别人看到关于您的、不公开的内容，都会先记入日志，然后才看得到：每人、每处、每天记一次。", "Whoever sees of you what is not public is first put on the log: once a day for each viewer and thing."))))
        @if let Some(refused) = &view.refused { (refusal(shell, refused)) }
        div.split {
            div {
                section.card {
                    h2 { (shell.t("谁看过", "Who looked")) }
                    (looks(shell, view))
                }
                section.card {
                    h2 { (shell.t("别人为您或对您做过什么", "What others did for you or to you")) }
                    (deeds(shell, view))
                }
            }
            (card("", shell.t("我的密钥", "My keys"), &html! {
                p { a.button.second href=(paths::OWN_KEYS) { (shell.t("查看和新建密钥", "See keys, make one")) } }
            }))
            @if !view.roles.is_empty() { (card("", shell.t("我的职务", "My roles"), &roles(shell, view))) }
            (card("", shell.t("谁能看到我的名字", "Who sees my name"), &naming(shell, view)))
        }
    };
    page(shell, Some(Tab::Mine), title, &body)
}

fn looks(shell: &Shell, view: &View) -> Markup {
    let lang = shell.lang();
    let times = |times: u64| {
        format!("{}{}", i18n::count(times), shell.t(" 次", if times == 1 { " time" } else { " times" }))
    };
    html! {
        @if view.kinds.is_empty() {
            (empty(
                shell.t("还没有别人看过", "Nobody else has looked yet"),
                shell.t("社区、单位查看时会出现在这里。", "Looks by your community or unit will be listed here."),
                None,
            ))
        } @else {
            ul.plain {
                @for kind in &view.kinds {
                    li {
                        b { (kind.purpose) } " " (times(kind.times))
                        @if !kind.role.is_empty() { " · " (kind.role) }
                        " · " (shell.t("最近 ", "last ")) (i18n::date_time(lang, &kind.last))
                    }
                }
            }
            details.why {
                summary { (shell.t("逐次查看", "One by one")) }
                (each_look(shell, view))
            }
        }
        @if view.entries_read > 0 {
            p.fine {
                (shell.t("审计员另读过日志原文（涉及所有人，只有编号没有姓名）：", "Auditors also read entries of the log, which concern everybody by number and not by name: "))
                (times(view.entries_read))
            }
        }
    }
}

fn each_look(shell: &Shell, view: &View) -> Markup {
    let lang = shell.lang();
    let columns: [Column<'_, Look>; 6] = [
        (shell.t("时间", "When"), &|look| html! { (i18n::date_time(lang, &look.at)) }),
        (shell.t("谁", "Who"), &|look| html! { b { (look.by) } }),
        (shell.t("身份", "Role"), &|look| html! { (look.role) }),
        (shell.t("用途", "What for"), &|look| html! { (look.purpose) }),
        (shell.t("看了什么", "At what"), &|look| html! { (look.what) }),
        (shell.t("记录", "Entry"), &|look| position_link(lang, look.position)),
    ];
    let caption = format!("{}{}", shell.t("查看次数：", "Looks in all: "), i18n::count(view.in_all));
    table(&caption, &columns, &view.looks)
}

fn deeds(shell: &Shell, view: &View) -> Markup {
    let lang = shell.lang();
    if view.deeds.is_empty() {
        return empty(
            shell.t("还没有", "Nothing yet"),
            shell.t("别人改动您的密钥、角色、登录、同意、归属或时长时，会出现在这里。", "Whatever others do to your keys, roles, sessions, consents, affiliations and hours will be listed here."),
            None,
        );
    }
    let columns: [Column<'_, Deed>; 5] = [
        (shell.t("时间", "When"), &|deed| html! { (i18n::date_time(lang, &deed.at)) }),
        (shell.t("谁", "Who"), &|deed| html! { b { (deed.by) } }),
        (shell.t("做了什么", "What"), &|deed| html! { (deed.what) }),
        (shell.t("关于", "About"), &|deed| html! { (deed.about) }),
        (shell.t("记录", "Entry"), &|deed| position_link(lang, deed.position)),
    ];
    table(shell.t("最近的在前", "The latest first"), &columns, &view.deeds)
}

fn roles(shell: &Shell, view: &View) -> Markup {
    html! {
        p { (shell.t("不想担任的职务可以卸任；担任职务期间不能删除个人信息。", "A role that you do not want you can lay down. While you hold one, your data cannot be erased.")) }
        ul.plain {
            @for role in &view.roles {
                li {
                    (role.told)
                    @if let Some(signed) = &role.laid_down {
                        (signing::form(shell, paths::OWN_ROLES, signed, &html! {
                            input type="hidden" name="role" value=(role.name);
                            input type="hidden" name="org" value=(role.org);
                            button.second type="submit" { (shell.t("卸任", "Lay it down")) }
                        }))
                    }
                }
            }
        }
    }
}

fn naming(shell: &Shell, view: &View) -> Markup {
    let (tone, state) = match view.public_name {
        true => (Tone::Good, shell.t("姓名公开", "Named in public")),
        false => (Tone::Plain, shell.t("姓名不公开", "Not named in public")),
    };
    let (next, ask) = match view.public_name {
        true => ("no", shell.t("不再公开我的姓名", "No longer name me in public")),
        false => ("yes", shell.t("同意在榜单上公开我的姓名", "Name me in rankings and lists")),
    };
    html! {
        p { (badge(tone, state)) }
        p { (shell.t("所在社区和单位总能看到您的全名；同组织的人看到的带星号；公众只在您同意后看得到。", "Your community and unit always see your full name; members of your organisations see it starred; the public sees it only if you agree.")) }
        @if let Some(signed) = &view.naming {
            (signing::form(shell, paths::PUBLIC_NAME, signed, &html! {
                input type="hidden" name="agreed" value=(next);
                button.second type="submit" { (ask) }
            }))
        }
    }
}
