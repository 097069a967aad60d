//! Following the log: first what is there, then what comes.
//!
//! There is one way for both, reading the published log from a cursor on, so nothing can be lost or come twice between
//! them; that the log grew is only a hint to look. What a reader has not taken yet waits in a bounded queue. If it is
//! full and the reader takes nothing for too long, the subscription ends and says where to go on.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_stream::Stream;

use super::entry::{Logged, admit};
use super::filter::Filter;
use super::page::passes;
use crate::auth::session::is_good;
use crate::auth::token::Session;
use crate::http::subscriptions::Settings;
use crate::problem::{Fault, Problem};
use crate::state::App;

/// Entries read, and looked at, in one go: at most 4 MiB.
const AT_A_TIME: usize = 64;

/// One step of a subscription.
#[derive(Clone, Debug)]
pub enum Step {
    /// An entry that is wanted.
    Entry(Logged),
    /// All below this position was sent or is not wanted, and there is nothing more just now.
    CaughtUp(u64),
}

/// Why the server ended a subscription, and where to go on.
#[derive(Clone, Debug)]
pub struct End {
    /// Why.
    pub problem: Problem,
    /// The position of the first entry that was not sent.
    pub resume_from: u64,
}

/// A subscription: steps, and an end if it is the server that ends it. Dropping it ends it too.
pub struct Subscription {
    steps: mpsc::Receiver<Step>,
    end: Option<oneshot::Receiver<End>>,
}

impl Stream for Subscription {
    type Item = Result<Step, End>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(step) = std::task::ready!(self.steps.poll_recv(cx)) {
            return Poll::Ready(Some(Ok(step)));
        }
        let Some(end) = self.end.as_mut() else { return Poll::Ready(None) };
        let end = std::task::ready!(Pin::new(end).poll(cx));
        self.end = None;
        Poll::Ready(end.ok().map(Err))
    }
}

/// Follows the log from a position on, until a moment if one is given.
///
/// # Errors
/// [`Fault::SignInRequired`], [`Fault::AuditorsOnly`], [`Fault::PositionAhead`] beyond the end of the log,
/// [`Fault::Busy`] if there are too many subscriptions, [`Fault::Ending`].
pub async fn follow(
    app: &Arc<App>,
    session: Option<Session>,
    from: u64,
    filter: Filter,
    until: Option<Instant>,
) -> Result<Subscription, Problem> {
    let session = admit(app, session).await?;
    let size = app.reader.head().size;
    if from > size {
        return Err(Fault::PositionAhead.because(format_args!("the log has {size} entries")));
    }
    let ending = app.ending();
    if *ending.borrow() {
        return Err(Fault::Ending.into());
    }
    let permit = app.subscriptions.clone().try_acquire_owned();
    let permit = permit.map_err(|_| Fault::Busy.because("too many subscriptions"))?;
    let settings = app.feed;
    let (sender, steps) = mpsc::channel(settings.queue);
    let (tell, end) = oneshot::channel();
    let mut follower = Follower { app: app.clone(), session, filter, settings, sender, next: from };
    metrics::gauge!("hourbook_subscriptions").increment(1.0);
    tokio::spawn(async move {
        let ended = follower.run(ending, until).await;
        if let Some(problem) = ended {
            metrics::counter!("hourbook_subscriptions_ended_total", "code" => problem.code()).increment(1);
            let _ = tell.send(End { problem, resume_from: follower.next });
        }
        metrics::gauge!("hourbook_subscriptions").decrement(1.0);
        drop(permit);
    });
    Ok(Subscription { steps, end: Some(end) })
}

struct Follower {
    app: Arc<App>,
    session: Session,
    filter: Filter,
    settings: Settings,
    sender: mpsc::Sender<Step>,
    /// The first position that was not sent.
    next: u64,
}

/// Why a follower stops, which the reader is told; nothing if the reader has gone.
type Stop = Option<Problem>;

impl Follower {
    /// Sends until something ends it; the reason, unless the reader itself has gone.
    async fn run(&mut self, mut ending: watch::Receiver<bool>, until: Option<Instant>) -> Stop {
        let gone = self.sender.clone();
        tokio::select! {
            stop = self.send_all() => stop,
            () = gone.closed() => None,
            _ = ending.wait_for(|ending| *ending) => Some(Fault::Ending.into()),
            () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => Some(Fault::TimedOut.into()),
        }
    }

    async fn send_all(&mut self) -> Stop {
        let mut grown = self.app.read.cursor();
        loop {
            // Seen before the log is read: what comes meanwhile wakes the wait below.
            grown.borrow_and_update();
            if let Err(stop) = self.catch_up().await {
                return stop;
            }
            match timeout(self.settings.heartbeat, grown.changed()).await {
                Ok(Ok(())) | Err(_) => {}
                Ok(Err(_)) => return Some(Fault::Ending.into()),
            }
        }
    }

    /// Sends what the log has, then that there is no more.
    async fn catch_up(&mut self) -> Result<(), Stop> {
        loop {
            self.still_admitted().await?;
            let read = self.read().await?;
            if read.is_empty() {
                return self.send(Step::CaughtUp(self.next)).await;
            }
            for (logged, wanted) in read {
                let position = logged.position;
                if wanted {
                    self.send(Step::Entry(logged)).await?;
                }
                self.next = position + 1;
            }
        }
    }

    /// The next entries with whether they are wanted; none at the end of the log.
    async fn read(&self) -> Result<Vec<(Logged, bool)>, Stop> {
        let (log, filter, next) = (self.app.reader.clone(), self.filter.clone(), self.next);
        let read = move || -> Result<Vec<(Logged, bool)>, Problem> {
            let entries = log.read(next, AT_A_TIME)?.into_iter();
            let judged = entries.map(|(position, bytes)| {
                let logged = Logged { position, bytes };
                passes(&filter, &logged).map(|wanted| (logged, wanted))
            });
            judged.collect()
        };
        let read = tokio::task::spawn_blocking(read).await;
        Ok(read.map_err(|error| Problem::internal(&error))??)
    }

    /// Sessions end and roles are taken away while someone follows.
    async fn still_admitted(&self) -> Result<(), Stop> {
        if !is_good(&self.app, &self.session) {
            return Err(Some(Fault::SessionOver.into()));
        }
        admit(&self.app, Some(self.session)).await?;
        Ok(())
    }

    async fn send(&self, step: Step) -> Result<(), Stop> {
        match timeout(self.settings.patience, self.sender.send(step)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(None),
            Err(_) => Err(Some(Fault::SlowReader.into())),
        }
    }
}
