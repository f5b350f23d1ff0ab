//! How long it takes to find ten doors among 100,000, and what they weigh in memory.
//!
//! A debug build looks among fewer and is held to looser bounds; the figures of CHANGELOG.md are those of
//! `cargo test --release -p relais-tests --test directory_search -- --nocapture`.

use relais_domain::directory::{
    Coordinates, Directory, Door, Doors, Filters, Hours, Listing, NameNeeded, Price, Question, Reach,
    Service, Standing,
};
use relais_domain::id::ServiceId;
use relais_domain::territory::{Commune, Coverage, communes_named};
use relais_domain::theme::Theme;
use relais_domain::time::{Day, Span, Timestamp};
use relais_domain::vocabulary::Vocabulary;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const NOW: Timestamp = Timestamp(1_795_000_000_000);
/// Services, questions, and the longest that 99 of 100 questions may take.
const BOUNDS: (u32, usize, Duration) = if cfg!(debug_assertions) {
    (10_000, 300, Duration::from_millis(60))
} else {
    (100_000, 10_000, Duration::from_millis(1))
};
/// Most memory of one entry, in bytes: 100,000 must leave room for the rest of the node in 120 MB.
const ENTRY_BYTES_MAX: u64 = 700;

/// Numbers that look like chance and are the same every time (a linear congruential generator).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

/// Every commune, as often as it has thousands of inhabitants.
fn people() -> Vec<Commune> {
    let mut communes: Vec<Commune> =
        ('a'..='z').flat_map(|letter| communes_named(&letter.to_string(), usize::MAX)).collect();
    communes.sort();
    communes.dedup();
    assert!(communes.len() > 34_000, "{}", communes.len());
    communes
        .into_iter()
        .flat_map(|commune| {
            let thousands = commune.population().unwrap_or(0) / 1_000 + 1;
            std::iter::repeat_n(commune, usize::try_from(thousands).unwrap())
        })
        .collect()
}

fn coverage(commune: Commune, chance: &mut Chance) -> Coverage {
    let epci = commune.epci().map(|epci| epci.to_string());
    let codes = match chance.below(10) {
        0..=2 => Vec::new(),
        3..=7 => vec![commune.departement().to_string()],
        8 => vec![epci.unwrap_or_else(|| commune.code().to_string())],
        _ => vec![commune.code().to_string()],
    };
    Coverage::parse(&codes.iter().map(String::as_str).collect::<Vec<_>>()).unwrap()
}

fn service(number: u32, people: &[Commune], themes: &[Theme], chance: &mut Chance) -> Service {
    let commune = people[chance.below(people.len())];
    let some = |list: Vocabulary, chance: &mut Chance| {
        let values = list.values();
        values.get(chance.below(values.len() * 2)).copied()
    };
    let place = commune.centre().and_then(|(latitude, longitude)| {
        let (north, east) = (chance.below(100) as f64, chance.below(100) as f64);
        Coordinates::from_degrees(latitude + north / 2_000.0, longitude + east / 2_000.0)
    });
    Service {
        id: ServiceId::parse(&format!("dora--{number:06}")).unwrap(),
        name: String::new(),
        description: String::new(),
        themes: (0..=chance.below(3)).map(|_| themes[chance.below(themes.len())]).collect(),
        audiences: some(Vocabulary::Audiences, chance).into_iter().collect(),
        fees: some(Vocabulary::Fees, chance),
        fees_note: None,
        welcome_modes: some(Vocabulary::WelcomeModes, chance).into_iter().collect(),
        service_type: None,
        coverage: coverage(commune, chance),
        conditions: None,
        site: None,
        commune: Some(commune.code()),
        address: None,
        coordinates: place.filter(|_| chance.below(5) > 0),
        phone: None,
        email: None,
        opening_hours: (chance.below(2) == 0).then(|| "Mo-Fr 09:00-12:00,14:00-17:00".to_owned()),
        mobilisation_modes: Vec::new(),
        mobilisers: Vec::new(),
        link: None,
        languages: if chance.below(5) == 0 {
            BTreeSet::from(["fr".to_owned(), "ar".to_owned()])
        } else {
            BTreeSet::new()
        },
        needs: BTreeSet::new(),
        name_needed: NameNeeded::No,
        walk_in: None,
        updated_on: Day(NOW.day().0 - i32::try_from(chance.below(900)).unwrap()),
    }
}

/// Resident memory of this process, bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1_024
}

fn question(number: usize, people: &[Commune], themes: &[Theme], chance: &mut Chance) -> Question {
    let all = Filters { doors: Doors::All, ..Filters::default() };
    let filters = match number % 3 {
        0 => all,
        1 => Filters { price: Price::Free, reach: Some(Reach::Metres(10_000)), ..all },
        _ => Filters { language: Some("ar".to_owned()), hours: Some(Hours::Morning), ..all },
    };
    let (theme, commune) = (themes[chance.below(themes.len())], people[chance.below(people.len())]);
    Question { theme, commune, filters, limit: 10, after: None, day: NOW.day() }
}

#[test]
fn ten_doors_are_found_among_all_in_a_blink() {
    let (services, questions, p99_max) = BOUNDS;
    let (people, themes): (Vec<Commune>, Vec<Theme>) = (people(), Theme::all().collect());
    let mut chance = Chance(7);
    let before = resident();
    let mut directory = Directory::default();
    let listings = (0..services).map(|number| {
        let service = service(number, &people, &themes, &mut chance);
        Listing::open(number, &format!("dora--s{}", number / 3), &service, NOW.plus(Span::days(90)))
    });
    let began = Instant::now();
    directory.list_open(listings.collect());
    let (loaded, entry) = (began.elapsed(), resident().saturating_sub(before) / u64::from(services));
    let (mut times, mut found, mut empty) = (Vec::with_capacity(questions), 0, 0);
    let standing = |_: &Door| Some(Standing::Unverified);
    for number in 0..questions {
        let question = question(number, &people, &themes, &mut chance);
        let began = Instant::now();
        let outcome = directory.find(&question, NOW, standing);
        times.push(began.elapsed());
        found += outcome.found.len();
        empty += usize::from(outcome.found.is_empty());
        assert!(!outcome.found.is_empty() || !outcome.shut_out.is_empty() || outcome.total == 0);
    }
    times.sort();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    let (p50, p99, most) = (at(50), at(99), at(100));
    println!(
        "{services} services listed in {loaded:?}, {entry} bytes each; ten of them: p50 {p50:?}, p99 {p99:?}, most {most:?}; {found} found, {empty} without any"
    );
    assert!(found > questions * 5, "there is something to put in order: {found}");
    assert!(p99 <= p99_max, "p99 {p99:?}");
    assert!(entry <= ENTRY_BYTES_MAX, "{entry} bytes each");
}
