//! The fields of one object of a file: read one by one, each problem kept.

use super::wrong::{Count, Wrong, shown};
use relais_domain::directory::Coordinates;
use relais_domain::territory::{self, CommuneCode, Former};
use relais_domain::time::Day;
use relais_domain::vocabulary::{Value as Listed, Vocabulary};
use relais_wire::record::{
    CONDITIONS_CHARS_MAX, DESCRIPTION_CHARS_MAX, ENTRIES_MAX, FEES_NOTE_CHARS_MAX, LINE_CHARS_MAX,
    LINK_CHARS_MAX, is_email, is_link_of, is_phone,
};
use relais_wire::text::{is_plain_line_of, is_plain_text};
use serde_json::{Map, Value};

/// Longest id shown of an object that was refused, in characters.
const ID_CHARS_SHOWN_MAX: usize = 200;

/// Fields of the schema before version 1 that no object of version 1 has.
const FORMER_FIELDS: [&str; 10] = [
    "presentation_resume",
    "profils",
    "types",
    "frais_autres",
    "modes_orientation_beneficiaire",
    "modes_orientation_accompagnateur",
    "zone_diffusion_type",
    "typologie",
    "labels_nationaux",
    "labels_autres",
];

/// How long texts and lists may be.
#[derive(PartialEq, Eq, Debug)]
pub(in crate::directory) struct Bounds {
    /// Characters of a description.
    pub(in crate::directory) description: usize,
    /// Characters of conditions of access.
    pub(in crate::directory) conditions: usize,
    /// Characters of words on fees.
    pub(in crate::directory) fees_note: usize,
    /// Characters of a line: an address, hours.
    pub(in crate::directory) line: usize,
    /// Characters of a web address.
    pub(in crate::directory) link: usize,
    /// Entries of a list.
    pub(in crate::directory) entries: usize,
    /// Bytes of a service's id.
    pub(in crate::directory) id_bytes: usize,
    /// Whose words they are.
    pub(in crate::directory) whose: Whose,
}

/// Whose words are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::directory) enum Whose {
    /// This structure's: it can mend them, and is told whatever its partners would mind.
    Own,
    /// A dump's: nobody here can mend it, and only what the schema minds is wrong.
    Dump,
}

/// What this structure publishes: as a signed record takes it. The id is shorter, so that a record of places stays small.
pub(in crate::directory) const OWN: Bounds = Bounds {
    description: DESCRIPTION_CHARS_MAX,
    conditions: CONDITIONS_CHARS_MAX,
    fees_note: FEES_NOTE_CHARS_MAX,
    line: LINE_CHARS_MAX,
    link: LINK_CHARS_MAX,
    entries: ENTRIES_MAX,
    id_bytes: 160,
    whose: Whose::Own,
};

/// What a dump holds: as the schema takes it; where that sets no limit, what an entry has room for.
pub(in crate::directory) const OPEN: Bounds = Bounds {
    description: 10_000,
    conditions: 10_000,
    fees_note: 10_000,
    line: 1_000,
    link: 2_083,
    entries: 128,
    id_bytes: 200,
    whose: Whose::Dump,
};

/// The fields of one object, and what is wrong with them.
pub(in crate::directory) struct Fields<'a> {
    object: Option<&'a Map<String, Value>>,
    bounds: &'static Bounds,
    /// What is wrong, by field.
    pub(in crate::directory) problems: Vec<(String, Wrong)>,
    /// Former communes read as present ones, by field.
    pub(in crate::directory) replaced: Vec<(String, Former)>,
}

/// How a text may look.
pub(in crate::directory) enum Shape {
    /// One line of at most this many characters.
    Line(usize),
    /// Lines of at most this many characters in all.
    Text(usize),
}

impl<'a> Fields<'a> {
    /// The fields of a value of a file, which may be no object at all.
    pub(in crate::directory) fn of(value: &'a Value, bounds: &'static Bounds) -> Self {
        let object = value.as_object();
        let mut fields = Self { object, bounds, problems: Vec::new(), replaced: Vec::new() };
        if object.is_none() {
            fields.problem("", Wrong::NotAnObject);
        }
        fields
    }

    /// The fields of an object.
    pub(in crate::directory) fn of_object(object: &'a Map<String, Value>, bounds: &'static Bounds) -> Self {
        Self { object: Some(object), bounds, problems: Vec::new(), replaced: Vec::new() }
    }

    /// How long texts and lists may be.
    pub(in crate::directory) fn bounds(&self) -> &'static Bounds {
        self.bounds
    }

    /// Whether the object may be of the first version; if it is of a former one, nothing else is said of it.
    pub(in crate::directory) fn is_first_version(&mut self) -> bool {
        let former = FORMER_FIELDS.into_iter().find(|field| self.value(field).is_some());
        if let Some(field) = former {
            self.problem(field, Wrong::FormerVersion);
        }
        former.is_none()
    }

    pub(in crate::directory) fn is_object(&self) -> bool {
        self.object.is_some()
    }

    /// The object's id, for the report.
    pub(in crate::directory) fn id(&self) -> String {
        let id = self.value("id").and_then(Value::as_str).unwrap_or_default();
        id.chars().filter(|c| !c.is_control()).take(ID_CHARS_SHOWN_MAX).collect()
    }

    pub(in crate::directory) fn problem(&mut self, field: &str, wrong: Wrong) {
        self.problems.push((field.to_owned(), wrong));
    }

    /// What a field holds; `null` is as good as absent.
    pub(in crate::directory) fn value(&self, field: &str) -> Option<&'a Value> {
        self.object?.get(field).filter(|value| !value.is_null())
    }

    /// A text, if it is one; nothing is said of it.
    pub(in crate::directory) fn glance(&self, field: &str) -> Option<&'a str> {
        self.value(field)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// A text; blank is as good as absent.
    pub(in crate::directory) fn string(&mut self, field: &str) -> Option<&'a str> {
        match self.value(field)? {
            Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                self.problem(field, Wrong::NotText);
                None
            }
        }
    }

    /// A text of a shape.
    pub(in crate::directory) fn text(&mut self, field: &str, shape: &Shape) -> Option<String> {
        let text = self.string(field)?;
        let (fits, most) = match shape {
            Shape::Line(most) => (is_plain_line_of(text, *most), *most),
            Shape::Text(most) => (is_plain_text(text, *most), *most),
        };
        if fits {
            return Some(text.to_owned());
        }
        let given = text.chars().count();
        let wrong = if given > most { Wrong::TooLong(Count { given, most }) } else { Wrong::NotPlain };
        self.problem(field, wrong);
        None
    }

    /// A text that may be absent, of at least `least` characters.
    pub(in crate::directory) fn text_of(
        &mut self,
        field: &str,
        least: usize,
        shape: &Shape,
    ) -> Option<String> {
        let text = self.text(field, shape)?;
        if text.chars().count() < least {
            self.problem(field, Wrong::TooShort(least));
            return None;
        }
        Some(text)
    }

    /// A text that must be there, of at least `least` characters.
    pub(in crate::directory) fn required(
        &mut self,
        field: &str,
        least: usize,
        shape: &Shape,
    ) -> Option<String> {
        let problems = self.problems.len();
        let text = self.text_of(field, least, shape);
        if text.is_none() && self.problems.len() == problems {
            self.problem(field, Wrong::Missing);
        }
        text
    }

    /// One line: an address, hours.
    pub(in crate::directory) fn line(&mut self, field: &str) -> Option<String> {
        self.text(field, &Shape::Line(self.bounds.line))
    }

    fn shaped(&mut self, field: &str, fits: impl Fn(&str) -> bool, wrong: Wrong) -> Option<String> {
        let text = self.string(field)?;
        if fits(text) {
            return Some(text.to_owned());
        }
        self.problem(field, wrong);
        None
    }

    pub(in crate::directory) fn phone(&mut self, field: &str) -> Option<String> {
        self.shaped(field, is_phone, Wrong::NotPhone)
    }

    pub(in crate::directory) fn email(&mut self, field: &str) -> Option<String> {
        self.shaped(field, is_email, Wrong::NotEmail)
    }

    pub(in crate::directory) fn link(&mut self, field: &str) -> Option<String> {
        let most = self.bounds.link;
        self.shaped(field, |text| is_link_of(text, most), Wrong::NotLink(most))
    }

    /// A day that must be there.
    pub(in crate::directory) fn day(&mut self, field: &str) -> Option<Day> {
        let problems = self.problems.len();
        let text = self.string(field);
        let Some(text) = text else {
            if self.problems.len() == problems {
                self.problem(field, Wrong::Missing);
            }
            return None;
        };
        let day = (text.len() == 10).then(|| text.parse::<jiff::civil::Date>().ok()).flatten();
        let days = day.map(|day| day.duration_since(jiff::civil::Date::constant(1970, 1, 1)).as_hours() / 24);
        let day = days.and_then(|days| i32::try_from(days).ok()).map(Day);
        if day.is_none() {
            self.problem(field, Wrong::NotDate);
        }
        day
    }

    /// A list of texts; absent is empty.
    pub(in crate::directory) fn list(&mut self, field: &str) -> Vec<&'a str> {
        let Some(value) = self.value(field) else { return Vec::new() };
        let texts = value.as_array().and_then(|entries| entries.iter().map(Value::as_str).collect());
        texts.unwrap_or_else(|| {
            self.problem(field, Wrong::NotList);
            Vec::new()
        })
    }

    /// A list in which nothing stands twice.
    pub(in crate::directory) fn unique(&mut self, field: &str) -> Vec<&'a str> {
        let list = self.list(field);
        let mut seen = std::collections::BTreeSet::new();
        let twice: Vec<&str> = list.iter().copied().filter(|entry| !seen.insert(*entry)).collect();
        for entry in twice {
            self.problem(field, Wrong::Twice(shown(entry)));
        }
        if list.len() > self.bounds.entries {
            self.problem(field, Wrong::TooMany(Count { given: list.len(), most: self.bounds.entries }));
        }
        list
    }

    /// Codes of a value list.
    pub(in crate::directory) fn codes(&mut self, field: &str, list: Vocabulary) -> Vec<Listed> {
        let entries = self.unique(field);
        entries.into_iter().filter_map(|entry| self.listed(field, entry, list)).collect()
    }

    /// A code of a value list.
    pub(in crate::directory) fn code(&mut self, field: &str, list: Vocabulary) -> Option<Listed> {
        let entry = self.string(field)?;
        self.listed(field, entry, list)
    }

    fn listed(&mut self, field: &str, entry: &str, list: Vocabulary) -> Option<Listed> {
        let found = list.find(entry);
        if found.is_none() {
            self.problem(field, Wrong::UnknownValue(shown(entry), list));
        }
        found
    }

    /// The present commune of a code; a former one is noted.
    pub(in crate::directory) fn commune(&mut self, field: &str) -> Option<CommuneCode> {
        let text = self.string(field)?;
        match territory::commune(text) {
            Ok(found) => {
                self.note_replaced(field, found.replaced());
                Some(found.commune().code())
            }
            Err(error) => {
                self.problem(field, Wrong::Territory(shown(text), error));
                None
            }
        }
    }

    pub(in crate::directory) fn note_replaced(&mut self, field: &str, former: Option<Former>) {
        self.replaced.extend(former.map(|former| (field.to_owned(), former)));
    }

    /// Latitude and longitude: both or neither.
    pub(in crate::directory) fn coordinates(&mut self) -> Option<Coordinates> {
        let (latitude, longitude) = (self.number("latitude"), self.number("longitude"));
        let (latitude, longitude) = match (latitude, longitude) {
            (Some(latitude), Some(longitude)) => (latitude, longitude),
            (Some(_), None) => {
                self.problem("longitude", Wrong::HalfPlace("latitude"));
                return None;
            }
            (None, Some(_)) => {
                self.problem("latitude", Wrong::HalfPlace("longitude"));
                return None;
            }
            (None, None) => return None,
        };
        let place = Coordinates::from_degrees(latitude, longitude);
        if place.is_none() {
            self.problem("latitude", Wrong::NotOnEarth);
        }
        place
    }

    fn number(&mut self, field: &str) -> Option<f64> {
        let number = self.value(field)?.as_f64();
        if number.is_none() {
            self.problem(field, Wrong::NotNumber);
        }
        number
    }

    /// A whole number from `least` on; it is not kept.
    pub(in crate::directory) fn whole_from(&mut self, field: &str, least: u32) {
        let Some(number) = self.number(field) else { return };
        if number.fract() != 0.0 || number < f64::from(least) {
            self.problem(field, Wrong::NotWholeFrom(least));
        }
    }

    /// A number that is not below 0; it is not kept.
    pub(in crate::directory) fn not_negative(&mut self, field: &str) {
        if self.number(field).is_some_and(|number| number < 0.0) {
            self.problem(field, Wrong::Negative);
        }
    }

    /// Address, postcode and commune in one line.
    pub(in crate::directory) fn address(&mut self) -> Option<String> {
        if let Some(postcode) = self.string("code_postal")
            && !(postcode.len() == 5 && postcode.bytes().all(|byte| byte.is_ascii_digit()))
        {
            self.problem("code_postal", Wrong::NotPostcode);
        }
        let street: Vec<&str> =
            ["adresse", "complement_adresse"].into_iter().filter_map(|field| self.string(field)).collect();
        let town: Vec<&str> =
            ["code_postal", "commune"].into_iter().filter_map(|field| self.string(field)).collect();
        let parts = [street.join(", "), town.join(" ")];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let address = parts.join(", ");
        if address.is_empty() || is_plain_line_of(&address, self.bounds.line) {
            return Some(address).filter(|address| !address.is_empty());
        }
        self.problem("adresse", Wrong::AddressTooLong(self.bounds.line));
        None
    }
}
