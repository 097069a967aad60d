//! Red and yellow lists: every line explains its points, and the page says how the list is made.

use maud::{Markup, html};

use crate::ui::components::{
    Choice, Pager, Tone, badge, card, empty, filters, heading, notice, pager, position_link, select,
};
use crate::ui::glossary;
use crate::ui::i18n::{self, Lang};
use crate::ui::icons::{Icon, icon};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::parts::{PersonName, board_switch};
use crate::ui::paths;

/// What the page shows. The filters' query names are `scope` and `period`.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Options for the scope: branches and units.
    pub scopes: Vec<Choice>,
    /// Options for the period.
    pub periods: Vec<Choice>,
    /// How far the list has got.
    pub stage: Stage,
    /// What the policy says of red and yellow, in the page's language.
    pub policy: String,
    /// Number and issuer of the document that the policy names.
    pub basis: Option<(String, String)>,
    /// Position at which the list was drawn.
    pub cutoff_position: u64,
    /// One page of the red lines this reader may see.
    pub red: Vec<Line>,
    /// People on the red list, if that is public.
    pub red_people: Option<u64>,
    /// People on the red list whom this reader may not see by name.
    pub red_unnamed: Option<u64>,
    /// Which page, of both lists.
    pub pager: Pager,
    /// The yellow list, when the reader is the unit or the community, or sees only their own line.
    pub yellow: Option<Yellow>,
    /// Not on either list, and why: three different states.
    pub apart: Apart,
}

/// How far a list has got.
#[derive(Clone, Debug, Default)]
pub enum Stage {
    /// There is nothing to show: not published, and the reader may not see a draft.
    #[default]
    None,
    /// Computed, not signed by anybody yet.
    Draft,
    /// Signed and on the log.
    Published {
        /// ISO timestamp of the publishing event.
        at: String,
        /// Its log position.
        position: u64,
        /// The digest that was signed, in hex.
        digest: String,
        /// The log gives the same list again.
        reproduced: bool,
    },
}

/// The yellow list.
#[derive(Clone, Debug)]
pub struct Yellow {
    /// One page of the lines.
    pub lines: Vec<Line>,
    /// People on the list whom this reader may see.
    pub people: u64,
}

/// People the lists leave out, as far as their number is public. Reasons for an exemption are never shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Apart {
    /// Reported in, not exempt, and no service in the period (本期无服务记录).
    pub zero_service: Option<u64>,
    /// Exempt by decision of the branch (不参评).
    pub exempt: Option<u64>,
    /// Have not reported in at a community (未报到).
    pub not_reported: Option<u64>,
}

/// One person on a list.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// Name as far as this reader may see it.
    pub name: PersonName,
    /// Unit or branch.
    pub unit: String,
    /// Points in hundredths.
    pub points_centi: i64,
    /// The rule that put the person here, in the page's language: "≥ 80 分".
    pub reason: String,
    /// What the points are made of.
    pub items: Vec<Item>,
}

/// Points from one kind of event.
#[derive(Clone, Debug, Default)]
pub struct Item {
    /// What for, in the page's language.
    pub label: String,
    /// Points in hundredths, after caps.
    pub points_centi: i64,
    /// Log positions of the events behind it.
    pub positions: Vec<u64>,
}

/// Positions printed per item; the rest is counted.
const POSITIONS_SHOWN: usize = 8;

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("红榜和黄榜", "Red and yellow lists");
    let fields = html! {
        (select("scope", shell.t("单位或支部", "Unit or branch"), &view.scopes))
        (select("period", shell.t("时间", "Period"), &view.periods))
    };
    let body = html! {
        (board_switch(shell, true))
        (heading(title, Some(shell.t("在职党员参加社区服务的积分榜。红榜表扬，黄榜提醒。", "Points of in-service Party members for community service. Red commends, yellow reminds."))))
        (filters(shell, paths::LISTS, &fields))
        @if matches!(view.stage, Stage::None) {
            section.card { (none(shell)) }
        } @else {
            (procedure(shell, view))
            div.split.lists {
                (red(shell, view))
                (yellow(shell, view.yellow.as_ref()))
            }
            (pager(shell, view.pager))
            (apart(shell, view.apart))
        }
        (card("how", shell.t("榜单怎样产生", "How the lists are made"), &how(shell)))
    };
    page(shell, Some(Tab::Boards), title, &body)
}

fn none(shell: &Shell) -> Markup {
    let (title, mend) = match shell.is_unranked {
        true => (
            ("本账簿按规则不再公布榜单", "By a policy of this ledger no list is published any more"),
            ("以前公布的榜单仍可查看。", "Those published before can still be looked at."),
        ),
        false => (
            ("这个时间还没有公布榜单", "No list is published for this period"),
            (
                "换一个时间或单位看看；草案只有支部和社区能看到。",
                "Try another period or unit; drafts are for the branch and the community.",
            ),
        ),
    };
    empty(shell.words(title), shell.words(mend), None)
}

fn procedure(shell: &Shell, view: &View) -> Markup {
    let lang = shell.lang();
    let (tone, text) = match &view.stage {
        Stage::None | Stage::Draft => {
            (Tone::Plain, shell.t("草案，尚未公布", "Draft, not published").to_owned())
        }
        Stage::Published { at, .. } => {
            (Tone::Good, format!("{} {}", shell.t("已公布", "Published"), i18n::date(lang, at)))
        }
    };
    html! {
        p.procedure {
            (badge(tone, &text))
            span { (shell.t("规则：", "Rules: ")) (view.policy) }
            @if let Some((document, issuer)) = &view.basis {
                span { (shell.t("依据：", "Basis: ")) (document) (shell.t("，", ", ")) (issuer) }
            }
            span { (shell.t("数据截至 ", "Drawn at ")) (position_link(lang, view.cutoff_position)) }
        }
        @if let Stage::Published { position, digest, reproduced, .. } = &view.stage {
            (recomputed(shell, *position, digest, *reproduced))
        }
    }
}

/// Whether the log, read again for this page, gives the list that was signed.
fn recomputed(shell: &Shell, position: u64, digest: &str, agrees: bool) -> Markup {
    let (tone, title) = match agrees {
        true => (Tone::Good, shell.t("重新计算，结果一致", "Computed again: the same list")),
        false => (Tone::Bad, shell.t("重新计算，结果不一致", "Computed again: not the same list")),
    };
    notice(
        tone,
        title,
        &html! {
            p {
                (shell.t("公布时签名的摘要 ", "The digest that was signed, "))
                code { (digest.get(..16).unwrap_or(digest)) "…" } " "
                (position_link(shell.lang(), position))
                @if agrees { (shell.t("，与从日志重新算出的相同。", ", is that of the list computed from the log just now.")) }
                @else { (shell.t("，与从日志重新算出的不同，请向支部询问。", ", differs from the list computed from the log just now; ask the branch.")) }
            }
        },
    )
}

fn red(shell: &Shell, view: &View) -> Markup {
    html! {
        section.card.list.red {
            h2 { (icon(Icon::Flag)) (shell.t("红榜 · 表扬", "Red list · commended")) " " @if let Some(red) = view.red_people { small { (people(shell, red)) } } }
            @if view.red.is_empty() {
                (empty(
                    shell.t("这里没有可以公开的姓名", "Nobody can be named here"),
                    shell.t("本期无人达到红榜，或上榜的人没有同意公开。", "Nobody reached the red list, or those who did have not agreed to be shown."),
                    None,
                ))
            } @else { ol.lines { @for line in &view.red { (list_line(shell.lang(), line, "●")) } } }
            @if view.red_people.is_none() && !view.red.is_empty() { p.fine { (i18n::why_withheld(shell.lang())) } }
            @if let Some(unnamed) = view.red_unnamed.filter(|unnamed| *unnamed > 0) {
                p.fine { (shell.t("另有 ", "Another ")) (i18n::count(unnamed)) (shell.t(" 人未同意公开姓名。", " did not agree to be named.")) }
            }
        }
    }
}

fn yellow(shell: &Shell, yellow: Option<&Yellow>) -> Markup {
    let title = shell.t("黄榜 · 提醒", "Yellow list · reminded");
    html! {
        section.card.list.yellow {
            @match yellow {
                Some(Yellow { lines, people: number }) => {
                    h2 { (icon(Icon::Triangle)) (title) " " small { (people(shell, *number)) } }
                    @if lines.is_empty() {
                        (empty(shell.t("这里没有您能看到的姓名", "Nobody whom you may see is here"), shell.t("本期无人在黄榜，或不在您的范围内。", "Nobody is on the list this period, or not within your scope."), None))
                    } @else { ol.lines { @for line in lines { (list_line(shell.lang(), line, "▲")) } } }
                },
                None => {
                    h2 { (icon(Icon::Triangle)) (title) }
                    div.empty {
                        (icon(Icon::Lock))
                        p { b { (shell.t("黄榜不公开", "The yellow list is not public")) } }
                        p { (shell.t("只有本人、所在单位和社区能看到。", "Only the person, the unit and the community can see it.")) }
                        @if shell.viewer.is_none() {
                            p { a.button.second href=(paths::SIGN_IN) { (shell.t("登录查看自己的情况", "Sign in to see your own")) } }
                        }
                    }
                },
            }
        }
    }
}

fn people(shell: &Shell, number: u64) -> String {
    format!("{}{}", i18n::count(number), shell.t(" 人", if number == 1 { " person" } else { " people" }))
}

fn list_line(lang: Lang, line: &Line, shape: &str) -> Markup {
    html! {
        li {
            div.line {
                span.shape aria-hidden="true" { (shape) }
                div.who {
                    b { (line.name.render(lang)) }
                    span.meta { (line.unit) }
                }
                p.amount { b { (i18n::points(line.points_centi, false)) } " " (lang.t("分", "points")) }
            }
            @if line.items.is_empty() { p.meta { (line.reason) } } @else { (reasons(lang, line)) }
        }
    }
}

fn reasons(lang: Lang, line: &Line) -> Markup {
    html! {
        details.why {
            summary { (line.reason) span.hidden { " – " (lang.t("积分怎样来", "where the points come from")) } }
            table.items {
                caption.hidden { (lang.t("积分明细", "Points in detail")) }
                tbody { @for item in &line.items { tr {
                    th scope="row" { (item.label) (positions(lang, &item.positions)) }
                    td { (i18n::points(item.points_centi, true)) }
                } } }
            }
        }
    }
}

fn positions(lang: Lang, positions: &[u64]) -> Markup {
    html! {
        @if !positions.is_empty() {
            span.positions {
                @for &position in positions.iter().take(POSITIONS_SHOWN) { (position_link(lang, position)) " " }
                @if positions.len() > POSITIONS_SHOWN {
                    (lang.t("等 ", "of ")) (positions.len()) (lang.t(" 条", ""))
                }
            }
        }
    }
}

fn apart(shell: &Shell, apart: Apart) -> Markup {
    let states = [
        (
            "zero",
            "○",
            shell.words(glossary::NO_SERVICE.words),
            apart.zero_service,
            shell.t("已报到，本期没有确认的服务。", "Reported in, no confirmed service this period."),
        ),
        (
            "exempt",
            "◇",
            shell.words(glossary::EXEMPT.words),
            apart.exempt,
            shell.t(
                "支部决定免于考核；原因不公开。",
                "Exempt by decision of the branch; reasons are never shown.",
            ),
        ),
        (
            "unreported",
            "□",
            shell.t("未报到", "Not reported in"),
            apart.not_reported,
            shell.t("还没有到居住地社区报到。", "Has not yet reported to the community of residence."),
        ),
    ];
    html! {
        section.apart aria-label=(shell.t("不在榜上的三种情况", "Three states apart from the lists")) {
            @for (class, shape, name, number, meaning) in states {
                div.state.(class) {
                    h2 { span aria-hidden="true" { (shape) } " " (name) }
                    p.big {
                        b { (i18n::count_if(shell.lang(), number)) }
                        @if number.is_some() { " " span { (shell.t("人", "people")) } }
                    }
                    p { (meaning) }
                }
            }
        }
        @if [apart.zero_service, apart.exempt, apart.not_reported].contains(&None) {
            p.fine { (i18n::why_withheld(shell.lang())) }
        }
    }
}

fn how(shell: &Shell) -> Markup {
    html! {
        ol.plain.numbered {
            li { (shell.t("在某一条记录处截止，按当期规则从日志算出草案。", "A draft is computed from the log, cut off at one entry, by the rules of the period.")) }
            li { (shell.t("草案先给支部和本人看，每一分都能追到日志里的记录；本人可以提出异议。", "The branch and each member see the draft first, and every point leads to entries of the log; a member may object.")) }
            li { (shell.t("支部书记签名公布，签名里带着榜单的摘要；以后任何时候都能从日志重新算一遍来核对。", "The secretary signs it; the signature carries a digest, and the list can be computed again from the log at any time.")) }
        }
        p.more { a.button.second href=(paths::HOW) { (shell.t("更多说明", "More about it")) } }
        (notice(Tone::Plain, shell.t("系统只提示，由人决定", "The system flags, people decide"), &html! {
            p { (shell.t("可疑的记录会标出来给人看，系统从不自动处分任何人。志愿服务出于自愿。", "Suspicious entries are marked for a person to look at; nothing is ever decided automatically. Service is voluntary.")) }
        }))
    }
}
