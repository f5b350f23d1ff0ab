//! A walk-in referral between two real nodes, by the command line: an offer, a slip, a reference, and no name anywhere.
//!
//! They need the `relais` program: `cargo build --workspace --bins` first, as `tests/run` does.

use anyhow::{Context as _, Result, ensure};
use relais_proto::desk::v1::{self as desk, Label, Step};
use relais_proto::peer::v1 as peer;
use relais_tests::browser::Browser;
use relais_tests::case::{self, COMMUNE, Case, SERVICE, THEME};
use relais_tests::desk::Desk;
use relais_tests::network::free_address;
use relais_tests::process::Process;
use relais_tests::town::{SOON, Two, alike, becomes, course_of};
use relais_tests::wait::until;
use serde_json::{Value, json};
use std::process::Output;
use tonic::Code;

const HOURS: &str = "Tu,Th 14:00-17:00";

/// What a command answers a script.
fn answered(output: &Output) -> Result<Value> {
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// What a command tells a script that it does not do: its exit code and the field it names.
fn refused(output: &Output) -> Result<(Option<i32>, String)> {
    ensure!(!output.status.success(), "it was done: {}", String::from_utf8_lossy(&output.stdout));
    let error: Value = serde_json::from_slice(&output.stderr)?;
    Ok((output.status.code(), error["error"]["field"].as_str().unwrap_or_default().to_owned()))
}

/// The referral of a person who comes by themselves, as a file.
fn referral() -> Value {
    json!({
        "to": "Espace",
        "service": SERVICE,
        "need": { "themes": [THEME], "urgency": "soon", "commune": COMMUNE },
        "consent": { "classes": ["need"], "feedback": "outcome", "given": "oral" }
    })
}

fn refer(agency: &Process, file: &Value) -> Result<Output> {
    agency.run_with(&["--json", "refer", "--walk-in", "--file", "-"], file.to_string().as_bytes())
}

/// Makes the hub's offer and waits until the agency knows it; its digest.
async fn offered(two: &Two, agency: &Desk, hours: &str) -> Result<Vec<u8>> {
    let made = two.hub.run(&["--json", "service", "offer", SERVICE, "--hours", hours, "--places", "3"])?;
    ensure!(answered(&made)?["service"]["walk_in"]["hours"] == hours, "the answer shows the offer");
    let (offer, _) = until("the offer arrives", SOON, async || {
        let services = agency.services(&two.hub_id).await?;
        let service = services.into_iter().find(|service| service.service_id == SERVICE);
        Ok(service.and_then(|service| service.walk_in).filter(|offer| offer.hours == hours))
    })
    .await?;
    ensure!(offer.places_a_week == Some(3), "{:?}", offer.places_a_week);
    Ok(offer.digest)
}

fn thread_of(answer: &Value) -> Result<(Vec<u8>, String)> {
    let reference = answer["thread"]["reference"].as_str().context("a reference")?.to_owned();
    let id = answer["thread"]["thread_id"].as_str().context("an id")?.replace('-', "");
    let bytes = (0..id.len()).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16));
    Ok((bytes.collect::<Result<_, _>>()?, reference))
}

async fn find(at: &Desk, reference: &str) -> Result<desk::ThreadView, tonic::Status> {
    let request = desk::FindReferenceRequest { reference: reference.to_owned() };
    Ok(at.client().find_reference(request).await?.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_with_a_slip_is_received_without_a_name() -> Result<()> {
    let two = Two::start().await?;
    let (agency, hub) = two.desks().await?;

    let without = refused(&refer(&two.agency, &referral())?)?;
    ensure!(without == (Some(65), "service".to_owned()), "there is no offer yet: {without:?}");
    offered(&two, &agency, HOURS).await?;
    let mut named = referral();
    named["name"] = json!({ "given": "Amina", "family": "D" });
    let named = refused(&refer(&two.agency, &named)?)?;
    ensure!(named == (Some(65), "name".to_owned()), "nobody is named: {named:?}");

    let (thread, reference) = thread_of(&answered(&refer(&two.agency, &referral())?)?)?;
    let arrived = becomes("the referral arrives", &hub, &thread, |_| true).await?;
    ensure!(course_of(&arrived) == (Step::Accepted, Label::Unspecified, desk::ConsentStanding::Active));
    ensure!(arrived.stage_two.is_none() && arrived.possible.contains(&desk::Possible::Arrive.into()));
    ensure!(!arrived.possible.contains(&desk::Possible::Accept.into()));
    ensure!(
        arrived.summary.is_some_and(|summary| summary.reference == reference),
        "one reference at both ends"
    );

    // The person comes. The counter types what stands on the slip, as people type.
    let typed = reference.to_lowercase().replace('-', " ");
    let came = answered(&two.hub.run(&["--json", "arrived", "--reference", &typed])?)?;
    ensure!(came["thread"]["step"] == "arrived", "{came}");
    hub.act(&thread, case::close(None)).await?;
    becomes("the end arrives", &agency, &thread, |view| course_of(view).1 == Label::Closed).await?;
    let (here, there) = alike(&agency, &hub, &thread).await?;
    ensure!(here.stage_two.is_none() && there.stage_two.is_none(), "no name ever stood anywhere");

    // A slip is for one visit.
    let again = refused(&two.hub.run(&["--json", "arrived", "--reference", &reference])?)?;
    ensure!(again == (Some(65), "reference".to_owned()), "{again:?}");
    let ended = find(&hub, &reference).await.err().context("it is over")?;
    ensure!(ended.code() == Code::FailedPrecondition && ended.message().contains("has ended"), "{ended}");
    let told = ended.metadata().get("relais-code").context("a code")?;
    ensure!(told == "reference_ended", "{told:?}");
    let sender = find(&agency, &reference).await.err().context("its sender looks nobody up")?;
    ensure!(sender.code() == Code::NotFound, "{sender}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_receiver_finds_a_reference_and_only_of_a_walk_in() -> Result<()> {
    let two = Two::start().await?;
    let (agency, hub) = two.desks().await?;
    offered(&two, &agency, HOURS).await?;
    let (thread, reference) = thread_of(&answered(&refer(&two.agency, &referral())?)?)?;
    becomes("the referral arrives", &hub, &thread, |_| true).await?;
    let found = find(&hub, &reference).await?;
    ensure!(found.summary.is_some_and(|summary| summary.thread_id == thread));

    let not_there =
        |answer: Result<desk::ThreadView, tonic::Status>| answer.err().map(|status| status.code());
    ensure!(not_there(find(&agency, &reference).await) == Some(Code::NotFound), "its sender looks nobody up");
    ensure!(not_there(find(&hub, "0000-0000").await) == Some(Code::NotFound));
    ensure!(not_there(find(&hub, "0000").await) == Some(Code::InvalidArgument));

    // An ordinary referral has no reference, though both ends could compute one.
    let ordinary = agency.refer(Case::default().referral(&two.hub_id)).await?;
    let summary = ordinary.summary.context("a summary")?;
    ensure!(summary.reference.is_empty());
    becomes("the ordinary one arrives", &hub, &summary.thread_id, |_| true).await?;
    let id = relais_domain::id::ThreadId::from_slice(&summary.thread_id).context("an id")?;
    let computed = relais_wire::walk_in::Reference::of(id).to_string();
    ensure!(not_there(find(&hub, &computed).await) == Some(Code::NotFound));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_was_changed_is_looked_up_again_and_a_full_one_is_refused() -> Result<()> {
    let two = Two::start().await?;
    let (agency, hub) = two.desks().await?;
    let former = offered(&two, &agency, HOURS).await?;
    let present = offered(&two, &agency, "Fr 09:00-12:00").await?;
    let walk_in = |offer: Vec<u8>| {
        let mut request = Case::default().referral(&two.hub_id);
        request.stage_two = None;
        if let Some(need) = request.stage_one.as_mut().and_then(|one| one.need.as_mut()) {
            need.walk_in_offer = offer;
        }
        if let Some(consent) = &mut request.consent {
            consent.classes = vec![peer::DataClass::Need.into(), peer::DataClass::Level.into()];
        }
        request
    };
    let stale = agency.refer(walk_in(former)).await.expect_err("the professional saw other hours");
    ensure!(stale.message().starts_with("need.walk_in:"), "{stale}");
    let request = walk_in(present);
    let sent = agency.refer(request.clone()).await?;
    let thread = sent.summary.context("a summary")?.thread_id;
    // A retry of what was sent is answered alike, though the offer is gone meanwhile.
    let taken_back = two.hub.run(&["--json", "service", "offer", SERVICE, "--none"])?;
    ensure!(answered(&taken_back)?["service"]["walk_in"].is_null());
    until("the offer is gone", SOON, async || {
        let services = agency.services(&two.hub_id).await?;
        Ok(services.iter().any(|service| service.walk_in.is_none()).then_some(()))
    })
    .await?;
    let again = agency.refer(request).await?.summary.context("a summary")?;
    ensure!(again.thread_id == thread);

    becomes("the referral arrives", &hub, &thread, |_| true).await?;
    let other = hub.act(&thread, case::refuse(peer::Reason::NotEligible, Vec::new())).await;
    ensure!(other.is_err(), "an offer is a promise: full, or nothing");
    hub.act(&thread, case::refuse(peer::Reason::Full, Vec::new())).await?;
    becomes("the sender is told", &agency, &thread, |view| course_of(view).1 == Label::Refused).await?;
    alike(&agency, &hub, &thread).await?;
    Ok(())
}

/// The counter types what stands on the slip into a page, which leads to the referral; nothing of it stands in an address.
#[tokio::test(flavor = "multi_thread")]
async fn a_slip_is_found_in_the_browser() -> Result<()> {
    let mut two = Two::start().await?;
    let gateway = free_address()?;
    two.hub.stop()?;
    let configuration = two.hub.configuration();
    let text = std::fs::read_to_string(&configuration)?;
    std::fs::write(&configuration, format!("{text}\ngateway = \"{gateway}\"\n"))?;
    two.hub.start().await?;
    let (agency, hub) = two.desks().await?;
    offered(&two, &agency, HOURS).await?;
    let (thread, reference) = thread_of(&answered(&refer(&two.agency, &referral())?)?)?;
    becomes("the referral arrives", &hub, &thread, |_| true).await?;
    let first = hub.client().whoami(desk::WhoamiRequest::default()).await?.into_inner();
    let name = first.user.context("a first user")?.name;
    let link = desk::CreateSignInLinkRequest { name, validity_hours: 1 };
    let link = hub.client().create_sign_in_link(link).await?.into_inner().token;
    let mut browser = Browser::at(gateway);
    browser.sign_in(&link).await?;
    let page = browser.get("/papier").await?;
    for wrong in ["", "7K3M", "0000-0000"] {
        let told = browser.send(&page, "/papier", &[("reference", wrong)]).await?;
        ensure!(told.status == 422 && told.text.contains("erreur-reference"), "{wrong}: {}", told.text);
    }
    let typed = reference.to_lowercase().replace('-', " ");
    let mut fields = page.hidden("/papier")?;
    fields.push(("reference".to_owned(), typed));
    let led = browser.post("/papier", &fields).await?;
    let hex: String = thread.iter().map(|byte| format!("{byte:02x}")).collect();
    ensure!(led.header("location") == format!("/orientations/{hex}"), "{}", led.head);
    let shown = browser.get(led.header("location")).await?;
    ensure!(shown.text.contains(&format!("/orientations/{hex}/venue")), "who came is said in one press");
    Ok(())
}
