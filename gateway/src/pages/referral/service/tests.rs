//! The doors of a need, over hand-made answers of the node.

use crate::bench::{Bench, Page, french};
use crate::form::Form;
use crate::hex;
use axum::http::StatusCode;
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::{FindDoors, FindFilter, FindPrice, FoundStanding, Role};
use relais_proto::peer::v1::YesNo;

const DRAFT: [u8; 16] = [4; 16];
const THEME: &str = "numerique--acquerir-un-equipement";

fn found(name: &str, standing: FoundStanding) -> desk::FoundService {
    let unverified = standing == FoundStanding::Unverified;
    let service = desk::ServiceView {
        structure_id: if unverified { Vec::new() } else { vec![6; 32] },
        structure_name: format!("Structure {name}"),
        service_id: name.to_lowercase(),
        name: name.to_owned(),
        address: "1 rue de l’Essai, La Rochelle".to_owned(),
        phone: "05 46 00 00 00".to_owned(),
        email: "accueil@essai.example".to_owned(),
        link: "https://essai.example/".to_owned(),
        ..Default::default()
    };
    let open = unverified.then(|| desk::OpenSource {
        source: "dora".to_owned(),
        updated_day: 20_000,
        ..Default::default()
    });
    desk::FoundService { service: Some(service), standing: standing.into(), open, ..Default::default() }
}

fn draft(fields: &str) -> desk::DraftView {
    let known = format!("demande={}&theme={THEME}&commune-code=17300&{fields}", hex::encode(&[9; 16]));
    desk::DraftView {
        draft_id: DRAFT.to_vec(),
        form: "orientation".to_owned(),
        fields: Form::parse(known.as_bytes()).unwrap().encode(),
        saved_ms: 1_795_000_000_000,
        ..Default::default()
    }
}

fn answer(services: Vec<desk::FoundService>) -> desk::FindServicesResponse {
    let total = u32::try_from(services.len()).unwrap();
    desk::FindServicesResponse {
        services,
        commune_name: "La Rochelle".to_owned(),
        total,
        ..Default::default()
    }
}

fn bench(fields: &str, roles: &[Role], answer: &desk::FindServicesResponse) -> Bench {
    Bench::of(roles)
        .answers("ShowDraft", &draft(fields))
        .answers("SaveDraft", &draft(fields))
        .answers("FindServices", answer)
}

fn at(page: &str) -> String {
    format!("/orientations/nouvelle/{}/{page}", hex::encode(&DRAFT))
}

async fn shown(fields: &str, roles: &[Role], answer: &desk::FindServicesResponse) -> (Bench, Page) {
    let bench = bench(fields, roles, answer);
    let page = bench.get(&at("service")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    page.is_whole();
    (bench, page)
}

#[tokio::test]
async fn only_partners_are_sent_to_and_the_others_are_called_or_invited() {
    let all = answer(vec![
        found("Partenaire", FoundStanding::Partner),
        found("Voisine", FoundStanding::Stranger),
        found("Ouverte", FoundStanding::Unverified),
    ]);
    let (bench, page) = shown("", &[Role::Counsellor], &all).await;
    assert_eq!(page.text.matches("name=\"porte\"").count(), 1, "{}", page.text);
    assert_eq!(page.text.matches("href=\"tel:").count(), 2, "a partner is sent to, not called");
    assert!(page.has("mailto:accueil@essai.example") && page.has("rel=\"noopener noreferrer\""));
    assert!(page.has("données ouvertes") && page.has("dora"));
    assert!(!page.has(&french("service-invite")), "an admin invites");
    let asked: desk::FindServicesRequest = bench.asked("FindServices").unwrap();
    assert_eq!((asked.limit, asked.doors()), (10, FindDoors::All));
    let (_, page) = shown("", &[Role::Counsellor, Role::Admin], &all).await;
    assert_eq!(page.text.matches(&french("service-invite")).count(), 2);
    // The invitation that a press makes says for whom it is, and is one.
    let invites = "formaction=\"/structure/partenaires/invitation\"";
    assert_eq!(page.text.matches(invites).count(), 2, "{}", page.text);
    let pressed: Vec<(&str, &str)> = page
        .text
        .split("name=\"pour\" value=\"")
        .skip(1)
        .map(|rest| rest.split_once('"').unwrap().0.split_once(' ').unwrap())
        .collect();
    assert_eq!(
        pressed.iter().map(|(_, name)| *name).collect::<Vec<_>>(),
        ["Structure Voisine", "Structure Ouverte"]
    );
    assert!(pressed.iter().all(|(act, _)| hex::id(act).is_some()));
    assert_ne!(pressed[0].0, pressed[1].0, "each is an invitation of its own");
}

/// Nothing reaches who was confirmed here alone: its admin is to be called.
#[tokio::test]
async fn who_has_not_confirmed_is_no_door_and_an_admin_is_led_to_the_partnership() {
    let mut awaited = found("Voisine", FoundStanding::Awaited);
    awaited.reasons = vec!["the node's sentence".to_owned()];
    awaited.coded_reasons =
        vec![desk::FoundReason { kind: desk::FoundReasonKind::Awaited.into(), ..Default::default() }];
    let all = answer(vec![found("Partenaire", FoundStanding::Partner), awaited]);
    let partnership = format!("href=\"/structure/partenaires/{}\"", hex::encode(&[6; 32]));
    for (roles, leads) in [(vec![Role::Counsellor], false), (vec![Role::Counsellor, Role::Admin], true)] {
        let (_, page) = shown("", &roles, &all).await;
        assert_eq!(page.text.matches("name=\"porte\"").count(), 1, "{}", page.text);
        assert!(page.has(&french("found-awaited")) && page.text.matches("href=\"tel:").count() == 1);
        assert_eq!(page.has(&partnership), leads, "{roles:?}");
        assert!(!page.has(&french("service-invite")) && !page.has(&french("service-introduce")));
    }
}

#[tokio::test]
async fn while_open_data_are_read_the_page_says_so() {
    let reading = |reading: YesNo| {
        let all = answer(vec![found("Partenaire", FoundStanding::Partner)]);
        desk::FindServicesResponse { open_data_reading: reading.into(), ..all }
    };
    for (open_data, said) in [(YesNo::Yes, true), (YesNo::No, false), (YesNo::Unspecified, false)] {
        let (_, page) = shown("", &[Role::Counsellor], &reading(open_data)).await;
        assert_eq!(page.has(&french("service-reading")), said, "{open_data:?}");
    }
}

/// What `tel:` dials, of numbers as they are written.
#[tokio::test]
async fn the_first_number_is_dialled_as_it_is_dialled_from_anywhere() {
    for (phone, dialled) in [
        ("+33 (0)5 46 00 00 00", "+33546000000"),
        ("05 46 00 00 00 / 06 00 00 00 00", "0546000000"),
        ("+33 5 46 00 00 00/+33 6 00 00 00 00", "+33546000000"),
        ("/ 05.46.00.00.00", "0546000000"),
        ("(0)5 46 00 00 00", "0546000000"),
        ("05 46+1", "05461"),
        ("115", "115"),
    ] {
        let mut one = found("Ouverte", FoundStanding::Unverified);
        one.service.as_mut().unwrap().phone = phone.to_owned();
        let (_, page) = shown("", &[Role::Counsellor], &answer(vec![one])).await;
        assert!(page.has(&format!("href=\"tel:{dialled}\"")), "{phone}: {}", page.text);
    }
}

#[tokio::test]
async fn what_is_asked_is_said_and_what_it_shuts_out_is_one_press_away() {
    let shut = |filter: FindFilter, count| desk::ShutOut {
        filter: filter.into(),
        count,
        name: "Plus loin".to_owned(),
        distance_m: Some(12_300),
        ..Default::default()
    };
    let none = desk::FindServicesResponse {
        shut_out: vec![shut(FindFilter::Language, 3), shut(FindFilter::Territory, 1)],
        ..answer(vec![])
    };
    let (bench, page) = shown("filtre-langue=arabe&filtre-prix=gratuit", &[Role::Counsellor], &none).await;
    let asked: desk::FindServicesRequest = bench.asked("FindServices").unwrap();
    assert_eq!((asked.language.as_str(), asked.price()), ("ar", FindPrice::Free));
    assert!(page.has("12,3"), "no silent zero: {}", page.text);
    assert_eq!(
        page.text.matches("name=\"sans\" value=\"filtre-").count(),
        1,
        "a territory cannot be taken away"
    );
    assert!(page.has("· arabe") && page.has(&french("filter-none")));
    assert!(
        page.has(&french("service-none-asked")) && !page.text.contains("?filtre"),
        "nothing in an address"
    );
}

#[tokio::test]
async fn who_is_recommended_is_one_press_from_an_introduction_and_costs_partners_no_word() {
    let partner = answer(vec![found("Partenaire", FoundStanding::Partner)]);
    let both =
        answer(vec![found("Partenaire", FoundStanding::Partner), found("Voisine", FoundStanding::Vouched)]);
    let directory = format!("href=\"/structure/annuaire/{}\"", hex::encode(&[6; 32]));
    let (_, page) = shown("", &[Role::Counsellor, Role::Admin], &both).await;
    assert!(page.has(&directory) && page.has(&french("service-introduce")));
    assert!(!page.has(&french("service-invite")) && page.text.matches("name=\"porte\"").count() == 1);
    let (_, page) = shown("", &[Role::Counsellor], &both).await;
    assert!(!page.has("/structure/annuaire") && page.has(&french("service-ask-admin")));
    for roles in [vec![Role::Counsellor], vec![Role::Counsellor, Role::Admin]] {
        let (_, page) = shown("", &roles, &partner).await;
        for key in ["service-ask-admin", "service-introduce", "service-invite"] {
            assert!(!page.has(&french(key)), "{key} on the row of a partner");
        }
    }
}

async fn kept(fields: &str, posted: &[(&str, &str)]) -> Form {
    let bench = bench(fields, &[Role::Counsellor], &answer(vec![]));
    let page = bench.post(&at("filtres"), posted).await;
    assert_eq!((page.status, page.leads_to()), (StatusCode::SEE_OTHER, at("service").as_str()));
    Form::parse(&bench.asked::<desk::SaveDraftRequest>("SaveDraft").unwrap().fields).unwrap()
}

#[tokio::test]
async fn filters_are_kept_in_the_draft_and_taken_away_one_by_one() {
    let form = kept("", &[("filtre-langue", "arabe"), ("filtre-distance", "pied"), ("theme", "autre")]).await;
    assert_eq!((form.text("filtre-langue"), form.text("filtre-distance")), ("arabe", "pied"));
    assert_eq!(form.text("theme"), THEME, "the need is not changed here");
    let both = "filtre-langue=arabe&filtre-prix=gratuit";
    let form = kept(both, &[("sans", "filtre-langue")]).await;
    assert_eq!((form.text("filtre-langue"), form.text("filtre-prix")), ("", "gratuit"));
    let form = kept(both, &[("sans", "tout")]).await;
    assert_eq!((form.text("filtre-langue"), form.text("filtre-prix")), ("", ""));
    let form = kept(both, &[("sans", "theme")]).await;
    assert_eq!((form.text("theme"), form.text("filtre-langue")), (THEME, "arabe"), "filters alone");
    let form = kept(both, &[("filtre-langue", "")]).await;
    assert_eq!(form.text("filtre-prix"), "", "a box that was unticked is not sent");
}

#[tokio::test]
async fn the_next_page_is_asked_for_in_no_address() {
    let first = desk::FindServicesResponse {
        next_page_token: "20700.abc".to_owned(),
        total: 31,
        ..answer(vec![found("Un", FoundStanding::Partner)])
    };
    let (bench, page) = shown("filtre-langue=arabe", &[Role::Counsellor], &first).await;
    assert!(page.has("name=\"suite\" value=\"20700.abc\"") && page.has("31 services"), "{}", page.text);
    assert!(!page.has("?suite"));
    let last = bench.answers("FindServices", &answer(vec![found("Deux", FoundStanding::Partner)]));
    let page = last.post(&at("service"), &[("suite", "20700.abc")]).await;
    let asked: desk::FindServicesRequest = last.asked("FindServices").unwrap();
    assert_eq!((asked.page_token.as_str(), asked.language.as_str()), ("20700.abc", "ar"));
    assert!(page.has(&french("service-first")) && !page.has(&french("service-next")));
}

#[tokio::test]
async fn a_language_that_is_none_is_mended_on_the_page_and_nothing_is_kept() {
    for typed in ["klingonais", "arabe, français", "🙂", "un peu d’arabe"] {
        let bench = bench("", &[Role::Counsellor], &answer(vec![found("Un", FoundStanding::Partner)]));
        let page = bench.post(&at("filtres"), &[("filtre-langue", typed), ("filtre-prix", "gratuit")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        assert!(page.has(&french("filter-language-unknown")) && page.has(&format!("value=\"{typed}\"")));
        assert!(page.has("<details open>") && page.has("name=\"porte\""), "the rest is still there");
        assert_eq!(bench.times_asked("SaveDraft"), 0);
    }
    let (bench, page) = shown("filtre-langue=klingonais", &[Role::Counsellor], &answer(vec![])).await;
    assert_eq!(bench.asked::<desk::FindServicesRequest>("FindServices").unwrap().language, "");
    assert!(page.has(&french("service-none")), "a draft that holds one is not stuck");
}

#[tokio::test]
async fn what_a_later_node_says_is_no_partner_and_an_address_says_no_more_than_an_address() {
    let mut later = found("Plus tard", FoundStanding::Partner);
    later.standing = 9;
    let mut sly = found("Rusée", FoundStanding::Stranger);
    let service = sly.service.as_mut().unwrap();
    service.email = "accueil@essai.example?bcc=espion@mal.example".to_owned();
    service.link = "https://hub.example@mal.example/x".to_owned();
    service.name = "<script>alert(1)</script>".to_owned();
    let (_, page) = shown("", &[Role::Counsellor], &answer(vec![later, sly])).await;
    assert!(!page.has("name=\"porte\""), "{}", page.text);
    assert!(!page.has("mailto:accueil@essai.example?bcc") && page.has(">mal.example</a>"), "{}", page.text);
    assert!(page.has("href=\"tel:0546000000\"") && !page.has("<script>alert"));
}
