//! One JSON line a figure, and what statistics need.

use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Map, Value, json};

/// A measured figure beside its limit. `better` is the direction: above for speeds, below for times and sizes.
pub(crate) struct Figure<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// What was measured.
    pub(crate) value: f64,
    /// The unit of both values.
    pub(crate) unit: &'a str,
    /// What the hardware was asked in the same run.
    pub(crate) limit: &'a str,
    /// Its answer; nothing where there is none but the budget.
    pub(crate) limit_value: Option<f64>,
    /// What the design allows, in words that name a ratio or a value.
    pub(crate) budget: &'a str,
    /// Whether it holds.
    pub(crate) holds: Option<bool>,
    /// Everything else that makes the figure what it is.
    pub(crate) with: Value,
}

impl Figure<'_> {
    /// Value by limit.
    fn ratio(&self) -> Option<f64> {
        self.limit_value.map(|limit| self.value / limit)
    }

    /// Prints the line.
    pub(crate) fn print(&self) {
        let mut line = Map::new();
        line.insert("figure".into(), json!(self.name));
        line.insert("value".into(), json!(rounded(self.value)));
        line.insert("unit".into(), json!(self.unit));
        line.insert("limit".into(), json!(self.limit));
        line.insert("limit_value".into(), json!(self.limit_value.map(rounded)));
        line.insert("ratio".into(), json!(self.ratio().map(rounded)));
        line.insert("budget".into(), json!(self.budget));
        line.insert("holds".into(), json!(self.holds));
        line.insert("cores".into(), json!(cores()));
        if let Value::Object(with) = &self.with {
            line.extend(with.clone());
        }
        println!("{}", Value::Object(line));
    }
}

/// Four significant digits: more would be noise.
pub(crate) fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let scale = 10f64.powi(3 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}

/// Processors that this process may use.
#[must_use]
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The middle value.
///
/// # Panics
/// Without values.
#[must_use]
pub(crate) fn median(values: &[f64]) -> f64 {
    percentile(values, 50)
}

/// The value that so many in a hundred do not exceed.
///
/// # Panics
/// Without values.
#[must_use]
pub(crate) fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

/// One measurement: how many a second, and the processor time of one in microseconds, on all cores together.
#[derive(Clone, Copy)]
pub(crate) struct Rate {
    /// A second of the clock on the wall.
    pub(crate) a_second: f64,
    /// Of processor time.
    pub(crate) cpu_us: f64,
}

/// Measures something that does so many.
pub(crate) fn rate(count: f64, work: impl FnOnce()) -> Rate {
    let (begin, cpu) = (Instant::now(), processor_seconds());
    work();
    let (wall, cpu) = (begin.elapsed().as_secs_f64(), processor_seconds() - cpu);
    Rate { a_second: count / wall, cpu_us: cpu / count * 1e6 }
}

/// Processor time of this process so far.
pub(crate) fn processor_seconds() -> f64 {
    seconds(ClockId::ProcessCPUTime)
}

/// Processor time of this thread so far.
pub(crate) fn thread_seconds() -> f64 {
    seconds(ClockId::ThreadCPUTime)
}

fn seconds(clock: ClockId) -> f64 {
    let time = clock_gettime(clock);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Figure and limit, measured in turns.
pub(crate) struct Turns {
    /// Median of the figure.
    pub(crate) value: f64,
    /// Median of the limit.
    pub(crate) limit: f64,
    /// Median of figure by limit, turn by turn.
    pub(crate) ratio: f64,
    /// Median processor time of one, and of one of the limit, in microseconds.
    pub(crate) cpu_us: [f64; 2],
}

/// Measures in turns, the limit first and last, so that what slows the machine down slows both.
pub(crate) fn in_turns(
    turns: usize,
    mut figure: impl FnMut() -> Rate,
    mut limit: impl FnMut() -> Rate,
) -> Turns {
    let (mut figures, mut limits, mut ratios) = (Vec::new(), vec![limit()], Vec::new());
    for turn in 0..turns {
        figures.push(figure());
        limits.push(limit());
        let around = (limits[turn].a_second + limits[turn + 1].a_second) / 2.0;
        ratios.push(figures[turn].a_second / around);
    }
    let of = |rates: &[Rate], what: fn(&Rate) -> f64| median(&rates.iter().map(what).collect::<Vec<_>>());
    Turns {
        value: of(&figures, |r| r.a_second),
        limit: of(&limits, |r| r.a_second),
        ratio: median(&ratios),
        cpu_us: [of(&figures, |r| r.cpu_us), of(&limits, |r| r.cpu_us)],
    }
}
