//! The sheets of every week: written as the communities would, put on disk, and read back. Two threads work ahead of the
//! ledger, each on every other week; the weeks come out in order.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use hourbook_ledger::domain::time::Date;

use super::DemoError;
use super::service::{self, WeekSheet};
use super::town::Town;
use crate::sheet::{self, Limits, Sheet, write};

/// Threads that work ahead.
const THREADS: usize = 2;
/// Weeks that each may be ahead.
const AHEAD: usize = 3;

/// A sheet as it was read back.
pub(super) struct ReadSheet {
    pub(super) community: usize,
    pub(super) late: Option<usize>,
    pub(super) sheet: Sheet,
}

type Week = Result<Vec<ReadSheet>, DemoError>;

/// The weeks in order.
pub(super) struct Weeks {
    lanes: Vec<Receiver<Week>>,
    next: usize,
}

/// When the weeks are.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) begin: Date,
    pub(super) first_saturday: Date,
    pub(super) weeks: usize,
}

impl Weeks {
    /// The next week's sheets, by community.
    pub(super) fn next(&mut self) -> Week {
        let lane = &self.lanes[self.next % self.lanes.len()];
        self.next += 1;
        lane.recv().unwrap_or_else(|_| Ok(Vec::new()))
    }
}

/// Starts the threads; they end with the last week, or when nobody takes their weeks any more.
pub(super) fn start<'scope, 'env>(
    scope: &'scope std::thread::Scope<'scope, 'env>,
    town: &'env Town,
    span: Span,
    dir: &'env Path,
) -> Weeks {
    let lane = |at: usize| {
        let (out, lane) = sync_channel(AHEAD);
        scope.spawn(move || work(town, span, dir, at, &out));
        lane
    };
    Weeks { lanes: (0..THREADS).map(lane).collect(), next: 0 }
}

fn work(town: &Town, span: Span, dir: &Path, lane: usize, out: &SyncSender<Week>) {
    for number in (lane..span.weeks).step_by(THREADS) {
        let saturday = span.first_saturday.plus(7 * number as i32);
        let made = service::week(town, number, saturday, span.begin);
        let week = made.into_iter().map(|sheet| by_way_of_disk(town, sheet, saturday, dir)).collect();
        if out.send(week).is_err() {
            return;
        }
    }
}

fn by_way_of_disk(town: &Town, made: WeekSheet, saturday: Date, dir: &Path) -> Result<ReadSheet, DemoError> {
    let WeekSheet { community, rows, late } = made;
    let name = &town.communities[community].name;
    // Most keep workbooks, some plain text, which has no title to say that it is a demo's: the file's name says it of all.
    let (ending, bytes) = match community % 5 {
        4 => ("csv", write::write_csv(&rows)),
        _ => (
            "xlsx",
            write::write_xlsx(&rows, &format!("{name}志愿服务记录表（示范数据）"))
                .map_err(DemoError::Workbook)?,
        ),
    };
    let path = dir.join(format!("示范-{saturday}-{:02}.{ending}", community + 1));
    let io = |source| DemoError::Io { path: path.clone(), source };
    std::fs::write(&path, bytes).map_err(io)?;
    let bytes = std::fs::read(&path).map_err(io)?;
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let sheet = sheet::read(&bytes, &file, &Limits::new(saturday.0)).map_err(DemoError::Sheet)?;
    Ok(ReadSheet { community, late, sheet })
}
