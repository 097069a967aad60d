//! Bounds of what is read.

/// Memory of the largest sheet: a hundred thousand rows of the usual length.
const MOST_MEMORY: usize = 192 << 20;

/// Bounds of what is read, and the policy that a row is held to.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The local day of reading, in days since 1970-01-01: nothing later can be recorded.
    pub today: i32,
    /// The first day that can be recorded, in days since 1970-01-01.
    pub earliest: i32,
    /// Largest file in bytes.
    pub max_bytes: usize,
    /// Largest total of a workbook's parts once unpacked, in bytes: they are streamed, never kept.
    pub max_unpacked: usize,
    /// Most memory that the cells and rows of a sheet may take, in bytes.
    pub max_memory: usize,
    /// Mistakes that are told word for word; all are counted.
    pub max_errors: usize,
    /// Most rows below the header.
    pub max_rows: usize,
    /// Most columns.
    pub max_columns: usize,
    /// Longest single service in minutes, at most 1440.
    pub max_span: i32,
    /// Words in an activity's name that show it to be paid work (Order 67, art. 19): refused. Lower case.
    pub not_voluntary: Vec<String>,
    /// Words of meetings and duty, which the same article excludes, but which services are named with, too: noted.
    pub doubtful: Vec<String>,
}

impl Limits {
    /// The usual bounds for a sheet read on `today` (days since 1970-01-01): ten years back, 16 MiB, 100,000 rows, 16 hours.
    pub fn new(today: i32) -> Limits {
        let paid = ["工资", "有偿", "paid", "salary", "wage", "wages"];
        let doubtful = ["会议", "例会", "开会", "值班", "加班", "meeting", "overtime"];
        Limits {
            today,
            earliest: today.saturating_sub(3_653),
            max_bytes: 16 << 20,
            max_unpacked: 256 << 20,
            max_memory: MOST_MEMORY,
            max_errors: 100,
            max_rows: 100_000,
            max_columns: 64,
            max_span: 16 * 60,
            not_voluntary: paid.map(str::to_owned).to_vec(),
            doubtful: doubtful.map(str::to_owned).to_vec(),
        }
    }
}
