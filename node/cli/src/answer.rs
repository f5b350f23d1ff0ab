//! What a command answers, and how it reaches the terminal or a script.
//!
//! Text that came from others may hold control characters: nothing printed moves a cursor, changes a colour, or turns
//! the direction of writing.

use crate::exit::{Exit, Failure};
use serde_json::Value;
use std::fmt::Write as _;
use std::io::{self, Write};

/// How answers are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    /// Lines and tables.
    Text,
    /// One JSON object.
    Json,
}

/// What a command answers: the same twice, for a script and for a human.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// One JSON object; null when it was printed before.
    pub(crate) json: Value,
    /// Lines.
    pub(crate) text: String,
    /// Set when what was asked was done in part only.
    pub(crate) exit: Option<Exit>,
}

impl Answer {
    /// An answer.
    pub(crate) fn new(json: Value, text: impl Into<String>) -> Self {
        Self { json, text: text.into(), exit: None }
    }

    /// The same answer with an exit code.
    pub(crate) fn ending(self, exit: Option<Exit>) -> Self {
        Self { exit, ..self }
    }

    /// Writes the answer.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be written. A reader that went away is no failure.
    pub(crate) fn print(&self, format: Format, out: &mut impl Write) -> Result<(), Failure> {
        match format {
            Format::Text => print_line(&inert(self.text.trim_end()), out),
            Format::Json if self.json.is_null() => Ok(()),
            Format::Json => print_line(&inert_json(&self.json), out),
        }
    }
}

/// Writes a failure; there is nobody left to tell if that fails.
pub(crate) fn print_failure(failure: &Failure, format: Format, out: &mut impl Write) {
    let text = match format {
        Format::Text => inert(&failure.line()),
        Format::Json => inert_json(&failure.json()),
    };
    let _ = print_line(&text, out);
}

fn print_line(text: &str, out: &mut impl Write) -> Result<(), Failure> {
    let written = if text.is_empty() { Ok(()) } else { writeln!(out, "{text}") };
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::io("the output", &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Whether a character would steer a terminal or turn the direction of writing.
fn steers(c: char) -> bool {
    let turns =
        matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && c != '\n' && c != '\t')
}

/// The text with every steering character shown as `\u{fffd}`.
pub(crate) fn inert(text: &str) -> String {
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// One line of text from others: inert, without line breaks.
pub(crate) fn one_line(text: &str) -> String {
    inert(text).replace(['\n', '\t'], " ")
}

fn inert_json(value: &Value) -> String {
    let mut text = String::new();
    for c in value.to_string().chars() {
        if steers(c) {
            // Such characters stand in strings only; all of them have one UTF-16 unit. Writing to a String cannot fail.
            let _ = write!(text, "\\u{:04x}", u32::from(c));
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NASTY: &str = "a\u{1b}[31mred\u{9b}2J\u{202e}x\r\u{7f}";

    fn printed(answer: &Answer, format: Format) -> String {
        let mut out = Vec::new();
        answer.print(format, &mut out).expect("memory takes everything");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn nothing_printed_steers_a_terminal() {
        let answer = Answer::new(json!({ "name": NASTY }), NASTY);
        for format in [Format::Text, Format::Json] {
            let text = printed(&answer, format);
            assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\r', '\u{7f}']), "{text:?}");
            assert!(text.ends_with('\n'));
        }
    }

    #[test]
    fn json_comes_back_as_it_was() {
        let json = json!({ "name": NASTY, "lines": "a\nb" });
        let text = printed(&Answer::new(json.clone(), ""), Format::Json);
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), json);
        assert_eq!(text.lines().count(), 1);
    }

    #[test]
    fn a_line_stays_a_line() {
        assert_eq!(one_line("Emmaüs\nACCEPTED"), "Emmaüs ACCEPTED");
    }

    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        assert!(Answer::new(json!({}), "line").print(Format::Text, &mut Closed).is_ok());
    }

    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_is_a_failure() {
        let failure = Answer::new(json!({}), "line").print(Format::Text, &mut Full);
        assert_eq!(failure.expect_err("nothing was written").exit, Exit::Io);
    }
}
