//! Import, publishing and partners' records over a memory store.

mod endorse;
mod history;
mod offer;
mod returned;
mod room;
pub(crate) mod stored;
mod third;

use super::*;
use crate::own::{self, found};
use relais_domain::directory::{Filters, RECORDS_PER_CARRIER_MAX, RECORDS_PER_STRUCTURE_MAX, Record, WalkIn};
use relais_domain::limits::CLOCK_TOLERANCE;
use relais_domain::territory::{self, Commune};
use relais_domain::theme::Theme;
use relais_domain::time::Span;
use relais_store::memory::MemoryStore;
use relais_wire::manifest::StructureKind;
use relais_wire::manifest::chain::Chain;
use serde_json::{Value, json};

const THEME: &str = "numerique--acceder-a-une-connexion-internet";

pub(super) struct Bench {
    pub(super) store: Arc<dyn Store>,
    own: Arc<Own>,
    clock: Clock,
    pub(super) directory: Directory,
}

impl Directory {
    /// As if this partner had been the first to bring as much as one may.
    pub(crate) fn fill_share_of(&self, carrier: StructureId) {
        let full = Load { records: RECORDS_PER_CARRIER_MAX, bytes: 0 };
        self.index.write().shares.insert(carrier, full);
    }
}

impl Bench {
    pub(super) async fn new(name: &str) -> Self {
        let (dice, clock) = (Dice::system().unwrap(), Clock::system());
        let profile = own::Profile {
            name: name.to_owned(),
            kind: StructureKind::DigitalHub,
            endpoints: Vec::new(),
            pairing_endpoints: Vec::new(),
        };
        let ca = |structure| crate::tls::Ca::generate(structure).unwrap().into_parts();
        let founded = found(&profile, ca, &dice, clock.now()).unwrap();
        let chain = Chain::found(founded.manifest).unwrap();
        let own = Arc::new(Own::new(chain, founded.secrets.signing, vec![founded.secrets.sealing]));
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let directory = load(&store, &own, &clock).await;
        Self { store, own, clock, directory }
    }

    async fn reload(&self) -> Directory {
        load(&self.store, &self.own, &self.clock).await
    }

    pub(super) fn us(&self) -> StructureId {
        self.own.structure()
    }

    pub(super) async fn import(&self, value: &Value) -> ImportReport {
        self.directory.import(value.to_string().as_bytes()).await.unwrap()
    }
}

async fn load(store: &Arc<dyn Store>, own: &Arc<Own>, clock: &Clock) -> Directory {
    Directory::load(Arc::clone(store), Arc::clone(own), clock.clone(), Dice::system().unwrap()).await.unwrap()
}

pub(super) fn service(id: &str) -> Value {
    json!({
        "source": "essai", "structure_id": "essai--1", "id": id, "nom": "Se connecter",
        "description": "Une connexion à petit prix.", "date_maj": "2026-09-01",
        "thematiques": [THEME], "publics": ["tous-publics"], "frais": "gratuit",
        "modes_accueil": ["en-presentiel"], "zone_eligibilite": ["17"], "code_insee": "17300",
        "commune": "La Rochelle", "code_postal": "17000", "adresse": "1 rue de l’Essai",
        "telephone": "+33199000011",
        "relais": { "languages": ["ar"], "needs": ["need", "level"], "must_know_name": true,
                    "walk_in": { "hours": "Tu 14:00-17:00", "places_a_week": 3 } }
    })
}

pub(super) fn structure() -> Value {
    json!({ "source": "essai", "id": "essai--1", "nom": "Essai", "date_maj": "2026-09-01",
            "telephone": "+33199000012", "code_insee": "17300" })
}

pub(super) fn with(mut object: Value, field: &str, value: Value) -> Value {
    object[field] = value;
    object
}

fn id(text: &str) -> ServiceId {
    ServiceId::parse(text).unwrap()
}

fn la_rochelle() -> Commune {
    territory::commune("17300").unwrap().commune()
}

#[tokio::test]
async fn a_file_is_published_and_again_changes_nothing() {
    let bench = Bench::new("hub").await;
    let file = json!({ "structures": [structure()], "services": [service("a"), service("b")] });
    let report = bench.import(&file).await;
    assert_eq!((report.created, report.updated, report.unchanged), (2, 0, 0), "{report:?}");
    assert_eq!(report.structure, Some(Published::Created));
    assert_eq!(report.refused, []);
    let leaves = bench.store.ledger_size().await.unwrap();
    let again = bench.import(&file).await;
    assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 2));
    assert_eq!(bench.store.ledger_size().await.unwrap(), leaves);
    let changed = json!([service("a"), with(service("b"), "nom", json!("Autrement"))]);
    let third = bench.import(&changed).await;
    assert_eq!((third.created, third.updated, third.unchanged), (0, 1, 1));
    let reloaded = bench.reload().await;
    assert_eq!(reloaded.list(bench.us()), bench.directory.list(bench.us()));
    assert_eq!(reloaded.service(bench.us(), &id("b")).unwrap().service.name, "Autrement");
    assert_eq!(reloaded.phone(bench.us()).as_deref(), Some("+33199000012"));
    let sequences: Vec<u64> =
        reloaded.records_of(bench.us()).await.unwrap().iter().map(|one| one.record.sequence).collect();
    assert_eq!(sequences, [1, 1, 2]);
}

#[tokio::test]
async fn what_relais_adds_is_read() {
    let bench = Bench::new("hub").await;
    bench.import(&json!([service("a")])).await;
    let service = bench.directory.service(bench.us(), &id("a")).unwrap().service;
    assert_eq!(service.languages.iter().collect::<Vec<_>>(), ["ar"]);
    assert_eq!(service.needs.len(), 2);
    assert_eq!(service.name_needed, relais_domain::directory::NameNeeded::Yes);
    assert_eq!(service.walk_in.unwrap().places_a_week, Some(3));
    assert_eq!(service.updated_on.to_string(), "2026-09-01");
    assert_eq!(service.address.as_deref(), Some("1 rue de l’Essai, 17000 La Rochelle"));
}

#[tokio::test]
async fn each_wrong_field_is_told_and_the_rest_is_published() {
    let wrong: [(&str, Value, &str); 34] = [
        ("id", json!(null), "id"),
        ("id", json!("a b"), "id"),
        ("id", json!("é".repeat(90)), "id"),
        ("source", json!(""), "source"),
        ("structure_id", json!(7), "structure_id"),
        ("nom", json!("ab"), "nom"),
        ("nom", json!("é".repeat(151)), "nom"),
        ("description", json!("non"), "description"),
        ("description", json!("é".repeat(2_001)), "description"),
        ("description", json!("a\u{202E}bcdef"), "description"),
        ("date_maj", json!("hier"), "date_maj"),
        ("date_maj", json!(null), "date_maj"),
        ("thematiques", json!(["numerique--internet"]), "thematiques"),
        ("thematiques", json!("numerique"), "thematiques"),
        ("thematiques", json!([THEME, THEME]), "thematiques"),
        ("publics", json!(["tous-publics", "femmes"]), "publics"),
        ("publics", json!(["gens"]), "publics"),
        ("frais", json!("cher"), "frais"),
        ("modes_accueil", json!(["ici"]), "modes_accueil"),
        ("type", json!("stage"), "type"),
        ("modes_mobilisation", json!(["crier"]), "modes_mobilisation"),
        ("mobilisable_par", json!(["tous"]), "mobilisable_par"),
        ("zone_eligibilite", json!(["17300", "99999"]), "zone_eligibilite"),
        ("code_insee", json!("17000"), "code_insee"),
        ("code_postal", json!("1700"), "code_postal"),
        ("adresse", json!("é".repeat(255)), "adresse"),
        ("latitude", json!(46.1), "longitude"),
        ("telephone", json!("appelez"), "telephone"),
        ("courriel", json!("nous"), "courriel"),
        ("lien_source", json!("ici"), "lien_source"),
        ("relais", json!({ "kind": "hub" }), "relais.kind"),
        ("relais", json!({ "needs": ["contact"] }), "relais.needs"),
        ("relais", json!({ "languages": ["Arabe"] }), "relais.languages"),
        (
            "relais",
            json!({ "walk_in": { "hours": "Tu", "places_a_week": -1 } }),
            "relais.walk_in.places_a_week",
        ),
    ];
    for (field, value, named) in wrong {
        let bench = Bench::new("hub").await;
        let file = json!([service("good"), with(service("bad"), field, value.clone())]);
        let report = bench.import(&file).await;
        assert_eq!(report.created, 1, "{field} {value}");
        let told: Vec<(u32, &str)> =
            report.refused.iter().map(|one| (one.index, one.field.as_str())).collect();
        assert_eq!(told, [(1, named)], "{field} {value} {:?}", report.refused);
        assert!(!report.refused[0].problem.to_string().is_empty());
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_with_what_it_could_be() {
    let bench = Bench::new("hub").await;
    let problem = async |field, value| {
        let report = bench.import(&json!([with(service("a"), field, value)])).await;
        report.refused.into_iter().next().unwrap().problem
    };
    let Wrong::UnknownTheme(value, close) = problem("thematiques", json!(["numerique--internet"])).await
    else {
        panic!("another problem")
    };
    assert_eq!((value.as_str(), close.len()), ("numerique--internet", 2));
    let Wrong::UnknownValue(value, _) = problem("frais", json!(format!("a\u{7}{}", "é".repeat(80)))).await
    else {
        panic!("another problem")
    };
    assert_eq!(value, format!("a{}", "é".repeat(59)), "short and plain");
    let long = with(service("a"), "id", json!("é".repeat(201)));
    assert_eq!(bench.import(&json!([long])).await.refused[0].id, "é".repeat(200));
    let too_long = Wrong::TooLong(Count { given: 201, most: 200 });
    for field in ["id", "source", "structure_id"] {
        assert_eq!(problem(field, json!("é".repeat(201))).await, too_long, "{field}");
    }
    assert_eq!(problem("description", json!("abcd")).await, Wrong::TooShort(5));
    let count = Count { given: 151, most: 150 };
    assert_eq!(problem("nom", json!("é".repeat(151))).await, Wrong::TooLong(count));
    assert_eq!(problem("longitude", json!(2)).await, Wrong::HalfPlace("longitude"));
    let file =
        json!([with(service("a"), "nom", json!("ab")), with(service("b"), "structure_id", json!("x"))]);
    let refused = bench.import(&file).await.refused;
    let other = Wrong::OtherStructure { value: "x".to_owned(), expected: "essai--1".to_owned() };
    assert_eq!(refused.iter().map(|one| &one.problem).collect::<Vec<_>>(), [&Wrong::TooShort(3), &other]);
    let postcode = problem("code_insee", json!("17000")).await.to_string();
    assert!(postcode.contains("La Rochelle is 17300"), "{postcode}");
}

#[tokio::test]
async fn every_problem_of_an_object_is_told_at_once() {
    let bench = Bench::new("hub").await;
    let bad = json!({ "id": "x", "frais": "cher", "telephone": 7, "relais": { "must_know_name": "oui" } });
    let report = bench.import(&json!([bad, 3])).await;
    let told: Vec<&str> = report.refused.iter().map(|one| one.field.as_str()).collect();
    let all = [
        "source",
        "structure_id",
        "date_maj",
        "nom",
        "description",
        "relais.must_know_name",
        "frais",
        "telephone",
        "",
    ];
    assert_eq!(told, all);
    assert_eq!(report.refused[0].id, "x");
    let swapped = with(with(service("a"), "latitude", json!(146.1)), "longitude", json!(-1.1));
    assert_eq!(bench.import(&json!([swapped])).await.refused[0].field, "latitude");
}

#[tokio::test]
async fn a_file_speaks_of_one_structure_and_of_each_service_once() {
    let bench = Bench::new("hub").await;
    let file = json!([service("a"), with(service("b"), "structure_id", json!("autre")), service("a")]);
    let report = bench.import(&file).await;
    assert_eq!(report.created, 1);
    let told: Vec<(u32, &str)> = report.refused.iter().map(|one| (one.index, one.field.as_str())).collect();
    assert_eq!(told, [(1, "structure_id"), (2, "id")]);
    let two = json!({ "structures": [structure(), with(structure(), "id", json!("essai--2"))] });
    let told: Vec<String> = bench.import(&two).await.refused.into_iter().map(|one| one.field).collect();
    assert_eq!(told, ["structures.", "structures.id"]);
    let bad = json!({ "structures": [with(structure(), "siret", json!("1 2"))], "services": [service("c")] });
    let report = bench.import(&bad).await;
    assert_eq!((report.refused[0].field.as_str(), report.created), ("structures.siret", 1));
}

/// Who imports another's file by mistake would speak in its name, and hide its entries of open data.
#[tokio::test]
async fn the_file_of_another_structure_does_not_describe_this_one() {
    let bench = Bench::new("hub").await;
    let file = |structure: Value| {
        let of = with(service("a"), "structure_id", structure["id"].clone());
        json!({ "structures": [structure], "services": [of] })
    };
    bench.import(&file(structure())).await;
    let before = bench.directory.profile(bench.us()).unwrap();
    let others = with(with(structure(), "id", json!("dora--1")), "nom", json!("Une autre"));
    let other = with(others.clone(), "siret", json!("55208131766522"));
    let report = bench.import(&file(other)).await;
    let fields: Vec<&str> = report.refused.iter().map(|one| one.field.as_str()).collect();
    assert_eq!((report.structure, fields), (None, vec!["structures.id", "structure_id"]));
    let alone = json!([with(service("b"), "structure_id", json!("dora--1"))]);
    assert_eq!(bench.import(&alone).await.refused[0].field, "structure_id", "nor its services alone");
    assert!(matches!(&report.refused[0].problem, Wrong::NotOwnStructure { value, expected }
        if value == "dora--1" && expected == "essai--1"));
    assert_eq!(bench.directory.profile(bench.us()).unwrap(), before);
    // Its id may change while its name, or its SIRET, says whose it is; then that is its id.
    let renumbered = with(structure(), "id", json!("dora--2"));
    assert_eq!(bench.import(&file(renumbered)).await.refused, []);
    let renamed = with(with(structure(), "nom", json!("Une autre")), "id", json!("dora--2"));
    assert_eq!(bench.import(&file(renamed)).await.refused, []);
    assert_eq!(bench.directory.profile(bench.us()).unwrap().name, "Une autre");
    // When what it said has ended, it is described anew, with its services.
    bench.clock.shift(Span::days(400));
    bench.directory.sweep().await.unwrap();
    assert_eq!(bench.directory.profile(bench.us()), None);
    assert_eq!(bench.import(&file(others)).await.refused, []);
}

#[tokio::test]
async fn a_former_commune_becomes_the_present_one_and_it_is_said() {
    let bench = Bench::new("hub").await;
    let former = with(with(service("a"), "code_insee", json!("69381")), "zone_eligibilite", json!(["69381"]));
    let report = bench.import(&json!([former])).await;
    assert_eq!(report.created, 1, "{report:?}");
    let told: Vec<&str> = report.replaced.iter().map(|one| one.field.as_str()).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    let service = bench.directory.service(bench.us(), &id("a")).unwrap().service;
    assert_eq!(service.commune.unwrap().as_str(), "69123");
    assert_eq!(service.coverage.to_string(), "69123");
}

#[tokio::test]
async fn what_is_no_file_is_refused_whole() {
    let bench = Bench::new("hub").await;
    let many = json!(vec![json!({}); IMPORT_SERVICES_MAX + 1]).to_string();
    let long = format!("[{}]", " ".repeat(IMPORT_BYTES_MAX));
    for text in ["", "{", "7", "[]", "{}", "{\"services\": 3}", &many, &long] {
        let refused = bench.directory.import(text.as_bytes()).await;
        assert!(matches!(refused, Err(DirectoryError::File(_))), "{}", &text[..text.len().min(20)]);
    }
    assert!(bench.directory.list(bench.us()).is_empty());
}

#[tokio::test]
async fn the_demo_is_imported_without_a_word() {
    for file in ["agence", "hub", "lecture"] {
        let bench = Bench::new(file).await;
        let path = format!("{}/../cli/demo/{file}.json", env!("CARGO_MANIFEST_DIR"));
        let report = bench.directory.import(&std::fs::read(path).unwrap()).await.unwrap();
        assert_eq!((report.refused, report.replaced), (vec![], vec![]));
        assert!(report.created >= 2 && report.structure == Some(Published::Created));
    }
}

#[tokio::test]
async fn places_are_said_of_own_services_and_forgotten_after_a_week() {
    let bench = Bench::new("hub").await;
    bench.import(&json!([service("a")])).await;
    let unknown = bench.directory.set_capacity(&id("zzz"), Some(1), None, Seen::Unasked).await;
    assert!(matches!(unknown, Err(DirectoryError::UnknownService(_))));
    let too_many = bench.directory.set_capacity(&id("a"), Some(10_001), None, Seen::Unasked).await;
    assert!(matches!(too_many, Err(DirectoryError::Record(_))));
    bench.directory.set_capacity(&id("a"), Some(2), Some(3), Seen::Unasked).await.unwrap();
    bench.directory.set_capacity(&id("a"), Some(2), Some(3), Seen::Unasked).await.unwrap();
    let (capacity, _) = bench.directory.service(bench.us(), &id("a")).unwrap().capacity.unwrap();
    assert_eq!((capacity.places, capacity.waiting_days), (Some(2), Some(3)));
    bench.clock.shift(Span::days(7));
    assert_eq!(bench.directory.service(bench.us(), &id("a")).unwrap().capacity, None);
}

#[tokio::test]
async fn places_said_since_they_were_seen_are_not_undone() {
    let bench = Bench::new("hub").await;
    bench.import(&json!([service("a")])).await;
    let said =
        || bench.directory.service(bench.us(), &id("a")).unwrap().capacity.map(|(capacity, _)| capacity);
    let set = async |places, seen| bench.directory.set_capacity(&id("a"), Some(places), None, seen).await;
    set(3, Seen::This(None)).await.expect("nothing was said yet");
    let seen = said().unwrap().stated_at;
    bench.clock.shift(Span::minutes(1));
    // Two pages show three places: one says that it is full, the other takes one away.
    set(0, Seen::This(Some(seen))).await.unwrap();
    for stale in [Seen::This(Some(seen)), Seen::This(None)] {
        assert!(matches!(set(2, stale).await, Err(DirectoryError::Changed)));
        assert_eq!(said().unwrap().places, Some(0), "it stays full");
    }
    let full = said().unwrap();
    bench.clock.shift(Span::minutes(2));
    set(0, Seen::This(Some(seen))).await.expect("pressed twice, it says the same");
    assert_eq!(said(), Some(full.clone()), "and nothing is said anew");
    set(2, Seen::This(Some(full.stated_at))).await.unwrap();
    set(1, Seen::Unasked).await.expect("who did not look replaces what is there");
    bench.clock.shift(Span::days(8));
    set(4, Seen::This(Some(seen))).await.expect("what is over stands in nobody's way");
    assert_eq!(said().unwrap().places, Some(4));
}

#[tokio::test]
async fn a_service_taken_back_is_gone_and_may_come_again() {
    let bench = Bench::new("hub").await;
    bench.import(&json!([service("a")])).await;
    bench.directory.set_capacity(&id("a"), Some(2), None, Seen::Unasked).await.unwrap();
    bench.directory.withdraw(&id("a"), Seen::Unasked).await.unwrap();
    assert_eq!(bench.directory.list(bench.us()), []);
    let report = bench.import(&json!([service("a")])).await;
    assert_eq!(report.created, 1);
    assert_eq!(bench.reload().await.list(bench.us()).len(), 1);
}

#[tokio::test]
async fn a_service_is_taken_back_once_and_only_as_it_was_seen() {
    let bench = Bench::new("hub").await;
    bench.import(&json!([service("a")])).await;
    let sequence = || {
        let key = RecordKey::Service(id("a"));
        bench.directory.read(|records| records.held(bench.us(), &key).unwrap().record.sequence)
    };
    let unknown = bench.directory.withdraw(&id("b"), Seen::Unasked).await;
    assert!(matches!(unknown, Err(DirectoryError::UnknownService(_))));
    let seen = Seen::This(Some(bench.directory.service(bench.us(), &id("a")).unwrap().signed_at));
    bench.clock.shift(Span::minutes(1));
    let offer = WalkIn { hours: "Tu 14:00-17:00".to_owned(), places_a_week: None };
    bench.directory.set_walk_in(&id("a"), Some(offer), Seen::Unasked).await.unwrap();
    let stale = bench.directory.withdraw(&id("a"), seen).await;
    assert!(matches!(stale, Err(DirectoryError::Changed)), "a colleague changed it meanwhile");
    assert_eq!((bench.directory.withdrawn(bench.us(), &id("a")), sequence()), (None, 2));
    let at = bench.clock.now();
    let signed_at = bench.directory.service(bench.us(), &id("a")).unwrap().signed_at;
    let gone = bench.directory.withdraw(&id("a"), Seen::This(Some(signed_at))).await.unwrap();
    let Withdrawal::Now(when) = gone else { panic!("taken back for the first time") };
    assert!(when >= at && bench.directory.withdrawn(bench.us(), &id("a")) == Some(when));
    bench.clock.shift(Span::hours(1));
    let again = bench.directory.withdraw(&id("a"), Seen::Unasked).await.unwrap();
    assert_eq!((again, sequence()), (Withdrawal::Before(when), 3), "taken back twice, it is signed once");
    // What was taken back is published by a file alone, above every sequence before, also after a start.
    let reloaded = bench.reload().await;
    assert_eq!(reloaded.withdrawn(bench.us(), &id("a")), Some(when));
    let mut silent = service("a");
    silent["relais"].as_object_mut().unwrap().remove("walk_in");
    reloaded.import(json!([silent]).to_string().as_bytes()).await.unwrap();
    let key = RecordKey::Service(id("a"));
    let held = reloaded.read(|records| records.held(bench.us(), &key).cloned()).unwrap();
    assert_eq!((held.record.sequence, reloaded.withdrawn(bench.us(), &id("a"))), (4, None));
    assert!(reloaded.offer(bench.us(), &id("a")).is_none(), "its offer does not come back with it");
}

#[tokio::test]
async fn what_ends_soon_is_signed_anew() {
    let bench = Bench::new("hub").await;
    bench.import(&json!([service("a")])).await;
    let before = bench.directory.identities(bench.us());
    bench.directory.renew().await.unwrap();
    assert_eq!(bench.directory.identities(bench.us()), before);
    bench.clock.shift(Span::days(31));
    bench.directory.renew().await.unwrap();
    assert_ne!(bench.directory.identities(bench.us()), before);
    bench.clock.shift(Span::days(89));
    assert_eq!(bench.directory.list(bench.us()).len(), 1);
    bench.clock.shift(Span::days(200));
    bench.directory.sweep().await.unwrap();
    let report = bench.reload().await.import(json!([service("a")]).to_string().as_bytes()).await.unwrap();
    assert_eq!(report.created, 1);
    let sequences: Vec<u64> = {
        let records = bench.directory.records_of(bench.us()).await.unwrap();
        records.iter().map(|one| one.record.sequence).collect()
    };
    assert_eq!(sequences, [3]);
}

async fn partner_with(service_id: &str) -> (Bench, Vec<SignedRecord>) {
    let partner = Bench::new("partner").await;
    partner.import(&json!([service(service_id)])).await;
    let records = partner.directory.records_of(partner.us()).await.unwrap();
    (partner, records)
}

#[tokio::test]
async fn records_of_a_partner_are_found_kept_and_forgotten() {
    let us = Bench::new("agency").await;
    let (partner, records) = partner_with("a").await;
    let chain = partner.own.chain();
    assert_eq!(us.directory.admit_from_peer(&records[0].bytes, &chain).await.unwrap(), Admitted::New);
    assert_eq!(us.directory.admit_from_peer(&records[0].bytes, &chain).await.unwrap(), Admitted::Same);
    let theme = Theme::parse(THEME).unwrap();
    let (filters, day) = (Filters::default(), us.clock.now().day());
    let question = Question { theme, commune: la_rochelle(), filters, limit: 10, after: None, day };
    let everyone = |_: &Door| Some(Standing::Partner(None));
    let found = us.directory.find(&question, everyone);
    assert_eq!(found.total, 1);
    let is_theirs =
        |door: &Door| matches!(door, Door::Published { structure, .. } if *structure == partner.us());
    assert!(is_theirs(&found.found[0].door));
    assert_eq!(us.reload().await.find(&question, everyone), found);
    assert_eq!(us.directory.identities(partner.us()), partner.directory.identities(partner.us()));
    let others = |door: &Door| everyone(door).filter(|_| !is_theirs(door));
    assert_eq!(us.directory.find(&question, others).total, 0);
    us.directory.forget(partner.us()).await.unwrap();
    assert_eq!(us.reload().await.find(&question, everyone).total, 0);
}

#[tokio::test]
async fn a_record_signed_by_no_partner_is_refused() {
    let us = Bench::new("agency").await;
    let (_, records) = partner_with("a").await;
    let stranger = Bench::new("stranger").await;
    let refused = us.directory.admit_from_peer(&records[0].bytes, &stranger.own.chain()).await;
    assert!(matches!(refused, Err(AdmitError::Record(RecordError::WrongSigner))), "{refused:?}");
    let own = us.directory.admit_from_peer(&records[0].bytes, &us.own.chain()).await;
    assert!(matches!(own, Err(AdmitError::Own)));
    let mut forged = records[0].record.clone();
    forged.structure = stranger.us();
    let forged = SignedRecord::sign(&forged, us.own.signing()).unwrap();
    let refused = us.directory.admit_from_peer(&forged.bytes, &stranger.own.chain()).await;
    assert!(matches!(refused, Err(AdmitError::Record(RecordError::Signed(_)))), "{refused:?}");
    let mut unknown = records[0].record.clone();
    (unknown.structure, unknown.manifest) = (stranger.us(), 7);
    let unknown = SignedRecord::sign(&unknown, stranger.own.signing()).unwrap();
    let refused = us.directory.admit_from_peer(&unknown.bytes, &stranger.own.chain()).await;
    assert!(matches!(refused, Err(AdmitError::Record(RecordError::Manifest))), "{refused:?}");
}

fn changed(record: &Record, sequence: u64, name: &str) -> Record {
    let mut record = Record { sequence, ..record.clone() };
    if let Body::Service(service) = &mut record.body {
        service.name = name.to_owned();
    }
    record
}

#[tokio::test]
async fn two_records_with_one_sequence_are_kept_as_proof() {
    let us = Bench::new("agency").await;
    let (partner, records) = partner_with("a").await;
    let chain = partner.own.chain();
    us.directory.admit_from_peer(&records[0].bytes, &chain).await.unwrap();
    for name in ["Autre", "Encore"] {
        let other = SignedRecord::sign(&changed(&records[0].record, 1, name), partner.own.signing()).unwrap();
        let refused = us.directory.admit_from_peer(&other.bytes, &chain).await;
        let equivocation = AdmitError::Refused(DirectoryRefusal::Equivocation { held: records[0].identity });
        assert_eq!(refused.unwrap_err().to_string(), equivocation.to_string());
    }
    let proofs = us.reload().await.conflicts().await.unwrap();
    assert_eq!(proofs.len(), 1);
    assert_eq!(proofs[0].held, records[0].bytes);
    assert_eq!(SignedRecord::read(&proofs[0].refused).unwrap().record.sequence, 1);
    assert_eq!(us.store.refusals().await.unwrap()[0].code, "directory_equivocation");
    assert_eq!(us.directory.list(partner.us())[0].service.name, "Se connecter");
    assert_eq!(us.directory.records_of(partner.us()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_older_a_future_and_an_expired_record_are_refused() {
    let us = Bench::new("agency").await;
    let (partner, records) = partner_with("a").await;
    let (chain, first) = (partner.own.chain(), &records[0].record);
    let sign = |record: &Record| SignedRecord::sign(record, partner.own.signing()).unwrap().bytes;
    let newer = sign(&changed(first, 5, "Neuf"));
    assert_eq!(us.directory.admit_from_peer(&newer, &chain).await.unwrap(), Admitted::New);
    let refusal = async |record: Record| match us.directory.admit_from_peer(&sign(&record), &chain).await {
        Err(AdmitError::Refused(refusal)) => refusal,
        other => panic!("refused by the directory, not {other:?}"),
    };
    assert_eq!(refusal(first.clone()).await, DirectoryRefusal::Older { held: 5 });
    let later = first.issued_at.plus(CLOCK_TOLERANCE).plus(Span::minutes(1));
    let future =
        Record { sequence: 6, issued_at: later, expires_at: later.plus(Span::days(30)), ..first.clone() };
    assert_eq!(refusal(future).await, DirectoryRefusal::FromTheFuture);
    let long = Record { sequence: 6, expires_at: first.issued_at.plus(Span::days(91)), ..first.clone() };
    assert_eq!(refusal(long).await, DirectoryRefusal::Lifetime);
    us.clock.shift(Span::days(60));
    assert_eq!(refusal(Record { sequence: 6, ..first.clone() }).await, DirectoryRefusal::Expired);
    us.directory.sweep().await.unwrap();
    assert_eq!(us.directory.records_of(partner.us()).await.unwrap(), []);
    assert_eq!(us.store.documents(Shelf::Record, &[]).await.unwrap().len(), 1, "its floor");
    us.clock.shift(Span::days(90));
    us.directory.sweep().await.unwrap();
    assert!(us.store.documents(Shelf::Record, &[]).await.unwrap().is_empty());
    const { assert!(RECORDS_PER_STRUCTURE_MAX >= 2 * IMPORT_SERVICES_MAX) };
}
