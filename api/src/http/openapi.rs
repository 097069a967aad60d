//! `/openapi.json` and `/docs`: the description of every route, and a viewer that needs no other host.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use serde_json::Value;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::fixed::Fixed;
use crate::auth::session::COOKIE;
use crate::commands::{self, Actions};
use crate::state::App;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Hourbook 时光簿",
        description = "A time bank on a signed log. Whoever writes signs; whoever reads may check.\n\n\
            Every answer that comes from the log carries `as_of_position`: the number of entries that it rests on. \
            A reader who needs its own write passes the position of its receipt as `min_position`; the answer then \
            rests on it, or is `not-yet` after two seconds.\n\n\
            Every refusal is a problem document (RFC 9457) with a stable `code` and a text in Chinese and English; \
            `/problems` lists them in the order in which they are checked.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    modifiers(&Ways),
    tags(
        (name = "events", description = "Signed events in, entries and proofs out"),
        (name = "ledger", description = "The log as anybody can check it"),
        (name = "members", description = "A person's record and credit"),
        (name = "activities", description = "Activities and their shifts"),
        (name = "hours", description = "Hours as they are recorded and confirmed"),
        (name = "wishes", description = "Micro-wishes"),
        (name = "boards", description = "Leaderboards, red and yellow lists"),
        (name = "organisations", description = "The tree of organisations"),
        (name = "sessions", description = "Signing in, and what a signed-in person may do"),
        (name = "problems", description = "Refusal codes"),
        (name = "operation", description = "For whoever runs the server"),
    )
)]
struct Description;

/// The two ways to carry a session.
struct Ways;

impl Modify for Ways {
    fn modify(&self, openapi: &mut OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        let cookie = ApiKey::Cookie(ApiKeyValue::new(COOKIE));
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
    }
}

/// The description before any route.
pub(crate) fn empty() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(Description::openapi())
}

/// The description as the standard has it: what the routes leave out or write in the framework's way.
pub(crate) fn finished(description: OpenApi, actions: &Actions) -> OpenApi {
    const WELL_FORMED: &str = "it is a description, and only texts and media types in it change";
    let mut json = serde_json::to_value(description).expect(WELL_FORMED);
    for (name, schema) in commands::schemas(actions) {
        json["components"]["schemas"][name] = schema;
    }
    close(&mut json["components"]["schemas"]["SignIn"]);
    let paths = json["paths"].as_object_mut().expect(WELL_FORMED);
    // The rest of a path is one parameter, whatever the router calls it.
    *paths = std::mem::take(paths).into_iter().map(|(path, item)| (path.replace("{*", "{"), item)).collect();
    let operations = paths.values_mut().filter_map(Value::as_object_mut).flat_map(|item| item.values_mut());
    for operation in operations {
        bytes_are_bytes(&mut operation["requestBody"]["content"]);
        if operation["requestBody"]["content"].is_null() {
            operation.as_object_mut().expect(WELL_FORMED).remove("requestBody");
        }
        let responses = operation["responses"].as_object_mut().expect(WELL_FORMED);
        for (status, response) in responses.iter_mut() {
            let status: u16 = status.parse().expect("every answer has a status of its own");
            if response["description"].is_null() {
                let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
                response["description"] = reason.unwrap_or("Answer").into();
            }
            let Some(content) = response.get_mut("content") else { continue };
            bytes_are_bytes(content);
            let problem = content.as_object_mut().filter(|_| status >= 400);
            if let Some((content, json)) = problem.and_then(|c| c.remove("application/json").map(|j| (c, j)))
            {
                content.insert("application/problem+json".to_owned(), json);
            }
        }
        responses.insert("default".to_owned(), any_refusal());
    }
    serde_json::from_value(json).expect(WELL_FORMED)
}

/// A body of several shapes, none of which may hold more than is described; of those with one shape the framework says so.
fn close(schema: &mut Value) {
    let shapes = schema["oneOf"].as_array_mut().into_iter().flatten();
    for shape in shapes.filter(|shape| shape["properties"].is_object()) {
        shape["additionalProperties"] = false.into();
    }
}

/// What any route may answer, beside what it lists: a value that cannot be read, a limit, a ledger that is busy.
fn any_refusal() -> Value {
    serde_json::json!({
        "description": "Any other refusal",
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    })
}

/// A body that is no text and no JSON has no schema but its media type.
fn bytes_are_bytes(content: &mut Value) {
    for kind in ["application/octet-stream", "application/x-protobuf"] {
        if let Some(body) = content.get_mut(kind) {
            *body = serde_json::json!({});
        }
    }
}

const PATH: &str = "/openapi.json";

/// Serves the description and the viewer, both from the binary.
pub(crate) fn viewer(description: &OpenApi) -> Router {
    let fixed = Fixed::json(description);
    let viewer: Router = SwaggerUi::new("/docs").config(Config::new([PATH])).into();
    viewer.route(PATH, get(move |headers: HeaderMap| async move { fixed.answer(&headers) }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every value of a member in a document, wherever it is.
    fn all<'a>(json: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
        match json {
            Value::Object(members) => {
                found.extend(members.get(name));
                members.values().for_each(|value| all(value, name, found));
            }
            Value::Array(values) => values.iter().for_each(|value| all(value, name, found)),
            _ => {}
        }
    }

    #[test]
    fn the_description_is_what_the_standard_demands() {
        let json = serde_json::to_value(crate::server::description()).unwrap();
        let mut refs = Vec::new();
        all(&json, "$ref", &mut refs);
        for name in refs {
            let path = name.as_str().unwrap().strip_prefix('#').unwrap();
            assert!(json.pointer(path).is_some(), "{name} leads nowhere");
        }
        let mut ids = BTreeSet::new();
        for (path, item) in json["paths"].as_object().unwrap() {
            assert!(!path.contains('*'), "{path}");
            for operation in item.as_object().unwrap().values() {
                assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{path}: the id of another");
                for (status, response) in operation["responses"].as_object().unwrap() {
                    assert!(response["description"].is_string(), "{path} {status}");
                    let is_json = response["content"].get("application/json").is_some();
                    assert!(!is_json || status.as_str() < "400", "{path} {status}");
                }
                let any = &operation["responses"]["default"]["content"]["application/problem+json"];
                assert!(any.is_object(), "{path}: a refusal that is not listed has no form");
            }
        }
        assert!(ids.len() > 30, "{}", ids.len());
    }
}
