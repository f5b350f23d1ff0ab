//! What a run takes at most.

use super::*;
use crate::clock::{Clock, Dice};
use relais_store::memory::MemoryStore;

async fn run() -> Run {
    let store = Arc::new(MemoryStore::new());
    let open = Arc::new(OpenData::new(store, Clock::system(), Dice::system().unwrap()));
    let mut run = open.seed("x").await.unwrap();
    run.begin_file().await.unwrap();
    run
}

#[tokio::test]
async fn a_dump_has_a_longest_length() {
    let mut run = run().await;
    run.progress.bytes = OPEN_DUMP_BYTES_MAX - 1;
    run.take(b"[").await.unwrap();
    assert!(matches!(run.take(b" ").await, Err(SeedError::TooLong)));
}

#[tokio::test]
async fn so_many_entries_are_held() {
    let mut run = run().await;
    run.room = (1, 2);
    let object = |id: &str, of: &str| {
        format!(
            "{{\"source\":\"x\",\"id\":\"{id}\",\"nom\":\"Essai\",\"description\":\"Un essai\",\"date_maj\":\"2026-09-01\"{of}}}\n"
        )
    };
    for id in ["s1", "s2"] {
        run.take(object(id, "").as_bytes()).await.unwrap();
    }
    for id in ["a", "b", "c"] {
        run.take(object(id, ",\"structure_id\":\"s1\"").as_bytes()).await.unwrap();
    }
    let (progress, remarks) = run.progress();
    assert_eq!((progress.structures, progress.services, progress.refused), (1, 2, 2));
    let said: Vec<_> = remarks.into_iter().map(|one| one.said).collect();
    let wanted =
        [OPEN_STRUCTURES_MAX, OPEN_SERVICES_MAX].map(|most| Said::Wrong(Wrong::TooManyEntries(most)));
    assert_eq!(said, wanted);
    assert_eq!(run.end().await.unwrap().created, 2);
}

/// One batch holds so many documents and so many bytes: the largest entries fill it by their bytes, others by their number.
#[tokio::test]
async fn what_waits_to_be_written_has_its_bounds() {
    for (letters, written) in [(10_000, 14), (10, 128)] {
        let mut run = run().await;
        let words = "x".repeat(letters);
        let mut before = 0;
        for number in 1..=130 {
            let line = format!(
                "{{\"source\":\"x\",\"id\":\"{number}\",\"structure_id\":\"s\",\"nom\":\"Essai\",\
                 \"description\":\"{words}\",\"date_maj\":\"2026-09-01\"}}\n"
            );
            run.take(line.as_bytes()).await.unwrap();
            assert!(run.waiting.len() < 128 && run.waiting_bytes < 131_072);
            if run.waiting.is_empty() {
                break;
            }
            before = run.waiting.len();
        }
        assert!(before < written && run.waiting.is_empty(), "{before}");
        assert_eq!(run.progress().0.refused, 0);
    }
}
