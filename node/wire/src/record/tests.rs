//! Records survive the wire, and what does not fit is refused by name.

use super::*;
use crate::field::Problem;
use relais_domain::class::DataClass;
use relais_domain::directory::{
    Body, Capacity, Coordinates, Endorsement, LIFETIME_MAX, NameNeeded, Pin, Profile, Scope, Service, Site,
    WalkIn,
};
use relais_domain::id::{ServiceId, SiteId};
use relais_domain::territory::{COVERAGE_CODES_MAX, CommuneCode, Coverage};
use relais_domain::theme::Theme;
use relais_domain::time::{Day, Span, Timestamp};
use relais_domain::vocabulary::Vocabulary;
use relais_proto::peer::v1::directory_record::Body as Wire;
use std::collections::BTreeSet;

const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn secret() -> SigningSecret {
    SigningSecret::from_bytes(&[5; 32])
}

fn us() -> StructureId {
    StructureId::of_root_spki(b"us")
}

fn id() -> ServiceId {
    ServiceId::parse("dora--a/b").expect("a service id")
}

fn value(list: Vocabulary, index: usize) -> relais_domain::vocabulary::Value {
    list.values()[index]
}

fn service() -> Service {
    Service {
        id: id(),
        name: "Se connecter".to_owned(),
        description: "Première ligne.\nDeuxième ligne.".to_owned(),
        themes: Theme::all().take(3).collect(),
        audiences: vec![value(Vocabulary::Audiences, 5), value(Vocabulary::Audiences, 1)],
        fees: Some(value(Vocabulary::Fees, 1)),
        fees_note: Some("10 €".to_owned()),
        welcome_modes: vec![value(Vocabulary::WelcomeModes, 0)],
        service_type: Some(value(Vocabulary::ServiceTypes, 0)),
        coverage: Coverage::parse(&["17300", "2A"]).expect("known"),
        conditions: Some("Aucune".to_owned()),
        site: Some(SiteId::from_random([1; 16])),
        commune: CommuneCode::parse("17300"),
        address: Some("1 rue, 17000 La Rochelle".to_owned()),
        coordinates: Coordinates::from_degrees(46.16, -1.15),
        phone: Some("+33 1 99 00 00 11".to_owned()),
        email: Some("accueil@structure.example".to_owned()),
        opening_hours: Some("Mo-Fr 09:00-17:00; PH off".to_owned()),
        mobilisation_modes: vec![value(Vocabulary::MobilisationModes, 2)],
        mobilisers: vec![value(Vocabulary::Mobilisers, 1)],
        link: Some("https://structure.example/a?b=c".to_owned()),
        languages: BTreeSet::from(["ar".to_owned(), "fr".to_owned()]),
        needs: BTreeSet::from([DataClass::Need, DataClass::Level]),
        name_needed: NameNeeded::Yes,
        walk_in: Some(WalkIn { hours: "Tu 14:00-17:00".to_owned(), places_a_week: Some(12) }),
        updated_on: Day(20_700),
    }
}

fn profile() -> Profile {
    let site = Site {
        id: SiteId::from_random([1; 16]),
        name: "Antenne".to_owned(),
        commune: CommuneCode::parse("17300"),
        address: None,
        phone: Some("01 99 00 00 11".to_owned()),
        email: None,
        opening_hours: None,
        coordinates: None,
    };
    let siret = Some("13003013300016".to_owned());
    Profile { name: "Nous".to_owned(), siret, sites: vec![site], link: None }
}

fn record(body: Body) -> Record {
    let expires_at = NOW.plus(Span::days(7));
    Record { structure: us(), manifest: 1, sequence: 4, issued_at: NOW, expires_at, body }
}

fn capacity(service: ServiceId) -> Body {
    Body::Capacity(Capacity { service, places: Some(0), waiting_days: None, stated_at: NOW })
}

fn endorsement() -> Endorsement {
    Endorsement {
        subject: StructureId::of_root_spki(b"them"),
        pin: Pin { sequence: 3, manifest: Digest::of(b"manifest") },
        scope: Scope {
            territories: Coverage::parse(&["17300", "2A"]).expect("known"),
            themes: Theme::all().take(2).collect(),
        },
    }
}

fn open(bytes: &[u8]) -> Result<SignedRecord, RecordError> {
    SignedRecord::open(bytes, us(), |manifest| (manifest == 1).then(|| vec![secret().verify_key()]))
}

fn signed(message: &proto::DirectoryRecord) -> Vec<u8> {
    Signed::sign(PayloadType::DirectoryRecord, message.encode_to_vec(), &secret()).encode()
}

/// What is refused of a service record after `spoil`.
fn refused(spoil: impl FnOnce(&mut proto::ServiceRecord)) -> BadField {
    let mut message = write::record(&record(Body::Service(Box::new(service()))));
    let Some(Wire::Service(body)) = &mut message.body else { panic!("a service") };
    spoil(body);
    field(open(&signed(&message)))
}

fn field(read: Result<SignedRecord, RecordError>) -> BadField {
    match read {
        Err(RecordError::Field(field)) => field,
        other => panic!("a field is wrong, not {other:?}"),
    }
}

#[test]
fn every_record_comes_back() {
    let bodies = [
        Body::Structure(Box::new(profile())),
        Body::Service(Box::new(service())),
        capacity(id()),
        Body::Endorsement(Box::new(endorsement())),
        Body::Withdrawn(RecordKey::Endorsement(endorsement().subject)),
        Body::Withdrawn(RecordKey::Structure),
        Body::Withdrawn(RecordKey::Service(id())),
        Body::Withdrawn(RecordKey::Capacity(id())),
    ];
    for body in bodies {
        let record = record(body);
        let made = SignedRecord::sign(&record, &secret()).expect("good");
        let read = open(&made.bytes).expect("good");
        assert_eq!(read.record, record);
        assert_eq!(read, made);
    }
}

#[test]
fn a_record_of_another_is_refused() {
    let made = SignedRecord::sign(&record(capacity(id())), &secret()).expect("good");
    let keys = |_| Some(vec![secret().verify_key()]);
    let them = StructureId::of_root_spki(b"them");
    assert_eq!(SignedRecord::open(&made.bytes, them, keys), Err(RecordError::WrongSigner));
    assert_eq!(SignedRecord::open(&made.bytes, us(), |_| None), Err(RecordError::Manifest));
    let forged = SignedRecord::sign(&record(capacity(id())), &SigningSecret::from_bytes(&[6; 32]));
    let forged = open(&forged.expect("well formed").bytes);
    assert_eq!(forged, Err(RecordError::Signed(DsseError::Signature)));
    let other = Signed::sign(PayloadType::Receipt, vec![1], &secret()).encode();
    let expected = PayloadType::DirectoryRecord;
    assert_eq!(open(&other), Err(RecordError::Signed(DsseError::WrongType { expected })));
}

#[test]
fn bytes_that_say_more_than_the_record_are_refused() {
    let made = SignedRecord::sign(&record(capacity(id())), &secret()).expect("good");
    let mut longer = made.bytes.clone();
    longer.extend([0xf8, 0x07, 0x01]);
    assert_eq!(field(open(&longer)).problem, Problem::NotCanonical);
    let mut payload = write::record(&record(capacity(id()))).encode_to_vec();
    payload.extend([0xf8, 0x07, 0x01]);
    let hidden = Signed::sign(PayloadType::DirectoryRecord, payload, &secret()).encode();
    assert_eq!(field(open(&hidden)).problem, Problem::NotCanonical);
    assert_eq!(
        refused(|body| body.coverage = vec!["2A".into(), "17300".into()]).problem,
        Problem::NotCanonical
    );
    assert_eq!(refused(|body| body.themes.reverse()).problem, Problem::NotCanonical);
}

#[test]
fn limits_of_size_hold() {
    let mut long = service();
    long.coverage = Coverage::parse(
        &relais_domain::territory::communes_named("Saint", COVERAGE_CODES_MAX)
            .iter()
            .map(|commune| commune.code().to_string())
            .collect::<Vec<_>>()
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    )
    .expect("known");
    long.description = "🚲".repeat(DESCRIPTION_CHARS_MAX);
    long.conditions = Some("🚲".repeat(1_000));
    let too_big = SignedRecord::sign(&record(Body::Service(Box::new(long))), &secret());
    assert!(matches!(too_big, Err(RecordError::TooBig { bytes_max: RECORD_BYTES_MAX, .. })), "{too_big:?}");
    let id = |length| ServiceId::parse(&"a".repeat(length)).expect("an id");
    assert!(SignedRecord::sign(&record(capacity(id(160))), &secret()).is_ok());
    let too_big = SignedRecord::sign(&record(capacity(id(200))), &secret());
    assert!(matches!(too_big, Err(RecordError::TooBig { bytes_max: CAPACITY_BYTES_MAX, .. })), "{too_big:?}");
}

#[test]
fn each_field_of_a_service_is_bounded() {
    type Spoil = fn(&mut proto::ServiceRecord);
    let spoils: [(&str, Spoil); 23] = [
        ("service.name", |body| body.name = String::new()),
        ("service.name", |body| body.name = "a\nb".into()),
        ("service.description", |body| body.description = "é".repeat(DESCRIPTION_CHARS_MAX + 1)),
        ("service.themes", |body| body.themes = vec!["magie".into()]),
        ("service.themes", |body| {
            body.themes = vec![Theme::all().next().map(Theme::code).unwrap_or("").into(); 2]
        }),
        ("service.audiences", |body| body.audiences = vec!["tous".into()]),
        ("service.fees", |body| body.fees = Some("cher".into())),
        ("service.fees_note", |body| body.fees_note = Some("é".repeat(FEES_NOTE_CHARS_MAX + 1))),
        ("service.welcome_modes", |body| body.welcome_modes = vec!["a-distance".into(); 2]),
        ("service.type", |body| body.r#type = Some("stage".into())),
        ("service.coverage", |body| body.coverage = vec![]),
        ("service.coverage", |body| body.coverage = vec!["99999".into()]),
        ("service.conditions", |body| body.conditions = Some("\u{202E}".into())),
        ("service.site_id", |body| body.site_id = vec![1]),
        ("service.commune", |body| body.commune = Some("17000".into())),
        ("service.coordinates", |body| {
            body.coordinates = Some(proto::Coordinates { latitude_e6: 90_000_001, longitude_e6: 0 });
        }),
        ("service.phone", |body| body.phone = Some("appelez-nous".into())),
        ("service.email", |body| body.email = Some("a@b".into())),
        ("service.link", |body| body.link = Some("javascript:alert(1)".into())),
        ("service.languages", |body| body.languages = vec!["FR".into()]),
        ("service.needs", |body| body.needs = vec![DataClass::Name.number().cast_signed()]),
        ("service.name_needed", |body| body.name_needed = 0),
        ("service.walk_in.hours", |body| body.walk_in = Some(proto::WalkIn::default())),
    ];
    for (named, spoil) in spoils {
        assert_eq!(refused(spoil).field, named);
    }
}

#[test]
fn a_record_and_its_body_agree() {
    let good = write::record(&record(capacity(id())));
    let spoilt = |spoil: fn(&mut proto::DirectoryRecord)| {
        let mut message = good.clone();
        spoil(&mut message);
        field(open(&signed(&message))).field.into_owned()
    };
    assert_eq!(spoilt(|message| message.version = 2), "version");
    assert_eq!(spoilt(|message| message.kind = 0), "kind");
    assert_eq!(spoilt(|message| message.kind = proto::RecordKind::Service.into()), "body");
    assert_eq!(spoilt(|message| message.kind = proto::RecordKind::Structure.into()), "service_id");
    assert_eq!(spoilt(|message| message.service_id = "a b".into()), "service_id");
    assert_eq!(spoilt(|message| message.sequence = 0), "sequence");
    assert_eq!(spoilt(|message| message.manifest_sequence = 0), "manifest_sequence");
    assert_eq!(spoilt(|message| message.structure_id = vec![1]), "structure_id");
    assert_eq!(spoilt(|message| message.standing = 0), "standing");
    assert_eq!(spoilt(|message| message.standing = proto::RecordStanding::Withdrawn.into()), "body");
    assert_eq!(spoilt(|message| message.body = None), "body");
    let told_early =
        Capacity { service: id(), places: None, waiting_days: None, stated_at: NOW.plus(Span(1)) };
    let read = SignedRecord::sign(&record(Body::Capacity(told_early)), &secret());
    assert_eq!(field(read).field, "capacity.stated_ms");
    let many = Capacity { service: id(), places: Some(PLACES_MAX + 1), waiting_days: None, stated_at: NOW };
    assert_eq!(field(SignedRecord::sign(&record(Body::Capacity(many)), &secret())).field, "capacity.places");
}

#[test]
fn an_endorsement_is_bounded_and_names_another_structure_and_nothing_else() {
    let good = write::record(&record(Body::Endorsement(Box::new(endorsement()))));
    let spoilt = |spoil: fn(&mut proto::DirectoryRecord, &mut proto::EndorsementRecord)| {
        let mut message = good.clone();
        let Some(Wire::Endorsement(mut body)) = message.body.take() else { panic!("an endorsement") };
        spoil(&mut message, &mut body);
        message.body.get_or_insert(Wire::Endorsement(body));
        let BadField { field, problem } = field(open(&signed(&message)));
        (field.into_owned(), problem)
    };
    let wrong = |named: &str, problem| (named.to_owned(), problem);
    assert_eq!(spoilt(|m, _| m.subject_id.clear()), wrong("subject_id", Problem::Missing));
    assert_eq!(spoilt(|m, _| m.subject_id = vec![1; 31]), wrong("subject_id", Problem::Invalid));
    let itself = spoilt(|m, _| m.subject_id = m.structure_id.clone());
    assert_eq!(itself, wrong("subject_id", Problem::Invalid));
    assert_eq!(spoilt(|m, _| m.service_id = "s".into()), wrong("service_id", Problem::Unexpected));
    let capacity = Wire::Capacity(proto::CapacityRecord { places: None, waiting_days: None, stated_ms: 1 });
    let of_another_kind = |m: &mut proto::DirectoryRecord| m.kind = proto::RecordKind::Capacity.into();
    let mut places = good.clone();
    (places.body, places.service_id) = (Some(capacity), "s".into());
    of_another_kind(&mut places);
    let read = field(open(&signed(&places)));
    assert_eq!((read.field.into_owned(), read.problem), wrong("subject_id", Problem::Unexpected));
    let at = |named: &str| format!("endorsement.{named}");
    let pin = spoilt(|_, body| body.manifest_hash = vec![1; 16]);
    assert_eq!(pin, (at("manifest_hash"), Problem::Invalid));
    assert_eq!(spoilt(|_, b| b.manifest_hash.clear()), (at("manifest_hash"), Problem::Missing));
    assert_eq!(spoilt(|_, b| b.manifest_sequence = 0), (at("manifest_sequence"), Problem::Missing));
    assert_eq!(spoilt(|_, b| b.territories.clear()), (at("territories"), Problem::Missing));
    assert_eq!(spoilt(|_, b| b.territories = vec!["99999".into()]), (at("territories"), Problem::Invalid));
    let many = spoilt(|_, b| b.territories = vec!["17".into(); 17]);
    assert_eq!(many, (at("territories"), Problem::TooMany));
    let unsorted = spoilt(|_, b| b.territories.reverse());
    assert_eq!(unsorted.1, Problem::NotCanonical);
    assert_eq!(spoilt(|_, b| b.territories.push("france".into())).1, Problem::NotCanonical);
    assert_eq!(spoilt(|_, b| b.themes = vec!["magie".into()]), (at("themes"), Problem::Invalid));
    assert_eq!(spoilt(|_, b| b.themes = vec![b.themes[0].clone(); 2]), (at("themes"), Problem::Repeated));
    assert_eq!(spoilt(|_, b| b.themes = vec![b.themes[0].clone(); 17]), (at("themes"), Problem::TooMany));
}

#[test]
fn the_longest_endorsement_fits() {
    let mut themes: Vec<Theme> = Theme::all().collect();
    themes.sort_by_key(|theme| std::cmp::Reverse(theme.code().len()));
    let epci: Vec<String> = relais_domain::territory::communes_named("Saint", 400)
        .iter()
        .filter_map(|commune| commune.epci().map(|epci| epci.to_string()))
        .collect();
    let codes: BTreeSet<&str> = epci.iter().map(String::as_str).collect();
    let codes: Vec<&str> = codes.into_iter().take(16).collect();
    let territories = Coverage::parse(&codes).expect("known");
    assert_eq!(territories.territories().len(), 16);
    let scope = Scope { territories, themes: themes.into_iter().take(16).collect() };
    let longest = Body::Endorsement(Box::new(Endorsement { scope, ..endorsement() }));
    let signed = SignedRecord::sign(&record(longest), &secret()).expect("it fits");
    assert!(signed.bytes.len() <= ENDORSEMENT_BYTES_MAX, "{}", signed.bytes.len());
}

#[test]
fn a_structure_is_bounded_too() {
    let spoilt = |spoil: fn(&mut Profile)| {
        let mut profile = profile();
        spoil(&mut profile);
        let record = record(Body::Structure(Box::new(profile)));
        field(SignedRecord::sign(&record, &secret())).field.into_owned()
    };
    assert_eq!(spoilt(|profile| profile.name = String::new()), "structure.name");
    assert_eq!(spoilt(|profile| profile.siret = Some("12".into())), "structure.siret");
    assert_eq!(spoilt(|profile| profile.sites.push(profile.sites[0].clone())), "structure.sites.id");
    assert_eq!(spoilt(|profile| profile.sites = vec![profile.sites[0].clone(); 17]), "structure.sites");
    assert_eq!(spoilt(|profile| profile.sites[0].phone = Some("x".into())), "structure.sites.phone");
}

#[test]
fn the_digest_does_not_depend_on_order() {
    let (a, b) = (Digest::of(b"a"), Digest::of(b"b"));
    assert_eq!(records_digest([a, b]), records_digest([b, a]));
    assert_ne!(records_digest([a]), records_digest([b]));
    assert_eq!(records_digest([]), Digest::of(b""));
    assert!(LIFETIME_MAX > Span::days(7));
}

#[test]
fn contacts_have_their_form() {
    for text in ["a@b.fr", "prénom.nom@structure.example"] {
        assert!(is_email(text), "{text}");
    }
    for text in ["", "a", "@b.fr", "a@", "a@b", "a@b@c.fr", "a b@c.fr", "a@.fr", "a@fr."] {
        assert!(!is_email(text), "{text}");
    }
    assert!(is_link("https://a.fr") && is_link("http://a"));
    for text in ["", "https://", "https:///a", "ftp://a", "https://a b", "javascript:x"] {
        assert!(!is_link(text), "{text}");
    }
    assert!(is_phone("+33 (0)5.46-00/00") && is_phone("115"));
    for text in ["", "11", "05 46 a", &"1".repeat(PHONE_CHARS_MAX + 1)] {
        assert!(!is_phone(text), "{text}");
    }
}
