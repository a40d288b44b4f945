//! All open connections: how many there are, how many an address has, and which are overdue.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use guildhall_base::Timestamp;
use parking_lot::Mutex;

use crate::link::Link;

#[derive(Debug, Default)]
struct All {
    links: HashMap<usize, Arc<Link>>,
    addresses: HashMap<IpAddr, u32>,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Links(Arc<Mutex<All>>);

/// A place that an address takes; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    all: Arc<Mutex<All>>,
    address: IpAddr,
    key: usize,
}

impl Links {
    /// A place for a connection, if its address has fewer than `most` (0: any number).
    pub(crate) fn enter(&self, address: IpAddr, most: u32) -> Option<Place> {
        let mut all = self.0.lock();
        let count = all.addresses.entry(address).or_default();
        if most > 0 && *count >= most {
            return None;
        }
        *count += 1;
        metrics::gauge!("gateway_connections").increment(1);
        Some(Place { all: self.0.clone(), address, key: 0 })
    }

    /// All that there are now.
    pub(crate) fn all(&self) -> Vec<Arc<Link>> {
        self.0.lock().links.values().cloned().collect()
    }

    /// Those whose time is over.
    pub(crate) fn overdue(&self, now: Timestamp) -> Vec<Arc<Link>> {
        self.0.lock().links.values().filter(|link| link.is_overdue(now)).cloned().collect()
    }
}

impl Place {
    /// The connection that takes the place.
    pub(crate) fn taken_by(&mut self, link: &Arc<Link>) {
        self.key = Arc::as_ptr(link).addr();
        self.all.lock().links.insert(self.key, link.clone());
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        metrics::gauge!("gateway_connections").decrement(1);
        let mut all = self.all.lock();
        all.links.remove(&self.key);
        if let Some(count) = all.addresses.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                all.addresses.remove(&self.address);
            }
        }
    }
}
