//! How long it takes to find ten doors among 100,000, and what they weigh in memory.
//!
//! A debug build looks among fewer and is held to looser bounds; the figures of CHANGELOG.md are those of
//! `cargo test --release -p relais-tests --test directory_search -- --nocapture`.

use anyhow::{Context as _, Result};
use relais_domain::digest::Digest;
use relais_domain::directory::{
    Body, Coordinates, Directory, Door, Doors, Filters, Hours, LaidOut, Listing, NameNeeded, Price, Question,
    Reach, Record, Service, Standing,
};
use relais_domain::id::ServiceId;
use relais_domain::structure_id::StructureId;
use relais_domain::territory::{COVERAGE_CODES_MAX, Commune, Coverage, commune, communes_named};
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
        (self.0 >> 33) as usize % most
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
            std::iter::repeat_n(commune, thousands as usize)
        })
        .collect()
}

fn coverage(commune: Commune, chance: &mut Chance) -> Result<Coverage> {
    let epci = commune.epci().map(|epci| epci.to_string());
    let codes = match chance.below(10) {
        0..=2 => Vec::new(),
        3..=7 => vec![commune.departement().to_string()],
        8 => vec![epci.unwrap_or_else(|| commune.code().to_string())],
        _ => vec![commune.code().to_string()],
    };
    Ok(Coverage::parse(&codes.iter().map(String::as_str).collect::<Vec<_>>())?)
}

fn service(number: u32, people: &[Commune], themes: &[Theme], chance: &mut Chance) -> Result<Service> {
    let commune = people[chance.below(people.len())];
    let some = |list: Vocabulary, chance: &mut Chance| {
        let values = list.values();
        values.get(chance.below(values.len() * 2)).copied()
    };
    let place = commune.centre().and_then(|(latitude, longitude)| {
        let (north, east) = (chance.below(100) as f64, chance.below(100) as f64);
        Coordinates::from_degrees(latitude + north / 2_000.0, longitude + east / 2_000.0)
    });
    Ok(Service {
        id: ServiceId::parse(&format!("dora--{number:06}")).context("an id")?,
        name: String::new(),
        description: String::new(),
        themes: (0..=chance.below(3)).map(|_| themes[chance.below(themes.len())]).collect(),
        audiences: some(Vocabulary::Audiences, chance).into_iter().collect(),
        fees: some(Vocabulary::Fees, chance),
        fees_note: None,
        welcome_modes: some(Vocabulary::WelcomeModes, chance).into_iter().collect(),
        service_type: None,
        coverage: coverage(commune, chance)?,
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
        updated_on: Day(NOW.day().0 - chance.below(900) as i32),
    })
}

/// Resident memory of this process, bytes.
fn resident() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    Ok(line.trim_end_matches("kB").trim().parse::<u64>()? * 1_024)
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
fn ten_doors_are_found_among_all_in_a_blink() -> Result<()> {
    let (services, questions, p99_max) = BOUNDS;
    let (people, themes): (Vec<Commune>, Vec<Theme>) = (people(), Theme::all().collect());
    let mut chance = Chance(7);
    let before = resident()?;
    let (mut directory, began) = (Directory::default(), Instant::now());
    let mut laid_out = LaidOut::with_room(services as usize);
    for number in 0..services {
        let service = service(number, &people, &themes, &mut chance)?;
        let (id, until) = (format!("dora--s{}", number / 3), NOW.plus(Span::days(90)));
        laid_out.add(Listing::open(number, &id, &service, until));
    }
    drop(directory.replace_open(laid_out.done()));
    let (loaded, entry) = (began.elapsed(), resident()?.saturating_sub(before) / u64::from(services));
    let (mut times, mut found, mut empty) = (Vec::with_capacity(questions), 0, 0);
    let standing = |_: &Door| Some(Standing::Unverified);
    for number in 0..questions {
        let question = question(number, &people, &themes, &mut chance);
        let began = Instant::now();
        let outcome = directory.find(&question, NOW, standing);
        times.push(began.elapsed());
        found += outcome.found.len();
        empty += usize::from(outcome.found.is_empty());
        assert_eq!(outcome.found.len(), outcome.total.min(10));
        let silent = outcome.total == 0 && outcome.shut_out.is_empty() && outcome.several == 0;
        assert!(
            !silent || question.filters == Filters { doors: Doors::All, ..Filters::default() },
            "{question:?}"
        );
    }
    times.sort();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    let (p50, p99, most) = (at(50), at(99), at(100));
    println!(
        "{services} services made and listed in {loaded:?}, {entry} bytes each; ten of them: p50 {p50:?}, p99 {p99:?}, most {most:?}; {found} found, {empty} without any"
    );
    assert!(found > questions * 5, "there is something to put in order: {found}");
    assert!(p99 <= p99_max, "p99 {p99:?}");
    assert!(entry <= ENTRY_BYTES_MAX, "{entry} bytes each");
    Ok(())
}

/// What a hostile partner may publish at most: every record open to almost 1,000 communes, for 16 needs.
#[test]
fn records_made_to_be_slow_are_found_and_forgotten_quickly() -> Result<()> {
    const WIDE: u32 = 400;
    let communes = communes_named("saint", COVERAGE_CODES_MAX - 1);
    let codes: Vec<String> = communes.iter().map(|one| one.code().to_string()).collect();
    let listed: Vec<&str> = std::iter::once("region:75").chain(codes.iter().map(String::as_str)).collect();
    let (coverage, themes) = (Coverage::parse(&listed)?, Theme::all().take(16).collect::<Vec<Theme>>());
    let mut chance = Chance(1);
    let mut directory = Directory::default();
    let us = StructureId::of_root_spki(b"wide");
    for number in 0..WIDE {
        let plain = service(number, &communes, &themes, &mut chance)?;
        let wide = Service { coverage: coverage.clone(), themes: themes.iter().copied().collect(), ..plain };
        let (issued_at, expires_at) = (NOW, NOW.plus(Span::days(60)));
        let body = Body::Service(Box::new(wide));
        let record = Record { structure: us, manifest: 1, sequence: 1, issued_at, expires_at, body };
        directory.admit(record, Digest::of(&number.to_be_bytes()), NOW)?;
    }
    let commune = commune("17300")?.commune();
    let all = Filters { doors: Doors::All, ..Filters::default() };
    let theme = *themes.first().context("a theme")?;
    let question = Question { theme, commune, filters: all, limit: 10, after: None, day: NOW.day() };
    let began = Instant::now();
    assert_eq!(directory.find(&question, NOW, |_| Some(Standing::Stranger)).total, WIDE as usize);
    let (found, began) = (began.elapsed(), Instant::now());
    assert_eq!(directory.forget(us).len(), WIDE as usize);
    let gone = began.elapsed();
    println!("{WIDE} wide records: found in {found:?}, forgotten in {gone:?}");
    assert!(found < Duration::from_millis(100) && gone < Duration::from_millis(400), "{found:?}, {gone:?}");
    Ok(())
}
