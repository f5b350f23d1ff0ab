//! The link: one stream with one partner, symmetric once open. Either side sends envelopes; either side receipts.
//!
//! A link is up at the first frame back, not when dialling returned. Envelopes of one thread stay in order; different
//! persons never wait for each other.

mod inbound;
mod links;
mod outbound;

#[cfg(test)]
mod tests;

pub use links::{ENVELOPES_AT_ONCE, ENVELOPES_PER_SECOND, LinkState, Links};

use crate::engine::Engine;
use crate::sweeper::wake_partner;
use inbound::{Gone, Workers};
use outbound::Outbound;
use relais_domain::limits::CLOCK_TOLERANCE;
use relais_domain::structure_id::StructureId;
use relais_domain::thread::Disclosures;
use relais_domain::time::{Span, Timestamp};
use relais_proto::peer::v1 as proto;
use relais_wire::frame::{Frame, FrameError, Hello, UNACKNOWLEDGED_MAX};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc};
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Code, Status};

/// How often a silent link is asked whether it lives.
const PING_PERIOD: Duration = Duration::from_secs(15);
/// How long a link may say nothing at all.
const SILENCE_MAX: Span = Span::seconds(45);
/// How often the outbox is looked at without being told.
const PUMP_PERIOD: Duration = Duration::from_millis(500);
/// Frames that may wait to be written to one stream.
pub const FRAMES_WAITING_MAX: usize = 64;

/// What every link works with.
#[derive(Clone, Debug)]
pub struct LinkContext {
    /// Decides and commits.
    pub engine: Arc<Engine>,
    /// Which links are up.
    pub links: Arc<Links>,
}

/// Why a link ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkEnd {
    /// It never said hello.
    NeverUp,
    /// It was up and closed.
    Closed,
    /// A newer link took its place, or the partner was suspended.
    Replaced,
}

/// One stream with one partner, from either end.
pub struct Link<S> {
    /// Who is at the other end, by its certificate.
    pub peer: StructureId,
    /// Which structure dialled.
    pub dialled_by: StructureId,
    /// Frames from the other side.
    pub inbound: S,
    /// Frames to the other side.
    pub outbound: mpsc::Sender<proto::Frame>,
}

impl LinkContext {
    /// Runs a link until it ends.
    pub async fn run<S>(&self, link: Link<S>) -> LinkEnd
    where
        S: Stream<Item = Result<proto::Frame, Status>> + Unpin + Send,
    {
        let Link { peer, dialled_by, mut inbound, outbound } = link;
        if outbound.send(self.hello().into_proto()).await.is_err() {
            return LinkEnd::NeverUp;
        }
        let Some(hello) = first_hello(&mut inbound).await else { return LinkEnd::NeverUp };
        self.compare_clocks(peer, hello.clock);
        let Some(ticket) = self.links.up(peer, dialled_by, self.engine.clock().now()) else {
            return LinkEnd::Replaced;
        };
        tracing::info!(peer.id = %peer, "Link up");
        let window = hello.unacknowledged_max.clamp(1, UNACKNOWLEDGED_MAX);
        let end = self.serve(peer, inbound, outbound, window, ticket.cut()).await;
        self.links.down(ticket);
        tracing::info!(peer.id = %peer, ?end, "Link down");
        end
    }

    /// A message that could not even be decoded: too long, or not protobuf.
    async fn count_unreadable(&self, peer: StructureId, status: &Status) {
        if matches!(status.code(), Code::OutOfRange | Code::InvalidArgument | Code::Internal) {
            tracing::info!(peer.id = %peer, code = ?status.code(), "Message refused");
            self.engine.note_refusal(peer, "Message").await;
        }
    }

    fn compare_clocks(&self, peer: StructureId, theirs: Timestamp) {
        let now = self.engine.clock().now();
        let difference = theirs.since(now);
        let before = self.engine.peers().disclosures(peer, now);
        self.engine.peers().heard(peer, Some(difference));
        let after = self.engine.peers().disclosures(peer, now);
        if before != Disclosures::Open && after == Disclosures::Open {
            let engine = Arc::clone(&self.engine);
            tokio::spawn(async move { wake_partner(&engine, peer).await });
        }
        if difference.0.abs() > CLOCK_TOLERANCE.0 {
            tracing::warn!(peer.id = %peer, difference_ms = difference.0, "Clocks are apart: disclosures are held");
        }
    }

    fn hello(&self) -> Frame {
        Frame::Hello(Hello {
            clock: self.engine.clock().now(),
            manifest: self.engine.own().manifest(),
            unacknowledged_max: UNACKNOWLEDGED_MAX,
        })
    }

    /// Hands a frame on. One that cannot be read ends the link, unless it is an envelope whose sender can be told.
    async fn take(&self, peer: StructureId, workers: &Workers, frame: proto::Frame) -> Result<(), Gone> {
        match Frame::from_proto(frame) {
            Ok(frame) => workers.take(frame).await,
            Err(FrameError::EnvelopeTooBig(message)) => workers.too_big(message).await,
            Err(error @ (FrameError::TooBig | FrameError::Field(_))) => {
                tracing::info!(peer.id = %peer, %error, "Frame refused");
                self.engine.note_refusal(peer, "Frame").await;
                Err(Gone)
            }
        }
    }

    async fn serve<S>(
        &self,
        peer: StructureId,
        mut inbound: S,
        frames: mpsc::Sender<proto::Frame>,
        window: u32,
        mut cut: tokio::sync::watch::Receiver<links::Cut>,
    ) -> LinkEnd
    where
        S: Stream<Item = Result<proto::Frame, Status>> + Unpin + Send,
    {
        let outbound = Arc::new(Outbound::new(Arc::clone(&self.engine), peer, frames.clone(), window));
        outbound.hurry().await;
        let pump = Pump::start(Arc::clone(&outbound), self.engine.changes(), peer);
        let workers = Workers::start(
            Arc::clone(&self.engine),
            peer,
            frames.clone(),
            Arc::clone(&outbound),
            Arc::clone(&self.links),
        );
        let mut ping = tokio::time::interval(PING_PERIOD);
        let mut heard = self.engine.clock().now();
        let end = loop {
            tokio::select! {
                biased;
                changed = cut.changed() => match changed {
                    Ok(()) | Err(_) => break LinkEnd::Replaced,
                },
                frame = inbound.next() => {
                    let frame = match frame {
                        Some(Ok(frame)) => frame,
                        Some(Err(status)) => {
                            self.count_unreadable(peer, &status).await;
                            break LinkEnd::Closed;
                        }
                        None => break LinkEnd::Closed,
                    };
                    heard = self.engine.clock().now();
                    self.engine.peers().heard(peer, None);
                    if self.take(peer, &workers, frame).await.is_err() { break LinkEnd::Closed }
                },
                _ = ping.tick() => {
                    let silent = self.engine.clock().now().since(heard);
                    let asked = frames.try_send(Frame::Ping(self.links.nonce()).into_proto());
                    let full = matches!(asked, Err(mpsc::error::TrySendError::Closed(_)));
                    if silent > SILENCE_MAX || full { break LinkEnd::Closed }
                },
            }
        };
        pump.stop();
        end
    }
}

/// The other side's hello, if it comes first and in time.
async fn first_hello<S>(inbound: &mut S) -> Option<Hello>
where
    S: Stream<Item = Result<proto::Frame, Status>> + Unpin,
{
    let first = tokio::time::timeout(PING_PERIOD, inbound.next()).await.ok()??.ok()?;
    match Frame::from_proto(first).ok()? {
        Frame::Hello(hello) => Some(hello),
        Frame::Envelope(_)
        | Frame::Receipt(_)
        | Frame::Rejected(_)
        | Frame::CannotOpen(_)
        | Frame::Ping(_)
        | Frame::Pong(_) => None,
    }
}

/// The task that empties the outbox into the link.
struct Pump(tokio::task::JoinHandle<()>);

impl Pump {
    fn start(
        outbound: Arc<Outbound>,
        mut changes: broadcast::Receiver<crate::engine::Change>,
        peer: StructureId,
    ) -> Self {
        Self(tokio::spawn(async move {
            let mut tick = tokio::time::interval(PUMP_PERIOD);
            loop {
                outbound.pump().await;
                tokio::select! {
                    biased;
                    () = outbound.room() => {}
                    () = for_peer(&mut changes, peer) => {}
                    _ = tick.tick() => {}
                }
            }
        }))
    }

    fn stop(&self) {
        self.0.abort();
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Waits for a change that concerns `peer`; a lagging listener looks at once.
async fn for_peer(changes: &mut broadcast::Receiver<crate::engine::Change>, peer: StructureId) {
    loop {
        match changes.recv().await {
            Ok(change) if change.peer == peer => return,
            Ok(_) => {}
            Err(broadcast::error::RecvError::Lagged(_)) => return,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}
