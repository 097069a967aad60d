//! What to build.

use std::path::Path;

use hourbook_ledger::clock::Clock;
use hourbook_ledger::domain::time::Date;

/// The fewest members: one for each community, who claims its wishes.
pub const LEAST: usize = 13;
/// The ledger's name.
pub const ORIGIN: &str = "zhichuan.hourbook.example/demo";

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
