//! What a consent permits: nothing but what is written in it, to whom and as long as it is written.

use super::*;
use crate::class::{DataClass, Stage};
use crate::content::*;
use crate::decide::tests::fixtures::*;
use crate::event::EventKind;
use crate::limits;
use crate::structure_id::StructureId;
use crate::theme::Theme;
use crate::time::{Span, Timestamp};

/// A question asked of a consent, good unless changed.
struct Case {
    consent: Consent,
    kind: EventKind,
    content: Content,
    author: StructureId,
    recipient: StructureId,
    purpose: Purpose,
    phase: Phase,
    standing: Standing,
    now: Timestamp,
}

impl Case {
    fn sent() -> Self {
        Self {
            consent: consent(Purpose::Referral, FeedbackLevel::Accepted),
            kind: EventKind::Sent,
            content: stage_one(FeedbackLevel::Accepted),
            author: sender_id(),
            recipient: receiver_id(),
            purpose: Purpose::Referral,
            phase: Phase::BeforeAcceptance,
            standing: Standing::Active,
            now: START,
        }
    }

    fn disclosed() -> Self {
        Self {
            kind: EventKind::Disclosed,
            content: stage_two(),
            phase: Phase::AfterAcceptance,
            ..Self::sent()
        }
    }

    fn told_back(feedback: FeedbackLevel, kind: EventKind, course: Course) -> Self {
        Self {
            consent: consent(Purpose::Referral, feedback),
            kind,
            content: Content::at(START).with_course(course),
            author: receiver_id(),
            recipient: sender_id(),
            phase: Phase::AfterAcceptance,
            ..Self::sent()
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn asked(&self) -> Result<Permit, ConsentRefusal> {
        signed(self.consent.clone()).permit(&Ask {
            kind: self.kind,
            content: &self.content,
            author: self.author,
            recipient: self.recipient,
            purpose: self.purpose,
            phase: self.phase,
            standing: self.standing,
            now: self.now,
        })
    }

    fn refused(self, change: impl FnOnce(&mut Self)) -> ConsentRefusal {
        self.with(change).asked().unwrap_err()
    }
}

#[test]
fn a_permit_is_good_for_one_recipient_and_the_classes_asked() {
    let case = Case::sent();
    let permit = case.asked().unwrap();
    assert_eq!((permit.recipient(), permit.consent()), (receiver_id(), signed(case.consent).digest));
    assert!(permit.covers(&stage_one(FeedbackLevel::Accepted)));
    assert!(!permit.covers(&stage_two()), "stage 2 was not asked");
    let more = Content { note: Some(Note(personal("mornings"))), ..stage_one(FeedbackLevel::Accepted) };
    assert!(!permit.covers(&more), "the note was not asked, though the consent has it");
}

#[test]
fn a_flawed_consent_permits_nothing() {
    let themes: Vec<Theme> = Theme::all().take(limits::LIST_ENTRIES_MAX + 1).collect();
    let many: Vec<StructureId> = (0..=limits::LIST_ENTRIES_MAX)
        .map(|seed| StructureId::of_root_spki(&[u8::try_from(seed).unwrap()]))
        .collect();
    type Change = Box<dyn FnOnce(&mut Consent)>;
    let cases: Vec<(ConsentFlaw, Change)> = vec![
        (ConsentFlaw::EndsBeforeItBegins, Box::new(|c| c.valid_until = c.valid_from)),
        (ConsentFlaw::TooLong, Box::new(|c| c.valid_until = START.plus(limits::CONSENT_MAX).plus(Span(1)))),
        (ConsentFlaw::Themes, Box::new(|c| c.themes.clear())),
        (ConsentFlaw::Themes, Box::new(|c| c.themes = themes.into_iter().collect())),
        (ConsentFlaw::NoClass, Box::new(|c| c.classes.clear())),
        (ConsentFlaw::SelfConsent, Box::new(|c| c.recipient = c.collected_by)),
        (ConsentFlaw::OnwardTooMany, Box::new(|c| c.onward = many.into_iter().collect())),
    ];
    for (flaw, change) in cases {
        let refusal = Case::sent().refused(|case| change(&mut case.consent));
        assert_eq!(refusal, ConsentRefusal::Flawed(flaw));
    }
    for class in [DataClass::Handover, DataClass::Documents, DataClass::Sensitive] {
        let refusal = Case::sent().refused(|case| {
            case.consent.classes.insert(class);
        });
        assert_eq!(refusal, ConsentRefusal::Flawed(ConsentFlaw::HandoverOnly(class)));
    }
}

#[test]
fn a_consent_lasts_a_year_and_no_longer() {
    let case = Case::sent().with(|case| case.consent.valid_until = START.plus(limits::CONSENT_MAX));
    assert!(case.asked().is_ok());
}

#[test]
fn only_the_two_parties_named_speak_under_it() {
    let parties = ConsentRefusal::OtherParties;
    assert_eq!(Case::sent().refused(|case| case.recipient = third_id()), parties);
    assert_eq!(Case::sent().refused(|case| case.author = third_id()), parties);
    assert_eq!(Case::sent().refused(|case| case.consent.recipient.structure = third_id()), parties);
    assert_eq!(Case::sent().refused(|case| case.consent.collected_by.structure = third_id()), parties);
    assert_eq!(Case::sent().refused(|case| case.author = case.recipient), parties);
}

#[test]
fn a_purpose_is_not_another() {
    assert_eq!(Case::sent().refused(|case| case.purpose = Purpose::Handover), ConsentRefusal::OtherPurpose);
    let refusal = Case::sent().refused(|case| case.consent.purpose = Purpose::Handover);
    assert_eq!(refusal, ConsentRefusal::OtherPurpose);
}

#[test]
fn a_consent_that_ended_permits_nothing_however_it_ended() {
    for standing in Standing::ALL.iter().copied().filter(|standing| *standing != Standing::Active) {
        let refusal = Case::disclosed().refused(|case| case.standing = standing);
        assert_eq!(refusal, ConsentRefusal::Ended(standing));
    }
}

#[test]
fn a_consent_holds_from_its_first_instant_until_before_its_last() {
    let until = START.plus(Span::days(90));
    let at = |now| Case::sent().with(|case| case.now = now).asked();
    assert!(at(until.minus(Span(1))).is_ok());
    assert_eq!(at(until).unwrap_err(), ConsentRefusal::Ended(Standing::Expired));
    assert!(at(START.minus(limits::CLOCK_TOLERANCE)).is_ok(), "clocks may be five minutes apart");
    let early = START.minus(limits::CLOCK_TOLERANCE).minus(Span(1));
    assert_eq!(at(early).unwrap_err(), ConsentRefusal::NotYetValid);
}

#[test]
fn a_theme_and_a_level_beyond_the_consent_are_refused() {
    let theme = Case::sent().refused(|case| case.content.need.as_mut().unwrap().themes.push(other_theme()));
    assert_eq!(theme, ConsentRefusal::Theme);
    let level = |case: &mut Case| case.content.need.as_mut().unwrap().feedback = FeedbackLevel::Attended;
    assert_eq!(Case::sent().refused(level), ConsentRefusal::Feedback);
}

fn full() -> Content {
    Content {
        level: Some(Level { digital_autonomy: Some(1), ..Level::default() }),
        eligibility: Some(Eligibility([(Statement::Student, YesNo::No)].into())),
        note: Some(Note(personal("mornings"))),
        answer: Some(Answer { question: Question::HasDevice, reply: Some(Reply::No) }),
        handover: Some(handover_content()),
        documents: Some(vec![personal("CV")]),
        sensitive: Some(personal("asks for a woman")),
        ..Content { name: Some(name()), contact: Some(contact()), ..stage_one(FeedbackLevel::Accepted) }
    }
}

/// The content of one class alone.
fn only(class: DataClass) -> Content {
    let all = full();
    let mut content = Content::at(START);
    match class {
        DataClass::Need => content.need = all.need,
        DataClass::Constraints => content.constraints = all.constraints,
        DataClass::Level => content.level = all.level,
        DataClass::Eligibility => content.eligibility = all.eligibility,
        DataClass::Note => content.note = all.note,
        DataClass::Answer => content.answer = all.answer,
        DataClass::Professional => content.professional = Some(professional()),
        DataClass::Course => content.course = Some(Course::default()),
        DataClass::Times => {}
        DataClass::Name => content.name = all.name,
        DataClass::Contact => content.contact = all.contact,
        DataClass::Handover => content.handover = all.handover,
        DataClass::Documents => content.documents = all.documents,
        DataClass::Sensitive => content.sensitive = all.sensitive,
    }
    content
}

/// Classes that are how a thread speaks at all, and concern no one's situation.
const ALWAYS: [DataClass; 3] = [DataClass::Times, DataClass::Professional, DataClass::Course];

#[test]
fn every_class_is_covered_by_its_own_name_alone() {
    for class in DataClass::ALL.iter().copied().filter(|class| !ALWAYS.contains(class)) {
        let case = || {
            Case::disclosed().with(|case| {
                case.purpose = Purpose::Handover;
                case.consent = consent(Purpose::Handover, FeedbackLevel::Accepted);
                case.content = only(class);
                case.consent.classes = DataClass::ALL.iter().copied().collect();
            })
        };
        assert!(case().asked().is_ok(), "{}", class.as_str());
        let refusal = case().refused(|case| {
            case.consent.classes.remove(&class);
        });
        assert_eq!(refusal, ConsentRefusal::Class(class));
    }
}

#[test]
fn stage_two_leaves_in_a_disclosure_after_acceptance_and_in_nothing_else() {
    for class in DataClass::ALL.iter().copied().filter(|class| class.stage() == Stage::Two) {
        let case = |kind, phase| {
            Case::disclosed()
                .with(|case| {
                    case.purpose = Purpose::Handover;
                    case.consent = consent(Purpose::Handover, FeedbackLevel::Accepted);
                    (case.kind, case.phase, case.content) = (kind, phase, only(class));
                })
                .asked()
        };
        for kind in EventKind::ALL.iter().copied() {
            let early = case(kind, Phase::BeforeAcceptance).unwrap_err();
            assert_eq!(early, ConsentRefusal::TooEarly(class), "{kind}");
            let late = case(kind, Phase::AfterAcceptance);
            assert_eq!(late.is_ok(), kind == EventKind::Disclosed, "{kind}");
        }
    }
}

#[test]
fn a_name_may_be_told_early_where_the_consent_says_so_and_contact_never() {
    let early = |class| {
        Case::sent().with(|case| {
            case.consent.name_stage = Stage::One;
            case.content = only(class);
        })
    };
    assert!(early(DataClass::Name).asked().is_ok());
    let contact = early(DataClass::Contact).asked().unwrap_err();
    assert_eq!(contact, ConsentRefusal::TooEarly(DataClass::Contact));
}

#[test]
fn who_the_person_is_never_travels_back() {
    for class in DataClass::ALL.iter().copied().filter(|class| class.stage() == Stage::Two) {
        let case = Case::told_back(FeedbackLevel::Outcome, EventKind::Note, Course::default());
        let refusal = case.refused(|case| {
            case.purpose = Purpose::Handover;
            case.consent = consent(Purpose::Handover, FeedbackLevel::Outcome);
            case.consent.name_stage = Stage::One;
            case.content = only(class);
        });
        assert_eq!(refusal, ConsentRefusal::Class(class));
    }
}

#[test]
fn a_question_needs_no_class_and_its_answer_does() {
    let ask =
        Case::told_back(FeedbackLevel::Accepted, EventKind::InfoRequested, Course::default()).with(|case| {
            case.consent.classes.remove(&DataClass::Answer);
            case.content = only(DataClass::Answer);
        });
    assert!(ask.asked().is_ok());
    let give = Case::sent().refused(|case| {
        case.consent.classes.remove(&DataClass::Answer);
        case.content = only(DataClass::Answer);
    });
    assert_eq!(give, ConsentRefusal::Class(DataClass::Answer));
}

#[test]
fn each_level_lets_its_own_things_be_told_back() {
    let reason = |reason| Course { reason: Some(reason), ..Course::default() };
    let bare = Course::default;
    let outcome = || Course { outcome: Some(Outcome::NeedMet), ..bare() };
    let account = || Course { account: Some(personal("well")), ..bare() };
    let cases = [
        (EventKind::Accepted, bare(), FeedbackLevel::Accepted),
        (EventKind::Waitlisted, Course { review: Some(START), ..bare() }, FeedbackLevel::Accepted),
        (EventKind::Closed, bare(), FeedbackLevel::Accepted),
        (EventKind::Released, reason(Reason::Duplicate), FeedbackLevel::Accepted),
        (EventKind::Scheduled, bare(), FeedbackLevel::Attended),
        (EventKind::NoShow, bare(), FeedbackLevel::Attended),
        (EventKind::Arrived, bare(), FeedbackLevel::Attended),
        (EventKind::Note, Course { appointment: Some(START), ..bare() }, FeedbackLevel::Attended),
        (EventKind::Note, Course { place: Some(personal("Hub")), ..bare() }, FeedbackLevel::Attended),
        (EventKind::Released, reason(Reason::Unreachable), FeedbackLevel::Attended),
        (EventKind::Released, reason(Reason::DidNotCome), FeedbackLevel::Attended),
        (EventKind::Released, reason(Reason::NotInterested), FeedbackLevel::Attended),
        (EventKind::Released, reason(Reason::OtherObstacles), FeedbackLevel::Attended),
        (EventKind::Released, reason(Reason::InEmployment), FeedbackLevel::Outcome),
        (EventKind::Released, reason(Reason::InTraining), FeedbackLevel::Outcome),
        (EventKind::Closed, outcome(), FeedbackLevel::Outcome),
        (EventKind::Closed, account(), FeedbackLevel::Outcome),
        (EventKind::Corrected, bare(), FeedbackLevel::Outcome),
    ];
    for (kind, course, needed) in cases {
        for level in FeedbackLevel::ALL.iter().copied() {
            let told = Case::told_back(level, kind, course.clone()).asked();
            let expected = if level >= needed { None } else { Some(ConsentRefusal::Feedback) };
            assert_eq!(told.err(), expected, "{kind} {course:?} at {level}");
        }
    }
    let no_course = Case::told_back(FeedbackLevel::Accepted, EventKind::Arrived, bare());
    assert_eq!(no_course.refused(|case| case.content.course = None), ConsentRefusal::Feedback);
}

#[test]
fn the_senders_side_of_the_course_is_codes_only() {
    let told = |course: Course| {
        Case::sent().with(|case| case.content = Content::at(START).with_course(course)).asked().err()
    };
    assert_eq!(told(Course { reason: Some(Reason::Other), voids: Some(2), ..Course::default() }), None);
    let hidden = Some(ConsentRefusal::Class(DataClass::Course));
    assert_eq!(told(Course { account: Some(personal("she told me")), ..Course::default() }), hidden);
    assert_eq!(told(Course { place: Some(personal("her flat")), ..Course::default() }), hidden);
}

#[test]
fn a_walk_in_rests_on_stage_one_alone() {
    let walk_in = |case: &mut Case| {
        case.content.need.as_mut().unwrap().walk_in = Some(crate::digest::Digest::of(b"offer"));
    };
    assert_eq!(Case::sent().refused(walk_in), ConsentRefusal::TooEarly(DataClass::Name));
    let narrow = Case::sent().with(walk_in).with(|case| {
        case.consent.classes.retain(|class| class.stage() == Stage::One);
    });
    assert!(narrow.asked().is_ok());
    let named = Case::sent().with(walk_in).with(|case| {
        case.consent.classes.remove(&DataClass::Contact);
        case.consent.name_stage = Stage::One;
    });
    assert!(named.asked().is_ok(), "a service that must know the name");
}

#[test]
fn endings_and_erasures_pass_without_a_consent_if_they_are_codes_only() {
    let digest = crate::digest::Digest::of(b"consent");
    let coded = |kind, content: &Content| Permit::coded(kind, content, digest, receiver_id());
    let reason =
        |reason| Content::at(START).with_course(Course { reason: Some(reason), ..Course::default() });
    for kind in EventKind::ALL.iter().copied() {
        assert_eq!(coded(kind, &Content::at(START)).is_some(), may_outlive_consent(kind), "{kind}");
    }
    let good = [
        (EventKind::ConsentEnded, Reason::CONSENT_ENDS),
        (EventKind::Withdrawn, Reason::WITHDRAWALS),
        (EventKind::Cancelled, Reason::CANCELLATIONS),
        (EventKind::Expired, &[Reason::Expired]),
        (EventKind::Effective, &[]),
        (EventKind::Erased, &[]),
    ];
    for (kind, reasons) in good {
        for code in Reason::ALL.iter().copied() {
            assert_eq!(coded(kind, &reason(code)).is_some(), reasons.contains(&code), "{kind} {code}");
        }
    }
    for class in
        DataClass::ALL.iter().copied().filter(|class| !matches!(class, DataClass::Times | DataClass::Course))
    {
        assert_eq!(coded(EventKind::ConsentEnded, &only(class)), None, "{}", class.as_str());
    }
    let told =
        Content::at(START).with_course(Course { account: Some(personal("she left")), ..Course::default() });
    assert_eq!(coded(EventKind::ConsentEnded, &told), None);
    let other = Content { consent: Some(referral(FeedbackLevel::Accepted).consent), ..Content::at(START) };
    assert_eq!(coded(EventKind::Erased, &other), None, "no consent rides on an ending");
}
