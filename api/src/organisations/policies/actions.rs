//! Adopting policies: an action for each kind, so that each figure is asked for by its name.

use hourbook_ledger::domain::event::{Body, BodyKind, PolicyEvent, PolicyKind, Scope};
use hourbook_ledger::domain::policy::{
    Basis, CalendarPolicy, CreditPolicy, Excess, PointsPolicy, Policy, PolicyArea, RankingPolicy,
    RecordPolicy, WaitingPolicy, WishPolicy,
};
use hourbook_ledger::domain::time::{Date, Year};
use serde_json::{Value, json};

use crate::commands::{Action, Draft, Input, Kind, Thing, Words, Wrong};
use crate::http::names::{
    membership, membership_named, no_service, no_service_named, rankings, rankings_named,
};

pub(super) static FROM: Input =
    Input::new("from", "The first day, as 2026-12-31: after the day on which it is adopted.", Kind::Public)
        .asked(
            ("从哪天起", "From which day"),
            ("请填写明天或以后的日期，如 2026-12-31。", "Give a day after today, as 2026-12-31."),
        );
pub(super) static ORG: Input = Input::new(
    "org",
    "For which organisation and all below it; for the whole ledger if none is named.",
    Kind::OptionalId(Thing::Org),
);

const NUMBER: Words = ("请填写整数。", "Give a whole number.");
const POINTS: Words =
    ("请填写分数，最多两位小数，如 60.5。", "Give points, with two decimals at most, as 60.5.");
const CHOOSE: Words = ("请从列出的选项中选择。", "Choose one of those listed.");
const BOTH: Words =
    ("文号和发文单位要一起填写，或都不填。", "Give both the number and who issued it, or neither.");

const fn number(name: &'static str, about: &'static str, label: Words) -> Input {
    Input::new(name, about, Kind::Number).asked(label, NUMBER)
}

/// A figure in hundredths of a point, which people type as points.
const fn points_of(name: &'static str, about: &'static str, label: Words) -> Input {
    Input::new(name, about, Kind::Number).asked(label, POINTS)
}

const fn if_any(name: &'static str, about: &'static str, label: Words, mend: Words) -> Input {
    Input::new(name, about, Kind::OptionalPublic).asked(label, mend)
}

static EARN_NUM: Input = number(
    "earn-num",
    "Minutes of credit for every `earn-den` certified minutes of a day, rounded down.",
    ("就得多少分钟时间币", "Minutes of credit for them"),
);
static EARN_DEN: Input =
    number("earn-den", "See `earn-num`; at least 1.", ("每服务多少分钟", "For so many minutes served"));
static DAILY_CAP: Input = number(
    "daily-cap",
    "Most credit that a person earns on a day, in minutes.",
    ("每人每天最多（分钟）", "Most a day (minutes)"),
);
static ACCOUNT_CAP: Input = number(
    "account-cap",
    "Most credit that a person earns in all, in minutes.",
    ("每人累计最多（分钟）", "Most in all (minutes)"),
);
static OVERDRAFT: Input = number(
    "overdraft",
    "How far below zero spending may go, in minutes.",
    ("可以透支（分钟）", "Overdraft (minutes)"),
);
pub(super) static EXCESS: Input = Input::new(
    "fund",
    "The organisation to whose fund goes what is earned above the cap; the record alone keeps it if none is named.",
    Kind::OptionalId(Thing::Org),
)
.asked(("超出累计上限的部分", "What is earned above that"), CHOOSE);
static TRANSFER_LIMIT: Input = Input::new(
    "transfer-limit",
    "Most minutes that a person gives or donates at once; no limit if not given.",
    Kind::OptionalNumber,
)
.asked(("一次最多转出（分钟，可不填）", "Most given at once (minutes, optional)"), NUMBER);
static DUE: Input = number(
    "due-working-days",
    "Working days after the service within which hours are due.",
    ("服务后几个工作日内登记", "Working days to record"),
);
static LONGEST: Input = number(
    "longest",
    "Longest single service, in minutes.",
    ("一次服务最长（分钟）", "Longest service (minutes)"),
);
static OPEN_CLAIMS: Input = number(
    "open-claims",
    "Most wishes that one person has open at a time; teams and units have no limit.",
    ("每人同时最多认领几个", "Most on hand for a person"),
);
static FULFIL_DAYS: Input =
    number("fulfil-days", "Days that a claimer has to fulfil.", ("认领后几天内完成", "Days to grant one"));
static OPEN_DAYS: Input = number(
    "open-days",
    "Days that a wish stays open without a claim.",
    ("发布后几天无人认领就结束", "Days that one stays open"),
);
static BASE: Input = points_of(
    "base",
    "What everyone starts a period with, in hundredths of a point.",
    ("每期基础分", "Points at the beginning of a period"),
);
static MINUTES_NUM: Input = points_of(
    "minutes-num",
    "Hundredths for every `minutes-den` certified minutes, rounded down once a period.",
    ("就得多少分", "Points for them"),
);
static MINUTES_DEN: Input =
    number("minutes-den", "See `minutes-num`; at least 1.", ("每服务多少分钟", "For so many minutes served"));
static WISH: Input = points_of(
    "wish",
    "Hundredths for a wish confirmed as fulfilled.",
    ("完成一个心愿得多少分", "Points for a wish granted"),
);
static ABSENCE: Input = points_of(
    "absence",
    "Hundredths for an absence after sign-up; negative.",
    ("报名后未到扣分（填负数或 0）", "Points for an absence after sign-up (negative or 0)"),
);
static FLOOR: Input = points_of("floor", "Lowest total, in hundredths.", ("最低分", "Lowest total"));
static CEILING: Input =
    Input::new("ceiling", "Highest total, in hundredths; none if not given.", Kind::OptionalNumber)
        .asked(("最高分（可不填）", "Highest total (optional)"), POINTS);
static RED_FROM: Input =
    points_of("red-from", "Red from this total on, in hundredths.", ("红榜：多少分起", "Red list from"));
static YELLOW_TO: Input = points_of(
    "yellow-to",
    "Yellow up to this total, in hundredths.",
    ("黄榜：多少分及以下", "Yellow list up to"),
);
static DOCUMENT: Input = if_any(
    "document",
    "The number of the document that it rests on (文号); together with `issuer`, or neither.",
    ("依据文件的文号（可不填）", "Number of the document that it rests on (optional)"),
    BOTH,
);
static ISSUER: Input = if_any(
    "issuer",
    "Who issued the document.",
    ("发文单位（可不填）", "Who issued the document (optional)"),
    BOTH,
);
static COVERS: Input = if_any(
    "covers",
    "Who stands on a list: `direct` members, those `reported-in`, or all.",
    ("榜上列谁", "Who stands on a list"),
    CHOOSE,
);
static NO_SERVICE: Input = if_any(
    "no-service",
    "Where a member without service stands: always `yellow`, or `not-listed`; by the total if not given.",
    ("本期无服务记录的", "Without service in the period"),
    CHOOSE,
);
static YEAR: Input = Input::new("year", "The year.", Kind::Number);
static HOLIDAYS: Input = Input::new(
    "holidays",
    "Weekdays that are free, as 2026-10-01, ascending, divided by commas.",
    Kind::OptionalPublic,
);
static WORKDAYS: Input = Input::new(
    "workdays",
    "Weekend days that are worked, as 2026-10-10, ascending, divided by commas.",
    Kind::OptionalPublic,
);
static RANKINGS: Input =
    Input::new("rankings", "`off`: nobody is ranked and no list is published; or `on`.", Kind::Public)
        .asked(("排名", "Rankings"), CHOOSE);
static DAYS: Input = number(
    "days",
    "Days that such an act waits, 7 to 90.",
    ("等待几天（7 至 90）", "Days to wait (7 to 90)"),
);

/// What people type as points, though it is counted in hundredths of one.
const IN_HUNDREDTHS: [&Input; 8] =
    [&BASE, &MINUTES_NUM, &WISH, &ABSENCE, &FLOOR, &CEILING, &RED_FROM, &YELLOW_TO];

/// Whether a figure is counted in hundredths of a point.
pub(super) fn is_in_hundredths(name: &str) -> bool {
    IN_HUNDREDTHS.iter().any(|input| input.name == name)
}

fn adopted(of: &Draft<'_>, scope: Scope, policy: Policy) -> Result<Body, Wrong> {
    Ok(Body::Policy(PolicyEvent::Adopted { scope, from: of.get(&FROM)?, policy }))
}

fn scope(of: &Draft<'_>) -> Result<Scope, Wrong> {
    Ok(of.find(&ORG)?.map_or(Scope::Ledger, Scope::Org))
}

const ADOPTED: BodyKind = BodyKind::Policy(PolicyKind::Adopted);

/// What founders and stewards adopt.
pub(crate) static BY_STAFF: [Action; 7] = [
    Action {
        name: "adopt-credit-policy",
        about: "How credit is earned and spent, the same for the whole ledger.",
        inputs: &[
            &FROM,
            &EARN_DEN,
            &EARN_NUM,
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
            &MINUTES_DEN,
            &MINUTES_NUM,
            &WISH,
            &ABSENCE,
            &FLOOR,
            &CEILING,
            &RED_FROM,
            &YELLOW_TO,
            &DOCUMENT,
            &ISSUER,
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
    Action {
        name: "adopt-ranking-policy",
        about: "Whether people are ranked by hours and points. The same for the whole ledger.",
        inputs: &[&FROM, &RANKINGS, &DOCUMENT, &ISSUER],
        makes: ADOPTED,
        draft: |of| {
            let policy = RankingPolicy { rankings: of.read(&RANKINGS, rankings_named)?, basis: basis(of)? };
            adopted(of, Scope::Ledger, Policy::Rankings(policy))
        },
    },
];

/// The action that adopts a policy of an area.
pub(super) fn action_of(area: PolicyArea) -> &'static Action {
    &BY_STAFF[match area {
        PolicyArea::Credit => 0,
        PolicyArea::Records => 1,
        PolicyArea::Wishes => 2,
        PolicyArea::Points => 3,
        PolicyArea::Calendar => 4,
        PolicyArea::Waiting => 5,
        PolicyArea::Rankings => 6,
    }]
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
            (&DOCUMENT, json!(document(&p.basis))),
            (&ISSUER, json!(issuer(&p.basis))),
            (&COVERS, json!(p.covers.map(membership))),
            (&NO_SERVICE, json!(p.no_service.map(no_service))),
        ],
        Policy::Calendar(p) => vec![
            (&YEAR, json!(p.year.0)),
            (&HOLIDAYS, json!(days(&p.holidays))),
            (&WORKDAYS, json!(days(&p.workdays))),
        ],
        Policy::Waiting(p) => vec![(&DAYS, json!(p.days))],
        Policy::Rankings(p) => vec![
            (&RANKINGS, json!(rankings(p.rankings))),
            (&DOCUMENT, json!(document(&p.basis))),
            (&ISSUER, json!(issuer(&p.basis))),
        ],
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
        basis: basis(of)?,
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

fn document(basis: &Option<Basis>) -> Option<&str> {
    basis.as_ref().map(|basis| basis.document.as_str())
}

fn issuer(basis: &Option<Basis>) -> Option<&str> {
    basis.as_ref().map(|basis| basis.issuer.as_str())
}

/// The document and who issued it: both, or neither.
fn basis(of: &Draft<'_>) -> Result<Option<Basis>, Wrong> {
    let said = |input| {
        Ok(of.find::<String>(input)?.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
    };
    match (said(&DOCUMENT)?, said(&ISSUER)?) {
        (Some(document), Some(issuer)) => Ok(Some(Basis { document, issuer })),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Wrong(&DOCUMENT)),
        (Some(_), None) => Err(Wrong(&ISSUER)),
    }
}

#[cfg(test)]
mod tests {
    use hourbook_ledger::domain::event::PolicyEvent;
    use hourbook_ledger::domain::ids::PersonId;
    use hourbook_ledger::domain::policy::Rankings;

    use super::*;
    use crate::commands::Given;
    use crate::policies::defaults;

    #[test]
    fn what_a_policy_says_is_what_its_action_takes() {
        let plain = defaults(2024..=2026).into_iter();
        let with_all = Policy::Points(PointsPolicy {
            ceiling: Some(9_000),
            basis: Some(Basis {
                document: "东文〔2026〕1 号".to_owned(), issuer: "东湖街道".to_owned()
            }),
            covers: membership_named("direct"),
            no_service: no_service_named("yellow"),
            ..PointsPolicy::PLAIN
        });
        let off = |basis| Policy::Rankings(RankingPolicy { rankings: Rankings::Off, basis });
        let with_both = [off(None), off(Some(Basis { document: "一".to_owned(), issuer: "二".to_owned() }))];
        for policy in plain.chain([with_all]).chain(with_both) {
            let action = BY_STAFF.iter().find(|action| action.name == action_of(policy.area()).name).unwrap();
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
