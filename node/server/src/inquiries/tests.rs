//! What is stored comes back, what cannot be read harms nothing, and a whole node asks only so often a day.

use super::kept::{Kept, Spot};
use super::row::{our_key, their_key};
use super::*;
use crate::clock::{Clock, Dice};
use crate::own::{Founded, Own, Profile, found};
use crate::peers::Peers;
use relais_domain::id::{ProfessionalId, ServiceId};
use relais_domain::inquiry::{
    ASKED_BY_NODE_DAY_MAX, Answer, AnswerKind, Asked, Automatic, Held as Given, Inquiry, OURS_KEPT_MAX,
    THEIRS_KEPT_MAX, Wanted, Word,
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
    let (word, answered_at) = (Word::Kept, now);
    Given { answer: Answer { kind, places, waiting_days, service, automatic, word, answered_at }, heard: 2 }
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
        beyond: 4,
        seen: 1,
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
    assert_eq!(inquiries.ours_page(None, 9).await.unwrap(), (vec![good], None));
    assert_eq!(inquiries.sweep().await.unwrap(), 2);
    assert_eq!(inquiries.ours_page(None, 9).await.unwrap().0.len(), 1);
    assert_eq!(store.documents(Shelf::Inquiry, &[]).await.unwrap().len(), 1);
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

#[tokio::test]
async fn a_page_is_what_stands_behind_the_place_where_the_last_one_ended() {
    let (store, own, clock) = house();
    let now = clock.now();
    // Three of one instant among them: their ids make the order total.
    for (number, ago) in [(1, 3), (2, 2), (3, 2), (4, 2), (5, 1)] {
        let one = ours(number, now.minus(Span::days(ago)));
        put(&store, our_key(one.inquiry.id), one.encode()).await;
    }
    let inquiries = opened(&store, &own, &clock).await;
    let (mut before, mut shown) = (None, Vec::new());
    loop {
        let (page, end) = inquiries.ours_page(before, 2).await.unwrap();
        assert!(page.len() <= 2);
        shown.extend(page.into_iter().map(|one| one.inquiry.id));
        before = end;
        if end.is_none() {
            break;
        }
    }
    assert_eq!(shown, [5, 4, 3, 2, 1].map(|number| inquiry(number, now).id));
}

/// The index alone: no node has to hold so many for it.
#[test]
fn of_ours_the_oldest_that_is_over_gives_way() {
    let mut kept = Kept::default();
    let now = Timestamp(1_795_000_000_000);
    let number = |at: usize| u16::try_from(at).unwrap();
    let asked = |at: usize| now.minus(Span(i64::try_from(at).unwrap()));
    for at in 0..OURS_KEPT_MAX {
        assert_eq!(kept.room_for_ours(now), Some(Vec::new()));
        kept.note_ours(&ours(number(at), asked(at)));
    }
    assert_eq!(kept.room_for_ours(now), None, "all are open");
    assert_eq!(
        kept.room_for_ours(now.plus(Span::hours(24)).minus(Span(i64::try_from(OURS_KEPT_MAX).unwrap()))),
        None
    );
    let last = OURS_KEPT_MAX - 1;
    let oldest = vec![Spot::Ours(asked(last), inquiry(number(last), now).id)];
    assert_eq!(kept.room_for_ours(now.plus(Span::hours(24))), Some(oldest.clone()));
    kept.remove(&oldest);
    assert_eq!(kept.room_for_ours(now), Some(Vec::new()));
}

#[tokio::test]
async fn a_node_keeps_only_so_many_of_all_its_partners_and_those_that_are_over_give_way() {
    let (store, own, clock) = house();
    let now = clock.now();
    let partner = |number: usize| {
        let mut bytes = [9; 32];
        bytes[..8].copy_from_slice(&(number / 50).to_be_bytes());
        StructureId::from_slice(&bytes).unwrap()
    };
    let theirs = |number: usize| Theirs {
        peer: partner(number),
        inquiry: inquiry(u16::try_from(number).unwrap(), now),
        received_at: now,
        held: None,
        answered_by: None,
    };
    let all: Vec<Theirs> = (0..THEIRS_KEPT_MAX).map(theirs).collect();
    let documents = all.iter().map(|one| write(their_key(one.peer, one.inquiry.id), Some(one.encode())));
    store.commit(Batch { documents: documents.collect(), ..Batch::default() }).await.unwrap();
    let inquiries = opened(&store, &own, &clock).await;
    let stored = async || store.documents(Shelf::Inquiry, &[]).await.unwrap().len();
    // A partner that asked nothing yet: the room of all is taken, and it is told nothing.
    let quiet = StructureId::from_slice(&[200; 32]).unwrap();
    let more = |number, at| inquiry(number, at);
    inquiries.take(quiet, more(60_001, now)).await.unwrap();
    assert_eq!((stored().await, store.refusals().await.unwrap().len()), (THEIRS_KEPT_MAX, 1));
    // Once they are over, one gives way to one.
    clock.shift(Span::hours(25));
    for number in 60_002..60_005 {
        inquiries.take(quiet, more(number, clock.now())).await.unwrap();
    }
    assert_eq!(stored().await, THEIRS_KEPT_MAX);
    assert_eq!(
        store.documents(Shelf::Inquiry, &[row::THEIRS, quiet.as_bytes()].concat()).await.unwrap().len(),
        3
    );
    let again = opened(&store, &own, &clock).await;
    assert_eq!(again.read(|held| held.theirs.get(&quiet).map(BTreeMap::len)), Some(3));
}
