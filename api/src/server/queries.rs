//! What a query may hold: the parameters that the description names, each once. A parameter that nobody reads is mostly one
//! that was mistyped, and its answer would be taken for another.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use axum::extract::{MatchedPath, Query, Request};
use axum::http::Method;

use crate::problem::{Fault, Problem};

/// How a page looks.
const CHOICES: [&str; 2] = ["lang", "size"];

/// The names of the parameters in the query of each route, by path and method.
type Names = BTreeMap<(String, Method), Vec<String>>;

static DESCRIBED: LazyLock<Names> = LazyLock::new(described);

fn described() -> Names {
    let json = serde_json::to_value(crate::server::description()).unwrap_or_default();
    let mut all = Names::new();
    for (path, item) in json["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let Ok(method) = method.to_uppercase().parse() else { continue };
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let in_query = parameters.filter(|parameter| parameter["in"] == "query");
            let names = in_query.filter_map(|parameter| parameter["name"].as_str().map(str::to_owned));
            all.insert((path.clone(), method), names.collect());
        }
    }
    all
}

/// What one endpoint knows, looked up at its first query.
#[derive(Default)]
pub(crate) struct Known(OnceLock<Option<String>>);

impl Known {
    /// Refuses a query that holds what the endpoint does not know, or something twice. A person who reads a refusal as a page
    /// may choose its language and size there.
    ///
    /// # Errors
    /// [`Fault::BadRequest`] with the parameter, and those that are known.
    pub(crate) fn check(&self, request: &Request, for_reading: bool) -> Result<(), Problem> {
        if request.uri().query().is_none_or(str::is_empty) {
            return Ok(());
        }
        let path = self.0.get_or_init(|| {
            let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
            // The description names the rest of a path as any other parameter.
            path.map(|path| path.replace("{*", "{"))
        });
        let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
        let Some(path) = path else { return Ok(()) };
        // What is not described, as the viewer's own files, reads no query.
        let Some(known) = DESCRIBED.get(&(path.clone(), method)) else { return Ok(()) };
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(request.uri());
        let Query(pairs) = pairs.map_err(|error| Fault::BadRequest.because(error.body_text()))?;
        let mut seen: Vec<&str> = Vec::with_capacity(pairs.len());
        for (name, _) in pairs.iter().filter(|(name, _)| !(for_reading && CHOICES.contains(&name.as_str()))) {
            let fault = match known.contains(name) {
                false => Some("not a parameter here"),
                true if seen.contains(&name.as_str()) => Some("given twice"),
                true => None,
            };
            if let Some(fault) = fault {
                return Err(Fault::BadRequest.because(format_args!(
                    "{}: {fault}; known: {}",
                    shown(name),
                    if known.is_empty() { "none".to_owned() } else { known.join(", ") }
                )));
            }
            seen.push(name);
        }
        Ok(())
    }
}

/// A name as it may be said again: what somebody sent is not to fill an answer or a log line.
fn shown(name: &str) -> String {
    name.chars().take(40).filter(|c| c.is_ascii_graphic()).collect()
}
