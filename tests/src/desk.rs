//! A desk: what a professional's program does, over the node's Unix socket.

use anyhow::{Context as _, Result, bail, ensure};
use hyper_util::rt::TokioIo;
use rand::TryRng as _;
use rand::rngs::SysRng;
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::act_request::Act;
use relais_proto::desk::v1::desk_client::DeskClient;
use relais_proto::peer::v1 as peer;
use std::path::Path;
use std::time::Duration;
use tokio::net::UnixStream;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

/// Longest one call may take.
const CALL_TIME_MAX: Duration = Duration::from_secs(40);
/// Longest answer read, in bytes.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A structure's id, as bytes.
pub type Id = Vec<u8>;

/// A thread's id, as bytes.
pub type Thread = Vec<u8>;

/// Sixteen fresh bytes.
pub fn fresh() -> Vec<u8> {
    let mut bytes = [0; 16];
    SysRng.try_fill_bytes(&mut bytes).expect("the machine gives randomness");
    bytes.to_vec()
}

/// What is to be said of a thread when a test fails: its course, and nothing of the person.
pub fn words(view: &desk::ThreadView) -> String {
    let summary = view.summary.clone().unwrap_or_default();
    let events = view.timeline.iter().map(|entry| {
        let side = if entry.side == desk::Side::Sender as i32 { 'S' } else { 'R' };
        let effect = if entry.effect == desk::Effect::Counts as i32 { "" } else { "!" };
        format!("{side}{} {:?}{effect}", entry.sequence, entry.kind())
    });
    let events: Vec<String> = events.collect();
    format!(
        "step {:?}, label {:?}, {:?}, consent {:?}, undelivered {}, attention {:?}, held {:?}, erased here {:?}, \
         erased there {:?}: {}",
        summary.step(),
        summary.label(),
        summary.settlement(),
        summary.consent(),
        summary.undelivered,
        summary.attention,
        view.held,
        view.erased_here,
        view.erased_there,
        events.join(", ")
    )
}

/// A connection to one node's desk.
#[derive(Clone, Debug)]
pub struct Desk {
    channel: Channel,
    client: DeskClient<Channel>,
}

impl Desk {
    /// Connects to the socket at `path`.
    ///
    /// # Errors
    /// Nobody listens there.
    pub async fn connect(path: &Path) -> Result<Self> {
        let socket = UnixStream::connect(path).await.with_context(|| format!("{}", path.display()))?;
        let mut once = Some(TokioIo::new(socket));
        let connector = tower::service_fn(move |_| {
            let stream = once.take().ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotConnected));
            std::future::ready(stream)
        });
        let endpoint = Endpoint::from_static("http://desk.relais").timeout(CALL_TIME_MAX);
        let channel = endpoint.connect_with_connector(connector).await?;
        let client = DeskClient::new(channel.clone()).max_decoding_message_size(ANSWER_BYTES_MAX);
        Ok(Self { channel, client })
    }

    /// Calls any rpc by its path, as a user of this name, with the bytes of any request; the bytes of the answer.
    ///
    /// # Errors
    /// The node's refusal.
    pub async fn call(&self, path: &str, user: &str, request: Vec<u8>) -> Result<Vec<u8>, Status> {
        crate::raw::call(self.channel.clone(), path, user, request).await
    }

    /// The generated client, for what has no word of its own here.
    pub fn client(&self) -> DeskClient<Channel> {
        self.client.clone()
    }

    /// This structure's id.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn id(&self) -> Result<Id> {
        let answer = self.client().whoami(desk::WhoamiRequest::default()).await?;
        Ok(answer.into_inner().structure_id)
    }

    /// How the node does.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn status(&self) -> Result<desk::StatusResponse> {
        Ok(self.client().status(desk::StatusRequest::default()).await?.into_inner())
    }

    /// How it goes with one partner.
    ///
    /// # Errors
    /// It is no partner.
    pub async fn peer(&self, id: &[u8]) -> Result<desk::PeerStatus> {
        let status = self.status().await?;
        status.peers.into_iter().find(|peer| peer.peer_id == id).context("no such partner")
    }

    /// One partner as it is listed.
    ///
    /// # Errors
    /// It is no partner.
    pub async fn partner(&self, id: &[u8]) -> Result<desk::PeerView> {
        let answer = self.client().list_peers(desk::ListPeersRequest::default()).await?.into_inner();
        answer.peers.into_iter().find(|peer| peer.peer_id == id).context("no such partner")
    }

    /// Publishes services.
    ///
    /// # Errors
    /// One was refused.
    pub async fn import(&self, json: &str) -> Result<u32> {
        let request = desk::ImportServicesRequest { json: json.as_bytes().to_vec() };
        let answer = self.client().import_services(request).await?.into_inner();
        ensure!(answer.refused.is_empty(), "refused: {:?}", answer.refused);
        Ok(answer.accepted + answer.updated)
    }

    /// The services known of a structure, by id.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn services(&self, of: &[u8]) -> Result<Vec<desk::ServiceView>> {
        let request = desk::ListServicesRequest { structure_id: of.to_vec(), ..Default::default() };
        Ok(self.client().list_services(request).await?.into_inner().services)
    }

    /// Sends a referral.
    ///
    /// # Errors
    /// The node's refusal.
    pub async fn refer(&self, request: desk::OpenReferralRequest) -> Result<desk::ThreadView, Status> {
        Ok(self.client().open_referral(request).await?.into_inner())
    }

    /// Proposes a handover.
    ///
    /// # Errors
    /// The node's refusal.
    pub async fn propose(&self, request: desk::OpenHandoverRequest) -> Result<desk::ThreadView, Status> {
        Ok(self.client().open_handover(request).await?.into_inner())
    }

    /// One thread.
    ///
    /// # Errors
    /// The node's refusal.
    pub async fn show(&self, thread: &[u8]) -> Result<desk::ThreadView, Status> {
        let request = desk::ShowThreadRequest { thread_id: thread.to_vec() };
        Ok(self.client().show_thread(request).await?.into_inner())
    }

    /// One thread, if the node has it.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn find(&self, thread: &[u8]) -> Result<Option<desk::ThreadView>> {
        match self.show(thread).await {
            Ok(view) => Ok(Some(view)),
            Err(status) if status.code() == Code::NotFound => Ok(None),
            Err(status) => Err(status.into()),
        }
    }

    /// What a thread's person agreed to.
    ///
    /// # Errors
    /// The node's refusal.
    pub async fn consent(&self, thread: &[u8]) -> Result<desk::ConsentView, Status> {
        let request = desk::ShowConsentRequest { thread_id: thread.to_vec() };
        Ok(self.client().show_consent(request).await?.into_inner())
    }

    /// Every thread, all pages.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn threads(&self) -> Result<Vec<desk::ThreadSummary>> {
        let mut all = Vec::new();
        let mut page_token = String::new();
        loop {
            let filter = desk::ThreadFilter::All.into();
            let request =
                desk::ListThreadsRequest { filter, page_token, page_size: 100, ..Default::default() };
            let answer = self.client().list_threads(request).await?.into_inner();
            all.extend(answer.threads);
            if answer.next_page_token.is_empty() {
                return Ok(all);
            }
            page_token = answer.next_page_token;
        }
    }

    /// Acts on a thread.
    ///
    /// # Errors
    /// The node's refusal.
    pub async fn act(&self, thread: &[u8], act: Act) -> Result<desk::ThreadView, Status> {
        self.act_again(fresh(), thread, act).await
    }

    /// Acts on a thread under this request id.
    ///
    /// # Errors
    /// The node's refusal.
    pub async fn act_again(
        &self,
        request_id: Vec<u8>,
        thread: &[u8],
        act: Act,
    ) -> Result<desk::ThreadView, Status> {
        let request =
            desk::ActRequest { request_id, thread_id: thread.to_vec(), act: Some(act), delay_ms: 0 };
        Ok(self.client().act(request).await?.into_inner())
    }

    /// Waits until the partner's node has signed for everything of a thread.
    ///
    /// # Errors
    /// Something is left after `longest`.
    pub async fn delivered(&self, thread: &[u8], longest: Duration) -> Result<()> {
        let timeout_ms = u32::try_from(longest.as_millis()).unwrap_or(u32::MAX).min(30_000);
        let request = desk::WaitDeliveredRequest { thread_id: thread.to_vec(), timeout_ms };
        let answer = self.client().wait_delivered(request).await?.into_inner();
        if answer.undelivered > 0 {
            bail!("{} events not delivered within {longest:?}", answer.undelivered);
        }
        Ok(())
    }

    /// Suspends a partner.
    ///
    /// # Errors
    /// The node's refusal.
    pub async fn suspend(&self, id: &[u8]) -> Result<desk::PeerView, Status> {
        let reason = peer::PeerChangeReason::KeyCompromise.into();
        let request = desk::SuspendPeerRequest { peer_id: id.to_vec(), reason };
        Ok(self.client().suspend_peer(request).await?.into_inner())
    }

    /// Ends a suspension.
    ///
    /// # Errors
    /// The node's refusal.
    pub async fn resume(&self, id: &[u8]) -> Result<desk::PeerView, Status> {
        let request = desk::ResumePeerRequest { peer_id: id.to_vec() };
        Ok(self.client().resume_peer(request).await?.into_inner())
    }

    /// Removes a partner for good.
    ///
    /// # Errors
    /// The node's refusal.
    pub async fn remove(&self, id: &[u8]) -> Result<desk::PeerView, Status> {
        let reason = peer::PeerChangeReason::KeyCompromise.into();
        let request = desk::RemovePeerRequest { peer_id: id.to_vec(), reason };
        Ok(self.client().remove_peer(request).await?.into_inner())
    }
}
