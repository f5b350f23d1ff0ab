//! An envelope from a partner: read, verified, opened, decided, committed; only then receipted.

use super::write::{Arrived, Job};
use super::{Engine, EngineError};
use relais_domain::consent::{SignedConsent, may_outlive_consent};
use relais_domain::content::Content;
use relais_domain::event::{EventKind, ThreadKind};
use relais_domain::id::MessageId;
use relais_domain::refusal::Refusal;
use relais_domain::structure_id::StructureId;
use relais_domain::thread::{Command, Delivery, Freeze};
use relais_store::batch::{Batch, Prepared, RefusalWrite, ThreadWrite};
use relais_wire::consent;
use relais_wire::envelope::{self, EnvelopeError, OpenError, Opened, Received};
use std::sync::PoisonError;

/// Stops that came before what they follow, remembered until they come again.
const GAPS_REMEMBERED: usize = 4_096;

/// What an envelope is answered with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Delivered {
    /// Durably stored: the signed receipt.
    Receipt(Vec<u8>),
    /// Its content is sealed to a key this node does not hold; our current manifest's sequence.
    CannotOpen(u64),
}

/// Why an envelope is not taken.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// An expected no; nothing is stored but the refusal.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The bytes are no envelope of this program.
    #[error("malformed: {0}")]
    Malformed(String),
    /// The signature is not the author's.
    #[error("the signature does not verify")]
    Signature,
    /// The manifest named is not known here yet, or superseded too long ago.
    #[error("the manifest named is not current")]
    Manifest,
    /// We could not; trying again may help.
    #[error(transparent)]
    Fault(EngineError),
}

impl DeliverError {
    /// The code the refusal is counted under.
    pub fn code(&self) -> String {
        match self {
            Self::Refused(refusal) => {
                let debug = format!("{refusal:?}");
                debug.split(['(', '{', ' ']).next().unwrap_or("refused").to_owned()
            }
            Self::Malformed(_) => "Malformed".to_owned(),
            Self::Signature => "Signature".to_owned(),
            Self::Manifest => "Manifest".to_owned(),
            Self::Fault(_) => "Fault".to_owned(),
        }
    }
}

impl From<EngineError> for DeliverError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Refused(refusal) => Self::Refused(refusal),
            EngineError::Store(_) | EngineError::Corrupt(_) | EngineError::Busy => Self::Fault(error),
        }
    }
}

impl Engine {
    /// Takes an envelope that `carrier` brought.
    ///
    /// # Errors
    /// [`DeliverError`]; the refusal is counted, nothing else is stored.
    pub async fn deliver(&self, carrier: StructureId, bytes: &[u8]) -> Result<Delivered, DeliverError> {
        let outcome = Box::pin(self.take(carrier, bytes)).await;
        if let Err(error) = &outcome {
            self.count_refusal(carrier, error).await;
        }
        outcome
    }

    async fn take(&self, carrier: StructureId, bytes: &[u8]) -> Result<Delivered, DeliverError> {
        let received = envelope::read(bytes).map_err(|error| DeliverError::Malformed(error.to_string()))?;
        let author = received.skeleton.author;
        if author != carrier {
            // Without relays an author speaks over its own link only.
            return Err(Refusal::WrongSigner.into());
        }
        self.verify(&received)?;
        if let Some(receipt) = self.receipt_before(&received).await? {
            return Ok(Delivered::Receipt(receipt));
        }
        let opened = match self.open_content(&received) {
            Ok(opened) => opened,
            Err(OpenError::NoKey) => return Ok(Delivered::CannotOpen(self.own().manifest())),
            Err(error) => return Err(DeliverError::Malformed(error.to_string())),
        };
        self.verify_consent(author, opened.as_ref())?;
        self.store_delivery(carrier, &received, opened.as_ref()).await
    }

    fn verify(&self, received: &Received) -> Result<(), DeliverError> {
        let skeleton = &received.skeleton;
        let chain = self.peers().chain(skeleton.author).ok_or(Refusal::UnknownPeer)?;
        self.peers().trust(skeleton.author).ok_or(Refusal::UnknownPeer)?;
        let keys = chain.signing_keys_at(skeleton.manifest).ok_or(DeliverError::Manifest)?;
        let current = &chain.current().claims().signing_keys;
        let recent = chain.is_current_or_recent(skeleton.manifest, self.clock().now());
        // A key that still signs today, and an ending, pass however old the manifest is that they name.
        let passes = keys.iter().all(|key| current.contains(key)) || may_outlive_consent(skeleton.kind);
        if !recent && !passes {
            return Err(DeliverError::Manifest);
        }
        received.verify(keys).map_err(|error: EnvelopeError| {
            tracing::debug!(peer.id = %skeleton.author, %error, "Envelope refused");
            DeliverError::Signature
        })
    }

    /// The same message gets the same receipt, byte for byte. The same id with another identity is a fork.
    async fn receipt_before(&self, received: &Received) -> Result<Option<Vec<u8>>, DeliverError> {
        let message: MessageId = received.skeleton.message;
        let before = self.store().inbox(message).await.map_err(|error| DeliverError::Fault(error.into()))?;
        match before {
            None => Ok(None),
            Some(row) if row.identity == received.identity && row.peer == received.skeleton.author => {
                Ok(Some(row.receipt))
            }
            Some(_) => Err(Refusal::ChainForked.into()),
        }
    }

    fn open_content(&self, received: &Received) -> Result<Option<Opened>, OpenError> {
        if received.sealed.is_none() {
            return Ok(None);
        }
        envelope::open(received, self.own().ring()).map(Some)
    }

    /// A consent inside counts only with its collector's signature.
    fn verify_consent(&self, author: StructureId, opened: Option<&Opened>) -> Result<(), DeliverError> {
        let signed: Option<&SignedConsent> = opened.and_then(|opened| opened.content.consent.as_ref());
        let Some(signed) = signed else { return Ok(()) };
        let keys = self.peers().signing_keys(author, signed.manifest).ok_or(DeliverError::Manifest)?;
        consent::verify(signed, &keys).map_err(|_| DeliverError::Signature)
    }

    async fn store_delivery(
        &self,
        carrier: StructureId,
        received: &Received,
        opened: Option<&Opened>,
    ) -> Result<Delivered, DeliverError> {
        let skeleton = received.skeleton.clone();
        let content: Option<Content> = opened.map(|opened| opened.content.clone());
        let delivery = Delivery { skeleton, identity: received.identity, content };
        let command = Command::Deliver(Box::new(delivery));
        let job = Job {
            thread: received.skeleton.thread,
            peer: received.skeleton.author,
            signer: received.skeleton.author,
            carrier,
            command: &command,
            envelope: Some(Arrived { received, opened }),
            request: None,
        };
        match Box::pin(self.run(&job)).await {
            Ok(committed) => {
                let thread = committed.into_answer();
                let row = self.store().inbox(received.skeleton.message).await;
                let row = row.map_err(|error| DeliverError::Fault(error.into()))?;
                let missing = || EngineError::Corrupt(format!("thread {thread}: a receipt is missing"));
                Ok(Delivered::Receipt(row.ok_or_else(missing)?.receipt))
            }
            Err(EngineError::Refused(refusal)) => {
                // The very same envelope may have been stored meanwhile, from another connection: that is no fork.
                if let Some(receipt) = self.receipt_before(received).await? {
                    return Ok(Delivered::Receipt(receipt));
                }
                if refusal == Refusal::ChainForked {
                    self.freeze(received).await?;
                }
                if received.skeleton.kind == EventKind::ConsentEnded && self.has_no_place(received, &refusal)
                {
                    Box::pin(self.heed_stop(carrier, received, opened)).await?;
                }
                Err(refusal.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Whether an authentic event has no place in its chain as this node knows it. In a handover a gap may be a moment's,
    /// with `Effective` on its way: there it counts once the same event comes again.
    fn has_no_place(&self, received: &Received, refusal: &Refusal) -> bool {
        match refusal {
            Refusal::ChainForked | Refusal::ChainBroken | Refusal::ChainTooLong | Refusal::ThreadFrozen => {
                true
            }
            Refusal::OutOfOrder if received.skeleton.thread_kind == ThreadKind::Referral => true,
            Refusal::OutOfOrder => {
                let mut seen = self.gaps.lock().unwrap_or_else(PoisonError::into_inner);
                if seen.len() >= GAPS_REMEMBERED {
                    seen.pop_first();
                }
                !seen.insert(received.skeleton.message)
            }
            Refusal::UnknownThread
            | Refusal::UnknownPeer
            | Refusal::PeerSuspended
            | Refusal::WrongRecipient
            | Refusal::WrongSigner
            | Refusal::ThreadExists
            | Refusal::FromTheFuture
            | Refusal::Consent(_)
            | Refusal::Missing(_)
            | Refusal::ConsentMissing
            | Refusal::ContentGone
            | Refusal::Field(_)
            | Refusal::NotAllowed { .. }
            | Refusal::RoleNotAllowed
            | Refusal::FollowUpNotHeld => false,
        }
    }

    /// The partner signed that the consent ended, in an event that has no place in its chain as this node knows it.
    async fn heed_stop(
        &self,
        carrier: StructureId,
        received: &Received,
        opened: Option<&Opened>,
    ) -> Result<(), DeliverError> {
        let reason = opened.and_then(|opened| opened.content.reason());
        let job = Job {
            thread: received.skeleton.thread,
            peer: received.skeleton.author,
            signer: received.skeleton.author,
            carrier,
            command: &Command::HeedStop { event: received.identity, reason },
            envelope: None,
            request: None,
        };
        match Box::pin(self.run(&job)).await {
            Ok(committed) => {
                tracing::warn!(thread.id = %committed.into_answer(), peer.id = %received.skeleton.author,
                    "Partner's stop cannot be placed: the consent is ended by our own word");
                Ok(())
            }
            // It was ended here already, or there is nothing to end.
            Err(EngineError::Refused(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Two different events with one number, both signed: the thread freezes, someone is told.
    async fn freeze(&self, received: &Received) -> Result<(), DeliverError> {
        let Some(loaded) = self.load(received.skeleton.thread).await? else { return Ok(()) };
        if loaded.thread.freeze == Freeze::Forked {
            return Ok(());
        }
        tracing::error!(
            thread.id = %received.skeleton.thread,
            peer.id = %received.skeleton.author,
            "Partner signed two events with one number: thread frozen"
        );
        let mut row = loaded.stored.row;
        let expected_version = Some(row.version);
        row.version += 1;
        row.freeze = Freeze::Forked;
        row.attention |= 1 << relais_domain::decide::Attention::Forked.number();
        row.changed_at = self.change_instant(self.clock().now());
        let write = ThreadWrite {
            expected_version,
            row,
            events: Vec::new(),
            steps: Vec::new(),
            prepared: Prepared::Unchanged,
            blank: Vec::new(),
            erase: relais_domain::fold::Parts::default(),
            outbox: Vec::new(),
            tally: None,
            tally_moved: None,
        };
        let commit = self.store().commit(Batch { thread: Some(write), ..Batch::default() }).await;
        if let Err(error) = commit {
            tracing::warn!(%error, "Freezing failed; it is tried again when the fork comes again");
        }
        Ok(())
    }

    async fn count_refusal(&self, carrier: StructureId, error: &DeliverError) {
        let code = error.code();
        tracing::info!(peer.id = %carrier, code, "Envelope refused");
        self.note_refusal(carrier, &code).await;
    }

    /// Counts a refusal under the partner's name.
    pub async fn note_refusal(&self, carrier: StructureId, code: &str) {
        let code = code.to_owned();
        let peer = self.peers().peer(carrier).map(|_| carrier);
        let refusal = RefusalWrite { peer, code, count: 1, at: self.clock().now() };
        if let Err(error) = self.store().commit(Batch { refusals: vec![refusal], ..Batch::default() }).await {
            tracing::warn!(%error, "A refusal could not be counted");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_counted_by_name_without_their_content() {
        let refused = DeliverError::Refused(Refusal::Missing(relais_domain::class::DataClass::Need));
        assert_eq!(refused.code(), "Missing");
        assert_eq!(DeliverError::Malformed("x".to_owned()).code(), "Malformed");
    }
}
