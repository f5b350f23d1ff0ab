//! What comes in on a link: each thread goes to one worker, so that its events stay in order and nobody else waits.

use super::links::{Budget, Links};
use super::outbound::Outbound;
use crate::engine::{DeliverError, Delivered, Engine};
use relais_domain::digest::Digest;
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::refusal::Refusal;
use relais_domain::structure_id::StructureId;
use relais_proto::peer::v1 as proto;
use relais_wire::dsse::{PayloadType, Signed};
use relais_wire::envelope;
use relais_wire::frame::{CannotOpen, Frame, RejectCode, Rejected};
use relais_wire::receipt::Receipt;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc;

/// How many workers one link has.
const WORKERS: usize = 16;
/// How many frames may wait for one worker.
const WORKER_FRAMES_MAX: usize = 32;
/// What an envelope over its limit is counted under.
const TOO_BIG: &str = "TooBig";
/// How many envelopes one worker holds until the gap before them fills.
const HELD_MAX: usize = 32;

/// The other end is gone, or is to be left.
#[derive(Debug)]
pub(super) struct Gone;

pub(super) struct Workers {
    engine: Arc<Engine>,
    queues: Vec<mpsc::Sender<Frame>>,
    frames: mpsc::Sender<proto::Frame>,
    peer: StructureId,
    links: Arc<Links>,
}

impl Workers {
    pub(super) fn start(
        engine: Arc<Engine>,
        peer: StructureId,
        frames: mpsc::Sender<proto::Frame>,
        outbound: Arc<Outbound>,
        links: Arc<Links>,
    ) -> Self {
        let queues = (0..WORKERS)
            .map(|_| {
                let (queue, waiting) = mpsc::channel(WORKER_FRAMES_MAX);
                let worker = Worker {
                    engine: Arc::clone(&engine),
                    peer,
                    frames: frames.clone(),
                    outbound: Arc::clone(&outbound),
                    held: BTreeMap::new(),
                };
                tokio::spawn(worker.work(waiting));
                queue
            })
            .collect();
        Self { engine, queues, frames, peer, links }
    }

    /// Gives a frame to the worker of its thread.
    pub(super) async fn take(&self, frame: Frame) -> Result<(), Gone> {
        let lane = match &frame {
            Frame::Ping(nonce) => {
                return self.frames.send(Frame::Pong(*nonce).into_proto()).await.map_err(|_| Gone);
            }
            Frame::Pong(_) | Frame::Hello(_) => return Ok(()),
            Frame::Envelope(bytes) => match (envelope::read(bytes).ok(), self.links.spend(self.peer)) {
                // Asked before any signature is looked at.
                (Some(read), Budget::Spent) => return self.busy(read.skeleton.message).await,
                (None, Budget::Spent) => return Ok(()),
                (Some(read), Budget::Left) => lane(read.skeleton.thread),
                (None, Budget::Left) => 0,
            },
            Frame::Receipt(bytes) => receipt_lane(bytes),
            Frame::Rejected(_) | Frame::CannotOpen(_) => 0,
        };
        match self.queues.get(lane) {
            Some(queue) => queue.send(frame).await.map_err(|_| Gone),
            None => Ok(()),
        }
    }
}

impl Workers {
    /// Refuses an envelope that is over its limit; it is counted as long as the partner's bucket lasts.
    pub(super) async fn too_big(&self, message: MessageId) -> Result<(), Gone> {
        match self.links.spend(self.peer) {
            Budget::Spent => self.busy(message).await,
            Budget::Left => {
                tracing::info!(peer.id = %self.peer, message.id = %message, "Envelope refused: too big");
                self.engine.note_refusal(self.peer, TOO_BIG).await;
                self.reject(message, RejectCode::TooBig).await
            }
        }
    }

    async fn busy(&self, message: MessageId) -> Result<(), Gone> {
        self.reject(message, RejectCode::Busy).await
    }

    async fn reject(&self, message: MessageId, code: RejectCode) -> Result<(), Gone> {
        let rejected = Rejected { message, code };
        self.frames.send(Frame::Rejected(rejected).into_proto()).await.map_err(|_| Gone)
    }
}

fn lane(thread: ThreadId) -> usize {
    usize::from(thread.as_bytes()[0]) % WORKERS
}

fn receipt_lane(bytes: &[u8]) -> usize {
    bytes.last().map_or(0, |byte| usize::from(*byte) % WORKERS)
}

struct Worker {
    engine: Arc<Engine>,
    peer: StructureId,
    frames: mpsc::Sender<proto::Frame>,
    outbound: Arc<Outbound>,
    held: BTreeMap<(ThreadId, u32), Vec<u8>>,
}

impl Worker {
    async fn work(mut self, mut waiting: mpsc::Receiver<Frame>) {
        while let Some(frame) = waiting.recv().await {
            let answered = match frame {
                Frame::Envelope(bytes) => self.envelope(bytes).await,
                Frame::Receipt(bytes) => {
                    self.receipt(&bytes).await;
                    Ok(())
                }
                Frame::Rejected(rejected) => {
                    self.outbound.rejected(rejected).await;
                    Ok(())
                }
                Frame::CannotOpen(cannot) => {
                    self.outbound.cannot_open(cannot).await;
                    Ok(())
                }
                Frame::Hello(_) | Frame::Ping(_) | Frame::Pong(_) => Ok(()),
            };
            if answered.is_err() {
                return;
            }
        }
    }

    async fn send(&self, frame: Frame) -> Result<(), Gone> {
        self.frames.send(frame.into_proto()).await.map_err(|_| Gone)
    }

    /// Delivers an envelope, then any that waited for it.
    async fn envelope(&mut self, bytes: Vec<u8>) -> Result<(), Gone> {
        let mut next = Some(bytes);
        while let Some(bytes) = next.take() {
            let Ok(read) = envelope::read(&bytes) else {
                // Whoever sent it cannot be told which it was.
                let _ = Box::pin(self.engine.deliver(self.peer, &bytes)).await;
                return Ok(());
            };
            let (thread, sequence) = (read.skeleton.thread, read.skeleton.sequence);
            match Box::pin(self.engine.deliver(self.peer, &bytes)).await {
                Ok(Delivered::Receipt(receipt)) => {
                    self.send(Frame::Receipt(receipt)).await?;
                    next = self.held.remove(&(thread, sequence + 1));
                }
                Ok(Delivered::CannotOpen(manifest)) => {
                    self.send(Frame::CannotOpen(CannotOpen { message: read.skeleton.message, manifest }))
                        .await?;
                }
                Err(DeliverError::Refused(Refusal::OutOfOrder)) if self.held.len() < HELD_MAX => {
                    self.held.insert((thread, sequence), bytes);
                }
                Err(error) => {
                    let rejected = Rejected { message: read.skeleton.message, code: code(&error) };
                    self.send(Frame::Rejected(rejected)).await?;
                }
            }
        }
        Ok(())
    }

    /// A receipt counts only if the partner signed it, for us, for what we sent.
    async fn receipt(&self, bytes: &[u8]) {
        match self.open_receipt(bytes) {
            Some((identity, receipt)) => self.outbound.receipted(identity, &receipt, bytes).await,
            None => tracing::info!(peer.id = %self.peer, "Receipt refused"),
        }
    }

    /// The receipt and its identity.
    fn open_receipt(&self, bytes: &[u8]) -> Option<(Digest, Receipt)> {
        let signed = Signed::decode(bytes, PayloadType::Receipt).ok()?;
        let manifest = Receipt::manifest_named(&signed).ok()?;
        let keys = self.engine.peers().signing_keys(self.peer, manifest)?;
        let receipt = Receipt::open_signed(&signed, self.peer, &keys).ok()?;
        (receipt.recipient == self.engine.own().structure()).then(|| (signed.identity(), receipt))
    }
}

/// The coarse code a partner is told.
fn code(error: &DeliverError) -> RejectCode {
    match error {
        DeliverError::Malformed(_) => RejectCode::Malformed,
        DeliverError::Signature => RejectCode::BadSignature,
        DeliverError::Manifest | DeliverError::Fault(_) => RejectCode::Busy,
        DeliverError::Refused(refusal) => refusal_code(refusal),
    }
}

fn refusal_code(refusal: &Refusal) -> RejectCode {
    match refusal {
        Refusal::UnknownThread | Refusal::UnknownPeer | Refusal::WrongSigner | Refusal::ThreadExists => {
            RejectCode::Unknown
        }
        Refusal::PeerSuspended => RejectCode::Suspended,
        Refusal::WrongRecipient => RejectCode::WrongRecipient,
        Refusal::ChainForked | Refusal::ChainBroken | Refusal::ThreadFrozen => RejectCode::Forked,
        Refusal::OutOfOrder => RejectCode::OutOfOrder,
        Refusal::FromTheFuture => RejectCode::FromTheFuture,
        Refusal::Consent(_) | Refusal::ConsentMissing => RejectCode::Consent,
        Refusal::ChainTooLong
        | Refusal::Missing(_)
        | Refusal::ContentGone
        | Refusal::Field(_)
        | Refusal::NotAllowed { .. }
        | Refusal::RoleNotAllowed
        | Refusal::FollowUpNotHeld => RejectCode::NotAllowed,
    }
}
