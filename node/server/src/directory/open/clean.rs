//! What a dump says, made harmless before it is read: its texts inert, what cannot be used set aside. Nobody here can mend
//! a dump, so what Relais alone minds costs the field, and only what the schema minds costs the entry.

use super::body;
use crate::directory::dump::Kind;
use crate::directory::inclusion::{Count, OPEN, Wrong, service, shown};
use relais_domain::directory::Coordinates;
use relais_domain::time::Timestamp;
use relais_wire::record::{is_email, is_link_of, is_phone};
use relais_wire::text::is_inert;
use serde_json::{Map, Value};

/// Texts of more than one line.
const OF_LINES: [&str; 5] =
    ["description", "frais_precisions", "conditions_acces", "publics_precisions", "mobilisation_precisions"];
/// Web addresses.
const LINKS: [&str; 4] = ["lien_mobilisation", "lien_source", "site_web", "accessibilite_lieu"];
/// Texts that are never cut.
const UNCUT: [&str; 5] = ["id", "structure_id", "source", "nom", "description"];
/// Characters of a date.
const DATE_CHARS: usize = 10;

/// An object that can be read, and what was set aside of it.
pub(super) struct Cleaned {
    pub(super) object: Map<String, Value>,
    pub(super) aside: Vec<(&'static str, Wrong)>,
}

/// Cleans an object of a dump.
pub(super) fn clean(kind: Kind, mut dirty: Map<String, Value>) -> Cleaned {
    let mut cleaned = Cleaned { object: Map::new(), aside: Vec::new() };
    for field in body::fields(kind) {
        match dirty.remove(field) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => cleaned.text(field, &text),
            Some(Value::Array(entries)) if entries.is_empty() => {}
            Some(value @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_))) => {
                cleaned.object.insert(field.to_owned(), value);
            }
        }
    }
    cleaned.date();
    cleaned.shapes();
    cleaned.place();
    cleaned.zone();
    // What is not kept is still read, so that an object of another version is known; but for what Relais adds, which a
    // structure signs or nobody says.
    dirty.remove("relais");
    cleaned.object.extend(dirty);
    cleaned
}

impl Cleaned {
    fn set_aside(&mut self, field: &'static str, wrong: Wrong) {
        self.object.remove(field);
        self.aside.push((field, wrong));
    }

    /// Keeps a text without what moves or hides the text around it, no longer than it may be.
    fn text(&mut self, field: &'static str, text: &str) {
        let of_lines = OF_LINES.contains(&field);
        let most = match field {
            "description" => OPEN.description,
            _ if of_lines => OPEN.conditions,
            _ if LINKS.contains(&field) => usize::MAX,
            _ => OPEN.line,
        };
        let inert = inert(text, if of_lines { '\n' } else { ' ' });
        let given = inert.chars().count();
        if inert.is_empty() {
            return;
        }
        if is_marked(text) {
            self.aside.push((field, Wrong::NotPlain));
        }
        // A name that is too long the schema minds itself, and an id that is cut is another one.
        let cut = given > most && !UNCUT.contains(&field);
        if cut {
            self.aside.push((field, Wrong::TooLong(Count { given, most })));
        }
        let kept = if cut { inert.chars().take(most).collect() } else { inert };
        self.object.insert(field.to_owned(), Value::String(kept));
    }

    /// Dates as published dumps write them beside the schema: with a time, or in milliseconds.
    fn date(&mut self) {
        let date = match self.object.get("date_maj") {
            Some(Value::Number(number)) => number.as_i64().map(|ms| Timestamp(ms).day().to_string()),
            Some(Value::String(text)) if text.as_bytes().get(DATE_CHARS) == Some(&b'T') => {
                text.get(..DATE_CHARS).map(str::to_owned)
            }
            Some(Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_))
            | None => None,
        };
        if let Some(date) = date {
            self.object.insert("date_maj".to_owned(), Value::String(date));
        }
    }

    /// Sets aside what would have to be a telephone number, an e-mail address or a web address, and is none.
    fn shapes(&mut self) {
        let text = |object: &Map<String, Value>, field: &str| object.get(field)?.as_str().map(str::to_owned);
        if text(&self.object, "telephone").is_some_and(|text| !is_phone(&text)) {
            self.set_aside("telephone", Wrong::NotPhone);
        }
        if text(&self.object, "courriel").is_some_and(|text| !is_email(&text)) {
            self.set_aside("courriel", Wrong::NotEmail);
        }
        for field in LINKS {
            let fits = |text: String| text.chars().count() > OPEN.link || is_link_of(&text, OPEN.link);
            if text(&self.object, field).is_some_and(|text| !fits(text)) {
                self.set_aside(field, Wrong::NotLink(OPEN.link));
            }
        }
    }

    /// Sets aside half a place, and a place that is none.
    fn place(&mut self) {
        let number = |field: &str| self.object.get(field).map(Value::as_f64);
        let wrong = match (number("latitude"), number("longitude")) {
            (Some(Some(_)), None) => Wrong::HalfPlace("latitude"),
            (None, Some(Some(_))) => Wrong::HalfPlace("longitude"),
            (Some(Some(latitude)), Some(Some(longitude))) => {
                if Coordinates::from_degrees(latitude, longitude).is_some() {
                    return;
                }
                Wrong::NotOnEarth
            }
            (None, None) | (Some(None), _) | (_, Some(None)) => return,
        };
        self.object.remove("longitude");
        self.set_aside("latitude", wrong);
    }

    /// Sets aside codes of the zone that name no territory of France, unless nothing would be left: a service open to
    /// nowhere is not one open to everyone.
    fn zone(&mut self) {
        const FIELD: &str = "zone_eligibilite";
        let Some(Value::Array(codes)) = self.object.get(FIELD) else { return };
        let texts: Option<Vec<&str>> = codes.iter().map(Value::as_str).collect();
        let Some(texts) = texts else { return };
        let (known, unknown): (Vec<&str>, Vec<&str>) =
            texts.into_iter().partition(|code| service::territory_of(code).is_ok());
        if known.is_empty() || unknown.is_empty() {
            return;
        }
        let wrong = unknown.iter().filter_map(|code| {
            let error = service::territory_of(code).err()?;
            Some((FIELD, Wrong::Territory(shown(code), error)))
        });
        let wrong: Vec<_> = wrong.collect();
        let known = known.into_iter().map(|code| Value::String(code.to_owned())).collect();
        self.object.insert(FIELD.to_owned(), Value::Array(known));
        self.aside.extend(wrong);
    }
}

/// A text without what moves or hides the text around it; on one line, unless it may have several.
fn inert(text: &str, line_break: char) -> String {
    let spaced = text.chars().map(|c| match c {
        '\n' => line_break,
        '\r' | '\t' => ' ',
        c => c,
    });
    let plain: String = spaced.filter(|c| *c == '\n' || is_inert(*c)).collect();
    plain.trim().to_owned()
}

/// Whether a text holds what no editor puts there for its layout.
fn is_marked(text: &str) -> bool {
    text.chars().any(|c| !is_inert(c) && !matches!(c, '\n' | '\r' | '\t'))
}
