//! Records of this structure that come back from a partner.
//!
//! Nobody signs them but this node. One that it does not know was published after the copy from which its folder was put
//! back; to publish on as if it had never been would be refused everywhere as older, or be proof of a lie.
//!
//! Whatever this structure said last holds, as it does everywhere: a later record is taken in as it came, and when something else was said
//! here since, that is signed anew above it. A record counts only while partners would take it as well, that is signed by
//! the manifest in use or by one that was followed at most 30 days ago. Who stole a key that was given up before can so
//! neither put words into this structure's mouth nor use its sequences up.

use super::{AdmitError, Directory, Entry};
use relais_domain::directory::{DirectoryRefusal, Held, Record};
use relais_domain::structure_id::StructureId;
use relais_store::batch::{Batch, RefusalWrite};
use relais_wire::record::SignedRecord;

/// Under which code later records of this structure are counted that partners held.
const RETURNED: &str = "directory_returned";

/// What is to be published because of a record that came back.
enum Answer {
    /// The record, as it came.
    Itself(Box<SignedRecord>),
    /// What this record says, in a version above the one that came.
    Above(Box<Record>),
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
        // Above the last number there would be nothing.
        if sequence < known || sequence == u64::MAX {
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
            ) if sequence > known || judged.is_err() => Answer::Above(Box::new(held.record)),
            (Ok(_), None) if sequence > known => Answer::Itself(Box::new(signed)),
            (Err(DirectoryRefusal::Equivocation { .. }), None) => Answer::Above(Box::new(signed.record)),
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
        let code = RETURNED.to_owned();
        let counted = RefusalWrite { peer: Some(from), code, count: 1, at: now };
        let counted = Batch { refusals: vec![counted], ..Batch::default() };
        self.store.commit(counted).await.map_err(super::DirectoryError::from)?;
        let published = match answer {
            Answer::Itself(signed) => vec![*signed],
            Answer::Above(record) => {
                let Record { body, issued_at, expires_at, .. } = *record;
                vec![self.sign_between(body, issued_at, expires_at)?]
            }
            Answer::Nothing => Vec::new(),
        };
        Ok(self.commit_own(published).await?)
    }

    /// The record that is held with the same sequence as this one: whoever signed both may not know of it.
    pub fn held_beside(&self, other: &SignedRecord) -> Option<Entry> {
        let (record, now) = (&other.record, self.clock.now());
        self.read(|records| {
            let held = records.held(record.structure, &record.key())?;
            let beside = held.record.sequence == record.sequence && held.record.expires_at > now;
            let (structure, key, identity) = (record.structure, record.key(), held.identity);
            beside.then_some(Entry { structure, key, identity })
        })
    }
}
