//! What every version of this program can read of a record: who signed it, and what it stands in the way of. A theme, a
//! commune or a whole format that came or went with another version is no lie of who signed, nor of who brought it.

use super::{RecordError, fits, signed_by};
use crate::dsse::{PayloadType, Signed};
use crate::field::{self, BadField, Problem};
use crate::frame::RECORD_BYTES_MAX;
use crate::keys::VerifyKey;
use relais_domain::digest::Digest;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_proto::peer::v1 as proto;

/// A record of which this version may not be able to read what it says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outline {
    /// Who publishes.
    pub structure: StructureId,
    /// The manifest whose key signed.
    pub manifest: u64,
    /// Grows with each record about the same; from 1.
    pub sequence: u64,
    /// When it was signed.
    pub issued_at: Timestamp,
    /// SHA-256 of what was signed.
    pub identity: Digest,
    bytes: Vec<u8>,
}

impl Outline {
    /// Reads the outline of an encoded record. The signature is not checked.
    ///
    /// # Errors
    /// [`RecordError`] when it is no record of any version.
    pub fn read(bytes: &[u8]) -> Result<Self, RecordError> {
        fits(bytes.len(), RECORD_BYTES_MAX)?;
        let signed = Signed::decode(bytes, PayloadType::DirectoryRecord)?;
        if signed.encode() != bytes {
            return Err(BadField::new("", Problem::NotCanonical).into());
        }
        let message: proto::DirectoryRecord = field::message(signed.payload_unverified())?;
        Ok(Self {
            structure: field::structure("structure_id", &message.structure_id)?,
            manifest: field::nonzero("manifest_sequence", message.manifest_sequence)?,
            sequence: field::nonzero("sequence", message.sequence)?,
            issued_at: Timestamp(message.issued_ms),
            identity: signed.identity(),
            bytes: bytes.to_vec(),
        })
    }

    /// Checks that `structure` signed it; `keys` gives the signing keys of one of its manifests, `None` when it may not
    /// be named now.
    ///
    /// # Errors
    /// [`RecordError`] names what is wrong.
    pub fn verify(
        &self,
        structure: StructureId,
        keys: impl FnOnce(u64) -> Option<Vec<VerifyKey>>,
    ) -> Result<(), RecordError> {
        if self.structure != structure {
            return Err(RecordError::WrongSigner);
        }
        signed_by(&self.bytes, keys(self.manifest))
    }
}
