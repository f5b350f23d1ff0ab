//! What a structure is: twelve kinds, a claim of its own.

use relais_proto::peer::v1 as proto;

/// The kind a structure declares.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum StructureKind {
    /// The public employment service.
    EmploymentService,
    /// A municipal or intermunicipal centre for social action (CCAS, CIAS).
    SocialActionCentre,
    /// A département.
    Department,
    /// A mission locale.
    MissionLocale,
    /// A digital hub.
    DigitalHub,
    /// A literacy association.
    Literacy,
    /// Housing and shelter.
    Housing,
    /// Health.
    Health,
    /// Legal aid and access to rights.
    LegalAid,
    /// Food aid.
    FoodAid,
    /// A school or a library.
    SchoolOrLibrary,
    /// Another association or public body; also a kind this program does not know yet.
    Other,
}

impl StructureKind {
    /// Every kind, in the order of the wire.
    pub const ALL: [Self; 12] = [
        Self::EmploymentService,
        Self::SocialActionCentre,
        Self::Department,
        Self::MissionLocale,
        Self::DigitalHub,
        Self::Literacy,
        Self::Housing,
        Self::Health,
        Self::LegalAid,
        Self::FoodAid,
        Self::SchoolOrLibrary,
        Self::Other,
    ];

    /// The kind's code in configuration, tables and logs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::EmploymentService => "employment_service",
            Self::SocialActionCentre => "social_action_centre",
            Self::Department => "department",
            Self::MissionLocale => "mission_locale",
            Self::DigitalHub => "digital_hub",
            Self::Literacy => "literacy",
            Self::Housing => "housing",
            Self::Health => "health",
            Self::LegalAid => "legal_aid",
            Self::FoodAid => "food_aid",
            Self::SchoolOrLibrary => "school_or_library",
            Self::Other => "other",
        }
    }

    /// The kind of a code; `None` for an unknown one.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The kind on the wire.
    pub const fn to_proto(self) -> proto::StructureKind {
        match self {
            Self::EmploymentService => proto::StructureKind::EmploymentService,
            Self::SocialActionCentre => proto::StructureKind::SocialActionCentre,
            Self::Department => proto::StructureKind::Department,
            Self::MissionLocale => proto::StructureKind::MissionLocale,
            Self::DigitalHub => proto::StructureKind::DigitalHub,
            Self::Literacy => proto::StructureKind::Literacy,
            Self::Housing => proto::StructureKind::Housing,
            Self::Health => proto::StructureKind::Health,
            Self::LegalAid => proto::StructureKind::LegalAid,
            Self::FoodAid => proto::StructureKind::FoodAid,
            Self::SchoolOrLibrary => proto::StructureKind::SchoolOrLibrary,
            Self::Other => proto::StructureKind::Other,
        }
    }

    /// The kind of a number on the wire: `None` when unsaid, [`StructureKind::Other`] for one from a later version.
    pub fn from_wire(number: i32) -> Option<Self> {
        if number <= 0 {
            return None;
        }
        Some(Self::ALL.into_iter().find(|kind| i32::from(kind.to_proto()) == number).unwrap_or(Self::Other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_come_back() {
        for kind in StructureKind::ALL {
            assert_eq!(StructureKind::from_wire(kind.to_proto().into()), Some(kind));
            assert_eq!(StructureKind::parse(kind.code()), Some(kind));
        }
        assert_eq!(StructureKind::from_wire(0), None);
        assert_eq!(StructureKind::from_wire(99), Some(StructureKind::Other));
        assert_eq!(StructureKind::parse("bank"), None);
    }
}
