//! How long lists take in a big house: 5,000 referrals, 50 professionals, half of the acts undelivered.
//!
//! Not run by itself, for it takes minutes: `cargo test -p relais-tests --test lists -- --ignored --nocapture`, after
//! `cargo build --workspace --bins`. `RELAIS_TEST_PROGRAM` measures another build.

use anyhow::{Context as _, Result, ensure};
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1::Name;
use relais_tests::browser::Browser;
use relais_tests::case::Case;
use relais_tests::desk::{Desk, fresh};
use relais_tests::network::free_address;
use relais_tests::town::Two;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Referrals in the house.
const REFERRALS: usize = 5_000;
/// Professionals in the house.
const PROFESSIONALS: u32 = 50;
/// Referrals opened at the same time.
const AT_ONCE: usize = 16;
/// How often each page is asked for.
const TIMES: usize = 60;
/// What a page may take, the slowest twentieth left out.
const P95_MAX: Duration = Duration::from_millis(200);

/// Resident memory of a process, in KiB.
fn resident(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    Ok(line.trim_end_matches("kB").trim().parse()?)
}

async fn furnish(at: &Desk, hub: &[u8]) -> Result<()> {
    for number in 1..PROFESSIONALS {
        let request = desk::AddUserRequest {
            name: format!("professional-{number}"),
            roles: vec![desk::Role::Counsellor.into()],
            uid: Some(100_000 + number),
            professional: None,
        };
        at.client().add_user(request).await?;
    }
    let mut tasks = Vec::new();
    for _ in 0..AT_ONCE {
        let (at, hub) = (at.clone(), hub.to_vec());
        tasks.push(tokio::spawn(async move {
            for _ in 0..REFERRALS.div_ceil(AT_ONCE) {
                at.refer(Case::default().referral(&hub)).await?;
            }
            Ok::<_, tonic::Status>(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(())
}

/// The time that 95 of 100 calls take at most, and the longest.
async fn measured(call: impl AsyncFn() -> Result<()>) -> Result<(Duration, Duration)> {
    let mut took = Vec::new();
    for _ in 0..TIMES {
        let began = Instant::now();
        call().await?;
        took.push(began.elapsed());
    }
    took.sort();
    let longest = *took.last().context("it was called")?;
    Ok((took[took.len() * 95 / 100], longest))
}

async fn list(at: &Desk, filter: desk::ThreadFilter, page_token: &str) -> Result<desk::ListThreadsResponse> {
    let page_token = page_token.to_owned();
    let request = desk::ListThreadsRequest { filter: filter.into(), page_token, ..Default::default() };
    Ok(at.client().list_threads(request).await?.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by hand, takes minutes: a measure, not a test"]
async fn a_page_of_a_big_house_takes_less_than_a_fifth_of_a_second() -> Result<()> {
    let mut two = Two::start().await?;
    two.hub.kill9()?;
    let at = two.agency.desk().await?;
    let began = Instant::now();
    furnish(&at, &two.hub_id).await?;
    println!("{REFERRALS} referrals opened in {:?}", began.elapsed());
    let opening = two.agency.restart().await?;
    let at = two.agency.desk().await?;
    println!("started in {opening:?}, {} KiB resident", resident(two.agency.pid()?)?);

    let mut slow = Vec::new();
    let mut told = |what: &str, (p95, longest): (Duration, Duration)| {
        println!("{what}: p95 {p95:?}, longest {longest:?}");
        slow.extend((p95 > P95_MAX).then(|| what.to_owned()));
    };
    for filter in [
        desk::ThreadFilter::ToDo,
        desk::ThreadFilter::News,
        desk::ThreadFilter::Outbox,
        desk::ThreadFilter::All,
    ] {
        told(&format!("{filter:?}"), measured(async || list(&at, filter, "").await.map(|_| ())).await?);
    }
    let deep = measured(async || list(&at, desk::ThreadFilter::All, "4000").await.map(|_| ())).await?;
    told("a late page", deep);
    told("status", measured(async || at.status().await.map(|_| ())).await?);
    println!("{} KiB resident", resident(two.agency.pid()?)?);
    ensure!(slow.is_empty(), "too slow: {slow:?}");
    Ok(())
}

/// Pages asked at the same time.
const READERS: usize = 4;
/// Professionals who sign in: as many as one address may in a minute.
const SIGNED_IN: u32 = 5;
/// How often each of them reads a page.
const READINGS: usize = 10;
/// Persons followed in the house.
const FOLLOWED: usize = 500;

async fn follow(at: &Desk) -> Result<()> {
    for number in 0..FOLLOWED {
        let given = format!("Personne{number:04}");
        let request = desk::OpenFollowUpRequest {
            request_id: fresh(),
            name: Some(Name { given, family: "B".to_owned() }),
            ..Default::default()
        };
        at.client().open_follow_up(request).await?;
    }
    Ok(())
}

/// Browsers in which some professionals of the house are signed in, each as often as they read.
async fn seats(at: &Desk, gateway: SocketAddr) -> Result<Vec<Browser>> {
    let mut seats = Vec::new();
    for number in 1..=SIGNED_IN {
        let request =
            desk::CreateSignInLinkRequest { name: format!("professional-{number}"), validity_hours: 1 };
        let link = at.client().create_sign_in_link(request).await?.into_inner();
        let mut browser = Browser::at(gateway);
        browser.sign_in(&link.token).await?;
        seats.extend(vec![browser; READINGS]);
    }
    Ok(seats)
}

/// What everyone's reading of a page took, the slowest twentieth left out, and the longest.
async fn read(seats: &[Browser], path: &str) -> Result<(Duration, Duration)> {
    let mut took = Vec::new();
    for some in seats.chunks(READERS) {
        let readers = some.iter().cloned().map(|mut browser| {
            let path = path.to_owned();
            tokio::spawn(async move {
                let began = Instant::now();
                let page = browser.get(&path).await?;
                ensure!(page.status == 200, "{path}: {}", page.status);
                Ok(began.elapsed())
            })
        });
        for reader in readers.collect::<Vec<_>>() {
            took.push(reader.await??);
        }
    }
    took.sort();
    Ok((took[took.len() * 95 / 100], *took.last().context("it was read")?))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by hand, takes minutes: a measure, not a test"]
async fn every_page_of_a_big_house_takes_less_than_a_fifth_of_a_second() -> Result<()> {
    let mut two = Two::start().await?;
    two.hub.kill9()?;
    let at = two.agency.desk().await?;
    furnish(&at, &two.hub_id).await?;
    follow(&at).await?;
    let gateway = free_address()?;
    let configuration = two.agency.configuration();
    let text = std::fs::read_to_string(&configuration)?;
    std::fs::write(&configuration, format!("{text}\ngateway = \"{gateway}\"\n"))?;
    two.agency.restart().await?;
    let at = two.agency.desk().await?;
    println!("{} KiB resident at the start", resident(two.agency.pid()?)?);
    let seats = seats(&at, gateway).await?;
    let thread = list(&at, desk::ThreadFilter::All, "2000").await?.threads.swap_remove(0).thread_id;
    let thread: String = thread.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut slow = Vec::new();
    for path in [
        "/",
        "/orientations",
        "/orientations?voir=envoyees&page=4000",
        "/orientations?voir=a-traiter",
        "/orientations/nouvelle",
        &format!("/orientations/{thread}"),
        &format!("/orientations/{thread}/accord"),
        "/personnes",
        "/papier",
        "/structure",
        "/structure/services",
        "/structure/partenaires",
        "/structure/sante",
        "/structure/flux",
        "/compte",
    ] {
        let (p95, longest) = read(&seats, path).await.with_context(|| path.to_owned())?;
        println!("{path}: p95 {p95:?}, longest {longest:?}");
        slow.extend((p95 > P95_MAX).then(|| path.to_owned()));
    }
    println!("{} KiB resident at the end", resident(two.agency.pid()?)?);
    ensure!(slow.is_empty(), "too slow: {slow:?}");
    Ok(())
}
