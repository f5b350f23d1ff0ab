//! Whole runs over a memory store.

use super::super::super::inclusion::Wrong;
use super::super::*;
use crate::directory::{Effect, Remark, Said, SeedError, SeedReport};
use relais_domain::directory::Backing;
use relais_domain::id::ServiceId;
use relais_store::memory::{Fault, Faults, MemoryStore};
use serde_json::json;
use std::sync::atomic::{AtomicU32, Ordering};

const SIRET: &str = "13003013300016";

struct Bench {
    store: Arc<dyn Store>,
    open: Arc<OpenData>,
    clock: Clock,
}

impl Bench {
    fn new() -> Self {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let clock = Clock::system();
        let open = Arc::new(OpenData::new(Arc::clone(&store), clock.clone(), Dice::system().unwrap()));
        Self { store, open, clock }
    }

    async fn seed(&self, value: &Value) -> Result<(SeedReport, Vec<Remark>), SeedError> {
        self.seed_as("data-inclusion", &[value.to_string()]).await
    }

    async fn seed_as(&self, name: &str, files: &[String]) -> Result<(SeedReport, Vec<Remark>), SeedError> {
        let mut run = self.open.seed(name).await?;
        let mut remarks = Vec::new();
        for file in files {
            run.begin_file().await?;
            for piece in file.as_bytes().chunks(100) {
                run.take(piece).await?;
                remarks.extend(run.progress().1);
            }
        }
        let report = run.end().await?;
        remarks.extend(run.progress().1);
        Ok((report, remarks))
    }

    async fn ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        let mut number = 0;
        while let Some(entry) = self.open.entry(number).await.unwrap() {
            ids.push(entry.service.id.to_string());
            number += 1;
        }
        ids.sort();
        ids
    }

    async fn documents(&self) -> usize {
        self.store.documents(Shelf::OpenData, &[]).await.unwrap().len()
    }
}

fn open(store: &Arc<dyn Store>) -> Arc<OpenData> {
    Arc::new(OpenData::new(Arc::clone(store), Clock::system(), Dice::system().unwrap()))
}

fn service(id: &str) -> Value {
    json!({"source": "dora", "structure_id": "dora--s1", "id": id, "nom": "Se connecter", "description": "Une connexion.",
        "date_maj": "2026-09-01", "thematiques": ["numerique--acceder-a-une-connexion-internet"], "code_insee": "17300",
        "contact_nom_prenom": "Jeanne Exemple"})
}

fn structure(id: &str, siret: Option<&str>) -> Value {
    json!({"source": "dora", "id": id, "nom": "Espace", "date_maj": "2026-10-01", "siret": siret,
        "telephone": "+33199000012", "lien_source": "https://exemple.fr/s1"})
}

fn with(mut object: Value, field: &str, value: Value) -> Value {
    object[field] = value;
    object
}

fn dump(services: &[Value]) -> Value {
    json!({"services": services, "structures": [structure("dora--s1", Some(SIRET))]})
}

fn reasons(remarks: &[Remark]) -> Vec<(Effect, &str, &str)> {
    let of = |one: &Remark| match &one.said {
        Said::Wrong(wrong) => wrong.reason(),
        Said::Former(_) => "former_commune",
    };
    remarks.iter().map(|one| (one.effect, one.id.as_str(), of(one))).collect()
}

#[tokio::test]
async fn a_dump_is_held_and_another_one_takes_its_place() {
    let bench = Bench::new();
    let (report, remarks) = bench.seed(&dump(&[service("dora--a"), service("dora--b")])).await.unwrap();
    assert_eq!((report.created, report.again, report.gone), (2, 0, 0));
    assert_eq!(remarks, []);
    let entry = bench.open.entry_of("dora--a").await.unwrap().unwrap().0;
    assert_eq!((entry.structure_id.as_str(), entry.producer.as_str()), ("dora--s1", "dora"));
    let of = entry.structure.unwrap();
    assert_eq!((of.siret.as_deref(), of.sites[0].phone.as_deref()), (Some(SIRET), Some("+33199000012")));
    assert_eq!(of.link.as_deref(), Some("https://exemple.fr/s1"));
    assert!(bench.open.entry_of("dora--x").await.unwrap().is_none());
    let changed = with(service("dora--b"), "nom", json!("Autrement"));
    let (report, _) = bench.seed(&dump(&[changed, service("dora--c")])).await.unwrap();
    assert_eq!((report.created, report.again, report.gone), (1, 1, 1));
    assert_eq!(bench.ids().await, ["dora--b", "dora--c"]);
    let entry = bench.open.entry_of("dora--b").await.unwrap().unwrap().0;
    assert_eq!(entry.service.name, "Autrement");
    // Two services, a structure, and what is known of the source.
    assert_eq!(bench.documents().await, 4);
    let status = bench.open.status();
    assert_eq!((status.loaded, status.loading, status.sources.len()), (2, false, 1));
    assert_eq!(status.sources[0].newest.to_string(), "2026-10-01");
}

#[tokio::test]
async fn a_source_is_removed_whole_and_no_other() {
    let bench = Bench::new();
    let unknown = bench.open.remove("data-inclusion").await.unwrap_err().to_string();
    assert_eq!(unknown, "no source is called this: none is held");
    bench.seed(&dump(&[service("dora--a"), service("dora--b")])).await.unwrap();
    bench.seed_as("autre", &[json!([service("autre--c")]).to_string()]).await.unwrap();
    let unknown = bench.open.remove("dora").await.unwrap_err().to_string();
    assert_eq!(unknown, "no source is called this: held are data-inclusion, autre");
    for bad in ["", " ", "deux\nlignes", &"é".repeat(61)] {
        assert!(matches!(bench.open.remove(bad).await, Err(SeedError::SourceName)), "{bad:?}");
    }
    let removed = bench.open.remove(" data-inclusion ").await.unwrap();
    assert_eq!((removed.services, removed.structures), (2, 1));
    assert_eq!(bench.ids().await, ["autre--c"]);
    assert!(bench.open.entry_of("dora--a").await.unwrap().is_none());
    // A service and what is known of its source.
    assert_eq!(bench.documents().await, 2);
    assert!(matches!(bench.open.remove("data-inclusion").await, Err(SeedError::UnknownSource(_))));
    let run = bench.open.seed("data-inclusion").await.unwrap();
    assert!(matches!(bench.open.remove("autre").await, Err(SeedError::Busy)), "someone seeds");
    drop(run);
    let (report, _) = bench.seed(&dump(&[service("dora--a")])).await.unwrap();
    assert_eq!((report.created, bench.ids().await), (1, vec!["autre--c".to_owned(), "dora--a".to_owned()]));
    assert_eq!(bench.store.ledger_size().await.unwrap(), 4, "each seed and removal is a leaf");
}

/// Wherever the machine dies, a source is there whole after the next start, or not at all.
#[tokio::test]
async fn a_removal_that_breaks_off_leaves_the_whole_or_nothing() {
    let services: Vec<Value> = (0..600).map(|one| service(&format!("dora--n{one}"))).collect();
    let memory = Arc::new(MemoryStore::new());
    let over = |memory: &Arc<MemoryStore>| -> Arc<dyn Store> { Arc::clone(memory) as Arc<dyn Store> };
    let store = over(&memory);
    Bench { open: open(&store), store, clock: Clock::system() }.seed(&dump(&services)).await.unwrap();
    let (mut kept, mut gone) = (0, 0);
    for commit in 1.. {
        for fault in [Fault::CrashBefore, Fault::CrashAfter] {
            let dying = Arc::new(memory.copy().restart_with(Faults::at(commit, fault)));
            let at_it = open(&over(&dying));
            at_it.load().await.unwrap();
            if at_it.remove("data-inclusion").await.is_ok() {
                assert!(commit > 4, "it wrote {commit} times only");
                assert!(kept == 1 && gone > 4, "{kept} {gone}");
                return;
            }
            // What is in memory by then is all of it, or nothing.
            let loaded = at_it.status().loaded;
            assert!(matches!(loaded, 0 | 600), "{loaded} are found");
            let store = over(&Arc::new(dying.restart()));
            let again = Bench { open: open(&store), store, clock: Clock::system() };
            again.open.load().await.unwrap();
            match (again.ids().await.len(), again.documents().await) {
                (600, 602) => kept += 1,
                (0, 0) => gone += 1,
                other => panic!("{fault:?} at {commit}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn no_name_of_a_contact_is_stored() {
    let bench = Bench::new();
    bench.seed(&dump(&[service("dora--a")])).await.unwrap();
    for document in bench.store.documents(Shelf::OpenData, &[]).await.unwrap() {
        assert!(!String::from_utf8_lossy(&document.body).contains("Jeanne"));
    }
}

#[tokio::test]
async fn a_run_that_breaks_off_leaves_everything_as_it_was() {
    let bench = Bench::new();
    bench.seed(&dump(&[service("dora--a"), service("dora--b")])).await.unwrap();
    let services: Vec<Value> = (0..600).map(|one| service(&format!("dora--n{one}"))).collect();
    let text = dump(&services).to_string();
    let mut run = bench.open.seed("data-inclusion").await.unwrap();
    run.begin_file().await.unwrap();
    run.take(&text.as_bytes()[..text.len() - 200]).await.unwrap();
    let written = bench.documents().await;
    assert!(written > 500, "the run had written: {written}");
    let cut = run.end().await.unwrap_err();
    assert!(matches!(cut, SeedError::Dump(_)), "{cut}");
    drop(run);
    assert_eq!(bench.ids().await, ["dora--a", "dora--b"]);
    // The same after a crash: what was written is cleared away.
    let again = Bench { open: open(&bench.store), store: Arc::clone(&bench.store), clock: Clock::system() };
    again.open.load().await.unwrap();
    assert_eq!(again.ids().await, ["dora--a", "dora--b"]);
    assert_eq!(again.documents().await, 4);
    let (report, _) = again.seed(&dump(&services)).await.unwrap();
    assert_eq!((report.created, report.gone), (600, 2));
    assert_eq!(again.documents().await, 602);
}

#[tokio::test]
async fn what_is_wrong_is_told_and_the_rest_is_held() {
    let bench = Bench::new();
    let lines = [
        structure("dora--s1", None),
        structure("dora--s1", None),
        structure("dora--s2", Some("1 2")),
        service("dora--a"),
        service("dora--a"),
        with(service("dora--b"), "thematiques", json!(["numerique--nouveau"])),
        with(service("dora--c"), "code_insee", json!("99999")),
        with(with(service("dora--d"), "code_insee", json!("69381")), "zone_eligibilite", json!(["69381"])),
        with(service("dora--e"), "zone_eligibilite", json!(["99999"])),
        with(service("dora--f"), "zone_eligibilite", json!(["99999", "17"])),
        with(service("dora--g"), "presentation_resume", json!("Avant la version 1")),
        with(service("dora--h"), "description", json!("é".repeat(10_000))),
        with(service("dora--i"), "telephone", json!("à l’accueil")),
        with(service("dora--j"), "id", json!(7)),
    ];
    let mut text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    text.push_str("{\"id\": \"dora--k\",\n");
    text.push_str(&format!("{}\n", service("dora--l")));
    let (report, remarks) = bench.seed_as("data-inclusion", &[text]).await.unwrap();
    assert_eq!(bench.ids().await, ["dora--a", "dora--d", "dora--f", "dora--i", "dora--l"]);
    let (refused, aside, replaced) = (Effect::Refused, Effect::SetAside, Effect::Replaced);
    let wanted = [
        (refused, "dora--s1", "structure_twice"),
        (refused, "dora--s2", "not_a_siret"),
        (refused, "dora--a", "service_twice"),
        (refused, "dora--b", "unknown_theme"),
        (refused, "dora--c", "unknown_territory"),
        (replaced, "dora--d", "former_commune"),
        (replaced, "dora--d", "former_commune"),
        (refused, "dora--e", "unknown_territory"),
        (aside, "dora--f", "unknown_territory"),
        (refused, "dora--g", "former_version"),
        (refused, "dora--h", "entry_too_big"),
        (aside, "dora--i", "not_a_phone"),
        (refused, "", "not_text"),
        (refused, "", "not_json"),
    ];
    assert_eq!(reasons(&remarks), wanted);
    assert_eq!(remarks.iter().map(|one| one.line).collect::<Vec<_>>()[..3], [2, 3, 5]);
    assert_eq!((report.read.refused, report.read.services, report.read.structures), (10, 5, 1));
    assert_eq!(report.counts[&(refused, "unknown_territory")], 2);
    let entry = bench.open.entry_of("dora--f").await.unwrap().unwrap().0;
    assert_eq!(entry.service.coverage.to_string(), "17");
    assert_eq!(bench.open.entry_of("dora--i").await.unwrap().unwrap().0.service.phone, None);
    assert_eq!(
        bench.open.entry_of("dora--d").await.unwrap().unwrap().0.service.commune.unwrap().as_str(),
        "69123"
    );
}

#[tokio::test]
async fn the_first_thousand_are_told_and_the_rest_is_counted() {
    let bench = Bench::new();
    let bad = (0..1_500).map(|one| with(service(&format!("dora--{one}")), "frais", json!("cher")));
    let services: Vec<Value> = bad.chain([service("dora--good")]).collect();
    let (report, remarks) = bench.seed(&dump(&services)).await.unwrap();
    assert_eq!(remarks.len(), 1_000);
    assert_eq!(report.counts[&(Effect::Refused, "unknown_value")], 1_500);
    assert_eq!((report.read.refused, report.read.services), (1_500, 1));
}

#[tokio::test]
async fn what_is_no_dump_takes_no_ones_place() {
    let bench = Bench::new();
    bench.seed(&dump(&[service("dora--a")])).await.unwrap();
    let bad = with(service("dora--b"), "frais", json!("cher"));
    for text in [
        "[".to_owned(),
        "hello".to_owned(),
        "[]".to_owned(),
        String::new(),
        "{\"schema_version\": \"0.18\", \"services\": []}".to_owned(),
        json!([structure("dora--s1", None)]).to_string(),
        json!([bad]).to_string(),
    ] {
        let refused = bench.seed_as("data-inclusion", std::slice::from_ref(&text)).await;
        assert!(matches!(refused, Err(SeedError::Dump(_) | SeedError::Empty(_))), "{text}: {refused:?}");
    }
    for name in ["", " ", &"x".repeat(61), "a\u{202e}b"] {
        assert!(matches!(bench.seed_as(name, &[]).await, Err(SeedError::SourceName)), "{name:?}");
    }
    assert!(matches!(bench.open.seed("x").await.unwrap().take(b"[").await, Err(SeedError::NoFile)));
    assert_eq!(bench.ids().await, ["dora--a"]);
}

#[tokio::test]
async fn one_run_at_a_time() {
    let bench = Bench::new();
    let run = bench.open.seed("a").await.unwrap();
    assert!(matches!(bench.open.seed("b").await, Err(SeedError::Busy)));
    drop(run);
    assert!(bench.open.seed("b").await.is_ok());
}

#[tokio::test]
async fn sources_are_seeded_apart_and_bring_a_service_once() {
    let bench = Bench::new();
    bench.seed_as("un", &[dump(&[service("dora--a"), service("dora--b")]).to_string()]).await.unwrap();
    let (report, remarks) =
        bench.seed_as("deux", &[dump(&[service("dora--b"), service("dora--c")]).to_string()]).await.unwrap();
    assert_eq!(report.created, 1);
    let told = &remarks[0];
    assert_eq!(told.said, Said::Wrong(Wrong::OtherSource("un".to_owned())));
    assert_eq!(bench.ids().await, ["dora--a", "dora--b", "dora--c"]);
    assert_eq!(bench.open.entry_of("dora--c").await.unwrap().unwrap().0.source, "deux");
    bench.seed_as("un", &[dump(&[service("dora--d")]).to_string()]).await.unwrap();
    assert_eq!(bench.ids().await, ["dora--c", "dora--d"]);
    for name in ["trois", "quatre"] {
        let one = service(&format!("dora--{name}"));
        bench.seed_as(name, &[dump(&[one]).to_string()]).await.unwrap();
    }
    assert!(matches!(bench.open.seed("cinq").await, Err(SeedError::TooManySources)));
    let again = open(&bench.store);
    again.load().await.unwrap();
    assert_eq!(again.status().sources, bench.open.status().sources);
}

#[tokio::test]
async fn structures_and_services_may_lie_in_files_of_their_own() {
    let bench = Bench::new();
    let services = json!([service("dora--a")]).to_string();
    let structures =
        "id,nom,source,date_maj,siret\r\ndora--s1,Espace,dora,2026-09-01T00:00:00,13003013300016\r\n";
    let (report, remarks) = bench.seed_as("x", &[services, structures.to_owned()]).await.unwrap();
    assert_eq!((report.read.structures, report.read.services, remarks), (1, 1, vec![]));
    let entry = bench.open.entry_of("dora--a").await.unwrap().unwrap().0;
    assert_eq!(entry.structure.unwrap().siret.as_deref(), Some(SIRET));
}

#[tokio::test]
async fn what_is_walked_is_what_is_held() {
    let bench = Bench::new();
    let (begun, ended) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (count_begun, count_ended, note) = (Arc::clone(&begun), Arc::clone(&ended), Arc::clone(&seen));
    bench.open.walk_with(Arc::new(move |walked| match walked {
        Walked::Begun => {
            count_begun.fetch_add(1, Ordering::Relaxed);
            note.lock().unwrap().clear();
        }
        Walked::Past(passed) => note.lock().unwrap().push((passed.number, passed.service.id.to_string())),
        Walked::Ended => {
            count_ended.fetch_add(1, Ordering::Relaxed);
        }
    }));
    bench.seed(&dump(&[service("dora--a"), service("dora--b"), service("dora--c")])).await.unwrap();
    assert_eq!((begun.load(Ordering::Relaxed), ended.load(Ordering::Relaxed)), (1, 1));
    let walked = seen.lock().unwrap().clone();
    assert_eq!(walked.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [0, 1, 2]);
    for (number, id) in walked {
        assert_eq!(bench.open.entry(number).await.unwrap().unwrap().service.id.to_string(), id);
    }
}

#[tokio::test]
async fn a_signed_record_takes_its_place_only_if_it_is_believed() {
    let bench = Bench::new();
    let other = with(service("dora--b"), "structure_id", json!("dora--s2"));
    bench.seed(&dump(&[service("dora--a"), other])).await.unwrap();
    let hidden = || {
        let mut hidden = Vec::new();
        for number in 0..2 {
            hidden.push(bench.open.is_hidden(number));
        }
        hidden.iter().filter(|one| **one).count()
    };
    let profile = Profile { siret: Some(SIRET.to_owned()), ..Profile::default() };
    let heard = |voucher| {
        let mut claims = Claims::default();
        claims.hear(voucher, Some(&profile), &[]);
        claims
    };
    bench.open.hear((1, 1), || heard(Backing::Nobody));
    assert_eq!(hidden(), 0, "a stranger claims the SIRET");
    bench.open.hear((1, 2), || heard(Backing::Partner));
    assert_eq!((hidden(), bench.open.status().hidden), (1, 1));
    let mut claims = Claims::default();
    let own = ServiceId::parse("dora--s2--wifi").unwrap();
    claims.hear(Backing::Own, None, [&own]);
    bench.open.hear((1, 2), || panic!("the same state"));
    bench.open.hear((2, 2), || panic!("the directory was asked within this second"));
    bench.clock.shift(Span::seconds(2));
    bench.open.hear((2, 2), || claims);
    assert_eq!(hidden(), 1, "a structure the dump does not have, by its id");
    // It stays so after the next seed.
    bench.seed(&dump(&[with(service("dora--b"), "structure_id", json!("dora--s2"))])).await.unwrap();
    assert!(bench.open.is_hidden(0));
    bench.open.hear((2, 3), Claims::default);
    assert!(!bench.open.is_hidden(0));
}
