//! The running server: an open ledger, its read side, and what the routes share.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use axum::Router;
use getrandom::SysRng;
use hourbook_ledger::actor::{Actor, random_id};
use hourbook_ledger::backup::Source;
use hourbook_ledger::checkpoint::Origin;
use hourbook_ledger::clock::{Clock, SystemClock};
use hourbook_ledger::commitment::{Field, FieldError, Opening, SubjectId};
use hourbook_ledger::committed::{Committed, Follower, Wants};
use hourbook_ledger::domain::Effect;
use hourbook_ledger::domain::event::{Body, BodyKind, Event, Scope};
use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::domain::time::{Date, Millis, Offset};
use hourbook_ledger::engine::LogReader;
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::node::{self, Node, NodeError, NodeOptions};
use hourbook_ledger::note::VerifierKey;
use hourbook_ledger::sequencer::{Answer, Handle, Receipt, SubmitError};
use hourbook_ledger::vault::Vault;
use hourbook_projections::few::PublicFigures;
use hourbook_projections::leaderboard::Window;
use hourbook_projections::{Models, ReadSide};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use parking_lot::Mutex;
use rand_core::{CryptoRng, UnwrapErr};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, watch};

use crate::around::Around;
use crate::challenge::Challenges;
use crate::control;
use crate::ended::Ended;
use crate::erasure;
use crate::feed;
use crate::grants::{Granting, Grants};
use crate::grpc;
use crate::http;
use crate::http::problem::{Fault, Problem};
use crate::limits::Limits;
use crate::serving::{self, Serving};
use crate::session::{Proof, Session, TokenKey};
use crate::visibility::{Looks, Names};
use crate::web;

/// The machine's source of randomness. It panics if the operating system has none, for nothing here works without.
#[must_use]
pub fn system_rng() -> Box<dyn CryptoRng + Send> {
    Box::new(UnwrapErr(SysRng))
}

/// Most bytes of a request's body, if nothing else is said.
pub const MAX_BODY: usize = 8 << 20;

/// How often the recorder of metrics sums up, and how long a name that was shown is at hand.
const UPKEEP: Duration = Duration::from_secs(10);

/// How old it may become, in milliseconds, which figures may be public.
const FIGURES_STALE_MILLIS: i64 = 2_000;

/// An open ledger with everything that the routes need. Shared by `Arc`; whoever closes it must be the last.
pub struct App {
    /// The way to the sequencer.
    pub handle: Handle,
    /// The log.
    pub reader: Arc<dyn LogReader>,
    /// Personal data.
    pub vault: Arc<Vault>,
    /// The ledger's name.
    pub origin: Origin,
    /// Verifies its checkpoints.
    pub log_key: VerifierKey,
    /// What is known, for reading.
    pub read: ReadSide,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The ledger's distance from UTC, as it was founded with.
    offset: Offset,
    /// Names that were shown a moment ago.
    pub(crate) names: Names,
    /// Makes and checks session tokens.
    pub(crate) tokens: TokenKey,
    /// What keys sign to sign in.
    pub(crate) challenges: Challenges,
    /// Sessions that were signed out of.
    pub(crate) ended: Ended,
    /// Limits of attempts.
    pub(crate) limits: Limits,
    /// One-time codes that were granted within an hour.
    pub(crate) grants: Grants,
    /// Whose looks at others are being recorded.
    pub(crate) looks: Looks,
    /// Which figures may be public, as of a position and moment.
    figures: Mutex<Option<(u64, Millis, Arc<PublicFigures>)>>,
    /// What `/metrics` shows.
    pub metrics: PrometheusHandle,
    /// Most bytes of a request's body.
    pub(crate) max_body: usize,
    /// Memory for the sheets that are read at once.
    pub(crate) sheets: crate::import::Budget,
    /// How subscriptions are served.
    pub(crate) feed: feed::Settings,
    /// One permit for each subscription that may be open.
    pub(crate) subscriptions: Arc<Semaphore>,
    ending: watch::Sender<bool>,
    pub(crate) ledger: Actor,
    rng: Mutex<Box<dyn CryptoRng + Send>>,
    node: Mutex<Option<Node>>,
    dir: PathBuf,
}

/// How to open a ledger for serving.
pub struct AppOptions {
    /// Of the ledger.
    pub node: NodeOptions,
    /// For ids, salts, nonces.
    pub rng: Box<dyn CryptoRng + Send>,
    /// How often a code may be tried.
    pub limits: Limits,
    /// How subscriptions are served.
    pub feed: feed::Settings,
    /// Most bytes of a request's body.
    pub max_body: usize,
}

impl AppOptions {
    /// The machine's clock and randomness, the usual figures.
    #[must_use]
    pub fn system() -> Self {
        Self::with_clock(Arc::new(SystemClock))
    }

    /// Another clock, the machine's randomness, the usual figures.
    #[must_use]
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        let node = NodeOptions::new(clock, system_rng(), system_rng());
        let (limits, feed) = (Limits::default(), feed::Settings::default());
        Self { node, rng: system_rng(), limits, feed, max_body: MAX_BODY }
    }
}

/// Feeds the read side and, once the ledger is open, the metrics and whoever carries out erasures.
struct Following {
    read: ReadSide,
    live: Arc<AtomicBool>,
    counted: Counted,
    erasures: mpsc::UnboundedSender<Vec<PersonId>>,
}

impl Follower for Following {
    fn follow(&mut self, events: Arc<Vec<Committed>>) {
        self.read.take(&events);
        if self.live.load(Ordering::Relaxed) {
            self.counted.note(&events);
        }
        let erased = asked_for(&events);
        if !erased.is_empty() {
            // Nobody listens only once the server is ending; the next start finds the request again.
            let _ = self.erasures.send(erased);
        }
    }

    fn wants(&mut self) -> Wants<'_> {
        Wants::Snapshot(&mut self.read)
    }
}

/// Whose data are to be erased now.
fn asked_for(events: &[Committed]) -> Vec<PersonId> {
    // Whether an event waits or lets another take effect is looked at only where erasures are concerned.
    let asked = |body: &Body| match body {
        Body::ErasureRequested { person } => Some(*person),
        _ => None,
    };
    let in_effect = events.iter().filter_map(|c| {
        let held = c.effects.iter().any(|effect| matches!(effect, Effect::Held { .. }));
        let begun = c.effects.iter().find_map(|effect| match effect {
            Effect::TookEffect(event) => asked(&event.body),
            _ => None,
        });
        begun.or_else(|| asked(&c.event.body).filter(|_| !held))
    });
    in_effect.collect()
}

/// The counters of committed events, one a kind. Asking the recorder by name for every event would cost more than to
/// follow it.
struct Counted {
    group: metrics::Histogram,
    kinds: Vec<metrics::Counter>,
}

impl Counted {
    fn new() -> Self {
        let counter = |kind: &BodyKind| metrics::counter!("hourbook_events_total", "kind" => kind.name());
        Self {
            group: metrics::histogram!("hourbook_group_events"),
            kinds: BodyKind::ALL.iter().map(counter).collect(),
        }
    }

    fn note(&self, events: &[Committed]) {
        self.group.record(events.len() as f64);
        for c in events {
            // The kinds are listed in the order in which they are declared.
            self.kinds[c.event.body.kind() as usize].increment(1);
        }
    }
}

/// One recorder for the process: the metrics of all its ledgers.
fn recorder() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    let install = || {
        let groups = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full("hourbook_group_events".into()), &groups)
            .expect("the list of buckets is not empty");
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("metrics go to another recorder that is installed already");
        }
        http::metrics::describe();
        handle
    };
    HANDLE.get_or_init(install).clone()
}

/// Puts the largest boards in order, which the first reader of each would otherwise have to wait for.
fn put_in_order(read: &ReadSide) {
    let today = read.read().directory.today();
    for window in Window::all_of(today) {
        // Each by itself, so that the log's follower need not wait for all of them.
        let _ = read.read().leaders(Scope::Ledger, window, 0, 1);
    }
}

/// Has the recorder sum up what it keeps one by one, which would otherwise grow for as long as nobody asks for the metrics,
/// and forgets names that were shown.
async fn tidy(app: Weak<App>) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        let Some(app) = app.upgrade() else { return };
        app.metrics.run_upkeep();
        app.names.forget();
        app.challenges.forget(app.now());
        app.ended.forget(app.now());
    }
}

impl App {
    /// Opens the ledger in a directory and reads it; all of it is in the answers on return. Must run within a runtime:
    /// it starts the task that carries out erasures.
    ///
    /// # Errors
    /// [`NodeError`].
    pub fn open(dir: &Path, options: AppOptions) -> Result<Arc<Self>, NodeError> {
        let (clock, read, metrics) = (options.node.clock.clone(), ReadSide::new(), recorder());
        let live = Arc::new(AtomicBool::new(false));
        let (erasures, requests) = mpsc::unbounded_channel();
        let (counted, erasures_asked) = (Counted::new(), erasures.clone());
        let following =
            Following { read: read.clone(), live: live.clone(), counted, erasures: erasures_asked };
        let node = node::open(dir, options.node, || Box::new(following))?;
        // A start from a snapshot does not see the requests themselves come by.
        let _ = erasures.send(read.read().directory.awaiting_erasure());
        let offset = read.read().directory.offset();
        let ended = Ended::open(dir, clock.now());
        let ended = ended.map_err(|source| NodeError::Io { path: dir.to_owned(), source })?;
        let (mut rng, mut secret) = (options.rng, [0; 32]);
        rng.fill_bytes(&mut secret);
        live.store(true, Ordering::Relaxed);
        let app = Arc::new(Self {
            handle: node.handle.clone(),
            reader: node.reader.clone(),
            vault: node.vault.clone(),
            origin: node.origin.clone(),
            log_key: node.log_key.clone(),
            offset,
            names: Names::default(),
            read,
            clock,
            tokens: TokenKey::new(&node.session_key, node.origin.as_str()),
            challenges: Challenges::new(secret),
            ended,
            limits: options.limits,
            grants: Grants::default(),
            looks: Looks::default(),
            sheets: crate::import::Budget::default(),
            figures: Mutex::new(None),
            metrics,
            max_body: options.max_body,
            feed: options.feed,
            subscriptions: Arc::new(Semaphore::new(options.feed.at_once)),
            ending: watch::Sender::new(false),
            ledger: node.ledger.clone(),
            rng: Mutex::new(rng),
            node: Mutex::new(Some(node)),
            dir: std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()),
        });
        control::listen(&app, &app.dir);
        tokio::spawn(erasure::carry_out(Arc::downgrade(&app), requests));
        tokio::spawn(tidy(Arc::downgrade(&app)));
        let read = app.read.clone();
        tokio::task::spawn_blocking(move || put_in_order(&read));
        Ok(app)
    }

    /// Ends the ledger in good order. Later submissions are told that it has stopped.
    pub fn close(&self) {
        self.end_soon();
        control::remove(&self.dir);
        if let Some(node) = self.node.lock().take() {
            node.close();
        }
    }

    /// Ends what would go on for ever, subscriptions above all, so that the server can end.
    pub fn end_soon(&self) {
        self.ending.send_replace(true);
    }

    /// Becomes true when the server is ending.
    pub(crate) fn ending(&self) -> watch::Receiver<bool> {
        self.ending.subscribe()
    }

    /// Whether it is being closed: what takes long is to stop.
    pub(crate) fn is_ending(&self) -> bool {
        *self.ending.borrow()
    }

    /// What a backup is made from.
    pub(crate) fn source(&self) -> Source {
        Source { reader: self.reader.clone(), vault: self.vault.clone(), log_key: self.log_key.clone() }
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// The ledger's distance from UTC.
    #[must_use]
    pub fn offset(&self) -> Offset {
        self.offset
    }

    /// Today, in ledger time.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now().date(self.offset())
    }

    /// Which figures of organisations may be public. While the log grows the answer may be two seconds old; that a group
    /// is too small is seen at once.
    #[must_use]
    pub fn figures(&self, models: &Models) -> Arc<PublicFigures> {
        let (position, now) = (models.as_of(), self.now());
        let mut kept = self.figures.lock();
        if let Some((made_at, at, figures)) = &*kept
            && (*made_at == position || (0..FIGURES_STALE_MILLIS).contains(&(now.0 - at.0)))
        {
            return figures.clone();
        }
        let figures = Arc::new(PublicFigures::of(models));
        *kept = Some((position, now, figures.clone()));
        figures
    }

    /// Random bytes.
    #[must_use]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.lock().fill_bytes(&mut bytes);
        bytes
    }

    /// A fresh random id of anything but an event.
    #[must_use]
    pub fn random_id(&self) -> [u8; 16] {
        random_id(&mut **self.rng.lock())
    }

    /// A value for the vault with a fresh salt.
    ///
    /// # Errors
    /// [`FieldError`] if `raw` has no canonical form.
    pub fn opening(&self, subject: SubjectId, field: Field, raw: &str) -> Result<Opening, FieldError> {
        Opening::new(subject, field, self.random(), raw)
    }

    /// Submits a batch that came from outside, within the bounds for one-time codes.
    ///
    /// # Errors
    /// [`Fault::TooManyCodes`], a refusal by the rules, or that the ledger is busy.
    pub(crate) async fn hand_in(&self, submissions: Vec<Submission>) -> Result<Vec<Receipt>, Problem> {
        let granting = Granting::begin(self, &submissions)?;
        let answer = self.submit(submissions).await;
        granting.end(self, &answer);
        Ok(answer?)
    }

    /// Submits a batch and counts it.
    ///
    /// # Errors
    /// [`SubmitError`].
    pub async fn submit(&self, submissions: Vec<Submission>) -> Answer {
        let waiting = metrics::gauge!("hourbook_batches_waiting");
        waiting.increment(1.0);
        let answer = self.handle.submit(submissions).await;
        waiting.decrement(1.0);
        if let Err(error) = &answer {
            let code = match error {
                SubmitError::Busy => "busy",
                SubmitError::BatchSize(_) => "batch-size",
                SubmitError::Stopped(_) => "stopped",
                SubmitError::Full(_) => Fault::DiskFull.name(),
                SubmitError::Clock(_) => Fault::ClockInDoubt.name(),
                SubmitError::Refused(refused) => refused.rejection.code.name(),
            };
            metrics::counter!("hourbook_refusals_total", "code" => code).increment(1);
        }
        answer
    }

    /// Asserts something by the ledger's own key: that a session was opened, that someone looked, that data are erased.
    ///
    /// # Errors
    /// A refusal by the rules, or that the ledger is busy.
    pub async fn assert_own(&self, body: Body) -> Result<Receipt, Problem> {
        let event = self.own_event(body);
        self.submit_own(&event, Vec::new()).await
    }

    /// Asserts something of the session's person, witnessed by the server: only what concerns the person itself, and
    /// only in a session that a granted code opened. The values behind its commitments go to the vault with it.
    ///
    /// # Errors
    /// [`Fault::SignItYourself`] in a session opened with a key, a refusal by the rules, or that the ledger is busy.
    pub async fn witness(
        &self,
        session: &Session,
        body: Body,
        openings: Vec<Opening>,
    ) -> Result<Receipt, Problem> {
        let Proof::Grant(grant) = session.proof else { return Err(Fault::SignItYourself.into()) };
        let now = self.now();
        let event = self.ledger.witnessed(now, &mut **self.rng.lock(), (session.person, grant), body);
        self.submit_own(&event, openings).await
    }

    fn own_event(&self, body: Body) -> Event {
        self.ledger.event(self.now(), &mut **self.rng.lock(), body)
    }

    async fn submit_own(&self, event: &Event, openings: Vec<Opening>) -> Result<Receipt, Problem> {
        let signed = self.ledger.sign(event);
        self.submit_to_the_last(vec![Submission { signed, openings }]).await
    }

    /// Asserts several things at once by the ledger's own key; the receipt of the last.
    ///
    /// # Errors
    /// As of [`App::assert_own`].
    pub async fn assert_all_own(&self, bodies: Vec<Body>) -> Result<Receipt, Problem> {
        let sign = |body| {
            let signed = self.ledger.sign(&self.own_event(body));
            Submission { signed, openings: Vec::new() }
        };
        self.submit_to_the_last(bodies.into_iter().map(sign).collect()).await
    }

    async fn submit_to_the_last(&self, submissions: Vec<Submission>) -> Result<Receipt, Problem> {
        let receipts = self.submit(submissions).await?;
        receipts.last().copied().ok_or_else(|| Problem::internal(&"accepted events without a receipt"))
    }
}

/// Every route.
pub fn router(app: Arc<App>) -> Router {
    let machines = http::router(app.clone()).layer(Around(app.clone()));
    // What has no state yet gets it once, not at every request.
    web::routes::around(machines, grpc::router(app.clone()), app).with_state(())
}

/// Serves on a listener until `end` is ready, with the usual bounds and without TLS, see [`serving::serve`].
///
/// # Errors
/// If the ledger could not be closed in good order.
pub async fn serve_until(
    app: Arc<App>,
    listener: TcpListener,
    end: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    serving::serve(app, listener, Serving::default(), end).await
}
