//! How many connections each client address has.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::Options;

/// Counts connections by address, and says when one address has enough (`--per-client`). Cloning shares the count.
///
/// A long connection costs its server something for as long as the client likes. Without this, one client could take
/// everything that there is.
#[derive(Clone, Debug)]
pub struct Crowd {
    most: usize,
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection's place in the crowd, given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    crowd: Crowd,
    address: IpAddr,
}

impl Crowd {
    /// Nobody yet.
    pub fn new(options: &Options) -> Crowd {
        Crowd { most: options.per_client, counts: Arc::default() }
    }

    /// How many places are taken, by all addresses together.
    pub fn size(&self) -> usize {
        // Each place shares the count.
        Arc::strong_count(&self.counts) - 1
    }

    /// A place for one more connection from this address. `None` if it has as many as it may.
    pub fn admit(&self, address: IpAddr) -> Option<Place> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        (*count < self.most).then(|| {
            *count += 1;
            Place { crowd: self.clone(), address }
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.crowd.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_places_and_gets_them_back() {
        let crowd = Crowd { most: 2, counts: Arc::default() };
        let (here, there) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let first = crowd.admit(here).expect("a first place");
        let _second = crowd.admit(here).expect("a second place");
        assert!(crowd.admit(here).is_none(), "a third place");
        assert!(crowd.admit(there).is_some(), "another address");
        assert_eq!(crowd.size(), 2);
        drop(first);
        assert!(crowd.admit(here).is_some(), "a place given back");
        assert_eq!(crowd.counts.lock().unwrap().len(), 1, "an address without connections is forgotten");
    }
}
