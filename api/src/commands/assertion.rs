//! An action as JSON asks for it, and the description of that.

use hourbook_ledger::domain::event::Role;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::action::{Action, Actions, Given, Input, Kind};
use crate::http::names;
use crate::problem::{Fault, Problem};

/// What a person may assert in a session: only what concerns the person, or as a helper the person helped.
#[derive(ToSchema)]
#[schema(value_type = Object)]
pub struct Assertion(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Assertion {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Vec<(String, Value)>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object with `kind`")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        from.deserialize_map(Members).map(Self)
    }
}

impl Assertion {
    /// The action that is asked for, and what it was told: each member once, and none that is not described.
    ///
    /// # Errors
    /// [`Fault::BadRequest`], naming the member.
    pub fn read(
        self,
        mut actions: impl Iterator<Item = &'static Action>,
    ) -> Result<(&'static Action, Given), Problem> {
        let wrong = |name: &str| Fault::BadRequest.because(name);
        let kind = self.0.iter().find(|(name, _)| name == "kind").and_then(|(_, value)| value.as_str());
        let named = |kind| actions.find(|action| action.name == kind);
        let action = kind.and_then(named).ok_or_else(|| wrong("kind"))?;
        let (mut given, mut kinds) = (Given::default(), 0);
        for (name, value) in &self.0 {
            if name == "kind" {
                kinds += 1;
                continue;
            }
            let input = action.inputs.iter().find(|input| input.name == *name).ok_or_else(|| wrong(name))?;
            if given.get(input).is_some() {
                return Err(wrong(name));
            }
            if let Some(text) = text(input, value).ok_or_else(|| wrong(name))? {
                given = given.with(input, text);
            }
        }
        if kinds == 1 { Ok((action, given)) } else { Err(wrong("kind")) }
    }
}

/// A value as text; nothing for what may be left out, none if it is of another type.
fn text(input: &Input, value: &Value) -> Option<Option<String>> {
    match (input.kind, value) {
        (kind, Value::Null) if kind.is_optional() => Some(None),
        (kind, Value::Number(number)) if is_number(kind) => Some(Some(number.to_string())),
        (Kind::Flag, Value::Bool(flag)) => Some(Some(flag.to_string())),
        (Kind::List(_) | Kind::OptionalList(_), Value::Array(ids)) => {
            let ids: Option<Vec<&str>> = ids.iter().map(Value::as_str).collect();
            ids.map(|ids| Some(ids.join(",")))
        }
        (Kind::Rows, Value::Array(rows)) => {
            let rows: Option<Vec<String>> = rows.iter().map(|row| Some(row.as_u64()?.to_string())).collect();
            rows.map(|rows| Some(rows.join(",")))
        }
        (kind, _) if is_number(kind) => None,
        (Kind::Flag | Kind::List(_) | Kind::OptionalList(_) | Kind::Rows, _) => None,
        (_, Value::String(text)) => Some(Some(text.clone())),
        _ => None,
    }
}

fn is_number(kind: Kind) -> bool {
    use Kind::{Minutes, Moment, Number, OptionalNumber, Rating, Row};
    matches!(kind, Minutes | Moment | Number | OptionalNumber | Rating | Row)
}

/// How the description of the API tells what an assertion is, and the names of roles.
#[must_use]
pub fn schemas(actions: &Actions) -> [(&'static str, Value); 2] {
    let shapes: Vec<Value> = actions.actions.iter().map(|action| shape(action)).collect();
    let about = "What a person may assert in a session: only what concerns the person, or as a helper the person helped.";
    use Role::{Auditor, Founder, Lead, Secretary, Steward, UnitOfficer, Worker};
    let roles = [Founder, Steward, Worker, Lead, UnitOfficer, Secretary, Auditor].map(names::role);
    [
        ("Assertion", json!({ "description": about, "oneOf": shapes })),
        ("RoleName", json!({ "description": "A role by its name.", "type": "string", "enum": roles })),
    ]
}

fn shape(action: &Action) -> Value {
    let described = |input: &&Input| {
        let mut value = match input.kind {
            Kind::Id(_) | Kind::NewId => json!({ "type": "string", "format": "uuid" }),
            Kind::OptionalId(_) => json!({ "type": ["string", "null"], "format": "uuid" }),
            Kind::List(_) | Kind::OptionalList(_) => {
                json!({ "type": "array", "items": { "type": "string", "format": "uuid" } })
            }
            Kind::Rows => json!({ "type": "array", "items": { "type": "integer", "minimum": 0 } }),
            Kind::Number => json!({ "type": "integer", "format": "int64" }),
            Kind::OptionalNumber => json!({ "type": ["integer", "null"], "format": "int64" }),
            Kind::Minutes | Kind::Row => json!({ "type": "integer", "format": "int32", "minimum": 0 }),
            Kind::Rating => json!({ "type": "integer", "format": "int32", "minimum": 1, "maximum": 5 }),
            Kind::Flag => json!({ "type": "boolean" }),
            Kind::Role => json!({ "$ref": "#/components/schemas/RoleName" }),
            Kind::Bytes => json!({ "type": "string", "format": "byte" }),
            Kind::Moment => json!({ "type": "integer", "format": "int64" }),
            Kind::Text | Kind::Public | Kind::Code => json!({ "type": "string" }),
            Kind::OptionalText | Kind::OptionalPublic => json!({ "type": ["string", "null"] }),
        };
        value["description"] = input.about.into();
        (input.name.to_owned(), value)
    };
    let kind = ("kind".to_owned(), json!({ "type": "string", "enum": [action.name] }));
    let properties: serde_json::Map<_, _> = action.inputs.iter().map(described).chain([kind]).collect();
    let asked = action.inputs.iter().filter(|input| !input.kind.is_optional());
    let required: Vec<&str> = asked.map(|input| input.name).chain(["kind"]).collect();
    json!({
        "type": "object",
        "description": action.about,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}
