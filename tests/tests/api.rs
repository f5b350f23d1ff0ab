//! The JSON API of a gateway before real nodes: what an integration may, what it does, and that it is done once.

use anyhow::{Context as _, Result, ensure};
use relais_proto::desk::v1 as desk;
use relais_server::clock::Clock;
use relais_tests::case::{COMMUNE, SERVICE, THEME, services};
use relais_tests::desk::Desk;
use relais_tests::pages::Pages;
use relais_tests::town::{becomes, knows_services, pair};
use relais_tests::within::Within;
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const EVERY_SCOPE: [desk::Scope; 8] = [
    desk::Scope::ThreadsList,
    desk::Scope::ThreadsRead,
    desk::Scope::ThreadsAct,
    desk::Scope::ServicesRead,
    desk::Scope::ServicesWrite,
    desk::Scope::FlowsRead,
    desk::Scope::FollowUps,
    desk::Scope::Inquiries,
];

/// A structure with its node and its gateway.
struct House {
    node: Within,
    desk: Desk,
    pages: Pages,
}

impl House {
    async fn open(name: &str) -> Result<Self> {
        let mut node = Within::init(name, Clock::system(), None).await?;
        node.start().await?;
        let desk = node.desk().await?;
        desk.import(&services(&[SERVICE])).await?;
        let pages = Pages::before(&node).await?;
        Ok(Self { node, desk, pages })
    }

    /// Software that acts for the first user.
    async fn software(&self, name: &str, scopes: &[desk::Scope]) -> Result<Software> {
        let request = desk::CreateIntegrationRequest {
            name: name.to_owned(),
            scopes: scopes.iter().map(|scope| (*scope).into()).collect(),
            user: "claire".to_owned(),
            validity_days: 0,
        };
        let made = self.desk.client().create_integration(request).await?.into_inner();
        Ok(Software { address: self.pages.address, token: made.token })
    }

    async fn close(mut self) -> Result<()> {
        self.pages.close().await?;
        drop(self.desk);
        self.node.stop().await
    }
}

/// An answer.
struct Told {
    status: u16,
    head: String,
    body: Value,
}

impl Told {
    /// Checks the status.
    fn was(self, status: u16) -> Result<Value> {
        ensure!(self.status == status, "{} instead of {status}: {}", self.status, self.body);
        Ok(self.body)
    }

    /// Checks that it is this problem; its field.
    fn was_refused(self, status: u16, code: &str) -> Result<String> {
        ensure!(self.head.contains("application/problem+json"), "{}", self.head);
        let told = self.was(status)?;
        ensure!(told["code"] == code, "{code} was expected: {told}");
        Ok(told["field"].as_str().unwrap_or_default().to_owned())
    }
}

/// A structure's own software with a token.
struct Software {
    address: SocketAddr,
    token: String,
}

impl Software {
    async fn send(&self, method: &str, path: &str, key: Option<&str>, body: Option<&str>) -> Result<Told> {
        let mut request = format!("{method} /api/v1{path} HTTP/1.0\r\nHost: {}\r\n", self.address);
        if !self.token.is_empty() {
            request += &format!("Authorization: Bearer {}\r\n", self.token);
        }
        if let Some(key) = key {
            request += &format!("Idempotency-Key: {key}\r\n");
        }
        let body = body.unwrap_or_default();
        request += &format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let mut stream = TcpStream::connect(self.address).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let (head, body) = answer.split_once("\r\n\r\n").context("no end of the head")?;
        let status = head.split_whitespace().nth(1).context("no status")?.parse()?;
        ensure!(head.contains("cache-control: no-store"), "it could be kept: {head}");
        Ok(Told { status, head: head.to_owned(), body: serde_json::from_str(body).context("JSON")? })
    }

    async fn get(&self, path: &str) -> Result<Told> {
        self.send("GET", path, None, None).await
    }

    async fn post(&self, path: &str, key: &str, body: &Value) -> Result<Told> {
        self.send("POST", path, Some(key), Some(&body.to_string())).await
    }
}

/// Two partners; the agency refers, the hub receives.
struct Street {
    agency: House,
    hub: House,
    hub_id: String,
}

impl Street {
    async fn open() -> Result<Self> {
        let (agency, hub) =
            (House::open("Agence de l'Essai").await?, House::open("Espace de l'Essai").await?);
        pair(&hub.desk, &agency.desk).await?;
        let id = hub.desk.id().await?;
        knows_services(&agency.desk, &id).await?;
        Ok(Self { agency, hub, hub_id: hex(&id) })
    }

    async fn close(self) -> Result<()> {
        self.agency.close().await?;
        self.hub.close().await
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Result<Vec<u8>> {
    let pairs = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16));
    Ok(pairs.collect::<Result<_, _>>()?)
}

/// The id of the thread that an answer shows.
fn id_of(thread: &Value) -> Result<String> {
    Ok(thread["summary"]["thread_id"].as_str().context("an id")?.to_owned())
}

fn find() -> Value {
    json!({ "theme": THEME, "commune": COMMUNE })
}

fn referral(to: &str) -> Value {
    json!({
        "recipient_id": to,
        "stage_one": {
            "need": {
                "themes": [THEME],
                "urgency": "normal",
                "territory": COMMUNE,
                "service_id": SERVICE,
                "feedback": "outcome",
            },
            "level": { "digital_autonomy": 1, "equipment": ["basic_phone"], "languages": ["fr"] },
        },
        "stage_two": {
            "name": { "given": "Amina", "family": "D" },
            "contact": { "reach": "through_sender" },
        },
        "consent": {
            "classes": ["need", "level", "note", "name", "contact"],
            "themes": [THEME],
            "feedback": "outcome",
            "given": {
                "how": "oral",
                "language": "fr",
                "interpreter": "none",
                "teach_back": "done",
                "presence": "none",
            },
        },
    })
}

/// How often something happened in a thread.
fn times(thread: &Value, kind: &str) -> usize {
    let entries = thread["timeline"].as_array().into_iter().flatten();
    entries.filter(|entry| entry["kind"] == kind).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_is_sent_once_and_answered_by_software() -> Result<()> {
    let street = Street::open().await?;
    let (ours, theirs) = (
        street.agency.software("dossier", &EVERY_SCOPE).await?,
        street.hub.software("agenda", &EVERY_SCOPE).await?,
    );
    let body = referral(&street.hub_id);

    let preview = ours.send("POST", "/referrals/preview", None, Some(&body.to_string())).await?.was(200)?;
    ensure!(preview["problems"] == json!([]) && preview["stage_one"]["need"]["urgency"] == "normal");
    ensure!(preview["stage_two"]["name"]["given"] == "Amina", "{preview}");
    let listed = ours.get("/threads?filter=all").await?.was(200)?;
    ensure!(listed["threads"] == json!([]), "a preview stores nothing: {listed}");

    // Twice at once, and once more later: one referral.
    let send = || ours.post("/referrals", "dossier-4711-orientation", &body);
    let (one, other) = tokio::try_join!(send(), send())?;
    ensure!(one.head.contains("location: /api/v1/threads/"), "{}", one.head);
    let (one, other) = (one.was(201)?, other.was(201)?);
    let thread = id_of(&one)?;
    ensure!(id_of(&other)? == thread && id_of(&send().await?.was(201)?)? == thread);
    let listed = ours.get("/threads?filter=all").await?.was(200)?;
    ensure!(listed["threads"].as_array().map(Vec::len) == Some(1), "{listed}");
    let changed = ours.post("/referrals", "dossier-4711-orientation", &referral(&hex(&[7; 32]))).await?;
    changed.was_refused(422, "idempotency_key_reused")?;

    becomes("the referral arrives", &street.hub.desk, &bytes(&thread)?, |_| true).await?;
    let acts = format!("/threads/{thread}/acts");
    let accept =
        json!({ "accept": { "professional": { "name": "Claire M.", "contact": "05 46 00 00 00" } } });
    let take = || theirs.post(&acts, "agenda-2026-0001-accept", &accept);
    let (one, other) = tokio::try_join!(take(), take())?;
    let (one, other) = (one.was(200)?, other.was(200)?);
    ensure!(times(&one, "accepted") == 1 && times(&other, "accepted") == 1, "{one}");
    ensure!(times(&take().await?.was(200)?, "accepted") == 1);
    let again = theirs.post(&acts, "agenda-2026-0002-accept", &accept).await?;
    ensure!(again.was_refused(409, "not_allowed")?.is_empty(), "it was accepted already");

    let told = |view: &desk::ThreadView| view.stage_two.as_ref().is_some_and(|two| two.name.is_some());
    becomes("the name arrives", &street.hub.desk, &bytes(&thread)?, told).await?;
    let shown = theirs.get(&format!("/threads/{thread}")).await?.was(200)?;
    ensure!(shown["stage_two"]["name"] == json!({ "given": "Amina", "family": "D" }), "{shown}");
    let consent = theirs.get(&format!("/threads/{thread}/consent")).await?.was(200)?;
    ensure!(consent["standing"] == "active" && consent["consent"]["purpose"] == "referral", "{consent}");
    street.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_its_field() -> Result<()> {
    let street = Street::open().await?;
    let ours = street.agency.software("dossier", &EVERY_SCOPE).await?;
    let mut body = referral(&street.hub_id);
    body["consent"]["classes"] = json!(["need"]);
    let field =
        ours.post("/referrals", "dossier-4711-orientation", &body).await?.was_refused(422, "consent")?;
    ensure!(field.starts_with("consent") || field.contains("level"), "{field}");
    body["stage_one"]["need"]["territory"] = json!("99999");
    let field =
        ours.post("/referrals", "dossier-4711-orientation", &body).await?.was_refused(422, "field")?;
    ensure!(field == "need.commune", "{field}");
    body["stage_one"]["need"]["urgence"] = json!("now");
    let field = ours.post("/referrals", "dossier-4711-orientation", &body).await?;
    ensure!(field.was_refused(422, "unknown_member")? == "stage_one.need.urgence");

    // A key that was refused is free for what was mended; one that stands for a referral acts on no other.
    let sent =
        ours.post("/referrals", "dossier-4711-orientation", &referral(&street.hub_id)).await?.was(201)?;
    let other =
        ours.post("/referrals", "dossier-4712-orientation", &referral(&street.hub_id)).await?.was(201)?;
    ensure!(id_of(&sent)? != id_of(&other)?);
    let note = json!({ "note": { "text": "Vient avec sa sœur." } });
    let acts = |thread: &Value| -> Result<String> { Ok(format!("/threads/{}/acts", id_of(thread)?)) };
    ours.post(&acts(&sent)?, "dossier-4711-note-000001", &note).await?.was(200)?;
    let elsewhere = ours.post(&acts(&other)?, "dossier-4711-note-000001", &note).await?;
    elsewhere.was_refused(422, "idempotency_key_reused")?;
    let empty = ours.post(&acts(&sent)?, "dossier-4711-empty-00001", &json!({})).await?;
    ensure!(empty.was_refused(422, "field")? == "act");
    let too_long = json!({ "note": { "text": "é".repeat(281) } });
    let too_long = ours.post(&acts(&sent)?, "dossier-4711-note-000002", &too_long).await?;
    ensure!(too_long.status == 422 && !too_long.body["field"].is_null(), "{}", too_long.body);
    street.close().await
}

/// What the node does with a key that the gateway does not remember: it is answered as the first time.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_before_a_restart_does_nothing_else() -> Result<()> {
    let street = Street::open().await?;
    let ours = street.agency.software("dossier", &EVERY_SCOPE).await?;
    let sent =
        ours.post("/referrals", "dossier-4711-orientation", &referral(&street.hub_id)).await?.was(201)?;
    let acts = format!("/threads/{}/acts", id_of(&sent)?);
    let note = |text: &str| json!({ "note": { "text": text } });
    ours.post(&acts, "dossier-4711-note-000001", &note("Première")).await?.was(200)?;

    let pages = Pages::before(&street.agency.node).await?;
    let later = Software { address: pages.address, token: ours.token.clone() };
    let again = later.post(&acts, "dossier-4711-note-000001", &note("Seconde")).await?.was(200)?;
    ensure!(times(&again, "note") == 1 && !again.to_string().contains("Seconde"), "{again}");
    let mut other = referral(&street.hub_id);
    other["stage_two"]["name"]["given"] = json!("Autre");
    let other = later.post("/referrals", "dossier-4711-orientation", &other).await?.was(201)?;
    ensure!(id_of(&other)? == id_of(&sent)? && !other.to_string().contains("Autre"));
    pages.close().await?;
    street.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_its_scopes_and_nothing_else() -> Result<()> {
    let house = House::open("Maison de l'Essai").await?;
    let nobody = Software { address: house.pages.address, token: String::new() };
    let told = nobody.get("/structure").await?;
    ensure!(told.head.to_lowercase().contains("www-authenticate: bearer"), "{}", told.head);
    told.was_refused(401, "token")?;
    let stranger = Software { address: house.pages.address, token: "0".repeat(52) };
    for path in ["/structure", "/threads", "/services"] {
        stranger.get(path).await?.was_refused(401, "token")?;
    }
    stranger.post("/referrals", "dossier-4711-orientation", &json!({})).await?.was_refused(401, "token")?;

    let lists = house.software("listes", &[desk::Scope::ThreadsList]).await?;
    let who = lists.get("/structure").await?.was(200)?;
    ensure!(who["structure_name"] == "Maison de l'Essai" && who["user"]["name"] == "claire", "{who}");
    ensure!(who.get("uid").is_none());
    lists.get("/threads").await?.was(200)?;
    let thread = format!("/threads/{}", hex(&[0x47; 16]));
    lists.get(&thread).await?.was_refused(404, "not_there")?;
    lists.get("/services").await?.was_refused(403, "scope")?;
    lists.send("POST", "/find", None, Some(&find().to_string())).await?.was_refused(403, "scope")?;
    lists.get("/communes?text=Rochelle").await?.was_refused(403, "scope")?;
    lists.get("/notices/referral").await?.was_refused(403, "scope")?;
    lists.get("/flows?level=france").await?.was_refused(403, "scope")?;
    lists.post("/referrals", "dossier-4711-orientation", &json!({})).await?.was_refused(403, "scope")?;
    let capacity = lists.send("PUT", &format!("/services/{SERVICE}/capacity"), None, Some("{}")).await?;
    capacity.was_refused(403, "scope")?;
    let acts = format!("{thread}/acts");
    lists
        .post(&acts, "dossier-4711-arrive-0001", &json!({ "arrive": {} }))
        .await?
        .was_refused(404, "not_there")?;

    // It ends at once.
    let listed =
        house.desk.client().list_integrations(desk::ListIntegrationsRequest::default()).await?.into_inner();
    let integration_id = listed.integrations.first().context("it is listed")?.integration_id.clone();
    house.desk.client().revoke_integration(desk::RevokeIntegrationRequest { integration_id }).await?;
    lists.get("/threads").await?.was_refused(401, "token")?;
    house.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn services_are_published_and_what_is_wrong_with_one_is_told() -> Result<()> {
    let house = House::open("Maison de l'Essai").await?;
    let ours = house.software("catalogue", &EVERY_SCOPE).await?;
    let mut file: Value = serde_json::from_str(&services(&[SERVICE, "atelier", "permanence"]))?;
    file[2]["thematiques"] = json!(["numerique--faire-de-la-magie"]);
    let file = file.to_string();
    let import = || ours.send("POST", "/services/import", None, Some(&file));
    let report = import().await?.was(200)?;
    ensure!((&report["accepted"], &report["unchanged"]) == (&json!(1), &json!(1)), "{report}");
    let refused = &report["refused"][0];
    ensure!(refused["index"] == 2 && refused["field"] == "thematiques", "{report}");
    ensure!(refused["coded"]["kind"] == "unknown_theme", "coded as well: {report}");
    ensure!(import().await?.was(200)?["unchanged"] == 2, "published again, it changes nothing");
    let no_file = ours.send("POST", "/services/import", None, Some("{}")).await?;
    ensure!(no_file.status == 422, "{}", no_file.body);

    let places = Some(r#"{"places": 3, "waiting_days": 14}"#);
    let said = ours.send("PUT", "/services/atelier/capacity", None, places).await?.was(200)?;
    ensure!(said["capacity"]["places"] == 3 && said["capacity"]["expires"].is_string(), "{said}");
    let elsewhere = ours.send("PUT", "/services/nulle-part/capacity", None, places).await?;
    ensure!(matches!(elsewhere.status, 404 | 422), "{}", elsewhere.body);
    let offer = Some(r#"{"hours": "Tu,Th 14:00-17:00", "places_a_week": 6}"#);
    let offered = ours.send("PUT", "/services/atelier/walk-in", None, offer).await?.was(200)?;
    ensure!(offered["walk_in"]["hours"] == "Tu,Th 14:00-17:00", "{offered}");
    let taken_back = ours.send("PUT", "/services/atelier/walk-in", None, Some(r#"{"hours": ""}"#)).await?;
    ensure!(taken_back.was(200)?["walk_in"].is_null());
    let listed = ours.get("/services?page_size=1").await?.was(200)?;
    ensure!(listed["services"].as_array().map(Vec::len) == Some(1) && listed["next_page_token"] != "");
    let too_many = ours.get("/services?page_size=101").await?;
    ensure!(too_many.was_refused(422, "field")? == "page_size");
    house.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn places_notices_and_counts_are_told() -> Result<()> {
    let street = Street::open().await?;
    let ours = street.agency.software("dossier", &EVERY_SCOPE).await?;
    let communes = ours.get("/communes?text=la%20rochelle&limit=1").await?.was(200)?;
    ensure!(communes["communes"][0]["code"] == COMMUNE, "{communes}");
    let found = ours.send("POST", "/find", None, Some(&find().to_string())).await?.was(200)?;
    ensure!(found["services"][0]["service"]["structure_id"] == street.hub_id, "{found}");
    // What a person needs stands in no address.
    let asked = ours.get(&format!("/find?theme={THEME}&commune={COMMUNE}&language=ar")).await?;
    asked.was_refused(405, "method")?;
    for (member, value, code, field) in [
        ("theme", json!(""), "field", "theme"),
        ("commune", json!("99999"), "field", "commune"),
        ("language", json!("klingon"), "field", "language"),
        ("audience", json!("tout-le-monde"), "field", "audience"),
        ("limit", json!(101), "field", "limit"),
        ("mode", json!("by_post"), "form", "mode"),
        ("thema", json!(THEME), "unknown_member", "thema"),
    ] {
        let mut wrong = find();
        wrong[member] = value;
        let no = ours.send("POST", "/find", None, Some(&wrong.to_string())).await?;
        let said = no.was_refused(422, code)?;
        ensure!(said == field, "{member}: {said}");
    }
    let of_hub = ours.get(&format!("/services?structure_id={}", street.hub_id)).await?.was(200)?;
    ensure!(of_hub["services"][0]["service_id"] == SERVICE, "{of_hub}");
    let notice = ours.get("/notices/referral?language=fr").await?.was(200)?;
    ensure!(notice["language"] == "fr" && notice["text"].as_str().is_some_and(|text| !text.is_empty()));
    let flows = ours.get("/flows?level=france").await?.was(200)?;
    ensure!(flows["cells"].is_array() && flows["year"].is_u64(), "{flows}");
    ours.get("/flows").await?.was_refused(422, "field")?;
    street.close().await
}

/// An act that was asked with a delay is taken back.
#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_waits_is_taken_back() -> Result<()> {
    let street = Street::open().await?;
    let ours = street.agency.software("dossier", &EVERY_SCOPE).await?;
    let sent =
        ours.post("/referrals", "dossier-4711-orientation", &referral(&street.hub_id)).await?.was(201)?;
    let acts = format!("/threads/{}/acts", id_of(&sent)?);
    let note = json!({ "note": { "text": "Vient avec sa sœur." }, "delay_ms": 10_000 });
    let waiting = ours.post(&acts, "dossier-4711-note-000001", &note).await?.was(200)?;
    ensure!(waiting["delayed"]["act"] == "write_note", "{waiting}");
    let delayed = waiting["delayed"]["delayed_id"].as_str().context("an id")?.to_owned();
    let path = format!("{acts}/{delayed}");
    let taken_back = ours.send("DELETE", &path, None, None).await?.was(200)?;
    ensure!(taken_back["delayed"].is_null() && times(&taken_back, "note") == 0);
    let again = ours.send("DELETE", &path, None, None).await?;
    again.was_refused(422, "too_late")?;
    street.close().await
}

/// A person is followed by software, and found by a name that stands in no address.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_followed_and_found() -> Result<()> {
    let street = Street::open().await?;
    let ours = street.agency.software("dossier", &EVERY_SCOPE).await?;
    let person = json!({
        "name": { "given": "Amélie", "family": "D" },
        "contact": { "reach": "phone", "detail": "06 39 98 12 34", "language": "fr" },
        "notes": ["Préfère le matin."]
    });
    let key = "dossier-4711-suivi-00001";
    let opened = ours.post("/follow-ups", key, &person).await?;
    let place =
        opened.head.lines().find_map(|line| line.strip_prefix("location: /api/v1")).map(str::to_owned);
    let opened = opened.was(201)?;
    let again = ours.post("/follow-ups", key, &person).await?.was(201)?;
    ensure!(opened["follow_up_id"] == again["follow_up_id"], "one follow-up: {again}");
    let read = ours.get(&place.context("where it is")?).await?.was(200)?;
    ensure!(read["notes"][0] == "Préfère le matin." && read["referent"] == "claire", "{read}");
    let search =
        async |body: Value| ours.send("POST", "/follow-ups/search", None, Some(&body.to_string())).await;
    let found = search(json!({ "name_prefix": "amelie" })).await?.was(200)?;
    ensure!(found["follow_ups"][0]["follow_up_id"] == opened["follow_up_id"], "{found}");
    ensure!(found["follow_ups"][0]["contact"].is_null(), "a list holds no number: {found}");
    let none = search(json!({ "name_prefix": "zoe" })).await?.was(200)?;
    ensure!(none["follow_ups"].as_array().is_some_and(Vec::is_empty), "{none}");

    let lists = street.agency.software("listes", &[desk::Scope::ThreadsList]).await?;
    lists.send("POST", "/follow-ups/search", None, Some("{}")).await?.was_refused(403, "scope")?;
    lists.get(&format!("/follow-ups/{}", "47".repeat(16))).await?.was_refused(404, "not_there")?;
    lists.post("/follow-ups", key, &person).await?.was_refused(403, "scope")?;
    street.close().await
}

/// A service is taken back by software, once and only as it was seen.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_taken_back() -> Result<()> {
    let house = House::open("Maison de l'Essai").await?;
    let ours = house.software("catalogue", &[desk::Scope::ServicesWrite]).await?;
    let at = format!("/services/{SERVICE}");
    let reads = house.software("lecture", &[desk::Scope::ServicesRead]).await?;
    reads.send("DELETE", &at, None, None).await?.was_refused(403, "scope")?;
    let stale = ours.send("DELETE", &format!("{at}?seen_signed=2026-01-01T00:00:00Z"), None, None).await?;
    stale.was_refused(409, "changed")?;
    let no_instant = ours.send("DELETE", &format!("{at}?seen_signed=hier"), None, None).await?;
    ensure!(no_instant.was_refused(422, "form")? == "seen_signed");
    for unknown in ["nulle-part".to_owned(), "x".repeat(300)] {
        let no = ours.send("DELETE", &format!("/services/{unknown}"), None, None).await?;
        ensure!(no.was_refused(422, "field")? == "service_id");
    }
    let listed = reads.get("/services").await?.was(200)?;
    let signed = listed["services"][0]["signed"].as_str().context("when it was signed")?;
    let gone = ours.send("DELETE", &format!("{at}?seen_signed={signed}"), None, None).await?.was(200)?;
    ensure!(gone["service_id"] == SERVICE && gone["already"] == "no", "{gone}");
    ensure!(reads.get("/services").await?.was(200)?["services"] == json!([]));
    let again = ours.send("DELETE", &at, None, None).await?.was(200)?;
    ensure!(again["already"] == "yes" && again["withdrawn"] == gone["withdrawn"], "{again}");
    house.close().await
}

fn inquiry() -> Value {
    json!({
        "theme": THEME,
        "commune": COMMUNE,
        "constraints": { "urgency": "soon", "languages": ["ar"], "mobility": ["cannot_travel"],
                         "mode": "en-presentiel", "audiences": ["jeunes"] },
    })
}

/// Partners are asked by software, and answer by software.
#[tokio::test(flavor = "multi_thread")]
async fn partners_are_asked_who_can_take_a_need() -> Result<()> {
    let street = Street::open().await?;
    let ours = street.agency.software("dossier", &[desk::Scope::Inquiries]).await?;
    let theirs = street.hub.software("agenda", &[desk::Scope::Inquiries]).await?;
    let asked = ours.post("/inquiries", "dossier-4711-demande-01", &inquiry()).await?;
    let place = asked.head.lines().find_map(|line| line.strip_prefix("location: /api/v1")).map(str::to_owned);
    let (place, asked) = (place.context("where it is")?, asked.was(201)?);
    ensure!(asked["asked"] == 1 && asked["constraints"] == inquiry()["constraints"], "{asked}");
    let again = ours.post("/inquiries", "dossier-4711-demande-01", &inquiry()).await?.was(201)?;
    ensure!(again["inquiry_id"] == asked["inquiry_id"], "asked twice, it is asked once: {again}");
    let mut other = inquiry();
    other["commune"] = json!("17000");
    let reused = ours.post("/inquiries", "dossier-4711-demande-01", &other).await?;
    reused.was_refused(422, "idempotency_key_reused")?;
    let listed = ours.get("/inquiries?direction=ours").await?.was(200)?;
    ensure!(listed["ours"].as_array().map(Vec::len) == Some(1) && listed["theirs"] == json!([]), "{listed}");

    let came = async || -> Result<Option<Value>> {
        let listed = theirs.get("/inquiries?direction=theirs").await?.was(200)?;
        Ok(listed["theirs"].as_array().and_then(|all| all.first().cloned()))
    };
    let (came, _) = relais_tests::wait::until("it arrives", relais_tests::town::SOON, came).await?;
    ensure!(came["answer"].is_null() && came["theme"] == THEME, "{came}");
    let text = |member: &str| -> Result<String> { Ok(came[member].as_str().context("an id")?.to_owned()) };
    let answer = format!("/inquiries/received/{}/{}/answer", text("peer_id")?, text("inquiry_id")?);
    let put = async |body: Value| theirs.send("PUT", &answer, None, Some(&body.to_string())).await;
    for (body, code, field) in [
        (json!({}), "field", "kind"),
        (json!({ "kind": "perhaps" }), "form", "kind"),
        (json!({ "kind": "can_take", "places": 0 }), "field", "places"),
        (json!({ "kind": "cannot", "waiting_days": 3 }), "field", "waiting_days"),
        (json!({ "kind": "can_take", "service_id": "nulle-part" }), "field", "service_id"),
        (json!({ "kind": "can_take", "peer_id": "00" }), "unknown_member", "peer_id"),
    ] {
        let said = put(body.clone()).await?.was_refused(422, code)?;
        ensure!(said == field, "{body}: {said}");
    }
    let says = json!({ "kind": "can_take", "places": 3, "service_id": SERVICE });
    let answered = put(says.clone()).await?.was(200)?;
    ensure!(answered["answer"]["places"] == 3 && answered["answered_by"] == "claire", "{answered}");
    let twice = put(says).await?.was(200)?;
    ensure!(twice["answer"] == answered["answer"], "the same again changes nothing: {twice}");
    relais_tests::wait::holds("the answer comes back", relais_tests::town::SOON, async || {
        let shown = ours.get(&place).await?.was(200)?;
        let partner = &shown["partners"][0];
        Ok(partner["standing"] == "answered" && partner["service"]["service_id"] == SERVICE)
    })
    .await?;
    street.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inquiry_that_is_none_is_refused_by_its_field() -> Result<()> {
    let street = Street::open().await?;
    let ours = street.agency.software("dossier", &[desk::Scope::Inquiries]).await?;
    for (path, value, code, field) in [
        ("/theme", json!(""), "field", "theme"),
        ("/theme", json!("x".repeat(1_000)), "field", "theme"),
        ("/commune", json!("99999"), "field", "commune"),
        ("/constraints/languages", json!(["klingon"]), "field", "constraints.languages"),
        ("/constraints/languages", json!(["ar", "fa", "ps", "tr"]), "field", "constraints.languages"),
        ("/constraints/mobility", json!(["by_boat"]), "form", "constraints.mobility.0"),
        ("/constraints/mode", json!("par-la-poste"), "field", "constraints.mode"),
        ("/constraints/audiences", json!(["marins"]), "field", "constraints.audiences"),
        ("/constraints/audiences", json!(["jeunes", "jeunes"]), "field", "constraints.audiences"),
        ("/constraints/urgency", json!("yesterday"), "form", "constraints.urgency"),
    ] {
        let mut wrong = inquiry();
        *wrong.pointer_mut(path).context("a member")? = value.clone();
        let no = ours.post("/inquiries", "dossier-4711-demande-02", &wrong).await?;
        let detail = no.body["detail"].as_str().unwrap_or_default().to_owned();
        let said = no.was_refused(422, code)?;
        ensure!(said == field && detail.len() > field.len() + 12, "{path} {value}: {said}: {detail}");
    }
    let person = json!({ "theme": THEME, "commune": COMMUNE, "name": "Amina" });
    let no = ours.post("/inquiries", "dossier-4711-demande-02", &person).await?;
    ensure!(no.was_refused(422, "unknown_member")? == "name");
    ours.send("POST", "/inquiries", None, Some(&inquiry().to_string()))
        .await?
        .was_refused(400, "idempotency_key")?;
    ours.get("/inquiries").await?.was_refused(422, "field")?;
    ensure!(ours.get("/inquiries?direction=ours").await?.was(200)?["ours"] == json!([]), "none was asked");

    let nothing = hex(&[0x47; 16]);
    ours.get(&format!("/inquiries/{nothing}")).await?.was_refused(404, "not_there")?;
    ours.get("/inquiries/received").await?.was_refused(404, "not_there")?;
    let answer = json!({ "kind": "cannot" }).to_string();
    for (peer, inquiry) in
        [(&street.hub_id, &nothing), (&nothing, &nothing), (&street.hub_id, &street.hub_id)]
    {
        let at = format!("/inquiries/received/{peer}/{inquiry}/answer");
        ours.send("PUT", &at, None, Some(&answer)).await?.was_refused(404, "not_there")?;
    }
    // Another scope opens none of it, and this one nothing else.
    let other =
        street.agency.software("autre", &[desk::Scope::ThreadsList, desk::Scope::ServicesRead]).await?;
    other.post("/inquiries", "dossier-4711-demande-03", &inquiry()).await?.was_refused(403, "scope")?;
    other.get("/inquiries?direction=ours").await?.was_refused(403, "scope")?;
    other.get(&format!("/inquiries/{nothing}")).await?.was_refused(404, "not_there")?;
    ours.get("/threads").await?.was_refused(403, "scope")?;
    ours.get("/services").await?.was_refused(403, "scope")?;
    street.close().await
}

/// Every code that the node's Desk refuses with is one of the published ones.
#[test]
fn every_code_of_the_desk_is_published() -> Result<()> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let description = std::fs::read_to_string(format!("{root}/gateway/assets/openapi.json"))?;
    let description: Value = serde_json::from_str(&description)?;
    let code = "/components/schemas/Problem/properties/code/examples";
    let listed = description.pointer(code).and_then(Value::as_array).context("codes")?;
    // Codes of calls that are not made here.
    const ELSEWHERE: [&str; 24] = [
        "agreement_changed",
        "given_up",
        "signed",
        "ambiguous",
        "seed_cut",
        "seed_waited",
        "introduction_under_way",
        "not_vouched",
        "said_no",
        "dump",
        "dump_empty",
        "endorsement",
        "endpoint_unknown",
        "no_introduction",
        "not_endorsed",
        "reference_ended",
        "password_needed",
        "sign_in",
        "link",
        "totp",
        "password",
        "last_admin",
        "unknown_user",
        "invitation",
    ];
    // Told as `token`.
    const TOKEN: &str = "session";
    let mut folders = vec![std::path::PathBuf::from(format!("{root}/node/server/src/desk"))];
    let mut codes = std::collections::BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path)?.split_whitespace().collect::<Vec<_>>().join(" ");
            for rest in text.split("Code::").skip(1) {
                let name = rest.trim_start_matches(char::is_alphanumeric).strip_prefix(", \"");
                codes.extend(name.and_then(|name| name.split('"').next()).map(str::to_owned));
            }
        }
    }
    let is_code = |text: &String| text.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
    codes.retain(is_code);
    ensure!(codes.len() > 20, "the codes are not where they were: {codes:?}");
    for code in codes {
        let known = listed.iter().any(|one| *one == json!(code));
        ensure!(known || ELSEWHERE.contains(&code.as_str()) || code == TOKEN, "{code} is not published");
    }
    Ok(())
}
