//! How long ten doors among 100,000 take as a professional waits for them: from the Desk, and as a page. Not run by itself:
//! as `bench.rs` says.

use super::House;
use anyhow::{Context as _, Result, ensure};
use relais_domain::territory::communes_named;
use relais_domain::theme::Theme;
use relais_proto::desk::v1 as desk;
use relais_tests::browser::{Browser, Page};
use relais_tests::dump::Dump;
use relais_tests::network::free_address;
use std::fs::File;
use std::io::BufWriter;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const SERVICES: u32 = 100_000;
/// Questions asked of the Desk, and pages asked for.
const QUESTIONS: usize = 2_000;
const PAGES: usize = 300;
/// What a rendered page may take, the slowest hundredth left out.
const PAGE_MAX: Duration = Duration::from_millis(50);

/// Where and what is asked: another need in another of the communes with this letter each time.
fn question(number: usize) -> Result<(String, String)> {
    let letter = char::from(b'a' + u8::try_from(number % 26)?).to_string();
    let communes = communes_named(&letter, usize::MAX);
    let themes: Vec<Theme> = Theme::all().collect();
    let commune = communes.get(number * 7_919 % communes.len().max(1)).context("no commune")?;
    let theme = themes.get(number * 31 % themes.len()).context("no theme")?;
    Ok((theme.code().to_owned(), commune.code().to_string()))
}

fn at(times: &mut [Duration], percent: usize) -> Duration {
    times.sort();
    times.get(times.len() * percent / 100).copied().unwrap_or_default()
}

/// The first page, filled in: the second comes back.
async fn second_page(browser: &mut Browser, need: &Page, number: usize) -> Result<(Page, Duration)> {
    let (theme, commune) = question(number)?;
    let (before, _) = need.text.split_once("/besoin\"").context("no form")?;
    let (_, address) = before.rsplit_once('"').context("no address")?;
    let action = format!("{address}/besoin");
    let typed = [("commune-choix", commune.as_str()), ("urgence", "normal"), ("theme", theme.as_str())];
    let mut fields = need.hidden(&action)?;
    fields.retain(|(name, _)| name == "jeton");
    fields.extend(typed.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let answer = browser.post(&action, &fields).await?;
    ensure!(answer.status == 303, "{number}: {} {}", answer.status, answer.text);
    let onward = answer.header("location").to_owned();
    let began = Instant::now();
    let page = browser.get(&onward).await?;
    Ok((page, began.elapsed()))
}

async fn gateway(house: &mut House) -> Result<SocketAddr> {
    let gateway = free_address()?;
    let configuration = house.node.configuration();
    let text = std::fs::read_to_string(&configuration)?;
    std::fs::write(&configuration, format!("{text}\ngateway = \"{gateway}\"\n"))?;
    house.node.restart().await?;
    house.desk = house.node.desk().await?;
    relais_tests::wait::holds("entries are read", Duration::from_secs(60), async || {
        Ok(house.status().await?.loaded == SERVICES)
    })
    .await?;
    Ok(gateway)
}

async fn sign_in(house: &House, gateway: SocketAddr) -> Result<Browser> {
    let roles = vec![desk::Role::Counsellor.into()];
    let user = desk::AddUserRequest { name: "claire".to_owned(), roles, ..Default::default() };
    house.desk.client().add_user(user).await?;
    let link = desk::CreateSignInLinkRequest { name: "claire".to_owned(), validity_hours: 1 };
    let link = house.desk.client().create_sign_in_link(link).await?.into_inner();
    let mut browser = Browser::at(gateway);
    browser.sign_in(&link.token).await?;
    Ok(browser)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by hand, takes minutes, and means something of a release only"]
async fn ten_doors_among_all_are_on_the_page_at_once() -> Result<()> {
    let mut house = House::open().await?;
    let path = house.node.everything().join("dump.json");
    Dump::of(SERVICES).write_json(&mut BufWriter::new(File::create(&path)?))?;
    house.told(&["directory", "seed", &path.display().to_string(), "--json"])?;
    let gateway = gateway(&mut house).await?;
    let mut client = house.desk.client();
    let (mut asked, mut found) = (Vec::new(), 0);
    for number in 0..QUESTIONS {
        let (theme, commune) = question(number)?;
        let doors = desk::FindDoors::All.into();
        let request = desk::FindServicesRequest { theme, commune, limit: 10, doors, ..Default::default() };
        let began = Instant::now();
        found += client.find_services(request).await?.into_inner().services.len();
        asked.push(began.elapsed());
    }
    println!(
        "{found} doors of {QUESTIONS} questions to the Desk: p50 {:?}, p99 {:?}",
        at(&mut asked, 50),
        at(&mut asked, 99)
    );
    let mut browser = sign_in(&house, gateway).await?;
    let need = browser.get("/orientations/nouvelle").await?;
    let (mut pages, mut doors) = (Vec::new(), 0);
    for number in 0..PAGES {
        let (page, took) = second_page(&mut browser, &need, number).await?;
        ensure!(page.status == 200, "{number}: {}", page.status);
        doors += page.text.matches("name=\"porte\"").count() + page.text.matches("tel:").count();
        pages.push(took);
    }
    let (p50, p99) = (at(&mut pages, 50), at(&mut pages, 99));
    println!("{doors} doors on {PAGES} pages: p50 {p50:?}, p99 {p99:?}");
    ensure!(doors > PAGES && p99 <= PAGE_MAX, "{doors} doors, {p99:?}");
    Ok(())
}
