//! The running server: every route, and the connections that ask for them.

pub mod certificates;
pub(crate) mod descriptors;
mod documented;
mod gate;
mod host;
mod limit;
mod listener;
mod middleware;
mod options;
mod pages;
mod patience;
mod queries;
mod router;
mod tls;
mod traffic;
mod turn;

pub use documented::description;
pub use limit::Rate;
pub use listener::{serve, serve_until};
pub use options::{EACH_PART, Serving, usual_in_work};
pub use router::router;
pub use tls::{Tls, TlsError};
