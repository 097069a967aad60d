//! Builds the town day by day. The clock stands still while a day's events are written and moves when all are durable,
//! so that the log depends on the seed alone.

use std::sync::Arc;

use chacha20::ChaCha20Rng;
use futures::executor::block_on;
use getrandom::SysRng;
use hourbook_ledger::clock::ManualClock;
use hourbook_ledger::domain::event::{FounderKey, OrgKind};
use hourbook_ledger::domain::ids::PublicKey;
use hourbook_ledger::domain::time::{Date, Millis, Offset};
use hourbook_ledger::node::{self, NewLedger, Node, NodeOptions};
use hourbook_ledger::vault::Vault;
use hourbook_projections::ReadSide;
use rand_core::SeedableRng as _;
use serde::Serialize;

use super::codes::{self, Code};
use super::dice::Seeds;
use super::lists;
use super::pen::Pen;
use super::rolls::Rolls;
use super::sheets::{self, Span};
use super::town::Town;
use super::week::{Hours, Tally};
use super::{DemoError, LEAST, ORIGIN, Options, founding, wishes};

/// The ledger's distance from UTC.
pub(super) const OFFSET: Offset = Offset(480);
/// Days from the founding, a Monday, to the first service day.
const SETTING_UP: i32 = 12;

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

/// What was built.
#[derive(Clone, Debug)]
pub struct Built {
    /// How large it is.
    pub figures: Figures,
    /// The root of the log's tree.
    pub root: [u8; 32],
    /// Codes to sign in with.
    pub codes: Vec<Code>,
    /// Where the time went: a part and its milliseconds.
    pub took: Vec<(&'static str, i64)>,
}

/// The moment of a local date and minute.
pub(super) fn moment(date: Date, minute: i64) -> Millis {
    Millis((date.start(OFFSET).0 + minute) * 60_000)
}

/// Builds the town in an empty directory.
///
/// # Errors
/// [`DemoError`].
pub fn build(options: &Options<'_>) -> Result<Built, DemoError> {
    let seeds = Seeds(options.seed);
    let weeks = options.weeks.max(1);
    let first_saturday = options.until.plus(-7 * (weeks as i32 - 1));
    let span = Span { begin: first_saturday.plus(-SETTING_UP), first_saturday, weeks };
    let started = options.watch.now();
    let town = Town::draw(seeds, ORIGIN, options.people.max(LEAST));
    let clock = Arc::new(ManualClock::at(moment(span.begin, 9 * 60)));
    let read = ReadSide::new();
    let node = open(options, &town, &clock, &read)?;
    let founder = town.founders[0].actor(ORIGIN);
    let begin = moment(span.begin, 9 * 60);
    node.adopt_newest_rules(&founder, begin, &mut seeds.dice("rules", 0).into_rng())?;
    let pen = Pen::new(node.handle.clone(), node.ledger.clone(), seeds.dice("pen", 0), begin);
    let mut history = History { town: &town, node: &node, clock: &clock, read, pen, span };
    let told = std::thread::scope(|scope| {
        let mut weeks = sheets::start(scope, &town, span, options.sheets);
        let mut hours = Hours::new(&town, options.watch);
        history.tell(&mut weeks, &mut hours, options.progress)?;
        let codes = codes::grant(&mut history.pen, &town)?;
        Ok::<_, DemoError>((hours.tally, hours.took, codes))
    });
    let head = node.reader.head();
    drop(history);
    node.close();
    let (tally, mut took, codes) = told?;
    codes::write_keys(&town, options.data)?;
    took.push(("total", options.watch.now().0 - started.0));
    Ok(Built { figures: figures(&town, &tally, head.size), root: head.root, codes, took })
}

fn open(
    options: &Options<'_>,
    town: &Town,
    clock: &Arc<ManualClock>,
    read: &ReadSide,
) -> Result<Node, DemoError> {
    let seeds = Seeds(options.seed);
    let node_options = |use_: &str| -> NodeOptions {
        let vault_rng = ChaCha20Rng::try_from_rng(&mut SysRng).expect("the system has random numbers");
        NodeOptions::new(clock.clone(), seeds.dice(use_, 0).into_rng(), Box::new(vault_rng))
    };
    let second = &town.founders[1];
    let new = NewLedger {
        origin: ORIGIN.parse().expect("the demo's origin is one"),
        offset: OFFSET,
        founder: town.founders[0].actor(ORIGIN),
        second: FounderKey { person: second.id, key: PublicKey(second.actor(ORIGIN).public_key().0) },
        rng: seeds.dice("ledger", 0).into_rng(),
    };
    node::found(options.data, new, node_options("founding"))?;
    Ok(node::open(options.data, node_options("writer"), || Box::new(read.clone()))?)
}

fn figures(town: &Town, tally: &Tally, events: u64) -> Figures {
    Figures {
        communities: town.communities.len(),
        grids: town.count(OrgKind::Grid),
        branches: town.count(OrgKind::PartyBranch),
        units: town.count(OrgKind::WorkUnit),
        teams: town.count(OrgKind::Team),
        members: town.members().count(),
        residents: town.communities.iter().map(|c| c.residents.len()).sum(),
        wishes: town.wishes,
        sheets: tally.sheets,
        rows: tally.rows,
        minutes: tally.minutes,
        activities: tally.activities,
        events,
    }
}

/// The town's history while it is written.
pub(super) struct History<'a> {
    pub(super) town: &'a Town,
    pub(super) node: &'a Node,
    clock: &'a ManualClock,
    pub(super) read: ReadSide,
    pub(super) pen: Pen,
    pub(super) span: Span,
}

impl History<'_> {
    fn tell(
        &mut self,
        weeks: &mut sheets::Weeks,
        hours: &mut Hours<'_>,
        progress: &dyn Fn(usize),
    ) -> Result<(), DemoError> {
        let begin = self.span.begin;
        founding::found(&mut self.pen, self.town, begin)?;
        self.at(begin, 10 * 60)?;
        founding::organise(&mut self.pen, self.town, begin)?;
        let last = self.span.first_saturday.plus(7 * (self.span.weeks as i32 - 1)).0 - begin.0;
        let mut wishes = wishes::Plan::new(self.town, SETTING_UP, last);
        let mut rolls = Rolls::default();
        let mut number = 0;
        for day in 1..=last {
            let today = begin.plus(day);
            if today.weekday() == 0 && hours.is_waiting() {
                self.at(today, 9 * 60)?;
                hours.confirm(self, 0)?;
            }
            self.at(today, 10 * 60)?;
            self.newcomers(day, today)?;
            wishes.day(&mut self.pen, day)?;
            lists::publish(self, today)?;
            lists::give(self, today)?;
            match today.weekday() {
                1 if day >= SETTING_UP => rolls.plan(&mut self.pen, self.town, today, day + 7 > last)?,
                2 => hours.correct(self)?,
                6 => hours.note(rolls.call(&mut self.pen, self.town, today)?),
                _ => {}
            }
            if today.weekday() == 5 && day >= SETTING_UP {
                self.at(today, 22 * 60)?;
                hours.import(self, number, weeks.next()?)?;
                number += 1;
                progress(number);
            }
        }
        // Of the last week most is confirmed the same evening; some waits, as it does in life.
        self.at(begin.plus(last), 22 * 60 + 30)?;
        hours.confirm(self, 2)?;
        self.pen.settle()?;
        Ok(())
    }

    /// Waits until all is durable, then moves the clock.
    pub(super) fn at(&mut self, date: Date, minute: i64) -> Result<(), DemoError> {
        self.pen.settle()?;
        self.pen.now = moment(date, minute);
        self.clock.set(self.pen.now);
        // What is due by then comes first, so that the order does not depend on who is faster.
        Ok(block_on(self.node.handle.tick())?)
    }

    /// Waits until all that was written is in the answers; gives the size of the log.
    pub(super) fn all_read(&mut self) -> Result<u64, DemoError> {
        self.pen.settle()?;
        let size = self.node.reader.head().size;
        while self.read.as_of() < size {
            std::thread::yield_now();
        }
        Ok(size)
    }

    fn newcomers(&mut self, day: i32, today: Date) -> Result<(), DemoError> {
        for community in &self.town.communities {
            founding::join(&mut self.pen, self.town, community, day, today)?;
            if day == 6 {
                founding::residents(&mut self.pen, self.town, community)?;
            }
        }
        if day == 7 {
            founding::offices(&mut self.pen, self.town)?;
        }
        Ok(())
    }

    /// The vault of the ledger that is being written.
    pub(super) fn vault(&self) -> &Vault {
        &self.node.vault
    }
}
