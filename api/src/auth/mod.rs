//! Who is there, how that is known, and what they may see.

pub(crate) mod caches;
pub mod challenge;
pub mod ended;
pub mod extract;
pub(crate) mod granting;
pub(crate) mod grants;
pub mod session;
pub mod sign_in_limits;
pub mod token;
pub mod visibility;
