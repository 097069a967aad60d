//! Pages of a stream or of the whole log. All of it waits for storage: for threads that may.

use std::ops::Range;

use hourbook_ledger::domain::event::Stream;
use hourbook_ledger::engine::{LogReader, Order};
use hourbook_ledger::streams::StreamReader;

use super::entry::{Logged, unreadable};
use super::filter::Filter;
use crate::problem::Problem;

/// Most events of a page.
pub const MAX_PAGE: usize = 1_000;
/// A page ends once it has so many bytes: less than a client takes by default (4 MiB) with one entry more.
const PAGE_BYTES: usize = 1 << 20;
/// Entries that are looked at for one page at most, so that a filter that nothing passes ends.
const LOOKED_AT: u64 = 65_536;
/// Entries read in one go.
const AT_A_TIME: u64 = 256;

/// A page.
#[derive(Debug)]
pub struct Page {
    /// In the order asked for.
    pub entries: Vec<Logged>,
    /// Where the next page begins; none at the end.
    pub next: Option<u64>,
    /// The number of entries that the answer rests on.
    pub as_of: u64,
}

/// Events of one stream from a revision on, that one included.
///
/// # Errors
/// If the log cannot be read.
pub fn of_stream(
    log: &dyn LogReader,
    stream: Stream,
    order: Order,
    from: Option<u64>,
    limit: usize,
) -> Result<Page, Problem> {
    let as_of = log.head().size;
    let mut reader = match from {
        Some(revision) => StreamReader::from_revision(log, stream, revision, order),
        None => StreamReader::new(log, stream, order),
    };
    let (mut entries, mut bytes) = (Vec::new(), 0);
    loop {
        // Read one by one: how much fits is known only then.
        let Some(found) = reader.next(1).map_err(|error| Problem::internal(&error))?.pop() else {
            return Ok(Page { entries, next: None, as_of });
        };
        if entries.len() == limit || bytes >= PAGE_BYTES {
            return Ok(Page { entries, next: Some(found.entry.revision), as_of });
        }
        let position = found.entry.position;
        let entry = log.entry(position)?.ok_or_else(|| unreadable(position, &"it is not there"))?;
        bytes += entry.len();
        entries.push(Logged { position, bytes: entry });
    }
}

/// Events of the whole log from a position on, that one included, as far as they pass a filter.
///
/// # Errors
/// If the log cannot be read.
pub fn of_log(
    log: &dyn LogReader,
    filter: &Filter,
    order: Order,
    from: Option<u64>,
    limit: usize,
) -> Result<Page, Problem> {
    let as_of = log.head().size;
    let mut left = match order {
        Order::Forward => from.unwrap_or(0).min(as_of)..as_of,
        Order::Backward => 0..from.map_or(as_of, |from| from.saturating_add(1).min(as_of)),
    };
    let floor = left.end.saturating_sub(left.start).saturating_sub(LOOKED_AT);
    let (mut entries, mut bytes) = (Vec::new(), 0);
    while left.end - left.start > floor {
        for logged in take(log, &mut left.clone(), order)? {
            if entries.len() == limit || bytes >= PAGE_BYTES {
                return Ok(Page { entries, next: Some(logged.position), as_of });
            }
            match order {
                Order::Forward => left.start = logged.position + 1,
                Order::Backward => left.end = logged.position,
            }
            if passes(filter, &logged)? {
                bytes += logged.bytes.len();
                entries.push(logged);
            }
        }
    }
    let next = match order {
        Order::Forward => left.start,
        Order::Backward => left.end.saturating_sub(1),
    };
    Ok(Page { entries, next: (!left.is_empty()).then_some(next), as_of })
}

/// The next few entries of a range that is not empty, from the end that comes first.
fn take(log: &dyn LogReader, left: &mut Range<u64>, order: Order) -> Result<Vec<Logged>, Problem> {
    let count = AT_A_TIME.min(left.end - left.start);
    let first = match order {
        Order::Forward => left.start,
        Order::Backward => left.end - count,
    };
    let read = log.read(first, count as usize)?;
    let mut entries: Vec<Logged> =
        read.into_iter().map(|(position, bytes)| Logged { position, bytes }).collect();
    if entries.is_empty() {
        return Err(unreadable(first, &"it is not there"));
    }
    if order == Order::Backward {
        entries.reverse();
    }
    Ok(entries)
}

/// Whether an entry is wanted. It is decoded only if there is something to ask.
pub(super) fn passes(filter: &Filter, logged: &Logged) -> Result<bool, Problem> {
    if filter.is_empty() {
        return Ok(true);
    }
    let (_, event) = logged.decode().map_err(|error| unreadable(logged.position, &error))?;
    Ok(filter.wants(&event))
}
