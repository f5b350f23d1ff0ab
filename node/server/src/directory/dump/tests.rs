use super::*;
use serde_json::json;

type Told = (u64, Result<(Kind, String), Broken>);

/// Reads a file in pieces of every size that matters, and wants the same each time.
fn read(file: &[u8]) -> Result<Vec<Told>, DumpError> {
    let sizes = [1, 2, 7, 64, file.len().max(1)];
    let mut results = sizes.into_iter().map(|size| in_pieces(file, size));
    let first = results.next().unwrap();
    assert!(results.all(|other| other == first), "{first:?}");
    first
}

fn in_pieces(file: &[u8], size: usize) -> Result<Vec<Told>, DumpError> {
    let mut dump = Dump::default();
    let mut entries = Vec::new();
    for piece in file.chunks(size) {
        entries.extend(dump.feed(piece)?);
    }
    entries.extend(dump.end()?);
    Ok(entries.into_iter().map(told).collect())
}

fn told(entry: Entry) -> Told {
    let id = |object: Map<String, Value>| object.get("id").and_then(Value::as_str).unwrap_or("?").to_owned();
    (entry.line, entry.read.map(|(kind, object)| (kind, id(object))))
}

fn service(line: u64, id: &str) -> Told {
    (line, Ok((Kind::Service, id.to_owned())))
}

fn structure(line: u64, id: &str) -> Told {
    (line, Ok((Kind::Structure, id.to_owned())))
}

#[test]
fn an_array_holds_structures_and_services() {
    let file = br#"[{"id":"s1","nom":"a [b] {c} \"d\\"},
{"id":"v1","structure_id":"s1","lists":[[1,2],{"x":"]"}]}
]
"#;
    assert_eq!(read(file).unwrap(), [structure(1, "s1"), service(2, "v1")]);
    assert_eq!(read(b"[]").unwrap(), []);
    assert_eq!(read(b" \n[ ] ").unwrap(), []);
}

#[test]
fn an_object_names_its_arrays_in_any_order() {
    let file = br#"{"schema_version":"1.0.10","meta":{"services":[1]},"services":[{"id":"v1"}, {"id":"v2"}],
"structures":[{"id":"s1","structure_id":"odd"}],"x":3}"#;
    assert_eq!(read(file).unwrap(), [service(1, "v1"), service(1, "v2"), structure(2, "s1")]);
    assert_eq!(read(br#"{"services":[]}"#).unwrap(), []);
}

#[test]
fn lines_are_objects_of_their_own() {
    let file = b"{\"id\":\"s1\"}\n\n{\"id\":\"v1\",\"structure_id\":\"s1\"}\r\n{\"id\":\"v2\",\"structure_id\":\"s1\"}";
    assert_eq!(read(file).unwrap(), [structure(1, "s1"), service(3, "v1"), service(4, "v2")]);
}

#[test]
fn a_broken_line_costs_itself_alone() {
    let file = b"{\"id\":\"v1\",\"structure_id\":\"s\"}\n{\"id\":\"v2\n{\"id\":[}\nhello\n{\"id\":\"v3\",\"structure_id\":\"s\"}\n{\"id\":";
    let wanted = [
        service(1, "v1"),
        (2, Err(Broken::Json)),
        (3, Err(Broken::Json)),
        (4, Err(Broken::Json)),
        service(5, "v3"),
        (6, Err(Broken::Json)),
    ];
    assert_eq!(read(file).unwrap(), wanted);
    let first = b"{\"id\":\"v1\n{\"id\":\"v2\",\"structure_id\":\"s\"}\n";
    assert_eq!(read(first).unwrap(), [(1, Err(Broken::Json)), service(2, "v2")]);
}

#[test]
fn a_broken_object_of_an_array_costs_itself_alone() {
    let file = b"[{\"id\":\"v1\",},\n{\"id\":\"v2\n{\"id\":\"v3\"}, 7, \"x\", [1], {\"id\":\"\xff\"},\n{\"id\":\"v4\"}]";
    let wanted = [
        (1, Err(Broken::Json)),
        (2, Err(Broken::Json)),
        structure(3, "v3"),
        (3, Err(Broken::NotAnObject)),
        (3, Err(Broken::NotAnObject)),
        (3, Err(Broken::NotAnObject)),
        (3, Err(Broken::NotUtf8)),
        structure(4, "v4"),
    ];
    assert_eq!(read(file).unwrap(), wanted);
}

#[test]
fn a_file_that_is_cut_is_not_whole() {
    for file in
        [&b"[{\"id\":\"v1\"}"[..], b"[{\"id\":\"v", b"{\"services\":[{\"id\":\"v1\"}]", b"{\"services\":["]
    {
        assert!(matches!(read(file), Err(DumpError::Truncated(1))), "{file:?}");
    }
    let more = read(b"[{\"id\":\"v1\"}] [{\"id\":\"v2\"}]");
    assert!(matches!(more, Err(DumpError::NotADump(_))), "{more:?}");
}

#[test]
fn another_version_is_refused_whatever_its_place() {
    for file in [
        &br#"{"schema_version":"0.18","services":[{"id":"v1"}]}"#[..],
        br#"{"services":[{"id":"v1"}],"version":"v2.0"}"#,
        br#"{"services":[],"version":2}"#,
    ] {
        assert!(matches!(read(file), Err(DumpError::Version(_))), "{file:?}");
    }
    for file in [&br#"{"version":"v1","services":[]}"#[..], br#"{"version":1,"services":[]}"#] {
        assert_eq!(read(file).unwrap(), []);
    }
}

#[test]
fn what_is_no_dump_is_told_at_once() {
    for file in [&b"\x1f\x8b\x08\0"[..], b"PK\x03\x04\0", b"PAR1\0", b"hello", b"a,b\n1,2\n", b"id;name\n"] {
        assert!(matches!(read(file), Err(DumpError::NotADump(_))), "{file:?}");
    }
    assert_eq!(read(b"").unwrap(), []);
    let blank = vec![b' '; BLANK_BYTES_MAX + 1];
    assert!(matches!(in_pieces(&blank, 4096), Err(DumpError::NotADump(_))));
    let broken = "x\n".repeat(usize::try_from(BROKEN_MAX).unwrap() + 1);
    let lines = format!("{{}}\n{broken}");
    assert!(matches!(in_pieces(lines.as_bytes(), 4096), Err(DumpError::NotADump(_))));
}

#[test]
fn an_object_has_a_longest_length() {
    let long = "x".repeat(OBJECT_BYTES_MAX);
    let file = format!("[{{\"id\":\"{long}\"}},{{\"id\":\"v1\"}}]");
    assert_eq!(in_pieces(file.as_bytes(), 5000).unwrap(), [(1, Err(Broken::TooLong)), structure(1, "v1")]);
    let table = format!("id,nom\n{long}{long}{long},x\nv1,y\n");
    assert_eq!(in_pieces(table.as_bytes(), 5000).unwrap(), [(2, Err(Broken::TooLong)), structure(3, "v1")]);
}

#[test]
fn a_table_is_read_with_its_own_separator() {
    for separator in [",", ";", "\t"] {
        let file =
            "\u{feff}id|structure_id|nom|latitude\r\nv1|s1|\"A \"\"b\"\"\nc\"|46.1\r\n\r\nv2|s1|B|\r\n";
        let file = file.replace('|', separator);
        assert_eq!(read(file.as_bytes()).unwrap(), [service(2, "v1"), service(5, "v2")]);
    }
    let mut dump = Dump::default();
    let entries =
        dump.feed(b"id,nom,latitude,publics\ns1,\"a\n\"\"b\"\"\",46.1,\"['femmes']\"\ns2,b,,\n").unwrap();
    let objects: Vec<_> = entries.into_iter().map(|entry| Value::Object(entry.read.unwrap().1)).collect();
    let first = json!({"id": "s1", "nom": "a\n\"b\"", "latitude": 46.1, "publics": ["femmes"]});
    assert_eq!(objects, [first, json!({"id": "s2", "nom": "b"})]);
}

#[test]
fn a_broken_line_of_a_table_costs_itself_alone() {
    let file = b"id,structure_id,nom\nv1,s1,A\nv2,s1\nv3,s1,\"open\nv4,s1,\"B, b\"\nv5,s1,\xe9\nv6,s1,C,D\nv7,s1,5\" E\nv8,s1,\"F\"";
    let wanted = [
        service(2, "v1"),
        (3, Err(Broken::Cells { given: 2, most: 3 })),
        (4, Err(Broken::Quote)),
        service(5, "v4"),
        (6, Err(Broken::NotUtf8)),
        (7, Err(Broken::Cells { given: 4, most: 3 })),
        service(8, "v7"),
        service(9, "v8"),
    ];
    assert_eq!(read(file).unwrap(), wanted);
    let last = b"id,nom\ns1,\"open\ns2,B\n";
    assert_eq!(read(last).unwrap(), [(2, Err(Broken::Quote)), structure(3, "s2")]);
}

#[test]
fn a_table_of_open_quotes_is_given_up() {
    let file = |lines: usize| format!("id,nom\n{}", "s1,\"x\n".repeat(lines));
    let read = in_pieces(file(1_000).as_bytes(), 4096).unwrap();
    assert!(read.len() == 1_000 && read.iter().all(|(_, read)| *read == Err(Broken::Quote)));
    assert!(matches!(in_pieces(file(1_001).as_bytes(), 4096), Err(DumpError::NotADump(_))));
}
