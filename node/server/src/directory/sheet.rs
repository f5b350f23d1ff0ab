//! The cells of a table: what a spreadsheet would run is written so that it does not, and read back as it was.

use serde_json::{Number, Value};

/// Fields that hold a list.
const LISTS: [&str; 7] = [
    "thematiques",
    "publics",
    "modes_accueil",
    "modes_mobilisation",
    "mobilisable_par",
    "zone_eligibilite",
    "reseaux_porteurs",
];
/// Fields that hold a number.
const NUMBERS: [&str; 4] = ["latitude", "longitude", "nombre_semaines", "volume_horaire_hebdomadaire"];
/// Fields that hold an object, as JSON.
const OBJECTS: [&str; 2] = ["relais", "extra"];

/// What a formula begins with, in the widths that spreadsheets take for the same, and the control characters that some of
/// them step over.
const RUNS: [char; 11] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n'];
/// What ends a cell where a spreadsheet takes the table for one of another kind: in French settings `;` stands between
/// cells, and then quotes that stand around a comma keep no line together.
const ENDS: [char; 4] = [';', '\t', '\r', '\n'];
/// What keeps it from being run.
const GUARD: char = '\'';

/// What a cell of a column holds; `None` when it is empty.
pub(super) fn value(column: &str, cell: &str) -> Option<Value> {
    let cell = opened(cell);
    let cell = cell.trim();
    if cell.is_empty() {
        return None;
    }
    // Some spreadsheets end the lines of a cell as they end those of the file.
    let text = || Value::String(cell.replace("\r\n", "\n"));
    Some(if LISTS.contains(&column) {
        Value::Array(list(cell))
    } else if NUMBERS.contains(&column) {
        number(cell).map_or_else(text, Value::Number)
    } else if OBJECTS.contains(&column) {
        serde_json::from_str(cell).unwrap_or_else(|_| text())
    } else {
        text()
    })
}

/// A cell that no spreadsheet runs, whole or in parts: a guard before what would be run, and before what looks guarded.
pub(super) fn guarded(text: &str) -> String {
    let parts = parts(text)
        .map(|(at, part)| if is_run(at, part) { format!("{GUARD}{part}") } else { part.to_owned() });
    parts.collect()
}

/// What stood in a cell before it was guarded.
fn opened(cell: &str) -> String {
    let parts = parts(cell).map(|(at, part)| match part.strip_prefix(GUARD) {
        Some(text) if is_run(at, text) => text,
        Some(_) | None => part,
    });
    parts.collect()
}

/// Where a part stands in its cell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Beginning,
    Within,
}

/// The parts that a spreadsheet might take for cells, each with what ends it.
fn parts(text: &str) -> impl Iterator<Item = (At, &str)> {
    let places = std::iter::once(At::Beginning).chain(std::iter::repeat(At::Within));
    places.zip(text.split_inclusive(ENDS))
}

/// Whether a spreadsheet might run a part, guarded or not: spaces, quotes and control characters before a formula are
/// stepped over. Within a cell a part that is empty is none.
fn is_run(at: At, part: &str) -> bool {
    let first = part.trim_start_matches(GUARD).trim_start_matches([' ', '"']).chars().next();
    first.is_some_and(|first| match at {
        At::Within if ENDS.contains(&first) => false,
        At::Beginning | At::Within => RUNS.contains(&first) || first.is_control(),
    })
}

/// The entries of a list, as JSON, Python or PostgreSQL write it, or with bare separators: codes hold none of these signs.
fn list(cell: &str) -> Vec<Value> {
    let inner = cell.trim_matches(['[', ']', '{', '}']);
    let entries = inner.split([',', ';', '|']).map(|entry| entry.trim().trim_matches(['"', '\'']).trim());
    entries.filter(|entry| !entry.is_empty()).map(|entry| Value::String(entry.to_owned())).collect()
}

/// A number; with a comma where French spreadsheets put one. A whole one stays whole: `12.0` is 12.
fn number(cell: &str) -> Option<Number> {
    let cell = cell.replace(',', ".");
    if let Ok(whole) = cell.strip_suffix(".0").unwrap_or(&cell).parse::<i64>() {
        return Some(whole.into());
    }
    Number::from_f64(cell.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_spreadsheet_would_run_is_guarded_and_read_back() {
        let texts = [
            "=HYPERLINK(\"http://x\")",
            "+33123456789",
            "-1",
            "@SUM(1)",
            " =1+1",
            "\t=1",
            "\r=1",
            "＝1+1",
            "\u{1}=1",
            "'=1",
            "''=1",
            "\"=1",
        ];
        for text in texts {
            let cell = guarded(text);
            assert!(cell.starts_with(GUARD), "{cell:?}");
            assert_eq!(opened(&cell), text);
        }
        for text in
            ["L'Espace", "'quoted'", "a=b", "17", "", "«=»", "l'=1", "un\n\ndeux", "a; b", "[\"x\",\"y\"]"]
        {
            assert_eq!((guarded(text).as_str(), opened(text).as_str()), (text, text));
        }
    }

    /// Excel with French settings takes `;` for the end of a cell.
    #[test]
    fn what_another_spreadsheet_would_split_is_guarded_in_each_part() {
        for (text, cell) in [
            ("Accueil;=cmd|' /C calc'!A0;", "Accueil;'=cmd|' /C calc'!A0;"),
            ("a; \"=1", "a;' \"=1"),
            ("a\n=1\r\n@x", "a\n'=1\r\n'@x"),
            ("a\t-1", "a\t'-1"),
            ("a;'=1", "a;''=1"),
            ("a\n\n=1", "a\n\n'=1"),
            ("+33;+33", "'+33;'+33"),
        ] {
            assert_eq!(guarded(text), cell);
            assert_eq!(opened(cell), text);
        }
    }

    /// Whatever stood in a cell is read back, and no part of what is written is run: every text of so many signs.
    #[test]
    fn what_is_guarded_is_read_back_whatever_it_is() {
        const SIGNS: [char; 10] = ['=', GUARD, '"', ';', '\n', '\r', '\t', ' ', 'a', '\u{1}'];
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            texts = texts.iter().flat_map(|text| SIGNS.map(|sign| format!("{text}{sign}"))).collect();
            for text in &texts {
                let cell = guarded(text);
                assert_eq!(opened(&cell), *text, "{cell:?}");
                for part in cell.split(ENDS) {
                    let first = part.trim_start_matches([' ', '"']).chars().next();
                    assert!(!first.is_some_and(|first| first == '=' || first.is_control()), "{cell:?}");
                }
            }
        }
    }

    #[test]
    fn lists_are_read_however_they_are_written() {
        let wanted = Some(json!(["2A", "200093201"]));
        for cell in [
            r#"["2A", "200093201"]"#,
            "['2A', '200093201']",
            "{2A,200093201}",
            "2A;200093201",
            "2A | 200093201",
            " 2A,200093201, ",
        ] {
            assert_eq!(value("zone_eligibilite", cell), wanted, "{cell}");
        }
        assert_eq!(value("publics", "[]"), Some(json!([])));
        assert_eq!(value("publics", " "), None);
    }

    #[test]
    fn numbers_are_numbers_and_the_rest_is_told_by_the_reader() {
        assert_eq!(value("latitude", "46.16"), Some(json!(46.16)));
        assert_eq!(value("longitude", "-1,15"), Some(json!(-1.15)));
        assert_eq!(value("nombre_semaines", "12.0"), Some(json!(12)));
        assert_eq!(value("latitude", "nord"), Some(json!("nord")));
        assert_eq!(value("latitude", "NaN"), Some(json!("NaN")));
        assert_eq!(value("relais", r#"{"languages":["ar"]}"#), Some(json!({"languages": ["ar"]})));
        assert_eq!(value("relais", "{"), Some(json!("{")));
        assert_eq!(value("nom", "'+33"), Some(json!("+33")));
        assert_eq!(value("description", "un\r\ndeux"), Some(json!("un\ndeux")));
    }
}
