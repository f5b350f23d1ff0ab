//! Markers in every personal field: never in the open in any file, log, error or argument; gone for good after a stop.

use anyhow::{Context as _, Result, ensure};
use relais_proto::desk::v1::{self as desk, ConsentStanding};
use relais_proto::peer::v1 as peer;
use relais_tests::case::{self, Case};
use relais_tests::desk::{Desk, Thread, words};
use relais_tests::marks::{Found, Search, marker};
use relais_tests::process::{Plan, Process};
use relais_tests::town::{SOON, Two, becomes, course_of, id_of};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// How many markers are put into the two nodes, at least.
const MARKERS: u32 = 500;
/// How many referrals carry them, nine each.
const REFERRALS: u32 = 50;
/// How many handovers carry them, thirteen each.
const HANDOVERS: u32 = 5;

/// Gives out one marker after the other.
#[derive(Default)]
struct Pen(u32);

impl Pen {
    fn next(&mut self) -> String {
        self.0 += 1;
        marker(self.0 - 1)
    }
}

fn none(found: &[Found], when: &str) -> Result<()> {
    ensure!(found.is_empty(), "{when}: {} markers, first {:?}", found.len(), found.first());
    Ok(())
}

fn none_in(two: &Two, search: &Search, when: &str) -> Result<()> {
    for node in [&two.agency, &two.hub] {
        none(&search.in_folder(node.everything())?, when)?;
        if let Ok(pid) = node.pid() {
            for name in ["cmdline", "environ"] {
                let path = format!("/proc/{pid}/{name}");
                none(&search.in_bytes(&fs::read(&path)?, Path::new(&path)), when)?;
            }
        }
    }
    Ok(())
}

/// A referral through its whole course, a marker in every field that takes one.
async fn marked_referral(agency: &Desk, hub: &Desk, hub_id: &[u8], pen: &mut Pen) -> Result<Thread> {
    let case = Case { given: pen.next(), contact: pen.next(), note: Some(pen.next()), ..Case::default() };
    let thread = id_of(&agency.refer(case.referral(&hub_id.to_vec())).await?)?;
    agency.delivered(&thread, SOON).await?;
    hub.act(&thread, case::accept_by(&pen.next(), &pen.next())).await?;
    let told = |view: &desk::ThreadView| view.disclosure() == desk::Disclosure::Done;
    let there = becomes("stage 2 arrives", hub, &thread, told).await?;
    let name = there.stage_two.as_ref().and_then(|two| two.name.as_ref()).context("the name")?;
    ensure!(name.given == case.given, "the marker arrived otherwise than it was sent");
    hub.act(&thread, case::schedule(&pen.next())).await?;
    hub.act(&thread, case::note(&pen.next())).await?;
    agency.act(&thread, case::note(&pen.next())).await?;
    hub.act(&thread, case::close(Some(&pen.next()))).await?;
    Ok(thread)
}

/// A handover that was accepted, a marker in every field that takes one.
async fn marked_handover(agency: &Desk, hub: &Desk, hub_id: &[u8], pen: &mut Pen) -> Result<Thread> {
    let case = Case {
        given: pen.next(),
        family: pen.next(),
        contact: pen.next(),
        note: Some(pen.next()),
        ..Case::default()
    };
    let opened = agency.client().open_follow_up(case.follow_up(vec![pen.next()])).await?.into_inner();
    let content = peer::Handover {
        done: vec![pen.next()],
        pending: vec![pen.next()],
        deadlines: vec![peer::HandoverDeadline { day: 21_000, what: pen.next() }],
        goals: vec![pen.next()],
    };
    let mut request = case.handover(&hub_id.to_vec(), &opened.follow_up_id, content);
    let stage_two = request.stage_two.as_mut().context("stage 2")?;
    stage_two.documents = Some(peer::Documents { titles: vec![pen.next()] });
    stage_two.sensitive = Some(peer::Sensitive { text: pen.next() });
    let thread = id_of(&agency.propose(request).await?)?;
    agency.delivered(&thread, SOON).await?;
    hub.act(&thread, case::accept_by(&pen.next(), &pen.next())).await?;
    let told = |view: &desk::ThreadView| view.disclosure() == desk::Disclosure::Done;
    becomes("stage 2 arrives", hub, &thread, told).await?;
    Ok(thread)
}

/// Requests that are refused, with a marker in what is wrong: no answer repeats it.
async fn refusals(
    agency: &Desk,
    hub_id: &[u8],
    thread: &Thread,
    pen: &mut Pen,
    search: &Search,
) -> Result<()> {
    let to = hub_id.to_vec();
    let long = |pen: &mut Pen| format!("{} ", pen.next()).repeat(30);
    let cases = [
        Case { note: Some(long(pen)), ..Case::default() },
        Case { note: Some(format!("{} 06 12 34 56 78", pen.next())), ..Case::default() },
        Case { family: pen.next(), ..Case::default() },
        Case { given: format!("{}\u{202e}", pen.next()), ..Case::default() },
        Case { contact: long(pen), ..Case::default() },
    ];
    let mut answers = Vec::new();
    for case in cases {
        answers.push(agency.refer(case.referral(&to)).await.err().context("it was refused")?);
    }
    let text = long(pen);
    answers.push(agency.act(thread, case::note(&text)).await.err().context("it was refused")?);
    for status in answers {
        let said = format!("{status:?} {} {:?}", status.message(), status.metadata());
        none(&search.in_bytes(said.as_bytes(), Path::new("a refusal")), "in a refusal")?;
        let named = status.metadata().get("relais-field");
        ensure!(named.is_some(), "no field is named: {}", status.message());
    }
    Ok(())
}

/// What the person's end of a consent leaves at both ends.
async fn stopped_everywhere(agency: &Desk, hub: &Desk, thread: &Thread) -> Result<()> {
    for desk in [agency, hub] {
        let gone = |view: &desk::ThreadView| {
            let evidence = i32::from(peer::ThreadPart::Evidence);
            let ended = course_of(view).2 == ConsentStanding::Stopped;
            ended && view.held.iter().all(|part| *part == evidence) && !view.erased_there.is_empty()
        };
        becomes("both ends erased", desk, thread, gone).await?;
    }
    Ok(())
}

async fn at_rest(two: &Two) -> Result<(Desk, Desk)> {
    let (agency, hub) = two.desks().await?;
    for (desk, peer) in [(&agency, &two.hub_id), (&hub, &two.agency_id)] {
        relais_tests::wait::holds("nothing waits", Duration::from_secs(60), async || {
            Ok(desk.peer(peer).await?.waiting == 0)
        })
        .await?;
    }
    Ok((agency, hub))
}

/// A backup of the data alone comes back, with the keys of today: what was erased stays erased.
async fn an_old_backup_brings_nothing_back(
    hub: &mut Process,
    backup: &Path,
    threads: &[Thread],
) -> Result<()> {
    let data = hub.home().join("data").join("data.db");
    fs::copy(backup, &data)?;
    hub.start().await?;
    let desk = hub.desk().await?;
    for thread in threads {
        if let Ok(view) = desk.show(thread).await {
            let summary = view.summary.clone().unwrap_or_default();
            let told = view.stage_two.as_ref().is_some_and(|two| two.name.is_some());
            ensure!(!told && summary.name.is_none(), "a backup brought a name back: {}", words(&view));
            let need = view.stage_one.as_ref().is_some_and(|one| one.need.is_some());
            ensure!(!need, "a backup brought a need back: {}", words(&view));
        }
    }
    hub.stop()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_markers_are_nowhere_in_the_open_and_gone_after_the_stop() -> Result<()> {
    let plan = |name: &str| Plan { log: "trace", ..Plan::named(name) };
    let mut two = Two::of(&plan("Agence"), &plan("Espace")).await?;
    let (agency, hub) = two.desks().await?;
    let mut pen = Pen::default();
    let search = Search::for_markers(0..MARKERS + 200);
    let mut threads = Vec::new();
    for _ in 0..REFERRALS {
        threads.push(marked_referral(&agency, &hub, &two.hub_id, &mut pen).await?);
    }
    for _ in 0..HANDOVERS {
        threads.push(marked_handover(&agency, &hub, &two.hub_id, &mut pen).await?);
    }
    ensure!(pen.0 >= MARKERS, "{} markers only", pen.0);
    refusals(&agency, &two.hub_id, &threads[0], &mut pen, &search).await?;
    at_rest(&two).await?;
    none_in(&two, &search, "while they run, before the stop")?;

    two.hub.stop()?;
    two.agency.stop()?;
    none_in(&two, &search, "at rest, before the stop")?;
    let aside = tempfile::tempdir()?;
    let backup = aside.path().join("data.db");
    fs::copy(two.hub.home().join("data").join("data.db"), &backup)?;
    two.hub.start().await?;
    two.agency.start().await?;
    let (agency, hub) = two.desks().await?;
    for (number, thread) in threads.iter().enumerate() {
        let stopping = if number % 2 == 0 { &agency } else { &hub };
        stopping.act(thread, case::stop()).await?;
    }
    for thread in &threads {
        stopped_everywhere(&agency, &hub, thread).await?;
    }
    at_rest(&two).await?;
    none_in(&two, &search, "while they run, after the stop")?;
    two.hub.stop()?;
    two.agency.stop()?;
    none_in(&two, &search, "at rest, after the stop")?;
    let log = two.hub.log()?;
    ensure!(log.contains("TRACE"), "the log was not at trace: nothing was searched");
    an_old_backup_brings_nothing_back(&mut two.hub, &backup, &threads).await?;
    none_in(&two, &search, "after an old backup came back")
}
