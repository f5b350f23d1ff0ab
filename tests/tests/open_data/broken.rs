//! What is wrong with a dump: each line of it is told, and the rest is held.

use super::House;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

fn service(id: &str, more: Value) -> Value {
    let mut object = json!({"source": "essai", "structure_id": "essai--1", "id": id, "nom": "Se connecter",
        "description": "Une connexion.", "date_maj": "2026-09-01"});
    let more = more.as_object().cloned().unwrap_or_default();
    object.as_object_mut().into_iter().for_each(|object| object.extend(more.clone()));
    object
}

/// What a report says of each entry: its line, id and code.
fn remarks(report: &Value) -> Result<Vec<(u64, String, String, String)>> {
    let remarks = report["remarks"].as_array().context("remarks")?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let told = remarks.iter().map(|one| {
        let line = one["line"].as_u64().unwrap_or_default();
        (line, text(&one["id"]), text(&one["what"]), text(&one["code"]))
    });
    Ok(told.collect())
}

fn line(line: u64, id: &str, what: &str, code: &str) -> (u64, String, String, String) {
    (line, id.to_owned(), what.to_owned(), code.to_owned())
}

/// Runs a seed of which a part is refused: its report, with the exit code that says so.
fn told_refusing(house: &House, arguments: &[&str]) -> Result<Value> {
    let (code, out, error) = house.ran(arguments)?;
    ensure!(code == 65, "{arguments:?} ended with {code}: {error}{out}");
    Ok(serde_json::from_str(&out)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_line_is_told_and_the_rest_is_held() -> Result<()> {
    let house = House::open().await?;
    let lines = [
        json!({"source": "essai", "id": "essai--1", "nom": "Essai", "date_maj": "2026-09-01"}).to_string(),
        service("essai--good", json!({})).to_string(),
        service("essai--version", json!({"presentation_resume": "Avant la version 1"})).to_string(),
        service("essai--theme", json!({"thematiques": ["numerique--nouveau"]})).to_string(),
        service("essai--good", json!({"nom": "Une autre fois"})).to_string(),
        service("essai--commune", json!({"code_insee": "99999"})).to_string(),
        service("essai--former", json!({"code_insee": "69381"})).to_string(),
        "{\"id\": \"essai--broken\", ".to_owned(),
        service("essai--zone", json!({"zone_eligibilite": ["99999"]})).to_string(),
        service("essai--link", json!({"lien_source": "javascript:alert(1)"})).to_string(),
        service("essai--text", json!({"nom": "Nom\u{202e}tourné\u{7}", "description": "x".repeat(10_001)}))
            .to_string(),
        service("essai--date", json!({"date_maj": "01/09/2026"})).to_string(),
        "[1, 2]".to_owned(),
        service("essai--last", json!({"nom": "Nom\u{202e}tourné"})).to_string(),
    ];
    let file = house.file("dump.jsonl", lines.join("\n"))?;
    let report = told_refusing(&house, &["directory", "seed", &file, "--json"])?;
    let wanted = [
        line(3, "essai--version", "refused", "former_version"),
        line(4, "essai--theme", "refused", "unknown_theme"),
        line(5, "essai--good", "refused", "service_twice"),
        line(6, "essai--commune", "refused", "unknown_territory"),
        line(7, "essai--former", "replaced", "former_commune"),
        line(8, "", "refused", "not_json"),
        line(9, "essai--zone", "refused", "unknown_territory"),
        line(10, "essai--link", "set aside", "not_a_link"),
        line(11, "essai--text", "refused", "too_long"),
        line(12, "essai--date", "refused", "not_a_date"),
        line(13, "", "refused", "not_an_object"),
        line(14, "essai--last", "set aside", "not_plain"),
    ];
    ensure!(remarks(&report)? == wanted, "{report}");
    ensure!(report["services"] == 4 && report["refused"] == 9, "{report}");
    let last = house.told(&["directory", "entry", "essai--last", "--json"])?;
    ensure!(last["service"]["name"] == "Nomtourné", "{last}");
    let link = house.told(&["directory", "entry", "essai--link", "--json"])?;
    ensure!(link["link"].is_null(), "{link}");
    let (code, text, _) = house.ran(&["directory", "seed", &file])?;
    ensure!(code == 65 && text.contains("unknown_theme") && text.contains("perhaps numerique--"), "{text}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_line_of_a_table_costs_itself_alone() -> Result<()> {
    let house = House::open().await?;
    let table = "source;structure_id;id;nom;description;date_maj;thematiques;zone_eligibilite\n\
        essai;essai--1;essai--a;Accueil;Un accueil;2026-09-01;['numerique--acceder-a-une-connexion-internet'];['17', '2A']\n\
        essai;essai--1;essai--b;Accueil;Un accueil\n\
        essai;essai--1;essai--c;Accueil;\"Un accueil;2026-09-01;;\n\
        essai;essai--1;essai--d;'=Accueil;Un accueil;2026-09-01;;\n";
    let file = house.file("services.csv", table)?;
    let report = told_refusing(&house, &["directory", "seed", &file, "--json"])?;
    let wanted = [
        line(3, "", "refused", "cells"),
        line(4, "", "refused", "open_quote"),
        line(2, "essai--a", "set aside", "structure_missing"),
    ];
    ensure!(remarks(&report)? == wanted, "{report}");
    let entry = house.told(&["directory", "entry", "essai--a", "--json"])?;
    ensure!(entry["service"]["coverage"] == json!(["17", "2A"]), "{entry}");
    ensure!(house.told(&["directory", "entry", "essai--d", "--json"])?["service"]["name"] == "=Accueil");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_removed_and_what_is_none_is_told() -> Result<()> {
    let mut house = House::open().await?;
    let (code, _, error) = house.ran(&["directory", "unseed", "essai"])?;
    ensure!(code == 65 && error.contains("source") && error.contains("none is held"), "{code} {error}");
    let file = house.file("one.json", json!([service("essai--a", json!({}))]).to_string())?;
    house.told(&["directory", "seed", &file, "--source", "essai", "--json"])?;
    let other = house.file("two.json", json!([service("autre--b", json!({}))]).to_string())?;
    house.told(&["directory", "seed", &other, "--source", "autre", "--json"])?;
    for bad in ["", "nulle-part", &"x".repeat(61)] {
        let (code, _, error) = house.ran(&["directory", "unseed", bad])?;
        ensure!(code == 65 && error.contains("source"), "{bad}: {code} {error}");
    }
    let (_, _, error) = house.ran(&["directory", "unseed", "nulle-part"])?;
    ensure!(error.contains("essai, autre"), "{error}");
    let removed = house.told(&["directory", "unseed", "essai", "--json"])?;
    ensure!(removed["source"] == "essai" && removed["services"] == 1, "{removed}");
    let (code, _, _) = house.ran(&["directory", "entry", "essai--a"])?;
    ensure!(code == 65, "it is still shown");
    ensure!(house.ran(&["directory", "unseed", "essai"])?.0 == 65, "it is there once");
    house.node.restart().await?;
    house.desk = house.node.desk().await?;
    let status = house.status().await?;
    ensure!(status.sources.len() == 1 && status.sources[0].name == "autre", "{status:?}");
    let (code, text, _) = house.ran(&["directory", "unseed", "autre"])?;
    ensure!(code == 0 && text.contains("1 service of 0 structures"), "{text}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_dump_is_refused_whole() -> Result<()> {
    let house = House::open().await?;
    for (name, bytes, says) in [
        ("packed.gz", &b"\x1f\x8b\x08\x00"[..], "unpack"),
        ("old.json", br#"{"schema_version": "0.18.0", "services": []}"#, "version 0.18.0"),
        ("letter.txt", b"Bonjour", "no dump"),
        ("none.json", b"[]", "no service"),
        ("wrong.jsonl", b"\n{\"structure_id\": 7}", "line 2"),
    ] {
        let file = house.file(name, bytes)?;
        let (code, _, error) = house.ran(&["directory", "seed", &file])?;
        ensure!(code == 65 && error.contains(says), "{name}: {code} {error}");
    }
    let (code, _, error) = house.ran(&["directory", "seed", "nowhere.json"])?;
    ensure!(code == 74 && error.contains("nowhere.json"), "{code} {error}");
    let file = house.file("one.json", json!([service("essai--a", json!({}))]).to_string())?;
    let (code, _, error) = house.ran(&["directory", "seed", &file, "--source", " "])?;
    ensure!(code == 65 && error.contains("source"), "{code} {error}");
    ensure!(house.status().await?.sources.is_empty());
    Ok(())
}
