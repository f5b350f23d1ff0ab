//! Why a text is not a proof file. Each message says which line, and what to do.

use super::{HEADER, TLOG_HEADER};
use crate::ledger::{CheckpointError, PROOF_FILE_BYTES_MAX, PROOF_MANIFESTS_MAX, PROOF_PATH_MAX};
use relais_domain::ledger_leaf::LeafError;

/// Why a text is not a proof file. Each message says which line, and what to do.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProofFileError {
    /// Longer than [`PROOF_FILE_BYTES_MAX`].
    #[error("a proof file has at most {PROOF_FILE_BYTES_MAX} bytes, this one {bytes}: is it the right file?")]
    TooLong {
        /// Bytes of the file.
        bytes: usize,
    },
    /// A line is wrong.
    #[error("line {line}: {fault}")]
    Line {
        /// The line of the file, from 1.
        line: usize,
        /// What is wrong with it.
        fault: LineFault,
    },
    /// The checkpoint is malformed.
    #[error("in the checkpoint, which begins on line {line}: {error}; ask for the proof again")]
    Checkpoint {
        /// The checkpoint's first line, from 1.
        line: usize,
        /// What is wrong; its line numbers count from the checkpoint's first line.
        error: CheckpointError,
    },
}

/// What is wrong with a line of a proof file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LineFault {
    /// Lines end in CR LF.
    #[error(
        "the line ends in a carriage return: the file was converted on its way; send it as an attachment or run `tr -d '\\r'`"
    )]
    CarriageReturn,
    /// The first line is another.
    #[error("must be `{HEADER}`: not a ledger proof, or one for a newer version of this program")]
    Header,
    /// The file ends before this line.
    #[error("the file ends here, before its checkpoint: it was cut; ask for it again")]
    Ended,
    /// Not a manifest line.
    #[error("must be `manifest` and base64, or empty: the line was altered; ask for the file again")]
    Manifest,
    /// More than [`PROOF_MANIFESTS_MAX`].
    #[error("one manifest too many, at most {PROOF_MANIFESTS_MAX}: ask for the file again")]
    TooManyManifests,
    /// The proof proper begins with another line.
    #[error("must be `{TLOG_HEADER}`: the line was altered; ask for the file again")]
    TlogHeader,
    /// Not an `extra` line with base64.
    #[error("must be `extra` and base64, the leaf: the line was altered; ask for the file again")]
    Extra,
    /// The bytes are not a leaf.
    #[error("{0}; ask for the file again, or verify it with a newer program")]
    Leaf(LeafError),
    /// Not an `index` line.
    #[error(
        "must be `index` and a decimal number without leading zeros: the line was altered; ask for the file again"
    )]
    Index,
    /// Not a digest of the path.
    #[error("must be 32 bytes in base64, or empty: the line was altered; ask for the file again")]
    PathDigest,
    /// More than [`PROOF_PATH_MAX`].
    #[error("one digest too many, at most {PROOF_PATH_MAX}: ask for the file again")]
    PathTooLong,
}
