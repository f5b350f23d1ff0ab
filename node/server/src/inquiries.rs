//! Inquiries (*qui peut prendre ?*): ours, with what partners answer, and theirs, with what this structure answers.
//!
//! Each is one document, written before anything leaves. Those that can still change are in memory too, so that a partner
//! that floods costs no reading; of the others it is known which there are, so that no list reads more than it shows. The sync streams follow [`Inquiries::changes`] and send what a partner has not been told
//! on its stream. Nothing of a person stands in any of it, so none of it is a leaf; the setting is.

mod kept;
mod ours;
mod row;
mod setting;
mod theirs;

#[cfg(test)]
mod tests;

pub use kept::OursPlace;
pub use ours::Question;
pub use row::{Ours, Theirs, TheirsPlace};
pub use setting::Setting;
pub use theirs::{DOORS_NAMED_MAX, Reply, doors_for};

use crate::directory::Directory;
use crate::engine::Engine;
use kept::{Kept, Spot};
use relais_domain::id::{InquiryId, ServiceId};
use relais_domain::inquiry::{AnswerFlaw, InquiryFlaw};
use relais_domain::structure_id::StructureId;
use relais_domain::thread::Trust;
use relais_domain::time::{Span, Timestamp};
use relais_store::batch::{Batch, DocumentWrite, Expected, RefusalWrite};
use relais_store::rows::{Document, Shelf};
use relais_store::{CommitError, Store, StoreError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// Most refusals of one partner's inquiries and answers that are counted in an hour: a flood writes no more.
pub const REFUSALS_COUNTED_HOUR_MAX: u32 = 60;
/// What a refused inquiry is counted under.
const REFUSED_INQUIRY: &str = "Inquiry";
/// What a refused answer is counted under.
const REFUSED_ANSWER: &str = "InquiryAnswer";
/// How often old inquiries are dropped.
const PERIOD: Duration = Duration::from_secs(3_600);
/// Most documents written by one transaction.
const WRITES_MAX: usize = 256;
/// For how long what is over still counts against the limits of a day.
const DAY: Span = Span::hours(24);

/// Why something is not done with an inquiry.
#[derive(Debug, thiserror::Error)]
pub enum InquiryError {
    /// No partner has a door for this need there.
    #[error("no partner answers this need there: `relais find` shows who does")]
    NobodyToAsk,
    /// Someone asked too often today.
    #[error("{0}")]
    TooMany(&'static str),
    /// What is wanted may not stand in an inquiry.
    #[error("it would describe someone, or is too wide")]
    Flaw(InquiryFlaw),
    /// A number of an answer is wrong.
    #[error("the numbers do not fit the answer")]
    Answer(AnswerFlaw),
    /// There is no such inquiry.
    #[error("there is nothing of this name here")]
    NotThere,
    /// This structure publishes no such service.
    #[error("this structure publishes no such service: `relais service list` shows them")]
    UnknownService,
    /// The service is no door of what is asked; the ids of those that are.
    #[error("{}", no_door(.0))]
    NoDoor(Vec<ServiceId>),
    /// The inquiry has expired: an answer would not count.
    #[error("the inquiry has expired: answers no longer count")]
    Over,
    /// It was answered too many times.
    #[error("it was answered too many times: call the partner")]
    AnsweredTooOften,
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn no_door(doors: &[ServiceId]) -> String {
    let fitting: Vec<&str> = doors.iter().map(ServiceId::as_str).collect();
    match fitting.as_slice() {
        [] => "no service of this structure is for this need there: leave the service out".to_owned(),
        _ => format!("this service is not for this need there; these are: {}", fitting.join(", ")),
    }
}

impl From<CommitError> for InquiryError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Store(error) => Self::Store(error),
            CommitError::Conflict => {
                Self::Store(StoreError::Unavailable("inquiries changed meanwhile: try again".to_owned()))
            }
        }
    }
}

/// What can still change, or still counts against a limit.
#[derive(Debug, Default)]
struct Held {
    ours: BTreeMap<InquiryId, Ours>,
    theirs: BTreeMap<StructureId, BTreeMap<InquiryId, Theirs>>,
    /// What lies on the shelf.
    kept: Kept,
    setting: Setting,
    /// Refusals counted of each partner since the hour began.
    refusals: BTreeMap<StructureId, (Timestamp, u32)>,
}

impl Held {
    /// Reads the shelf.
    async fn read_shelf(&mut self, store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
        relais_store::each_document(store, Shelf::Inquiry, &[], |document| {
            if document.key.starts_with(row::OURS) {
                self.take_ours(document, now);
            } else if document.key.starts_with(row::THEIRS) {
                self.take_theirs(document, now);
            }
            Ok(())
        })
        .await
    }

    fn take_ours(&mut self, document: Document, now: Timestamp) {
        match readable(Ours::decode(&document.body)) {
            None => self.kept.note_unreadable(document.key),
            Some(ours) => {
                self.kept.note_ours(&ours);
                if ours.counts(now) {
                    self.ours.insert(ours.inquiry.id, ours);
                }
            }
        }
    }

    fn take_theirs(&mut self, document: Document, now: Timestamp) {
        match readable(Theirs::decode(&document.body)) {
            None => self.kept.note_unreadable(document.key),
            Some(theirs) => {
                self.kept.note_theirs(&theirs);
                if theirs.counts(now) {
                    self.theirs.entry(theirs.peer).or_default().insert(theirs.inquiry.id, theirs);
                }
            }
        }
    }
}

/// The inquiries of this node.
pub struct Inquiries {
    engine: Arc<Engine>,
    directory: Arc<Directory>,
    held: Mutex<Held>,
    /// Held from looking at what is there until what follows is written.
    writing: tokio::sync::Mutex<()>,
    changed: watch::Sender<u64>,
}

impl std::fmt::Debug for Inquiries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Inquiries")
    }
}

impl Inquiries {
    /// Reads what can still change from the store.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    pub async fn load(engine: Arc<Engine>, directory: Arc<Directory>) -> Result<Self, StoreError> {
        let now = engine.clock().now();
        let mut held = Held { setting: Setting::load(&**engine.store()).await?, ..Held::default() };
        held.read_shelf(&**engine.store(), now).await?;
        let (changed, _) = watch::channel(0);
        Ok(Self { engine, directory, held: Mutex::new(held), writing: tokio::sync::Mutex::new(()), changed })
    }

    /// Tells of everything that streams or pages may show anew.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    fn announce(&self) {
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }

    fn now(&self) -> Timestamp {
        self.engine.clock().now()
    }

    fn read<T>(&self, read: impl FnOnce(&Held) -> T) -> T {
        read(&self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn change<T>(&self, change: impl FnOnce(&mut Held) -> T) -> T {
        change(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_partner(&self, structure: StructureId) -> bool {
        self.engine.peers().trust(structure) == Some(Trust::Paired)
    }

    /// Whether a structure may be asked: a partner whose node was seen once. Another cannot answer.
    pub(crate) fn can_be_asked(&self, structure: StructureId) -> bool {
        self.engine.peers().is_paired(structure)
    }

    /// Writes documents, and drops those that give way to them.
    async fn commit(&self, mut documents: Vec<DocumentWrite>, gone: &[Spot]) -> Result<(), InquiryError> {
        documents.extend(gone.iter().map(|spot| write(spot.key(), None)));
        self.engine.store().commit(Batch { documents, ..Batch::default() }).await?;
        self.change(|held| held.kept.remove(gone));
        Ok(())
    }

    /// Counts a frame of a partner that is refused; it is not told. What is over the hour's limit is not even counted.
    async fn refuse(&self, peer: StructureId, code: &'static str) {
        let now = self.now();
        let counted = self.change(|held| {
            let (since, count) = held.refusals.entry(peer).or_insert((now, 0));
            if !now.is_within(Span::hours(1), *since) {
                (*since, *count) = (now, 0);
            }
            *count = count.saturating_add(1);
            *count
        });
        if counted > REFUSALS_COUNTED_HOUR_MAX {
            return;
        }
        tracing::info!(peer.id = %peer, code, "Inquiry or answer refused");
        let refusal = RefusalWrite { peer: Some(peer), code: code.to_owned(), count: 1, at: now };
        let batch = Batch { refusals: vec![refusal], ..Batch::default() };
        if let Err(error) = self.engine.store().commit(batch).await {
            tracing::warn!(%error, "A refusal could not be counted");
        }
    }

    /// Counts a frame of a partner that could not be read.
    pub async fn refuse_unreadable(&self, peer: StructureId) {
        self.refuse(peer, REFUSED_INQUIRY).await;
    }

    /// Answers by itself what may be answered so, and drops what is old, for ever.
    pub async fn keep(self: Arc<Self>) {
        let mut published = self.directory.changes();
        let mut tick = tokio::time::interval(PERIOD);
        loop {
            tokio::select! {
                _ = tick.tick() => {
                    if let Err(error) = self.sweep().await {
                        tracing::warn!(%error, "Old inquiries could not be dropped; it is tried again");
                    }
                }
                changed = published.changed() => {
                    if changed.is_err() {
                        return;
                    }
                }
            }
            if let Err(error) = self.review().await {
                tracing::warn!(%error, "Inquiries could not be answered by the node");
            }
        }
    }

    /// Drops from the store what expired long ago, and from memory what can no longer change; how many documents were
    /// dropped.
    ///
    /// # Errors
    /// [`InquiryError::Store`].
    pub async fn sweep(&self) -> Result<usize, InquiryError> {
        let _writing = self.writing.lock().await;
        let now = self.now();
        self.change(|held| {
            held.ours.retain(|_, ours| ours.counts(now));
            for theirs in held.theirs.values_mut() {
                theirs.retain(|_, theirs| theirs.counts(now));
            }
            held.theirs.retain(|_, theirs| !theirs.is_empty());
            held.refusals.retain(|_, (since, _)| now.since(*since) < Span::hours(1));
        });
        let old = self.read(|held| held.kept.forgotten(now));
        for some in old.chunks(WRITES_MAX) {
            self.commit(Vec::new(), some).await?;
        }
        Ok(old.len())
    }
}

/// What a document holds; none, with an alarm, of one that cannot be read any more: a place or a need may be gone with a
/// version. Nobody loses by it, and neither the start nor the other inquiries stand still for it.
fn readable<T>(read: Result<T, StoreError>) -> Option<T> {
    read.map_err(|error| tracing::error!(%error, "An inquiry cannot be read any more: it is dropped")).ok()
}

fn write(key: Vec<u8>, body: Option<Vec<u8>>) -> DocumentWrite {
    DocumentWrite { shelf: Shelf::Inquiry, key, expected_version: Expected::Any, body }
}
