//! What would be decided now, by the same rules and on the same facts; nothing is written.

use super::{Engine, EngineError, write};
use relais_domain::id::ThreadId;
use relais_domain::structure_id::StructureId;
use relais_domain::thread::{Act, Command, Decision, Opening};

impl Engine {
    /// What opening a thread would do.
    ///
    /// # Errors
    /// [`EngineError`], as [`Engine::open`] would answer.
    pub async fn rehearse_open(&self, opening: Opening) -> Result<Decision, EngineError> {
        let (thread, peer) = (opening.thread, opening.recipient);
        self.rehearse(thread, peer, &Command::Open(Box::new(opening))).await
    }

    /// What an act would do.
    ///
    /// # Errors
    /// [`EngineError`], as [`Engine::act`] would answer.
    pub async fn rehearse_act(&self, thread: ThreadId, act: Act) -> Result<Decision, EngineError> {
        let peer = self.peer_of(thread).await?;
        self.rehearse(thread, peer, &Command::Act(act)).await
    }

    async fn rehearse(
        &self,
        thread: ThreadId,
        peer: StructureId,
        command: &Command,
    ) -> Result<Decision, EngineError> {
        let own = self.own.structure();
        let job =
            write::Job { thread, peer, signer: own, carrier: own, command, envelope: None, request: None };
        let (_, decision, _) = self.judge(&job).await?;
        Ok(decision)
    }
}
