//! One wish and its history.

use maud::{Markup, html};

use super::actions::{FOR_ORG, MINUTES, SENTENCE, WishAction};
use super::desk::{AtDesk, Desk};
use super::sentence;
use crate::commands::{Action, Given, Input};
use crate::ui::components::{Step, Tone, breadcrumb, card, fact, notice, timeline};
use crate::ui::forms::fields;
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::parts::{Refusal, WishCard, refusal, wish_badge};
use crate::ui::signing::{self, Signed};
use crate::ui::{assets, i18n, paths};

/// What the page shows.
#[derive(Default)]
pub(crate) struct View {
    /// The wish in brief.
    pub(crate) wish: WishCard,
    /// What has happened and what is still to come, oldest first.
    pub(crate) steps: Vec<Step>,
    /// What happens next, and who does it.
    pub(crate) next: Next,
    /// What the reader has just done.
    pub(crate) done: Option<Done>,
    /// Why what the reader wanted to do was refused.
    pub(crate) refused: Option<Refusal>,
    /// What the reader can do at a desk.
    pub(crate) desk: Desk,
    /// Where the hours of whoever helped are recorded, for whoever may.
    pub(crate) hours: Option<String>,
    /// What only the resident, staff and whoever has taken the wish on may read.
    pub(crate) private: Option<Private>,
}

/// What only few may read of a wish.
#[derive(Clone, Debug, Default)]
pub(crate) struct Private {
    /// The resident's name, for whoever may know it.
    pub(crate) resident: Option<String>,
    /// The resident's own words.
    pub(crate) words: String,
}

/// What is said of a step that the reader has taken a moment ago.
#[derive(Default)]
pub(crate) struct Done {
    /// What was done.
    pub(crate) title: &'static str,
    /// What follows.
    pub(crate) text: &'static str,
    /// Where the form that takes it back posts to, what is signed by it, and its button.
    pub(crate) undo: Option<(String, Signed, &'static str)>,
}

/// The next step as this reader can take it.
#[derive(Default)]
pub(crate) enum Next {
    /// What the reader may do, and what stands in the fields at first.
    Act {
        /// The action, where its form posts to, and what is signed in the page where the reader has a key.
        forms: Vec<(&'static WishAction, String, Signed)>,
        /// What stands in the fields.
        given: Given,
        /// What happens if the reader does nothing, where nothing is asked of the reader first of all.
        otherwise: Option<&'static str>,
    },
    /// The reader would have to sign in first; the address of the form, which comes back here.
    SignIn {
        /// Where the link leads.
        href: String,
    },
    /// The reader can do nothing; a sentence says who acts next, or that it is finished.
    #[default]
    Nothing,
    /// The same, in words of the caller, in the page's language.
    Wait(&'static str),
}

/// Renders the page.
pub(crate) fn render(shell: &Shell, view: &View) -> Markup {
    let lang = shell.lang();
    let wish = &view.wish;
    let body = html! {
        (breadcrumb(shell, &[(paths::WISHES, shell.t("微心愿", "Wishes"))], &wish.category))
        div.split {
            section.card.wish-main {
                p.tags { (wish_badge(lang, wish.state)) span.category { (wish.category) } }
                h1 { (wish.sentence) }
                dl.facts {
                    (fact(shell.t("社区", "Community"), &html! { (wish.community) }))
                    @if wish.effort_minutes > 0 {
                        (fact(shell.t("大约需要", "Takes about"), &html! { (i18n::hours(lang, wish.effort_minutes)) }))
                    }
                    (fact(shell.t("发布日期", "Posted on"), &html! { (i18n::date(lang, &wish.posted_on)) }))
                }
                @if let Some(private) = &view.private { (words(shell, private)) }
                @if let Some(refused) = &view.refused { (refusal(shell, refused)) }
                @if let Some(done) = &view.done { (just_done(shell, done)) }
                (next(shell, &view.next))
                @if !view.desk.steps.is_empty() { (at_desk(shell, view)) }
                @if let Some(hours) = &view.hours { p.more { a.button.second href=(hours) { (shell.t("登记帮忙的时长", "Record the hours of who helped")) } } }
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
                Next::Act { forms, given, otherwise } => {
                    @if let Some(text) = otherwise { p { (text) } }
                    @for (act, to, signed) in forms { (form(shell, act, to, signed, given)) }
                },
                Next::SignIn { href } => {
                    p { a.button href=(href) { (shell.t("登录后认领", "Sign in to claim")) } }
                    p.fine { (shell.t("没有账号？请到所在社区登记。", "No account? Register at your community.")) }
                },
                Next::Nothing => p { (shell.t("这个心愿不需要您再做什么。", "There is nothing for you to do here.")) },
                Next::Wait(text) => p { (text) },
            }
        }
    }
}

/// What staff, teams and units can do; signed with a key.
fn at_desk(shell: &Shell, view: &View) -> Markup {
    html! {
        div.next {
            h2 { (shell.t("办理", "At the desk")) }
            (signing::needs_a_key(shell))
            @if shell.signer().is_some() {
                @for (step, signed) in &view.desk.steps { (step_form(shell, view, step, signed)) }
            }
        }
    }
}

fn step_form(shell: &Shell, view: &View, step: &AtDesk, signed: &Signed) -> Markup {
    let inside = html! {
        (step_fields(shell, view, step.action))
        button class=[step.folded.then_some("second")] type="submit" { (shell.words(step.button)) }
        p.fine { (shell.words(step.fine)) }
    };
    let form = signing::form(shell, &paths::wish(&view.wish.id), signed, &inside);
    match step.folded {
        true => html! { details { summary { (shell.words(step.button)) } (form) } },
        false => form,
    }
}

/// The fields of a step; what is only chosen or proposed here is drawn here.
fn step_fields(shell: &Shell, view: &View, action: &Action) -> Markup {
    let asks = |input: &Input| action.inputs.iter().any(|one| one.name == input.name);
    let private = view.private.as_ref();
    let own_words = private.map_or("", |private| private.words.as_str());
    let name = private.and_then(|private| private.resident.as_deref());
    html! {
        @if asks(&FOR_ORG) {
            label.field {
                span { (shell.words(FOR_ORG.label)) }
                select name=(FOR_ORG.name) required {
                    @for (id, name) in &view.desk.orgs { option value=(id) { (name) } }
                }
            }
        } @else if asks(&SENTENCE) {
            (sentence_field(shell, &sentence::proposed(own_words, name), name, false))
            script type="module" src=(assets::script("keys/sentence.mjs")) {}
        } @else {
            (fields(shell, action, &Given::default().with(&MINUTES, view.wish.effort_minutes)))
        }
    }
}

/// The field of the sentence that the public reads, with what is wrong with it; in a row it is the row's own.
pub(super) fn sentence_field(shell: &Shell, proposed: &str, name: Option<&str>, in_row: bool) -> Markup {
    let found = sentence::warnings(proposed, name);
    html! {
        div data-sentence data-name=[name] data-digits=(sentence::DIGITS)
            data-places=(sentence::PLACES.join(" ")) data-health=(sentence::HEALTH.join(" ")) {
            label.field {
                span { (shell.words(SENTENCE.label)) }
                textarea name=[(!in_row).then_some(SENTENCE.name)] data-field=[in_row.then_some(SENTENCE.name)]
                    required[!in_row] maxlength=(sentence::LONGEST) rows=(if in_row { 2 } else { 3 }) { (proposed) }
            }
            @for warning in sentence::Warning::ALL {
                p.error data-warning=(warning.name()) hidden[!found.contains(&warning)] { (shell.words(warning.words())) }
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

fn form(shell: &Shell, act: &WishAction, to: &str, signed: &Signed, given: &Given) -> Markup {
    let fields = fields(shell, &act.action, given);
    let folded = act.second && !fields.0.is_empty();
    let inside = html! {
        (fields)
        button class=[act.second.then_some("second")] type="submit" { (shell.words(act.button)) }
    };
    let form = html! {
        (signing::form(shell, to, signed, &inside))
        @if let Some(fine) = act.fine { p.fine { (shell.words(fine)) } }
    };
    match folded {
        true => html! { details { summary { (shell.words(act.button)) } (form) } },
        false => form,
    }
}

fn just_done(shell: &Shell, done: &Done) -> Markup {
    notice(
        Tone::Good,
        done.title,
        &html! {
            p { (done.text) }
            @if let Some((to, signed, button)) = &done.undo {
                (signing::form(shell, to, signed, &html! { button.quiet type="submit" { (button) } }))
            }
        },
    )
}
