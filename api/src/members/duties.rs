//! What a person has taken on or is asked for, on their own page: each with where to go.

use hourbook_ledger::domain::ids::PersonId;
use hourbook_projections::Models;
use hourbook_projections::activities::Place;
use hourbook_projections::wishes::{Wish, WishFilter, WishState};
use maud::{Markup, html};

use crate::problem::Problem;
use crate::ui::components::{card, dotted};
use crate::ui::fill::clock;
use crate::ui::layout::Shell;
use crate::ui::request::PageRequest;
use crate::ui::{i18n, paths};

/// Of each kind at most; more are on the pages of all.
const EACH: usize = 5;

/// Something that waits for a person.
#[derive(Clone, Debug, Default)]
pub struct Duty {
    /// Where it is done or seen.
    pub href: String,
    /// What it is, in the page's language.
    pub what: String,
    /// Of which wish or shift.
    pub of: String,
}

/// What waits for the reader.
pub(crate) fn duties(request: &PageRequest, models: &Models, person: PersonId) -> Result<Vec<Duty>, Problem> {
    let lang = request.lang();
    let mut all = shifts(request, models, person)?;
    let claimed =
        WishFilter { states: &[WishState::Claimed], claimer: Some(person), ..WishFilter::default() };
    let granted =
        WishFilter { states: &[WishState::Fulfilled], resident: Some(person), ..WishFilter::default() };
    for (filter, what) in [
        (
            claimed,
            lang.t("您认领的心愿，办好后请在这里说", "A wish that you took on: say here when it is done"),
        ),
        (granted, lang.t("您的心愿，请确认是否已经实现", "Your wish: say whether it came true")),
    ] {
        for wish in models.wishes.page(&models.directory, &filter, None, EACH).wishes {
            all.push(of_wish(request, wish, what)?);
        }
    }
    let waiting = models.waiting.about(person).filter(|(_, act)| act.is_open()).count();
    if waiting > 0 {
        let what =
            lang.t("与您有关的事项等待生效，可以叫停", "About you, and waiting to take effect: see and stop");
        let of = i18n::count(waiting as u64);
        all.push(Duty { href: paths::OWN_ACTS.to_owned(), what: what.to_owned(), of });
    }
    Ok(all)
}

fn of_wish(request: &PageRequest, wish: &Wish, what: &str) -> Result<Duty, Problem> {
    let of = request.app.value(wish.sentence)?.unwrap_or_default();
    Ok(Duty { href: paths::wish(&wish.id.to_string()), what: what.to_owned(), of })
}

fn shifts(request: &PageRequest, models: &Models, person: PersonId) -> Result<Vec<Duty>, Problem> {
    let (lang, directory) = (request.lang(), &models.directory);
    let mut found = Vec::new();
    for upcoming in request.site.upcoming(models, request.app.now()).iter() {
        let Some(activity) = directory.activity(upcoming.activity) else { continue };
        let Some(shift) = activity.shift(upcoming.shift) else { continue };
        let what = match shift.part(person).map(|part| part.place) {
            Some(Place::Placed) => lang.t("您报了名", "You signed up"),
            Some(Place::Waiting) => lang.t("您在候补", "You are on the waiting list"),
            _ => continue,
        };
        let (title, offset) = (request.app.value(Some(activity.title))?, directory.offset());
        let day = i18n::date(lang, &shift.interval.start.date(offset).to_string());
        let title = title.unwrap_or_else(|| lang.t("志愿服务", "Voluntary service").to_owned());
        let of = format!("{title} · {day} {}", clock(shift.interval.start, offset));
        found.push(Duty { href: paths::ACTIVITIES.to_owned(), what: what.to_owned(), of });
        if found.len() == EACH {
            break;
        }
    }
    Ok(found)
}

/// The card on the page; none if nothing waits.
pub(crate) fn draw(shell: &Shell, duties: &[Duty]) -> Markup {
    html! {
        @if !duties.is_empty() {
            (card("duties", shell.t("等着您的", "Waiting for you"), &html! {
                ul.plain {
                    @for duty in duties {
                        li { a href=(duty.href) { (dotted(&[&duty.what, &duty.of])) } }
                    }
                }
            }))
        }
    }
}
