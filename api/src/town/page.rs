//! Town overview.

use maud::{Markup, html};

use crate::ui::charts::{self, Bump, Frame, Hex, Month, Stage};
use crate::ui::components::{card, empty, position_link};
use crate::ui::icons::{Icon, icon};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::parts::{RankRow, WishCard, ranking, wish_item};
use crate::ui::{i18n, paths};

/// What the overview shows.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// What organisations tell everybody today, the newest first.
    pub notices: Vec<Notice>,
    /// All certified minutes; none if they are not public, like the figures below.
    pub minutes_certified: Option<u64>,
    /// Of these, in the running month.
    pub minutes_this_month: Option<u64>,
    /// Volunteers with at least one certified minute.
    pub volunteers: Option<u64>,
    /// Wishes confirmed by the resident.
    pub wishes_granted: u64,
    /// Volunteer teams.
    pub teams: u64,
    /// Up to twelve months, oldest first.
    pub months: Vec<Month>,
    /// Communities in a fixed order.
    pub communities: Vec<Hex>,
    /// Wishes by stage, from posted to confirmed.
    pub funnel: Vec<Stage>,
    /// Up to three open wishes.
    pub wishes: Vec<WishCard>,
    /// The first five of the leaderboard.
    pub top: Vec<RankRow>,
    /// Ranks of communities over a few periods.
    pub movement: Bump,
    /// The latest red list, when one is public.
    pub red_list: Option<RedTeaser>,
}

/// What an organisation tells everybody.
#[derive(Clone, Debug, Default)]
pub struct Notice {
    /// Who publishes it.
    pub org: String,
    /// Its title.
    pub title: String,
    /// Its text, in lines.
    pub text: String,
    /// The last day on which it is shown.
    pub until: String,
    /// Position of the event that published it.
    pub position: u64,
}

/// The latest public red list in brief.
#[derive(Clone, Debug, Default)]
pub struct RedTeaser {
    /// 2026年第三季度, in the page's language.
    pub period: String,
    /// How many are on it, if that is public.
    pub people: Option<u64>,
    /// A few names of those who agreed to be shown.
    pub names: Vec<String>,
    /// Where the list is.
    pub href: String,
}

/// Renders the overview.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let body = html! {
        (hero(shell, view))
        div.grid {
            @if !view.notices.is_empty() { (card("notices", shell.t("公告", "Notices"), &notices(shell, view))) }
            (card("wishes", shell.t("等你帮忙的微心愿", "Wishes waiting for you"), &wishes(shell, view)))
            @if !shell.is_unranked { (card("leaders", shell.t("服务时长榜", "Most hours"), &top(shell, view))) }
            (charts_of(shell, view))
            @if let Some(red) = &view.red_list { (red_teaser(shell, red)) }
            (check_card(shell))
        }
    };
    page(shell, Some(Tab::Home), shell.t("首页", "Home"), &body)
}

/// The charts that have something to show.
fn charts_of(shell: &Shell, view: &View) -> Markup {
    let frame = Frame::from(&shell.preferences);
    let all = [
        (shell.t("每月服务时长", "Hours per month"), charts::months(frame, &view.months)),
        (shell.t("各社区服务时长", "Hours by community"), charts::hex_map(frame, &view.communities)),
        (shell.t("心愿进度", "How far wishes get"), charts::funnel(frame, &view.funnel)),
        (shell.t("社区名次变化", "Communities up and down"), charts::bump(frame, &view.movement)),
    ];
    html! {
        @for (title, chart) in &all { @if !chart.0.is_empty() { (card("chart-card", title, chart)) } }
    }
}

fn hero(shell: &Shell, view: &View) -> Markup {
    let lang = shell.lang();
    let rest = [
        (shell.t("志愿者", "Volunteers"), view.volunteers),
        (shell.t("实现心愿", "Wishes granted"), Some(view.wishes_granted)),
        (shell.t("服务队", "Teams"), Some(view.teams)),
    ];
    html! {
        section.hero {
            @if shell.town.is_empty() {
                h1 { (shell.t("邻里互助的每一小时", "Every hour that neighbours gave")) }
            } @else {
                h1 { (shell.town) (shell.t("，邻里互助的每一小时", ": every hour neighbours gave")) }
            }
            div {
                p.total {
                    b { (i18n::hours_short_if(view.minutes_certified)) } " " span { (i18n::hours_unit(lang)) }
                }
                p.under {
                    (shell.t("经确认的志愿服务 · 本月 ", "of confirmed voluntary service · "))
                    b { (i18n::hours_short_if(view.minutes_this_month)) " " (i18n::hours_unit(lang)) }
                    (shell.t("", " this month"))
                }
            }
            @if [view.minutes_certified, view.minutes_this_month, view.volunteers].contains(&None) {
                p.legend { (i18n::why_withheld(lang)) }
            }
            dl.totals { @for (label, value) in rest { div { dt { (label) } dd { (i18n::count_if(lang, value)) } } } }
        }
    }
}

fn notices(shell: &Shell, view: &View) -> Markup {
    html! {
        @for notice in &view.notices {
            h3 { (notice.title) }
            @for line in notice.text.lines() { p { (line) } }
            p.meta {
                (notice.org) " · " (shell.t("显示至 ", "shown until "))
                (i18n::date(shell.lang(), &notice.until)) " · " (position_link(shell.lang(), notice.position))
            }
        }
    }
}

fn wishes(shell: &Shell, view: &View) -> Markup {
    html! {
        @if view.wishes.is_empty() {
            (empty(
                shell.t("现在没有待认领的心愿", "No wish is open right now"),
                shell.t("社区发布后会出现在这里。", "New ones appear here once a community posts them."),
                None,
            ))
        } @else {
            ul.wish-list { @for wish in &view.wishes { (wish_item(shell.lang(), wish)) } }
        }
        p.more { a.button href=(paths::WISHES) { (shell.t("看全部心愿", "See all wishes")) } }
    }
}

fn top(shell: &Shell, view: &View) -> Markup {
    html! {
        @if view.top.is_empty() {
            (empty(
                shell.t("还没有确认的时长", "No confirmed hours yet"),
                shell.t("第一笔确认之后，这里就有名次。", "Ranks appear after the first confirmation."),
                None,
            ))
        } @else { (ranking(shell, &view.top)) }
        p.more { a.button.second href=(paths::LEADERBOARD) { (shell.t("看完整榜单", "See the full ranking")) } }
    }
}

fn red_teaser(shell: &Shell, red: &RedTeaser) -> Markup {
    html! {
        section.card.red-teaser {
            p.seal aria-hidden="true" { "红榜" }
            h2 { (shell.t("红榜", "Red list")) " · " (red.period) }
            p {
                @if let Some(people) = red.people {
                    b { (i18n::count(people)) } " "
                    (shell.t("人在本期受到表扬", "people are commended this period"))
                } @else {
                    (shell.t("本期有人受到表扬（少于5人，或会让人推算出来）", "Some are commended this period (fewer than 5, or as many as would give others away)"))
                }
                @if !red.names.is_empty() {
                    (shell.t("，其中同意公开姓名的有 ", "; among those who agreed to be named: "))
                    (red.names.join(shell.t("、", ", ")))
                }
                (shell.t("。", "."))
            }
            p.more { a.button.second href=(red.href) { (shell.t("看榜单和依据", "See the list and its reasons")) } }
        }
    }
}

fn check_card(shell: &Shell) -> Markup {
    html! {
        section.card.check {
            h2 { (icon(Icon::Seal)) (shell.t("怎样自己核对这一页", "Check this page yourself")) }
            ol.plain {
                li { (shell.t("本页每个数字都由同一本签名日志推算，没有手工填写。", "Every figure here is computed from one signed log; none is typed in.")) }
                li {
                    (shell.t("日志现有 ", "The log holds ")) b { (i18n::count(shell.as_of.position)) }
                    (shell.t(" 条记录，根是：", " entries; its root is:"))
                    code.root { (shell.as_of.root_hex) }
                }
                li {
                    (shell.t("把它和您上次抄下的比较；谁改动过旧记录，根就对不上。", "Compare it with the one that you noted before: if anyone changed an old entry, the roots no longer agree."))
                }
            }
            p.more { a.button.second href=(paths::LOG) { (shell.t("怎样核对", "How to check")) } }
        }
    }
}
