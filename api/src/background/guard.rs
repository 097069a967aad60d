//! The newest checkpoint, kept outside the ledger's disk.
//!
//! A disk that is rolled back takes everything on it along, a note of the newest head included; so there is no default
//! place for one. Whoever can give a file on another disk or another machine gets a guard that needs no care: it is
//! written a second after the log has grown and at an orderly end, and looked at before each start.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use hourbook_ledger::engine::LogReader;

use crate::state::App;

const PAUSE: Duration = Duration::from_secs(1);

/// Keeps the file at the newest checkpoint for as long as the application lives.
pub(crate) fn keep(app: &Arc<App>, file: &Path) {
    tokio::spawn(follow(Arc::downgrade(app), file.to_owned()));
}

async fn follow(app: Weak<App>, file: PathBuf) {
    let mut written = None;
    loop {
        let Some(app) = app.upgrade().filter(|app| !app.is_ending()) else { return };
        let (reader, path) = (app.reader.clone(), file.clone());
        drop(app);
        if written != Some(reader.head().size) {
            let size = reader.head().size;
            let done = tokio::task::spawn_blocking(move || write(&*reader, &path)).await;
            match done {
                Ok(Ok(())) => written = Some(size),
                Ok(Err(error)) => {
                    tracing::error!(file = %file.display(), %error, "the guard cannot be written")
                }
                Err(_) => return,
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Writes the newest checkpoint.
pub(crate) fn write(reader: &dyn LogReader, file: &Path) -> io::Result<()> {
    replace(file, &reader.head().checkpoint)
}

/// Writes a file in place of one that may be there: the old one or the new one is there at any time, whole.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let mut file = File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}
