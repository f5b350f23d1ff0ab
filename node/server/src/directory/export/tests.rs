//! What is written, and read again.

use super::super::tests::{Bench, service, structure, with};
use super::*;
use crate::clock::{Clock, Dice};
use crate::directory::OpenData;
use relais_domain::id::ServiceId;
use serde_json::{Map, json};
use std::sync::Arc;

const SIRET: &str = "13003013300016";

async fn exported(bench: &Bench, open: &OpenData, extent: Extent, format: Format) -> String {
    let (given, mut pieces) = mpsc::channel(64);
    let voucher = |structure| if structure == bench.us() { Backing::Own } else { Backing::Nobody };
    bench.directory.export(open, (extent, format), voucher, &given).await.unwrap();
    drop(given);
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.recv().await {
        bytes.extend(piece);
    }
    String::from_utf8(bytes).unwrap()
}

fn nothing_open(bench: &Bench) -> Arc<OpenData> {
    Arc::new(OpenData::new(Arc::clone(&bench.store), Clock::system(), Dice::system().unwrap()))
}

/// A service that says everything a service may say.
fn whole(id: &str) -> Value {
    let more = json!({
        "description": "=1+1\nAccueil;=cmd|' /C calc'!A0;\n\n- \"conseil\" et café; \"=2\".",
        "frais_precisions": "-5 € par mois;'+5", "type": "atelier",
        "conditions_acces": "@ savoir lire", "latitude": 46.162, "longitude": -1.151, "courriel": "accueil@exemple.fr",
        "telephone": "+33199000011", "horaires_accueil": "Mo-Fr 09:00-12:00", "modes_mobilisation": ["telephoner"],
        "mobilisable_par": ["usagers", "professionnels"], "lien_source": "https://exemple.fr/a?b=c",
        "nom": "'=Se connecter", "zone_eligibilite": ["2A", "17300", "200041762"], "publics": ["jeunes", "familles"],
    });
    let mut object = service(id).as_object().unwrap().clone();
    object.extend(more.as_object().unwrap().clone());
    Value::Object(object)
}

#[tokio::test]
async fn what_was_exported_is_imported_and_changes_nothing() {
    let bench = Bench::new("hub").await;
    let of = with(with(structure(), "siret", json!(SIRET)), "site_web", json!("https://exemple.fr"));
    let link = with(service("c"), "modes_mobilisation", json!(["utiliser-lien-mobilisation"]));
    let link = with(link, "lien_mobilisation", json!("https://exemple.fr/rdv"));
    let bare = json!({"source": "essai", "structure_id": "essai--1", "id": "d", "nom": "Rien de plus",
        "description": "Rien de plus.", "date_maj": "2026-09-01"});
    let file = json!({ "structures": [of], "services": [whole("a"), service("b"), link, bare] });
    let report = bench.import(&file).await;
    assert_eq!((report.created, report.refused), (4, vec![]));
    let open = nothing_open(&bench);
    let leaves = bench.store.ledger_size().await.unwrap();
    let json = exported(&bench, &open, Extent::Own, Format::Json).await;
    let services = exported(&bench, &open, Extent::Own, Format::Table(Only::Services)).await;
    let structures = exported(&bench, &open, Extent::Own, Format::Table(Only::Structures)).await;
    for (file, count) in [(&json, 4), (&services, 4), (&structures, 0)] {
        let report = bench.directory.import(file.as_bytes()).await.unwrap();
        assert_eq!(report.refused, [], "{file}");
        assert_eq!((report.created, report.updated, report.unchanged), (0, 0, count), "{file}");
        assert!(report.structure.is_none_or(|structure| structure == crate::directory::Published::Unchanged));
    }
    assert_eq!(bench.store.ledger_size().await.unwrap(), leaves, "nothing was signed");
}

#[tokio::test]
async fn what_was_never_imported_is_exported_too() {
    let bench = Bench::new("hub").await;
    let open = nothing_open(&bench);
    let empty = exported(&bench, &open, Extent::Own, Format::Json).await;
    assert_eq!(serde_json::from_str::<Value>(&empty).unwrap(), json!({"services": [], "structures": []}));
    let report = bench.import(&json!([with(service("z--a"), "structure_id", json!("z"))])).await;
    assert_eq!(report.created, 1);
    let json: Value =
        serde_json::from_str(&exported(&bench, &open, Extent::Own, Format::Json).await).unwrap();
    let id = json["services"][0]["structure_id"].as_str().unwrap();
    assert_eq!(id, format!("relais--{}", bench.us().compact()));
}

/// The id it was imported under is found again, so that others know the structure by it.
#[tokio::test]
async fn a_structure_keeps_the_id_its_services_show() {
    let bench = Bench::new("hub").await;
    let of = with(structure(), "id", json!("dora--hub-17"));
    let one = with(service("dora--hub-17--wifi"), "structure_id", json!("dora--hub-17"));
    bench.import(&json!({ "structures": [of], "services": [one] })).await;
    let json = exported(&bench, &nothing_open(&bench), Extent::Own, Format::Json).await;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["structures"][0]["id"], "dora--hub-17");
    assert_eq!(json["services"][0]["structure_id"], "dora--hub-17");
    assert!(json["services"][0].get("extra").is_none());
}

#[tokio::test]
async fn no_cell_is_a_formula() {
    let bench = Bench::new("hub").await;
    bench.import(&json!({ "structures": [structure()], "services": [whole("a")] })).await;
    let open = nothing_open(&bench);
    open.load().await.unwrap();
    for only in [Only::Services, Only::Structures] {
        let table = exported(&bench, &open, Extent::France, Format::Table(only)).await;
        let table = table.strip_prefix('\u{feff}').unwrap();
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let columns: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let record = reader.records().next().unwrap().unwrap();
        for (column, cell) in columns.iter().zip(&record) {
            let number = cell.parse::<f64>().is_ok() && ["latitude", "longitude"].contains(&column.as_str());
            assert!(number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{column}: {cell}");
        }
        // Spreadsheets with French settings take `;` for what stands between cells.
        let mut reader = csv::ReaderBuilder::new();
        let mut reader =
            reader.delimiter(b';').flexible(true).has_headers(false).from_reader(table.as_bytes());
        for record in reader.records() {
            for cell in &record.unwrap() {
                assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{cell}");
            }
        }
    }
}

async fn seeded(bench: &Bench) -> Arc<OpenData> {
    let open = nothing_open(bench);
    let entry = |id: &str, of: &str, more: Value| {
        let mut object = json!({"source": "dora", "structure_id": of, "id": id, "nom": "Se connecter",
            "description": "Une connexion.", "date_maj": "2026-09-01"});
        object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        object
    };
    let structure = |id: &str, siret: Option<&str>| json!({"source": "dora", "id": id, "nom": "Espace", "date_maj": "2026-09-01", "siret": siret});
    let dump = json!({
        "services": [
            entry("dora--a", "dora--s1", json!({"code_insee": "17300"})),
            entry("dora--b", "dora--s2", json!({"zone_eligibilite": ["17"]})),
            entry("dora--c", "dora--s3", json!({"code_insee": "59350"})),
            entry("dora--d", "dora--s4", json!({"code_insee": "17300"})),
            entry("dora--e", "dora--s3", json!({"modes_accueil": ["a-distance"]})),
        ],
        "structures": [structure("dora--s1", None), structure("dora--s2", None), structure("dora--s3", None),
            structure("dora--s4", Some(SIRET))],
    });
    let mut run = open.seed("data-inclusion").await.unwrap();
    run.begin_file().await.unwrap();
    run.take(dump.to_string().as_bytes()).await.unwrap();
    run.end().await.unwrap();
    open
}

fn ids(json: &str, array: &str) -> Vec<String> {
    let json: Map<String, Value> = serde_json::from_str(json).unwrap();
    let mut ids: Vec<String> =
        json[array].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn a_territory_is_exported_signed_and_not_with_its_standing() {
    let bench = Bench::new("hub").await;
    let of = with(structure(), "siret", json!(SIRET));
    bench.import(&json!({ "structures": [of], "services": [service("essai--1--wifi")] })).await;
    let open = seeded(&bench).await;
    open.hear((1, 1), || bench.directory.claims(|_| Backing::Own));
    let here = Extent::Departement(DepartementCode::parse("17").unwrap());
    let json = exported(&bench, &open, here, Format::Json).await;
    // The signed one has taken the place of dora--s4; what is far away and open to everyone is reached at a distance only.
    assert_eq!(ids(&json, "services"), ["dora--a", "dora--b", "dora--e", "essai--1--wifi"]);
    assert_eq!(ids(&json, "structures"), ["dora--s1", "dora--s2", "dora--s3", "essai--1"]);
    let all: Value = serde_json::from_str(&json).unwrap();
    for one in all["services"].as_array().unwrap() {
        let extra = &one["extra"];
        match one["id"].as_str().unwrap() {
            "essai--1--wifi" => {
                assert_eq!((&extra["standing"], &extra["known_as"]), (&json!("signed"), &json!("own")));
                assert_eq!(extra["by"], bench.us().to_string());
            }
            _ => assert_eq!(
                (&extra["standing"], &extra["source"]),
                (&json!("unverified"), &json!("data-inclusion"))
            ),
        }
    }
    let france = exported(&bench, &open, Extent::France, Format::Json).await;
    assert_eq!(ids(&france, "services").len(), 5);
    let table = exported(&bench, &open, here, Format::Table(Only::Services)).await;
    assert_eq!(table.lines().count(), 5, "{table}");
    // What was exported can be seeded elsewhere.
    let elsewhere = nothing_open(&Bench::new("autre").await);
    let mut run = elsewhere.seed("voisin").await.unwrap();
    run.begin_file().await.unwrap();
    run.take(json.as_bytes()).await.unwrap();
    let report = run.end().await.unwrap();
    assert_eq!((report.created, report.read.refused), (4, 0));
    let (entry, _) = elsewhere.entry_of("essai--1--wifi").await.unwrap().unwrap();
    assert_eq!(entry.service.id, ServiceId::parse("essai--1--wifi").unwrap());
    assert_eq!(entry.service.walk_in, None, "an offer is signed or it is none");
}

/// A commune that is no more is found as the one it is part of now: so is it exported.
#[tokio::test]
async fn former_communes_of_a_dump_are_exported_as_the_present_ones() {
    let bench = Bench::new("hub").await;
    let open = nothing_open(&bench);
    let dump = json!({
        "structures": [{"source": "dora", "id": "dora--s1", "nom": "Espace", "date_maj": "2026-09-01", "code_insee": "69382",
            "commune": "Lyon 2e Arrondissement"}],
        "services": [{"source": "dora", "structure_id": "dora--s1", "id": "dora--a", "nom": "Se connecter",
            "description": "Une connexion.", "date_maj": "2026-09-01", "code_insee": "01039", "commune": "Béon",
            "zone_eligibilite": ["01039", "17", "01138", "69381"]}],
    });
    let mut run = open.seed("data-inclusion").await.unwrap();
    run.begin_file().await.unwrap();
    run.take(dump.to_string().as_bytes()).await.unwrap();
    run.end().await.unwrap();
    drop(run);
    let json = exported(&bench, &open, Extent::France, Format::Json).await;
    let all: Value = serde_json::from_str(&json).unwrap();
    let place = |kind: &str| {
        (all[kind][0]["code_insee"].as_str().unwrap(), all[kind][0]["commune"].as_str().unwrap())
    };
    assert_eq!(place("services"), ("01138", "Culoz-Béon"));
    assert_eq!(all["services"][0]["zone_eligibilite"], json!(["01138", "17", "69381"]));
    assert_eq!(
        place("structures"),
        ("69382", "Lyon 2e Arrondissement"),
        "an arrondissement has its code today"
    );
}

#[tokio::test]
async fn nobody_seeds_while_it_is_written_and_nobody_writes_while_it_is_seeded() {
    let bench = Bench::new("hub").await;
    let open = seeded(&bench).await;
    let run = open.seed("autre").await.unwrap();
    let (given, _pieces) = mpsc::channel(64);
    let voucher = |_| Backing::Nobody;
    let refused = bench.directory.export(&open, (Extent::France, Format::Json), voucher, &given).await;
    assert!(matches!(refused, Err(ExportError::Busy)), "{refused:?}");
    drop(run);
    let (given, pieces) = mpsc::channel(1);
    drop(pieces);
    let refused = bench.directory.export(&open, (Extent::France, Format::Json), voucher, &given).await;
    assert!(matches!(refused, Err(ExportError::Gone)), "{refused:?}");
}
