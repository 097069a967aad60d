//! The containers of state: maps and lists that can take changes back, that know the digest of their records, and that come
//! back from a snapshot without being decoded. They know nothing of what is kept in them.

pub mod agenda;
pub mod digest;
pub mod lazy;
pub mod table;
