//! Reading a dump of data·inclusion in pieces: JSON (an array, or an object with the arrays `structures` and `services`),
//! JSON Lines, or CSV. No more of a file is held than the object that is being read; what cannot be read is told with its
//! line, and the rest goes on.

mod json;
mod table;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

/// Longest object of a file as it is written, in bytes.
pub(crate) const OBJECT_BYTES_MAX: usize = 131_072;
/// Most objects or lines of one file that may be broken before it is taken for something else.
pub(super) const BROKEN_MAX: u32 = 10_000;

/// Most blanks before the first object or line, in bytes.
const BLANK_BYTES_MAX: usize = 65_536;

/// What begins a file that holds no text at all.
const BINARY: [(&[u8], &str); 3] = [
    (b"\x1f\x8b", "it is packed (gzip): unpack it first"),
    (b"PK\x03\x04", "it is a spreadsheet or an archive: save it as CSV or JSON"),
    (b"PAR1", "it is Parquet: take the JSON or CSV of the same dump"),
];
/// The mark of UTF-8 that some programs write first.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Fields that services have and structures have not, and the other way round.
const OF_SERVICES: [&str; 5] = ["structure_id", "thematiques", "frais", "publics", "zone_eligibilite"];
const OF_STRUCTURES: [&str; 3] = ["siret", "site_web", "reseaux_porteurs"];

/// What an object of a dump is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A structure.
    Structure,
    /// A service.
    Service,
}

impl Kind {
    /// What an object is about that stands in no array of a name.
    fn of(object: &Map<String, Value>) -> Self {
        let has = |fields: &[&str]| fields.iter().any(|field| object.contains_key(*field));
        let structure = has(&OF_STRUCTURES) || object.contains_key("id");
        if has(&OF_SERVICES) || !structure { Self::Service } else { Self::Structure }
    }
}

/// One object of a file.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Entry {
    /// The line it begins on, from 1.
    pub(super) line: u64,
    /// Its place in its array, or in a file without arrays, from 0.
    pub(super) index: u32,
    /// What it is about, and its fields.
    pub(super) read: Result<(Kind, Map<String, Value>), Broken>,
}

impl Entry {
    /// Whether it is known to be a structure.
    pub(super) fn is_structure(&self) -> bool {
        matches!(self.read, Ok((Kind::Structure, _)))
    }
}

/// Why an object of a file cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Broken {
    /// Not JSON.
    #[error("is not JSON: a quote, a comma or a bracket is missing or too many")]
    Json,
    /// JSON, but no object.
    #[error("must be an object with the fields of data·inclusion v1")]
    NotAnObject,
    /// Longer than an object may be.
    #[error("is longer than {OBJECT_BYTES_MAX} bytes")]
    TooLong,
    /// Not UTF-8.
    #[error("is not UTF-8: save the file as UTF-8")]
    NotUtf8,
    /// A line of a table that does not close its quotes.
    #[error("leaves a quote open")]
    Quote,
    /// A line of a table with more or fewer cells than the first line.
    #[error("has {given} cells, the first line has {most}: a quote or a separator is missing or too many")]
    Cells {
        /// How many it has.
        given: usize,
        /// How many the first line has.
        most: usize,
    },
}

/// Why a file cannot be read any further.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum DumpError {
    /// It ends before it is whole.
    #[error("the file ends in the middle (line {0}): fetch it again")]
    Truncated(u64),
    /// Not a dump.
    #[error("the file is no dump of data·inclusion: {0}")]
    NotADump(&'static str),
    /// It says that it follows another version of the schema.
    #[error("the file follows version {0} of the schema: only version 1 is read")]
    Version(String),
}

/// Reads one file, piece by piece.
#[derive(Debug)]
pub(super) struct Dump {
    state: State,
    broken: u32,
}

#[derive(Debug)]
enum State {
    /// The first bytes, too few to tell.
    Start(Vec<u8>),
    Json(json::Scanner),
    Table(Box<table::Scanner>),
}

impl Default for Dump {
    fn default() -> Self {
        Self { state: State::Start(Vec::new()), broken: 0 }
    }
}

impl Dump {
    /// Takes the next bytes of the file in; gives the objects that end in them.
    ///
    /// # Errors
    /// [`DumpError`]: nothing of the rest can be read.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Entry>, DumpError> {
        let mut found = Vec::new();
        match &mut self.state {
            State::Start(held) => {
                held.extend_from_slice(bytes);
                let Some(state) = begin(held)? else {
                    if held.len() > BLANK_BYTES_MAX {
                        return Err(DumpError::NotADump("it begins with nothing but blanks"));
                    }
                    return Ok(found);
                };
                let held = std::mem::take(held);
                self.state = state;
                return self.feed(held.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&held));
            }
            State::Json(scanner) => scanner.feed(bytes, &mut found)?,
            State::Table(scanner) => scanner.feed(bytes, &mut found)?,
        }
        self.count(&found)?;
        Ok(found)
    }

    /// Says that the file has ended; gives what stood last.
    ///
    /// # Errors
    /// [`DumpError`] when it ends in the middle.
    pub(super) fn end(self) -> Result<Vec<Entry>, DumpError> {
        let mut found = Vec::new();
        match self.state {
            State::Start(held) if held.trim_ascii().is_empty() => {}
            State::Start(_) => return Err(DumpError::NotADump("it holds neither an object nor a table")),
            State::Json(scanner) => scanner.end(&mut found)?,
            State::Table(scanner) => scanner.end(&mut found)?,
        }
        Ok(found)
    }

    fn count(&mut self, found: &[Entry]) -> Result<(), DumpError> {
        let broken = found.iter().filter(|entry| entry.read.is_err()).count();
        self.broken = self.broken.saturating_add(u32::try_from(broken).unwrap_or(u32::MAX));
        if self.broken > BROKEN_MAX {
            return Err(DumpError::NotADump("more than 10,000 of its lines are broken"));
        }
        Ok(())
    }
}

/// What the file is, by its first bytes; `None` when they are too few.
fn begin(held: &[u8]) -> Result<Option<State>, DumpError> {
    if let Some((_, what)) = BINARY.iter().find(|(mark, _)| held.starts_with(mark)) {
        return Err(DumpError::NotADump(what));
    }
    let marks = BINARY.iter().map(|(mark, _)| *mark).chain([BYTE_ORDER_MARK]);
    let too_few = marks.into_iter().any(|mark| mark.len() > held.len() && mark.starts_with(held));
    let text = held.strip_prefix(BYTE_ORDER_MARK).unwrap_or(held).trim_ascii_start();
    Ok(match text.first() {
        _ if too_few => None,
        None => None,
        Some(b'[' | b'{') => Some(State::Json(json::Scanner::default())),
        Some(_) => Some(State::Table(Box::default())),
    })
}
