//! A week's hours: sheets imported under the recorder's signature, confirmed by a second person, now and then corrected.

use std::collections::BTreeMap;

use futures::executor::block_on;
use hourbook_ledger::clock::Clock;
use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{ActivityEvent, Body, HoursEvent, Lead, ReportInEvent, Row, Rows};
use hourbook_ledger::domain::ids::{ActivityId, BatchId, EventId, RowKey};
use hourbook_ledger::domain::time::{Date, Interval, Minute};
use serde::Serialize;

use super::founding::is_early;
use super::history::{History, moment};
use super::sheets::ReadSheet;
use super::town::{Member, Town};
use super::{DemoError, ORIGIN};
use crate::imports::{self, ImportContext, Prepared, Recording};

const LATE_REASON: &str = "纸质签到表当时未及时录入，现按签到表补录";
/// Threads that prepare imports.
const THREADS: usize = 2;

/// How large the town has become.
#[derive(Clone, Debug, Default, Serialize, PartialEq, Eq)]
#[allow(missing_docs)] // each is what its name says
pub struct Figures {
    pub communities: usize,
    pub grids: usize,
    pub branches: usize,
    pub units: usize,
    pub teams: usize,
    pub members: usize,
    pub residents: usize,
    pub wishes: usize,
    pub sheets: usize,
    pub rows: usize,
    pub minutes: u64,
    pub activities: usize,
    /// Events on the log.
    pub events: u64,
}

/// A recording that waits for its confirmation.
struct Waiting {
    community: usize,
    recorded: EventId,
    /// The first row, for those that will be corrected.
    first: Option<Interval>,
}

/// Where the links of the demo sign in, some work is left over.
pub(super) const DESK: usize = 0;

/// The weekly work with hours.
pub(super) struct Hours<'a> {
    town: &'a Town,
    watch: &'a dyn Clock,
    waiting: Vec<Waiting>,
    confirmed: Vec<Waiting>,
    /// Confirmed in the first community, to be corrected at the end.
    doubtful: Option<EventId>,
    /// Sheets that are handed in late, by week.
    late: BTreeMap<usize, Vec<ReadSheet>>,
    /// What the imports came to.
    pub(super) tally: Figures,
    pub(super) took: Vec<(&'static str, i64)>,
}

impl<'a> Hours<'a> {
    pub(super) fn new(town: &'a Town, watch: &'a dyn Clock) -> Self {
        Self {
            town,
            watch,
            waiting: Vec::new(),
            confirmed: Vec::new(),
            doubtful: None,
            late: BTreeMap::new(),
            tally: Figures::default(),
            took: vec![("prepare imports", 0), ("sign imports", 0)],
        }
    }

    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Notes recordings that were not imported, to be confirmed with the others.
    pub(super) fn note(&mut self, recorded: Vec<(usize, EventId)>) {
        let waits = |(community, recorded)| Waiting { community, recorded, first: None };
        self.waiting.extend(recorded.into_iter().map(waits));
    }

    /// Imports the sheets of a week, and those of earlier weeks that come in now.
    pub(super) fn import(
        &mut self,
        history: &mut History<'_>,
        week: usize,
        sheets: Vec<ReadSheet>,
    ) -> Result<(), DemoError> {
        let mut today = self.late.remove(&week).unwrap_or_default();
        for sheet in sheets {
            match sheet.late {
                Some(weeks) => self.late.entry(week + weeks).or_default().push(sheet),
                None => today.push(sheet),
            }
        }
        let started = self.watch.now().0;
        let prepared = self.prepare(history, week, &today);
        let ready = self.watch.now().0;
        for (sheet, prepared) in today.iter().zip(prepared) {
            self.sign_and_send(history, sheet.community, prepared?)?;
        }
        self.took[0].1 += ready - started;
        self.took[1].1 += self.watch.now().0 - ready;
        Ok(())
    }

    /// Every sheet has random numbers of its own, so it makes no difference which thread prepares it.
    fn prepare(
        &self,
        history: &History<'_>,
        week: usize,
        sheets: &[ReadSheet],
    ) -> Vec<Result<Prepared, DemoError>> {
        let (town, node, now) = (self.town, history.node, history.submitter.now);
        let ledger = ImportContext { handle: &node.handle, vault: &node.vault, now };
        let one = |(at, sheet): (usize, &ReadSheet)| {
            let community = &town.communities[sheet.community];
            let actor = community.recorder.actor();
            let recording = Recording {
                ledger: ORIGIN,
                recorder: actor.person,
                signer: actor.key_id(),
                org: community.id,
                named: None,
                late_reason: sheet.late.map(|_| LATE_REASON),
            };
            let mut dice = town.seeds.dice("import", (week * 64 + at) as u64);
            Ok(block_on(imports::prepare(&sheet.sheet, recording, ledger, dice.rng()))?)
        };
        let numbered: Vec<(usize, &ReadSheet)> = sheets.iter().enumerate().collect();
        let share = numbered.len().div_ceil(THREADS).max(1);
        std::thread::scope(|scope| {
            let work = |part: &'_ [(usize, &'_ ReadSheet)]| part.iter().map(|s| one(*s)).collect::<Vec<_>>();
            let threads: Vec<_> =
                numbered.chunks(share).map(|part| scope.spawn(move || work(part))).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("preparing does not panic")).collect()
        })
    }

    fn sign_and_send(
        &mut self,
        history: &mut History<'_>,
        community: usize,
        prepared: Prepared,
    ) -> Result<(), DemoError> {
        let actor = self.town.communities[community].recorder.actor();
        let Prepared { batches, summary, .. } = prepared;
        self.tally.sheets += 1;
        self.tally.rows += summary.rows - summary.known_rows;
        self.tally.minutes += summary.minutes;
        self.tally.activities += summary.new_activities;
        for events in batches {
            for event in events.iter().map(|unsigned| &unsigned.event) {
                if let Body::Hours(HoursEvent::Recorded { rows, .. }) = &event.body {
                    let first = rows.first().map(|row| row.interval);
                    self.waiting.push(Waiting { community, recorded: event.id, first });
                }
            }
            history.submitter.send(&actor, events)?;
        }
        Ok(())
    }

    /// A second person of each community confirms what waits; on the `last` evening that of the first community does not get
    /// round to it.
    pub(super) fn confirm(&mut self, history: &mut History<'_>, last: bool) -> Result<(), DemoError> {
        let (later, now) =
            std::mem::take(&mut self.waiting).into_iter().partition(|w| last && w.community == DESK);
        self.waiting = later;
        self.confirmed = now;
        let known = self.confirmed.iter().find(|w| w.community == DESK && w.first.is_some());
        self.doubtful = known.map(|w| w.recorded).or(self.doubtful);
        for waiting in &self.confirmed {
            let confirmer = self.town.communities[waiting.community].confirmer.actor();
            let body = Body::Hours(HoursEvent::Confirmed { recorded: waiting.recorded, rows: Rows::All });
            history.submitter.write(&confirmer, body)?;
        }
        Ok(())
    }

    /// What else waits at the end in the first community: hours that the second worker recorded, a correction for which nobody
    /// stands yet, and a member who reports in once more.
    pub(super) fn leave_over(&self, history: &mut History<'_>, today: Date) -> Result<(), DemoError> {
        let community = &self.town.communities[DESK];
        let (first, second) = (community.recorder.actor(), community.confirmer.actor());
        let Some(member) = community.members.iter().find(|member| is_early(member)) else { return Ok(()) };
        let submitter = &mut history.submitter;
        let activity = ActivityId(self.town.seeds.id("activity", u64::MAX));
        let title = submitter.seal(activity.0, Field::Title, "楼道小广告清理")?;
        let body = Body::Activity(ActivityEvent::Planned {
            activity,
            org: community.id,
            category: "cleaning".to_owned(),
            title: title.commitment(),
            place: None,
            content: None,
            lead: Lead::Person(second.person),
        });
        submitter.write_with(&second, body, vec![title])?;
        let at = |minute| moment(today, minute).minute();
        let interval = Interval { start: at(9 * 60), end: at(10 * 60 + 30) };
        let rows = community.members.iter().filter(|member| is_early(member)).take(5);
        let row =
            |member: &Member| Row { key: RowKey(submitter.dice.bytes()), person: member.person.id, interval };
        let rows = rows.map(row).collect();
        let batch = BatchId(submitter.dice.bytes());
        submitter.write(&second, Body::recorded(batch, community.id, activity, rows))?;
        if let Some(recorded) = self.doubtful {
            let reason = submitter.seal(recorded.0, Field::Reason, "本人来电：当天没有参加")?;
            let body =
                HoursEvent::Corrected { recorded, row: 0, replacement: None, reason: reason.commitment() };
            submitter.write_with(&community.lead.actor(), Body::Hours(body), vec![reason])?;
        }
        let (person, community) = (member.person.id, member.person.home);
        submitter.write(&first, Body::ReportIn(ReportInEvent::Ended { person, community, on: today }))?;
        submitter.write(&first, Body::ReportIn(ReportInEvent::Filed { person, community }))?;
        Ok(())
    }

    /// Now and then a time was written down wrongly: the lead corrects it, and it is confirmed anew.
    pub(super) fn correct(&mut self, history: &mut History<'_>) -> Result<(), DemoError> {
        if self.confirmed.is_empty() || !history.submitter.dice.chance(350) {
            return Ok(());
        }
        let at = history.submitter.dice.below(self.confirmed.len());
        let Waiting { community, recorded, first } = self.confirmed.swap_remove(at);
        let community = &self.town.communities[community];
        let Some(interval) = first else { return Ok(()) };
        let wrong = history.submitter.dice.chance(150);
        let shorter = Interval { start: interval.start, end: Minute(interval.end.0 - 10) };
        let replacement = Some(shorter).filter(|shorter| !wrong && shorter.minutes() > 0);
        let words = if replacement.is_some() {
            "结束时间多记了 10 分钟"
        } else {
            "当天临时有事，没有参加"
        };
        let reason = history.submitter.seal(recorded.0, Field::Reason, words)?;
        let body =
            Body::Hours(HoursEvent::Corrected { recorded, row: 0, replacement, reason: reason.commitment() });
        let lead = community.lead.actor();
        let correction = history.submitter.write_with(&lead, body, vec![reason])?;
        history.submitter.approve(&community.recorder.actor(), correction)?;
        if replacement.is_some() {
            let body = Body::Hours(HoursEvent::Confirmed { recorded: correction, rows: Rows::All });
            history.submitter.write(&community.confirmer.actor(), body)?;
        }
        Ok(())
    }
}
