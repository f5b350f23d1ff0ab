//! Threads, their events and local steps.

use super::failure::{equal, there};
use super::{Backend, Failure, sample};
use crate::rows::StoredThread;

pub(super) async fn a_thread_comes_back_as_it_was_written(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    equal(store.thread(sample::thread_id(1)).await?, None)?;
    let opening = sample::opening(1);
    store.commit(sample::batch(opening.clone())).await?;
    let kept = there(store.thread(opening.row.id).await?)?;
    equal(kept, StoredThread { row: opening.row, events: opening.events, steps: Vec::new(), prepared: None })
}
