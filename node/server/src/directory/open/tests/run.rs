//! Whole runs over a memory store.

use super::super::super::inclusion::Wrong;
use super::super::*;
use crate::directory::{Effect, Remark, Said, SeedError, SeedReport};
use relais_domain::directory::{self as domain, Backing, Door, Filters, Question, Standing};
use relais_domain::theme::Theme;
use relais_store::memory::{Fault, Faults, MemoryStore};
use serde_json::json;

const SIRET: &str = "13003013300016";

struct Bench {
    store: Arc<dyn Store>,
    open: Arc<OpenData>,
    clock: Clock,
}

impl Bench {
    fn new() -> Self {
        Self::over(Arc::new(MemoryStore::new()))
    }

    fn over(store: Arc<dyn Store>) -> Self {
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
        for number in self.numbers() {
            let entry = self.open.entry(number).await.unwrap().unwrap();
            ids.push(entry.service.id.to_string());
        }
        ids.sort();
        ids
    }

    fn numbers(&self) -> std::ops::Range<u32> {
        self.open.read(Index::numbers)
    }

    fn hidden(&self) -> usize {
        self.numbers().filter(|number| self.open.is_hidden(*number)).count()
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
            let removed = at_it.remove("data-inclusion").await;
            assert_eq!(removed.is_ok(), commit > 1, "it is done as soon as nothing is found any more");
            if dying.commits() < commit {
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

/// The machine dies between two parts of what is cleared away: nothing of it stays, and nothing comes back.
#[tokio::test]
async fn what_is_cleared_halfway_is_cleared_by_the_next() {
    let many = |name: &str, count: usize| -> Value {
        let services: Vec<Value> = (0..count).map(|one| service(&format!("dora--{name}{one}"))).collect();
        dump(&services)
    };
    // A run breaks off after 600 services; clearing it dies after so many commits.
    for commits in 1..=4 {
        let memory = Arc::new(MemoryStore::new());
        let bench = Bench::over(Arc::clone(&memory) as Arc<dyn Store>);
        bench.seed(&dump(&[service("dora--a")])).await.unwrap();
        let mut run = bench.open.seed("data-inclusion").await.unwrap();
        run.begin_file().await.unwrap();
        let text = many("old", 600).to_string();
        run.take(&text.as_bytes()[..text.len() - 200]).await.unwrap();
        drop(run);
        let memory = Arc::new(memory.restart_with(Faults::at(commits, Fault::CrashAfter)));
        let bench = Bench::over(Arc::clone(&memory) as Arc<dyn Store>);
        // The crash may come in the last commit of it or none.
        let _ = bench.open.load().await;
        let bench = Bench::over(Arc::new(memory.restart()) as Arc<dyn Store>);
        bench.open.load().await.unwrap();
        assert_eq!(bench.documents().await, 3, "{commits}: a source, a structure, a service");
        bench.seed(&many("new", 300)).await.unwrap();
        assert_eq!((bench.ids().await.len(), bench.documents().await), (300, 302), "{commits}");
    }
}

/// What lies there without a note, as former releases left it, is not taken for what a run writes under the same number.
#[tokio::test]
async fn a_number_that_comes_round_brings_nothing_back() {
    let bench = Bench::new();
    bench.seed(&dump(&[service("dora--a")])).await.unwrap();
    let document = bench.store.documents(Shelf::OpenData, &[2, 0, 0]).await.unwrap().remove(0);
    let mut key = document.key.clone();
    (key[2], key[5]) = (1, 1);
    let left = shelf::write(key, Some(document.body));
    let batch = relais_store::batch::Batch { documents: vec![left], ..Default::default() };
    bench.store.commit(batch).await.unwrap();
    let services: Vec<Value> = (0..300).map(|one| service(&format!("dora--n{one}"))).collect();
    bench.seed(&dump(&services)).await.unwrap();
    assert_eq!((bench.ids().await.len(), bench.documents().await), (300, 302));
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
    assert!(bench.open.seed(&"é".repeat(60)).await.is_ok());
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

/// Who searches finds the former entries or the new ones, and never a number that means another entry.
#[tokio::test]
async fn entries_take_the_place_of_the_former_ones_in_one_go() {
    let bench = Bench::new();
    let found = Arc::new(std::sync::Mutex::new(domain::Directory::default()));
    let (through, open) = (Arc::clone(&found), Arc::downgrade(&bench.open));
    bench.open.found_through(Arc::new(move |entries, meanwhile| {
        let open = open.upgrade().unwrap();
        let before = open.read(Index::numbers);
        let mut found = through.lock().unwrap();
        meanwhile();
        found.replace_open(entries);
        let after = open.read(Index::numbers);
        assert_eq!(after.start, before.end, "no number is that of another entry");
        // A number of the former reading is nobody's any more, and is not shown.
        assert!(before.clone().all(|number| open.is_hidden(number)));
    }));
    let theme = Theme::parse("numerique--acceder-a-une-connexion-internet").unwrap();
    let commune = relais_domain::territory::commune("17300").unwrap().commune();
    let doors = || -> Vec<Door> {
        let filters = Filters { doors: domain::Doors::All, ..Filters::default() };
        let question =
            Question { theme, commune, filters, limit: 10, after: None, day: bench.clock.now().day() };
        let found = found.lock().unwrap().find(&question, bench.clock.now(), |_| Some(Standing::Unverified));
        found.found.into_iter().map(|found| found.door).collect()
    };
    assert_eq!(bench.open.readings(), 0);
    for (seed, ids) in [["dora--a", "dora--b"], ["dora--b", "dora--c"]].into_iter().enumerate() {
        bench.seed(&dump(&ids.map(service))).await.unwrap();
        assert_eq!(bench.open.readings(), u64::try_from(seed).unwrap() + 2);
        let mut shown = Vec::new();
        for door in doors() {
            let Door::Open(number) = door else { panic!("{door:?}") };
            shown.push(bench.open.entry(number).await.unwrap().unwrap().service.id.to_string());
        }
        shown.sort();
        assert_eq!(shown, ids);
    }
    assert!(bench.open.entry(0).await.unwrap().is_none());
}

/// While a seed is read the former entries are found with their words; when it cannot be read they still are, and the next
/// seed overwrites nothing that holds.
#[tokio::test]
async fn what_was_found_keeps_its_words_until_the_new_ones_are_read() {
    let memory = Arc::new(MemoryStore::new());
    let bench = Bench::over(Arc::clone(&memory) as Arc<dyn Store>);
    bench.seed(&dump(&[service("dora--a")])).await.unwrap();
    let commits = memory.commits();
    // The note of the run, its entries, and the turn: then clearing away fails.
    let faults = Faults::at(4, Fault::Full);
    let memory = Arc::new(memory.restart_with(faults));
    let bench = Bench::over(Arc::clone(&memory) as Arc<dyn Store>);
    bench.seed(&dump(&[service("dora--b")])).await.unwrap();
    assert!(memory.commits() >= 4 && commits > 0, "it failed");
    assert_eq!(bench.ids().await, ["dora--b"], "what could not be cleared away makes no seed fail");
    bench.seed(&dump(&[service("dora--c")])).await.unwrap();
    assert_eq!((bench.ids().await, bench.documents().await), (vec!["dora--c".to_owned()], 3));
}

/// Lists of values and communes change from release to release.
#[tokio::test]
async fn entries_that_can_be_read_no_more_are_counted() {
    let bench = Bench::new();
    bench.seed(&dump(&[service("dora--a"), service("dora--b"), service("dora--c")])).await.unwrap();
    assert_eq!(bench.open.status().sources[0].unreadable, 0);
    let documents = bench.store.documents(Shelf::OpenData, &[2, 0, 0]).await.unwrap();
    let written = documents.into_iter().take(2).map(|document| {
        let body = String::from_utf8(document.body).unwrap().replace("17300", "99999");
        shelf::write(document.key, Some(body.into_bytes()))
    });
    let batch = relais_store::batch::Batch { documents: written.collect(), ..Default::default() };
    bench.store.commit(batch).await.unwrap();
    bench.open.load().await.unwrap();
    assert_eq!(bench.open.status().loaded, 3, "what is shown is taken to be what is stored");
    bench.open.is_outdated();
    bench.open.load().await.unwrap();
    let status = bench.open.status();
    assert_eq!((status.loaded, status.sources[0].services, status.sources[0].unreadable), (1, 3, 2));
}

#[tokio::test]
async fn a_signed_record_takes_its_place_only_if_it_is_believed() {
    let bench = Bench::new();
    let other = with(service("dora--b"), "structure_id", json!("dora--42"));
    bench.seed(&dump(&[service("dora--a"), other])).await.unwrap();
    let profile = Profile { siret: Some(SIRET.to_owned()), ..Profile::default() };
    let heard = |voucher| {
        let mut claims = Claims::default();
        claims.hear(voucher, Some(&profile), &[]);
        claims
    };
    bench.open.hear((1, 1), || heard(Backing::Nobody));
    assert_eq!(bench.hidden(), 0, "a stranger claims the SIRET");
    bench.open.hear((1, 2), || heard(Backing::Partner));
    assert_eq!((bench.hidden(), bench.open.status().hidden), (1, 1));
    let mut claims = Claims::default();
    let described = json!({"source": "dora", "id": "dora--42", "nom": "Essai", "date_maj": "2026-09-01"});
    let profile = read_structure(&body::encode(Kind::Structure, described.as_object().unwrap()).unwrap());
    claims.hear(Backing::Own, profile.as_ref(), []);
    bench.open.hear((1, 2), || panic!("the same state"));
    bench.open.hear((2, 2), || panic!("the directory was asked within this second"));
    bench.clock.shift(Span::seconds(2));
    bench.open.hear((2, 2), || claims);
    assert_eq!(bench.hidden(), 1, "a structure the dump does not have, by its id");
    // It stays so after the next seed.
    bench.seed(&dump(&[with(service("dora--b"), "structure_id", json!("dora--42"))])).await.unwrap();
    assert_eq!(bench.hidden(), 1);
    bench.open.hear((2, 3), Claims::default);
    assert_eq!(bench.hidden(), 0);
}

/// A service may come before its structure, and even without it: then that is said once a structure, where it was named
/// first.
#[tokio::test]
async fn a_structure_that_never_comes_is_told() {
    let bench = Bench::new();
    let of = |id: &str, structure: &str| with(service(id), "structure_id", json!(structure));
    let services =
        json!([service("dora--a"), of("dora--b", "dora--s9"), of("dora--c", "dora--s9")]).to_string();
    let structures = json!([structure("dora--s1", None)]).to_string();
    let more = json!([of("dora--d", "dora--s1"), of("dora--e", "dora--s8")]).to_string();
    let (report, remarks) = bench.seed_as("x", &[services.clone(), structures, more]).await.unwrap();
    let aside = Effect::SetAside;
    assert_eq!(
        reasons(&remarks),
        [(aside, "dora--b", "structure_missing"), (aside, "dora--e", "structure_missing")]
    );
    assert_eq!(remarks[0].said, Said::Wrong(Wrong::StructureMissing(2)));
    assert_eq!((remarks[0].file, remarks[1].file, remarks[0].field.as_str()), (0, 2, "structure_id"));
    assert_eq!((report.read.services, report.read.refused), (5, 0));
    assert_eq!(bench.open.status().sources[0].set_aside, 2);
    // The services alone: what was held of structures is gone, and that is said.
    let (report, remarks) = bench.seed_as("x", &[services]).await.unwrap();
    assert_eq!((report.again, remarks.len()), (3, 2));
    assert_eq!(remarks[0].id, "dora--a");
}
