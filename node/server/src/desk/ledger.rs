//! The ledger: its checkpoint, proofs anyone can verify, and its self-check.

use super::threads::thread_id;
use super::{Desk, answer};
use crate::ledger::{Contradiction, LedgerError};
use crate::register::Order;
use relais_domain::digest::Digest;
use relais_domain::event::Side;
use relais_domain::id::MessageId;
use relais_proto::desk::v1::ledger_prove_request::Subject;
use relais_proto::desk::v1::{self as desk, LedgerProblem, LedgerProblemKind as Kind};
use relais_store::{CommitError, StoreError};
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
        let found = match checked {
            Ok(state) => desk::LedgerStatusResponse {
                check: desk::LedgerCheck::Holds.into(),
                root: state.root.as_bytes().to_vec(),
                checkpoint_size: state.checkpoint_size,
                ..desk::LedgerStatusResponse::default()
            },
            Err(error) => desk::LedgerStatusResponse {
                check: desk::LedgerCheck::Broken.into(),
                problem: error.to_string(),
                coded_problem: Some(coded(&error)),
                ..desk::LedgerStatusResponse::default()
            },
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
        Ok(desk::LedgerStatusResponse { size, peers, ..found })
    }
}

/// What the check found, coded: pages say it in their own language.
fn coded(error: &LedgerError) -> LedgerProblem {
    let of = |kind: Kind| LedgerProblem { kind: kind.into(), ..LedgerProblem::default() };
    match error {
        LedgerError::Contradiction(Contradiction::LeavesMissing { signed, held }) => {
            LedgerProblem { signed: *signed, held: *held, ..of(Kind::LeavesMissing) }
        }
        LedgerError::Contradiction(Contradiction::NotAsSigned(signed)) => {
            LedgerProblem { signed: *signed, ..of(Kind::NotAsSigned) }
        }
        LedgerError::Contradiction(Contradiction::LeafMissing(place)) => {
            LedgerProblem { place: *place, ..of(Kind::LeafMissing) }
        }
        LedgerError::Contradiction(Contradiction::OtherTree) => of(Kind::OtherTree),
        LedgerError::Tree(_) => of(Kind::TreeNotWhole),
        LedgerError::Checkpoint(_) => of(Kind::CheckpointBad),
        LedgerError::Store(StoreError::Corrupt(_))
        | LedgerError::Commit(CommitError::Store(StoreError::Corrupt(_))) => of(Kind::Corrupt),
        LedgerError::Store(StoreError::Unavailable(_) | StoreError::Full)
        | LedgerError::Commit(
            CommitError::Conflict | CommitError::Store(StoreError::Unavailable(_) | StoreError::Full),
        )
        | LedgerError::Proof(_) => of(Kind::NotChecked),
    }
}

/// What a failure with the ledger is answered with.
pub(super) fn ledger_error(error: &LedgerError) -> Status {
    answer::refused(Code::Internal, "ledger", None, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::bench::House;
    use super::*;
    use relais_domain::merkle::MerkleError;
    use relais_store::Store;
    use relais_store::batch::{Batch, DocumentWrite, Expected};
    use relais_store::rows::Shelf;
    use relais_wire::ledger::CheckpointError;

    #[test]
    fn every_problem_of_the_ledger_has_a_code_of_its_own_and_keeps_its_numbers() {
        let all: [LedgerError; 8] = [
            Contradiction::LeavesMissing { signed: 7, held: 3 }.into(),
            Contradiction::NotAsSigned(7).into(),
            Contradiction::LeafMissing(4).into(),
            Contradiction::OtherTree.into(),
            MerkleError::Full.into(),
            CheckpointError::NoSignatures.into(),
            StoreError::Corrupt("row".to_owned()).into(),
            StoreError::Full.into(),
        ];
        let coded: Vec<LedgerProblem> = all.iter().map(coded).collect();
        let kinds: Vec<i32> = coded.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, (1..=8).collect::<Vec<_>>());
        assert!(Kind::try_from(9).is_err(), "a code that no problem has");
        assert_eq!((coded[0].signed, coded[0].held, coded[1].signed, coded[2].place), (7, 3, 7, 4));
    }

    #[tokio::test]
    async fn what_the_check_finds_is_answered_coded_and_in_words() {
        let house = House::new("agency");
        let desk = house.desk().await;
        let whole = desk.ledger_status().await.unwrap();
        assert_eq!(
            (whole.check(), whole.coded_problem, whole.problem.as_str()),
            (desk::LedgerCheck::Holds, None, "")
        );
        let no_note = DocumentWrite {
            shelf: Shelf::Checkpoint,
            key: 1u64.to_be_bytes().to_vec(),
            expected_version: Expected::Any,
            body: Some(b"no note".to_vec()),
        };
        house.memory.commit(Batch { documents: vec![no_note], ..Batch::default() }).await.unwrap();
        let broken = desk.ledger_status().await.unwrap();
        assert_eq!(broken.check(), desk::LedgerCheck::Broken);
        assert_eq!(broken.coded_problem.unwrap().kind(), Kind::CheckpointBad);
        assert!(broken.problem.contains("a stored checkpoint is no good"), "{}", broken.problem);
    }
}
