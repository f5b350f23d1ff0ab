//! Inquiries over streams: real ones between two nodes, and an end that lies, floods, repeats itself and knows nothing.

use super::*;
use crate::inquiries::{InquiryError, Ours, Question, Reply};
use relais_domain::id::{InquiryId, ProfessionalId, ServiceId};
use relais_domain::inquiry::{
    ANSWERS_MAX, ASKED_BY_PROFESSIONAL_DAY_MAX, ASKED_OF_PARTNER, AUTOMATIC_ANSWERS_MAX, Answer, AnswerKind,
    Asked, Automatic, Inquiry, LIFETIME_DEFAULT, LIFETIME_MAX, PARTNERS_ASKED_MAX, Standing,
    TAKEN_OF_PARTNER, Wanted, Word,
};
use relais_domain::limits::CLOCK_TOLERANCE;
use relais_domain::territory::{self, Territory};
use relais_domain::theme::Theme;
use relais_domain::time::Timestamp;
use relais_store::rows::Shelf;
use relais_wire::frame::inquiry::{InquiryAnswer, inquiry_to_proto};

const THEME: &str = "numerique--acceder-a-une-connexion-internet";

fn author() -> ProfessionalId {
    ProfessionalId::from_random([9; 16])
}

fn theme() -> Theme {
    Theme::parse(THEME).unwrap()
}

fn id(number: u8) -> InquiryId {
    InquiryId::from_random([number; 16])
}

fn question(number: u8) -> Question {
    let commune = territory::commune("17300").unwrap().commune();
    Question { id: id(number), author: author(), theme: theme(), commune, wanted: Wanted::default() }
}

/// An inquiry as a partner of `at` sends it.
fn asked(number: u8, at: &End) -> Inquiry {
    Inquiry {
        id: id(number),
        theme: theme(),
        territory: Territory::parse("17300").unwrap(),
        wanted: Wanted::default(),
        expires_at: at.context.clock.now().plus(LIFETIME_DEFAULT),
    }
}

fn answer(kind: AnswerKind, answered_at: Timestamp) -> Answer {
    Answer {
        kind,
        places: None,
        waiting_days: None,
        service: None,
        automatic: Automatic::No,
        word: Word::Kept,
        answered_at,
    }
}

fn reply(kind: AnswerKind) -> Reply {
    Reply { kind, places: None, waiting_days: None, service: None }
}

fn says(number: u8, answer: Answer) -> SyncFrame {
    SyncFrame::InquiryAnswer(Box::new(InquiryAnswer { inquiry: id(number), answer }))
}

impl End {
    async fn offers_need(&self, id: &str, theme: &str) {
        let service = json!([{
            "source": "essai", "structure_id": "essai--1", "id": id, "nom": "Se connecter",
            "description": "Une connexion.", "date_maj": "2026-09-01", "thematiques": [theme],
            "zone_eligibilite": ["17"], "code_insee": "17300", "commune": "La Rochelle",
            "code_postal": "17000", "adresse": "1 rue de l'Essai"
        }]);
        let report = self.context.directory.import(service.to_string().as_bytes()).await.unwrap();
        assert_eq!(report.created + report.updated + report.unchanged, 1, "{report:?}");
    }

    /// Offers services of the need, each open to one place.
    async fn offers_in(&self, services: &[(&str, &str)]) {
        let all = services.iter().map(|(id, zone)| {
            json!({
                "source": "essai", "structure_id": "essai--1", "id": id, "nom": "Se connecter",
                "description": "Une connexion.", "date_maj": "2026-09-01", "thematiques": [THEME],
                "zone_eligibilite": [zone], "code_insee": "17300", "commune": "La Rochelle",
                "code_postal": "17000", "adresse": "1 rue de l'Essai"
            })
        });
        let file = serde_json::Value::from(all.collect::<Vec<_>>()).to_string();
        let report = self.context.directory.import(file.as_bytes()).await.unwrap();
        assert_eq!(usize::try_from(report.created), Ok(services.len()), "{report:?}");
    }

    async fn has_places(&self, service: &str, places: u32) {
        let (service, seen) = (ServiceId::parse(service).unwrap(), crate::directory::Seen::Unasked);
        self.context.directory.set_capacity(&service, Some(places), None, seen).await.unwrap();
    }

    /// Reckons what it answers by itself whenever its places change, as a node does.
    fn keeps(&self) -> tokio::task::JoinHandle<()> {
        tokio::spawn(Arc::clone(&self.context.inquiries).keep())
    }

    /// Knows another's services without a stream.
    async fn reads(&self, other: &Self) {
        for record in other.context.directory.records_of(other.id()).await.unwrap() {
            self.context.directory.admit_from_peer(&record.bytes, &other.own.chain()).await.unwrap();
        }
    }

    async fn ask(&self, number: u8) -> Result<Ours, InquiryError> {
        self.context.inquiries.ask(question(number)).await
    }

    async fn ours(&self, number: u8) -> Ours {
        self.context.inquiries.ours(id(number)).await.unwrap().unwrap()
    }

    /// How one of this node's inquiries stands with the one partner asked.
    async fn standing(&self, number: u8) -> Standing {
        let ours = self.ours(number).await;
        ours.partners[0].standing(ours.inquiry.expires_at, self.context.clock.now())
    }

    /// What the one partner answered.
    async fn heard(&self, number: u8) -> Option<Answer> {
        self.ours(number).await.partners[0].answer().cloned()
    }

    fn waiting(&self) -> usize {
        self.context.inquiries.theirs().iter().filter(|one| one.answer().is_none()).count()
    }

    async fn inquiries_refused(&self, other: &Self) -> u64 {
        let counts = self.store.refusals().await.unwrap();
        counts.iter().filter(|count| count.peer == Some(other.id())).map(|count| count.count).sum()
    }

    async fn rows(&self) -> usize {
        self.store.documents(Shelf::Inquiry, &[]).await.unwrap().len()
    }
}

impl Line {
    /// Waits until what was said before has been taken in.
    async fn is_taken_in(&mut self) {
        self.say(SyncFrame::Ping(4242)).await;
        self.hear(|frame| (frame == SyncFrame::Pong(4242)).then_some(())).await.expect("a pong");
    }

    async fn asks(&self, inquiry: Inquiry) {
        self.say(SyncFrame::Inquiry(Box::new(inquiry))).await;
    }

    async fn is_asked(&mut self) -> Inquiry {
        let asked = self.hear(|frame| if let SyncFrame::Inquiry(one) = frame { Some(*one) } else { None });
        asked.await.expect("an inquiry")
    }

    async fn is_answered(&mut self) -> Answer {
        let heard = self
            .hear(|frame| if let SyncFrame::InquiryAnswer(one) = frame { Some(one.answer) } else { None });
        heard.await.expect("an answer")
    }
}

/// Two partners that know each other's service of the theme, without a stream yet.
async fn two() -> (End, End) {
    let (a, b) = pair().await;
    a.offers_need("one", THEME).await;
    b.offers_need("two", THEME).await;
    a.reads(&b).await;
    b.reads(&a).await;
    (a, b)
}

/// A stream from `a` on which the test speaks as `b`.
async fn speaking(a: &End, b: &End) -> Line {
    let mut line = a.open(b);
    line.greets(b).await;
    line.is_taken_in().await;
    line
}

#[tokio::test]
async fn an_inquiry_crosses_and_its_answer_comes_back_while_the_stream_is_open() {
    let (a, b) = two().await;
    join(&a, &b);
    let ours = a.ask(1).await.unwrap();
    assert_eq!(ours.partners, [Asked::new(b.id())]);
    until("b is asked", async || b.waiting() == 1).await;
    until("a knows that it was sent", async || a.standing(1).await == Standing::Asked).await;
    let of = (a.id(), id(1));
    let named = Reply { service: ServiceId::parse("two"), places: Some(3), ..reply(AnswerKind::CanTake) };
    b.context.inquiries.answer(of, named, author()).await.unwrap();
    until("a is answered", async || a.heard(1).await.is_some()).await;
    let heard = a.heard(1).await.unwrap();
    assert_eq!((heard.kind, heard.places, heard.automatic), (AnswerKind::CanTake, Some(3), Automatic::No));
    assert_eq!(heard.service, ServiceId::parse("two"));
    // They change their mind: the latest holds.
    b.context.inquiries.answer(of, reply(AnswerKind::Cannot), author()).await.unwrap();
    until("a hears it", async || a.heard(1).await.unwrap().kind == AnswerKind::Cannot).await;
    assert_eq!((a.inquiries_refused(&b).await, b.inquiries_refused(&a).await), (0, 0));
    assert_eq!((a.rows().await, b.rows().await), (1, 1));
}

#[tokio::test]
async fn an_inquiry_asked_twice_is_asked_once() {
    let (a, b) = two().await;
    let first = a.ask(1).await.unwrap();
    assert_eq!(a.ask(1).await.unwrap(), first);
    let mut line = speaking(&a, &b).await;
    line.say(says(1, answer(AnswerKind::CanTake, a.context.clock.now()))).await;
    line.is_taken_in().await;
    let answered = a.ours(1).await;
    assert_eq!(a.ask(1).await.unwrap(), answered, "what was heard since is not forgotten");
    assert_eq!((a.rows().await, b.rows().await), (1, 0));
}

/// A partner by one admin's word alone cannot answer, and would take the place of one that can.
#[tokio::test]
async fn who_was_never_seen_is_not_asked() {
    let (a, b) = (End::new("a").await, End::new("b").await);
    a.confirms(&b).await;
    b.offers_need("two", THEME).await;
    a.reads(&b).await;
    assert!(matches!(a.ask(1).await, Err(InquiryError::NobodyToAsk)));
    a.context.peers.heard(b.id(), None);
    assert_eq!(a.ask(1).await.unwrap().partners.len(), 1);
}

#[tokio::test]
async fn only_who_said_that_they_know_inquiries_is_told_of_one() {
    let (a, b) = two().await;
    a.ask(1).await.unwrap();
    let mut line = a.open(&b);
    let hello = line.hear(|frame| if let SyncFrame::Hello(hello) = frame { Some(hello) } else { None });
    assert!(hello.await.unwrap().features.contains(&SyncFeature::Inquiry));
    let hello = plain_hello(&b);
    line.say(SyncFrame::Hello(hello)).await;
    line.asks(asked(7, &a)).await;
    line.say(SyncFrame::Ping(1)).await;
    let told = line.hear(|frame| {
        let told = matches!(frame, SyncFrame::Inquiry(_) | SyncFrame::InquiryAnswer(_));
        (told || frame == SyncFrame::Pong(1)).then_some(told)
    });
    assert_eq!(told.await, Some(false));
    assert_eq!((a.standing(1).await, a.waiting()), (Standing::NotReached, 0));
    let mut line = speaking(&a, &b).await;
    line.is_taken_in().await;
    assert_eq!(a.standing(1).await, Standing::Asked, "on a stream of one that knows them");
}

#[tokio::test]
async fn a_suspended_partner_is_neither_asked_nor_heard() {
    let (a, b) = two().await;
    a.ask(1).await.unwrap();
    a.trusts(&b, PeerTrust::Suspended).await;
    assert!(matches!(a.ask(2).await, Err(InquiryError::NobodyToAsk)));
    let mut line = speaking(&a, &b).await;
    line.asks(asked(7, &a)).await;
    line.say(says(1, answer(AnswerKind::CanTake, a.context.clock.now()))).await;
    line.is_taken_in().await;
    assert_eq!((a.standing(1).await, a.waiting(), a.heard(1).await), (Standing::NotReached, 0, None));
    a.trusts(&b, PeerTrust::Paired).await;
    assert_eq!(line.is_asked().await.id, id(1), "resumed: what is open is asked");
}

#[tokio::test]
async fn a_partner_that_comes_back_before_the_expiry_is_asked_then_and_after_it_no_more() {
    let (a, b) = two().await;
    a.ask(1).await.unwrap();
    assert_eq!(a.standing(1).await, Standing::NotReached);
    a.lets_pass(Span(LIFETIME_DEFAULT.0 - 60_000)).await;
    let mut line = a.open(&b);
    line.greets(&b).await;
    assert_eq!(line.is_asked().await.id, id(1));
    // Again on the next stream, for nothing is acknowledged.
    let mut line = a.open(&b);
    line.greets(&b).await;
    assert_eq!(line.is_asked().await.id, id(1));
    a.lets_pass(LIFETIME_DEFAULT).await;
    assert_eq!(a.standing(1).await, Standing::NoAnswer);
    let mut line = a.open(&b);
    line.greets(&b).await;
    line.say(SyncFrame::Ping(1)).await;
    let told = line.hear(|frame| {
        let told = matches!(frame, SyncFrame::Inquiry(_));
        (told || frame == SyncFrame::Pong(1)).then_some(told)
    });
    assert_eq!(told.await, Some(false));
}

#[tokio::test]
async fn the_same_again_has_no_second_effect() {
    let (a, b) = two().await;
    a.ask(1).await.unwrap();
    let mut line = speaking(&a, &b).await;
    let now = a.context.clock.now();
    for _ in 0..200 {
        line.asks(asked(7, &a)).await;
        line.say(says(1, answer(AnswerKind::CanTake, now))).await;
    }
    line.is_taken_in().await;
    assert_eq!((a.waiting(), a.rows().await, a.inquiries_refused(&b).await), (1, 2, 0));
    assert_eq!(a.ours(1).await.partners[0].held.as_ref().map(|held| held.heard), Some(1));
    // Nothing of what was done since is undone, whatever the second one says.
    a.context.inquiries.answer((b.id(), id(7)), reply(AnswerKind::Cannot), author()).await.unwrap();
    let before = a.context.inquiries.theirs();
    let later = asked(7, &a).expires_at.plus(Span::hours(1));
    line.asks(Inquiry { expires_at: later, ..asked(7, &a) }).await;
    line.is_taken_in().await;
    assert_eq!(a.context.inquiries.theirs(), before);
}

#[tokio::test]
async fn answers_of_strangers_to_nothing_and_out_of_time_have_no_effect() {
    let (a, b) = two().await;
    let c = End::new("stranger").await;
    a.knows(&c).await;
    a.ask(1).await.unwrap();
    let now = a.context.clock.now();
    // A partner that was not asked.
    let mut line = speaking(&a, &c).await;
    line.say(says(1, answer(AnswerKind::CanTake, now))).await;
    line.is_taken_in().await;
    assert_eq!((a.heard(1).await, a.inquiries_refused(&c).await), (None, 1));
    // An inquiry that is not there, and an answer from tomorrow.
    let mut line = speaking(&a, &b).await;
    line.say(says(99, answer(AnswerKind::CanTake, now))).await;
    let ahead = now.plus(CLOCK_TOLERANCE).plus(Span::minutes(1));
    line.say(says(1, answer(AnswerKind::CanTake, ahead))).await;
    line.is_taken_in().await;
    assert_eq!((a.heard(1).await, a.inquiries_refused(&b).await), (None, 2));
    // Two different answers: the later one holds, whatever comes when.
    line.say(says(1, answer(AnswerKind::WaitingList, now.plus(Span(20))))).await;
    line.say(says(1, answer(AnswerKind::CanTake, now.plus(Span(10))))).await;
    line.say(says(1, answer(AnswerKind::Cannot, now.plus(Span(20))))).await;
    line.is_taken_in().await;
    assert_eq!(a.heard(1).await.unwrap().kind, AnswerKind::WaitingList);
    // After the expiry nothing counts any more.
    a.lets_pass(LIFETIME_DEFAULT).await;
    let mut line = speaking(&a, &b).await;
    line.say(says(1, answer(AnswerKind::CanTake, a.context.clock.now()))).await;
    line.is_taken_in().await;
    assert_eq!(a.heard(1).await.unwrap().kind, AnswerKind::WaitingList);
}

#[tokio::test]
async fn a_partner_that_changes_its_mind_for_ever_is_heard_a_few_times() {
    let (a, b) = two().await;
    a.ask(1).await.unwrap();
    let mut line = speaking(&a, &b).await;
    let now = a.context.clock.now();
    for step in 0..i64::from(ANSWERS_MAX) + 30 {
        let kind = if step % 2 == 0 { AnswerKind::CanTake } else { AnswerKind::Cannot };
        line.say(says(1, answer(kind, now.plus(Span(step))))).await;
    }
    line.is_taken_in().await;
    let held = a.ours(1).await.partners[0].held.clone().unwrap();
    assert_eq!((held.heard, held.answer.kind), (ANSWERS_MAX, AnswerKind::Cannot));
    assert_eq!(a.inquiries_refused(&b).await, 30);
}

#[tokio::test]
async fn a_service_that_is_not_published_is_not_kept_with_an_answer() {
    let (a, b) = two().await;
    a.ask(1).await.unwrap();
    let mut line = speaking(&a, &b).await;
    let service = ServiceId::parse("Amina-Diallo-06-12-34-56-78");
    line.say(says(1, Answer { service, ..answer(AnswerKind::CanTake, a.context.clock.now()) })).await;
    line.is_taken_in().await;
    let heard = a.heard(1).await.unwrap();
    assert_eq!((heard.kind, heard.service), (AnswerKind::CanTake, None));
    let stored = a.store.documents(Shelf::Inquiry, &[]).await.unwrap();
    let text = String::from_utf8_lossy(&stored[0].body).into_owned();
    assert!(!text.contains("Amina"), "{text}");
}

#[tokio::test]
async fn a_flood_is_taken_as_far_as_its_limits_and_costs_nobody_else() {
    let (a, b) = two().await;
    let c = End::new("another").await;
    a.knows(&c).await;
    let mut line = speaking(&a, &b).await;
    for number in 1..=200 {
        line.asks(asked(number, &a)).await;
    }
    line.is_taken_in().await;
    assert_eq!(a.waiting(), TAKEN_OF_PARTNER.hour);
    let counted = a.inquiries_refused(&b).await;
    assert!((1..=60).contains(&counted), "counted, but not without end: {counted}");
    let mut other = speaking(&a, &c).await;
    other.asks(asked(1, &a)).await;
    other.is_taken_in().await;
    assert_eq!(
        (a.waiting(), a.inquiries_refused(&c).await),
        (TAKEN_OF_PARTNER.hour + 1, 0),
        "another's is another one"
    );
    // An hour later there is room for what may be open at a time, and no more.
    a.lets_pass(Span::hours(1)).await;
    let mut line = speaking(&a, &b).await;
    for number in 100..=200 {
        line.asks(asked(number, &a)).await;
    }
    line.is_taken_in().await;
    let of_b = a.context.inquiries.theirs().iter().filter(|one| one.peer == b.id()).count();
    assert_eq!(of_b, TAKEN_OF_PARTNER.open);
}

#[tokio::test]
async fn a_day_has_its_limit_even_for_what_is_answered() {
    let (a, b) = two().await;
    let mut number = 0;
    for hour in 0..5 {
        a.lets_pass(Span::hours(hour)).await;
        let mut line = speaking(&a, &b).await;
        for _ in 0..TAKEN_OF_PARTNER.hour {
            number += 1;
            line.asks(asked(number, &a)).await;
        }
        line.is_taken_in().await;
        for theirs in a.context.inquiries.theirs().into_iter().filter(|one| one.held.is_none()) {
            let of = (b.id(), theirs.inquiry.id);
            a.context.inquiries.answer(of, reply(AnswerKind::Cannot), author()).await.unwrap();
        }
    }
    assert_eq!(a.context.inquiries.theirs().len(), TAKEN_OF_PARTNER.day);
}

#[tokio::test]
async fn one_asks_within_limits_and_is_told_so() {
    let (a, b) = two().await;
    for number in 1..=u8::try_from(ASKED_OF_PARTNER.hour).unwrap() {
        a.ask(number).await.unwrap();
    }
    let refused = a.ask(200).await.expect_err("asked too often");
    assert!(matches!(refused, InquiryError::TooMany(_)), "{refused}");
    // Another partner is asked all the same, and the one that was asked enough is left out.
    let c = End::new("another").await;
    c.offers_need("three", THEME).await;
    a.knows(&c).await;
    a.reads(&c).await;
    let ours = a.ask(200).await.unwrap();
    assert_eq!((ours.partners, ours.left_out), (vec![Asked::new(c.id())], 1));
    // A professional has a limit of their own.
    a.lets_pass(Span::hours(2)).await;
    for number in ASKED_OF_PARTNER.hour + 1..ASKED_BY_PROFESSIONAL_DAY_MAX {
        a.ask(u8::try_from(number).unwrap()).await.unwrap();
    }
    let refused = a.ask(201).await.expect_err("this one asked often enough");
    assert!(refused.to_string().contains("you asked often enough"), "{refused}");
    let d = End::new("one more").await;
    d.offers_need("four", THEME).await;
    a.knows(&d).await;
    a.reads(&d).await;
    let another = Question { author: ProfessionalId::from_random([8; 16]), ..question(201) };
    assert!(a.context.inquiries.ask(another).await.is_ok());
    // All that an honest node may have open is taken by the other, even at once.
    let open = a.context.inquiries.to_ask(b.id()).len();
    assert_eq!(open, ASKED_OF_PARTNER.open);
    join(&a, &b);
    until("all are taken", async || b.waiting() == open).await;
    assert_eq!(b.inquiries_refused(&a).await, 0);
}

#[tokio::test]
async fn unreadable_and_endless_ones_are_counted_and_the_stream_goes_on() {
    use proto::sync_frame::Body;
    let (a, b) = two().await;
    let mut line = speaking(&a, &b).await;
    let good = inquiry_to_proto(&asked(1, &a));
    let mut bad = Vec::new();
    for change in [
        (|one: &mut proto::Inquiry| "Amina Diallo".clone_into(&mut one.theme)) as fn(&mut proto::Inquiry),
        |one| one.theme = "x".repeat(30_000),
        |one| "france".clone_into(&mut one.territory),
        |one| one.constraints.get_or_insert_default().mobility = vec![31],
        |one| one.constraints.get_or_insert_default().urgency = Some(77),
        |one| one.constraints.get_or_insert_default().languages = vec!["elle parle arabe".to_owned()],
    ] {
        let mut one = good.clone();
        change(&mut one);
        bad.push(Body::Inquiry(one));
    }
    bad.push(Body::InquiryAnswer(proto::InquiryAnswer { kind: 9, ..Default::default() }));
    let count = u64::try_from(bad.len()).unwrap();
    for body in bad {
        line.to.send(Ok(proto::SyncFrame { body: Some(body) })).await.unwrap();
    }
    let for_ever = Inquiry { expires_at: a.context.clock.now().plus(Span::days(8)), ..asked(2, &a) };
    line.asks(for_ever).await;
    let over = Inquiry { expires_at: a.context.clock.now(), ..asked(3, &a) };
    line.asks(over).await;
    line.is_taken_in().await;
    assert_eq!((a.waiting(), a.rows().await, a.inquiries_refused(&b).await), (0, 0, count + 1));
    line.asks(asked(1, &a)).await;
    line.is_taken_in().await;
    assert_eq!(a.waiting(), 1);
}

#[tokio::test]
async fn the_node_answers_by_itself_only_when_told_to_and_only_from_its_places() {
    let (a, b) = two().await;
    let mut line = speaking(&a, &b).await;
    let service = ServiceId::parse("one").unwrap();
    let places = async |places| {
        a.context
            .directory
            .set_capacity(&service, Some(places), None, crate::directory::Seen::Unasked)
            .await
            .unwrap();
    };
    places(4).await;
    line.asks(asked(1, &a)).await;
    line.is_taken_in().await;
    assert_eq!(a.waiting(), 1, "a professional answers unless an admin says otherwise");
    let leaves = a.store.ledger_size().await.unwrap();
    let set = a.context.inquiries.set(Automatic::Yes).await.unwrap();
    assert_eq!(a.store.ledger_size().await.unwrap(), leaves + 1, "the setting is a leaf");
    assert_eq!(a.context.inquiries.set(Automatic::Yes).await.unwrap(), set);
    assert_eq!(a.store.ledger_size().await.unwrap(), leaves + 1, "set again to the same it is none");
    let first = line.is_answered().await;
    assert_eq!((first.kind, first.places, first.automatic), (AnswerKind::CanTake, Some(4), Automatic::Yes));
    assert_eq!(first.service.as_ref(), Some(&service));
    line.asks(asked(2, &a)).await;
    assert_eq!(line.is_answered().await.automatic, Automatic::Yes);
    // Of another theme it has no places.
    let other = Theme::parse("numerique--acquerir-un-equipement").unwrap();
    line.asks(Inquiry { theme: other, ..asked(3, &a) }).await;
    line.is_taken_in().await;
    assert_eq!(a.waiting(), 1);
    // A professional's answer takes the place of the node's, and is no longer one.
    let own = Reply { places: Some(4), service: Some(service.clone()), ..reply(AnswerKind::CanTake) };
    a.context.inquiries.answer((b.id(), id(1)), own, author()).await.unwrap();
    assert_eq!(line.is_answered().await.automatic, Automatic::No);
    // Full and nothing said of a list: it waits; places that come free answer it.
    places(0).await;
    line.asks(asked(4, &a)).await;
    line.is_taken_in().await;
    assert_eq!(a.waiting(), 2);
    let keeping = tokio::spawn(Arc::clone(&a.context.inquiries).keep());
    tokio::task::yield_now().await;
    places(2).await;
    let heard = line.is_answered().await;
    assert_eq!((heard.kind, heard.places), (AnswerKind::CanTake, Some(2)));
    keeping.abort();
    // Places that have expired answer nothing.
    a.lets_pass(Span::days(8)).await;
    let mut line = speaking(&a, &b).await;
    line.asks(asked(5, &a)).await;
    line.is_taken_in().await;
    assert_eq!(a.waiting(), 1);
}

#[tokio::test]
async fn everything_is_there_again_after_a_crash() {
    let (a, b) = two().await;
    a.ask(1).await.unwrap();
    let mut line = speaking(&a, &b).await;
    line.asks(asked(7, &a)).await;
    line.say(says(1, answer(AnswerKind::CanTake, a.context.clock.now()))).await;
    line.is_taken_in().await;
    a.context.inquiries.answer((b.id(), id(7)), reply(AnswerKind::Cannot), author()).await.unwrap();
    a.context.inquiries.set(Automatic::Yes).await.unwrap();
    let again = a.started_again().await;
    assert_eq!(again.inquiries.ours(id(1)).await.unwrap(), a.context.inquiries.ours(id(1)).await.unwrap());
    assert_eq!(again.inquiries.theirs(), a.context.inquiries.theirs());
    assert_eq!(again.inquiries.to_answer(b.id()).len(), 1);
    assert_eq!(again.inquiries.setting(), a.context.inquiries.setting());
    assert!(again.inquiries.to_ask(b.id()).is_empty(), "it has answered");
}

#[tokio::test]
async fn what_is_over_is_forgotten_after_a_month() {
    let (a, b) = two().await;
    a.ask(1).await.unwrap();
    let mut line = speaking(&a, &b).await;
    line.asks(asked(7, &a)).await;
    line.is_taken_in().await;
    a.lets_pass(Span::days(2)).await;
    assert_eq!(a.context.inquiries.sweep().await.unwrap(), 0);
    assert_eq!((a.ours(1).await.partners.len(), a.context.inquiries.theirs().len()), (1, 0));
    let late = a.context.inquiries.answer((b.id(), id(7)), reply(AnswerKind::CanTake), author()).await;
    assert!(matches!(late, Err(InquiryError::Over)), "{late:?}");
    a.lets_pass(Span::days(32)).await;
    assert_eq!(a.context.inquiries.sweep().await.unwrap(), 2);
    assert_eq!(a.rows().await, 0);
    assert_eq!(a.context.inquiries.ours(id(1)).await.unwrap(), None);
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_refused() {
    let (a, b) = two().await;
    let mut line = speaking(&a, &b).await;
    line.asks(asked(7, &a)).await;
    line.is_taken_in().await;
    let answers = async |of, reply| a.context.inquiries.answer(of, reply, author()).await;
    let here = (b.id(), id(7));
    let nowhere = answers((b.id(), id(8)), reply(AnswerKind::Cannot)).await;
    assert!(matches!(nowhere, Err(InquiryError::NotThere)));
    let stranger = answers((a.id(), id(7)), reply(AnswerKind::Cannot)).await;
    assert!(matches!(stranger, Err(InquiryError::NotThere)));
    let odd = Reply { places: Some(2), ..reply(AnswerKind::Cannot) };
    assert!(matches!(answers(here, odd).await, Err(InquiryError::Answer(_))));
    let unknown = Reply { service: ServiceId::parse("nothing"), ..reply(AnswerKind::CanTake) };
    assert!(matches!(answers(here, unknown).await, Err(InquiryError::UnknownService)));
    // A service of another need, or of another place: who asked could refer to neither.
    a.offers_need("elsewhere", "numerique--acquerir-un-equipement").await;
    let elsewhere = || Reply { service: ServiceId::parse("elsewhere"), ..reply(AnswerKind::CanTake) };
    let refused = answers(here, elsewhere()).await.unwrap_err();
    assert_eq!(refused.to_string(), "this service is not for this need there; these are: one");
    a.offers_in(&[("away", "75")]).await;
    let away = Reply { service: ServiceId::parse("away"), ..reply(AnswerKind::CanTake) };
    let refused = answers(here, away).await.unwrap_err();
    assert!(
        matches!(&refused, InquiryError::NoDoor(doors) if doors.iter().all(|door| door.as_str() != "away"))
    );
    assert!(InquiryError::NoDoor(Vec::new()).to_string().contains("leave the service out"));
    let first = answers(here, reply(AnswerKind::CanTake)).await.unwrap();
    assert_eq!(answers(here, reply(AnswerKind::CanTake)).await.unwrap(), first, "the same again");
    for step in 1..ANSWERS_MAX {
        let kind = if step % 2 == 0 { AnswerKind::CanTake } else { AnswerKind::Cannot };
        answers(here, reply(kind)).await.unwrap();
    }
    let enough = answers(here, reply(AnswerKind::WaitingList)).await;
    assert!(matches!(enough, Err(InquiryError::AnsweredTooOften)));
}

/// An answer holds that was given later: a clock set back between two must not let the first one hold.
#[tokio::test]
async fn a_clock_set_back_lets_no_former_answer_hold() {
    let (a, b) = two().await;
    let mut line = speaking(&a, &b).await;
    line.asks(asked(7, &a)).await;
    line.is_taken_in().await;
    let answer =
        async |kind| a.context.inquiries.answer((b.id(), id(7)), reply(kind), author()).await.unwrap();
    answer(AnswerKind::CanTake).await;
    let first = line.is_answered().await;
    a.context.clock.shift(Span::minutes(-3));
    answer(AnswerKind::Cannot).await;
    let second = line.is_answered().await;
    assert_eq!(second.kind, AnswerKind::Cannot);
    assert!(second.answered_at > first.answered_at, "{first:?} {second:?}");
}

/// A small commune is told as its EPCI: a service that is open to another commune of it alone answers nothing by itself.
#[tokio::test]
async fn a_service_of_the_next_commune_does_not_answer_for_a_small_one() {
    let (a, b) = pair().await;
    b.offers_in(&[("here", "01001"), ("next", "01028"), ("all", "200069193")]).await;
    a.reads(&b).await;
    b.has_places("next", 5).await;
    b.context.inquiries.set(Automatic::Yes).await.unwrap();
    let small = |number| {
        let commune = territory::commune("01001").unwrap().commune();
        Question { commune, ..question(number) }
    };
    let ours = a.context.inquiries.ask(small(1)).await.unwrap();
    assert_eq!(ours.inquiry.territory, Territory::parse("200069193").unwrap());
    join(&a, &b);
    until("b is asked", async || b.waiting() == 1).await;
    assert_eq!(a.standing(1).await, Standing::Asked, "a professional answers");
    // What is open to all of it does.
    b.has_places("all", 2).await;
    a.context.inquiries.ask(small(2)).await.unwrap();
    until("a is answered", async || a.heard(2).await.is_some()).await;
    assert_eq!(a.heard(2).await.unwrap().service, ServiceId::parse("all"));
}

/// One that answers by itself for what is no door here: shut to the commune, of another structure, or of none.
#[tokio::test]
async fn a_node_that_answers_by_itself_for_another_service_is_not_heard() {
    let (a, b) = two().await;
    b.offers_in(&[("elsewhere", "75")]).await;
    a.reads(&b).await;
    a.ask(1).await.unwrap();
    let mut line = speaking(&a, &b).await;
    let now = a.context.clock.now();
    let by_itself = |service: Option<&str>, places, at| Answer {
        places: Some(places),
        service: service.map(|id| ServiceId::parse(id).unwrap()),
        automatic: Automatic::Yes,
        ..answer(AnswerKind::CanTake, at)
    };
    for (step, service) in (0..).zip([Some("elsewhere"), Some("one"), Some("nothing"), None]) {
        line.say(says(1, by_itself(service, 5, now.plus(Span(step))))).await;
        line.is_taken_in().await;
        assert_eq!((a.heard(1).await, a.standing(1).await), (None, Standing::Asked), "{service:?}");
    }
    line.say(says(1, by_itself(Some("two"), 3, now.plus(Span(10))))).await;
    line.is_taken_in().await;
    assert_eq!(a.heard(1).await.unwrap().places, Some(3));
    // What it says later of another changes nothing of that.
    line.say(says(1, by_itself(Some("elsewhere"), 9, now.plus(Span(20))))).await;
    line.is_taken_in().await;
    assert_eq!(a.heard(1).await.unwrap().places, Some(3));
    // A professional may mean something else: they are heard, and their service is no door.
    let by_hand = Answer { automatic: Automatic::No, ..by_itself(Some("elsewhere"), 1, now.plus(Span(30))) };
    line.say(says(1, by_hand)).await;
    line.is_taken_in().await;
    let heard = a.heard(1).await.unwrap();
    assert_eq!((heard.places, heard.service, heard.automatic), (Some(1), None, Automatic::No));
    assert_eq!(a.inquiries_refused(&b).await, 0, "a node of before would say so in good faith");
}

#[tokio::test]
async fn places_that_change_are_answered_anew_and_an_answer_by_hand_stays() {
    let (a, b) = two().await;
    join(&a, &b);
    b.context.inquiries.set(Automatic::Yes).await.unwrap();
    let keeping = b.keeps();
    b.has_places("two", 4).await;
    for number in [1, 2] {
        a.ask(number).await.unwrap();
        until("it is answered", async || a.heard(number).await.is_some()).await;
    }
    let of = (a.id(), id(2));
    let own = Reply { places: Some(1), ..reply(AnswerKind::CanTake) };
    b.context.inquiries.answer(of, own, author()).await.unwrap();
    until("a professional is heard", async || a.heard(2).await.unwrap().automatic == Automatic::No).await;
    b.has_places("two", 2).await;
    until("a hears of it", async || a.heard(1).await.is_some_and(|heard| heard.places == Some(2))).await;
    // Full, and nothing said of a list: what was said is taken back, and a professional is asked.
    b.has_places("two", 0).await;
    until("it is taken back", async || a.heard(1).await.is_none()).await;
    assert_eq!((a.standing(1).await, b.waiting()), (Standing::Asked, 1));
    assert_eq!(b.context.inquiries.theirs()[0].inquiry.id, id(1), "it waits before those that are answered");
    b.has_places("two", 7).await;
    until("a hears of it", async || a.heard(1).await.is_some_and(|heard| heard.places == Some(7))).await;
    b.context.inquiries.set(Automatic::No).await.unwrap();
    until("it is taken back", async || a.heard(1).await.is_none()).await;
    b.context.inquiries.answer((a.id(), id(1)), reply(AnswerKind::Cannot), author()).await.unwrap();
    until("a hears of it", async || a.heard(1).await.is_some()).await;
    assert_eq!(a.heard(2).await.unwrap().places, Some(1), "what was answered by hand stays");
    assert_eq!((a.inquiries_refused(&b).await, b.inquiries_refused(&a).await), (0, 0));
    keeping.abort();
}

/// Places that flicker leave a professional their word, and what is said last is never what no longer holds.
#[tokio::test]
async fn places_that_flicker_leave_room_for_a_professional() {
    let (a, b) = two().await;
    join(&a, &b);
    b.context.inquiries.set(Automatic::Yes).await.unwrap();
    b.has_places("two", 1).await;
    a.ask(1).await.unwrap();
    until("it is answered", async || a.heard(1).await.is_some()).await;
    let keeping = b.keeps();
    for places in 2..30 {
        b.has_places("two", places).await;
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    until("it is taken back", async || a.heard(1).await.is_none()).await;
    let held = a.ours(1).await.partners[0].held.clone().unwrap();
    assert!(held.heard <= AUTOMATIC_ANSWERS_MAX, "{}", held.heard);
    b.context.inquiries.answer((a.id(), id(1)), reply(AnswerKind::Cannot), author()).await.unwrap();
    until("a professional is heard", async || a.heard(1).await.is_some()).await;
    keeping.abort();
}

#[tokio::test]
async fn what_was_reckoned_from_places_that_have_expired_is_taken_back() {
    let (a, b) = two().await;
    b.context.inquiries.set(Automatic::Yes).await.unwrap();
    b.has_places("two", 4).await;
    b.lets_pass(Span::days(2)).await;
    let line = speaking(&b, &a).await;
    let expires_at = b.context.clock.now().plus(LIFETIME_MAX);
    line.asks(Inquiry { expires_at, ..asked(1, &b) }).await;
    until("it is answered", async || b.context.inquiries.theirs().iter().any(|one| one.held.is_some())).await;
    assert_eq!(b.waiting(), 0);
    b.lets_pass(Span::days(8)).await;
    let keeping = b.keeps();
    until("it is taken back", async || b.waiting() == 1).await;
    let told = b.context.inquiries.to_answer(a.id());
    assert!(told.len() == 1 && told[0].answer.word == Word::TakenBack, "{told:?}");
    let again = b.started_again().await;
    assert_eq!(again.inquiries.to_answer(a.id()), told, "a restart forgets nothing of it");
    keeping.abort();
}

/// The nearest are asked, and the others are counted.
#[tokio::test]
async fn partners_beyond_those_that_are_asked_at_most_are_counted() {
    let (a, _b) = two().await;
    for number in 0..PARTNERS_ASKED_MAX + 2 {
        let c = End::new(&format!("partner {number}")).await;
        c.offers_need("two", THEME).await;
        a.knows(&c).await;
        a.reads(&c).await;
    }
    let ours = a.ask(1).await.unwrap();
    assert_eq!((ours.partners.len(), ours.left_out, ours.beyond), (PARTNERS_ASKED_MAX, 0, 3));
    assert_eq!(a.started_again().await.inquiries.ours(id(1)).await.unwrap(), Some(ours));
}

impl Line {
    /// Says hello as a side that knows everything.
    async fn greets(&self, of: &End) {
        self.say(SyncFrame::Hello(SyncHello { features: SyncFeature::ALL.into(), ..plain_hello(of) })).await;
    }
}
