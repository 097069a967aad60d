//! What staff see of an activity: its shifts, and who is in them.

use hourbook_ledger::domain::event::{Lead, Looked};
use hourbook_ledger::domain::ids::{ActivityId, PersonId, ShiftId};
use hourbook_ledger::domain::time::{Interval, Minute, Offset};
use hourbook_projections::Models;
use hourbook_projections::activities::{Activity, Place, Shift, SignUp};

use crate::auth::visibility::{RECORDERS, Seen, Visibility};
use crate::commands::Words;
use crate::problem::{Fault, Problem};
use crate::ui::fill::clock;
use crate::ui::i18n::{self, Lang};
use crate::ui::labels;
use crate::ui::request::PageRequest;

/// When a shift is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// ISO date on which it begins.
    pub first_day: String,
    /// ISO date on which it is over.
    pub last_day: String,
    /// `09:00`.
    pub start: String,
    /// `11:30`.
    pub end: String,
}

impl When {
    /// As clocks at that distance from UTC have it.
    #[must_use]
    pub fn of(interval: Interval, offset: Offset) -> Self {
        let day = |at: Minute| at.date(offset).to_string();
        Self {
            first_day: day(interval.start),
            last_day: day(interval.end),
            start: clock(interval.start, offset),
            end: clock(interval.end, offset),
        }
    }

    /// As people say it.
    #[must_use]
    pub fn said(&self, lang: Lang) -> String {
        format!("{} {}–{}", i18n::date(lang, &self.first_day), self.start, self.end)
    }
}

/// Somebody's part in a shift.
#[derive(Clone, Debug)]
pub struct Member {
    /// Who, if the reader may be told.
    pub person: Option<PersonId>,
    /// The name, as far as the reader may see it.
    pub name: Option<String>,
    /// What has become of the place.
    pub place: Place,
    /// The reader is that person, whose roll somebody else calls.
    pub is_reader: bool,
    /// Service at that time is on record.
    pub has_hours: bool,
}

impl Member {
    /// What stands for the person on a page.
    #[must_use]
    pub fn called(&self, lang: Lang) -> &str {
        self.name.as_deref().unwrap_or_else(|| labels::nameless(lang))
    }
}

/// What has become of a place, in words.
#[must_use]
pub fn place(place: Place) -> Words {
    match place {
        Place::Placed => ("已报名", "signed up"),
        Place::Waiting => ("候补", "waiting"),
        Place::Withdrew => ("已退出", "withdrew"),
        Place::Present(_) => ("实到", "was there"),
        Place::NoShow => ("未到", "did not come"),
    }
}

/// An activity that the reader runs. Nobody else is told whether there is one.
pub(super) fn find<'a>(
    visibility: &Visibility<'_>,
    models: &'a Models,
    id: ActivityId,
) -> Result<&'a Activity, Problem> {
    let activity = models.directory.activity(id);
    Ok(activity.filter(|activity| visibility.holds(&RECORDERS, activity.org)).ok_or(Fault::NotFound)?)
}

/// The shift that an address names.
pub(super) fn shift<'a>(activity: &'a Activity, named: Option<&str>) -> Result<&'a Shift, Problem> {
    let id: Option<ShiftId> = named.and_then(|id| id.parse().ok());
    Ok(id.and_then(|id| activity.shift(id)).ok_or(Fault::NotFound)?)
}

/// Who is in a shift, in the order of signing up, without those who withdrew. Whoever is shown finds a trace of it.
pub(super) fn members(
    request: &PageRequest,
    (models, visibility): (&Models, &Visibility<'_>),
    seen: &Seen,
    (id, activity): (ActivityId, &Activity),
    shift: &Shift,
) -> Result<Vec<Member>, Problem> {
    let here = shift.sign_ups.iter().filter(|part| part.place != Place::Withdrew);
    let member = |part: &SignUp| -> Result<Member, Problem> {
        let (person, app) = (part.person, &request.app);
        let is_reader = visibility.is(person);
        // Whoever was put on the roll without having signed up is shown to those alone who may know of the person anyway.
        let signed_up = part.counted || matches!(part.place, Place::Placed | Place::Waiting);
        let on_roster = signed_up && visibility.roster_of(activity.org, person);
        let name = if on_roster && !is_reader {
            seen.on_roster(visibility, activity.org, person);
            app.roster_name(visibility, activity.org, person)?
        } else {
            seen.line(visibility, Looked::Record, person);
            app.shown_name(visibility, person)?
        };
        Ok(Member {
            person: Some(person).filter(|person| is_reader || on_roster || visibility.id_of(*person)),
            name,
            place: part.place,
            is_reader,
            has_hours: models.records.has_service(&models.accounts, person, id, shift.interval),
        })
    };
    here.map(member).collect()
}

/// Who is in charge, as far as the reader may know.
pub(super) fn lead(
    request: &PageRequest,
    visibility: &Visibility<'_>,
    activity: &Activity,
) -> Result<String, Problem> {
    let name = match activity.lead {
        // Whoever planned it acted; being named by another opens nothing.
        Lead::Person(person) if person == activity.planned.actor => {
            request.app.actor_name(visibility, person)?
        }
        Lead::Person(person) => request.app.shown_name(visibility, person)?,
        Lead::Named(name) => request.app.value(Some(name))?,
    };
    Ok(name.unwrap_or_else(|| labels::nameless(request.lang()).to_owned()))
}

/// What it is called.
pub(super) fn title(request: &PageRequest, activity: &Activity) -> Result<String, Problem> {
    let title = request.app.value(Some(activity.title))?;
    Ok(title.unwrap_or_else(|| request.lang().t("志愿服务", "Voluntary service").to_owned()))
}
