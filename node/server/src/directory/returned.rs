//! Records of this structure that come back from a partner.
//!
//! Nobody signs them but this node. One that it does not know was published after the copy from which its folder was put
//! back; to publish on as if it had never been would be refused everywhere as older, or be proof of a lie.
//!
//! Whatever this structure said last holds, as it does everywhere: a later record is taken in as it came, and when something else was said
//! here since, that is signed anew above it. A record counts only while partners would take it as well, that is signed by
//! the manifest in use or by one that was followed at most 30 days ago. Who stole a key that was given up before can so
//! neither put words into this structure's mouth nor use its sequences up.

use super::publish::Words;
use super::shelf::{Holds, document_key, write};
use super::{AdmitError, Directory, DirectoryError};
use relais_domain::directory::{DirectoryRefusal, Held, Record, RecordKey};
use relais_domain::structure_id::StructureId;
use relais_store::batch::{Batch, RefusalWrite};
use relais_wire::record::SignedRecord;

/// Under which code later records of this structure are counted that partners held.
const RETURNED: &str = "directory_returned";
/// Under which code those are counted that no copy of this folder can have said.
const AHEAD: &str = "directory_ahead";

/// How far beyond the last known sequence a record may be that comes back: no node says more than it published between a
/// copy and its return. What is further ahead someone else signed with a key of this structure. It stands in the way
/// wherever it arrived, until the root is rotated: all that can be done here is to tell the admin.
pub(super) const RETURNED_AHEAD_MAX: u64 = 1 << 20;

/// What is to be published because of a record that came back.
enum Answer {
    /// The record, as it came.
    Itself(Box<SignedRecord>),
    /// What it says, in a version above both.
    Theirs(Box<Record>),
    /// What is said here, in a version above the one that came.
    Ours(Box<Record>),
    /// Nothing: the next version will stand above it.
    Nothing,
}

impl Directory {
    /// Takes in a record of this structure that a partner holds, if it is one that this node does not know any more.
    ///
    /// # Errors
    /// [`AdmitError::Own`] when there is nothing to be learnt from it; else what is wrong with it.
    pub async fn take_back(&self, signed: SignedRecord, from: StructureId) -> Result<(), AdmitError> {
        let own = self.own.structure();
        let chain = self.own.chain();
        let named = signed.record.manifest;
        // A thief of a former root would have his words signed anew by the present one.
        if chain.at(named).is_some() && !chain.is_of_current_root(named) {
            return Err(AdmitError::FormerRoot);
        }
        signed.verify(own, |manifest| self.keys_of(&chain, manifest))?;
        let _writing = self.writing.lock().await;
        let (key, sequence, now) = (signed.record.key(), signed.record.sequence, self.clock.now());
        let (known, held) = self.read_index(|index| {
            (index.sequences.get(&key).copied().unwrap_or(0), index.records.held(own, &key).cloned())
        });
        if sequence < known {
            return Err(AdmitError::Own);
        }
        if sequence - known > RETURNED_AHEAD_MAX {
            tracing::error!(
                peer.id = %from, subject = %key, sequence, known,
                "A partner holds a record that someone else signed with a key of this structure: rotate its identity"
            );
            self.count_returned(from, AHEAD).await?;
            return Err(AdmitError::Own);
        }
        let is_current = |held: &Held| held.record.expires_at > now;
        let judged = self.read(|records| records.judge(&signed.record, signed.identity, now));
        let later_here =
            held.filter(|held| is_current(held) && held.record.issued_at > signed.record.issued_at);
        let answer = match (judged, later_here) {
            (
                Ok(_) | Err(DirectoryRefusal::Equivocation { .. } | DirectoryRefusal::Backdated),
                Some(held),
            ) if sequence > known || judged.is_err() => Answer::Ours(Box::new(held.record)),
            (Ok(_), None) if sequence > known => Answer::Itself(Box::new(signed)),
            (Err(DirectoryRefusal::Equivocation { .. }), None) => Answer::Theirs(Box::new(signed.record)),
            (Err(DirectoryRefusal::Backdated | DirectoryRefusal::Full), _) => Answer::Nothing,
            (Ok(_), _) | (Err(DirectoryRefusal::Older { .. } | DirectoryRefusal::Equivocation { .. }), _) => {
                return Err(AdmitError::Own);
            }
            (Err(refusal), _) => return Err(refusal.into()),
        };
        tracing::error!(
            peer.id = %from, subject = %key, sequence, known,
            "A partner holds a later record of this structure than this node: its folder was put back from an older copy"
        );
        self.index.write().sequences.insert(key, sequence);
        self.count_returned(from, RETURNED).await?;
        let above =
            |Record { body, issued_at, expires_at, .. }| self.sign_between(body, issued_at, expires_at);
        let (published, words) = match answer {
            Answer::Itself(signed) => (*signed, Words::Returned),
            Answer::Theirs(record) => (above(*record)?, Words::Returned),
            Answer::Ours(record) => (above(*record)?, Words::Again),
            Answer::Nothing => return Ok(()),
        };
        Ok(self.commit_own(vec![published], words).await?)
    }

    async fn count_returned(&self, from: StructureId, code: &str) -> Result<(), DirectoryError> {
        let counted =
            RefusalWrite { peer: Some(from), code: code.to_owned(), count: 1, at: self.clock.now() };
        Ok(self.store.commit(Batch { refusals: vec![counted], ..Batch::default() }).await?)
    }

    /// Drops what came back from partners under a root that a rotation of this structure has ended since, and that nobody
    /// has said here: whoever had that root may have said it. Under a rotation all else is signed anew.
    pub(super) async fn forget_returned(&self) -> Result<(), DirectoryError> {
        let (own, chain) = (self.own.structure(), self.own.chain());
        let gone: Vec<RecordKey> = self.read_index(|index| {
            let is_of_former = |key: &&RecordKey| {
                let held = index.records.held(own, key);
                held.is_some_and(|held| !chain.is_of_current_root(held.record.manifest))
            };
            index.returned.iter().filter(is_of_former).cloned().collect()
        });
        if gone.is_empty() {
            return Ok(());
        }
        let documents = gone.iter().flat_map(|key| {
            [Holds::Record, Holds::Returned].map(|holds| write(document_key(own, key, holds), None))
        });
        self.store.commit(Batch { documents: documents.collect(), ..Batch::default() }).await?;
        let mut index = self.index.write();
        for key in &gone {
            tracing::error!(
                subject = %key,
                "What a partner gave back before the rotation is not said any more: publish it again if it is true"
            );
            index.records.remove(own, key);
            index.returned.remove(key);
        }
        index.generation += 1;
        Ok(())
    }
}
