//! How connections are taken.

use std::time::Duration;

use super::limit::Rate;
use super::tls::Tls;
use crate::http::client::Trust;

/// One client has at most this part of all connections, if nothing else is said.
pub const EACH_PART: u32 = 8;

/// Requests of one client that are in work at once, if nothing else is said: so many for a core, and no fewer in all.
const IN_WORK: [usize; 2] = [16, 32];

/// How connections are taken.
#[derive(Clone)]
pub struct Serving {
    /// TLS, if it is not left to a proxy.
    pub tls: Option<Tls>,
    /// Connections at once; further ones wait.
    pub connections: usize,
    /// Connections at once of one client, by [`crate::http::client::block`]; further ones are closed. Proxies that are trusted have no
    /// such limit: they speak for many.
    pub each: usize,
    /// Time for a TLS handshake and for the head of a request, and how long a connection may be idle; over HTTP/2 up to
    /// twice that.
    pub head: Duration,
    /// Time to the head of an answer.
    pub request: Duration,
    /// How long a client may leave unread what is sent to it, beside the time to read it at a kilobyte a second.
    pub write: Duration,
    /// How long open work has once the server ends.
    pub drain: Duration,
    /// Whose word is taken for whom a request comes from.
    pub trust: Trust,
    /// Requests of one client in work at once, to the end of their answers; further ones wait their turn for as long as a
    /// request may take. Answers that last, as subscriptions, are in work until they begin.
    pub in_work: usize,
    /// Requests a second of one client.
    pub rate: Option<Rate>,
}

/// As many requests of one client at once as keep all cores at work while some of them wait for the disk.
#[must_use]
pub fn usual_in_work() -> usize {
    let [for_a_core, least] = IN_WORK;
    std::thread::available_parallelism().map_or(least, |cores| least.max(for_a_core * cores.get()))
}

impl Default for Serving {
    fn default() -> Self {
        Self {
            tls: None,
            connections: 4_096,
            each: 4_096 / EACH_PART as usize,
            head: Duration::from_secs(30),
            request: Duration::from_secs(30),
            write: Duration::from_secs(30),
            drain: Duration::from_secs(20),
            trust: Trust::default(),
            in_work: usual_in_work(),
            rate: None,
        }
    }
}
