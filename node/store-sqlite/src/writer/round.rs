//! One round, one transaction: written whole, or rolled back and each of its batches tried alone, so that no batch
//! fails for another.

use super::check::{Checked, Facts};
use super::ledger::LedgerEnd;
use super::plan::Round;
use super::{Verdict, Writer, plan, seal, segment};
use crate::fault::{Cause, Fault};
use crate::sql::{doomed, session};
use relais_domain::ledger_leaf::Leaf;
use relais_store::CommitError;
use relais_store::batch::Batch;
use relais_store::vault::Subject;
use std::collections::BTreeSet;

/// What a transaction has written so far.
struct Draft {
    verdicts: Vec<Verdict>,
    ledger: LedgerEnd,
    /// Keys whose rows it deletes.
    doomed: Vec<i64>,
}

impl Writer {
    /// Writes a round; says of each batch what became of it.
    pub(super) async fn write(&mut self, group: &[&Batch], round: &Round) -> Vec<Verdict> {
        let indices: Vec<usize> = round.segments.concat();
        let fault = match self.attempt(group, round).await {
            Ok(verdicts) => return verdicts,
            Err(fault) => fault,
        };
        if let [index] = indices.as_slice() {
            return vec![(*index, Err(refused(fault)))];
        }
        tracing::warn!(error = ?fault, batches = indices.len(), "A group failed: trying each batch alone");
        let mut verdicts = Vec::with_capacity(indices.len());
        for index in indices {
            let alone = Round { segments: vec![vec![index]] };
            match self.attempt(group, &alone).await {
                Ok(verdict) => verdicts.extend(verdict),
                Err(fault) => verdicts.push((index, Err(refused(fault)))),
            }
        }
        verdicts
    }

    /// Writes a round in one transaction; on `Err`, nothing of it is written.
    async fn attempt(&mut self, group: &[&Batch], round: &Round) -> Result<Vec<Verdict>, Fault> {
        self.destroy_doomed().await?;
        session::begin(&mut self.files.data).await?;
        let ended = match self.draft(group, round).await {
            Ok(draft) => session::commit(&mut self.files.data).await.map(|()| draft),
            Err(fault) => Err(fault),
        };
        match ended {
            Ok(draft) => {
                self.ledger = draft.ledger;
                self.owed.destroyed.clear();
                self.keyring.forget(&draft.doomed);
                self.owed.doomed.extend(draft.doomed);
                let mut written = round.segments.iter().flatten().filter_map(|index| group.get(*index));
                if written.any(|batch| plan::is_erasing(batch)) {
                    self.owed.stale_log();
                }
                Ok(draft.verdicts)
            }
            Err(fault) => {
                session::rollback(&mut self.files.data).await;
                Err(fault)
            }
        }
    }

    async fn draft(&mut self, group: &[&Batch], round: &Round) -> Result<Draft, Fault> {
        doomed::remove(&mut self.files.data, &self.owed.destroyed).await?;
        let mut draft = Draft { verdicts: Vec::new(), ledger: self.ledger.clone(), doomed: Vec::new() };
        for segment in &round.segments {
            let batches: Vec<(usize, &Batch)> =
                segment.iter().filter_map(|index| Some((*index, *group.get(*index)?))).collect();
            self.draft_segment(&mut draft, &batches).await?;
        }
        Ok(draft)
    }

    /// Checks the batches of a segment and writes those that may be written.
    async fn draft_segment(&mut self, draft: &mut Draft, segment: &[(usize, &Batch)]) -> Result<(), Fault> {
        let batches: Vec<&Batch> = segment.iter().map(|(_, batch)| *batch).collect();
        let facts = Facts::read(&mut self.files.data, &batches).await?;
        let mut checked = Vec::with_capacity(batches.len());
        for (index, batch) in segment {
            let verdict = facts.check(batch).map(|batch| checked.push(batch));
            draft.verdicts.push((*index, verdict));
        }
        if checked.is_empty() {
            return Ok(());
        }
        let keys = self.keyring.ensure(&mut self.files.keys, seal::subjects(&checked)).await?;
        segment::write(&mut self.files.data, &checked, &keys).await?;
        let leaves: Vec<&Leaf> = checked.iter().flat_map(|checked| &checked.batch.leaves).collect();
        draft.ledger.append(&mut self.files.data, &leaves).await?;
        self.doom(draft, &checked).await
    }

    /// Notes, in the transaction that deletes the rows, which keys must be destroyed after it.
    async fn doom(&mut self, draft: &mut Draft, checked: &[Checked<'_>]) -> Result<(), Fault> {
        let erased: BTreeSet<Subject> = checked.iter().flat_map(Checked::erased).collect();
        let numbers = self.keyring.numbers(&mut self.files.keys, &erased).await?;
        doomed::insert(&mut self.files.data, &numbers).await?;
        draft.doomed.extend(numbers);
        Ok(())
    }
}

/// What a batch that failed alone is told: an id that is taken means that the facts were others.
fn refused(fault: Fault) -> CommitError {
    match fault.cause() {
        Cause::Taken => CommitError::Conflict,
        Cause::Full | Cause::Corrupt | Cause::NotADatabase | Cause::ReadOnly | Cause::Other => {
            CommitError::Store(fault.into())
        }
    }
}
