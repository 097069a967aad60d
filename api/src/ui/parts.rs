//! What several pages show alike: wishes in brief, ranked rows, names that may be hidden.

pub(crate) mod walk_ups;

use hourbook_projections::wishes::WishState;
use maud::{Markup, html};

use super::components::{Tone, badge, dotted, notice};
use super::i18n::{self, Lang};
use super::layout::Shell;
use super::paths;

/// A person's name as far as this reader may see it.
#[derive(Clone, Debug)]
pub enum PersonName {
    /// The person agreed, or the reader may see it anyway.
    Shown(String),
    /// A masked form such as 王**; the person did not agree to be named.
    Masked(String),
}

impl Default for PersonName {
    fn default() -> PersonName {
        PersonName::Masked(String::new())
    }
}

impl PersonName {
    /// The name, with a spoken explanation when it is masked.
    pub fn render(&self, lang: Lang) -> Markup {
        match self {
            PersonName::Shown(name) => html! { (name) },
            PersonName::Masked(name) => html! {
                (name) span.hidden { (lang.t("（本人未同意公开姓名）", " (name not public)")) }
            },
        }
    }
}

/// Why something was refused, in the page's language.
#[derive(Clone, Debug, Default)]
pub struct Refusal {
    /// What is wrong and how to mend it.
    pub text: String,
    /// The stable code, to tell the community desk.
    pub code: String,
}

/// A refusal where it happened, announced to screen readers.
pub(crate) fn refusal(shell: &Shell, refused: &Refusal) -> Markup {
    html! {
        div role="alert" {
            (notice(Tone::Bad, shell.t("没有办成", "That was not done"), &html! {
                p { (refused.text) }
                p.fine { (shell.t("代码：", "Code: ")) code { (refused.code) } }
            }))
        }
    }
}

/// Where a wish stands, as a badge: between its beginning and its end it waits for somebody.
pub(crate) fn wish_badge(lang: Lang, state: WishState) -> Markup {
    let tone = match state {
        WishState::Confirmed => Tone::Good,
        WishState::Open => Tone::Call,
        WishState::Lapsed => Tone::Bad,
        WishState::Draft | WishState::Withdrawn => Tone::Plain,
        _ => Tone::Wait,
    };
    let (zh, en) = state.words();
    badge(tone, lang.t(zh, en))
}

/// A wish in brief.
#[derive(Clone, Debug, Default)]
pub struct WishCard {
    /// Id in addresses.
    pub id: String,
    /// The vetted sentence.
    pub sentence: String,
    /// Category in the page's language.
    pub category: String,
    /// Community in the page's language.
    pub community: String,
    /// State.
    pub state: WishState,
    /// ISO date it was posted on.
    pub posted_on: String,
    /// Effort the poster expects, in minutes; 0 when not said.
    pub effort_minutes: u64,
}

/// A wish as one item of a list; the sentence is the link.
pub(crate) fn wish_item(lang: Lang, wish: &WishCard) -> Markup {
    let effort = match wish.effort_minutes {
        0 => String::new(),
        minutes => format!("{}{}", lang.t("约 ", "about "), i18n::hours(lang, minutes)),
    };
    html! {
        li.wish {
            p.tags { (wish_badge(lang, wish.state)) span.category { (wish.category) } }
            h3 { a href=(paths::wish(&wish.id)) { (wish.sentence) } }
            p.meta { (dotted(&[&wish.community, &effort, &i18n::date(lang, &wish.posted_on)])) }
        }
    }
}

/// How a rank compares to that of the period before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Change {
    /// There is no period before, or nobody was ranked then.
    #[default]
    Untold,
    /// Not ranked then.
    New,
    /// Ranks gained; negative when lost.
    By(i64),
}

/// One line of a ranking.
#[derive(Clone, Debug, Default)]
pub struct RankRow {
    /// Exact rank from 1; tied lines share it.
    pub rank: u64,
    /// Whether somebody else has the same rank.
    pub tied: bool,
    /// Name as far as this reader may see it.
    pub name: PersonName,
    /// Team or community.
    pub group: String,
    /// Certified minutes in the period.
    pub minutes: u64,
    /// Ranks gained or lost since the period before.
    pub change: Change,
    /// The reader's own line.
    pub own: bool,
}

/// Ranked lines; the list's own numbers are replaced by exact ranks, because of ties.
pub(crate) fn ranking(shell: &Shell, rows: &[RankRow]) -> Markup {
    let lang = shell.lang();
    html! {
        ol.ranking {
            @for row in rows {
                li.own[row.own].first[row.rank <= 3] {
                    span.rank {
                        span.hidden { (lang.t("第", "Rank ")) }
                        b { (row.rank) }
                        span.hidden { (lang.t("名", "")) }
                        @if row.tied { small { (lang.t("并列", "tied")) } }
                    }
                    span.who {
                        b { (row.name.render(lang)) @if row.own { " " (lang.t("（我）", "(me)")) } }
                        span.meta {
                            @if !row.group.is_empty() { span { (row.group) } }
                            @if !row.group.is_empty() && row.change != Change::Untold { " · " }
                            (movement(lang, row.change))
                        }
                    }
                    span.hours { b { (i18n::hours_number(row.minutes)) } " " small { (i18n::hours_unit(lang)) } }
                }
            }
        }
    }
}

fn movement(lang: Lang, change: Change) -> Markup {
    html! {
        @match change {
            Change::Untold => {},
            Change::New => span { (lang.t("新上榜", "new")) },
            Change::By(0) => span { (lang.t("持平", "same")) },
            Change::By(up) if up > 0 => span { "▲ " (lang.t("升 ", "up ")) (up) },
            Change::By(down) => span { "▼ " (lang.t("降 ", "down ")) (down.unsigned_abs()) },
        }
    }
}

/// The two boards behind one tab.
pub(crate) fn board_switch(shell: &Shell, lists: bool) -> Markup {
    html! {
        nav.switch aria-label=(shell.t("榜单种类", "Which board")) {
            @if !shell.is_unranked { a href=(paths::LEADERBOARD) aria-current=[(!lists).then_some("page")] { (shell.t("时长榜", "Hours")) } }
            a href=(paths::LISTS) aria-current=[lists.then_some("page")] { (shell.t("红黄榜", "Red & yellow")) }
        }
    }
}

/// Digits that two people read to each other, four at a time.
pub(crate) fn grouped(id: &str) -> String {
    let digits: Vec<char> = id.chars().collect();
    digits.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}
