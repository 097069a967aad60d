//! The policies in force and those adopted for later, in plain words.

use maud::{Markup, html};

use crate::ui::components::{Choice, Tone, badge, empty, filters, heading, select};
use crate::ui::i18n;
use crate::ui::layout::{Shell, page};
use crate::ui::paths;

/// What the reader sees.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// For whom: the whole ledger, or an organisation.
    pub scopes: Vec<Choice>,
    /// The policies, area by area.
    pub policies: Vec<Policy>,
}

/// A policy.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// What it is about.
    pub area: &'static str,
    /// It holds today; else it was adopted for later.
    pub in_force: bool,
    /// ISO date of the first day.
    pub from: String,
    /// For which organisation; none is the whole ledger.
    pub org: Option<String>,
    /// What it says.
    pub says: Vec<String>,
    /// The document that it rests on: its number, and who issued it.
    pub basis: Option<(String, String)>,
    /// Where the reader drafts the next.
    pub next: Option<String>,
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("现行规则", "Policies in force");
    let lead = shell.t(
        "时长、时间币、心愿和榜单按这些规则计算。规则是日志里的记录，从写明的日期起生效，不改动以前。",
        "Hours, credit, wishes and lists follow these. A policy is an entry of the log, holds from its day on, and changes nothing before.",
    );
    let body = html! {
        (heading(title, Some(lead)))
        @if view.scopes.len() > 1 {
            (filters(shell, paths::POLICIES, &select("org", shell.t("范围", "For"), &view.scopes)))
        }
        div.stacked {
            @for policy in &view.policies { (one(shell, policy)) }
            @if view.policies.is_empty() {
                section.card { (empty(
                    shell.t("还没有规则", "No policy yet"),
                    shell.t("创建人发布后会列在这里。", "They are listed here once a founder adopts them."),
                    None,
                )) }
            }
        }
    };
    page(shell, None, title, &body)
}

fn one(shell: &Shell, policy: &Policy) -> Markup {
    let day = i18n::date(shell.lang(), &policy.from);
    html! {
        section.card {
            h2 { (policy.area) }
            p.tags {
                @if policy.in_force {
                    (badge(Tone::Good, &format!("{}{day}", shell.t("现行，自 ", "in force since "))))
                } @else {
                    (badge(Tone::Wait, &format!("{}{day}", shell.t("将生效：", "from "))))
                }
                @if let Some(org) = &policy.org { " " (badge(Tone::Plain, org)) }
            }
            ul.plain { @for sentence in &policy.says { li { (sentence) } } }
            @if let Some((document, issuer)) = &policy.basis {
                p.meta { (shell.t("依据：", "Basis: ")) (issuer) (shell.t("，", ", ")) (document) }
            }
            @if let Some(next) = &policy.next {
                p.more { a.button.second href=(next) { (shell.t("试算下一版", "Try the next one")) span.hidden { "：" (policy.area) } } }
            }
        }
    }
}
