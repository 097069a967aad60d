//! What requests share: an open ledger, its read side, and what is kept between them. It knows no route.

use std::path::PathBuf;
use std::sync::Arc;

use getrandom::SysRng;
use hourbook_ledger::actor::{Actor, random_id};
use hourbook_ledger::backup::Source;
use hourbook_ledger::checkpoint::Origin;
use hourbook_ledger::clock::Clock;
use hourbook_ledger::domain::ids::Commitment;
use hourbook_ledger::domain::time::{Date, Millis, Offset};
use hourbook_ledger::engine::LogReader;
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::ledger::Ledger;
use hourbook_ledger::note::VerifierKey;
use hourbook_ledger::sequencer::{Answer, Handle, SubmitError};
use hourbook_ledger::vault::{Vault, VaultError};
use hourbook_projections::few::PublicFigures;
use hourbook_projections::{Models, ReadSide};
use metrics_exporter_prometheus::PrometheusHandle;
use parking_lot::Mutex;
use rand_core::{CryptoRng, UnwrapErr};
use tokio::sync::{Semaphore, watch};

use crate::auth::caches::{AccessDedup, Names};
use crate::auth::challenge::Challenges;
use crate::auth::ended::Ended;
use crate::auth::grants::Grants;
use crate::auth::sign_in_limits::Limits;
use crate::auth::token::TokenKey;
use crate::cached::Cached;
use crate::commands::Actions;
use crate::http::subscriptions;
use crate::problem::Fault;

/// The machine's source of randomness. It panics if the operating system has none, for nothing here works without.
#[must_use]
pub fn system_rng() -> Box<dyn CryptoRng + Send> {
    Box::new(UnwrapErr(SysRng))
}

/// Most bytes of a request's body, if nothing else is said.
pub const MAX_BODY: usize = 8 << 20;

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
    pub(crate) offset: Offset,
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
    /// One-time codes that were granted within a day.
    pub(crate) grants: Grants,
    /// Whose looks at others are being recorded.
    pub(crate) access_dedup: AccessDedup,
    /// Which figures may be public.
    pub(crate) figures: Cached<PublicFigures>,
    /// What a person can do in a session.
    pub(crate) actions: Actions,
    /// What `/metrics` shows.
    pub metrics: PrometheusHandle,
    /// Most bytes of a request's body.
    pub(crate) max_body: usize,
    /// The certificate of the ledger's own authority (PEM), if it is served by one.
    pub(crate) authority: Option<PathBuf>,
    /// Memory for the sheets that are read at once.
    pub(crate) sheets: crate::sheet::Budget,
    /// How subscriptions are served.
    pub(crate) feed: subscriptions::Settings,
    /// One permit for each subscription that may be open.
    pub(crate) subscriptions: Arc<Semaphore>,
    pub(crate) ending: watch::Sender<bool>,
    pub(crate) ledger: Actor,
    pub(crate) rng: Mutex<Box<dyn CryptoRng + Send>>,
    pub(crate) node: Mutex<Option<Ledger>>,
    pub(crate) dir: PathBuf,
}

impl App {
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
        self.figures.get(models.as_of(), self.now(), || PublicFigures::of(models))
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

    /// A value from the vault; `None` if there is none or it was erased.
    ///
    /// # Errors
    /// If the vault cannot be read.
    pub fn value(&self, commitment: Option<Commitment>) -> Result<Option<String>, VaultError> {
        let Some(commitment) = commitment else { return Ok(None) };
        Ok(self.vault.get(&commitment)?.map(|value| value.expose().to_owned()))
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
}
