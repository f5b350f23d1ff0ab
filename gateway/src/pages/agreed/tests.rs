//! What the person is told before they agree, on the page and in what changes while the form is filled in.

use super::*;
use crate::bench::{Bench, french};
use crate::hex;
use crate::tongue::Language;
use axum::http::StatusCode;
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::Role;

const HUB: [u8; 32] = [6; 32];
const DRAFT: [u8; 16] = [3; 16];

#[test]
fn how_it_was_given_is_never_presumed() {
    let none = given(&Form::default());
    assert_eq!(none.how(), peer::GivenHow::Unspecified, "the node refuses it");
    assert_eq!((none.teach_back(), none.language.as_str()), (peer::TeachBack::NotDone, "fr"));
    assert_eq!(none.presence(), peer::Presence::None);
    for (chosen, wanted) in [("temoin", peer::Presence::Witness), ("tuteur", peer::Presence::Guardian)] {
        let form = Form::parse(format!("presence={chosen}").as_bytes()).unwrap();
        assert_eq!(given(&form).presence(), wanted);
    }
    let all = given(&Form::parse(b"maniere=ecrit&redit=oui&avis=ar&interprete=proche").unwrap());
    assert_eq!((all.how(), all.interpreter()), (peer::GivenHow::Written, peer::Interpreter::Relative));
    assert_eq!((all.teach_back(), all.language.as_str()), (peer::TeachBack::Done, "ar"));
}

fn notice(language: &str, text: &str, script: &str, reviewed: peer::YesNo) -> NoticeView {
    NoticeView {
        notice_id: "referral-3".to_owned(),
        language: language.to_owned(),
        text: text.to_owned(),
        script: script.to_owned(),
        reviewed: reviewed.into(),
        ..Default::default()
    }
}

fn in_french() -> NoticeView {
    notice("fr", "Nous demandons de l’aide.", "Je vous dis son nom.", peer::YesNo::Yes)
}

fn look(language: Language, told: Told) -> String {
    let frame = Frame::bare(Tongue(language), "titre");
    let seen = Seen { recipient: "Emmaüs Connect".to_owned(), ..Default::default() };
    Look { frame, seen, told, walk_in: false }.render().unwrap()
}

#[test]
fn the_text_in_the_language_that_was_chosen_is_shown_beside_the_french_one() {
    let arabic = notice("ar", "نطلب مساعدة لك.", "", peer::YesNo::No);
    let told = Told::of(Tongue(Language::French), &in_french(), Some(&arabic));
    let page = look(Language::French, told);
    assert!(page.contains("lang=\"ar\" dir=\"rtl\">") && page.contains("نطلب مساعدة لك."), "{page}");
    assert!(page.contains("lang=\"fr\" dir=\"ltr\">Nous demandons de l’aide.</div>"), "{page}");
    assert_eq!(page.matches(&french("paper-not-reviewed")).count(), 1, "the Arabic text alone: {page}");
    assert!(page.contains("lang=\"fr\" dir=\"ltr\">Je vous dis son nom.</div>"), "{page}");
    assert!(page.contains(&french("agreement-script-none")), "the French one is said instead: {page}");
    assert!(!page.contains("\"></div>") && !page.contains("<p></p>"), "nothing is empty: {page}");
}

#[test]
fn a_language_with_a_script_says_its_own() {
    let english = notice("en", "We ask for help.", "I tell you its name.", peer::YesNo::Yes);
    let page = look(Language::English, Told::of(Tongue(Language::English), &in_french(), Some(&english)));
    assert!(page.contains("lang=\"en\" dir=\"ltr\">I tell you its name.</div>"), "{page}");
    assert!(page.contains("We ask for help.") && page.contains("Nous demandons de l’aide."));
    let none = Tongue(Language::English).say("agreement-script-none");
    assert!(!page.contains(&none) && !page.contains("Je vous dis son nom."), "{page}");
    let page = look(Language::English, Told::of(Tongue(Language::English), &in_french(), None));
    assert_eq!(page.matches("class=\"notice\"").count(), 2, "what is said, and what is shown: {page}");
    assert!(!page.contains(&none));
}

#[test]
fn what_is_told_is_swapped_where_it_stands_while_the_form_is_filled_in() {
    let page = look(Language::French, Told::of(Tongue(Language::French), &in_french(), None));
    assert!(page.contains("<div id=\"dit\" hx-swap-oob=\"true\">"), "{page}");
    for outside in ["<details", "<select", "name=\"redit\""] {
        assert!(!page.contains(outside), "what was opened stays open, and the focus where it is: {outside}");
    }
}

fn service() -> desk::ServiceView {
    desk::ServiceView {
        structure_id: HUB.to_vec(),
        structure_name: "Emmaüs Connect".to_owned(),
        service_id: "atelier-1".to_owned(),
        name: "Atelier numérique".to_owned(),
        name_needed: peer::YesNo::Yes.into(),
        ..Default::default()
    }
}

fn bench(offer: &str) -> Bench {
    let fields = format!(
        "demande={}&structure={}&service=atelier-1&theme=t&commune-code=17300&offre={offer}",
        hex::encode(&[9; 16]),
        hex::encode(&HUB)
    );
    let draft = desk::DraftView {
        draft_id: DRAFT.to_vec(),
        form: "orientation".to_owned(),
        fields: Form::parse(fields.as_bytes()).unwrap().encode(),
        saved_ms: 1_795_000_000_000,
        ..Default::default()
    };
    Bench::of(&[Role::Counsellor])
        .shown_for(&format!("{}|atelier-1|{offer}|t|17300", hex::encode(&HUB)))
        .answers("ShowDraft", &draft)
        .answers("SaveDraft", &draft)
        .answers(
            "ListServices",
            &desk::ListServicesResponse { services: vec![service()], ..Default::default() },
        )
        .answers("Status", &desk::StatusResponse::default())
        .answers("PreviewReferral", &foreseen())
        .answers("ShowNotice", &in_french())
}

/// As the node foresees it: the level that was ticked, and a place it changed.
fn foreseen() -> desk::ReferralPreview {
    let (feedback, urgency) = (peer::FeedbackLevel::Attended.into(), peer::Urgency::Normal.into());
    let need = peer::Need { feedback, urgency, ..Default::default() };
    let kind = desk::RemarkKind::SmallCommune.into();
    let (from, to) = ("Esnandes".to_owned(), "CA de La Rochelle".to_owned());
    desk::ReferralPreview {
        stage_one: Some(desk::StageOne { need: Some(need), ..Default::default() }),
        remarks: vec!["Esnandes is small".to_owned()],
        coded_remarks: vec![desk::Remark { kind, from, to, act: 0 }],
        ..Default::default()
    }
}

fn at(page: &str) -> String {
    format!("/orientations/nouvelle/{}/{page}", hex::encode(&DRAFT))
}

#[tokio::test]
async fn each_occasion_has_its_notice() {
    for (offer, walk_in) in [("", peer::YesNo::No), ("ab", peer::YesNo::Yes)] {
        let bench = bench(&offer.repeat(32));
        let page = bench.get(&at("accord")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        page.is_whole();
        let asked: ShowNoticeRequest = bench.asked("ShowNotice").unwrap();
        assert_eq!((asked.purpose(), asked.walk_in()), (peer::Purpose::Referral, walk_in));
        assert!(page.has("<div id=\"dit\">") && page.has("Nous demandons de l’aide."));
        assert!(!page.words().iter().any(|word| word == "demandons"), "it is folded away");
    }
}

#[tokio::test]
async fn the_page_and_what_changes_on_it_ask_for_the_language_that_was_chosen() {
    let bench = bench("");
    let page = bench.post(&at("apercu"), &[("avis", "ps")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let asked: ShowNoticeRequest = bench.asked("ShowNotice").unwrap();
    assert_eq!(asked.language, "ps", "last of two: the French one stands beside it");
    assert_eq!(bench.times_asked("ShowNotice"), 2);
    assert!(
        page.has("<details open>") && !page.has("hx-swap-oob"),
        "without scripts the whole page shows it"
    );
}

#[tokio::test]
async fn a_name_that_leaves_early_is_said_with_the_script() {
    let early = french("agreement-script-name-early");
    let usual = bench("").post(&at("apercu"), &[("avis", "fr")]).await;
    assert!(!usual.has(&early));
    let ticked = [("avis", "fr"), ("nom-avant", "oui")];
    assert!(bench("").post(&at("apercu"), &ticked).await.has(&early));
    assert!(!bench(&"ab".repeat(32)).post(&at("apercu"), &ticked).await.has(&early), "no name leaves");
}

#[tokio::test]
async fn what_comes_back_and_what_the_node_changed_are_said_in_the_language_of_the_page() {
    let page = bench("").get(&at("accord")).await;
    assert!(page.has(&french("told-back-ours-attended")), "{}", page.text);
    assert!(page.has("Esnandes est une petite commune") && !page.has("is small"), "{}", page.text);
    let english = bench("").reading(Language::English).get(&at("accord")).await;
    assert!(english.has("Esnandes is a small town: we tell CA de La Rochelle instead."), "{}", english.text);
}

/// Sends a form that says which notice its page showed, to a node whose notice of today has the hash 0707….
async fn sends(bench: &Bench, at: &str, shown: Option<&str>) -> crate::bench::Page {
    let ticked = [("prenom", "Amina"), ("initiale", "B"), ("voie", "telephone"), ("joindre", "06")];
    let agreed = [("accepte", "besoin"), ("accepte", "joindre"), ("accepte", "suivi"), ("maniere", "oral")];
    let language = [("avis", "ar"), ("reste", "CAF")];
    let fields =
        ticked.into_iter().chain(agreed).chain(language).chain(shown.map(|shown| (NOTICE_SHOWN, shown)));
    bench.post(at, &fields.collect::<Vec<_>>()).await
}

#[tokio::test]
async fn a_consent_names_the_notice_that_was_shown_or_the_page_comes_back_with_it() {
    let today = NoticeView {
        text_hash: vec![7; 32], ..notice("ar", "نطلب مساعدة لك.", "", peer::YesNo::No)
    };
    let whole = hex::encode(&[7; 32]);
    for offer in [String::new(), "ab".repeat(32)] {
        let bench = || {
            let thread = desk::ThreadSummary { thread_id: vec![4; 16], ..Default::default() };
            bench(&offer)
                .answers("ShowNotice", &today)
                .answers("OpenReferral", &desk::ThreadView { summary: Some(thread), ..Default::default() })
        };
        for other in [None, Some(""), Some("07"), Some(hex::encode(&[8; 32]).as_str())] {
            let bench = bench();
            let page = sends(&bench, &at("accord"), other).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{other:?}");
            assert!(
                page.has(&french("agreement-notice-unseen")) && page.has("href=\"#champ-avis\""),
                "{other:?}"
            );
            assert!(
                page.has("نطلب مساعدة لك.") && page.has("<details open>"),
                "the text stands there, unfolded"
            );
            assert!(page.has(&format!("name=\"avis-vu\" value=\"{whole}\"")), "the next press sends");
            assert!(page.has("value=\"besoin\" checked"), "what was ticked is kept");
            assert_eq!(bench.times_asked("OpenReferral"), 0, "{other:?}");
        }
        let bench = bench();
        let page = sends(&bench, &at("accord"), Some(&whole)).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
        let consent = bench.asked::<desk::OpenReferralRequest>("OpenReferral").unwrap().consent.unwrap();
        assert_eq!((consent.notice_id.as_str(), consent.notice_language.as_str()), ("referral-3", "ar"));
    }
}

#[tokio::test]
async fn looking_at_what_will_be_told_names_no_notice() {
    let bench = bench("");
    bench.post(&at("apercu"), &[("avis", "uk"), (NOTICE_SHOWN, "07")]).await;
    let consent = bench.asked::<desk::OpenReferralRequest>("PreviewReferral").unwrap().consent.unwrap();
    assert_eq!((consent.notice_id.as_str(), consent.notice_language.as_str()), ("", "uk"));
}
