//! What a directory as full as it may be costs in memory, with what structures publish and with the worst that may be
//! signed: each in a process of its own, so that nothing else counts.
#![cfg(target_os = "linux")]

use anyhow::{Context as _, Result, bail, ensure};
use relais_domain::digest::Digest;
use relais_domain::directory::{Body, Directory, LOAD_PER_STRUCTURE_MAX, RECORDS_MAX, RecordKey, Service};
use relais_domain::id::{ServiceId, SiteId};
use relais_domain::territory::{COVERAGE_CODES_MAX, Coverage, communes_named, departements};
use relais_domain::theme::Theme;
use relais_tests::records::{NOW, places, profile, record, service, structure};
use relais_wire::record::ENTRIES_MAX;
use std::process::Command;
use std::sync::LazyLock;

/// Most memory that the records may take, KiB; a node without any takes about 30 MB of its 120.
const RECORDS_KIB_MAX: u64 = 80 * 1_024;
/// Records that find room at least when they are what structures publish: each is weighed at about 2,000 bytes.
const TYPICAL_RECORDS_MIN: usize = 35_000;
/// What a structure publishes: itself, services, and the places of each.
const SERVICES: u64 = 5;
/// Which directory a process of its own is to fill.
const FILLED: &str = "RELAIS_TEST_FILLED";
/// What directories are filled with.
const KINDS: [&str; 7] = ["typical", "communes", "areas", "sites", "languages", "many", "names"];

fn resident_kib() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// What the structure of this number publishes, `of` records of it.
fn bodies(kind: &str, number: u64, of: u64) -> Vec<Body> {
    let service = |body: fn(Service, u64) -> Service| -> Vec<Body> {
        let one = |place| Body::Service(Box::new(body(service(number * of + place, "17"), place)));
        (0..of).map(one).collect()
    };
    match kind {
        "typical" => {
            let mut bodies = vec![Body::Structure(Box::new(profile(number, None)))];
            for place in 0..SERVICES {
                let offered = self::service(number * SERVICES + place, "17");
                let capacity = places(&offered);
                bodies.extend([Body::Service(Box::new(offered)), Body::Capacity(capacity)]);
            }
            bodies
        }
        "communes" => service(|service, _| Service { coverage: communes(), ..service }),
        "areas" => service(|service, place| {
            let themes = Theme::all().skip(place as usize % 40).take(ENTRIES_MAX).collect();
            let codes: Vec<String> = departements().take(24).map(|one| one.code().to_string()).collect();
            let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
            Service { themes, coverage: Coverage::parse(&codes).expect("known"), ..service }
        }),
        "languages" => service(|service, _| {
            let languages = ('a'..='p').map(|letter| format!("a{letter}")).collect();
            Service { languages, description: String::new(), ..service }
        }),
        "sites" => {
            let mut profile = profile(number, relais_domain::territory::CommuneCode::parse("17300"));
            let site = profile.sites.remove(0);
            let sites = (0..ENTRIES_MAX as u8).map(|one| {
                let mut site = site.clone();
                (site.id, site.name, site.phone) = (SiteId::from_random([one; 16]), "abc".to_owned(), None);
                site
            });
            profile.sites = sites.collect();
            vec![Body::Structure(Box::new(profile))]
        }
        "many" => vec![Body::Structure(Box::new(profile(number, None)))],
        _ => {
            let id = |place: u64| ServiceId::parse(&format!("{place:0>200}")).expect("an id");
            (0..of).map(|place| Body::Withdrawn(RecordKey::Capacity(id(number * of + place)))).collect()
        }
    }
}

/// As many communes as one may name.
static CODES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let communes = communes_named("saint", COVERAGE_CODES_MAX);
    communes.iter().map(|one| one.code().to_string()).collect()
});

/// Read anew each time, as from bytes that came: no two records share theirs.
fn communes() -> Coverage {
    let codes: Vec<&str> = CODES.iter().map(String::as_str).collect();
    Coverage::parse(&codes).expect("known codes")
}

/// Fills a directory until nothing more of anyone finds room; the memory it takes is said.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn fill() -> Result<()> {
    let kind = std::env::var(FILLED)?;
    // The tables of territories and the first of everything are no records.
    bodies(&kind, 0, 1);
    let before = resident_kib()?;
    let mut directory = Directory::default();
    let mut number = 0;
    'full: loop {
        let of = structure(number);
        for body in bodies(&kind, number, LOAD_PER_STRUCTURE_MAX.records as u64 / 10) {
            let identity = Digest::of_parts(&[of.as_bytes(), format!("{:?}", body.key()).as_bytes()]);
            if directory.admit(record(of, 1, NOW, body), identity, NOW).is_err() {
                break 'full;
            }
        }
        number += 1;
    }
    let (taken, load) = (resident_kib()? - before, directory.load());
    println!(
        "filled {kind}: {} records of {number} structures, weighed {} KiB, take {taken} KiB",
        load.records,
        load.bytes / 1_024
    );
    ensure!(taken <= RECORDS_KIB_MAX, "{taken} KiB");
    ensure!(kind != "typical" || load.records >= TYPICAL_RECORDS_MIN, "{} records", load.records);
    ensure!(load.records == RECORDS_MAX || load.bytes / 1_024 > 70 * 1_024, "not full");
    // Less would be room that nobody gets.
    ensure!(taken * 1_024 * 2 > load.bytes as u64, "weighed more than twice what it takes");
    Ok(())
}

/// Fills a directory with this kind, in a process of its own; what it says.
fn filled(kind: &str) -> Result<String> {
    let mut filling = Command::new(std::env::current_exe()?);
    filling.args(["--exact", "fill", "--ignored", "--nocapture"]).env(FILLED, kind);
    let filled = filling.output()?;
    let said = String::from_utf8_lossy(&filled.stdout);
    let told = said.lines().find(|line| line.starts_with("filled"));
    ensure!(filled.status.success(), "{kind}: {said}{}", String::from_utf8_lossy(&filled.stderr));
    Ok(told.context("what it was filled with")?.to_owned())
}

#[test]
fn a_full_directory_fits_into_the_memory_of_a_node_whatever_it_is_full_of() -> Result<()> {
    std::thread::scope(|scope| {
        let all = KINDS.map(|kind| scope.spawn(move || filled(kind)));
        for one in all {
            println!("{}", one.join().unwrap_or_else(|_| bail!("a thread ended"))?);
        }
        Ok(())
    })
}
