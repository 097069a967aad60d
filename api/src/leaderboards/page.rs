//! Leaderboard: hours by scope and period, with exact ranks.

use maud::{Markup, html};

use crate::ui::components::{Choice, Pager, card, empty, filters, heading, pager, select};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::parts::{RankRow, board_switch, ranking};
use crate::ui::{i18n, paths};

/// What the page shows. The filters' query names are `scope` and `period`.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Options for the scope: town, street, community, team …
    pub scopes: Vec<Choice>,
    /// Options for the period.
    pub periods: Vec<Choice>,
    /// One page of ranks.
    pub rows: Vec<RankRow>,
    /// The reader's own line, when it is not on this page.
    pub own: Option<RankRow>,
    /// Nothing is shown: too few people are on the board, or it would give such a board away.
    pub withheld: bool,
    /// The reader's own minutes on a board that is not shown.
    pub own_minutes: Option<u64>,
    /// Which page; `rows` counts everybody ranked.
    pub pager: Pager,
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("服务时长榜", "Hours ranking");
    let fields = html! {
        (select("scope", shell.t("范围", "Scope"), &view.scopes))
        (select("period", shell.t("时间", "Period"), &view.periods))
    };
    let body = html! {
        (board_switch(shell, false))
        (heading(title, Some(shell.t("按经确认的服务时长排名。没有同意公开姓名的人只显示名次和时长。", "By confirmed hours of service. Who has not agreed to be named is there by rank and hours alone."))))
        (filters(shell, paths::LEADERBOARD, &fields))
        div.split {
            section.card {
                h2 { (shell.t("名次", "Ranks")) " " @if !view.withheld { small { (ranked(shell, view.pager.rows)) } } }
                @if view.withheld {
                    (empty(shell.t("不公布", "Not shown"), i18n::why_withheld(shell.lang()), None))
                    @if let Some(minutes) = view.own_minutes {
                        p { (shell.t("您本人：", "Your own: ")) b { (i18n::hours_minutes(shell.lang(), minutes)) } }
                    }
                } @else if view.rows.is_empty() {
                    (empty(
                        shell.t("这个时间还没有确认的时长", "No confirmed hours in this period yet"),
                        shell.t("换一个时间或范围看看。", "Try another period or scope."),
                        None,
                    ))
                } @else {
                    @if let Some(own) = &view.own { (ranking(shell, std::slice::from_ref(own))) }
                    (ranking(shell, &view.rows))
                    (pager(shell, view.pager))
                }
            }
            div.side { (card("", shell.t("名次怎样排", "How ranks are made"), &rules(shell))) }
        }
    };
    page(shell, Some(Tab::Boards), title, &body)
}

fn ranked(shell: &Shell, rows: u64) -> String {
    format!("{}{}{}", shell.t("共 ", ""), i18n::count(rows), shell.t(" 人", " ranked"))
}

fn rules(shell: &Shell) -> Markup {
    html! {
        ul.plain {
            li { (shell.t("只算经第三人审核的分钟数，精确到分钟。", "Only minutes confirmed by a third person count, to the minute.")) }
            li { (shell.t("时长相同就并列，下一名顺延。", "Equal time is an equal rank; the next rank is skipped.")) }
            li { (shell.t("没有同意公开姓名的人，名字以星号代替。", "Names are starred unless the person agreed to be shown.")) }
            li { (shell.t("服务算在服务当天所属的社区，以后迁走也不变。", "Service counts for the community one belonged to on that day.")) }
        }
    }
}
