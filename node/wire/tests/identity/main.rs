//! The golden bytes of `proto/vectors/identity`: valid ones, and one file per way to be invalid.
//!
//! Each file holds lines `name: value`; `expect` says what reading the others gives. They are made from fixed seeds by
//! `cargo test -p relais-wire --test identity -- --ignored`, and never change once released: a change here is a change
//! of the wire.

#![expect(clippy::panic, reason = "all of this is a test")]

mod chains;
mod endorsements;
mod made;
mod read;
mod things;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// One golden file.
struct Vector {
    path: String,
    lines: Vec<(String, String)>,
}

impl Vector {
    fn new(path: impl Into<String>, kind: &str) -> Self {
        Self { path: path.into(), lines: vec![("kind".into(), kind.into())] }
    }

    fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.lines.push((name.into(), value.to_string()));
        self
    }

    fn hex(self, name: &str, bytes: &[u8]) -> Self {
        self.with(name, hex(bytes))
    }

    fn text(&self) -> String {
        self.lines.iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
    }

    fn parse(path: &str, text: &str) -> Self {
        let line = |line: &str| {
            let (name, value) = line.split_once(": ").expect("name: value");
            (name.to_owned(), value.to_owned())
        };
        Self { path: path.to_owned(), lines: text.lines().map(line).collect() }
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.lines.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    fn value(&self, name: &str) -> &str {
        let line = self.lines.iter().find(|(other, _)| other == name);
        line.map(|(_, value)| value.as_str()).unwrap_or_else(|| panic!("{} has no {name}", self.path))
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        unhex(self.value(name))
    }

    fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.bytes(name).try_into().expect("the length of the field")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal digits");
    (0..text.len()).step_by(2).map(digit).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto/vectors/identity")
}

/// Every file under the folder, by its path below it.
fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for part in ["valid", "invalid"] {
        for file in fs::read_dir(folder().join(part)).expect("the vectors are there") {
            let file = file.expect("a file").path();
            let name = file.file_name().expect("a name").to_string_lossy().into_owned();
            files.insert(format!("{part}/{name}"), fs::read_to_string(&file).expect("text"));
        }
    }
    files
}

#[test]
fn every_vector_reads_as_it_says() {
    for (path, text) in files() {
        let vector = Vector::parse(&path, &text);
        let outcome = read::outcome(&vector);
        assert_eq!(outcome, vector.value("expect"), "{path}");
        assert_eq!(outcome.starts_with("valid"), path.starts_with("valid/"), "{path}");
    }
}

#[test]
fn the_vectors_are_those_we_make() {
    let made: BTreeMap<String, String> =
        made::vectors().into_iter().map(|vector| (vector.path.clone(), vector.text())).collect();
    let kept = files();
    assert_eq!(made.keys().collect::<Vec<_>>(), kept.keys().collect::<Vec<_>>());
    for (path, text) in kept {
        assert!(made[&path] == text, "{path} is made differently now");
    }
}

#[test]
#[ignore = "writes the golden files; for a new vector only"]
fn write_the_vectors() {
    for part in ["valid", "invalid"] {
        fs::create_dir_all(folder().join(part)).expect("a folder");
    }
    for vector in made::vectors() {
        fs::write(folder().join(&vector.path), vector.text()).expect("written");
    }
}
