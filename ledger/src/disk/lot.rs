//! Room in a file for what is still to be written to it.
//!
//! A write that finds the disk full may leave a part of itself. So whoever must not fail half way asks for room first:
//! the file system sets it aside, or says no before anything was done.

use std::sync::Arc;

use parking_lot::Mutex;

use super::error::DiskError;
use super::files::DiskFile;

/// Bytes that are set aside at once, where there are so many: to ask is a change of the file system's own records.
const STEP: u64 = 1 << 20;

/// A file that grows, and the room in it.
pub(crate) struct Lot {
    /// Room beyond what anybody asked for: for what whoever writes adds to it.
    slack: u64,
    state: Mutex<State>,
}

struct State {
    file: Arc<DiskFile>,
    /// Where what was written ends.
    end: u64,
    /// Up to where room is set aside.
    reach: u64,
    /// Bytes that may still come, as was promised to those who asked.
    promised: u64,
}

impl State {
    /// Sets room aside up to `wanted`, and some more if there is.
    fn extend(&mut self, wanted: u64) -> Result<(), DiskError> {
        if wanted <= self.reach {
            return Ok(());
        }
        let generous = wanted.next_multiple_of(STEP);
        let reach = match self.file.reserve(self.end..generous) {
            Err(error) if error.is_full() => {
                self.file.reserve(self.end..wanted)?;
                wanted
            }
            reserved => reserved.map(|()| generous)?,
        };
        self.reach = reach;
        Ok(())
    }
}

impl Lot {
    /// A file that was written up to `end`.
    pub(crate) fn new(file: Arc<DiskFile>, end: u64, slack: u64) -> Self {
        Self { slack, state: Mutex::new(State { file, end, reach: end, promised: 0 }) }
    }

    /// Promises room for so many bytes more than before.
    ///
    /// # Errors
    /// Of the file system, [`DiskError::is_full`] among them; then nothing is promised.
    pub(crate) fn promise(&self, bytes: u64) -> Result<(), DiskError> {
        let mut state = self.state.lock();
        let wanted = state.end + state.promised + bytes + self.slack;
        state.extend(wanted)?;
        state.promised += bytes;
        Ok(())
    }

    /// Takes a promise back: what it was for has been written, or will not be.
    pub(crate) fn give_back(&self, bytes: u64) {
        let mut state = self.state.lock();
        state.promised = state.promised.saturating_sub(bytes);
    }

    /// Makes sure of room for so many bytes to be written next, promised or not.
    ///
    /// # Errors
    /// As [`Lot::promise`].
    pub(crate) fn make_room(&self, bytes: u64) -> Result<(), DiskError> {
        let mut state = self.state.lock();
        let wanted = state.end + bytes + self.slack;
        state.extend(wanted)
    }

    /// What was written ends here now.
    pub(crate) fn advance(&self, end: u64) {
        let mut state = self.state.lock();
        state.end = end;
        state.reach = state.reach.max(end);
    }

    /// Goes on in another file, in which there must be room for all that was promised.
    ///
    /// # Errors
    /// As [`Lot::promise`]; then it goes on in the present file.
    pub(crate) fn move_to(&self, file: Arc<DiskFile>, end: u64) -> Result<(), DiskError> {
        let mut state = self.state.lock();
        let mut next = State { file, end, reach: end, promised: state.promised };
        next.extend(end + next.promised + self.slack)?;
        *state = next;
        Ok(())
    }
}
