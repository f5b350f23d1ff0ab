//! Two engines over memory stores, envelopes carried by hand.

mod walk_in;

use super::*;
use crate::own::{Profile, found};
use crate::peers::PeerTrust;
use relais_domain::class::{DataClass, Stage};
use relais_domain::consent::{
    Consent, Given, GivenHow, Interpreter, LegalBasis, Notice, Party, Presence, Purpose, Standing, TeachBack,
};
use relais_domain::content::{
    Contact, Content, FeedbackLevel, Name, Need, Outcome, Professional, Reach, Urgency,
};
use relais_domain::digest::Digest;
use relais_domain::event::{Counts, EventKind, Side, ThreadKind};
use relais_domain::fold::Label;
use relais_domain::id::{ConsentId, ServiceId};
use relais_domain::personal::Personal;
use relais_domain::territory::Territory;
use relais_domain::theme::Theme;
use relais_domain::thread::{Freeze, Signing};
use relais_domain::time::Span;
use relais_store::batch::Batch;
use relais_store::memory::MemoryStore;
use relais_store::rows::AckRow;
use relais_wire::endpoint::Endpoint;
use relais_wire::envelope;
use relais_wire::manifest::StructureKind;
use relais_wire::manifest::chain::Chain;

struct End {
    engine: Engine,
    memory: Arc<MemoryStore>,
}

fn theme() -> Theme {
    Theme::parse("numerique--acceder-a-une-connexion-internet").unwrap()
}

async fn ends() -> (End, End) {
    let (a, a_chain) = end("agency");
    let (b, b_chain) = end("hub");
    for (end, chain) in [(&a, b_chain), (&b, a_chain)] {
        let structure = chain.structure();
        end.engine.peers.propose(chain, "six words".to_owned(), Digest::of(b"agreement")).await.unwrap();
        end.engine.peers.set_trust(structure, PeerTrust::Paired).await.unwrap();
    }
    (a, b)
}

fn end(name: &str) -> (End, Chain) {
    let dice = Dice::system().unwrap();
    let clock = Clock::system();
    let profile = Profile {
        name: name.to_owned(),
        kind: StructureKind::DigitalHub,
        endpoints: vec![Endpoint::parse("127.0.0.1:1").unwrap()],
        pairing_endpoints: Vec::new(),
    };
    let ca = |structure| crate::tls::Ca::generate(structure).unwrap().into_parts();
    let founded = found(&profile, ca, &dice, clock.now()).unwrap();
    let chain = Chain::found(founded.manifest).unwrap();
    let own = Arc::new(Own::new(chain.clone(), founded.secrets.signing, vec![founded.secrets.sealing]));
    let memory = Arc::new(MemoryStore::new());
    let store: Arc<dyn Store> = Arc::clone(&memory) as Arc<dyn Store>;
    let loading = Peers::load(Arc::clone(&store), Arc::clone(&own), clock.clone(), dice.clone());
    let peers = futures_lite_block(loading).unwrap();
    (End { engine: Engine::new(store, own, Arc::new(peers), clock, dice), memory }, chain)
}

/// The memory store answers at once.
fn futures_lite_block<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("the memory store answers at once"),
    }
}

fn consent(from: &End, to: &End) -> Consent {
    let now = from.engine.clock.now();
    Consent {
        id: ConsentId::from_random(from.engine.dice.bytes()),
        version: 1,
        supersedes: None,
        collected_by: Party { structure: from.engine.own.structure(), site: None },
        recipient: Party { structure: to.engine.own.structure(), site: None },
        purpose: Purpose::Referral,
        themes: [theme()].into(),
        classes: [DataClass::Need, DataClass::Note, DataClass::Name, DataClass::Contact].into(),
        name_stage: Stage::Two,
        feedback: FeedbackLevel::Outcome,
        onward: [].into(),
        valid_from: now,
        valid_until: now.plus(Span::days(90)),
        collector_basis: LegalBasis::PublicTask,
        recipient_basis: LegalBasis::Agreement,
        given: Given {
            how: GivenHow::Oral,
            language: "fr".to_owned(),
            interpreter: Interpreter::None,
            teach_back: TeachBack::Done,
            presence: Presence::None,
        },
        notice: Notice { id: "n".to_owned(), language: "fr".to_owned(), text: Digest::of(b"text") },
        stop_code: None,
    }
}

fn opening(from: &End, to: &End) -> Opening {
    let consent = consent(from, to);
    let need = Need {
        themes: vec![theme()],
        urgency: Urgency::Normal,
        territory: Territory::parse("17300").unwrap(),
        service: ServiceId::parse("hub--1").unwrap(),
        site: None,
        feedback: FeedbackLevel::Outcome,
        walk_in: None,
    };
    let text = |text: &str| Personal::new(text.to_owned());
    Opening {
        thread: ThreadId::from_random(from.engine.dice.bytes()),
        kind: ThreadKind::Referral,
        recipient: to.engine.own.structure(),
        consent: relais_wire::consent::sign(&consent, from.engine.own.signing(), from.engine.own.manifest()),
        stage_one: Content { need: Some(need), ..Content::default() },
        stage_two: Content {
            name: Some(Name { given: text("Amina"), family: text("B") }),
            contact: Some(Contact {
                reach: Reach::Phone,
                detail: Some(text("06 01 02 03 04")),
                language: None,
                cautions: [].into(),
            }),
            ..Content::default()
        },
        deadline: None,
        follow_up: None,
        signing: Signing::ByItself,
    }
}

/// Carries everything one end has for the other, and the receipts back; how many envelopes.
async fn carry(from: &End, to: &End) -> usize {
    let (source, target) = (&from.engine, &to.engine);
    let ready = source.store.outbox_ready(target.own.structure(), source.clock.now(), 100).await.unwrap();
    for row in &ready {
        let mut event = None;
        for side in [Side::Sender, Side::Receiver] {
            let found = source.store.event(row.thread, side, row.sequence).await.unwrap();
            event = event.or(found.filter(|found| found.message == row.message));
        }
        let event = event.unwrap();
        let key = source.peers.chain(target.own.structure()).unwrap().seal_key().unwrap();
        let parts = event.content.as_ref().map(|content| content.expose().as_slice());
        let mut generator = source.dice.generator();
        let bytes =
            envelope::dispatch(&event.payload, &event.signature, parts, &key, &mut generator).unwrap();
        let first = target.deliver(source.own.structure(), &bytes).await.unwrap();
        let again = target.deliver(source.own.structure(), &bytes).await.unwrap();
        assert_eq!(first, again, "a replay gets the same receipt, byte for byte");
        let Delivered::Receipt(receipt) = first else { panic!("{first:?}") };
        let ack = AckRow {
            message: row.message,
            thread: row.thread,
            sequence: row.sequence,
            receipt,
            names: None,
            stored_at: source.clock.now(),
        };
        source.store.commit(Batch { acks: vec![ack], ..Batch::default() }).await.unwrap();
    }
    ready.len()
}

/// The end as it was when `memory` was copied, with the same keys and partners.
fn restored(end: &End, memory: MemoryStore) -> End {
    let Engine { own, peers, clock, dice, .. } = &end.engine;
    let memory = Arc::new(memory);
    let store: Arc<dyn Store> = Arc::clone(&memory) as Arc<dyn Store>;
    let engine = Engine::new(store, Arc::clone(own), Arc::clone(peers), clock.clone(), dice.clone());
    End { engine, memory }
}

async fn settle(a: &End, b: &End) {
    while carry(a, b).await + carry(b, a).await > 0 {}
}

async fn act(end: &End, thread: ThreadId, act: Act) {
    end.engine.act(thread, act, Request(end.engine.dice.bytes())).await.unwrap();
}

async fn thread(end: &End, id: ThreadId) -> Thread {
    end.engine.load(id).await.unwrap().unwrap().thread
}

fn professional() -> Professional {
    let text = |text: &str| Personal::new(text.to_owned());
    Professional { name: text("Claire"), contact: text("05 46 00 00 00") }
}

#[tokio::test]
async fn a_referral_goes_from_sent_to_closed_at_both_ends() {
    let (agency, hub) = ends().await;
    let opening = opening(&agency, &hub);
    let id = opening.thread;
    agency.engine.open(opening).await.unwrap();
    settle(&agency, &hub).await;
    let received = thread(&hub, id).await;
    assert!(received.opening().unwrap().name.is_none(), "no name before acceptance");

    act(&hub, id, Act::Accept { professional: professional(), not_before: None }).await;
    settle(&agency, &hub).await;
    let disclosed = thread(&hub, id).await;
    let name = disclosed.sender.iter().filter_map(|event| event.content.as_ref()?.name.as_ref()).next();
    assert_eq!(name.unwrap().given.expose(), "Amina");

    let appointment = hub.engine.clock.now().plus(Span::days(2));
    act(&hub, id, Act::Schedule { appointment, place: None }).await;
    act(&hub, id, Act::Arrive).await;
    act(&hub, id, Act::Close { outcome: Outcome::NeedMet, account: None }).await;
    settle(&agency, &hub).await;
    for end in [&agency, &hub] {
        assert_eq!(thread(end, id).await.label(), Some(Label::Closed));
    }
}

#[tokio::test]
async fn a_stop_erases_at_both_ends_and_each_signs_for_it() {
    let (agency, hub) = ends().await;
    let opening = opening(&agency, &hub);
    let id = opening.thread;
    agency.engine.open(opening).await.unwrap();
    settle(&agency, &hub).await;
    act(&hub, id, Act::Accept { professional: professional(), not_before: None }).await;
    settle(&agency, &hub).await;
    act(&agency, id, Act::StopConsent).await;
    settle(&agency, &hub).await;
    for end in [&agency, &hub] {
        let thread = thread(end, id).await;
        assert_eq!(thread.standing, Standing::Stopped);
        assert_eq!(thread.label(), Some(Label::ConsentEnded));
        let held: Vec<_> = thread.parts_held().iter().collect();
        assert_eq!(held, [relais_domain::content::ContentPart::Evidence]);
        let state = thread.state();
        for side in [Side::Sender, Side::Receiver] {
            assert!(state.erased_by(side).has(relais_domain::content::ContentPart::StageTwo), "{side}");
        }
    }
}

#[tokio::test]
async fn the_same_request_has_one_effect() {
    let (agency, hub) = ends().await;
    let opening = opening(&agency, &hub);
    let id = opening.thread;
    agency.engine.open(opening).await.unwrap();
    settle(&agency, &hub).await;
    let request = Request([7; 16]);
    let note = || Act::Note { text: Personal::new("rappeler".to_owned()) };
    let events = thread(&hub, id).await.receiver.len();
    for _ in 0..3 {
        hub.engine.act(id, note(), request).await.ok();
    }
    assert!(thread(&hub, id).await.receiver.len() <= events + 1);
}

#[tokio::test]
async fn a_stop_before_delivery_sends_no_content() {
    let (agency, hub) = ends().await;
    let opening = opening(&agency, &hub);
    let id = opening.thread;
    agency.engine.open(opening).await.unwrap();
    act(&agency, id, Act::StopConsent).await;
    let row = agency.engine.store.event(id, Side::Sender, 1).await.unwrap().unwrap();
    assert!(row.content.is_none());
    assert!(hub.engine.load(id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_request_id_used_for_one_thread_is_no_key_to_another() {
    let (agency, hub) = ends().await;
    let first = opening(&agency, &hub);
    let second = opening(&agency, &hub);
    let (one, other) = (first.thread, second.thread);
    agency.engine.open(first).await.unwrap();
    agency.engine.open(second).await.unwrap();
    let request = Request([9; 16]);
    agency.engine.act(one, Act::StopConsent, request).await.unwrap();
    agency.engine.act(one, Act::StopConsent, request).await.unwrap();
    let refused = agency.engine.act(other, Act::StopConsent, request).await.unwrap_err();
    assert!(matches!(&refused, EngineError::Refused(Refusal::Field(error)) if error.field == "request_id"));
    assert_eq!(thread(&agency, other).await.standing, Standing::Active);
}

#[tokio::test]
async fn a_consent_that_ended_opens_nothing_again_at_either_end() {
    let (agency, hub) = ends().await;
    let first = opening(&agency, &hub);
    let id = first.thread;
    let again = Opening { thread: ThreadId::from_random(agency.engine.dice.bytes()), ..first.clone() };
    agency.engine.open(first).await.unwrap();
    settle(&agency, &hub).await;
    act(&hub, id, Act::StopConsent).await;
    settle(&agency, &hub).await;
    let ended = |error: &EngineError| {
        matches!(error, EngineError::Refused(Refusal::Consent(ConsentRefusal::Ended(_))))
    };
    assert!(ended(&agency.engine.open(again.clone()).await.unwrap_err()));

    // A sender that forgot on purpose.
    let forget = relais_store::batch::DocumentWrite {
        shelf: Shelf::Done,
        key: again.consent.digest.as_bytes().to_vec(),
        expected_version: relais_store::batch::Expected::Any,
        body: None,
    };
    agency.engine.store.commit(Batch { documents: vec![forget], ..Batch::default() }).await.unwrap();
    let reopened = again.thread;
    agency.engine.open(again).await.unwrap();
    let event = agency.engine.store.event(reopened, Side::Sender, 1).await.unwrap().unwrap();
    let key = agency.engine.peers.chain(hub.engine.own.structure()).unwrap().seal_key().unwrap();
    let parts = event.content.as_ref().map(|content| content.expose().as_slice());
    let mut generator = agency.engine.dice.generator();
    let bytes = envelope::dispatch(&event.payload, &event.signature, parts, &key, &mut generator).unwrap();
    let refused = hub.engine.deliver(agency.engine.own.structure(), &bytes).await.unwrap_err();
    assert!(
        matches!(refused, DeliverError::Refused(Refusal::Consent(ConsentRefusal::Ended(_)))),
        "{refused}"
    );
    assert!(hub.engine.load(reopened).await.unwrap().is_none());
}

#[tokio::test]
async fn a_stop_takes_everything_before_it_out_of_the_queue_again() {
    let (agency, hub) = ends().await;
    let opening = opening(&agency, &hub);
    let id = opening.thread;
    agency.engine.open(opening).await.unwrap();
    let waiting = agency.engine.store.outbox_of(id).await.unwrap();
    let parked = relais_store::batch::OutboxChange::Retry {
        message: waiting[0].message,
        state: relais_store::rows::OutboxState::Parked,
        attempts: 1,
        next_at: agency.engine.clock.now(),
        first_failed_at: None,
        last_code: 2,
    };
    agency.engine.store.commit(Batch { outbox: vec![parked], ..Batch::default() }).await.unwrap();
    act(&agency, id, Act::StopConsent).await;
    let now = agency.engine.clock.now();
    let ready = agency.engine.store.outbox_ready(hub.engine.own.structure(), now, 10).await.unwrap();
    assert_eq!(ready.len(), 3, "the opening, its end, its erasure");
}

#[tokio::test]
async fn a_stop_from_a_partner_that_was_restored_erases_here_all_the_same() {
    let (agency, hub) = ends().await;
    let opening = opening(&agency, &hub);
    let id = opening.thread;
    agency.engine.open(opening).await.unwrap();
    settle(&agency, &hub).await;
    act(&hub, id, Act::Accept { professional: professional(), not_before: None }).await;
    settle(&agency, &hub).await;
    let older = agency.memory.copy();
    act(&agency, id, Act::Note { text: Personal::new("mornings".to_owned()) }).await;
    settle(&agency, &hub).await;

    let agency = restored(&agency, older);
    act(&agency, id, Act::StopConsent).await;
    let now = agency.engine.clock.now();
    let waiting = agency.engine.store.outbox_ready(hub.engine.own.structure(), now, 10).await.unwrap();
    let event = agency.engine.store.event(id, Side::Sender, waiting[0].sequence).await.unwrap().unwrap();
    assert_eq!(event.kind, EventKind::ConsentEnded);
    let key = agency.engine.peers.chain(hub.engine.own.structure()).unwrap().seal_key().unwrap();
    let parts = event.content.as_ref().map(|content| content.expose().as_slice());
    let mut generator = agency.engine.dice.generator();
    let bytes = envelope::dispatch(&event.payload, &event.signature, parts, &key, &mut generator).unwrap();
    for _ in 0..2 {
        let refused = hub.engine.deliver(agency.engine.own.structure(), &bytes).await.unwrap_err();
        assert!(matches!(refused, DeliverError::Refused(Refusal::ChainForked)), "{refused}");
        let thread = thread(&hub, id).await;
        assert_eq!((thread.standing, thread.freeze), (Standing::Stopped, Freeze::Forked));
        assert!(thread.consent.is_none() && thread.opening().is_none(), "what was got is gone");
        let ended = thread.receiver.iter().filter(|event| event.skeleton.kind == EventKind::ConsentEnded);
        assert_eq!(ended.count(), 1, "once");
    }
}

#[tokio::test]
async fn a_voided_note_is_blanked_at_both_ends_and_its_instant_stays() {
    let (agency, hub) = ends().await;
    let opening = opening(&agency, &hub);
    let id = opening.thread;
    agency.engine.open(opening).await.unwrap();
    act(&agency, id, Act::Note { text: Personal::new("mornings".to_owned()) }).await;
    act(&agency, id, Act::Void { sequence: 2 }).await;
    let whole = thread(&agency, id).await;
    assert!(whole.sender[1].content.as_ref().unwrap().note.is_some(), "it has still to leave whole");
    settle(&agency, &hub).await;
    agency.engine.wake(id).await.unwrap();
    for end in [&agency, &hub] {
        let thread = thread(end, id).await;
        let content = thread.sender[1].content.as_ref().unwrap();
        assert!(content.note.is_none(), "its words are gone");
        assert_eq!(content.times, whole.sender[1].content.as_ref().unwrap().times);
        assert_eq!(thread.sender[1].counts, Counts::Yes);
    }
}

#[tokio::test]
async fn a_blanking_that_waits_is_tried_ever_less_often() {
    let (agency, hub) = ends().await;
    let opening = opening(&agency, &hub);
    let id = opening.thread;
    agency.engine.open(opening).await.unwrap();
    act(&agency, id, Act::Note { text: Personal::new("mornings".to_owned()) }).await;
    act(&agency, id, Act::Void { sequence: 2 }).await;
    for (passed, pause) in
        [(Span(0), Span::minutes(10)), (Span::hours(2), Span::hours(2)), (Span::hours(5), Span::hours(5))]
    {
        agency.engine.clock.shift(passed);
        agency.engine.wake(id).await.unwrap();
        let row = agency.engine.load(id).await.unwrap().unwrap().stored.row;
        let left = row.wake_at.unwrap().since(agency.engine.clock.now()).0;
        assert!((pause.0 - left).abs() < Span::minutes(1).0, "{left} ms for {pause:?}");
    }
}

#[tokio::test]
async fn a_wake_that_finds_nothing_to_do_changes_nothing_to_read_again() {
    let (agency, hub) = ends().await;
    let opening = opening(&agency, &hub);
    let id = opening.thread;
    agency.engine.open(opening).await.unwrap();
    let before = agency.engine.load(id).await.unwrap().unwrap().stored.row;
    agency.engine.wake(id).await.unwrap();
    let after = agency.engine.load(id).await.unwrap().unwrap().stored.row;
    assert_eq!(after.changed_at, before.changed_at);
    act(&agency, id, Act::Note { text: Personal::new("mornings".to_owned()) }).await;
    let noted = agency.engine.load(id).await.unwrap().unwrap().stored.row;
    assert!(noted.changed_at > before.changed_at);
}
