//! The dry run: it tells what would be seen and all that is wrong, and leaves no trace.

use super::super::bench::{House, SERVICE, caller, hears, pair, referral};
use super::*;
use crate::users::Role;
use relais_domain::directory::NameNeeded;
use relais_domain::id::ServiceId;
use relais_proto::peer::v1 as peer;
use tonic::Code;

async fn preview(desk: &Desk, request: desk::OpenReferralRequest) -> desk::ReferralPreview {
    let nadia = caller(desk, "nadia", Role::Counsellor).await;
    desk.preview_referral(request, &nadia).await.unwrap()
}

fn fields(preview: &desk::ReferralPreview) -> Vec<&str> {
    preview.problems.iter().map(|problem| problem.field.as_str()).collect()
}

fn stage_one(request: &mut desk::OpenReferralRequest) -> &mut desk::StageOne {
    request.stage_one.as_mut().unwrap()
}

fn stage_two(request: &mut desk::OpenReferralRequest) -> &mut desk::StageTwo {
    request.stage_two.as_mut().unwrap()
}

fn consent(request: &mut desk::OpenReferralRequest) -> &mut desk::ConsentInput {
    request.consent.as_mut().unwrap()
}

/// What a call would leave behind: leaves, threads, messages.
async fn trace(desk: &Desk) -> (u64, usize, usize) {
    let store = desk.engine.store();
    let size = store.ledger_size().await.unwrap();
    let page = relais_store::Page { before: None, limit: 10 };
    (size, store.threads(page).await.unwrap().len(), store.outbox_waiting().await.unwrap().len())
}

#[tokio::test]
async fn what_is_told_is_what_is_seen_once_it_is_sent_and_nothing_is_kept() {
    let (agency, hub) = pair().await;
    let desk = agency.desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    let before = trace(&desk).await;
    let request = referral(&desk, hub.id());
    let told = preview(&desk, request.clone()).await;
    assert_eq!(trace(&desk).await, before, "no thread, no message, no leaf");
    assert!(told.problems.is_empty(), "{:?}", fields(&told));
    let sent = desk.open_referral(request, &nadia).await.unwrap();
    assert_eq!(told.stage_one, sent.stage_one);
    assert_eq!(told.stage_two, sent.stage_two);
    assert_eq!(told.remarks, sent.remarks);
    let close = |one: i64, other: i64| (one - other).abs() < 60_000;
    assert!(close(told.deadline_ms, sent.deadline_ms.unwrap()));
    assert!(close(told.consent_until_ms, sent.consent_until_ms));
}

#[tokio::test]
async fn a_former_and_a_small_commune_are_remarked_on() {
    let (agency, hub) = pair().await;
    let desk = agency.desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    let mut request = referral(&desk, hub.id());
    // Chaillé-les-Marais has fewer than 2,000 inhabitants.
    stage_one(&mut request).need.as_mut().unwrap().territory = "85042".to_owned();
    let told = preview(&desk, request.clone()).await;
    assert_eq!(told.remarks.len(), 1);
    let place = told.stage_one.as_ref().unwrap().need.as_ref().unwrap().territory.clone();
    let epci = relais_domain::territory::Territory::parse(&place).unwrap().name().to_owned();
    let small = desk::Remark {
        kind: desk::RemarkKind::SmallCommune.into(),
        from: "Chaillé-les-Marais".to_owned(),
        to: epci,
        act: 0,
    };
    assert_eq!(told.coded_remarks, [small]);
    assert_ne!(told.stage_one.as_ref().unwrap().need.as_ref().unwrap().territory, "85042");
    let sent = desk.open_referral(request, &nadia).await.unwrap();
    assert_eq!((told.remarks, told.stage_one), (sent.remarks, sent.stage_one));
    assert_eq!(told.coded_remarks, sent.coded_remarks);
    let mut former = referral(&desk, hub.id());
    // Béon is part of Culoz-Béon now.
    stage_one(&mut former).need.as_mut().unwrap().territory = "01039".to_owned();
    let told = preview(&desk, former).await;
    let first = &told.coded_remarks[0];
    assert_eq!(first.kind(), desk::RemarkKind::FormerCommune);
    assert_eq!((first.from.as_str(), first.to.as_str()), ("Béon", "Culoz-Béon"));
    assert_eq!(told.remarks.len(), told.coded_remarks.len(), "each in words too");
}

#[tokio::test]
async fn every_problem_is_told_at_once() {
    let (agency, hub) = pair().await;
    let desk = agency.desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    let mut request = referral(&desk, hub.id());
    let need = stage_one(&mut request).need.as_mut().unwrap();
    need.territory = "99999".to_owned();
    need.service_id = "essai--another".to_owned();
    stage_one(&mut request).note = Some(peer::Note { text: "Appeler le 06 01 02 03 04".to_owned() });
    stage_one(&mut request).constraints = Some(peer::Constraints { constraints: vec![999] });
    stage_two(&mut request).name = Some(peer::Name { given: " ".to_owned(), family: "Benali".to_owned() });
    stage_two(&mut request).contact.as_mut().unwrap().detail = None;
    consent(&mut request).given = None;
    consent(&mut request).themes = vec!["numerique".to_owned()];
    consent(&mut request).notice_language = "xx".to_owned();
    consent(&mut request).valid_until_ms = Some(1);
    let before = trace(&desk).await;
    let told = preview(&desk, request.clone()).await;
    assert_eq!(
        fields(&told),
        [
            "need.commune",
            "need.service",
            "constraints.constraints",
            "consent.valid_until",
            "consent.themes",
            "consent.given",
            "consent.notice_language",
            "note",
            "name.given",
            "name.family",
            "contact.detail",
        ]
    );
    assert!(told.problems.iter().all(|one| !one.problem.starts_with(&one.field)), "the field stands beside");
    assert!(!told.problems.iter().any(|one| one.problem.contains("Benali") || one.problem.contains("06 01")));
    assert_eq!(trace(&desk).await, before);
    // Sending is refused with the first of them.
    let refused = desk.open_referral(request, &nadia).await.unwrap_err();
    assert_eq!(refused.metadata().get("relais-field").unwrap(), "need.commune");
    assert_eq!(trace(&desk).await, before);
}

#[tokio::test]
async fn a_telephone_number_without_digits_is_told_before_it_is_sent() {
    let (agency, hub) = pair().await;
    let desk = agency.desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    let mut request = referral(&desk, hub.id());
    stage_two(&mut request).contact.as_mut().unwrap().detail = Some("pas un numéro".to_owned());
    assert_eq!(fields(&preview(&desk, request.clone()).await), ["contact.detail"]);
    let refused = desk.open_referral(request, &nadia).await.unwrap_err();
    assert_eq!(refused.metadata().get("relais-field").unwrap(), "contact.detail");
}

/// Threat: a name is told before anyone agreed to help, to a service that never asked for it.
#[tokio::test]
async fn the_name_is_told_early_to_a_service_alone_that_must_know_it() {
    let (agency, hub) = pair().await;
    let desk = agency.desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    let early = || {
        let mut request = referral(&desk, hub.id());
        stage_one(&mut request).name = stage_two(&mut request).name.take();
        consent(&mut request).name_stage = peer::Stage::One.into();
        request
    };
    assert_eq!(fields(&preview(&desk, early()).await), ["consent.name_stage"]);
    let refused = desk.open_referral(early(), &nadia).await.unwrap_err();
    assert_eq!(refused.metadata().get("relais-field").unwrap(), "consent.name_stage");
    let hubs = hub.desk().await;
    let mut service = hubs.directory.service(hub.id(), &ServiceId::parse(SERVICE).unwrap()).unwrap().service;
    service.name_needed = NameNeeded::Yes;
    hubs.directory.publish_services(vec![service]).await.unwrap();
    hears(&desk, &hub).await;
    desk.open_referral(early(), &nadia).await.unwrap();
}

#[tokio::test]
async fn what_the_consent_does_not_cover_is_told_class_by_class() {
    let (agency, hub) = pair().await;
    let desk = agency.desk().await;
    let mut request = referral(&desk, hub.id());
    consent(&mut request).classes = vec![peer::DataClass::Need.into()];
    stage_one(&mut request).note = Some(peer::Note { text: "Préfère le matin".to_owned() });
    request.deadline_ms = Some(1);
    let told = preview(&desk, request).await;
    assert_eq!(fields(&told), ["deadline", "consent.classes", "consent.classes", "consent.classes"]);
    for class in ["note", "name", "contact"] {
        let named = |one: &desk::FieldProblem| one.problem.contains(&format!("«{class}»"));
        assert!(told.problems.iter().any(named), "{class}");
    }
    assert!(told.deadline_ms > 0, "the default stands beside what is wrong");
}

#[tokio::test]
async fn an_empty_page_tells_what_is_missing_and_shows_the_rest() {
    let (agency, hub) = pair().await;
    let desk = agency.desk().await;
    let mut request = referral(&desk, hub.id());
    request.request_id = Vec::new();
    request.consent = None;
    let told = preview(&desk, request).await;
    assert_eq!(fields(&told), ["consent"]);
    let need = told.stage_one.unwrap().need.unwrap();
    assert_eq!(need.service_id, SERVICE);
    let name = told.stage_two.unwrap().name.unwrap();
    assert_eq!(name.given, "Amina");
    let nothing = desk::OpenReferralRequest {
        recipient_id: hub.id().as_bytes().to_vec(),
        ..desk::OpenReferralRequest::default()
    };
    assert_eq!(fields(&preview(&desk, nothing).await), ["need", "consent"]);
}

#[tokio::test]
async fn no_preview_tells_of_the_follow_up_of_another() {
    let (agency, hub) = pair().await;
    let desk = agency.desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    let mut request = referral(&desk, hub.id());
    request.follow_up_id = ThreadId::from_random([7; 16]).as_bytes().to_vec();
    let refused = desk.preview_referral(request, &nadia).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
}

#[tokio::test]
async fn a_structure_that_is_no_partner_is_told() {
    let (agency, _) = pair().await;
    let desk = agency.desk().await;
    let stranger = House::new("stranger");
    let told = preview(&desk, referral(&desk, stranger.id())).await;
    assert_eq!(fields(&told), ["recipient"]);
}

#[tokio::test]
async fn a_notice_of_before_is_still_one_and_no_other() {
    let (agency, hub) = pair().await;
    let desk = agency.desk().await;
    for (id, language, wanted) in [
        ("referral-1", "fr", None),
        ("referral-2", "ar", None),
        ("walk-in-1", "fr", Some("consent.notice_id")),
        ("referral-1", "ar", Some("consent.notice_id")),
        ("handover-2", "fr", Some("consent.notice_id")),
        ("", "xx", Some("consent.notice_language")),
    ] {
        let mut request = referral(&desk, hub.id());
        consent(&mut request).notice_id = id.to_owned();
        consent(&mut request).notice_language = language.to_owned();
        let told = preview(&desk, request).await;
        assert_eq!(fields(&told), Vec::from_iter(wanted), "{id} {language}");
    }
}

#[tokio::test]
async fn who_goes_there_by_themselves_was_told_that_no_name_leaves() {
    let (agency, hub) = pair().await;
    let (desk, hubs) = (agency.desk().await, hub.desk().await);
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    let (service_id, hours) = (SERVICE.to_owned(), "Tu 14:00-17:00".to_owned());
    let offer = desk::SetWalkInRequest { service_id, hours, places_a_week: None, seen: None };
    let digest = hubs.set_walk_in(offer).await.unwrap().walk_in.unwrap().digest;
    hears(&desk, &hub).await;
    let mut request = referral(&desk, hub.id());
    stage_one(&mut request).need.as_mut().unwrap().walk_in_offer = digest;
    request.stage_two = None;
    consent(&mut request).classes = vec![peer::DataClass::Need.into()];
    for (id, noted) in [("", "walk-in-1"), ("referral-2", "referral-2")] {
        request.request_id = desk.engine.dice().bytes::<16>().to_vec();
        consent(&mut request).notice_id = id.to_owned();
        let sent = desk.open_referral(request.clone(), &nadia).await.unwrap();
        let thread = sent.summary.unwrap().thread_id;
        let shown = desk.consent_view(&thread, &nadia).await.unwrap().consent.unwrap();
        let notice = shown.notice.unwrap();
        assert_eq!((notice.notice_id.as_str(), shown.purpose), (noted, peer::Purpose::Referral.into()));
    }
}
