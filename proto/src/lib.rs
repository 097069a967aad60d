//! The wire schema.
