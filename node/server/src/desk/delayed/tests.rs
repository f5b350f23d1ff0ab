//! Acts with a delay: no event before, done once, taken back, told when they could not be done, and none forgotten.

use super::super::bench::{House, caller, pair, referral, settle};
use super::*;
use crate::accounts::integrations::Scope;
use crate::delayed::REFUSAL_KEPT;
use crate::users::{Change, Role, Standing};
use relais_domain::fold::Label;
use relais_proto::peer::v1 as peer;
use relais_store::batch::Batch;
use relais_store::rows::Shelf;

/// A referral that waits for the hub's answer.
struct Scene {
    hub: House,
    sender: Desk,
    receiver: Desk,
    nadia: Caller,
    claire: Caller,
    thread: ThreadId,
}

async fn scene() -> Scene {
    let (agency, hub) = pair().await;
    let (sender, receiver) = (agency.desk().await, hub.desk().await);
    let nadia = caller(&sender, "nadia", Role::Counsellor).await;
    let claire = caller(&receiver, "claire", Role::Counsellor).await;
    let sent = sender.open_referral(referral(&sender, hub.id()), &nadia).await.unwrap();
    let thread = thread_id(&sent.summary.unwrap().thread_id).unwrap();
    settle(&sender, &receiver).await;
    Scene { hub, sender, receiver, nadia, claire, thread }
}

fn accept() -> Asked {
    let professional = peer::Professional { name: "Claire".to_owned(), contact: "05 46 00 00 00".to_owned() };
    Asked::Accept(desk::act_request::Accept { professional: Some(professional), not_before_ms: None })
}

fn refuse() -> Asked {
    Asked::Refuse(desk::act_request::Refuse { reason: peer::Reason::Full.into(), suggestions: Vec::new() })
}

fn stop() -> Asked {
    Asked::StopConsent(desk::act_request::StopConsent {})
}

fn ask(thread: ThreadId, request: u8, act: Asked, delay_ms: u32) -> desk::ActRequest {
    desk::ActRequest {
        request_id: vec![request; 16],
        thread_id: thread.as_bytes().to_vec(),
        act: Some(act),
        delay_ms,
    }
}

/// How many events a thread has at this end.
async fn events(desk: &Desk, thread: ThreadId) -> usize {
    desk.load(thread).await.unwrap().stored.events.len()
}

async fn shelf(desk: &Desk) -> usize {
    desk.engine.store().documents(Shelf::Delayed, &[]).await.unwrap().len()
}

async fn cancel(scene: &Scene, id: &[u8]) -> Result<desk::ThreadView, Status> {
    let request =
        desk::CancelDelayedRequest { thread_id: scene.thread.as_bytes().to_vec(), delayed_id: id.to_vec() };
    scene.receiver.cancel_delayed(&request, &scene.claire).await
}

fn code_of(status: &Status) -> &str {
    status.metadata().get("relais-code").unwrap().to_str().unwrap()
}

const DELAY: u32 = 10_000;

#[tokio::test]
async fn an_act_waits_for_its_moment_and_is_done_once() {
    let scene = scene().await;
    let Scene { receiver, thread, claire, .. } = &scene;
    let before = events(receiver, *thread).await;
    let view = receiver.perform(ask(*thread, 1, accept(), DELAY), claire).await.unwrap();
    let waits = view.delayed.unwrap();
    assert_eq!(waits.act, i32::from(desk::Possible::Accept));
    assert!(waits.at_ms > receiver.engine.clock().now().0);
    assert_eq!(events(receiver, *thread).await, before, "no event exists before");
    let again = receiver.perform(ask(*thread, 1, accept(), DELAY), claire).await.unwrap();
    assert_eq!(again.delayed.as_ref(), Some(&waits), "asked again, it is the same");
    let sleep = receiver.delayed.round().await.unwrap();
    assert!(sleep <= std::time::Duration::from_secs(1));
    assert_eq!(events(receiver, *thread).await, before, "its moment has not come");

    scene.hub.clock.shift(DELAY_MAX);
    receiver.delayed.round().await.unwrap();
    assert_eq!(events(receiver, *thread).await, before + 1);
    assert_eq!(shelf(receiver).await, 0);
    let done = receiver.perform(ask(*thread, 1, accept(), DELAY), claire).await.unwrap();
    assert!(done.delayed.is_none() && done.remarks.is_empty(), "asked again, it is done");
    receiver.delayed.round().await.unwrap();
    assert_eq!(events(receiver, *thread).await, before + 1, "and done once");
}

#[tokio::test]
async fn an_act_survives_the_node() {
    let scene = scene().await;
    let Scene { receiver, thread, claire, hub, .. } = scene;
    let before = events(&receiver, thread).await;
    receiver.perform(ask(thread, 1, accept(), DELAY), &claire).await.unwrap();
    drop(receiver);
    hub.clock.shift(DELAY_MAX);
    let restarted = hub.desk().await;
    let keeper = tokio::spawn(restarted.delayed.clone().keep());
    let mut changes = restarted.engine.changes();
    if events(&restarted, thread).await == before {
        changes.recv().await.unwrap();
    }
    assert_eq!(events(&restarted, thread).await, before + 1);
    keeper.abort();
}

#[tokio::test]
async fn a_crash_between_the_act_and_its_note_does_it_no_second_time() {
    let scene = scene().await;
    let Scene { receiver, thread, claire, .. } = &scene;
    receiver.perform(ask(*thread, 1, accept(), DELAY), claire).await.unwrap();
    let (waiting, _) = receiver.delayed.waiting(*thread).await.unwrap().unwrap();
    let act = act_asked(waiting.asked().unwrap().act.unwrap()).unwrap();
    receiver.engine.act(*thread, act, waiting.request().unwrap()).await.unwrap();
    let done = events(receiver, *thread).await;
    assert_eq!(shelf(receiver).await, 1, "it still stands as waiting");
    assert_eq!(code_of(&cancel(&scene, &waiting.id).await.unwrap_err()), "too_late");
    scene.hub.clock.shift(DELAY_MAX);
    receiver.delayed.round().await.unwrap();
    assert_eq!(events(receiver, *thread).await, done);
    assert_eq!(shelf(receiver).await, 0);
}

#[tokio::test]
async fn an_act_that_is_taken_back_is_never_done() {
    let scene = scene().await;
    let Scene { receiver, thread, claire, .. } = &scene;
    let before = events(receiver, *thread).await;
    let view = receiver.perform(ask(*thread, 1, accept(), DELAY), claire).await.unwrap();
    let id = view.delayed.unwrap().delayed_id;
    assert_eq!(code_of(&cancel(&scene, &[9; 16]).await.unwrap_err()), "too_late", "another's id");
    assert_eq!(cancel(&scene, &[9; 15]).await.unwrap_err().code(), Code::InvalidArgument);
    let view = cancel(&scene, &id).await.unwrap();
    assert!(view.delayed.is_none());
    let refused = cancel(&scene, &id).await.unwrap_err();
    assert_eq!((refused.code(), code_of(&refused)), (Code::FailedPrecondition, "too_late"));
    // The call comes again late, over a bad line: it was answered, and does nothing more.
    let late = receiver.perform(ask(*thread, 1, accept(), DELAY), claire).await.unwrap();
    assert!(late.delayed.is_none());
    scene.hub.clock.shift(DELAY_MAX);
    receiver.delayed.round().await.unwrap();
    assert_eq!(events(receiver, *thread).await, before);
    receiver.perform(ask(*thread, 2, accept(), 0), claire).await.expect("a new call acts");
    assert_eq!(events(receiver, *thread).await, before + 1);
}

#[tokio::test]
async fn while_one_act_waits_no_other_is_taken_but_a_stop() {
    let scene = scene().await;
    let Scene { receiver, thread, claire, .. } = &scene;
    receiver.perform(ask(*thread, 1, accept(), DELAY), claire).await.unwrap();
    for delay in [0, DELAY] {
        let refused = receiver.perform(ask(*thread, 2, refuse(), delay), claire).await.unwrap_err();
        assert_eq!((refused.code(), code_of(&refused)), (Code::FailedPrecondition, "act_waits"));
        assert!(refused.message().contains("your acceptance"), "{}", refused.message());
    }
    let stopped = receiver.perform(ask(*thread, 3, stop(), DELAY), claire).await.unwrap();
    assert_eq!(stopped.summary.unwrap().label, i32::try_from(Label::ConsentEnded.number()).unwrap());
    scene.hub.clock.shift(DELAY_MAX);
    receiver.delayed.round().await.unwrap();
    assert_eq!(shelf(receiver).await, 1, "the acceptance was refused, and is told");
}

#[tokio::test]
async fn what_could_not_be_done_is_told_to_who_asked_until_they_see_it() {
    let scene = scene().await;
    let Scene { sender, receiver, thread, claire, nadia, .. } = &scene;
    receiver.perform(ask(*thread, 1, accept(), DELAY), claire).await.unwrap();
    let withdraw =
        Asked::Withdraw(desk::act_request::Withdraw { reason: peer::Reason::NoLongerNeeded.into() });
    sender.perform(ask(*thread, 2, withdraw, 0), nadia).await.unwrap();
    settle(sender, receiver).await;
    let before = events(receiver, *thread).await;
    scene.hub.clock.shift(DELAY_MAX);
    receiver.delayed.round().await.unwrap();
    assert_eq!(events(receiver, *thread).await, before, "trop tard");

    let other = caller(receiver, "other", Role::Counsellor).await;
    assert!(receiver.refused_acts(&other).await.unwrap().is_empty());
    let shown = receiver.show(thread.as_bytes(), &other).await.unwrap();
    assert!(shown.remarks.is_empty(), "it is told to who asked");
    let alarms = receiver.status(claire).await.unwrap().alarms;
    let alarm = alarms.iter().find(|alarm| alarm.code == "delayed-act-refused").expect("an alarm");
    assert!(alarm.sentence.starts_with("your acceptance could not be made: "), "{}", alarm.sentence);
    assert_eq!(alarm.thread_id, thread.as_bytes());
    let by = By::Integration { name: "agenda".to_owned(), scopes: [Scope::ThreadsRead].into() };
    let software = Caller { by, ..claire.clone() };
    for _ in 0..3 {
        let shown = receiver.show(thread.as_bytes(), &software).await.unwrap();
        assert!(shown.remarks.is_empty(), "it is told to who asked, not to their software");
    }
    for lost in ["perhaps", "no"] {
        assert_eq!(receiver.refused_acts(claire).await.unwrap().len(), 1, "{lost}");
        let shown = receiver.show(thread.as_bytes(), claire).await.unwrap();
        assert_eq!(shown.remarks, std::slice::from_ref(&alarm.sentence), "{lost}");
        let coded = &shown.coded_remarks[0];
        assert_eq!((coded.kind(), coded.act()), (desk::RemarkKind::ActNotDone, desk::Possible::Accept));
    }
    assert!(receiver.refused_acts(claire).await.unwrap().is_empty(), "they have seen it");
    assert!(receiver.show(thread.as_bytes(), claire).await.unwrap().remarks.is_empty());
    assert_eq!(shelf(receiver).await, 0);
}

#[tokio::test]
async fn whoever_may_act_no_more_when_the_moment_comes_has_not_acted() {
    let closed = Change { standing: Some(Standing::Closed), ..Change::default() };
    let demoted = Change { roles: Some([Role::Auditor].into()), ..Change::default() };
    for change in [closed, demoted] {
        let scene = scene().await;
        let Scene { receiver, thread, claire, .. } = &scene;
        // Somebody else runs the node.
        caller(receiver, "anne", Role::Admin).await;
        receiver.perform(ask(*thread, 1, accept(), DELAY), claire).await.unwrap();
        let before = events(receiver, *thread).await;
        let now = receiver.engine.clock().now();
        receiver.users.change(claire.id, change, now, Batch::default()).await.unwrap();
        scene.hub.clock.shift(DELAY_MAX);
        receiver.delayed.round().await.unwrap();
        assert_eq!(events(receiver, *thread).await, before);
        let refused = receiver.delayed.refused(claire.id).await.unwrap();
        assert!(refused[0].1.why.contains("may not act"), "{refused:?}");
    }
}

#[tokio::test]
async fn a_clock_that_went_back_keeps_no_act_waiting() {
    let scene = scene().await;
    let Scene { receiver, thread, claire, .. } = &scene;
    let before = events(receiver, *thread).await;
    receiver.perform(ask(*thread, 1, accept(), DELAY), claire).await.unwrap();
    scene.hub.clock.shift(Span(-Span::minutes(5).0));
    receiver.delayed.round().await.unwrap();
    assert_eq!(events(receiver, *thread).await, before + 1);
    assert_eq!(shelf(receiver).await, 0);
}

#[tokio::test]
async fn what_could_not_be_done_is_told_for_a_week_at_most() {
    let scene = scene().await;
    let Scene { receiver, thread, claire, .. } = &scene;
    receiver.perform(ask(*thread, 1, accept(), DELAY), claire).await.unwrap();
    receiver.perform(ask(*thread, 2, stop(), 0), claire).await.unwrap();
    scene.hub.clock.shift(DELAY_MAX);
    receiver.delayed.round().await.unwrap();
    scene.hub.clock.shift(REFUSAL_KEPT);
    receiver.delayed.round().await.unwrap();
    assert_eq!(receiver.refused_acts(claire).await.unwrap().len(), 1);
    scene.hub.clock.shift(Span(REFUSAL_KEPT.0 + DELAY_MAX.0 + Span::minutes(1).0));
    receiver.delayed.round().await.unwrap();
    assert_eq!(shelf(receiver).await, 0);
}

#[tokio::test]
async fn what_cannot_be_done_now_is_refused_now() {
    let scene = scene().await;
    let Scene { sender, receiver, thread, claire, nadia, .. } = &scene;
    let refused = sender.perform(ask(*thread, 1, accept(), DELAY), nadia).await.unwrap_err();
    assert_eq!(code_of(&refused), "not_allowed", "the sender accepts nothing");
    let refused = receiver.perform(ask(*thread, 1, accept(), DELAY + 1), claire).await.unwrap_err();
    assert_eq!(refused.metadata().get("relais-field").unwrap(), "delay_ms");
    let unknown = ThreadId::from_random([3; 16]);
    let refused = receiver.perform(ask(unknown, 1, accept(), DELAY), claire).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    let request =
        desk::CancelDelayedRequest { thread_id: unknown.as_bytes().to_vec(), delayed_id: vec![1; 16] };
    let refused = receiver.cancel_delayed(&request, claire).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    assert_eq!(shelf(receiver).await + shelf(sender).await, 0);
    let nobody = Asked::Accept(desk::act_request::Accept::default());
    receiver.perform(ask(*thread, 1, nobody, DELAY), claire).await.unwrap();
    let (waiting, _) = receiver.delayed.waiting(*thread).await.unwrap().unwrap();
    let Some(Asked::Accept(accepted)) = waiting.asked().unwrap().act else { panic!("an acceptance") };
    assert_eq!(accepted.professional.unwrap().name, "claire", "named when it is asked");
}

#[tokio::test]
async fn the_keeper_wakes_for_an_act_that_has_just_been_asked() {
    let scene = scene().await;
    let Scene { receiver, thread, claire, .. } = &scene;
    let keeper = tokio::spawn(receiver.delayed.clone().keep());
    let mut changes = receiver.engine.changes();
    // The keeper sleeps for minutes when there is nothing to do.
    tokio::task::yield_now().await;
    receiver.perform(ask(*thread, 1, accept(), 50), claire).await.unwrap();
    let changed = tokio::time::timeout(std::time::Duration::from_secs(20), changes.recv()).await;
    assert_eq!(changed.expect("in time").unwrap().thread, *thread);
    keeper.abort();
}
