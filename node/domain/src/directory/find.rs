//! Finding a service for a need, in an order that is the same everywhere and says why.
//!
//! Every question is answered from the directory alone: nothing of it leaves the node.

use super::catalogue::Home;
use super::compass::Compass;
use super::filters::Fit;
use super::listing::Listing;
use super::rank::{NOT_KNOWN, points};
use super::reason::{Told, reasons};
use super::{Directory, Door, Filter, Filters, Rank, Reason};
use crate::territory::Commune;
use crate::theme::Theme;
use crate::time::{Day, Timestamp};
use std::collections::BTreeMap;

/// How far one is sent to be received in person before a service ranks behind all nearer ones.
pub const IN_PERSON_METRES_MAX: u32 = 50_000;
/// How many are put in order at first; more when that is not enough for the page.
const WINDOW: usize = 64;
/// By how much the window grows.
const WINDOW_GROWTH: usize = 8;

/// What is asked of the directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// The need.
    pub theme: Theme,
    /// Where the person lives.
    pub commune: Commune,
    /// What else is asked of a door.
    pub filters: Filters,
    /// How many services at most.
    pub limit: usize,
    /// Those that stand behind this place in the order; `None` from the first on.
    pub after: Option<Rank>,
    /// The day by which structures take turns: the same for every page of one search.
    pub day: Day,
}

/// How a structure has answered this one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct History {
    /// Referrals sent to it, not counting those that still may be answered.
    pub asked: u32,
    /// How many of them it left unanswered.
    pub unanswered: u32,
    /// Days until half of its answers; `None` before the first.
    pub median_days: Option<u32>,
}

/// What the one who asks has to do with a door.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// A partner: a referral can be sent now.
    Partner(Option<History>),
    /// Confirmed here as a partner, and never met: its admin has not confirmed, or said no.
    Awaited,
    /// Known through the network, and a partner vouches for it.
    Vouched,
    /// Known through the network only.
    Stranger,
    /// Open data that nobody signed.
    Unverified,
}

/// A service found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// The service.
    pub door: Door,
    /// What the one who asks has to do with it.
    pub standing: Standing,
    /// Straight line from the centre of the person's commune, metres.
    pub distance_m: Option<u32>,
    /// Its place in the order.
    pub rank: Rank,
    /// Why it is proposed, and what speaks against it.
    pub reasons: Vec<Reason>,
}

/// What one filter alone shuts out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShutOut {
    /// The filter.
    pub filter: Filter,
    /// How many services would be found without it.
    pub count: usize,
    /// The first of them.
    pub first: Door,
    /// How far that is, metres; absent at a distance or when not known.
    pub distance_m: Option<u32>,
}

/// The answer to a question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// The services of this page.
    pub found: Vec<Found>,
    /// How many there are on all pages.
    pub total: usize,
    /// What each filter alone shuts out, where that is something.
    pub shut_out: Vec<ShutOut>,
    /// How many two filters or more shut out: taking one away would not bring them back.
    pub several: usize,
    /// To be asked behind for the next page; `None` after the last.
    pub next: Option<Rank>,
}

/// A service that is not shut out.
struct Candidate<'a> {
    rank: Rank,
    listing: &'a Listing,
    standing: Standing,
    distance_m: Option<u32>,
    not_known: Vec<Filter>,
    no: No,
}

/// What shuts a service out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum No {
    Nothing,
    One(Filter),
    Several,
}

impl Directory {
    /// The services that answer a question, in the order of [`Rank`](super::Rank); `standing` says what the one who
    /// asks has to do with each, or that it is not to be shown.
    pub fn find(
        &self,
        question: &Question,
        now: Timestamp,
        standing: impl Fn(&Door) -> Option<Standing>,
    ) -> Outcome {
        let home = Home::of(question.commune);
        let compass = question.commune.centre().map(Compass::at);
        let mut shut_out = BTreeMap::new();
        let mut candidates = Vec::new();
        let known = |listing: &Listing| {
            let alive = listing.expires_at > now;
            alive.then(|| standing(&listing.door)).flatten()
        };
        let mut several = 0;
        let distance = |listing: &Listing| {
            let told = compass.as_ref().zip(listing.place).map(|(from, place)| from.metres_to(place));
            // About a hundred communes have no centre on record; who is in the same one is near.
            told.or_else(|| (listing.commune == Some(question.commune.code())).then_some(0))
        };
        for listing in self.open_to(question.theme, &home) {
            let Some(standing) = known(listing) else { continue };
            let candidate = candidate(question, listing, standing, distance(listing), now);
            match candidate.no {
                No::Nothing => candidates.push(candidate),
                No::One(filter) => note(&mut shut_out, filter, &candidate),
                No::Several => several += 1,
            }
        }
        if candidates.is_empty() {
            // Nothing that is asked for is open to people of this commune: the nearest that is not says where to look.
            for listing in self.anywhere(question.theme) {
                let Some(standing) = known(listing) else { continue };
                let Some(metres) = distance(listing) else { continue };
                if metres > IN_PERSON_METRES_MAX || listing.extent.coverage.lists_any(&home.chain()) {
                    continue;
                }
                let candidate = candidate(question, listing, standing, Some(metres), now);
                if candidate.no == No::Nothing {
                    note(&mut shut_out, Filter::Territory, &candidate);
                }
            }
        }
        let total = candidates.len();
        let (page, next) = page(candidates, question);
        let commune = question.commune.code();
        let found = page.into_iter().map(|one| {
            let Candidate { rank, listing, standing, distance_m, not_known, .. } = one;
            let told = Told { listing, standing, distance_m, not_known: &not_known };
            Found {
                door: listing.door.clone(),
                standing,
                distance_m,
                rank,
                reasons: reasons(&told, commune, now),
            }
        });
        Outcome { found: found.collect(), total, shut_out: told(shut_out), several, next }
    }
}

/// The first that a filter alone shuts out, and how many they are.
struct Beyond<'a> {
    rank: Rank,
    listing: &'a Listing,
    distance_m: Option<u32>,
    count: usize,
}

type Beyonds<'a> = BTreeMap<Filter, Beyond<'a>>;

fn note<'a>(shut_out: &mut Beyonds<'a>, filter: Filter, candidate: &Candidate<'a>) {
    let Candidate { rank, listing, distance_m, .. } = *candidate;
    let beyond = shut_out.entry(filter).or_insert(Beyond { rank, listing, distance_m, count: 0 });
    beyond.count += 1;
    if rank < beyond.rank {
        (beyond.rank, beyond.listing, beyond.distance_m) = (rank, listing, distance_m);
    }
}

fn told(shut_out: Beyonds<'_>) -> Vec<ShutOut> {
    let told = shut_out.into_iter().map(|(filter, beyond)| ShutOut {
        filter,
        count: beyond.count,
        first: beyond.listing.door.clone(),
        distance_m: beyond.distance_m.filter(|_| beyond.listing.is_in_person()),
    });
    told.collect()
}

/// A service with its place in the order, and what shuts it out.
fn candidate<'a>(
    question: &Question,
    listing: &'a Listing,
    standing: Standing,
    distance_m: Option<u32>,
    now: Timestamp,
) -> Candidate<'a> {
    let (mut not_known, mut no) = (Vec::new(), No::Nothing);
    for (filter, fit) in question.filters.judge(listing, distance_m, standing) {
        match fit {
            Fit::Yes => {}
            Fit::NotKnown => not_known.push(filter),
            Fit::No => no = if no == No::Nothing { No::One(filter) } else { No::Several },
        }
    }
    let guesses = u32::try_from(not_known.len()).unwrap_or(u32::MAX);
    let points = points(listing, standing, distance_m, question.filters.way(), now) + guesses * NOT_KNOWN;
    let rank = Rank::of(listing, points, question.day);
    Candidate { rank, listing, standing, distance_m, not_known, no }
}

/// The candidates of one page, in order, and where the next begins.
///
/// Only the first ones are put in order: a window of the best, within which each service after the third of its structure
/// is moved back. What is moved back past the window's end may stand behind something outside of it, so the window grows
/// until the page is full.
fn page<'a>(mut candidates: Vec<Candidate<'a>>, question: &Question) -> (Vec<Candidate<'a>>, Option<Rank>) {
    let mut window = WINDOW.max(question.limit.saturating_mul(2));
    loop {
        let whole = window >= candidates.len();
        if !whole {
            candidates.select_nth_unstable_by_key(window, order);
        }
        let end = candidates.get(window).filter(|_| !whole).map(|one| one.rank);
        let mut places = placed(candidates.get(..window.min(candidates.len())).unwrap_or_default());
        places.retain(|(rank, _)| {
            end.is_none_or(|end| *rank < end) && question.after.is_none_or(|after| *rank > after)
        });
        if whole || places.len() > question.limit {
            let next = places.len() > question.limit;
            places.truncate(question.limit);
            let next = places.last().filter(|_| next).map(|(rank, _)| *rank);
            let page = take(candidates, &places);
            return (page, next);
        }
        window = window.saturating_mul(WINDOW_GROWTH);
    }
}

fn order<'a>(candidate: &Candidate<'a>) -> (Rank, &'a Door) {
    (candidate.rank, &candidate.listing.door)
}

/// The ranks of these candidates once each after the third of its structure has stepped back, and which they are, in order.
fn placed(candidates: &[Candidate<'_>]) -> Vec<(Rank, usize)> {
    let mut by_rank: Vec<usize> = (0..candidates.len()).collect();
    by_rank.sort_by_key(|place| candidates.get(*place).map(order));
    let mut before: BTreeMap<u64, u32> = BTreeMap::new();
    let mut places: Vec<(Rank, usize)> = Vec::with_capacity(by_rank.len());
    for place in by_rank {
        let Some(candidate) = candidates.get(place) else { continue };
        let of_structure = before.entry(candidate.listing.seed).or_insert(0);
        places.push((candidate.rank.behind(*of_structure), place));
        *of_structure += 1;
    }
    places.sort_by_key(|(rank, place)| (*rank, candidates.get(*place).map(|one| &one.listing.door)));
    places
}

/// The candidates at these places, with the ranks they were given.
fn take<'a>(candidates: Vec<Candidate<'a>>, places: &[(Rank, usize)]) -> Vec<Candidate<'a>> {
    let mut all: Vec<Option<Candidate<'a>>> = candidates.into_iter().map(Some).collect();
    let taken = places.iter().filter_map(|(rank, place)| {
        let candidate = all.get_mut(*place)?.take()?;
        Some(Candidate { rank: *rank, ..candidate })
    });
    taken.collect()
}
