//! Every field at its bounds, and every forbidden number in every text.

use super::*;
use crate::content::*;
use crate::decide::tests::fixtures::*;
use crate::digest::Digest;
use crate::time::Day;

/// The field that is refused, if one is.
fn refused_as(content: &Content, purpose: Purpose) -> Option<&'static str> {
    content.check(purpose).err().map(|error| error.field)
}

fn refused(content: &Content) -> Option<&'static str> {
    refused_as(content, Purpose::Handover)
}

fn long(chars: usize) -> Personal<String> {
    Personal::new("é".repeat(chars))
}

/// A content that holds one text, in a field of this name, read at this stage and with this longest length.
type Holder = (&'static str, Stage, usize, fn(Personal<String>) -> Content);

fn in_course(change: impl FnOnce(&mut Course)) -> Content {
    let mut course = Course::default();
    change(&mut course);
    Content { course: Some(course), ..Content::default() }
}

fn in_handover(change: impl FnOnce(&mut HandoverContent)) -> Content {
    let mut handover = HandoverContent::default();
    change(&mut handover);
    Content { handover: Some(handover), ..Content::default() }
}

const HOLDERS: [Holder; 13] = [
    ("note", Stage::One, limits::NOTE_CHARS_MAX, |text| Content {
        note: Some(Note(text)),
        ..Content::default()
    }),
    ("course.account", Stage::One, limits::ACCOUNT_CHARS_MAX, |text| in_course(|c| c.account = Some(text))),
    ("course.place", Stage::Two, limits::TEXT_CHARS_MAX, |text| in_course(|c| c.place = Some(text))),
    ("professional.name", Stage::Two, limits::TEXT_CHARS_MAX, |name| Content {
        professional: Some(Professional { name, ..professional() }),
        ..Content::default()
    }),
    ("professional.contact", Stage::Two, limits::TEXT_CHARS_MAX, |contact| Content {
        professional: Some(Professional { contact, ..professional() }),
        ..Content::default()
    }),
    ("name.given", Stage::One, limits::TEXT_CHARS_MAX, |given| Content {
        name: Some(Name { given, ..name() }),
        ..Content::default()
    }),
    ("name.family", Stage::One, limits::TEXT_CHARS_MAX, |family| Content {
        name: Some(Name { family, ..name() }),
        ..Content::default()
    }),
    ("contact.detail", Stage::Two, limits::TEXT_CHARS_MAX, |detail| Content {
        contact: Some(Contact { detail: Some(detail), ..contact() }),
        ..Content::default()
    }),
    ("handover.done", Stage::Two, limits::NOTE_CHARS_MAX, |text| in_handover(|h| h.done.push(text))),
    ("handover.pending", Stage::Two, limits::NOTE_CHARS_MAX, |text| in_handover(|h| h.pending.push(text))),
    ("handover.goals", Stage::Two, limits::NOTE_CHARS_MAX, |text| in_handover(|h| h.goals.push(text))),
    ("documents", Stage::Two, limits::NOTE_CHARS_MAX, |text| Content {
        documents: Some(vec![text]),
        ..Content::default()
    }),
    ("sensitive", Stage::Two, limits::NOTE_CHARS_MAX, |text| Content {
        sensitive: Some(text),
        ..Content::default()
    }),
];

#[test]
fn every_text_has_a_longest_length_in_characters_and_is_never_empty() {
    for (field, _, most, holding) in HOLDERS {
        assert_eq!(refused(&holding(long(most))), None, "{field}");
        assert_eq!(refused(&holding(long(most + 1))), Some(field));
        assert_eq!(refused(&holding(personal(" \n"))), Some(field));
    }
}

#[test]
fn no_text_holds_a_number_that_names_a_person_or_hides_its_direction() {
    let forbidden = [
        "2 69 05 49 588 157 80",
        "FR76 3000 6000 0112 3456 7890 189",
        "4970 1012 3456 7893",
        "a\u{202e}b",
        "a\u{7}b",
    ];
    for (field, _, _, holding) in HOLDERS {
        for text in forbidden {
            assert_eq!(refused(&holding(personal(text))), Some(field), "{text:?}");
        }
    }
}

#[test]
fn what_reaches_a_person_waits_for_stage_two() {
    for (field, stage, _, holding) in HOLDERS {
        for text in ["06 12 34 56 78", "amina@example.org"] {
            let expected = (stage == Stage::One).then_some(field);
            assert_eq!(refused(&holding(personal(text))), expected, "{field}: {text}");
        }
    }
}

#[test]
fn an_error_never_shows_the_value() {
    for (_, _, _, holding) in HOLDERS {
        let error = holding(personal("2 69 05 49 588 157 80")).check(Purpose::Handover).unwrap_err();
        assert!(!error.to_string().contains("69"), "{error}");
    }
}

#[test]
fn a_deadline_of_a_handover_is_a_text_like_another() {
    let due = |text: &str| in_handover(|handover| handover.deadlines.push((Day(20_800), personal(text))));
    assert_eq!(refused(&due("file the claim")), None);
    assert_eq!(refused(&due("2 69 05 49 588 157 80")), Some("handover.deadlines"));
}

#[test]
fn lists_have_a_longest_length() {
    let most = limits::LIST_ENTRIES_MAX;
    let texts = |count| vec![personal("done"); count];
    assert_eq!(refused(&in_handover(|h| h.done = texts(most))), None);
    assert_eq!(refused(&in_handover(|h| h.done = texts(most + 1))), Some("handover.done"));
    let dated = vec![(Day(1), personal("x")); most + 1];
    assert_eq!(refused(&in_handover(|h| h.deadlines = dated)), Some("handover.deadlines"));
    let documents = Content { documents: Some(texts(most + 1)), ..Content::default() };
    assert_eq!(refused(&documents), Some("documents"));
    let suggestion =
        Suggestion { structure: third_id(), service: crate::id::ServiceId::parse("third--counter").unwrap() };
    let suggested = |count| in_course(|course| course.suggestions = vec![suggestion.clone(); count]);
    assert_eq!(refused(&suggested(limits::SUGGESTIONS_MAX)), None);
    assert_eq!(refused(&suggested(limits::SUGGESTIONS_MAX + 1)), Some("course.suggestions"));
}

#[test]
fn a_need_has_a_theme_and_a_handover_no_walk_in() {
    let with = |change: fn(&mut Need)| {
        let mut content = stage_one(FeedbackLevel::Accepted);
        change(content.need.as_mut().unwrap());
        content
    };
    assert_eq!(refused(&with(|need| need.themes.clear())), Some("need.themes"));
    assert_eq!(
        refused(&with(|need| need.themes = vec![theme(); limits::LIST_ENTRIES_MAX + 1])),
        Some("need.themes")
    );
    let walk_in = with(|need| need.walk_in = Some(Digest::of(b"offer")));
    assert_eq!(refused_as(&walk_in, Purpose::Referral), None);
    assert_eq!(refused_as(&walk_in, Purpose::Handover), Some("need.walk_in"));
}

#[test]
fn empty_classes_are_left_out() {
    let constraints = Content { constraints: Some(Constraints::default()), ..Content::default() };
    assert_eq!(refused(&constraints), Some("constraints"));
    let eligibility = Content { eligibility: Some(Eligibility::default()), ..Content::default() };
    assert_eq!(refused(&eligibility), Some("eligibility"));
}

#[test]
fn scales_go_from_one_to_five_and_languages_are_codes() {
    let with = |change: &dyn Fn(&mut Level)| {
        let mut level = Level::default();
        change(&mut level);
        refused(&Content { level: Some(level), ..Content::default() })
    };
    for value in [1, 5] {
        assert_eq!(with(&|level| level.digital_autonomy = Some(value)), None);
    }
    for value in [0, 6] {
        assert_eq!(with(&|level| level.digital_autonomy = Some(value)), Some("level.digital_autonomy"));
        assert_eq!(with(&|level| level.french_spoken = Some(value)), Some("level.french_spoken"));
        assert_eq!(with(&|level| level.french_read = Some(value)), Some("level.french_read"));
    }
    for code in ["fr", "ber"] {
        assert_eq!(with(&|level| level.languages = vec![code.to_owned()]), None);
    }
    for code in ["f", "fren", "FR", "f1", "ça"] {
        assert_eq!(with(&|level| level.languages = vec![code.to_owned()]), Some("level.languages"), "{code}");
    }
    let many = vec!["fr".to_owned(); limits::LIST_ENTRIES_MAX + 1];
    assert_eq!(with(&|level| level.languages.clone_from(&many)), Some("level.languages"));
}

#[test]
fn a_referral_carries_an_initial_and_a_handover_the_whole_name() {
    let family =
        |text: &str| Content { name: Some(Name { family: personal(text), ..name() }), ..Content::default() };
    for initial in ["B", "B.", "É."] {
        assert_eq!(refused_as(&family(initial), Purpose::Referral), None);
    }
    assert_eq!(refused_as(&family("Benali"), Purpose::Referral), Some("name.family"));
    assert_eq!(refused_as(&family("Benali"), Purpose::Handover), None);
}

#[test]
fn a_contact_says_how_and_only_that() {
    let with = |reach, detail: Option<&str>, language: Option<&str>| {
        let detail = detail.map(personal);
        let language = language.map(str::to_owned);
        let contact = Contact { reach, detail, language, cautions: [].into() };
        refused(&Content { contact: Some(contact), ..Content::default() })
    };
    assert_eq!(with(Reach::ThroughSender, None, Some("ar")), None);
    assert_eq!(with(Reach::ThroughSender, Some("06 12 34 56 78"), None), Some("contact.detail"));
    for reach in [Reach::Phone, Reach::Email, Reach::PresentAt] {
        assert_eq!(with(reach, None, None), Some("contact.detail"));
        assert_eq!(with(reach, Some("06 12 34 56 78"), None), None);
    }
    assert_eq!(with(Reach::ThroughSender, None, Some("arabic")), Some("contact.language"));
}

#[test]
fn a_reason_above_the_level_becomes_other_and_the_lists_do_not_mix() {
    for reason in Reason::ALL.iter().copied() {
        assert_eq!(reason.within(FeedbackLevel::Outcome), reason);
        assert!(reason.within(FeedbackLevel::Accepted).level_needed() == FeedbackLevel::Accepted);
    }
    let people = [Reason::Unreachable, Reason::DidNotCome, Reason::NotInterested, Reason::OtherObstacles];
    assert!(people.iter().all(|reason| reason.within(FeedbackLevel::Accepted) == Reason::Other));
    assert!(Reason::CONSENT_ENDS.iter().all(|reason| !Reason::REFUSALS.contains(reason)));
}
