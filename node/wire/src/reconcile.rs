//! Comparing what two nodes hold, by range-based set reconciliation (`negentropy`, protocol version 1): in a few small
//! messages each finds which records the other lacks.
//!
//! An item is a record: when it was signed, and its identity. The side that opens asks and learns both ways; the other
//! answers each message by itself and remembers nothing between them. What a peer says here is a claim: the worst that
//! a lie does is to hide that peer's records, or to make this side ask in vain, within the limits its caller keeps.

#[cfg(test)]
mod tests;

use negentropy::{Id, Negentropy, NegentropyStorageBase as _, NegentropyStorageVector};
use relais_domain::digest::Digest;
use relais_domain::time::Timestamp;

/// Longest message of a comparison, in bytes, its step included.
pub const RECONCILE_BYTES_MAX: usize = 60_000;
/// What `negentropy` is told a message may have; it keeps below.
const MESSAGE_BYTES_MAX: u64 = RECONCILE_BYTES_MAX as u64 - 1;

/// Why two sets cannot be compared.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The other side's message cannot be read.
    #[error("the comparison cannot be read: {0}")]
    Message(String),
    /// The other side speaks another version.
    #[error("the comparison is of a version this program does not know")]
    Version,
}

impl From<negentropy::Error> for ReconcileError {
    fn from(error: negentropy::Error) -> Self {
        Self::Message(error.to_string())
    }
}

/// Where a message stands in a comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// It opens one.
    Opens,
    /// The side that opened goes on.
    GoesOn,
    /// The other side answers.
    Answers,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 3] = [Self::Opens, Self::GoesOn, Self::Answers];

    /// Its number on the wire.
    pub const fn number(self) -> u8 {
        match self {
            Self::Opens => 1,
            Self::GoesOn => 2,
            Self::Answers => 3,
        }
    }
}

/// One message of a comparison.
#[derive(Clone, PartialEq, Eq)]
pub struct Reconcile {
    /// Where it stands.
    pub step: Step,
    /// What `negentropy` says.
    pub message: Vec<u8>,
}

impl Reconcile {
    /// Reads the bytes of a message; `None` when they name no step.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (number, message) = bytes.split_first()?;
        let step = Step::ALL.into_iter().find(|step| step.number() == *number)?;
        Some(Self { step, message: message.to_vec() })
    }

    /// The bytes of the message.
    pub fn encode(&self) -> Vec<u8> {
        [&[self.step.number()][..], &self.message].concat()
    }
}

impl std::fmt::Debug for Reconcile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}({} bytes)", self.step, self.message.len())
    }
}

/// What one side holds, in order of time.
#[derive(Clone, PartialEq, Eq)]
pub struct Items {
    sorted: NegentropyStorageVector,
}

/// What the side that opened learns from one answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Difference {
    /// Records the other side lacks.
    pub have: Vec<Digest>,
    /// Records this side lacks.
    pub need: Vec<Digest>,
    /// What to say next; `None` when the comparison has ended.
    pub next: Option<Vec<u8>>,
}

impl Items {
    /// The items of these records: when each was signed, and its identity.
    pub fn of(records: impl IntoIterator<Item = (Timestamp, Digest)>) -> Self {
        let mut sorted = NegentropyStorageVector::new();
        for (signed_at, identity) in records {
            let id = Id::from_byte_array(*identity.as_bytes());
            // It fails only once it is sealed.
            let _ = sorted.insert(u64::try_from(signed_at.0).unwrap_or(0), id);
        }
        let _ = sorted.seal();
        Self { sorted }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.sorted.size().unwrap_or(0)
    }

    fn side(&self) -> Result<Negentropy<'_, NegentropyStorageVector>, ReconcileError> {
        Ok(Negentropy::borrowed(&self.sorted, MESSAGE_BYTES_MAX)?)
    }

    /// The first message of a comparison.
    ///
    /// # Errors
    /// [`ReconcileError`] when there is none to be made.
    pub fn open(&self) -> Result<Vec<u8>, ReconcileError> {
        Ok(self.side()?.initiate()?)
    }

    /// Answers a message of the side that opened.
    ///
    /// # Errors
    /// [`ReconcileError`]: nothing is answered.
    pub fn answer(&self, message: &[u8]) -> Result<Vec<u8>, ReconcileError> {
        let answer = self.side()?.reconcile(message)?;
        // To another version it answers by its own alone.
        if message.first() == answer.first() { Ok(answer) } else { Err(ReconcileError::Version) }
    }

    /// Takes in an answer, at the side that opened.
    ///
    /// # Errors
    /// [`ReconcileError`]: the comparison cannot go on.
    pub fn learn(&self, answer: &[u8]) -> Result<Difference, ReconcileError> {
        let mut side = self.side()?;
        side.set_initiator();
        let (mut have, mut need) = (Vec::new(), Vec::new());
        let next = side.reconcile_with_ids(answer, &mut have, &mut need)?;
        let digests = |ids: Vec<Id>| ids.into_iter().map(|id| Digest(id.to_bytes())).collect();
        Ok(Difference { have: digests(have), need: digests(need), next })
    }
}

impl Default for Items {
    fn default() -> Self {
        Self::of([])
    }
}

impl std::fmt::Debug for Items {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Items({})", self.count())
    }
}
