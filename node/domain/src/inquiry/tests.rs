//! The rules of inquiries, each "no" included.

use super::*;
use crate::directory::tests::service;
use crate::directory::{Capacity, Service};
use crate::id::ServiceId;
use crate::territory::{CommuneCode, Coverage};
use crate::vocabulary::Vocabulary;

const NOW: Timestamp = Timestamp(1_795_000_000_000);
const THEME: &str = "numerique--acceder-a-une-connexion-internet";

fn place(text: &str) -> Territory {
    Territory::parse(text).expect("a territory")
}

fn inquiry(wanted: Wanted) -> Inquiry {
    Inquiry {
        id: InquiryId::from_random([3; 16]),
        theme: Theme::parse(THEME).expect("a theme"),
        territory: place("17300"),
        wanted,
        expires_at: NOW.plus(LIFETIME_DEFAULT),
    }
}

fn audience(code: &str) -> Value {
    Vocabulary::Audiences.find(code).expect("an audience")
}

fn mode(code: &str) -> Value {
    Vocabulary::WelcomeModes.find(code).expect("a mode")
}

fn languages(codes: &[&str]) -> BTreeSet<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

fn capacity(places: Option<u32>, waiting_days: Option<u32>) -> Capacity {
    Capacity { service: service("s").id, places, waiting_days, stated_at: NOW }
}

fn answer(kind: AnswerKind, answered_at: Timestamp) -> Answer {
    Answer {
        kind,
        places: None,
        waiting_days: None,
        service: None,
        automatic: Automatic::No,
        word: Word::Kept,
        answered_at,
    }
}

#[test]
fn how_long_answers_are_awaited_follows_from_the_urgency() {
    let lasts = |urgency| expires_at(urgency, NOW).since(NOW);
    assert_eq!(lasts(None), Span::hours(24));
    assert_eq!(lasts(Some(Urgency::Now)), Span::hours(24));
    assert_eq!(lasts(Some(Urgency::Soon)), Span::hours(72));
    assert_eq!(lasts(Some(Urgency::Normal)), LIFETIME_MAX);
}

#[test]
fn the_time_of_an_inquiry_is_judged_by_this_clock() {
    let timing = |span| Inquiry { expires_at: NOW.plus(span), ..inquiry(Wanted::default()) }.timing(NOW);
    assert_eq!(timing(Span(0)), Timing::Over);
    assert_eq!(timing(Span(1)), Timing::Open);
    let longest = Span(LIFETIME_MAX.0 + CLOCK_TOLERANCE.0);
    assert_eq!(timing(longest), Timing::Open);
    assert_eq!(timing(Span(longest.0 + 1)), Timing::TooLong);
    let forgotten = |span: Span| is_forgotten(NOW, NOW.plus(span));
    assert!(!forgotten(KEPT_AFTER_EXPIRY) && forgotten(Span(KEPT_AFTER_EXPIRY.0 + 1)));
}

#[test]
fn nothing_that_describes_someone_can_be_wanted() {
    assert_eq!(Wanted::default().check(), Ok(()));
    let wanted = Wanted {
        languages: languages(&["ar", "fr", "uk"]),
        mobility: MOBILITY.into_iter().collect(),
        audiences: ["jeunes", "femmes", "familles"].map(audience).to_vec(),
        ..Wanted::default()
    };
    assert_eq!(wanted.check(), Ok(()));
    let more = languages(&["ar", "fr", "uk", "ps"]);
    assert_eq!(Wanted { languages: more, ..wanted.clone() }.check(), Err(InquiryFlaw::TooManyLanguages));
    let more = ["jeunes", "femmes", "familles", "seniors"].map(audience).to_vec();
    assert_eq!(Wanted { audiences: more, ..wanted }.check(), Err(InquiryFlaw::TooManyAudiences));
    for constraint in Constraint::ALL.iter().filter(|constraint| !MOBILITY.contains(constraint)) {
        let wanted = Wanted { mobility: BTreeSet::from([*constraint]), ..Wanted::default() };
        assert_eq!(wanted.check(), Err(InquiryFlaw::NotMobility), "{constraint}");
    }
}

#[test]
fn a_small_commune_is_neither_told_nor_taken() {
    assert_eq!(told_place(place("17300")), Ok(place("17300")));
    let small = place("01001");
    let Territory::Commune(code) = small else { unreachable!() };
    assert!(code.commune().population().is_some_and(|inhabitants| inhabitants < 2_000));
    assert!(matches!(told_place(small), Ok(Territory::Epci(_))));
    assert_eq!(told_place(place("17")), Ok(place("17")));
    for wide in ["region:75", "france"] {
        assert_eq!(told_place(place(wide)), Err(InquiryFlaw::TooWide));
    }
}

#[test]
fn numbers_of_an_answer_fit_what_is_answered() {
    use AnswerKind::{CanTake, Cannot, WaitingList};
    let check = |kind, places, waiting_days| Answer { places, waiting_days, ..answer(kind, NOW) }.check();
    for kind in [CanTake, WaitingList, Cannot] {
        assert_eq!(check(kind, None, None), Ok(()));
    }
    assert_eq!(check(CanTake, Some(PLACES_MAX), Some(WAITING_DAYS_MAX)), Ok(()));
    assert_eq!(check(WaitingList, None, Some(0)), Ok(()));
    for (kind, places) in [(CanTake, 0), (CanTake, PLACES_MAX + 1), (WaitingList, 1), (Cannot, 1)] {
        assert_eq!(check(kind, Some(places), None), Err(AnswerFlaw::Places), "{kind} {places}");
    }
    for (kind, days) in [(CanTake, WAITING_DAYS_MAX + 1), (WaitingList, WAITING_DAYS_MAX + 1), (Cannot, 0)] {
        assert_eq!(check(kind, None, Some(days)), Err(AnswerFlaw::WaitingDays), "{kind} {days}");
    }
}

#[test]
fn the_last_answer_before_the_expiry_holds_whatever_comes_when() {
    let expires = NOW.plus(Span::hours(1));
    let at = |minutes| NOW.plus(Span::minutes(minutes));
    let held = |minutes, heard| Held { answer: answer(AnswerKind::CanTake, at(minutes)), heard };
    let hear =
        |minutes, held: Option<&Held>, now| answer(AnswerKind::Cannot, at(minutes)).heard(held, expires, now);
    assert_eq!(hear(1, None, at(1)), Heard::Holds);
    assert_eq!(hear(2, Some(&held(1, 1)), at(2)), Heard::Holds);
    assert_eq!(hear(1, Some(&held(2, 1)), at(2)), Heard::Known, "an older one that comes later");
    assert_eq!(hear(2, Some(&held(2, 1)), at(2)), Heard::Known, "of one instant the first");
    assert_eq!(hear(1, None, expires), Heard::Late);
    assert_eq!(hear(1, None, expires.minus(Span(1))), Heard::Holds);
    assert_eq!(hear(5, None, at(0)), Heard::Holds, "clocks may be a little apart");
    assert_eq!(hear(6, None, at(0)), Heard::FromTheFuture);
    assert_eq!(hear(3, Some(&held(2, ANSWERS_MAX - 1)), at(3)), Heard::Holds);
    assert_eq!(hear(3, Some(&held(2, ANSWERS_MAX)), at(3)), Heard::TooOften);
}

#[test]
fn what_one_node_asks_at_most_another_takes() {
    let (asked, taken) = (ASKED_OF_PARTNER, TAKEN_OF_PARTNER);
    // A partner that was away gets all that is open at once, and then what is asked in its hour.
    assert!(asked.open + asked.hour <= taken.hour && asked.open + asked.day <= taken.day);
    // Clocks may be apart: what has expired here may still be open there.
    assert!(2 * asked.open <= taken.open);
}

#[test]
fn what_is_open_always_finds_room() {
    // As many each day as there may be, all open for as long as they may be, and a day in which they still count.
    let days = usize::try_from(LIFETIME_MAX.0 / Span::hours(24).0).expect("days") + 1;
    assert!(ASKED_BY_NODE_DAY_MAX * days <= OURS_KEPT_MAX);
    // One partner alone does not take the room of all.
    assert!(TAKEN_OF_PARTNER.day * days * 10 <= THEIRS_KEPT_MAX);
}

#[test]
fn a_load_is_counted_and_bounded() {
    let ago = |minutes| NOW.minus(Span::minutes(minutes));
    let of = |items: &[(Timestamp, Pending)]| Load::of(items.iter().copied(), NOW);
    let load = of(&[
        (ago(0), Pending::Yes),
        (ago(59), Pending::No),
        (ago(60), Pending::Yes),
        (ago(60 * 24), Pending::Yes),
        (ago(-10), Pending::No),
    ]);
    assert_eq!(load, Load { hour: 3, day: 4, open: 3 });
    let quota = Quota { hour: 4, day: 5, open: 4 };
    assert!(quota.has_room(load));
    assert!(!quota.has_room(Load { hour: 4, ..load }));
    assert!(!quota.has_room(Load { day: 5, ..load }));
    assert!(!quota.has_room(Load { open: 4, ..load }));
    assert!(may_ask([ago(0), ago(60 * 24)], 2, NOW));
    assert!(!may_ask([ago(0), ago(60 * 24 - 1)], 2, NOW));
}

#[test]
fn a_partner_stands_as_it_was_reached_and_answered() {
    let partner = StructureId::of_root_spki(b"hub");
    let expires = NOW.plus(Span::hours(1));
    let new = Asked::new(partner);
    let told = Asked { sent_at: Some(NOW), ..new.clone() };
    let heard = |kind| Held { answer: answer(kind, NOW), heard: 1 };
    let answered = |kind| Asked { held: Some(heard(kind)), ..told.clone() };
    let mut taken_back = answered(AnswerKind::CanTake);
    if let Some(held) = &mut taken_back.held {
        held.answer.word = Word::TakenBack;
    }
    assert_eq!((taken_back.standing(expires, NOW), taken_back.answer()), (Standing::Asked, None));
    assert_eq!(taken_back.standing(expires, expires), Standing::NoAnswer);
    assert_eq!(Progress::of(&[taken_back]), Progress { asked: 1, answered: 0, can_take: 0 });
    assert_eq!(new.standing(expires, NOW), Standing::NotReached);
    assert_eq!(told.standing(expires, NOW), Standing::Asked);
    for asked in [&new, &told] {
        assert_eq!(asked.standing(expires, expires), Standing::NoAnswer);
    }
    assert_eq!(answered(AnswerKind::Cannot).standing(expires, expires), Standing::Answered);
    let mut all = [
        new,
        told.clone(),
        answered(AnswerKind::Cannot),
        answered(AnswerKind::CanTake),
        answered(AnswerKind::WaitingList),
    ];
    assert_eq!(Progress::of(&all), Progress { asked: 5, answered: 3, can_take: 1 });
    all.sort_by_key(|asked| asked.order(expires, NOW));
    let kinds: Vec<_> = all.iter().map(|asked| asked.held.as_ref().map(|held| held.answer.kind)).collect();
    let order =
        [Some(AnswerKind::CanTake), Some(AnswerKind::WaitingList), Some(AnswerKind::Cannot), None, None];
    assert_eq!(kinds, order);
    assert_eq!(all[3], told, "who was told before who was not reached");
}

/// What one service with these places answers by itself.
fn by_itself(
    wanted: Wanted,
    service: &Service,
    capacity: Option<Capacity>,
) -> Option<(AnswerKind, Option<u32>)> {
    let given = answer_from_places(&inquiry(wanted), [(service, capacity.as_ref())], NOW)?;
    assert_eq!((given.automatic, given.answered_at), (Automatic::Yes, NOW));
    assert_eq!(given.service.as_ref(), Some(&service.id));
    assert_eq!(given.check(), Ok(()));
    Some((given.kind, given.places))
}

#[test]
fn published_places_answer_and_nothing_else_does() {
    let by = |places, days| by_itself(Wanted::default(), &service("s"), Some(capacity(places, days)));
    assert_eq!(by(Some(3), None), Some((AnswerKind::CanTake, Some(3))));
    assert_eq!(by(Some(3), Some(4)), Some((AnswerKind::CanTake, Some(3))));
    assert_eq!(by(Some(0), Some(10)), Some((AnswerKind::WaitingList, None)));
    assert_eq!(by(Some(0), None), None, "full, and nothing said of a list");
    assert_eq!(by(None, Some(10)), None);
    assert_eq!(by_itself(Wanted::default(), &service("s"), None), None);
}

#[test]
fn a_service_that_may_not_be_what_is_asked_for_waits_for_a_professional() {
    let free = || Some(capacity(Some(3), None));
    let answers = |wanted: Wanted, service: &Service| by_itself(wanted, service, free()).is_some();
    let none = service("s");
    let other = Service { themes: BTreeSet::new(), ..service("s") };
    let elsewhere = Service { coverage: Coverage::parse(&["75"]).expect("a coverage"), ..service("s") };
    assert!(!answers(Wanted::default(), &other) && !answers(Wanted::default(), &elsewhere));

    let arabic = || Wanted { languages: languages(&["ar"]), ..Wanted::default() };
    assert!(!answers(arabic(), &none), "nothing is said of languages");
    assert!(answers(arabic(), &Service { languages: languages(&["ar", "fr"]), ..service("s") }));
    assert!(!answers(arabic(), &Service { languages: languages(&["uk"]), ..service("s") }));
    assert!(answers(Wanted { languages: languages(&["ar", "fr"]), ..Wanted::default() }, &none));

    let received = |code| Wanted { mode: Some(mode(code)), ..Wanted::default() };
    let remote = Service { welcome_modes: vec![mode("a-distance")], ..service("s") };
    assert!(answers(received("a-distance"), &remote) && !answers(received("a-distance"), &none));
    assert!(answers(received("en-presentiel"), &none) && !answers(received("en-presentiel"), &remote));

    let moves = |constraint| Wanted { mobility: BTreeSet::from([constraint]), ..Wanted::default() };
    let here = Service { commune: CommuneCode::parse("17300"), ..service("s") };
    let there = Service { commune: CommuneCode::parse("17274"), ..service("s") };
    assert!(answers(moves(Constraint::NoCar), &here) && !answers(moves(Constraint::NoCar), &there));
    assert!(!answers(moves(Constraint::OnFoot), &none));
    assert!(
        !answers(moves(Constraint::CannotTravel), &here) && answers(moves(Constraint::CannotTravel), &remote)
    );

    let young = || Wanted { audiences: vec![audience("jeunes")], ..Wanted::default() };
    let of = |code| Service { audiences: vec![audience(code)], ..service("s") };
    assert!(
        answers(young(), &none) && answers(young(), &of("jeunes")) && answers(young(), &of("tous-publics"))
    );
    assert!(!answers(young(), &of("seniors")));
}

#[test]
fn a_place_is_answered_for_by_itself_only_when_all_of_it_is_covered() {
    let commune = CommuneCode::parse("01001").expect("a small commune");
    let told = told_place(Territory::Commune(commune)).expect("its EPCI");
    assert!(matches!(told, Territory::Epci(_)));
    let asked = Inquiry { territory: told, ..inquiry(Wanted::default()) };
    let free = capacity(Some(5), None);
    let answers = |codes: &[&str]| {
        let coverage = Coverage::parse(codes).expect("a coverage");
        let service = Service { coverage, ..service("s") };
        answer_from_places(&asked, [(&service, Some(&free))], NOW).is_some()
    };
    let epci = told.to_string();
    assert!(answers(&[&epci]) && answers(&["01"]) && answers(&[]));
    assert!(!answers(&["01093"]), "open to another commune of the same EPCI");
    assert!(!answers(&["01001"]), "the commune itself: nobody told that it is this one");
}

#[test]
fn places_that_change_are_reckoned_anew_and_what_ends_is_taken_back() {
    let at = |minutes| NOW.plus(Span::minutes(minutes));
    let own = |places, answered_at| Answer {
        places: Some(places),
        automatic: Automatic::Yes,
        ..answer(AnswerKind::CanTake, answered_at)
    };
    assert_eq!(reckon_anew(None, None, NOW), None);
    let first = reckon_anew(None, Some(own(5, NOW)), NOW).expect("an answer");
    assert_eq!((first.heard, first.said().and_then(|said| said.places)), (1, Some(5)));
    assert_eq!(reckon_anew(Some(&first), Some(own(5, at(9))), at(9)), None, "the same is not said again");
    let fewer = reckon_anew(Some(&first), Some(own(2, at(1))), at(1)).expect("another answer");
    assert_eq!((fewer.heard, fewer.answer), (2, own(2, at(1))));
    let fewer = reckon_anew(Some(&first), Some(own(2, at(-9))), at(-9)).expect("another answer");
    assert_eq!(fewer.answer.answered_at, NOW.plus(Span(1)), "a clock that went back");
    let ended = reckon_anew(Some(&fewer), None, at(2)).expect("taken back");
    assert_eq!((ended.heard, ended.answer.word, ended.said()), (3, Word::TakenBack, None));
    let other_end = ended.answer.heard(Some(&fewer), at(60), at(2));
    assert_eq!(other_end, Heard::Holds, "the other end takes it for the later one");
    assert_eq!(reckon_anew(Some(&ended), None, at(3)), None, "once");
    let again = reckon_anew(Some(&ended), Some(own(2, at(3))), at(3)).expect("places again");
    assert_eq!((again.heard, again.said().map(|said| said.word)), (4, Some(Word::Kept)));
    // What a professional answered stays, whatever becomes of the places.
    let by_hand = Held { answer: answer(AnswerKind::CanTake, NOW), heard: 1 };
    assert_eq!(reckon_anew(Some(&by_hand), Some(own(1, at(1))), at(1)), None);
    assert_eq!(reckon_anew(Some(&by_hand), None, at(1)), None);
}

#[test]
fn a_node_leaves_room_for_its_professionals_and_for_taking_back() {
    let own = |places: u32| Answer {
        places: Some(places),
        automatic: Automatic::Yes,
        ..answer(AnswerKind::CanTake, NOW)
    };
    let mut held = None;
    for places in 1..50 {
        if let Some(next) = reckon_anew(held.as_ref(), Some(own(places)), NOW) {
            held = Some(next);
        }
    }
    let held = held.expect("answered");
    assert_eq!((held.heard, held.answer.word), (AUTOMATIC_ANSWERS_MAX, Word::TakenBack));
    const { assert!(AUTOMATIC_ANSWERS_MAX < ANSWERS_MAX) }
}

#[test]
fn of_several_services_the_one_with_most_places_answers() {
    let services = ["a", "b", "c"].map(service);
    let by = |all: [Option<Capacity>; 3]| {
        let pairs: Vec<_> = services.iter().zip(&all).map(|(service, one)| (service, one.as_ref())).collect();
        let given = answer_from_places(&inquiry(Wanted::default()), pairs, NOW)?;
        Some((given.kind, given.service.map(|id| id.to_string()), given.waiting_days))
    };
    let places = |places, days| Some(capacity(Some(places), days));
    let id = |name: &str| ServiceId::parse(name).map(|id| id.to_string());
    let most = [places(2, None), places(5, Some(9)), places(5, Some(2))];
    assert_eq!(by(most), Some((AnswerKind::CanTake, id("c"), Some(2))));
    let lists = [places(0, Some(9)), places(0, Some(4)), places(0, Some(4))];
    assert_eq!(by(lists), Some((AnswerKind::WaitingList, id("b"), Some(4))));
    assert_eq!(by([places(0, Some(9)), None, None]), None, "the others may have places");
    assert_eq!(by([places(1, None), None, None]), Some((AnswerKind::CanTake, id("a"), None)));
}
