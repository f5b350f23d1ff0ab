//! Finding the objects of a JSON file without holding it: brackets and quotes are followed byte by byte, each object is
//! read when it closes.

use super::{Broken, DumpError, Entry, Kind, OBJECT_BYTES_MAX};
use serde_json::{Map, Value};

/// Longest name and scalar that is looked at beside the arrays of a file, in bytes.
const WORD_BYTES_MAX: usize = 64;
/// Names under which a file says which version of the schema it follows.
const VERSIONS: [&str; 2] = ["schema_version", "version"];
/// Longest version shown, in characters.
const VERSION_CHARS_SHOWN: usize = 20;

/// What is known of the file's form.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Form {
    /// Nothing yet.
    #[default]
    Unknown,
    /// `[{…}, {…}]`.
    Array,
    /// `{"structures": […], "services": […]}`.
    Named,
    /// `{…}` after `{…}`, a line each.
    Lines,
}

/// Follows a JSON file.
#[derive(Debug)]
pub(super) struct Scanner {
    form: Form,
    depth: u32,
    /// Within a string; whether its last byte was a backslash.
    string: Option<bool>,
    line: u64,
    /// The object or value being read: the line it began on, and the depth around it.
    open: Option<(u64, u32)>,
    /// Its bytes; none once there are too many.
    held: Option<Vec<u8>>,
    /// Within the array of this name.
    array: Option<Kind>,
    /// How many objects the array had so far.
    count: u32,
    /// The last name and value of the outermost object.
    words: Words,
    /// Which version it says that it follows.
    version: Option<String>,
    /// Whether the last byte was a line feed.
    line_begins: bool,
}

#[derive(Debug, Default)]
struct Words {
    name: String,
    value: String,
    /// Whether the colon has passed.
    after_colon: bool,
}

impl Default for Scanner {
    fn default() -> Self {
        Self {
            form: Form::Unknown,
            depth: 0,
            string: None,
            line: 1,
            open: None,
            held: Some(Vec::new()),
            array: None,
            count: 0,
            words: Words::default(),
            version: None,
            line_begins: false,
        }
    }
}

impl Scanner {
    pub(super) fn feed(&mut self, bytes: &[u8], found: &mut Vec<Entry>) -> Result<(), DumpError> {
        for byte in bytes {
            self.step(*byte, found)?;
        }
        Ok(())
    }

    pub(super) fn end(mut self, found: &mut Vec<Entry>) -> Result<(), DumpError> {
        if self.form == Form::Lines {
            // A last line without its end is told like any other that is broken.
            if self.open.is_some() {
                self.close(found);
            }
            return Ok(());
        }
        if self.depth > 0 || self.string.is_some() {
            return Err(DumpError::Truncated(self.line));
        }
        Ok(())
    }

    fn step(&mut self, byte: u8, found: &mut Vec<Entry>) -> Result<(), DumpError> {
        let begins_line = std::mem::replace(&mut self.line_begins, byte == b'\n');
        if byte == b'\n' {
            self.line += 1;
            self.break_line(found);
        } else if byte == b'{' && begins_line && self.form == Form::Unknown && self.open.is_some() {
            // The first line does not close, and the next one begins like a line of its own.
            self.form = Form::Lines;
            self.break_line(found);
        }
        if let Some(escaped) = self.string {
            self.keep(byte);
            self.string = match byte {
                b'"' if !escaped => None,
                b'\\' => Some(!escaped),
                _ => Some(false),
            };
            self.word(byte);
            return Ok(());
        }
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => self.keep(byte),
            _ if self.is_over() => return Err(DumpError::NotADump("something stands after its end")),
            b'{' | b'[' => self.bracket(byte)?,
            b'}' | b']' => self.closing(byte, found)?,
            b',' | b':' => self.mark(byte, found)?,
            _ => {
                self.begin();
                self.keep(byte);
                self.string = (byte == b'"').then_some(false);
                self.word(byte);
            }
        }
        Ok(())
    }

    /// Ends what a line must not leave open: a line of JSON Lines, and a string anywhere.
    fn break_line(&mut self, found: &mut Vec<Entry>) {
        let Some((_, around)) = self.open else { return };
        if self.form == Form::Lines || (self.string.is_some() && self.form != Form::Unknown) {
            self.close(found);
            (self.depth, self.string) = (around, None);
        }
    }

    /// Whether the array or the object around everything has closed.
    fn is_over(&self) -> bool {
        matches!(self.form, Form::Array | Form::Named) && self.depth == 0
    }

    /// Whether what begins here is an object of its own: in one of the arrays, or a line.
    fn is_place(&self) -> bool {
        match self.form {
            Form::Unknown | Form::Lines => self.depth == 0,
            Form::Array => self.depth == 1,
            Form::Named => self.array.is_some() && self.depth == 2,
        }
    }

    fn begin(&mut self) {
        if self.open.is_none() && self.is_place() {
            self.open = Some((self.line, self.depth));
            self.held = Some(Vec::new());
        }
    }

    fn keep(&mut self, byte: u8) {
        match &mut self.held {
            Some(held) if self.open.is_some() && held.len() < OBJECT_BYTES_MAX => held.push(byte),
            Some(_) if self.open.is_some() => self.held = None,
            Some(_) | None => {}
        }
    }

    fn bracket(&mut self, byte: u8) -> Result<(), DumpError> {
        if byte == b'[' && self.depth == 0 && self.form == Form::Unknown {
            (self.form, self.depth) = (Form::Array, 1);
            return Ok(());
        }
        let array = self.named_array().filter(|_| byte == b'[');
        if array.is_some() {
            // What seemed to be an object of its own is the one around the arrays.
            (self.form, self.array, self.open, self.count) = (Form::Named, array, None, 0);
            self.depth += 1;
            self.words = Words::default();
            return self.first_version();
        }
        self.begin();
        self.keep(byte);
        self.depth += 1;
        Ok(())
    }

    /// The array that begins here, if it is one of the two.
    fn named_array(&self) -> Option<Kind> {
        let outermost = matches!(self.form, Form::Unknown | Form::Named) && self.depth == 1;
        match self.words.name.as_str() {
            "structures" if outermost && self.words.after_colon => Some(Kind::Structure),
            "services" if outermost && self.words.after_colon => Some(Kind::Service),
            _ => None,
        }
    }

    fn closing(&mut self, byte: u8, found: &mut Vec<Entry>) -> Result<(), DumpError> {
        if self.open.is_some_and(|(_, around)| self.depth <= around) {
            self.close(found);
        }
        self.keep(byte);
        self.depth = self.depth.saturating_sub(1);
        if self.open.is_some_and(|(_, around)| self.depth == around) {
            self.close(found);
            if self.form == Form::Unknown {
                self.form = Form::Lines;
            }
        } else if self.form == Form::Named && self.depth == 1 {
            self.array = None;
        } else if self.form == Form::Named && self.depth == 0 {
            self.note_version();
            self.first_version()?;
        }
        Ok(())
    }

    fn mark(&mut self, byte: u8, found: &mut Vec<Entry>) -> Result<(), DumpError> {
        if self.open.is_some_and(|(_, around)| self.depth == around) {
            self.close(found);
        }
        self.keep(byte);
        if self.depth == 1 && byte == b':' {
            self.words.after_colon = true;
        } else if self.depth == 1 {
            self.note_version();
        }
        Ok(())
    }

    /// Notes a byte of a name or a scalar of the outermost object.
    fn word(&mut self, byte: u8) {
        if self.depth != 1 || byte == b'"' || !matches!(self.form, Form::Unknown | Form::Named) {
            return;
        }
        let word = if self.words.after_colon { &mut self.words.value } else { &mut self.words.name };
        let letter = char::from(byte);
        if word.len() + letter.len_utf8() <= WORD_BYTES_MAX {
            word.push(letter);
        }
    }

    /// Remembers which version the file says that it follows, if that is what was read last.
    fn note_version(&mut self) {
        let Words { name, value, .. } = std::mem::take(&mut self.words);
        if VERSIONS.contains(&name.as_str()) && !value.is_empty() {
            self.version = Some(value);
        }
    }

    /// Refuses a file that says it follows another version than the first.
    fn first_version(&mut self) -> Result<(), DumpError> {
        let Some(said) = self.version.take() else { return Ok(()) };
        let number = said.trim_start_matches('v');
        if number == "1" || number.starts_with("1.") {
            return Ok(());
        }
        Err(DumpError::Version(
            said.chars().filter(char::is_ascii_graphic).take(VERSION_CHARS_SHOWN).collect(),
        ))
    }

    fn close(&mut self, found: &mut Vec<Entry>) {
        let Some((line, _)) = self.open.take() else { return };
        let read = match self.held.replace(Vec::new()) {
            None => Err(Broken::TooLong),
            Some(bytes) => read(&bytes, self.array),
        };
        found.push(Entry { line, index: self.count, read });
        self.count = self.count.saturating_add(1);
    }
}

fn read(bytes: &[u8], kind: Option<Kind>) -> Result<(Kind, Map<String, Value>), Broken> {
    let text = std::str::from_utf8(bytes).map_err(|_| Broken::NotUtf8)?;
    let object = match serde_json::from_str(text).map_err(|_| Broken::Json)? {
        Value::Object(object) => object,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            return Err(Broken::NotAnObject);
        }
    };
    Ok((kind.unwrap_or_else(|| Kind::of(&object)), object))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_name_and_value_the_beginning_is_held() {
        for (long, held) in
            [("x".repeat(1_000), 64), ("é".repeat(1_000), 64), ("x".to_owned() + &"é".repeat(1_000), 63)]
        {
            let mut scanner = Scanner::default();
            scanner.feed(format!("{{\"{long}\":\"{long}").as_bytes(), &mut Vec::new()).unwrap();
            let Words { name, value, .. } = &scanner.words;
            assert_eq!((name.len(), value.len()), (held, held));
        }
    }
}
