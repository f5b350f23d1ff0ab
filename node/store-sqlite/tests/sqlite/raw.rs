//! The files of a closed store, seen past the store: through SQLite alone, and byte by byte.

use super::room::Room;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};
use std::path::Path;

/// Opens one file.
pub(super) async fn connect(file: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(file).disable_statement_logging();
    options.connect().await.expect("the file opens")
}

/// Runs statements on one file.
pub(super) async fn run(file: &Path, statements: &[&'static str]) {
    let mut connection = connect(file).await;
    for statement in statements {
        sqlx::query(*statement).execute(&mut connection).await.expect(statement);
    }
    connection.close().await.expect("the file closes");
}

/// The blobs in the first column of what a query answers.
pub(super) async fn blobs(file: &Path, query: &'static str) -> Vec<Vec<u8>> {
    let mut connection = connect(file).await;
    let rows = sqlx::query(query).fetch_all(&mut connection).await.expect(query);
    connection.close().await.expect("the file closes");
    rows.iter().map(|row| row.get(0)).collect()
}

/// The number a query answers.
pub(super) async fn number(file: &Path, query: &'static str) -> i64 {
    let mut connection = connect(file).await;
    let number = sqlx::query_scalar(query).fetch_one(&mut connection).await.expect(query);
    connection.close().await.expect("the file closes");
    number
}

/// The names of the files of a folder that hold `bytes`.
pub(super) fn holding(room: &Room, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(room.path()).expect("the folder") {
        let path = entry.expect("an entry").path();
        let held = std::fs::read(&path).expect("the file");
        if held.windows(bytes.len()).any(|window| window == bytes) {
            found.push(path.file_name().expect("a name").to_string_lossy().into_owned());
        }
    }
    found
}

/// A text as it could lie in a file by mistake.
pub(super) fn forms(text: &str) -> Vec<Vec<u8>> {
    let hex = |digits: fn(u8) -> String| text.bytes().map(digits).collect::<String>().into_bytes();
    let mut forms = vec![
        text.as_bytes().to_vec(),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        hex(|byte| format!("{byte:02x}")),
        hex(|byte| format!("{byte:02X}")),
    ];
    // What surrounds the text moves it within base64: all three places, without the symbols that neighbours share.
    for shift in 0..3 {
        let padded = [vec![0; shift], text.as_bytes().to_vec()].concat();
        let encoded = STANDARD.encode(padded).into_bytes();
        forms.push(encoded[4..encoded.len() - 4].to_vec());
    }
    forms
}
