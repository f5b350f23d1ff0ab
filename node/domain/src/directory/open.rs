//! Open data: entries of a public dump, which nobody on the network vouches for, and when a signed record takes the place
//! of one.
//!
//! A SIRET is a claim, and so is the id of a site or of a service: anyone can sign them. They hide the entries of a structure only when whoever
//! claims them is this structure, a partner, or endorsed by one of the two; a stranger's claim changes nothing.

use super::Profile;
use crate::digest::Digest;
use crate::id::{ServiceId, SiteId};
use std::collections::BTreeSet;

/// Most services of open data that are held, all sources together.
pub const OPEN_SERVICES_MAX: usize = 100_000;
/// Most structures of open data that are held, all sources together.
pub const OPEN_STRUCTURES_MAX: usize = 100_000;
/// Longest stored entry, in bytes.
pub const OPEN_ENTRY_BYTES_MAX: usize = 16_384;
/// Longest dump, its files together, in bytes.
pub const OPEN_DUMP_BYTES_MAX: u64 = 1_073_741_824;
/// Most sources, each seeded apart.
pub const OPEN_SOURCES_MAX: usize = 4;

/// Digits of a SIRET.
const SIRET_DIGITS: usize = 14;

/// A SIRET: 14 digits, not all of them 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Siret(u64);

impl Siret {
    /// The SIRET of 14 digits; `None` of anything else. Zeros fill an empty field and name nobody.
    pub fn parse(text: &str) -> Option<Self> {
        let shaped = text.len() == SIRET_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number| shaped && *number != 0).map(Self)
    }
}

/// What an id of a dump is known by: the first 128 bits of its SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryKey([u8; 16]);

impl EntryKey {
    /// The key of an id.
    pub fn of(id: &str) -> Self {
        let digest = Digest::of(id.as_bytes());
        let mut key = [0; 16];
        key.iter_mut().zip(digest.as_bytes()).for_each(|(to, from)| *to = *from);
        Self(key)
    }

    /// The key of 16 bytes; `None` of any other number.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl std::fmt::Debug for EntryKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Who a structure is to this one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Backing {
    /// It is this structure.
    Own,
    /// It is a partner: its admin and this one's have confirmed each other.
    Partner,
    /// This structure or a partner endorses it.
    Endorsed,
    /// Nobody here knows it: its records came by way of others.
    Nobody,
}

impl Backing {
    /// Whether it is believed when it says which structure it is.
    pub const fn is_believed(self) -> bool {
        match self {
            Self::Own | Self::Partner | Self::Endorsed => true,
            Self::Nobody => false,
        }
    }
}

/// What tells an entry of open data apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Subject {
    /// Its id.
    pub service: EntryKey,
    /// The site that its structure would sign if it published what the dump says of it.
    pub site: SiteId,
    /// The SIRET of its structure.
    pub siret: Option<Siret>,
}

/// What structures that are believed say of who they are.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Claims {
    sirets: BTreeSet<Siret>,
    sites: BTreeSet<SiteId>,
    services: BTreeSet<EntryKey>,
}

impl Claims {
    /// Takes in what a structure has signed of itself, if it is believed: its SIRET, its sites, whose ids are made of the
    /// ids under which data·inclusion knows the structure, and the ids of its services, those that it took back included:
    /// a dump that still has them has not heard.
    pub fn hear<'a>(
        &mut self,
        voucher: Backing,
        profile: Option<&Profile>,
        services: impl IntoIterator<Item = &'a ServiceId>,
    ) {
        if !voucher.is_believed() {
            return;
        }
        self.sirets.extend(profile.and_then(|profile| Siret::parse(profile.siret.as_deref()?)));
        self.sites.extend(profile.into_iter().flat_map(|profile| &profile.sites).map(|site| site.id));
        self.services.extend(services.into_iter().map(|id| EntryKey::of(id.as_str())));
    }

    /// Whether signed records take the place of an entry: they are of its structure, or of the very service.
    pub fn take_the_place_of(&self, subject: Subject) -> bool {
        subject.siret.is_some_and(|siret| self.sirets.contains(&siret))
            || self.sites.contains(&subject.site)
            || self.services.contains(&subject.service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::Site;

    const SIRET: &str = "13003013300016";

    /// A site, as an import makes its id of the structure's.
    fn site(structure: &str) -> SiteId {
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(structure.bytes()).for_each(|(to, from)| *to = from);
        SiteId::from_random(bytes)
    }

    fn subject(service: &str, structure: &str, siret: Option<&str>) -> Subject {
        let siret = siret.and_then(Siret::parse);
        Subject { service: EntryKey::of(service), site: site(structure), siret }
    }

    fn heard(voucher: Backing, siret: Option<&str>, structure: Option<&str>, services: &[&str]) -> Claims {
        let sites = structure.map(|structure| Site {
            id: site(structure),
            name: "Essai".to_owned(),
            commune: None,
            address: None,
            phone: None,
            email: None,
            opening_hours: None,
            coordinates: None,
        });
        let (siret, sites) = (siret.map(str::to_owned), sites.into_iter().collect());
        let profile = Profile { siret, sites, ..Profile::default() };
        let services: Vec<ServiceId> = services.iter().filter_map(|id| ServiceId::parse(id)).collect();
        let mut claims = Claims::default();
        claims.hear(voucher, Some(&profile), &services);
        claims
    }

    #[test]
    fn the_same_siret_takes_its_place() {
        let claims = heard(Backing::Partner, Some(SIRET), None, &[]);
        assert!(claims.take_the_place_of(subject("dora--1", "dora--s", Some(SIRET))));
        assert!(!claims.take_the_place_of(subject("dora--1", "dora--s", Some("13003013300024"))));
        assert!(!claims.take_the_place_of(subject("dora--1", "dora--s", None)));
    }

    /// Ids of data·inclusion are `producer--id`: that of a service says nothing of its structure.
    #[test]
    fn the_id_under_which_it_is_known_takes_its_place() {
        let claims = heard(Backing::Own, None, Some("dora--42"), &["dora--AidantsConnect:2024-47BXY"]);
        assert!(claims.take_the_place_of(subject("dora--1", "dora--42", None)));
        for structure in ["dora", "dora--4", "dora--421", "dora--AidantsConnect:2024-47BXY", ""] {
            assert!(!claims.take_the_place_of(subject("dora--1", structure, None)), "{structure}");
        }
        let very = subject("dora--AidantsConnect:2024-47BXY", "cd35--mjc", None);
        assert!(claims.take_the_place_of(very), "the very service");
    }

    #[test]
    fn a_stranger_hides_nobody() {
        let ids = ["dora--1"];
        let entry = subject("dora--1", "dora--42", Some(SIRET));
        for (voucher, hidden) in [
            (Backing::Own, true),
            (Backing::Partner, true),
            (Backing::Endorsed, true),
            (Backing::Nobody, false),
        ] {
            let claims = heard(voucher, Some(SIRET), Some("dora--42"), &ids);
            assert_eq!(claims.take_the_place_of(entry), hidden, "{voucher:?}");
        }
    }

    #[test]
    fn zeros_and_half_a_siret_name_nobody() {
        for text in
            ["00000000000000", "1300301330001", "130030133000166", "1300301330001x", "+3003013300016", ""]
        {
            assert_eq!(Siret::parse(text), None, "{text}");
        }
        let claims = heard(Backing::Partner, Some("00000000000000"), None, &[]);
        assert_eq!(claims, Claims::default());
    }

    #[test]
    fn keys_are_as_many_as_ids() {
        assert_ne!(EntryKey::of("dora--1"), EntryKey::of("dora--2"));
        let key = EntryKey::of("dora--1");
        assert_eq!(EntryKey::from_slice(key.as_bytes()), Some(key));
        assert_eq!(EntryKey::from_slice(&[0; 15]), None);
    }
}
