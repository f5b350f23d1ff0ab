//! Two types whose only constructors are named for a duty: who vouches for a command, and what was committed.

use crate::structure_id::StructureId;

/// A command whose signer was verified. An envelope acts as its signer; a connection as its carrier.
#[derive(Clone, Debug)]
pub struct Authenticated<T> {
    signer: StructureId,
    carrier: StructureId,
    inner: T,
}

impl<T> Authenticated<T> {
    /// Wraps a command whose signature by `signer`, brought by `carrier`, the caller has verified.
    pub fn vouched_by(signer: StructureId, carrier: StructureId, inner: T) -> Self {
        Self { signer, carrier, inner }
    }

    /// Whose rights apply.
    pub fn signer(&self) -> StructureId {
        self.signer
    }

    /// Whose connection brought it.
    pub fn carrier(&self) -> StructureId {
        self.carrier
    }

    /// The command.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// The command, to look at.
    pub fn inner(&self) -> &T {
        &self.inner
    }
}

/// An answer that may be given because what it says is durably stored.
#[derive(Clone, Debug)]
pub struct Committed<T> {
    answer: T,
}

impl<T> Committed<T> {
    /// Wraps an answer after the store said that the transaction is on disk.
    pub fn after_commit(answer: T) -> Self {
        Self { answer }
    }

    /// The answer.
    pub fn into_answer(self) -> T {
        self.answer
    }
}
