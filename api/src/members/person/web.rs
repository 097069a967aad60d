//! `/people/{id}`: one person, for whoever works with that person.

use axum::extract::Path;
use axum::response::Response;
use hourbook_ledger::domain::event::Scope;
use hourbook_ledger::domain::ids::{KeyId, PersonId};
use hourbook_ledger::domain::key::Key;
use hourbook_ledger::domain::person::{Affiliation, Erasure, Office};
use hourbook_projections::Models;
use hourbook_projections::directory::{GrantView, ReportIn};

use super::super::actions;
use super::super::offices::{self, Powers};
use super::super::people::search::has_double;
use super::page;
use crate::auth::visibility::{Ground, look_at_record, masked_number};
use crate::commands::Given;
use crate::http::extract::stamp;
use crate::problem::{Fault, Problem};
use crate::ui::i18n::Lang;
use crate::ui::request::{PageRequest, see_other};
use crate::ui::signing::Signed;
use crate::ui::{labels, names, paths};

pub(crate) async fn page(request: PageRequest, Path(id): Path<String>) -> Result<Response, Problem> {
    let person: PersonId = id.parse().map_err(|_| Fault::NotFound)?;
    let session = match request.signed_in(&paths::person(&id)) {
        Ok(session) => session,
        Err(sign_in) => return Ok(see_other(&sign_in)),
    };
    if session.person == person {
        return Ok(see_other(paths::MY_HOURS));
    }
    let ground = look_at_record(&request.app, request.viewer(), person).await?;
    let models = request.app.read.read();
    let view = view(&request, &models, person, ground)?;
    request.draw(&models, |shell| page::render(shell, &view))
}

fn view(
    request: &PageRequest,
    models: &Models,
    person: PersonId,
    ground: Ground,
) -> Result<page::View, Problem> {
    let (directory, lang, app) = (&models.directory, request.lang(), &request.app);
    let (entry, known) = (directory.person(person), directory.register().people.get(person));
    let (Some(entry), Some(known)) = (entry, known) else { return Err(Fault::NotFound.into()) };
    let visibility = request.visibility(models);
    let name = app.shown_name(&visibility, person)?;
    let may_see_numbers = visibility.number_of(person);
    let phone = app.value(entry.phone.filter(|_| may_see_numbers))?;
    let volunteer_no = app.value(entry.volunteer_number.filter(|_| may_see_numbers))?;
    let numbers = (name.as_deref().unwrap_or_default(), phone.as_deref(), volunteer_no.as_deref());
    let has_double = visibility.finds(person) && has_double(app, &visibility, person, numbers)?;
    let erased = known.erasure != Erasure::None;
    let nameless = if erased { labels::erased(lang) } else { labels::nameless(lang) };
    let residence = directory.register().people.residence(person, request.today(models));
    let offices = directory.register().people.roles(person).iter();
    Ok(page::View {
        id: person.to_string(),
        phone: phone.as_deref().map(masked_number),
        volunteer_no,
        community: names::community(directory, person),
        home: residence.map_or_else(String::new, |org| names::org(directory, org)),
        registered_at: stamp(entry.at, directory.offset()),
        public_name: known.public_name,
        erased,
        has_double,
        affiliations: known.affiliations.iter().map(|tie| affiliation(models, lang, tie)).collect(),
        report_in: entry.report_in.map(|report_in| shown_report_in(models, lang, report_in)),
        roles: offices.map(|office| role(models, lang, office)).collect(),
        access: (ground == Ground::Staff).then(|| access(request, models, person)),
        name: name.unwrap_or_else(|| nameless.to_owned()),
    })
}

fn affiliation(models: &Models, lang: Lang, tie: &Affiliation) -> page::Affiliation {
    page::Affiliation {
        org: names::org(&models.directory, tie.org),
        kind: labels::affiliation(lang, tie.kind),
        from: tie.span.from.to_string(),
        to: tie.span.to.map(|to| to.to_string()),
    }
}

fn shown_report_in(models: &Models, lang: Lang, report_in: ReportIn) -> page::ReportIn {
    page::ReportIn {
        community: names::org(&models.directory, report_in.community),
        state: labels::report_in(lang, report_in.state),
        position: report_in.position,
    }
}

fn role(models: &Models, lang: Lang, office: &Office) -> page::Role {
    let over = match office.scope {
        Scope::Org(org) => names::org(&models.directory, org),
        Scope::Ledger => lang.t("整本账簿", "the whole ledger").to_owned(),
    };
    page::Role { role: labels::role(lang, office.role), over }
}

fn access(request: &PageRequest, models: &Models, person: PersonId) -> page::Access {
    let (directory, now) = (&models.directory, request.app.now());
    let keys = directory.register().keys.of(person);
    let open: Vec<GrantView> =
        directory.grants_of(person).into_iter().filter(|grant| !grant.closed).collect();
    let until = |at| stamp(at, directory.offset());
    let unused = open.iter().filter(|grant| grant.session_until.is_none() && grant.code_until > now);
    let sessions = open.iter().filter_map(|grant| grant.session_until).filter(|until| *until > now);
    page::Access {
        keys: keys.map(|(id, key)| shown_key(request, models, person, (id, key))).collect(),
        codes: unused.map(|grant| until(grant.code_until)).collect(),
        sessions: sessions.map(until).collect(),
        code: Some(Signed::new(
            &actions::GIVE_CODE,
            Given::default().with(&actions::PERSON, person),
            paths::SLIPS.to_owned(),
        )),
    }
}

fn shown_key(
    request: &PageRequest,
    models: &Models,
    person: PersonId,
    (id, key): (KeyId, &Key),
) -> page::Key {
    let lent = models.directory.register().keys.lent_by(id, request.app.now()).and(key.lent);
    page::Key {
        id: id.to_string(),
        position: key.from,
        ended: key.until,
        lost: offices::lost(&Powers::of(request, models), (person, id), paths::person(&person.to_string())),
        lent_until: lent.map(|lent| stamp(lent.until, models.directory.offset())),
    }
}
