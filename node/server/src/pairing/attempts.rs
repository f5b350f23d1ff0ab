//! How often an address may try to pair.

use super::ATTEMPTS_PER_MINUTE_MAX;
use crate::accept::AddressKey;
use relais_domain::time::{Span, Timestamp};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// The time in which attempts are counted.
const WINDOW: Span = Span::minutes(1);
/// Most addresses remembered; when all are fresh, a new one waits.
const ADDRESSES_MAX: usize = 4_096;

/// Attempts by address.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    by: Mutex<BTreeMap<AddressKey, (Timestamp, u32)>>,
}

impl Attempts {
    /// Counts an attempt, if one is left.
    pub(super) fn take(&self, address: IpAddr, now: Timestamp) -> Option<()> {
        let key = AddressKey::from(address);
        let mut by = self.by.lock().unwrap_or_else(PoisonError::into_inner);
        if by.len() >= ADDRESSES_MAX {
            by.retain(|_, (since, _)| is_fresh(*since, now));
        }
        if by.len() >= ADDRESSES_MAX && !by.contains_key(&key) {
            return None;
        }
        let (since, count) = by.entry(key).or_insert((now, 0));
        if !is_fresh(*since, now) {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        (*count <= ATTEMPTS_PER_MINUTE_MAX).then_some(())
    }
}

/// A clock that was set back makes a window fresh no longer.
fn is_fresh(since: Timestamp, now: Timestamp) -> bool {
    now.is_within(WINDOW, since)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const NOW: Timestamp = Timestamp(1_795_305_600_000);

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from_bits(number).into()
    }

    #[test]
    fn an_address_has_so_many_attempts_a_minute() {
        let attempts = Attempts::default();
        let taken = (0..20).filter(|_| attempts.take(address(1), NOW).is_some()).count();
        assert_eq!(taken, 10);
        assert!(attempts.take(address(2), NOW).is_some());
        assert!(attempts.take(address(1), NOW.plus(Span::seconds(59))).is_none());
        assert!(attempts.take(address(1), NOW.plus(WINDOW)).is_some());
        assert!(attempts.take(address(1), NOW).is_some());
    }

    #[test]
    fn a_flood_of_addresses_fills_no_memory() {
        let attempts = Attempts::default();
        let taken = (0..5_000).filter(|number| attempts.take(address(*number), NOW).is_some()).count();
        assert_eq!(taken, ADDRESSES_MAX);
        assert!(attempts.take(address(1), NOW).is_some());
        assert!(attempts.take(address(9_999), NOW.plus(WINDOW)).is_some());
    }
}
