//! The way to a running server for whoever may touch its directory: a socket in it, for the owner alone. The log is
//! locked while the server runs, so what needs the log goes through here.
//!
//! A request is one line of JSON; the answer is lines of JSON, progress first, the outcome last.

use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use hourbook_ledger::sequencer::SubmitError;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;

use super::backup::{self, Order, Report, Trouble};
use crate::state::App;

/// The socket's name in the ledger's directory.
const NAME: &str = "control.sock";
/// The longest request.
const MAX_REQUEST: u64 = 1 << 20;

/// What can be asked for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Request {
    /// A backup.
    Backup(Order),
    /// The newest signed checkpoint.
    Checkpoint,
    /// The clock is right, on the word of whoever operates the server.
    AcceptClock,
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reply {
    /// So much of so much is done.
    Progress(u64, u64),
    /// A backup was made.
    Done(Report),
    /// The signed checkpoint, and the key that verifies it.
    Checkpoint {
        /// The note.
        note: String,
        /// The key.
        vkey: String,
    },
    /// Recorded time goes on from where the clock is.
    ClockAccepted,
    /// It was not done.
    Failed(Trouble),
}

/// The socket's path by way of an open directory: a socket's address has room for about 100 bytes only.
fn short(dir: &std::fs::File) -> PathBuf {
    Path::new("/proc/self/fd").join(dir.as_raw_fd().to_string()).join(NAME)
}

/// Listens until the application is dropped. Whoever opened the ledger has its lock: a socket that is there is old.
pub(crate) fn listen(app: &Arc<App>, dir: &Path) {
    let bound = std::fs::File::open(dir).and_then(|opened| {
        match std::fs::remove_file(dir.join(NAME)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(short(&opened))?;
        std::fs::set_permissions(dir.join(NAME), std::fs::Permissions::from_mode(0o600))?;
        Ok((listener, std::fs::metadata(dir.join(NAME))?.uid()))
    });
    match bound {
        Ok((listener, owner)) => {
            drop(tokio::spawn(accept(Arc::downgrade(app), dir.to_owned(), listener, owner)))
        }
        Err(error) => {
            tracing::warn!(%error, "no control socket: the ledger cannot be backed up while it runs")
        }
    }
}

/// Removes the socket at the end.
pub(crate) fn remove(dir: &Path) {
    let _ = std::fs::remove_file(dir.join(NAME));
}

async fn accept(app: Weak<App>, dir: PathBuf, listener: UnixListener, owner: u32) {
    while let Ok((stream, _)) = listener.accept().await {
        // Between binding and the change of its mode the socket may have let others in.
        let is_owner = stream.peer_cred().is_ok_and(|peer| peer.uid() == owner || peer.uid() == 0);
        if is_owner {
            tokio::spawn(serve(app.clone(), dir.clone(), stream));
        }
    }
}

async fn serve(app: Weak<App>, dir: PathBuf, stream: UnixStream) {
    let (reading, mut writing) = stream.into_split();
    let mut line = String::new();
    if BufReader::new(reading.take(MAX_REQUEST)).read_line(&mut line).await.is_err() {
        return;
    }
    let (tell, mut told) = mpsc::unbounded_channel();
    let Some(app) = app.upgrade() else { return };
    let working = tokio::task::spawn_blocking(move || answer(&app, &dir, &line, &tell));
    while let Some(reply) = told.recv().await {
        let mut line = serde_json::to_vec(&reply).expect("a reply is plain data");
        line.push(b'\n');
        // Whoever asked has gone: the work goes on all the same, and is not told.
        let _ = writing.write_all(&line).await;
    }
    let _ = working.await;
}

fn answer(app: &App, dir: &Path, line: &str, tell: &mpsc::UnboundedSender<Reply>) {
    let say = |reply| drop(tell.send(reply));
    match serde_json::from_str(line) {
        Ok(Request::Backup(order)) => {
            let last = std::cell::Cell::new(u64::MAX);
            let watch = |done: u64, all: u64| {
                let percent = done * 100 / all.max(1);
                if last.replace(percent) != percent {
                    say(Reply::Progress(done, all));
                }
                !app.is_ending()
            };
            let done = backup::carry_out(&app.source(), dir, &order, &*app.clock, &watch);
            say(done.map_or_else(Reply::Failed, Reply::Done));
        }
        Ok(Request::Checkpoint) => {
            let note = String::from_utf8_lossy(&app.reader.head().checkpoint).into_owned();
            say(Reply::Checkpoint { note, vkey: app.log_key.to_string() });
        }
        Ok(Request::AcceptClock) => {
            let accepted = tokio::runtime::Handle::current().block_on(app.handle.accept_clock());
            say(match accepted {
                Ok(()) => Reply::ClockAccepted,
                Err(SubmitError::Clock(fault)) => {
                    Reply::Failed(Trouble { zh: format!("{}。", fault.zh()), en: format!("{fault}.") })
                }
                Err(error) => {
                    Reply::Failed(Trouble { zh: format!("账簿已停止：{error}"), en: error.to_string() })
                }
            });
        }
        Err(error) => say(Reply::Failed(Trouble {
            zh: "服务器不认识这个请求：它与命令的版本不同。".to_owned(),
            en: format!("the server does not know this request, its version is another: {error}"),
        })),
    }
}

/// Asks the server that runs on a directory; `None` if none does. Progress is shown to `watch`.
pub(crate) fn ask(dir: &Path, request: &Request, watch: impl Fn(u64, u64)) -> io::Result<Option<Reply>> {
    use std::io::{BufRead as _, Write as _};
    use std::os::unix::net::UnixStream;
    let opened = match std::fs::File::open(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut stream = match UnixStream::connect(short(&opened)) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        stream => stream?,
    };
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    for line in io::BufReader::new(stream).lines() {
        match serde_json::from_str(&line?)? {
            Reply::Progress(done, all) => watch(done, all),
            last => return Ok(Some(last)),
        }
    }
    Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server ended before it was done"))
}
