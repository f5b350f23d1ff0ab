//! Proof files: that one leaf lies in a structure's ledger, for anyone to verify offline.
//!
//! ```text
//! relais.ledger-proof/1
//! manifest <base64>            none or more: the structure's manifests, oldest first
//!
//! c2sp.org/tlog-proof@v1       from here on a C2SP tlog-proof
//! extra <base64>               the 66 bytes of the leaf
//! index <decimal>
//! <base64>                     none or more: the inclusion path, the leaf's sibling first
//!
//! <the checkpoint, a signed note>
//! ```

mod error;
mod lines;
mod verified;

pub use error::{LineFault, ProofFileError};
pub use verified::{ProofRejected, Verified, verify};

use super::checkpoint::{parse_digest, parse_number};
use super::{CheckpointError, PROOF_FILE_BYTES_MAX, PROOF_MANIFESTS_MAX, PROOF_PATH_MAX, claimed_ledger};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use lines::Lines;
use relais_domain::digest::Digest;
use relais_domain::ledger_leaf::Leaf;
use relais_domain::structure_id::StructureId;

const HEADER: &str = "relais.ledger-proof/1";
const TLOG_HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A proof that a leaf lies in a ledger: well-formed, not verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProofFile {
    /// The leaf, opened.
    pub leaf: Leaf,
    /// Its place in the ledger, counted from 0.
    pub index: u64,
    /// The inclusion path, the leaf's sibling first; at most [`PROOF_PATH_MAX`].
    pub path: Vec<Digest>,
    /// The checkpoint: a signed note.
    pub checkpoint: String,
    /// The structure's manifests from the first on, exact bytes; at most [`PROOF_MANIFESTS_MAX`]. Whoever verifies
    /// checks this chain against [`ProofFile::claimed_ledger`] and takes the key from it.
    pub manifests: Vec<Vec<u8>>,
}

impl ProofFile {
    /// Whose ledger the checkpoint *says* it is: which manifests to check. Nothing is verified.
    ///
    /// # Errors
    /// [`CheckpointError`] for a malformed checkpoint.
    pub fn claimed_ledger(&self) -> Result<StructureId, CheckpointError> {
        claimed_ledger(&self.checkpoint)
    }
}

/// Writes a proof file and reads it back, so that what is handed out can be read by whoever gets it.
///
/// # Errors
/// [`ProofFileError`] when a limit is passed or the checkpoint is malformed.
pub fn write(proof: &ProofFile) -> Result<String, ProofFileError> {
    let mut text = format!("{HEADER}\n");
    for manifest in &proof.manifests {
        text.push_str(&format!("manifest {}\n", STANDARD.encode(manifest)));
    }
    let leaf = STANDARD.encode(proof.leaf.bytes());
    text.push_str(&format!("\n{TLOG_HEADER}\nextra {leaf}\nindex {}\n", proof.index));
    for digest in &proof.path {
        text.push_str(&STANDARD.encode(digest.as_bytes()));
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&proof.checkpoint);
    read(&text).map(|_| text)
}

/// Reads a proof file. It is not verified: see [`verify`].
///
/// # Errors
/// [`ProofFileError`] names the line and the fix.
pub fn read(text: &str) -> Result<ProofFile, ProofFileError> {
    if text.len() > PROOF_FILE_BYTES_MAX {
        return Err(ProofFileError::TooLong { bytes: text.len() });
    }
    if !text.starts_with(HEADER) {
        return Err(ProofFileError::Line { line: 1, fault: LineFault::Header });
    }
    let mut lines = Lines { rest: text, line: 0 };
    lines.expect(HEADER, LineFault::Header)?;
    let manifests = lines.block(PROOF_MANIFESTS_MAX, LineFault::TooManyManifests, |line| {
        decode_after("manifest ", line).filter(|manifest| !manifest.is_empty()).ok_or(LineFault::Manifest)
    })?;
    lines.expect(TLOG_HEADER, LineFault::TlogHeader)?;
    let leaf = lines.next(|line| {
        let bytes = decode_after("extra ", line).ok_or(LineFault::Extra)?;
        Leaf::from_slice(&bytes).map_err(LineFault::Leaf)
    })?;
    let index =
        lines.next(|line| line.strip_prefix("index ").and_then(parse_number).ok_or(LineFault::Index))?;
    let path = lines.block(PROOF_PATH_MAX, LineFault::PathTooLong, |line| {
        parse_digest(line).ok_or(LineFault::PathDigest)
    })?;
    claimed_ledger(lines.rest).map_err(|error| ProofFileError::Checkpoint { line: lines.line + 1, error })?;
    Ok(ProofFile { leaf, index, path, checkpoint: lines.rest.to_owned(), manifests })
}

fn decode_after(word: &str, line: &str) -> Option<Vec<u8>> {
    STANDARD.decode(line.strip_prefix(word)?).ok()
}
