//! `hourbook demo`: a town like Guangde 广德 with two years behind it, built through the same doors as a real one.
//!
//! Every event is signed by the key of whoever asserts it and goes through the sequencer; hours come from sheets that are
//! written, read and imported as a community would. A seed decides everything, so two builds have the same root.

mod build;
mod chronicle;
mod codes;
mod dice;
mod divisions;
mod founding;
mod history;
mod lists;
mod names;
mod pen;
mod rolls;
mod service;
mod sheets;
#[cfg(test)]
mod tests;
mod town;
mod week;
mod wish;
mod wishes;

use std::path::{Path, PathBuf};

use hourbook_ledger::clock::Clock;
use hourbook_ledger::commitment::FieldError;
use hourbook_ledger::domain::time::Date;
use hourbook_ledger::node::NodeError;
use hourbook_ledger::sequencer::SubmitError;

pub use build::{Built, Figures, build};
pub use codes::{Code, KEYS, again};

/// Members of the real town.
pub const MEMBERS: usize = town::MEMBERS;
/// The fewest members: one for each community, who claims its wishes.
pub const LEAST: usize = 13;
/// Weeks that are told: two years.
pub const WEEKS: usize = 104;
/// The seed of the town that everybody sees.
pub const SEED: u64 = 341_882;
/// The ledger's name.
pub const ORIGIN: &str = "guangde.hourbook.example/demo";

/// What to build.
pub struct Options<'a> {
    /// Decides everything that is random.
    pub seed: u64,
    /// In-service members, at least [`LEAST`]; everything else is in proportion.
    pub people: usize,
    /// Weekly service days.
    pub weeks: usize,
    /// The last service day.
    pub until: Date,
    /// Directory of the ledger; must not hold one.
    pub data: &'a Path,
    /// Directory for the sheets.
    pub sheets: &'a Path,
    /// Tells how long the parts take.
    pub watch: &'a dyn Clock,
    /// Told how many of the weeks are done.
    pub progress: &'a dyn Fn(usize),
}

/// Why the town could not be built.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The ledger could not be founded or opened.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The rules refused an event, or the ledger stopped.
    #[error(transparent)]
    Ledger(#[from] SubmitError),
    /// A sheet was not imported.
    #[error(transparent)]
    Import(#[from] crate::imports::ImportError),
    /// A sheet could not be read back.
    #[error("{}", .0.en)]
    Sheet(crate::sheet::SheetError),
    /// A workbook could not be written.
    #[error(transparent)]
    Workbook(rust_xlsxwriter::XlsxError),
    /// A value is not fit for the vault.
    #[error(transparent)]
    Value(#[from] FieldError),
    /// A list could not be drawn up.
    #[error("list: {0}")]
    List(String),
    /// A file.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}
