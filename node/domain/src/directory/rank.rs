//! The order of what is found: one number, the same on every node from the same directory and question.
//!
//! A service's *effort* is counted in hectometres (1 point = 100 m further to go), so that every feature says how far one
//! would rather go than do without it:
//!
//! | Feature | Points |
//! |---|---|
//! | distance in person | 1 per 100 m; beyond 50 km it stands behind all others, nearest first |
//! | at a distance | at most 150: as if it were 15 km away |
//! | where it is cannot be told | 200 |
//! | says that it has no place | 200 |
//! | says nothing of its places | 30 |
//! | days until a first meeting | 3 each, at most 90 |
//! | something asked for is not known (language, price, hours, distance, how one is received) | 60 each |
//! | described more than one year ago / two years ago | 20 / 50 |
//! | said to be described later than tomorrow: when is not known | 20 |
//! | answers this structure: median days | 5 each, at most 100 |
//! | never asked by this structure | 10: as if it answered in two days |
//! | left at least half of four or more referrals unanswered | 100 |
//! | no partner, but vouched for or awaited / unknown to partners / open data nobody signed | 60 / 90 / 120 |
//! | each three services of one structure that stand before it | 100, at most 9,000 |
//!
//! Points are compared in steps of 5 (500 m). Within a step structures take turns: the order changes every day (UTC) by a
//! hash of structure and day. Together with the neutral value for who was never asked and the rule of three this is what
//! keeps new and small structures from being starved. Names and prices decide nothing; nothing can be bought.

use super::listing::{Listing, Room};
use super::{IN_PERSON_METRES_MAX, Mode, Standing};
use crate::time::{Day, Timestamp};

/// Metres of one point.
const POINT_METRES: u32 = 100;
/// Points that make no difference.
const STEP: u32 = 5;
/// Points of [`IN_PERSON_METRES_MAX`].
const FAR: u32 = IN_PERSON_METRES_MAX / POINT_METRES;
const REMOTE_MAX: u32 = 150;
const PLACE_UNKNOWN: u32 = 200;
const NO_PLACES: u32 = 200;
const ROOM_UNKNOWN: u32 = 30;
const WAITING_DAY: u32 = 3;
const WAITING_MAX: u32 = 90;
pub(super) const NOT_KNOWN: u32 = 60;
const OLD_DAYS: i32 = 365;
const OLD: u32 = 20;
const VERY_OLD: u32 = 50;
/// Days by which a description may lie ahead: clocks and time zones differ.
const DAYS_AHEAD_MAX: i32 = 1;
/// Of a description from the future it is not known how old it is.
const AGE_UNKNOWN: u32 = OLD;
const ANSWER_DAY: u32 = 5;
const ANSWER_MAX: u32 = 100;
const NEVER_ASKED: u32 = 10;
const LEFT_UNANSWERED: u32 = 100;
/// Fewest referrals from which it is told that half are left unanswered.
const ASKED_MIN: u32 = 4;
const VOUCHED: u32 = 60;
const STRANGER: u32 = 90;
const UNVERIFIED: u32 = 120;
/// Services of one structure before the others come first.
const OF_ONE_STRUCTURE: u32 = 3;
const AFTER_THREE: u32 = 100;
/// However many they are, none stands behind what is too far.
const AFTER_MAX: u32 = 9_000;
/// What is too far stands behind whatever is not: more than all points of a feature each.
const TOO_FAR: u32 = 10_000;

const STEP_SHIFT: u32 = 104;
const TURN_SHIFT: u32 = 52;
/// Turns and ties have 52 bits each.
const LOW_BITS: u64 = (1 << TURN_SHIFT) - 1;

/// A place in the order: less stands first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Rank(u128);

impl Rank {
    /// As a number, to be given back as [`Rank::from_number`].
    pub const fn number(self) -> u128 {
        self.0
    }

    /// The rank of a number.
    pub const fn from_number(number: u128) -> Self {
        Self(number)
    }

    /// With these points; the points of a structure's best service are those it has by itself.
    pub(super) fn of(listing: &Listing, points: u32, day: Day) -> Self {
        let step = u128::from(points / STEP) << STEP_SHIFT;
        let turn = u128::from(mix(listing.seed, day) & LOW_BITS) << TURN_SHIFT;
        Self(step | turn | u128::from(listing.tie & LOW_BITS))
    }

    /// The same, of a service that stands behind `before` others of its structure.
    pub(super) fn behind(self, before: u32) -> Self {
        let back = (before / OF_ONE_STRUCTURE).saturating_mul(AFTER_THREE).min(AFTER_MAX);
        Self(self.0 + (u128::from(back / STEP) << STEP_SHIFT))
    }
}

/// A number that differs every day and cannot be told from chance (the finaliser of splitmix64).
const fn mix(seed: u64, day: Day) -> u64 {
    let mut mixed = seed ^ (day.0 as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

/// The points of a service, but for what was asked and is not known of it.
pub(super) fn points(
    listing: &Listing,
    standing: Standing,
    distance_m: Option<u32>,
    mode: Option<Mode>,
    now: Timestamp,
) -> u32 {
    way(listing, distance_m, mode)
        + room(listing.room(now))
        + age(listing.updated_on, now.day())
        + trust(standing)
}

fn way(listing: &Listing, distance_m: Option<u32>, mode: Option<Mode>) -> u32 {
    let in_person = distance_m.map_or(PLACE_UNKNOWN, |metres| metres / POINT_METRES);
    let in_person = if in_person > FAR { TOO_FAR + in_person } else { in_person };
    // Where it is says nothing to who goes nowhere: a door that may receive at a distance is as far as one that does.
    if mode == Some(Mode::Remote) && !listing.says_how() {
        return REMOTE_MAX;
    }
    match (listing.is_in_person(), listing.is_remote() && mode != Some(Mode::InPerson)) {
        (true, true) => in_person.min(REMOTE_MAX),
        (false, true) => REMOTE_MAX,
        (true | false, false) => in_person,
    }
}

fn room(room: Option<Room>) -> u32 {
    let Some(room) = room else { return ROOM_UNKNOWN };
    let waiting = room.waiting_days.map(|days| days.saturating_mul(WAITING_DAY).min(WAITING_MAX));
    match (room.places, waiting) {
        (Some(0), waiting) => NO_PLACES + waiting.unwrap_or(0),
        (Some(_), waiting) => waiting.unwrap_or(0),
        (None, Some(waiting)) => waiting,
        (None, None) => ROOM_UNKNOWN,
    }
}

fn age(updated_on: Day, today: Day) -> u32 {
    match today.0.saturating_sub(updated_on.0) {
        days if days < -DAYS_AHEAD_MAX => AGE_UNKNOWN,
        days if days > 2 * OLD_DAYS => VERY_OLD,
        days if days > OLD_DAYS => OLD,
        _ => 0,
    }
}

fn trust(standing: Standing) -> u32 {
    match standing {
        Standing::Vouched | Standing::Awaited => VOUCHED,
        Standing::Stranger => STRANGER,
        Standing::Unverified => UNVERIFIED,
        Standing::Partner(None) => NEVER_ASKED,
        Standing::Partner(Some(history)) => {
            let lost = leaves_unanswered(history.asked, history.unanswered);
            let days = history
                .median_days
                .map_or(NEVER_ASKED, |days| days.saturating_mul(ANSWER_DAY).min(ANSWER_MAX));
            days + if lost { LEFT_UNANSWERED } else { 0 }
        }
    }
}

/// Whether it is said that at least half of the referrals were left unanswered.
pub(super) const fn leaves_unanswered(asked: u32, unanswered: u32) -> bool {
    asked >= ASKED_MIN && unanswered * 2 >= asked
}

#[cfg(test)]
mod tests {
    use super::super::History;
    use super::*;

    fn waits(days: u32) -> u32 {
        let at = Timestamp(0);
        room(Some(Room { places: Some(1), waiting_days: Some(days), stated_at: at, expires_at: at }))
    }

    fn answers_after(days: u32) -> u32 {
        trust(Standing::Partner(Some(History { asked: 1, unanswered: 0, median_days: Some(days) })))
    }

    /// The points of the place of the last of so many services of one structure.
    fn behind(before: u32) -> u128 {
        (Rank::from_number(0).behind(before).number() >> STEP_SHIFT) * u128::from(STEP)
    }

    #[test]
    fn no_feature_counts_for_more_than_its_points() {
        assert_eq!([0, 29, 30, 31, u32::MAX].map(waits), [0, 87, 90, 90, 90]);
        assert_eq!([0, 19, 20, 21, u32::MAX].map(answers_after), [0, 95, 100, 100, 100]);
        assert_eq!([2, 3, 269, 270, 273, u32::MAX].map(behind), [0, 100, 8_900, 9_000, 9_000, 9_000]);
    }

    /// The worst of what is near, behind all others of its structure, stands before the first of what is too far.
    #[test]
    fn nothing_near_stands_behind_what_is_too_far() {
        const FEATURES_NOT_KNOWN: u32 = 5 * NOT_KNOWN;
        const WORST: u32 =
            FAR + NO_PLACES + WAITING_MAX + VERY_OLD + ANSWER_MAX + LEFT_UNANSWERED + FEATURES_NOT_KNOWN;
        const { assert!(REMOTE_MAX <= FAR && UNVERIFIED <= ANSWER_MAX + LEFT_UNANSWERED) };
        const { assert!(WORST + AFTER_MAX + STEP <= TOO_FAR + FAR) };
    }
}
