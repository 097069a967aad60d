//! One file that is read. How much memory it takes is counted as it is allocated, whatever the file says of itself.

use super::faults::{FileFault, Note, Remark, SheetError};
use super::grid::GridRow;
use super::{Given, Limits};

/// By what a sheet of one kind is known among others.
#[derive(Clone, Copy)]
pub(super) struct Form {
    /// How many cells of a row are heads.
    pub(super) recognised: fn(&GridRow) -> usize,
    /// Which row is the last one of the head, among those that are not blank.
    pub(super) head: fn(&[GridRow]) -> Option<usize>,
}

pub(super) struct Job<'a> {
    pub(super) limits: &'a Limits,
    pub(super) form: Form,
    /// What holds for rows that do not say it.
    pub(super) given: Given,
    /// What is left of its memory, in bytes.
    pub(super) left: usize,
    /// What its sender should know.
    pub(super) notes: Vec<Note>,
}

impl Job<'_> {
    pub(super) fn new(limits: &Limits, form: Form) -> Job<'_> {
        Job { limits, form, given: Given::default(), left: limits.max_memory, notes: Vec::new() }
    }

    /// Counts `bytes` about to be kept.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), SheetError> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| SheetError::new(FileFault::ZipBomb, ""))?;
        Ok(())
    }

    pub(super) fn note(&mut self, remark: Remark, detail: &str) {
        self.notes.push(Note::new(remark, detail));
    }
}
