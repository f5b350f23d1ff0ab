//! Finding the lines of a CSV file without holding it. A line that does not close its quotes costs itself, not the file:
//! what follows is looked at again from the next line on.

use super::{Broken, DumpError, Entry, Kind, OBJECT_BYTES_MAX};
use crate::directory::sheet;
use serde_json::{Map, Value};

/// Separators a table may have.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
/// The columns without which a table is none of data·inclusion's.
const COLUMNS: [&str; 2] = ["id", "nom"];
/// The column that only services have.
const OF_SERVICES: &str = "structure_id";
/// Most lines that may leave a quote open: each costs a second look at what follows.
const GIVEN_UP_MAX: u32 = 1_000;
const NO_COLUMNS: &str = "its first line does not name the columns id and nom";
const MANY_QUOTES: &str = "more than 1,000 of its lines leave a quote open";

/// Follows a CSV file.
#[derive(Debug)]
pub(super) struct Scanner {
    /// Bytes that are not read yet; the first begins a line.
    held: Vec<u8>,
    /// How many of them were looked at.
    looked: usize,
    quotes: Quotes,
    /// Whether something stands after the quotes of a cell.
    crooked: bool,
    /// The line that begins them.
    line: u64,
    head: Option<Head>,
    /// Whether what comes before the next line feed is thrown away.
    skipping: bool,
    /// How many lines did not close their quotes.
    given_up: u32,
    /// How many lines were told.
    count: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Quotes {
    /// At the beginning of a cell.
    Before,
    /// In a cell without quotes.
    None,
    /// In a cell with quotes.
    Within,
    /// After the quotes of a cell, or between two of them that stand for one.
    Closed,
}

#[derive(Debug)]
struct Head {
    separator: u8,
    columns: Vec<String>,
    kind: Kind,
}

impl Default for Scanner {
    fn default() -> Self {
        Self {
            held: Vec::new(),
            looked: 0,
            quotes: Quotes::Before,
            crooked: false,
            line: 1,
            head: None,
            skipping: false,
            given_up: 0,
            count: 0,
        }
    }
}

impl Scanner {
    pub(super) fn feed(&mut self, bytes: &[u8], found: &mut Vec<Entry>) -> Result<(), DumpError> {
        let bytes = if self.skipping { self.skip(bytes) } else { bytes };
        self.held.extend_from_slice(bytes);
        self.read(found)?;
        while self.held.len() > OBJECT_BYTES_MAX {
            let next = self.give_up(0, found)?;
            self.skipping = next == self.held.len() && self.held.last() != Some(&b'\n');
            self.let_go(next);
            self.read(found)?;
        }
        Ok(())
    }

    pub(super) fn end(mut self, found: &mut Vec<Entry>) -> Result<(), DumpError> {
        if !self.held.is_empty() {
            self.held.push(b'\n');
        }
        self.read(found)?;
        while !self.held.is_empty() {
            // An open quote has swallowed the rest.
            let next = self.give_up(0, found)?;
            self.let_go(next);
            self.read(found)?;
        }
        match self.head {
            Some(_) => Ok(()),
            None => Err(DumpError::NotADump(NO_COLUMNS)),
        }
    }

    /// Reads the lines that have ended.
    fn read(&mut self, found: &mut Vec<Entry>) -> Result<(), DumpError> {
        let mut begin = 0;
        while let Some(end) = self.next_end(begin) {
            begin = self.take(begin, end, found)?;
        }
        self.let_go(begin);
        Ok(())
    }

    /// Forgets what was read, up to `next`.
    fn let_go(&mut self, next: usize) {
        self.held.drain(..next);
        self.looked = self.looked.saturating_sub(next);
    }

    /// What comes after the line that is thrown away.
    fn skip<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let Some(place) = bytes.iter().position(|byte| *byte == b'\n') else { return &[] };
        self.skipping = false;
        bytes.get(place + 1..).unwrap_or_default()
    }

    /// Where the line that begins at `begin` ends: the place of its line feed.
    fn next_end(&mut self, begin: usize) -> Option<usize> {
        let separator = self.head.as_ref().map(|head| head.separator);
        let from = self.looked.max(begin);
        for (place, byte) in self.held.iter().enumerate().skip(from) {
            let between = is_separator(separator, *byte);
            self.quotes = match (self.quotes, byte) {
                (Quotes::Before | Quotes::None | Quotes::Closed, b'\n') => {
                    (self.looked, self.quotes) = (place + 1, Quotes::Before);
                    return Some(place);
                }
                (Quotes::Before | Quotes::Closed, b'"') => Quotes::Within,
                (Quotes::Within, b'"') => Quotes::Closed,
                (Quotes::Within, _) => Quotes::Within,
                (Quotes::Closed, b'\r') => Quotes::Closed,
                (Quotes::Before | Quotes::None | Quotes::Closed, _) if between => Quotes::Before,
                (Quotes::Closed, _) => {
                    self.crooked = true;
                    Quotes::None
                }
                (Quotes::Before | Quotes::None, _) => Quotes::None,
            };
        }
        self.looked = self.held.len();
        None
    }

    /// Reads the line from `begin` to the line feed at `end`; gives where the next one begins.
    fn take(&mut self, begin: usize, end: usize, found: &mut Vec<Entry>) -> Result<usize, DumpError> {
        let after = end + 1;
        let bytes = self.held.get(begin..end).unwrap_or_default();
        let line = self.line;
        if bytes.trim_ascii().is_empty() {
            self.line += 1;
            return Ok(after);
        }
        let Some(head) = &self.head else {
            self.head = Some(Head::read(bytes)?);
            self.line += lines(bytes) + 1;
            return Ok(after);
        };
        let crooked = std::mem::take(&mut self.crooked);
        let read = if crooked { Err(Broken::Quote) } else { head.entry(bytes) };
        if read.is_err() && lines(bytes) > 0 {
            // More than one line, and wrong: a quote is missing in the first of them.
            return self.give_up(begin, found);
        }
        self.line += lines(bytes) + 1;
        found.push(Entry { line, index: self.next_index(), read });
        Ok(after)
    }

    fn next_index(&mut self) -> u32 {
        self.count = self.count.saturating_add(1);
        self.count - 1
    }

    /// Tells that the line at `begin` is broken; gives where the next one begins.
    fn give_up(&mut self, begin: usize, found: &mut Vec<Entry>) -> Result<usize, DumpError> {
        self.given_up += 1;
        if self.head.is_none() || self.given_up > GIVEN_UP_MAX {
            return Err(DumpError::NotADump(if self.head.is_none() { NO_COLUMNS } else { MANY_QUOTES }));
        }
        let rest = self.held.get(begin..).unwrap_or_default();
        let length = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |place| place + 1);
        let broken = if length > OBJECT_BYTES_MAX { Broken::TooLong } else { Broken::Quote };
        found.push(Entry { line: self.line, index: self.next_index(), read: Err(broken) });
        self.line += 1;
        (self.quotes, self.crooked, self.looked) = (Quotes::Before, false, begin + length);
        Ok(begin + length)
    }
}

fn is_separator(known: Option<u8>, byte: u8) -> bool {
    known.map_or_else(|| SEPARATORS.contains(&byte), |separator| separator == byte)
}

/// Line feeds within.
fn lines(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |count, byte| count + u64::from(*byte == b'\n'))
}

impl Head {
    /// The columns of a first line: the separator is the one that finds the columns every dump has.
    fn read(bytes: &[u8]) -> Result<Self, DumpError> {
        let mut heads = SEPARATORS.into_iter().filter_map(|separator| {
            let columns = cells(bytes, separator).ok()?;
            let columns: Vec<String> = columns.iter().map(|column| column.trim().to_owned()).collect();
            let known = COLUMNS.iter().all(|wanted| columns.iter().any(|column| column == wanted));
            let service = columns.iter().any(|column| column == OF_SERVICES);
            let kind = if service { Kind::Service } else { Kind::Structure };
            known.then_some(Self { separator, columns, kind })
        });
        heads.next().ok_or(DumpError::NotADump(NO_COLUMNS))
    }

    fn entry(&self, bytes: &[u8]) -> Result<(Kind, Map<String, Value>), Broken> {
        let cells = cells(bytes, self.separator)?;
        if cells.len() != self.columns.len() {
            return Err(Broken::Cells { given: cells.len(), most: self.columns.len() });
        }
        let fields = self.columns.iter().zip(&cells);
        let fields = fields.filter_map(|(column, cell)| Some((column.clone(), sheet::value(column, cell)?)));
        Ok((self.kind, fields.collect()))
    }
}

/// The cells of one line.
fn cells(bytes: &[u8], separator: u8) -> Result<Vec<String>, Broken> {
    std::str::from_utf8(bytes).map_err(|_| Broken::NotUtf8)?;
    let mut reader = csv::ReaderBuilder::new();
    reader.has_headers(false).flexible(true).delimiter(separator).buffer_capacity(bytes.len().max(1));
    let mut record = csv::StringRecord::new();
    reader.from_reader(bytes).read_record(&mut record).map_err(|_| Broken::NotUtf8)?;
    Ok(record.iter().map(str::to_owned).collect())
}
