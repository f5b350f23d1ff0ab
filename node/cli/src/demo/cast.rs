//! Who plays: three structures of La Rochelle, and their professionals. The structures exist; what they do here, their
//! professionals and the persons are invented.

use relais_wire::manifest::StructureKind;

/// The commune everything happens in: La Rochelle.
pub(crate) const COMMUNE: &str = "17300";
/// The first need: no connection at home.
pub(crate) const THEME_ONLINE: &str = "numerique--acceder-a-une-connexion-internet";
/// The second, unrelated need: reading and writing.
pub(crate) const THEME_READING: &str = "lecture-ecriture-calcul--maitriser-le-francais";

/// A structure of the story.
#[derive(Debug)]
pub(crate) struct Structure {
    /// Its name, as partners see it.
    pub(crate) name: &'static str,
    /// How the lines call it.
    pub(crate) short: &'static str,
    /// What it is.
    pub(crate) kind: StructureKind,
    /// Its folder, under the demo's.
    pub(crate) folder: &'static str,
    /// Its services, a data·inclusion v1 file.
    pub(crate) services: &'static [u8],
    /// Who answers there: work name and contact.
    pub(crate) professional: (&'static str, &'static str),
}

/// The agency a jobseeker comes to.
pub(crate) static AGENCY: Structure = Structure {
    name: "France Travail La Rochelle",
    short: "France Travail",
    kind: StructureKind::EmploymentService,
    folder: "agence",
    services: include_bytes!("../../demo/agence.json"),
    professional: ("Claire Morin", "claire.morin@francetravail.example"),
};

/// The hub that gets people online.
pub(crate) static HUB: Structure = Structure {
    name: "Emmaüs Connect La Rochelle",
    short: "Emmaüs Connect",
    kind: StructureKind::DigitalHub,
    folder: "hub",
    services: include_bytes!("../../demo/hub.json"),
    professional: ("Samir Haddad", "samir.haddad@emmaus-connect.example"),
};

/// The association that teaches reading and writing.
pub(crate) static LITERACY: Structure = Structure {
    name: "Lire et Écrire La Rochelle",
    short: "Lire et Écrire",
    kind: StructureKind::Literacy,
    folder: "lecture",
    services: include_bytes!("../../demo/lecture.json"),
    professional: ("Odile Perrin", "odile.perrin@lire-ecrire.example"),
};

/// The structure that cheats.
pub(crate) const RUDE: &str = "Structure indélicate";
