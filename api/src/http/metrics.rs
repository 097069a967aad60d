//! `/metrics`, and how requests are measured. The list of all metrics is [`METRICS`], which the operator's manual shows.

use std::sync::OnceLock;

use axum::extract::{MatchedPath, Request};
use axum::http::StatusCode;
use hourbook_ledger::domain::Code;
use metrics::Histogram;

use crate::auth::grants::ALIKE;
use crate::problem::Fault;

/// What a metric is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by size.
    Histogram,
}

/// A metric.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub shape: Shape,
    /// Its labels. None names a person, an organisation or an address.
    pub labels: &'static [&'static str],
    /// What it counts, in what.
    pub meaning: &'static str,
}

/// See its meaning among [`METRICS`].
pub(crate) const CUT: &str = "hourbook_connections_cut_total";
pub(crate) const HTTP_SECONDS: &str = "hourbook_http_seconds";

macro_rules! metrics {
    ($($name:expr, $shape:ident, $labels:expr, $meaning:literal;)*) => {
        /// Every metric that `/metrics` shows.
        pub const METRICS: &[Metric] =
            &[$(Metric { name: $name, shape: Shape::$shape, labels: &$labels, meaning: $meaning }),*];
    };
}

metrics! {
    "hourbook_events_total", Counter, ["kind"], "Events made durable since the start";
    "hourbook_refusals_total", Counter, ["code"], "Batches refused, by the code of the first refused event";
    "hourbook_problems_total", Counter, ["code"], "Problem documents and gRPC refusals sent";
    "hourbook_batches_waiting", Gauge, [], "Batches handed in and not answered yet";
    "hourbook_group_events", Histogram, [], "Events of a commit group";
    "hourbook_log_size", Gauge, [], "Entries on the log";
    "hourbook_read_behind", Gauge, [], "Entries that the read side has yet to take";
    "hourbook_archived_entries", Gauge, [], "Entries that are in the archive and not in the store";
    "hourbook_archive_failing", Gauge, [], "1 while old entries cannot be moved to the archive; they stay in the store";
    "hourbook_connections", Gauge, [], "Open connections";
    CUT, Counter, ["reason"], "Connections that were closed because the client left answers `unread` or had `too-many`";
    ALIKE, Counter, [], "One-time codes that were refused because they are like an open one: more than one hardly happens by chance";
    "hourbook_subscriptions", Gauge, [], "Open subscriptions";
    "hourbook_subscriptions_ended_total", Counter, ["code"], "Subscriptions that the server ended, by reason";
    HTTP_SECONDS, Histogram, ["method", "route", "status"], "Seconds to the head of an answer";
}

/// The list as a table for the manual.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from("| metric | kind | labels | meaning |\n|---|---|---|---|\n");
    for Metric { name, shape, labels, meaning } in METRICS {
        let labels = labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
        let shape = format!("{shape:?}").to_lowercase();
        text.push_str(&format!("| `{name}` | {shape} | {labels} | {meaning} |\n"));
    }
    text
}

/// Names what each metric means.
pub(crate) fn describe() {
    for Metric { name, shape, meaning, .. } in METRICS {
        match shape {
            Shape::Counter => ::metrics::describe_counter!(*name, *meaning),
            Shape::Gauge => ::metrics::describe_gauge!(*name, *meaning),
            Shape::Histogram => ::metrics::describe_histogram!(*name, *meaning),
        }
    }
    begin_at_zero();
}

/// What has not happened yet is 0 and not absent: an alarm on growth would miss the first one.
fn begin_at_zero() {
    let count =
        |name: &'static str, code: &'static str| ::metrics::counter!(name, "code" => code).increment(0);
    for code in Code::ALL {
        count("hourbook_refusals_total", code.name());
        count("hourbook_problems_total", code.name());
    }
    for fault in Fault::ALL {
        count("hourbook_problems_total", fault.name());
    }
    for fault in [Fault::Busy, Fault::BatchSize, Fault::Stopped] {
        count("hourbook_refusals_total", fault.name());
    }
    for fault in [Fault::SlowReader, Fault::Ending, Fault::SessionOver, Fault::AuditorsOnly, Fault::Internal]
    {
        count("hourbook_subscriptions_ended_total", fault.name());
    }
    for reason in ["unread", "too-many"] {
        ::metrics::counter!(CUT, "reason" => reason).increment(0);
    }
    ::metrics::counter!(ALIKE).increment(0);
    for name in ["hourbook_batches_waiting", "hourbook_connections", "hourbook_subscriptions"] {
        ::metrics::gauge!(name).increment(0.0);
    }
}

/// Methods that have a route; anything else is `other`, so that nobody can invent labels.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"];

/// Upper bounds of the buckets for the time that answers take, in seconds.
pub(crate) const SECONDS: [f64; 10] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

fn latency(method: &'static str, route: &str, status: u16) -> Histogram {
    let (route, status) = (route.to_owned(), status.to_string());
    ::metrics::histogram!(HTTP_SECONDS, "method" => method, "route" => route, "status" => status)
}

/// What one endpoint mostly answers, with the place where that is counted, so that neither need be looked up.
#[derive(Default)]
pub(crate) struct Usual(OnceLock<Known>);

struct Known {
    route: Option<MatchedPath>,
    method: &'static str,
    status: u16,
    latency: Histogram,
}

/// A request that is being answered. The clock of the runtime is asked, since no rule depends on the answer.
pub(crate) struct Measure {
    begin: tokio::time::Instant,
    method: &'static str,
    /// If the endpoint does not know it yet.
    route: Option<MatchedPath>,
}

impl Measure {
    /// Begins now. All requests with the same `usual` have the same route.
    pub(crate) fn begin(request: &Request, usual: &Usual) -> Self {
        let begin = tokio::time::Instant::now();
        let method = METHODS.into_iter().find(|known| *known == request.method().as_str()).unwrap_or("other");
        let is_known = usual.0.get().is_some();
        let route = if is_known { None } else { request.extensions().get::<MatchedPath>().cloned() };
        Self { begin, method, route }
    }

    /// The head of the answer is there.
    pub(crate) fn end(&mut self, status: StatusCode, usual: &Usual) {
        let (took, method, status) = (self.begin.elapsed(), self.method, status.as_u16());
        let first = || {
            let route = self.route.take();
            let latency = latency(method, name(route.as_ref()), status);
            Known { route, method, status, latency }
        };
        let known = usual.0.get_or_init(first);
        let route = name(known.route.as_ref());
        // The route, never the path: that names people.
        tracing::debug!(method, route, status, micros = took.as_micros() as u64, "answered");
        if (known.method, known.status) == (method, status) {
            return known.latency.record(took.as_secs_f64());
        }
        latency(method, route, status).record(took.as_secs_f64());
    }
}

fn name(route: Option<&MatchedPath>) -> &str {
    route.map_or("none", MatchedPath::as_str)
}
