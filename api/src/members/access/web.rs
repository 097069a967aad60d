//! `/me/access`: who looked at what is shown of one, who did what to one, and which roles one holds; `/me/roles`: lays one
//! down; `/me/public-name`: who may see one's name.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse as _, Response};
use hourbook_ledger::domain::event::{BodyKind, Looked, Scope};
use hourbook_ledger::domain::person::Office;
use hourbook_projections::Models;
use hourbook_projections::directory::Directory;
use hourbook_projections::looks::{Look, Looks, LooksOfAKind};
use serde::Deserialize;

use super::super::actions;
use super::api::{Deed, deeds_before};
use super::page;
use crate::auth::token::Session;
use crate::commands::{Action, Given};
use crate::http::extract::stamp;
use crate::http::names::role;
use crate::problem::{Fault, Problem};
use crate::ui::i18n::Lang;
use crate::ui::parts::Refusal;
use crate::ui::request::{Outcome, PageRequest, see_other};
use crate::ui::signing::Signed;
use crate::ui::{labels, names, paths};

/// Looks and deeds that are shown one by one.
const MOST: usize = 50;

pub(crate) async fn page(request: PageRequest) -> Result<Response, Problem> {
    match request.signed_in(paths::ACCESS) {
        Ok(session) => show(&request, session, None),
        Err(sign_in) => Ok(see_other(&sign_in)),
    }
}

fn show(request: &PageRequest, session: Session, refused: Option<Refusal>) -> Result<Response, Problem> {
    let models = request.app.read.read();
    let (directory, lang) = (&models.directory, request.lang());
    let looks = directory.looks();
    let by_kind = Looks::by_kind(looks.at(session.person));
    let kind = |kind: LooksOfAKind| page::LooksOfAKind {
        role: kind.role.map_or_else(String::new, |role| labels::role(lang, role).to_owned()),
        purpose: labels::purpose(lang, kind.purpose).to_owned(),
        times: kind.times,
        last: stamp(kind.last, directory.offset()),
    };
    let latest = looks.at(session.person).rev().take(MOST);
    let (deeds, _) = deeds_before(&request.app, models.deeds.of(session.person), None, MOST)?;
    let public_name = directory.register().people.get(session.person).is_some_and(|known| known.public_name);
    let view = page::View {
        kinds: by_kind.into_iter().map(kind).collect(),
        looks: latest.map(|each| look(request, &models, &each)).collect::<Result<_, Problem>>()?,
        in_all: looks.count_at(session.person) as u64,
        entries_read: looks.at_all().count() as u64,
        deeds: deeds.iter().map(|each| deed(request, &models, each)).collect::<Result<_, Problem>>()?,
        roles: directory
            .register()
            .people
            .roles(session.person)
            .iter()
            .map(|held| own_role(request, &models, held))
            .collect(),
        public_name,
        naming: Some(Signed::new(
            &actions::PUBLIC_NAME,
            Given::default().with(&actions::AGREED, !public_name),
            paths::ACCESS.to_owned(),
        )),
        refused,
    };
    request.draw(&models, |shell| page::render(shell, &view))
}

fn own_role(request: &PageRequest, models: &Models, held: &Office) -> page::OwnRole {
    let lang = request.lang();
    let (org, over) = match held.scope {
        Scope::Org(org) => (org.to_string(), names::org(&models.directory, org)),
        Scope::Ledger => (String::new(), lang.t("整本账簿", "the whole ledger").to_owned()),
    };
    let told = format!("{} · {over}", labels::role(lang, held.role));
    let name = role(held.role).to_owned();
    let given = role_of(&name, &org);
    let laid_down = Signed::new(&actions::LAY_DOWN_ROLE, given, paths::ACCESS.to_owned());
    page::OwnRole { name, org, laid_down: Some(laid_down), told }
}

fn look(request: &PageRequest, models: &Models, look: &Look) -> Result<page::Look, Problem> {
    let (directory, visibility, lang) = (&models.directory, request.visibility(models), request.lang());
    let by = request.app.actor_name(&visibility, look.by)?;
    Ok(page::Look {
        by: by.unwrap_or_else(|| labels::nameless(lang).to_owned()),
        role: look.role.map_or("", |role| labels::role(lang, role)).to_owned(),
        purpose: labels::purpose(lang, look.purpose).to_owned(),
        what: looked(lang, directory, look.what),
        at: stamp(look.at, directory.offset()),
        position: look.position,
    })
}

fn deed(request: &PageRequest, models: &Models, deed: &Deed) -> Result<page::Deed, Problem> {
    let (directory, lang) = (&models.directory, request.lang());
    let (org, role) = deed.about();
    let about = [
        role.map(|role| labels::role(lang, role).to_owned()),
        org.map(|org| names::org(directory, org)),
        deed.helper(&request.app, &request.visibility(models))?,
    ];
    Ok(page::Deed {
        what: what(request, deed.event.body.kind()),
        about: about.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        by: names::actor(request, models, &deed.act)?,
        at: stamp(deed.act.at, directory.offset()),
        position: deed.act.position,
    })
}

/// What was done, in words; kinds without words by their name.
fn what(request: &PageRequest, kind: BodyKind) -> String {
    let words = request.app.actions.deed(kind).or_else(|| labels::deed(kind));
    words.map_or(kind.name(), |(zh, en)| request.lang().t(zh, en)).to_owned()
}

#[derive(Deserialize)]
pub(crate) struct NameForm {
    agreed: String,
}

pub(crate) async fn change(
    request: PageRequest,
    form: Result<Form<NameForm>, FormRejection>,
) -> Result<Response, Problem> {
    let session = match request.signed_in(paths::ACCESS) {
        Ok(session) => session,
        Err(sign_in) => return Ok(see_other(&sign_in)),
    };
    let agreed = match form {
        Ok(Form(form)) if form.agreed == "yes" => true,
        Ok(Form(form)) if form.agreed == "no" => false,
        _ => return Err(Fault::BadRequest.into()),
    };
    say(&request, session, &actions::PUBLIC_NAME, Given::default().with(&actions::AGREED, agreed)).await
}

#[derive(Deserialize)]
pub(crate) struct RoleForm {
    role: String,
    org: String,
}

pub(crate) async fn lay_down(
    request: PageRequest,
    form: Result<Form<RoleForm>, FormRejection>,
) -> Result<Response, Problem> {
    let session = match request.signed_in(paths::ACCESS) {
        Ok(session) => session,
        Err(sign_in) => return Ok(see_other(&sign_in)),
    };
    let Ok(Form(RoleForm { role, org })) = form else { return Err(Fault::BadRequest.into()) };
    say(&request, session, &actions::LAY_DOWN_ROLE, role_of(&role, &org)).await
}

/// A role over an organisation; over the whole ledger if none is named.
fn role_of(role: &str, org: &str) -> Given {
    let given = Given::default().with(&actions::ROLE, role);
    if org.is_empty() { given } else { given.with(&actions::ORG, org) }
}

/// What the person asserts; then the page again, or what waits.
async fn say(
    request: &PageRequest,
    session: Session,
    action: &Action,
    given: Given,
) -> Result<Response, Problem> {
    match request.carry_out(&session, action, &given).await? {
        Outcome::Waits => Ok(see_other(paths::OWN_ACTS)),
        Outcome::Done => Ok(see_other(paths::ACCESS)),
        Outcome::Refused(status, refusal) => {
            Ok((status, show(request, session, Some(refusal))?).into_response())
        }
    }
}

/// At what somebody looked.
fn looked(lang: Lang, directory: &Directory, what: Looked) -> String {
    let of = |zh: &str, en: &str, org| match lang {
        Lang::Zh => format!("{}{zh}", crate::ui::names::org(directory, org)),
        Lang::En => format!("{en}, {}", crate::ui::names::org(directory, org)),
    };
    match what {
        Looked::Record => lang.t("您的记录", "your record").to_owned(),
        Looked::List { scope, period: over } => {
            format!("{} {}", of("红黄榜", "red and yellow list", scope), labels::period(lang, over))
        }
        Looked::Board(Scope::Org(org)) => of("时长榜", "hours ranking", org),
        Looked::Board(Scope::Ledger) => lang.t("时长榜", "hours ranking").to_owned(),
        Looked::Wish(_) => lang.t("微心愿", "a wish").to_owned(),
        Looked::Register(org) => of("名册中查找或核对", "found in a register", org),
        Looked::Entries => lang.t("日志", "entries of the log").to_owned(),
    }
}
