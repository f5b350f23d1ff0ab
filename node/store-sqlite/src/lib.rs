//! Relais on SQLite: two files in one folder, one writer with group commit, a few readers.
//!
//! `data.db` holds everything, what concerns a person sealed; `keys.db` holds the data keys that open it, wrapped by
//! the node key. Erasing deletes rows and destroys keys. SQL lives here and nowhere else; no protobuf and no socket
//! enters.

mod fault;
mod open;
mod reader;
mod sql;
mod store;
mod writer;

pub use open::{OpenError, Options};
pub use store::SqliteStore;
