//! How many connections each address holds.

use std::net::IpAddr;
use std::sync::Arc;

use dashmap::DashMap;

/// Counts connections per address.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    limit: u32,
    by_address: Arc<DashMap<IpAddr, u32>>,
}

/// A connection's place; leaving is dropping it.
#[derive(Debug)]
pub(super) struct Place(Option<(Connections, IpAddr)>);

impl Connections {
    pub(super) fn new(limit: u32) -> Self {
        Self { limit, by_address: Arc::default() }
    }

    /// A place for one more; `None` if the address has all it may. `free` addresses are not counted.
    pub(super) fn enter(&self, address: IpAddr, free: bool) -> Option<Place> {
        metrics::gauge!("http_connections").increment(1.0);
        if free || self.limit == 0 {
            return Some(Place(None));
        }
        let mut count = self.by_address.entry(address).or_insert(0);
        if *count >= self.limit {
            metrics::gauge!("http_connections").decrement(1.0);
            metrics::counter!("http_connections_refused_total").increment(1);
            return None;
        }
        *count += 1;
        Some(Place(Some((self.clone(), address))))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        metrics::gauge!("http_connections").decrement(1.0);
        if let Some((connections, address)) = &self.0 {
            connections.by_address.remove_if_mut(address, |_, count| {
                *count = count.saturating_sub(1);
                *count == 0
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn places_are_limited_per_address_and_given_back() {
        let connections = Connections::new(2);
        let one = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
        let other = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));
        let first = connections.enter(one, false).unwrap();
        let _second = connections.enter(one, false).unwrap();
        assert!(connections.enter(one, false).is_none());
        assert!(connections.enter(one, true).is_some());
        assert!(connections.enter(other, false).is_some());
        drop(first);
        assert!(connections.enter(one, false).is_some());
        assert_eq!(connections.by_address.len(), 1, "who has left is forgotten");
    }
}
