//! Request ids that are used up: an act asked twice is done once, and one that was taken back is never done.

use super::{Engine, EngineError, Request, write};
use relais_domain::id::ThreadId;
use relais_store::batch::DocumentWrite;

impl Engine {
    /// Whether an act with this request id had its one effect, or was kept from ever having one.
    ///
    /// # Errors
    /// [`EngineError::Refused`] when the id was used for another thread.
    pub async fn is_done(&self, request: Request, thread: ThreadId) -> Result<bool, EngineError> {
        self.done_before(Some(request), thread).await
    }

    /// What uses a request id up without an effect; a conflict when the act was done already.
    pub(crate) fn use_up(&self, request: Request, thread: ThreadId) -> DocumentWrite {
        write::done(request, thread, self.clock.now())
    }
}
