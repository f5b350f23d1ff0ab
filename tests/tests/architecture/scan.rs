//! Reads Rust source well enough to count it: which bytes are code, comment or literal, where test code lies, where
//! each function begins and ends.
//!
//! Not a parser. It relies on two promises of the compiler: delimiters balance, and literals and comments cannot
//! be anything else. Offsets are bytes into the source; the masked copy has the same length and the same lines.

use std::ops::Range;

#[cfg(test)]
mod tests;

/// What stands in the masked copy for each byte inside a literal. No Rust token holds it.
const LITERAL: u8 = b'~';

/// One string literal (never a character), as written.
pub(crate) struct Literal {
    /// Where it lies, quotes and prefix excluded.
    pub(crate) span: Range<usize>,
    /// What the program sees: escapes of line ends, quotes and tabs undone.
    pub(crate) value: String,
}

/// One function with a body.
pub(crate) struct Function {
    /// Its name, or `$name` in a macro.
    pub(crate) name: String,
    /// From `fn` to the closing brace.
    pub(crate) span: Range<usize>,
    /// Lines that hold more than blanks and comments.
    pub(crate) lines: usize,
}

/// A source text with its comments and literals told apart from its code.
pub(crate) struct Scan {
    /// The text with comments blanked and the inside of literals replaced.
    pub(crate) code: String,
    /// Every string literal.
    pub(crate) literals: Vec<Literal>,
    /// What `#[cfg(test)]` governs.
    pub(crate) tests: Vec<Range<usize>>,
    /// Modules declared under `#[cfg(test)]` whose text is in another file.
    pub(crate) test_modules: Vec<String>,
}

impl Scan {
    /// Scans `text`.
    pub(crate) fn of(text: &str) -> Self {
        let (code, literals) = Lexer::new(text).run();
        let mut scan = Self { code, literals, tests: Vec::new(), test_modules: Vec::new() };
        scan.find_tests();
        scan
    }

    /// Tells whether the byte at `offset` is test code.
    pub(crate) fn in_test(&self, offset: usize) -> bool {
        self.tests.iter().any(|span| span.contains(&offset))
    }

    /// The line of `offset`, counted from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.code.as_bytes()[..offset].iter().filter(|byte| **byte == b'\n').count() + 1
    }

    /// Lines of any kind that lie outside test code.
    pub(crate) fn lines_outside_tests(&self) -> usize {
        let mut offset = 0;
        let mut lines = 0;
        for line in self.code.split_inclusive('\n') {
            let indent = line.len() - line.trim_start().len();
            let first = offset + if indent < line.len() { indent } else { 0 };
            lines += usize::from(!self.in_test(first));
            offset += line.len();
        }
        lines
    }

    /// Every word (identifier or keyword) with its offset, in order.
    pub(crate) fn words(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let bytes = self.code.as_bytes();
            while at < bytes.len() && !is_word(bytes[at]) {
                at += 1;
            }
            let start = at;
            while at < bytes.len() && is_word(bytes[at]) {
                at += 1;
            }
            (start < at).then(|| (start, &self.code[start..at]))
        })
    }

    /// Every attribute: its offset, its end, and its text between the brackets.
    pub(crate) fn attributes(&self) -> Vec<(Range<usize>, &str)> {
        let bytes = self.code.as_bytes();
        let hashes = (0..bytes.len()).filter(|at| bytes[*at] == b'#');
        hashes
            .filter_map(|hash| {
                let open = attribute_open(bytes, hash)?;
                let end = skip_group(bytes, open)?;
                Some((hash..end, &self.code[open + 1..end - 1]))
            })
            .collect()
    }

    /// Every function with a body, nested ones too, in order.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let bytes = self.code.as_bytes();
        let keywords = self.words().filter(|(_, word)| *word == "fn");
        keywords
            .filter_map(|(start, _)| {
                let name = skip_blank(bytes, start + 2);
                let mut end = name + usize::from(bytes.get(name) == Some(&b'$'));
                while bytes.get(end).is_some_and(|byte| is_word(*byte)) {
                    end += 1;
                }
                if end == name {
                    return None; // `fn(…)`: a type
                }
                let body = body_open(bytes, end)?;
                let span = start..skip_group(bytes, body)?;
                let lines = self.code[span.clone()].lines().filter(|line| !line.trim().is_empty()).count();
                Some(Function { name: self.code[name..end].to_owned(), span, lines })
            })
            .collect()
    }

    fn find_tests(&mut self) {
        let bytes = self.code.as_bytes();
        let mut tests = Vec::new();
        let mut modules = Vec::new();
        for (span, text) in self.attributes() {
            if !is_test_condition(text) {
                continue;
            }
            if bytes[skip_blank(bytes, span.start + 1)] == b'!' {
                tests.push(0..bytes.len());
                continue;
            }
            let end = item_end(bytes, span.end);
            modules.extend(outer_module(&self.code[skip_attributes(bytes, span.end)..end]));
            tests.push(span.start..end);
        }
        self.tests = tests;
        self.test_modules = modules;
    }
}

/// Tells whether `byte` belongs to an identifier, a keyword or a number.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The first offset from `at` on that is not white space.
pub(crate) fn skip_blank(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// The offset just after the group that opens at `open`; `None` when it never closes.
pub(crate) fn skip_group(bytes: &[u8], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in bytes.iter().enumerate().skip(open) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

fn attribute_open(bytes: &[u8], hash: usize) -> Option<usize> {
    let mut at = skip_blank(bytes, hash + 1);
    if bytes.get(at) == Some(&b'!') {
        at = skip_blank(bytes, at + 1);
    }
    (bytes.get(at) == Some(&b'[')).then_some(at)
}

fn skip_attributes(bytes: &[u8], at: usize) -> usize {
    let mut at = skip_blank(bytes, at);
    while bytes.get(at) == Some(&b'#') {
        let Some(end) = attribute_open(bytes, at).and_then(|open| skip_group(bytes, open)) else { break };
        at = skip_blank(bytes, end);
    }
    at
}

/// `cfg(test)`, or `cfg(all(…))` with `test` among its parts: never compiled into the product.
fn is_test_condition(attribute: &str) -> bool {
    let text: String = attribute.split_whitespace().collect();
    let Some(condition) = text.strip_prefix("cfg(").and_then(|rest| rest.strip_suffix(')')) else {
        return false;
    };
    let Some(parts) = condition.strip_prefix("all(").and_then(|rest| rest.strip_suffix(')')) else {
        return condition == "test";
    };
    let mut depth = 0_i32;
    let mut split = parts.split(|c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    });
    split.any(|part| part == "test")
}

/// How an item ends.
enum Ending {
    /// With its block, or with `;` when it has none: a function, a module, a type.
    Block,
    /// With `;`, blocks inside it notwithstanding: a constant, an import, a `let`.
    Semicolon,
    /// With the first of a block, `;`, `,` or the end of what holds it: a field, a variant, an arm, a statement.
    Part,
}

fn item_end(bytes: &[u8], after_attribute: usize) -> usize {
    let start = skip_attributes(bytes, after_attribute);
    let mut at = start;
    let ending = ending(bytes, start);
    if matches!(ending, Ending::Block)
        && let Some(end) = body_open(bytes, start).and_then(|open| skip_group(bytes, open))
    {
        return end;
    }
    while let Some(byte) = bytes.get(at) {
        match (byte, &ending) {
            (b'(' | b'[', _) | (b'{', Ending::Semicolon) => {
                at = skip_group(bytes, at).unwrap_or(bytes.len());
                continue;
            }
            (b'{', _) => return skip_group(bytes, at).unwrap_or(bytes.len()),
            (b';', _) | (b',', Ending::Part) => return at + 1,
            (b')' | b']' | b'}', _) => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn ending(bytes: &[u8], start: usize) -> Ending {
    let mut at = start;
    loop {
        let end = (at..bytes.len()).find(|end| !is_word(bytes[*end])).unwrap_or(bytes.len());
        let next = skip_blank(bytes, end);
        match &bytes[at..end] {
            b"pub" if bytes.get(next) == Some(&b'(') => match skip_group(bytes, next) {
                Some(close) => at = skip_blank(bytes, close),
                None => return Ending::Part,
            },
            b"const" if bytes[next..].starts_with(b"fn") => return Ending::Block,
            b"const" if bytes[next..].starts_with(b"unsafe") => return Ending::Block,
            b"const" if bytes[next..].starts_with(b"async") => return Ending::Block,
            b"pub" => at = next,
            b"const" | b"static" | b"use" | b"type" | b"let" => return Ending::Semicolon,
            b"fn" | b"mod" | b"struct" | b"enum" | b"impl" | b"trait" | b"unsafe" | b"async" | b"extern"
            | b"macro_rules" | b"union" => return Ending::Block,
            _ => return Ending::Part,
        }
    }
}

/// The offset of the brace that opens a body, reading a signature from `at`; `None` when `;` or the end comes first.
/// Braces inside `(…)`, `[…]` or `<…>` are constants, not bodies.
fn body_open(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut angles = 0_usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'(' | b'[' => {
                at = skip_group(bytes, at)?;
                continue;
            }
            b'{' if angles > 0 => {
                at = skip_group(bytes, at)?;
                continue;
            }
            b'{' => return Some(at),
            b';' | b')' | b']' | b'}' => return None,
            b'<' => angles += 1,
            b'>' if !matches!(bytes[at - 1], b'-' | b'=') => angles = angles.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The name of `mod name;`, a module whose text is elsewhere.
fn outer_module(item: &str) -> Option<String> {
    let head = item.strip_suffix(';')?;
    let (_, name) = head.rsplit_once(char::is_whitespace)?;
    let is_module = head.split_whitespace().rev().nth(1) == Some("mod");
    is_module.then(|| name.to_owned())
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    code: Vec<u8>,
    literals: Vec<Literal>,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0, code: Vec::with_capacity(text.len()), literals: Vec::new() }
    }

    fn run(mut self) -> (String, Vec<Literal>) {
        while let Some(byte) = self.rest().first().copied() {
            match byte {
                b'/' if self.rest().starts_with(b"//") => self.line_comment(),
                b'/' if self.rest().starts_with(b"/*") => self.block_comment(),
                b'"' => self.string(),
                b'\'' => self.quote(),
                byte if is_word(byte) => self.word(),
                _ => self.copy(1),
            }
        }
        let code = String::from_utf8(self.code).expect("literals and comments were replaced whole");
        (code, self.literals)
    }

    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn copy(&mut self, length: usize) {
        self.code.extend_from_slice(&self.rest()[..length]);
        self.at += length;
    }

    fn fill(&mut self, length: usize, with: u8) {
        let kept = self.rest()[..length].iter().map(|byte| if *byte == b'\n' { b'\n' } else { with });
        self.code.extend(kept);
        self.at += length;
    }

    fn line_comment(&mut self) {
        let rest = self.rest();
        let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        self.fill(length, b' ');
    }

    fn block_comment(&mut self) {
        let rest = self.rest();
        let (mut at, mut depth) = (0, 0_usize);
        while at < rest.len() {
            if rest[at..].starts_with(b"/*") {
                depth += 1;
                at += 2;
            } else if rest[at..].starts_with(b"*/") {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    break;
                }
            } else {
                at += 1;
            }
        }
        self.fill(at, b' ');
    }

    fn string(&mut self) {
        self.copy(1);
        let rest = self.rest();
        let mut length = 0;
        while length < rest.len() && rest[length] != b'"' {
            length += if rest[length] == b'\\' { 2 } else { 1 };
        }
        let length = length.min(rest.len());
        let value = unescape(&self.text[self.at..self.at + length]);
        self.literal(length, value);
        self.copy(1.min(self.rest().len()));
    }

    fn raw_string(&mut self, hashes: usize) {
        self.copy(hashes + 1);
        let close = format!("\"{}", "#".repeat(hashes));
        let rest = &self.text[self.at..];
        let length = rest.find(&close).unwrap_or(rest.len());
        self.literal(length, rest[..length].to_owned());
        self.copy(close.len().min(self.rest().len()));
    }

    fn literal(&mut self, length: usize, value: String) {
        self.literals.push(Literal { span: self.at..self.at + length, value });
        self.fill(length, LITERAL);
    }

    /// A character, or the start of a lifetime or label.
    fn quote(&mut self) {
        let rest = self.rest();
        let character = self.text[self.at + 1..].chars().next().map_or(0, char::len_utf8);
        let close = match rest.get(1) {
            Some(b'\\') => rest.iter().skip(3).position(|byte| *byte == b'\'').map(|found| found + 3),
            Some(_) => (rest.get(1 + character) == Some(&b'\'')).then_some(1 + character),
            None => None,
        };
        let Some(close) = close else { return self.copy(1) };
        self.copy(1);
        self.fill(close - 1, LITERAL);
        self.copy(1);
    }

    fn word(&mut self) {
        let rest = self.rest();
        let length = rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len());
        let word = &rest[..length];
        self.copy(length);
        if !matches!(word, b"r" | b"br" | b"cr") {
            return;
        }
        let hashes = self.rest().iter().take_while(|byte| **byte == b'#').count();
        match self.rest().get(hashes) {
            Some(b'"') => self.raw_string(hashes),
            Some(byte) if hashes == 1 && is_word(*byte) => self.fill(1, b'_'), // r#fn is no `fn`
            _ => {}
        }
    }
}

/// Undoes the escapes that can stand in SQL and plain text; others are kept as written.
fn unescape(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        value.push_str(before);
        let escaped = after.chars().next();
        rest = after.get(escaped.map_or(0, char::len_utf8)..).unwrap_or("");
        match escaped {
            Some('n') => value.push('\n'),
            Some('t') => value.push('\t'),
            Some('\n') => rest = rest.trim_start(),
            Some(other @ ('"' | '\'' | '\\')) => value.push(other),
            Some(other) => value.extend(['\\', other]),
            None => {}
        }
    }
    value.push_str(rest);
    value
}
