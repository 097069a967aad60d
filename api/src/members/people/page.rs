//! The search for a person, and whom it found.

use maud::{Markup, html};

use crate::ui::components::{Choice, Tone, badge, breadcrumb, dotted, empty, heading, select};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::paths;

/// What the reader sees.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// What was typed.
    pub query: String,
    /// The communities to choose from; none if there is one.
    pub orgs: Vec<Choice>,
    /// What became of it.
    pub state: State,
}

/// What became of a search.
#[derive(Clone, Debug, Default)]
pub enum State {
    /// Nothing was typed yet.
    #[default]
    Blank,
    /// What was typed would fit too many.
    TooShort,
    /// It is longer than a name.
    TooLong,
    /// It fits more people than may be shown.
    TooMany {
        /// The most that may be shown.
        most: usize,
    },
    /// Whom it found, perhaps nobody.
    Found {
        /// A page of them.
        people: Vec<Card>,
        /// After whom the next page begins.
        next: Option<String>,
        /// The reader has gone on from the first page.
        gone: bool,
        /// Only whole names and numbers were looked for, since the register is so large.
        only_whole: bool,
    },
}

/// Somebody who was found.
#[derive(Clone, Debug, Default)]
pub struct Card {
    /// The id.
    pub id: String,
    /// The ends of the name.
    pub name: String,
    /// The phone, or else the volunteer number, without its middle.
    pub number: String,
    /// The community.
    pub home: String,
    /// The unit or branch.
    pub unit: String,
    /// By what the person was found, in the page's language.
    pub by: Vec<&'static str>,
    /// Somebody else has the same name and the same phone or number.
    pub has_double: bool,
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("查找居民", "Find a person");
    let lead = shell.t(
        "在您负责的范围内查找。姓名和号码只显示一部分；找到谁，谁就能在“谁看过”里看到这次查找。",
        "Among the people you work with. Names and numbers are shown in part; whoever is found sees under “Who looked” that you did.",
    );
    let body = html! {
        (breadcrumb(shell, &[(paths::MY_HOURS, shell.t("我的时长", "My hours"))], title))
        (heading(title, Some(lead)))
        (form(shell, view))
        (outcome(shell, &view.state))
    };
    page(shell, Some(Tab::People), title, &body)
}

fn form(shell: &Shell, view: &View) -> Markup {
    html! {
        form.filters role="search" method="post" action=(paths::PEOPLE) {
            label.field {
                span { (shell.t("姓名、拼音首字母、电话或志愿者编号", "Name, initials, phone or volunteer number")) }
                input type="text" name="q" value=(view.query) maxlength="64" autocomplete="off" enterkeyhint="search";
            }
            @if !view.orgs.is_empty() { (select("org", shell.t("社区", "Community"), &view.orgs)) }
            button type="submit" { (shell.t("查找", "Find")) }
        }
    }
}

fn outcome(shell: &Shell, state: &State) -> Markup {
    let told = |title: &str, hint: &str| html! { section.card role="status" { (empty(title, hint, None)) } };
    match state {
        State::Blank => told(
            shell.t("找谁？", "Whom do you look for?"),
            shell.t(
                "可以只写一部分：王、秀芳、wxf、电话或编号的后四位。几个词用空格隔开，要都符合。",
                "A part is enough: some of the name, its initials as in wxf, the last four digits. Of several words each has to fit.",
            ),
        ),
        State::TooShort => told(
            shell.t("写得太短", "That is too short"),
            shell.t(
                "每个词至少一个汉字、两个字母，或四位数字。",
                "Each word needs a Chinese character, two letters, or four digits at least.",
            ),
        ),
        State::TooLong => told(
            shell.t("写得太长", "That is too long"),
            shell.t("请只写姓名、电话或编号。", "Write a name, a phone or a number alone."),
        ),
        State::TooMany { most } => {
            let title = match shell.lang() {
                crate::ui::Lang::Zh => format!("相符的超过 {most} 人，一个也没有显示"),
                crate::ui::Lang::En => format!("More than {most} people fit, so none is shown"),
            };
            told(
                &title,
                shell.t(
                    "请再多写几个字，或选一个社区。",
                    "Write some more of the name, or choose a community.",
                ),
            )
        }
        State::Found { people, only_whole, .. } if people.is_empty() => html! {
            (told(
                shell.t("没有找到相符的人", "Nobody fits"),
                shell.t(
                    "请核对写法，或换电话、编号再试。不在您负责范围内的人不会显示。",
                    "Check the spelling, or try a phone or number. People with whom you do not work are not shown.",
                ),
            ))
            @if *only_whole { (whole(shell)) }
        },
        State::Found { people, next, gone, only_whole } => html! {
            h2.found { (shell.t("找到的人", "People found")) }
            @if *only_whole { (whole(shell)) }
            ul.wish-board { @for person in people { (card(shell, person)) } }
            (walk(shell, *gone, next.as_deref()))
        },
    }
}

fn whole(shell: &Shell) -> Markup {
    html! {
        p.fine {
            (shell.t(
                "您负责的人很多：这里只找姓名、电话或编号完全相同的人。选一个社区，就可以只写一部分。",
                "You work with very many people: only whole names and numbers were looked for. Choose a community to find parts.",
            ))
        }
    }
}

fn card(shell: &Shell, person: &Card) -> Markup {
    html! {
        li.wish {
            h3 { a href=(paths::person(&person.id)) { (person.name) } }
            p.meta { (dotted(&[&person.number, &person.home, &person.unit])) }
            p.fine { (shell.t("符合：", "Fits by: ")) (person.by.join(shell.t("、", ", "))) }
            @if person.has_double {
                p { (badge(Tone::Wait, shell.t("可能登记了两次：另有同名同号的人", "perhaps registered twice: somebody else has this name and number"))) }
            }
        }
    }
}

fn walk(shell: &Shell, gone: bool, next: Option<&str>) -> Markup {
    html! {
        @if gone || next.is_some() {
            nav.pager aria-label=(shell.t("翻页", "Pages")) {
                @if gone {
                    a.button.second rel="first" href=(shell.preferences.without("after")) { (shell.t("回到第一页", "First page")) }
                }
                @if let Some(next) = next {
                    a.button.second rel="next" href=(shell.preferences.with("after", next)) { (shell.t("下一页", "Next")) }
                }
            }
        }
    }
}
