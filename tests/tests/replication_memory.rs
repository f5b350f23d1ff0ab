//! What a directory as full as it may be costs in memory: alone in its process, so that nothing else counts.
#![cfg(target_os = "linux")]

use anyhow::{Context as _, Result, ensure};
use relais_domain::digest::Digest;
use relais_domain::directory::{Body, Directory, RECORDS_MAX};
use relais_tests::records::{NOW, places, profile, record, service, structure};

/// Most memory that the records may take, KiB; a node without any takes about 30 MB of its 120.
const RECORDS_KIB_MAX: u64 = 80 * 1_024;
/// What a structure publishes: itself, services, and the places of each.
const SERVICES: u64 = 5;

fn resident_kib() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

#[test]
fn a_full_directory_fits_into_the_memory_of_a_node() -> Result<()> {
    let before = resident_kib()?;
    let mut directory = Directory::default();
    let mut number = 0;
    while directory.count() < RECORDS_MAX {
        let of = structure(number);
        let mut bodies = vec![Body::Structure(Box::new(profile(number, None)))];
        for place in 0..SERVICES {
            let offered = service(number * SERVICES + place, "17");
            let capacity = places(&offered);
            bodies.extend([Body::Service(Box::new(offered)), Body::Capacity(capacity)]);
        }
        for body in bodies.into_iter().take(RECORDS_MAX - directory.count()) {
            let identity = Digest::of_parts(&[of.as_bytes(), format!("{:?}", body.key()).as_bytes()]);
            directory.admit(record(of, 1, NOW, body), identity, NOW)?;
        }
        number += 1;
    }
    let taken = resident_kib()? - before;
    let each = taken * 1_024 / u64::try_from(RECORDS_MAX)?;
    println!("{RECORDS_MAX} records of {number} structures take {taken} KiB, {each} bytes each");
    ensure!(taken <= RECORDS_KIB_MAX, "{taken} KiB");
    Ok(())
}
