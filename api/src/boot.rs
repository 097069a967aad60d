//! Opening a ledger for serving, and closing it in good order: its read side, its caches, and what runs beside the requests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use hourbook_ledger::clock::{Clock, SystemClock};
use hourbook_ledger::domain::Effect;
use hourbook_ledger::domain::event::{Body, BodyKind, MemberEvent, Scope};
use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::follower::{Follower, LoggedEvent, ReplayFrom};
use hourbook_ledger::ledger::{self, LedgerError, LedgerOptions};
use hourbook_projections::ReadSide;
use hourbook_projections::window::Window;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use parking_lot::Mutex;
use rand_core::CryptoRng;
use tokio::sync::{Semaphore, mpsc, watch};

use crate::auth::caches::{AccessDedup, Names};
use crate::auth::challenge::Challenges;
use crate::auth::ended::Ended;
use crate::auth::grants::Grants;
use crate::auth::sign_in_limits::Limits;
use crate::auth::token::TokenKey;
use crate::background::{control, erasure};
use crate::cached::Cached;
use crate::commands::Actions;
use crate::commands::recording::RECORD_HOURS;
use crate::http::metrics::{HTTP_SECONDS, SECONDS, describe};
use crate::http::subscriptions;
use crate::state::{App, MAX_BODY, system_rng};
use crate::{activities, hours, lists, members, organisations, wishes};

/// How often the recorder of metrics sums up, and how long a name that was shown is at hand.
const UPKEEP: Duration = Duration::from_secs(10);

/// How to open a ledger for serving.
pub struct AppOptions {
    /// Of the ledger.
    pub node: LedgerOptions,
    /// For ids, salts, nonces.
    pub rng: Box<dyn CryptoRng + Send>,
    /// How often a code may be tried.
    pub limits: Limits,
    /// How subscriptions are served.
    pub feed: subscriptions::Settings,
    /// Most bytes of a request's body.
    pub max_body: usize,
    /// The certificate of the ledger's own authority (PEM), if it is served by one.
    pub authority: Option<PathBuf>,
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
        let node = LedgerOptions::new(clock, system_rng(), system_rng());
        let (limits, feed) = (Limits::default(), subscriptions::Settings::default());
        Self { node, rng: system_rng(), limits, feed, max_body: MAX_BODY, authority: None }
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
    fn follow(&mut self, events: Arc<Vec<LoggedEvent>>) {
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

    fn replay_from(&mut self) -> ReplayFrom<'_> {
        ReplayFrom::Snapshot(&mut self.read)
    }
}

/// Whose data are to be erased now.
fn asked_for(events: &[LoggedEvent]) -> Vec<PersonId> {
    // Whether an event waits or lets another take effect is looked at only where erasures are concerned.
    let asked = |body: &Body| match body {
        Body::Member(MemberEvent::ErasureRequested { person }) => Some(*person),
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
    kinds: BTreeMap<BodyKind, metrics::Counter>,
}

impl Counted {
    fn new() -> Self {
        let counter =
            |kind: BodyKind| (kind, metrics::counter!("hourbook_events_total", "kind" => kind.name()));
        Self {
            group: metrics::histogram!("hourbook_group_events"),
            kinds: BodyKind::all().map(counter).collect(),
        }
    }

    fn note(&self, events: &[LoggedEvent]) {
        self.group.record(events.len() as f64);
        for c in events {
            self.kinds[&c.event.body.kind()].increment(1);
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
            .and_then(|b| b.set_buckets_for_metric(Matcher::Full(HTTP_SECONDS.into()), &SECONDS))
            .expect("the lists of buckets are not empty");
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("metrics go to another recorder that is installed already");
        }
        describe();
        handle
    };
    HANDLE.get_or_init(install).clone()
}

/// Puts the largest boards in order, which the first reader of each would otherwise have to wait for.
fn warm_leaderboards(read: &ReadSide) {
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

/// What persons say by a command of its own and no action: it has more to do than to say it.
pub(crate) const BY_A_COMMAND: [(&str, &str); 3] =
    [("ledger-founded", "init"), ("rules-adopted", "rules --adopt"), ("clock-corrected", "clock correct")];

/// The actions and words of all features.
pub(crate) fn actions() -> Actions {
    use activities::actions::{SIGN_UP, WITHDRAW_SIGN_UP};
    use members::actions as member;
    let of_wishes = wishes::actions::ACTIONS.iter().map(|row| &row.action);
    let of_members = [
        &member::PUBLIC_NAME,
        &member::REQUEST_ERASURE,
        &member::ENROL_KEY,
        &member::LAY_DOWN_ROLE,
        &member::NAME_HELPER,
        &member::END_HELPER,
        &member::STOP_HELPING,
        &member::FILE_REPORT_IN,
        &member::APPROVE_ACT,
        &member::STOP_ACT,
    ];
    Actions {
        actions: [&SIGN_UP, &WITHDRAW_SIGN_UP].into_iter().chain(of_wishes).chain(of_members).collect(),
        by_key: wishes::actions::BY_STAFF
            .iter()
            .chain(&organisations::actions::BY_STAFF)
            .chain(&organisations::policies::actions::BY_STAFF)
            .chain(&activities::actions::BY_STAFF)
            .chain([&RECORD_HOURS])
            .chain(&hours::actions::BY_STAFF)
            .chain(&lists::actions::BY_STAFF)
            .chain(&member::BY_STAFF)
            .chain(&members::credit::BY_KEY)
            .chain([&organisations::actions::REGISTER, &member::REGISTER_PERSON, &member::GIVE_CODE])
            .chain([
                &member::GRANT_ROLE,
                &member::TAKE_ROLE,
                &member::END_LOST_KEY,
                &member::ANSWER_REPORT_IN,
            ])
            .collect(),
        told: wishes::actions::STEPS.iter().map(|step| &step.told).collect(),
    }
}

impl App {
    /// Opens the ledger in a directory and reads it; all of it is in the answers on return. Must run within a runtime:
    /// it starts the task that carries out erasures.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn open(dir: &Path, options: AppOptions) -> Result<Arc<Self>, LedgerError> {
        let (clock, read, metrics) = (options.node.clock.clone(), ReadSide::new(), recorder());
        let live = Arc::new(AtomicBool::new(false));
        let (erasures, requests) = mpsc::unbounded_channel();
        let (counted, erasures_asked) = (Counted::new(), erasures.clone());
        let following =
            Following { read: read.clone(), live: live.clone(), counted, erasures: erasures_asked };
        let node = ledger::open(dir, options.node, || Box::new(following))?;
        // A start from a snapshot does not see the requests themselves come by.
        let _ = erasures.send(read.read().directory.awaiting_erasure());
        let offset = read.read().directory.offset();
        let ended = Ended::open(dir, clock.now());
        let ended = ended.map_err(|source| LedgerError::Io { path: dir.to_owned(), source })?;
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
            access_dedup: AccessDedup::default(),
            sheets: crate::sheet::Budget::default(),
            figures: Cached::default(),
            actions: actions(),
            metrics,
            max_body: options.max_body,
            authority: options.authority,
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
        tokio::task::spawn_blocking(move || warm_leaderboards(&read));
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
}

#[cfg(test)]
mod tests {
    use hourbook_ledger::domain::facts::By;

    use super::*;
    use crate::commands::{Given, Input, Kind};

    /// Something that fits an input.
    fn sample(input: &Input) -> &'static str {
        match (input.kind, input.name) {
            (_, "key") if input.kind == Kind::Bytes => "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            (Kind::Bytes, _) => {
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
            }
            (_, "key") => "000000000000000000000000000000ff",
            (_, "from" | "last" | "on" | "holidays" | "workdays") => "2026-12-01",
            (_, "period") => "2026Q3",
            (_, "category") => "cleaning",
            (_, "rankings") => "off",
            (_, "covers") => "direct",
            (_, "no-service") => "yellow",
            (Kind::Rows, _) => "0,2",
            (_, "digest" | "photos") => "00000000000000000000000000000000000000000000000000000000000000ff",
            (Kind::Public, "reason") => "stolen",
            (_, "old-key") => "000000000000000000000000000000ff",
            (Kind::Moment, "start" | "end") => "60000",
            (_, "org-kind") => "grid",
            (_, "affiliation") => "team",
            (_, "phone") => "13900000001",
            (Kind::Id(_) | Kind::OptionalId(_) | Kind::NewId, _) => "00000000-0000-0000-0000-000000000009",
            (Kind::List(_) | Kind::OptionalList(_), _) => {
                "00000000-0000-0000-0000-000000000009, 00000000-0000-0000-0000-00000000000a"
            }
            (
                Kind::Minutes | Kind::Rating | Kind::Moment | Kind::Number | Kind::OptionalNumber | Kind::Row,
                _,
            ) => "5",
            (Kind::Flag, _) => "true",
            (Kind::Role, _) => "worker",
            (Kind::Code, _) => "12345678",
            (Kind::Text | Kind::OptionalText | Kind::Public | Kind::OptionalPublic, _) => "停水9",
        }
    }

    fn draft(action: &crate::commands::Action, left_out: Option<&Input>) -> Result<Body, &'static str> {
        // A document has a number and somebody who issued it.
        let both = ["document", "issuer"];
        let go_together =
            |one: &str, other: &str| one == other || (both.contains(&one) && both.contains(&other));
        let is_told = |input: &&&Input| left_out.is_none_or(|out| !go_together(out.name, input.name));
        let told = action.inputs.iter().filter(is_told);
        let given = told.fold(Given::default(), |all, input| match input.name {
            "volunteer-number" => all.with(input, "V9"),
            _ => all.with(input, sample(input)),
        });
        action
            .draft(PersonId([1; 16]), &given, || [7; 32])
            .map(|drafted| drafted.body)
            .map_err(|wrong| wrong.0.name)
    }

    #[test]
    fn each_action_makes_the_event_that_it_names_of_what_it_must_be_told() {
        let mut names = std::collections::BTreeSet::new();
        for action in actions().with_key() {
            assert!(names.insert(action.name), "{}: twice", action.name);
            let body = draft(action, None).unwrap_or_else(|wrong| panic!("{}: {wrong}", action.name));
            assert_eq!(body.kind(), action.makes, "{}", action.name);
            for input in action.inputs {
                let without = draft(action, Some(input));
                match input.kind.is_optional() {
                    true => assert!(without.is_ok(), "{}: {} may be left out", action.name, input.name),
                    false => assert_eq!(without, Err(input.name), "{}", action.name),
                }
            }
        }
    }

    /// What no person says: it follows from the clock, a sign-in or a look. The table of authority knows.
    fn is_the_ledgers_alone(kind: BodyKind) -> bool {
        matches!(kind.by(), [By::Ledger])
    }

    #[test]
    fn whatever_a_person_may_assert_is_said_by_an_action_or_by_a_command_that_is_named_here() {
        let all = actions();
        for kind in BodyKind::all() {
            let said = all.with_key().any(|action| action.makes == kind);
            let otherwise = BY_A_COMMAND.iter().any(|(name, _)| *name == kind.name());
            let ways = [said, otherwise, is_the_ledgers_alone(kind)].into_iter().filter(|way| *way).count();
            assert_eq!(ways, 1, "{}: {:?}", kind.name(), kind.by());
        }
    }
}
