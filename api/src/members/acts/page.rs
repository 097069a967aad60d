//! What waits and concerns the reader.

use maud::{Markup, html};

use crate::commands::Words;
use crate::ui::components::{Tone, badge, breadcrumb, empty, heading, position_link};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::parts::{Refusal, refusal};
use crate::ui::signing::{self, Signed};
use crate::ui::{i18n, paths};

/// What the person sees.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Acts about the person, the latest first.
    pub acts: Vec<Act>,
    /// Acts about others for whom the reader works, which wait for a second person.
    pub for_office: Vec<Act>,
    /// Why a change was refused.
    pub refused: Option<Refusal>,
}

/// An act about the person.
#[derive(Clone, Debug, Default)]
pub struct Act {
    /// Its id, a UUID.
    pub id: String,
    /// What is signed by agreeing.
    pub approval: Option<Signed>,
    /// What is signed by stopping it.
    pub stop: Option<Signed>,
    /// What it comes to, in the page's language.
    pub what: String,
    /// Whom it is about, if not the reader.
    pub whom: Option<String>,
    /// Why, if a reason was given.
    pub reason: Option<String>,
    /// Who asserted it, as far as the person may see it.
    pub by: String,
    /// When, ISO timestamp.
    pub at: String,
    /// It takes effect then, ISO timestamp.
    pub due: Option<String>,
    /// Log position.
    pub position: u64,
    /// What stands with it, in the page's language.
    pub standing: String,
    /// It still waits.
    pub open: bool,
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("等待生效的事项", "What waits to take effect");
    let lead = shell.t(
        "不能撤销的事、会给别人权限的事，不凭一个人说了算：要等另一方或第二个人同意，或等期满。期满前您可以叫停。",
        "What cannot be undone, or gives others rights, does not rest on one person's word: it waits for the other side, for a second person, or for a term. Until then you can stop it.",
    );
    let body = html! {
        (breadcrumb(shell, &[(paths::MY_HOURS, shell.t("我的时长", "My hours"))], title))
        (heading(title, Some(lead)))
        @if let Some(refused) = &view.refused { (refusal(shell, refused)) }
        @if !view.for_office.is_empty() {
            (signing::needs_a_key(shell))
            h2 { (shell.t("等第二个人同意", "Waits for a second person")) }
            p { (shell.t(
                "提出的人自己不能同意。您同意之前请核实；不同意的，请告诉提出的人。",
                "Whoever asserted it cannot be the second. Look into it before you agree; if you do not, tell whoever asserted it.",
            )) }
            @for act in &view.for_office { (item(shell, act)) }
            h2 { (shell.t("与您本人有关的", "About yourself")) }
        }
        @if view.acts.is_empty() {
            (empty(
                shell.t("没有等待生效的事项", "Nothing waits"),
                shell.t("以后有与您有关的，会列在这里。", "What concerns you will be listed here."),
                None,
            ))
        }
        @for act in &view.acts { (item(shell, act)) }
    };
    page(shell, Some(Tab::Mine), title, &body)
}

fn item(shell: &Shell, act: &Act) -> Markup {
    let lang = shell.lang();
    let tone = if act.open { Tone::Wait } else { Tone::Plain };
    html! {
        section.card {
            h2 { (act.what) @if let Some(whom) = &act.whom { (shell.t("：", ": ")) (whom) } }
            @if let Some(reason) = &act.reason { p { (shell.t("原因：", "Why: ")) (reason) } }
            p { (badge(tone, &act.standing)) }
            p {
                (shell.t("提出：", "Asserted by ")) (act.by) " · " (i18n::date_time(lang, &act.at))
                " · " (position_link(lang, act.position))
            }
            @if let (true, Some(due)) = (act.open, &act.due) {
                p { (shell.t("最早生效：", "Takes effect not before ")) b { (i18n::date_time(lang, due)) } }
            }
            @if let Some(signed) = &act.approval { (button(shell, act, signed, "approve", "", ("我同意", "I agree"))) }
            @if let Some(signed) = &act.stop { (button(shell, act, signed, "stop", "second", ("叫停这件事", "Stop this"))) }
        }
    }
}

fn button(shell: &Shell, act: &Act, signed: &Signed, way: &str, class: &str, (zh, en): Words) -> Markup {
    let button = html! {
        button class=[(!class.is_empty()).then_some(class)] type="submit" { (shell.t(zh, en)) }
    };
    signing::form(shell, &paths::own_act(&act.id, way), signed, &button)
}
