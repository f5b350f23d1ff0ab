//! The ledger as others see it: signed checkpoints and proof files, both plain text (C2SP signed-note,
//! tlog-checkpoint and tlog-proof).
//!
//! A checkpoint says, under the structure's witness key, how many leaves its ledger had and with which Merkle root. A
//! proof file shows that one leaf lies under a checkpoint, and carries the manifests from which a stranger learns the
//! key. Nothing here says whom to trust: the caller checks the manifests and hands over the key.

mod checkpoint;
mod note;
mod proof_file;

pub use checkpoint::{Checkpoint, CheckpointError, claimed_ledger, open_checkpoint, origin, sign_checkpoint};
pub use proof_file::{LineFault, ProofFile, ProofFileError, ProofRejected, Verified, read, verify, write};

/// Longest checkpoint note, in bytes.
pub const NOTE_BYTES_MAX: usize = 8 * 1024;
/// Most signature lines of a note (signed-note asks for at least 16).
pub const NOTE_SIGNATURES_MAX: usize = 16;
/// Longest proof file, in bytes.
pub const PROOF_FILE_BYTES_MAX: usize = 256 * 1024;
/// Longest inclusion path of a proof file, in digests.
pub const PROOF_PATH_MAX: usize = relais_domain::merkle::PATH_MAX;
/// Most manifests of a proof file.
pub const PROOF_MANIFESTS_MAX: usize = 128;

#[cfg(test)]
mod tests;
