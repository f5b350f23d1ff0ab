//! Directory records as structures publish them, made without a node.

use relais_domain::content::YesNo;
use relais_domain::directory::{Body, Capacity, NameNeeded, Profile, Record, RecordKey, Service, Site};
use relais_domain::id::{ServiceId, SiteId};
use relais_domain::structure_id::StructureId;
use relais_domain::territory::{CommuneCode, Coverage};
use relais_domain::theme::Theme;
use relais_domain::time::{Day, Span, Timestamp};
use relais_domain::vocabulary::Vocabulary;
use relais_wire::endpoint::Endpoint;
use relais_wire::frame::{CarriedManifest, SyncFrame};
use relais_wire::keys::{SealSecret, SigningSecret};
use relais_wire::manifest::chain::Chain;
use relais_wire::manifest::{Claims, Manifest, SealingKey, StructureKind};
use relais_wire::record::SignedRecord;
use std::collections::BTreeSet;

/// When everything here happens.
pub const NOW: Timestamp = Timestamp(1_795_000_000_000);
/// Whether times are held to their bounds: a debug build says nothing of them.
pub const TIMES_COUNT: YesNo = if cfg!(debug_assertions) { YesNo::No } else { YesNo::Yes };

const SENTENCE: &str = "Accueil sans rendez-vous le matin : aide pour les démarches en ligne, prêt d'un \
                        ordinateur, ateliers par petits groupes et accompagnement individuel. ";

/// A structure of its own for each number.
pub fn structure(number: u64) -> StructureId {
    StructureId::of_root_spki(&number.to_be_bytes())
}

/// A service with about as much to say as those of data·inclusion have.
pub fn service(number: u64, coverage: &str) -> Service {
    let themes =
        ["numerique--acceder-a-une-connexion-internet", "numerique--utiliser-le-numerique-au-quotidien"];
    let value = |list: Vocabulary, code| list.find(code).expect("a code of the list");
    Service {
        id: ServiceId::parse(&format!("hub-{number}--accueil")).expect("an id"),
        name: format!("Accompagnement aux usages numériques, antenne {number}"),
        description: SENTENCE.repeat(4),
        themes: themes.into_iter().filter_map(Theme::parse).collect(),
        audiences: vec![value(Vocabulary::Audiences, "tous-publics")],
        fees: Some(value(Vocabulary::Fees, "gratuit")),
        fees_note: None,
        welcome_modes: vec![value(Vocabulary::WelcomeModes, "en-presentiel")],
        service_type: None,
        coverage: Coverage::parse(&[coverage]).expect("a coverage"),
        conditions: Some("Habiter le territoire.".to_owned()),
        site: None,
        commune: CommuneCode::parse("17300"),
        address: Some(format!("{number} rue de l'Essai")),
        coordinates: None,
        phone: Some("+33546000000".to_owned()),
        email: Some(format!("accueil{number}@essai.example")),
        opening_hours: Some("Mo-Fr 09:00-12:00,14:00-17:00".to_owned()),
        mobilisation_modes: Vec::new(),
        mobilisers: Vec::new(),
        link: Some(format!("https://essai.example/services/{number}")),
        languages: BTreeSet::from(["ar".to_owned(), "fr".to_owned()]),
        needs: BTreeSet::new(),
        name_needed: NameNeeded::No,
        walk_in: None,
        updated_on: Day(20_700),
    }
}

/// The places of a service.
pub fn places(of: &Service) -> Capacity {
    Capacity { service: of.id.clone(), places: Some(3), waiting_days: Some(7), stated_at: NOW }
}

/// A structure with a site in this commune, or with none.
pub fn profile(number: u64, commune: Option<CommuneCode>) -> Profile {
    let site = |commune| Site {
        id: SiteId::from_random([1; 16]),
        name: format!("Antenne {number}"),
        commune: Some(commune),
        address: None,
        phone: Some("+33546000000".to_owned()),
        email: None,
        opening_hours: None,
        coordinates: None,
    };
    let name = format!("Association {number}");
    Profile { name, sites: commune.map(site).into_iter().collect(), ..Profile::default() }
}

/// A record signed at this instant, for as long as structures do.
pub fn record(of: StructureId, sequence: u64, issued_at: Timestamp, body: Body) -> Record {
    let lifetime = match body.key() {
        RecordKey::Capacity(_) => Span::days(7),
        RecordKey::Structure | RecordKey::Service(_) | RecordKey::Endorsement(_) => Span::days(60),
    };
    Record { structure: of, manifest: 1, sequence, issued_at, expires_at: issued_at.plus(lifetime), body }
}

/// A structure's manifests, and the key it signs with.
pub fn founded() -> (Chain, SigningSecret) {
    let (root, signing) = (SigningSecret::from_bytes(&[1; 32]), SigningSecret::from_bytes(&[2; 32]));
    let claims = Claims {
        tls_ca_der: vec![7; 420],
        signing_keys: vec![signing.verify_key()],
        sealing_keys: vec![SealingKey::X25519(SealSecret::from_bytes(&[3; 32]).seal_key())],
        witness_keys: vec![signing.verify_key()],
        endpoints: vec![Endpoint::parse("relais.essai.example:4711").expect("an endpoint")],
        pairing_endpoints: Vec::new(),
        name: "Association de l'Essai".to_owned(),
        kind: StructureKind::DigitalHub,
        valid_from: NOW.minus(Span::days(1)),
        valid_until: NOW.plus(Span::days(364)),
    };
    let next = SigningSecret::from_bytes(&[9; 32]).verify_key().spki_hash();
    let first = Manifest::first(&claims, &root, next).expect("a manifest");
    (Chain::found(first).expect("a chain"), signing)
}

/// What travels, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Bytes {
    /// The frame of a record of places.
    pub places: usize,
    /// The frame of a record of a service.
    pub service: usize,
    /// The frame of a manifest.
    pub manifest: usize,
}

impl Bytes {
    /// Those of samples.
    pub fn of_samples() -> Self {
        let (chain, signing) = founded();
        let offered = service(1_234, "17");
        let capacity = places(&offered);
        let framed = |body| {
            let record = record(chain.structure(), 1, NOW, body);
            let signed = SignedRecord::sign(&record, &signing).expect("a good record");
            SyncFrame::Record(signed.bytes).encode().len()
        };
        let manifest = chain.current().signed().encode();
        let carried = CarriedManifest { structure: chain.structure(), manifest };
        Self {
            places: framed(Body::Capacity(capacity)),
            service: framed(Body::Service(Box::new(offered))),
            manifest: SyncFrame::CarriedManifest(carried).encode().len(),
        }
    }
}
