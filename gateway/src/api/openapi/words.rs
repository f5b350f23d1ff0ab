//! The comments of the protocol, as the descriptors carry them, said of JSON.

use super::super::schema::{Field, Kind};
use prost::Message;
use std::collections::BTreeMap;

/// Comments by full name: of messages, fields, lists and their values.
pub(super) struct Comments(BTreeMap<String, String>);

// The fields of google/protobuf/descriptor.proto that tell where a comment stands.

#[derive(Clone, PartialEq, Message)]
struct Files {
    #[prost(message, repeated, tag = "1")]
    files: Vec<FileWords>,
}

#[derive(Clone, PartialEq, Message)]
struct FileWords {
    #[prost(string, tag = "2")]
    package: String,
    #[prost(message, repeated, tag = "4")]
    shapes: Vec<ShapeWords>,
    #[prost(message, repeated, tag = "5")]
    lists: Vec<ListWords>,
    #[prost(message, optional, tag = "9")]
    source: Option<Source>,
}

#[derive(Clone, PartialEq, Message)]
struct ShapeWords {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "2")]
    fields: Vec<Named>,
    #[prost(message, repeated, tag = "3")]
    shapes: Vec<ShapeWords>,
}

#[derive(Clone, PartialEq, Message)]
struct ListWords {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "2")]
    values: Vec<Named>,
}

#[derive(Clone, PartialEq, Message)]
struct Named {
    #[prost(string, tag = "1")]
    name: String,
}

#[derive(Clone, PartialEq, Message)]
struct Source {
    #[prost(message, repeated, tag = "1")]
    places: Vec<Place>,
}

#[derive(Clone, PartialEq, Message)]
struct Place {
    #[prost(int32, repeated, tag = "1")]
    path: Vec<i32>,
    #[prost(string, tag = "3")]
    comment: String,
}

/// Names of the protocol that the comments use, and what is meant by them here.
const NAMES: [(&str, &str); 4] = [
    ("`ShowNotice`", "`showNotice`"),
    ("`CancelDelayed`", "`takeBack`"),
    ("`Sent`", "`sent`"),
    (", as `FindReference` takes it", ""),
];

fn step(path: &[i32], kind: i32, index: usize) -> Vec<i32> {
    let mut path = path.to_vec();
    path.extend([kind, i32::try_from(index).unwrap()]);
    path
}

impl Comments {
    pub(super) fn read() -> Self {
        let files = Files::decode(relais_proto::DESCRIPTORS).unwrap();
        let mut all = BTreeMap::new();
        for file in files.files {
            let places = file.source.unwrap_or_default().places;
            let said: BTreeMap<Vec<i32>, String> =
                places.into_iter().map(|place| (place.path, place.comment)).collect();
            let package = format!(".{}", file.package);
            for (index, shape) in file.shapes.iter().enumerate() {
                add_shape(&mut all, &said, &package, shape, &step(&[], 4, index));
            }
            for (index, list) in file.lists.iter().enumerate() {
                let (name, path) = (format!("{package}.{}", list.name), step(&[], 5, index));
                add_names(&mut all, &said, &name, &list.values, &path);
            }
        }
        Self(all)
    }

    pub(super) fn of(&self, name: &str) -> &str {
        self.0.get(name).unwrap_or_else(|| panic!("{name} has no comment"))
    }

    /// The comment of the value of a list whose word this is.
    pub(super) fn of_word(&self, list: &str, word: &str) -> String {
        let end = format!("_{}", word.to_ascii_uppercase());
        let values = self.0.range(format!("{list}.")..).take_while(|(name, _)| name.starts_with(list));
        let found = values.filter(|(name, _)| name.ends_with(&end)).min_by_key(|(name, _)| name.len());
        found.map(|(_, comment)| one_line(comment)).unwrap_or_else(|| panic!("{list} has no {word}"))
    }
}

fn add_shape(
    all: &mut BTreeMap<String, String>,
    said: &BTreeMap<Vec<i32>, String>,
    within: &str,
    shape: &ShapeWords,
    path: &[i32],
) {
    let name = format!("{within}.{}", shape.name);
    add_names(all, said, &name, &shape.fields, path);
    for (index, inner) in shape.shapes.iter().enumerate() {
        add_shape(all, said, &name, inner, &step(path, 3, index));
    }
}

fn add_names(
    all: &mut BTreeMap<String, String>,
    said: &BTreeMap<Vec<i32>, String>,
    name: &str,
    inner: &[Named],
    path: &[i32],
) {
    let comment = |path: &[i32]| said.get(path).cloned().unwrap_or_default();
    all.insert(name.to_owned(), comment(path));
    for (index, one) in inner.iter().enumerate() {
        all.insert(format!("{name}.{}", one.name), comment(&step(path, 2, index)));
    }
}

fn one_line(comment: &str) -> String {
    comment.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A comment as it is said of JSON, and the class of data that it names.
pub(super) fn told(comment: &str, field: &Field) -> (String, Option<String>) {
    let line = one_line(comment);
    let (words, class) = match line.split_once("Class: ") {
        Some((words, class)) => (words.trim().to_owned(), Some(class.trim_end_matches('.').to_owned())),
        None => (line, None),
    };
    let words = NAMES.iter().fold(small(&words), |words, (name, ours)| words.replace(name, ours));
    let words = match field.kind {
        Kind::Instant => words.replace(", ms", "").replace(" ms", ""),
        Kind::Day => words.replace(", days since 1970-01-01", ""),
        Kind::Code(_) => words.replace("; 0 ", "; null "),
        Kind::Bytes => words.replace("; empty ", "; null "),
        Kind::Text | Kind::Whole(_) | Kind::Shape(_) | Kind::Unknown => words,
    };
    (words, class)
}

/// Codes in small letters, as they are written: `TO_DO` as `to_do`.
fn small(words: &str) -> String {
    let is_code = |part: &str| part.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let parts = words.split('`').enumerate();
    let parts =
        parts.map(
            |(place, part)| {
                if place % 2 == 1 && is_code(part) { part.to_ascii_lowercase() } else { part.to_owned() }
            },
        );
    parts.collect::<Vec<_>>().join("`")
}
