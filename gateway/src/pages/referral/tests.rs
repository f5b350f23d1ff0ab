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
        ..Default::default()
    }
}

fn bench() -> Bench {
    let summary = desk::ThreadSummary { thread_id: THREAD.to_vec(), ..Default::default() };
    Bench::of(&[Role::Counsellor])
        .shown_for(&format!("{}|atelier-1||{THEME}|17300", hex::encode(&HUB)))
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
    assert!(seen.contains(&format!("{}\u{a0}: non", french("statement-under-twenty-six"))));
}

#[tokio::test]
async fn who_stood_beside_the_person_is_part_of_the_agreement() {
    let bench = bench();
    let page = bench.get(&agreement()).await;
    assert!(page.has("id=\"champ-presence\"") && page.has("id=\"champ-interprete\""));
    assert!(!page.words().iter().any(|word| word == "tuteur"), "folded away: {:?}", page.words());
    let fields = agreed(&[("presence", "tuteur"), ("interprete", "proche")]);
    assert_eq!(bench.post(&agreement(), &fields).await.status, StatusCode::SEE_OTHER);
    let given =
        bench.asked::<desk::OpenReferralRequest>("OpenReferral").unwrap().consent.unwrap().given.unwrap();
    assert_eq!(
        (given.presence(), given.interpreter()),
        (peer::Presence::Guardian, peer::Interpreter::Relative)
    );
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

const READING: [u8; 32] = [7; 32];

/// A referral that the hub refused, as its sender still holds it.
fn refused() -> desk::ThreadView {
    let summary = desk::ThreadSummary {
        thread_id: THREAD.to_vec(),
        kind: peer::ThreadKind::Referral.into(),
        side: desk::Side::Sender.into(),
        label: desk::Label::Refused.into(),
        peer_id: HUB.to_vec(),
        ..Default::default()
    };
    let need = peer::Need {
        themes: vec![THEME.to_owned()],
        urgency: peer::Urgency::Soon.into(),
        territory: "17300".to_owned(),
        service_id: "atelier-1".to_owned(),
        feedback: peer::FeedbackLevel::Outcome.into(),
        ..Default::default()
    };
    let one = desk::StageOne {
        need: Some(need),
        constraints: Some(peer::Constraints { constraints: vec![20] }),
        ..Default::default()
    };
    let contact = peer::Contact {
        reach: peer::Reach::Phone.into(),
        detail: Some("06 12 34 56 78".to_owned()),
        ..Default::default()
    };
    let two = desk::StageTwo {
        name: Some(peer::Name { given: "Noémie".to_owned(), family: "L".to_owned() }),
        contact: Some(contact),
        ..Default::default()
    };
    desk::ThreadView {
        summary: Some(summary),
        stage_one: Some(one),
        stage_two: Some(two),
        territory_name: "La Rochelle".to_owned(),
        ..Default::default()
    }
}

fn labelled(label: desk::Label) -> desk::ThreadView {
    let mut view = refused();
    view.summary.as_mut().unwrap().label = label.into();
    view
}

fn begun(bench: &Bench) -> Form {
    Form::parse(&bench.asked::<desk::SaveDraftRequest>("SaveDraft").unwrap().fields).unwrap()
}

fn from_thread(door: &str) -> String {
    format!("/orientations/nouvelle?depuis={}{door}", hex::encode(&THREAD))
}

#[tokio::test]
async fn a_better_door_is_one_click_away_and_the_agreement_is_asked_again() {
    let bench = bench().answers("ShowThread", &refused());
    let page = bench.get(&from_thread(&format!("&porte={}%2Flecture", hex::encode(&READING)))).await;
    assert!(page.leads_to().ends_with("/accord"), "{}", page.leads_to());
    let form = begun(&bench);
    assert_eq!((form.text("structure"), form.text("service")), (hex::encode(&READING).as_str(), "lecture"));
    let told = ["theme", "commune", "commune-code", "urgence", "contrainte", "prenom", "initiale", "joindre"];
    let told = told.map(|field| form.text(field).to_owned());
    assert_eq!(told, [THEME, "La Rochelle", "17300", "soon", "20", "Noémie", "L", "06 12 34 56 78"]);
    for given in ["accepte", "maniere", "redit", "retour", "nom-avant", "avis", "interprete"] {
        assert!(form.all(given).is_empty(), "{given} is given anew");
    }
    assert!(!form.text("demande").is_empty() && form.text("suivi").is_empty());
}

#[tokio::test]
async fn what_ended_too_early_is_renewed_at_the_same_door() {
    for label in [desk::Label::Expired, desk::Label::Withdrawn] {
        let bench = bench().answers("ShowThread", &labelled(label));
        assert!(bench.get(&from_thread("")).await.leads_to().ends_with("/accord"));
        let form = begun(&bench);
        assert_eq!((form.text("structure"), form.text("service")), (hex::encode(&HUB).as_str(), "atelier-1"));
    }
    let mut small = labelled(desk::Label::Expired);
    let need = small.stage_one.as_mut().unwrap().need.as_mut().unwrap();
    need.territory = "241700434".to_owned();
    let bench = bench().answers("ShowThread", &small);
    assert!(bench.get(&from_thread("")).await.leads_to().ends_with("/besoin"), "its town is not known");
    assert_eq!(begun(&bench).text("commune-code"), "");
}

#[tokio::test]
async fn the_person_is_filled_in_as_far_as_one_may_see_them() {
    let follow_up = desk::FollowUpView {
        follow_up_id: vec![3; 16],
        name: Some(peer::Name { given: "Noémie".to_owned(), family: "Lefèvre".to_owned() }),
        standing: desk::FollowUpStanding::Open.into(),
        ..Default::default()
    };
    let view = desk::ThreadView { follow_up_id: vec![3; 16], ..labelled(desk::Label::Expired) };
    let bench = bench().answers("ShowThread", &view).answers("ShowFollowUp", &follow_up);
    bench.get(&from_thread("")).await;
    let form = begun(&bench);
    assert_eq!((form.text("suivi"), form.text("initiale")), ("03".repeat(16).as_str(), "L"));
    // Someone else's follow-up, or one that ended, is not taken over.
    let closed =
        desk::FollowUpView { standing: desk::FollowUpStanding::HandedOver.into(), ..follow_up.clone() };
    for bench in [
        self::bench().refuses("ShowFollowUp", Code::NotFound, "not_there", ""),
        self::bench().answers("ShowFollowUp", &closed),
    ] {
        let bench = bench.answers("ShowThread", &view);
        bench.get(&from_thread("")).await;
        let form = begun(&bench);
        assert_eq!((form.text("suivi"), form.text("prenom")), ("", "Noémie"));
    }
}

#[tokio::test]
async fn nothing_is_begun_from_what_cannot_be_begun_again() {
    let door = format!("&porte={}%2Flecture", hex::encode(&READING));
    let mut received = refused();
    received.summary.as_mut().unwrap().side = desk::Side::Receiver.into();
    let mut erased = refused();
    erased.stage_one = None;
    let views = [received, erased, labelled(desk::Label::ConsentEnded), labelled(desk::Label::Unspecified)];
    for view in views {
        let bench = bench().answers("ShowThread", &view);
        for door in ["", door.as_str(), "&porte=07%2Fx"] {
            let page = bench.get(&from_thread(door)).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{door} {:?}", view.summary);
        }
        assert_eq!(bench.times_asked("SaveDraft"), 0);
    }
    let bench = bench().refuses("ShowThread", Code::NotFound, "not_there", "");
    assert_eq!(bench.get(&from_thread("")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn needs_this_structure_sends_stand_before_those_partners_answer_most() {
    let other = "numerique--maitriser-les-fondamentaux-du-numerique";
    let rare = "numerique--acceder-a-une-connexion-internet";
    let partner = |themes: &[&str]| desk::ServiceView {
        themes: themes.iter().map(|theme| (*theme).to_owned()).collect(),
        ..service()
    };
    let services = vec![partner(&[THEME, other]), partner(&[THEME, rare])];
    let peer =
        desk::PeerView { peer_id: HUB.to_vec(), trust: peer::PeerTrust::Paired.into(), ..Default::default() };
    let known = desk::ListPeersResponse { peers: vec![peer], pairings: vec![] };
    let bench = || {
        bench().answers("ListPeers", &known).answers(
            "ListServices",
            &desk::ListServicesResponse { services: services.clone(), ..Default::default() },
        )
    };
    let place = |page: &str, theme: &str| page.find(&format!("name=\"theme\" value=\"{theme}\"")).unwrap();
    let address = agreement().replace("accord", "besoin");
    let page = bench().get(&address).await.text;
    assert!(place(&page, THEME) < place(&page, rare), "without counts: as partners answer");
    let sent = desk::FlowsResponse {
        year: 2027,
        quarter: 1,
        themes_sent: vec!["famille--garde-denfants".to_owned(), rare.to_owned()],
        ..Default::default()
    };
    let bench = bench().answers("Flows", &sent);
    let page = bench.get(&address).await;
    page.is_whole();
    assert!(place(&page.text, rare) < place(&page.text, THEME), "as this structure sends");
    let asked: desk::FlowsRequest = bench.asked("Flows").unwrap();
    assert_eq!((asked.year, asked.quarter), (2026, 4), "few are known when a quarter begins");
}

#[tokio::test]
async fn a_service_beyond_the_first_hundred_is_found() {
    let other = desk::ServiceView { service_id: "autre".to_owned(), themes: vec![], ..service() };
    let first =
        desk::ListServicesResponse { services: vec![other.clone(); 100], next_page_token: "100".to_owned() };
    let page = bench().answers_first("ListServices", &first).get(&agreement()).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.leads_to());
    let peer =
        desk::PeerView { peer_id: HUB.to_vec(), trust: peer::PeerTrust::Paired.into(), ..Default::default() };
    let bench = bench()
        .answers_first("ListServices", &first)
        .answers("ListPeers", &desk::ListPeersResponse { peers: vec![peer], pairings: vec![] });
    let page = bench.get(&agreement().replace("accord", "besoin")).await;
    let (usual, _) = page.text.split_once("<details").unwrap();
    assert!(usual.contains(&format!("value=\"{THEME}\"")), "its need is on a card");
    let asked: desk::ListServicesRequest = bench.asked("ListServices").unwrap();
    assert_eq!((asked.page_token.as_str(), bench.times_asked("ListServices")), ("100", 2));
}

#[tokio::test]
async fn a_referral_that_is_opened_again_keeps_what_was_written_and_leaves_nothing() {
    let bench = bench();
    let page = bench.post(&agreement(), &agreed(&[("note", "Avec son frère"), ("reprise", "oui")])).await;
    page.is_whole();
    assert_eq!((page.status, bench.times_asked("OpenReferral")), (StatusCode::OK, 0), "{}", page.text);
    assert!(page.has("value=\"Noémie\"") && page.has("Avec son frère") && !page.has("id=\"erreurs\""));
    let kept: desk::SaveDraftRequest = bench.asked("SaveDraft").unwrap();
    let subject = format!(
        "commune=La%20Rochelle&initiale=L&prenom=No%C3%A9mie&structure={}&theme={THEME}",
        hex::encode(&HUB)
    );
    assert_eq!(String::from_utf8(kept.subject).unwrap(), subject, "what tells it apart in a list");
    let kept = Form::parse(&kept.fields).unwrap();
    assert_eq!((kept.text("note"), kept.text("reprise")), ("Avec son frère", ""));
}

#[tokio::test]
async fn a_need_that_is_opened_again_is_filled_in_and_neither_kept_nor_left() {
    let bench = bench().answers("ListPeers", &desk::ListPeersResponse::default());
    let fields = [("commune", "Rochefort"), ("urgence", "now"), ("theme", THEME), ("reprise", "oui")];
    let page = bench.post(&agreement().replace("accord", "besoin"), &fields).await;
    page.is_whole();
    assert_eq!((page.status, page.leads_to()), (StatusCode::OK, ""));
    assert!(page.has("value=\"Rochefort\"") && page.has("value=\"now\" checked"), "{}", page.text);
    assert!(!page.has("id=\"erreurs\""));
    assert_eq!((bench.times_asked("SaveDraft"), bench.times_asked("FindCommunes")), (0, 0));
}

#[tokio::test]
async fn what_was_agreed_for_one_door_is_never_ticked_for_another() {
    let agreed =
        "accepte=besoin&accepte=joindre&retour=venue&maniere=oral&redit=oui&presence=temoin&prenom=Amina";
    let bench = bench().answers("ShowDraft", &draft(agreed));
    let at = format!("/orientations/nouvelle/{}/service", hex::encode(&DRAFT));
    let kept = |bench: &Bench| {
        Form::parse(&bench.asked::<desk::SaveDraftRequest>("SaveDraft").unwrap().fields).unwrap()
    };
    let same = format!("{} - atelier-1", hex::encode(&HUB));
    bench.post(&at, &[("porte", &same)]).await;
    assert_eq!(kept(&bench).text("maniere"), "oral", "the same door: nothing is lost");
    for other in [
        format!("{} - atelier-2", hex::encode(&HUB)),
        format!("{} - atelier-1", hex::encode(&[7; 32])),
        format!("{} {} atelier-1", hex::encode(&HUB), hex::encode(&[8; 32])),
    ] {
        bench.post(&at, &[("porte", &other)]).await;
        let kept = kept(&bench);
        for field in ["accepte", "retour", "maniere", "redit", "presence"] {
            assert!(kept.all(field).is_empty(), "{field} for {other}");
        }
        assert_eq!(kept.text("prenom"), "Amina", "who it is stays");
    }
}

#[tokio::test]
async fn a_page_that_was_shown_for_another_door_sends_nothing() {
    let ticked = [("prenom", "Amina"), ("initiale", "B"), ("joindre", "06"), ("accepte", "besoin")];
    let ticked: Vec<_> =
        ticked.into_iter().chain([("accepte", "joindre"), ("maniere", "oral"), ("voie", "phone")]).collect();
    let hub = hex::encode(&HUB);
    let here = format!("{hub}|atelier-1||{THEME}|17300");
    assert_eq!(bench().shown_for(&here).post(&agreement(), &ticked).await.status, StatusCode::SEE_OTHER);
    for there in [
        String::new(),
        format!("{}|atelier-1||{THEME}|17300", hex::encode(&[7; 32])),
        format!("{hub}|atelier-2||{THEME}|17300"),
        format!("{hub}|atelier-1|{}|{THEME}|17300", hex::encode(&[8; 32])),
        format!("{hub}|atelier-1||autre|17300"),
        format!("{hub}|atelier-1||{THEME}|75056"),
    ] {
        let bench = bench().shown_for(&there);
        let page = bench.post(&agreement(), &ticked).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{there}");
        assert!(page.has(&french("agreement-another-door")) && page.has("value=\"Amina\""), "{}", page.text);
        assert_eq!(bench.times_asked("OpenReferral"), 0, "{there}");
        assert!(page.has(&format!("name=\"vu\" value=\"{here}\"")), "the next press is for this door");
        let kept = Form::parse(&bench.asked::<desk::SaveDraftRequest>("SaveDraft").unwrap().fields).unwrap();
        assert!(kept.all("accepte").is_empty() && kept.text("vu").is_empty(), "no tick goes to another door");
    }
}
