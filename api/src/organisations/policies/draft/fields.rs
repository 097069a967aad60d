//! The figures of a draft as people type them, and as its action takes them.

use std::collections::BTreeMap;

use hourbook_ledger::domain::Rejection;
use hourbook_ledger::domain::event::{Body, PolicyEvent, Scope};
use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::domain::policy::Policy;
use hourbook_ledger::domain::time::Date;
use serde_json::Value;

use super::super::actions;
use crate::commands::{Action, Given, Input, Kind, Words, Wrong};

/// What is typed, by the names of the inputs.
pub(super) type Typed = BTreeMap<String, String>;

/// Why a draft cannot be tried: at which input, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mend {
    pub(super) input: String,
    pub(super) zh: String,
    pub(super) en: String,
}

/// What a form begins with: the figures of the policy in force, from a day on.
pub(super) fn beginning(policy: Option<&Policy>, from: Date) -> Typed {
    let told = policy.map(actions::told);
    let told = told.as_ref().and_then(Value::as_object).into_iter().flatten();
    let shown = told.filter_map(|(name, value)| Some((name.clone(), as_typed(name, value)?)));
    shown.chain([(actions::FROM.name.to_owned(), from.to_string())]).collect()
}

fn as_typed(name: &str, value: &Value) -> Option<String> {
    match value {
        Value::Number(number) if actions::is_in_hundredths(name) => number.as_i64().map(decimal),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// The draft that was typed for a scope, and what its action is given.
pub(super) fn read(
    action: &'static Action,
    typed: &Typed,
    scope: Scope,
) -> Result<(Policy, Given), Vec<Mend>> {
    let (mut given, mut wrong) = (Given::default(), Vec::new());
    for input in action.inputs {
        let text = match (input.name == actions::ORG.name, scope) {
            (true, Scope::Org(org)) => org.to_string(),
            (true, Scope::Ledger) => String::new(),
            (false, _) => typed.get(input.name).map(|text| text.trim().to_owned()).unwrap_or_default(),
        };
        match value(input, &text) {
            Ok(None) => {}
            Ok(Some(value)) => given = given.with(input, value),
            Err(mend) => wrong.push(mend),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    // No policy has a value for the vault, so nobody's id and no salt is in it.
    let drafted = action.draft(PersonId([0; 16]), &given, || [0; 32]);
    match drafted.map(|drafted| drafted.body) {
        Ok(Body::Policy(PolicyEvent::Adopted { policy, .. })) => match policy.check() {
            Ok(()) => Ok((policy, given)),
            Err(refused) => Err(vec![out_of_range(&refused)]),
        },
        Ok(_) => Err(Vec::new()),
        Err(Wrong(input)) => Err(vec![mend(input)]),
    }
}

fn value(input: &'static Input, text: &str) -> Result<Option<String>, Mend> {
    if text.is_empty() {
        return if input.kind.is_optional() { Ok(None) } else { Err(mend(input)) };
    }
    let is_number = matches!(input.kind, Kind::Number | Kind::OptionalNumber);
    let read = match (is_number, actions::is_in_hundredths(input.name)) {
        (true, true) => hundredths(text).map(|n| n.to_string()),
        (true, false) => text.parse::<i64>().ok().map(|n| n.to_string()),
        (false, _) => Some(text.to_owned()),
    };
    read.map(Some).ok_or_else(|| mend(input))
}

fn mend(input: &Input) -> Mend {
    let (zh, en) = input.mend;
    Mend { input: input.name.to_owned(), zh: zh.to_owned(), en: en.to_owned() }
}

/// The rules say which field: `yellow-to: less than red-from`.
fn out_of_range(refused: &Rejection) -> Mend {
    let detail = refused.detail.as_deref().unwrap_or_default();
    let input = detail.split(':').next().unwrap_or_default();
    let zh = BOUNDS.iter().find(|(name, _)| *name == input).map_or(refused.texts().0, |(_, zh)| zh);
    Mend { input: input.to_owned(), zh: zh.to_owned(), en: format!("{} ({detail})", refused.texts().1) }
}

/// Bounds of the rules, in Chinese; in English the rules say them.
const BOUNDS: [(&str, &str); 13] = [
    ("earn-den", "至少为 1。"),
    ("earn-num", "最多为服务分钟数的十倍。"),
    ("daily-cap", "一天最多 1440 分钟。"),
    ("due-working-days", "至少 1 个工作日。"),
    ("longest", "1 至 1440 分钟。"),
    ("days", "7 至 90 天。"),
    ("open-claims", "至少 1 个。"),
    ("fulfil-days", "至少 1 天。"),
    ("open-days", "至少 1 天。"),
    ("minutes-den", "至少为 1。"),
    ("yellow-to", "黄榜的分数线要低于红榜的。"),
    ("ceiling", "最高分不能低于最低分。"),
    ("absence", "未到只能不计分或扣分，填 0 或负数。"),
];

/// Hundredths as people write them: `60.5`, `-3`.
fn decimal(hundredths: i64) -> String {
    let (sign, magnitude) = (if hundredths < 0 { "-" } else { "" }, hundredths.unsigned_abs());
    match magnitude % 100 {
        0 => format!("{sign}{}", magnitude / 100),
        rest if rest.is_multiple_of(10) => format!("{sign}{}.{}", magnitude / 100, rest / 10),
        rest => format!("{sign}{}.{rest:02}", magnitude / 100),
    }
}

/// What people write, in hundredths; nothing finer is known.
fn hundredths(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix(['-', '−']) {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > 2 || !is_plain(whole) || !is_plain(part) {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    Some(sign * whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(part)?)
}

/// What one can choose for an input, with the word for leaving it out.
pub(super) fn choices(name: &str) -> Option<&'static [(&'static str, Words)]> {
    const COVERS: &[(&str, Words)] = &[
        ("", ("直管和报到党员", "direct members and those reported in")),
        ("direct", ("只列直管党员", "direct members only")),
        ("reported-in", ("只列报到党员", "members reported in only")),
    ];
    const NO_SERVICE: &[(&str, Words)] = &[
        ("", ("按总分", "by the total")),
        ("yellow", ("列入黄榜", "on the yellow list")),
        ("not-listed", ("不上榜", "on neither list")),
    ];
    const RANKINGS: &[(&str, Words)] =
        &[("on", ("排名", "people are ranked")), ("off", ("不排名", "nobody is ranked"))];
    match name {
        "covers" => Some(COVERS),
        "no-service" => Some(NO_SERVICE),
        "rankings" => Some(RANKINGS),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policies::defaults;

    #[test]
    fn points_are_typed_as_people_write_them() {
        for (text, expected) in [
            ("60", Some(6_000)),
            ("60.5", Some(6_050)),
            ("-3", Some(-300)),
            ("−0.05", Some(-5)),
            ("0", Some(0)),
        ] {
            assert_eq!(hundredths(text), expected, "{text}");
        }
        for text in ["", ".", "1.234", "1e3", "一", "--1", "92233720368547758.08", "+1"] {
            assert_eq!(hundredths(text), None, "{text}");
        }
        for n in [0, 5, -5, 6_050, 6_001, -300] {
            assert_eq!(hundredths(&decimal(n)), Some(n));
        }
    }

    /// The first policies but for calendars, which no page drafts.
    fn drafted() -> Vec<Policy> {
        defaults(2000..=2000)
    }

    fn action(policy: &Policy) -> &'static Action {
        actions::action_of(policy.area())
    }

    #[test]
    fn the_policy_in_force_is_drafted_as_it_is() {
        for policy in drafted() {
            let typed = beginning(Some(&policy), "2027-01-01".parse().unwrap());
            let (again, given) = read(action(&policy), &typed, Scope::Ledger).unwrap();
            assert_eq!(again, policy);
            assert_eq!(given.get(&actions::FROM), Some("2027-01-01"));
        }
    }

    #[test]
    fn each_wrong_figure_is_told_at_its_place() {
        let points = drafted().into_iter().find(|p| matches!(p, Policy::Points(_))).unwrap();
        let of = |name: &str, text: &str| {
            let mut typed = beginning(Some(&points), "2027-01-01".parse().unwrap());
            typed.insert(name.to_owned(), text.to_owned());
            let wrong = read(action(&points), &typed, Scope::Ledger).err().unwrap_or_default();
            wrong.into_iter().map(|mend| mend.input).collect::<Vec<_>>()
        };
        for (name, text) in [
            ("base", ""),
            ("base", "many"),
            ("minutes-den", "0"),
            ("yellow-to", "99"),
            ("absence", "3"),
            ("from", "soon"),
            ("document", "东文〔2026〕1号"),
            ("covers", "everybody"),
            ("base", "99999999999"),
        ] {
            let at = if name == "document" { "issuer" } else { name };
            assert_eq!(of(name, text), [at], "{name}: {text}");
        }
        assert_eq!(of("base", "61.5"), [""; 0]);
    }

    #[test]
    fn every_bound_of_the_rules_is_said_in_chinese() {
        let known =
            |name: &str| actions::BY_STAFF.iter().any(|action| action.inputs.iter().any(|i| i.name == name));
        assert!(BOUNDS.iter().all(|(name, _)| known(name)));
    }
}
