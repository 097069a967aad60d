//! `/policies/draft`: for whoever may adopt the policy.

use axum::response::Response;
use hourbook_ledger::domain::event::Scope;
use hourbook_ledger::domain::policy::{Policy, PolicyArea};
use hourbook_ledger::domain::time::Date;
use hourbook_projections::Models;

use super::effects::{self, Asked, Effect};
use super::fields::{self, Mend, Typed};
use super::{area_of, page, slug};
use crate::commands::Input;
use crate::http::extract::Query;
use crate::organisations::policies::actions;
use crate::organisations::policies::web::{may_adopt, scope};
use crate::problem::{Fault, Problem};
use crate::ui::components::Choice;
use crate::ui::request::{PageRequest, see_other};
use crate::ui::signing::Signed;
use crate::ui::{i18n, labels, names, paths, policy_words};

pub(crate) async fn page(request: PageRequest, Query(typed): Query<Typed>) -> Result<Response, Problem> {
    let area = typed.get("kind").and_then(|kind| area_of(kind)).ok_or(Fault::NotFound)?;
    if let Err(sign_in) = request.signed_in(&paths::policy_draft(slug(area), typed.get("org"))) {
        return Ok(see_other(&sign_in));
    }
    let models = request.app.read.read();
    let scope = scope(&models, typed.get("org").map(String::as_str))?;
    if !may_adopt(&request, &models, scope, area) {
        return Err(Fault::NotForYou.into());
    }
    let view = view(&request, &models, (scope, area), typed);
    request.draw(&models, |shell| page::render(shell, &view))
}

fn view(
    request: &PageRequest,
    models: &Models,
    (scope, area): (Scope, PolicyArea),
    typed: Typed,
) -> page::View {
    let (lang, today) = (request.lang(), request.today(models));
    let named = |org| names::org(&models.directory, org);
    let (action, held) = (actions::action_of(area), in_force(models, scope, area, today));
    let is_tried = typed.contains_key("try");
    let typed = if is_tried { typed } else { fields::beginning(held, today.plus(1)) };
    // Where nothing holds yet there is nothing to begin with: what is missing is told once it was tried.
    let read = fields::read(action, &typed, scope);
    let wrong = read.as_ref().err().filter(|_| is_tried).map_or(&[][..], Vec::as_slice);
    let asked = action.inputs.iter().filter(|input| input.name != actions::ORG.name);
    let mut view = page::View {
        area: {
            let (zh, en) = policy_words::area(area);
            lang.t(zh, en)
        },
        slug: slug(area),
        scope: scope.org().map_or_else(|| lang.t("全账簿", "the whole ledger").to_owned(), named),
        org: scope.org().map(|org| org.to_string()).unwrap_or_default(),
        fields: asked.map(|input| field(request, models, input, &typed, wrong)).collect(),
        ..page::View::default()
    };
    if let Ok((draft, given)) = read {
        let quarter = labels::quarters(today)[0];
        view.says = policy_words::sentences(lang, &draft, named);
        view.quarter = effects::are_counted(area).then(|| labels::period(lang, quarter));
        let asked =
            Asked { scope, listed: scope.org().or(request.site.places(models).root), period: quarter };
        let effects = effects::effects(models, asked, &draft);
        view.effects = effects.into_iter().map(|effect| shown(lang, effect)).collect();
        view.signed = is_tried.then(|| Signed::new(action, given, policies_of(scope)));
    }
    view
}

fn policies_of(scope: Scope) -> String {
    scope.org().map_or_else(|| paths::POLICIES.to_owned(), |org| format!("{}?org={org}", paths::POLICIES))
}

/// What holds today, as the figures of a draft begin.
fn in_force(models: &Models, scope: Scope, area: PolicyArea, today: Date) -> Option<&Policy> {
    let register = models.directory.register();
    let adopted = match scope {
        Scope::Org(org) => register.policies.for_org(&register.orgs, org, area, today),
        Scope::Ledger => register.policies.at(scope, area, today),
    };
    adopted.map(|adopted| &adopted.policy)
}

fn field(
    request: &PageRequest,
    models: &Models,
    input: &'static Input,
    typed: &Typed,
    wrong: &[Mend],
) -> page::Field {
    let lang = request.lang();
    let value = typed.get(input.name).cloned().unwrap_or_default();
    let choices = fields::choices(input.name).unwrap_or_default().iter();
    let choices = choices.map(|(one, (zh, en))| Choice::of(one, lang.t(zh, en), *one == value));
    let mend = wrong.iter().find(|mend| mend.input == input.name);
    page::Field {
        name: input.name,
        label: lang.t(input.label.0, input.label.1),
        is_optional: input.kind.is_optional(),
        choices: if input.name == actions::EXCESS.name {
            funds(request, models, &value)
        } else {
            choices.collect()
        },
        mend: mend.map(|mend| lang.t(&mend.zh, &mend.en).to_owned()),
        value,
    }
}

/// Whose fund takes what is earned above the cap: that of the root, of whom it is today, or nobody's.
fn funds(request: &PageRequest, models: &Models, chosen: &str) -> Vec<Choice> {
    let none = request.lang().t("只记时长", "the record alone").to_owned();
    let root = request.site.places(models).root;
    let held = chosen.parse().ok().filter(|org| root != Some(*org) && models.directory.org(*org).is_some());
    let funds = root.into_iter().chain(held);
    let named =
        funds.map(|org| Choice::of(org, names::org(&models.directory, org), org.to_string() == chosen));
    std::iter::once(Choice::of("", none, chosen.is_empty())).chain(named).collect()
}

fn shown(lang: i18n::Lang, effect: Effect) -> page::Effect {
    let figure = |figure: u64| match effect.in_minutes {
        true => i18n::hours_minutes(lang, figure),
        false => i18n::count(figure),
    };
    let (zh, en) = effect.what;
    page::Effect { what: lang.t(zh, en), was: effect.was.map(figure), would_be: figure(effect.would_be) }
}
