//! How often one may try. Asked before any password is computed, so that guessing is slow and costs the node little.
//!
//! An account is tried five times a minute wherever the tries come from: that bounds guessing. An address is tried
//! thirty times a minute over all accounts: an office behind one address signs in in the morning without being locked
//! out by its own colleagues, while one machine cannot go through the list of names. Names nobody has are counted alike,
//! so that the limit does not tell which accounts there are, but apart: however many are made up, the counts of the real
//! ones stay. Whoever is kept out of an account by a stranger's tries waits a minute, or asks an admin for a link: links
//! are limited by address alone.

use super::AccountError;
use crate::users::USERS_MAX;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use relais_domain::digest::Digest;
use relais_domain::time::Span;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

/// Tries of one account, a minute.
pub const ACCOUNT_TRIES_PER_MINUTE: NonZeroU32 = NonZeroU32::new(5).expect("not zero");
/// Tries from one address, a minute.
pub const ADDRESS_TRIES_PER_MINUTE: NonZeroU32 = NonZeroU32::new(30).expect("not zero");
/// Codes of one authenticator tried, an hour: whoever has the password guesses one in a million.
pub const TOTP_TRIES_PER_HOUR: NonZeroU32 = NonZeroU32::new(20).expect("not zero");
/// Most keys of one kind that are counted at once; one more, and the one tried longest ago is forgotten.
pub const TRACKED_MAX: usize = 10_000;
const _: () = assert!(USERS_MAX <= TRACKED_MAX, "no account's count is ever forgotten");

/// Where a try comes from, as far as it is counted: an IPv4 address, the half of an IPv6 address that one line has, or
/// this machine.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Address(Option<IpAddr>);

impl Address {
    /// Reads an address without a port; an empty text stands for this machine.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self(None));
        }
        let address: IpAddr = text.parse().ok()?;
        Some(Self(Some(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        })))
    }
}

/// Whose a name is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Named {
    /// An account's, open or closed.
    Account,
    /// Nobody's.
    Nobody,
}

/// What is counted.
pub(super) struct Tries {
    accounts: Counted<Digest>,
    nobodies: Counted<Digest>,
    addresses: Counted<Address>,
    codes: Counted<Digest>,
}

impl Default for Tries {
    fn default() -> Self {
        Self {
            accounts: Counted::new(Quota::per_minute(ACCOUNT_TRIES_PER_MINUTE)),
            nobodies: Counted::new(Quota::per_minute(ACCOUNT_TRIES_PER_MINUTE)),
            addresses: Counted::new(Quota::per_minute(ADDRESS_TRIES_PER_MINUTE)),
            codes: Counted::new(Quota::per_hour(TOTP_TRIES_PER_HOUR)),
        }
    }
}

impl Tries {
    /// One more try at the account of this name, there or not.
    pub(super) fn account(&self, name: &str, named: Named) -> Result<(), AccountError> {
        let counted = match named {
            Named::Account => &self.accounts,
            Named::Nobody => &self.nobodies,
        };
        counted.spend(&Digest::of(name.as_bytes()))
    }

    /// One more try from this address.
    pub(super) fn address(&self, address: Address) -> Result<(), AccountError> {
        self.addresses.spend(&address)
    }

    /// One more code for the account of this name.
    pub(super) fn code(&self, name: &str) -> Result<(), AccountError> {
        self.codes.spend(&Digest::of(name.as_bytes()))
    }
}

/// A bucket a key, of which there are not more than [`TRACKED_MAX`].
pub(super) struct Counted<K: Hash + Eq + Clone> {
    quota: Quota,
    held: Mutex<Buckets<K>>,
}

struct Buckets<K> {
    buckets: HashMap<K, Bucket>,
    /// The keys by when they were tried last.
    order: BTreeMap<u64, K>,
    next: u64,
}

struct Bucket {
    limiter: DefaultDirectRateLimiter,
    turn: u64,
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    /// The bucket of a key that is tried now. For a new one the one tried longest ago makes room.
    fn tried(&mut self, key: &K, quota: Quota) -> &DefaultDirectRateLimiter {
        let turn = self.next;
        self.next = self.next.wrapping_add(1);
        if !self.buckets.contains_key(key)
            && self.buckets.len() >= TRACKED_MAX
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.buckets.remove(&oldest);
        }
        let fresh = || Bucket { limiter: RateLimiter::direct(quota), turn };
        let bucket = self.buckets.entry(key.clone()).or_insert_with(fresh);
        self.order.remove(&bucket.turn);
        bucket.turn = turn;
        self.order.insert(turn, key.clone());
        &bucket.limiter
    }
}

impl<K: Hash + Eq + Clone> Counted<K> {
    pub(super) fn new(quota: Quota) -> Self {
        let held = Buckets { buckets: HashMap::new(), order: BTreeMap::new(), next: 0 };
        Self { quota, held: Mutex::new(held) }
    }

    /// Takes one from the key's bucket, or says how long it stays empty.
    pub(super) fn spend(&self, key: &K) -> Result<(), AccountError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.tried(key, self.quota).check().map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            let wait = Span(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
            AccountError::TooOften { wait }
        })
    }

    #[cfg(test)]
    fn tracked(&self) -> usize {
        self.held.lock().unwrap().buckets.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(try_once: impl Fn() -> Result<(), AccountError>) -> u32 {
        (0..1_000).map(|_| u32::from(try_once().is_ok())).sum()
    }

    #[test]
    fn the_sixth_try_of_a_minute_waits_and_another_account_does_not() {
        let tries = Tries::default();
        assert_eq!(taken(|| tries.account("claire", Named::Account)), ACCOUNT_TRIES_PER_MINUTE.get());
        let Err(AccountError::TooOften { wait }) = tries.account("claire", Named::Account) else {
            panic!("one too many")
        };
        assert!((1..=12_000).contains(&wait.0), "{wait:?}");
        assert!(tries.account("paul", Named::Account).is_ok());
    }

    #[test]
    fn an_address_has_room_for_an_office_and_no_flood() {
        let tries = Tries::default();
        let office = Address::parse("192.0.2.1").unwrap();
        assert_eq!(taken(|| tries.address(office)), ADDRESS_TRIES_PER_MINUTE.get());
        assert!(tries.address(Address::parse("192.0.2.2").unwrap()).is_ok());
    }

    #[test]
    fn codes_are_counted_by_the_hour() {
        let tries = Tries::default();
        assert_eq!(taken(|| tries.code("claire")), TOTP_TRIES_PER_HOUR.get());
    }

    #[test]
    fn a_line_has_one_address_however_it_writes_it() {
        let of = |text| Address::parse(text).unwrap();
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:ffff:ffff:ffff"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        for wrong in ["192.0.2.1:80", "localhost", " ", "[::1]"] {
            assert_eq!(Address::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_flood_of_names_locks_nobody_out_and_resets_no_account() {
        let tries = Tries::default();
        taken(|| tries.account("claire", Named::Account));
        for name in 0..TRACKED_MAX + 20 {
            assert!(tries.account(&name.to_string(), Named::Nobody).is_ok(), "{name}");
        }
        assert_eq!(tries.nobodies.tracked(), TRACKED_MAX, "memory is bounded");
        assert!(tries.account("paul", Named::Account).is_ok());
        let claire = tries.account("claire", Named::Account);
        assert!(matches!(claire, Err(AccountError::TooOften { .. })), "her count outlives the flood");
    }

    #[test]
    fn the_key_tried_longest_ago_makes_room() {
        let counted = Counted::new(Quota::per_hour(NonZeroU32::MIN));
        for key in 0..TRACKED_MAX {
            assert!(counted.spend(&key).is_ok());
        }
        assert!(counted.spend(&0).is_err(), "tried again, it is the latest");
        assert!(counted.spend(&TRACKED_MAX).is_ok());
        assert!(counted.spend(&0).is_err(), "it stays");
        assert!(counted.spend(&1).is_ok(), "it made room");
        assert_eq!(counted.tracked(), TRACKED_MAX);
    }
}
