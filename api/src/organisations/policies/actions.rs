//! Adopting policies: an action for each kind, so that each figure is asked for by its name.

use hourbook_ledger::domain::event::{Body, BodyKind, PolicyEvent, PolicyKind, Scope};
use hourbook_ledger::domain::policy::{
    Basis, CalendarPolicy, CreditPolicy, Excess, PointsPolicy, Policy, RecordPolicy, WaitingPolicy,
    WishPolicy,
};
use hourbook_ledger::domain::time::{Date, Year};
use serde_json::{Value, json};

use crate::commands::{Action, Draft, Input, Kind, Thing, Wrong};
use crate::http::names::{membership, membership_named, no_service, no_service_named};

static FROM: Input =
    Input::new("from", "The first day, as 2026-12-31: after the day on which it is adopted.", Kind::Public);
static ORG: Input = Input::new(
    "org",
    "For which organisation and all below it; for the whole ledger if none is named.",
    Kind::OptionalId(Thing::Org),
);

const fn number(name: &'static str, about: &'static str) -> Input {
    Input::new(name, about, Kind::Number)
}

const fn if_any(name: &'static str, about: &'static str) -> Input {
    Input::new(name, about, Kind::OptionalPublic)
}

static EARN_NUM: Input =
    number("earn-num", "Minutes of credit for every `earn-den` certified minutes of a day, rounded down.");
static EARN_DEN: Input = number("earn-den", "See `earn-num`; at least 1.");
static DAILY_CAP: Input = number("daily-cap", "Most credit that a person earns on a day, in minutes.");
static ACCOUNT_CAP: Input = number("account-cap", "Most credit that a person earns in all, in minutes.");
static OVERDRAFT: Input = number("overdraft", "How far below zero spending may go, in minutes.");
static EXCESS: Input = Input::new(
    "fund",
    "The organisation to whose fund goes what is earned above the cap; the record alone keeps it if none is named.",
    Kind::OptionalId(Thing::Org),
);
static TRANSFER_LIMIT: Input = Input::new(
    "transfer-limit",
    "Most minutes that a person gives or donates at once; no limit if not given.",
    Kind::OptionalNumber,
);
static DUE: Input = number("due-working-days", "Working days after the service within which hours are due.");
static LONGEST: Input = number("longest", "Longest single service, in minutes.");
static OPEN_CLAIMS: Input =
    number("open-claims", "Most wishes that one person has open at a time; teams and units have no limit.");
static FULFIL_DAYS: Input = number("fulfil-days", "Days that a claimer has to fulfil.");
static OPEN_DAYS: Input = number("open-days", "Days that a wish stays open without a claim.");
static BASE: Input = number("base", "What everyone starts a period with, in hundredths of a point.");
static MINUTES_NUM: Input = number(
    "minutes-num",
    "Hundredths for every `minutes-den` certified minutes, rounded down once a period.",
);
static MINUTES_DEN: Input = number("minutes-den", "See `minutes-num`; at least 1.");
static WISH: Input = number("wish", "Hundredths for a wish confirmed as fulfilled.");
static ABSENCE: Input = number("absence", "Hundredths for an absence after sign-up; negative.");
static FLOOR: Input = number("floor", "Lowest total, in hundredths.");
static CEILING: Input =
    Input::new("ceiling", "Highest total, in hundredths; none if not given.", Kind::OptionalNumber);
static RED_FROM: Input = number("red-from", "Red from this total on, in hundredths.");
static YELLOW_TO: Input = number("yellow-to", "Yellow up to this total, in hundredths.");
static BASIS: Input =
    if_any("basis", "The document that lists rest on: its number and who issued it, divided by a semicolon.");
static COVERS: Input =
    if_any("covers", "Who stands on a list: `direct` members, those `reported-in`, or all.");
static NO_SERVICE: Input = if_any(
    "no-service",
    "Where a member without service stands: always `yellow`, or `not-listed`; by the total if not given.",
);
static YEAR: Input = number("year", "The year.");
static HOLIDAYS: Input =
    if_any("holidays", "Weekdays that are free, as 2026-10-01, ascending, divided by commas.");
static WORKDAYS: Input =
    if_any("workdays", "Weekend days that are worked, as 2026-10-10, ascending, divided by commas.");
static DAYS: Input = number("days", "Days that such an act waits, 7 to 90.");

fn adopted(of: &Draft<'_>, scope: Scope, policy: Policy) -> Result<Body, Wrong> {
    Ok(Body::Policy(PolicyEvent::Adopted { scope, from: of.get(&FROM)?, policy }))
}

fn scope(of: &Draft<'_>) -> Result<Scope, Wrong> {
    Ok(of.find(&ORG)?.map_or(Scope::Ledger, Scope::Org))
}

const ADOPTED: BodyKind = BodyKind::Policy(PolicyKind::Adopted);

/// What founders and stewards adopt.
pub(crate) static BY_STAFF: [Action; 6] = [
    Action {
        name: "adopt-credit-policy",
        about: "How credit is earned and spent, the same for the whole ledger.",
        inputs: &[
            &FROM,
            &EARN_NUM,
            &EARN_DEN,
            &DAILY_CAP,
            &ACCOUNT_CAP,
            &EXCESS,
            &OVERDRAFT,
            &TRANSFER_LIMIT,
        ],
        makes: ADOPTED,
        draft: |of| {
            let policy = CreditPolicy {
                earn_num: of.get(&EARN_NUM)?,
                earn_den: of.get(&EARN_DEN)?,
                daily_cap: of.get(&DAILY_CAP)?,
                account_cap: of.get(&ACCOUNT_CAP)?,
                excess: of.find(&EXCESS)?.map_or(Excess::RecordOnly, Excess::Fund),
                overdraft: of.get(&OVERDRAFT)?,
                transfer_limit: of.find(&TRANSFER_LIMIT)?,
            };
            adopted(of, Scope::Ledger, Policy::Credit(policy))
        },
    },
    Action {
        name: "adopt-record-policy",
        about: "How hours are recorded.",
        inputs: &[&FROM, &ORG, &DUE, &LONGEST],
        makes: ADOPTED,
        draft: |of| {
            let policy = RecordPolicy { due_working_days: of.get(&DUE)?, longest: of.get(&LONGEST)? };
            adopted(of, scope(of)?, Policy::Records(policy))
        },
    },
    Action {
        name: "adopt-wish-policy",
        about: "How long wishes are open, and how many one claims.",
        inputs: &[&FROM, &ORG, &OPEN_CLAIMS, &FULFIL_DAYS, &OPEN_DAYS],
        makes: ADOPTED,
        draft: |of| {
            let policy = WishPolicy {
                open_claims: of.get(&OPEN_CLAIMS)?,
                fulfil_days: of.get(&FULFIL_DAYS)?,
                open_days: of.get(&OPEN_DAYS)?,
            };
            adopted(of, scope(of)?, Policy::Wishes(policy))
        },
    },
    Action {
        name: "adopt-points-policy",
        about: "What points are given for, and from which total on the lists are red or yellow.",
        inputs: &[
            &FROM,
            &ORG,
            &BASE,
            &MINUTES_NUM,
            &MINUTES_DEN,
            &WISH,
            &ABSENCE,
            &FLOOR,
            &CEILING,
            &RED_FROM,
            &YELLOW_TO,
            &BASIS,
            &COVERS,
            &NO_SERVICE,
        ],
        makes: ADOPTED,
        draft: |of| adopted(of, scope(of)?, Policy::Points(points(of)?)),
    },
    Action {
        name: "adopt-calendar",
        about: "The working days of a year: Monday to Friday but for these. The same for the whole ledger.",
        inputs: &[&FROM, &YEAR, &HOLIDAYS, &WORKDAYS],
        makes: ADOPTED,
        draft: |of| {
            let (holidays, workdays) = (of.list(&HOLIDAYS)?, of.list(&WORKDAYS)?);
            let calendar = CalendarPolicy { year: Year(of.get(&YEAR)?), holidays, workdays };
            adopted(of, Scope::Ledger, Policy::Calendar(calendar))
        },
    },
    Action {
        name: "adopt-waiting-term",
        about: "How long an act waits that cannot be undone. The same for the whole ledger.",
        inputs: &[&FROM, &DAYS],
        makes: ADOPTED,
        draft: |of| {
            let days = of.get(&DAYS)?;
            adopted(of, Scope::Ledger, Policy::Waiting(WaitingPolicy { days }))
        },
    },
];

/// The name of the action that adopts such a policy.
pub(super) fn named(policy: &Policy) -> &'static str {
    BY_STAFF[match policy {
        Policy::Credit(_) => 0,
        Policy::Records(_) => 1,
        Policy::Wishes(_) => 2,
        Policy::Points(_) => 3,
        Policy::Calendar(_) => 4,
        Policy::Waiting(_) => 5,
    }]
    .name
}

/// What a policy says, by the names of what its action is told.
pub(super) fn told(policy: &Policy) -> Value {
    let days = |days: &[Date]| days.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let says: Vec<(&Input, Value)> = match policy {
        Policy::Credit(p) => {
            let fund = match p.excess {
                Excess::RecordOnly => None,
                Excess::Fund(org) => Some(org.to_string()),
            };
            vec![
                (&EARN_NUM, json!(p.earn_num)),
                (&EARN_DEN, json!(p.earn_den)),
                (&DAILY_CAP, json!(p.daily_cap)),
                (&ACCOUNT_CAP, json!(p.account_cap)),
                (&EXCESS, json!(fund)),
                (&OVERDRAFT, json!(p.overdraft)),
                (&TRANSFER_LIMIT, json!(p.transfer_limit)),
            ]
        }
        Policy::Records(p) => vec![(&DUE, json!(p.due_working_days)), (&LONGEST, json!(p.longest))],
        Policy::Wishes(p) => vec![
            (&OPEN_CLAIMS, json!(p.open_claims)),
            (&FULFIL_DAYS, json!(p.fulfil_days)),
            (&OPEN_DAYS, json!(p.open_days)),
        ],
        Policy::Points(p) => vec![
            (&BASE, json!(p.base)),
            (&MINUTES_NUM, json!(p.minutes_num)),
            (&MINUTES_DEN, json!(p.minutes_den)),
            (&WISH, json!(p.wish)),
            (&ABSENCE, json!(p.absence)),
            (&FLOOR, json!(p.floor)),
            (&CEILING, json!(p.ceiling)),
            (&RED_FROM, json!(p.red_from)),
            (&YELLOW_TO, json!(p.yellow_to)),
            (&BASIS, json!(p.basis.as_ref().map(|basis| format!("{}；{}", basis.document, basis.issuer)))),
            (&COVERS, json!(p.covers.map(membership))),
            (&NO_SERVICE, json!(p.no_service.map(no_service))),
        ],
        Policy::Calendar(p) => vec![
            (&YEAR, json!(p.year.0)),
            (&HOLIDAYS, json!(days(&p.holidays))),
            (&WORKDAYS, json!(days(&p.workdays))),
        ],
        Policy::Waiting(p) => vec![(&DAYS, json!(p.days))],
    };
    let said = says.into_iter().filter(|(_, value)| !value.is_null() && *value != json!(""));
    said.map(|(input, value)| (input.name.to_owned(), value)).collect::<serde_json::Map<_, _>>().into()
}

fn points(of: &Draft<'_>) -> Result<PointsPolicy, Wrong> {
    Ok(PointsPolicy {
        base: of.get(&BASE)?,
        minutes_num: of.get(&MINUTES_NUM)?,
        minutes_den: of.get(&MINUTES_DEN)?,
        wish: of.get(&WISH)?,
        absence: of.get(&ABSENCE)?,
        floor: of.get(&FLOOR)?,
        ceiling: of.find(&CEILING)?,
        red_from: of.get(&RED_FROM)?,
        yellow_to: of.get(&YELLOW_TO)?,
        basis: if_given(of, &BASIS, basis)?,
        covers: if_given(of, &COVERS, membership_named)?,
        no_service: if_given(of, &NO_SERVICE, no_service_named)?,
    })
}

fn if_given<T>(
    of: &Draft<'_>,
    input: &'static Input,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Wrong> {
    of.find::<String>(input)?.map(|_| of.read(input, &read)).transpose()
}

fn basis(text: &str) -> Option<Basis> {
    let (document, issuer) = text.split_once(['；', ';'])?;
    Some(Basis { document: document.trim().to_owned(), issuer: issuer.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use hourbook_ledger::domain::event::PolicyEvent;
    use hourbook_ledger::domain::ids::PersonId;

    use super::*;
    use crate::commands::Given;
    use crate::policies::defaults;

    #[test]
    fn what_a_policy_says_is_what_its_action_takes() {
        let plain = defaults(2024..=2026).into_iter().map(|start| start.policy);
        let with_all = Policy::Points(PointsPolicy {
            ceiling: Some(9_000),
            basis: basis("东文〔2026〕1 号;东湖街道"),
            covers: membership_named("direct"),
            no_service: no_service_named("yellow"),
            ..PointsPolicy::PLAIN
        });
        for policy in plain.chain([with_all]) {
            let action = BY_STAFF.iter().find(|action| action.name == named(&policy)).unwrap();
            let told = told(&policy);
            let given = action.inputs.iter().fold(Given::default(), |given, input| {
                match (&told[input.name], input.name) {
                    (Value::Null, "from") => given.with(input, "2027-01-01"),
                    (Value::Null, _) => given,
                    (Value::String(text), _) => given.with(input, text),
                    (other, _) => given.with(input, other),
                }
            });
            let drafted = action.draft(PersonId([1; 16]), &given, || [0; 32]).unwrap();
            let Body::Policy(PolicyEvent::Adopted { policy: again, .. }) = drafted.body else {
                panic!("{told}")
            };
            assert_eq!(again, policy, "{told}");
        }
    }
}
