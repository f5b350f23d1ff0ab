//! A new referral, page by page, over hand-made answers of the node.

use crate::bench::{Bench, french};
use crate::form::Form;
use crate::hex;
use crate::tongue::Language;
use axum::http::StatusCode;
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::Role;
use relais_proto::peer::v1 as peer;
use tonic::Code;

const DRAFT: [u8; 16] = [4; 16];
const THREAD: [u8; 16] = [5; 16];
const HUB: [u8; 32] = [6; 32];
const THEME: &str = "numerique--acquerir-un-equipement";

fn service() -> desk::ServiceView {
    desk::ServiceView {
        structure_id: HUB.to_vec(),
        structure_name: "Emmaüs Connect".to_owned(),
        service_id: "atelier-1".to_owned(),
        name: "Atelier numérique".to_owned(),
        themes: vec![THEME.to_owned()],
        commune_code: "17300".to_owned(),
        commune_name: "La Rochelle".to_owned(),
        ..Default::default()
    }
}

fn draft(fields: &str) -> desk::DraftView {
    let known = format!(
        "demande={}&structure={}&service=atelier-1&offre=&theme={THEME}&commune=La Rochelle&commune-nom=La Rochelle\
         &commune-code=17300",
        hex::encode(&[9; 16]),
        hex::encode(&HUB),
    );
    let mut form = Form::parse(known.as_bytes()).unwrap();
    form.take_over(Form::parse(fields.as_bytes()).unwrap());
    desk::DraftView {
        draft_id: DRAFT.to_vec(),
        form: "orientation".to_owned(),
        fields: form.encode(),
        saved_ms: 1_795_000_000_000,
    }
}

fn bench() -> Bench {
    let summary = desk::ThreadSummary { thread_id: THREAD.to_vec(), ..Default::default() };
    Bench::of(&[Role::Counsellor])
        .answers("ShowDraft", &draft(""))
        .answers("SaveDraft", &draft(""))
        .answers(
            "ListServices",
            &desk::ListServicesResponse { services: vec![service()], ..Default::default() },
        )
        .answers("ShowNotice", &desk::NoticeView { language: "fr".to_owned(), ..Default::default() })
        .answers("Status", &desk::StatusResponse::default())
        .answers("PreviewReferral", &desk::ReferralPreview::default())
        .answers("OpenReferral", &desk::ThreadView { summary: Some(summary), ..Default::default() })
}

fn agreement() -> String {
    format!("/orientations/nouvelle/{}/accord", hex::encode(&DRAFT))
}

const AGREED: [(&str, &str); 7] = [
    ("prenom", "Noémie"),
    ("initiale", "L"),
    ("voie", "telephone"),
    ("joindre", "06"),
    ("accepte", "besoin"),
    ("accepte", "joindre"),
    ("maniere", "oral"),
];

fn agreed(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    AGREED.into_iter().chain(more.iter().copied()).collect()
}

#[tokio::test]
async fn what_makes_the_need_precise_is_folded_away_and_goes_under_the_tick() {
    for language in [Language::French, Language::English] {
        let page = bench().reading(language).get(&agreement()).await;
        assert_eq!(page.status, StatusCode::OK);
        page.is_whole();
        for field in ["francais-lu", "connexion", "critere-1", "critere-8", "langues"] {
            assert!(page.has(&format!("id=\"champ-{field}\"")), "{field}");
        }
        assert_eq!(page.text.matches("name=\"contrainte\"").count(), 11);
        assert_eq!(page.text.matches("name=\"equipement\"").count(), 5);
    }
    let bench = bench();
    let page = bench.get(&agreement()).await;
    assert!(!page.words().iter().any(|word| word.contains("minimum")), "folded: {:?}", page.words());
    let precise = [
        ("contrainte", "20"),
        ("equipement", "2"),
        ("connexion", "2"),
        ("francais-lu", "1"),
        ("critere-3", "non"),
    ];
    assert_eq!(bench.post(&agreement(), &agreed(&precise)).await.status, StatusCode::SEE_OTHER);
    let sent: desk::OpenReferralRequest = bench.asked("OpenReferral").unwrap();
    let one = sent.stage_one.unwrap();
    assert_eq!(one.constraints.unwrap().constraints, [20]);
    let level = one.level.unwrap();
    assert_eq!((level.equipment.as_slice(), level.french_read), ([2].as_slice(), Some(1)));
    assert_eq!(one.eligibility.unwrap().statements.len(), 1);
    let classes: Vec<i32> = sent.consent.unwrap().classes;
    for class in [peer::DataClass::Constraints, peer::DataClass::Level, peer::DataClass::Eligibility] {
        assert!(classes.contains(&class.into()), "{class:?}");
    }
}

#[tokio::test]
async fn what_the_other_will_see_tells_all_that_was_made_precise() {
    let statement = peer::EligibilityStatement { statement: 3, value: peer::YesNo::No.into() };
    let one = desk::StageOne {
        constraints: Some(peer::Constraints { constraints: vec![20] }),
        level: Some(peer::Level { equipment: vec![2, 3], connection: Some(2), ..Default::default() }),
        eligibility: Some(peer::Eligibility { statements: vec![statement] }),
        ..Default::default()
    };
    let foreseen = desk::ReferralPreview { stage_one: Some(one), ..Default::default() };
    let bench = bench().answers("PreviewReferral", &foreseen);
    let page = bench.post(&agreement().replace("accord", "apercu"), &AGREED).await;
    let seen = page.text.split_once("id=\"apercu\"").unwrap().1;
    for words in
        ["constraint-childcare", "equipment-basic-phone", "equipment-smartphone", "connection-prepaid"]
    {
        assert!(seen.contains(&french(words)), "{words}");
    }
    assert!(seen.contains(&format!("{} : non", french("statement-under-twenty-six"))));
}

#[tokio::test]
async fn nothing_and_something_are_not_both_ticked() {
    let bench = bench();
    let page = bench.post(&agreement(), &agreed(&[("equipement", "1"), ("equipement", "3")])).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has("href=\"#champ-equipement\"") && page.has("id=\"champ-equipement\""));
    assert_eq!(bench.times_asked("OpenReferral"), 0);
}

#[tokio::test]
async fn a_language_is_typed_by_its_name_and_what_is_none_is_said() {
    let bench = bench();
    let fields = agreed(&[("langues", "Arabe, français"), ("langue", "pachto")]);
    assert_eq!(bench.post(&agreement(), &fields).await.status, StatusCode::SEE_OTHER);
    let sent: desk::OpenReferralRequest = bench.asked("OpenReferral").unwrap();
    assert_eq!(sent.stage_one.unwrap().level.unwrap().languages, ["ar", "fr"]);
    assert_eq!(sent.stage_two.unwrap().contact.unwrap().language(), "ps");
    for (node, field) in [("level.languages", "langues"), ("contact.language", "langue")] {
        let bench = self::bench().refuses("OpenReferral", Code::InvalidArgument, "content", node);
        let page = bench.post(&agreement(), &agreed(&[(field, "klingonais")])).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has(&format!("href=\"#champ-{field}\"")) && page.has(&format!("id=\"champ-{field}\"")));
        let key = format!("refusal-content-{}", node.replace('.', "-"));
        assert!(page.has(&format!("id=\"erreur-{field}\"")) && page.has(&french(&key)), "{field}");
        assert!(page.has("value=\"klingonais\""), "what was typed is kept");
    }
}

#[tokio::test]
async fn what_is_told_back_takes_a_tick_for_each_thing() {
    let bench = bench();
    let page = bench.post(&agreement(), &agreed(&[("retour", "resultat")])).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.has("href=\"#champ-retour\"")
            && page.has("id=\"champ-retour\"")
            && page.has("id=\"erreur-retour\"")
    );
    assert!(page.has("value=\"resultat\" checked"), "what was ticked is kept");
    assert_eq!(bench.times_asked("OpenReferral"), 0);
    let both = agreed(&[("retour", "resultat"), ("retour", "venue")]);
    assert_eq!(bench.post(&agreement(), &both).await.status, StatusCode::SEE_OTHER);
    let sent: desk::OpenReferralRequest = bench.asked("OpenReferral").unwrap();
    assert_eq!(sent.consent.unwrap().feedback(), peer::FeedbackLevel::Outcome);
}
