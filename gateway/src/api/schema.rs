//! What messages look like, as the protocol's own descriptors say: the one source of what the JSON looks like.
//!
//! A member of a JSON object is a field of the protocol, under the same name, in the form that its type and name give it:
//!
//! | In the protocol | In JSON |
//! |---|---|
//! | bytes | hexadecimal digits; `null` when empty |
//! | an instant, `…_ms` of 64 bits | RFC 3339 in UTC, under the name without `_ms` (`_at` is added where that name is taken) |
//! | a day, `day` or `…_day` | `2026-11-24` |
//! | a code of a closed list | its own part of the name in small letters, `no_show`; `null` when not said |
//! | absent | `null` |

use prost::Message;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The message types and closed lists of the protocol.
#[derive(Debug, Default)]
pub(super) struct Schema {
    shapes: BTreeMap<String, Shape>,
    lists: BTreeMap<String, List>,
}

/// A message type.
#[derive(Debug)]
pub(super) struct Shape {
    /// Its fields, in the order of the protocol.
    pub(super) fields: Vec<Field>,
}

/// One field of a message.
#[derive(Debug)]
pub(super) struct Field {
    /// Its name in the protocol.
    pub(super) name: String,
    /// Its name in JSON.
    pub(super) member: String,
    /// Its number.
    pub(super) number: u32,
    /// What it holds.
    pub(super) kind: Kind,
    /// How often.
    pub(super) count: Count,
    /// The group of fields of which one at most may be there.
    pub(super) group: Option<u32>,
}

/// How often a field is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Count {
    /// Always; what is not said is empty or 0.
    Always,
    /// Or not.
    Maybe,
    /// Any number of times.
    Many,
}

/// What a field holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A text.
    Text,
    /// A whole number of 0 and more, up to this.
    Whole(u64),
    /// An instant.
    Instant,
    /// A day.
    Day,
    /// Bytes.
    Bytes,
    /// A code of the closed list of this name.
    Code(String),
    /// A message of this name.
    Shape(String),
    /// Of a type that nothing here is written in.
    Unknown,
}

/// A closed list.
#[derive(Debug)]
pub(super) struct List {
    words: Vec<(i64, String)>,
}

impl List {
    /// The word of a number.
    pub(super) fn word(&self, number: i64) -> Option<&str> {
        self.words.iter().find(|(one, _)| *one == number).map(|(_, word)| word.as_str())
    }

    /// The number of a word.
    pub(super) fn number(&self, word: &str) -> Option<u64> {
        let found = self.words.iter().find(|(_, one)| one == word);
        found.and_then(|(number, _)| u64::try_from(*number).ok())
    }

    /// Every word, in the order of the protocol.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|(_, word)| word.as_str())
    }
}

impl Schema {
    /// The protocol of this program.
    pub(super) fn get() -> &'static Self {
        static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
            let files = Files::decode(relais_proto::DESCRIPTORS).expect("the build wrote what it had read");
            let mut schema = Schema::default();
            for file in &files.files {
                let package = format!(".{}", file.package);
                file.shapes.iter().for_each(|shape| schema.add_shape(&package, shape));
                file.lists.iter().for_each(|list| schema.add_list(&package, list));
            }
            schema
        });
        &SCHEMA
    }

    /// A message type by its full name, `.relais.desk.v1.ThreadView`.
    pub(super) fn shape(&self, name: &str) -> Option<&Shape> {
        self.shapes.get(name)
    }

    /// A closed list by its full name.
    pub(super) fn list(&self, name: &str) -> Option<&List> {
        self.lists.get(name)
    }

    fn add_shape(&mut self, within: &str, shape: &ShapeWords) {
        let name = format!("{within}.{}", shape.name);
        shape.shapes.iter().for_each(|inner| self.add_shape(&name, inner));
        shape.lists.iter().for_each(|list| self.add_list(&name, list));
        let fields = shape.fields.iter().map(|field| field.read(&shape.fields)).collect();
        self.shapes.insert(name, Shape { fields });
    }

    fn add_list(&mut self, within: &str, list: &ListWords) {
        let prefix = format!("{}_", loud(&list.name));
        let word = |name: &str| name.strip_prefix(&prefix).unwrap_or(name).to_ascii_lowercase();
        let said = list.values.iter().filter(|value| value.number != 0);
        let words = said.map(|value| (i64::from(value.number), word(&value.name))).collect();
        self.lists.insert(format!("{within}.{}", list.name), List { words });
    }
}

/// `ThreadKind` as `THREAD_KIND`, as its values begin.
fn loud(name: &str) -> String {
    let mut loud = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !loud.is_empty() {
            loud.push('_');
        }
        loud.push(letter.to_ascii_uppercase());
    }
    loud
}

// The few fields of google/protobuf/descriptor.proto that say what a message looks like.

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
}

#[derive(Clone, PartialEq, Message)]
struct ShapeWords {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "2")]
    fields: Vec<FieldWords>,
    #[prost(message, repeated, tag = "3")]
    shapes: Vec<ShapeWords>,
    #[prost(message, repeated, tag = "4")]
    lists: Vec<ListWords>,
}

#[derive(Clone, PartialEq, Message)]
struct FieldWords {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(int32, tag = "3")]
    number: i32,
    #[prost(int32, tag = "4")]
    label: i32,
    #[prost(int32, tag = "5")]
    kind: i32,
    #[prost(string, tag = "6")]
    type_name: String,
    #[prost(uint32, optional, tag = "9")]
    group: Option<u32>,
    #[prost(bool, tag = "17")]
    optional: bool,
}

#[derive(Clone, PartialEq, Message)]
struct ListWords {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "2")]
    values: Vec<ValueWords>,
}

#[derive(Clone, PartialEq, Message)]
struct ValueWords {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(int32, tag = "2")]
    number: i32,
}

/// The label of a field that is there any number of times.
const REPEATED: i32 = 3;
/// What the name of an instant ends in.
const INSTANT: &str = "_ms";
/// The largest whole number that every reader of JSON keeps exactly.
const EXACT_MAX: u64 = (1 << 53) - 1;

impl FieldWords {
    fn read(&self, siblings: &[Self]) -> Field {
        let kind = self.kind();
        let group = self.group.filter(|_| !self.optional);
        let is_message = matches!(kind, Kind::Shape(_));
        let count = if self.label == REPEATED {
            Count::Many
        } else if self.optional || group.is_some() || is_message {
            Count::Maybe
        } else {
            Count::Always
        };
        let member =
            if kind == Kind::Instant { instant_member(&self.name, siblings) } else { self.name.clone() };
        let number = u32::try_from(self.number).unwrap_or_default();
        Field { name: self.name.clone(), member, number, kind, count, group }
    }

    fn kind(&self) -> Kind {
        let is_day = self.name == "day" || self.name.ends_with("_day");
        match self.kind {
            3 if self.name.ends_with(INSTANT) => Kind::Instant,
            4 => Kind::Whole(EXACT_MAX),
            5 if is_day => Kind::Day,
            9 => Kind::Text,
            11 => Kind::Shape(self.type_name.clone()),
            12 => Kind::Bytes,
            13 => Kind::Whole(u64::from(u32::MAX)),
            14 => Kind::Code(self.type_name.clone()),
            _ => Kind::Unknown,
        }
    }
}

/// An instant is no number of milliseconds in JSON, and is not called one.
fn instant_member(name: &str, siblings: &[FieldWords]) -> String {
    let bare = name.strip_suffix(INSTANT).unwrap_or(name);
    if siblings.iter().any(|sibling| sibling.name == bare) { format!("{bare}_at") } else { bare.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn field(shape: &str, name: &str) -> &'static Field {
        let shape = Schema::get().shape(&format!(".relais.desk.v1.{shape}")).unwrap();
        shape.fields.iter().find(|field| field.name == name).unwrap()
    }

    #[test]
    fn fields_are_what_the_protocol_says() {
        let id = field("ThreadSummary", "thread_id");
        assert_eq!((id.member.as_str(), &id.kind, id.count), ("thread_id", &Kind::Bytes, Count::Always));
        let due = field("ThreadSummary", "due");
        assert_eq!((&due.kind, due.count), (&Kind::Shape(".relais.desk.v1.Due".to_owned()), Count::Maybe));
        let themes = field("ThreadSummary", "themes");
        assert_eq!((&themes.kind, themes.count, themes.group), (&Kind::Text, Count::Many, None));
        let accept = field("ActRequest", "accept");
        assert_eq!((accept.count, accept.group), (Count::Maybe, Some(0)));
        assert_eq!(field("TimelineEntry", "day").kind, Kind::Day);
    }

    #[test]
    fn instants_are_not_called_milliseconds() {
        assert_eq!(field("ThreadView", "deadline_ms").member, "deadline");
        assert_eq!(field("Due", "at_ms").member, "at");
        assert_eq!(field("ThreadSummary", "latest_theirs_ms").member, "latest_theirs_at");
    }

    #[test]
    fn no_two_members_of_a_message_are_called_the_same() {
        for (name, shape) in &Schema::get().shapes {
            let members: BTreeSet<&str> = shape.fields.iter().map(|field| field.member.as_str()).collect();
            assert_eq!(members.len(), shape.fields.len(), "{name}");
        }
    }

    #[test]
    fn codes_have_short_words_both_ways() {
        let step = Schema::get().list(".relais.desk.v1.Step").unwrap();
        assert_eq!((step.word(5), step.number("no_show")), (Some("no_show"), Some(5)));
        assert_eq!((step.word(0), step.number("unspecified"), step.word(99)), (None, None, None));
        let how = Schema::get().list(".relais.peer.v1.GivenHow").unwrap();
        assert_eq!(how.words().collect::<Vec<_>>(), ["oral", "written", "screen"]);
    }
}
