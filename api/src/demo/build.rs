//! Founds the town's ledger and has its history told.

use std::sync::Arc;

use chacha20::ChaCha20Rng;
use getrandom::SysRng;
use hourbook_ledger::clock::ManualClock;
use hourbook_ledger::domain::event::{FounderKey, OrgKind};
use hourbook_ledger::domain::ids::PublicKey;
use hourbook_ledger::ledger::{self, Ledger, LedgerOptions, NewLedger};
use hourbook_projections::ReadSide;
use rand_core::SeedableRng as _;

use super::chronicle::SETTING_UP;
use super::codes::{self, Code};
use super::history::{History, OFFSET, moment};
use super::seeded::Seeds;
use super::sheets::{self, Span};
use super::submitter::EventSubmitter;
use super::town::Town;
use super::week::{Figures, Hours};
use super::{DemoError, LEAST, ORIGIN, Options};

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
    let town = Town::draw(seeds, options.people.max(LEAST));
    let clock = Arc::new(ManualClock::at(moment(span.begin, 9 * 60)));
    let read = ReadSide::new();
    let node = open(options, &town, &clock, &read)?;
    let begin = moment(span.begin, 9 * 60);
    let submitter =
        EventSubmitter::new(node.handle.clone(), node.ledger.clone(), seeds.dice("submitter", 0), begin);
    let mut history = History { town: &town, node: &node, clock: &clock, read, submitter, span };
    let told = std::thread::scope(|scope| {
        let mut weeks = sheets::start(scope, &town, span, options.sheets);
        let mut hours = Hours::new(&town, options.watch);
        history.tell(&mut weeks, &mut hours, options.progress)?;
        let codes = codes::grant(&mut history.submitter, &town)?;
        Ok::<_, DemoError>((hours.tally, hours.took, codes))
    });
    let head = node.reader.head();
    drop(history);
    node.close();
    let (tally, mut took, codes) = told?;
    codes::write_keys(&town, options.data)?;
    took.push(("total", options.watch.now().0 - started.0));
    Ok(Built { figures: figures(&town, tally, head.size), root: head.root, codes, took })
}

fn open(
    options: &Options<'_>,
    town: &Town,
    clock: &Arc<ManualClock>,
    read: &ReadSide,
) -> Result<Ledger, DemoError> {
    let seeds = Seeds(options.seed);
    let node_options = |use_: &str| -> LedgerOptions {
        let vault_rng = ChaCha20Rng::try_from_rng(&mut SysRng).expect("the system has random numbers");
        LedgerOptions::new(clock.clone(), seeds.dice(use_, 0).into_rng(), Box::new(vault_rng))
    };
    let second = &town.founders[1];
    let new = NewLedger {
        origin: ORIGIN.parse().expect("the demo's origin is one"),
        offset: OFFSET,
        founder: town.founders[0].actor(),
        second: FounderKey { person: second.id, key: PublicKey(second.actor().public_key().0) },
        rng: seeds.dice("ledger", 0).into_rng(),
    };
    ledger::found(options.data, new, node_options("founding"))?;
    Ok(ledger::open(options.data, node_options("writer"), || Box::new(read.clone()))?)
}

/// The town's figures beside those of its imports.
fn figures(town: &Town, imported: Figures, events: u64) -> Figures {
    Figures {
        communities: town.communities.len(),
        grids: town.count(OrgKind::Grid),
        branches: town.count(OrgKind::PartyBranch),
        units: town.count(OrgKind::WorkUnit),
        teams: town.count(OrgKind::Team),
        members: town.members().count(),
        residents: town.communities.iter().map(|c| c.residents.len()).sum(),
        wishes: town.wishes,
        events,
        ..imported
    }
}
