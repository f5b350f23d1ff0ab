//! Inquiries on the pages: asked from a draft, shown as answers come, answered from the first page, set in the structure.

use crate::bench::{Bench, french};
use crate::form::Form;
use crate::hex;
use crate::tongue::Language;
use axum::http::StatusCode;
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::{InquiryStanding, Role};
use relais_proto::peer::v1 as peer;
use tonic::Code;

const DRAFT: [u8; 16] = [4; 16];
const INQUIRY: [u8; 16] = [5; 16];
const HUB: [u8; 32] = [6; 32];
const SCHOOL: [u8; 32] = [7; 32];
const THEME: &str = "numerique--acquerir-un-equipement";
const FAR_MS: i64 = 4_102_444_800_000;

fn draft(fields: &str) -> desk::DraftView {
    let known =
        format!("demande={}&theme={THEME}&commune=La Rochelle&commune-code=17300", hex::encode(&[9; 16]));
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

fn service() -> desk::ServiceView {
    desk::ServiceView {
        structure_id: HUB.to_vec(),
        structure_name: "Emmaüs Connect".to_owned(),
        service_id: "atelier-1".to_owned(),
        name: "Atelier numérique".to_owned(),
        address: "1 rue de l'Essai".to_owned(),
        ..Default::default()
    }
}

fn answer(kind: peer::InquiryAnswerKind, places: Option<u32>) -> desk::InquiryAnswerView {
    desk::InquiryAnswerView { kind: kind.into(), places, ..Default::default() }
}

fn partner(
    id: [u8; 32],
    name: &str,
    standing: InquiryStanding,
    answer: Option<desk::InquiryAnswerView>,
) -> desk::InquiryPartner {
    desk::InquiryPartner {
        peer_id: id.to_vec(),
        name: name.to_owned(),
        standing: standing.into(),
        answer,
        service: Some(desk::ServiceView { structure_id: id.to_vec(), ..service() }),
    }
}

fn inquiry() -> desk::InquiryView {
    let can = answer(peer::InquiryAnswerKind::CanTake, Some(3));
    let constraints = peer::InquiryConstraints {
        urgency: Some(peer::Urgency::Soon.into()),
        languages: vec!["ar".to_owned()],
        mobility: vec![peer::Constraint::CannotTravel.into()],
        mode: Some("a-distance".to_owned()),
        audiences: vec!["jeunes".to_owned()],
    };
    desk::InquiryView {
        inquiry_id: INQUIRY.to_vec(),
        theme: THEME.to_owned(),
        territory: "17300".to_owned(),
        territory_name: "La Rochelle".to_owned(),
        constraints: Some(constraints),
        expires_ms: FAR_MS,
        open: peer::YesNo::Yes.into(),
        partners: vec![
            partner(HUB, "Emmaüs Connect", InquiryStanding::Answered, Some(can)),
            partner(SCHOOL, "Lire", InquiryStanding::Asked, None),
            partner([8; 32], "Relier", InquiryStanding::NotReached, None),
        ],
        asked: 3,
        answered: 1,
        ..Default::default()
    }
}

fn bench() -> Bench {
    Bench::of(&[Role::Counsellor])
        .answers("ShowDraft", &draft("urgence=soon&prenom=Amina&joindre=0612345678&note=secret"))
        .answers("SaveDraft", &draft(""))
        .answers("AskInquiry", &inquiry())
        .answers("ShowInquiry", &inquiry())
}

fn under(rest: &str) -> String {
    format!("/orientations/nouvelle/{}/{rest}", hex::encode(&DRAFT))
}

fn shown() -> String {
    under(&format!("demande/{}", hex::encode(&INQUIRY)))
}

#[tokio::test]
async fn the_list_of_doors_has_one_folded_form_that_asks() {
    let found = desk::FindServicesResponse {
        services: vec![desk::FoundService { service: Some(service()), ..Default::default() }],
        commune_name: "La Rochelle".to_owned(),
        ..Default::default()
    };
    for language in [Language::French, Language::English] {
        let bench = bench().reading(language).answers("FindServices", &found);
        let page = bench.get(&under("service")).await;
        page.is_whole();
        assert!(page.has(&format!("action=\"{}\"", under("demande"))), "{}", page.text);
        assert!(
            !page.words().iter().any(|word| word == "interrogés" || word == "asked"),
            "it is folded away"
        );
    }
    let nobody = desk::FindServicesResponse::default();
    let page = bench().answers("FindServices", &nobody).get(&under("service")).await;
    assert!(!page.has(&under("demande")), "nobody is there to ask");
}

#[tokio::test]
async fn need_place_and_closed_choices_leave_and_nothing_of_the_person() {
    let bench = bench();
    let act = hex::encode(&[3; 16]);
    let fields = [("acte", act.as_str()), ("langue", "ar"), ("deplacement", "non"), ("prenom", "Amina")];
    let page = bench.post(&under("demande"), &fields).await;
    assert_eq!((page.status, page.leads_to()), (StatusCode::SEE_OTHER, shown().as_str()));
    let asked: desk::AskInquiryRequest = bench.asked("AskInquiry").unwrap();
    let constraints = peer::InquiryConstraints {
        urgency: Some(peer::Urgency::Soon.into()),
        languages: vec!["ar".to_owned()],
        mobility: vec![peer::Constraint::CannotTravel.into()],
        ..Default::default()
    };
    let expected = desk::AskInquiryRequest {
        request_id: vec![3; 16],
        theme: THEME.to_owned(),
        commune: "17300".to_owned(),
        constraints: Some(constraints),
    };
    assert!(asked == expected, "something else left than what was asked");
    assert_eq!(bench.post(&under("demande"), &[("acte", "nothing")]).await.status, StatusCode::BAD_REQUEST);
    let unready =
        bench.answers("ShowDraft", &desk::DraftView { form: "orientation".to_owned(), ..Default::default() });
    assert_eq!(unready.post(&under("demande"), &fields).await.leads_to(), under("besoin"));
}

/// What is seldom asked is folded away, and goes out as closed choices.
#[tokio::test]
async fn mode_and_audience_are_asked_for_when_someone_unfolds_them() {
    let found = desk::FindServicesResponse {
        services: vec![desk::FoundService { service: Some(service()), ..Default::default() }],
        commune_name: "La Rochelle".to_owned(),
        ..Default::default()
    };
    let page = bench().answers("FindServices", &found).get(&under("service")).await;
    let (before, folded) = page.text.split_once(&french("inquiry-more")).expect("it is there");
    assert!(before.trim_end().ends_with("<summary>"), "it is folded");
    for choice in ["value=\"en-presentiel\"", "value=\"a-distance\"", "value=\"personnes-exilees\""] {
        assert!(folded.contains(choice), "{choice}");
    }
    let act = hex::encode(&[3; 16]);
    let bench = bench();
    let fields = [("acte", act.as_str()), ("langue", ""), ("accueil", "a-distance"), ("public", "jeunes")];
    assert_eq!(bench.post(&under("demande"), &fields).await.leads_to(), shown());
    let asked: desk::AskInquiryRequest = bench.asked("AskInquiry").unwrap();
    let constraints = asked.constraints.unwrap();
    assert_eq!(
        (constraints.mode.as_deref(), &constraints.audiences[..]),
        (Some("a-distance"), &["jeunes".to_owned()][..])
    );
    assert!(constraints.languages.is_empty() && constraints.mobility.is_empty());
    // Left open, nothing is said; what is on no list is refused in words.
    bench.post(&under("demande"), &[("acte", act.as_str()), ("accueil", ""), ("public", " ")]).await;
    let constraints = bench.asked::<desk::AskInquiryRequest>("AskInquiry").unwrap().constraints.unwrap();
    assert!(constraints.mode.is_none() && constraints.audiences.is_empty());
    for field in ["constraints.mode", "constraints.audiences", "constraints.languages"] {
        let no = self::bench().refuses("AskInquiry", Code::InvalidArgument, "field", field);
        let page = no.post(&under("demande"), &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        let words = french(&format!("refusal-field-{}", field.replace('.', "-")));
        assert!(page.has(&words), "{words}: {}", page.text);
    }
}

#[tokio::test]
async fn answers_are_shown_as_they_come_and_a_door_is_chosen_from_one() {
    for language in [Language::French, Language::English] {
        bench().reading(language).get(&shown()).await.is_whole();
    }
    let page = bench().get(&shown()).await;
    for words in [
        "1 réponse · 3 partenaires interrogés",
        "Peut en prendre 3",
        "Pas encore de réponse",
        "Pas encore joint",
        "Une réponse n’est pas un engagement.",
        "parle arabe",
        "ne peut pas se déplacer",
        "à distance",
        "jeunes",
        "La Rochelle",
        "Atelier numérique · 1 rue de l",
    ] {
        assert!(page.has(words), "{words}: {}", page.text);
    }
    // The page looks again by itself, the same part of the same page, and not for ever.
    assert!(page.has(&format!("hx-get=\"{}?vu=1\"", shown())) && page.has("hx-select=\"#reponses\""));
    let last = bench().get(&format!("{}?vu=45", shown())).await;
    assert!(!last.has("hx-get") && last.has("Actualiser"), "an open page keeps no session open");
    // Only who can take it, or has a list, is a door; it is chosen where doors are.
    let door = format!("value=\"{} - atelier-1\"", hex::encode(&HUB));
    assert!(page.has(&door) && page.text.matches("name=\"porte\"").count() == 1, "{}", page.text);
    assert!(page.has(&format!("action=\"{}\"", under("service"))));
    let chosen = format!("{} - atelier-1", hex::encode(&HUB));
    let bench = bench();
    let page = bench.post(&under("service"), &[("porte", &chosen)]).await;
    assert_eq!(page.leads_to(), under("accord"));
}

#[tokio::test]
async fn an_inquiry_that_is_over_shows_who_did_not_answer_and_looks_no_more() {
    let over = desk::InquiryView {
        open: peer::YesNo::No.into(),
        expires_ms: 1_795_000_000_000,
        left_out: 2,
        partners: vec![
            partner(HUB, "Emmaüs Connect", InquiryStanding::NoAnswer, None),
            partner(
                SCHOOL,
                "Lire",
                InquiryStanding::Answered,
                Some(desk::InquiryAnswerView {
                    waiting_days: Some(10),
                    automatic: peer::YesNo::Yes.into(),
                    ..answer(peer::InquiryAnswerKind::WaitingList, None)
                }),
            ),
            partner(
                [8; 32],
                "Relier",
                InquiryStanding::Answered,
                Some(answer(peer::InquiryAnswerKind::Cannot, None)),
            ),
        ],
        ..inquiry()
    };
    let page = bench().answers("ShowInquiry", &over).get(&shown()).await;
    page.is_whole();
    for words in [
        "Pas de réponse",
        "Le délai est passé",
        "Liste d’attente · premier rendez-vous sous 10 jours · réponse automatique",
        "Ne peut pas",
        "2 partenaires n’ont pas été interrogés",
    ] {
        assert!(page.has(words), "{words}: {}", page.text);
    }
    assert!(!page.has("hx-get") && !page.has("Actualiser"));
    assert_eq!(
        page.text.matches("name=\"porte\"").count(),
        1,
        "who has a list is a door, who cannot is none"
    );
}

#[tokio::test]
async fn a_refusal_to_ask_says_why() {
    for (name, words) in
        [("nobody_to_ask", "refusal-nobody-to-ask"), ("asked_too_often", "refusal-asked-too-often")]
    {
        let bench = bench().refuses("AskInquiry", Code::FailedPrecondition, name, "");
        let act = hex::encode(&[3; 16]);
        let page = bench.post(&under("demande"), &[("acte", &act)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has(&french(words)), "{}", page.text);
    }
}

fn home(theirs: Vec<desk::ReceivedInquiryView>) -> Bench {
    let to_answer = u32::try_from(theirs.len()).unwrap();
    Bench::of(&[Role::Counsellor])
        .answers("ListThreads", &desk::ListThreadsResponse::default())
        .answers("ListDrafts", &desk::ListDraftsResponse::default())
        .answers("ListInquiries", &desk::ListInquiriesResponse { theirs, to_answer, ..Default::default() })
}

fn received(name: &str) -> desk::ReceivedInquiryView {
    desk::ReceivedInquiryView {
        peer_id: HUB.to_vec(),
        name: name.to_owned(),
        inquiry_id: INQUIRY.to_vec(),
        theme: THEME.to_owned(),
        territory_name: "La Rochelle".to_owned(),
        constraints: inquiry().constraints,
        expires_ms: FAR_MS,
        ..Default::default()
    }
}

#[tokio::test]
async fn what_partners_ask_is_one_folded_line_on_the_first_page() {
    let nothing = home(Vec::new()).get("/").await;
    let page = home(vec![received("Lire"), received("Relier <b>")]).get("/").await;
    page.is_whole();
    assert!(page.has("2 demandes : qui peut prendre ?") && page.has("Relier &#60;b&#62;"), "{}", page.text);
    assert!(page.has("parle arabe") && page.text.matches("name=\"reponse\"").count() == 6);
    let more = page.words().len() - nothing.words().len();
    assert!(more <= 6, "the first page grew by {more} words");
    // A node of before knows no inquiries: the page is as it was.
    let before = Bench::of(&[Role::Counsellor])
        .answers("ListThreads", &desk::ListThreadsResponse::default())
        .answers("ListDrafts", &desk::ListDraftsResponse::default());
    let page = before.get("/").await;
    assert_eq!((page.status, page.words()), (StatusCode::OK, nothing.words()));
}

#[tokio::test]
async fn one_click_answers() {
    let address = format!("/demandes/{}/{}", hex::encode(&HUB), hex::encode(&INQUIRY));
    for (said, kind) in [
        ("prendre", peer::InquiryAnswerKind::CanTake),
        ("attente", peer::InquiryAnswerKind::WaitingList),
        ("non", peer::InquiryAnswerKind::Cannot),
    ] {
        let bench = home(Vec::new()).answers("AnswerInquiry", &received("Lire"));
        let page = bench.post(&address, &[("reponse", said)]).await;
        assert_eq!((page.status, page.leads_to()), (StatusCode::SEE_OTHER, "/?fait=demande"));
        let asked: desk::AnswerInquiryRequest = bench.asked("AnswerInquiry").unwrap();
        assert_eq!((asked.peer_id, asked.inquiry_id), (HUB.to_vec(), INQUIRY.to_vec()));
        assert_eq!((asked.kind, asked.places), (i32::from(kind), None));
        assert!(bench.get(page.leads_to()).await.has("Réponse envoyée."));
    }
    let bench = home(Vec::new());
    assert_eq!(bench.post(&address, &[("reponse", "peut-être")]).await.status, StatusCode::BAD_REQUEST);
    let bench = bench.refuses("AnswerInquiry", Code::FailedPrecondition, "inquiry_over", "");
    let page = bench.post(&address, &[("reponse", "non")]).await;
    assert!(page.has(&french("refusal-inquiry-over")), "{}", page.text);
    let nowhere = bench.post("/demandes/zz/zz", &[("reponse", "non")]).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    let admin = Bench::of(&[Role::Admin]);
    assert_eq!(admin.post(&address, &[("reponse", "non")]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(admin.times_asked("AnswerInquiry"), 0);
}

#[tokio::test]
async fn an_admin_says_whether_the_node_answers_by_itself_and_everyone_sees_it() {
    let view =
        |automatic: peer::YesNo| desk::InquiryAnswersView { automatic: automatic.into(), set_ms: None };
    let room = |role, automatic| {
        Bench::of(&[role])
            .answers("ListServices", &desk::ListServicesResponse::default())
            .answers("ShowInquiryAnswers", &view(automatic))
            .answers("SetInquiryAnswers", &view(automatic))
    };
    let page = room(Role::Admin, peer::YesNo::No).get("/structure/services").await;
    page.is_whole();
    assert!(page.has(&french("inquiry-setting-no")) && page.has("name=\"automatique\" value=\"oui\""));
    let page = room(Role::Admin, peer::YesNo::Yes).get("/structure/services").await;
    assert!(page.has(&french("inquiry-setting-yes")) && page.has("name=\"automatique\" value=\"non\""));
    let page = room(Role::Counsellor, peer::YesNo::Yes).get("/structure/services").await;
    assert!(page.has(&french("inquiry-setting-yes")) && !page.has("name=\"automatique\""));
    let bench = room(Role::Admin, peer::YesNo::No);
    let done = bench.post("/structure/services/demandes", &[("automatique", "oui")]).await;
    assert_eq!(done.leads_to(), "/structure/services#demandes");
    let asked: desk::SetInquiryAnswersRequest = bench.asked("SetInquiryAnswers").unwrap();
    assert_eq!(asked.automatic(), peer::YesNo::Yes);
    assert_eq!(bench.post("/structure/services/demandes", &[]).await.status, StatusCode::BAD_REQUEST);
    let counsellor = room(Role::Counsellor, peer::YesNo::No);
    let closed = counsellor.post("/structure/services/demandes", &[("automatique", "oui")]).await;
    assert_eq!((closed.status, counsellor.times_asked("SetInquiryAnswers")), (StatusCode::NOT_FOUND, 0));
}
