//! Standing offers: made at the desk, kept when a file says nothing of them, remembered while a letter may name them.

use super::*;
use relais_domain::directory::WalkIn;
use relais_domain::limits;

fn hours(text: &str) -> Option<WalkIn> {
    Some(WalkIn { hours: text.to_owned(), places_a_week: None })
}

fn offered(bench: &Bench) -> Option<String> {
    bench.directory.offer(bench.us(), &id("s1")).map(|offer| offer.walk_in.hours)
}

/// A service that its file makes no offer for.
fn plain() -> Value {
    json!([with(service("s1"), "relais", json!({ "languages": ["ar"] }))])
}

#[tokio::test]
async fn an_offer_outlives_a_file_that_says_nothing_of_it() {
    let bench = Bench::new("hub").await;
    bench.import(&plain()).await;
    assert_eq!(offered(&bench), None);
    bench.directory.set_walk_in(&id("s1"), hours("Tu 14:00-17:00"), Seen::Unasked).await.unwrap();
    let report = bench.import(&plain()).await;
    assert_eq!((report.updated, report.unchanged), (0, 1));
    assert_eq!(offered(&bench).as_deref(), Some("Tu 14:00-17:00"));
    // A file that makes an offer is heard.
    bench.import(&json!([with(service("s1"), "nom", json!("Autre"))])).await;
    assert_eq!(offered(&bench).as_deref(), Some("Tu 14:00-17:00"));
    let other = json!({ "walk_in": { "hours": "Fr 09:00-12:00" } });
    bench.import(&json!([with(service("s1"), "relais", other)])).await;
    assert_eq!(offered(&bench).as_deref(), Some("Fr 09:00-12:00"));
    bench.directory.set_walk_in(&id("s1"), None, Seen::Unasked).await.unwrap();
    assert_eq!(offered(&bench), None);
}

#[tokio::test]
async fn an_offer_is_that_of_an_own_service_and_fits_its_record() {
    let bench = Bench::new("hub").await;
    bench.import(&plain()).await;
    let unknown = bench.directory.set_walk_in(&id("s2"), hours("Tu"), Seen::Unasked).await;
    assert!(matches!(unknown, Err(DirectoryError::UnknownService(_))), "{unknown:?}");
    for wrong in [hours(&"x".repeat(256)), hours("Tu\n14:00"), hours("")] {
        let refused = bench.directory.set_walk_in(&id("s1"), wrong, Seen::Unasked).await;
        assert!(matches!(refused, Err(DirectoryError::Record(_))), "{refused:?}");
    }
    let many = Some(WalkIn { hours: "Tu".to_owned(), places_a_week: Some(10_001) });
    assert!(bench.directory.set_walk_in(&id("s1"), many, Seen::Unasked).await.is_err());
    assert_eq!(offered(&bench), None);
}

#[tokio::test]
async fn an_offer_made_since_it_was_seen_is_not_undone() {
    let bench = Bench::new("hub").await;
    bench.import(&plain()).await;
    let set = async |offer, seen| bench.directory.set_walk_in(&id("s1"), offer, seen).await;
    set(hours("Tu"), Seen::This(None)).await.unwrap();
    // Signed anew for another reason, it is the same offer.
    let mut renamed = plain();
    renamed[0]["nom"] = json!("Autre");
    bench.import(&renamed).await;
    set(hours("We"), Seen::This(hours("Tu"))).await.unwrap();
    for (offer, seen) in [(None, hours("Tu")), (hours("Fr"), hours("Tu")), (hours("Fr"), None)] {
        assert!(matches!(set(offer, Seen::This(seen)).await, Err(DirectoryError::Changed)));
    }
    set(hours("We"), Seen::This(hours("Tu"))).await.expect("it says the same");
    assert_eq!(offered(&bench).as_deref(), Some("We"));
    set(None, Seen::This(hours("We"))).await.unwrap();
    assert!(matches!(set(hours("Fr"), Seen::This(hours("We"))).await, Err(DirectoryError::Changed)));
}

#[tokio::test]
async fn a_former_offer_is_forgotten_when_no_letter_can_name_it_any_more() {
    let bench = Bench::new("hub").await;
    bench.import(&plain()).await;
    bench.directory.set_walk_in(&id("s1"), hours("Tu 14:00-17:00"), Seen::Unasked).await.unwrap();
    let former = bench.directory.offer(bench.us(), &id("s1")).unwrap().digest;
    let stood = async |at| offer_stood(&*bench.store, bench.us(), &id("s1"), former, at).await.unwrap();
    let made = bench.clock.now();
    assert!(stood(made).await);
    bench.directory.set_walk_in(&id("s1"), hours("Fr 09:00-12:00"), Seen::Unasked).await.unwrap();
    assert!(stood(made).await, "what was signed stands");
    let end = made.plus(SERVICE_LIFETIME).plus(Span::minutes(1));
    assert!(!stood(end).await);
    let last = end.plus(limits::DEADLINE_MAX);
    assert!(outdated_offers(&*bench.store, end).await.unwrap().is_empty());
    assert_eq!(outdated_offers(&*bench.store, last).await.unwrap().len(), 1);
}
