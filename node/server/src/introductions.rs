//! Introductions: two structures that know each other only through a common partner become partners.
//!
//! The threat is a stranger that would be let near for what others of its kind say of it. So an endorsement counts only
//! when a paired partner of this very node signed it, for a pin that lies in the manifests the stranger shows on its own
//! connection; it is looked at when the two talk, whenever anything changes, and again when the admin confirms. All an
//! introduction brings about is a pairing that waits: admins compare the words and the agreement as after an invitation,
//! and until both confirmed the other is as unknown as before. A no of an admin is remembered.

mod ask;
mod error;
mod fate;
mod keep;
mod listen;
mod place;
mod record;
mod settle;
mod vouch;

pub use error::IntroduceError;
pub use record::{Introduction, Side, Standing, Trouble};

use crate::directory::Directory;
use crate::engine::Engine;
use crate::peers::CONFIRM_WITHIN;
use relais_domain::digest::Digest;
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::Shelf;
use std::collections::BTreeSet;
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

/// When an introduction whose talk took place at `now` ends unless it is confirmed.
fn confirm_until(now: Timestamp, begun: Timestamp) -> Timestamp {
    now.plus(CONFIRM_WITHIN).min(begun.plus(INTRODUCTION_LIFETIME_MAX))
}
