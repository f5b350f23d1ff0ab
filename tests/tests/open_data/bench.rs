//! How long 100,000 services take, and what they weigh. Not run by itself:
//! `RELAIS_TEST_PROGRAM=target/release/relais cargo test -p relais-tests --test open_data -- --ignored --nocapture`, after
//! `cargo build --release -p relais-cli`.

use super::House;
use anyhow::{Context as _, Result, ensure};
use relais_proto::peer::v1::YesNo;
use relais_tests::dump::Dump;
use relais_tests::wait::holds;
use serde_json::Value;
use std::fs::File;
use std::io::BufWriter;
use std::time::{Duration, Instant};

/// What is asked of the release.
const SEED_MAX: Duration = Duration::from_secs(60);
const MEMORY_MIB_MAX: u64 = 120;
const FEW_MEMORY_MIB_MAX: u64 = 30;

/// A figure of `/proc/<pid>/status`, in MiB.
fn memory(pid: u32, figure: &str) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(figure)).context("no such figure")?;
    Ok(line.trim_start_matches(':').trim_end_matches("kB").trim().parse::<u64>()? / 1_024)
}

#[expect(clippy::print_stdout, reason = "figures are read by who runs it by hand")]
async fn measure(services: u32) -> Result<(Duration, u64)> {
    let mut house = House::open().await?;
    let empty = memory(house.node.pid()?, "VmRSS")?;
    let path = house.node.everything().join("dump.json");
    Dump::of(services).write_json(&mut BufWriter::new(File::create(&path)?))?;
    let (bytes, path) = (std::fs::metadata(&path)?.len(), path.display().to_string());
    let seed = |what: &str| -> Result<Duration> {
        let began = Instant::now();
        let report: Value = house.told(&["directory", "seed", &path, "--json"])?;
        ensure!(report["services"] == services && report["refused"] == 0, "{report}");
        println!("{services} services, {bytes} bytes: {what} {:?}", began.elapsed());
        Ok(began.elapsed())
    };
    let first = seed("seeded in")?;
    let (held, peak) = (memory(house.node.pid()?, "VmRSS")?, memory(house.node.pid()?, "VmHWM")?);
    seed("again in")?;
    let again = memory(house.node.pid()?, "VmRSS")?;
    let folder = std::fs::metadata(house.node.home().join("data/data.db"))?.len();
    let began = Instant::now();
    let started = house.node.restart().await?;
    house.desk = house.node.desk().await?;
    holds("entries are read", SEED_MAX, async || {
        let status = house.status().await?;
        Ok(status.loaded == services && status.loading() == YesNo::No)
    })
    .await?;
    let loaded = began.elapsed();
    let after = memory(house.node.pid()?, "VmRSS")?;
    println!(
        "{services} services: memory {empty} MiB empty, {held} MiB after the seed (peak {peak}), {again} MiB after \
         another, {after} MiB after a start; answering after {started:?}, all read after {loaded:?}; data.db {folder} bytes"
    );
    let began = Instant::now();
    let out = house.node.everything().join("all.json").display().to_string();
    house.told(&["directory", "export", "--france", "--out", &out, "--json"])?;
    println!("{services} services: exported in {:?}", began.elapsed());
    Ok((first, held.max(again).max(after)))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by hand, takes minutes, and means something of a release only"]
async fn a_hundred_thousand_services_are_held_within_their_bounds() -> Result<()> {
    let (seeded, memory) = measure(100_000).await?;
    ensure!(seeded <= SEED_MAX && memory <= MEMORY_MIB_MAX, "{seeded:?}, {memory} MiB");
    let (_, memory) = measure(3_000).await?;
    ensure!(memory <= FEW_MEMORY_MIB_MAX, "{memory} MiB");
    Ok(())
}
