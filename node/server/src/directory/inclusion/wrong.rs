//! What can be wrong with a field of a file, with the values it names; its words are for the command line.

use crate::directory::dump::Broken;
use relais_domain::class::{DataClass, Stage};
use relais_domain::territory::TerritoryError;
use relais_domain::theme::Theme;
use relais_domain::vocabulary::Vocabulary;
use relais_wire::record::RecordError;

/// Longest part of a value that is shown, in characters.
const VALUE_CHARS_SHOWN_MAX: usize = 60;
/// Most values listed in a hint.
pub(crate) const VALUES_SHOWN_MAX: usize = 20;

/// How many there are of something, and how many there may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Count {
    /// How many there are.
    pub given: usize,
    /// How many there may be.
    pub most: usize,
}

/// What is wrong with a field, and what to do.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Wrong {
    /// Not a JSON object.
    #[error("must be an object with the fields of data·inclusion v1")]
    NotAnObject,
    /// Not a JSON string.
    #[error("must be a text")]
    NotText,
    /// Not a JSON array of strings.
    #[error("must be a list of texts")]
    NotList,
    /// Not a JSON number.
    #[error("must be a number")]
    NotNumber,
    /// Not a JSON boolean.
    #[error("must be true or false")]
    NotYesOrNo,
    /// It must be there.
    #[error("is missing: data·inclusion v1 requires it")]
    Missing,
    /// Fewer characters than this.
    #[error("has fewer than {0} characters: say more")]
    TooShort(usize),
    /// More characters than the field takes.
    #[error("has {} characters, at most {}: shorten it", .0.given, .0.most)]
    TooLong(Count),
    /// Line breaks, directions, invisible characters.
    #[error("holds line breaks or invisible characters: write it plainly")]
    NotPlain,
    /// Not one telephone number.
    #[error("is not one telephone number: write it like +33123456789")]
    NotPhone,
    /// Not an e-mail address.
    #[error("is not an e-mail address: write it like accueil@structure.fr")]
    NotEmail,
    /// Not a web address of at most so many characters.
    #[error("is not a web address: write it like https://structure.fr, at most {0} characters")]
    NotLink(usize),
    /// Not a date.
    #[error("is not a date: write it like 2026-02-14")]
    NotDate,
    /// This entry of a list stands there twice.
    #[error("`{0}` stands there twice: leave one out")]
    Twice(String),
    /// More entries than a list takes.
    #[error("has {} entries, at most {}", .0.given, .0.most)]
    TooMany(Count),
    /// This is no value of the list.
    #[error("has no value `{}`: it has {}", .0, hint(*.1))]
    UnknownValue(String, Vocabulary),
    /// This is no theme; those come near.
    #[error("has no value `{}`{}", .0, near(.1))]
    UnknownTheme(String, Vec<Theme>),
    /// Everyone, and others.
    #[error("has tous-publics beside others: keep either it alone, or the others")]
    EveryoneBesideOthers,
    /// This is no territory.
    #[error("`{0}`: {1}")]
    Territory(String, TerritoryError),
    /// More territories than a service covers.
    #[error("has {} codes, at most {}: name EPCI or départements", .0.given, .0.most)]
    TooManyTerritories(Count),
    /// Latitude or longitude without the other, which this is.
    #[error("is missing beside the {0}: give both or neither")]
    HalfPlace(&'static str),
    /// Degrees that no place has.
    #[error("is not on Earth together with the longitude: are the two swapped?")]
    NotOnEarth,
    /// Not a postcode.
    #[error("is not a postcode: five digits, like 17000")]
    NotPostcode,
    /// The address does not fit on a line of so many characters.
    #[error("is longer than {0} characters with its commune, or not on one line")]
    AddressTooLong(usize),
    /// It is about another structure than what came before.
    #[error("is not {expected}, the structure of this file: one file holds one structure's services")]
    OtherStructure {
        /// What stands there.
        value: String,
        /// The structure of the file.
        expected: String,
    },
    /// A structure after the first.
    #[error("is one structure too many: a node speaks for one structure, give each its own file")]
    SecondStructure,
    /// No id that a service can have, of at most so many bytes.
    #[error("holds spaces or has more than {0} bytes: give it a shorter id")]
    NotServiceId(usize),
    /// The id of an earlier service.
    #[error("stands twice in this file: the first is taken; give each service its own id")]
    ServiceTwice,
    /// Not a SIRET.
    #[error("is not a SIRET: 14 digits without spaces")]
    NotSiret,
    /// Not a field that Relais adds: it adds these.
    #[error("is not a field of Relais: it has {}", .0.join(", "))]
    UnknownField(&'static [&'static str]),
    /// This is no code of a language.
    #[error("`{0}` is not a language code: two or three small letters (ISO 639), like ar")]
    NotLanguage(String),
    /// This is no class, or one of stage 2.
    #[error("`{}` may not be asked before the answer: {} may", .0, early().join(", "))]
    NotBeforeTheAnswer(String),
    /// No whole number up to this.
    #[error("must be a whole number from 0 to {0}")]
    NotPlaces(u32),
    /// No partner would accept the record.
    #[error(transparent)]
    Record(RecordError),
    /// No whole number from this on.
    #[error("must be a whole number from {0} on")]
    NotWholeFrom(u32),
    /// A number below 0.
    #[error("must not be below 0")]
    Negative,
    /// No id of a site.
    #[error("is no id of a site: leave it out, or as the export wrote it")]
    NotSite,
    /// A field of the schema before version 1.
    #[error("is a field of the schema before version 1: only version 1 is read")]
    FormerVersion,
    /// The object or the line cannot be read at all.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// The id of an earlier structure.
    #[error("stands twice in this dump: the first is taken")]
    StructureTwice,
    /// The id of an entry that another source brought.
    #[error("was brought by {0} already: seed that source again without it, or leave it out here")]
    OtherSource(String),
    /// An entry longer than may be stored.
    #[error("has {} bytes, at most {}: nothing is kept of it", .0.given, .0.most)]
    EntryTooBig(Count),
    /// One entry more than is held.
    #[error("is one too many: at most {0} are held")]
    TooManyEntries(usize),
    /// So many services of a dump name a structure that was not taken from the dump.
    #[error(
        "its structure is not among those taken from this dump; {0} services name it and are held without one"
    )]
    StructureMissing(u32),
    /// It describes another structure than the one that publishes.
    #[error(
        "is not {expected}, as which your structure is described: nothing is published of another; a structure that changes \
         its id keeps its name or its SIRET"
    )]
    NotOwnStructure {
        /// What stands there.
        value: String,
        /// The id of this structure in the file that described it.
        expected: String,
    },
}

impl Wrong {
    /// A stable name for it, under which it is counted.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::NotAnObject | Self::Broken(Broken::NotAnObject) => "not_an_object",
            Self::NotText => "not_text",
            Self::NotList => "not_a_list",
            Self::NotNumber => "not_a_number",
            Self::NotYesOrNo => "not_yes_or_no",
            Self::Missing => "missing",
            Self::TooShort(_) => "too_short",
            Self::TooLong(_) => "too_long",
            Self::NotPlain => "not_plain",
            Self::NotPhone => "not_a_phone",
            Self::NotEmail => "not_an_email",
            Self::NotLink(_) => "not_a_link",
            Self::NotDate => "not_a_date",
            Self::Twice(_) => "twice",
            Self::TooMany(_) => "too_many",
            Self::UnknownValue(..) => "unknown_value",
            Self::UnknownTheme(..) => "unknown_theme",
            Self::EveryoneBesideOthers => "everyone_beside_others",
            Self::Territory(_, error) => of_territory(error),
            Self::TooManyTerritories(_) => "too_many_territories",
            Self::HalfPlace(_) => "half_a_place",
            Self::NotOnEarth => "not_on_earth",
            Self::NotPostcode => "not_a_postcode",
            Self::AddressTooLong(_) => "address_too_long",
            Self::OtherStructure { .. } => "other_structure",
            Self::SecondStructure => "second_structure",
            Self::NotServiceId(_) => "not_a_service_id",
            Self::ServiceTwice => "service_twice",
            Self::NotSiret => "not_a_siret",
            Self::UnknownField(_) => "unknown_field",
            Self::NotLanguage(_) => "not_a_language",
            Self::NotBeforeTheAnswer(_) => "not_before_the_answer",
            Self::NotPlaces(_) => "not_places",
            Self::Record(RecordError::TooBig { .. }) => "record_too_big",
            Self::Record(_) => "not_acceptable",
            Self::NotWholeFrom(_) => "not_whole_from",
            Self::Negative => "negative",
            Self::NotSite => "not_a_site",
            Self::FormerVersion => "former_version",
            Self::Broken(Broken::Json) => "not_json",
            Self::Broken(Broken::TooLong) => "object_too_long",
            Self::Broken(Broken::NotUtf8) => "not_utf8",
            Self::Broken(Broken::Quote) => "open_quote",
            Self::Broken(Broken::Cells { .. }) => "cells",
            Self::StructureTwice => "structure_twice",
            Self::OtherSource(_) => "other_source",
            Self::EntryTooBig(_) => "entry_too_big",
            Self::TooManyEntries(_) => "too_many_entries",
            Self::StructureMissing(_) => "structure_missing",
            Self::NotOwnStructure { .. } => "not_own_structure",
        }
    }
}

const fn of_territory(error: &TerritoryError) -> &'static str {
    match error {
        TerritoryError::Shape => "not_a_territory",
        TerritoryError::Unknown { .. } => "unknown_territory",
        TerritoryError::Postcode { .. } => "postcode",
        TerritoryError::TooMany { .. } => "too_many_territories",
    }
}

/// A value of the file, short enough to be shown.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(VALUE_CHARS_SHOWN_MAX).collect()
}

/// The classes that may be asked before the answer.
pub(crate) fn early() -> Vec<&'static str> {
    DataClass::ALL.iter().filter(|class| class.stage() == Stage::One).map(|class| class.as_str()).collect()
}

fn hint(list: Vocabulary) -> String {
    let values: Vec<&str> = list.values().iter().take(VALUES_SHOWN_MAX).map(|value| value.code()).collect();
    let more = if list.values().len() > VALUES_SHOWN_MAX { ", …" } else { "" };
    format!("{}{more}", values.join(", "))
}

fn near(close: &[Theme]) -> String {
    let close: Vec<&str> = close.iter().map(|theme| theme.code()).collect();
    if close.is_empty() { String::new() } else { format!(": perhaps {}", close.join(" or ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_list_the_first_twenty_values_are_named() {
        let lists = Vocabulary::ALL.iter().map(|list| (hint(*list), list.values().len()));
        let (long, short): (Vec<_>, Vec<_>) = lists.partition(|(_, values)| *values > 20);
        assert!(!long.is_empty() && !short.is_empty());
        for (hint, _) in long {
            assert_eq!((hint.split(", ").count(), hint.ends_with(", …")), (21, true), "{hint}");
        }
        for (hint, values) in short {
            assert_eq!((hint.split(", ").count(), hint.ends_with('…')), (values, false), "{hint}");
        }
    }
}
