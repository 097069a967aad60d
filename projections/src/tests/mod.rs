//! Tests of the read side as a whole.
