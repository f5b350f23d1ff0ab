//! The people and papers of the tests: a counsellor's structure, a digital hub, a consent between them.

use crate::class::{DataClass, Stage};
use crate::consent::*;
use crate::content::*;
use crate::digest::Digest;
use crate::event::ThreadKind;
use crate::id::{ConsentId, FollowUpId, ServiceId, ThreadId};
use crate::personal::Personal;
use crate::structure_id::StructureId;
use crate::territory::Territory;
use crate::theme::Theme;
use crate::thread::{Opening, Signing};
use crate::time::{Day, Span, Timestamp};

/// A Monday, eight o'clock UTC.
pub(crate) const START: Timestamp = Day(20_780).start().plus(Span::hours(8));

pub(crate) fn sender_id() -> StructureId {
    StructureId::of_root_spki(b"agency")
}

pub(crate) fn receiver_id() -> StructureId {
    StructureId::of_root_spki(b"hub")
}

pub(crate) fn third_id() -> StructureId {
    StructureId::of_root_spki(b"third")
}

pub(crate) fn personal(text: &str) -> Personal<String> {
    Personal::new(text.to_owned())
}

pub(crate) fn theme() -> Theme {
    Theme::parse("numerique--acceder-a-une-connexion-internet").unwrap()
}

pub(crate) fn other_theme() -> Theme {
    Theme::parse("mobilite--preparer-un-permis").unwrap()
}

pub(crate) fn consent(purpose: Purpose, feedback: FeedbackLevel) -> Consent {
    let mut classes = vec![
        DataClass::Need,
        DataClass::Constraints,
        DataClass::Level,
        DataClass::Note,
        DataClass::Answer,
        DataClass::Name,
        DataClass::Contact,
    ];
    if purpose == Purpose::Handover {
        classes.extend([DataClass::Handover, DataClass::Documents, DataClass::Sensitive]);
    }
    Consent {
        id: ConsentId::from_random([1; 16]),
        version: 1,
        supersedes: None,
        collected_by: Party { structure: sender_id(), site: None },
        recipient: Party { structure: receiver_id(), site: None },
        purpose,
        themes: [theme()].into(),
        classes: classes.into_iter().collect(),
        name_stage: Stage::Two,
        feedback,
        onward: [].into(),
        valid_from: START,
        valid_until: START.plus(Span::days(90)),
        collector_basis: LegalBasis::PublicTask,
        recipient_basis: LegalBasis::Agreement,
        given: Given {
            how: GivenHow::Oral,
            language: "fr".to_owned(),
            interpreter: Interpreter::None,
            teach_back: TeachBack::Done,
            presence: Presence::None,
        },
        notice: Notice { id: "notice-1".to_owned(), language: "fr".to_owned(), text: Digest::of(b"notice") },
        stop_code: None,
    }
}

pub(crate) fn signed(consent: Consent) -> SignedConsent {
    let payload = format!("{consent:?}").into_bytes();
    SignedConsent { digest: Digest::of(&payload), consent, payload, signature: [0; 64], manifest: 1 }
}

pub(crate) fn need(feedback: FeedbackLevel) -> Need {
    Need {
        themes: vec![theme()],
        urgency: Urgency::Soon,
        territory: Territory::parse("17300").unwrap(),
        service: ServiceId::parse("hub--counter").unwrap(),
        site: None,
        feedback,
        walk_in: None,
    }
}

pub(crate) fn stage_one(feedback: FeedbackLevel) -> Content {
    Content {
        need: Some(need(feedback)),
        constraints: Some(Constraints([Constraint::Mornings].into())),
        ..Content::default()
    }
}

pub(crate) fn name() -> Name {
    Name { given: personal("Amina"), family: personal("B.") }
}

pub(crate) fn contact() -> Contact {
    Contact {
        reach: Reach::PresentAt,
        detail: Some(personal("Tuesdays 9-12")),
        language: Some("ar".to_owned()),
        cautions: [Caution::DoNotWrite].into(),
    }
}

pub(crate) fn stage_two() -> Content {
    Content { name: Some(name()), contact: Some(contact()), ..Content::default() }
}

pub(crate) fn handover_content() -> HandoverContent {
    HandoverContent { done: vec![personal("CV written")], ..HandoverContent::default() }
}

pub(crate) fn professional() -> Professional {
    Professional { name: personal("Marie Duval"), contact: personal("accueil@hub.example") }
}

/// A referral under a consent of this feedback level.
pub(crate) fn referral(feedback: FeedbackLevel) -> Opening {
    Opening {
        thread: ThreadId::from_random([2; 16]),
        kind: ThreadKind::Referral,
        recipient: receiver_id(),
        consent: signed(consent(Purpose::Referral, feedback)),
        stage_one: stage_one(feedback),
        stage_two: stage_two(),
        deadline: None,
        follow_up: None,
        signing: Signing::ByItself,
    }
}

/// A referral that rests on the receiver's standing offer.
pub(crate) fn walk_in(feedback: FeedbackLevel) -> Opening {
    let mut consent = consent(Purpose::Referral, feedback);
    consent.classes.retain(|class| class.stage() == Stage::One);
    let mut stage_one = stage_one(feedback);
    stage_one.need.as_mut().unwrap().walk_in = Some(Digest::of(b"offer"));
    Opening { consent: signed(consent), stage_one, stage_two: Content::default(), ..referral(feedback) }
}

pub(crate) fn follow_up() -> FollowUpId {
    FollowUpId::from_random([3; 16])
}

/// A handover whose offer stands 30 days.
pub(crate) fn handover() -> Opening {
    Opening {
        kind: ThreadKind::Handover,
        consent: signed(consent(Purpose::Handover, FeedbackLevel::Accepted)),
        stage_two: Content { handover: Some(handover_content()), ..stage_two() },
        follow_up: Some(follow_up()),
        ..referral(FeedbackLevel::Accepted)
    }
}
