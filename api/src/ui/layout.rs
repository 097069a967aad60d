//! The shell of every page: header, tabs, language and size switch, and a footer that states which log position the
//! page was made from.

use maud::{DOCTYPE, Markup, html};

use super::i18n::{self, Lang};
use super::icons::{Icon, icon};
use super::preferences::{Preferences, Size};
use super::sign_bar::{self, Signer};
use super::{assets, demo_data, exposed, paths};
use crate::commands::Words;

/// The log position a page was computed at. Whoever doubts a page can fetch this checkpoint and recompute.
#[derive(Clone, Debug, Default)]
pub struct AsOf {
    /// Number of entries the page has seen (the size of the tree).
    pub position: u64,
    /// Root hash of the tree of that size, in hex.
    pub root_hex: String,
    /// Recorded-at of the last entry, ISO 8601 with the ledger's offset.
    pub recorded_at: String,
}

/// Who is signed in, as the header says it.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// Name as the person may see it: their own in full.
    pub name: String,
    /// What the session may do, in the page's language: 志愿者, community worker …
    pub role: String,
    /// The session has a role, and so a desk.
    pub is_staff: bool,
    /// A role lets the reader look for people.
    pub finds_people: bool,
    /// Acts about the person that still wait.
    pub waiting: usize,
    /// Who signs, in a session that was opened with a key.
    pub signer: Option<Signer>,
}

/// What every page needs besides its own view.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// Language, size and place.
    pub preferences: Preferences,
    /// The town whose ledger this is: 栀川.
    pub town: String,
    /// Position, root and time of the data shown.
    pub as_of: AsOf,
    /// `None` for the public.
    pub viewer: Option<Viewer>,
    /// Nothing is recorded now, because the server's clock is in doubt.
    pub clock_in_doubt: bool,
    /// The ledger holds demo data.
    pub is_demo: bool,
    /// Position of what the reader has just signed.
    pub receipt: Option<u64>,
    /// The page came in the clear from another machine.
    pub is_exposed: bool,
    /// A policy says that nobody is ranked.
    pub is_unranked: bool,
}

impl Shell {
    /// The page's language.
    pub fn lang(&self) -> Lang {
        self.preferences.lang
    }

    /// Chooses between the two texts by the page's language.
    pub fn t<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.preferences.lang.t(zh, en)
    }

    /// Who signs what is done on the page, in a session that was opened with a key.
    pub fn signer(&self) -> Option<&Signer> {
        self.viewer.as_ref().and_then(|viewer| viewer.signer.as_ref())
    }

    pub(crate) fn words(&self, (zh, en): Words) -> &'static str {
        self.t(zh, en)
    }
}

/// The tabs; which of them there are follows from what the reader does here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// Town overview.
    Home,
    /// What waits for staff.
    Today,
    /// The people of a community.
    People,
    /// Activities to come.
    Activities,
    /// Wish board.
    Wishes,
    /// Leaderboard and lists.
    Boards,
    /// One's own record, or the way in.
    Mine,
}

impl Tab {
    const OF_ALL: &[Tab] = &[Tab::Home, Tab::Wishes, Tab::Boards, Tab::Mine];
    const OF_ALL_UNRANKED: &[Tab] = &[Tab::Home, Tab::Wishes, Tab::Activities, Tab::Mine];
    const OF_STAFF: &[Tab] = &[Tab::Today, Tab::People, Tab::Activities, Tab::Wishes, Tab::Mine];
    const WITHOUT_PEOPLE: &[Tab] = &[Tab::Today, Tab::Activities, Tab::Wishes, Tab::Mine];

    /// What stands first for a reader.
    fn of(shell: &Shell) -> &'static [Tab] {
        match &shell.viewer {
            Some(viewer) if viewer.finds_people => Self::OF_STAFF,
            Some(viewer) if viewer.is_staff => Self::WITHOUT_PEOPLE,
            _ if shell.is_unranked => Self::OF_ALL_UNRANKED,
            _ => Self::OF_ALL,
        }
    }

    fn link(self) -> (&'static str, &'static str, &'static str, Icon) {
        match self {
            Tab::Home => (paths::HOME, "首页", "Home", Icon::Home),
            Tab::Today => (paths::TODAY, "今日", "Today", Icon::Check),
            Tab::People => (paths::PEOPLE, "居民", "People", Icon::People),
            Tab::Activities => (paths::ACTIVITIES, "活动", "Events", Icon::Clock),
            Tab::Wishes => (paths::WISHES, "心愿", "Wishes", Icon::Heart),
            Tab::Boards => (paths::LEADERBOARD, "榜单", "Ranks", Icon::Podium),
            Tab::Mine => (paths::MY_HOURS, "我的", "Mine", Icon::Person),
        }
    }
}

/// A whole page. `title` goes into the tab of the browser; the page's own `h1` is part of `body`.
pub fn page(shell: &Shell, tab: Option<Tab>, title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(shell.lang().tag()) class=(shell.preferences.size.code()) {
            head {
                meta charset="utf-8";
                // Browsers with two kernels take the one that can show it.
                meta name="renderer" content="webkit";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="theme-color" content="#0b5d3b";
                meta name="color-scheme" content="light";
                title { (title) " · " (shell.t("时光簿", "Hourbook")) @if shell.is_demo { (shell.t("（示范数据）", " (demo data)")) } }
                link rel="stylesheet" href=(assets::href("app.css"));
                link rel="icon" type="image/svg+xml" href=(assets::href("favicon.svg"));
            }
            body {
                a.skip href="#main" { (shell.t("跳到正文", "Skip to content")) }
                @if shell.is_demo { (demo_data::band(shell.lang())) }
                (header(shell, tab))
                @if shell.clock_in_doubt {
                    p.notice role="status" {
                        (shell.t(
                            "服务器时钟可疑，已暂停写入；查看不受影响。",
                            "The server's clock is in doubt: nothing is recorded for now. What is recorded can be read.",
                        ))
                    }
                }
                main #main tabindex="-1" {
                    @if shell.is_exposed { (exposed::notice(shell.lang())) }
                    (receipt(shell)) (waiting(shell)) (body)
                }
                (footer(shell))
                @if let Some((viewer, signer)) = shell.viewer.as_ref().zip(shell.signer()) {
                    (sign_bar::draw(shell.lang(), &viewer.name, signer, shell.is_demo))
                }
            }
        }
    }
}

/// What was signed a moment ago is on the log, and where.
fn receipt(shell: &Shell) -> Markup {
    html! {
        @if let Some(position) = shell.receipt {
            p.notice.good role="status" {
                span {
                    (shell.t("已签名，记入日志。回执编号 ", "Signed, and on the log. Receipt no. "))
                    a href=(paths::entry(position)) { "#" (position) }
                    (shell.t("。写错了不会删掉，可以再记一条更正。", ". A mistake is not erased: correct it by another entry."))
                }
            }
        }
    }
}

/// Over every page, until it took effect or was called off: who is concerned may have no other way to hear of it.
fn waiting(shell: &Shell) -> Markup {
    let count = shell.viewer.as_ref().map_or(0, |viewer| viewer.waiting);
    html! {
        @if count > 0 {
            p.notice.wait role="status" {
                a href=(paths::OWN_ACTS) {
                    @match shell.lang() {
                        Lang::Zh => { (i18n::count(count as u64)) " 件与您有关的事项等待生效，您可以查看、叫停" },
                        Lang::En => { "Waiting to take effect and about you: " (i18n::count(count as u64)) ". See and stop" },
                    }
                }
            }
        }
    }
}

fn header(shell: &Shell, current: Option<Tab>) -> Markup {
    html! {
        header.top {
            div.bar {
                a.brand href=(paths::HOME) {
                    img src=(assets::href("logo.svg")) width="40" height="40" alt="";
                    span { (shell.t("时光簿", "Hourbook")) small { (shell.town) } }
                }
                (tabs(shell, current))
                (switches(shell))
            }
        }
    }
}

fn tabs(shell: &Shell, current: Option<Tab>) -> Markup {
    let tabs = Tab::of(shell);
    html! {
        nav.tabs.five[tabs.len() == 5] aria-label=(shell.t("主导航", "Main")) {
            @for tab in tabs {
                @let (href, zh, en, symbol) = (*tab).link();
                a href=(href) aria-current=[(current == Some(*tab)).then_some("page")] {
                    (icon(symbol)) span { (shell.t(zh, en)) }
                }
            }
        }
    }
}

/// Plain links, so that switching works everywhere; each keeps the page, its filters and its page number.
fn switches(shell: &Shell) -> Markup {
    let other = match shell.lang() {
        Lang::Zh => Lang::En,
        Lang::En => Lang::Zh,
    };
    html! {
        div.switches {
            nav.sizes aria-label=(shell.t("字号", "Text size")) {
                @for size in Size::ALL {
                    @let current = size == shell.preferences.size;
                    a class=(size.code()) href=(shell.preferences.with("size", size.code()))
                        aria-current=[current.then_some("true")]
                        aria-label={ (shell.t("字号：", "Text size: ")) (size.name(shell.lang())) }
                        title=(size.name(shell.lang())) { (shell.t("字", "A")) }
                }
            }
            a.lang href=(shell.preferences.with("lang", other.code())) lang=(other.tag()) hreflang=(other.tag()) {
                (other.t("中文", "EN"))
                @if other == Lang::En { span.hidden { " – English" } }
            }
        }
    }
}

fn footer(shell: &Shell) -> Markup {
    html! {
        footer.foot {
            div.inner {
                (stamp(shell))
                (more(shell))
                @if let Some(viewer) = &shell.viewer {
                    form.out method="post" action=(paths::SIGN_OUT) data-out {
                        span { (shell.t("已登录：", "Signed in: ")) (viewer.name) " · " (viewer.role) }
                        button.quiet type="submit" { (shell.t("退出登录", "Sign out")) }
                    }
                }
                p.fine {
                    (shell.t(
                        "时光簿记录志愿服务时长。服务出于自愿，时间币不能买卖，也不能兑换现金。",
                        "Hourbook records voluntary service. Service is free; time credit is never bought, sold or cashed.",
                    ))
                }
            }
        }
    }
}

/// Pages that have no tab.
fn more(shell: &Shell) -> Markup {
    let links = [
        (paths::ACTIVITIES, shell.t("近期活动", "Activities")),
        (paths::POLICIES, shell.t("现行规则", "Policies in force")),
        (paths::HOW, shell.t("榜单和证明怎样产生", "How lists and proofs are made")),
        (paths::LOG, shell.t("日志与核对", "The log, and how to check it")),
        (paths::INTERFACES, shell.t("接口说明", "For machines")),
    ];
    let is_staff = shell.viewer.as_ref().is_some_and(|viewer| viewer.is_staff);
    html! {
        nav.more-links aria-label=(shell.t("更多", "More")) {
            // What volunteers have as tabs.
            @if is_staff {
                a href=(paths::HOME) { (shell.t("首页", "Home")) }
                @if !shell.is_unranked { a href=(paths::LEADERBOARD) { (shell.t("榜单", "Ranks")) } }
            }
            @for (href, label) in links { a href=(href) { (label) } }
        }
    }
}

/// "As of position N, root …, time": the line that ties a page to the log. Twelve digits are enough to compare by eye.
pub fn stamp(shell: &Shell) -> Markup {
    let as_of = &shell.as_of;
    html! {
        p.stamp {
            (icon(Icon::Seal))
            span {
                (shell.t("截至第 ", "As of entry "))
                a href=(paths::LOG) { b { (i18n::count(as_of.position)) } }
                (shell.t(" 条记录", ""))
                " · " (shell.t("根 ", "root ")) code title=(as_of.root_hex) { (as_of.root_hex.get(..12).unwrap_or(&as_of.root_hex)) }
                " · " time datetime=(as_of.recorded_at) { (i18n::date_time(shell.lang(), &as_of.recorded_at)) }
            }
        }
    }
}
