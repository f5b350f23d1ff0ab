//! Signing in costs memory while it is computed, and none after: alone in its process, so that nothing else counts.
#![cfg(target_os = "linux")]

use anyhow::{Context as _, Result, ensure};
use relais_proto::desk::v1 as desk;
use relais_server::clock::Clock;
use relais_tests::within::Within;
use tonic::Code;

/// People who sign in at once.
const CROWD: usize = 20;
/// Most memory that may stay taken, KiB: less than one computation takes.
const KEPT_KIB_MAX: u64 = 18 * 1_024;

fn resident_kib() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_morning_at_the_door_leaves_nothing_behind() -> Result<()> {
    let mut node = Within::init("Maison de l'Essai", Clock::system(), None).await?;
    node.start().await?;
    let desk = node.desk().await?;
    let before = resident_kib()?;
    let people = (0..CROWD).map(|number| {
        let mut client = desk.client();
        tokio::spawn(async move {
            let (name, password) = (format!("user{number}"), "un mot au hasard".to_owned());
            client.sign_in(desk::SignInRequest { name, password, ..Default::default() }).await
        })
    });
    for one in people.collect::<Vec<_>>() {
        let answer = one.await?;
        ensure!(answer.is_err_and(|status| status.code() == Code::Unauthenticated));
    }
    let after = resident_kib()?;
    ensure!(after < before + KEPT_KIB_MAX, "{before} KiB before, {after} KiB after");
    node.stop().await
}
