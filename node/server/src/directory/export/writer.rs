//! Objects as text: one JSON object, or a table that spreadsheets open without running anything of it.

use super::super::dump::Kind;
use super::super::open::fields;
use super::super::sheet;
use serde_json::{Map, Value};

/// The mark by which spreadsheets know UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// What Relais adds to the fields of the schema.
const ADDED: [&str; 2] = ["relais", "extra"];

/// How an export is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    /// One JSON object with the arrays `structures` and `services`.
    Json,
    /// A table of the services or of the structures.
    Table(Only),
}

/// What a table is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Only {
    /// Structures.
    Structures,
    /// Services.
    Services,
}

impl Format {
    /// Whether objects of a kind are written.
    pub(super) const fn takes(self, kind: Kind) -> bool {
        match (self, kind) {
            (Self::Json, _)
            | (Self::Table(Only::Structures), Kind::Structure)
            | (Self::Table(Only::Services), Kind::Service) => true,
            (Self::Table(Only::Structures), Kind::Service)
            | (Self::Table(Only::Services), Kind::Structure) => false,
        }
    }
}

/// Writes objects, services first.
pub(super) struct Writer {
    format: Format,
    written: Vec<u8>,
    /// Of what an array is open, and whether it has an object.
    array: Option<(Kind, bool)>,
}

impl Writer {
    pub(super) fn new(format: Format) -> Self {
        let mut writer = Self { format, written: Vec::new(), array: None };
        match format {
            Format::Json => writer.written.push(b'{'),
            Format::Table(only) => {
                writer.written.extend_from_slice(BYTE_ORDER_MARK);
                let columns: Vec<&str> = columns(kind_of(only)).collect();
                writer.line(columns.iter().map(|column| (*column).to_owned()));
            }
        }
        writer
    }

    /// Writes an object, if the format takes any of its kind.
    pub(super) fn write(&mut self, kind: Kind, object: Map<String, Value>) {
        match self.format {
            _ if !self.format.takes(kind) => {}
            Format::Json => {
                self.open(kind);
                if let Some((_, begun)) = &mut self.array
                    && std::mem::replace(begun, true)
                {
                    self.written.extend_from_slice(b",\n");
                }
                self.written.extend_from_slice(Value::Object(object).to_string().as_bytes());
            }
            Format::Table(_) => {
                let cells: Vec<String> = columns(kind).map(|column| cell(object.get(column))).collect();
                self.line(cells);
            }
        }
    }

    /// Opens the array of a kind; it is the last of its kind.
    pub(super) fn open(&mut self, kind: Kind) {
        if self.format != Format::Json || self.array.is_some_and(|(held, _)| held == kind) {
            return;
        }
        let end: &[u8] = if self.array.is_some() { b"\n],\n" } else { b"" };
        let name = match kind {
            Kind::Structure => "structures",
            Kind::Service => "services",
        };
        self.written.extend_from_slice(end);
        self.written.extend_from_slice(format!("\"{name}\": [\n").as_bytes());
        self.array = Some((kind, false));
    }

    /// Writes what stands last.
    pub(super) fn end(&mut self) {
        if self.format == Format::Json {
            self.written.extend_from_slice(b"\n]}\n");
        }
    }

    /// How many bytes wait.
    pub(super) const fn waiting(&self) -> usize {
        self.written.len()
    }

    /// Takes the bytes that wait.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.written)
    }

    fn line(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut line = csv::WriterBuilder::new();
        let line = line.terminator(csv::Terminator::CRLF).quote_style(csv::QuoteStyle::Always);
        let mut line = line.from_writer(&mut self.written);
        // Writing to memory does not fail, and every line has the cells of the first.
        let _ = line.write_record(cells);
    }
}

const fn kind_of(only: Only) -> Kind {
    match only {
        Only::Structures => Kind::Structure,
        Only::Services => Kind::Service,
    }
}

fn columns(kind: Kind) -> impl Iterator<Item = &'static str> {
    fields(kind).chain(ADDED)
}

/// A value in a cell. What comes from a text is guarded, in a list or an object too; a number is none of a formula.
fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => sheet::guarded(text),
        Some(Value::Number(number)) => number.to_string(),
        Some(value @ (Value::Bool(_) | Value::Array(_) | Value::Object(_))) => {
            sheet::guarded(&value.to_string())
        }
    }
}
