//! A walk-in referral at the receiver: only against an offer that it made and that stood.

use super::*;
use crate::directory::{Directory, Seen};
use relais_domain::content::check::FieldError;
use relais_domain::directory::{NameNeeded, Service, WalkIn};
use relais_domain::fold::Step;
use relais_domain::territory::Coverage;

struct Hub {
    end: End,
    directory: Directory,
}

async fn town() -> (End, Hub) {
    let (a, b) = ends().await;
    let Engine { store, own, clock, dice, .. } = &b.engine;
    let loading = Directory::load(Arc::clone(store), Arc::clone(own), clock.clone(), dice.clone());
    let directory = loading.await.unwrap();
    directory.publish_services(vec![service("hub--1"), service("hub--2")]).await.unwrap();
    (a, Hub { end: b, directory })
}

fn service(id: &str) -> Service {
    Service {
        id: ServiceId::parse(id).unwrap(),
        name: "Accueil".to_owned(),
        description: "Aide".to_owned(),
        themes: [theme()].into(),
        audiences: Vec::new(),
        fees: None,
        fees_note: None,
        welcome_modes: Vec::new(),
        service_type: None,
        coverage: Coverage::national(),
        conditions: None,
        site: None,
        commune: None,
        address: None,
        coordinates: None,
        phone: None,
        email: None,
        opening_hours: None,
        mobilisation_modes: Vec::new(),
        mobilisers: Vec::new(),
        link: None,
        languages: [].into(),
        needs: [].into(),
        name_needed: NameNeeded::No,
        walk_in: None,
        updated_on: relais_domain::time::Day(20_000),
    }
}

impl Hub {
    /// Offers these hours; the digest of the offer.
    async fn offers(&self, hours: &str) -> Digest {
        let id = ServiceId::parse("hub--1").unwrap();
        let walk_in = WalkIn { hours: hours.to_owned(), places_a_week: Some(3) };
        self.directory.set_walk_in(&id, Some(walk_in), Seen::Unasked).await.unwrap();
        self.directory.offer(self.end.engine.own.structure(), &id).unwrap().digest
    }
}

/// Sends a walk-in referral that names `offer`, and takes it to the hub; what became of it there.
async fn sent(
    from: &End,
    to: &End,
    offer: Digest,
    service: &str,
) -> (ThreadId, Result<Delivered, DeliverError>) {
    let mut opening = opening(from, to);
    let need = opening.stage_one.need.as_mut().unwrap();
    need.walk_in = Some(offer);
    need.service = ServiceId::parse(service).unwrap();
    opening.stage_two = Content::default();
    let mut consent = consent(from, to);
    consent.classes = [DataClass::Need].into();
    opening.consent =
        relais_wire::consent::sign(&consent, from.engine.own.signing(), from.engine.own.manifest());
    let id = opening.thread;
    from.engine.open(opening).await.unwrap();
    let event = from.engine.store.event(id, Side::Sender, 1).await.unwrap().unwrap();
    let key = from.engine.peers.chain(to.engine.own.structure()).unwrap().seal_key().unwrap();
    let parts = event.content.as_ref().map(|content| content.expose().as_slice());
    let mut generator = from.engine.dice.generator();
    let bytes = envelope::dispatch(&event.payload, &event.signature, parts, &key, &mut generator).unwrap();
    (id, to.engine.deliver(from.engine.own.structure(), &bytes).await)
}

fn no_such_offer(taken: &Result<Delivered, DeliverError>) -> bool {
    let named =
        |refusal: &Refusal| matches!(refusal, Refusal::Field(FieldError { field: "need.walk_in", .. }));
    matches!(taken, Err(DeliverError::Refused(refusal)) if named(refusal))
}

#[tokio::test]
async fn a_walk_in_begins_where_others_are_accepted_and_ends_like_them() {
    let (a, hub) = town().await;
    let offer = hub.offers("Tu 14:00-17:00").await;
    let (id, taken) = sent(&a, &hub.end, offer, "hub--1").await;
    taken.unwrap();
    let received = thread(&hub.end, id).await;
    assert_eq!((received.step(), received.label()), (Step::Accepted, None));
    act(&hub.end, id, Act::Arrive).await;
    act(&hub.end, id, Act::Close { outcome: Outcome::NeedMet, account: None }).await;
    carry(&hub.end, &a).await;
    let told = thread(&a, id).await;
    assert_eq!((told.step(), told.label()), (Step::Arrived, Some(Label::Closed)));
    assert!(told.prepared.is_none(), "nothing was ever held for later");
}

#[tokio::test]
async fn a_walk_in_that_names_no_offer_of_ours_is_refused_and_not_kept() {
    let (a, hub) = town().await;
    let offer = hub.offers("Tu 14:00-17:00").await;
    for (named, service) in [(Digest::of(b"made up"), "hub--1"), (offer, "hub--2"), (offer, "hub--9")] {
        let (id, taken) = sent(&a, &hub.end, named, service).await;
        assert!(no_such_offer(&taken), "{service}: {taken:?}");
        assert!(hub.end.engine.load(id).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn the_record_of_a_service_without_an_offer_is_no_offer() {
    let (a, hub) = town().await;
    let own = hub.end.engine.own.structure();
    let records = hub.directory.records_of(own).await.unwrap();
    let id = ServiceId::parse("hub--1").unwrap();
    let key = relais_domain::directory::RecordKey::Service(id);
    let plain = records.iter().find(|signed| signed.record.key() == key).unwrap();
    let (_, taken) = sent(&a, &hub.end, plain.identity, "hub--1").await;
    assert!(no_such_offer(&taken), "{taken:?}");
    // Nor does it become one when a record with an offer takes its place.
    hub.offers("Tu 14:00-17:00").await;
    let (_, taken) = sent(&a, &hub.end, plain.identity, "hub--1").await;
    assert!(no_such_offer(&taken), "{taken:?}");
}

#[tokio::test]
async fn an_offer_stands_until_its_record_ends_whatever_took_its_place() {
    let (a, hub) = town().await;
    let first = hub.offers("Tu 14:00-17:00").await;
    let second = hub.offers("Th 09:00-12:00").await;
    assert_ne!(first, second);
    hub.directory.set_walk_in(&ServiceId::parse("hub--1").unwrap(), None, Seen::Unasked).await.unwrap();
    for offer in [first, second] {
        sent(&a, &hub.end, offer, "hub--1").await.1.unwrap();
    }
    for end in [&a, &hub.end] {
        end.engine.clock.shift(Span(crate::directory::SERVICE_LIFETIME.0 + Span::minutes(1).0));
    }
    for offer in [first, second] {
        let (_, taken) = sent(&a, &hub.end, offer, "hub--1").await;
        assert!(no_such_offer(&taken), "{taken:?}");
    }
}
