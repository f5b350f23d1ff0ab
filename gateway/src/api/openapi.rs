//! The description of the API is held against the operations, the protocol and the readers.
//!
//! What follows from the protocol (schemas, parameters, what is asked and answered) is derived here from its descriptors
//! and their comments, and must stand in the description word for word; the rest of it is written by hand. When the
//! protocol grew, the test below leaves the description as it must be in `target/openapi.json`.

mod words;

use super::known;
use super::problem::{CODES, Problem};
use super::schema::{Count, Field, Kind, Schema};
use super::structure::DESCRIPTION;
use super::{Asks, OPERATIONS, Operation, PREFIX, Tells, read, write};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use words::{Comments, told};

/// Where a description that is not up to date is left as it must be.
const DERIVED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/openapi.json");
/// Schemas that are written by hand: what is no message of the protocol.
const BY_HAND: [&str; 2] = ["File", "Problem"];
const PACKAGES: [&str; 2] = [".relais.desk.v1.", ".relais.peer.v1."];

fn description() -> Value {
    serde_json::from_str(DESCRIPTION).expect("the description is JSON")
}

fn full(name: &str) -> String {
    format!("{}{name}", PACKAGES[0])
}

/// `ThreadView` of `.relais.desk.v1.ThreadView`.
fn short(name: &str) -> &str {
    PACKAGES.iter().find_map(|package| name.strip_prefix(package)).unwrap_or(name)
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{}", short(name)) })
}

fn aside(name: &str) -> &'static [&'static str] {
    known::ALL.iter().find(|(one, _)| *one == name).map_or(&[], |(_, aside)| aside)
}

fn members(name: &str) -> Vec<&'static Field> {
    let shape = Schema::get().shape(name).unwrap_or_else(|| panic!("{name} is no message"));
    shape.fields.iter().filter(|field| !aside(name).contains(&field.name.as_str())).collect()
}

/// What one value of a field looks like, and its type's name when it is plain.
fn plain(field: &Field) -> Value {
    match &field.kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Whole(most) => json!({ "type": "integer", "minimum": 0, "maximum": most }),
        Kind::Instant => json!({ "type": "string", "format": "date-time" }),
        Kind::Day => json!({ "type": "string", "format": "date" }),
        Kind::Bytes => {
            json!({ "type": "string", "contentEncoding": "base16", "pattern": "^([0-9a-f]{2})*$" })
        }
        Kind::Code(name) | Kind::Shape(name) => reference(name),
        Kind::Unknown => panic!("{} is of a type that is not written", field.name),
    }
}

fn or_null(mut schema: Value) -> Value {
    match schema.get("type").cloned() {
        Some(kind) => {
            schema["type"] = json!([kind, "null"]);
            schema
        }
        None => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}

fn property(message: &str, field: &Field, comments: &Comments) -> Value {
    let is_said_by_null = !matches!(field.kind, Kind::Text | Kind::Whole(_));
    let mut schema = match field.count {
        Count::Many => json!({ "type": "array", "items": plain(field) }),
        Count::Always if !is_said_by_null => plain(field),
        Count::Always | Count::Maybe => or_null(plain(field)),
    };
    let comment = comments.of(&format!("{message}.{}", field.name));
    let (description, class) = told(comment, field);
    schema["description"] = Value::from(description);
    if let Some(class) = class {
        schema["x-data-class"] = Value::from(class);
    }
    schema
}

/// The messages and lists that can be reached from these, themselves included.
fn reachable(roots: &[String]) -> BTreeSet<String> {
    let (mut open, mut seen) = (roots.to_vec(), BTreeSet::new());
    while let Some(name) = open.pop() {
        if !seen.insert(name.clone()) || Schema::get().list(&name).is_some() {
            continue;
        }
        for field in members(&name) {
            if let Kind::Code(inner) | Kind::Shape(inner) = &field.kind {
                open.push(inner.clone());
            }
        }
    }
    seen
}

/// Where a message is met.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Asked,
    Told,
    Both,
}

fn message_schema(name: &str, way: Way, comments: &Comments) -> Value {
    let fields = members(name);
    let properties: Map<String, Value> =
        fields.iter().map(|field| (field.member.clone(), property(name, field, comments))).collect();
    let mut schema = json!({
        "type": "object",
        "description": told(comments.of(name), &nothing()).0,
        "properties": properties,
    });
    if way == Way::Told {
        schema["required"] = fields.iter().map(|field| field.member.as_str()).collect();
    }
    if way == Way::Asked {
        schema["additionalProperties"] = Value::from(false);
    }
    let choice: Vec<Value> = fields
        .iter()
        .filter(|field| field.group.is_some())
        .map(|field| json!({ "required": [field.member] }))
        .collect();
    if !choice.is_empty() {
        schema["oneOf"] = Value::from(choice);
    }
    schema
}

/// A field that says nothing: for comments of messages and lists.
fn nothing() -> Field {
    Field {
        name: String::new(),
        member: String::new(),
        number: 0,
        kind: Kind::Text,
        count: Count::Always,
        group: None,
    }
}

/// A comment that names an act alone, «`WriteNote`.», as the member by which it is done.
fn act_of(comment: &str) -> Option<String> {
    let name = full(&format!("ActRequest.{}", comment.strip_prefix('`')?.strip_suffix("`.")?));
    let acts = members(&full("ActRequest"));
    let act = acts.iter().find(|field| field.kind == Kind::Shape(name.clone()))?;
    Some(format!("the act `{}`.", act.member))
}

fn list_schema(name: &str, comments: &Comments) -> Value {
    let list = Schema::get().list(name).expect("it was reached");
    let line = |word: &str| {
        let comment = comments.of_word(name, word);
        format!("- `{word}`: {}", act_of(&comment).unwrap_or(comment))
    };
    let lines: Vec<String> = list.words().map(line).collect();
    let heading = told(comments.of(name), &nothing()).0;
    json!({
        "type": "string",
        "description": format!("{heading}\n\n{}", lines.join("\n")),
        "enum": list.words().collect::<Vec<_>>(),
    })
}

fn schemas(comments: &Comments) -> BTreeMap<String, Value> {
    let asked = OPERATIONS.iter().filter_map(|operation| match operation.asks {
        Asks::Body(name) | Asks::Act(name) => Some(full(name)),
        Asks::Nothing | Asks::Parameters(_) | Asks::File => None,
    });
    let listed = OPERATIONS.iter().filter_map(|operation| match operation.asks {
        Asks::Parameters(name) => Some(full(name)),
        Asks::Nothing | Asks::Body(_) | Asks::Act(_) | Asks::File => None,
    });
    let lists: Vec<String> = reachable(&listed.collect::<Vec<_>>())
        .into_iter()
        .filter(|name| Schema::get().list(name).is_some())
        .collect();
    let told = OPERATIONS.iter().filter_map(|operation| match operation.tells {
        Tells::Message(name) => Some(full(name)),
        Tells::Description => None,
    });
    let (asked, told) = (reachable(&asked.collect::<Vec<_>>()), reachable(&told.collect::<Vec<_>>()));
    let mut schemas = BTreeMap::new();
    for name in asked.iter().chain(&told).chain(&lists) {
        let schema = if Schema::get().list(name).is_some() {
            list_schema(name, comments)
        } else {
            let way = match (asked.contains(name), told.contains(name)) {
                (true, true) => Way::Both,
                (true, false) => Way::Asked,
                (false, _) => Way::Told,
            };
            message_schema(name, way, comments)
        };
        let other = schemas.insert(short(name).to_owned(), schema.clone());
        assert!(other.is_none_or(|other| other == schema), "two are called {}", short(name));
    }
    schemas
}

fn parameters(name: &str, comments: &Comments) -> Vec<Value> {
    let parameter = |field: &&Field| {
        let described = property(name, field, comments);
        let words =
            described["description"].as_str().unwrap_or_default().replace("null stands", "absent stands");
        json!({
            "name": field.member,
            "in": "query",
            "description": words,
            "schema": plain(field),
        })
    };
    members(name).iter().map(parameter).collect()
}

fn kept(parameters: &Value) -> Vec<Value> {
    let all = parameters.as_array().cloned().unwrap_or_default();
    all.into_iter().filter(|one| one["in"] != "query").collect()
}

fn at<'a>(description: &'a mut Value, operation: &Operation) -> &'a mut Value {
    let path = format!("{PREFIX}{}", operation.path);
    &mut description["paths"][path][operation.method]
}

/// The description with everything that follows from the protocol as it must be.
fn derived(mut description: Value) -> Value {
    let comments = Comments::read();
    let mut schemas = schemas(&comments);
    for name in BY_HAND {
        schemas.insert(name.to_owned(), description["components"]["schemas"][name].take());
    }
    description["components"]["schemas"] = json!(schemas);
    for operation in OPERATIONS {
        let written = at(&mut description, operation);
        let body = match operation.asks {
            Asks::Nothing => None,
            Asks::Parameters(name) => {
                let mut all = kept(&written["parameters"]);
                all.extend(parameters(&full(name), &comments));
                written["parameters"] = Value::from(all);
                None
            }
            Asks::Body(name) | Asks::Act(name) => Some(reference(&full(name))),
            Asks::File => Some(reference("File")),
        };
        if let Some(schema) = body {
            written["requestBody"]["required"] = Value::from(true);
            written["requestBody"]["content"]["application/json"]["schema"] = schema;
        }
        if let Tells::Message(name) = operation.tells {
            let status = success(operation);
            written["responses"][status]["content"]["application/json"]["schema"] = reference(&full(name));
        }
    }
    description
}

/// What opens something new says so.
fn success(operation: &Operation) -> &'static str {
    const OPEN: [&str; 4] = ["/referrals", "/handovers", "/follow-ups", "/inquiries"];
    if operation.method == "post" && OPEN.contains(&operation.path) { "201" } else { "200" }
}

#[test]
fn the_description_says_what_the_protocol_says() {
    let (written, derived) = (description(), derived(description()));
    if written != derived {
        let text = serde_json::to_string_pretty(&derived).unwrap() + "\n";
        std::fs::write(DERIVED, text).unwrap();
        panic!(
            "gateway/assets/openapi.json is not up to date: look at target/openapi.json, and take it over"
        );
    }
}

#[test]
fn every_operation_is_described_and_no_other() {
    let description = description();
    let described: BTreeSet<(String, String)> = description["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(move |method| (method.clone(), path.clone()))
        })
        .collect();
    let routed: BTreeSet<(String, String)> = OPERATIONS
        .iter()
        .map(|operation| (operation.method.to_owned(), format!("{PREFIX}{}", operation.path)))
        .collect();
    assert_eq!(described, routed);
    assert_eq!(routed.len(), OPERATIONS.len());
}

#[test]
fn every_operation_says_what_it_is_who_may_and_what_can_go_wrong() {
    let mut description = description();
    let mut ids = BTreeSet::new();
    for operation in OPERATIONS {
        let written = at(&mut description, operation).clone();
        let name = format!("{} {}", operation.method, operation.path);
        for words in ["operationId", "summary", "description"] {
            assert!(!written[words].as_str().unwrap_or_default().is_empty(), "{name}: {words}");
        }
        assert!(ids.insert(written["operationId"].to_string()), "{name}");
        let open = operation.tells == Tells::Description;
        assert_eq!(written["security"] == json!([]), open, "{name}: who may");
        assert_eq!(written["x-scope"].is_string(), !open && operation.path != "/structure", "{name}: scope");
        let statuses = &written["responses"];
        let failures: &[&str] = if open { &["503"] } else { &["401", "429", "500", "503"] };
        for status in failures.iter().chain([&success(operation)]) {
            assert!(statuses[status].is_object(), "{name}: {status}");
        }
        let has_body = matches!(operation.asks, Asks::Body(_) | Asks::Act(_) | Asks::File);
        for status in ["413", "415"] {
            assert_eq!(statuses[status].is_object(), has_body, "{name}: {status}");
        }
        let key = json!({ "$ref": "#/components/parameters/IdempotencyKey" });
        let has_key = written["parameters"].as_array().is_some_and(|all| all.contains(&key));
        assert_eq!(has_key, matches!(operation.asks, Asks::Act(_)), "{name}: key");
    }
}

#[test]
fn every_place_in_an_address_is_described() {
    let mut description = description();
    for operation in OPERATIONS {
        let written = at(&mut description, operation).clone();
        let places = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let all = written["parameters"].as_array().cloned().unwrap_or_default();
        let described: Vec<&Value> = all.iter().filter(|one| one["in"] == "path").collect();
        let names: Vec<&str> = described.iter().filter_map(|one| one["name"].as_str()).collect();
        assert_eq!(names, places.collect::<Vec<_>>(), "{}", operation.path);
        for one in described {
            assert!(one["required"] == true && one["description"].is_string(), "{one}");
        }
    }
}

#[test]
fn everything_that_is_referred_to_is_there() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let description = description();
    let mut found = Vec::new();
    references(&description, &mut found);
    assert!(found.len() > OPERATIONS.len());
    for one in found {
        let pointer = one.strip_prefix('#').unwrap();
        assert!(description.pointer(pointer).is_some(), "{one}");
    }
}

#[test]
fn every_member_has_a_description() {
    let description = description();
    for (name, schema) in description["components"]["schemas"].as_object().unwrap() {
        assert!(schema["description"].is_string(), "{name}");
        for (member, property) in schema["properties"].as_object().into_iter().flatten() {
            let words = property["description"].as_str().unwrap_or_default();
            assert!(words.len() > 3, "{name}.{member}");
            let is_bare = words.contains(" ms") && !member.ends_with("_ms");
            assert!(!words.contains("Class:") && !is_bare, "{name}.{member}: {words}");
        }
    }
}

#[test]
fn every_code_of_a_problem_is_listed() {
    let description = description();
    let listed: Vec<&str> = description["components"]["schemas"]["Problem"]["properties"]["code"]["examples"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let codes: Vec<&str> = CODES.iter().map(|(code, _)| *code).collect();
    assert_eq!(listed, codes);
    let mut sorted = codes.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted, codes, "in order, each once");
    let words = description["components"]["schemas"]["Problem"]["properties"]["code"]["description"].as_str();
    for (code, title) in CODES {
        assert!(words.unwrap().contains(&format!("- `{code}`: {title}")), "{code}");
    }
}

/// The examples of a body or an answer: written in place, or under a name.
fn examples<'a>(description: &'a Value, media: &'a Value) -> Vec<&'a Value> {
    let named = media["examples"].as_object().into_iter().flatten().map(|(_, example)| example);
    let found = named.map(|example| match example["$ref"].as_str() {
        Some(reference) => &description.pointer(&reference[1..]).unwrap()["value"],
        None => &example["value"],
    });
    found.chain(media.get("example")).collect()
}

fn read_as(name: &str, value: &Value) -> Result<Vec<u8>, Problem> {
    let shape = Schema::get().shape(&full(name)).unwrap();
    read::object(shape, value, "", aside(&full(name)))
}

#[test]
fn examples_are_read_by_the_readers_of_requests() {
    let mut description = description();
    for operation in OPERATIONS {
        let written = at(&mut description, operation).clone();
        let (Asks::Body(name) | Asks::Act(name)) = operation.asks else { continue };
        let media = &written["requestBody"]["content"]["application/json"];
        let found = examples(&description, media);
        assert!(!found.is_empty(), "{} has no example", operation.path);
        for example in found {
            assert!(!read_as(name, example).unwrap().is_empty(), "{}: {example}", operation.path);
        }
    }
}

#[test]
fn examples_of_answers_are_written_like_this_member_by_member() {
    let mut description = description();
    for operation in OPERATIONS {
        let written = at(&mut description, operation).clone();
        let Tells::Message(name) = operation.tells else { continue };
        let media = &written["responses"][success(operation)]["content"]["application/json"];
        let found = examples(&description, media);
        assert!(!found.is_empty(), "{} has no example", operation.path);
        for example in found {
            let bytes = read_as(name, example).unwrap_or_else(|problem| panic!("{name}: {problem:?}"));
            let shape = Schema::get().shape(&full(name)).unwrap();
            let again = write::object(shape, &bytes, aside(&full(name))).unwrap();
            assert_eq!(&again, example, "{name}");
        }
    }
}
