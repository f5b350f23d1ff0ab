//! The fields of one object of a file: read one by one, each problem kept.

use super::wrong::{Count, Wrong, shown};
use relais_domain::directory::Coordinates;
use relais_domain::territory::{self, CommuneCode, Former};
use relais_domain::time::Day;
use relais_domain::vocabulary::{Value as Listed, Vocabulary};
use relais_wire::record::{ENTRIES_MAX, LINE_CHARS_MAX, LINK_CHARS_MAX, is_email, is_link, is_phone};
use relais_wire::text::{is_plain_line_of, is_plain_text};
use serde_json::{Map, Value};

/// Longest id shown of an object that was refused, in characters.
const ID_CHARS_SHOWN_MAX: usize = 200;

/// The fields of one object, and what is wrong with them.
pub(super) struct Fields<'a> {
    object: Option<&'a Map<String, Value>>,
    /// What is wrong, by field.
    pub(super) problems: Vec<(String, Wrong)>,
    /// Former communes read as present ones, by field.
    pub(super) replaced: Vec<(String, Former)>,
}

/// How a text may look.
pub(super) enum Shape {
    /// One line of at most this many characters.
    Line(usize),
    /// Lines of at most this many characters in all.
    Text(usize),
}

impl<'a> Fields<'a> {
    pub(super) fn of(value: &'a Value) -> Self {
        let mut fields = Self { object: value.as_object(), problems: Vec::new(), replaced: Vec::new() };
        if fields.object.is_none() {
            fields.problem("", Wrong::NotAnObject);
        }
        fields
    }

    pub(super) fn is_object(&self) -> bool {
        self.object.is_some()
    }

    /// The object's id, for the report.
    pub(super) fn id(&self) -> String {
        let id = self.value("id").and_then(Value::as_str).unwrap_or_default();
        id.chars().filter(|c| !c.is_control()).take(ID_CHARS_SHOWN_MAX).collect()
    }

    pub(super) fn problem(&mut self, field: &str, wrong: Wrong) {
        self.problems.push((field.to_owned(), wrong));
    }

    /// What a field holds; `null` is as good as absent.
    pub(super) fn value(&self, field: &str) -> Option<&'a Value> {
        self.object?.get(field).filter(|value| !value.is_null())
    }

    /// A text; blank is as good as absent.
    pub(super) fn string(&mut self, field: &str) -> Option<&'a str> {
        match self.value(field)? {
            Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                self.problem(field, Wrong::NotText);
                None
            }
        }
    }

    /// A text of a shape.
    pub(super) fn text(&mut self, field: &str, shape: &Shape) -> Option<String> {
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

    /// A text that must be there, of at least `least` characters.
    pub(super) fn required(&mut self, field: &str, least: usize, shape: &Shape) -> Option<String> {
        let problems = self.problems.len();
        let text = self.text(field, shape);
        match &text {
            Some(text) if text.chars().count() < least => {
                self.problem(field, Wrong::TooShort(least));
                return None;
            }
            Some(_) => {}
            None if self.problems.len() == problems => self.problem(field, Wrong::Missing),
            None => {}
        }
        text
    }

    /// One line: an address, hours.
    pub(super) fn line(&mut self, field: &str) -> Option<String> {
        self.text(field, &Shape::Line(LINE_CHARS_MAX))
    }

    fn shaped(&mut self, field: &str, fits: fn(&str) -> bool, wrong: Wrong) -> Option<String> {
        let text = self.string(field)?;
        if fits(text) {
            return Some(text.to_owned());
        }
        self.problem(field, wrong);
        None
    }

    pub(super) fn phone(&mut self, field: &str) -> Option<String> {
        self.shaped(field, is_phone, Wrong::NotPhone)
    }

    pub(super) fn email(&mut self, field: &str) -> Option<String> {
        self.shaped(field, is_email, Wrong::NotEmail)
    }

    pub(super) fn link(&mut self, field: &str) -> Option<String> {
        self.shaped(field, is_link, Wrong::NotLink(LINK_CHARS_MAX))
    }

    /// A day that must be there.
    pub(super) fn day(&mut self, field: &str) -> Option<Day> {
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
    pub(super) fn list(&mut self, field: &str) -> Vec<&'a str> {
        let Some(value) = self.value(field) else { return Vec::new() };
        let texts = value.as_array().and_then(|entries| entries.iter().map(Value::as_str).collect());
        texts.unwrap_or_else(|| {
            self.problem(field, Wrong::NotList);
            Vec::new()
        })
    }

    /// A list in which nothing stands twice.
    pub(super) fn unique(&mut self, field: &str) -> Vec<&'a str> {
        let list = self.list(field);
        let mut seen = std::collections::BTreeSet::new();
        let twice: Vec<&str> = list.iter().copied().filter(|entry| !seen.insert(*entry)).collect();
        for entry in twice {
            self.problem(field, Wrong::Twice(shown(entry)));
        }
        if list.len() > ENTRIES_MAX {
            self.problem(field, Wrong::TooMany(Count { given: list.len(), most: ENTRIES_MAX }));
        }
        list
    }

    /// Codes of a value list.
    pub(super) fn codes(&mut self, field: &str, list: Vocabulary) -> Vec<Listed> {
        let entries = self.unique(field);
        entries.into_iter().filter_map(|entry| self.listed(field, entry, list)).collect()
    }

    /// A code of a value list.
    pub(super) fn code(&mut self, field: &str, list: Vocabulary) -> Option<Listed> {
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
    pub(super) fn commune(&mut self, field: &str) -> Option<CommuneCode> {
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

    pub(super) fn note_replaced(&mut self, field: &str, former: Option<Former>) {
        self.replaced.extend(former.map(|former| (field.to_owned(), former)));
    }

    /// Latitude and longitude: both or neither.
    pub(super) fn coordinates(&mut self) -> Option<Coordinates> {
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

    /// Address, postcode and commune in one line.
    pub(super) fn address(&mut self) -> Option<String> {
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
        if address.is_empty() || is_plain_line_of(&address, LINE_CHARS_MAX) {
            return Some(address).filter(|address| !address.is_empty());
        }
        self.problem("adresse", Wrong::AddressTooLong(LINE_CHARS_MAX));
        None
    }
}
