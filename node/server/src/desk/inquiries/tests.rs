//! What a call about inquiries is refused with, and what it shows.

use super::super::bench::{SERVICE, THEME, caller, pair};
use super::*;
use crate::users::Role;
use relais_proto::peer::v1 as peer;

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
    assert!(desk.show_inquiry(&request).await.unwrap() == asked);
    let nothing = desk.show_inquiry(&desk::ShowInquiryRequest { inquiry_id: vec![9; 3] }).await.unwrap_err();
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
    };
    let ours = desk::InquiryDirection::Ours;
    for (request, field) in [
        (list(desk::InquiryDirection::Unspecified, "", 0), "direction"),
        (list(ours, "", PAGE_SIZE_MAX + 1), "page_size"),
        (list(ours, "next", 0), "page_token"),
    ] {
        let refused = desk.list_inquiries(&request).await.unwrap_err();
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
        let request = desk::ListInquiriesRequest { direction, page_token, page_size: 2 };
        let page = desk.list_inquiries(&request).await.unwrap();
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
