//! Protobuf to domain records: every field bounded and named when wrong.

use super::{
    CONDITIONS_CHARS_MAX, DESCRIPTION_CHARS_MAX, ENTRIES_MAX, FEES_NOTE_CHARS_MAX, LINE_CHARS_MAX,
    NAME_CHARS_MAX, PLACES_MAX, RECORD_VERSION, WAITING_DAYS_MAX, is_email, is_link, is_phone, is_siret,
};
use crate::field::{self, BadField, Problem};
use crate::text::{is_plain_line_of, is_plain_text};
use relais_domain::class::{DataClass, Stage};
use relais_domain::directory::{
    Body, Capacity, Coordinates, Endorsement, NameNeeded, Pin, Profile, Record, RecordKey, SCOPE_ENTRIES_MAX,
    Scope, Service, Site, WalkIn,
};
use relais_domain::id::{ServiceId, SiteId};
use relais_domain::structure_id::StructureId;
use relais_domain::territory::{COVERAGE_CODES_MAX, CommuneCode, Coverage};
use relais_domain::time::{Day, Timestamp};
use relais_domain::vocabulary::{Value, Vocabulary};
use relais_proto::peer::v1 as proto;
use relais_proto::peer::v1::directory_record::Body as Wire;
use std::collections::BTreeSet;

pub(super) fn record(message: proto::DirectoryRecord) -> Result<Record, BadField> {
    if message.version != RECORD_VERSION {
        return Err(BadField::new("version", Problem::UnknownVersion));
    }
    let key = key(&message)?;
    let (issued_at, standing) = (Timestamp(message.issued_ms), message.standing());
    let body = match (standing, message.body) {
        (proto::RecordStanding::Unspecified, _) => {
            return Err(BadField::new("standing", Problem::UnknownCode));
        }
        (proto::RecordStanding::Withdrawn, None) => Body::Withdrawn(key),
        (proto::RecordStanding::Withdrawn, Some(_)) => {
            return Err(BadField::new("body", Problem::Unexpected));
        }
        (proto::RecordStanding::Published, None) => return Err(BadField::new("body", Problem::Missing)),
        (proto::RecordStanding::Published, Some(body)) => published(key, body, issued_at)?,
    };
    Ok(Record {
        structure: field::structure("structure_id", &message.structure_id)?,
        manifest: field::nonzero("manifest_sequence", message.manifest_sequence)?,
        sequence: field::nonzero("sequence", message.sequence)?,
        issued_at,
        expires_at: Timestamp(message.expires_ms),
        body,
    })
}

/// What the record is about. An endorsement alone names another structure, and it names no service.
fn key(message: &proto::DirectoryRecord) -> Result<RecordKey, BadField> {
    use proto::RecordKind as Kind;
    let id = || field::valid("service_id", ServiceId::parse(&message.service_id));
    let unexpected = |field| Err(BadField::new(field, Problem::Unexpected));
    match message.kind() {
        Kind::Unspecified => Err(BadField::new("kind", Problem::UnknownCode)),
        Kind::Structure | Kind::Service | Kind::Capacity if !message.subject_id.is_empty() => {
            unexpected("subject_id")
        }
        Kind::Structure | Kind::Endorsement if !message.service_id.is_empty() => unexpected("service_id"),
        Kind::Structure => Ok(RecordKey::Structure),
        Kind::Service => Ok(RecordKey::Service(id()?)),
        Kind::Capacity => Ok(RecordKey::Capacity(id()?)),
        Kind::Endorsement => Ok(RecordKey::Endorsement(subject(message)?)),
    }
}

/// The structure that is endorsed: never the one that signs.
fn subject(message: &proto::DirectoryRecord) -> Result<StructureId, BadField> {
    let subject = field::structure("subject_id", &message.subject_id)?;
    let another = message.subject_id != message.structure_id;
    field::valid("subject_id", another.then_some(subject))
}

fn published(key: RecordKey, body: Wire, issued_at: Timestamp) -> Result<Body, BadField> {
    match (key, body) {
        (RecordKey::Structure, Wire::Structure(message)) => {
            Ok(Body::Structure(Box::new(structure(message)?)))
        }
        (RecordKey::Service(id), Wire::Service(message)) => {
            Ok(Body::Service(Box::new(service(id, message)?)))
        }
        (RecordKey::Capacity(id), Wire::Capacity(message)) => {
            Ok(Body::Capacity(capacity(id, &message, issued_at)?))
        }
        (RecordKey::Endorsement(subject), Wire::Endorsement(message)) => {
            Ok(Body::Endorsement(Box::new(endorsement(subject, &message)?)))
        }
        (
            RecordKey::Structure | RecordKey::Service(_) | RecordKey::Capacity(_) | RecordKey::Endorsement(_),
            _,
        ) => Err(BadField::new("body", Problem::Unexpected)),
    }
}

fn endorsement(subject: StructureId, message: &proto::EndorsementRecord) -> Result<Endorsement, BadField> {
    let theme = |code: &str| field::theme("endorsement.themes", code);
    Ok(Endorsement {
        subject,
        pin: Pin {
            sequence: field::nonzero("endorsement.manifest_sequence", message.manifest_sequence)?,
            manifest: field::digest("endorsement.manifest_hash", &message.manifest_hash)?,
        },
        scope: Scope {
            territories: territories("endorsement.territories", &message.territories, SCOPE_ENTRIES_MAX)?,
            themes: unique("endorsement.themes", &message.themes, theme)?,
        },
    })
}

fn structure(message: proto::StructureRecord) -> Result<Profile, BadField> {
    let sites = field::list("structure.sites", message.sites, ENTRIES_MAX)?;
    let sites = sites.into_iter().map(site).collect::<Result<Vec<_>, _>>()?;
    let mut ids = BTreeSet::new();
    for site in &sites {
        field::insert("structure.sites.id", &mut ids, site.id)?;
    }
    Ok(Profile {
        name: line("structure.name", message.name, NAME_CHARS_MAX)?,
        siret: shaped("structure.siret", message.siret, is_siret)?,
        sites,
        link: shaped("structure.link", message.link, is_link)?,
    })
}

fn site(message: proto::SiteRecord) -> Result<Site, BadField> {
    let hours = message.opening_hours;
    Ok(Site {
        id: field::bytes("structure.sites.id", &message.id, SiteId::from_slice)?,
        name: line("structure.sites.name", message.name, NAME_CHARS_MAX)?,
        commune: commune("structure.sites.commune", message.commune)?,
        address: optional_line("structure.sites.address", message.address)?,
        phone: shaped("structure.sites.phone", message.phone, is_phone)?,
        email: shaped("structure.sites.email", message.email, is_email)?,
        opening_hours: optional_line("structure.sites.opening_hours", hours)?,
        coordinates: coordinates("structure.sites.coordinates", message.coordinates)?,
    })
}

fn service(id: ServiceId, message: proto::ServiceRecord) -> Result<Service, BadField> {
    let name_needed = match message.name_needed() {
        proto::YesNo::Unspecified => return Err(BadField::new("service.name_needed", Problem::UnknownCode)),
        proto::YesNo::Yes => NameNeeded::Yes,
        proto::YesNo::No => NameNeeded::No,
    };
    let is_description = |text: &str| is_plain_text(text, DESCRIPTION_CHARS_MAX);
    let is_conditions = |text: &str| is_plain_text(text, CONDITIONS_CHARS_MAX);
    let is_fees_note = |text: &str| is_plain_text(text, FEES_NOTE_CHARS_MAX);
    let fees = message.fees.map(|code| value("service.fees", &code, Vocabulary::Fees));
    let kind = message.r#type.map(|code| value("service.type", &code, Vocabulary::ServiceTypes));
    let mobilisation_modes = &message.mobilisation_modes;
    Ok(Service {
        id,
        name: line("service.name", message.name, NAME_CHARS_MAX)?,
        description: field::required(
            "service.description",
            shaped("service.description", Some(message.description), is_description)?,
        )?,
        themes: unique("service.themes", &message.themes, |code| field::theme("service.themes", code))?,
        audiences: values("service.audiences", &message.audiences, Vocabulary::Audiences)?,
        fees: fees.transpose()?,
        fees_note: shaped("service.fees_note", message.fees_note, is_fees_note)?,
        welcome_modes: values("service.welcome_modes", &message.welcome_modes, Vocabulary::WelcomeModes)?,
        service_type: kind.transpose()?,
        coverage: coverage(&message.coverage)?,
        conditions: shaped("service.conditions", message.conditions, is_conditions)?,
        site: field::optional_bytes("service.site_id", &message.site_id, SiteId::from_slice)?,
        commune: commune("service.commune", message.commune)?,
        address: optional_line("service.address", message.address)?,
        coordinates: coordinates("service.coordinates", message.coordinates)?,
        phone: shaped("service.phone", message.phone, is_phone)?,
        email: shaped("service.email", message.email, is_email)?,
        opening_hours: optional_line("service.opening_hours", message.opening_hours)?,
        mobilisation_modes: values(
            "service.mobilisation_modes",
            mobilisation_modes,
            Vocabulary::MobilisationModes,
        )?,
        mobilisers: values("service.mobilisers", &message.mobilisers, Vocabulary::Mobilisers)?,
        link: shaped("service.link", message.link, is_link)?,
        languages: unique("service.languages", &message.languages, |code| {
            field::language("service.languages", code.to_owned())
        })?,
        needs: needs(&message.needs)?,
        name_needed,
        walk_in: message.walk_in.map(walk_in).transpose()?,
        updated_on: Day(message.updated_day),
    })
}

fn capacity(
    service: ServiceId,
    message: &proto::CapacityRecord,
    issued_at: Timestamp,
) -> Result<Capacity, BadField> {
    let stated_at = Timestamp(message.stated_ms);
    Ok(Capacity {
        service,
        places: at_most("capacity.places", message.places, PLACES_MAX)?,
        waiting_days: at_most("capacity.waiting_days", message.waiting_days, WAITING_DAYS_MAX)?,
        stated_at: field::valid("capacity.stated_ms", (stated_at <= issued_at).then_some(stated_at))?,
    })
}

fn walk_in(message: proto::WalkIn) -> Result<WalkIn, BadField> {
    Ok(WalkIn {
        hours: line("service.walk_in.hours", message.hours, LINE_CHARS_MAX)?,
        places_a_week: at_most("service.walk_in.places_a_week", message.places_a_week, PLACES_MAX)?,
    })
}

fn needs(numbers: &[i32]) -> Result<BTreeSet<DataClass>, BadField> {
    let needs = field::codes("service.needs", numbers, DataClass::from_number)?;
    let early = needs.iter().all(|class| class.stage() == Stage::One);
    field::valid("service.needs", early.then_some(needs))
}

fn coverage(codes: &[String]) -> Result<Coverage, BadField> {
    territories("service.coverage", codes, COVERAGE_CODES_MAX)
}

fn territories(name: &'static str, codes: &[String], codes_max: usize) -> Result<Coverage, BadField> {
    if codes.is_empty() {
        return Err(BadField::new(name, Problem::Missing));
    }
    if codes.len() > codes_max {
        return Err(BadField::new(name, Problem::TooMany));
    }
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    field::valid(name, Coverage::parse(&codes).ok())
}

fn commune(name: &'static str, code: Option<String>) -> Result<Option<CommuneCode>, BadField> {
    code.map(|code| field::valid(name, CommuneCode::parse(&code))).transpose()
}

fn coordinates(
    name: &'static str,
    message: Option<proto::Coordinates>,
) -> Result<Option<Coordinates>, BadField> {
    message
        .map(|place| field::valid(name, Coordinates::from_e6(place.latitude_e6, place.longitude_e6)))
        .transpose()
}

fn value(name: &'static str, code: &str, list: Vocabulary) -> Result<Value, BadField> {
    list.find(code).ok_or_else(|| BadField::new(name, Problem::UnknownCode))
}

fn values(name: &'static str, codes: &[String], list: Vocabulary) -> Result<Vec<Value>, BadField> {
    unique(name, codes, |code| Ok(code.to_owned()))?;
    codes.iter().map(|code| value(name, code, list)).collect()
}

fn unique<T: Ord>(
    name: &'static str,
    entries: &[String],
    read: impl Fn(&str) -> Result<T, BadField>,
) -> Result<BTreeSet<T>, BadField> {
    if entries.len() > ENTRIES_MAX {
        return Err(BadField::new(name, Problem::TooMany));
    }
    let mut set = BTreeSet::new();
    for entry in entries {
        field::insert(name, &mut set, read(entry)?)?;
    }
    Ok(set)
}

fn line(name: &'static str, text: String, chars_max: usize) -> Result<String, BadField> {
    field::valid(name, is_plain_line_of(&text, chars_max).then_some(text))
}

fn optional_line(name: &'static str, text: Option<String>) -> Result<Option<String>, BadField> {
    shaped(name, text, |text| is_plain_line_of(text, LINE_CHARS_MAX))
}

fn shaped(
    name: &'static str,
    text: Option<String>,
    fits: impl Fn(&str) -> bool,
) -> Result<Option<String>, BadField> {
    text.map(|text| field::valid(name, fits(&text).then_some(text))).transpose()
}

fn at_most(name: &'static str, number: Option<u32>, most: u32) -> Result<Option<u32>, BadField> {
    number.map(|number| field::valid(name, (number <= most).then_some(number))).transpose()
}
