//! Published lists in an audit: each is drawn up again from read models of the audit's own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, sync_channel};

use hourbook_ledger::audit::{self, Finding, Kind, Options, Report, Source, SourceError};
use hourbook_ledger::follower::LoggedEvent;
use hourbook_projections::Models;

/// Chunks that the models may be behind the rules.
const BEHIND: usize = 8;

/// Audits a ledger from its beginning, its published lists included.
pub(super) fn audit_with_lists(source: &dyn Source, options: Options<'_>) -> Result<Report, SourceError> {
    std::thread::scope(|scope| {
        let (told, events) = sync_channel(BEHIND);
        let folding = scope.spawn(move || fold(events));
        // A thread that has given up is asked why at the end.
        let tell = |events| drop(told.send(events));
        let audited = audit::audit(source, &Options { tell: Some(&tell), ..options });
        drop(told);
        let models = folding.join().ok().flatten();
        audited.map(|report| check(report, models.as_ref()))
    })
}

/// Models of all events; none if an event that the rules should have refused is more than they can take.
fn fold(events: Receiver<Vec<LoggedEvent>>) -> Option<Models> {
    catch_unwind(AssertUnwindSafe(|| {
        let mut models = Models::default();
        events.into_iter().flatten().for_each(|event| models.fold(&event));
        models
    }))
    .ok()
}

fn check(mut report: Report, models: Option<&Models>) -> Report {
    if report.rules_stopped.is_some() {
        return report;
    }
    let Some(models) = models else {
        report.findings.add(Finding::whole(Kind::ListDiffers, "the read models cannot follow this log"));
        return report;
    };
    for list in models.lists.published() {
        report.counts.lists += 1;
        if !models.reproduces(list) {
            let what = format!("{} of organisation {}, cut-off {}", list.period, list.scope, list.cutoff);
            report.findings.add(Finding::at(list.act.position, Kind::ListDiffers, what));
        }
    }
    report
}
