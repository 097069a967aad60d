//! The conformance suite on a disk that crashes. Whatever a seed lets happen between and inside the operations: after the
//! engine is opened again, what was acknowledged is there, the group that was on the way is there whole or not at all,
//! and all that is asked of a log is answered as `naive` says.
//!
//! `HOURBOOK_ENGINE_SEEDS` sets how many seeds each run has (else 200, where a page of the indexes ends 8), `HOURBOOK_ENGINE_SEED` replays a single
//! one.

use std::convert::Infallible;
use std::path::Path;

use super::conformance::{Maker, stream_at};
use super::{
    ArchiveOptions, Background, EngineError, Fatal, LogReader, OpenOptions, Opened, Secret, naive, open,
};
use crate::disk::caught;
use crate::disk::simulated::{Counts, Fault, SeededRng, SimulatedDisk};
use crate::merkle::Frontier;
use crate::snapshot::SnapshotFiles;

const DIR: &str = "/log";
const STEPS: u64 = 25;
/// Openings under faults before they are called off.
const TRIES: u32 = 3;

/// A snapshot that was kept, and those that may have been: puts that failed.
#[derive(Default)]
struct Snapshots {
    kept: Option<(u64, Vec<u8>)>,
    doubtful: Vec<(u64, Vec<u8>)>,
}

/// What a run met.
#[derive(Debug, Default, Clone, Copy)]
struct Met {
    crashes: u64,
    torn: u64,
    seals: u64,
    /// Groups that nobody was told of and that were there after a crash, and those that were not.
    found: u64,
    gone: u64,
    damaged_ends: u64,
    failed_reads: u64,
    disk: Counts,
}

struct Run {
    dice: SeededRng,
    disk: SimulatedDisk,
    options: OpenOptions,
    opened: Option<Opened>,
    /// All entries that were acknowledged, then those of the group in doubt.
    maker: Maker,
    /// How many there were without the group in doubt, and their tree.
    in_doubt: Option<(usize, Frontier)>,
    snapshots: Snapshots,
    met: Met,
}

impl Run {
    fn new(seed: u64, disk: SimulatedDisk, maker: Maker, options: OpenOptions) -> Self {
        // Not that of the disk, which begins with the seed itself.
        let mut dice = SeededRng(seed ^ 0x6372_6173_6873);
        disk.set_garbage(dice.percent(25));
        let options = OpenOptions {
            disk: disk.disk(),
            background: Background::Stepped,
            secret: Secret(std::array::from_fn(|_| dice.below(256) as u8)),
            ..options
        };
        let maker = Maker { salt: seed, ..maker };
        let (snapshots, met) = (Snapshots::default(), Met::default());
        Self { dice, disk, options, opened: None, maker, in_doubt: None, snapshots, met }
    }

    /// Everything that a seed decides, from a log that is not there yet or from one that is.
    fn all(mut self, largest: u64) -> Met {
        self.reopen();
        for _ in 0..STEPS {
            self.step(largest);
        }
        self.disk.call_off();
        self.disk.set_full(false);
        self.crash();
        self.end()
    }

    /// Without any further fault the log takes groups and ends in good order.
    fn end(mut self) -> Met {
        self.disk.call_off();
        let group = self.maker.group(300, 40);
        let (mut writer, reader, _) = self.opened.take().unwrap();
        writer.append(group).unwrap();
        while writer.work().unwrap() {}
        writer.close().unwrap();
        drop(reader);
        self.opened = Some(open(Path::new(DIR), self.options.clone()).unwrap());
        self.look();
        self.met.disk = self.disk.counts();
        self.met
    }

    fn step(&mut self, largest: u64) {
        match self.dice.below(100) {
            0..=33 => {
                let count = if self.dice.percent(30) { largest } else { 1 + self.dice.below(largest / 4) };
                let bytes = 20 + self.dice.below(200) as usize;
                self.append(count as usize, bytes);
            }
            34..=54 => self.work(),
            55..=64 => self.keep_snapshot(),
            65..=74 => self.read_under_faults(),
            75..=86 => self.order_fault(25),
            87..=91 => {
                self.disk.cut_power();
                self.crash();
            }
            92..=94 => self.crash(),
            95..=96 => self.close(),
            _ => self.disk.set_full(true),
        }
        if self.dice.percent(20) {
            self.disk.set_full(false);
        }
        if self.disk.is_off() {
            self.crash();
        }
    }

    fn order_fault(&mut self, within: u64) {
        let fault = if self.dice.percent(70) { Fault::PowerCut } else { Fault::Error };
        let after = self.dice.below(within);
        self.disk.order(fault, after);
    }

    fn reader(&self) -> &dyn LogReader {
        &*self.opened.as_ref().unwrap().1
    }

    fn append(&mut self, count: usize, bytes: usize) {
        self.maker.salt += 1 << 32;
        let before = (self.maker.entries.len(), self.maker.frontier.clone());
        let group = self.maker.group(count, bytes);
        if self.opened.as_mut().unwrap().0.append(group).is_err() {
            self.in_doubt = Some(before);
            self.crash();
        } else {
            assert_eq!(self.reader().head(), self.maker.head());
        }
    }

    fn work(&mut self) {
        for _ in 0..=self.dice.below(4) {
            match self.opened.as_mut().unwrap().0.work() {
                Ok(true) => self.met.seals += 1,
                Ok(false) => return,
                Err(_) => return self.crash(),
            }
        }
    }

    fn close(&mut self) {
        let (writer, ..) = self.opened.take().unwrap();
        let _ = writer.close();
        self.crash();
    }

    fn keep_snapshot(&mut self) {
        let position = self.reader().head().size;
        let content = self.dice.below(u64::MAX).to_be_bytes().repeat(1 + self.dice.below(200) as usize);
        match self.snapshot_files().put("model", position, &mut |to| to.write_all(&content)) {
            Ok(()) => self.snapshots = Snapshots { kept: Some((position, content)), doubtful: Vec::new() },
            Err(_) => self.snapshots.doubtful.push((position, content)),
        }
    }

    /// A read may fail when the disk does, and never answers anything wrong.
    fn read_under_faults(&mut self) {
        if self.dice.percent(50) {
            self.order_fault(4);
        }
        let before = self.disk.counts().errors;
        let opened = self.opened.take().unwrap();
        let asked = self.ask(&*opened.1);
        self.opened = Some(opened);
        if let Err(error) = asked {
            self.met.failed_reads += 1;
            assert!(self.disk.is_off() || self.disk.counts().errors > before, "without a fault: {error}");
        }
    }

    /// One question of each kind.
    fn ask(&mut self, reader: &dyn LogReader) -> Result<(), EngineError> {
        let size = self.maker.entries.len() as u64;
        let mut somewhere = |beyond| self.dice.below(size + beyond);
        let (from, index, level) = (somewhere(5), somewhere(300) / 256, somewhere(u64::MAX - size) % 12);
        let (position, stream) = (somewhere(0), stream_at(somewhere(1)));
        let width = 1 + self.dice.below(256) as u16;
        let log = &self.maker.entries;
        naive::check_read(reader, log, from, 300)?;
        naive::check_leaves(reader, log, from..from + u64::from(width))?;
        naive::check_bundle(reader, log, index, width)?;
        naive::check_tile(reader, log, 0, index, width)?;
        naive::check_tile(reader, log, 1, 0, width % 8 + 1)?;
        naive::check_node(reader, log, level as u8, from >> level)?;
        naive::check_stream(reader, log, stream, from..from + 700)?;
        if size > 0 {
            naive::check_id(reader, position);
            naive::check_proof(reader, log, position, size, &self.maker.head().root)?;
        }
        Ok(())
    }

    /// The process is gone, the machine may be too.
    fn crash(&mut self) {
        self.opened = None;
        self.met.crashes += 1;
        self.reopen();
    }

    /// Opens the log, under faults now and then, until it opens; without a fault it must.
    fn reopen(&mut self) {
        let (mut tries, mut drop_damaged_end) = (0, false);
        loop {
            self.disk.restart();
            tries += 1;
            if tries > TRIES {
                self.disk.set_full(false);
            } else if self.dice.percent(30) {
                self.order_fault(40);
            }
            let before = self.disk.counts();
            let options = OpenOptions { drop_damaged_end, ..self.options.clone() };
            let error = match open(Path::new(DIR), options) {
                Ok(opened) if !self.disk.is_off() => {
                    self.opened = Some(opened);
                    break;
                }
                Ok(_) => continue,
                Err(error) => error,
            };
            let after = self.disk.counts();
            let faulty = self.disk.is_off() || (before.errors, before.full) != (after.errors, after.full);
            if !faulty && !drop_damaged_end && self.is_garbled(&error) {
                drop_damaged_end = true;
                self.met.damaged_ends += 1;
                continue;
            }
            assert!(faulty, "without a fault: {error}");
        }
        self.look();
    }

    /// Garbage at the journal's end cannot be told from damage: a person has to say that it may go.
    fn is_garbled(&self, error: &EngineError) -> bool {
        let EngineError::Fatal(Fatal::JournalDamaged { file, .. }) = error else { return false };
        self.disk.garbled().contains(file)
    }

    /// Looks at all of a log that was just opened, and finds out what became of the group in doubt.
    fn look(&mut self) {
        self.disk.hold_still(true);
        let opened = self.opened.take().unwrap();
        let (_, reader, recovered) = &opened;
        let is_shorter = reader.head().size < self.maker.entries.len() as u64;
        match self.in_doubt.take() {
            Some((count, frontier)) if is_shorter => {
                self.maker.entries.truncate(count);
                self.maker.frontier = frontier;
                self.met.gone += 1;
            }
            Some(_) => self.met.found += 1,
            None => {}
        }
        assert_eq!(reader.head(), self.maker.head(), "what was acknowledged, and nothing else");
        assert_eq!(recovered.head, reader.head());
        assert_eq!(recovered.sealed + recovered.replayed, recovered.head.size);
        self.met.torn += u64::from(recovered.torn_bytes > 0);
        let newest = self.maker.entries.len().saturating_sub(3_000) as u64;
        naive::check_read(&**reader, &self.maker.entries, newest, usize::MAX >> 1).unwrap();
        self.ask(&**reader).unwrap();
        self.look_at_snapshots(reader.head().size);
        self.opened = Some(opened);
        self.disk.hold_still(false);
    }

    fn snapshot_files(&self) -> SnapshotFiles {
        SnapshotFiles::new(self.disk.disk(), Path::new(DIR).join("snapshots"))
    }

    fn look_at_snapshots(&self, size: u64) {
        let found = self.snapshot_files().latest("model", size).unwrap();
        let Snapshots { kept, doubtful } = &self.snapshots;
        let is_known = found == *kept || found.as_ref().is_some_and(|found| doubtful.contains(found));
        assert!(is_known, "a snapshot at {:?} that was never put", found.map(|(at, _)| at));
        let position = |snapshot: &Option<(u64, Vec<u8>)>| snapshot.as_ref().map(|(at, _)| *at);
        assert!(position(&found) >= position(kept), "a snapshot that was kept is gone");
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// Runs some seeds and answers what they met in all; a panic names its seed.
fn run_seeds(count: u64, run: impl Fn(u64) -> Met) -> Result<Met, String> {
    let seeds = match number("HOURBOOK_ENGINE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 1..1 + number("HOURBOOK_ENGINE_SEEDS").unwrap_or(count),
    };
    let mut sum = Met::default();
    for seed in seeds {
        let met = caught(|| Ok::<_, Infallible>(run(seed)))
            .map_err(|panic| format!("HOURBOOK_ENGINE_SEED={seed}: {panic}"))?;
        sum.crashes += met.crashes;
        sum.torn += met.torn;
        sum.seals += met.seals;
        sum.found += met.found;
        sum.gone += met.gone;
        sum.damaged_ends += met.damaged_ends;
        sum.failed_reads += met.failed_reads;
        sum.disk.operations += met.disk.operations;
        sum.disk.power_cuts += met.disk.power_cuts;
        sum.disk.barriers += met.disk.barriers;
        sum.disk.errors += met.disk.errors;
        sum.disk.garbage += met.disk.garbage;
    }
    Ok(sum)
}

fn from_nothing(seed: u64, options: &OpenOptions) -> Met {
    let mut dice = SeededRng(!seed);
    let journal_bytes = 2_000 + dice.below(30_000);
    let archive = ArchiveOptions { dir: "/cold/archive".into(), keep: dice.below(600) };
    let archive = Some(archive).filter(|_| dice.percent(40));
    let options = OpenOptions { journal_bytes, archive, ..options.clone() };
    Run::new(seed, SimulatedDisk::new(seed), Maker::new(), options).all(250)
}

#[test]
fn the_contract_holds_whatever_the_disk_does() {
    let met = run_seeds(200, |seed| from_nothing(seed, &OpenOptions::default())).unwrap();
    println!("{met:?}");
    if number("HOURBOOK_ENGINE_SEED").is_none() && number("HOURBOOK_ENGINE_SEEDS").is_none() {
        let all = [met.torn, met.seals, met.found, met.gone, met.failed_reads, met.disk.barriers];
        assert!(all.iter().all(|met| *met > 5), "a run that meets nothing shows nothing: {met:?}");
    }
}

/// The same where a page of the indexes, and a tile of the second level, become complete.
#[test]
fn the_contract_holds_across_a_page_of_the_indexes() {
    let (disk, mut maker) = (SimulatedDisk::new(1), Maker::new());
    let options = OpenOptions {
        disk: disk.disk(),
        background: Background::Stepped,
        journal_bytes: 1 << 20,
        check_bundles: 3,
        ..OpenOptions::default()
    };
    let (mut writer, reader, _) = open(Path::new(DIR), options.clone()).unwrap();
    for _ in 0..16 {
        writer.append(maker.group(4_050, 30)).unwrap();
    }
    writer.close().unwrap();
    drop(reader);
    let options = OpenOptions { journal_bytes: 20_000, ..options };
    let met = run_seeds(8, |seed| {
        let maker =
            Maker { frontier: maker.frontier.clone(), entries: maker.entries.clone(), ..Maker::new() };
        Run::new(seed, disk.fork(seed), maker, options.clone()).all(400)
    });
    println!("{:?}", met.unwrap());
}

/// Groups, a new journal file, seals, deletions, a snapshot, an orderly end: whichever operation of all these the power
/// goes at, or fails, and whatever the disk then makes of it.
#[test]
fn the_contract_holds_at_every_single_operation() {
    let options = OpenOptions { journal_bytes: 6_000, ..OpenOptions::default() };
    let mut last = 0;
    for fault in [Fault::PowerCut, Fault::Error] {
        for at in 0.. {
            let seed = at + 1_000 * u64::from(fault == Fault::Error);
            let mut run = Run::new(seed, SimulatedDisk::new(seed), Maker::new(), options.clone());
            run.disk.order(fault, at);
            let is_over = caught(|| {
                run.plain();
                let operations = run.disk.counts().operations;
                run.disk.call_off();
                run.disk.cut_power();
                run.opened = None;
                run.reopen_plainly();
                run.end();
                Ok::<_, Infallible>(operations < at)
            });
            if is_over.unwrap_or_else(|panic| panic!("{fault:?} at operation {at}: {panic}")) {
                last = at;
                break;
            }
        }
        assert!(last > 100, "only {last} operations");
    }
}

impl Run {
    /// A life without chance, until something fails.
    fn plain(&mut self) {
        let Ok(opened) = open(Path::new(DIR), self.options.clone()) else { return };
        self.opened = Some(opened);
        for count in [1, 7, 60, 200, 3, 90, 256] {
            let before = (self.maker.entries.len(), self.maker.frontier.clone());
            let group = self.maker.group(count, 50);
            let (writer, ..) = self.opened.as_mut().unwrap();
            if writer.append(group).is_err() {
                self.in_doubt = Some(before);
                return;
            }
            while let Ok(true) = writer.work() {}
            self.keep_snapshot();
        }
        let _ = self.opened.take().unwrap().0.close();
    }

    fn reopen_plainly(&mut self) {
        self.disk.restart();
        let mut options = self.options.clone();
        let mut opened = open(Path::new(DIR), options.clone());
        if opened.as_ref().is_err_and(|error| self.is_garbled(error)) {
            options.drop_damaged_end = true;
            opened = open(Path::new(DIR), options);
        }
        self.opened = Some(opened.unwrap());
        self.look();
    }
}

/// Those of the planted bugs that are the engine's.
#[cfg(feature = "planted-bugs")]
#[test]
fn each_planted_bug_of_the_engine_is_found() {
    use super::Planted;
    for bug in [Planted::MissingSync, Planted::SkippedBarrier, Planted::UnsortedReplay] {
        let options = OpenOptions { planted: Some(bug), ..OpenOptions::default() };
        let found = run_seeds(300, |seed| from_nothing(seed, &options));
        println!("{bug:?}: {}", found.expect_err("the bug is found"));
    }
}
