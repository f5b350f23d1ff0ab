//! Partners: who they are, whether they are trusted, and what is known of their node right now.
//!
//! Each is one document; trust changes are signed, numbered and never go back in sequence. Removal is for good.

mod record;

pub use record::{Origin, PeerRecord, PeerTrust};

use crate::clock::{Clock, Dice};
use crate::own::Own;
use relais_domain::digest::Digest;
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_domain::limits::CLOCK_TOLERANCE;
use relais_domain::structure_id::StructureId;
use relais_domain::thread::{Disclosures, Trust};
use relais_domain::time::{Span, Timestamp};
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::Shelf;
use relais_store::{CommitError, Store, StoreError};
use relais_wire::keys::VerifyKey;
use relais_wire::manifest::Validity;
use relais_wire::manifest::chain::Chain;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

/// How long the clock a partner showed is taken to be still so.
const CLOCK_REMEMBERED: Span = Span::hours(24);
/// How long a pairing waits for the admin's confirmation.
pub const CONFIRM_WITHIN: Span = Span::days(7);
/// How long after it was confirmed here a structure may take to be seen: both admins confirm while they talk, and nodes that
/// cannot dial each other find each other later.
pub const MEETING_TIME: Span = Span::hours(1);
/// How long a structure that was confirmed here may keep this one waiting before an alarm says so.
pub const AWAITED_MAX: Span = Span::days(7);

/// Why a change of a partner is not made.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// No such partner.
    #[error("no partner with this id: `relais peers` lists them")]
    Unknown,
    /// Not from this state.
    #[error("{0}")]
    NotFromHere(&'static str),
    /// Nobody has compared the words of its last talk.
    #[error("the words of its last talk were given up: pair anew, and compare the new ones")]
    GivenUp,
    /// The words are others than those that were seen.
    #[error("the two structures talked anew, and the phrase is another by now: compare it again")]
    OtherWords,
    /// What is stored of a partner cannot be read.
    #[error("stored data contradicts itself: partner {0}")]
    Corrupt(String),
    /// The store could not.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl From<StoreError> for PeerError {
    fn from(error: StoreError) -> Self {
        Self::Commit(CommitError::Store(error))
    }
}

/// What is known of a partner's node right now; not stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Presence {
    /// When its node last spoke to us.
    pub last_seen: Option<Timestamp>,
    /// Its clock minus ours, when last compared.
    pub clock_difference: Option<Span>,
}

#[derive(Debug)]
struct Entry {
    record: PeerRecord,
    version: u64,
    presence: Presence,
}

impl Entry {
    fn is_met(&self) -> bool {
        !self.record.is_given_up() && (self.record.is_met() || self.presence.last_seen.is_some())
    }

    fn is_awaited(&self) -> bool {
        self.record.trust() == PeerTrust::Paired && !self.is_met()
    }
}

/// The partners of this node.
pub struct Peers {
    store: Arc<dyn Store>,
    own: Arc<Own>,
    clock: Clock,
    dice: Dice,
    entries: RwLock<BTreeMap<StructureId, Entry>>,
    /// Held from looking at a record until what takes its place is in memory: nobody's act fails for what the node notes.
    writing: tokio::sync::Mutex<()>,
    changed: watch::Sender<u64>,
}

impl std::fmt::Debug for Peers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Peers")
    }
}

impl Peers {
    /// Reads the partners from the store.
    ///
    /// # Errors
    /// [`PeerError`] when the store cannot answer or a document cannot be read.
    pub async fn load(
        store: Arc<dyn Store>,
        own: Arc<Own>,
        clock: Clock,
        dice: Dice,
    ) -> Result<Self, PeerError> {
        let mut entries = BTreeMap::new();
        for document in store.documents(Shelf::Peer, &[]).await? {
            let record =
                PeerRecord::decode(&document.body).map_err(|error| PeerError::Corrupt(error.to_string()))?;
            let entry = Entry { version: document.version, presence: Presence::default(), record };
            entries.insert(entry.record.structure(), entry);
        }
        let (changed, _) = watch::channel(0);
        let (entries, writing) = (RwLock::new(entries), tokio::sync::Mutex::new(()));
        Ok(Self { store, own, clock, dice, entries, writing, changed })
    }

    /// Tells of every change of trust or of manifests.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Another one after every change of trust or of manifests.
    pub fn version(&self) -> u64 {
        *self.changed.borrow()
    }

    fn read<T>(&self, read: impl FnOnce(&BTreeMap<StructureId, Entry>) -> T) -> T {
        read(&self.entries.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Every partner, by id.
    pub fn all(&self) -> Vec<(PeerRecord, Presence)> {
        self.read(|entries| entries.values().map(|entry| (entry.record.clone(), entry.presence)).collect())
    }

    /// The partners a referral can be sent to, by id: both admins have confirmed.
    pub fn paired(&self) -> Vec<StructureId> {
        self.read(|entries| {
            let paired = entries
                .iter()
                .filter(|(_, entry)| entry.record.trust() == PeerTrust::Paired && !entry.is_awaited());
            paired.map(|(structure, _)| *structure).collect()
        })
    }

    /// Whether it is a partner by this structure's word alone: its node was never seen, so that its admin has not confirmed
    /// yet, or said no, which nobody is told. What is sent to it waits.
    pub fn is_awaited(&self, structure: StructureId) -> bool {
        self.read(|entries| entries.get(&structure).is_some_and(Entry::is_awaited))
    }

    /// Whether it is a partner, confirmed at both ends.
    pub fn is_paired(&self, structure: StructureId) -> bool {
        self.trust(structure) == Some(Trust::Paired) && !self.is_awaited(structure)
    }

    /// Whether it is awaited for longer than [`MEETING_TIME`]: what is sent to it may wait for ever.
    pub fn is_awaited_in_vain(&self, structure: StructureId) -> bool {
        let since = self.read(|entries| entries.get(&structure).map(|entry| entry.record.since()));
        self.is_awaited(structure)
            && since.is_some_and(|since| !self.clock.now().is_within(MEETING_TIME, since))
    }

    /// Whether the words of its last talk were given up.
    pub fn is_given_up(&self, structure: StructureId) -> bool {
        self.read(|entries| entries.get(&structure).is_some_and(|entry| entry.record.is_given_up()))
    }

    /// Whether its node was ever seen as a partner's.
    pub fn is_met(&self, structure: StructureId) -> bool {
        self.read(|entries| entries.get(&structure).is_some_and(Entry::is_met))
    }

    /// One partner.
    pub fn peer(&self, structure: StructureId) -> Option<PeerRecord> {
        self.read(|entries| entries.get(&structure).map(|entry| entry.record.clone()))
    }

    /// What is known of its node right now.
    pub fn presence(&self, structure: StructureId) -> Presence {
        self.read(|entries| entries.get(&structure).map(|entry| entry.presence).unwrap_or_default())
    }

    /// How it stands with us; `None` when it is no partner, or not confirmed yet.
    pub fn trust(&self, structure: StructureId) -> Option<Trust> {
        self.read(|entries| match entries.get(&structure)?.record.trust() {
            PeerTrust::Pending => None,
            PeerTrust::Paired => Some(Trust::Paired),
            PeerTrust::Suspended => Some(Trust::Suspended),
            PeerTrust::Removed => Some(Trust::Removed),
        })
    }

    /// Its manifests.
    pub fn chain(&self, structure: StructureId) -> Option<Arc<Chain>> {
        self.read(|entries| entries.get(&structure).map(|entry| entry.record.chain()))
    }

    /// The keys that may have signed under one of its manifests.
    pub fn signing_keys(&self, structure: StructureId, manifest: u64) -> Option<Vec<VerifyKey>> {
        self.chain(structure)?.signing_keys_at(manifest).map(<[VerifyKey]>::to_vec)
    }

    /// Whether new disclosures may happen with it now.
    pub fn disclosures(&self, structure: StructureId, now: Timestamp) -> Disclosures {
        let presence = self.presence(structure);
        // A partner that has been silent for long says nothing about the time any more.
        let heard = presence.last_seen.is_some_and(|seen| now.since(seen) < CLOCK_REMEMBERED);
        let apart =
            presence.clock_difference.is_some_and(|difference| difference.0.abs() > CLOCK_TOLERANCE.0);
        let expired = self.chain(structure).is_none_or(|chain| chain.validity_at(now) == Validity::Expired);
        match (heard && apart, expired) {
            (true, _) => Disclosures::Held,
            (false, true) => Disclosures::Unverified,
            (false, false) => Disclosures::Open,
        }
    }

    /// Notes that its node spoke, and its clock.
    pub fn heard(&self, structure: StructureId, difference: Option<Span>) {
        let now = self.clock.now();
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = entries.get_mut(&structure) else { return };
        let first = !entry.is_met();
        entry.presence.last_seen = Some(now);
        if difference.is_some() {
            entry.presence.clock_difference = difference;
        }
        let is_news = first && entry.is_met();
        drop(entries);
        // So that it is noted at once: a crash must not make it a stranger again.
        if is_news {
            self.announce();
        }
    }

    /// Notes of which partners the node was seen since they were confirmed.
    ///
    /// # Errors
    /// [`PeerError::Commit`].
    pub async fn note_met(&self) -> Result<(), PeerError> {
        let _writing = self.writing.lock().await;
        let seen = |entry: &&Entry| {
            let partner = matches!(entry.record.trust(), PeerTrust::Paired | PeerTrust::Suspended);
            partner && !entry.record.is_met() && entry.is_met()
        };
        let met: Vec<(PeerRecord, u64)> = self.read(|entries| {
            entries.values().filter(seen).map(|entry| (entry.record.clone(), entry.version)).collect()
        });
        for (record, version) in met {
            // Nobody decided anything: it is no leaf, and nothing follows from it.
            self.put(record.met(), Expected::Version(version), None, Vec::new()).await?;
        }
        Ok(())
    }

    /// Whether a structure may pair with this one now: asked before its invitation is used up too. One that was confirmed
    /// here and never seen may: its own admin may have let the time pass, or its node have lost what it noted.
    ///
    /// # Errors
    /// [`PeerError::NotFromHere`] when it is a partner already or was removed.
    pub fn may_propose(&self, structure: StructureId) -> Result<Expected, PeerError> {
        self.read(|entries| {
            let Some(entry) = entries.get(&structure) else {
                return Ok(Expected::Absent);
            };
            match entry.record.trust() {
                PeerTrust::Pending => Ok(Expected::Version(entry.version)),
                PeerTrust::Removed => Err(PeerError::NotFromHere("this structure was removed for good")),
                PeerTrust::Paired | PeerTrust::Suspended => {
                    let known = PeerError::NotFromHere("this structure is a partner already");
                    if entry.is_met() { Err(known) } else { Ok(Expected::Version(entry.version)) }
                }
            }
        })
    }

    /// A structure that paired, pending; one that was confirmed before keeps what is on record, and its manifests must go
    /// on from those that were confirmed.
    fn proposed(&self, chain: Chain, phrase: String, agreement: Digest) -> Result<PeerRecord, PeerError> {
        let (now, former) = (self.clock.now(), self.peer(chain.structure()));
        let Some(former) = former.filter(PeerRecord::was_confirmed) else {
            return Ok(PeerRecord::proposed(chain, phrase, agreement, now));
        };
        let shown = chain.manifests().cloned().collect();
        let accepted = former.chain().accept_run(shown);
        let accepted = accepted.map_err(|_| PeerError::NotFromHere("its manifests are not those it had"))?;
        Ok(PeerRecord::proposed(accepted.chain, phrase, agreement, now).after(former))
    }

    /// Takes up a structure that paired: pending until this node's admin confirms the phrase.
    ///
    /// # Errors
    /// [`PeerError::NotFromHere`] when it is a partner already or was removed.
    pub async fn propose(&self, chain: Chain, phrase: String, agreement: Digest) -> Result<(), PeerError> {
        let _writing = self.writing.lock().await;
        let version = self.may_propose(chain.structure())?;
        let record = self.proposed(chain, phrase, agreement)?;
        self.save(record, version, None).await
    }

    /// Takes up a structure that was introduced, together with what is noted of the introduction.
    ///
    /// # Errors
    /// [`PeerError::NotFromHere`] when it is a partner already or was removed.
    pub(crate) async fn propose_introduced(
        &self,
        chain: Chain,
        phrase: String,
        agreement: Digest,
        noted: DocumentWrite,
    ) -> Result<(), PeerError> {
        let _writing = self.writing.lock().await;
        let version = self.may_propose(chain.structure())?;
        let record = self.proposed(chain, phrase, agreement)?;
        self.save(record.introduced(), version, Some(noted)).await
    }

    /// Changes trust: confirm, suspend, resume, remove.
    ///
    /// # Errors
    /// [`PeerError`] says from where the change is not possible.
    pub async fn set_trust(&self, structure: StructureId, trust: PeerTrust) -> Result<(), PeerError> {
        self.set_trust_noted(structure, trust, None).await
    }

    /// Changes trust, and with it what is noted of an introduction.
    ///
    /// # Errors
    /// As [`Peers::set_trust`].
    pub(crate) async fn set_trust_noted(
        &self,
        structure: StructureId,
        trust: PeerTrust,
        noted: Option<DocumentWrite>,
    ) -> Result<(), PeerError> {
        let _writing = self.writing.lock().await;
        let (record, version) = self.held(structure)?;
        self.change(record, version, trust, noted).await
    }

    /// Confirms a structure whose words are still those that the admin saw, and changes what is noted of its introduction.
    ///
    /// # Errors
    /// [`PeerError::OtherWords`]; else as [`Peers::set_trust`].
    pub(crate) async fn confirm(
        &self,
        structure: StructureId,
        seen: &str,
        noted: Option<DocumentWrite>,
    ) -> Result<(), PeerError> {
        let _writing = self.writing.lock().await;
        let (record, version) = self.held(structure)?;
        if record.phrase() != seen {
            return Err(PeerError::OtherWords);
        }
        self.change(record, version, PeerTrust::Paired, noted).await
    }

    fn held(&self, structure: StructureId) -> Result<(PeerRecord, u64), PeerError> {
        let held = self.read(|entries| entries.get(&structure).map(|e| (e.record.clone(), e.version)));
        held.ok_or(PeerError::Unknown)
    }

    async fn change(
        &self,
        record: PeerRecord,
        version: u64,
        trust: PeerTrust,
        noted: Option<DocumentWrite>,
    ) -> Result<(), PeerError> {
        let now = self.clock.now();
        if record.trust() == PeerTrust::Pending && now >= record.since().plus(CONFIRM_WITHIN) {
            return Err(PeerError::NotFromHere("this pairing waited too long: invite the structure again"));
        }
        if record.is_given_up() && trust == PeerTrust::Paired {
            return Err(PeerError::GivenUp);
        }
        let record = record.changed(trust, &self.own, now).map_err(PeerError::NotFromHere)?;
        self.save(record, Expected::Version(version), noted).await
    }

    /// Forgets a pairing that was never confirmed.
    ///
    /// # Errors
    /// [`PeerError::NotFromHere`] when it was confirmed.
    pub async fn decline(&self, structure: StructureId) -> Result<(), PeerError> {
        self.decline_noted(structure, None).await
    }

    /// Forgets a pairing that was never confirmed, and changes what is noted of its introduction. One that was confirmed
    /// before a later talk is suspended instead when something waits to be sent to it.
    ///
    /// # Errors
    /// As [`Peers::decline`].
    pub(crate) async fn decline_noted(
        &self,
        structure: StructureId,
        noted: Option<DocumentWrite>,
    ) -> Result<(), PeerError> {
        let _writing = self.writing.lock().await;
        let (record, version) = self.held(structure)?;
        if record.trust() != PeerTrust::Pending {
            return Err(PeerError::NotFromHere("this structure is a partner: suspend or remove it"));
        }
        if record.was_confirmed() {
            let waiting = self.store.outbox_waiting().await?;
            if waiting.iter().any(|row| row.peer == structure) {
                let aside = record.set_aside(&self.own, self.clock.now());
                return self.save(aside, Expected::Version(version), noted).await;
            }
        }
        let write = DocumentWrite {
            shelf: Shelf::Peer,
            key: structure.as_bytes().to_vec(),
            expected_version: Expected::Version(version),
            body: None,
        };
        let leaves = vec![self.leaf(Digest::of_parts(&[b"decline", structure.as_bytes()]))];
        let documents = [write].into_iter().chain(noted).collect();
        self.store.commit(Batch { documents, leaves, ..Batch::default() }).await?;
        self.entries.write().unwrap_or_else(PoisonError::into_inner).remove(&structure);
        self.announce();
        Ok(())
    }

    /// Takes up a longer chain of its manifests.
    ///
    /// # Errors
    /// [`PeerError`] when it is unknown or the store cannot.
    pub async fn set_chain(&self, chain: Chain) -> Result<(), PeerError> {
        let _writing = self.writing.lock().await;
        let (record, version) = self.held(chain.structure())?;
        self.save(record.with_chain(chain), Expected::Version(version), None).await
    }

    async fn save(
        &self,
        record: PeerRecord,
        expected: Expected,
        noted: Option<DocumentWrite>,
    ) -> Result<(), PeerError> {
        let leaves = vec![self.leaf(Digest::of(&record.encode()))];
        self.put(record, expected, noted, leaves).await?;
        self.announce();
        Ok(())
    }

    async fn put(
        &self,
        record: PeerRecord,
        expected: Expected,
        noted: Option<DocumentWrite>,
        leaves: Vec<Leaf>,
    ) -> Result<(), PeerError> {
        let body = record.encode();
        let structure = record.structure();
        let write = DocumentWrite {
            shelf: Shelf::Peer,
            key: structure.as_bytes().to_vec(),
            expected_version: expected,
            body: Some(body),
        };
        let documents = [write].into_iter().chain(noted).collect();
        self.store.commit(Batch { documents, leaves, ..Batch::default() }).await?;
        let version = match expected {
            Expected::Version(version) => version + 1,
            Expected::Absent | Expected::Any => 1,
        };
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let presence = entries.get(&structure).map(|entry| entry.presence).unwrap_or_default();
        entries.insert(structure, Entry { record, version, presence });
        Ok(())
    }

    fn leaf(&self, subject: Digest) -> Leaf {
        Leaf { kind: LeafKind::Administrative, subject, salt: self.dice.bytes() }
    }

    fn announce(&self) {
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }
}
