//! What waits for this reader, found anew for each look: whoever holds the same role finds the same, so that nothing has to
//! be handed over when a colleague leaves.

use std::collections::BTreeMap;

use hourbook_ledger::domain::event::{BodyKind, Claimer, WishKind};
use hourbook_ledger::domain::ids::{ActivityId, OrgId, PersonId, WishId};
use hourbook_ledger::domain::time::{Date, Interval, Millis, Minute};
use hourbook_projections::Models;
use hourbook_projections::activities::{Activity, ActivityState, Place, Shift};
use hourbook_projections::directory::ReportInState;
use hourbook_projections::waiting::{Act, Standing};
use hourbook_projections::wishes::{Wish, WishState};

use super::page::{Item, Kind};
use crate::auth::visibility::{CALLERS, Part, RECORDERS, STAFF, Visibility};
use crate::commands::Words;
use crate::http::extract::stamp;
use crate::problem::Problem;
use crate::ui::request::PageRequest;
use crate::ui::{i18n, labels, names, paths};

/// Of each kind so many are shown; the others are counted.
const SHOWN: usize = 12;
/// Of rolls that were called so many days ago or later it is told that hours are missing.
const RECENT: i32 = 92;
/// A claim is told so many days before it is over.
const SOON: i32 = 7;

/// A kind of work.
struct Sort {
    title: Words,
    button: Words,
    /// What becomes of it if nobody does it.
    otherwise: Words,
}

const HOURS: Sort = Sort {
    title: ("时长待审核", "Hours to confirm"),
    button: ("去审核", "Check"),
    otherwise: (
        "没有审核通过，志愿者的时长不算数。",
        "Until somebody confirms them, the volunteers' hours do not count.",
    ),
};
const OWN_HOURS: Sort = Sort {
    title: ("您录入的，等同事审核", "Recorded by you, for a colleague to confirm"),
    button: ("查看", "Look"),
    otherwise: (
        "经办人不能审核，请告诉一位同事。",
        "Whoever recorded them cannot confirm them: tell a colleague.",
    ),
};
const ROLLS: Sort = Sort {
    title: ("待点名", "Rolls to call"),
    button: ("去点名", "Call the roll"),
    otherwise: (
        "没有点名，来的人没有时长，没来的人也不知道。",
        "Until the roll is called, whoever came has no hours for it.",
    ),
};
const UNRECORDED: Sort = Sort {
    title: ("已点名，时长未登记", "Rolls without hours"),
    button: ("去登记", "Record"),
    otherwise: ("没有登记，来的人没有时长。", "Until they are recorded, whoever came has no hours for it."),
};
const VETTING: Sort = Sort {
    title: ("心愿待审核", "Wishes to vet"),
    button: ("去审核", "Vet"),
    otherwise: (
        "没有审核，公众看不到，没有人能认领。",
        "Until it is vetted nobody can see it or take it on.",
    ),
};
const DISPUTES: Sort = Sort {
    title: ("异议待核实", "Disputes to decide"),
    button: ("去核实", "Look into it"),
    otherwise: (
        "没有核实，心愿停在这里。没有参与的人才能决定。",
        "The wish stands still until somebody with no part in it decides.",
    ),
};
const CALLS: Sort = Sort {
    title: ("待回访：已经办好，等住户确认", "To call: done, for the resident to confirm"),
    button: ("去回访", "Follow up"),
    otherwise: ("住户没有确认，心愿不算圆梦。", "Until the resident says so, the wish is not granted."),
};
const CLAIMS: Sort = Sort {
    title: ("认领快到期", "Claims near their end"),
    button: ("查看", "Look"),
    otherwise: (
        "到期没有办好，心愿重新开放认领。",
        "If it is not done by then, the wish is open to others again.",
    ),
};
const HELPED: Sort = Sort {
    title: ("已圆梦，帮忙的时长未登记", "Wishes granted, hours not recorded"),
    button: ("去登记", "Record"),
    otherwise: (
        "没有登记，帮忙的人没有时长。",
        "Until they are recorded, whoever helped has no hours for it.",
    ),
};
const REPORT_INS: Sort = Sort {
    title: ("报到待接收", "Report-ins to answer"),
    button: ("去答复", "Answer"),
    otherwise: (
        "没有接收，党员不算报到本社区。",
        "Until it is answered, the member is not reported in here.",
    ),
};
const SECOND: Sort = Sort {
    title: ("等第二个人同意", "Waits for a second person"),
    button: ("去处理", "Decide"),
    otherwise: ("没有人同意，这些事项不生效。", "Without a second person they do not take effect."),
};

/// What waits, by kind: whose nearest deadline is first comes first, and kinds without one as they stand above.
/// `unrecorded` are wishes that were granted and of which nobody's hours are recorded.
pub(super) fn waiting(
    request: &PageRequest,
    models: &Models,
    unrecorded: &[WishId],
) -> Result<Vec<Kind>, Problem> {
    let visibility = request.visibility(models);
    let of = Of { request, models, visibility };
    let mut kinds = Vec::from(of.hours()?);
    kinds.extend(of.rolls()?);
    kinds.extend(of.wishes()?);
    kinds.push(of.helped(unrecorded)?);
    kinds.extend([of.report_ins(), of.acts()]);
    kinds.retain(|kind| kind.count > 0);
    kinds.sort_by_key(|kind| kind.items.first().and_then(|item| item.due).unwrap_or(Date(i32::MAX)));
    Ok(kinds)
}

/// Wishes that were granted to people's credit whose hours can still be recorded in time by the reader, and for whom: each is
/// asked for by what recognises it.
pub(super) fn granted(request: &PageRequest, models: &Models) -> Vec<(WishId, Vec<PersonId>)> {
    let visibility = request.visibility(models);
    let today = request.today(models);
    let is_due = |wish: &&Wish| {
        wish.state == WishState::Confirmed
            && hours_due(models, wish).is_some_and(|due| due >= today)
            && visibility.holds(&STAFF, wish.org)
    };
    let with_people = |wish: &Wish| {
        let people = wish.people();
        (!people.is_empty() && !people.iter().all(|person| visibility.is(*person)))
            .then_some((wish.id, people))
    };
    models.wishes.all().filter(is_due).filter_map(with_people).collect()
}

/// The last day on which the hours of a granted wish are in time, counted from when it was said to be done.
fn hours_due(models: &Models, wish: &Wish) -> Option<Date> {
    let told = wish.timeline.iter().rfind(|step| step.state == WishState::Fulfilled)?;
    let end = told.act.at.minute();
    let interval = Interval { start: Minute(end.0 - 1), end };
    models.directory.register().hours_due(wish.org, &interval)
}

/// Whether the reader has work of one of these kinds at all.
pub(super) fn works(visibility: &Visibility<'_>) -> bool {
    visibility.roles().any(|(role, _)| STAFF.contains(&role) || RECORDERS.contains(&role))
}

struct Of<'a> {
    request: &'a PageRequest,
    models: &'a Models,
    visibility: Visibility<'a>,
}

impl Of<'_> {
    fn kind(&self, sort: &Sort, mut items: Vec<Item>) -> Kind {
        let lang = self.request.lang();
        let words = |(zh, en): Words| lang.t(zh, en);
        let count = items.len();
        items.sort_by_key(|item| item.due.unwrap_or(Date(i32::MAX)));
        items.truncate(SHOWN);
        Kind {
            title: words(sort.title),
            button: words(sort.button),
            otherwise: words(sort.otherwise),
            count,
            items,
        }
    }

    /// Recordings of which a row waits: those of others, and the reader's own.
    fn hours(&self) -> Result<[Kind; 2], Problem> {
        let (models, lang) = (self.models, self.request.lang());
        let (mut others, mut own) = (Vec::new(), Vec::new());
        for number in models.records.waiting_of(|org| self.visibility.holds(&RECORDERS, org)) {
            let mut rows =
                models.records.rows_of(&models.accounts, number).filter(|row| row.is_pending()).peekable();
            let Some(first) = rows.peek().cloned() else { continue };
            let (count, minutes) = rows
                .fold((0_u64, 0_u64), |(n, sum), row| (n + 1, sum + row.interval.minutes().unsigned_abs()));
            let title = models.directory.activity(first.activity).map(|activity| activity.title);
            let title = self.request.app.value(title)?;
            let recorder = self.request.app.actor_name(&self.visibility, first.recorder.actor)?;
            let amount = match lang {
                i18n::Lang::Zh => format!("{count} 条，共 {}", i18n::hours_minutes(lang, minutes)),
                i18n::Lang::En => format!("rows: {count}, {} in all", i18n::hours_minutes(lang, minutes)),
            };
            let day = first.interval.start.date(models.directory.offset()).to_string();
            let by = recorder.map(|name| format!("{}{name}", lang.t("经办人 ", "recorded by ")));
            let item = Item {
                title: title.unwrap_or_else(|| lang.t("志愿服务", "Voluntary service").to_owned()),
                meta: [
                    Some(amount),
                    Some(i18n::date(lang, &day)),
                    Some(names::org(&models.directory, first.org)),
                    by,
                ]
                .into_iter()
                .flatten()
                .collect(),
                due: models.directory.register().hours_due(first.org, &first.interval),
                href: paths::hours(&first.recorded.to_string()),
            };
            let mine = self.visibility.is(first.recorder.actor);
            if mine { own.push(item) } else { others.push(item) }
        }
        Ok([self.kind(&HOURS, others), self.kind(&OWN_HOURS, own)])
    }

    /// Shifts that are over and whose roll nobody called, or of which hours are missing.
    fn rolls(&self) -> Result<[Kind; 2], Problem> {
        let (models, now) = (self.models, self.request.app.now().minute());
        let since = self.request.today(models).plus(-RECENT).start(models.directory.offset());
        let (mut rolls, mut unrecorded) = (Vec::new(), Vec::new());
        for (id, activity) in models.directory.activities().newest() {
            if !matches!(activity.state, ActivityState::Published | ActivityState::Closed) {
                continue;
            }
            for shift in activity.shifts.iter().filter(|shift| shift.interval.end <= now) {
                if shift.awaits_roll() {
                    if self.visibility.holds(&CALLERS, activity.org) {
                        rolls.push(self.roll(id, activity, shift)?);
                    }
                } else if shift.interval.end >= since
                    && self.visibility.holds(&CALLERS, activity.org)
                    && self.lacks_hours(id, shift)
                {
                    unrecorded.push(self.roll(id, activity, shift)?);
                }
            }
        }
        Ok([self.kind(&ROLLS, rolls), self.kind(&UNRECORDED, unrecorded)])
    }

    fn lacks_hours(&self, activity: ActivityId, shift: &Shift) -> bool {
        let (records, accounts) = (&self.models.records, &self.models.accounts);
        let was_there = shift.sign_ups.iter().filter(|part| matches!(part.place, Place::Present(_)));
        was_there
            .into_iter()
            .any(|part| !records.has_service(accounts, part.person, activity, shift.interval))
    }

    fn roll(&self, id: ActivityId, activity: &Activity, shift: &Shift) -> Result<Item, Problem> {
        let (models, lang) = (self.models, self.request.lang());
        let title = self.request.app.value(Some(activity.title))?;
        let day = shift.interval.start.date(models.directory.offset()).to_string();
        let signed_up = shift.count(|place| place != Place::Waiting && place != Place::Withdrew);
        Ok(Item {
            title: title.unwrap_or_else(|| lang.t("志愿服务", "Voluntary service").to_owned()),
            meta: vec![
                format!("{} {signed_up}", lang.t("名单", "on the roster:")),
                i18n::date(lang, &day),
                names::org(&models.directory, activity.org),
            ],
            due: models.directory.register().hours_due(activity.org, &shift.interval),
            href: paths::roll(&id.to_string(), &shift.id.to_string()),
        })
    }

    fn wishes(&self) -> Result<[Kind; 4], Problem> {
        let (mut vetting, mut disputes, mut calls, mut claims) = (vec![], vec![], vec![], vec![]);
        let models = self.models;
        for wish in models.wishes.unfinished() {
            let here = self.visibility.holds(&STAFF, wish.org);
            match wish.state {
                WishState::Draft if here && !self.has_hand_in(wish) => vetting.push(self.wish(wish, None)?),
                WishState::Disputed if here && !self.has_hand_in(wish) => {
                    disputes.push(self.wish(wish, None)?)
                }
                WishState::Fulfilled if self.is_at_the_door(wish) => calls.push(self.wish(wish, None)?),
                WishState::Claimed if here => {
                    let due = self.ends(wish);
                    if due.is_some_and(|due| due <= self.request.today(models).plus(SOON)) {
                        claims.push(self.wish(wish, due)?);
                    }
                }
                _ => {}
            }
        }
        Ok([
            self.kind(&VETTING, vetting),
            self.kind(&DISPUTES, disputes),
            self.kind(&CALLS, calls),
            self.kind(&CLAIMS, claims),
        ])
    }

    fn helped(&self, unrecorded: &[WishId]) -> Result<Kind, Problem> {
        let wishes = unrecorded.iter().filter_map(|wish| self.models.wishes.get(*wish));
        let items = wishes.map(|wish| {
            let href = paths::wish_hours(&wish.id.to_string());
            Ok(Item { href, ..self.wish(wish, hours_due(self.models, wish))? })
        });
        Ok(self.kind(&HELPED, items.collect::<Result<_, Problem>>()?))
    }

    /// Whether the reader posted, claimed, fulfilled or disputed it: others decide about it then.
    fn has_hand_in(&self, wish: &Wish) -> bool {
        let vetted = BodyKind::Wish(WishKind::Vetted);
        let steps = wish.timeline.iter().filter(|step| step.kind != vetted);
        steps.into_iter().any(|step| self.visibility.is(step.act.actor))
            || wish.people().into_iter().any(|person| self.visibility.is(person))
    }

    /// Whether the reader could hear from the resident that it was done.
    fn is_at_the_door(&self, wish: &Wish) -> bool {
        let people = &self.models.directory.register().people;
        let home = people.residence(wish.resident, self.request.today(self.models));
        home.is_some_and(|home| self.visibility.holds(&STAFF, home)) && !self.has_hand_in(wish)
    }

    /// When the claim on a wish is over.
    fn ends(&self, wish: &Wish) -> Option<Date> {
        let register = self.models.directory.register();
        let claimed: Millis = wish.timeline.last()?.act.at;
        register.claim_ends(wish.org, claimed).map(|end| end.date(self.models.directory.offset()))
    }

    /// A wish by what the public reads of it; before that by its category and community alone.
    fn wish(&self, wish: &Wish, due: Option<Date>) -> Result<Item, Problem> {
        let (models, lang) = (self.models, self.request.lang());
        let sentence = self.request.app.value(wish.sentence)?;
        let posted = wish.timeline.first().map(|step| stamp(step.act.at, models.directory.offset()));
        let unit = match wish.claimer {
            Some(Claimer::Org(org)) => Some(names::org(&models.directory, org)),
            _ => None,
        };
        Ok(Item {
            title: sentence.unwrap_or_else(|| labels::category(lang, &wish.category)),
            meta: [
                Some(names::org(&models.directory, wish.org)),
                unit,
                posted.map(|at| i18n::date(lang, &at)),
            ]
            .into_iter()
            .flatten()
            .collect(),
            due,
            href: paths::wish(&wish.id.to_string()),
        })
    }

    fn report_ins(&self) -> Kind {
        let waiting = self.models.directory.report_ins().filter(|(_, report)| {
            report.state == ReportInState::Pending && self.visibility.holds(&STAFF, report.community)
        });
        let mut communities: BTreeMap<OrgId, usize> = BTreeMap::new();
        waiting.for_each(|(_, report)| *communities.entry(report.community).or_default() += 1);
        let lang = self.request.lang();
        let count = communities.values().sum();
        let items = communities.into_iter().map(|(org, count)| Item {
            title: names::org(&self.models.directory, org),
            meta: vec![format!("{count} {}", lang.t("人", if count == 1 { "person" } else { "people" }))],
            due: None,
            href: paths::REPORT_INS.to_owned(),
        });
        Kind { count, ..self.kind(&REPORT_INS, items.collect()) }
    }

    fn acts(&self) -> Kind {
        let lang = self.request.lang();
        let for_me = |act: &Act| {
            act.standing == Standing::NeedsApproval
                && matches!(self.visibility.part_in(self.models, act), Some(Part::Office(..)))
        };
        let acts = self.models.waiting.open().filter(|(_, act)| for_me(act));
        let items = acts.map(|(_, act)| {
            let kind = act.event.body.kind();
            let words = labels::act(kind).or_else(|| self.request.app.actions.waits(kind));
            Item {
                title: words.map_or(kind.name(), |(zh, en)| lang.t(zh, en)).to_owned(),
                meta: vec![i18n::date(lang, &stamp(act.at, self.models.directory.offset()))],
                due: None,
                href: paths::OWN_ACTS.to_owned(),
            }
        });
        self.kind(&SECOND, items.collect())
    }
}
