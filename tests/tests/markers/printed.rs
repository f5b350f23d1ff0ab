//! What `{:?}` and error sentences show.

use prost::Message as _;
use relais_domain::consent::Purpose;
use relais_domain::content::{Content, Note};
use relais_domain::personal::Personal;
use relais_proto::desk::v1::{self as desk, act_request};
use relais_proto::peer::v1 as peer;
use relais_server::pairing::AGREEMENT;
use relais_tests::case::{self, Case, SERVICE};
use relais_tests::marks::{Search, marker};
use relais_wire::content as translate;
use relais_wire::seal::{Part, SALT_BYTES};
use std::fmt::Debug;
use std::path::Path;

fn case(number: u32) -> Case {
    Case {
        given: marker(number),
        family: marker(number + 1),
        contact: marker(number + 2),
        note: Some(marker(number + 3)),
        ..Case::default()
    }
}

fn shows_none(what: &str, shown: &str) {
    let found = Search::for_markers(0..100).in_bytes(shown.as_bytes(), Path::new(what));
    assert!(found.is_empty(), "{what} shows {:?}", found.first());
}

fn prints_none(what: &str, value: &impl Debug) {
    shows_none(what, &format!("{value:?}"));
    shows_none(what, &format!("{value:#?}"));
}

#[test]
fn requests_of_the_desk_print_nothing_of_a_person() {
    let to = vec![1; 32];
    prints_none("a referral", &case(0).referral(&to));
    prints_none("a follow-up", &case(4).follow_up(vec![marker(8)]));
    prints_none("a handover", &case(9).handover(&to, &[2; 16], case::handover_content()));
    let acts = [
        case::accept_by(&marker(20), &marker(21)),
        case::schedule(&marker(22)),
        case::close(Some(&marker(23))),
        case::note(&marker(24)),
    ];
    for act in acts {
        prints_none("an act", &act);
        prints_none("an act asked", &desk::ActRequest { act: Some(act), ..Default::default() });
    }
    let need =
        desk::FindServicesRequest { theme: marker(25), commune: marker(26), limit: 1, ..Default::default() };
    prints_none("a search", &need);
    prints_none("a case", &case(30));
}

#[test]
fn views_of_the_desk_print_nothing_of_a_person() {
    let request = case(0).referral(&vec![1; 32]);
    let view = desk::ThreadView {
        stage_one: request.stage_one,
        stage_two: request.stage_two,
        timeline: vec![desk::TimelineEntry {
            note: Some(peer::Note { text: marker(10) }),
            course: Some(peer::Course { account: Some(marker(11)), ..Default::default() }),
            professional: Some(peer::Professional { name: marker(12), contact: marker(13) }),
            ..Default::default()
        }],
        ..Default::default()
    };
    prints_none("a thread", &view);
    prints_none("an answer", &tonic::Response::new(view));
    let follow_up = desk::FollowUpView {
        name: Some(peer::Name { given: marker(14), family: marker(15) }),
        notes: vec![marker(16)],
        ..Default::default()
    };
    prints_none("a list", &desk::ListFollowUpsResponse { follow_ups: vec![follow_up], ..Default::default() });
}

fn content() -> Content {
    let name = peer::Name { given: marker(40), family: marker(41) };
    let contact = case(42).reach();
    let professional = peer::Professional { name: marker(46), contact: marker(47) };
    let course = peer::Course { place: Some(marker(48)), account: Some(marker(49)), ..Default::default() };
    let handover = peer::Handover { done: vec![marker(50)], goals: vec![marker(51)], ..Default::default() };
    Content {
        note: Some(Note(Personal::new(marker(52)))),
        name: translate::name_from_proto(name).ok(),
        contact: translate::contact_from_proto(contact).ok(),
        professional: translate::professional_from_proto(professional).ok(),
        course: translate::course_from_proto(course).ok(),
        handover: translate::handover_from_proto(handover).ok(),
        documents: translate::documents_from_proto(peer::Documents { titles: vec![marker(53)] }).ok(),
        sensitive: translate::sensitive_from_proto(peer::Sensitive { text: marker(54) }).ok(),
        ..Content::default()
    }
}

#[test]
fn what_the_domain_holds_prints_nothing_of_a_person() {
    let content = content();
    assert_eq!(content.classes().len(), 8, "a class of this test was not read");
    prints_none("content", &content);
    let part = Part { class: 10, salt: [1; SALT_BYTES], bytes: marker(55).into_bytes() };
    prints_none("a part", &part);
    prints_none("parts", &vec![part]);
    let sealed = peer::ContentPart { class: 10, salt: Vec::new(), bytes: marker(56).into_bytes() };
    prints_none("a part on the wire", &sealed);
}

#[test]
fn a_content_that_is_refused_is_not_repeated() {
    let long = format!("{} ", marker(60)).repeat(40);
    let wrong = [
        Content { note: Some(Note(Personal::new(long.clone()))), ..Content::default() },
        Content {
            note: Some(Note(Personal::new(format!("{} 06 12 34 56 78", marker(61))))),
            ..Content::default()
        },
        Content { sensitive: Some(Personal::new(format!("{}\u{202e}", marker(62)))), ..Content::default() },
        Content { documents: Some(vec![Personal::new(long)]), ..Content::default() },
        Content {
            name: translate::name_from_proto(peer::Name { given: marker(63), family: marker(64) }).ok(),
            ..Content::default()
        },
    ];
    for content in wrong {
        let error = content.check(Purpose::Referral).expect_err("it is refused");
        shows_none("a refused field", &error.to_string());
        prints_none("a refused field", &error);
    }
    let mut bytes = peer::Note { text: marker(65) }.encode_to_vec();
    bytes.extend(peer::Note { text: marker(66) }.encode_to_vec());
    let error = translate::decode(&[(5, bytes.as_slice())]).expect_err("a field twice is refused");
    shows_none("a part that cannot be read", &error.to_string());
    prints_none("a part that cannot be read", &error);
}

#[test]
fn a_type_that_shows_its_content_is_noticed() {
    let shown = std::panic::catch_unwind(|| prints_none("a plain text", &marker(70)));
    assert!(shown.is_err(), "the search finds nothing at all");
    let act = act_request::WriteNote { text: marker(71) };
    assert_eq!(act.text, marker(71));
    assert!(!AGREEMENT.is_empty() && !SERVICE.is_empty());
}
