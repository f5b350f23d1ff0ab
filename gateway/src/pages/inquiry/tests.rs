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
        taken_back_ms: None,
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
    let shut_out = desk::FindServicesResponse { askable: Some(2), ..Default::default() };
    let page = bench().answers("FindServices", &shut_out).get(&under("service")).await;
    assert!(page.has(&format!("action=\"{}\"", under("demande"))), "no door, and partners to ask");
    let open_data = desk::FindServicesResponse { askable: Some(0), ..found };
    let page = bench().answers("FindServices", &open_data).get(&under("service")).await;
    assert!(!page.has(&format!("action=\"{}\"", under("demande"))), "doors of who cannot be asked");
}

#[tokio::test]
async fn the_form_begins_with_the_filters_that_were_chosen() {
    let found = desk::FindServicesResponse { askable: Some(1), ..Default::default() };
    let bench = bench().answers("FindServices", &found);
    let page = bench.get(&under("service")).await;
    let form = |page: &str| page.split_once(&under("demande")).map(|(_, form)| form.to_owned()).unwrap();
    let plain = form(&page.text);
    assert!(!plain.contains(" selected") && !plain.contains(" checked"), "{plain}");
    let fields = "filtre-langue=arabe&filtre-distance=domicile&filtre-accueil=sur-place&filtre-public=jeunes";
    let page = bench.answers("ShowDraft", &draft(fields)).get(&under("service")).await;
    let filled = form(&page.text);
    for chosen in [
        "\"ar\" selected",
        "\"non\" checked",
        "\"en-presentiel\" selected",
        "\"jeunes\" selected",
        "<details open",
    ] {
        assert!(filled.contains(chosen), "{chosen}: {filled}");
    }
}

fn listed(ours: Vec<desk::InquiryView>) -> desk::ListInquiriesResponse {
    desk::ListInquiriesResponse { ours, ..Default::default() }
}

/// One of before, about the need and the place of the draft.
fn earlier() -> desk::InquiryView {
    let commune_code = "17300".to_owned();
    desk::InquiryView {
        commune_code,
        commune_name: "La Rochelle".to_owned(),
        partners: Vec::new(),
        ..inquiry()
    }
}

#[tokio::test]
async fn answers_are_found_again_from_the_list_of_doors() {
    let found = desk::FindServicesResponse { askable: Some(1), ..Default::default() };
    let bench = || bench().answers("FindServices", &found);
    let nothing = bench().answers("ListInquiries", &listed(Vec::new())).get(&under("service")).await;
    let without = bench().get(&under("service")).await;
    assert_eq!(nothing.words(), without.words(), "a node of before, or nothing asked: the page is as it was");
    let bench = bench().answers("ListInquiries", &listed(vec![earlier()]));
    let page = bench.get(&under("service")).await;
    page.is_whole();
    assert!(page.has(&format!("href=\"{}\"", shown())) && page.has("1 réponse"), "{}", page.text);
    let asked: desk::ListInquiriesRequest = bench.asked("ListInquiries").unwrap();
    assert_eq!((asked.theme.as_str(), asked.commune.as_str(), asked.unseen), (THEME, "17300", 0));
    assert_eq!((asked.direction(), asked.open()), (desk::InquiryDirection::Ours, peer::YesNo::Yes));
    // A node that does not know how to choose lists all: nothing of another need or place, or over, is linked.
    let others = vec![
        desk::InquiryView { theme: "numerique--creer-avec-le-numerique".to_owned(), ..earlier() },
        desk::InquiryView { commune_code: "17274".to_owned(), ..earlier() },
        desk::InquiryView { open: peer::YesNo::No.into(), ..earlier() },
    ];
    let page = bench.answers("ListInquiries", &listed(others)).get(&under("service")).await;
    assert_eq!(page.words(), nothing.words());
}

#[tokio::test]
async fn what_was_answered_since_one_looked_is_news_and_leads_to_a_referral() {
    let home = |ours: Vec<desk::InquiryView>| home(Vec::new()).answers("ListInquiries", &listed(ours));
    let nothing = home(Vec::new()).get("/").await;
    let unseen =
        desk::InquiryView { unseen: peer::YesNo::Yes.into(), asked_ms: 1_795_000_000_000, ..earlier() };
    let none_yet = desk::InquiryView { answered: 0, ..unseen.clone() };
    let page = home(vec![earlier(), none_yet]).get("/").await;
    assert_eq!(page.words(), nothing.words(), "seen, or nothing said: no news");
    for language in [Language::French, Language::English] {
        home(vec![unseen.clone()]).reading(language).get("/").await.is_whole();
    }
    let page = home(vec![unseen]).get("/").await;
    let address = format!("/qui-peut-prendre/{}", hex::encode(&INQUIRY));
    assert!(
        page.has(&format!("href=\"{address}\"")) && page.has("1 réponse : qui peut prendre ?"),
        "{}",
        page.text
    );
    // It is shown without a draft, and a door that is chosen begins one.
    let bench = bench().answers("ShowInquiry", &earlier_whole());
    for language in [Language::French, Language::English] {
        bench_of(language).get(&address).await.is_whole();
    }
    let page = bench.get(&address).await;
    assert!(page.has("Peut en prendre 3") && page.has(&format!("action=\"{address}\"")), "{}", page.text);
    assert!(!page.has("/orientations/nouvelle/") && page.has("12 autres partenaires"), "{}", page.text);
    let chosen = format!("{} - atelier-1", hex::encode(&HUB));
    let done = bench.post(&address, &[("porte", &chosen)]).await;
    assert!(done.leads_to().starts_with("/orientations/nouvelle/") && done.leads_to().ends_with("/accord"));
    let saved: desk::SaveDraftRequest = bench.asked("SaveDraft").unwrap();
    let form = Form::parse(&saved.fields).unwrap();
    for (field, value) in [
        ("theme", THEME),
        ("commune-code", "17300"),
        ("commune", "La Rochelle"),
        ("urgence", "soon"),
        ("service", "atelier-1"),
        ("structure", &hex::encode(&HUB)),
    ] {
        assert_eq!(form.text(field), value, "{field}");
    }
    assert_eq!(bench.post(&address, &[("porte", "x")]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(bench.get("/qui-peut-prendre/zz").await.status, StatusCode::NOT_FOUND);
    let admin = Bench::of(&[Role::Admin]).answers("ShowInquiry", &earlier_whole());
    assert_eq!(admin.get(&address).await.status, StatusCode::NOT_FOUND);
    assert_eq!(admin.times_asked("ShowInquiry"), 0);
}

/// One of before with every partner.
fn earlier_whole() -> desk::InquiryView {
    desk::InquiryView { partners: inquiry().partners, beyond: 12, ..earlier() }
}

fn bench_of(language: Language) -> Bench {
    bench().reading(language).answers("ShowInquiry", &earlier_whole())
}

/// How old an answer is stands beside it, in whose clock it was given.
#[tokio::test]
async fn an_answer_says_how_old_it_is() {
    let now = crate::clock::now().as_millisecond();
    let shown = |answered_ms| {
        let can = desk::InquiryAnswerView { answered_ms, ..answer(peer::InquiryAnswerKind::CanTake, None) };
        desk::InquiryView {
            partners: vec![partner(HUB, "Lire", InquiryStanding::Answered, Some(can))],
            ..inquiry()
        }
    };
    for (ago, words) in [
        (5 * 3_600_000, "Peut prendre · dit il y a 5 heures"),
        (1_000, "dit il y a moins d’une heure"),
        (-240_000, "dit il y a moins d’une heure"),
    ] {
        let page = bench().answers("ShowInquiry", &shown(now - ago)).get(&self::shown()).await;
        assert!(page.has(words), "{words}: {}", page.text);
    }
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
    // Nothing waits is said no more, and counts for nothing here.
    let calm = french("home-nothing")
        .split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .count();
    let more = page.words().len() + calm - nothing.words().len();
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
        assert_eq!((asked.kind, asked.places, asked.waiting_days), (i32::from(kind), None, None));
        let numbers = [("reponse", said), ("places", " 3 "), ("jours", "10")];
        assert_eq!(bench.post(&address, &numbers).await.status, StatusCode::SEE_OTHER);
        let asked: desk::AnswerInquiryRequest = bench.asked("AnswerInquiry").unwrap();
        let fitting = match kind {
            peer::InquiryAnswerKind::CanTake => (Some(3), Some(10)),
            peer::InquiryAnswerKind::WaitingList => (None, Some(10)),
            peer::InquiryAnswerKind::Cannot | peer::InquiryAnswerKind::Unspecified => (None, None),
        };
        assert_eq!((asked.places, asked.waiting_days), fitting, "what fits the answer alone");
        assert!(bench.get(page.leads_to()).await.has("Réponse envoyée."));
    }
    let bench = home(Vec::new());
    assert_eq!(bench.post(&address, &[("reponse", "peut-être")]).await.status, StatusCode::BAD_REQUEST);
    let bench = bench.refuses("AnswerInquiry", Code::FailedPrecondition, "inquiry_over", "");
    let page = bench.post(&address, &[("reponse", "non")]).await;
    assert!(page.has(&french("refusal-inquiry-over")), "{}", page.text);
    for (field, words) in [("places", "refusal-field-places"), ("jours", "refusal-field-waiting-days")] {
        let bench = home(Vec::new());
        let page = bench.post(&address, &[("reponse", "prendre"), (field, "beaucoup")]).await;
        assert_eq!((page.status, bench.times_asked("AnswerInquiry")), (StatusCode::UNPROCESSABLE_ENTITY, 0));
        assert!(page.has(&french(words)), "{}", page.text);
        // What was typed stands where it was typed, with what is wrong beside it.
        let bench = home(vec![received("Lire"), received("Autre")]);
        let page = bench.post(&address, &[("reponse", "prendre"), (field, "beaucoup"), ("jours", "5")]).await;
        page.is_whole();
        for part in
            [&format!("id=\"champ-{field}\""), "value=\"beaucoup\"", "<details open>", "href=\"#champ-"]
        {
            assert!(page.has(part), "{part}: {}", page.text);
        }
        assert!(page.has("value=\"5\"") || field == "jours", "nothing is lost");
    }
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

#[tokio::test]
async fn an_answer_that_was_taken_back_is_said_and_is_no_door() {
    let back = |taken_back_ms| desk::InquiryPartner {
        taken_back_ms,
        ..partner(HUB, "Emmaüs Connect", InquiryStanding::Asked, None)
    };
    for (taken_back, words) in [(Some(1), "inquiry-taken-back"), (None, "inquiry-asked")] {
        let view = desk::InquiryView { partners: vec![back(taken_back)], ..inquiry() };
        let page = bench().answers("ShowInquiry", &view).get(&shown()).await;
        page.is_whole();
        assert!(page.has(&format!("<p>{}</p>", french(words))), "{words}: {}", page.text);
        assert!(!page.has("name=\"porte\""), "nothing is offered there now");
    }
}

/// Who answers names a service that who asked can refer to, and none other.
#[tokio::test]
async fn the_services_that_an_answer_may_name_are_offered_when_there_are_several() {
    let door = |id: &str, name: &str| desk::InquiryDoor { service_id: id.to_owned(), name: name.to_owned() };
    let two = vec![door("atelier-1", "Atelier numérique"), door("pret", "Prêt <b>")];
    let with = |doors| desk::ReceivedInquiryView { doors, ..received("Lire") };
    let page = home(vec![with(two.clone())]).get("/").await;
    page.is_whole();
    for part in
        ["name=\"service\"", "value=\"atelier-1\">Atelier numérique", "value=\"pret\">Prêt &#60;b&#62;<"]
    {
        assert!(page.has(part), "{part}: {}", page.text);
    }
    for doors in [Vec::new(), vec![two[0].clone()]] {
        let page = home(vec![with(doors)]).get("/").await;
        assert!(!page.has("name=\"service\""), "there is nothing to choose");
    }
    let address = format!("/demandes/{}/{}", hex::encode(&HUB), hex::encode(&INQUIRY));
    for (said, named) in [("prendre", "pret"), ("attente", "pret"), ("non", "")] {
        let bench = home(Vec::new()).answers("AnswerInquiry", &received("Lire"));
        bench.post(&address, &[("reponse", said), ("service", "pret")]).await;
        let asked: desk::AnswerInquiryRequest = bench.asked("AnswerInquiry").unwrap();
        assert_eq!(asked.service_id, named, "{said}");
    }
    let no = home(Vec::new()).refuses("AnswerInquiry", Code::InvalidArgument, "field", "service_id");
    let page = no.post(&address, &[("reponse", "prendre"), ("service", "autre")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has(&french("refusal-no-door-service-id")), "{}", page.text);
}

#[tokio::test]
async fn every_inquiry_stands_in_a_list_of_its_own_page_by_page() {
    let over = desk::InquiryView {
        inquiry_id: vec![8; 16],
        open: peer::YesNo::No.into(),
        answered: 0,
        theme: "<script>".to_owned(),
        ..earlier()
    };
    let answer = desk::ListInquiriesResponse {
        next_page_token: "20700.abc".to_owned(),
        ..listed(vec![earlier(), over])
    };
    for language in [Language::French, Language::English] {
        bench().reading(language).answers("ListInquiries", &answer).get("/qui-peut-prendre").await.is_whole();
    }
    let bench = bench().answers("ListInquiries", &answer);
    let page = bench.get("/qui-peut-prendre").await;
    for part in [
        format!("href=\"/qui-peut-prendre/{}\"", hex::encode(&INQUIRY)),
        format!("href=\"/qui-peut-prendre/{}\"", "08".repeat(16)),
        "href=\"/qui-peut-prendre?page=20700.abc\"".to_owned(),
        french("inquiry-closed"),
        "parle arabe".to_owned(),
    ] {
        assert!(page.has(&part), "{part}: {}", page.text);
    }
    let (_, last) = page.text.split_once(&"08".repeat(16)).unwrap();
    assert!(last.contains(&french("inquiry-closed")), "{last}");
    assert_eq!(page.text.matches(&french("inquiry-closed")).count(), 1, "the other one is open");
    assert!(!page.has("<script>") && !page.has(&french("list-first")));
    let asked: desk::ListInquiriesRequest = bench.asked("ListInquiries").unwrap();
    assert_eq!(
        (asked.direction(), asked.open, asked.page_token.as_str()),
        (desk::InquiryDirection::Ours, 0, "")
    );
    let end = bench.answers("ListInquiries", &listed(Vec::new()));
    let page = end.get("/qui-peut-prendre?page=20700.abc").await;
    let asked: desk::ListInquiriesRequest = end.asked("ListInquiries").unwrap();
    assert_eq!(asked.page_token, "20700.abc");
    assert!(page.has(&french("list-end")) && page.has(&french("list-first")));
    end.get("/qui-peut-prendre?page=%3Cb%3E").await;
    let asked: desk::ListInquiriesRequest = end.asked("ListInquiries").unwrap();
    assert_eq!(asked.page_token, "", "what is no token is the first page");
    // A node of before knows none.
    let before = self::bench().get("/qui-peut-prendre").await;
    assert_eq!(before.status, StatusCode::OK);
    assert!(before.is_whole().has(&french("inquiries-none")));
    let nobody = self::bench().get_as_nobody("/qui-peut-prendre").await;
    assert!(nobody.leads_to().starts_with("/connexion"), "nobody is shown anything without signing in");
    let admin = Bench::of(&[Role::Admin]).answers("ListInquiries", &answer);
    assert_eq!(admin.get("/qui-peut-prendre").await.status, StatusCode::NOT_FOUND);
    assert_eq!(admin.times_asked("ListInquiries"), 0);
}

#[tokio::test]
async fn the_list_is_one_press_from_where_one_looks_for_it() {
    let to_all = "href=\"/qui-peut-prendre\"";
    let found = desk::FindServicesResponse { askable: Some(1), ..Default::default() };
    let doors = bench().answers("FindServices", &found);
    assert!(!doors.get(&under("service")).await.has(to_all), "nothing was asked about this");
    let doors = doors.answers("ListInquiries", &listed(vec![earlier()]));
    assert!(doors.get(&under("service")).await.has(to_all));
    let one = bench_of(Language::French).get(&format!("/qui-peut-prendre/{}", hex::encode(&INQUIRY))).await;
    assert!(one.has(to_all), "{}", one.text);
    assert!(home(Vec::new()).get("/orientations").await.has(to_all));
    let auditor = Bench::of(&[Role::Auditor]).answers("ListThreads", &desk::ListThreadsResponse::default());
    assert!(!auditor.get("/orientations").await.has(to_all), "a closed door is not shown");
}

/// Several about one need and place differ in what was to be borne in mind.
#[tokio::test]
async fn what_was_asked_stands_beside_each_link_and_answers_come_first() {
    let found = desk::FindServicesResponse { askable: Some(1), ..Default::default() };
    let numbered =
        |number: u8, answered| desk::InquiryView { inquiry_id: vec![number; 16], answered, ..earlier() };
    let all = (1..=7).map(|number| numbered(number, u32::from(number == 7))).collect();
    let bench = bench().answers("FindServices", &found).answers("ListInquiries", &listed(all));
    let page = bench.get(&under("service")).await;
    let link = |number: u8| format!("{}/{}", under("demande"), hex::encode(&[number; 16]));
    let at = |number: u8| page.text.find(&link(number));
    assert!(at(7).is_some() && at(7) < at(1) && at(1).is_some(), "what was answered stands first");
    assert_eq!((1..=7).filter(|number| at(*number).is_some()).count(), 5, "as many as one looks through");
    let (_, row) = page.text.split_once(&link(7)).unwrap();
    let (row, _) = row.split_once("</li>").unwrap();
    for words in ["parle arabe", "ne peut pas se déplacer", "jeunes"] {
        assert!(row.contains(words), "{words}: {row}");
    }
    let asked: desk::ListInquiriesRequest = bench.asked("ListInquiries").unwrap();
    assert_eq!(asked.page_size, 100, "the one that was answered may be old");
}

#[tokio::test]
async fn a_page_that_holds_something_to_answer_does_not_say_that_nothing_waits() {
    let nothing = french("home-nothing");
    assert!(home(Vec::new()).get("/").await.has(&nothing));
    assert!(!home(vec![received("Lire")]).get("/").await.has(&nothing));
}

/// What waits and what is news has few lines each: the node is asked for no more.
#[tokio::test]
async fn the_first_page_asks_for_few_lines() {
    let bench = home(Vec::new());
    bench.get("/").await.is_whole();
    let sizes = |direction: desk::InquiryDirection| -> Vec<u32> {
        let asked: Vec<desk::ListInquiriesRequest> = bench.each_asked("ListInquiries");
        asked.iter().filter(|one| one.direction() == direction).map(|one| one.page_size).collect()
    };
    assert_eq!(sizes(desk::InquiryDirection::Theirs), [12]);
    assert_eq!(sizes(desk::InquiryDirection::Ours), [3]);
}
