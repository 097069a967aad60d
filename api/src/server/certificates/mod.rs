//! Certificates by which a server is known: whom they name and until when, whether browsers will take them, and an
//! authority of one's own for a network that no public authority certifies.

mod authority;
mod error;
mod host_name;
mod reading;

#[cfg(test)]
mod tests;

pub use authority::{Authority, LEAF_DAYS};
pub use error::CertificateError;
pub use host_name::{HostName, NotAHost};
pub use reading::{Certificate, check, public_authorities};
