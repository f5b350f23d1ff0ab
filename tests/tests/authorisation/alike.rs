//! «Not yours» and «not there» are the same answer, to the letter.

use super::cells::Told;
use super::descriptors::path;
use super::requests::{Things, add_user, founder};
use anyhow::{Context as _, Result, ensure};
use prost::Message as _;
use relais_proto::desk::v1::{self as desk, ledger_prove_request::Subject};
use relais_tests::desk::Desk;
use relais_tests::town::Two;

const OTHER: &str = "une autre";
const AUDITOR: &str = "auditrice";

/// A node with a founder, another counsellor, and things that are the founder's.
struct Scene {
    _two: Two,
    agency: Desk,
    founder: String,
    there: Things,
}

impl Scene {
    async fn start() -> Result<Self> {
        let two = Two::start().await?;
        let agency = two.agency.desk().await?;
        let there = Things::written(&two).await?;
        let founder = founder(&agency).await?;
        add_user(&agency, &founder, OTHER, desk::Role::Counsellor).await?;
        add_user(&agency, &founder, AUDITOR, desk::Role::Auditor).await?;
        Ok(Self { _two: two, agency, founder, there })
    }

    async fn told(&self, user: &str, rpc: &str, request: Vec<u8>) -> Result<Told> {
        let answer = self.agency.call(&path(rpc), user, request).await;
        Ok(Told::of(&answer.err().with_context(|| format!("{rpc} by {user} was answered"))?))
    }

    async fn threads(&self) -> Result<usize> {
        let request =
            desk::ListThreadsRequest { filter: desk::ThreadFilter::All.into(), ..Default::default() };
        let listed =
            self.agency.call(&path("Desk.ListThreads"), &self.founder, request.encode_to_vec()).await?;
        Ok(desk::ListThreadsResponse::decode(listed.as_slice())?.threads.len())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn anothers_follow_up_is_answered_like_one_that_is_not_there() -> Result<()> {
    let scene = Scene::start().await?;
    let there = &scene.there;
    let nowhere = Things { follow_up: there.invented().follow_up, ..there.clone() };
    let threads = scene.threads().await?;
    for rpc in ["Desk.ShowFollowUp", "Desk.OpenReferral", "Desk.OpenHandover"] {
        let anothers = scene.told(OTHER, rpc, there.request(rpc)).await?;
        let no_ones = scene.told(OTHER, rpc, nowhere.request(rpc)).await?;
        ensure!(anothers == no_ones, "{rpc}: another's {anothers:?}, no one's {no_ones:?}");
    }
    ensure!(scene.threads().await? == threads, "another's follow-up was referred");
    let request = desk::ListFollowUpsRequest::default().encode_to_vec();
    let listed = scene.agency.call(&path("Desk.ListFollowUps"), OTHER, request).await?;
    let listed = desk::ListFollowUpsResponse::decode(listed.as_slice())?;
    ensure!(listed.follow_ups.is_empty() && listed.next_page_token.is_empty(), "another's is listed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn anothers_draft_is_answered_like_one_that_is_not_there() -> Result<()> {
    let scene = Scene::start().await?;
    let there = &scene.there;
    for user in [OTHER, AUDITOR] {
        for rpc in ["Desk.ShowDraft", "Desk.DiscardDraft"] {
            let anothers = scene.agency.call(&path(rpc), user, there.request(rpc)).await;
            let no_ones = scene.agency.call(&path(rpc), user, there.invented().request(rpc)).await;
            let (anothers, no_ones) =
                (anothers.map_err(|status| Told::of(&status)), no_ones.map_err(|status| Told::of(&status)));
            ensure!(anothers == no_ones, "{rpc} by {user}: {anothers:?}, no one's {no_ones:?}");
        }
        let listed = scene.agency.call(&path("Desk.ListDrafts"), user, Vec::new()).await?;
        ensure!(
            desk::ListDraftsResponse::decode(listed.as_slice())?.drafts.is_empty(),
            "another's is listed"
        );
    }
    let own =
        scene.agency.call(&path("Desk.ShowDraft"), &scene.founder, there.request("Desk.ShowDraft")).await;
    let own = desk::DraftView::decode(own?.as_slice())?;
    ensure!(own.draft_id == there.draft && !own.fields.is_empty(), "someone else discarded it");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_proofs_cannot_ask_which_referrals_are_there() -> Result<()> {
    let scene = Scene::start().await?;
    let there = &scene.there;
    let place = |thread: &[u8], sequence: u32| {
        let place =
            desk::EventPlace { thread_id: thread.to_vec(), side: desk::Side::Sender.into(), sequence };
        desk::LedgerProveRequest { subject: Some(Subject::Event(place)) }.encode_to_vec()
    };
    let rpc = "Desk.LedgerProve";
    let no_event = scene.told(AUDITOR, rpc, place(&there.thread, 99)).await?;
    let no_thread = scene.told(AUDITOR, rpc, place(&there.invented().thread, 1)).await?;
    ensure!(no_event == no_thread, "no event {no_event:?}, no thread {no_thread:?}");
    let proven = scene.agency.call(&path(rpc), AUDITOR, place(&there.thread, 1)).await;
    ensure!(proven.is_ok(), "an event that is there is not proven");
    Ok(())
}
