//! Every signed service that can be searched, by theme and by the area it is open to. Finding looks at what answers the theme
//! around the person, never at the whole.

use super::listing::{Bits, Door, Listing, Room, theme_place};
use crate::territory::{Commune, Level, Territory};
use crate::theme::Theme;
use std::collections::{BTreeMap, BTreeSet};

/// Where someone lives, with all it lies in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Home {
    /// The commune, its EPCI, département and région.
    chain: [Option<Territory>; 4],
}

impl Home {
    pub(super) fn of(commune: Commune) -> Self {
        let home = Territory::Commune(commune.code());
        let levels = [Level::Commune, Level::Epci, Level::Departement, Level::Region];
        Self { chain: levels.map(|level| home.at_level(level)) }
    }

    pub(super) const fn chain(&self) -> [Option<Territory>; 4] {
        self.chain
    }

    pub(super) fn areas(&self) -> [Option<Territory>; 3] {
        let [_, _, departement, region] = self.chain;
        [departement, region, Some(Territory::France)]
    }
}

/// The listings, and where to find them.
#[derive(Clone, Debug, Default)]
pub(super) struct Catalogue {
    slots: Vec<Option<Listing>>,
    free: Vec<u32>,
    by_door: BTreeMap<Door, u32>,
    /// Per theme and area (a département, a région, France) the slots of what is open to some of it.
    postings: BTreeMap<(usize, Territory), BTreeSet<u32>>,
}

impl Catalogue {
    /// Takes a listing in; it takes the place of the one about the same door.
    pub(super) fn put(&mut self, listing: Listing) {
        self.remove(&listing.door);
        let Some(slot) = self.free.pop().or_else(|| u32::try_from(self.slots.len()).ok()) else { return };
        for key in keys(&listing) {
            self.postings.entry(key).or_default().insert(slot);
        }
        self.by_door.insert(listing.door.clone(), slot);
        let place = usize_of(slot);
        match self.slots.get_mut(place) {
            Some(held) => *held = Some(listing),
            None => self.slots.push(Some(listing)),
        }
    }

    /// Takes a listing out.
    pub(super) fn remove(&mut self, door: &Door) {
        let Some(slot) = self.by_door.remove(door) else { return };
        let Some(listing) = self.slots.get_mut(usize_of(slot)).and_then(Option::take) else { return };
        self.free.push(slot);
        for key in keys(&listing) {
            if let Some(posting) = self.postings.get_mut(&key) {
                posting.remove(&slot);
                if posting.is_empty() {
                    self.postings.remove(&key);
                }
            }
        }
    }

    /// Notes what is said of the places behind a door.
    pub(super) fn set_room(&mut self, door: &Door, room: Option<Room>) {
        let slot = self.by_door.get(door).copied();
        if let Some(listing) = slot.and_then(|slot| self.slots.get_mut(usize_of(slot))?.as_mut()) {
            listing.room = room;
        }
    }

    fn at(&self, slot: u32) -> Option<&Listing> {
        self.slots.get(usize_of(slot))?.as_ref()
    }

    /// What answers a theme for people of a commune, each once: a listing stands under one of the areas at most.
    pub(super) fn open_to<'a>(&'a self, theme: Theme, home: &'a Home) -> impl Iterator<Item = &'a Listing> {
        let theme = theme_place(theme);
        home.areas().into_iter().flatten().flat_map(move |area| {
            let slots = theme.and_then(|theme| self.postings.get(&(theme, area)));
            let listings = slots.into_iter().flatten().filter_map(|slot| self.at(*slot));
            listings.filter(|listing| listing.extent.coverage.lists_any(&home.chain))
        })
    }

    /// Whatever answers a theme, wherever it is open to, each once.
    pub(super) fn anywhere(&self, theme: Theme) -> impl Iterator<Item = &Listing> {
        let theme = theme_place(theme);
        let postings = self.postings.iter().filter(|((of, _), _)| Some(*of) == theme);
        let slots: BTreeSet<u32> = postings.flat_map(|(_, slots)| slots.iter().copied()).collect();
        slots.into_iter().filter_map(|slot| self.at(slot))
    }
}

/// Slots are counted in 32 bits to keep the lists small.
const fn usize_of(slot: u32) -> usize {
    slot as usize
}

/// Under which themes and areas a listing is filed.
pub(super) fn keys(listing: &Listing) -> Vec<(usize, Territory)> {
    places(listing.themes)
        .flat_map(|theme| listing.extent.areas.iter().map(move |area| (theme, *area)))
        .collect()
}

fn places(bits: Bits) -> impl Iterator<Item = usize> {
    (0..128).filter(move |place| bits.has(*place))
}
