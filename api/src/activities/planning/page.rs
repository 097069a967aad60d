//! The form that plans an activity with its first shifts, one signature in all.

use maud::{Markup, html};

use crate::activities::actions::{CONTENT, LEAD_NAME, ORG, PLACE, TITLE};
use crate::commands::category::CATEGORY;
use crate::ui::components::{breadcrumb, heading};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::signing::{self, Signed};
use crate::ui::{forms, labels, paths};

/// What the reader sees.
#[derive(Clone, Debug)]
pub struct View {
    /// Organisations for which the reader plans: id and name.
    pub orgs: Vec<(String, String)>,
    /// Communities to choose from, where there are many: id and name.
    pub communities: Vec<(String, String)>,
    /// The day that is offered, as an ISO date.
    pub day: String,
    /// What is signed.
    pub signed: Signed,
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("策划活动", "Plan an activity");
    let lead = shell.t(
        "活动、场次和发布一次签名，要么全部记录，要么都不记录。",
        "The activity, its shifts and its publication are signed at once: all of it is recorded, or none.",
    );
    let body = html! {
        (breadcrumb(shell, &[(paths::ACTIVITIES, shell.t("活动", "Activities"))], title))
        (heading(title, Some(lead)))
        (signing::needs_a_key(shell))
        @if shell.signer().is_some() {
            @if !view.communities.is_empty() {
                nav.more-links aria-label=(shell.t("社区", "Community")) {
                    @for (id, name) in &view.communities { a href=(paths::plan_at(id)) { (name) } }
                }
            }
            section.card { (signing::form(shell, paths::PLAN, &view.signed, &fields(shell, view))) }
        }
    };
    page(shell, Some(Tab::Activities), title, &body)
}

fn fields(shell: &Shell, view: &View) -> Markup {
    html! {
        (forms::line(shell, &TITLE))
        label.field {
            span { (shell.words(ORG.label)) }
            select name=(ORG.name) { @for (id, name) in &view.orgs { option value=(id) { (name) } } }
        }
        label.field {
            span { (shell.words(CATEGORY.label)) }
            select name=(CATEGORY.name) {
                @for (code, words) in labels::categories(shell.lang()) { option value=(code) selected[code == "community"] { (words) } }
            }
        }
        (forms::line(shell, &PLACE))
        (forms::line(shell, &CONTENT))
        (forms::line(shell, &LEAD_NAME))
        p.hint { (shell.t("不填负责人，就是您本人。", "If nobody is named, you are in charge.")) }
        (times(shell, &view.day))
        label.check {
            input type="checkbox" data-publish data-said value=(shell.t("是", "yes")) checked;
            span { (shell.t("同时发布，志愿者可以报名", "Publish it at once, so that people can sign up")) }
        }
        button type="submit" { (shell.t("策划并签名", "Plan and sign")) }
    }
}

/// When a shift is, how many can come, and how often.
pub fn times(shell: &Shell, day: &str) -> Markup {
    html! {
        div.times {
            label.field {
                span { (shell.t("日期", "Day")) }
                input type="date" data-day data-said required value=(day);
            }
            label.field {
                span { (shell.t("开始", "From")) }
                input type="time" data-from data-said required value="09:00";
            }
            label.field {
                span { (shell.t("结束", "Until")) }
                input type="time" data-until data-said required value="11:00";
            }
            label.field {
                span { (shell.t("名额", "Places")) }
                input type="number" inputmode="numeric" data-places data-said required min="1" max="65535" value="20";
            }
            label.field {
                span { (shell.t("每周一次，共几次", "Once a week, how many times")) }
                input type="number" inputmode="numeric" data-weeks data-said required min="1" max="52" value="1";
            }
        }
    }
}
