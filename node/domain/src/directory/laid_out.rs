//! Entries of open data, laid out beside those that are found: they take their place in one go, so that nobody finds half
//! of them. What many of them share is kept once: two lots of them are in memory while one takes the place of the other.

use super::catalogue::{Home, keys};
use super::listing::{Extent, Listing, theme_place};
use super::week::Week;
use crate::territory::Territory;
use crate::theme::Theme;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Entries of open data, and where to find them.
#[derive(Clone, Debug, Default)]
pub struct LaidOut {
    listings: Vec<Listing>,
    /// Per theme and area (a département, a région, France) the places of what is open to some of it.
    postings: BTreeMap<(usize, Territory), Vec<u32>>,
    /// What was met so far, until everything is laid out.
    extents: BTreeSet<Arc<Extent>>,
    weeks: BTreeSet<Arc<Week>>,
}

impl LaidOut {
    /// Room for so many entries.
    pub fn with_room(count: usize) -> Self {
        Self { listings: Vec::with_capacity(count), ..Self::default() }
    }

    /// Lays out one more.
    pub fn add(&mut self, mut listing: Listing) {
        let Ok(place) = u32::try_from(self.listings.len()) else { return };
        listing.extent = once(&mut self.extents, listing.extent);
        listing.week = listing.week.map(|week| once(&mut self.weeks, week));
        for key in keys(&listing) {
            self.postings.entry(key).or_default().push(place);
        }
        self.listings.push(listing);
    }

    /// Lets go of what was needed to lay them out.
    pub fn done(mut self) -> Self {
        (self.extents, self.weeks) = Default::default();
        self.postings.values_mut().for_each(Vec::shrink_to_fit);
        self
    }

    fn at(&self, place: u32) -> Option<&Listing> {
        // Places are counted in 32 bits to keep the lists small.
        self.listings.get(place as usize)
    }

    /// What answers a theme for people of a commune, each once: a listing stands under one of the areas at most.
    pub(super) fn open_to<'a>(&'a self, theme: Theme, home: &'a Home) -> impl Iterator<Item = &'a Listing> {
        let theme = theme_place(theme);
        home.areas().into_iter().flatten().flat_map(move |area| {
            let places = theme.and_then(|theme| self.postings.get(&(theme, area)));
            let listings = places.into_iter().flatten().filter_map(|place| self.at(*place));
            listings.filter(|listing| listing.extent.coverage.lists_any(&home.chain()))
        })
    }

    /// Whatever answers a theme, wherever it is open to, each once.
    pub(super) fn anywhere(&self, theme: Theme) -> impl Iterator<Item = &Listing> {
        let theme = theme_place(theme);
        let postings = self.postings.iter().filter(move |((of, _), _)| Some(*of) == theme);
        let places: BTreeSet<u32> = postings.flat_map(|(_, places)| places.iter().copied()).collect();
        places.into_iter().filter_map(|place| self.at(place))
    }
}

/// The one that is kept of all that are equal.
fn once<T: Ord>(kept: &mut BTreeSet<Arc<T>>, one: Arc<T>) -> Arc<T> {
    if let Some(known) = kept.get(&one) {
        return Arc::clone(known);
    }
    kept.insert(Arc::clone(&one));
    one
}
