//! The organisations that a reader looks after, and the forms that register more.

use hourbook_ledger::domain::event::OrgKind;
use maud::{Markup, html};

use super::actions;
use crate::commands::{Given, Words};
use crate::http::names::org_kind;
use crate::ui::components::{Pager, breadcrumb, card, filters, heading, pager, search};
use crate::ui::labels::ORG_KINDS;
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::signing::{self, Signed};
use crate::ui::{forms, paths};

/// What the reader sees.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// In the order of the tree.
    pub orgs: Vec<Org>,
    /// The page of them.
    pub pager: Pager,
    /// Of what a new one will be part: id and name.
    pub under: (String, String),
    /// Nothing stands below the reader's own organisation yet.
    pub first: bool,
    /// Part of a name that is looked for; none where the list is short.
    pub filter: Option<String>,
}

/// An organisation of the tree.
#[derive(Clone, Debug)]
pub struct Org {
    /// Its id, if others can be part of it.
    pub holds: Option<String>,
    /// How many others contain it here.
    pub depth: usize,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: OrgKind,
    /// Its code in the division list.
    pub code: Option<String>,
}

/// An example of what is copied from a division list.
const EXAMPLE: Words =
    ("名称\t代码\n东街社区\t990101001001\n西街社区\t990101001002", "name\tcode\nEast Street\t990101001001");

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("组织", "Organisations");
    let lead = shell.t(
        "组织的名称人人可见，写在日志上，不能删除。请不要写个人信息。",
        "Names of organisations are public, stand on the log and cannot be removed: nothing of a person belongs there.",
    );
    let body = html! {
        (breadcrumb(shell, &[(paths::MY_HOURS, shell.t("我的", "Mine"))], title))
        (heading(title, Some(lead)))
        (signing::needs_a_key(shell))
        @if view.first {
            p.notice { (shell.t("先登记社区和网格，再登记居民。", "Register communities and grids first, then people.")) }
        }
        @if shell.signer().is_some() {
            div.split.lists {
                (card("", shell.t("登记一个", "One"), &one(shell, view)))
                (card("", shell.t("从区划名单登记多个", "Many, from a division list"), &many(shell, view)))
            }
        }
        div.stacked {
            (card("", shell.t("已登记", "Registered"), &tree(shell, view)))
            p { a href=(paths::REGISTER) { (shell.t("登记居民和志愿者", "Register people")) } }
        }
    };
    page(shell, Some(Tab::Mine), title, &body)
}

fn tree(shell: &Shell, view: &View) -> Markup {
    html! {
        @if let Some(wanted) = &view.filter {
            (filters(shell, paths::ORGS, &html! {
                @if !view.under.0.is_empty() { input type="hidden" name="under" value=(view.under.0); }
                (search(shell.t("按名称查找", "Find by name"), wanted))
            }))
            @if view.orgs.is_empty() { p role="status" { (shell.t("没有名称里有这几个字的组织。", "No organisation has that in its name.")) } }
        }
        p.fine { (shell.t("点名称，就在它下面登记。", "Press a name to register below it.")) }
        ul.plain.tree {
            @for org in &view.orgs {
                li class={ "depth-" (org.depth.min(4)) } {
                    @match &org.holds {
                        Some(id) => a href=(paths::orgs_under(id)) { (org.name) },
                        None => b { (org.name) },
                    }
                    " " span.fine { (kind(shell, org.kind)) @if let Some(code) = &org.code { " · " (code) } }
                }
            }
        }
        (pager(shell, view.pager))
    }
}

fn kind(shell: &Shell, kind: OrgKind) -> &'static str {
    ORG_KINDS.iter().find(|(one, _)| *one == kind).map_or("", |(_, words)| shell.words(*words))
}

fn signed(view: &View) -> Signed {
    let (parent, _) = &view.under;
    let given = match parent.as_str() {
        // The first of a ledger is a root.
        "" => Given::default(),
        parent => Given::default().with(&actions::PART_OF, parent),
    };
    Signed::new(&actions::REGISTER, given, paths::orgs_under(parent))
}

fn one(shell: &Shell, view: &View) -> Markup {
    signing::form(
        shell,
        paths::ORGS,
        &signed(view),
        &html! {
            (choices(shell, view))
            (forms::line(shell, &actions::NAME))
            (forms::line(shell, &actions::CODE))
            button type="submit" { (shell.t("登记", "Register")) }
        },
    )
}

fn many(shell: &Shell, view: &View) -> Markup {
    let label =
        ("从名单复制，粘贴在这里（可带表头）", "Copy from the list and paste here; a head is welcome");
    html! {
        (signing::form(shell, paths::ORGS, &signed(view), &html! {
            (choices(shell, view))
            (signing::rows(shell.lang(), &actions::REGISTER, label, EXAMPLE))
            button type="submit" { (shell.t("核对并登记", "Check and register")) }
        }))
        p.fine { (shell.t("读取名称和代码两列；没有表头时按这个顺序。", "Read are name and code, in this order if there is no head.")) }
    }
}

fn choices(shell: &Shell, view: &View) -> Markup {
    html! {
        p { (shell.words(actions::PART_OF.label)) ": " b { (view.under.1) } }
        input type="hidden" name="under" value=(view.under.1) data-label=(shell.words(actions::PART_OF.label));
        label.field {
            span { (shell.words(actions::KIND.label)) }
            select name=(actions::KIND.name) {
                @for (kind, words) in ORG_KINDS { option value=(org_kind(kind)) { (shell.words(words)) } }
            }
        }
    }
}
