//! Three real nodes over real TLS and SQLite: A and C know each other only through B, which recommends both. Their admins
//! say yes, and a first referral goes from A to C. What the admins do, they do on the command line.

use anyhow::{Context as _, Result, ensure};
use relais_proto::desk::v1 as desk;
use relais_tests::case::{self, Case, SERVICE, services};
use relais_tests::desk::Desk;
use relais_tests::process::{Plan, Process};
use relais_tests::town::{SOON, becomes, course_of, id_of, knows_services, linked, pair};
use relais_tests::wait::{holds, until};
use serde_json::Value;
use std::time::Duration;

/// Longest until what streams miss is found by comparing.
const COMPARED: Duration = Duration::from_secs(75);

struct Three {
    a: Process,
    b: Process,
    c: Process,
}

impl Three {
    /// A and C are partners of B, and strangers to each other.
    async fn start() -> Result<Self> {
        let mut nodes = Vec::new();
        for name in ["Agence de l'Essai", "Mairie de l'Essai", "Espace de l'Essai"] {
            let mut node = Process::init(&Plan::named(name))?;
            node.start().await?;
            node.desk().await?.import(&services(&[SERVICE])).await?;
            nodes.push(node);
        }
        let [a, b, c] = <[Process; 3]>::try_from(nodes).ok().context("three nodes")?;
        pair(&b.desk().await?, &a.desk().await?).await?;
        pair(&b.desk().await?, &c.desk().await?).await?;
        Ok(Self { a, b, c })
    }
}

/// What `relais` answers on this node, as JSON.
fn relais(at: &Process, arguments: &[&str]) -> Result<Value> {
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
    let done = at.run(&arguments)?;
    let said = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "relais {arguments:?}: {said}");
    Ok(serde_json::from_slice(&done.stdout)?)
}

/// Why `relais` does not do something on this node: the code of the error.
fn refused(at: &Process, arguments: &[&str]) -> Result<String> {
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
    let done = at.run(&arguments)?;
    ensure!(!done.status.success(), "relais {arguments:?} was done");
    let said: Value = serde_json::from_slice(&done.stderr)?;
    Ok(said["error"]["code"].as_str().unwrap_or_default().to_owned())
}

fn id_of_node(at: &Process) -> Result<String> {
    let id = relais(at, &["whoami"])?["structure_id"].as_str().context("an id")?.to_owned();
    Ok(id)
}

/// The first group of its id.
fn beginning_of(at: &Process) -> Result<String> {
    Ok(id_of_node(at)?.split('-').next().context("groups")?.to_owned())
}

/// Waits until this node holds the recommendation of itself.
async fn is_recommended(at: &Process) -> Result<()> {
    holds("the recommendation arrives", SOON, async || {
        Ok(relais(at, &["endorse", "--list"])?["received"].as_array().is_some_and(|all| !all.is_empty()))
    })
    .await?;
    Ok(())
}

/// The one introduction this node knows of.
fn introduction(at: &Process) -> Result<Value> {
    let found = relais(at, &["introductions"])?;
    let [one] = found["introductions"].as_array().context("a list")?.as_slice() else {
        anyhow::bail!("not one introduction: {found}");
    };
    Ok(one.clone())
}

async fn waiting(at: &Desk, of: &[u8]) -> Result<desk::PairingView> {
    let (pairing, _) = until("the pairing waits", SOON, async || {
        let found = at.client().list_peers(desk::ListPeersRequest::default()).await?.into_inner();
        Ok(found.pairings.into_iter().find(|pairing| pairing.peer_id == of))
    })
    .await?;
    Ok(pairing)
}

/// A stranger's records may have come through a partner: they open nothing, and no search for partners shows them.
async fn finds_none_of(at: &Desk, stranger: &[u8]) -> Result<()> {
    let theme = relais_tests::case::THEME.to_owned();
    let question = relais_proto::desk::v1::FindServicesRequest {
        theme,
        commune: relais_tests::case::COMMUNE.to_owned(),
        ..Default::default()
    };
    let found = at.client().find_services(question).await?.into_inner().services;
    ensure!(
        found.iter().all(|one| one.service.as_ref().is_none_or(|service| service.structure_id != stranger)),
        "a stranger is found among partners"
    );
    Ok(())
}

/// The directory at `a` says who recommends C, and whose it is.
async fn is_in_the_directory(a: &Process, b: &Process) -> Result<()> {
    let by = id_of_node(b)?;
    holds("the directory says who recommends C, and whose it is", COMPARED, async || {
        let found = relais(a, &["directory", "status", "--name", "ESPACE"])?;
        let one = &found["structures"][0];
        Ok(found["structures_found"] == 1 && one["services"] == 1 && one["recommended_by"][0] == by.as_str())
    })
    .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_partners_of_one_structure_send_a_first_referral_once_both_admins_said_yes() -> Result<()> {
    let Three { a, b, c } = Three::start().await?;
    let (at_a, at_c) = (a.desk().await?, c.desk().await?);
    let (a_id, c_id) = (at_a.id().await?, at_c.id().await?);
    let endpoint = c.pairing.to_string();
    let introduce = ["introduce", &id_of_node(&c)?, "--endpoint", &endpoint];
    ensure!(refused(&a, &introduce)? == "not_vouched", "nobody recommends C yet");

    for name in ["Agence", "Espace"] {
        let given = relais(&b, &["endorse", name, "--territory", "17", "--until", "2099-01-01"]);
        ensure!(given.is_err(), "a recommendation for ever");
        let given = relais(&b, &["endorse", name, "--territory", "17"])?;
        ensure!(given["endorsement"]["standing"] == "holds", "{given}");
    }
    is_recommended(&a).await?;
    is_recommended(&c).await?;
    is_in_the_directory(&a, &b).await?;
    // The beginning of the id, as the directory shows it, is enough; and what both compare is there at once.
    let asked = relais(&a, &["introduce", &beginning_of(&c)?, "--endpoint", &endpoint])?;
    ensure!(asked["introduction"]["standing"] == "awaits_us", "{asked}");
    let of_c = introduction(&c)?;
    let phrase = &asked["introduction"]["comparison_phrase"];
    ensure!(phrase.is_string() && *phrase == of_c["comparison_phrase"], "{asked} {of_c}");
    ensure!(of_c["side"] == "asked_of_us" && of_c["name"] == "Agence de l'Essai", "{of_c}");
    let voucher = &of_c["vouchers"][0];
    ensure!(voucher["by_name"] == "Mairie de l'Essai" && voucher["territories"][0] == "17", "{of_c}");

    // Nothing is open yet, whatever an admin presses.
    let (seen_by_a, seen_by_c) = (waiting(&at_a, &c_id).await?, waiting(&at_c, &a_id).await?);
    ensure!(!seen_by_a.comparison_phrase.is_empty(), "there is no phrase");
    ensure!(seen_by_a.comparison_phrase == seen_by_c.comparison_phrase, "the admins see different phrases");
    ensure!(*phrase == seen_by_a.comparison_phrase.as_str(), "another phrase is shown: {phrase}");
    ensure!(refused(&a, &["introductions", "refuse", "Mairie"])? == "unknown");
    ensure!(at_c.resume(&a_id).await.is_err(), "a pairing nobody compared was resumed into one");
    ensure!(at_a.refer(Case::default().referral(&c_id)).await.is_err(), "a referral to a stranger");
    finds_none_of(&at_a, &c_id).await?;
    ensure!(refused(&a, &introduce)? == "introduction_under_way");

    relais(&c, &["introductions", "confirm", "Agence", "--phrase", "matches"])?;
    ensure!(introduction(&c)?["standing"] == "confirmed");
    ensure!(at_a.refer(Case::default().referral(&c_id)).await.is_err(), "one yes is not two");
    relais(&a, &["introductions", "confirm", "Espace", "--phrase", "matches"])?;
    linked(&at_a, &at_c).await?;
    knows_services(&at_a, &c_id).await?;

    let thread = id_of(&at_a.refer(Case::default().referral(&c_id)).await?)?;
    at_a.delivered(&thread, SOON).await?;
    at_c.act(&thread, case::accept()).await?;
    let seen = becomes("the acceptance is told", &at_a, &thread, |view| {
        course_of(view).0 == desk::Step::Accepted && view.disclosure() == desk::Disclosure::Done
    });
    seen.await?;
    // What both confirmed needs no looking after any more.
    for node in [&a, &c] {
        holds("the introduction is settled", SOON, async || {
            Ok(relais(node, &["introductions"])?["introductions"].as_array().is_some_and(Vec::is_empty))
        })
        .await?;
    }
    relais(&b, &["endorse", "Agence", "--withdraw"])?;
    let given = relais(&b, &["endorse", "--list"])?;
    let of_a = given["given"].as_array().and_then(|all| {
        all.iter().find(|one| one["subject_name"] == "Agence de l'Essai").map(|one| one["standing"].clone())
    });
    ensure!(of_a == Some("withdrawn".into()), "{given}");
    ensure!(refused(&b, &["endorse", "Agence", "--withdraw"])? == "not_endorsed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_away_is_reached_when_it_returns_and_a_no_is_told() -> Result<()> {
    let Three { a, b, mut c } = Three::start().await?;
    for name in ["Agence", "Espace"] {
        relais(&b, &["endorse", name, "--territory", "france"])?;
    }
    is_recommended(&a).await?;
    is_recommended(&c).await?;
    let endpoint = c.pairing.to_string();
    let introduce = ["introduce", &id_of_node(&c)?, "--endpoint", &endpoint];
    c.stop()?;
    let asked = relais(&a, &introduce)?;
    let asked = &asked["introduction"];
    ensure!(asked["standing"] == "asking" && asked["trouble"] == "unreachable", "{asked}");
    ensure!(asked["next_try"].is_string() && asked["tries"] == 1, "{asked}");
    c.start().await?;
    let again = relais(&a, &introduce)?;
    ensure!(again["introduction"]["standing"] == "awaits_us", "{again}");
    // C's admin says no, and remembers through a restart.
    relais(&c, &["introductions", "refuse", "Agence"])?;
    relais(&a, &["introductions", "refuse", "Espace"])?;
    c.restart().await?;
    ensure!(introduction(&c)?["standing"] == "refused_here");
    let told = relais(&a, &introduce)?;
    ensure!(told["introduction"]["standing"] == "refused_there", "{told}");
    ensure!(refused(&a, &introduce)? == "said_no");
    // A partner whose word is lost while both wait: what waits lapses by itself.
    relais(&c, &["introduce", &id_of_node(&a)?, "--endpoint", &a.pairing.to_string()])?;
    ensure!(introduction(&c)?["standing"] == "awaits_us");
    relais(&b, &["endorse", "Espace", "--withdraw"])?;
    holds("the introduction lapses at A", SOON, async || Ok(introduction(&a)?["standing"] == "lapsed"))
        .await?;
    ensure!(refused(&a, &["introductions", "confirm", "--phrase", "matches"])? == "input");
    Ok(())
}
