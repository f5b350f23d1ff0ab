//! «Qui peut prendre ?» between real nodes: asked by the program, answered by hand and by a node, live, late, and never.

use anyhow::{Context as _, Result, ensure};
use relais_domain::time::Span;
use relais_proto::desk::v1::{self as desk, InquiryDirection, InquiryStanding};
use relais_proto::peer::v1::{self as peer, InquiryAnswerKind};
use relais_server::clock::Clock;
use relais_tests::case::{COMMUNE, OTHER_THEME, SERVICE, THEME, services};
use relais_tests::desk::{Desk, Id, fresh};
use relais_tests::process::{Plan, Process};
use relais_tests::town::{SOON, knows_services, pair};
use relais_tests::wait::{holds, until};
use relais_tests::within::Within;
use serde_json::Value;
use std::time::Duration;

/// Longest until a partner that comes back is linked again.
const BACK: Duration = Duration::from_secs(60);

/// The file of the one service of a structure that answers one need alone.
fn offering(theme: &str) -> String {
    let other = if theme == THEME { OTHER_THEME } else { THEME };
    services(&[SERVICE]).replace(&format!("\"{other}\","), "").replace(&format!(",\"{other}\""), "")
}

fn relais(at: &Process, arguments: &[&str]) -> Result<Value> {
    let output = at.run(&[arguments, &["--json"]].concat())?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{arguments:?}: {said}");
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn asking() -> desk::AskInquiryRequest {
    desk::AskInquiryRequest {
        request_id: fresh(),
        theme: THEME.to_owned(),
        commune: COMMUNE.to_owned(),
        constraints: None,
    }
}

async fn shown(at: &Desk, inquiry_id: &[u8]) -> Result<desk::InquiryView> {
    let request = desk::ShowInquiryRequest { inquiry_id: inquiry_id.to_vec() };
    Ok(at.client().show_inquiry(request).await?.into_inner())
}

async fn partner(at: &Desk, inquiry_id: &[u8], peer: &Id) -> Result<desk::InquiryPartner> {
    let view = shown(at, inquiry_id).await?;
    view.partners.into_iter().find(|one| one.peer_id == *peer).context("the partner was asked")
}

async fn stands(at: &Desk, inquiry_id: &[u8], peer: &Id, standing: InquiryStanding) -> Result<Duration> {
    holds("the inquiry stands so with the partner", BACK, async || {
        Ok(partner(at, inquiry_id, peer).await?.standing() == standing)
    })
    .await
}

async fn theirs(at: &Desk) -> Result<Vec<desk::ReceivedInquiryView>> {
    let direction = InquiryDirection::Theirs.into();
    let request = desk::ListInquiriesRequest { direction, ..Default::default() };
    Ok(at.client().list_inquiries(request).await?.into_inner().theirs)
}

async fn arrives(at: &Desk, inquiry_id: &[u8]) -> Result<desk::ReceivedInquiryView> {
    let (view, _) = until("the inquiry arrives", BACK, async || {
        Ok(theirs(at).await?.into_iter().find(|one| one.inquiry_id == inquiry_id))
    })
    .await?;
    Ok(view)
}

async fn answer(at: &Desk, view: &desk::ReceivedInquiryView, kind: InquiryAnswerKind) -> Result<()> {
    let request = desk::AnswerInquiryRequest {
        peer_id: view.peer_id.clone(),
        inquiry_id: view.inquiry_id.clone(),
        kind: kind.into(),
        ..Default::default()
    };
    at.client().answer_inquiry(request).await?;
    Ok(())
}

/// Its places change, and what it said with them; once it is full, it takes its word back and a professional is asked.
async fn changes_are_told(by_itself: &Process, at_agency: &Desk, inquiry: &[u8], by: &Id) -> Result<()> {
    let short: String = inquiry.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    relais(by_itself, &["service", "capacity", SERVICE, "--places", "2"])?;
    until("the answer changes", BACK, async || {
        let said = partner(at_agency, inquiry, by).await?.answer;
        Ok(said.filter(|one| one.places == Some(2)).map(drop))
    })
    .await?;
    relais(by_itself, &["service", "capacity", SERVICE, "--places", "0"])?;
    stands(at_agency, inquiry, by, InquiryStanding::Asked).await?;
    let waits = relais(by_itself, &["inquiries"])?;
    ensure!(waits["to_answer"] == 1 && waits["theirs"][0]["answer"].is_null(), "{waits}");
    relais(by_itself, &["inquiries", "answer", &short, "--can-take", "1"])?;
    stands(at_agency, inquiry, by, InquiryStanding::Answered).await?;
    Ok(())
}

/// Nothing of what was asked stands in a log.
fn stands_in_no_log(nodes: &[Process]) -> Result<()> {
    for node in nodes {
        let log = node.log()?;
        let tells = log.split(|sign: char| !sign.is_alphanumeric()).any(|word| word == COMMUNE);
        ensure!(!log.contains(THEME) && !tells, "a log tells what was asked");
    }
    Ok(())
}

/// Four nodes: one asks two about a need, the third offers another one and hears nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn two_partners_are_asked_one_answers_by_hand_one_by_itself_and_a_third_hears_nothing() -> Result<()> {
    let mut nodes = Vec::new();
    for name in ["Agence", "Atelier", "Espace", "Ecole"] {
        let mut node = Process::init(&Plan::named(name))?;
        node.start().await?;
        nodes.push(node);
    }
    let [agency, by_hand, by_itself, other] = nodes.as_slice() else { unreachable!("four were made") };
    let at_agency = agency.desk().await?;
    let mut ids = Vec::new();
    for (node, theme) in [(by_hand, THEME), (by_itself, THEME), (other, OTHER_THEME)] {
        let at = node.desk().await?;
        at.import(&offering(theme)).await?;
        pair(&at, &at_agency).await?;
        let id = at.id().await?;
        knows_services(&at_agency, &id).await?;
        ids.push(id);
    }
    relais(by_itself, &["service", "capacity", SERVICE, "--places", "5", "--waiting-days", "2"])?;
    relais(by_itself, &["inquiries", "automatic", "yes"])?;

    let asked = relais(
        agency,
        &["inquire", "--theme", THEME, "--commune", COMMUNE, "--language", "fr", "--urgency", "soon"],
    )?;
    let asked = &asked["inquiry"];
    ensure!(asked["partners_asked"] == 2, "{asked}");
    let id = asked["inquiry_id"].as_str().context("an id")?.replace('-', "");
    let bytes: Vec<u8> = (0..id.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&id[at..at + 2], 16))
        .collect::<Result<_, _>>()?;
    let waited = stands(&at_agency, &bytes, &ids[1], InquiryStanding::Answered).await?;
    println!("answered by the partner's node after {waited:?}");
    let automatic = partner(&at_agency, &bytes, &ids[1]).await?.answer.context("an answer")?;
    ensure!(
        automatic.kind() == InquiryAnswerKind::CanTake && automatic.places == Some(5),
        "{:?}",
        automatic.places
    );
    ensure!(automatic.automatic == i32::from(peer::YesNo::Yes) && automatic.service_id == SERVICE);

    let received = arrives(&by_hand.desk().await?, &bytes).await?;
    ensure!(
        received.constraints.clone().is_some_and(|one| one.languages == ["fr"]),
        "what was wanted is told"
    );
    relais(by_hand, &["inquiries", "answer", &id[..8], "--waiting-list", "--days", "10"])?;
    let waited = stands(&at_agency, &bytes, &ids[0], InquiryStanding::Answered).await?;
    println!("answered by hand, shown after {waited:?}");
    let listed = relais(agency, &["inquiries", "show", &id])?;
    let partners = listed["inquiry"]["partners"].as_array().context("partners")?.clone();
    let told: Vec<_> = partners.iter().map(|one| (&one["name"], &one["answer"]["kind"])).collect();
    ensure!(told.len() == 2 && told[0].0 == "Espace" && told[0].1 == "can-take", "{told:?}");
    ensure!(told[1].0 == "Atelier" && partners[1]["answer"]["waiting_days"] == 10, "{told:?}");
    ensure!(partners[0]["service"]["service_id"] == SERVICE, "the door that can be chosen");
    ensure!(theirs(&other.desk().await?).await?.is_empty(), "who offers another need was asked");

    changes_are_told(by_itself, &at_agency, &bytes, &ids[1]).await?;

    stands_in_no_log(&nodes)
}

/// A small commune is told as its group: a node does not answer by itself for a service that is open to another commune of
/// it, and nobody is led to that one.
#[tokio::test(flavor = "multi_thread")]
async fn a_small_commune_is_not_answered_for_by_the_service_of_its_neighbour() -> Result<()> {
    const SMALL: &str = "01001";
    const NEIGHBOUR: &str = "voisine";
    let open_to = |id: &str, commune: &str| {
        services(&[id])
            .replace("\"zone_eligibilite\":[\"17\"]", &format!("\"zone_eligibilite\":[\"{commune}\"]"))
    };
    let mut agency = Process::init(&Plan::named("Agence"))?;
    let mut hub = Process::init(&Plan::named("Espace"))?;
    agency.start().await?;
    hub.start().await?;
    let (at_agency, at_hub) = (agency.desk().await?, hub.desk().await?);
    at_hub.import(&open_to(SERVICE, SMALL)).await?;
    at_hub.import(&open_to(NEIGHBOUR, "01028")).await?;
    relais(&hub, &["service", "capacity", NEIGHBOUR, "--places", "5"])?;
    relais(&hub, &["inquiries", "automatic", "yes"])?;
    pair(&at_hub, &at_agency).await?;
    let id = at_hub.id().await?;
    knows_services(&at_agency, &id).await?;
    let asked = desk::AskInquiryRequest { commune: SMALL.to_owned(), ..asking() };
    let asked = at_agency.client().ask_inquiry(asked).await?.into_inner();
    ensure!(asked.territory == "200069193" && asked.asked == 1, "{} {}", asked.territory, asked.asked);
    let received = arrives(&at_hub, &asked.inquiry_id).await?;
    ensure!(received.answer.is_none(), "a node answered for another commune");
    stands(&at_agency, &asked.inquiry_id, &id, InquiryStanding::Asked).await?;
    let request = desk::AnswerInquiryRequest {
        peer_id: received.peer_id,
        inquiry_id: received.inquiry_id,
        kind: InquiryAnswerKind::CanTake.into(),
        places: Some(3),
        service_id: NEIGHBOUR.to_owned(),
        ..Default::default()
    };
    at_hub.client().answer_inquiry(request).await?;
    stands(&at_agency, &asked.inquiry_id, &id, InquiryStanding::Answered).await?;
    let one = partner(&at_agency, &asked.inquiry_id, &id).await?;
    let said = one.answer.context("an answer")?;
    ensure!(
        (said.places, said.service_id.as_str()) == (Some(3), ""),
        "{:?} {}",
        said.places,
        said.service_id
    );
    ensure!(one.service.is_some_and(|door| door.service_id == SERVICE), "a door that is shut to the commune");
    Ok(())
}

/// Who is away is asked once back; who never comes back gave no answer; what is answered after the expiry counts nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_in_time_is_asked_then_and_silence_is_shown_as_no_answer() -> Result<()> {
    let mut agency = Within::init("Agence", Clock::system(), None).await?;
    let mut returns = Within::init("Revient", Clock::system(), None).await?;
    let mut stays_away = Within::init("Absent", Clock::system(), None).await?;
    agency.start().await?;
    let at_agency = agency.desk().await?;
    let mut ids = Vec::new();
    for node in [&mut returns, &mut stays_away] {
        node.start().await?;
        let at = node.desk().await?;
        at.import(&offering(THEME)).await?;
        pair(&at, &at_agency).await?;
        let id = at.id().await?;
        knows_services(&at_agency, &id).await?;
        ids.push(id);
        node.stop().await?;
    }
    let request = asking();
    let first = at_agency.client().ask_inquiry(request.clone()).await?.into_inner();
    let again = at_agency.client().ask_inquiry(request).await?.into_inner();
    ensure!(first.asked == 2 && again.inquiry_id == first.inquiry_id, "asked twice, it is another one");
    let listed =
        desk::ListInquiriesRequest { direction: InquiryDirection::Ours.into(), ..Default::default() };
    let listed = at_agency.client().list_inquiries(listed).await?.into_inner().ours;
    ensure!(listed.len() == 1 && listed[0].answered == 0, "{}", listed.len());
    for id in &ids {
        let standing = partner(&at_agency, &first.inquiry_id, id).await?.standing();
        ensure!(standing == InquiryStanding::NotReached, "{standing:?}");
    }

    // The asking node goes and comes back too: nothing is lost.
    agency.stop().await?;
    agency.start().await?;
    let at_agency = agency.desk().await?;
    returns.start().await?;
    let at_partner = returns.desk().await?;
    let received = arrives(&at_partner, &first.inquiry_id).await?;
    stands(&at_agency, &first.inquiry_id, &ids[0], InquiryStanding::Asked).await?;
    answer(&at_partner, &received, InquiryAnswerKind::CanTake).await?;
    stands(&at_agency, &first.inquiry_id, &ids[0], InquiryStanding::Answered).await?;

    let second = at_agency.client().ask_inquiry(asking()).await?.into_inner();
    let late = arrives(&at_partner, &second.inquiry_id).await?;
    agency.clock.shift(Span::hours(25));
    for (inquiry, at, standing) in [
        (&first, 0, InquiryStanding::Answered),
        (&first, 1, InquiryStanding::NoAnswer),
        (&second, 0, InquiryStanding::NoAnswer),
    ] {
        let now = partner(&at_agency, &inquiry.inquiry_id, &ids[at]).await?.standing();
        ensure!(now == standing, "{at}: {now:?}");
    }
    // By the partner's clock it is open still: it may answer, and that is too late.
    answer(&at_partner, &late, InquiryAnswerKind::CanTake).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let view = shown(&at_agency, &second.inquiry_id).await?;
    ensure!(view.answered == 0 && view.open == i32::from(peer::YesNo::No), "a late answer counted");
    Ok(())
}

/// A suspension stops inquiries both ways, and nobody is asked who is no partner.
#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_partner_is_not_asked_and_not_listed() -> Result<()> {
    let mut agency = Within::init("Agence", Clock::system(), None).await?;
    let mut hub = Within::init("Espace", Clock::system(), None).await?;
    agency.start().await?;
    hub.start().await?;
    let (at_agency, at_hub) = (agency.desk().await?, hub.desk().await?);
    let nobody = at_agency.client().ask_inquiry(asking()).await.err().context("nobody is there to ask")?;
    ensure!(nobody.message().contains("no partner answers this need"), "{nobody:?}");
    for at in [&at_agency, &at_hub] {
        at.import(&offering(THEME)).await?;
    }
    pair(&at_hub, &at_agency).await?;
    let (agency_id, hub_id) = (at_agency.id().await?, at_hub.id().await?);
    knows_services(&at_agency, &hub_id).await?;
    knows_services(&at_hub, &agency_id).await?;
    let of_hub = at_hub.client().ask_inquiry(asking()).await?.into_inner();
    arrives(&at_agency, &of_hub.inquiry_id).await?;
    at_agency.suspend(&hub_id).await?;
    ensure!(theirs(&at_agency).await?.is_empty(), "a suspended partner's inquiry is shown");
    ensure!(at_agency.client().ask_inquiry(asking()).await.is_err(), "a suspended partner was asked");
    at_agency.resume(&hub_id).await?;
    let received = arrives(&at_agency, &of_hub.inquiry_id).await?;
    answer(&at_agency, &received, InquiryAnswerKind::Cannot).await?;
    stands(&at_hub, &of_hub.inquiry_id, &agency_id, InquiryStanding::Answered).await?;
    holds("the count of refusals stays at nothing", SOON, async || {
        Ok(at_hub.peer(&agency_id).await?.refused == 0 && at_agency.peer(&hub_id).await?.refused == 0)
    })
    .await?;
    Ok(())
}
