//! The draft of a policy: figures, what they say, what they would have changed, and the signature.

use maud::{Markup, html};

use crate::ui::components::{Choice, Column, breadcrumb, card, heading, select, table};
use crate::ui::i18n;
use crate::ui::layout::{Shell, page};
use crate::ui::paths;
use crate::ui::signing::{self, Signed};

/// What the reader sees.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// What the policy is about.
    pub area: &'static str,
    /// The same in the address.
    pub slug: &'static str,
    /// For whom, in words.
    pub scope: String,
    /// The organisation; empty for the whole ledger.
    pub org: String,
    /// What is typed.
    pub fields: Vec<Field>,
    /// What the draft says, at first the policy in force; none if it is wrong.
    pub says: Vec<String>,
    /// The quarter that it is tried on, in words; none if the policy concerns days to come alone.
    pub quarter: Option<String>,
    /// What would have changed.
    pub effects: Vec<Effect>,
    /// What adopts it, once it was tried and is right.
    pub signed: Option<Signed>,
}

/// A figure of the draft.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// Its name in the form.
    pub name: &'static str,
    /// What it is.
    pub label: &'static str,
    /// What is typed.
    pub value: String,
    /// It may be left out.
    pub is_optional: bool,
    /// What it is chosen from, if it is.
    pub choices: Vec<Choice>,
    /// How to mend it.
    pub mend: Option<String>,
}

/// A figure of the quarter, in words.
#[derive(Clone, Debug, Default)]
pub struct Effect {
    /// What it counts.
    pub what: &'static str,
    /// As it was.
    pub was: Option<String>,
    /// As it would have been.
    pub would_be: String,
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("试算下一版规则", "Try the next policy");
    let lead = shell.t(
        "改数字，看上个季度会有什么不同。没有签名之前什么也不会改变。",
        "Change figures and see what the last quarter would have been. Nothing changes until you sign.",
    );
    let body = html! {
        (breadcrumb(shell, &[(paths::POLICIES, shell.t("现行规则", "Policies in force"))], title))
        (heading(title, Some(lead)))
        (signing::needs_a_key(shell))
        div.split.lists {
            (card("", view.area, &form(shell, view)))
            @if !view.says.is_empty() {
                div #result { (card("", shell.t("这样写", "It would say"), &result(shell, view))) }
            }
        }
    };
    page(shell, None, title, &body)
}

fn form(shell: &Shell, view: &View) -> Markup {
    html! {
        p { (shell.t("范围：", "For: ")) b { (view.scope) } }
        form method="get" action={ (paths::POLICY_DRAFT) "#result" } {
            input type="hidden" name="kind" value=(view.slug);
            @if !view.org.is_empty() { input type="hidden" name="org" value=(view.org); }
            input type="hidden" name="try" value="1";
            @for field in &view.fields { (one(field)) }
            button type="submit" { (shell.t("试算", "Try it")) }
        }
    }
}

fn one(field: &Field) -> Markup {
    let error = format!("{}-error", field.name);
    html! {
        @if field.choices.is_empty() {
            label.field {
                span { (field.label) }
                input type="text" name=(field.name) value=(field.value) required[!field.is_optional] maxlength="120"
                    autocomplete="off" aria-invalid=[field.mend.as_ref().map(|_| "true")]
                    aria-describedby=[field.mend.as_ref().map(|_| &error)];
            }
        } @else { (select(field.name, field.label, &field.choices)) }
        @if let Some(mend) = &field.mend { p.notice.bad id=(error) role="alert" { (mend) } }
    }
}

fn result(shell: &Shell, view: &View) -> Markup {
    html! {
        ul.plain { @for sentence in &view.says { li { (sentence) } } }
        @match &view.quarter {
            Some(quarter) => (changes(shell, view, quarter)),
            None => p.fine { (shell.t("只管以后的日子，上季度的数字不会因此不同。", "It is for days to come alone: no figure of the last quarter would differ.")) },
        }
        @if let Some(signed) = view.signed.as_ref().filter(|_| shell.signer().is_some()) {
            (signing::form(shell, paths::POLICY_DRAFT, signed, &html! {
                button type="submit" { (shell.t("签名发布", "Sign and adopt")) }
            }))
            p.fine { (shell.t("发布后人人可见，从写明的日期起生效；要改，再发布一版。", "Everybody sees it, and it holds from its day on. To change it, adopt another.")) }
        }
    }
}

fn changes(shell: &Shell, view: &View, quarter: &str) -> Markup {
    let columns: [Column<'_, Effect>; 3] = [
        (shell.t("数字", "Figure"), &|effect| html! { (effect.what) }),
        (shell.t("当时", "As it was"), &|effect| html! { (effect.was.as_deref().unwrap_or("—")) }),
        (shell.t("试算", "Under the draft"), &|effect| html! { b { (effect.would_be) } }),
    ];
    html! {
        @if view.effects.is_empty() {
            p { (quarter) (shell.t("没有可以比较的数字。", ": there is nothing to compare.")) }
        } @else {
            (table(&format!("{quarter}{}", shell.t("会有什么不同", ": what would differ")), &columns, &view.effects))
        }
        p.fine { (shell.t("按现在的记录重新计算，截至第 ", "Worked out anew from the log as of entry ")) (i18n::count(shell.as_of.position)) (shell.t(" 条记录。", ".")) }
    }
}
