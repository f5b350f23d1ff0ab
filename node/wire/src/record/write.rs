//! Domain records to protobuf.

use super::RECORD_VERSION;
use crate::field;
use relais_domain::class::DataClass;
use relais_domain::directory::{
    Body, Capacity, Coordinates, Endorsement, NameNeeded, Profile, Record, RecordKey, Service, Site, WalkIn,
};
use relais_domain::vocabulary::Value;
use relais_proto::peer::v1 as proto;
use relais_proto::peer::v1::directory_record::Body as Wire;

pub(super) fn record(record: &Record) -> proto::DirectoryRecord {
    let (kind, service_id, subject_id) = match record.key() {
        RecordKey::Structure => (proto::RecordKind::Structure, String::new(), Vec::new()),
        RecordKey::Service(id) => (proto::RecordKind::Service, id.to_string(), Vec::new()),
        RecordKey::Capacity(id) => (proto::RecordKind::Capacity, id.to_string(), Vec::new()),
        RecordKey::Endorsement(subject) => {
            (proto::RecordKind::Endorsement, String::new(), subject.as_bytes().to_vec())
        }
    };
    let body = match &record.body {
        Body::Structure(profile) => Some(Wire::Structure(structure(profile))),
        Body::Service(body) => Some(Wire::Service(service(body))),
        Body::Capacity(body) => Some(Wire::Capacity(capacity(body))),
        Body::Endorsement(body) => Some(Wire::Endorsement(endorsement(body))),
        Body::Withdrawn(_) => None,
    };
    let standing = match body {
        Some(_) => proto::RecordStanding::Published,
        None => proto::RecordStanding::Withdrawn,
    };
    proto::DirectoryRecord {
        version: RECORD_VERSION,
        structure_id: record.structure.as_bytes().to_vec(),
        manifest_sequence: record.manifest,
        kind: kind.into(),
        service_id,
        sequence: record.sequence,
        issued_ms: record.issued_at.0,
        expires_ms: record.expires_at.0,
        standing: standing.into(),
        body,
        subject_id,
    }
}

fn structure(profile: &Profile) -> proto::StructureRecord {
    proto::StructureRecord {
        name: profile.name.clone(),
        siret: profile.siret.clone(),
        sites: profile.sites.iter().map(site).collect(),
        link: profile.link.clone(),
    }
}

fn site(site: &Site) -> proto::SiteRecord {
    proto::SiteRecord {
        id: site.id.as_bytes().to_vec(),
        name: site.name.clone(),
        commune: site.commune.map(|code| code.to_string()),
        address: site.address.clone(),
        phone: site.phone.clone(),
        email: site.email.clone(),
        opening_hours: site.opening_hours.clone(),
        coordinates: site.coordinates.map(coordinates),
    }
}

fn coordinates(coordinates: Coordinates) -> proto::Coordinates {
    let (latitude_e6, longitude_e6) = coordinates.e6();
    proto::Coordinates { latitude_e6, longitude_e6 }
}

fn service(service: &Service) -> proto::ServiceRecord {
    let name_needed = match service.name_needed {
        NameNeeded::No => proto::YesNo::No,
        NameNeeded::Yes => proto::YesNo::Yes,
    };
    proto::ServiceRecord {
        name: service.name.clone(),
        description: service.description.clone(),
        themes: service.themes.iter().map(|theme| theme.code().to_owned()).collect(),
        audiences: codes(&service.audiences),
        fees: service.fees.map(|value| value.code().to_owned()),
        fees_note: service.fees_note.clone(),
        welcome_modes: codes(&service.welcome_modes),
        r#type: service.service_type.map(|value| value.code().to_owned()),
        coverage: service.coverage.territories().iter().map(ToString::to_string).collect(),
        conditions: service.conditions.clone(),
        site_id: service.site.map(|site| site.as_bytes().to_vec()).unwrap_or_default(),
        commune: service.commune.map(|code| code.to_string()),
        address: service.address.clone(),
        coordinates: service.coordinates.map(coordinates),
        phone: service.phone.clone(),
        email: service.email.clone(),
        opening_hours: service.opening_hours.clone(),
        mobilisation_modes: codes(&service.mobilisation_modes),
        mobilisers: codes(&service.mobilisers),
        link: service.link.clone(),
        languages: service.languages.iter().cloned().collect(),
        needs: field::numbers(&service.needs, DataClass::number),
        name_needed: name_needed.into(),
        walk_in: service.walk_in.as_ref().map(walk_in),
        updated_day: service.updated_on.0,
    }
}

fn codes(values: &[Value]) -> Vec<String> {
    values.iter().map(|value| value.code().to_owned()).collect()
}

fn walk_in(walk_in: &WalkIn) -> proto::WalkIn {
    proto::WalkIn { hours: walk_in.hours.clone(), places_a_week: walk_in.places_a_week }
}

fn capacity(capacity: &Capacity) -> proto::CapacityRecord {
    proto::CapacityRecord {
        places: capacity.places,
        waiting_days: capacity.waiting_days,
        stated_ms: capacity.stated_at.0,
    }
}

fn endorsement(endorsement: &Endorsement) -> proto::EndorsementRecord {
    let Endorsement { pin, scope, .. } = endorsement;
    proto::EndorsementRecord {
        manifest_hash: pin.manifest.as_bytes().to_vec(),
        manifest_sequence: pin.sequence,
        territories: scope.territories.territories().iter().map(ToString::to_string).collect(),
        themes: scope.themes.iter().map(|theme| theme.code().to_owned()).collect(),
    }
}
