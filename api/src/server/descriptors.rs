//! How many files the process may have open at once, and how many of them connections may take.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Kept back from connections: for the journal, the store, the vault, backups and the runtime itself.
const KEPT_BACK: u64 = 128;
/// Connections at once where there is room for them.
const USUAL: usize = 4_096;
/// A server that serves nobody is of no use, however little room there is.
const LEAST: usize = 16;

/// Raises the limit of open files to as many as the system allows this process, and answers it.
pub(crate) fn raise() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
    {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// How many connections there may be under a limit of open files: as many as asked for, or the usual number, as far as
/// there is room.
pub(crate) fn connections(limit: u64, asked: Option<u32>) -> usize {
    let room = usize::try_from(limit.saturating_sub(KEPT_BACK)).unwrap_or(usize::MAX).max(LEAST);
    let wanted = asked.map_or(USUAL, |asked| asked as usize);
    if asked.is_some() && wanted > room {
        tracing::warn!(limit, wanted, room, "the limit of open files leaves room for fewer connections");
    }
    wanted.min(room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_room_for_what_the_ledger_itself_opens() {
        for (limit, asked, expected) in [
            (1 << 20, None, 4_096),
            (1_024, None, 896),
            (256, None, 128),
            (64, None, 16),
            (256, Some(100), 100),
            (256, Some(10_000), 128),
            (u64::MAX, Some(1_000_000), 1_000_000),
        ] {
            assert_eq!(connections(limit, asked), expected, "{limit} {asked:?}");
        }
    }
}
