//! Who looked at one's record, and who may see one's name.

use maud::{Markup, html};

use super::parts::{Refusal, refusal};
use crate::web::components::{Tone, badge, breadcrumb, card, empty, heading, position_link, table};
use crate::web::i18n;
use crate::web::layout::{Shell, Tab, page};
use crate::web::paths;

/// What the person sees.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Looks, the latest first.
    pub looks: Vec<Look>,
    /// How many there are in all.
    pub in_all: u64,
    /// Agreed to be named in public.
    pub public_name: bool,
    /// Why a change was refused.
    pub refused: Option<Refusal>,
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
    /// ISO timestamp.
    pub at: String,
    /// Log position.
    pub position: u64,
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("谁看过我的记录", "Who looked at my record");
    let body = html! {
        (breadcrumb(shell, &[(paths::MY_HOURS, shell.t("我的时长", "My hours"))], title))
        (heading(title, Some(shell.t("别人每天第一次查看您的记录，都会先记入日志，然后才看得到。", "The first look of a day by anybody else goes on the log before anything is shown."))))
        div.split {
            section.card { (looks(shell, view)) }
            (card("", shell.t("谁能看到我的名字", "Who sees my name"), &naming(shell, view)))
        }
    };
    page(shell, Some(Tab::Mine), title, &body)
}

fn looks(shell: &Shell, view: &View) -> Markup {
    let lang = shell.lang();
    if view.looks.is_empty() {
        return empty(
            shell.t("还没有别人看过", "Nobody else has looked yet"),
            shell.t("社区、单位查看时会出现在这里。", "Looks by your community or unit will be listed here."),
            None,
        );
    }
    let row = |look: &Look| {
        vec![
            html! { (i18n::date_time(lang, &look.at)) },
            html! { b { (look.by) } },
            html! { (look.role) },
            html! { (look.purpose) },
            html! { (position_link(lang, look.position)) },
        ]
    };
    let rows: Vec<_> = view.looks.iter().map(row).collect();
    let columns = [
        shell.t("时间", "When"),
        shell.t("谁", "Who"),
        shell.t("身份", "Role"),
        shell.t("用途", "What for"),
        shell.t("记录", "Entry"),
    ];
    let caption = format!("{}{}", shell.t("查看次数：", "Looks in all: "), i18n::count(view.in_all));
    html! { (table(&caption, &columns, &rows)) }
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
        @if let Some(refused) = &view.refused { (refusal(shell, refused)) }
        p { (shell.t("所在社区和单位总能看到您的全名；同组织的人看到的带星号；公众只在您同意后看得到。", "Your community and unit always see your full name; members of your organisations see it starred; the public sees it only if you agree.")) }
        form method="post" action=(paths::PUBLIC_NAME) {
            input type="hidden" name="agreed" value=(next);
            button.second type="submit" { (ask) }
        }
    }
}
