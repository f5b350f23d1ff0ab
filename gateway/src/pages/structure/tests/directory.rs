//! The directory: what an admin is told of it, and wishes of it.

use super::*;
use relais_proto::desk::v1::{DirectoryCompared, DirectoryPart, DirectoryStanding};

/// A structure that is refused.
pub(super) const GHOST: [u8; 32] = [3; 32];
/// One that nobody recommends.
const STRANGER: [u8; 32] = [5; 32];
const PAGE: &str = "/structure/annuaire";

pub(super) fn page(id: &[u8], rest: &str) -> String {
    format!("{PAGE}/{}{rest}", hex::encode(id))
}

fn structure(id: [u8; 32], name: &str, standing: DirectoryStanding) -> desk::DirectoryStructure {
    desk::DirectoryStructure {
        structure_id: id.to_vec(),
        name: name.to_owned(),
        standing: standing.into(),
        records: 4,
        fresh_ms: Some(NOW),
        services: 2,
        expires_ms: Some(NOW),
        commune_name: "La Rochelle".to_owned(),
        ..Default::default()
    }
}

/// One that a partner recommends, and brought.
fn vouched() -> desk::DirectoryStructure {
    let word = desk::EndorsementView {
        by_id: HUB.to_vec(),
        by_name: "Emmaüs Connect".to_owned(),
        territories: vec!["17".to_owned()],
        until_ms: NOW,
        ..Default::default()
    };
    desk::DirectoryStructure {
        carrier_id: HUB.to_vec(),
        carrier_name: "Emmaüs Connect".to_owned(),
        carried_ms: Some(NOW),
        vouchers: vec![word],
        ..structure(NEW, "Mission locale", DirectoryStanding::Third)
    }
}

fn all() -> Vec<desk::DirectoryStructure> {
    vec![
        structure(STRUCTURE, "Agence du Port", DirectoryStanding::Own),
        structure(HUB, "Emmaüs Connect", DirectoryStanding::Partner),
        vouched(),
        structure(STRANGER, "Maison du lac", DirectoryStanding::Third),
        desk::DirectoryStructure {
            fresh_ms: None,
            expires_ms: None,
            records: 0,
            services: 0,
            ..structure(GHOST, "Association Fantôme", DirectoryStanding::Refused)
        },
    ]
}

fn showing(structures: Vec<desk::DirectoryStructure>) -> desk::DirectoryView {
    desk::DirectoryView {
        departements: vec!["17".to_owned(), "79".to_owned()],
        departement_names: vec!["Charente-Maritime".to_owned(), "Deux-Sèvres".to_owned()],
        chosen: peer::YesNo::Yes.into(),
        structures_known: 1_204,
        structures_found: u32::try_from(structures.len()).unwrap(),
        services_known: 3_011,
        structures,
        ..Default::default()
    }
}

pub(super) fn view() -> desk::DirectoryView {
    showing(all())
}

pub(super) fn open_data() -> desk::OpenDataStatusResponse {
    let source = desk::OpenDataSource {
        name: "dora".to_owned(),
        seeded_ms: NOW,
        services: 5_120,
        newest_day: 20_779,
        ..Default::default()
    };
    desk::OpenDataStatusResponse { sources: vec![source], ..Default::default() }
}

/// What strangers may claim of themselves.
pub(super) fn hostile() -> desk::DirectoryView {
    let hostile = |mut one: desk::DirectoryStructure| {
        for text in [&mut one.name, &mut one.commune_name, &mut one.carrier_name] {
            HOSTILE.clone_into(text);
        }
        one.conflicts = 1;
        one.vouchers.iter_mut().for_each(|word| word.by_name = HOSTILE.to_owned());
        one
    };
    let refusals = vec![
        desk::DirectoryRefusals { code: HOSTILE.to_owned(), count: 1, last_ms: NOW },
        desk::DirectoryRefusals { code: "directory_foreign".to_owned(), count: 1, last_ms: NOW },
    ];
    let compared = desk::DirectoryComparison { name: HOSTILE.to_owned(), ended: 99, ..Default::default() };
    desk::DirectoryView {
        departements: vec![HOSTILE.to_owned()],
        departement_names: vec![HOSTILE.to_owned()],
        conflicting: 4,
        refused: 1,
        carriers: vec![desk::DirectoryCarrier { name: HOSTILE.to_owned(), refusals, ..Default::default() }],
        comparisons: vec![compared],
        next_page_token: HOSTILE.to_owned(),
        ..showing(all().into_iter().map(hostile).collect())
    }
}

pub(super) fn hostile_data() -> desk::OpenDataStatusResponse {
    let mut data = open_data();
    HOSTILE.clone_into(&mut data.sources[0].name);
    data
}

#[tokio::test]
async fn it_is_told_in_plain_words_how_much_of_where_and_how_fresh() {
    let compared = |ended: DirectoryCompared| desk::DirectoryComparison {
        peer_id: HUB.to_vec(),
        name: "Emmaüs Connect".to_owned(),
        at_ms: Some(NOW),
        ended: ended.into(),
    };
    let view = desk::DirectoryView { comparisons: vec![compared(DirectoryCompared::NothingNew)], ..view() };
    let bench = admin().answers("ShowDirectory", &view);
    let page = bench.get(PAGE).await;
    page.is_whole();
    for part in [
        "1204 structures",
        "3011 services",
        "Charente-Maritime (17), Deux-Sèvres (79)",
        "dora",
        "5120 services",
        "dimanche 22 novembre 2026",
        &french("directory-compared-nothing-new"),
        "recommandée par Emmaüs Connect",
        "connue par Emmaüs Connect",
        "La Rochelle · 2 services",
        &french("directory-standing-own"),
        &french("directory-standing-third"),
        &french("directory-nothing-held"),
    ] {
        assert!(page.has(part), "{part}: {}", page.text);
    }
    let asked: desk::ShowDirectoryRequest = bench.asked("ShowDirectory").unwrap();
    assert_eq!((asked.page_size, asked.name.as_str(), asked.part()), (50, "", DirectoryPart::Unspecified));
    assert_eq!(bench.times_asked("ShowDirectory"), 1, "nothing else is to be looked at");
    assert!(!page.has(&french("directory-unread")));
    let unread = desk::DirectoryView { unread: 2, ..view.clone() };
    let page = admin().answers("ShowDirectory", &unread).get(PAGE).await;
    assert!(
        page.has(&french("directory-unread")) && page.has("2 fiches qu’une autre version"),
        "{}",
        page.text
    );
    for ended in 0..=7 {
        for language in [Language::French, Language::English] {
            let comparison = desk::DirectoryComparison { ended, ..compared(DirectoryCompared::Partly) };
            let view = desk::DirectoryView { comparisons: vec![comparison], ..view.clone() };
            admin().answers("ShowDirectory", &view).reading(language).get(PAGE).await.is_whole();
        }
    }
}

#[tokio::test]
async fn contradictions_and_refusals_come_first_with_what_to_do() {
    let torn = desk::DirectoryStructure { conflicts: 2, ..vouched() };
    let refusals = ["directory_bad_signature", "directory_older"].map(|code| desk::DirectoryRefusals {
        code: code.to_owned(),
        count: 3,
        last_ms: NOW,
    });
    let carrier = desk::DirectoryCarrier {
        name: "Emmaüs Connect".to_owned(),
        refusals: refusals.to_vec(),
        ..Default::default()
    };
    let view =
        desk::DirectoryView { conflicting: 7, refused: 1, carriers: vec![carrier], ..showing(vec![torn; 9]) };
    let bench = admin().answers("ShowDirectory", &view);
    let page = bench.get(PAGE).await;
    page.is_whole();
    let first = page.text.find(&french("directory-to-look-at")).unwrap();
    assert!(first < page.text.find("id=\"structures\"").unwrap());
    for part in [
        "différentes de 2 fiches",
        &french("directory-conflict-do"),
        &french("directory-not-taken-forged-do"),
        &french("directory-harmless"),
        "href=\"/structure/annuaire?voir=conflits\"",
        "Les voir toutes (7)",
    ] {
        assert!(page.has(part), "{part}");
    }
    assert!(!page.has("href=\"/structure/annuaire?voir=refusees\""), "one refused structure is all of them");
    // Five of those that contradict themselves, five refused, nine in the list: whatever the node answers.
    assert_eq!(page.text.matches("<h3 class=\"row-title\"><a").count(), 5 + 5 + 9);
    let asked: desk::ShowDirectoryRequest = bench.asked("ShowDirectory").unwrap();
    assert_eq!((asked.page_size, asked.part()), (5, DirectoryPart::Refused));
    let some = bench.get("/structure/annuaire?voir=conflits").await;
    some.is_whole();
    let listed = bench.times_asked("ShowDirectory");
    assert!(some.has(&french("directory-conflicting")) && !some.has(&french("directory-choose")));
    assert_eq!(listed, 3 + 2, "its own part is not asked for twice");
}

#[tokio::test]
async fn ten_thousand_structures_are_pages_of_fifty_and_are_looked_for_by_name() {
    let view = desk::DirectoryView {
        next_page_token: "50".to_owned(),
        structures_found: 10_000,
        ..showing(vec![vouched(); 10_000])
    };
    let bench = admin().answers("ShowDirectory", &view);
    let page = bench.get(PAGE).await;
    assert_eq!(page.text.matches("<h3 class=\"row-title\"><a").count(), 50);
    assert!(page.has("href=\"/structure/annuaire?page=50\""));
    let page = bench.get("/structure/annuaire?nom=%20Foyer%20d%27acc%26%3Cb%3E&page=100").await;
    page.is_whole();
    let asked: desk::ShowDirectoryRequest = bench.asked("ShowDirectory").unwrap();
    assert_eq!((asked.name.as_str(), asked.page_token.as_str()), ("Foyer d'acc&<b>", "100"));
    assert!(page.has("10000 structures trouvées") && page.has("d&#39;acc&#38;&#60;b&#62;"), "{}", page.text);
    assert!(page.has("nom=Foyer") && page.has("page=50") && !page.has("acc&<b>"));
    let long = format!("/structure/annuaire?nom={}&page=x&voir=tout&fait=%3Cb%3E", "a".repeat(4_000));
    bench.get(&long).await.is_whole();
    let asked: desk::ShowDirectoryRequest = bench.asked("ShowDirectory").unwrap();
    assert_eq!((asked.name.len(), asked.page_token.as_str(), asked.part), (100, "", 0));
    let none = admin().answers("ShowDirectory", &showing(vec![])).get("/structure/annuaire?nom=x").await;
    assert!(none.is_whole().has("Aucune structure trouvée") && none.has(&french("directory-back")));
}

#[tokio::test]
async fn who_is_recommended_is_one_press_from_an_introduction_and_a_stranger_from_an_invitation() {
    let bench = admin();
    let ask = format!("name=\"numero\" value=\"{}\"", hex::encode(&NEW));
    for address in [PAGE.to_owned(), page(&NEW, "")] {
        let shown = bench.get(&address).await;
        assert_eq!(shown.text.matches(&ask).count(), 1, "{address}");
        assert!(shown.has("action=\"/structure/partenaires/presentation\""));
    }
    let one = bench.get(&page(&NEW, "")).await;
    assert!(one.has("jusqu’au") && one.has(&french("directory-introduce-what")) && one.has("(17)"));
    let stranger = bench.get(&page(&STRANGER, "")).await;
    assert!(!stranger.has("numero") && stranger.has(&french("directory-invite")));
    assert!(stranger.has("action=\"/structure/partenaires/invitation\""));
    assert!(stranger.has("name=\"structure\" value=\"Maison du lac\""));
    let under_way = desk::IntroductionView {
        structure_id: NEW.to_vec(),
        standing: desk::IntroductionStanding::Asking.into(),
        ..Default::default()
    };
    let under_way = desk::ListIntroductionsResponse { introductions: vec![under_way] };
    let bench = bench.answers("ListIntroductions", &under_way);
    let one = bench.get(&page(&NEW, "")).await;
    assert!(!one.has("numero") && one.has(&french("directory-under-way")));
    assert!(bench.get(&page(&HUB, "")).await.has(&format!("href=\"{}\"", peer_page(&HUB, ""))));
    let auditor = super::bench(&[Role::Auditor]);
    for address in [PAGE.to_owned(), page(&NEW, ""), page(&GHOST, "")] {
        let shown = auditor.get(&address).await;
        for act in ["method=\"post\" action=\"/structure", "/refuser", "/reprendre", "numero"] {
            assert!(!shown.has(act), "{address}: {act}");
        }
    }
}

#[tokio::test]
async fn refusing_is_said_first_done_once_and_taken_back() {
    let refused = structure(NEW, "Mission locale", DirectoryStanding::Refused);
    let bench = admin().answers("RefuseStructure", &refused).answers("AllowStructure", &vouched());
    let refuse = page(&NEW, "/refuser");
    let ask = bench.get(&refuse).await;
    ask.is_whole();
    assert!(ask.has("Refuser Mission locale") && ask.has("ses fiches reviendront alors peu à peu"));
    assert!(!ask.has(&french("directory-refuser-partner")));
    assert!(bench.get(&page(&HUB, "/refuser")).await.has(&french("directory-refuser-partner")));
    let done = bench.post(&refuse, &[]).await;
    assert_eq!(done.leads_to(), page(&NEW, "?fait=refuser"));
    let asked: desk::RefuseStructureRequest = bench.asked("RefuseStructure").unwrap();
    assert_eq!(asked.structure_id, NEW);
    let bench = bench.answers("ShowDirectory", &showing(vec![refused]));
    assert!(bench.get(&page(&NEW, "?fait=refuser")).await.has(&french("directory-done-refuser")));
    assert_eq!(bench.post(&refuse, &[]).await.leads_to(), page(&NEW, "?fait=refuser"));
    assert_eq!(bench.times_asked("RefuseStructure"), 1, "pressed twice, it is done once");
    assert_eq!(bench.get(&refuse).await.leads_to(), page(&NEW, ""));
    let allow = page(&NEW, "/reprendre");
    assert!(bench.get(&allow).await.is_whole().has("Accepter à nouveau Mission locale"));
    let resumed = bench.post(&allow, &[("reprise", "oui")]).await;
    assert_eq!((resumed.status, bench.times_asked("AllowStructure")), (StatusCode::OK, 0));
    assert_eq!(bench.post(&allow, &[]).await.leads_to(), "/structure/annuaire?fait=reprendre");
    let bench = bench.answers("ShowDirectory", &showing(vec![]));
    assert_eq!(bench.post(&allow, &[]).await.leads_to(), "/structure/annuaire?fait=reprendre");
    assert_eq!(bench.times_asked("AllowStructure"), 1);
    assert!(bench.get("/structure/annuaire?fait=reprendre").await.has(&french("directory-done-reprendre")));
    let full = admin().refuses("RefuseStructure", Code::InvalidArgument, "directory", "");
    let no = full.post(&refuse, &[]).await;
    assert_eq!(no.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(no.is_whole().has(&french("directory-change-refused")));
}

#[tokio::test]
async fn what_is_no_structure_is_not_there() {
    let bench = admin();
    let unknown = page(&[8; 32], "");
    let own = page(&STRUCTURE, "/refuser");
    for address in [
        unknown.clone(),
        format!("{unknown}/refuser"),
        page(&[1; 4], ""),
        page(&[1; 33], "/refuser"),
        format!("{PAGE}/xyz"),
        format!("{PAGE}/{}", "é".repeat(3)),
        format!("{PAGE}/{}g", "0".repeat(63)),
        page(&NEW, "/vendre"),
        page(&NEW, "/refuser/encore"),
    ] {
        assert_eq!(bench.get(&address).await.status, StatusCode::NOT_FOUND, "{address}");
    }
    for address in [format!("{unknown}/refuser"), page(&[1; 4], "/refuser"), page(&NEW, "/vendre")] {
        assert_eq!(bench.post(&address, &[]).await.status, StatusCode::NOT_FOUND, "{address}");
    }
    assert_eq!(bench.post(&page(&[1; 4], "/reprendre"), &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bench.get(&own).await.leads_to(), page(&STRUCTURE, ""));
    assert!(!bench.get(&page(&STRUCTURE, "")).await.has("/refuser"));
    assert_eq!(bench.post(&own, &[]).await.leads_to(), page(&STRUCTURE, ""));
    assert_eq!(bench.times_asked("RefuseStructure"), 0);
}

#[tokio::test]
async fn departements_are_chosen_and_what_is_wrong_is_said_with_nothing_lost() {
    let form = "/structure/annuaire/departements";
    let bench = admin().answers("SubscribeDirectory", &view());
    assert!(bench.get(PAGE).await.has("value=\"17, 79\""));
    for (fields, wanted) in [
        (vec![("choix", "liste"), ("codes", "17; 2a 971,,79")], vec!["17", "2a", "971", "79"]),
        (vec![("choix", "france"), ("codes", "99")], vec!["france"]),
        (vec![("choix", "chez-nous")], vec![]),
    ] {
        let done = bench.post(form, &fields).await;
        assert_eq!(done.leads_to(), "/structure/annuaire?fait=departements");
        let asked: desk::SubscribeDirectoryRequest = bench.asked("SubscribeDirectory").unwrap();
        assert_eq!(asked.departements, wanted);
    }
    assert!(
        bench.get("/structure/annuaire?fait=departements").await.has(&french("directory-done-departements"))
    );
    for (fields, words, link) in [
        (vec![("choix", "liste"), ("codes", " , ;")], "directory-codes-empty", "#champ-codes"),
        (vec![("codes", "17")], "directory-choice-empty", "#champ-choix"),
        (vec![("choix", "tout"), ("codes", "17")], "directory-choice-empty", "#champ-choix"),
    ] {
        let page = bench.post(form, &fields).await;
        assert_eq!(
            (page.status, bench.times_asked("SubscribeDirectory")),
            (StatusCode::UNPROCESSABLE_ENTITY, 3)
        );
        assert!(page.is_whole().has(&french(words)) && page.has(&format!("href=\"{link}\"")), "{words}");
    }
    let bench = admin().refuses("SubscribeDirectory", Code::InvalidArgument, "field", "departements");
    let page = bench.post(form, &[("choix", "liste"), ("codes", "17, 99")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.is_whole().has(&french("directory-kept-refused-departements")));
    assert!(
        page.has("value=\"17, 99\"") && page.has("<details open>") && page.has("value=\"liste\" checked")
    );
    let resumed = bench.post(form, &[("choix", "liste"), ("codes", "2B"), ("reprise", "oui")]).await;
    assert!(resumed.status == StatusCode::OK && resumed.has("value=\"2B\"") && resumed.has("<details open>"));
}

#[tokio::test]
async fn who_has_not_confirmed_is_no_partner_in_the_directory() {
    let awaited = showing(vec![structure(HUB, "Emmaüs Connect", DirectoryStanding::Awaited)]);
    let bench = admin().answers("ShowDirectory", &awaited);
    let one = bench.get(&page(&HUB, "")).await;
    one.is_whole();
    assert!(one.has(&french("directory-standing-awaited")) && !one.has(&french("directory-invite")));
    assert!(one.has(&format!("href=\"{}\"", peer_page(&HUB, ""))), "its page says what to do");
    let refuse = bench.get(&page(&HUB, "/refuser")).await;
    assert!(refuse.has(&french("directory-refuser-partner")));
}

#[tokio::test]
async fn few_are_named_that_recommend_a_structure_and_so_many_comparisons_are_told() {
    let named = |names: &[&str]| {
        let word = |name: &&str| desk::EndorsementView { by_name: (*name).to_owned(), ..Default::default() };
        desk::DirectoryStructure { vouchers: names.iter().map(word).collect(), ..vouched() }
    };
    for (names, words) in [
        (&["Arc", "Bois", "Col"][..], "recommandée par Arc, Bois, Col<"),
        (&["Arc", "Bois", "Col", "Dune"][..], "recommandée par Arc, Bois, Col et d’autres<"),
    ] {
        let page = admin().answers("ShowDirectory", &showing(vec![named(names)])).get(PAGE).await;
        assert!(page.has(words), "{words}: {}", page.text);
    }
    let one = desk::DirectoryComparison { peer_id: HUB.to_vec(), ..Default::default() };
    let view = desk::DirectoryView { comparisons: vec![one; 201], ..showing(vec![]) };
    let page = admin().answers("ShowDirectory", &view).get(PAGE).await;
    assert_eq!(page.text.matches(&french("directory-never-compared")).count(), 200);
}
