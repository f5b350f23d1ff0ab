//! The receipt: the recipient node's signed statement that an envelope is durably stored.
//!
//! Ed25519 is deterministic and the day is that of storage, so a retry gives the same bytes. The receipt of Sent *is*
//! "received". It names its author's own latest event in the thread, by which the other end knows what it still misses.

use crate::{
    dsse::{DsseError, PayloadType, Signed},
    keys::{SigningSecret, VerifyKey},
};
use prost::Message as _;
use relais_domain::{
    digest::Digest,
    id::{MessageId, ThreadId},
    structure_id::StructureId,
    time::Day,
};
use relais_proto::peer::v1 as proto;

/// Format of receipts this program makes and reads.
pub const RECEIPT_VERSION: u32 = 1;

/// What became of an envelope at its recipient.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReceiptOutcome {
    /// Skeleton and content are stored.
    Stored,
    /// The skeleton is stored; the content was dropped unopened because it had no right to be here.
    StoredWithoutContent,
}

/// The signer's own latest event in the thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LatestEvent {
    /// Its sequence in its author's chain, from 1.
    pub sequence: u32,
    /// Its identity.
    pub hash: Digest,
}

/// A statement that an envelope is durably stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// The thread.
    pub thread: ThreadId,
    /// The message.
    pub message: MessageId,
    /// Identity of the envelope received.
    pub envelope: Digest,
    /// The structure that signs: the envelope's recipient.
    pub signer: StructureId,
    /// Sequence of the signer's manifest that holds the signing key.
    pub signer_manifest: u64,
    /// The structure the receipt is for: the envelope's author.
    pub recipient: StructureId,
    /// The signer's own latest event in the thread at storage; `None` when it has none.
    pub latest: Option<LatestEvent>,
    /// UTC day of storage.
    pub stored: Day,
    /// What became of the envelope.
    pub outcome: ReceiptOutcome,
}

/// Why bytes are not a receipt of whom they should be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReceiptError {
    /// Not signed by one of the keys, or signed as another thing.
    #[error(transparent)]
    Signed(#[from] DsseError),
    /// A field is missing or malformed.
    #[error("not a receipt")]
    Shape,
    /// A format this program does not know.
    #[error("receipt format {0} is unknown")]
    Version(u32),
    /// The receipt names another signer than the one whose keys were tried.
    #[error("the receipt names another signer")]
    WrongSigner,
}

impl Receipt {
    /// Signs the receipt.
    pub fn sign(&self, secret: &SigningSecret) -> Signed {
        let message = proto::Receipt {
            version: RECEIPT_VERSION,
            thread_id: self.thread.as_bytes().to_vec(),
            message_id: self.message.as_bytes().to_vec(),
            envelope_identity: self.envelope.as_bytes().to_vec(),
            signer_id: self.signer.as_bytes().to_vec(),
            signer_manifest_sequence: self.signer_manifest,
            recipient_id: self.recipient.as_bytes().to_vec(),
            latest_event_sequence: self.latest.map_or(0, |event| event.sequence),
            latest_event_hash: self.latest.map_or_else(Vec::new, |event| event.hash.as_bytes().to_vec()),
            stored_day: self.stored.0,
            outcome: self.outcome.to_proto().into(),
        };
        Signed::sign(PayloadType::Receipt, message.encode_to_vec(), secret)
    }

    /// Reads an encoded receipt that `signer` signed with one of `keys`.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn open(bytes: &[u8], signer: StructureId, keys: &[VerifyKey]) -> Result<Self, ReceiptError> {
        Self::open_signed(&Signed::decode(bytes, PayloadType::Receipt)?, signer, keys)
    }

    /// Reads a receipt that `signer` signed with one of `keys`.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn open_signed(
        signed: &Signed,
        signer: StructureId,
        keys: &[VerifyKey],
    ) -> Result<Self, ReceiptError> {
        let receipt = Self::read(signed.verify_any(PayloadType::Receipt, keys)?)?;
        if receipt.signer == signer { Ok(receipt) } else { Err(ReceiptError::WrongSigner) }
    }

    /// The manifest sequence a receipt names, unverified: says which keys to open it with.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn manifest_named(signed: &Signed) -> Result<u64, ReceiptError> {
        Self::read(signed.payload_unverified()).map(|receipt| receipt.signer_manifest)
    }

    fn read(payload: &[u8]) -> Result<Self, ReceiptError> {
        let message = proto::Receipt::decode(payload).map_err(|_| ReceiptError::Shape)?;
        if message.version != RECEIPT_VERSION {
            return Err(ReceiptError::Version(message.version));
        }
        Self::from_proto(&message).ok_or(ReceiptError::Shape)
    }

    fn from_proto(message: &proto::Receipt) -> Option<Self> {
        Some(Self {
            thread: ThreadId::from_slice(&message.thread_id)?,
            message: MessageId::from_slice(&message.message_id)?,
            envelope: Digest::from_slice(&message.envelope_identity)?,
            signer: StructureId::from_slice(&message.signer_id)?,
            signer_manifest: (message.signer_manifest_sequence > 0)
                .then_some(message.signer_manifest_sequence)?,
            recipient: StructureId::from_slice(&message.recipient_id)?,
            latest: latest(message)?,
            stored: Day(message.stored_day),
            outcome: ReceiptOutcome::from_proto(message.outcome())?,
        })
    }
}

/// `None` when malformed, `Some(None)` when there is no event.
fn latest(message: &proto::Receipt) -> Option<Option<LatestEvent>> {
    match (message.latest_event_sequence, message.latest_event_hash.as_slice()) {
        (0, []) => Some(None),
        (0, _) => None,
        (sequence, hash) => Digest::from_slice(hash).map(|hash| Some(LatestEvent { sequence, hash })),
    }
}

impl ReceiptOutcome {
    const fn to_proto(self) -> proto::ReceiptOutcome {
        match self {
            Self::Stored => proto::ReceiptOutcome::Stored,
            Self::StoredWithoutContent => proto::ReceiptOutcome::StoredWithoutContent,
        }
    }

    const fn from_proto(message: proto::ReceiptOutcome) -> Option<Self> {
        match message {
            proto::ReceiptOutcome::Unspecified => None,
            proto::ReceiptOutcome::Stored => Some(Self::Stored),
            proto::ReceiptOutcome::StoredWithoutContent => Some(Self::StoredWithoutContent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> SigningSecret {
        SigningSecret::from_bytes(&[4; 32])
    }

    fn receipt() -> Receipt {
        Receipt {
            thread: ThreadId::from_random([1; 16]),
            message: MessageId::from_random([2; 16]),
            envelope: Digest::of(b"envelope"),
            signer: StructureId::of_root_spki(b"signer"),
            signer_manifest: 3,
            recipient: StructureId::of_root_spki(b"author"),
            latest: Some(LatestEvent { sequence: 2, hash: Digest::of(b"event") }),
            stored: Day(20_779),
            outcome: ReceiptOutcome::Stored,
        }
    }

    fn open(signed: &Signed) -> Result<Receipt, ReceiptError> {
        Receipt::open(&signed.encode(), receipt().signer, &[secret().verify_key()])
    }

    #[test]
    fn a_receipt_comes_back_and_is_the_same_at_every_retry() {
        assert_eq!(open(&receipt().sign(&secret())), Ok(receipt()));
        assert_eq!(receipt().sign(&secret()).encode(), receipt().sign(&secret()).encode());
        let first = Receipt { latest: None, outcome: ReceiptOutcome::StoredWithoutContent, ..receipt() };
        assert_eq!(open(&first.sign(&secret())), Ok(first.clone()));
        assert_eq!(Receipt::manifest_named(&first.sign(&secret())), Ok(3));
    }

    #[test]
    fn another_key_type_or_signer_is_refused() {
        let other = SigningSecret::from_bytes(&[5; 32]);
        assert_eq!(open(&receipt().sign(&other)), Err(ReceiptError::Signed(DsseError::Signature)));
        let consent = Signed::sign(PayloadType::Consent, vec![], &secret());
        let expected = PayloadType::Receipt;
        assert_eq!(open(&consent), Err(ReceiptError::Signed(DsseError::WrongType { expected })));
        let stranger = Receipt { signer: StructureId::of_root_spki(b"stranger"), ..receipt() };
        assert_eq!(open(&stranger.sign(&secret())), Err(ReceiptError::WrongSigner));
    }

    #[test]
    fn malformed_receipts_are_refused() {
        let edits: [fn(&mut proto::Receipt); 7] = [
            |message| message.thread_id = vec![1; 16],
            |message| message.envelope_identity.clear(),
            |message| message.signer_manifest_sequence = 0,
            |message| message.latest_event_hash.clear(),
            |message| message.latest_event_sequence = 0,
            |message| message.outcome = 99,
            // Reserved: what cannot be opened is not stored, so nobody awaits its content.
            |message| message.outcome = 3,
        ];
        for edit in edits {
            let signed = receipt().sign(&secret());
            let mut message = proto::Receipt::decode(signed.payload_unverified()).expect("a receipt");
            edit(&mut message);
            let signed = Signed::sign(PayloadType::Receipt, message.encode_to_vec(), &secret());
            assert_eq!(open(&signed), Err(ReceiptError::Shape));
        }
        let future = proto::Receipt { version: 2, ..Default::default() };
        let signed = Signed::sign(PayloadType::Receipt, future.encode_to_vec(), &secret());
        assert_eq!(open(&signed), Err(ReceiptError::Version(2)));
    }
}
