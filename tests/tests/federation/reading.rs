//! Who reads a person's file is a leaf of the ledger before it is shown: durable first, shown then, or not shown at all.

use anyhow::{Context as _, Result, ensure};
use relais_domain::digest::Digest;
use relais_domain::ledger_leaf::LeafKind;
use relais_proto::desk::v1 as desk;
use relais_server::home::Home;
use relais_store::Store as _;
use relais_store::vault::NodeKey;
use relais_store_sqlite::{Options, SqliteStore};
use relais_tests::case::{self, Case, handover_content};
use relais_tests::desk::{Desk, Id, Thread};
use relais_tests::disk::{self, Room};
use relais_tests::marks::{Search, marker};
use relais_tests::process::Process;
use relais_tests::town::{SOON, Two, becomes, id_of};
use std::path::Path;
use tonic::{Code, Status};

/// A file that can be read, and the call that reads it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reading {
    Referral,
    Consent,
    FollowUp,
    Act,
    SameAct,
    SameOpening,
}

impl Reading {
    const ALL: [Self; 6] =
        [Self::Referral, Self::Consent, Self::FollowUp, Self::Act, Self::SameAct, Self::SameOpening];
}

/// What was written into a node to be read, with markers in it.
struct Files {
    case: Case,
    opening: desk::OpenReferralRequest,
    referral: Thread,
    follow_up: Id,
    act: Vec<u8>,
}

fn marked() -> Case {
    Case { given: marker(1), contact: marker(2), note: Some(marker(3)), ..Case::default() }
}

impl Files {
    async fn written(at: &Desk, hub: &Id) -> Result<Self> {
        let case = marked();
        let opened = at.client().open_follow_up(case.follow_up(vec![marker(4)])).await?.into_inner();
        let opening = case.referral(hub);
        let referral = id_of(&at.refer(opening.clone()).await?)?;
        at.delivered(&referral, SOON).await?;
        let act = relais_tests::desk::fresh();
        at.act_again(act.clone(), &referral, case::note(&marker(5))).await?;
        at.delivered(&referral, SOON).await?;
        Ok(Self { case, opening, referral, follow_up: opened.follow_up_id, act })
    }

    /// Reads; what is shown, as bytes.
    async fn read(&self, at: &Desk, reading: Reading) -> Result<Vec<u8>, Status> {
        use prost::Message as _;
        let thread = self.referral.clone();
        Ok(match reading {
            Reading::Referral => at.show(&thread).await?.encode_to_vec(),
            Reading::Consent => at.consent(&thread).await?.encode_to_vec(),
            Reading::FollowUp => {
                let request = desk::ShowFollowUpRequest { follow_up_id: self.follow_up.clone() };
                at.client().show_follow_up(request).await?.into_inner().encode_to_vec()
            }
            Reading::Act => at.act(&thread, case::note("La suite")).await?.encode_to_vec(),
            Reading::SameAct => {
                at.act_again(self.act.clone(), &thread, case::note(&marker(5))).await?.encode_to_vec()
            }
            Reading::SameOpening => at.refer(self.opening.clone()).await?.encode_to_vec(),
        })
    }

    /// What is read.
    fn subject(&self, reading: Reading) -> &[u8] {
        match reading {
            Reading::FollowUp => &self.follow_up,
            Reading::Referral | Reading::Consent | Reading::Act | Reading::SameAct | Reading::SameOpening => {
                &self.referral
            }
        }
    }
}

fn shows_markers(bytes: &[u8]) -> bool {
    !Search::for_markers(0..10).in_bytes(bytes, Path::new("what is shown")).is_empty()
}

/// The store of a node that does not run.
async fn store_of(node: &Process) -> Result<SqliteStore> {
    let home = Home::at(node.home());
    let key = NodeKey::from_bytes(&mut home.secrets()?.node_key);
    Ok(SqliteStore::open(Options::new(home.data(), key)).await?)
}

async fn user_name(at: &Desk) -> Result<String> {
    let answer = at.client().whoami(desk::WhoamiRequest::default()).await?.into_inner();
    Ok(answer.user.context("the node knows who asks")?.name)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_a_file_is_in_the_ledger_before_anything_is_shown() -> Result<()> {
    let mut two = Two::start().await?;
    let files = Files::written(&two.agency.desk().await?, &two.hub_id).await?;
    let reader = user_name(&two.agency.desk().await?).await?;
    for reading in Reading::ALL {
        let at = two.agency.desk().await?;
        let before = at.status().await?.ledger_size;
        let shown = files.read(&at, reading).await?;
        // Killed the moment it is shown: what is in the ledger now was durable before.
        two.agency.kill9()?;
        ensure!(shows_markers(&shown) || reading == Reading::Consent, "{reading:?} shows nothing to read");
        let store = store_of(&two.agency).await?;
        let size = store.ledger_size().await?;
        ensure!(size > before, "{reading:?}: {before} leaves, then {size}");
        let subject = Digest::of_parts(&[b"reading", files.subject(reading), reader.as_bytes()]);
        let found = store.ledger_find(subject).await?;
        let new: Vec<u64> = found.into_iter().filter(|index| *index >= before).collect();
        ensure!(new.len() == 1, "{reading:?}: {} leaves of who read it", new.len());
        let leaf = store.ledger_leaf(new[0]).await?.context("the leaf")?;
        ensure!(leaf.kind == LeafKind::FileRead, "{reading:?}: {:?}", leaf.kind);
        store.close().await?;
        two.agency.start().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_noted_is_not_shown() -> Result<()> {
    let two = Two::start().await?;
    let (agency, hub) = two.desks().await?;
    let files = Files::written(&agency, &two.hub_id).await?;
    becomes("the referral arrives", &hub, &files.referral, |_| true).await?;
    disk::give(&two.agency, Room::None)?;
    let before = agency.status().await?.ledger_size;
    for reading in Reading::ALL {
        let status =
            files.read(&agency, reading).await.err().with_context(|| format!("{reading:?} shown"))?;
        ensure!(status.code() == Code::Unavailable, "{reading:?}: {status:?}");
        let said = format!("{status:?} {} {:?}", status.message(), status.metadata());
        ensure!(!shows_markers(said.as_bytes()), "{reading:?}: shown in an error");
        ensure!(!shows_markers(status.details()), "{reading:?}: shown in the details of an error");
    }
    let digits = |id: &[u8]| id.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let (thread, follow_up) = (digits(&files.referral), digits(&files.follow_up));
    let commands: [&[&str]; 3] =
        [&["show", &thread], &["consent", "show", &thread], &["follow-up", "show", &follow_up]];
    for command in commands {
        let output = two.agency.run(command)?;
        ensure!(!output.status.success(), "{command:?} succeeded");
        ensure!(output.stdout.is_empty(), "{command:?} shows something");
        ensure!(!shows_markers(&output.stderr), "{command:?} shows a file in its error");
    }
    ensure!(agency.status().await?.ledger_size == before, "a leaf was written on a full disk");

    disk::give(&two.agency, Room::Enough)?;
    for reading in Reading::ALL {
        files.read(&agency, reading).await.with_context(|| format!("{reading:?} with room"))?;
    }
    Ok(())
}

/// Lists say who, so that one can be told from another; what is in a file is read in the file alone.
#[tokio::test(flavor = "multi_thread")]
async fn lists_show_no_more_than_names() -> Result<()> {
    let two = Two::start().await?;
    let agency = two.agency.desk().await?;
    let files = Files::written(&agency, &two.hub_id).await?;
    let handover = files.case.handover(&two.hub_id, &files.follow_up, handover_content());
    agency.propose(handover).await?;
    let client = agency.client();
    let listed = client.clone().list_follow_ups(desk::ListFollowUpsRequest::default()).await?.into_inner();
    for mut view in listed.follow_ups {
        ensure!(view.name.take().is_some(), "a list that names nobody");
        ensure!(!shows_markers(&prost::Message::encode_to_vec(&view)), "a list of follow-ups shows a file");
    }
    for mut summary in agency.threads().await? {
        summary.name = None;
        ensure!(!shows_markers(&prost::Message::encode_to_vec(&summary)), "a list of threads shows a file");
    }
    Ok(())
}
