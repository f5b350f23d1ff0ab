//! Directory records as bytes: made and signed here, read back strictly. A record whose bytes are not exactly what its
//! fields encode to is refused, so two nodes never read one record differently.

mod outline;
mod read;
mod write;

#[cfg(test)]
mod tests;

pub use outline::Outline;

use crate::dsse::{DsseError, PayloadType, Signed};
use crate::field::{self, BadField, Problem};
use crate::frame::RECORD_BYTES_MAX;
use crate::keys::{SigningSecret, VerifyKey};
use prost::Message as _;
use relais_domain::digest::Digest;
use relais_domain::directory::{Record, RecordKey};
use relais_domain::structure_id::StructureId;
use relais_proto::peer::v1 as proto;

/// Format of records this program makes and reads.
pub const RECORD_VERSION: u32 = 1;
/// Longest payload of a record of places, in bytes.
pub const CAPACITY_BYTES_MAX: usize = 256;
/// Longest payload of an endorsement, in bytes.
pub const ENDORSEMENT_BYTES_MAX: usize = 2 * 1024;
/// Longest name of a structure, a site or a service, in characters.
pub const NAME_CHARS_MAX: usize = 150;
/// Longest description, in characters.
pub const DESCRIPTION_CHARS_MAX: usize = 2_000;
/// Longest conditions of access, in characters.
pub const CONDITIONS_CHARS_MAX: usize = 1_000;
/// Longest words on fees, in characters.
pub const FEES_NOTE_CHARS_MAX: usize = 500;
/// Longest address or opening hours, in characters.
pub const LINE_CHARS_MAX: usize = 255;
/// Longest telephone number, in characters.
pub const PHONE_CHARS_MAX: usize = 40;
/// Longest e-mail address, in characters (RFC 5321 §4.5.3.1).
pub const EMAIL_CHARS_MAX: usize = 254;
/// Longest web address, in characters.
pub const LINK_CHARS_MAX: usize = 500;
/// Most entries of any list in a record, coverage apart.
pub const ENTRIES_MAX: usize = 16;
/// Most places a service may say it has.
pub const PLACES_MAX: u32 = 10_000;
/// Longest wait a service may say, in days.
pub const WAITING_DAYS_MAX: u32 = 730;

/// Why bytes are not a record of whom they should be.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RecordError {
    /// Not signed by one of the keys, or signed as another thing.
    #[error(transparent)]
    Signed(#[from] DsseError),
    /// A field is wrong.
    #[error(transparent)]
    Field(#[from] BadField),
    /// Longer than a record may be.
    #[error(
        "the record has {bytes} bytes, at most {bytes_max}: shorten its texts, or name larger territories"
    )]
    TooBig {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        bytes_max: usize,
    },
    /// It speaks for another structure than the one whose keys were tried.
    #[error("the record is of another structure")]
    WrongSigner,
    /// The manifest it names is not known, or was superseded too long ago.
    #[error("the record names a manifest that is not known, or no longer in use")]
    Manifest,
}

/// A record, with the bytes that were signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedRecord {
    /// The record.
    pub record: Record,
    /// SHA-256 of what was signed.
    pub identity: Digest,
    /// The encoded `Signed` message: what is stored and sent on.
    pub bytes: Vec<u8>,
}

impl SignedRecord {
    /// Signs a record of this structure, and reads it back as any partner will.
    ///
    /// # Errors
    /// [`RecordError`] when no partner would accept it.
    pub fn sign(record: &Record, secret: &SigningSecret) -> Result<Self, RecordError> {
        let payload = write::record(record).encode_to_vec();
        Self::read(&Signed::sign(PayloadType::DirectoryRecord, payload, secret).encode())
    }

    /// Reads an encoded record. The signature is not checked: for bytes that were verified when they came.
    ///
    /// # Errors
    /// [`RecordError`] names what is wrong.
    pub fn read(bytes: &[u8]) -> Result<Self, RecordError> {
        fits(bytes.len(), RECORD_BYTES_MAX)?;
        let signed = Signed::decode(bytes, PayloadType::DirectoryRecord)?;
        if signed.encode() != bytes {
            return Err(BadField::new("", Problem::NotCanonical).into());
        }
        let payload = signed.payload_unverified();
        let message: proto::DirectoryRecord = field::message(payload)?;
        let record = read::record(message)?;
        field::canonical(payload, &write::record(&record))?;
        match record.key() {
            RecordKey::Capacity(_) => fits(payload.len(), CAPACITY_BYTES_MAX)?,
            RecordKey::Endorsement(_) => fits(payload.len(), ENDORSEMENT_BYTES_MAX)?,
            RecordKey::Structure | RecordKey::Service(_) => {}
        }
        Ok(Self { record, identity: signed.identity(), bytes: bytes.to_vec() })
    }

    /// Reads an encoded record that `structure` signed; `keys` gives the signing keys of one of its manifests, `None`
    /// when it may not be named now.
    ///
    /// # Errors
    /// [`RecordError`] names what is wrong.
    pub fn open(
        bytes: &[u8],
        structure: StructureId,
        keys: impl FnOnce(u64) -> Option<Vec<VerifyKey>>,
    ) -> Result<Self, RecordError> {
        let read = Self::read(bytes)?;
        read.verify(structure, keys)?;
        Ok(read)
    }

    /// Checks that `structure` signed a record that was read; `keys` as for [`SignedRecord::open`].
    ///
    /// # Errors
    /// [`RecordError`] names what is wrong.
    pub fn verify(
        &self,
        structure: StructureId,
        keys: impl FnOnce(u64) -> Option<Vec<VerifyKey>>,
    ) -> Result<(), RecordError> {
        if self.record.structure != structure {
            return Err(RecordError::WrongSigner);
        }
        signed_by(&self.bytes, keys(self.record.manifest))
    }
}

/// Checks that one of these keys signed an encoded record.
fn signed_by(bytes: &[u8], keys: Option<Vec<VerifyKey>>) -> Result<(), RecordError> {
    let keys = keys.ok_or(RecordError::Manifest)?;
    let signed = Signed::decode(bytes, PayloadType::DirectoryRecord)?;
    signed.verify_any(PayloadType::DirectoryRecord, &keys)?;
    Ok(())
}

fn fits(bytes: usize, bytes_max: usize) -> Result<(), RecordError> {
    if bytes <= bytes_max { Ok(()) } else { Err(RecordError::TooBig { bytes, bytes_max }) }
}

/// SHA-256 over identities in ascending order: by it two sides tell whether they hold the same records.
pub fn records_digest(identities: impl IntoIterator<Item = Digest>) -> Digest {
    let mut sorted: Vec<Digest> = identities.into_iter().collect();
    sorted.sort_unstable();
    let parts: Vec<&[u8]> = sorted.iter().map(|identity| identity.as_bytes().as_slice()).collect();
    Digest::of_parts(&parts)
}

/// Whether `text` has the form of an e-mail address: something, an at sign, something with a dot.
pub fn is_email(text: &str) -> bool {
    let parts = text.split_once('@').filter(|(_, domain)| !domain.contains('@'));
    let shaped = parts.is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.')
    });
    shaped && !text.contains(char::is_whitespace) && crate::text::is_plain_line_of(text, EMAIL_CHARS_MAX)
}

/// Whether `text` has the form of a web address, https or http.
pub fn is_link(text: &str) -> bool {
    is_link_of(text, LINK_CHARS_MAX)
}

/// Whether `text` has the form of a web address of at most `chars_max` characters, https or http.
pub fn is_link_of(text: &str, chars_max: usize) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && !text.contains(char::is_whitespace)
        && crate::text::is_plain_line_of(text, chars_max)
}

/// Whether `text` has the form of a telephone number: at least three digits, and signs used between them.
pub fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let clean = text.chars().all(|c| c.is_ascii_digit() || " +.-()/".contains(c));
    digits >= 3 && clean && text.chars().count() <= PHONE_CHARS_MAX
}

/// Whether `text` is 14 digits.
pub fn is_siret(text: &str) -> bool {
    text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit())
}
