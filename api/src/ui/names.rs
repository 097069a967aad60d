//! Persons and organisations as this reader may know them.

use hourbook_ledger::domain::event::{AffiliationKind, OrgKind};
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use hourbook_ledger::domain::person::Erasure;
use hourbook_projections::Models;
use hourbook_projections::directory::Directory;
use hourbook_projections::provenance::Provenance;

use super::i18n::Lang;
use super::labels;
use super::parts::PersonName;
use super::request::PageRequest;
use crate::auth::visibility::{Naming, Visibility};
use crate::problem::Problem;
use crate::state::App;

/// What stands for a name that is hidden altogether.
const STARS: &str = "＊＊＊";

/// A name for a ranking or list.
pub(crate) fn person(
    app: &App,
    visibility: &Visibility<'_>,
    person: PersonId,
) -> Result<PersonName, Problem> {
    let full = visibility.name_of(person) == Naming::Full;
    Ok(match app.shown_name(visibility, person)? {
        Some(name) if full => PersonName::Shown(name),
        Some(name) => PersonName::Masked(name),
        None => PersonName::Masked(STARS.to_owned()),
    })
}

/// Whether anything of a name is shown.
pub(crate) fn is_shown(name: &PersonName) -> bool {
    !matches!(name, PersonName::Masked(text) if text == STARS)
}

/// Who did something, and for whom, as far as the reader may know of either: 吴敏, 吴敏 代 王秀兰, and of a helper 王秀兰，由帮手代为：吴敏.
pub(crate) fn doer(request: &PageRequest, models: &Models, act: &Provenance) -> Result<String, Problem> {
    let visibility = request.visibility(models);
    named(request, models, act, |person| request.app.shown_name(&visibility, person))
}

/// The same on a record that the reader may see, where who acts in office is named.
pub(crate) fn actor(request: &PageRequest, models: &Models, act: &Provenance) -> Result<String, Problem> {
    let visibility = request.visibility(models);
    named(request, models, act, |person| request.app.actor_name(&visibility, person))
}

fn named(
    request: &PageRequest,
    models: &Models,
    act: &Provenance,
    name_of: impl Fn(PersonId) -> Result<Option<String>, Problem>,
) -> Result<String, Problem> {
    let lang = request.lang();
    let ledger = models.directory.register().ledger_person();
    let name = |person: PersonId| -> Result<String, Problem> {
        if Some(person) == ledger {
            return Ok(lang.t("账簿", "the ledger").to_owned());
        }
        let name = name_of(person)?;
        let is_erased =
            models.directory.register().people.get(person).is_some_and(|p| p.erasure != Erasure::None);
        let none = if is_erased { labels::erased(lang) } else { labels::nameless(lang) };
        Ok(name.unwrap_or_else(|| none.to_owned()))
    };
    let by = name(act.actor)?;
    let Some(person) = act.acting_for else { return Ok(by) };
    let person = name(person)?;
    Ok(match (act.is_by_helper(), lang) {
        (false, Lang::Zh) => format!("{by} 代 {person}"),
        (false, Lang::En) => format!("{by} for {person}"),
        (true, Lang::Zh) => format!("{person}，由帮手代为：{by}"),
        (true, Lang::En) => format!("{person}, by a helper: {by}"),
    })
}

/// An organisation's public name.
pub(crate) fn org(directory: &Directory, org: OrgId) -> String {
    directory.org(org).map_or_else(String::new, |entry| entry.name.to_string())
}

/// The community that a person lives in today; never the grid or building, which would say too much.
pub(crate) fn community(directory: &Directory, person: PersonId) -> String {
    let residence = directory.register().people.residence(person, directory.today());
    residence.and_then(|of| around(directory, of)).map_or_else(String::new, |of| org(directory, of))
}

/// The community that an organisation is or lies in today.
pub(crate) fn around(directory: &Directory, of: OrgId) -> Option<OrgId> {
    let is_community =
        |org: &OrgId| directory.org(*org).is_some_and(|entry| entry.kind == OrgKind::Community);
    directory.ancestors(of, directory.today()).into_iter().find(is_community)
}

/// The unit or branch that a person belongs to today.
pub(crate) fn unit(directory: &Directory, person: PersonId) -> String {
    let today = directory.today();
    let organisational = directory.register().people.get(person).and_then(|known| {
        let mut open = known.affiliations.iter().filter(|a| a.span.contains(today));
        open.find(|a| a.kind == AffiliationKind::Organisational)
    });
    organisational.map_or_else(String::new, |a| org(directory, a.org))
}
