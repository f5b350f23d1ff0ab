//! What a call about inquiries is refused with, and what it shows.

use super::super::bench::{SERVICE, THEME, caller, pair};
use super::super::paging::PAGE_SIZE_MAX;
use super::*;
use crate::users::Role;
use relais_domain::inquiry::Word;
use relais_domain::time::Span;
use relais_proto::peer::v1 as peer;
use relais_wire::frame::inquiry::InquiryAnswer;
use serde_json::{Value, json};

const OTHER: &str = "numerique--acquerir-un-equipement";

fn asking(id: u8) -> desk::AskInquiryRequest {
    desk::AskInquiryRequest {
        request_id: vec![id; 16],
        theme: THEME.to_owned(),
        commune: "17300".to_owned(),
        constraints: None,
    }
}

fn field_of(status: &Status) -> (String, String) {
    let said = |key| status.metadata().get(key).and_then(|value| value.to_str().ok()).unwrap_or_default();
    (said("relais-code").to_owned(), said("relais-field").to_owned())
}

#[tokio::test]
async fn what_is_asked_is_shown_with_its_door_and_its_place_as_it_is_told() {
    let (agency, hub) = pair().await;
    let desk = agency.desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    let asked = desk.ask_inquiry(asking(1), &nadia).await.unwrap();
    assert_eq!((asked.territory.as_str(), asked.territory_name.as_str()), ("17300", "La Rochelle"));
    assert_eq!((asked.asked, asked.answered, asked.asked_by.as_str()), (1, 0, "nadia"));
    let partner = asked.partners.first().unwrap();
    assert_eq!((partner.peer_id.as_slice(), partner.name.as_str()), (&hub.id().as_bytes()[..], "hub"));
    assert_eq!(partner.standing(), desk::InquiryStanding::NotReached);
    assert_eq!(partner.service.as_ref().unwrap().service_id, SERVICE);
    // A former code is asked as the present commune, a small one as its group.
    let small = desk::AskInquiryRequest { commune: "17028".to_owned(), ..asking(2) };
    let small = desk.ask_inquiry(small, &nadia).await.unwrap();
    assert_eq!(small.commune_code, "17028");
    let told = territory::commune("17028").unwrap().commune();
    assert_eq!(small.territory, territory::needed_territory(told).to_string());
    let request = desk::ShowInquiryRequest { inquiry_id: asked.inquiry_id.clone() };
    assert!(desk.show_inquiry(&request, &nadia).await.unwrap() == asked);
    let nothing = desk::ShowInquiryRequest { inquiry_id: vec![9; 3] };
    let nothing = desk.show_inquiry(&nothing, &nadia).await.unwrap_err();
    assert_eq!(nothing.code(), Code::NotFound);
}

#[tokio::test]
async fn a_call_that_is_wrong_names_its_field() {
    let (agency, _) = pair().await;
    let desk = agency.desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    let constraints = |change: fn(&mut peer::InquiryConstraints)| {
        let mut constraints = peer::InquiryConstraints::default();
        change(&mut constraints);
        desk::AskInquiryRequest { constraints: Some(constraints), ..asking(1) }
    };
    let wrong = [
        (desk::AskInquiryRequest { request_id: vec![1; 3], ..asking(1) }, "request_id"),
        (desk::AskInquiryRequest { theme: "connexion".to_owned(), ..asking(1) }, "theme"),
        (desk::AskInquiryRequest { commune: "17000".to_owned(), ..asking(1) }, "commune"),
        (constraints(|one| one.languages = vec!["Amina parle arabe".to_owned()]), "constraints.languages"),
        (constraints(|one| one.languages = vec!["ar".to_owned(); 4]), "constraints.languages"),
        (constraints(|one| one.mobility = vec![31]), "constraints.mobility"),
        (constraints(|one| one.mode = Some("à pied".to_owned())), "constraints.mode"),
        (constraints(|one| one.audiences = vec!["enceinte".to_owned()]), "constraints.audiences"),
        (constraints(|one| one.urgency = Some(9)), "constraints.urgency"),
    ];
    for (request, field) in wrong {
        let refused = desk.ask_inquiry(request, &nadia).await.unwrap_err();
        assert_eq!((refused.code(), field_of(&refused).1.as_str()), (Code::InvalidArgument, field));
        assert!(!refused.message().contains("Amina"), "{refused:?}");
    }
    let list = |direction: desk::InquiryDirection, page_token: &str, page_size| desk::ListInquiriesRequest {
        direction: direction.into(),
        page_token: page_token.to_owned(),
        page_size,
        ..Default::default()
    };
    let ours = desk::InquiryDirection::Ours;
    for (request, field) in [
        (list(desk::InquiryDirection::Unspecified, "", 0), "direction"),
        (list(ours, "", PAGE_SIZE_MAX + 1), "page_size"),
        (list(ours, "next", 0), "page_token"),
        (list(ours, "50", 0), "page_token"),
        (list(desk::InquiryDirection::Theirs, "50", 0), "page_token"),
    ] {
        let refused = desk.list_inquiries(&request, &nadia).await.unwrap_err();
        assert_eq!(field_of(&refused).1, field);
    }
    let set = desk.set_inquiry_answers(desk::SetInquiryAnswersRequest { automatic: 0 }).await.unwrap_err();
    assert_eq!(field_of(&set).1, "automatic");
}

#[tokio::test]
async fn lists_go_page_by_page_and_the_setting_is_remembered() {
    let (agency, _) = pair().await;
    let desk = agency.desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    for id in 1..=3 {
        desk.ask_inquiry(asking(id), &nadia).await.unwrap();
    }
    let (direction, mut page_token) = (desk::InquiryDirection::Ours.into(), String::new());
    let mut sizes = Vec::new();
    loop {
        let request =
            desk::ListInquiriesRequest { direction, page_token, page_size: 2, ..Default::default() };
        let page = desk.list_inquiries(&request, &nadia).await.unwrap();
        assert!(page.ours.iter().all(|one| one.partners.is_empty() && one.asked == 1));
        sizes.push(page.ours.len());
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(sizes, [2, 1]);
    assert_eq!(desk.show_inquiry_answers().automatic(), peer::YesNo::No);
    let request = desk::SetInquiryAnswersRequest { automatic: peer::YesNo::Yes.into() };
    assert_eq!(desk.set_inquiry_answers(request).await.unwrap().automatic(), peer::YesNo::Yes);
    let again = agency.desk().await.show_inquiry_answers();
    assert!(again.automatic() == peer::YesNo::Yes && again.set_ms.is_some());
}

/// What the hub answers, as it comes in.
async fn hears(desk: &Desk, hub: StructureId, inquiry: &[u8], service: Option<&str>, automatic: Automatic) {
    let inquiry = InquiryId::from_slice(inquiry).unwrap();
    let answer = Answer {
        kind: AnswerKind::CanTake,
        places: Some(5),
        waiting_days: None,
        service: service.map(|id| ServiceId::parse(id).unwrap()),
        automatic,
        word: Word::Kept,
        answered_at: desk.engine.clock().now(),
    };
    desk.inquiries.hear(hub, InquiryAnswer { inquiry, answer }).await.unwrap();
}

/// A list that grows while it is read page by page shows each that was there once, and none twice.
#[tokio::test]
async fn what_comes_meanwhile_shifts_no_page() {
    let (agency, hub) = pair().await;
    let desk = agency.desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    for id in 1..=4 {
        desk.ask_inquiry(asking(id), &nadia).await.unwrap();
        agency.clock.shift(Span(5));
    }
    let ours = |page_token: String| desk::ListInquiriesRequest {
        direction: desk::InquiryDirection::Ours.into(),
        page_token,
        page_size: 2,
        ..Default::default()
    };
    let ids = |page: &desk::ListInquiriesResponse| -> Vec<Vec<u8>> {
        page.ours.iter().map(|one| one.inquiry_id.clone()).collect()
    };
    let first = desk.list_inquiries(&ours(String::new()), &nadia).await.unwrap();
    desk.ask_inquiry(asking(5), &nadia).await.unwrap();
    let second = desk.list_inquiries(&ours(first.next_page_token.clone()), &nadia).await.unwrap();
    let shown = [ids(&first), ids(&second)].concat();
    let asked: Vec<Vec<u8>> =
        [4, 3, 2, 1].map(|id| InquiryId::from_random([id; 16]).as_bytes().to_vec()).to_vec();
    assert!(shown == asked && second.next_page_token.is_empty());

    let at_hub = hub.desk().await;
    let take = async |id: u8, hours| {
        let inquiry = Inquiry {
            id: InquiryId::from_random([id; 16]),
            theme: Theme::parse(THEME).unwrap(),
            territory: territory::Territory::parse("17300").unwrap(),
            wanted: Default::default(),
            expires_at: at_hub.engine.clock().now().plus(Span::hours(hours)),
        };
        at_hub.inquiries.take(agency.id(), inquiry).await.unwrap();
    };
    for id in 1..=3 {
        take(id, i64::from(id) * 10).await;
    }
    let zoe = caller(&at_hub, "zoe", Role::Counsellor).await;
    let theirs = |page_token: String| desk::ListInquiriesRequest {
        direction: desk::InquiryDirection::Theirs.into(),
        page_token,
        page_size: 2,
        ..Default::default()
    };
    let first = at_hub.list_inquiries(&theirs(String::new()), &zoe).await.unwrap();
    assert_eq!((first.theirs.len(), first.to_answer), (2, 3));
    take(4, 1).await;
    let second = at_hub.list_inquiries(&theirs(first.next_page_token.clone()), &zoe).await.unwrap();
    let last: Vec<_> = second.theirs.iter().map(|one| one.inquiry_id.clone()).collect();
    assert!(last == [InquiryId::from_random([3; 16]).as_bytes().to_vec()]);
    assert_eq!((second.to_answer, second.next_page_token.as_str()), (4, ""), "all that wait are counted");
}

#[tokio::test]
async fn what_was_answered_is_news_to_who_asked_until_they_look() {
    let (agency, hub) = pair().await;
    let desk = agency.desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    let sam = caller(&desk, "sam", Role::Counsellor).await;
    let asked = desk.ask_inquiry(asking(1), &nadia).await.unwrap();
    desk.ask_inquiry(desk::AskInquiryRequest { commune: "17274".to_owned(), ..asking(2) }, &nadia)
        .await
        .unwrap();
    let open = async |who: &Caller, change: fn(&mut desk::ListInquiriesRequest)| {
        let mut request = desk::ListInquiriesRequest {
            direction: desk::InquiryDirection::Ours.into(),
            open: peer::YesNo::Yes.into(),
            ..Default::default()
        };
        change(&mut request);
        desk.list_inquiries(&request, who).await.unwrap().ours
    };
    let unseen: fn(&mut desk::ListInquiriesRequest) = |open| open.unseen = peer::YesNo::Yes.into();
    assert_eq!(open(&nadia, |_| ()).await.len(), 2);
    assert_eq!(open(&nadia, |open| "17300".clone_into(&mut open.commune)).await.len(), 1);
    assert_eq!(open(&sam, |open| THEME.clone_into(&mut open.theme)).await.len(), 2, "a colleague's too");
    assert!(open(&sam, |open| "x".clone_into(&mut open.theme)).await.is_empty());
    assert!(open(&nadia, unseen).await.is_empty(), "nobody answered");
    hears(&desk, hub.id(), &asked.inquiry_id, Some(SERVICE), Automatic::No).await;
    let news = open(&nadia, unseen).await;
    assert!(news.len() == 1 && news[0].inquiry_id == asked.inquiry_id && news[0].answered == 1);
    assert_eq!(news[0].unseen(), peer::YesNo::Yes);
    assert!(open(&sam, unseen).await.is_empty(), "they did not ask it");
    let look = desk::ShowInquiryRequest { inquiry_id: asked.inquiry_id.clone() };
    desk.show_inquiry(&look, &sam).await.unwrap();
    assert_eq!(open(&nadia, unseen).await.len(), 1, "someone else looked");
    desk.show_inquiry(&look, &nadia).await.unwrap();
    assert!(open(&nadia, unseen).await.is_empty(), "seen");
    agency.clock.shift(Span(2));
    hears(&desk, hub.id(), &asked.inquiry_id, None, Automatic::No).await;
    assert_eq!(open(&nadia, unseen).await.len(), 1, "another answer");
    agency.clock.shift(Span::hours(25));
    assert!(open(&nadia, |_| ()).await.is_empty(), "over");
}

/// The door an answer leads to is one of this need for this commune, and what a node answered leads to no other.
#[tokio::test]
async fn an_answer_leads_to_a_door_of_this_need_and_place_alone() {
    let (agency, hub) = pair().await;
    let services = ["loin", "autre"].map(|id| {
        let (zone, theme) = if id == "loin" { ("75", THEME) } else { ("17", OTHER) };
        json!({
            "source": "essai", "structure_id": "essai--1", "id": id, "nom": "Ailleurs",
            "description": "Une connexion.", "date_maj": "2026-09-01", "thematiques": [theme],
            "zone_eligibilite": [zone], "code_insee": "17300", "commune": "La Rochelle",
            "code_postal": "17000", "adresse": "1 rue de l’Essai",
        })
    });
    let file = Value::from(services.to_vec()).to_string();
    let report = hub.desk().await.directory.import(file.as_bytes()).await.unwrap();
    assert_eq!(report.created, 2, "{report:?}");
    let desk = agency.desk().await;
    super::super::bench::hears(&desk, &hub).await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    let mut id = 0;
    let mut led = async |service: Option<&str>, automatic| {
        id += 1;
        let asked = desk.ask_inquiry(asking(id), &nadia).await.unwrap();
        hears(&desk, hub.id(), &asked.inquiry_id, service, automatic).await;
        let request = desk::ShowInquiryRequest { inquiry_id: asked.inquiry_id };
        let shown = desk.show_inquiry(&request, &nadia).await.unwrap();
        let partner = shown.partners.into_iter().next().unwrap();
        let answered = partner.answer.is_some();
        (answered, partner.answer.map(|one| one.service_id), partner.service.map(|one| one.service_id))
    };
    let door = || Some(SERVICE.to_owned());
    assert_eq!(led(Some(SERVICE), Automatic::Yes).await, (true, door(), door()));
    for shut in [Some("loin"), Some("autre"), Some("rien")] {
        let (answered, named, _) = led(shut, Automatic::Yes).await;
        assert!(!answered && named.is_none(), "{shut:?} is no door here: its places say nothing");
        assert_eq!(led(shut, Automatic::No).await, (true, Some(String::new()), door()), "{shut:?}");
    }
    assert!(!led(None, Automatic::Yes).await.0);
    assert_eq!(led(None, Automatic::No).await, (true, Some(String::new()), door()));
}

/// Who answers may name the services alone that who asked can refer to.
#[tokio::test]
async fn an_answer_names_a_service_that_fits_or_is_refused_by_its_field() {
    let (agency, hub) = pair().await;
    let other = json!([{
        "source": "essai", "structure_id": "essai--1", "id": "autre", "nom": "Autre chose",
        "description": "Un ordinateur.", "date_maj": "2026-09-01", "thematiques": [OTHER],
        "zone_eligibilite": ["17"], "code_insee": "17300", "commune": "La Rochelle", "code_postal": "17000",
        "adresse": "1 rue de l’Essai",
    }]);
    let at_hub = hub.desk().await;
    at_hub.directory.import(other.to_string().as_bytes()).await.unwrap();
    let inquiry = Inquiry {
        id: InquiryId::from_random([3; 16]),
        theme: Theme::parse(OTHER).unwrap(),
        territory: territory::Territory::parse("17300").unwrap(),
        wanted: Default::default(),
        expires_at: at_hub.engine.clock().now().plus(Span::hours(5)),
    };
    at_hub.inquiries.take(agency.id(), inquiry.clone()).await.unwrap();
    let zoe = caller(&at_hub, "zoe", Role::Counsellor).await;
    let answering = |service: &str| desk::AnswerInquiryRequest {
        peer_id: agency.id().as_bytes().to_vec(),
        inquiry_id: inquiry.id.as_bytes().to_vec(),
        kind: peer::InquiryAnswerKind::CanTake.into(),
        service_id: service.to_owned(),
        ..Default::default()
    };
    let theirs =
        desk::ListInquiriesRequest { direction: desk::InquiryDirection::Theirs.into(), ..Default::default() };
    let listed = at_hub.list_inquiries(&theirs, &zoe).await.unwrap().theirs.remove(0);
    let offered: Vec<&str> = listed.doors.iter().map(|door| door.service_id.as_str()).collect();
    assert_eq!((offered, listed.doors[0].name.as_str()), (vec!["autre"], "Autre chose"));
    let refused = at_hub.answer_inquiry(answering(SERVICE), &zoe).await.unwrap_err();
    assert_eq!(field_of(&refused), ("field".to_owned(), "service_id".to_owned()));
    assert!(refused.message().contains("these are: autre"), "{refused:?}");
    let answered = at_hub.answer_inquiry(answering("autre"), &zoe).await.unwrap();
    assert_eq!(answered.answer.unwrap().service_id, "autre");
}

#[tokio::test]
async fn an_answer_that_was_taken_back_is_told_as_such() {
    let (agency, hub) = pair().await;
    let desk = agency.desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    let asked = desk.ask_inquiry(asking(1), &nadia).await.unwrap();
    let look = desk::ShowInquiryRequest { inquiry_id: asked.inquiry_id.clone() };
    let shown = async || desk.show_inquiry(&look, &nadia).await.unwrap().partners.remove(0);
    assert_eq!(shown().await.taken_back_ms, None, "nothing was said yet");
    hears(&desk, hub.id(), &asked.inquiry_id, Some(SERVICE), Automatic::Yes).await;
    assert_eq!(shown().await.taken_back_ms, None);
    agency.clock.shift(Span(5));
    let at = desk.engine.clock().now();
    let answer = Answer {
        kind: AnswerKind::CanTake,
        places: Some(5),
        waiting_days: None,
        service: ServiceId::parse(SERVICE),
        automatic: Automatic::Yes,
        word: Word::TakenBack,
        answered_at: at,
    };
    let inquiry = InquiryId::from_slice(&asked.inquiry_id).unwrap();
    desk.inquiries.hear(hub.id(), InquiryAnswer { inquiry, answer }).await.unwrap();
    let partner = shown().await;
    assert_eq!((partner.answer, partner.taken_back_ms), (None, Some(at.0)));
}

#[tokio::test]
async fn it_is_said_whether_there_is_anyone_to_ask_whatever_the_filters() {
    let (agency, _) = pair().await;
    let desk = agency.desk().await;
    let find = async |theme: &str, commune: &str, language: &str| {
        let request = desk::FindServicesRequest {
            theme: theme.to_owned(),
            commune: commune.to_owned(),
            language: language.to_owned(),
            price: desk::FindPrice::Free.into(),
            mode: desk::FindMode::Remote.into(),
            ..Default::default()
        };
        let found = desk.find(&request).await.unwrap();
        (found.total, found.askable)
    };
    assert_eq!(find(THEME, "17300", "ar").await, (0, Some(1)), "filters shut it out, and it can be asked");
    assert_eq!(find(OTHER, "17300", "").await, (0, Some(0)));
    assert_eq!(find(THEME, "75056", "").await, (0, Some(0)));
}
