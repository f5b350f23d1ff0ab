//! The ledger: its checkpoint, proofs anyone can verify, and its self-check.

use super::threads::thread_id;
use super::{Desk, answer};
use crate::ledger::LedgerError;
use crate::register::Order;
use relais_domain::digest::Digest;
use relais_domain::event::Side;
use relais_domain::id::MessageId;
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::ledger_prove_request::Subject;
use relais_store::StoreError;
use tonic::{Code, Status};

impl Desk {
    pub(super) async fn checkpoint(&self) -> Result<desk::LedgerCheckpointResponse, Status> {
        let signed = self.ledger.checkpoint().await.map_err(|error| ledger_error(&error))?;
        Ok(desk::LedgerCheckpointResponse { checkpoint: signed.note, size: signed.checkpoint.size })
    }

    pub(super) async fn prove(
        &self,
        request: desk::LedgerProveRequest,
    ) -> Result<desk::LedgerProveResponse, Status> {
        let identity = match request.subject {
            Some(Subject::Event(place)) => {
                let loaded = self.load(thread_id(&place.thread_id)?).await?;
                let side = match desk::Side::try_from(place.side) {
                    Ok(desk::Side::Sender) => Side::Sender,
                    Ok(desk::Side::Receiver) => Side::Receiver,
                    Ok(desk::Side::Unspecified) | Err(_) => {
                        return Err(answer::field("side", "sender or receiver"));
                    }
                };
                let mut chain = loaded.thread.chain(side).iter();
                chain.find(|event| event.skeleton.sequence == place.sequence).map(|event| event.identity)
            }
            Some(Subject::MessageId(bytes)) => {
                let message = MessageId::from_slice(&bytes)
                    .ok_or_else(|| answer::field("message_id", "16 bytes of a random id"))?;
                self.identity_of(message).await?
            }
            None => return Err(answer::field("subject", "say which event is to be proven")),
        };
        let identity = identity.ok_or_else(answer::not_there)?;
        let proof = self.ledger.prove(identity).await.map_err(|error| ledger_error(&error))?;
        let proof = proof.ok_or_else(answer::not_there)?;
        Ok(desk::LedgerProveResponse { proof_file: proof.text, index: proof.index, size: proof.size })
    }

    /// The identity of a message: one that came has its receipt; one that was sent is looked for among what waits and
    /// what is receipted, in the threads that changed last first, and then everywhere.
    async fn identity_of(&self, message: MessageId) -> Result<Option<Digest>, Status> {
        let store = self.engine.store();
        let fault = |error: StoreError| answer::engine(error.into());
        if let Some(row) = store.inbox(message).await.map_err(fault)? {
            return Ok(Some(row.identity));
        }
        let threads = self.register.select(Order::Changed, |_, _| true);
        for (thread, line) in &threads {
            let acks = store.acks(*thread).await.map_err(fault)?;
            let acked = acks.iter().find(|ack| ack.message == message).map(|ack| ack.sequence);
            let waiting = store.outbox_of(*thread).await.map_err(fault)?;
            let waits = waiting.iter().find(|row| row.message == message).map(|row| row.sequence);
            if let Some(sequence) = acked.or(waits) {
                let event = store.event(*thread, line.side, sequence).await.map_err(fault)?;
                return Ok(event.map(|event| event.identity));
            }
        }
        // An opening that was refused for good neither waits nor is receipted.
        for (thread, _) in threads {
            let stored = store.thread(thread).await.map_err(fault)?;
            let events = stored.map(|stored| stored.events).unwrap_or_default();
            if let Some(event) = events.into_iter().find(|event| event.message == message) {
                return Ok(Some(event.identity));
            }
        }
        Ok(None)
    }

    pub(super) async fn ledger_status(&self) -> Result<desk::LedgerStatusResponse, Status> {
        let checked = self.ledger.check().await;
        let size = self.engine.store().ledger_size().await.map_err(|error| answer::engine(error.into()))?;
        let (check, problem, root, checkpoint_size) = match checked {
            Ok(state) => (
                desk::LedgerCheck::Holds,
                String::new(),
                state.root.as_bytes().to_vec(),
                state.checkpoint_size,
            ),
            Err(error) => (desk::LedgerCheck::Broken, error.to_string(), Vec::new(), 0),
        };
        let mut peers = Vec::new();
        for (record, _) in self.engine.peers().all() {
            let known =
                self.ledger.of_peer(record.structure()).await.map_err(|error| ledger_error(&error))?;
            let Some(known) = known else { continue };
            peers.push(desk::PeerLedger {
                peer_id: record.structure().as_bytes().to_vec(),
                name: record.name().to_owned(),
                size: known.size,
                seen_ms: known.seen_at.0,
                consistent: if known.contradiction.is_some() || known.unproven.is_some() {
                    desk::LedgerCheck::Broken
                } else {
                    desk::LedgerCheck::Holds
                }
                .into(),
            });
        }
        Ok(desk::LedgerStatusResponse { size, root, checkpoint_size, check: check.into(), problem, peers })
    }
}

/// What a failure with the ledger is answered with.
pub(super) fn ledger_error(error: &LedgerError) -> Status {
    answer::refused(Code::Internal, "ledger", None, error.to_string())
}
