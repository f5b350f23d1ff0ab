//! Checkpoints (C2SP tlog-checkpoint): origin, size and root of a ledger, signed by its structure.

use super::{NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX, note};
use crate::keys::{SigningSecret, VerifyKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use relais_domain::digest::Digest;
use relais_domain::merkle::{LEAVES_MAX, empty_root};
use relais_domain::structure_id::StructureId;

const ORIGIN_PREFIX: &str = "relais/ledger/";

/// The head of a ledger at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// Whose ledger.
    pub ledger: StructureId,
    /// Leaves in it.
    pub size: u64,
    /// Its Merkle root.
    pub root: Digest,
}

/// Why a note is not this ledger's checkpoint.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CheckpointError {
    /// Longer than [`NOTE_BYTES_MAX`].
    #[error("a checkpoint has at most {NOTE_BYTES_MAX} bytes, this one {bytes}")]
    TooLong {
        /// Bytes of the note.
        bytes: usize,
    },
    /// A control character other than newline.
    #[error("line {line} holds a control character: keep the file as it was written, with plain line feeds")]
    ControlCharacter {
        /// The line of the note, from 1.
        line: usize,
    },
    /// No blank line with signature lines after it.
    #[error("no signature line follows the text: the end is missing")]
    NoSignatures,
    /// The last line does not end.
    #[error("the last line lacks its newline: the end is missing")]
    NoFinalNewline,
    /// A line after the blank line is not a signature line.
    #[error("line {line} must be a signature: an em dash, a name, and base64, separated by single spaces")]
    SignatureLine {
        /// The line of the note, from 1.
        line: usize,
    },
    /// More than [`NOTE_SIGNATURES_MAX`].
    #[error("a checkpoint has at most {NOTE_SIGNATURES_MAX} signatures, this one {count}")]
    TooManySignatures {
        /// Signature lines of the note.
        count: usize,
    },
    /// The first line is not `relais/ledger/` and a structure id of 56 symbols.
    #[error("line 1 must be `relais/ledger/` and the 56 symbols of a structure id")]
    Origin,
    /// The second line is not a number of leaves.
    #[error("line 2 must be the number of leaves: decimal, without leading zeros, at most {LEAVES_MAX}")]
    Size,
    /// The third line is not a root.
    #[error("line 3 must be the root: 32 bytes in base64, padded")]
    Root,
    /// The root of an empty ledger is fixed.
    #[error("a ledger without leaves has the SHA-256 of nothing as its root, not the one on line 3")]
    EmptyRoot,
    /// An extension line is empty.
    #[error("line {line} is empty: extension lines must not be")]
    Extension {
        /// The line of the note, from 1.
        line: usize,
    },
    /// No signature by the key asked for.
    #[error("no signature by this structure's key: it is another structure's checkpoint or of another key")]
    NotSigned,
    /// A signature by the key asked for does not fit the text.
    #[error("the signature does not fit the text: the checkpoint was altered or forged")]
    BadSignature,
    /// Well signed, but about the ledger of another structure.
    #[error("the checkpoint speaks of the ledger of another structure, {claimed}")]
    OtherLedger {
        /// The structure the first line names.
        claimed: StructureId,
    },
}

/// The origin of a structure's ledger, also the name of the key that signs its checkpoints: `relais/ledger/` and the
/// 56 symbols of the structure id without hyphens.
pub fn origin(ledger: &StructureId) -> String {
    format!("{ORIGIN_PREFIX}{}", ledger.compact())
}

/// Writes and signs a checkpoint: the text of a signed note, under the name [`origin`].
pub fn sign_checkpoint(checkpoint: &Checkpoint, key: &SigningSecret) -> String {
    let name = origin(&checkpoint.ledger);
    let root = STANDARD.encode(checkpoint.root.as_bytes());
    note::sign(&format!("{name}\n{}\n{root}\n", checkpoint.size), &name, key)
}

/// Reads a checkpoint of `ledger` signed with `key` (RFC 8032, strict verification: nobody can disagree about it).
/// Extension lines and signatures of others are covered or ignored as the formats say.
///
/// # Errors
/// [`CheckpointError`] names what does not fit.
pub fn open_checkpoint(
    note: &str,
    ledger: &StructureId,
    key: &VerifyKey,
) -> Result<Checkpoint, CheckpointError> {
    let text = note::Note::parse(note)?.verified(&origin(ledger), key)?;
    let checkpoint = Checkpoint::parse(text)?;
    if checkpoint.ledger != *ledger {
        return Err(CheckpointError::OtherLedger { claimed: checkpoint.ledger });
    }
    Ok(checkpoint)
}

/// Whose checkpoint a note *says* it is, in a well-formed note. Nothing is verified: it only tells which key to look for.
///
/// # Errors
/// [`CheckpointError`] for a malformed note.
pub fn claimed_ledger(note: &str) -> Result<StructureId, CheckpointError> {
    Checkpoint::parse(note::Note::parse(note)?.text).map(|checkpoint| checkpoint.ledger)
}

impl Checkpoint {
    fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
        let ledger = lines.next().and_then(parse_origin).ok_or(CheckpointError::Origin)?;
        let size = lines.next().and_then(parse_number).ok_or(CheckpointError::Size)?;
        let root = lines.next().and_then(parse_digest).ok_or(CheckpointError::Root)?;
        if size == 0 && root != empty_root() {
            return Err(CheckpointError::EmptyRoot);
        }
        match lines.position(str::is_empty) {
            Some(position) => Err(CheckpointError::Extension { line: position + 4 }),
            None => Ok(Self { ledger, size, root }),
        }
    }
}

fn parse_origin(line: &str) -> Option<StructureId> {
    let ledger = StructureId::parse(line.strip_prefix(ORIGIN_PREFIX)?).ok()?;
    (origin(&ledger) == line).then_some(ledger)
}

/// A size or index: ASCII decimal without leading zeros, at most [`LEAVES_MAX`].
pub(super) fn parse_number(text: &str) -> Option<u64> {
    let number = text.parse::<u64>().ok().filter(|number| *number <= LEAVES_MAX)?;
    // Refuses leading zeros and signs.
    (number.to_string() == text).then_some(number)
}

/// 32 bytes in base64.
pub(super) fn parse_digest(text: &str) -> Option<Digest> {
    Digest::from_slice(&STANDARD.decode(text).ok()?)
}
