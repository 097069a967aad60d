//! How many connections each client has.

use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use crate::http::client::block;

/// Connections at present, by client. Nobody without one is in it.
#[derive(Default)]
pub(super) struct Each(Mutex<FxHashMap<IpAddr, usize>>);

impl Each {
    /// Counts a connection until what is given back is dropped; none if the client has so many already.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr, most: usize) -> Option<Held> {
        let client = block(address);
        let mut all = self.0.lock();
        let count = all.entry(client).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Held { each: self.clone(), client })
    }
}

/// One connection of a client.
pub(super) struct Held {
    each: Arc<Each>,
    client: IpAddr,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut all = self.each.0.lock();
        let Some(count) = all.get_mut(&self.client) else { return };
        *count -= 1;
        if *count == 0 {
            all.remove(&self.client);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_so_many_places_and_is_forgotten_with_the_last() {
        let each = Arc::new(Each::default());
        let take = |address: &str| each.take(address.parse().unwrap(), 2);
        let (first, second) = (take("2001:db8::1"), take("2001:db8::2"));
        assert!(first.is_some() && second.is_some() && take("2001:db8::3").is_none(), "one household");
        assert!(take("2001:db8:0:1::1").is_some());
        drop(first);
        assert!(take("2001:db8::3").is_some());
        drop(second);
        assert!(each.0.lock().is_empty());
    }
}
