//! The courier: keeps one link with each partner up, dialling with patience, and empties the outbox through it.

use crate::dial::{DialError, Dialer};
use crate::link::{FRAMES_WAITING_MAX, Link, LinkContext, LinkEnd, LinkState};
use crate::sync::SyncContext;
use crate::tls::Shown;
use relais_domain::structure_id::StructureId;
use relais_domain::thread::Trust;
use relais_domain::time::Span;
use relais_proto::peer::v1::peer_client::PeerClient;
use relais_store::batch::{Batch, OutboxChange};
use relais_wire::endpoint::Endpoint;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;

/// The first wait after a failed dial; doubled each time.
const BACK_OFF_FIRST: Span = Span::seconds(5);
/// The longest wait between two dials.
const BACK_OFF_MAX: Span = Span::minutes(15);
/// The shortest wait, whatever the dice say.
const BACK_OFF_MIN: Span = Span(250);
/// A link that lasted so long begins the waits anew.
const LINK_LASTED: Span = Span::seconds(10);
/// How often, while resting, new messages are marked as waiting in vain.
const REST_SLICE: Duration = Duration::from_secs(20);
/// How long a sync that ended rests before it is opened again on the same link.
const SYNC_REST: Duration = Duration::from_secs(10);
/// Longest message on the link.
const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// What the courier works with.
#[derive(Clone, Debug)]
pub struct Courier {
    /// What every link works with.
    pub links: LinkContext,
    /// What every sync works with.
    pub sync: SyncContext,
    /// Dials partners.
    pub dialer: Arc<Dialer>,
}

/// How one attempt to keep a link went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Attempt {
    /// A link ended.
    Ended(LinkEnd),
    /// Nobody was reached.
    Failed,
    /// The partner's pin is not set yet.
    NotYetPinned,
}

/// The task that keeps the link, or the sync, with one partner; it ends with this.
struct Keeper(JoinHandle<()>);

impl Drop for Keeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Courier {
    /// Keeps a link with every partner, for ever; looks again whenever partners change.
    pub async fn run(self) {
        let mut changes = self.links.engine.peers().changes();
        let mut keepers: BTreeMap<StructureId, Keeper> = BTreeMap::new();
        loop {
            for (record, _) in self.links.engine.peers().all() {
                let peer = record.structure();
                if self.wanted(peer) {
                    keepers.entry(peer).or_insert_with(|| self.clone().spawn(peer));
                } else {
                    self.links.links.cut(peer);
                    keepers.remove(&peer);
                }
            }
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    fn wanted(&self, peer: StructureId) -> bool {
        match self.links.engine.peers().trust(peer) {
            Some(Trust::Paired | Trust::Suspended) => true,
            Some(Trust::Removed) | None => false,
        }
    }

    fn spawn(self, peer: StructureId) -> Keeper {
        Keeper(tokio::spawn(async move { self.keep(peer).await }))
    }

    /// Keeps a link with one partner up.
    async fn keep(&self, peer: StructureId) {
        let mut failures = 0;
        loop {
            self.until_down(peer).await;
            let begun = self.links.engine.clock().now();
            match self.connect(peer).await {
                Attempt::Ended(LinkEnd::Closed | LinkEnd::Replaced) => {
                    // A partner that hangs up at once is as good as away.
                    let lasted = self.links.engine.clock().now().since(begun) >= LINK_LASTED;
                    failures = if lasted { 0 } else { failures + 1 };
                }
                Attempt::Ended(LinkEnd::NeverUp) | Attempt::Failed => {
                    failures += 1;
                    self.note_failure(peer).await;
                }
                // Confirmed a moment ago: its pin is set any moment now.
                Attempt::NotYetPinned => {}
            }
            self.rest(peer, self.back_off(failures), failures).await;
        }
    }

    /// Waits, unless the partner dials us meanwhile. What is enqueued while it is away is shown as waiting in vain.
    async fn rest(&self, peer: StructureId, wait: Duration, failures: u32) {
        let mut left = wait;
        while left > Duration::ZERO && self.links.links.state(peer) == LinkState::Down {
            let slice = left.min(REST_SLICE);
            let mut links = self.links.links.changes();
            tokio::select! {
                biased;
                () = tokio::time::sleep(slice) => {
                    left -= slice;
                    if failures > 0 {
                        self.note_failure(peer).await;
                    }
                }
                _ = links.changed() => {}
            }
        }
    }

    async fn until_down(&self, peer: StructureId) {
        let mut changes = self.links.links.changes();
        while self.links.links.state(peer) == LinkState::Up {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    fn back_off(&self, failures: u32) -> Duration {
        if failures == 0 {
            return Duration::from_millis(BACK_OFF_MIN.0.unsigned_abs());
        }
        let doubled = BACK_OFF_FIRST.0.saturating_mul(1 << failures.saturating_sub(1).min(12));
        let most = doubled.clamp(BACK_OFF_MIN.0, BACK_OFF_MAX.0);
        let drawn = self.links.engine.dice().up_to(most.unsigned_abs()).max(BACK_OFF_MIN.0.unsigned_abs());
        Duration::from_millis(drawn)
    }

    /// Dials each endpoint the partner announces, and runs the first link that comes up until it ends. A partner that
    /// has not heard of a rotation knows this node by its former leaf alone: that is the second try.
    async fn connect(&self, peer: StructureId) -> Attempt {
        let Some(chain) = self.links.engine.peers().chain(peer) else { return Attempt::Failed };
        let mut last = Attempt::Failed;
        let endpoints = &chain.current().claims().endpoints;
        let tries = |shown: &Shown| endpoints.iter().map(|endpoint| (endpoint, *shown)).collect::<Vec<_>>();
        for (endpoint, shown) in self.dialer.leaf.tries().iter().flat_map(tries) {
            match self.dialer.dial_showing(shown, endpoint, peer).await {
                Ok(channel) => match self.run_link(peer, channel).await {
                    LinkEnd::NeverUp => last = Attempt::Ended(LinkEnd::NeverUp),
                    end @ (LinkEnd::Closed | LinkEnd::Replaced) => return Attempt::Ended(end),
                },
                Err(DialError::Unpinned) => return Attempt::NotYetPinned,
                Err(error) => self.log_dial(peer, endpoint, &error),
            }
        }
        last
    }

    fn log_dial(&self, peer: StructureId, endpoint: &Endpoint, error: &DialError) {
        tracing::debug!(peer.id = %peer, endpoint = endpoint.as_str(), %error, "Partner not reached");
    }

    async fn run_link(&self, peer: StructureId, channel: Channel) -> LinkEnd {
        let own = self.links.engine.own().structure();
        let mut client = PeerClient::new(channel.clone())
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(MESSAGE_BYTES_MAX);
        let (outbound, frames) = mpsc::channel(FRAMES_WAITING_MAX);
        let Ok(response) = client.exchange(ReceiverStream::new(frames)).await else {
            return LinkEnd::NeverUp;
        };
        let _sync = self.start_sync(peer, channel);
        let link = Link { peer, dialled_by: own, inbound: response.into_inner(), outbound };
        self.links.run(link).await
    }

    /// Keeps a sync with the partner open beside its link.
    fn start_sync(&self, peer: StructureId, channel: Channel) -> Keeper {
        let sync = self.sync.clone();
        Keeper(tokio::spawn(async move {
            let mut client = PeerClient::new(channel)
                .max_decoding_message_size(MESSAGE_BYTES_MAX)
                .max_encoding_message_size(MESSAGE_BYTES_MAX);
            // A sync that ends while the link stands is opened again: nobody leaves the witness by hanging up.
            loop {
                let (outbound, frames) = mpsc::channel(FRAMES_WAITING_MAX);
                if let Ok(response) = client.sync(ReceiverStream::new(frames)).await {
                    sync.run(peer, response.into_inner(), outbound).await;
                }
                tokio::time::sleep(SYNC_REST).await;
            }
        }))
    }

    /// Since when messages wait in vain is shown to professionals.
    async fn note_failure(&self, peer: StructureId) {
        let since = self.links.engine.clock().now();
        let change = OutboxChange::Undelivered { peer, since };
        let batch = Batch { outbox: vec![change], ..Batch::default() };
        if let Err(error) = self.links.engine.store().commit(batch).await {
            tracing::warn!(peer.id = %peer, %error, "A failed delivery could not be noted");
        }
    }
}
