//! Hourbook.
