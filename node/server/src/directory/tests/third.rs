//! Records of structures that are no partners: what finds room, what is dropped, what never comes back.

use super::*;
use crate::carried::Known;
use relais_domain::directory::{
    CARRIED_RECORDS_MAX, CONFLICTS_PER_STRUCTURE_MAX, LIFETIME_MAX, Load, RECORDS_MAX,
    RECORDS_PER_CARRIER_MAX, REFUSED_STRUCTURES_MAX,
};
use relais_domain::territory::DepartementCode;
use relais_wire::manifest::Manifest;

fn departements(codes: &[&str]) -> Subscription {
    Subscription::of(codes.iter().filter_map(|code| DepartementCode::parse(code)))
}

pub(super) fn carrier() -> StructureId {
    StructureId::of_root_spki(b"carrier")
}

impl Bench {
    /// Takes in a record of another structure as a partner brings it.
    pub(super) async fn brought(&self, of: &Self, record: &SignedRecord) -> Result<Admitted, AdmitError> {
        let run: Vec<Manifest> = of.own.chain().manifests().cloned().collect();
        let chain = self.directory.carried.take(run, carrier()).await.unwrap();
        let brought = Brought { by: carrier(), of: Publisher::Third };
        match self.directory.foresee(record, brought) {
            Ok(_) => self.directory.admit(record.clone(), &chain, brought).await,
            Err(error) if error.is_equivocation() => {
                self.directory.admit(record.clone(), &chain, brought).await
            }
            Err(error) => Err(error),
        }
    }

    /// Publishes a service that covers this, and gives its record.
    pub(super) async fn offers(&self, service_id: &str, coverage: &str) -> SignedRecord {
        let service = with(service(service_id), "zone_eligibilite", json!([coverage]));
        let service = with(service, "code_insee", json!(null));
        self.import(&json!([service])).await;
        let records = self.directory.records_of(self.us()).await.unwrap();
        let is_it = |record: &Record| record.key() == RecordKey::Service(id(service_id));
        records.into_iter().find(|signed| is_it(&signed.record)).unwrap()
    }

    fn signs(&self, record: &Record) -> SignedRecord {
        SignedRecord::sign(record, self.own.signing()).unwrap()
    }
}

#[tokio::test]
async fn what_is_not_kept_here_is_not_taken_but_where_it_replaces_what_was() {
    let (us, third) = (Bench::new("us").await, Bench::new("third").await);
    us.directory.subscribe(Some(departements(&["17"])), |_| false).await.unwrap();
    let (of_17, of_79) = (third.offers("a", "17").await, third.offers("b", "79").await);
    assert_eq!(us.brought(&third, &of_17).await.unwrap(), Admitted::New);
    assert!(matches!(us.brought(&third, &of_79).await, Err(AdmitError::Outside)));
    let moved = third.offers("a", "79").await;
    assert_eq!(
        us.brought(&third, &moved).await.unwrap(),
        Admitted::Newer,
        "else it would be found where it was"
    );
    let news = us.directory.items(departements(&["17"]));
    assert_eq!(news.count(), 0);
}

#[tokio::test]
async fn whoever_must_hear_of_a_move_is_told_where_it_was_and_where_it_is() {
    let (us, third) = (Bench::new("us").await, Bench::new("third").await);
    us.directory.subscribe(Some(Subscription::FRANCE), |_| false).await.unwrap();
    let mut news = us.directory.news();
    for coverage in ["17", "79"] {
        us.brought(&third, &third.offers("a", coverage).await).await.unwrap();
    }
    let told = [news.recv().await.unwrap(), news.recv().await.unwrap()].map(|news| news.partitions);
    let wanted = |code, partitions| departements(&[code]).wants(partitions);
    assert_eq!(
        told.map(|partitions| (wanted("17", partitions), wanted("79", partitions))),
        [(true, false), (true, true)]
    );
}

#[tokio::test]
async fn a_node_keeps_where_it_is_at_home_until_an_admin_says_otherwise() {
    let us = Bench::new("us").await;
    assert_eq!(us.directory.subscription(), Subscription::NONE);
    let mut wishes = us.directory.wishes();
    us.import(&json!({ "structures": [structure()], "services": [with(service("a"), "zone_eligibilite", json!(["79"]))] }))
        .await;
    assert_eq!(us.directory.subscription(), departements(&["17", "79"]));
    assert!(wishes.has_changed().unwrap());
    wishes.mark_unchanged();
    us.import(&json!([with(service("a"), "nom", json!("Autre"))])).await;
    assert_eq!((us.directory.subscription(), wishes.has_changed().unwrap()), (departements(&["17"]), true));
    for chosen in [departements(&["2A", "971"]), Subscription::FRANCE, Subscription::NONE] {
        us.directory.subscribe(Some(chosen), |_| false).await.unwrap();
        for directory in [&us.directory, &us.reload().await] {
            assert_eq!((directory.subscription(), directory.chosen_by()), (chosen, ChosenBy::Admin));
        }
    }
    us.directory.subscribe(None, |_| false).await.unwrap();
    assert_eq!(us.reload().await.subscription(), departements(&["17"]));
    assert_eq!(us.directory.chosen_by(), ChosenBy::Nobody);
}

#[tokio::test]
async fn what_is_kept_no_more_is_dropped_but_of_partners() {
    let us = Bench::new("us").await;
    let (partner, third) = (Bench::new("partner").await, Bench::new("third").await);
    us.directory.subscribe(Some(Subscription::FRANCE), |_| false).await.unwrap();
    us.import(&json!([service("own")])).await;
    let of_partner = partner.offers("p", "79").await;
    us.directory.admit_from_peer(&of_partner.bytes, &partner.own.chain()).await.unwrap();
    for (id, coverage) in [("a", "17"), ("b", "79"), ("c", "france")] {
        us.brought(&third, &third.offers(id, coverage).await).await.unwrap();
    }
    us.directory.subscribe(Some(departements(&["17"])), |one| one == partner.us()).await.unwrap();
    for directory in [&us.directory, &us.reload().await] {
        let ids = |of| -> Vec<String> {
            directory.list(of).iter().map(|shown| shown.service.id.to_string()).collect()
        };
        assert_eq!((ids(us.us()), ids(partner.us())), (vec!["own".to_owned()], vec!["p".to_owned()]));
        assert_eq!(ids(third.us()), ["a", "c"]);
    }
    us.directory.subscribe(Some(Subscription::FRANCE), |_| false).await.unwrap();
    let again = third.directory.records_of(third.us()).await.unwrap();
    let b = again.iter().find(|signed| signed.record.key() == RecordKey::Service(id("b"))).unwrap();
    assert_eq!(us.brought(&third, b).await.unwrap(), Admitted::New, "nobody took it back");
}

#[tokio::test]
async fn a_structure_that_is_refused_leaves_nothing_and_comes_back_only_as_it_is_now() {
    let (us, third) = (Bench::new("us").await, Bench::new("third").await);
    us.directory.subscribe(Some(Subscription::FRANCE), |_| false).await.unwrap();
    let first = third.offers("a", "17").await;
    let second = third.offers("a", "79").await;
    us.brought(&third, &second).await.unwrap();
    us.directory.refuse(third.us()).await.unwrap();
    for directory in [&us.directory, &us.reload().await] {
        assert_eq!(directory.list(third.us()), []);
        assert!(directory.carried().all().is_empty() && directory.refused().contains(&third.us()));
        let state = directory.states().remove(&third.us()).unwrap();
        assert_eq!((state.name.as_deref(), state.records), (Some("third"), 0), "whom it refused");
    }
    let foreseen = us.reload().await.foresee(&second, Brought { by: carrier(), of: Publisher::Partner });
    assert!(matches!(foreseen, Err(AdmitError::Declined)));
    assert!(matches!(us.directory.refuse(us.us()).await, Err(DirectoryError::Own)));
    us.directory.allow(third.us()).await.unwrap();
    assert!(us.reload().await.refused().is_empty());
    let older = AdmitError::Refused(DirectoryRefusal::Older { held: 2 });
    assert_eq!(us.brought(&third, &first).await.unwrap_err().to_string(), older.to_string());
    assert_eq!(us.brought(&third, &second).await.unwrap(), Admitted::New, "what held then holds again");
    let third_one = third.offers("a", "86").await;
    assert_eq!(us.brought(&third, &third_one).await.unwrap(), Admitted::Newer);
    assert_eq!(us.reload().await.list(third.us()).len(), 1);
}

#[tokio::test]
async fn so_many_structures_may_be_refused() {
    let us = Bench::new("us").await;
    {
        let mut index = us.directory.index.write();
        for number in 0..REFUSED_STRUCTURES_MAX {
            index.refused.insert(StructureId::of_root_spki(&number.to_be_bytes()), String::new());
        }
    }
    let refused = us.directory.refuse(carrier()).await;
    assert!(matches!(refused, Err(DirectoryError::TooManyRefused)));
    us.directory.refuse(StructureId::of_root_spki(&0usize.to_be_bytes())).await.unwrap();
}

#[tokio::test]
async fn what_was_removed_never_comes_back_in_an_older_form_not_even_after_a_restart() {
    let (us, third) = (Bench::new("us").await, Bench::new("third").await);
    us.directory.subscribe(Some(Subscription::FRANCE), |_| false).await.unwrap();
    let first = third.offers("a", "17").await.record;
    let long = third.signs(&Record { expires_at: first.issued_at.plus(LIFETIME_MAX), ..first.clone() });
    let gone = third.signs(&Record {
        sequence: 5,
        expires_at: first.issued_at.plus(Span::days(30)),
        body: Body::Withdrawn(first.key()),
        ..first.clone()
    });
    us.brought(&third, &gone).await.unwrap();
    let older = AdmitError::Refused(DirectoryRefusal::Older { held: 5 }).to_string();
    let brought = Brought { by: carrier(), of: Publisher::Third };
    let refused = |directory: &Directory| directory.foresee(&long, brought).unwrap_err().to_string();
    us.clock.shift(Span::days(31));
    // Ended: not swept yet, then swept, then read again by a node that was down meanwhile, or up.
    assert_eq!(refused(&us.directory), older);
    let down_meanwhile = us.reload().await;
    assert_eq!(refused(&down_meanwhile), older);
    us.directory.sweep().await.unwrap();
    assert_eq!(refused(&us.directory), older);
    assert_eq!(refused(&us.reload().await), older);
    let documents = us.store.documents(Shelf::Record, third.us().as_bytes()).await.unwrap();
    assert_eq!(documents.len(), 1, "the floor alone");
    assert_eq!(documents[0].body.len(), 16);
    // Something newer is taken, and is its own floor then.
    let newer =
        third.signs(&Record { sequence: 6, expires_at: first.issued_at.plus(Span::days(89)), ..first });
    assert_eq!(us.brought(&third, &newer).await.unwrap(), Admitted::New);
    let documents = us.store.documents(Shelf::Record, third.us().as_bytes()).await.unwrap();
    assert_eq!(documents.len(), 1);
    assert_eq!(SignedRecord::read(&documents[0].body).unwrap().identity, newer.identity);
}

#[tokio::test]
async fn floors_and_idle_chains_fall_when_nothing_older_can_hold() {
    let (us, third) = (Bench::new("us").await, Bench::new("third").await);
    us.directory.subscribe(Some(Subscription::FRANCE), |_| false).await.unwrap();
    us.brought(&third, &third.offers("a", "17").await).await.unwrap();
    us.clock.shift(Span::days(61));
    us.directory.sweep().await.unwrap();
    assert_eq!(us.directory.read_index(|index| index.floors.load().records), 1);
    assert_eq!(us.directory.carried().all().len(), 1);
    us.clock.shift(Span::days(91));
    us.directory.sweep().await.unwrap();
    assert_eq!(us.directory.read_index(|index| index.floors.load().records), 0);
    assert!(us.directory.carried().all().is_empty());
    assert!(us.store.documents(Shelf::Record, &[]).await.unwrap().is_empty());
    assert!(us.store.documents(Shelf::CarriedManifest, &[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn no_partner_fills_more_than_its_share() {
    let (us, third) = (Bench::new("us").await, Bench::new("third").await);
    us.directory.subscribe(Some(Subscription::FRANCE), |_| false).await.unwrap();
    us.brought(&third, &third.offers("a", "17").await).await.unwrap();
    let share =
        |of: StructureId| us.directory.read_index(|index| index.shares.get(&of).map(|load| load.records));
    assert_eq!(share(carrier()), Some(1));
    let known = |carried: &Carried| carried.known(third.us());
    assert!(matches!(known(us.directory.carried()), Some(Known { carrier: by, .. }) if by == carrier()));
    us.directory.index.write().shares.insert(carrier(), Load { records: RECORDS_PER_CARRIER_MAX, bytes: 0 });
    let b = third.offers("b", "17").await;
    assert!(matches!(us.brought(&third, &b).await, Err(AdmitError::Share)));
    let changed = third.offers("a", "79").await;
    assert_eq!(us.brought(&third, &changed).await.unwrap(), Admitted::Newer, "what is held may change");
    us.directory.admit_from_peer(&b.bytes, &third.own.chain()).await.expect("of a partner");
    us.directory.sweep().await.unwrap();
    assert_eq!(share(carrier()), Some(2), "counted anew");
}

#[tokio::test]
async fn so_many_lies_of_one_structure_are_kept() {
    let (us, third) = (Bench::new("us").await, Bench::new("third").await);
    us.directory.subscribe(Some(Subscription::FRANCE), |_| false).await.unwrap();
    for number in 0..=CONFLICTS_PER_STRUCTURE_MAX {
        let record = third.offers(&format!("s{number:02}"), "17").await;
        let issued_at = record.record.issued_at.plus(Span(1));
        let expires_at = issued_at.plus(Span::days(60));
        let other = third.signs(&Record { issued_at, expires_at, ..record.record.clone() });
        us.brought(&third, &record).await.unwrap();
        us.brought(&third, &other).await.unwrap_err();
    }
    let reloaded = us.reload().await;
    assert_eq!(reloaded.conflicts().await.unwrap().len(), CONFLICTS_PER_STRUCTURE_MAX);
    let counted = |directory: &Directory| directory.read_index(|index| index.conflicts[&third.us()].len());
    assert_eq!((counted(&us.directory), counted(&reloaded)), (16, 16));
}

#[tokio::test]
async fn sets_are_kept_ready_until_something_changes() {
    let (us, third) = (Bench::new("us").await, Bench::new("third").await);
    us.directory.subscribe(Some(Subscription::FRANCE), |_| false).await.unwrap();
    us.brought(&third, &third.offers("a", "17").await).await.unwrap();
    let (one, two) = (us.directory.items(departements(&["17"])), us.directory.items(departements(&["17"])));
    assert!(Arc::ptr_eq(&one, &two));
    us.clock.shift(Span::seconds(55));
    assert!(Arc::ptr_eq(&one, &us.directory.items(departements(&["17"]))));
    us.clock.shift(Span::seconds(61));
    assert!(!Arc::ptr_eq(&one, &us.directory.items(departements(&["17"]))), "a minute later it is made anew");
    assert_eq!((one.count(), us.directory.items(departements(&["79"])).count()), (1, 0));
    us.brought(&third, &third.offers("b", "17").await).await.unwrap();
    assert_eq!(us.directory.items(departements(&["17"])).count(), 2);
    us.clock.shift(Span::days(60));
    assert_eq!(us.directory.items(departements(&["17"])).count(), 0, "what has expired");
}

#[tokio::test]
async fn so_many_sets_are_kept_ready() {
    let us = Bench::new("us").await;
    let codes = ["17", "79", "86", "16", "33", "40"];
    let sets = codes.map(|code| us.directory.items(departements(&[code])));
    let ready = us.directory.ready.lock().unwrap().len();
    assert_eq!(ready, 4);
    let again = |at: usize| us.directory.items(departements(&[codes[at]]));
    assert!(Arc::ptr_eq(&sets[5], &again(5)) && !Arc::ptr_eq(&sets[0], &again(0)));
}

#[tokio::test]
async fn what_found_no_room_is_asked_for_once_there_is_some() {
    let (us, third) = (Bench::new("us").await, Bench::new("third").await);
    us.directory.subscribe(Some(Subscription::FRANCE), |_| false).await.unwrap();
    let record = third.offers("a", "17").await;
    let brought = Brought { by: carrier(), of: Publisher::Third };
    let wanted = |record: &SignedRecord| us.directory.still_wanted(vec![record.identity]).len();
    let share =
        |records: usize| us.directory.index.write().shares.insert(carrier(), Load { records, bytes: 0 });
    share(RECORDS_PER_CARRIER_MAX);
    let error = us.brought(&third, &record).await.unwrap_err();
    assert!(matches!(error, AdmitError::Share));
    assert_eq!((wanted(&record), us.directory.pass_over(&record, brought, &error)), (1, Again::No));
    assert_eq!(wanted(&record), 0);
    us.directory.sweep().await.unwrap();
    assert_eq!(wanted(&record), 1, "its share was counted anew");
    us.directory.pass_over(&record, brought, &error);
    share(RECORDS_PER_CARRIER_MAX - 1);
    us.directory.forget_passed_over();
    assert_eq!(wanted(&record), 0, "a single place is none");
    share(RECORDS_PER_CARRIER_MAX * 9 / 10);
    assert_eq!(wanted(&record), 1);
    // Where nothing more is kept of anyone who is no partner.
    let floors = CARRIED_RECORDS_MAX - us.directory.read_index(|index| index.records.count());
    let key = |number: usize| RecordKey::Service(id(&format!("s{number}")));
    let until = us.clock.now().plus(Span::days(1));
    for number in 0..floors {
        let floor = relais_domain::directory::Floor { sequence: 1, until };
        us.directory.index.write().floors.raise(carrier(), key(number), floor);
    }
    let error = us.brought(&third, &record).await.unwrap_err();
    assert!(matches!(error, AdmitError::Refused(DirectoryRefusal::Full)));
    us.directory.pass_over(&record, brought, &error);
    us.directory.sweep().await.unwrap();
    assert_eq!(wanted(&record), 0, "an hour later as well");
    us.clock.shift(Span::days(2));
    us.directory.sweep().await.unwrap();
    assert_eq!(wanted(&record), 1);
}

#[tokio::test]
async fn so_many_identities_that_are_not_wanted_are_remembered() {
    let (us, third) = (Bench::new("us").await, Bench::new("third").await);
    let record = third.offers("a", "79").await;
    let brought = Brought { by: carrier(), of: Publisher::Third };
    let one = |number: usize| SignedRecord { identity: Digest::of(&number.to_be_bytes()), ..record.clone() };
    let all = |count: usize| (0..count).map(|number| one(number).identity).collect::<Vec<_>>();
    for number in 0..9_000 {
        us.directory.pass_over(&one(number), brought, &AdmitError::Outside);
    }
    assert_eq!(us.directory.still_wanted(all(9_000)).len(), 9_000 - 8_192);
    us.directory.forget_passed_over();
    assert_eq!(us.directory.still_wanted(all(9_000)).len(), 9_000);
    // What is taken later is remembered for a while, and forgotten rather than kept beyond its limit.
    for number in 0..8_193 {
        us.directory.pass_over(&one(number), brought, &AdmitError::Churn);
    }
    assert_eq!(us.directory.still_wanted(all(8_193)).len(), 8_192);
    us.directory.pass_over(&one(0), brought, &AdmitError::CarrierChurn);
    us.clock.shift(Span::minutes(16));
    assert_eq!(us.directory.still_wanted(all(1)).len(), 1);
    // So is what found no room.
    let full = Load { records: RECORDS_PER_CARRIER_MAX, bytes: 0 };
    us.directory.index.write().shares.insert(carrier(), full);
    for number in 0..=RECORDS_MAX {
        let full = AdmitError::Refused(DirectoryRefusal::Full);
        us.directory.pass_over(&one(number), brought, &full);
    }
    assert_eq!(us.directory.still_wanted(all(RECORDS_MAX + 1)).len(), RECORDS_MAX);
}
