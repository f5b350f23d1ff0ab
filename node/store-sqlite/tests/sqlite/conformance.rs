//! SQLite is held to what every store promises.

use super::room::Room;
use relais_store::Store;
use relais_store::conformance::{self, Backend, Later};
use relais_store_sqlite::SqliteStore;
use std::sync::Arc;

struct Folder {
    room: Room,
    store: Arc<SqliteStore>,
}

impl Backend for Folder {
    fn store(&self) -> Arc<dyn Store> {
        Arc::<SqliteStore>::clone(&self.store)
    }

    fn reopen(&mut self) -> Later<'_, ()> {
        Box::pin(async {
            self.store.close().await.expect("the store closes");
            self.store = Arc::new(self.room.open().await);
        })
    }
}

async fn fresh() -> Folder {
    let room = Room::new();
    let store = Arc::new(room.open().await);
    Folder { room, store }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_promise_is_kept() {
    if let Err(failures) = conformance::all(fresh).await {
        panic!("{}", failures.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    }
}
