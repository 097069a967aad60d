//! What runs beside the requests.

pub(crate) mod backup;
pub(crate) mod control;
pub(crate) mod erasure;
pub(crate) mod guard;
