//! The fuzz targets: for each reader of untrusted bytes one function that takes any bytes and asserts what must hold for
//! all of them. No panic, no hang and bounded memory go without saying; each says besides what it holds the reader to.

pub(crate) mod feed;
mod files;
mod http;
mod log;
mod sheet;
mod town;
mod values;
mod wire;

/// One reader under attack.
pub(crate) struct Target {
    /// Names its folder in the corpus.
    pub(crate) name: &'static str,
    /// Panics if the property does not hold.
    pub(crate) run: fn(&[u8]),
    /// Inputs made by our own writers, to start from.
    pub(crate) seeds: fn() -> Vec<Vec<u8>>,
    /// The longest input worth trying, in bytes.
    pub(crate) longest: usize,
}

/// Every target.
pub(crate) fn all() -> Vec<Target> {
    [
        log::targets(),
        wire::targets(),
        values::targets(),
        files::targets(),
        sheet::targets(),
        http::targets(),
        town::targets(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
