//! SQL stays in the store crates, and every query there has a name.

use super::repository::{Room, Source, files, read, sources};
use std::collections::BTreeMap;

/// Where SQL may stand.
const STORES: &str = "node/store-";
/// This file and its neighbours hold samples of what they forbid.
const SAMPLES: &str = "tests/tests/architecture/";
/// Crates that speak to a database.
const DRIVERS: &[&str] = &["sqlx", "libsqlite3_sys", "rusqlite", "tokio_postgres"];
/// The type that lets a text built at run time pass as SQL.
const ASSERTION: &str = "AssertSqlSafe";

/// The text without the white space and comment lines at its head.
fn statement(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some(comment) = rest.strip_prefix("--") {
        rest = comment.split_once('\n').map_or("", |(_, after)| after).trim_start();
    }
    rest
}

/// Tells whether `text` reads as an SQL statement, and not as a sentence that begins with the same word.
fn is_sql(text: &str) -> bool {
    let statement = statement(text);
    let words: Vec<String> =
        statement.split_whitespace().map(|word| word.trim_matches(['(', ')', ',']).to_uppercase()).collect();
    let [first, second, ..] = words.as_slice() else { return false };
    let written = statement.get(..first.len()).unwrap_or_default();
    let lower = written == first.to_lowercase();
    let has = |word: &str| words.iter().any(|other| other == word);
    let shape = match first.as_str() {
        "SELECT" => !lower || has("FROM"),
        "INSERT" | "REPLACE" => second == "INTO" || second == "OR",
        "UPDATE" => has("SET"),
        "DELETE" => second == "FROM",
        "CREATE" | "ALTER" | "DROP" => {
            ["TABLE", "INDEX", "UNIQUE", "TRIGGER", "VIEW", "VIRTUAL", "TEMP"].contains(&second.as_str())
        }
        "WITH" => has("AS") && has("SELECT"),
        "PRAGMA" => true,
        _ => false,
    };
    let symbols = !lower || statement.contains(['?', '=', '*', '(', '$', '_', ';']);
    shape && symbols && (lower || written == first)
}

/// Settings need no name: they return no rows of ours.
fn needs_name(text: &str) -> bool {
    is_sql(text) && !statement(text).to_uppercase().starts_with("PRAGMA")
}

/// The name on the first line of a query, `-- name_of_query`.
fn query_name(text: &str) -> Option<&str> {
    let (first, _) = text.trim_start().split_once('\n')?;
    let name = first.strip_prefix("-- ")?.trim();
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

fn selects_everything(text: &str) -> bool {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let heads = ["select", "returning", "distinct"];
    let bare = words.windows(2).any(|pair| heads.contains(&pair[0].as_str()) && pair[1].starts_with('*'));
    bare || is_sql(text) && words.iter().any(|word| word.trim_end_matches(',').ends_with(".*"))
}

fn strangers(source: &Source) -> Vec<String> {
    if source.path.starts_with(STORES) || source.path.starts_with(SAMPLES) {
        return Vec::new();
    }
    let queries = source.scan.literals.iter().filter(|literal| is_sql(&literal.value));
    let drivers = source.scan.words().filter(|(_, word)| DRIVERS.contains(word));
    let queries = queries.map(|literal| (literal.span.start, "a query"));
    queries.chain(drivers).map(|(offset, what)| format!("{}: {what}", source.place(offset))).collect()
}

fn nameless(source: &Source) -> Vec<String> {
    let literals = source.scan.literals.iter().filter(|literal| !source.in_test(literal.span.start));
    let nameless =
        literals.filter(|literal| needs_name(&literal.value) && query_name(&literal.value).is_none());
    nameless.map(|literal| source.place(literal.span.start)).collect()
}

/// Names that several queries of one crate bear.
fn shared_names(sources: &[&Source]) -> Vec<String> {
    let mut places: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for source in sources {
        let krate = source.path.split("/src/").next().unwrap_or_default();
        let named = source.scan.literals.iter().filter(|literal| needs_name(&literal.value));
        for literal in named.filter(|literal| !source.in_test(literal.span.start)) {
            let Some(name) = query_name(&literal.value) else { continue };
            let key = (krate.to_owned(), name.to_owned());
            places.entry(key).or_default().push(source.place(literal.span.start));
        }
    }
    let shared = places.into_iter().filter(|(_, places)| places.len() > 1);
    shared.map(|((_, name), places)| format!("{name}: {}", places.join(", "))).collect()
}

fn stores() -> Vec<&'static Source> {
    sources().iter().filter(|source| source.path.starts_with(STORES)).collect()
}

#[test]
fn only_the_stores_speak_sql() {
    super::none("SQL outside the store crates", sources().iter().flat_map(strangers).collect());
}

#[test]
fn every_query_opens_with_its_name() {
    let product = stores().into_iter().filter(|source| source.room == Room::Product);
    let mut found: Vec<String> = product.flat_map(nameless).collect();
    let scripts = files().iter().filter(|path| path.ends_with(".sql"));
    found.extend(scripts.filter(|path| !read(path).starts_with("-- ")).cloned());
    super::none("queries that do not open with `-- name_of_query`", found);
    super::none("names borne by several queries", shared_names(&stores()));
}

#[test]
fn no_query_selects_everything() {
    let mut found = Vec::new();
    for source in stores() {
        let literals = source.scan.literals.iter().filter(|literal| selects_everything(&literal.value));
        found.extend(literals.map(|literal| source.place(literal.span.start)));
    }
    let scripts = files().iter().filter(|path| path.ends_with(".sql"));
    found.extend(scripts.filter(|path| selects_everything(&read(path))).cloned());
    super::none("name the columns", found);
}

#[test]
fn built_sql_is_asserted_safe_in_one_module_of_a_store() {
    let mut modules: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for source in sources() {
        let named = source.scan.words().any(|(offset, word)| word == ASSERTION && !source.in_test(offset));
        if named {
            let krate = source.path.split("/src/").next().unwrap_or_default();
            modules.entry(krate).or_default().push(&source.path);
        }
    }
    let several = modules.values().filter(|paths| paths.len() > 1);
    super::none("modules that assert SQL safe", several.map(|paths| paths.join(", ")).collect());
}

#[test]
fn sentences_are_not_queries() {
    for query in [
        "SELECT 1 AS one",
        "-- find_event\n  select id from event where id = ?1",
        "INSERT INTO t (a) ",
        "insert or ignore into t values (?)",
        "UPDATE t SET a = 1",
        "DELETE FROM t",
        "with x as (select 1) select a from x",
        "CREATE TABLE t (a INTEGER) STRICT",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    ] {
        assert!(is_sql(query), "{query}");
    }
    for sentence in [
        "Select a service from the list (or none)",
        "select a service from the list",
        "update the settings",
        "Delete from the folder",
        "with care, as agreed",
        "create a table",
        "drop",
        "",
        " ON CONFLICT DO NOTHING",
    ] {
        assert!(!is_sql(sentence), "{sentence}");
    }
}

#[test]
fn a_query_without_a_name_is_seen() {
    let text = "\
const A: &str = \"-- find_a\\nSELECT a FROM t\";
const B: &str = \"SELECT b FROM t\";
const C: &str = \"-- Finds c\\nSELECT c FROM t\";
const D: &str = r\"-- find_a
  DELETE FROM t\";
const E: &str = \"PRAGMA foreign_keys = ON\";
#[cfg(test)] const F: &str = \"SELECT f FROM t\";
";
    let source = Source::of("node/store-sqlite/src/a.rs", text);
    assert_eq!(nameless(&source), ["node/store-sqlite/src/a.rs:2", "node/store-sqlite/src/a.rs:3"]);
    let shared = shared_names(&[&source]);
    assert_eq!(shared, ["find_a: node/store-sqlite/src/a.rs:1, node/store-sqlite/src/a.rs:4"]);
}

#[test]
fn everything_is_seen_however_it_is_selected() {
    for text in ["select\n * from t", "SELECT DISTINCT * FROM t", "SELECT t.*, u.a FROM t", "… RETURNING *"]
    {
        assert!(selects_everything(text), "{text}");
    }
    for text in ["SELECT count(*) FROM t", "SELECT a * 2 FROM t", "every *.rs file"] {
        assert!(!selects_everything(text), "{text}");
    }
}

#[test]
fn sql_elsewhere_is_seen_even_in_tests() {
    let text = "use sqlx::Row;\n#[cfg(test)] mod t { const A: &str = \"DELETE FROM t\"; }\n// sqlx\n";
    let found = strangers(&Source::of("node/server/src/a.rs", text));
    assert_eq!(found, ["node/server/src/a.rs:2: a query", "node/server/src/a.rs:1: sqlx"]);
    assert!(strangers(&Source::of("node/store-sqlite/src/a.rs", text)).is_empty());
}
