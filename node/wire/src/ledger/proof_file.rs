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

use super::checkpoint::{parse_digest, parse_number};
use super::{
    Checkpoint, CheckpointError, PROOF_FILE_BYTES_MAX, PROOF_MANIFESTS_MAX, PROOF_PATH_MAX, claimed_ledger,
    open_checkpoint,
};
use crate::keys::VerifyKey;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use relais_domain::digest::Digest;
use relais_domain::ledger_leaf::{Leaf, LeafError};
use relais_domain::merkle;
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

/// Why a well-formed proof does not hold.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProofRejected {
    /// The checkpoint is not the structure's.
    #[error("the checkpoint does not hold: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The leaf would stand beyond the end of the ledger.
    #[error("the proof is of leaf {index}, counted from 0, but the checkpoint covers {size} leaves")]
    IndexOutside {
        /// The leaf's place.
        index: u64,
        /// Leaves under the checkpoint.
        size: u64,
    },
    /// The path does not lead from the leaf to the root.
    #[error(
        "the path does not lead from the leaf to the checkpoint's root: leaf, index or path were altered"
    )]
    NotIncluded,
}

/// A leaf proven to lie under a signed checkpoint. Only [`verify`] makes one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verified {
    checkpoint: Checkpoint,
    leaf: Leaf,
    index: u64,
}

impl Verified {
    /// The checkpoint under which the leaf lies; it names the structure.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The leaf.
    pub fn leaf(&self) -> &Leaf {
        &self.leaf
    }

    /// The leaf's place in the ledger, counted from 0.
    pub fn index(&self) -> u64 {
        self.index
    }
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

/// Verifies a proof with the key of the structure that [`ProofFile::claimed_ledger`] names.
///
/// # Errors
/// [`ProofRejected`] says what does not hold.
pub fn verify(proof: &ProofFile, key: &VerifyKey) -> Result<Verified, ProofRejected> {
    let checkpoint = open_checkpoint(&proof.checkpoint, &proof.claimed_ledger()?, key)?;
    let (index, size) = (proof.index, checkpoint.size);
    if index >= size {
        return Err(ProofRejected::IndexOutside { index, size });
    }
    if !merkle::verify_inclusion(proof.leaf.hash(), index, size, &proof.path, checkpoint.root) {
        return Err(ProofRejected::NotIncluded);
    }
    Ok(Verified { checkpoint, leaf: proof.leaf, index })
}

fn decode_after(word: &str, line: &str) -> Option<Vec<u8>> {
    STANDARD.decode(line.strip_prefix(word)?).ok()
}

/// The lines not read yet, and the number of the last one read.
struct Lines<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Lines<'a> {
    /// Reads one line as `parse` says; its fault is reported with the line's number.
    fn next<T>(&mut self, parse: impl FnOnce(&'a str) -> Result<T, LineFault>) -> Result<T, ProofFileError> {
        self.line += 1;
        let (line, fault) = match self.rest.split_once('\n') {
            Some((line, rest)) => {
                self.rest = rest;
                (line, line.ends_with('\r').then_some(LineFault::CarriageReturn))
            }
            None => ("", Some(LineFault::Ended)),
        };
        let parsed = fault.map_or_else(|| parse(line), Err);
        parsed.map_err(|fault| ProofFileError::Line { line: self.line, fault })
    }

    fn expect(&mut self, expected: &str, fault: LineFault) -> Result<(), ProofFileError> {
        self.next(|line| if line == expected { Ok(()) } else { Err(fault) })
    }

    /// Reads lines up to and including an empty one.
    fn block<T>(
        &mut self,
        count_max: usize,
        too_many: LineFault,
        mut parse: impl FnMut(&'a str) -> Result<T, LineFault>,
    ) -> Result<Vec<T>, ProofFileError> {
        let mut block = Vec::new();
        loop {
            let parsed = self.next(|line| match line {
                "" => Ok(None),
                _ if block.len() == count_max => Err(too_many),
                line => parse(line).map(Some),
            })?;
            match parsed {
                Some(item) => block.push(item),
                None => return Ok(block),
            }
        }
    }
}
