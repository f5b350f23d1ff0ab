//! The papers: nothing on them is untrue, whatever became of the agreement.

use super::*;
use crate::bench::{Bench, french};
use crate::clock;
use axum::http::StatusCode;
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::Role;
use relais_proto::peer::v1 as peer;
use tonic::Code;

const THREAD: [u8; 16] = [4; 16];
const HUB: [u8; 32] = [6; 32];
const THEME: &str = "numerique--acquerir-un-equipement";
const DAY_MS: i64 = 86_400_000;
/// Some day in autumn 2026.
const ENDED_MS: i64 = 1_795_345_200_000;
const HASH: [u8; 32] = [8; 32];

#[test]
fn a_code_is_printed_in_groups_and_drawn_without_anything_more() {
    assert_eq!(grouped("7A3KQ9ZT0M4X"), "7A3K-Q9ZT-0M4X");
    assert_eq!(grouped("7a3k-q9zt"), "7a3k-q9zt");
    assert_eq!(grouped(""), "");
    let drawn = qr("7A3KQ9ZT0M4X").unwrap();
    assert!(drawn.starts_with("<svg") && drawn.ends_with("</svg>"));
    assert!(!drawn.contains("style=") && !drawn.contains("<script"), "the page's policy holds for it too");
    assert_eq!(qr("-"), None);
}

fn view() -> desk::ThreadView {
    let (themes, urgency) = (vec![THEME.to_owned()], peer::Urgency::Normal.into());
    let need = peer::Need { themes, urgency, ..Default::default() };
    let name = peer::Name { given: "Noémie".to_owned(), family: "L".to_owned() };
    desk::ThreadView {
        summary: Some(desk::ThreadSummary {
            thread_id: THREAD.to_vec(),
            side: Side::Sender.into(),
            peer_id: HUB.to_vec(),
            peer_name: "Emmaüs Connect".to_owned(),
            ..Default::default()
        }),
        stage_one: Some(desk::StageOne { need: Some(need), ..Default::default() }),
        stage_two: Some(desk::StageTwo { name: Some(name), ..Default::default() }),
        disclosure: desk::Disclosure::NotYet.into(),
        territory_name: "La Rochelle".to_owned(),
        ..Default::default()
    }
}

fn agreed(language: &str) -> peer::Consent {
    peer::Consent {
        purpose: peer::Purpose::Referral.into(),
        classes: vec![peer::DataClass::Need.into(), peer::DataClass::Name.into()],
        feedback: peer::FeedbackLevel::Accepted.into(),
        given: Some(peer::ConsentGiven {
            how: peer::GivenHow::Oral.into(),
            language: language.to_owned(),
            interpreter: peer::Interpreter::Professional.into(),
            teach_back: peer::TeachBack::Done.into(),
            ..Default::default()
        }),
        notice: Some(peer::ConsentNotice {
            notice_id: "referral-2".to_owned(),
            language: language.to_owned(),
            text_hash: HASH.to_vec(),
        }),
        ..Default::default()
    }
}

fn consent(standing: ConsentStanding) -> ConsentView {
    ConsentView {
        standing: standing.into(),
        consent: Some(agreed("fr")),
        ended_ms: (standing != ConsentStanding::Active).then_some(ENDED_MS),
        valid_until_ms: ENDED_MS + 90 * DAY_MS,
        ..Default::default()
    }
}

/// Stopped, and the other structure has signed nothing yet.
fn stopped() -> ConsentView {
    let attention = vec![desk::Attention::ErasureReceiptMissing.into()];
    ConsentView { attention, ..consent(ConsentStanding::Stopped) }
}

fn erasure(side: Side, erasure: Option<peer::Erasure>) -> desk::ErasureView {
    desk::ErasureView { side: side.into(), erasure }
}

fn notice(id: &str) -> desk::NoticeView {
    desk::NoticeView {
        notice_id: id.to_owned(),
        language: "fr".to_owned(),
        text: format!("Texte {id}."),
        text_hash: if id == "referral-2" { HASH.to_vec() } else { vec![9; 32] },
        reviewed: peer::YesNo::Yes.into(),
        ..Default::default()
    }
}

fn bench(view: &desk::ThreadView, consent: &ConsentView) -> Bench {
    Bench::of(&[Role::Counsellor])
        .answers("ShowThread", view)
        .answers("ShowConsent", consent)
        .answers("ShowNotice", &notice("referral-2"))
        .answers("WaitDelivered", &desk::WaitDeliveredResponse::default())
}

fn at(page: &str) -> String {
    format!("/orientations/{}/{page}", crate::hex::encode(&THREAD))
}

async fn paper(view: &desk::ThreadView, consent: &ConsentView) -> String {
    let page = bench(view, consent).get(&at("accord")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    page.is_whole();
    page.text
}

#[tokio::test]
async fn nothing_is_called_erased_before_someone_signed_that_it_is() {
    let holds = paper(&view(), &consent(ConsentStanding::Active)).await;
    assert!(!holds.contains("effac"), "{holds}");
    let late = paper(&view(), &stopped()).await;
    assert!(late.contains("Cet accord a pris fin le"), "{late}");
    assert!(late.contains("Emmaüs Connect n’a toujours pas confirmé l’effacement."), "{late}");
    let now = clock::now().as_millisecond();
    let due = paper(&view(), &ConsentView { ended_ms: Some(now - DAY_MS), ..stopped() }).await;
    assert!(due.contains("Emmaüs Connect doit encore effacer ce qui a été dit"), "{due}");
    let never = paper(&view(), &consent(ConsentStanding::Stopped)).await;
    assert!(never.contains("Emmaüs Connect n’a pas confirmé avoir reçu quelque chose."), "{never}");
    for page in [&late, &due, &never] {
        assert!(!page.contains("a effacé") && !page.contains("est effacé"), "{page}");
    }
}

#[tokio::test]
async fn what_each_structure_erased_and_keeps_is_printed_as_it_signed_it() {
    let signed = peer::Erasure {
        parts: vec![peer::ThreadPart::StageOne.into(), peer::ThreadPart::StageTwo.into()],
        kept: vec![peer::KeptPart {
            part: peer::ThreadPart::Own.into(),
            basis: peer::KeptBasis::OwnFile.into(),
            until_day: 21_500,
        }],
        erased_at_ms: ENDED_MS,
        backup_horizon_ms: 0,
    };
    let own = peer::Erasure { kept: Vec::new(), ..signed.clone() };
    let mut told = consent(ConsentStanding::Stopped);
    told.erasures = vec![erasure(Side::Sender, Some(own)), erasure(Side::Receiver, Some(signed))];
    let page = paper(&view(), &told).await;
    assert!(page.contains("Emmaüs Connect a effacé le dimanche 22 novembre 2026"), "{page}");
    assert!(page.contains("Agence du Port a effacé le"), "{page}");
    assert!(page.contains("Emmaüs Connect garde jusqu’au") && page.contains("dossier propre"), "{page}");
    for awaited in ["doit encore effacer", "toujours pas", "avoir reçu"] {
        assert!(!page.contains(awaited), "{awaited}: {page}");
    }
    // Stage two was still on its way when the first part was erased.
    let partly = ConsentView { attention: stopped().attention, ..told.clone() };
    let page = paper(&view(), &partly).await;
    assert!(
        page.contains("Emmaüs Connect a effacé le") && page.contains("n’a toujours pas confirmé"),
        "{page}"
    );
    told.erasures = vec![erasure(Side::Receiver, None)];
    let page = paper(&view(), &told).await;
    assert!(page.contains("Emmaüs Connect a signé un effacement."), "{page}");
}

#[tokio::test]
async fn the_paper_shows_the_very_text_the_person_was_shown() {
    let bench = bench(&view(), &consent(ConsentStanding::Active));
    let page = bench.get(&at("accord")).await;
    let asked: desk::ShowNoticeRequest = bench.asked("ShowNotice").unwrap();
    assert_eq!(asked.text_hash, HASH, "by its hash");
    assert!(page.has("Texte referral-2."), "{}", page.text);
    // In another language the French text of the same id stands beside it; a node that reads no ids is not believed.
    let mut arabic = consent(ConsentStanding::Active);
    arabic.consent = Some(agreed("ar"));
    let bench = self::bench(&view(), &arabic);
    bench.get(&at("accord")).await;
    let asked: desk::ShowNoticeRequest = bench.asked("ShowNotice").unwrap();
    assert_eq!((asked.notice_id.as_str(), asked.language.as_str()), ("referral-2", "fr"));
}

#[tokio::test]
async fn a_text_that_is_not_known_here_is_said_and_no_other_is_shown() {
    let told = consent(ConsentStanding::Active);
    let unknown = bench(&view(), &told).refuses("ShowNotice", Code::NotFound, "not_there", "");
    let former = bench(&view(), &told).answers("ShowNotice", &notice("referral-3"));
    for bench in [unknown, former] {
        let page = bench.get(&at("accord")).await;
        assert!(page.has("(referral-2, français) n’est pas connu ici"), "{}", page.text);
        assert!(!page.has("Texte referral-3") && !page.has("class=\"notice\""), "{}", page.text);
    }
    // Once the consent itself is erased nobody knows what was shown: not the referral's notice for a handover either.
    let gone = ConsentView { consent: None, ..stopped() };
    let page = paper(&view(), &gone).await;
    assert!(page.contains(&french("paper-notice-gone")) && !page.contains("Texte referral"), "{page}");
    assert!(!page.contains(&french("paper-feedback-unspecified")), "what came back is not known any more");
}

#[tokio::test]
async fn who_interpreted_and_what_is_not_told_yet_stand_on_the_paper() {
    for (presence, key) in
        [(peer::Presence::Witness, "paper-witness"), (peer::Presence::Guardian, "paper-guardian")]
    {
        let mut beside = consent(ConsentStanding::Active);
        let given = beside.consent.as_mut().and_then(|consent| consent.given.as_mut()).unwrap();
        given.presence = presence.into();
        assert!(paper(&view(), &beside).await.contains(&french(key)), "{presence:?}");
    }
    assert!(!paper(&view(), &consent(ConsentStanding::Active)).await.contains(&french("paper-witness")));
    let page = paper(&view(), &consent(ConsentStanding::Active)).await;
    assert!(page.contains("interprète") && page.contains("professionnel · redit par la personne"), "{page}");
    assert!(page.contains(&french("paper-said-later")) && page.contains("Noémie L."), "{page}");
    let mut done = view();
    done.disclosure = desk::Disclosure::Done.into();
    let page = paper(&done, &consent(ConsentStanding::Active)).await;
    assert!(!page.contains(&french("paper-said-later")) && page.contains("Noémie L."), "{page}");
    let mut early = consent(ConsentStanding::Active);
    if let Some(agreed) = &mut early.consent {
        agreed.name_stage = peer::Stage::One.into();
    }
    assert!(paper(&view(), &early).await.contains(&french("paper-name-early")));
    let mut handed = consent(ConsentStanding::Active);
    if let Some(agreed) = &mut handed.consent {
        agreed.purpose = peer::Purpose::Handover.into();
    }
    assert!(paper(&view(), &handed).await.contains(&french("class-name-whole")));
}

/// A referral of someone who goes there by themselves, and its door.
fn walk_in() -> (desk::ThreadView, desk::ListServicesResponse) {
    let mut view = view();
    view.stage_two = None;
    if let Some(summary) = &mut view.summary {
        summary.reference = "7K3MQ9XT".to_owned();
    }
    if let Some(need) = view.stage_one.as_mut().and_then(|one| one.need.as_mut()) {
        need.walk_in_offer = vec![1; 32];
        need.service_id = "atelier-1".to_owned();
    }
    let service = desk::ServiceView {
        service_id: "atelier-1".to_owned(),
        name: "Atelier numérique".to_owned(),
        walk_in: Some(desk::WalkInOffer { hours: "Mo-Fr 09:00-12:00".to_owned(), ..Default::default() }),
        ..Default::default()
    };
    (view, desk::ListServicesResponse { services: vec![service], ..Default::default() })
}

#[tokio::test]
async fn a_slip_says_its_hours_in_words_and_what_it_tells() {
    let (view, services) = walk_in();
    let bench = bench(&view, &consent(ConsentStanding::Active)).answers("ListServices", &services);
    let page = bench.get(&at("bon")).await;
    assert!(page.has("du lundi au vendredi, de 9\u{a0}h à 12\u{a0}h") && !page.has("Mo-Fr"), "{}", page.text);
    assert!(page.has(&french("slip-hint-door")) && !page.has(&french("slip-hint")), "{}", page.text);
    let plain = self::bench(&self::view(), &consent(ConsentStanding::Active)).get(&at("bon")).await;
    assert!(plain.has(&french("slip-hint")) && !plain.has(&french("slip-hint-door")), "{}", plain.text);
}

#[tokio::test]
async fn the_page_after_sending_and_the_slip_bear_one_reference() {
    let (view, services) = walk_in();
    let bench = bench(&view, &consent(ConsentStanding::Active)).answers("ListServices", &services);
    for page in ["envoyee", "bon"] {
        assert!(bench.get(&at(page)).await.has("7K3M-Q9XT"), "{page}");
    }
    let mut late = self::view();
    late.remarks = vec!["your acceptance could not be made".to_owned()];
    let kind = desk::RemarkKind::ActNotDone.into();
    late.coded_remarks = vec![desk::Remark { kind, ..Default::default() }];
    let plain = self::bench(&late, &consent(ConsentStanding::Active)).get(&at("envoyee")).await;
    assert!(plain.has("04040404") && plain.has(&french("act-not-done")), "{}", plain.text);
    assert!(!plain.has("could not"), "{}", plain.text);
}
