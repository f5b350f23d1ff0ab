//! Every part round-trips; every way to be wrong is refused by its part and field.

use super::samples::{contents, everything, need};
use super::*;
use proptest::prelude::*;
use relais_domain::consent::{GivenHow, Interpreter, LegalBasis, Presence, Purpose, TeachBack};
use relais_domain::content::*;
use relais_proto::peer::v1 as proto;

fn borrowed(parts: &[(u32, Vec<u8>)]) -> Vec<(u32, &[u8])> {
    parts.iter().map(|(part, bytes)| (*part, bytes.as_slice())).collect()
}

/// The error of reading this message as this part.
fn refused(part: u32, message: &impl Message) -> String {
    refused_bytes(part, &message.encode_to_vec())
}

fn refused_bytes(part: u32, bytes: &[u8]) -> String {
    decode(&[(part, bytes)]).expect_err("must be refused").to_string()
}

const UNKNOWN_CODE: &str = "is a code this program does not know";
const NOT_CANONICAL: &str = "is not written canonically, or holds something unknown";

#[test]
fn everything_comes_back_in_ascending_parts() {
    let content = everything();
    let parts = encode(&content);
    let numbers: Vec<u32> = parts.iter().map(|(part, _)| *part).collect();
    assert_eq!(numbers, (1..=14).chain([PART_CONSENT, PART_ERASURE]).collect::<Vec<_>>());
    assert_eq!(decode(&borrowed(&parts)), Ok(content));
}

#[test]
fn nothing_is_no_part() {
    assert_eq!(encode(&Content::default()), []);
    assert_eq!(decode(&[]), Ok(Content::default()));
}

#[test]
fn part_numbers_come_back_and_others_are_refused() {
    for number in 0..64 {
        if let Some(part) = PartKind::from_number(number) {
            assert_eq!(part.number(), number);
            continue;
        }
        let error = decode(&[(number, &[])]).expect_err("no such part");
        assert_eq!(error, ContentError::of_part(number, Problem::UnknownPart));
        assert!(error.to_string().starts_with(&format!("part {number}: ")));
    }
}

#[test]
fn a_part_twice_or_out_of_order_is_refused() {
    let note = proto::Note { text: "x".into() }.encode_to_vec();
    let twice = decode(&[(5, &note), (5, &note)]);
    assert_eq!(twice, Err(ContentError::of_part(5, Problem::Repeated)));
    let level = proto::Level::default().encode_to_vec();
    let unordered = decode(&[(5, &note), (3, &level)]);
    assert_eq!(unordered, Err(ContentError::of_part(3, Problem::Unordered)));
}

#[test]
fn a_hidden_field_is_refused_in_every_part() {
    for (part, mut bytes) in encode(&everything()) {
        // Field 1,000, a varint: valid protobuf that every decoder passes over.
        bytes.extend([0xc0, 0x3e, 0x01]);
        let name = PartKind::from_number(part).expect("a part").as_str();
        assert_eq!(refused_bytes(part, &bytes), format!("{name}: {NOT_CANONICAL}"));
    }
}

#[test]
fn a_default_written_out_is_refused() {
    // Times: created 1, then deadline absent but `created_ms` written once more with the same value.
    assert_eq!(refused_bytes(9, &[0x08, 0x01, 0x08, 0x01]), format!("times: {NOT_CANONICAL}"));
    // A varint one byte longer than it needs to be.
    assert_eq!(refused_bytes(9, &[0x08, 0x81, 0x00]), format!("times: {NOT_CANONICAL}"));
    // Constraints not packed.
    assert_eq!(refused_bytes(2, &[0x08, 0x01]), format!("constraints: {NOT_CANONICAL}"));
}

#[test]
fn bytes_that_are_no_message_are_refused_without_showing_them() {
    for (part, _) in encode(&everything()) {
        let error = refused_bytes(part, b"Amina Diallo, 06 00 00 00 00");
        assert!(error.ends_with(": cannot be read"), "{error}");
        assert!(!error.contains("Amina"), "{error}");
    }
}

#[test]
fn a_text_that_is_no_utf8_is_refused() {
    assert_eq!(refused_bytes(5, &[0x0a, 0x02, 0xc3, 0x28]), "note.text: cannot be read");
    assert_eq!(refused_bytes(10, &[0x0a, 0x01, 0xff]), "name.given: cannot be read");
}

#[test]
fn codes_that_no_list_holds_are_refused() {
    let need = need_to_proto(&need());
    for number in [0, 4, -1, i32::MAX] {
        let urgency = proto::Need { urgency: number, ..need.clone() };
        assert_eq!(refused(1, &urgency), format!("need.urgency: {UNKNOWN_CODE}"));
        let feedback = proto::Need { feedback: number, ..need.clone() };
        assert_eq!(refused(1, &feedback), format!("need.feedback: {UNKNOWN_CODE}"));
    }
    for number in [0, 4, 34, 199] {
        let constraints = proto::Constraints { constraints: vec![1, number] };
        assert_eq!(refused(2, &constraints), format!("constraints.constraints: {UNKNOWN_CODE}"));
    }
    let equipment = proto::Level { equipment: vec![6], ..Default::default() };
    assert_eq!(refused(3, &equipment), format!("level.equipment: {UNKNOWN_CODE}"));
    let connection = proto::Level { connection: Some(0), ..Default::default() };
    assert_eq!(refused(3, &connection), format!("level.connection: {UNKNOWN_CODE}"));
    let answer = proto::Answer { question: 0, reply: None };
    assert_eq!(refused(6, &answer), format!("answer.question: {UNKNOWN_CODE}"));
    let answer = proto::Answer { question: 1, reply: Some(0) };
    assert_eq!(refused(6, &answer), format!("answer.reply: {UNKNOWN_CODE}"));
    let course = proto::Course { reason: Some(25), ..Default::default() };
    assert_eq!(refused(8, &course), format!("course.reason: {UNKNOWN_CODE}"));
    let course = proto::Course { outcome: Some(0), ..Default::default() };
    assert_eq!(refused(8, &course), format!("course.outcome: {UNKNOWN_CODE}"));
    let contact = proto::Contact { reach: 5, ..Default::default() };
    assert_eq!(refused(11, &contact), format!("contact.reach: {UNKNOWN_CODE}"));
    let contact = proto::Contact { reach: 1, cautions: vec![0], ..Default::default() };
    assert_eq!(refused(11, &contact), format!("contact.cautions: {UNKNOWN_CODE}"));
}

#[test]
fn statements_and_erasures_refuse_unknown_codes_and_repetition() {
    let one = |statement, value| proto::EligibilityStatement { statement, value };
    let eligibility = |statements| proto::Eligibility { statements };
    assert_eq!(
        refused(4, &eligibility(vec![one(0, 1)])),
        format!("eligibility.statements.statement: {UNKNOWN_CODE}")
    );
    assert_eq!(
        refused(4, &eligibility(vec![one(1, 3)])),
        format!("eligibility.statements.value: {UNKNOWN_CODE}")
    );
    let twice = eligibility(vec![one(1, 1), one(1, 2)]);
    assert_eq!(refused(4, &twice), "eligibility.statements: holds one entry twice");
    let descending = eligibility(vec![one(2, 1), one(1, 1)]);
    assert_eq!(refused(4, &descending), format!("eligibility: {NOT_CANONICAL}"));
    let erasure = proto::Erasure { parts: vec![1], kept: vec![], erased_at_ms: 1, backup_horizon_ms: 1 };
    let unknown = proto::Erasure { parts: vec![6], ..erasure.clone() };
    assert_eq!(refused(21, &unknown), format!("erasure.parts: {UNKNOWN_CODE}"));
    let kept = |part, basis| proto::Erasure {
        kept: vec![proto::KeptPart { part, basis, until_day: 1 }],
        ..erasure.clone()
    };
    assert_eq!(refused(21, &kept(0, 1)), format!("erasure.kept.part: {UNKNOWN_CODE}"));
    assert_eq!(refused(21, &kept(1, 4)), format!("erasure.kept.basis: {UNKNOWN_CODE}"));
    let undated = proto::Erasure { erased_at_ms: 0, ..erasure.clone() };
    assert_eq!(refused(21, &undated), "erasure.erased_at_ms: is missing");
    let open = proto::Erasure { backup_horizon_ms: 0, ..erasure };
    assert_eq!(refused(21, &open), "erasure.backup_horizon_ms: is missing");
}

#[test]
fn sets_refuse_repetition_and_descent() {
    let twice = proto::Constraints { constraints: vec![1, 1] };
    assert_eq!(refused(2, &twice), "constraints.constraints: holds one entry twice");
    let descending = proto::Constraints { constraints: vec![2, 1] };
    assert_eq!(refused(2, &descending), format!("constraints: {NOT_CANONICAL}"));
    let descending = proto::Contact { reach: 3, cautions: vec![3, 1], ..Default::default() };
    assert_eq!(refused(11, &descending), format!("contact: {NOT_CANONICAL}"));
}

#[test]
fn lists_longer_than_their_limit_are_refused() {
    let many = vec!["a".to_owned(); 17];
    let themes = vec![samples::theme().code().to_owned(); 17];
    let need = proto::Need { themes, ..need_to_proto(&need()) };
    assert_eq!(refused(1, &need), "need.themes: holds too many entries");
    let level = proto::Level { languages: vec!["fr".into(); 17], ..Default::default() };
    assert_eq!(refused(3, &level), "level.languages: holds too many entries");
    let suggestion = proto::Suggestion { structure_id: vec![1; 32], service_id: "a".into() };
    let course = proto::Course { suggestions: vec![suggestion; 6], ..Default::default() };
    assert_eq!(refused(8, &course), "course.suggestions: holds too many entries");
    let done = proto::Handover { done: many.clone(), ..Default::default() };
    assert_eq!(refused(12, &done), "handover.done: holds too many entries");
    let pending = proto::Handover { pending: many.clone(), ..Default::default() };
    assert_eq!(refused(12, &pending), "handover.pending: holds too many entries");
    let goals = proto::Handover { goals: many.clone(), ..Default::default() };
    assert_eq!(refused(12, &goals), "handover.goals: holds too many entries");
    let deadline = proto::HandoverDeadline { day: 1, what: "a".into() };
    let deadlines = proto::Handover { deadlines: vec![deadline; 17], ..Default::default() };
    assert_eq!(refused(12, &deadlines), "handover.deadlines: holds too many entries");
    let documents = proto::Documents { titles: many };
    assert_eq!(refused(13, &documents), "documents.titles: holds too many entries");
    let kept = vec![proto::KeptPart { part: 1, basis: 1, until_day: 1 }; 17];
    let erasure = proto::Erasure { parts: vec![], kept, erased_at_ms: 1, backup_horizon_ms: 1 };
    assert_eq!(refused(21, &erasure), "erasure.kept: holds too many entries");
}

#[test]
fn missing_empty_and_endless_texts_are_refused() {
    assert_eq!(refused_bytes(5, &[]), "note.text: is missing");
    assert_eq!(refused_bytes(14, &[]), "sensitive.text: is missing");
    assert_eq!(refused_bytes(9, &[]), "times.created_ms: is missing");
    let name = proto::Name { given: "A".into(), family: String::new() };
    assert_eq!(refused(10, &name), "name.family: is missing");
    let professional = proto::Professional { name: "A".into(), contact: String::new() };
    assert_eq!(refused(7, &professional), "professional.contact: is missing");
    let place = proto::Course { place: Some(String::new()), ..Default::default() };
    assert_eq!(refused(8, &place), "course.place: is missing");
    let note = proto::Note { text: "a".repeat(field::TEXT_BYTES_MAX + 1) };
    assert_eq!(refused(5, &note), "note.text: is too long");
}

#[test]
fn ids_places_and_scales_must_have_their_form() {
    let good = need_to_proto(&need());
    let theme = proto::Need { themes: vec!["logement".into()], ..good.clone() };
    assert_eq!(refused(1, &theme), "need.themes: has not the form it must have");
    for territory in ["", "99999", "17 300"] {
        let need = proto::Need { territory: territory.into(), ..good.clone() };
        assert_eq!(refused(1, &need), "need.territory: has not the form it must have");
    }
    let spaced = proto::Need { territory: " 17300".into(), ..good.clone() };
    assert_eq!(refused(1, &spaced), format!("need: {NOT_CANONICAL}"));
    let service = proto::Need { service_id: "a b".into(), ..good.clone() };
    assert_eq!(refused(1, &service), "need.service_id: has not the form it must have");
    let site = proto::Need { site_id: vec![0; 16], ..good.clone() };
    assert_eq!(refused(1, &site), "need.site_id: has not the form it must have");
    let offer = proto::Need { walk_in_offer: vec![0; 31], ..good };
    assert_eq!(refused(1, &offer), "need.walk_in_offer: has not the form it must have");
    for step in [0, 6, 256, 257] {
        let level = proto::Level { french_read: Some(step), ..Default::default() };
        assert_eq!(refused(3, &level), "level.french_read: has not the form it must have");
    }
    for language in ["", "f", "FR", "fran", "f1"] {
        let level = proto::Level { languages: vec![language.into()], ..Default::default() };
        assert_eq!(refused(3, &level), "level.languages: has not the form it must have");
    }
    let suggestion = proto::Suggestion { structure_id: vec![1; 31], service_id: "a".into() };
    let course = proto::Course { suggestions: vec![suggestion], ..Default::default() };
    assert_eq!(refused(8, &course), "course.suggestions.structure_id: has not the form it must have");
    let voids = proto::Course { voids_sequence: Some(0), ..Default::default() };
    assert_eq!(refused(8, &voids), "course.voids_sequence: is missing");
}

/// Asserts that a closed list of the domain (numbers and names) and its protobuf enum are the same.
fn assert_same(name: &str, domain: &[(u32, String)], wire: fn(i32) -> Option<&'static str>) {
    let prefix = shout(name);
    let expected: Vec<(i32, String)> = domain
        .iter()
        .map(|(number, code)| (number.cast_signed(), format!("{prefix}_{}", shout(code))))
        .collect();
    let on_wire = (1..256).filter_map(|number| Some((number, wire(number)?.to_owned())));
    assert_eq!(on_wire.collect::<Vec<_>>(), expected, "{name}");
    assert_eq!(wire(0), Some(format!("{prefix}_UNSPECIFIED").as_str()), "{name}");
}

macro_rules! same_codes {
    ($($domain:ident = $proto:ident),+ $(,)?) => {$({
        let domain: Vec<(u32, String)> =
            $domain::ALL.iter().map(|code| (code.number(), format!("{code:?}"))).collect();
        let wire = |number| proto::$proto::try_from(number).ok().map(|code| code.as_str_name());
        assert_same(stringify!($proto), &domain, wire);
    })+};
}

/// `EveningsOnly` as `EVENINGS_ONLY`.
fn shout(name: &str) -> String {
    let mut shouted = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !shouted.is_empty() {
            shouted.push('_');
        }
        shouted.extend(letter.to_uppercase());
    }
    shouted
}

#[test]
fn the_lists_of_the_wire_are_those_of_the_domain() {
    use relais_domain::event::{EventKind, ThreadKind};
    same_codes!(
        Urgency = Urgency,
        FeedbackLevel = FeedbackLevel,
        Constraint = Constraint,
        Equipment = Equipment,
        Connection = Connection,
        Statement = Statement,
        YesNo = YesNo,
        Question = Question,
        Reply = Reply,
        Reason = Reason,
        Outcome = Outcome,
        Reach = Reach,
        Caution = Caution,
        ContentPart = ThreadPart,
        KeptBasis = KeptBasis,
        DataClass = DataClass,
        Purpose = Purpose,
        LegalBasis = LegalBasis,
        GivenHow = GivenHow,
        Interpreter = Interpreter,
        TeachBack = TeachBack,
        Presence = Presence,
        ThreadKind = ThreadKind,
        EventKind = EventKind,
    );
}

proptest! {
    #[test]
    fn any_content_comes_back(content in contents()) {
        let parts = encode(&content);
        prop_assert!(parts.is_sorted_by(|one, next| one.0 < next.0));
        prop_assert_eq!(decode(&borrowed(&parts)), Ok(content));
    }

    #[test]
    fn other_bytes_never_read_as_the_same_content(
        content in contents(),
        at in any::<prop::sample::Index>(),
        bit in 0..8u8,
    ) {
        let mut parts = encode(&content);
        let filled: Vec<usize> = (0..parts.len()).filter(|part| !parts[*part].1.is_empty()).collect();
        prop_assume!(!filled.is_empty());
        let bytes = &mut parts[filled[at.index(filled.len())]].1;
        let place = at.index(bytes.len());
        bytes[place] ^= 1 << bit;
        prop_assert_ne!(decode(&borrowed(&parts)), Ok(content));
    }

    #[test]
    fn any_bytes_are_read_or_refused(part in 0..24u32, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(content) = decode(&[(part, &bytes)]) {
            prop_assert_eq!(encode(&content), vec![(part, bytes)]);
        }
    }
}
