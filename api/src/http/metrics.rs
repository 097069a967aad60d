//! `/metrics`, and how requests are measured. The list of all metrics is [`METRICS`], which the operator's manual shows.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::http::StatusCode;
use hourbook_ledger::domain::Code;
use parking_lot::RwLock;

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

const fn metric(
    name: &'static str,
    shape: Shape,
    labels: &'static [&'static str],
    meaning: &'static str,
) -> Metric {
    Metric { name, shape, labels, meaning }
}

/// See its meaning among [`METRICS`].
pub(crate) const CUT: &str = "hourbook_connections_cut_total";
const HTTP_SECONDS: &str = "hourbook_http_seconds";

/// Every metric that `/metrics` shows.
pub const METRICS: &[Metric] = &[
    metric("hourbook_events_total", Shape::Counter, &["kind"], "Events made durable since the start"),
    metric(
        "hourbook_refusals_total",
        Shape::Counter,
        &["code"],
        "Batches refused, by the code of the first refused event",
    ),
    metric("hourbook_problems_total", Shape::Counter, &["code"], "Problem documents and gRPC refusals sent"),
    metric("hourbook_batches_waiting", Shape::Gauge, &[], "Batches handed in and not answered yet"),
    metric("hourbook_group_events", Shape::Histogram, &[], "Events of a commit group"),
    metric("hourbook_log_size", Shape::Gauge, &[], "Entries on the log"),
    metric("hourbook_read_behind", Shape::Gauge, &[], "Entries that the read side has yet to take"),
    metric(
        "hourbook_archived_entries",
        Shape::Gauge,
        &[],
        "Entries that are in the archive and not in the store",
    ),
    metric(
        "hourbook_archive_failing",
        Shape::Gauge,
        &[],
        "1 while old entries cannot be moved to the archive; they stay in the store",
    ),
    metric("hourbook_connections", Shape::Gauge, &[], "Open connections"),
    metric(
        CUT,
        Shape::Counter,
        &["reason"],
        "Connections that were closed because the client left answers `unread` or had `too-many`",
    ),
    metric(
        ALIKE,
        Shape::Counter,
        &[],
        "One-time codes that were refused because they are like an open one: more than one hardly happens by chance",
    ),
    metric("hourbook_subscriptions", Shape::Gauge, &[], "Open subscriptions"),
    metric(
        "hourbook_subscriptions_ended_total",
        Shape::Counter,
        &["code"],
        "Subscriptions that the server ended, by reason",
    ),
    metric(
        HTTP_SECONDS,
        Shape::Histogram,
        &["method", "route", "status"],
        "Seconds to the head of an answer",
    ),
];

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

/// Upper bounds of the histogram's buckets, in seconds and as they are shown.
const BOUNDS: [(f64, &str); 10] = [
    (0.001, "0.001"),
    (0.005, "0.005"),
    (0.01, "0.01"),
    (0.025, "0.025"),
    (0.05, "0.05"),
    (0.1, "0.1"),
    (0.25, "0.25"),
    (0.5, "0.5"),
    (1.0, "1"),
    (2.5, "2.5"),
];

/// How long the requests of one route, method and status took. Counted here and not by the recorder, which keeps every single
/// value until somebody asks.
#[derive(Default)]
struct Latency([Shard; SHARDS]);

/// Threads count in places of their own, as far as these reach: a word that all cores write is slow for all of them.
const SHARDS: usize = 8;

#[derive(Default)]
#[repr(align(128))]
struct Shard {
    /// The last is for what is above all bounds.
    counts: [AtomicU64; BOUNDS.len() + 1],
    nanos: AtomicU64,
}

/// The place of this thread.
fn shard() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! { static OWN: usize = NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS; }
    OWN.with(|own| *own)
}

impl Latency {
    fn record(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.partition_point(|(bound, _)| *bound < seconds);
        let shard = &self.0[shard()];
        shard.counts[bucket].fetch_add(1, Ordering::Relaxed);
        shard.nanos.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn show(&self, labels: &str, text: &mut String) {
        let of = |what: &dyn Fn(&Shard) -> &AtomicU64| -> u64 {
            self.0.iter().map(|shard| what(shard).load(Ordering::Relaxed)).sum()
        };
        let mut sum = 0;
        let bounds = BOUNDS.iter().map(|(_, shown)| *shown).chain(["+Inf"]);
        for (bucket, bound) in bounds.enumerate() {
            sum += of(&|shard| &shard.counts[bucket]);
            text.push_str(&format!("{HTTP_SECONDS}_bucket{{{labels},le=\"{bound}\"}} {sum}\n"));
        }
        let seconds = Duration::from_nanos(of(&|shard| &shard.nanos)).as_secs_f64();
        text.push_str(&format!("{HTTP_SECONDS}_sum{{{labels}}} {seconds}\n"));
        text.push_str(&format!("{HTTP_SECONDS}_count{{{labels}}} {sum}\n"));
    }
}

/// By method, route and status.
type Latencies = BTreeMap<(&'static str, Box<str>, u16), Arc<Latency>>;

static LATENCIES: RwLock<Latencies> = RwLock::new(BTreeMap::new());

/// The histogram of requests as Prometheus reads it.
pub(crate) fn latencies() -> String {
    let known = LATENCIES.read();
    let meaning = METRICS.iter().find(|m| m.name == HTTP_SECONDS).map_or("", |m| m.meaning);
    let mut text = format!("# HELP {HTTP_SECONDS} {meaning}\n# TYPE {HTTP_SECONDS} histogram\n");
    for ((method, route, status), latency) in &*known {
        let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
        latency.show(&labels, &mut text);
    }
    text
}

fn latency(method: &'static str, route: &str, status: u16) -> Arc<Latency> {
    LATENCIES.write().entry((method, route.into(), status)).or_default().clone()
}

/// What one endpoint mostly answers, with the place where that is counted, so that neither need be looked up.
#[derive(Default)]
pub(crate) struct Usual(OnceLock<Known>);

struct Known {
    route: Option<MatchedPath>,
    method: &'static str,
    status: u16,
    latency: Arc<Latency>,
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
            return known.latency.record(took);
        }
        latency(method, route, status).record(took);
    }
}

fn name(route: Option<&MatchedPath>) -> &str {
    route.map_or("none", MatchedPath::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_is_shown_as_prometheus_reads_it() {
        let latency = Latency::default();
        [1, 5, 5_001, 99_000_000].into_iter().for_each(|us| latency.record(Duration::from_micros(us)));
        let mut text = String::new();
        latency.show("route=\"/r\"", &mut text);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "hourbook_http_seconds_bucket{route=\"/r\",le=\"0.001\"} 2");
        assert_eq!(lines[1], "hourbook_http_seconds_bucket{route=\"/r\",le=\"0.005\"} 2");
        assert_eq!(lines[2], "hourbook_http_seconds_bucket{route=\"/r\",le=\"0.01\"} 3");
        assert_eq!(lines[9], "hourbook_http_seconds_bucket{route=\"/r\",le=\"2.5\"} 3");
        assert_eq!(lines[10], "hourbook_http_seconds_bucket{route=\"/r\",le=\"+Inf\"} 4");
        assert_eq!(lines[11], "hourbook_http_seconds_sum{route=\"/r\"} 99.005007");
        assert_eq!(lines[12], "hourbook_http_seconds_count{route=\"/r\"} 4");
    }
}
