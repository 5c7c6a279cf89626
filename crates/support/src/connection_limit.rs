//! How many connections each client address has.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use crate::Options;

/// Counts connections by address, and says when one address has enough (`--per-client`). Cloning shares the count.
///
/// Of IPv6, a client has not one address but a network of them, 64 bits wide (RFC 4291, section 2.5.1; RFC 6177), and
/// takes another whenever it likes. So the network is counted.
///
/// A long connection costs its server something for as long as the client likes. Without this, one client could take
/// everything that there is.
#[derive(Clone, Debug)]
pub struct ConnectionLimit {
    most: usize,
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection's place in the crowd, given back when it is dropped.
#[derive(Debug)]
pub struct Permit {
    limit: ConnectionLimit,
    address: IpAddr,
}

impl ConnectionLimit {
    /// Nobody yet.
    pub fn new(options: &Options) -> ConnectionLimit {
        ConnectionLimit { most: options.per_client, counts: Arc::default() }
    }

    /// How many places are taken, by all addresses together.
    pub fn size(&self) -> usize {
        // Each place shares the count.
        Arc::strong_count(&self.counts) - 1
    }

    /// A place for one more connection from this address. `None` if it has as many as it may.
    pub fn admit(&self, address: IpAddr) -> Option<Permit> {
        let address = counted_as(address);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        (*count < self.most).then(|| {
            *count += 1;
            Permit { limit: self.clone(), address }
        })
    }
}

/// The network of an IPv6 address, unless it stands for an IPv4 address (`::ffff:192.0.2.1`, RFC 4291, section
/// 2.5.5.2).
fn counted_as(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut counts = self.limit.counts.lock().unwrap_or_else(PoisonError::into_inner);
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
        let limit = ConnectionLimit { most: 2, counts: Arc::default() };
        let (here, there) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let first = limit.admit(here).expect("a first permit");
        let _second = limit.admit(here).expect("a second permit");
        assert!(limit.admit(here).is_none(), "a third permit");
        assert!(limit.admit(there).is_some(), "another address");
        assert_eq!(limit.size(), 2);
        drop(first);
        assert!(limit.admit(here).is_some(), "a permit given back");
        assert_eq!(limit.counts.lock().unwrap().len(), 1, "an address without connections is forgotten");
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let one = |first: &str, second: &str| {
            let limit = ConnectionLimit { most: 1, counts: Arc::default() };
            let _permit = limit.admit(first.parse().unwrap()).expect("a first permit");
            limit.admit(second.parse().unwrap()).is_none()
        };
        assert!(one("2001:db8::1", "2001:db8::1"));
        assert!(one("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff"));
        assert!(!one("2001:db8::1", "2001:db8:0:1::1"));
        assert!(one("::ffff:192.0.2.1", "192.0.2.1"));
        assert!(!one("::ffff:192.0.2.1", "::ffff:192.0.2.2"));
        assert!(!one("192.0.2.1", "192.0.2.2"));
        assert!(!one("::1", "127.0.0.1"));
    }
}
