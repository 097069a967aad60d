//! Spans of time that figures are about.

use hourbook_ledger::domain::time::{Date, Period};

/// A span of time that a board is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
pub enum Window {
    /// From the beginning.
    All,
    /// A month, quarter or year.
    In(Period),
}

impl Window {
    /// The four windows that contain a date.
    #[must_use]
    pub fn all_of(date: Date) -> [Self; 4] {
        let [month, quarter, year] = Period::all_of(date).map(Self::In);
        [month, quarter, year, Self::All]
    }

    /// The one of the same kind before.
    #[must_use]
    pub fn before(self) -> Option<Self> {
        let (list, number) = self.place();
        (self != Self::All).then(|| Self::at(list, number - 1))
    }

    /// Which of the lists of boards it is in, and its number there.
    pub(crate) fn place(self) -> (usize, i32) {
        match self {
            Self::In(Period::Month(..)) => (0, self.months().0),
            Self::In(Period::Quarter(..)) => (1, self.months().0.div_euclid(3)),
            Self::In(Period::Year(year)) => (2, year),
            Self::All => (3, 0),
        }
    }

    /// The window at a place.
    pub(crate) fn at(list: usize, number: i32) -> Self {
        let part = |of: i32| number.rem_euclid(of) as u32 + 1;
        match list {
            0 => Self::In(month(number)),
            1 => Self::In(Period::Quarter(number.div_euclid(4), part(4))),
            2 => Self::In(Period::Year(number)),
            _ => Self::All,
        }
    }

    /// The months that it covers, counted from January of year 0, without the last.
    pub(crate) fn months(self) -> (i32, i32) {
        match self {
            Self::All => (i32::MIN, i32::MAX),
            Self::In(Period::Year(y)) => (y * 12, y * 12 + 12),
            Self::In(Period::Quarter(y, q)) => (y * 12 + q as i32 * 3 - 3, y * 12 + q as i32 * 3),
            Self::In(Period::Month(y, m)) => (y * 12 + m as i32 - 1, y * 12 + m as i32),
        }
    }
}

/// The month with this number, counted from January of year 0.
#[must_use]
pub fn month(number: i32) -> Period {
    Period::Month(number.div_euclid(12), number.rem_euclid(12) as u32 + 1)
}

/// The month of a date, counted from January of year 0.
#[must_use]
pub fn month_of(date: Date) -> i32 {
    let (year, month, _) = date.ymd();
    year * 12 + month as i32 - 1
}

/// The places of the four windows that contain a month, in the order of the lists.
pub(crate) fn numbers_of(month: i32) -> [i32; 4] {
    [month, month.div_euclid(3), month.div_euclid(12), 0]
}
