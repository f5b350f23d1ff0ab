//! Who sits where: counts connections by address until they say who they are, and by partner from then on.

use super::Limits;
use relais_domain::structure_id::StructureId;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bits of an IPv6 address that one customer shares (RFC 6177): what follows costs nothing to change.
const IPV6_CUSTOMER_BITS: u32 = 64;

/// An address for counting: an IPv4 address, or the network of an IPv6 one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct AddressKey(IpAddr);

impl From<IpAddr> for AddressKey {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let network = address.to_bits() >> IPV6_CUSTOMER_BITS << IPV6_CUSTOMER_BITS;
                IpAddr::V6(Ipv6Addr::from_bits(network))
            }
        })
    }
}

/// The seats of one door. Clones are the same seats.
#[derive(Clone, Debug)]
pub(crate) struct Seats {
    limits: Limits,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by: BTreeMap<Sitter, usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Sitter {
    Unknown(AddressKey),
    Peer(StructureId),
}

impl Seats {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, taken: Arc::default() }
    }

    /// A seat for whoever comes from this address; `None` when there is none.
    pub(crate) fn take(&self, address: IpAddr) -> Option<Seat> {
        let sitter = Sitter::Unknown(address.into());
        let mut taken = self.lock();
        if taken.all >= self.limits.connections_max || !taken.add(sitter, self.limits.per_address_max) {
            return None;
        }
        taken.all += 1;
        drop(taken);
        Some(Seat { seats: self.clone(), sitter })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// Counts one more, if there may be.
    fn add(&mut self, sitter: Sitter, max: usize) -> bool {
        let count = self.by.entry(sitter).or_default();
        let fits = *count < max;
        *count += usize::from(fits);
        fits
    }

    fn remove(&mut self, sitter: Sitter) {
        if let Some(count) = self.by.get_mut(&sitter) {
            *count -= 1;
            if *count == 0 {
                self.by.remove(&sitter);
            }
        }
    }
}

/// One connection's seat; free again when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Seats,
    sitter: Sitter,
}

impl Seat {
    /// The same seat, counted for the partner from now on; `None` when it has too many.
    pub(crate) fn known_as(mut self, structure: StructureId) -> Option<Self> {
        let sitter = Sitter::Peer(structure);
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if !taken.add(sitter, self.seats.limits.per_peer_max) {
            return None;
        }
        taken.remove(self.sitter);
        drop(taken);
        self.sitter = sitter;
        Some(self)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        taken.remove(self.sitter);
        taken.all -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits { connections_max: 5, per_peer_max: 2, per_address_max: 3, ..Limits::default() }
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn an_address_has_so_many_seats_and_gets_them_back() {
        let seats = Seats::new(limits());
        let mut held: Vec<Seat> = (0..3).filter_map(|_| seats.take(address("192.0.2.1"))).collect();
        assert_eq!(held.len(), 3);
        assert!(seats.take(address("192.0.2.1")).is_none());
        assert!(seats.take(address("::ffff:192.0.2.1")).is_none());
        assert!(seats.take(address("192.0.2.2")).is_some());
        held.pop();
        assert!(seats.take(address("192.0.2.1")).is_some());
    }

    #[test]
    fn an_ipv6_network_counts_as_one() {
        let seats = Seats::new(limits());
        let _held: Vec<Seat> =
            (1..=3).filter_map(|host| seats.take(address(&format!("2001:db8::{host}")))).collect();
        assert!(seats.take(address("2001:db8::4")).is_none());
        assert!(seats.take(address("2001:db8:0:1::4")).is_some());
    }

    #[test]
    fn a_partner_has_so_many_seats_and_frees_those_of_its_address() {
        let seats = Seats::new(limits());
        let peer = StructureId::of_root_spki(b"peer");
        let sit = || seats.take(address("192.0.2.1")).and_then(|seat| seat.known_as(peer));
        let (first, second) = (sit(), sit());
        assert!(first.is_some() && second.is_some());
        assert!(sit().is_none());
        drop(first);
        assert!(sit().is_some());
        assert_eq!(seats.lock().by.len(), 1);
    }

    #[test]
    fn the_room_has_so_many_seats() {
        let seats = Seats::new(limits());
        let held: Vec<Seat> =
            (1..=9).filter_map(|host| seats.take(address(&format!("192.0.2.{host}")))).collect();
        assert_eq!(held.len(), 5);
        drop(held);
        let taken = seats.lock();
        assert_eq!((taken.all, taken.by.len()), (0, 0));
    }
}
