//! Pages over hand-made answers of the node: every state at either end, every act, every event, in both languages.

use super::act_form::{Field, QUESTIONS, REFUSALS};
use super::sheet::done;
use super::state::Situation;
use super::*;
use crate::tongue::{Language, Tongue};
use crate::when::Calendar;
use askama::Template;
use jiff::Timestamp;
use relais_proto::desk::v1::{
    Attention, ConsentStanding, Delayed, Disclosure, Due, DueKind, Effect, HandoverView, Label, Owner,
    Settlement, Side, StageOne, StageTwo, Step, ThreadSummary, TimelineEntry,
};
use relais_proto::peer::v1 as peer;
use relais_proto::peer::v1::{EventKind, FeedbackLevel, Reason, ThreadKind, ThreadPart};
use std::collections::BTreeMap;

/// 22 November 2026, noon in Paris.
const NOW_MS: i64 = 1_795_345_200_000;
const DAY_MS: i64 = 86_400_000;
const THEME: &str = "numerique--acceder-a-une-connexion-internet";
const PEER: &str = "Emmaüs Connect";
const LANGUAGES: [Language; 2] = [Language::French, Language::English];
const SIDES: [Side; 2] = [Side::Sender, Side::Receiver];

fn all<T: TryFrom<i32>>() -> Vec<T> {
    (1..=127).filter_map(|number| T::try_from(number).ok()).collect()
}

fn teller(calendar: &Calendar, language: Language) -> Teller<'_> {
    Teller { tongue: Tongue(language), calendar, now: Timestamp::from_millisecond(NOW_MS).unwrap() }
}

fn name() -> peer::Name {
    peer::Name { given: "Noémie".to_owned(), family: "L".to_owned() }
}

fn need() -> peer::Need {
    let (themes, territory) = (vec![THEME.to_owned()], "17300".to_owned());
    let (urgency, feedback) = (peer::Urgency::Soon.into(), FeedbackLevel::Outcome.into());
    peer::Need {
        themes,
        territory,
        urgency,
        feedback,
        service_id: "accompagnement".to_owned(),
        ..Default::default()
    }
}

fn stage_two() -> StageTwo {
    let contact = peer::Contact {
        reach: peer::Reach::Phone.into(),
        detail: Some("06 12 34 56 78".to_owned()),
        cautions: vec![peer::Caution::DoNotWrite.into()],
        ..Default::default()
    };
    StageTwo { name: Some(name()), contact: Some(contact), ..Default::default() }
}

fn entry(side: Side, kind: EventKind) -> TimelineEntry {
    let name = if side == Side::Sender { "France Travail" } else { PEER };
    TimelineEntry {
        side: side.into(),
        structure_name: name.to_owned(),
        kind: kind.into(),
        sequence: 1,
        day: 20_778,
        created_ms: Some(NOW_MS - DAY_MS),
        stored_ms: NOW_MS - DAY_MS,
        receipted_ms: Some(NOW_MS),
        effect: Effect::Counts.into(),
        ..Default::default()
    }
}

/// A referral that was just sent, seen from `side`.
pub(super) fn view(side: Side) -> ThreadView {
    let owner = if side == Side::Receiver { Owner::Us } else { Owner::Them };
    let due = Due { kind: DueKind::Answer.into(), owner: owner.into(), at_ms: NOW_MS + DAY_MS };
    let known = (side == Side::Sender).then(name);
    let summary = ThreadSummary {
        thread_id: vec![0xa1; 16],
        kind: ThreadKind::Referral.into(),
        side: side.into(),
        peer_id: vec![7; 32],
        peer_name: PEER.to_owned(),
        step: Step::Sent.into(),
        settlement: Settlement::Live.into(),
        consent: ConsentStanding::Active.into(),
        themes: vec![THEME.to_owned()],
        name: known,
        due: Some(due),
        changed_ms: NOW_MS,
        latest_theirs: EventKind::Accepted.into(),
        latest_theirs_ms: Some(NOW_MS),
        ..Default::default()
    };
    ThreadView {
        territory_name: "La Rochelle".to_owned(),
        summary: Some(summary),
        stage_one: Some(StageOne { need: Some(need()), ..Default::default() }),
        stage_two: (side == Side::Sender).then(stage_two),
        disclosure: Disclosure::NotYet.into(),
        feedback: FeedbackLevel::Outcome.into(),
        deadline_ms: Some(NOW_MS + DAY_MS),
        consent_until_ms: NOW_MS + 90 * DAY_MS,
        timeline: vec![entry(Side::Sender, EventKind::Sent)],
        possible: vec![Possible::Accept.into(), Possible::Refuse.into(), Possible::AskInfo.into()],
        ..Default::default()
    }
}

fn summary(view: &mut ThreadView) -> &mut ThreadSummary {
    view.summary.as_mut().unwrap()
}

fn due(view: &mut ThreadView, kind: DueKind, owner: Owner) {
    summary(view).due = Some(Due { kind: kind.into(), owner: owner.into(), at_ms: NOW_MS + DAY_MS });
}

/// A thread that went on to a step.
pub(super) fn at(side: Side, step: Step, kind: DueKind) -> ThreadView {
    let mut view = view(side);
    let owner = if side == Side::Receiver { Owner::Us } else { Owner::Them };
    due(&mut view, kind, owner);
    summary(&mut view).step = step.into();
    summary(&mut view).name = Some(name());
    view.stage_two = Some(stage_two());
    view.disclosure = Disclosure::Done.into();
    view
}

/// A thread that ended.
pub(super) fn ended(side: Side, label: Label, kind: EventKind) -> ThreadView {
    let mut view = at(side, Step::Accepted, DueKind::Contact);
    summary(&mut view).label = label.into();
    summary(&mut view).due = None;
    summary(&mut view).settlement = Settlement::Provisional.into();
    let course = peer::Course {
        reason: (kind == EventKind::Refused).then(|| Reason::Full.into()),
        outcome: (kind == EventKind::Closed).then(|| peer::Outcome::NeedMet.into()),
        ..Default::default()
    };
    view.timeline.push(TimelineEntry { course: Some(course), ..entry(Side::Receiver, kind) });
    view.possible = Vec::new();
    view
}

fn handover(mut view: ThreadView, responsible: Side, confirmed_ms: Option<i64>) -> ThreadView {
    summary(&mut view).kind = ThreadKind::Handover.into();
    view.handover = Some(HandoverView {
        responsible: responsible.into(),
        responsible_name: PEER.to_owned(),
        confirmed_ms,
        ..Default::default()
    });
    view
}

/// Every state at one end.
fn states(side: Side) -> BTreeMap<String, ThreadView> {
    let mut states = BTreeMap::new();
    let mut put = |name: String, view: ThreadView| {
        states.insert(name, view);
    };
    put("answer".to_owned(), view(side));
    for kind in all::<DueKind>() {
        put(format!("due {kind:?}"), at(side, Step::Accepted, kind));
    }
    for step in all::<Step>() {
        put(format!("step {step:?}"), at(side, step, DueKind::Unspecified));
        let mut silent = at(side, step, DueKind::Contact);
        summary(&mut silent).due = None;
        put(format!("step {step:?} without a date"), silent);
    }
    for (label, kind) in [
        (Label::Expired, EventKind::Expired),
        (Label::Withdrawn, EventKind::Withdrawn),
        (Label::Cancelled, EventKind::Cancelled),
        (Label::Refused, EventKind::Refused),
        (Label::Released, EventKind::Released),
        (Label::Closed, EventKind::Closed),
        (Label::ConsentEnded, EventKind::ConsentEnded),
        (Label::Effective, EventKind::Effective),
    ] {
        put(format!("ended {label:?}"), ended(side, label, kind));
    }
    for standing in all::<ConsentStanding>() {
        let mut stopped = ended(side, Label::ConsentEnded, EventKind::ConsentEnded);
        summary(&mut stopped).consent = standing.into();
        put(format!("consent {standing:?}"), stopped);
    }
    let mut walk_in = at(side, Step::Accepted, DueKind::Arrival);
    let walked = peer::Need { walk_in_offer: vec![1; 32], ..need() };
    walk_in.stage_one = Some(StageOne { need: Some(walked), ..Default::default() });
    put("walk-in".to_owned(), walk_in);
    for (moved, confirmed) in [(Side::Sender, None), (Side::Receiver, None), (Side::Receiver, Some(NOW_MS))] {
        put(format!("handover {moved:?} {confirmed:?}"), handover(view(side), moved, confirmed));
        let effective = at(side, Step::Accepted, DueKind::Effective);
        put(format!("handover effective {moved:?} {confirmed:?}"), handover(effective, moved, confirmed));
    }
    put("nothing known".to_owned(), ThreadView { summary: Some(bare(side)), ..Default::default() });
    states
}

/// What is left of a thread once everything is erased.
fn bare(side: Side) -> ThreadSummary {
    ThreadSummary {
        thread_id: vec![0xa1; 16],
        side: side.into(),
        peer_name: PEER.to_owned(),
        label: Label::Closed.into(),
        ..Default::default()
    }
}

fn sheet_of(view: &ThreadView, around: &Around, language: Language) -> String {
    let calendar = Calendar::new("Europe/Paris");
    let teller = teller(&calendar, language);
    let title = super::sheet::heading(&teller, view.summary.as_ref().unwrap());
    Sheet::new(Frame::bare(Tongue(language), &title), &teller, view, around, None).render().unwrap()
}

fn act_of(view: &ThreadView, act: Possible, language: Language) -> String {
    let calendar = Calendar::new("Europe/Paris");
    let teller = teller(&calendar, language);
    let form = ActForm::new(&teller, view, &around(), act, &Form::default(), Mistakes::default());
    ActPage::new(Frame::bare(Tongue(language), "x"), &teller, view, act, form).render().unwrap()
}

fn around() -> Around {
    let door = |service: &str| super::around::Door {
        value: format!("{}/{service}", "07".repeat(32)),
        service: service.to_owned(),
        structure: "Lire et Écrire".to_owned(),
    };
    Around {
        service: "Accompagnement numérique".to_owned(),
        place: "La Rochelle".to_owned(),
        doors: vec![door("Atelier")],
        suggested: vec![door("Cours")],
        elsewhere: vec![door("Cours")],
        undelivered_since_ms: None,
    }
}

/// The words a person sees: closed details show their summary only.
fn words(page: &str) -> Vec<String> {
    let main = page.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
    let main = main.split_once('>').unwrap().1;
    let mut seen = String::new();
    for (place, part) in main.split("<details").enumerate() {
        if place == 0 {
            seen.push_str(part);
            continue;
        }
        let (hidden, after) = part.split_once("</details>").unwrap();
        let (_, summary) = hidden.split_once("<summary>").unwrap();
        seen.push_str(summary.split("</summary>").next().unwrap());
        seen.push_str(after);
    }
    let mut text = String::new();
    let mut inside = false;
    for letter in seen.chars() {
        match letter {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            other if !inside => text.push(other),
            _ => {}
        }
    }
    let worded = |word: &&str| word.chars().any(char::is_alphanumeric);
    text.split_whitespace().filter(worded).map(str::to_owned).collect()
}

/// Words of a page that were not on the one before.
fn new_words(page: &[String], before: &[String]) -> usize {
    let mut left = before.to_vec();
    let known = |word: &String, left: &mut Vec<String>| match left.iter().position(|one| one == word) {
        Some(place) => {
            left.remove(place);
            true
        }
        None => false,
    };
    page.iter().filter(|word| !known(word, &mut left)).count()
}

#[test]
fn no_two_pages_claim_one_address() {
    drop(crate::pages::router());
}

#[test]
fn every_state_is_told_at_both_ends_in_both_languages() {
    for side in SIDES {
        for (name, view) in states(side) {
            for language in LANGUAGES {
                let page = sheet_of(&view, &around(), language);
                assert!(!page.contains("Unknown localization"), "{name} {side:?} {language:?}: {page}");
                assert_eq!(page.matches("<h1").count(), 1, "{name} {side:?}");
                let title = page.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
                assert!(!title.contains("Noémie") && !title.contains(PEER), "{name}: {title}");
                let lead = page.split("class=\"lead\">").nth(1).unwrap().split("</p>").next().unwrap();
                assert!(lead.trim().len() > 15, "{name} {side:?}: {lead}");
            }
        }
    }
}

#[test]
fn a_sentence_names_the_other_structure_or_us_never_both_ways() {
    let calendar = Calendar::new("Europe/Paris");
    let french = teller(&calendar, Language::French);
    let told = |view: &ThreadView| super::state::state(&french, view);
    assert_eq!(
        told(&view(Side::Receiver)),
        "Répondez à Emmaüs Connect avant le lundi 23 novembre 2026 à 12\u{a0}h\u{a0}00."
    );
    assert_eq!(
        told(&ended(Side::Sender, Label::Refused, EventKind::Refused)),
        "Emmaüs Connect a refusé le samedi 21 novembre 2026. Complet."
    );
    assert_eq!(
        told(&ended(Side::Sender, Label::Closed, EventKind::Closed)),
        "Emmaüs Connect a terminé le samedi 21 novembre 2026. Besoin satisfait."
    );
    let mut stopped = ended(Side::Receiver, Label::ConsentEnded, EventKind::ConsentEnded);
    summary(&mut stopped).consent = ConsentStanding::Stopped.into();
    assert_eq!(told(&stopped), "L’accord a pris fin le samedi 21 novembre 2026. La personne y a mis fin.");
}

#[test]
fn every_possible_act_has_a_form() {
    for side in SIDES {
        for act in all::<Possible>() {
            assert_eq!(acts::of_slug(acts::slug(act)), Some(act), "{act:?}");
            let mut view = view(side);
            summary(&mut view).due = None;
            view.possible = vec![act.into()];
            let note = peer::Note { text: "x".to_owned() };
            view.timeline.push(TimelineEntry {
                note: Some(note),
                sequence: 4,
                ..entry(side, EventKind::Note)
            });
            for language in LANGUAGES {
                let page = sheet_of(&view, &around(), language);
                let address = format!("/orientations/{}/{}", "a1".repeat(16), acts::slug(act));
                assert!(page.contains(&address), "{act:?} {side:?}: {page}");
                let alone = act_of(&view, act, language);
                assert!(alone.contains(&format!("action=\"{address}\"")), "{act:?}");
                assert!(alone.contains("name=\"demande\" value=\""), "{act:?}");
                assert!(!alone.contains("Unknown localization"), "{act:?} {language:?}: {alone}");
                assert!(alone.contains("<button"), "{act:?}");
                let calendar = Calendar::new("Europe/Paris");
                assert!(!done(&teller(&calendar, language), act).contains("Unknown"), "{act:?}");
            }
        }
    }
}

#[test]
fn every_event_has_words() {
    for side in SIDES {
        for kind in all::<EventKind>() {
            for effect in all::<Effect>() {
                let mut view = view(side);
                let told = TimelineEntry {
                    effect: effect.into(),
                    receipted_ms: None,
                    answer: Some(peer::Answer { question: 1, reply: Some(1) }),
                    professional: Some(peer::Professional {
                        name: "Claire".to_owned(),
                        contact: "05".to_owned(),
                    }),
                    course: Some(peer::Course {
                        appointment_ms: Some(NOW_MS),
                        place: Some("Salle 2".to_owned()),
                        review_ms: Some(NOW_MS),
                        reason: Some(1),
                        outcome: Some(1),
                        account: Some("Bien".to_owned()),
                        ..Default::default()
                    }),
                    erasure: Some(peer::Erasure {
                        parts: vec![1, 2],
                        kept: vec![peer::KeptPart { part: 3, basis: 3, until_day: 21_000 }],
                        erased_at_ms: NOW_MS,
                        backup_horizon_ms: NOW_MS,
                    }),
                    ..entry(Side::Receiver, kind)
                };
                view.timeline = vec![told];
                for language in LANGUAGES {
                    let page = sheet_of(&view, &around(), language);
                    assert!(!page.contains("Unknown localization"), "{kind:?} {language:?}: {page}");
                    assert!(page.contains("Salle 2") && page.contains("Claire, 05"), "{kind:?}");
                }
            }
        }
    }
}

#[test]
fn every_code_has_words() {
    let calendar = Calendar::new("Europe/Paris");
    for language in LANGUAGES {
        let teller = teller(&calendar, language);
        let mut names: Vec<&str> = Vec::new();
        names.extend(all::<Reason>().into_iter().map(|one| one.as_str_name()));
        names.extend(all::<peer::Question>().into_iter().map(|one| one.as_str_name()));
        names.extend(all::<peer::Reply>().into_iter().map(|one| one.as_str_name()));
        names.extend(all::<peer::Outcome>().into_iter().map(|one| one.as_str_name()));
        names.extend(all::<ThreadPart>().into_iter().map(|one| one.as_str_name()));
        names.extend(all::<peer::KeptBasis>().into_iter().map(|one| one.as_str_name()));
        names.extend(all::<Step>().into_iter().map(|one| one.as_str_name()));
        names.extend(all::<Label>().into_iter().map(|one| one.as_str_name()));
        for name in names {
            let words = teller.code(name);
            assert!(!words.contains("Unknown") && !words.is_empty(), "{name} {language:?}");
        }
        let mut summary = view(Side::Receiver).summary.unwrap();
        for kind in all::<DueKind>() {
            for of in [ThreadKind::Referral, ThreadKind::Handover] {
                summary.kind = of.into();
                summary.due = Some(Due { kind: kind.into(), owner: Owner::Us.into(), at_ms: NOW_MS - 1 });
                assert!(!to_do(&teller, &summary).what.contains("Unknown"), "{kind:?}");
                assert_eq!(to_do(&teller, &summary).class, "tag late");
            }
        }
        summary.due = None;
        for one in all::<Attention>() {
            summary.attention = vec![one.into()];
            assert!(!to_do(&teller, &summary).what.contains("Unknown"), "{one:?}");
        }
        for kind in all::<EventKind>() {
            summary.latest_theirs = kind.into();
            assert!(!news(&teller, &summary).what.contains("Unknown"), "{kind:?}");
        }
    }
}

#[test]
fn a_slip_is_known_by_its_reference_in_every_list() {
    let calendar = Calendar::new("Europe/Paris");
    let french = teller(&calendar, Language::French);
    let mut summary = states(Side::Receiver).remove("walk-in").unwrap().summary.unwrap();
    summary.name = None;
    summary.reference = "7K3M-Q9XT".to_owned();
    let row = any(&french, &summary);
    assert!(row.who.contains("papier 7K3M-Q9XT") && row.when.contains("peut venir"), "{row:?}");
    summary.reference = String::new();
    assert!(!any(&french, &summary).who.contains("papier"));
}

/// Many that were erased would be one line many times.
#[test]
fn what_was_erased_is_told_apart_by_its_day() {
    let calendar = Calendar::new("Europe/Paris");
    for (language, referral, handover) in [
        (Language::French, "orientation du", "passage de relais du"),
        (Language::English, "referral of", "handover of"),
    ] {
        let teller = teller(&calendar, language);
        let mut summary = bare(Side::Sender);
        summary.name = None;
        summary.themes.clear();
        summary.reference = String::new();
        summary.opened_ms = NOW_MS;
        for (kind, words) in [(ThreadKind::Referral, referral), (ThreadKind::Handover, handover)] {
            summary.kind = kind.into();
            let who = any(&teller, &summary).who;
            assert!(who.starts_with(words) && who.contains(&teller.day(NOW_MS)), "{who}");
        }
    }
}

#[test]
fn every_attention_is_told() {
    for side in SIDES {
        for one in all::<Attention>() {
            let mut view = view(side);
            summary(&mut view).attention = vec![one.into()];
            for language in LANGUAGES {
                let page = sheet_of(&view, &around(), language);
                assert!(page.contains("class=\"told\"") && !page.contains("Unknown"), "{one:?}");
            }
        }
    }
    let late = Around { undelivered_since_ms: Some(NOW_MS - DAY_MS), ..around() };
    let page = sheet_of(&view(Side::Sender), &late, Language::French);
    assert!(page.contains("ne répond pas depuis le samedi 21 novembre 2026 à 12\u{a0}h\u{a0}00"), "{page}");
}

#[test]
fn the_one_next_act_is_the_only_big_button() {
    for side in SIDES {
        for (name, view) in states(side) {
            let page = sheet_of(&view, &around(), Language::French);
            assert!(page.matches("main big").count() <= 1, "{name} {side:?}");
        }
    }
    let page = sheet_of(&view(Side::Receiver), &around(), Language::French);
    assert!(page.contains("<button class=\"main big\">Nous prenons contact</button>"), "{page}");
    let mut asked = view(Side::Sender);
    due(&mut asked, DueKind::Reply, Owner::Us);
    asked.possible = vec![Possible::GiveInfo.into()];
    let question = peer::Answer { question: QUESTIONS[0].into(), reply: None };
    let question =
        TimelineEntry { answer: Some(question), ..entry(Side::Receiver, EventKind::InfoRequested) };
    asked.timeline.push(question);
    let page = sheet_of(&asked, &around(), Language::French);
    assert!(page.contains("La personne peut-elle venir cette semaine\u{202f}?"), "{page}");
    assert!(page.contains("name=\"reponse\" value=\"not-said\""), "{page}");
}

#[test]
fn an_act_that_can_be_taken_back_is_all_there_is_to_do() {
    let mut waiting = view(Side::Receiver);
    waiting.delayed =
        Some(Delayed { delayed_id: vec![0xb2; 16], act: Possible::Accept.into(), at_ms: NOW_MS + 10_000 });
    let page = sheet_of(&waiting, &around(), Language::French);
    assert!(page.contains("Nous prévenons Emmaüs Connect dans 10 secondes."), "{page}");
    assert!(page.contains("/defaire\"") && page.contains(&"b2".repeat(16)), "{page}");
    assert!(
        page.contains("<noscript><meta http-equiv=\"refresh\" content=\"11; url=/orientations/a1"),
        "{page}"
    );
    assert!(!page.contains("/accepter") && !page.contains("/refuser"), "{page}");
    waiting.possible.push(Possible::StopConsent.into());
    let page = sheet_of(&waiting, &around(), Language::French);
    assert!(page.contains("/fin-accord\""), "stopping waits for nothing: {page}");
    waiting.delayed = None;
    waiting.remarks = vec!["your acceptance could not be made".to_owned()];
    let page = sheet_of(&waiting, &around(), Language::French);
    assert!(page.contains("n’a pas pu se faire") && !page.contains("could not"), "{page}");
    assert!(!sheet_of(&view(Side::Receiver), &around(), Language::French).contains("http-equiv=\"refresh\""));
}

#[test]
fn what_was_erased_leaves_nothing_of_the_person() {
    for side in SIDES {
        let mut gone = ended(side, Label::ConsentEnded, EventKind::ConsentEnded);
        let erased =
            vec![ThreadPart::StageOne.into(), ThreadPart::StageTwo.into(), ThreadPart::Course.into()];
        gone.stage_one = Some(StageOne::default());
        gone.stage_two = None;
        gone.feedback = 0;
        gone.erased_here = erased.clone();
        gone.erased_there = erased;
        summary(&mut gone).name = None;
        summary(&mut gone).themes = Vec::new();
        gone.timeline = vec![TimelineEntry { created_ms: None, ..entry(Side::Sender, EventKind::Sent) }];
        let page = sheet_of(&gone, &Around::default(), Language::French);
        assert!(page.contains("Les données de la personne sont effacées ici."), "{page}");
        assert!(page.contains("samedi 21 novembre 2026</time>"), "the day alone is left: {page}");
        for left in ["Noémie", "06 12", "internet", "Internet", "La Rochelle"] {
            assert!(!page.contains(left), "{left}: {page}");
        }
    }
}

#[test]
fn what_was_typed_anywhere_is_inert() {
    const EVIL: &str = "<script>alert(1)</script>\"'><img src=x>\u{202e}=1+1";
    let text = || EVIL.to_owned();
    for side in SIDES {
        let mut view = at(side, Step::Scheduled, DueKind::Appointment);
        let told = summary(&mut view);
        told.peer_name = text();
        told.name = Some(peer::Name { given: text(), family: text() });
        told.themes = vec![text()];
        told.reference = text();
        view.stage_one = Some(StageOne {
            need: Some(peer::Need { themes: vec![text()], territory: text(), ..need() }),
            level: Some(peer::Level { languages: vec![text()], ..Default::default() }),
            note: Some(peer::Note { text: text() }),
            name: Some(peer::Name { given: text(), family: text() }),
            ..Default::default()
        });
        let contact =
            peer::Contact { detail: Some(text()), language: Some(text()), reach: 1, ..Default::default() };
        view.stage_two = Some(StageTwo { contact: Some(contact), name: Some(name()), ..Default::default() });
        let course = peer::Course { place: Some(text()), account: Some(text()), ..Default::default() };
        view.timeline = vec![TimelineEntry {
            structure_name: text(),
            professional: Some(peer::Professional { name: text(), contact: text() }),
            course: Some(course),
            note: Some(peer::Note { text: text() }),
            ..entry(Side::Receiver, EventKind::Note)
        }];
        let door = super::around::Door { value: text(), service: text(), structure: text() };
        let around = Around {
            service: text(),
            place: text(),
            doors: vec![door.clone()],
            suggested: vec![door],
            ..around()
        };
        let mut pages = vec![sheet_of(&view, &around, Language::French)];
        for act in all::<Possible>() {
            let calendar = Calendar::new("Europe/Paris");
            let teller = teller(&calendar, Language::French);
            let mut typed = Form::default();
            for field in ["date", "heure", "lieu", "recit", "note", "n"] {
                typed.set(field, EVIL);
            }
            let form = ActForm::new(&teller, &view, &around, act, &typed, Mistakes::default());
            let frame = Frame::bare(Tongue(Language::French), "x");
            pages.push(ActPage::new(frame, &teller, &view, act, form).render().unwrap());
        }
        for page in pages {
            assert!(!page.contains("<script>alert") && !page.contains("<img src=x"), "{page}");
        }
    }
}

#[test]
fn personal_texts_cannot_turn_the_direction_of_what_stands_around() {
    let page = sheet_of(&at(Side::Receiver, Step::Accepted, DueKind::Contact), &around(), Language::French);
    assert!(page.contains("<bdi>Noémie L.</bdi>"), "{page}");
    assert!(
        page.contains("<bdi>Par téléphone : 06 12 34 56 78</bdi>") || page.contains(": 06 12 34 56 78</bdi>")
    );
}

#[test]
fn the_journeys_are_short_to_read() {
    let calendar = Calendar::new("Europe/Paris");
    let french = teller(&calendar, Language::French);
    let row_words = |row: Row| -> Vec<String> {
        format!("{} {} {}", row.what, row.who, row.when).split_whitespace().map(str::to_owned).collect()
    };
    let open = view(Side::Receiver);
    let landing = row_words(to_do(&french, open.summary.as_ref().unwrap()));
    let first = words(&sheet_of(&open, &around(), Language::French));
    let mut waiting = open.clone();
    let act = Possible::Accept.into();
    waiting.delayed = Some(Delayed { delayed_id: vec![1; 16], act, at_ms: NOW_MS });
    let second = words(&sheet_of(&waiting, &around(), Language::French));
    let accept = new_words(&first, &landing) + new_words(&second, &first);
    assert!(accept <= 60, "B: {accept} words: {first:?} {second:?}");
    // The form of a refusal opens on the page itself; what is said after it counts as well.
    let page = sheet_of(&open, &around(), Language::French);
    let (above, below) = page.split_once("<details><summary>Refuser</summary>").unwrap();
    let opened = format!("{above}Refuser{}", below.replacen("</details>", "", 1));
    let (opened, mut after) = (words(&opened), ended(Side::Receiver, Label::Refused, EventKind::Refused));
    after.stage_two = None;
    let after = words(&sheet_of(&after, &around(), Language::French));
    let refuse = new_words(&opened, &landing) + new_words(&after, &opened);
    assert!(refuse <= 80, "B': {refuse} words: {opened:?} {after:?}");
    let mut told = ended(Side::Sender, Label::Closed, EventKind::Closed);
    summary(&mut told).latest_theirs = EventKind::Closed.into();
    summary(&mut told).settlement = Settlement::Settled.into();
    let landing = row_words(news(&french, told.summary.as_ref().unwrap()));
    let page = words(&sheet_of(&told, &around(), Language::French));
    let answer = new_words(&page, &landing);
    assert!(answer <= 30, "D: {answer} words: {page:?}");
    let mut told = ended(Side::Sender, Label::Refused, EventKind::Refused);
    summary(&mut told).latest_theirs = EventKind::Refused.into();
    summary(&mut told).settlement = Settlement::Settled.into();
    let landing = row_words(news(&french, told.summary.as_ref().unwrap()));
    let page = words(&sheet_of(&told, &around(), Language::French));
    let answer = new_words(&page, &landing);
    assert!(answer <= 30, "D, refused with a better door: {answer} words: {page:?}");
}

#[test]
fn who_sent_what_ended_goes_on_from_there() {
    let again = |view: &ThreadView| sheet_of(view, &around(), Language::French);
    let door = format!("?depuis={}&amp;porte={}%2FCours", "a1".repeat(16), "07".repeat(32));
    let door = door.replace("&amp;", "&#38;");
    let refused = ended(Side::Sender, Label::Refused, EventKind::Refused);
    assert!(again(&refused).contains(&door), "{}", again(&refused));
    let same = format!("?depuis={}\"", "a1".repeat(16));
    for (label, kind) in [(Label::Expired, EventKind::Expired), (Label::Withdrawn, EventKind::Withdrawn)] {
        assert!(again(&ended(Side::Sender, label, kind)).contains(&same), "{label:?}");
        assert!(
            !again(&ended(Side::Receiver, label, kind)).contains("depuis="),
            "the receiver sends nothing"
        );
    }
    let mut erased = refused.clone();
    erased.stage_one = None;
    let others = [
        erased,
        view(Side::Sender),
        ended(Side::Sender, Label::Closed, EventKind::Closed),
        ended(Side::Sender, Label::ConsentEnded, EventKind::ConsentEnded),
        handover(refused, Side::Sender, None),
    ];
    for other in others {
        assert!(!again(&other).contains("depuis="), "{:?}", other.summary);
    }
}

#[test]
fn content_is_blanked_by_its_author_alone() {
    let note = |side: Side, sequence| TimelineEntry {
        note: Some(peer::Note { text: "x".to_owned() }),
        sequence,
        ..entry(side, EventKind::Note)
    };
    let mut view = view(Side::Receiver);
    view.timeline =
        vec![note(Side::Sender, 3), note(Side::Receiver, 4), entry(Side::Receiver, EventKind::Accepted)];
    view.possible = vec![Possible::Void.into()];
    let page = sheet_of(&view, &around(), Language::French);
    assert!(
        page.contains("/effacer?n=4") && !page.contains("/effacer?n=3") && !page.contains("/effacer?n=1")
    );
    view.possible.clear();
    assert!(!sheet_of(&view, &around(), Language::French).contains("/effacer"));
}

/// A form as a browser sends it, right for its act.
fn filled(act: Possible) -> &'static [u8] {
    match act {
        Possible::AskInfo => b"question=has-device",
        Possible::GiveInfo => b"reponse=not-said",
        Possible::Refuse => {
            b"raison=full&conseil=0707070707070707070707070707070707070707070707070707070707070707/cours/1"
        }
        Possible::Waitlist => b"date=2026-12-01",
        Possible::Schedule => b"date=2026-12-01&heure=14%3A30&lieu=Salle+2",
        Possible::Close => b"resultat=need-met&recit=Bien%0D%0Atout",
        Possible::Correct => b"resultat=need-not-met",
        Possible::Release => b"raison=in-training",
        Possible::Withdraw => b"raison=no-longer-needed",
        Possible::WriteNote => b"note=Bonjour",
        Possible::Void => b"n=4",
        Possible::Unspecified
        | Possible::Accept
        | Possible::NoShow
        | Possible::Arrive
        | Possible::StopConsent
        | Possible::Renounce
        | Possible::MakeEffective
        | Possible::Cancel => b"",
    }
}

#[test]
fn every_form_asks_for_its_own_act() {
    let calendar = Calendar::new("Europe/Paris");
    let french = teller(&calendar, Language::French);
    for act in all::<Possible>() {
        let asked = reading::read(&french, act, &Form::parse(filled(act)).unwrap());
        let asked = asked.unwrap_or_else(|mistakes| panic!("{act:?}: {mistakes:?}"));
        let is_it = match (act, &asked) {
            (Possible::Refuse, Act::Refuse(refuse)) => {
                refuse.reason == i32::from(Reason::Full)
                    && refuse.suggestions[0].structure_id == [7; 32]
                    && refuse.suggestions[0].service_id == "cours/1"
            }
            (Possible::Schedule, Act::Schedule(set)) => {
                set.appointment_ms == calendar.read("2026-12-01", "14:30").unwrap()
                    && set.place.as_deref() == Some("Salle 2")
            }
            (Possible::Close, Act::Close(close)) => close.account.as_deref() == Some("Bien\ntout"),
            (Possible::AskInfo, Act::AskInfo(asked)) => {
                asked.question == i32::from(peer::Question::HasDevice)
            }
            (Possible::GiveInfo, Act::GiveInfo(given)) => given.reply == i32::from(peer::Reply::NotSaid),
            (Possible::Accept, Act::Accept(accept)) => {
                accept.professional.is_none() && accept.not_before_ms.is_none()
            }
            (Possible::Waitlist, Act::Waitlist(_))
            | (Possible::NoShow, Act::NoShow(_))
            | (Possible::Arrive, Act::Arrive(_))
            | (Possible::Correct, Act::Correct(_))
            | (Possible::Release, Act::Release(_))
            | (Possible::Withdraw, Act::Withdraw(_))
            | (Possible::WriteNote, Act::Note(_))
            | (Possible::StopConsent, Act::StopConsent(_))
            | (Possible::Renounce, Act::Renounce(_))
            | (Possible::MakeEffective, Act::MakeEffective(_))
            | (Possible::Cancel, Act::Cancel(_)) => true,
            (Possible::Void, Act::Void(void)) => void.sequence == 4,
            _ => false,
        };
        assert!(is_it, "{act:?}");
    }
}

#[test]
fn a_form_that_is_not_right_names_the_field() {
    let calendar = Calendar::new("Europe/Paris");
    let french = teller(&calendar, Language::French);
    let long = format!("note={}", "é".repeat(281));
    let cases: [(Possible, &str, &[&str]); 12] = [
        (Possible::Refuse, "", &["raison"]),
        (Possible::Refuse, "raison=unreachable", &["raison"]),
        (Possible::Refuse, "raison=full&conseil=zz", &["raison"]),
        (Possible::AskInfo, "question=has_device", &["question"]),
        (Possible::GiveInfo, "reponse=", &["reponse"]),
        (Possible::Waitlist, "date=demain", &["date"]),
        (Possible::Schedule, "lieu=x", &["date", "heure"]),
        (Possible::Schedule, "date=2026-12-01&heure=25%3A00", &["heure"]),
        (Possible::Close, "recit=x", &["resultat"]),
        (Possible::WriteNote, "note=+++", &["note"]),
        (Possible::WriteNote, &long, &["note"]),
        (Possible::Accept, "date=hier", &["date"]),
    ];
    for (act, form, fields) in cases {
        let mistakes = reading::read(&french, act, &Form::parse(form.as_bytes()).unwrap()).err().unwrap();
        let named: Vec<&str> = mistakes.0.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(named[..fields.len()], *fields, "{act:?} {form}");
        let shown =
            ActForm::new(&french, &view(Side::Receiver), &around(), act, &Form::default(), mistakes.clone());
        let frame = Frame::bare(Tongue(Language::French), "x");
        let mut handed = handover(view(Side::Receiver), Side::Sender, None);
        handed.possible = vec![act.into()];
        let form = if act == Possible::Accept {
            ActForm::new(&french, &handed, &around(), act, &Form::default(), mistakes)
        } else {
            shown
        };
        let page = ActPage::new(frame, &french, &handed, act, form).render().unwrap();
        for field in fields {
            assert!(page.contains(&format!("href=\"#champ-{field}\"")), "{act:?} {field}: {page}");
            assert!(page.contains(&format!("id=\"champ-{field}\"")), "{act:?} {field}: {page}");
        }
    }
}

#[test]
fn a_no_of_the_node_stands_beside_the_field_it_is_about() {
    let calendar = Calendar::new("Europe/Paris");
    let french = teller(&calendar, Language::French);
    let no = |code: &str, field: &str| Refusal {
        code: code.to_owned(),
        field: field.to_owned(),
        sentence: "english".to_owned(),
    };
    for (field, at) in [
        ("note", "note"),
        ("course.account", "recit"),
        ("course.place", "lieu"),
        ("appointment", "date"),
        ("review", "date"),
        ("reason", "raison"),
        ("outcome", "resultat"),
        ("course.suggestions", "raison"),
    ] {
        let placed = reading::placed(&french, &no("field", field)).unwrap();
        assert_eq!(placed.0[0].field, at, "{field}");
        assert!(!placed.0[0].words.contains("Unknown"));
    }
    assert!(reading::placed(&french, &no("not_allowed", "")).is_none());
    assert!(reading::placed(&french, &no("field", "professional.name")).is_none());
    for code in ["not_allowed", "busy", "act_waits", "too_late", "partner", "consent", "follow_up"] {
        let words = reading::no(&french, &no(code, ""));
        assert!(words != "english" && !words.contains("Unknown"), "{code}");
    }
    assert!(reading::no(&french, &no("field", "professional.name")).contains("Votre compte"));
}

#[test]
fn a_walk_in_was_promised_and_is_refused_for_want_of_place_only() {
    let calendar = Calendar::new("Europe/Paris");
    let french = teller(&calendar, Language::French);
    let choices = |view: &ThreadView| {
        let form =
            ActForm::new(&french, view, &around(), Possible::Refuse, &Form::default(), Mistakes::default());
        let count = |field: &Field| match field {
            Field::Choose { choices, .. } => choices.len(),
            Field::Line { .. } | Field::Text { .. } | Field::Known { .. } => 0,
        };
        form.fields.iter().map(count).sum::<usize>()
    };
    assert_eq!(choices(&view(Side::Receiver)), REFUSALS.len());
    let walk_in = states(Side::Receiver).remove("walk-in").unwrap();
    assert_eq!(choices(&walk_in), 1);
    assert_eq!(Situation::of(&walk_in), Situation::WalkIn);
}

#[test]
fn the_situation_changed_and_what_was_typed_is_still_there() {
    let calendar = Calendar::new("Europe/Paris");
    let french = teller(&calendar, Language::French);
    let form = Form::parse("recit=Elle+est+contente&resultat=need-met".as_bytes()).unwrap();
    let changed = Changed { words: french.say("no-not-allowed"), typed: reading::typed(&form) };
    let view = ended(Side::Receiver, Label::ConsentEnded, EventKind::ConsentEnded);
    let frame = Frame::bare(Tongue(Language::French), "x");
    let page = Sheet::new(frame, &french, &view, &around(), Some(changed)).render().unwrap();
    assert!(page.contains("La situation a changé") && page.contains("Elle est contente"), "{page}");
}
