//! What is stored comes back, what cannot be read harms nothing, and a whole node asks only so often a day.

use super::row::{our_key, their_key};
use super::*;
use crate::clock::{Clock, Dice};
use crate::own::{Founded, Own, Profile, found};
use crate::peers::Peers;
use relais_domain::id::{ProfessionalId, ServiceId};
use relais_domain::inquiry::{
    ASKED_BY_NODE_DAY_MAX, Answer, AnswerKind, Asked, Automatic, Held as Given, Inquiry, Wanted,
};
use relais_domain::territory::{self, CommuneCode, Territory};
use relais_domain::theme::Theme;
use relais_store::Store;
use relais_store::memory::MemoryStore;
use relais_wire::manifest::StructureKind;
use relais_wire::manifest::chain::Chain;

async fn opened(store: &Arc<dyn Store>, own: &Arc<Own>, clock: &Clock) -> Inquiries {
    let dice = Dice::system().unwrap();
    let (s, o) = (|| Arc::clone(store), || Arc::clone(own));
    let peers = Arc::new(Peers::load(s(), o(), clock.clone(), dice.clone()).await.unwrap());
    let directory = Directory::load(s(), o(), clock.clone(), dice.clone()).await.unwrap();
    let engine = Arc::new(Engine::new(s(), o(), peers, clock.clone(), dice));
    Inquiries::load(engine, Arc::new(directory)).await.unwrap()
}

fn house() -> (Arc<dyn Store>, Arc<Own>, Clock) {
    let (dice, clock) = (Dice::system().unwrap(), Clock::system());
    let profile = Profile {
        name: "agency".to_owned(),
        kind: StructureKind::DigitalHub,
        endpoints: Vec::new(),
        pairing_endpoints: Vec::new(),
    };
    let ca = |structure| crate::tls::Ca::generate(structure).unwrap().into_parts();
    let Founded { secrets, manifest, .. } = found(&profile, ca, &dice, clock.now()).unwrap();
    let own = Own::new(Chain::found(manifest).unwrap(), secrets.signing, vec![secrets.sealing]);
    (Arc::new(MemoryStore::new()), Arc::new(own), clock)
}

fn theme() -> Theme {
    Theme::parse("numerique--acceder-a-une-connexion-internet").unwrap()
}

fn inquiry(number: u16, now: Timestamp) -> Inquiry {
    let mut id = [0; 16];
    id[..2].copy_from_slice(&number.to_be_bytes());
    Inquiry {
        id: InquiryId::from_random(id),
        theme: theme(),
        territory: Territory::parse("17300").unwrap(),
        wanted: Wanted { languages: ["ar".to_owned()].into(), ..Wanted::default() },
        expires_at: now.plus(Span::hours(24)),
    }
}

fn given(now: Timestamp) -> Given {
    let service = ServiceId::parse("atelier-1");
    let (kind, automatic) = (AnswerKind::CanTake, Automatic::Yes);
    let (places, waiting_days) = (Some(3), Some(0));
    Given { answer: Answer { kind, places, waiting_days, service, automatic, answered_at: now }, heard: 2 }
}

fn ours(number: u16, now: Timestamp) -> Ours {
    let partner = |seed| StructureId::from_slice(&[seed; 32]).unwrap();
    let asked = Asked { sent_at: Some(now), held: Some(given(now)), ..Asked::new(partner(1)) };
    Ours {
        inquiry: inquiry(number, now),
        commune: CommuneCode::parse("17300").unwrap(),
        author: ProfessionalId::from_random([7; 16]),
        asked_at: now,
        partners: vec![asked, Asked::new(partner(2))],
        left_out: 3,
    }
}

async fn put(store: &Arc<dyn Store>, key: Vec<u8>, body: Vec<u8>) {
    let documents = vec![write(key, Some(body))];
    store.commit(Batch { documents, ..Batch::default() }).await.unwrap();
}

#[test]
fn rows_come_back_as_they_were() {
    let now = Timestamp(1_795_000_000_000);
    let one = ours(1, now);
    assert_eq!(Ours::decode(&one.encode()).unwrap(), one);
    let theirs = Theirs {
        peer: StructureId::from_slice(&[4; 32]).unwrap(),
        inquiry: inquiry(2, now),
        received_at: now,
        held: Some(given(now)),
        answered_by: Some(ProfessionalId::from_random([7; 16])),
    };
    assert_eq!(Theirs::decode(&theirs.encode()).unwrap(), theirs);
    for bad in [&b""[..], b"{}", b"[1]", &one.encode()] {
        assert!(matches!(Theirs::decode(bad), Err(StoreError::Corrupt(_))));
    }
}

#[tokio::test]
async fn what_cannot_be_read_any_more_keeps_nothing_from_going_on() {
    let (store, own, clock) = house();
    let now = clock.now();
    let good = ours(1, now);
    put(&store, our_key(good.inquiry.id), good.encode()).await;
    let id = inquiry(2, now).id;
    put(&store, our_key(id), b"{\"theme\":\"gone\"}".to_vec()).await;
    put(&store, their_key(own.structure(), id), b"nothing".to_vec()).await;
    let inquiries = opened(&store, &own, &clock).await;
    assert_eq!(inquiries.all_ours().await.unwrap(), [good]);
    assert_eq!(inquiries.sweep().await.unwrap(), 2);
    assert_eq!(inquiries.all_ours().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_whole_node_asks_only_so_often_a_day() {
    let (store, own, clock) = house();
    let (now, asked) = (clock.now(), u16::try_from(ASKED_BY_NODE_DAY_MAX).unwrap());
    for number in 0..asked {
        put(&store, our_key(inquiry(number, now).id), ours(number, now).encode()).await;
    }
    let inquiries = opened(&store, &own, &clock).await;
    let question = || Question {
        id: inquiry(asked, now).id,
        author: ProfessionalId::from_random([8; 16]),
        theme: theme(),
        commune: territory::commune("17300").unwrap().commune(),
        wanted: Wanted::default(),
    };
    let refused = inquiries.ask(question()).await.expect_err("enough for today");
    assert!(refused.to_string().contains("this structure asked often enough"), "{refused}");
    clock.shift(Span::hours(25));
    let nobody = inquiries.ask(question()).await.expect_err("there is no partner");
    assert!(matches!(nobody, InquiryError::NobodyToAsk), "{nobody}");
}
