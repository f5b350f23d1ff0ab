//! Golden files of inquiries, their answers, and the feature that announces them.

use super::super::inquiry::{answer, id, longest_answer, plain, taken_back, whole};
use super::*;
use crate::frame::SyncFeature;
use crate::frame::inquiry::{InquiryAnswer, answer_to_proto, inquiry_to_proto};
use relais_domain::inquiry::{AnswerKind, Inquiry};
use std::collections::BTreeSet;

fn joined(values: impl IntoIterator<Item = String>) -> String {
    values.into_iter().collect::<Vec<_>>().join(",")
}

pub(super) fn said(inquiry: &Inquiry) -> String {
    let message = inquiry_to_proto(inquiry);
    let constraints = message.constraints.unwrap_or_default();
    format!(
        "inquiry inquiry_id={} theme={} territory={} urgency={} languages={} mobility={} mode={} audiences={} \
         expires_ms={}",
        inquiry.id,
        message.theme,
        message.territory,
        constraints.urgency.map(|urgency| urgency.to_string()).unwrap_or_default(),
        joined(constraints.languages),
        joined(constraints.mobility.iter().map(ToString::to_string)),
        constraints.mode.unwrap_or_default(),
        joined(constraints.audiences),
        message.expires_ms
    )
}

pub(super) fn said_in_answer(answer: &InquiryAnswer) -> String {
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let message = answer_to_proto(answer);
    let taken_back = message.taken_back.map(|code| format!(" taken_back={code}")).unwrap_or_default();
    format!(
        "inquiry_answer inquiry_id={} kind={} places={} waiting_days={} service_id={} automatic={} answered_ms={}\
         {taken_back}",
        answer.inquiry,
        message.kind,
        number(message.places),
        number(message.waiting_days),
        message.service_id.unwrap_or_default(),
        message.automatic,
        message.answered_ms
    )
}

fn answered(answer: relais_domain::inquiry::Answer) -> SyncFrame {
    SyncFrame::InquiryAnswer(Box::new(InquiryAnswer { inquiry: id(), answer }))
}

pub(super) fn valid() -> Vec<(&'static str, SyncFrame)> {
    let features = BTreeSet::from([SyncFeature::Inquiry]);
    vec![
        ("sync-hello-inquiry", SyncFrame::Hello(SyncHello { features, ..sync_hello() })),
        ("sync-inquiry", SyncFrame::Inquiry(Box::new(plain()))),
        ("sync-inquiry-whole", SyncFrame::Inquiry(Box::new(whole()))),
        ("sync-inquiry-can-take", answered(longest_answer())),
        ("sync-inquiry-waiting-list", answered(answer(AnswerKind::WaitingList))),
        ("sync-inquiry-cannot", answered(answer(AnswerKind::Cannot))),
        ("sync-inquiry-taken-back", answered(taken_back())),
    ]
}

pub(super) fn wrong() -> Vec<Golden> {
    wrong_inquiries().into_iter().chain(wrong_answers()).collect()
}

fn wrong_inquiries() -> Vec<Golden> {
    let asked = |name, says: String, change: fn(&mut proto::Inquiry)| {
        let mut message = inquiry_to_proto(&whole());
        change(&mut message);
        wrong_sync_body(name, says, proto::sync_frame::Body::Inquiry(message))
    };
    fn constraints(message: &mut proto::Inquiry) -> &mut proto::InquiryConstraints {
        message.constraints.get_or_insert_default()
    }
    vec![
        asked("sync-inquiry-id-missing", format!("inquiry.inquiry_id: {MISSING}"), |one| {
            one.inquiry_id.clear()
        }),
        asked("sync-inquiry-theme-unknown", format!("inquiry.theme: {INVALID}"), |one| {
            "numerique--rien".clone_into(&mut one.theme);
        }),
        asked("sync-inquiry-everywhere", format!("inquiry.territory: {INVALID}"), |one| {
            "france".clone_into(&mut one.territory);
        }),
        asked("sync-inquiry-for-ever", format!("inquiry.expires_ms: {MISSING}"), |one| one.expires_ms = 0),
        asked("sync-inquiry-too-big", format!("inquiry: {TOO_LONG}"), |one| one.theme = "x".repeat(1_024)),
        asked("sync-inquiry-language-a-text", format!("inquiry.constraints.languages: {INVALID}"), |one| {
            constraints(one).languages = vec!["arabe littéraire".to_owned()]
        }),
        asked(
            "sync-inquiry-describes-someone",
            "inquiry.constraints.mobility: must be left out here".to_owned(),
            |one| constraints(one).mobility = vec![31],
        ),
        asked(
            "sync-inquiry-audience-unknown",
            format!("inquiry.constraints.audiences: {UNKNOWN_CODE}"),
            |one| constraints(one).audiences = vec!["personne-seule".to_owned()],
        ),
    ]
}

fn wrong_answers() -> Vec<Golden> {
    let answers = |name, says: String, change: fn(&mut proto::InquiryAnswer)| {
        let mut message = answer_to_proto(&InquiryAnswer { inquiry: id(), answer: longest_answer() });
        change(&mut message);
        wrong_sync_body(name, says, proto::sync_frame::Body::InquiryAnswer(message))
    };
    vec![
        answers("sync-inquiry-answer-kind-zero", format!("inquiry_answer.kind: {UNKNOWN_CODE}"), |one| {
            one.kind = 0;
        }),
        answers("sync-inquiry-answer-kind-unknown", format!("inquiry_answer.kind: {UNKNOWN_CODE}"), |one| {
            one.kind = 4;
        }),
        answers(
            "sync-inquiry-answer-taken-how",
            format!("inquiry_answer.taken_back: {UNKNOWN_CODE}"),
            |one| {
                one.taken_back = Some(7);
            },
        ),
        answers("sync-inquiry-answer-no-place", format!("inquiry_answer.places: {INVALID}"), |one| {
            one.places = Some(0);
        }),
        answers(
            "sync-inquiry-answer-when-missing",
            format!("inquiry_answer.answered_ms: {MISSING}"),
            |one| {
                one.answered_ms = 0;
            },
        ),
    ]
}
