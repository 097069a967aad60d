//! Who holds a role, by which keys, and the buttons that name a key and end one.

use hourbook_ledger::domain::event::Role;
use maud::{Markup, html};

use super::super::actions;
use super::super::offices::{Lost, lost_form};
use crate::http::names::role;

use crate::ui::components::{Pager, Tone, badge, empty, filters, heading, pager, position_link, search};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::signing::{self, Signed};
use crate::ui::{i18n, labels, parts, paths};

/// What the reader sees.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The roles that the reader could grant: first those of whoever has a key that the grant does not name.
    pub offices: Vec<Office>,
    /// The page of them.
    pub pager: Pager,
    /// Part of an organisation's name that is looked for; none where the list is short.
    pub filter: Option<String>,
    /// The reader may register people and hand out codes.
    pub registers: bool,
    /// People without a role who made a key, the latest first.
    pub newcomers: Vec<Newcomer>,
}

/// Somebody who made a key and holds no role.
#[derive(Clone, Debug)]
pub struct Newcomer {
    /// Whose.
    pub name: String,
    /// The community or grid.
    pub home: String,
    /// The key's id, 32 hexadecimal digits.
    pub key: String,
    /// Log position of its enrolment.
    pub position: u64,
    /// What is signed to give the person a role, exercised by the key.
    pub granted: Signed,
    /// Over what a role can be given: id and name, nearest first.
    pub over: Vec<(String, String)>,
}

/// A role that somebody holds.
#[derive(Clone, Debug, Default)]
pub struct Office {
    /// Whose.
    pub name: String,
    /// Which, in the page's language.
    pub role: String,
    /// Over what, in the page's language.
    pub over: String,
    /// Who gave it, or named a key for it last.
    pub granted: Option<Granted>,
    /// The person's keys that are in force.
    pub keys: Vec<Key>,
}

/// That an office was given, or a key named for it.
#[derive(Clone, Debug, Default)]
pub struct Granted {
    /// By whom, as far as the reader may see it.
    pub by: String,
    /// ISO timestamp.
    pub at: String,
    /// Log position.
    pub position: u64,
}

/// A key of whoever holds a role.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its id, 32 hexadecimal digits.
    pub id: String,
    /// Log position of its enrolment.
    pub position: u64,
    /// It exercises the role.
    pub named: bool,
    /// What is signed so that it exercises the role, if the reader may.
    pub naming: Option<Signed>,
    /// What is signed when its device is lost, if the reader may.
    pub lost: Option<Lost>,
}

/// Roles that are given here, the most usual first.
const GIVEN: [Role; 6] =
    [Role::Worker, Role::Lead, Role::Steward, Role::UnitOfficer, Role::Secretary, Role::Auditor];

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("同事和他们的密钥", "Colleagues and their keys");
    let lead = shell.t(
        "职务只能用任命里写明的密钥行使。同事换了设备，会有一把新密钥：请当面或打电话，按提示核对六位数字，再写入任命。",
        "A role is exercised by the keys that its grant names. A colleague with a new device has a new key: compare six digits as you are told, in person or by phone, and name it.",
    );
    let body = html! {
        (heading(title, Some(lead)))
        @if shell.signer().is_none() {
            p.notice { (shell.t("您凭登录码登录：只能查看。写入任命和停用要用密钥登录后签名。", "You signed in with a code, and can only look: sign in with your key to name a key or end one.")) }
        }
        @if let Some(wanted) = &view.filter {
            (filters(shell, paths::COLLEAGUES, &search(shell.t("按组织名称查找", "Find by organisation"), wanted)))
        }
        @if view.offices.is_empty() && view.filter.as_ref().is_some_and(|wanted| !wanted.is_empty()) {
            p role="status" { (shell.t("没有人在名称里有这几个字的组织任职。", "Nobody holds a role over an organisation of that name.")) }
        } @else if view.offices.is_empty() {
            (empty(
                shell.t("这里还没有别人担任职务", "Nobody else holds a role here yet"),
                shell.t("给同事登录码，请他在自己的设备上建好密钥，然后在这里任命。", "Give a colleague a code, let them make a key on their own device, and name it here."),
                view.registers.then(|| (paths::REGISTER, shell.t("登记并给登录码", "Register and give a code"))),
            ))
        }
        div.stacked { @for office in &view.offices { (item(shell, office)) } }
        (pager(shell, view.pager))
        @if !view.newcomers.is_empty() {
            div.stacked {
            h2 { (shell.t("有密钥、还没有职务的人（最近的在前）", "People who have a key and no role, the latest first")) }
            p { (shell.t(
                "请当面或打电话核对，再任命。一个社区至少要两名工作人员：经办人不能自己审核。",
                "Compare the key in person or by phone before you give a role. A community needs two workers: whoever records does not confirm.",
            )) }
            @for newcomer in &view.newcomers { (appoint(shell, newcomer)) }
            }
        }
        @if view.registers {
            p.more { a href=(paths::REGISTER) { (shell.t("登记新同事并给登录码", "Register a colleague and give a code")) } }
        }
    };
    page(shell, Some(Tab::Mine), title, &body)
}

fn appoint(shell: &Shell, newcomer: &Newcomer) -> Markup {
    html! {
        section.card {
            h3 { (newcomer.name) " · " (newcomer.home) }
            p { code.root { (parts::grouped(&newcomer.key)) } " " (position_link(shell.lang(), newcomer.position)) }
            @if shell.signer().is_some() {
                (signing::form(shell, paths::COLLEAGUES, &newcomer.granted, &html! {
                    (told(shell, &newcomer.name, &newcomer.key))
                    label.field {
                        span { (shell.words(actions::ROLE.label)) }
                        select name=(actions::ROLE.name) {
                            @for given in GIVEN { option value=(role(given)) { (labels::role(shell.lang(), given)) } }
                        }
                    }
                    label.field {
                        span { (shell.words(actions::ORG.label)) }
                        select name=(actions::ORG.name) {
                            @for (id, name) in &newcomer.over { option value=(id) { (name) } }
                        }
                    }
                    button type="submit" { (shell.t("核对并任命", "Compare, and give the role")) }
                }))
            }
        }
    }
}

fn item(shell: &Shell, office: &Office) -> Markup {
    html! {
        section.card {
            h2 { (office.name) }
            p { (office.role) " · " (office.over) }
            @if let Some(granted) = &office.granted {
                p.fine { (shell.t("最近由 ", "Given or extended last by ")) b { (granted.by) } (shell.t(" 任命：", ": ")) (i18n::date_time(shell.lang(), &granted.at)) " " (position_link(shell.lang(), granted.position)) }
            }
            @if office.keys.is_empty() {
                p.fine { (shell.t("还没有密钥。请本人用登录码登录，在“我的密钥”里新建。", "No key yet: whoever holds the role signs in with a code and makes one under “My keys”.")) }
            }
            ul.plain { @for key in &office.keys { (of_key(shell, office, key)) } }
        }
    }
}

/// What stands in the bar beside the button that is pressed.
fn told(shell: &Shell, name: &str, key: &str) -> Markup {
    html! {
        input type="hidden" name="whose" value=(name) data-label=(shell.t("给谁", "To whom"));
        input type="hidden" name="which" value=(parts::grouped(key)) data-label=(shell.t("密钥", "Key"));
    }
}

fn of_key(shell: &Shell, office: &Office, key: &Key) -> Markup {
    let lang = shell.lang();
    html! {
        li {
            p { code.root { (parts::grouped(&key.id)) } " " (position_link(lang, key.position)) }
            @if key.named {
                p { (badge(Tone::Good, shell.t("行使这个职务", "exercises this role"))) }
            } @else {
                p { (badge(Tone::Wait, shell.t("还没有写入任命", "not named by the grant"))) }
                @match (&key.naming, shell.signer()) {
                    (Some(signed), Some(_)) => {
                        (signing::form(shell, paths::COLLEAGUES, signed, &html! {
                            (told(shell, &office.name, &key.id))
                            input type="hidden" name="office" value=(format!("{} · {}", office.role, office.over)) data-label=(shell.t("职务", "Role"));
                            button type="submit" { (shell.t("核对并写入任命", "Compare, and name it")) }
                        }))
                    },
                    (None, Some(_)) => p.fine { (shell.t("您不能写入：两把密钥可能在同一个人手里（看登录码是谁给的），或者他原来的密钥已经停用。请另一位同事或负责人写入任命。", "You cannot name it: one person could hold both keys, going by who gave the codes, or the older key has ended. Let another colleague or the steward name it.")) },
                    _ => {},
                }
            }
            @if shell.signer().is_some() { (lost_form(shell, paths::COLLEAGUES, key.lost.as_ref())) }
        }
    }
}
