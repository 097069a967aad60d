//! Why the town could not be built.

use std::path::PathBuf;

use hourbook_ledger::commitment::FieldError;
use hourbook_ledger::ledger::LedgerError;
use hourbook_ledger::sequencer::SubmitError;

/// Why the town could not be built.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The ledger could not be founded or opened.
    #[error(transparent)]
    Open(#[from] LedgerError),
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
