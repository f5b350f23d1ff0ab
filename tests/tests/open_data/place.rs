//! A signed record takes the place of an unverified entry, if whoever signs it is believed.

use super::House;
use anyhow::{Result, ensure};
use relais_tests::town::{SOON, pair};
use relais_tests::wait::holds;
use serde_json::{Value, json};

const SIRET: &str = "13003013300016";
const THEME: &str = "numerique--acceder-a-une-connexion-internet";

fn service(id: &str, structure: &str) -> Value {
    json!({"source": "dora", "structure_id": structure, "id": id, "nom": "Du matériel",
        "description": "Du matériel à prix solidaire.", "date_maj": "2026-09-01", "thematiques": [THEME],
        "code_insee": "17300", "zone_eligibilite": ["17"], "telephone": "+33199000011"})
}

fn structure(id: &str, siret: &str) -> Value {
    json!({"source": "dora", "id": id, "nom": "Espace", "date_maj": "2026-09-01", "siret": siret})
}

fn found(house: &House) -> Result<Vec<String>> {
    let answer = house.told(&["find", "--theme", THEME, "--commune", "17300", "--all", "--json"])?;
    let services = answer["services"].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<String> = services
        .iter()
        .map(|one| one["service"]["service_id"].as_str().unwrap_or_default().to_owned())
        .collect();
    ids.sort();
    Ok(ids)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_takes_the_place_of_its_entries_and_a_stranger_of_none() -> Result<()> {
    let (agency, hub) = (House::open().await?, House::open().await?);
    let dump = json!({
        "services": [service("dora--1", "dora--s1"), service("dora--2", "dora--hub-17"), service("dora--3", "dora--s3")],
        "structures": [structure("dora--s1", SIRET), structure("dora--hub-17", "13003013300024"),
            structure("dora--s3", "13003013300032")],
    });
    let seed = agency.file("dump.json", dump.to_string())?;
    agency.told(&["directory", "seed", &seed, "--json"])?;
    // The hub claims the SIRET of one structure, and publishes under the id of another.
    let own = json!({
        "structures": [structure("dora--hub-17", SIRET)],
        "services": [service("dora--pret", "dora--hub-17")],
    });
    let own = hub.file("own.json", own.to_string())?;
    hub.told(&["service", "import", &own, "--json"])?;
    ensure!(
        found(&agency)? == ["dora--1", "dora--2", "dora--3"],
        "nobody is known yet: {:?}",
        found(&agency)?
    );
    pair(&agency.desk, &hub.desk).await?;
    holds("the partner takes its place", SOON, async || Ok(found(&agency)? == ["dora--3", "dora--pret"]))
        .await?;
    ensure!(agency.status().await?.hidden == 2);
    let entry = agency.told(&["directory", "entry", "dora--1", "--json"])?;
    ensure!(entry["replaced"] == true, "{entry}");
    // Whoever is a partner no more is not believed any more.
    let id = hub.desk.id().await?;
    let request = relais_proto::desk::v1::SuspendPeerRequest { peer_id: id, ..Default::default() };
    agency.desk.client().suspend_peer(request).await?;
    holds("nobody is believed who is a partner no more", SOON, async || {
        Ok(found(&agency)? == ["dora--1", "dora--2", "dora--3"])
    })
    .await?;
    // This structure's own records take their place as well.
    let own = json!({ "structures": [structure("dora--s3", "13003013300032")], "services": [] });
    let own = agency.file("own.json", own.to_string())?;
    agency.told(&["service", "import", &own, "--json"])?;
    holds("its own record takes its place", SOON, async || Ok(found(&agency)? == ["dora--1", "dora--2"]))
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_territory_is_exported_with_the_standing_of_each() -> Result<()> {
    let house = House::open().await?;
    let far = json!({"code_insee": "59350", "zone_eligibilite": ["59"]});
    let mut away = service("dora--2", "dora--s2");
    away.as_object_mut()
        .into_iter()
        .for_each(|object| object.extend(far.as_object().cloned().unwrap_or_default()));
    let dump = json!({"services": [service("dora--1", "dora--s1"), away],
        "structures": [structure("dora--s1", "13003013300024")]});
    let seed = house.file("dump.json", dump.to_string())?;
    house.told(&["directory", "seed", &seed, "--json"])?;
    let own = house.file("own.json", json!([service("essai--a", "essai")]).to_string())?;
    house.told(&["service", "import", &own, "--json"])?;
    let (code, out, error) = house.ran(&["directory", "export", "--departement", "17"])?;
    ensure!(code == 0, "{error}");
    let exported: Value = serde_json::from_str(&out)?;
    let standing = |id: &str| {
        let services = exported["services"].as_array().cloned().unwrap_or_default();
        services.into_iter().find(|one| one["id"] == id).map(|one| one["extra"]["standing"].clone())
    };
    ensure!(standing("essai--a") == Some(json!("signed")), "{out}");
    ensure!(standing("dora--1") == Some(json!("unverified")) && standing("dora--2").is_none(), "{out}");
    let (_, table, _) = house.ran(&["directory", "export", "--france", "--csv"])?;
    ensure!(table.lines().count() == 4 && table.contains("unverified"), "{table}");
    ensure!(house.ran(&["directory", "export", "--departement", "999"])?.0 == 65);
    ensure!(house.ran(&["directory", "export"])?.0 == 64);
    Ok(())
}
