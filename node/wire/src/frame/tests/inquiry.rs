//! Inquiries and answers come back; nothing stands in them but codes, numbers and ids.

use super::*;
use crate::frame::inquiry::{INQUIRY_ANSWER_BYTES_MAX, INQUIRY_BYTES_MAX, InquiryAnswer};
use proto::sync_frame::Body as Sync;
use relais_domain::content::{Constraint, Urgency};
use relais_domain::id::{InquiryId, ServiceId};
use relais_domain::inquiry::{
    AUDIENCES_MAX, Answer, AnswerKind, Automatic, Inquiry, LANGUAGES_MAX, MOBILITY, PLACES_MAX,
    WAITING_DAYS_MAX, Wanted, Word,
};
use relais_domain::territory::Territory;
use relais_domain::theme::Theme;
use relais_domain::vocabulary::Vocabulary;
use std::collections::BTreeSet;

pub(super) fn id() -> InquiryId {
    InquiryId::from_random([6; 16])
}

/// An inquiry that says nothing it need not say.
pub(super) fn plain() -> Inquiry {
    Inquiry {
        id: id(),
        theme: Theme::parse("numerique--acceder-a-une-connexion-internet").expect("a theme"),
        territory: Territory::parse("17300").expect("a territory"),
        wanted: Wanted::default(),
        expires_at: Timestamp(1_795_428_000_000),
    }
}

/// One that says all it may.
pub(super) fn whole() -> Inquiry {
    let audience = |code| Vocabulary::Audiences.find(code).expect("an audience");
    let wanted = Wanted {
        urgency: Some(Urgency::Soon),
        languages: ["ar", "fr", "uk"].map(str::to_owned).into(),
        mobility: MOBILITY.into(),
        mode: Vocabulary::WelcomeModes.find("a-distance"),
        audiences: ["familles", "jeunes", "seniors"].map(audience).to_vec(),
    };
    Inquiry { territory: Territory::parse("200069193").expect("an EPCI"), wanted, ..plain() }
}

pub(super) fn answer(kind: AnswerKind) -> Answer {
    Answer {
        kind,
        places: None,
        waiting_days: None,
        service: None,
        automatic: Automatic::No,
        word: Word::Kept,
        answered_at: Timestamp(1_795_341_700_000),
    }
}

pub(super) fn longest_answer() -> Answer {
    Answer {
        places: Some(PLACES_MAX),
        waiting_days: Some(WAITING_DAYS_MAX),
        service: ServiceId::parse(&"s".repeat(ServiceId::LENGTH_MAX)),
        automatic: Automatic::Yes,
        ..answer(AnswerKind::CanTake)
    }
}

/// One that its node gave and took back.
pub(super) fn taken_back() -> Answer {
    Answer { automatic: Automatic::Yes, word: Word::TakenBack, ..answer(AnswerKind::WaitingList) }
}

fn answered(answer: Answer) -> SyncFrame {
    SyncFrame::InquiryAnswer(Box::new(InquiryAnswer { inquiry: id(), answer }))
}

pub(super) fn frames() -> Vec<SyncFrame> {
    let mut frames: Vec<SyncFrame> = [plain(), whole()].map(|one| SyncFrame::Inquiry(Box::new(one))).to_vec();
    frames.extend(AnswerKind::ALL.iter().map(|kind| answered(answer(*kind))));
    frames.extend([longest_answer(), taken_back()].map(answered));
    let features = SyncFeature::ALL.into();
    frames.push(SyncFrame::Hello(SyncHello { features, ..sync_hello() }));
    frames
}

fn wrong(change: impl Fn(&mut proto::Inquiry)) -> String {
    let mut message = crate::frame::inquiry::inquiry_to_proto(&whole());
    change(&mut message);
    refused_sync(Sync::Inquiry(message))
}

fn wrong_constraints(change: impl Fn(&mut proto::InquiryConstraints)) -> String {
    wrong(|message| change(message.constraints.as_mut().expect("constraints")))
}

fn wrong_answer(of: Answer, change: impl Fn(&mut proto::InquiryAnswer)) -> String {
    let answer = InquiryAnswer { inquiry: id(), answer: of };
    let mut message = crate::frame::inquiry::answer_to_proto(&answer);
    change(&mut message);
    refused_sync(Sync::InquiryAnswer(message))
}

const MISSING: &str = "is missing";
const INVALID: &str = "has not the form it must have";
const UNKNOWN: &str = "is a code this program does not know";
const TOO_MANY: &str = "holds too many entries";

#[test]
fn an_inquiry_names_what_is_wrong() {
    assert_eq!(wrong(|one| one.inquiry_id.clear()), format!("inquiry.inquiry_id: {MISSING}"));
    assert_eq!(wrong(|one| one.inquiry_id = vec![6; 16]), format!("inquiry.inquiry_id: {INVALID}"));
    assert_eq!(wrong(|one| one.inquiry_id.push(1)), format!("inquiry.inquiry_id: {INVALID}"));
    for theme in ["", "numerique--rien", "Amina Diallo, 06 12 34 56 78"] {
        assert_eq!(wrong(|one| one.theme = theme.to_owned()), format!("inquiry.theme: {INVALID}"));
    }
    for place in ["", "france", "region:75", "12 rue de l'Essai", "17000"] {
        assert_eq!(wrong(|one| one.territory = place.to_owned()), format!("inquiry.territory: {INVALID}"));
    }
    assert_eq!(wrong(|one| one.expires_ms = 0), format!("inquiry.expires_ms: {MISSING}"));
}

/// There is no field for a text; where a code stands, nothing else is taken.
#[test]
fn no_text_and_nothing_of_a_person_can_be_put_in() {
    const TEXTS: [&str; 4] = ["Amina Diallo", "06 12 34 56 78", "enceinte", "maman de Noé, 3 ans"];
    for text in TEXTS {
        let languages = wrong_constraints(|one| one.languages = vec![text.to_owned()]);
        assert_eq!(languages, format!("inquiry.constraints.languages: {INVALID}"), "{text}");
        let mode = wrong_constraints(|one| one.mode = Some(text.to_owned()));
        assert_eq!(mode, format!("inquiry.constraints.mode: {UNKNOWN}"), "{text}");
        let audiences = wrong_constraints(|one| one.audiences = vec![text.to_owned()]);
        assert_eq!(audiences, format!("inquiry.constraints.audiences: {UNKNOWN}"), "{text}");
    }
    // A service's id has no spaces; one that its structure does not publish is not kept (`server/src/inquiries`).
    let service = wrong_answer(longest_answer(), |one| one.service_id = Some("Amina Diallo".to_owned()));
    assert_eq!(service, format!("inquiry_answer.service_id: {INVALID}"));
    let describing = Constraint::ALL.iter().filter(|constraint| !MOBILITY.contains(constraint));
    for constraint in describing {
        let number = constraint.number().cast_signed();
        let refused = wrong_constraints(|one| one.mobility = vec![number]);
        assert_eq!(refused, "inquiry.constraints.mobility: must be left out here", "{constraint}");
    }
}

#[test]
fn constraints_are_codes_and_few() {
    assert_eq!(
        wrong_constraints(|one| one.urgency = Some(4)),
        format!("inquiry.constraints.urgency: {UNKNOWN}")
    );
    assert_eq!(
        wrong_constraints(|one| one.mobility = vec![99]),
        format!("inquiry.constraints.mobility: {UNKNOWN}")
    );
    let twice = "holds one entry twice";
    let no_car = Constraint::NoCar.number().cast_signed();
    assert_eq!(
        wrong_constraints(|one| one.mobility = vec![no_car; 2]),
        format!("inquiry.constraints.mobility: {twice}")
    );
    assert_eq!(
        wrong_constraints(|one| one.mobility = vec![no_car; 4]),
        format!("inquiry.constraints.mobility: {TOO_MANY}")
    );
    let many = |code: &str, most: usize| vec![code.to_owned(); most + 1];
    assert_eq!(
        wrong_constraints(|one| one.languages = many("ar", LANGUAGES_MAX)),
        format!("inquiry.constraints.languages: {TOO_MANY}")
    );
    assert_eq!(
        wrong_constraints(|one| one.languages = many("ar", 1)),
        format!("inquiry.constraints.languages: {twice}")
    );
    assert_eq!(
        wrong_constraints(|one| one.audiences = many("jeunes", AUDIENCES_MAX)),
        format!("inquiry.constraints.audiences: {TOO_MANY}")
    );
    assert_eq!(
        wrong_constraints(|one| one.audiences = many("jeunes", 1)),
        format!("inquiry.constraints.audiences: {twice}")
    );
}

#[test]
fn an_answer_names_what_is_wrong() {
    let can = || answer(AnswerKind::CanTake);
    assert_eq!(
        wrong_answer(can(), |one| one.inquiry_id.clear()),
        format!("inquiry_answer.inquiry_id: {MISSING}")
    );
    assert_eq!(wrong_answer(can(), |one| one.kind = 0), format!("inquiry_answer.kind: {UNKNOWN}"));
    assert_eq!(wrong_answer(can(), |one| one.kind = 4), format!("inquiry_answer.kind: {UNKNOWN}"));
    assert_eq!(wrong_answer(can(), |one| one.automatic = 0), format!("inquiry_answer.automatic: {UNKNOWN}"));
    assert_eq!(
        wrong_answer(can(), |one| one.answered_ms = 0),
        format!("inquiry_answer.answered_ms: {MISSING}")
    );
    for places in [0, PLACES_MAX + 1, u32::MAX] {
        assert_eq!(
            wrong_answer(can(), |one| one.places = Some(places)),
            format!("inquiry_answer.places: {INVALID}")
        );
    }
    let cannot = || answer(AnswerKind::Cannot);
    assert_eq!(
        wrong_answer(cannot(), |one| one.places = Some(1)),
        format!("inquiry_answer.places: {INVALID}")
    );
    assert_eq!(
        wrong_answer(cannot(), |one| one.waiting_days = Some(1)),
        format!("inquiry_answer.waiting_days: {INVALID}")
    );
    let days = WAITING_DAYS_MAX + 1;
    assert_eq!(
        wrong_answer(can(), |one| one.waiting_days = Some(days)),
        format!("inquiry_answer.waiting_days: {INVALID}")
    );
}

#[test]
fn what_is_over_its_limit_is_refused_before_it_is_read() {
    let long = |bytes: usize| "x".repeat(bytes);
    assert_eq!(wrong(|one| one.theme = long(INQUIRY_BYTES_MAX)), "inquiry: is too long");
    let service = Some(long(INQUIRY_ANSWER_BYTES_MAX));
    assert_eq!(
        wrong_answer(longest_answer(), |one| one.service_id.clone_from(&service)),
        "inquiry_answer: is too long"
    );
    let longest = crate::frame::inquiry::inquiry_to_proto(&whole()).encoded_len();
    assert!(longest * 2 < INQUIRY_BYTES_MAX, "{longest}: there is room for what a later version adds");
}

#[test]
fn a_small_commune_is_read_as_its_epci() {
    let mut message = crate::frame::inquiry::inquiry_to_proto(&plain());
    message.territory = "01001".to_owned();
    let read = crate::frame::inquiry::inquiry_from_proto(message).expect("an inquiry");
    assert_eq!(read.territory.to_string(), "200069193");
}

#[test]
fn features_that_are_not_known_are_passed_over() {
    let mut message = proto::SyncHello {
        protocol: PROTOCOL,
        manifest_sequence: 1,
        records_digest: vec![0; 32],
        features: vec![0, 2, 99, -1, i32::MAX],
        ..proto::SyncHello::default()
    };
    let read = |message| SyncFrame::from_proto(proto::SyncFrame { body: Some(Sync::Hello(message)) });
    let Ok(SyncFrame::Hello(hello)) = read(message.clone()) else { panic!("a hello") };
    assert_eq!(hello.features, BTreeSet::from([SyncFeature::Inquiry]));
    message.features = vec![2; FEATURES_MAX + 1];
    assert_eq!(read(message).expect_err("too many").to_string(), format!("hello.features: {TOO_MANY}"));
}

#[test]
fn they_print_their_ids_alone() {
    for frame in frames() {
        let printed = format!("{frame:?}");
        assert!(!printed.contains("numerique") && !printed.contains("17300"), "{printed}");
    }
}
