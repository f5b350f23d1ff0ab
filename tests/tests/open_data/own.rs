//! This structure's own services: imported and exported through the command line.

use super::House;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

const SIRET: &str = "13003013300016";

fn file() -> Value {
    let service = |id: &str, name: &str| {
        json!({"source": "essai", "structure_id": "essai--1", "id": id, "nom": name,
            "description": "Accueil, \"conseil\"\net café", "date_maj": "2026-09-01", "telephone": "+33199000011",
            "thematiques": ["numerique--acceder-a-une-connexion-internet"], "zone_eligibilite": ["17", "2A"],
            "adresse": "1 rue de l’Essai", "code_postal": "17000", "commune": "La Rochelle", "code_insee": "17300",
            "relais": {"languages": ["ar", "fr"], "must_know_name": true}})
    };
    json!({
        "structures": [{"source": "essai", "id": "essai--1", "nom": "Essai", "date_maj": "2026-09-01", "siret": SIRET,
            "code_insee": "17300", "telephone": "+33199000012"}],
        "services": [service("essai--1--a", "=1+1"), service("essai--1--b", "Atelier")],
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_exported_is_imported_again_without_a_change() -> Result<()> {
    let mut house = House::open().await?;
    let path = house.file("services.json", file().to_string())?;
    let report = house.told(&["service", "import", &path, "--json"])?;
    ensure!((&report["accepted"], &report["refused"]) == (&2.into(), &json!([])), "{report}");
    // What the structure says of itself in a file stays when its node starts again.
    house.node.restart().await?;
    let (code, json, error) = house.ran(&["service", "export"])?;
    ensure!(code == 0, "{error}");
    let exported: Value = serde_json::from_str(&json)?;
    ensure!(exported["structures"][0]["siret"] == SIRET, "{json}");
    ensure!(exported["structures"][0]["id"] == "essai--1", "{json}");
    let out = house.node.everything().join("out.csv").display().to_string();
    let written = house.told(&["service", "export", "--csv", "--out", &out, "--json"])?;
    ensure!(written["bytes"].as_u64().is_some_and(|bytes| bytes > 100), "{written}");
    ensure!(house.ran(&["service", "export", "--csv", "--out", &out])?.0 == 73, "never over another file");
    let table = std::fs::read_to_string(&out)?;
    ensure!(table.contains(",\"'=1+1\",") && !table.contains("\"=1+1"), "{table}");
    let (_, structures, _) = house.ran(&["service", "export", "--csv", "structures"])?;
    let json = house.file("again.json", json)?;
    let structures = house.file("structures.csv", structures)?;
    let before = house.desk.status().await.ok().map(|status| status.ledger_size);
    let desk = house.node.desk().await?;
    let before = before.unwrap_or(desk.status().await?.ledger_size);
    for (path, unchanged) in [(&json, 2), (&out, 2), (&structures, 0)] {
        let report = house.told(&["service", "import", path, "--json"])?;
        let told = (&report["accepted"], &report["updated"], &report["unchanged"], &report["refused"]);
        ensure!(told == (&0.into(), &0.into(), &unchanged.into(), &json!([])), "{path}: {report}");
    }
    ensure!(desk.status().await?.ledger_size == before, "nothing was signed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_line_of_an_own_table_is_told_with_its_line() -> Result<()> {
    let house = House::open().await?;
    let table = "source,structure_id,id,nom,description,date_maj,thematiques,relais\r\n\
        essai,essai--1,a,Accueil,\"Un\r\naccueil\",2026-09-01,numerique--acceder-a-une-connexion-internet,\"{\"\"languages\"\":[\"\"ar\"\"]}\"\r\n\
        essai,essai--1,b,Accueil,Un accueil,2026-09-01,numerique--nouveau,\r\n\
        essai,essai--1,c,Accueil\r\n";
    let path = house.file("services.csv", table)?;
    let (code, out, _) = house.ran(&["service", "import", &path, "--json"])?;
    let report: Value = serde_json::from_str(&out)?;
    ensure!(code == 65 && report["accepted"] == 1, "{report}");
    let refused = report["refused"].as_array().context("refused")?;
    let told: Vec<(&Value, &Value)> = refused.iter().map(|one| (&one["line"], &one["code"])).collect();
    ensure!(told == [(&4.into(), &"unknown_theme".into()), (&5.into(), &"cells".into())], "{report}");
    let (_, text, _) = house.ran(&["service", "import", &path])?;
    ensure!(text.contains("LINE") && text.contains("perhaps numerique--"), "{text}");
    Ok(())
}
