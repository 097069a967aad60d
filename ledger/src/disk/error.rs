//! What a disk did not do.

use std::io;
use std::path::{Path, PathBuf};

/// What the disk did not do.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} {}: {source}", path.display())]
pub struct DiskError {
    /// What was being done.
    pub doing: &'static str,
    /// To which file or directory.
    pub path: PathBuf,
    /// What the system said.
    #[source]
    pub source: io::Error,
}

impl DiskError {
    /// Names what was done to what; for `map_err`.
    pub fn at(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self { doing, path, source }
    }

    /// Whether there is no room, on the disk or within a quota: it may be there again later.
    #[must_use]
    pub fn is_full(&self) -> bool {
        is_full(&self.source)
    }

    /// Whether the file or directory is not there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.source.kind() == io::ErrorKind::NotFound
    }
}

/// What was asked of a file or directory that need not be there.
pub(crate) fn if_there<T>(answer: Result<T, DiskError>) -> Result<Option<T>, DiskError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the process, or the system, has no descriptor left: nothing was done, and others will close theirs.
#[must_use]
pub fn is_short_of_descriptors(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let number = error.raw_os_error();
    [Errno::MFILE, Errno::NFILE].iter().any(|errno| number == Some(errno.raw_os_error()))
}

/// Whether there is no room, on the disk or within a quota.
#[must_use]
pub fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// For those who write through [`io::Write`].
impl From<DiskError> for io::Error {
    fn from(error: DiskError) -> Self {
        Self::new(error.source.kind(), error)
    }
}
