//! One end: a structure's node, asked through its Desk; and how what it says is compared with what should be.

use super::cast::Structure;
use crate::desk::Desk;
use crate::exit::{Exit, Failure};
use crate::ids;
use relais_domain::id::MessageId;
use relais_proto::desk::v1::{
    self as desk, ActRequest, ConsentView, FindServicesRequest, FollowUpView, FoundService,
    ListFollowUpsRequest, ListThreadsRequest, OpenFollowUpRequest, OpenHandoverRequest, OpenReferralRequest,
    PeerStatus, ShowConsentRequest, ShowThreadRequest, StatusRequest, StatusResponse, ThreadFilter,
    ThreadSummary, ThreadView, WaitDeliveredRequest, act_request::Act,
};
use relais_server::clock::Dice;
use std::fmt::Debug;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Longest anything may take to come true.
const WAIT_TIME_MAX: Duration = Duration::from_secs(10);
/// How often it is looked at.
const WAIT_PERIOD: Duration = Duration::from_millis(10);
/// Longest a receipt is waited for, ms.
const RECEIPT_WAIT_MS: u32 = 10_000;
/// Page size of lists.
const PAGE_SIZE: u32 = 100;

/// A thread, as the Desk names it.
pub(crate) type ThreadBytes = Vec<u8>;

/// A structure's node, seen from its own desk.
#[derive(Clone, Debug)]
pub(crate) struct End {
    /// Who it is.
    pub(crate) structure: &'static Structure,
    /// Its id, 32 bytes.
    pub(crate) id: Vec<u8>,
    /// The way to its node.
    pub(crate) desk: Desk,
    dice: Dice,
}

impl End {
    /// The end of a structure whose node answers.
    pub(crate) fn new(structure: &'static Structure, id: Vec<u8>, desk: Desk, dice: Dice) -> Self {
        Self { structure, id, desk, dice }
    }

    /// A fresh id for a call.
    fn fresh(&self) -> Vec<u8> {
        MessageId::from_random(self.dice.bytes()).as_bytes().to_vec()
    }

    /// How the node does.
    pub(crate) async fn status(&self) -> Result<StatusResponse, Failure> {
        Ok(self.desk.clone().status(StatusRequest {}).await?.into_inner())
    }

    /// How it goes with one partner.
    pub(crate) async fn peer(&self, other: &[u8]) -> Result<Option<PeerStatus>, Failure> {
        Ok(self.status().await?.peers.into_iter().find(|peer| peer.peer_id == other))
    }

    /// Services of partners for a need in a commune.
    pub(crate) async fn find(&self, theme: &str, commune: &str) -> Result<Vec<FoundService>, Failure> {
        let (theme, commune) = (theme.to_owned(), commune.to_owned());
        let request = FindServicesRequest { theme, commune, limit: PAGE_SIZE, ..Default::default() };
        Ok(self.desk.clone().find_services(request).await?.into_inner().services)
    }

    /// Services of a structure, as this node knows them.
    pub(crate) async fn services_of(&self, structure: &[u8]) -> Result<Vec<desk::ServiceView>, Failure> {
        let request = desk::ListServicesRequest {
            structure_id: structure.to_vec(),
            page_size: PAGE_SIZE,
            ..desk::ListServicesRequest::default()
        };
        Ok(self.desk.clone().list_services(request).await?.into_inner().services)
    }

    /// Sends a referral and waits for the other node's signed receipt.
    pub(crate) async fn refer(&self, request: OpenReferralRequest) -> Result<ThreadView, Failure> {
        let request = OpenReferralRequest { request_id: self.fresh(), ..request };
        let view = self.desk.clone().open_referral(request).await?.into_inner();
        self.delivered(&thread_of(&view)).await?;
        Ok(view)
    }

    /// Proposes a handover and waits for the other node's signed receipt.
    pub(crate) async fn hand_over(&self, request: OpenHandoverRequest) -> Result<ThreadView, Failure> {
        let request = OpenHandoverRequest { request_id: self.fresh(), ..request };
        let view = self.desk.clone().open_handover(request).await?.into_inner();
        self.delivered(&thread_of(&view)).await?;
        Ok(view)
    }

    /// Acts on a thread and waits for the other node's signed receipt.
    pub(crate) async fn act(&self, thread: &[u8], act: Act) -> Result<(), Failure> {
        let request =
            ActRequest { request_id: self.fresh(), thread_id: thread.to_vec(), act: Some(act), delay_ms: 0 };
        self.desk.clone().act(request).await?;
        self.delivered(thread).await
    }

    /// Waits until the other node has signed for everything this one wrote in a thread.
    pub(crate) async fn delivered(&self, thread: &[u8]) -> Result<(), Failure> {
        let request = WaitDeliveredRequest { thread_id: thread.to_vec(), timeout_ms: RECEIPT_WAIT_MS };
        let answer = self.desk.clone().wait_delivered(request).await?.into_inner();
        same("the receipts still awaited", answer.undelivered, 0)
    }

    /// A thread with everything still held; the reading is noted.
    pub(crate) async fn show(&self, thread: &[u8]) -> Result<ThreadView, Failure> {
        let request = ShowThreadRequest { thread_id: thread.to_vec() };
        Ok(self.desk.clone().show_thread(request).await?.into_inner())
    }

    /// What the person agreed to, and what became of it.
    pub(crate) async fn consent(&self, thread: &[u8]) -> Result<ConsentView, Failure> {
        let request = ShowConsentRequest { thread_id: thread.to_vec() };
        Ok(self.desk.clone().show_consent(request).await?.into_inner())
    }

    /// The line of a thread in the list, when there is one; nothing is noted.
    pub(crate) async fn summary(&self, thread: &[u8]) -> Result<Option<ThreadSummary>, Failure> {
        let request = ListThreadsRequest { id_prefix: ids::hex(thread), ..all_threads() };
        Ok(self.desk.clone().list_threads(request).await?.into_inner().threads.into_iter().next())
    }

    /// How many threads the node holds.
    pub(crate) async fn threads(&self) -> Result<usize, Failure> {
        Ok(self.desk.clone().list_threads(all_threads()).await?.into_inner().threads.len())
    }

    /// Opens a follow-up.
    pub(crate) async fn follow(&self, request: OpenFollowUpRequest) -> Result<FollowUpView, Failure> {
        let request = OpenFollowUpRequest { request_id: self.fresh(), ..request };
        Ok(self.desk.clone().open_follow_up(request).await?.into_inner())
    }

    /// The follow-ups of the structure.
    pub(crate) async fn follow_ups(&self) -> Result<Vec<FollowUpView>, Failure> {
        let request = ListFollowUpsRequest { page_size: PAGE_SIZE, ..ListFollowUpsRequest::default() };
        Ok(self.desk.clone().list_follow_ups(request).await?.into_inner().follow_ups)
    }

    /// Waits until the line of a thread is as it should be.
    pub(crate) async fn until(
        &self,
        thread: &[u8],
        what: &str,
        fits: impl Fn(&ThreadSummary) -> bool,
    ) -> Result<ThreadSummary, Failure> {
        let what = format!("{} sees {what}", self.structure.short);
        until(&what, async || Ok(self.summary(thread).await?.filter(|summary| fits(summary)))).await
    }
}

fn all_threads() -> ListThreadsRequest {
    ListThreadsRequest {
        filter: ThreadFilter::All.into(),
        page_size: PAGE_SIZE,
        ..ListThreadsRequest::default()
    }
}

/// The thread of a view.
pub(crate) fn thread_of(view: &ThreadView) -> ThreadBytes {
    view.summary.as_ref().map(|summary| summary.thread_id.clone()).unwrap_or_default()
}

/// Looks until something is there.
///
/// # Errors
/// [`Failure`] when it is not there in time.
pub(crate) async fn until<T>(
    what: &str,
    look: impl AsyncFn() -> Result<Option<T>, Failure>,
) -> Result<T, Failure> {
    let looking = async {
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            sleep(WAIT_PERIOD).await;
        }
    };
    let seconds = WAIT_TIME_MAX.as_secs();
    timeout(WAIT_TIME_MAX, looking)
        .await
        .unwrap_or_else(|_| Err(untrue(format!("not within {seconds} s: {what}"))))
}

/// What was awaited is not what is seen.
pub(crate) fn untrue(what: impl Into<String>) -> Failure {
    Failure::new(Exit::StoryBroken, what)
}

/// Compares what is seen with what is awaited.
///
/// # Errors
/// [`Failure`] that says both.
pub(crate) fn same<T: PartialEq + Debug>(what: &str, seen: T, awaited: T) -> Result<(), Failure> {
    if seen == awaited {
        return Ok(());
    }
    Err(untrue(format!("{what}: {seen:?}, where {awaited:?} was awaited")))
}

/// What must be there.
///
/// # Errors
/// [`Failure`] when it is not.
pub(crate) fn there<T>(what: &str, seen: Option<T>) -> Result<T, Failure> {
    seen.ok_or_else(|| untrue(format!("{what} is not there")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_proto::peer::v1::Name;

    #[test]
    fn what_differs_is_said_without_naming_anyone() {
        let name = |given: &str| Name { given: given.to_owned(), family: "B".to_owned() };
        let failure = same("the name", Some(name("Nadia")), None).expect_err("they differ");
        assert!(
            failure.message.contains("the name") && !failure.message.contains("Nadia"),
            "{}",
            failure.message
        );
        assert_eq!(same("the name", Some(name("Nadia")), Some(name("Nadia"))), Ok(()));
    }
}
