//! Rotations of the root, as the directory heeds them.
//!
//! Threat: a thief of the former root's keys signs records and endorsements, with the highest sequence there is, and has
//! partners carry them. So a record counts only under a manifest of the root that signs now: there is no grace across a
//! rotation. When one is first seen, whatever the former root signed is dropped with the floors it left, and sequences
//! begin anew; the structure itself signs its own again (`publish.rs`). By which root it signs is remembered apart from
//! its manifests, in the batch that drops what went before: a chain that knows less is behind from then on.

use super::shelf::{Holds, root_key, write};
use super::stored::{Stored, read_stored};
use super::{Directory, DirectoryError, Entry, Index, of_carried};
use relais_domain::digest::Digest;
use relais_domain::directory::Load;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_store::StoreError;
use relais_store::batch::{Batch, DocumentWrite};
use relais_store::rows::{Document, Shelf};
use relais_wire::manifest::chain::Chain;
use relais_wire::record::SignedRecord;

impl Index {
    /// Whether somebody's word for a structure is held: while it is, its rotation is remembered, else the word would be for
    /// manifests of before as well.
    pub(super) fn is_spoken_for(&self, structure: StructureId, now: Timestamp) -> bool {
        self.records.endorsements_of(structure, now).next().is_some()
    }

    /// By which root a structure signs, as far as is known: SHA-256 of its SPKI, which of the first is the structure's id.
    fn root(&self, structure: StructureId) -> Digest {
        self.roots.get(&structure).copied().unwrap_or(Digest(*structure.as_bytes()))
    }

    /// Whether a chain tells of a rotation that is not known yet.
    fn is_turned_by(&self, chain: &Chain) -> bool {
        let known = self.root(chain.structure());
        chain.current().root().spki_hash() != known && chain.names_root(known)
    }
}

/// What is left of the documents of a structure once its root is another.
#[derive(Default)]
struct Turned {
    /// Records that the new root's manifests vouch for.
    kept: Vec<SignedRecord>,
    /// What is to be written.
    documents: Vec<DocumentWrite>,
}

impl Turned {
    fn of(documents: Vec<Document>, chain: &Chain) -> Result<Self, StoreError> {
        let mut turned = Self::default();
        for document in documents {
            match Holds::of(&document.key) {
                // Proof stays proof.
                Holds::Conflict | Holds::Root | Holds::Returned => {}
                Holds::Floor => turned.documents.push(write(document.key, None)),
                Holds::Record => match read_stored(&document.body)? {
                    Stored::Read(signed) if is_signed_under_current_root(&signed, chain) => {
                        turned.kept.push(signed)
                    }
                    Stored::Read(_) | Stored::Unread(_) => turned.documents.push(write(document.key, None)),
                },
            }
        }
        let (root, key) = (chain.current().root().spki_hash(), root_key(chain.structure()));
        turned.documents.push(write(key, Some(root.as_bytes().to_vec())));
        Ok(turned)
    }
}

fn is_signed_under_current_root(signed: &SignedRecord, chain: &Chain) -> bool {
    let keys = |manifest| {
        let usable = chain.is_of_current_root(manifest);
        usable.then(|| chain.signing_keys_at(manifest).map(<[_]>::to_vec)).flatten()
    };
    signed.verify(chain.structure(), keys).is_ok()
}

impl Directory {
    /// Drops what a former root of a structure signed, if its chain tells of a rotation that was not known here. Before
    /// the chain is kept, so that nothing it does not vouch for is held beside it.
    ///
    /// # Errors
    /// [`DirectoryError::Store`].
    pub async fn turn_root(&self, chain: &Chain) -> Result<(), DirectoryError> {
        let structure = chain.structure();
        let turns = || self.read_index(|index| index.is_turned_by(chain));
        if structure == self.own.structure() || !turns() {
            return Ok(());
        }
        let _writing = self.writing.lock().await;
        if !turns() {
            return Ok(());
        }
        let documents = self.store.documents(Shelf::Record, structure.as_bytes()).await?;
        let Turned { kept, documents } = Turned::of(documents, chain)?;
        let dropped = documents.len().saturating_sub(1);
        self.store.commit(Batch { documents, ..Batch::default() }).await?;
        tracing::warn!(structure.id = %structure, dropped, "A structure rotated its root: what the former one signed goes");
        let now = self.clock.now();
        let mut index = self.index.write();
        index.records.forget(structure);
        for SignedRecord { record, identity, .. } in kept {
            // What has ended meanwhile is not taken up again.
            let _ = index.records.restore(record, identity, now);
        }
        index.floors.forget(structure);
        self.churn.forget(structure);
        index.roots.insert(structure, chain.current().root().spki_hash());
        index.generation += 1;
        index.count_shares(&self.carried);
        drop(index);
        self.forget_passed_over();
        Ok(())
    }

    /// Heeds the manifests that are to be pinned of a structure: drops what a former root signed, and a carried chain that
    /// contradicts them, or goes no further.
    ///
    /// # Errors
    /// [`DirectoryError::Store`].
    pub async fn heed_pinned(&self, pinned: &Chain) -> Result<(), DirectoryError> {
        self.turn_root(pinned).await?;
        let structure = pinned.structure();
        let Some(carried) = self.carried.chain(structure).await? else { return Ok(()) };
        // Each manifest names the one before: who agrees on the last agrees on all.
        let last = carried.current();
        if pinned.at(last.sequence()) != Some(last) && pinned.gives_way_to(&carried) {
            return Ok(());
        }
        // What is pinned goes as far: its records are nobody else's share any more.
        self.carried.forget(&[structure]).await.map_err(of_carried)?;
        self.index.write().count_shares(&self.carried);
        Ok(())
    }

    /// Whether a record or a floor of a structure is held.
    pub fn knows_of(&self, structure: StructureId) -> bool {
        self.read_index(|index| index.load_of(structure) != Load::NONE)
    }

    /// Whether a chain does not go as far as the last rotation that is known of its structure.
    pub fn is_behind(&self, chain: &Chain) -> bool {
        !self.is_present_root(chain) && !self.read_index(|index| index.is_turned_by(chain))
    }

    /// Whether a chain goes as far as the last rotation that is known of its structure, and no further.
    pub(super) fn is_present_root(&self, chain: &Chain) -> bool {
        let root = chain.current().root().spki_hash();
        self.read_index(|index| index.root(chain.structure()) == root)
    }

    /// A record held of the structure of one that a former root signed, if possible about the same: with it goes the
    /// rotation.
    pub(crate) fn present_instead_of(&self, former: &SignedRecord) -> Option<Entry> {
        let (record, now) = (&former.record, self.clock.now());
        self.read_index(|index| {
            let same = index.records.held(record.structure, &record.key());
            let mut held = same.into_iter().chain(index.records.of(record.structure));
            held.find(|held| held.record.expires_at > now).map(super::news::entry)
        })
    }
}
