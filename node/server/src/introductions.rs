//! Introductions: two structures that know each other only through a common partner become partners.
//!
//! The threat is a stranger that would be let near for what others of its kind say of it. So an endorsement counts only
//! when a paired partner of this very node signed it, for a pin that lies in the manifests the stranger shows on its own
//! connection; it is looked at when the two talk, whenever anything changes, and again when the admin confirms. All an
//! introduction brings about is a pairing that waits: admins compare the words and the agreement as after an invitation,
//! and until both confirmed the other is as unknown as before. A no of an admin is remembered.

mod ask;
mod keep;
mod listen;
mod record;

pub use record::{Introduction, Side, Standing, Trouble};

use crate::directory::Directory;
use crate::engine::Engine;
use crate::peers::{CONFIRM_WITHIN, PeerError, PeerTrust};
use relais_domain::digest::Digest;
use relais_domain::directory::{Vouched, Voucher};
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_domain::structure_id::StructureId;
use relais_domain::territory::Territory;
use relais_domain::thread::Trust;
use relais_domain::time::{Span, Timestamp};
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::Shelf;
use relais_store::{CommitError, StoreError};
use relais_wire::manifest::chain::Chain;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Longest an introduction is under way: from asking, or from being asked, to the admin's confirmation.
pub const INTRODUCTION_LIFETIME_MAX: Span = Span::days(14);
/// How long an admin's no is remembered: until then the structure asks in vain.
pub const REFUSAL_REMEMBERED: Span = Span::days(30);
/// How long what became of an introduction is shown.
pub const ENDED_KEPT: Span = Span::days(30);
/// Most introductions that wait for this node's admin at a time.
pub const INTRODUCTIONS_WAITING_MAX: usize = 20;
/// Most introductions of one partner's word that were begun within [`INTRODUCTION_LIFETIME_MAX`] and did not lead to a
/// partnership, whatever became of them: who vouches for everyone fills its own share and no more.
pub const INTRODUCTIONS_PER_VOUCHER_MAX: usize = 5;
/// Most introductions that this node asks for at a time.
pub const INTRODUCTIONS_ASKED_MAX: usize = 20;
/// How often one structure may talk about one introduction: connections drop.
pub const TALKS_MAX: u32 = 10;
/// The first wait after an introduction was asked for in vain; doubled each time.
pub const ASK_AGAIN_FIRST: Span = Span::minutes(1);
/// The longest wait before it is asked for again.
pub const ASK_AGAIN_MAX: Span = Span::hours(2);
/// How often introductions are looked after.
const PERIOD: Duration = Duration::from_secs(10);

/// Why an introduction is not made, confirmed or refused.
#[derive(Debug, thiserror::Error)]
pub enum IntroduceError {
    /// There is none.
    #[error("no introduction of this structure waits: `relais introductions` lists them")]
    Unknown,
    /// No partner vouches for it.
    #[error("no partner of yours recommends this structure now: ask one that works with it")]
    NotVouched,
    /// It is this structure.
    #[error("a structure is not introduced to itself")]
    Ourselves,
    /// Its address is not known.
    #[error("this structure's address is not known: say it with --endpoint host:port")]
    NoEndpoint,
    /// One is under way.
    #[error("an introduction of this structure is under way already")]
    UnderWay,
    /// Too many are asked for.
    #[error("{INTRODUCTIONS_ASKED_MAX} introductions are asked for: take one back")]
    TooMany,
    /// The other side said no, and is not asked again before this.
    #[error("this structure said no: it can be asked again 30 days later")]
    SaidNo(Timestamp),
    /// The partner cannot be changed so.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// What is stored of an introduction cannot be read.
    #[error("stored data contradicts itself: an introduction")]
    Corrupt,
    /// The store could not.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl From<StoreError> for IntroduceError {
    fn from(error: StoreError) -> Self {
        Self::Commit(CommitError::Store(error))
    }
}

/// The introductions of a node.
#[derive(Clone)]
pub struct Introductions {
    engine: Arc<Engine>,
    directory: Arc<Directory>,
    /// With whom a talk is under way: never two at once with one structure, so both ends keep the same words.
    talking: Arc<Mutex<BTreeSet<StructureId>>>,
    /// Held from counting introductions until one more is stored.
    writing: Arc<tokio::sync::Mutex<()>>,
}

impl fmt::Debug for Introductions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Introductions")
    }
}

/// The one talk under way with a structure; over when dropped.
pub(crate) struct Talking {
    talking: Arc<Mutex<BTreeSet<StructureId>>>,
    with: StructureId,
}

impl Drop for Talking {
    fn drop(&mut self) {
        self.talking.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.with);
    }
}

impl Introductions {
    /// The introductions in the store of `engine`, judged by the endorsements in `directory`.
    pub fn new(engine: Arc<Engine>, directory: Arc<Directory>) -> Self {
        Self { engine, directory, talking: Arc::default(), writing: Arc::default() }
    }

    fn now(&self) -> Timestamp {
        self.engine.clock().now()
    }

    /// Begins a talk with a structure, if none is under way.
    pub(crate) fn talk(&self, with: StructureId) -> Option<Talking> {
        let fresh = self.talking.lock().unwrap_or_else(PoisonError::into_inner).insert(with);
        fresh.then(|| Talking { talking: Arc::clone(&self.talking), with })
    }

    /// Every introduction that is kept, by the other structure.
    ///
    /// # Errors
    /// [`IntroduceError`].
    pub async fn list(&self) -> Result<Vec<Introduction>, IntroduceError> {
        Ok(self.read_all().await?.into_iter().map(|(introduction, _)| introduction).collect())
    }

    /// The introduction with one structure.
    ///
    /// # Errors
    /// [`IntroduceError::Unknown`].
    pub async fn with(&self, structure: StructureId) -> Result<Introduction, IntroduceError> {
        Ok(self.read(structure).await?.ok_or(IntroduceError::Unknown)?.0)
    }

    /// The paired partners that vouch for the structure of these manifests here and now.
    pub fn vouchers(&self, chain: &Chain) -> Vec<Voucher> {
        let is_pinned = |pin: relais_domain::directory::Pin| {
            chain.at(pin.sequence).is_some_and(|manifest| manifest.identity() == pin.manifest)
        };
        self.vouched(chain.structure(), is_pinned)
    }

    /// The paired partners that say something for a structure whose manifests are not here yet.
    pub fn recommended_by(&self, structure: StructureId) -> Vec<Voucher> {
        self.vouched(structure, |_| true)
    }

    fn vouched(
        &self,
        subject: StructureId,
        is_pinned: impl Fn(relais_domain::directory::Pin) -> bool,
    ) -> Vec<Voucher> {
        let themes = BTreeSet::new();
        let is_partner = |by| self.engine.peers().trust(by) == Some(Trust::Paired);
        let mut found = BTreeMap::new();
        for territory in self.ground() {
            let asked = Vouched { subject, territory, themes: &themes };
            for voucher in self.directory.vouchers(asked, is_partner, &is_pinned) {
                found.insert(voucher.by, voucher);
            }
        }
        found.into_values().collect()
    }

    /// Where this structure works: a recommendation must be good for one of its sites. Who publishes none takes any.
    fn ground(&self) -> Vec<Option<Territory>> {
        let profile = self.directory.profile(self.engine.own().structure());
        let sites = profile.map(|profile| profile.sites).unwrap_or_default();
        let communes: Vec<Option<Territory>> = sites
            .into_iter()
            .filter_map(|site| site.commune)
            .map(|code| Some(Territory::Commune(code)))
            .collect();
        if communes.is_empty() { vec![None] } else { communes }
    }

    /// Takes in what a side shows that others say for it: only what a paired partner of this node signed about that very
    /// structure, and by the rules of the directory, so that nothing older takes the place of what is held.
    pub(crate) async fn heed(&self, subject: StructureId, shown: &[Vec<u8>]) {
        for bytes in shown {
            let Some(by) = author(bytes, subject) else { continue };
            if self.engine.peers().trust(by) != Some(Trust::Paired) {
                continue;
            }
            let Some(chain) = self.engine.peers().chain(by) else { continue };
            if let Err(error) = self.directory.admit_from_peer(bytes, &chain).await {
                tracing::info!(peer.id = %by, %error, "A shown recommendation is not taken in");
            }
        }
    }

    /// The signed bytes of what others say for this structure, to be shown.
    pub(crate) async fn shown(&self) -> Result<Vec<Vec<u8>>, IntroduceError> {
        let own = self.engine.own().structure();
        let signed =
            self.directory.endorsements_signed(own, relais_wire::pairing::ENDORSEMENTS_SHOWN_MAX).await;
        signed.map_err(|error| CommitError::Store(StoreError::Unavailable(error.to_string())).into())
    }

    /// Confirms a structure that was introduced, if someone still vouches for it; else the introduction lapses.
    ///
    /// # Errors
    /// [`IntroduceError::NotVouched`], [`IntroduceError::Unknown`], [`IntroduceError::Peer`].
    pub async fn confirm(&self, structure: StructureId) -> Result<(), IntroduceError> {
        let _writing = self.writing.lock().await;
        let (introduction, version) = self.read(structure).await?.ok_or(IntroduceError::Unknown)?;
        if introduction.standing != Standing::AwaitsUs || introduction.expires <= self.now() {
            return Err(IntroduceError::Unknown);
        }
        let chain = self.engine.peers().chain(structure).ok_or(IntroduceError::Unknown)?;
        if self.vouchers(&chain).is_empty() {
            self.lapse(&introduction, version).await?;
            return Err(IntroduceError::NotVouched);
        }
        let confirmed = introduction.standing(Standing::Confirmed, self.now());
        let noted = Some(write(&confirmed, Expected::Version(version)));
        self.engine.peers().set_trust_noted(structure, PeerTrust::Paired, noted).await?;
        tracing::info!(peer.id = %structure, "An introduction was confirmed");
        Ok(())
    }

    /// Says no to an introduction, or takes back one that was asked for. A no is remembered for
    /// [`REFUSAL_REMEMBERED`].
    ///
    /// # Errors
    /// [`IntroduceError::Unknown`] when none is under way.
    pub async fn refuse(&self, structure: StructureId) -> Result<Introduction, IntroduceError> {
        let _writing = self.writing.lock().await;
        let (introduction, version) = self.read(structure).await?.ok_or(IntroduceError::Unknown)?;
        let now = self.now();
        let refused = introduction.standing(Standing::RefusedHere, now).until(now.plus(REFUSAL_REMEMBERED));
        let noted = write(&refused, Expected::Version(version));
        match introduction.standing {
            // Nobody was reached: there is nobody whom a no would be said to.
            Standing::Asking => {
                let gone = DocumentWrite { body: None, ..noted };
                self.commit(gone, b"introduction-taken-back", structure).await?;
            }
            Standing::AwaitsUs => {
                self.engine.peers().decline_noted(structure, Some(noted)).await?;
            }
            Standing::Confirmed
            | Standing::RefusedHere
            | Standing::RefusedThere
            | Standing::Lapsed
            | Standing::Expired => return Err(IntroduceError::Unknown),
        }
        tracing::info!(peer.id = %structure, "An introduction was refused");
        Ok(refused)
    }

    /// Ends an introduction that nobody vouches for any more. What this side had confirmed already is suspended, not
    /// forgotten: something may have been sent since.
    async fn lapse(&self, introduction: &Introduction, version: u64) -> Result<(), IntroduceError> {
        let structure = introduction.with;
        let now = self.now();
        let lapsed = introduction.standing(Standing::Lapsed, now).until(now.plus(ENDED_KEPT));
        let noted = write(&lapsed, Expected::Version(version));
        let peers = self.engine.peers();
        let trust = peers.peer(structure).map(|record| record.trust());
        match (introduction.standing, trust) {
            (Standing::AwaitsUs, Some(PeerTrust::Pending)) => {
                peers.decline_noted(structure, Some(noted)).await?
            }
            (Standing::Confirmed, Some(PeerTrust::Paired)) => {
                peers.set_trust_noted(structure, PeerTrust::Suspended, Some(noted)).await?;
            }
            _ => self.commit(noted, b"introduction-lapsed", structure).await?,
        }
        tracing::warn!(peer.id = %structure, "An introduction lapsed: nobody vouches for it any more");
        Ok(())
    }

    async fn read_all(&self) -> Result<Vec<(Introduction, u64)>, IntroduceError> {
        let documents = self.engine.store().documents(Shelf::Introduction, &[]).await?;
        let read = |document: &relais_store::rows::Document| {
            Ok((Introduction::decode(&document.key, &document.body)?, document.version))
        };
        documents.iter().map(read).collect()
    }

    async fn read(&self, with: StructureId) -> Result<Option<(Introduction, u64)>, IntroduceError> {
        let document = self.engine.store().document(Shelf::Introduction, with.as_bytes()).await?;
        let read = |document: relais_store::rows::Document| {
            Ok((Introduction::decode(&document.key, &document.body)?, document.version))
        };
        document.map(read).transpose()
    }

    /// Stores what is noted of an introduction by itself, and that it was noted.
    async fn commit(
        &self,
        noted: DocumentWrite,
        what: &[u8],
        with: StructureId,
    ) -> Result<(), IntroduceError> {
        let subject = Digest::of_parts(&[what, with.as_bytes()]);
        let leaf = Leaf { kind: LeafKind::Administrative, subject, salt: self.engine.dice().bytes() };
        let batch = Batch { documents: vec![noted], leaves: vec![leaf], ..Batch::default() };
        Ok(self.engine.store().commit(batch).await?)
    }
}

/// What is noted of an introduction.
fn write(introduction: &Introduction, expected_version: Expected) -> DocumentWrite {
    DocumentWrite {
        shelf: Shelf::Introduction,
        key: introduction.with.as_bytes().to_vec(),
        expected_version,
        body: Some(introduction.encode()),
    }
}

/// Who signed an endorsement of `subject`; none for any other bytes.
fn author(bytes: &[u8], subject: StructureId) -> Option<StructureId> {
    let record = relais_wire::record::SignedRecord::read(bytes).ok()?.record;
    let about = relais_domain::directory::RecordKey::Endorsement(subject);
    (record.key() == about).then_some(record.structure)
}

/// When an introduction whose talk took place at `now` ends unless it is confirmed.
fn confirm_until(now: Timestamp, begun: Timestamp) -> Timestamp {
    now.plus(CONFIRM_WITHIN).min(begun.plus(INTRODUCTION_LIFETIME_MAX))
}
