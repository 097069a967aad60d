//! One wish and its history.

use maud::{Markup, html};

use crate::ui::components::{Step, Tone, breadcrumb, card, fact, notice, timeline};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::parts::{Refusal, WishCard, refusal};
use crate::ui::{i18n, paths};

/// What the page shows.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The wish in brief.
    pub wish: WishCard,
    /// Cost ceiling in fen (0.01 yuan) paid by the community; 0 when no cost is expected.
    pub cost_ceiling_fen: u64,
    /// ISO date until which the present step must be done.
    pub due: Option<String>,
    /// What has happened and what is still to come, oldest first.
    pub steps: Vec<Step>,
    /// What happens next, and who does it.
    pub next: Next,
    /// What the reader has just done.
    pub done: Option<Done>,
    /// Why what the reader wanted to do was refused.
    pub refused: Option<Refusal>,
    /// What only the resident, staff and whoever has taken the wish on may read.
    pub private: Option<Private>,
}

/// What only few may read of a wish.
#[derive(Clone, Debug, Default)]
pub struct Private {
    /// The resident's name, for whoever may know it.
    pub resident: Option<String>,
    /// The resident's own words.
    pub words: String,
}

/// A step that the reader has taken a moment ago.
#[derive(Clone, Debug)]
pub enum Done {
    /// Took the wish on; the target of the POST form that takes this back.
    Claimed {
        /// Where the form posts to.
        undo: String,
    },
    /// Gave it back.
    Released,
    /// Said that it is done.
    Fulfilled,
    /// Said so as the resident.
    Confirmed,
}

/// The next step as this reader can take it.
#[derive(Clone, Debug, Default)]
pub enum Next {
    /// The reader may claim it: the target of the POST form.
    Claim {
        /// Where the form posts to.
        action: String,
    },
    /// The reader would have to sign in first; the address of the form, which comes back here.
    SignIn {
        /// Where the link leads.
        href: String,
    },
    /// The reader has taken it on and may say that it is done, or give it back.
    Mine {
        /// Where the form that says it is done posts `minutes` to.
        fulfil: String,
        /// Where the form that gives it back posts to.
        release: String,
        /// Effort that was expected, in minutes.
        minutes: u64,
    },
    /// The reader is the resident and may say that it is done, with a rating.
    Confirm {
        /// Where the form posts `rating` to.
        action: String,
    },
    /// The reader can do nothing; a sentence says who acts next, or that it is finished.
    #[default]
    Nothing,
    /// The same, in words of the caller, in the page's language.
    Wait(String),
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let lang = shell.lang();
    let wish = &view.wish;
    let body = html! {
        (breadcrumb(shell, &[(paths::WISHES, shell.t("微心愿", "Wishes"))], &wish.category))
        div.split {
            section.card.wish-main {
                p.tags { (wish.state.badge(lang)) span.category { (wish.category) } }
                h1 { (wish.sentence) }
                dl.facts {
                    (fact(shell.t("社区", "Community"), &html! { (wish.community) }))
                    @if wish.effort_minutes > 0 {
                        (fact(shell.t("大约需要", "Takes about"), &html! { (i18n::hours(lang, wish.effort_minutes)) }))
                    }
                    @if view.cost_ceiling_fen > 0 {
                        (fact(shell.t("材料费上限", "Material cost up to"), &html! { "¥" (yuan(view.cost_ceiling_fen)) }))
                    }
                    (fact(shell.t("发布日期", "Posted on"), &html! { (i18n::date(lang, &wish.posted_on)) }))
                    @if let Some(due) = &view.due { (fact(shell.t("期限", "Due by"), &html! { (i18n::date(lang, due)) })) }
                }
                @if let Some(private) = &view.private { (words(shell, private)) }
                @if let Some(refused) = &view.refused { (refusal(shell, refused)) }
                @if let Some(done) = &view.done { (just_done(shell, done)) }
                (next(shell, &view.next))
            }
            (card("history", shell.t("进展", "History"), &timeline(lang, &view.steps)))
        }
    };
    page(shell, Some(Tab::Wishes), &wish.sentence, &body)
}

fn next(shell: &Shell, next: &Next) -> Markup {
    html! {
        div.next {
            @match next {
                Next::Claim { action } => {
                    form method="post" action=(action) {
                        button type="submit" { (shell.t("我来帮忙", "I will help")) }
                    }
                    p.fine { (shell.t("认领后随时可以放下，不扣任何东西。", "You can let it go again; nothing is deducted.")) }
                },
                Next::SignIn { href } => {
                    p { a.button href=(href) { (shell.t("登录后认领", "Sign in to claim")) } }
                    p.fine { (shell.t("没有账号？请到所在社区登记。", "No account? Register at your community.")) }
                },
                Next::Mine { fulfil, release, minutes } => (mine(shell, fulfil, release, *minutes)),
                Next::Confirm { action } => (confirm(shell, action)),
                Next::Nothing => p { (shell.t("这个心愿不需要您再做什么。", "There is nothing for you to do here.")) },
                Next::Wait(text) => p { (text) },
            }
        }
    }
}

fn words(shell: &Shell, private: &Private) -> Markup {
    html! {
        dl.facts {
            @if let Some(resident) = &private.resident { (fact(shell.t("住户", "Resident"), &html! { (resident) })) }
            (fact(shell.t("住户原话", "In their own words"), &html! { (private.words) }))
        }
        p.fine { (shell.t("住户原话只有本人、社区和认领的人能看到。", "Only the resident, the community and whoever has taken it on can read these words.")) }
    }
}

fn mine(shell: &Shell, fulfil: &str, release: &str, minutes: u64) -> Markup {
    html! {
        form method="post" action=(fulfil) {
            label.field {
                span { (shell.t("用了多少分钟", "Minutes it took")) }
                input name="minutes" type="number" inputmode="numeric" min="1" max="10080" required value=(minutes);
            }
            button type="submit" { (shell.t("已经办好了", "It is done")) }
        }
        form method="post" action=(release) {
            button.second type="submit" { (shell.t("放下这个心愿", "Let it go")) }
        }
        p.fine { (shell.t("放下后别人可以认领，不扣任何东西。", "Somebody else can then take it on; nothing is deducted.")) }
    }
}

/// The rating that stands chosen at first is the best: most are, and one tap is enough then.
fn confirm(shell: &Shell, action: &str) -> Markup {
    html! {
        form method="post" action=(action) {
            label.field {
                span { (shell.t("满意程度", "How content are you?")) }
                select name="rating" {
                    @for (value, zh, en) in RATINGS { option value=(value) { (shell.t(zh, en)) } }
                }
            }
            button type="submit" { (shell.t("确认心愿已实现", "Yes, it was done")) }
        }
    }
}

const RATINGS: [(u8, &str, &str); 5] = [
    (5, "5 分，很满意", "5, very content"),
    (4, "4 分，满意", "4, content"),
    (3, "3 分，一般", "3, so-so"),
    (2, "2 分，不太满意", "2, not quite content"),
    (1, "1 分，不满意", "1, not content"),
];

fn just_done(shell: &Shell, done: &Done) -> Markup {
    let (title, text) = match done {
        Done::Claimed { .. } => (
            shell.t("认领成功", "It is yours"),
            shell.t(
                "社区会告诉您怎样联系住户。按错了可以马上撤销。",
                "The community will put you in touch. A slip? Undo it.",
            ),
        ),
        Done::Released => (
            shell.t("已经放下", "You let it go"),
            shell.t("别人现在可以认领它。", "Somebody else can take it on now."),
        ),
        Done::Fulfilled => (
            shell.t("谢谢，已登记办好", "Thank you, it is noted as done"),
            shell.t("等住户确认。", "The resident confirms it next."),
        ),
        Done::Confirmed => (
            shell.t("谢谢，已确认", "Thank you, it is confirmed"),
            shell.t("帮忙的人会看到您的评分。", "Whoever helped will see your rating."),
        ),
    };
    notice(
        Tone::Good,
        title,
        &html! {
            p { (text) }
            @if let Done::Claimed { undo } = done {
                form method="post" action=(undo) { button.quiet type="submit" { (shell.t("撤销认领", "Undo")) } }
            }
        },
    )
}

fn yuan(fen: u64) -> String {
    match fen % 100 {
        0 => i18n::count(fen / 100),
        rest => format!("{}.{rest:02}", i18n::count(fen / 100)),
    }
}
